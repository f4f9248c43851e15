//! Logins: addresses, and what comes back.

use std::collections::BTreeMap;

use globus_auth::{ErrorKind, FlowState, LoginError};
use globus_core::{
    Result,
    test_util::{ManualClock, ReplayTransport},
};
use url::Url;

use crate::common::{ID, confidential, grants, native, noon};

fn parameters(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn expected<const N: usize>(rows: [(&str, &str); N]) -> BTreeMap<String, String> {
    rows.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_address_of_a_native_login() {
    let client = native(ReplayTransport::default(), &ManualClock::at(noon()));
    let (url, flow) = client
        .oauth2_start_flow("profile openid")
        // RFC 7636, appendix B.
        .verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        .state("S 1")
        .prefill_named_grant("tool on host")
        .begin()
        .unwrap();
    assert_eq!(url.path(), "/v2/oauth2/authorize");
    assert_eq!(
        parameters(&url),
        expected([
            ("client_id", ID),
            ("redirect_uri", "https://auth.example.org/v2/web/auth-code"),
            ("scope", "openid profile"),
            ("state", "S 1"),
            ("response_type", "code"),
            ("access_type", "online"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("prefill_named_grant", "tool on host"),
        ])
    );
    assert_eq!(url.query_pairs().count(), 9);
    assert_eq!(flow.redirect_uri(), "https://auth.example.org/v2/web/auth-code");
}

#[test]
fn the_address_of_a_web_login() {
    let client = confidential(ReplayTransport::default(), &ManualClock::at(noon()));
    let (url, _) = client
        .oauth2_start_flow("https://portal.example.org/cb?x=1", "a[*b] openid")
        .state("S1")
        .refresh_tokens(true)
        .session_required_identities(["ada@example.org", "bob@example.org"])
        .session_required_single_domain(["example.org"])
        .session_required_policies(["p1", "p2"])
        .session_required_mfa(true)
        .session_message("again, please")
        .prompt("login")
        .query_param("session_required_policies", "p3")
        .query_param("login_hint", "ada")
        .begin()
        .unwrap();
    let all = expected([
        ("client_id", ID),
        ("redirect_uri", "https://portal.example.org/cb?x=1"),
        ("scope", "a[*b] openid"),
        ("state", "S1"),
        ("response_type", "code"),
        ("access_type", "offline"),
        ("session_required_identities", "ada@example.org,bob@example.org"),
        ("session_required_single_domain", "example.org"),
        ("session_required_policies", "p3"),
        ("session_required_mfa", "True"),
        ("session_message", "again, please"),
        ("prompt", "login"),
        ("login_hint", "ada"),
    ]);
    assert_eq!(parameters(&url), all);
    let (url, _) = client
        .oauth2_start_flow("https://portal.example.org/cb", "openid")
        .session_required_policies(["p1"])
        .session_required_policies(Vec::<String>::new())
        .session_required_mfa(false)
        .pkce()
        .begin()
        .unwrap();
    let parameters = parameters(&url);
    assert_eq!(parameters.get("session_required_policies"), None);
    assert_eq!(parameters["session_required_mfa"], "False");
    assert_eq!(parameters["code_challenge_method"], "S256");
}

#[test]
fn every_login_has_a_state_and_verifier_of_its_own() {
    let client = native(ReplayTransport::default(), &ManualClock::at(noon()));
    let [(url_1, flow_1), (url_2, flow_2)] =
        [(); 2].map(|()| client.oauth2_start_flow("openid").begin().unwrap());
    assert_ne!(flow_1.state(), flow_2.state());
    assert!(flow_1.state().expose().len() >= 20);
    assert_ne!(parameters(&url_1)["code_challenge"], parameters(&url_2)["code_challenge"]);
    let verifier = |flow: &FlowState| {
        let saved = serde_json::to_value(flow).unwrap();
        saved["code_verifier"].as_str().unwrap().to_owned()
    };
    assert_ne!(verifier(&flow_1), verifier(&flow_2));
    assert!((43..=128).contains(&verifier(&flow_1).len()));
}

#[test]
fn what_cannot_be_used_is_told() {
    let client = native(ReplayTransport::default(), &ManualClock::at(noon()));
    let flow = || client.oauth2_start_flow("openid");
    let rows: [(Result<_>, &str); 9] = [
        (client.oauth2_start_flow("").begin(), "scope: "),
        (client.oauth2_start_flow("a[").begin(), "scope: "),
        (
            flow().redirect_uri("/callback").begin(),
            "the redirect URI \"/callback\" is not an absolute address",
        ),
        (
            flow().redirect_uri("http://127.0.0.1/#x").begin(),
            "the redirect URI \"http://127.0.0.1/#x\" has a fragment",
        ),
        (flow().state("").begin(), "the state is empty"),
        (flow().verifier("v".repeat(42)).begin(), "the PKCE verifier has 42 characters, not 43 to 128"),
        (flow().verifier("v".repeat(129)).begin(), "the PKCE verifier has 129 characters, not 43 to 128"),
        (
            flow().verifier(format!("v+{}", "v".repeat(50))).begin(),
            "the PKCE verifier has a character at byte 1",
        ),
        (flow().query_param("state", "mine").begin(), "state has a setter of its own"),
    ];
    for (got, expected) in rows {
        let error = got.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn a_login_can_end_in_another_process() {
    let replay = ReplayTransport::new([grants("A1")]);
    let clock = ManualClock::at(noon());
    let (url, flow) = native(replay.clone(), &clock).oauth2_start_flow("openid").begin().unwrap();
    let saved = serde_json::to_string(&flow).unwrap();
    drop(flow);

    let flow: FlowState = serde_json::from_str(&saved).unwrap();
    let state = &parameters(&url)["state"];
    let callback = format!("https://auth.example.org/v2/web/auth-code?code=C1&state={state}");
    let tokens = native(replay.clone(), &clock).finish(flow, callback).send().await.unwrap();
    assert_eq!(tokens.tokens()[0].access_token.expose(), "A1");
    let form = replay.requests()[0].text();
    let verifier = &serde_json::from_str::<serde_json::Value>(&saved).unwrap()["code_verifier"];
    assert!(form.contains(&format!("code_verifier={}", verifier.as_str().unwrap())), "{form}");
}

#[tokio::test]
async fn a_login_that_failed_sends_nothing_and_says_why() {
    let replay = ReplayTransport::default();
    let clock = ManualClock::at(noon());
    let client = native(replay.clone(), &clock);
    let (_, flow) = client.oauth2_start_flow("openid").state("S1").begin().unwrap();
    let denied = client
        .finish(flow.clone(), "?error=access_denied&error_description=No&state=S1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Auth);
    assert!(!denied.is_retryable());
    assert_eq!(denied.to_string(), "the login was not granted: access_denied (No)");
    assert!(matches!(LoginError::from_error(&denied), Some(LoginError::Denied { .. })));

    let forged = client.finish(flow.clone(), "?code=C1&state=S2").send().await.unwrap_err();
    assert_eq!(LoginError::from_error(&forged), Some(&LoginError::StateMismatch));

    let empty = client.oauth2_exchange_code_for_tokens(flow.clone(), " \n").send().await.unwrap_err();
    assert_eq!(empty.to_string(), "code is empty");

    let other = globus_auth::NativeAppAuthClient::builder("61338d24-54d5-408f-a10d-66c06b59f6d2")
        .transport(replay.clone())
        .base_url("https://auth.example.org/")
        .build()
        .unwrap();
    let other = other.finish(flow, "?code=C1&state=S1").send().await.unwrap_err();
    assert_eq!(LoginError::from_error(&other), Some(&LoginError::OtherClient));
    assert_eq!(replay.requests().len(), 0);
}
