//! Somebody logs in, and the program goes on in their name.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use globus::{
    auth::{AuthLoginClient, FlowState, LoginError, OAuthToken, OAuthTokenResponse, oauth_error},
    core::{HttpTransport, Secret, Transport, transport::Request},
    prelude::*,
};
use http::{Method, header};
use url::{Url, form_urlencoded::Serializer};

use crate::lab::{Lab, swift};

/// The native application that the service's own tutorials use.
pub(crate) const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";
pub(crate) const HERE: &str = "http://127.0.0.1:8910/";

fn native(lab: &Lab) -> NativeAppAuthClient {
    NativeAppAuthClient::builder(NATIVE)
        .config(lab.config.clone())
        .clock(lab.clock.clone())
        .retry(swift())
        .build()
        .unwrap()
}

/// Opens the consent page as a browser does and presses a button; gives where the browser is sent then.
pub(crate) async fn press(url: Url, decision: &str) -> String {
    let browser = HttpTransport::default();
    let page = browser.send(Request::new(Method::GET, url.clone())).await.unwrap();
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body.bytes().await.unwrap().to_vec()).unwrap();
    let value = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form =
        [("request", value("request")), ("identity", value("identity")), ("decision", decision.to_owned())];
    let form = Serializer::new(String::new()).extend_pairs(form).finish();
    let mut decide = Request::new(Method::POST, url.join("authorize").unwrap());
    decide.body = form.into();
    decide.headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
    let answer = browser.send(decide).await.unwrap();
    assert_eq!(answer.status, 302);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

fn transfer_token(tokens: &OAuthTokenResponse) -> &OAuthToken {
    tokens.by_resource_server(scope::transfer::RESOURCE_SERVER).unwrap()
}

async fn begin(lab: &Lab) -> (AuthLoginClient, FlowState, String) {
    let client = native(lab);
    let (url, flow) = client
        .oauth2_start_flow(format!("openid email {}", scope::transfer::ALL))
        .redirect_uri(HERE)
        .refresh_tokens(true)
        .begin()
        .unwrap();
    assert!(url.query_pairs().any(|(name, value)| name == "code_challenge_method" && value == "S256"));
    let callback = press(url, "allow").await;
    assert!(callback.starts_with(HERE));
    (client.into(), flow, callback)
}

#[tokio::test]
async fn a_login_goes_on_for_weeks_though_its_refresh_token_changes() {
    let lab = Lab::with(|emulator| emulator.rotate_refresh_tokens(true)).await;
    let (client, flow, callback) = begin(&lab).await;
    let tokens = client.finish(flow, &callback).send().await.unwrap();
    assert_eq!(tokens.tokens().len(), 2);
    assert!(tokens.id_token().is_some());
    let token = transfer_token(&tokens);
    let first = token.refresh_token.clone().unwrap();

    let seen: Arc<Mutex<Vec<Secret>>> = Arc::default();
    let saved = Arc::clone(&seen);
    let authorizer = RefreshTokenAuthorizer::new(first.clone(), client.clone())
        .with_access_token(token.access_token.clone(), token.expires_at)
        .unwrap()
        .on_refresh(move |tokens: OAuthTokenResponse| {
            saved.lock().unwrap().push(transfer_token(&tokens).refresh_token.clone().unwrap());
            async { Ok(()) }
        });
    let transfer: TransferClient = lab.client(authorizer);
    transfer.task_list().send().await.unwrap();
    assert!(seen.lock().unwrap().is_empty(), "the token of the login is still good");
    for _ in 0..5 {
        lab.let_pass(Duration::from_secs(3 * 86_400)).await;
        transfer.task_list().send().await.unwrap();
    }
    let seen: Vec<Secret> = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 5);
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]) && seen[0] != first);

    // The one that was exchanged is worth nothing any more; the newest is.
    let used_up = client.oauth2_refresh_token(first).send().await.unwrap_err();
    assert_eq!(oauth_error(&used_up), Some("invalid_grant"));
    client.oauth2_refresh_token(seen[4].clone()).send().await.unwrap();
}

#[tokio::test]
async fn a_login_that_is_taken_back_ends_with_what_the_service_says() {
    let lab = Lab::open().await;
    let (client, flow, callback) = begin(&lab).await;
    let tokens = client.finish(flow, &callback).send().await.unwrap();
    let refresh_token = transfer_token(&tokens).refresh_token.clone().unwrap();
    let transfer: TransferClient =
        lab.client(RefreshTokenAuthorizer::new(refresh_token.clone(), client.clone()));
    transfer.task_list().send().await.unwrap();
    client.oauth2_revoke_token(refresh_token).send().await.unwrap();
    let error = transfer.task_list().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(oauth_error(&error), Some("invalid_grant"));
}

#[tokio::test]
async fn a_code_is_good_for_one_login() {
    let lab = Lab::open().await;
    let (client, flow, callback) = begin(&lab).await;
    client.finish(flow.clone(), &callback).send().await.unwrap();
    let again = client.finish(flow, &callback).send().await.unwrap_err();
    assert_eq!(oauth_error(&again), Some("invalid_grant"));
}

#[tokio::test]
async fn a_login_that_is_declined_sends_nothing() {
    let lab = Lab::open().await;
    let client = native(&lab);
    let (url, flow) = client.oauth2_start_flow("openid").redirect_uri(HERE).begin().unwrap();
    let callback = press(url, "deny").await;
    lab.forget_requests().await;
    let error = client.finish(flow, &callback).send().await.unwrap_err();
    assert_eq!(error.to_string(), "the login was not granted: access_denied (The request was denied.)");
    assert!(matches!(LoginError::from_error(&error), Some(LoginError::Denied { .. })));
    assert!(lab.requests().await.is_empty());
}
