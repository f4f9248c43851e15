//! No output of any kind shows a secret.

use std::fmt::Debug;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use globus_auth::{
    AccessTokenAuthorizer, AuthLoginClient, BasicAuthorizer, ClientApp, ClientCredentials,
    ClientCredentialsAuthorizer, ConfidentialAppAuthClient, Error, IdTokenDecoder, RefreshTokenAuthorizer,
    Secret, TokenVerifier,
    storage::{JsonTokenStorage, MemoryTokenStorage, TokenData, TokenStorage},
};
use globus_core::{
    Authorizer, Config, RetryPolicy, Service,
    config::Sources,
    test_util::{ManualClock, ReplayTransport, Reply},
    transport::TransportErrorKind,
};

use crate::common::{ID, SECRET, TRANSFER, TRANSFER_ALL, confidential, native, noon, token};

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

fn chain_shows_nothing(error: &(dyn std::error::Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        shows_nothing(&error.to_string());
        shows_nothing(&format!("{error:?}"));
        next = error.source();
    }
}

#[tokio::test]
async fn id_tokens() {
    let configuration = r#"{"issuer":"https://auth.example.org","jwks_uri":"https://auth.example.org/jwk.json","id_token_signing_alg_values_supported":["RS512"]}"#;
    // Header and claims are base64 of JSON: a reader that quotes what it found would show what lies in them.
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS512","kid":"k1"}"#);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"s3cr3t-id","nonce":"s3cr3t-new"}"#);
    for text in [
        "s3cr3t-id".to_owned(),
        "s3cr3t-id.s3cr3t-id.s3cr3t-id".to_owned(),
        format!("{header}.{claims}.s3cr3t-id"),
        format!("{header}.{claims}."),
    ] {
        let keys = Reply::json(200, r#"{"keys":[]}"#);
        let replay = ReplayTransport::new([Reply::json(200, configuration), keys.clone(), keys]);
        let decoder = IdTokenDecoder::new(native_of(&replay)).with_nonce(Secret::new("s3cr3t-new"));
        debug_shows_nothing(&decoder);
        error_shows_nothing(&decoder.decode(&Secret::new(text)).await.unwrap_err());
    }
}

#[tokio::test]
async fn verifiers_of_tokens() {
    let clock = ManualClock::at(noon());
    for reply in [
        Reply::json(200, r#"{"active":false}"#),
        Reply::json(200, r#"{"active":"s3cr3t-access"}"#),
        Reply::json(200, r#"{"active":true,"scope":"openid","aud":[],"exp":1}"#),
        Reply::json(401, r#"{"error":"invalid_client"}"#),
        Reply::failure(TransportErrorKind::Io),
    ] {
        let replay = ReplayTransport::new([reply]);
        let client = ConfidentialAppAuthClient::builder(ID, SECRET)
            .base_url("https://auth.example.org/")
            .transport(replay)
            .retry(RetryPolicy::never())
            .clock(clock.clone())
            .build()
            .unwrap();
        let verifier = TokenVerifier::new(client, "openid").unwrap();
        let error = verifier.verify(&Secret::new("s3cr3t-access")).await.unwrap_err();
        chain_shows_nothing(&error);
        debug_shows_nothing(&verifier);
    }
}

#[tokio::test]
async fn stored_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    let storage = JsonTokenStorage::new(&path);
    let data = TokenData::new(TRANSFER, TRANSFER_ALL, "s3cr3t-access", 9)
        .with_refresh_token(Secret::new("s3cr3t-refresh"));
    debug_shows_nothing(&data);
    storage.store_token_data(vec![data]).await.unwrap();
    debug_shows_nothing(&storage);
    let whole = std::fs::read_to_string(&path).unwrap();
    assert!(whole.contains("s3cr3t-access"), "the file is where tokens are");
    for broken in [
        whole[..whole.len() - 2].to_owned(),
        whole.replace("\"s3cr3t-access\"", "[\"s3cr3t-access\"]"),
        whole.replace("\"s3cr3t-refresh\"", "{\"s3cr3t-refresh\": 1}"),
        whole.replace("\"expires_at_seconds\"", "\"s3cr3t-new\""),
        format!("s3cr3t-access{whole}"),
    ] {
        std::fs::write(&path, &broken).unwrap();
        match storage.get_token_data_by_resource_server().await {
            Ok(read) => debug_shows_nothing(&read),
            Err(error) => chain_shows_nothing(&error),
        }
    }
}

#[tokio::test]
async fn apps() {
    let clock = ManualClock::at(noon());
    let replay = ReplayTransport::new([Reply::json(401, r#"{"error":"invalid_client"}"#)]);
    let config = Config::builder()
        .sources(Sources::empty())
        .service_url(Service::Auth, "https://auth.example.org/")
        .build()
        .unwrap();
    let app = ClientApp::for_client("lab", confidential(replay, &clock))
        .config(config)
        .token_storage(MemoryTokenStorage::new())
        .scope_requirements(TRANSFER, TRANSFER_ALL)
        .build()
        .unwrap();
    debug_shows_nothing(&app);
    let authorizer = app.authorizer(TRANSFER).unwrap();
    error_shows_nothing(&authorizer.authorization_header().await.unwrap_err());
    debug_shows_nothing(&authorizer);
}
