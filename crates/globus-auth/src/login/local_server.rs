//! A login in the browser of this machine, which brings the answer back by itself.

mod listener;
mod page;

use std::{
    fmt,
    future::{Future, poll_fn},
    io::{self, Write},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    thread,
    time::Duration,
};

use async_trait::async_trait;
use globus_core::{Error, Result, Secret};
use tokio::{sync::oneshot, time::timeout};
use url::Url;

use self::listener::{Listener, Visit};
use super::{LoginFlowManager, LoginRequest, surroundings};
use crate::{AuthLoginClient, LoginError, OAuthTokenResponse, client::Kind};

/// Logs somebody in with the browser of this machine: opens it, and takes the answer at a port of 127.0.0.1 that only
/// exists meanwhile.
///
/// ```no_run
/// use std::time::Duration;
/// use globus_auth::{NativeAppAuthClient, login::*};
///
/// # async fn example() -> globus_auth::Result<()> {
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?.into();
/// let request = LoginRequest::new("openid profile")?;
/// let manager = LocalServerLoginFlowManager::new().timeout(Duration::from_secs(600));
/// let tokens = manager.run_login_flow(&client, &request).await?;
/// # Ok(()) }
/// ```
///
/// Only for clients without a secret ([`NativeAppAuthClient`](crate::NativeAppAuthClient)): those with one are
/// registered with the addresses that a browser may come back to. The answer counts only with the `state` of this
/// login; any other request to the port gets a page that says so, and the login goes on. The user sees a page that
/// says how the login ended.
///
/// # Errors
/// Beneath the error of a login: [`LoginError::NoBrowser`] in a session of SSH, without a display, with a browser for
/// terminals, and when the browser does not start; [`LoginError::Denied`] when the user declined, with the reason;
/// [`LoginError::TimedOut`]; [`LoginError::Listen`] when there is no port to be had.
pub struct LocalServerLoginFlowManager {
    timeout: Duration,
    browser: Browser,
    notices: Mutex<Box<dyn Write + Send>>,
}

#[derive(Clone)]
enum Browser {
    System,
    Other(Arc<Open>),
}

type Open = dyn Fn(&Url) -> io::Result<()> + Send + Sync;

impl LocalServerLoginFlowManager {
    /// Opens the user's own browser, and waits an hour at most.
    #[must_use]
    pub fn new() -> Self {
        Self {
            timeout: Duration::from_secs(3600),
            browser: Browser::System,
            notices: Mutex::new(Box::new(io::stderr())),
        }
    }

    /// Waits this long for the user. Default: one hour.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Opens addresses like this, in place of the system's browser: in a window of the application, say. Called in a
    /// thread of its own, so it may block.
    #[must_use]
    pub fn browser(mut self, open: impl Fn(&Url) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.browser = Browser::Other(Arc::new(open));
        self
    }

    /// Writes the address here once the browser was told to open it, for those who see no window. Default: standard
    /// error; [`std::io::sink`] for silence.
    #[must_use]
    pub fn notices(mut self, output: impl Write + Send + 'static) -> Self {
        self.notices = Mutex::new(Box::new(output));
        self
    }

    /// Says why there is no browser to open.
    pub(super) fn obstacle(&self) -> Option<String> {
        match self.browser {
            Browser::System => surroundings::no_browser(),
            Browser::Other(_) => None,
        }
    }

    fn notice(&self, url: &Url) {
        let mut output = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        // Who has no place for notices has a browser.
        let _ = write!(
            output,
            "The login to Globus opens in a browser. If it did not, open this address:\n\n{url}\n\n"
        );
        let _ = output.flush();
    }

    async fn wait(&self, listener: &mut Listener, url: &Url, state: &Secret) -> Result<Visit, LoginError> {
        let mut opening = Some(self.browser.open(url)?);
        let answer = poll_fn(|context| {
            if let Some(Poll::Ready(opened)) = opening.as_mut().map(|opening| Pin::new(opening).poll(context))
            {
                opening = None;
                let reason = match opened {
                    Ok(Ok(())) => {
                        self.notice(url);
                        None
                    }
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(_) => Some("what opens it panicked".to_owned()),
                };
                if let Some(reason) = reason {
                    return Poll::Ready(Err(LoginError::NoBrowser { reason }));
                }
            }
            listener.poll_visit(state, context)
        });
        match timeout(self.timeout, answer).await {
            Ok(visit) => visit,
            Err(_) => Err(LoginError::TimedOut { after: self.timeout }),
        }
    }
}

impl Browser {
    /// Opens the address in a thread of its own: how long that takes is up to the browser.
    fn open(&self, url: &Url) -> Result<oneshot::Receiver<io::Result<()>>, LoginError> {
        let (sender, opened) = oneshot::channel();
        let (browser, url) = (self.clone(), url.clone());
        let open = move || {
            let done = match browser {
                Self::System => webbrowser::open(url.as_str()),
                Self::Other(open) => open(&url),
            };
            let _ = sender.send(done);
        };
        thread::Builder::new()
            .name("globus-login".to_owned())
            .spawn(open)
            .map_err(|error| LoginError::NoBrowser { reason: error.to_string() })?;
        Ok(opened)
    }
}

impl Default for LocalServerLoginFlowManager {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalServerLoginFlowManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServerLoginFlowManager").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

#[async_trait]
impl LoginFlowManager for LocalServerLoginFlowManager {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        if client.kind() == Kind::Confidential {
            return Err(Error::invalid_input(
                "a login by a port of this machine is for clients without a secret: this one may only send the \
                 browser to the addresses that it is registered with",
            ));
        }
        if let Some(reason) = self.obstacle() {
            return Err(LoginError::NoBrowser { reason }.into());
        }
        let mut listener = Listener::bind().await?;
        let (url, flow) = request.begin(client, Some(listener.redirect_uri()))?;
        let state = flow.state().clone();
        let visit = self.wait(&mut listener, &url, &state).await?;
        // The user is told how the login ended, not only that the browser came back.
        let result = client.finish(flow, visit.callback.expose()).send().await;
        visit.tell(result.as_ref().map(|_| ())).await;
        result
    }

    /// True when there may be a browser: a display, and no session of SSH.
    fn is_interactive(&self) -> bool {
        self.obstacle().is_none()
    }
}
