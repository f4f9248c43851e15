//! No output of any kind shows a secret.

use std::fmt::Debug;

use globus_auth::{
    AccessTokenAuthorizer, AuthLoginClient, BasicAuthorizer, ClientCredentials, ClientCredentialsAuthorizer,
    ConfidentialAppAuthClient, Error, RefreshTokenAuthorizer,
};
use globus_core::{
    Authorizer,
    test_util::{ManualClock, ReplayTransport, Reply},
};

use crate::common::{ID, SECRET, confidential, native, noon, token};

/// What everything below is made of.
const SECRETS: [&str; 8] = [
    "s3cr3t-access",
    "s3cr3t-refresh",
    "s3cr3t-id",
    "s3cr3t-code",
    "s3cr3t-state",
    "s3cr3t-verifier",
    "s3cr3t-new",
    SECRET,
];

fn shows_nothing(output: &str) {
    for secret in SECRETS.iter().chain(&["s3cr3t", "Basic Nj"]) {
        assert!(!output.contains(secret), "{secret} in {output}");
    }
}

fn debug_shows_nothing(value: &dyn Debug) {
    shows_nothing(&format!("{value:?}"));
    shows_nothing(&format!("{value:#?}"));
}

fn error_shows_nothing(error: &Error) {
    debug_shows_nothing(error);
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        shows_nothing(&error.to_string());
        shows_nothing(&format!("{error:?}"));
        next = error.source();
    }
    // What cannot be read may be a token: it does not travel with the error.
    if error.kind() == globus_auth::ErrorKind::Decode {
        assert_eq!(error.raw_body(), None);
    }
}

fn answer() -> String {
    token("s3cr3t-access", Some("s3cr3t-refresh"), 9).replacen(
        '{',
        r#"{"id_token":"s3cr3t-id","new_token":"s3cr3t-new","state":"s3cr3t-state","#,
        1,
    )
}

#[tokio::test]
async fn debug_output() {
    let clock = ManualClock::at(noon());
    let replay = ReplayTransport::new((0..4).map(|_| Reply::json(200, answer())));
    let native = native(replay.clone(), &clock);
    let confidential = confidential(replay, &clock);
    let verifier = format!("s3cr3t-verifier{}", "-".repeat(43));
    let flow = native.oauth2_start_flow("openid").state("s3cr3t-state").verifier(verifier);
    debug_shows_nothing(&flow);
    let (_, flow) = flow.begin().unwrap();
    debug_shows_nothing(&flow);
    let request = native.oauth2_exchange_code_for_tokens(flow, "s3cr3t-code");
    debug_shows_nothing(&request);
    debug_shows_nothing(&request.to_request().unwrap());
    let answer = request.send_full().await.unwrap();
    debug_shows_nothing(&answer);
    debug_shows_nothing(answer.data());
    debug_shows_nothing(&answer.tokens()[0]);

    debug_shows_nothing(&BasicAuthorizer::new(ID, SECRET));
    debug_shows_nothing(&AccessTokenAuthorizer::new("s3cr3t-access"));
    let refresh = RefreshTokenAuthorizer::new("s3cr3t-refresh", native.clone());
    let service = ClientCredentialsAuthorizer::new(confidential.clone(), "openid").unwrap();
    for authorizer in [&refresh as &dyn Authorizer, &service] {
        debug_shows_nothing(&authorizer);
        authorizer.authorization_header().await.unwrap();
        debug_shows_nothing(&authorizer);
    }
    debug_shows_nothing(&ConfidentialAppAuthClient::builder(ID, SECRET));
    debug_shows_nothing(&confidential);
    debug_shows_nothing(&AuthLoginClient::from(confidential));
    debug_shows_nothing(&ClientCredentials::new(ID, SECRET).unwrap());
}

#[tokio::test]
async fn answers_that_cannot_be_read() {
    let whole = answer();
    let bodies = [
        whole[..whole.len() - 1].to_owned(),
        whole.replace("\"resource_server\"", "\"rs\""),
        whole.replace("\"s3cr3t-access\"", "[\"s3cr3t-access\"]"),
        whole.replace("\"expires_in\":9", "\"expires_in\":\"expected s3cr3t-new at line 1\""),
        whole.replace("\"other_tokens\":[]", "\"other_tokens\":\"s3cr3t-new\""),
        format!("[{whole}]"),
        format!("\"s3cr3t-access {whole:?}\""),
        "s3cr3t-access".to_owned(),
        format!("<html>{whole}"),
    ];
    for body in bodies {
        for status in [200, 201, 302, 304] {
            let given =
                Reply::json(status, body.clone()).header("location", "https://x.example/?s3cr3t-code");
            let replay = ReplayTransport::new([given]);
            let client = native(replay.clone(), &ManualClock::at(noon()));
            let error = client.oauth2_refresh_token("s3cr3t-refresh").send().await.unwrap_err();
            error_shows_nothing(&error);
            assert_eq!(error.kind(), globus_auth::ErrorKind::Decode, "{error}");
            let replay = ReplayTransport::new([Reply::json(status, body.clone())]);
            let authorizer = RefreshTokenAuthorizer::new("s3cr3t-refresh", native_of(&replay));
            error_shows_nothing(&authorizer.authorization_header().await.unwrap_err());
        }
    }
}

fn native_of(replay: &ReplayTransport) -> globus_auth::NativeAppAuthClient {
    native(replay.clone(), &ManualClock::at(noon()))
}

#[tokio::test]
async fn answers_that_an_authorizer_cannot_use() {
    let second = r#""other_tokens":[{"access_token":"s3cr3t-new","resource_server":"b"}]"#;
    for body in [
        answer().replace("\"other_tokens\":[]", second),
        answer().replace("Bearer", "s3cr3t-new"),
        answer().replace("s3cr3t-access", "s3cr3t-access\\n"),
        answer().replace("s3cr3t-access", ""),
    ] {
        let replay = ReplayTransport::new([Reply::json(200, body)]);
        let authorizer = RefreshTokenAuthorizer::new("s3cr3t-refresh", native_of(&replay));
        error_shows_nothing(&authorizer.authorization_header().await.unwrap_err());
    }
}

#[tokio::test]
async fn forged_callbacks() {
    let client = native_of(&ReplayTransport::default());
    let (_, flow) = client.oauth2_start_flow("openid").state("s3cr3t-state").begin().unwrap();
    for callback in [
        "?code=s3cr3t-code&state=other",
        "?code=s3cr3t-code",
        "?code=s3cr3t-code&code=s3cr3t-code&state=s3cr3t-state",
        "s3cr3t-code",
    ] {
        let request = client.finish(flow.clone(), callback);
        debug_shows_nothing(&request);
        error_shows_nothing(&request.send().await.unwrap_err());
    }
}
