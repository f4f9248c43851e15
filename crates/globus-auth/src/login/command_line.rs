//! A login by an address to open and a code to paste.

use std::{
    fmt,
    io::{self, BufRead, Write},
    sync::{Arc, PoisonError},
    thread,
};

use async_trait::async_trait;
use globus_core::{Result, Secret};
use tokio::sync::{Mutex, oneshot};
use url::Url;

use super::{LoginFlowManager, LoginRequest, surroundings};
use crate::{AuthLoginClient, LoginError, OAuthTokenResponse};

/// Logs somebody in at the terminal: shows an address to open in any browser, on any machine, and reads the code that
/// they paste.
///
/// ```no_run
/// use globus_auth::{NativeAppAuthClient, login::*};
///
/// # async fn example() -> globus_auth::Result<()> {
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?.into();
/// let request = LoginRequest::new("openid profile")?;
/// let tokens = CommandLineLoginFlowManager::new().run_login_flow(&client, &request).await?;
/// # Ok(()) }
/// ```
///
/// Writes to standard error, so that the output of the program stays its own, and reads from standard input. The
/// runtime is not blocked meanwhile. Logins that begin at the same time ask one after the other.
///
/// # Errors
/// Beneath the error of a login: [`LoginError::InputEnded`] when there is no more input, [`LoginError::Terminal`]
/// when it cannot be read or the address not be written. A wrong code is `invalid_grant`:
/// see [`oauth_error`](crate::oauth_error).
pub struct CommandLineLoginFlowManager {
    redirect_uri: Option<String>,
    reads_stdin: bool,
    input: Arc<std::sync::Mutex<Input>>,
    output: std::sync::Mutex<Box<dyn Write + Send>>,
    /// Who reads. It goes on after a login that was cancelled, and what it reads then is the next login's.
    reader: Mutex<Option<Line>>,
}

type Line = oneshot::Receiver<io::Result<Option<Secret>>>;

enum Input {
    Stdin,
    Other(Box<dyn BufRead + Send>),
}

/// No code is that long: what is longer was pasted by mistake.
const LONGEST_LINE: u64 = 16 * 1024;

impl CommandLineLoginFlowManager {
    /// Asks at the program's own terminal.
    #[must_use]
    pub fn new() -> Self {
        Self::make(Input::Stdin, Box::new(io::stderr()))
    }

    /// Asks wherever the caller says.
    pub fn with_io(input: impl BufRead + Send + 'static, output: impl Write + Send + 'static) -> Self {
        Self::make(Input::Other(Box::new(input)), Box::new(output))
    }

    fn make(input: Input, output: Box<dyn Write + Send>) -> Self {
        Self {
            redirect_uri: None,
            reads_stdin: matches!(input, Input::Stdin),
            input: Arc::new(std::sync::Mutex::new(input)),
            output: std::sync::Mutex::new(output),
            reader: Mutex::new(None),
        }
    }

    /// Sends the browser to this address, whose page shows the `code` in its query to the user. Default: the page of
    /// Globus Auth, which only clients without a secret can use.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    fn say(&self, text: &str) -> Result<(), LoginError> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let written = output.write_all(text.as_bytes()).and_then(|()| output.flush());
        written.map_err(|error| LoginError::Terminal {
            problem: format!("the address cannot be shown: {error}"),
        })
    }

    async fn ask(&self, url: &Url) -> Result<Secret, LoginError> {
        let mut reader = self.reader.lock().await;
        // A line that came while nobody asked is no answer to what is asked now.
        if reader
            .as_mut()
            .is_some_and(|line| !matches!(line.try_recv(), Err(oneshot::error::TryRecvError::Empty)))
        {
            *reader = None;
        }
        self.say(&format!("To log in to Globus, open this address in a browser:\n\n{url}\n\n"))?;
        loop {
            self.say("Paste the code that you get there, and press Enter: ")?;
            let line = match reader.as_mut() {
                Some(line) => line,
                None => reader.insert(self.read_line()?),
            };
            let read = line.await;
            *reader = None;
            match read {
                Ok(Ok(Some(code))) if code.expose().trim().is_empty() => {}
                Ok(Ok(Some(code))) => return Ok(code),
                Ok(Err(error)) => return Err(unreadable(&error)),
                Ok(Ok(None)) | Err(_) => return Err(LoginError::InputEnded),
            }
        }
    }

    /// Reads in a thread of its own: a thread of the runtime's would keep the program from ending.
    fn read_line(&self) -> Result<Line, LoginError> {
        let (sender, line) = oneshot::channel();
        let input = Arc::clone(&self.input);
        let read = move || {
            let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
            let read = match &mut *input {
                Input::Stdin => read_code(io::stdin().lock()),
                Input::Other(input) => read_code(input),
            };
            let _ = sender.send(read);
        };
        thread::Builder::new()
            .name("globus-login".to_owned())
            .spawn(read)
            .map_err(|error| unreadable(&error))?;
        Ok(line)
    }
}

fn unreadable(error: &io::Error) -> LoginError {
    LoginError::Terminal { problem: format!("the code cannot be read: {error}") }
}

/// Reads one line; `None` at the end of the input.
fn read_code(input: impl BufRead) -> io::Result<Option<Secret>> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    let line = String::from_utf8(line).map_err(|_| io::Error::other("it is not valid UTF-8"))?;
    Ok(Some(Secret::new(line)))
}

impl Default for CommandLineLoginFlowManager {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CommandLineLoginFlowManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandLineLoginFlowManager")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl LoginFlowManager for CommandLineLoginFlowManager {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        let (url, flow) = request.begin(client, self.redirect_uri.as_deref())?;
        let code = self.ask(&url).await?;
        client.oauth2_exchange_code_for_tokens(flow, code).send().await
    }

    /// True when standard input and standard error are terminals, or the caller gave others.
    fn is_interactive(&self) -> bool {
        !self.reads_stdin || surroundings::no_terminal().is_none()
    }
}
