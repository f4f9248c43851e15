//! The choice between a browser on this machine and a code to paste.

use async_trait::async_trait;
use globus_core::Result;

use super::{
    CommandLineLoginFlowManager, LocalServerLoginFlowManager, LoginFlowManager, LoginRequest, surroundings,
};
use crate::{AuthLoginClient, LoginError, OAuthTokenResponse, client::Kind};

/// Logs somebody in as the machine allows: with the browser, where there is one, otherwise with a code to paste.
///
/// ```no_run
/// use globus_auth::{NativeAppAuthClient, login::*};
///
/// # async fn example() -> globus_auth::Result<()> {
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?.into();
/// let request = LoginRequest::new("openid profile")?;
/// let tokens = AutomaticLoginFlowManager::new().run_login_flow(&client, &request).await?;
/// # Ok(()) }
/// ```
///
/// | The program runs | It logs in with |
/// |---|---|
/// | on a desktop | the browser ([`LocalServerLoginFlowManager`]) |
/// | on a desktop whose browser does not start, in a session of SSH, without a display, or with a browser for terminals, at a terminal | a code to paste ([`CommandLineLoginFlowManager`]) |
/// | with none of these, in a job or a pipe | [`LoginError::NoTerminal`] at once, which says what is missing |
///
/// A client with a secret always logs in with a code: the browser may only go to the addresses that the client is
/// registered with. See [`CommandLineLoginFlowManager::redirect_uri`].
#[derive(Debug, Default)]
pub struct AutomaticLoginFlowManager {
    local_server: LocalServerLoginFlowManager,
    command_line: CommandLineLoginFlowManager,
}

impl AutomaticLoginFlowManager {
    /// Chooses between the user's own browser and the program's own terminal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses between these two.
    #[must_use]
    pub fn with_managers(
        local_server: LocalServerLoginFlowManager,
        command_line: CommandLineLoginFlowManager,
    ) -> Self {
        Self { local_server, command_line }
    }

    async fn run(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
        no_browser: Option<String>,
        no_terminal: Option<String>,
    ) -> Result<OAuthTokenResponse> {
        let no_browser = match no_browser {
            _ if client.kind() == Kind::Confidential => "the client has a secret".to_owned(),
            Some(reason) => reason,
            None => {
                let error = match self.local_server.run_login_flow(client, request).await {
                    Ok(tokens) => return Ok(tokens),
                    Err(error) => error,
                };
                match LoginError::from_error(&error) {
                    // Sandboxes forbid the one or the other.
                    Some(LoginError::NoBrowser { reason: why } | LoginError::Listen { problem: why }) => {
                        why.clone()
                    }
                    _ => return Err(error),
                }
            }
        };
        match no_terminal {
            Some(terminal) => Err(LoginError::NoTerminal { browser: no_browser, terminal }.into()),
            None => self.command_line.run_login_flow(client, request).await,
        }
    }

    fn no_terminal(&self) -> Option<String> {
        if self.command_line.is_interactive() { None } else { surroundings::no_terminal() }
    }
}

#[async_trait]
impl LoginFlowManager for AutomaticLoginFlowManager {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        self.run(client, request, self.local_server.obstacle(), self.no_terminal()).await
    }

    /// True when there may be a browser, or there is a terminal.
    fn is_interactive(&self) -> bool {
        self.local_server.is_interactive() || self.command_line.is_interactive()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use globus_core::{
        ErrorKind,
        test_util::{ReplayTransport, Reply},
    };

    use super::*;
    use crate::{ConfidentialAppAuthClient, NativeAppAuthClient, oauth_error};

    const ID: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";

    fn native(replay: &ReplayTransport) -> AuthLoginClient {
        let builder = NativeAppAuthClient::builder(ID).transport(replay.clone());
        builder.base_url("https://auth.example.org/").build().unwrap().into()
    }

    fn confidential(replay: &ReplayTransport) -> AuthLoginClient {
        let builder = ConfidentialAppAuthClient::builder(ID, "secret").transport(replay.clone());
        builder.base_url("https://auth.example.org/").build().unwrap().into()
    }

    /// The browser does not start, and the code C1 is pasted.
    fn manager() -> AutomaticLoginFlowManager {
        let browser = |_: &url::Url| Err(io::Error::other("no such program"));
        AutomaticLoginFlowManager::with_managers(
            LocalServerLoginFlowManager::new().browser(browser).notices(io::sink()),
            CommandLineLoginFlowManager::with_io("C1\n".as_bytes(), io::sink())
                .redirect_uri("https://portal.example.org/"),
        )
    }

    fn refuses() -> ReplayTransport {
        ReplayTransport::new([Reply::json(400, r#"{"error":"invalid_grant"}"#)])
    }

    #[tokio::test]
    async fn without_a_browser_the_terminal_is_asked() {
        let request = LoginRequest::new("openid").unwrap();
        for (client, no_browser) in [
            (native as fn(&ReplayTransport) -> AuthLoginClient, None),
            (native, Some("no display".to_owned())),
            (confidential, None),
        ] {
            let replay = refuses();
            let error = manager().run(&client(&replay), &request, no_browser, None).await.unwrap_err();
            // That far only the pasted code leads.
            assert_eq!(oauth_error(&error), Some("invalid_grant"));
            assert!(replay.requests()[0].text().contains("code=C1"));
        }
    }

    #[tokio::test]
    async fn with_neither_the_error_says_what_is_missing() {
        let request = LoginRequest::new("openid").unwrap();
        let replay = ReplayTransport::default();
        let error = manager().run(&native(&replay), &request, None, Some("a pipe".into())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert_eq!(
            error.to_string(),
            "nobody can be asked to log in: no browser (no such program) and no terminal (a pipe)"
        );
        let error =
            manager().run(&confidential(&replay), &request, None, Some("a pipe".into())).await.unwrap_err();
        assert!(error.to_string().contains("no browser (the client has a secret)"), "{error}");
    }

    #[tokio::test]
    async fn what_the_user_decided_is_not_asked_again() {
        let answer = |url: &url::Url| {
            let of = |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1;
            let target = format!("/?error=access_denied&state={}", of("state"));
            let address = of("redirect_uri").trim_start_matches("http://").to_owned();
            let mut stream = std::net::TcpStream::connect(address)?;
            io::Write::write_all(&mut stream, format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes())?;
            io::Read::read_to_string(&mut stream, &mut String::new()).map(|_| ())
        };
        let manager = AutomaticLoginFlowManager::with_managers(
            LocalServerLoginFlowManager::new().browser(answer).notices(io::sink()),
            CommandLineLoginFlowManager::with_io("C1\n".as_bytes(), io::sink()),
        );
        let request = LoginRequest::new("openid").unwrap();
        let client = native(&ReplayTransport::default());
        let error = manager.run(&client, &request, None, None).await.unwrap_err();
        assert!(matches!(LoginError::from_error(&error), Some(LoginError::Denied { .. })), "{error}");
    }
}
