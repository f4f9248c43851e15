//! Ways to log somebody in.

mod command_line;
mod local_server;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_auth::{
    AuthLoginClient, ErrorKind,
    gare::AuthorizationParameters,
    login::{LoginFlowManager, LoginRequest},
};
use globus_core::test_util::{ManualClock, ReplayTransport};
use url::Url;

use crate::common::{TRANSFER_ALL, confidential, native, noon};

fn native_client(replay: &ReplayTransport) -> AuthLoginClient {
    native(replay.clone(), &ManualClock::at(noon())).into()
}

fn confidential_client(replay: &ReplayTransport) -> AuthLoginClient {
    confidential(replay.clone(), &ManualClock::at(noon())).into()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// What a manager writes.
#[derive(Debug, Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Waits until there is an address, and gives the last one.
    async fn url(&self) -> Url {
        loop {
            let text = self.text();
            if let Some(line) = text.lines().rfind(|line| line.starts_with("http")) {
                return line.parse().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_request_becomes_an_address() {
    let replay = ReplayTransport::default();
    let parameters = AuthorizationParameters::default()
        .with_required_scopes([format!("{TRANSFER_ALL}[*https://auth.globus.org/scopes/c/data_access]")])
        .with_session_required_single_domain(["a.example", "b.example"])
        .with_session_required_mfa(true)
        .with_session_message("again, please")
        .with_prompt("login");
    let request = LoginRequest::new(["openid", TRANSFER_ALL])
        .unwrap()
        .with_refresh_tokens(true)
        .with_prefill_named_grant("tool on host")
        .with_authorization_parameters(parameters.clone())
        .unwrap();
    assert_eq!(request.authorization_parameters(), &parameters);
    let (url, flow) = request.begin(&native_client(&replay), None).unwrap();
    let scopes = format!("openid {TRANSFER_ALL}[*https://auth.globus.org/scopes/c/data_access]");
    for (name, value) in [
        ("scope", scopes.as_str()),
        ("access_type", "offline"),
        ("prefill_named_grant", "tool on host"),
        ("session_required_single_domain", "a.example,b.example"),
        ("session_required_mfa", "True"),
        ("session_message", "again, please"),
        ("prompt", "login"),
        ("redirect_uri", flow.redirect_uri()),
    ] {
        assert_eq!(parameter(&url, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(flow.redirect_uri(), "https://auth.example.org/v2/web/auth-code");
}

#[test]
fn a_request_that_cannot_be_made_is_told() {
    let replay = ReplayTransport::default();
    let empty = LoginRequest::new("").unwrap_err();
    let scope = LoginRequest::new("a[").unwrap_err();
    let bad = AuthorizationParameters::default().with_required_scopes(["a]"]);
    let request = LoginRequest::new("openid").unwrap();
    let required = request.clone().with_authorization_parameters(bad).unwrap_err();
    let no_redirect = request.begin(&confidential_client(&replay), None).unwrap_err();
    for error in [&empty, &scope, &required, &no_redirect] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(no_redirect.to_string().contains("redirect URI"), "{no_redirect}");
    let portal = "https://portal.example.org/cb";
    let (url, _) = request.begin(&confidential_client(&replay), Some(portal)).unwrap();
    assert_eq!(parameter(&url, "redirect_uri").as_deref(), Some(portal));
}

/// Runs a login for `openid`.
async fn run(
    manager: &impl LoginFlowManager,
    client: &AuthLoginClient,
) -> globus_auth::Result<globus_auth::OAuthTokenResponse> {
    manager.run_login_flow(client, &LoginRequest::new(["openid", TRANSFER_ALL]).unwrap()).await
}
