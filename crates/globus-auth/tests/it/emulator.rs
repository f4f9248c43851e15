//! The whole way, against the emulator: another reading of the same service.

use std::{sync::Arc, time::Duration};

use globus_auth::{
    AccessTokenAuthorizer, AuthClient, ClientCredentialsAuthorizer, ConfidentialAppAuthClient, ErrorKind,
    LoginError, NativeAppAuthClient, RefreshTokenAuthorizer, oauth_error,
};
use globus_core::{
    HttpTransport, Transport,
    test_util::ManualClock,
    transport::{Request, Response},
};
use globus_emulator::Emulator;
use http::{Method, header};
use url::{Url, form_urlencoded::Serializer};

use crate::common::{Service, TRANSFER, TRANSFER_ALL, noon};

/// The native application of the Globus tutorial.
const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";
pub(crate) const PORTAL: &str = "https://portal.example.org/callback";

pub(crate) fn confidential(emulator: &Emulator) -> ConfidentialAppAuthClient {
    ConfidentialAppAuthClient::builder(emulator.client_id(), emulator.client_secret())
        .base_url(emulator.service_url("auth"))
        .build()
        .unwrap()
}

pub(crate) fn native(emulator: &Emulator, clock: &ManualClock) -> NativeAppAuthClient {
    NativeAppAuthClient::builder(NATIVE)
        .base_url(emulator.service_url("auth"))
        .clock(clock.clone())
        .build()
        .unwrap()
}

fn transfer(emulator: &Emulator, authorizer: impl globus_core::Authorizer + 'static) -> Service {
    Service::builder().base_url(emulator.service_url("transfer")).authorizer(authorizer).build().unwrap()
}

async fn get(url: Url) -> Response {
    HttpTransport::default().send(Request::new(Method::GET, url)).await.unwrap()
}

/// Opens the consent page as a browser does, and presses a button on it. Gives where the browser is sent.
pub(crate) async fn press(url: Url, decision: &str) -> String {
    let page = get(url.clone()).await;
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body.bytes().await.unwrap().to_vec()).unwrap();
    let value = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let mut form = Serializer::new(String::new());
    form.append_pair("request", &value("request")).append_pair("identity", &value("identity"));
    let mut decide = Request::new(Method::POST, url.join("authorize").unwrap());
    decide.body = form.append_pair("decision", decision).finish().into();
    decide.headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
    let answer = HttpTransport::default().send(decide).await.unwrap();
    assert_eq!(answer.status, 302);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_service_account_works_and_survives_a_revoked_token() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = confidential(&emulator);
    let authorizer = Arc::new(ClientCredentialsAuthorizer::new(client.clone(), TRANSFER_ALL).unwrap());
    let service = transfer(&emulator, Arc::clone(&authorizer));
    service.call().await.unwrap();

    let header = globus_core::Authorizer::authorization_header(&authorizer).await.unwrap().unwrap();
    let token = header.to_str().unwrap().trim_start_matches("Bearer ");
    let seen = client.oauth2_token_introspect(token).send().await.unwrap();
    assert!(seen.active && seen.has_scope(TRANSFER_ALL));
    assert_eq!(seen.client_id, Some(client.client_id()));
    assert!(!client.oauth2_revoke_token(token).send().await.unwrap().active);
    assert!(!client.oauth2_token_introspect(token).send().await.unwrap().active);
    let refused = transfer(&emulator, AccessTokenAuthorizer::new(token)).call().await.unwrap_err();
    assert!(refused.is_unauthorized());
    // The one that renews itself gets another token after the 401.
    service.call().await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_told() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = ConfidentialAppAuthClient::builder(emulator.client_id(), "wrong")
        .base_url(emulator.service_url("auth"))
        .build()
        .unwrap();
    let authorizer = ClientCredentialsAuthorizer::new(client, TRANSFER_ALL).unwrap();
    let error = transfer(&emulator, authorizer).call().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Auth, Some("UNAUTHORIZED")));
    assert!(error.is_unauthorized());
}

#[tokio::test]
async fn a_login_by_pasted_code_and_refreshes_that_rotate() {
    let emulator = Emulator::builder().rotate_refresh_tokens(true).start().await.unwrap();
    let clock = ManualClock::at(noon());
    let client = native(&emulator, &clock);
    let (url, flow) =
        client.oauth2_start_flow(format!("openid {TRANSFER_ALL}")).refresh_tokens(true).begin().unwrap();
    let location: Url = press(url, "allow").await.parse().unwrap();
    assert!(location.as_str().starts_with(flow.redirect_uri()));
    // What the user sees on the page, and copies.
    let (_, code) = location.query_pairs().find(|(name, _)| name == "code").unwrap();
    let tokens =
        client.oauth2_exchange_code_for_tokens(flow.clone(), format!("{code}\n")).send().await.unwrap();
    assert_eq!(tokens.tokens().len(), 2);
    // The emulator goes by the real time, and so does a client of its own for this.
    let today = NativeAppAuthClient::builder(NATIVE).base_url(emulator.service_url("auth")).build().unwrap();
    let who = tokens.decode_id_token(&today).await.unwrap();
    let openid = tokens.by_resource_server("auth.globus.org").unwrap();
    let auth = AuthClient::builder()
        .base_url(emulator.service_url("auth"))
        .authorizer(AccessTokenAuthorizer::new(openid.access_token.clone()))
        .build()
        .unwrap();
    assert_eq!(who.sub, auth.userinfo().send().await.unwrap().sub);
    let token = tokens.by_resource_server(TRANSFER).unwrap();
    let first = token.refresh_token.clone().unwrap();

    // A code is good for one login.
    let again = client.oauth2_exchange_code_for_tokens(flow, code.into_owned()).send().await.unwrap_err();
    assert_eq!(oauth_error(&again), Some("invalid_grant"));

    let authorizer = RefreshTokenAuthorizer::new(first.clone(), client.clone())
        .with_access_token(token.access_token.clone(), token.expires_at)
        .unwrap();
    let service = transfer(&emulator, authorizer);
    for _ in 0..3 {
        service.call().await.unwrap();
        clock.advance(Duration::from_secs(172_800));
    }
    let used_up = client.oauth2_refresh_token(first).send().await.unwrap_err();
    assert_eq!(oauth_error(&used_up), Some("invalid_grant"));
    service.call().await.unwrap();
}

#[tokio::test]
async fn a_login_by_redirect() {
    let emulator = Emulator::builder().redirect_uri(PORTAL).start().await.unwrap();
    let client = confidential(&emulator);
    for protected in [false, true] {
        let flow = client.oauth2_start_flow(PORTAL, TRANSFER_ALL).refresh_tokens(true);
        let (url, flow) = if protected { flow.pkce() } else { flow }.begin().unwrap();
        let callback = press(url, "allow").await;
        assert!(callback.starts_with(PORTAL));
        let tokens = client.finish(flow, &callback).send().await.unwrap();
        let token = tokens.by_resource_server(TRANSFER).unwrap();
        let refresh_token = token.refresh_token.clone().unwrap();
        client.oauth2_revoke_token(refresh_token.clone()).send().await.unwrap();
        let revoked = client.oauth2_refresh_token(refresh_token).send().await.unwrap_err();
        assert_eq!(oauth_error(&revoked), Some("invalid_grant"));
    }
}

#[tokio::test]
async fn a_login_on_this_machine_that_the_user_declines() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = native(&emulator, &ManualClock::at(noon()));
    let flow = client.oauth2_start_flow(TRANSFER_ALL).redirect_uri("http://127.0.0.1:8910/");
    let (url, flow) = flow.begin().unwrap();
    let callback = press(url, "deny").await;
    let error = client.finish(flow, &callback).send().await.unwrap_err();
    let Some(LoginError::Denied { error, .. }) = LoginError::from_error(&error) else { panic!("{error}") };
    assert_eq!(error, "access_denied");
}

#[tokio::test]
async fn somebody_elses_code_is_of_no_use() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = native(&emulator, &ManualClock::at(noon()));
    let begin =
        || client.oauth2_start_flow(TRANSFER_ALL).redirect_uri("http://127.0.0.1:8910/").begin().unwrap();
    let ((url, _), (_, other)) = (begin(), begin());
    let callback = press(url, "allow").await;
    let error = client.finish(other.clone(), &callback).send().await.unwrap_err();
    assert_eq!(LoginError::from_error(&error), Some(&LoginError::StateMismatch));
    // Nor does it help to leave the state out: the verifier is another one.
    let callback: Url = callback.parse().unwrap();
    let (_, code) = callback.query_pairs().find(|(name, _)| name == "code").unwrap();
    let error = client.oauth2_exchange_code_for_tokens(other, code.into_owned()).send().await.unwrap_err();
    assert_eq!(oauth_error(&error), Some("invalid_grant"));
}
