//! From the answers of services, through real clients.

use globus_auth::gare::{Gare, has_gares, is_gare};
use globus_core::{
    Error, ErrorKind, Service, ServiceClient, service_client,
    test_util::{ReplayTransport, Reply},
};
use http::Method;
use serde_json::{Value, json};

macro_rules! client {
    ($Client:ident) => {
        service_client! {
            struct $Client {
                service: Service::$Client,
                resource_server: "x",
                default_scopes: Vec::new(),
            }
        }
    };
}

client!(Auth);
client!(Transfer);
client!(Flows);
client!(Compute);

async fn answer<C: ServiceClient>(reply: Reply) -> Error {
    let client = C::builder()
        .base_url("https://service.example.org/")
        .transport(ReplayTransport::new([reply]))
        .build()
        .unwrap();
    client.base().call(Method::GET, "/x").send::<Value>().await.unwrap_err()
}

async fn refusal<C: ServiceClient>(document: Value) -> Error {
    answer::<C>(Reply::json(403, document.to_string())).await
}

fn codes(error: &Error) -> Vec<String> {
    Gare::all_from_error(error).into_iter().map(|gare| gare.code).collect()
}

#[tokio::test]
async fn the_root_goes_first_and_all_are_found() {
    let error = refusal::<Transfer>(json!({
        "code": "Root",
        "authorization_parameters": {},
        "errors": [
            {"code": "First", "authorization_parameters": {}},
            {"code": "NotFound"},
            {"code": "Second", "authorization_parameters": {}},
        ],
    }))
    .await;
    assert_eq!(Gare::from_error(&error).unwrap().code, "Root");
    assert_eq!(codes(&error), ["First", "Second", "Root"]);
}

#[tokio::test]
async fn the_first_of_the_errors_that_says_it_is_found() {
    let error = refusal::<Transfer>(json!({
        "errors": ["odd", {"code": "NotFound"}, {"code": "ConsentRequired", "required_scopes": ["s"]}, {"authorization_parameters": {}}],
    }))
    .await;
    assert_eq!(Gare::from_error(&error).unwrap().code, "ConsentRequired");
    assert_eq!(codes(&error), ["ConsentRequired", "AuthorizationRequired"]);
}

#[tokio::test]
async fn a_root_alone_is_found_once() {
    for errors in [json!(null), json!([]), json!("odd"), json!([3])] {
        let error = refusal::<Transfer>(json!({"authorization_parameters": {}, "errors": errors})).await;
        assert_eq!(codes(&error), ["AuthorizationRequired"], "{errors}");
    }
}

#[tokio::test]
async fn flows_says_it_in_the_root() {
    let error = refusal::<Flows>(json!({
        "code": "AuthenticationPolicyRequired",
        "authorization_parameters": {"session_required_policies": ["p"]},
        "error": {"code": "AUTHENTICATION_POLICY_REQUIRED", "detail": "Log in"},
    }))
    .await;
    assert_eq!(error.code(), Some("AUTHENTICATION_POLICY_REQUIRED"));
    assert_eq!(Gare::from_error(&error).unwrap().code, "AuthenticationPolicyRequired");
    assert_eq!(codes(&error), ["AuthenticationPolicyRequired"]);
}

#[tokio::test]
async fn flows_says_it_in_its_error() {
    let error = refusal::<Flows>(json!({
        "error": {"code": "ConsentRequired", "detail": "Consent", "required_scope": "s"},
        "debug_id": "d1",
    }))
    .await;
    let gare = Gare::from_error(&error).unwrap();
    assert_eq!(gare.authorization_parameters.required_scopes.as_deref().unwrap(), ["s"]);
    assert_eq!(codes(&error), ["ConsentRequired"]);
}

#[tokio::test]
async fn auth_says_it_beside_its_errors() {
    let forbidden = refusal::<Auth>(json!({
        "errors": [{"detail": "To access this project …", "id": "cc9", "title": "Forbidden", "status": "403", "code": "FORBIDDEN"}],
        "error": "forbidden",
        "error_description": "Forbidden",
        "authorization_parameters": {"session_required_identities": ["i"], "session_message": "m"},
    }))
    .await;
    let gare = Gare::from_error(&forbidden).unwrap();
    assert_eq!(gare.code, "AuthorizationRequired");
    assert_eq!(gare.authorization_parameters.session_required_identities.as_deref().unwrap(), ["i"]);

    let dependent = refusal::<Auth>(json!({
        "error": "dependent_consent_required",
        "errors": [{"code": "DEPENDENT_CONSENT_REQUIRED", "id": "90aa", "unapproved_scopes": ["u"]}],
    }))
    .await;
    assert_eq!(codes(&dependent), ["ConsentRequired"]);
}

#[tokio::test]
async fn compute_adds_it_at_the_root() {
    let error = refusal::<Compute>(json!({
        "status": "Failed", "code": "POLICY", "http_status_code": 403, "detail": "no", "reason": "Log in again",
        "authorization_parameters": {"session_required_policies": ["p"]},
    }))
    .await;
    assert_eq!(Gare::from_error(&error).unwrap().extra().get("reason"), Some(&json!("Log in again")));
}

#[tokio::test]
async fn the_status_does_not_matter() {
    let document = json!({"code": "ExternalError.DirListingFailed.LoginFailed", "message": "m", "authorization_parameters": {}});
    let error = answer::<Transfer>(Reply::json(400, document.to_string())).await;
    assert!(is_gare(&error));
}

#[tokio::test]
async fn a_wrapped_error_says_it_too() {
    let inner = refusal::<Auth>(json!({
        "error": "dependent_consent_required",
        "errors": [{"unapproved_scopes": ["u"]}],
    }))
    .await;
    let error = Error::new(ErrorKind::Auth, "no token for Transfer").with_source(inner);
    assert_eq!(Gare::from_error(&error).unwrap().code, "ConsentRequired");
    assert_eq!(codes(&error), ["ConsentRequired"]);
}

#[tokio::test]
async fn other_errors_say_nothing() {
    let not_found = refusal::<Transfer>(json!({"code": "NotFound", "message": "m"})).await;
    let page = answer::<Transfer>(Reply::raw(403, "<html>").header("content-type", "text/html")).await;
    let hidden = Reply::raw(403, r#"{"authorization_parameters":{}}"#).header("content-type", "text/plain");
    let list = refusal::<Transfer>(json!([{"authorization_parameters": {}}])).await;
    let local = Error::invalid_input("no");
    let errors = [not_found, page, answer::<Transfer>(hidden).await, list, local];
    for error in &errors {
        assert!(!is_gare(error), "{error}");
        assert!(Gare::all_from_error(error).is_empty(), "{error}");
    }
    assert!(!has_gares(&errors));
    let gare = refusal::<Transfer>(json!({"authorization_parameters": {}})).await;
    assert!(has_gares(errors.iter().chain([&gare])));
}
