//! Over a real socket: what is sent, and the service's dialect of errors.

use std::time::Duration;

use async_trait::async_trait;
use globus_core::Authorizer;
use globus_flows::{Error, ErrorKind, FlowUpdate, FlowsClient, Result, RetryPolicy};
use http::HeaderValue;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, body_json, header, method, path, query_param},
};

use crate::common::{FLOW, flow_document, new_flow, page};

#[derive(Debug)]
struct Token;

#[async_trait]
impl Authorizer for Token {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(HeaderValue::from_static("Bearer Ag123")))
    }
}

fn client(server: &MockServer) -> FlowsClient {
    FlowsClient::builder()
        .base_url(server.uri())
        .authorizer(Token)
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// The error that this answer becomes.
async fn failure(status: u16, body: &str, content_type: &str) -> Error {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_raw(body, content_type);
    Mock::given(any()).respond_with(answer).expect(1).mount(&server).await;
    client(&server).get_flow(FLOW).send().await.unwrap_err()
}

async fn refusal(status: u16, body: Value) -> Error {
    failure(status, &body.to_string(), "application/json").await
}

#[tokio::test]
async fn requests_arrive_as_they_should() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/flows"))
        .and(header("authorization", "Bearer Ag123"))
        .and(header("content-type", "application/json"))
        .and(body_json(
            json!({"title": "Nightly", "definition": crate::common::definition(), "input_schema": {}}),
        ))
        .respond_with(ResponseTemplate::new(201).set_body_json(flow_document()))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path(format!("/flows/{FLOW}")))
        .and(body_json(json!({"title": "t"})))
        .respond_with(ResponseTemplate::new(200).set_body_json(flow_document()))
        .expect(1)
        .mount(&server)
        .await;
    let flows = client(&server);
    let created = flows.create_flow(new_flow()).send_full().await.unwrap();
    assert_eq!(created.status().as_u16(), 201);
    assert_eq!(created.json().unwrap(), flow_document());
    flows.update_flow(FLOW, FlowUpdate::new().title("t")).send().await.unwrap();
}

#[tokio::test]
async fn markers_survive_the_wire() {
    let server = MockServer::start().await;
    let marker = "a/b+c=&d e%20ü";
    Mock::given(path("/flows"))
        .and(query_param("marker", marker))
        .respond_with(ResponseTemplate::new(200).set_body_json(page(&["b"], None)))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/flows"))
        .respond_with(ResponseTemplate::new(200).set_body_json(page(&["a"], Some(marker))))
        .up_to_n_times(1)
        .with_priority(9)
        .mount(&server)
        .await;
    let found = client(&server).list_flows().items().try_collect().await.unwrap();
    assert_eq!(found.iter().map(|flow| flow.title.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn a_detail_that_is_text() {
    let error = refusal(
        404,
        json!({"error": {"code": "NOT_FOUND", "detail": "No Flow exists with id value 1"}, "debug_id": "5d0a9f0e"}),
    )
    .await;
    assert!(error.is_not_found() && error.is_code("NOT_FOUND"));
    assert_eq!(
        error.to_string(),
        "GET /flows/{flow_id}: 404 Not Found: NOT_FOUND: No Flow exists with id value 1 (request id 5d0a9f0e)"
    );
}

#[tokio::test]
async fn a_detail_that_is_a_list() {
    let error = refusal(
        422,
        json!({"error": {
            "code": "UNPROCESSABLE_ENTITY",
            "message": "2 validation errors in body. …",
            "detail": [
                {"loc": ["definition", "States"], "msg": "field required", "type": "value_error.missing"},
                {"loc": ["flow_administrators", 0], "msg": "Unrecognized principal string: \"x\".", "type": "value_error"},
            ],
        }}),
    )
    .await;
    let api = error.api().unwrap();
    assert_eq!(api.status().as_u16(), 422);
    assert_eq!(
        api.messages(),
        ["field required: definition.States", "Unrecognized principal string: \"x\".: flow_administrators.0"]
    );
    assert!(!error.is_retryable() && error.request_id().is_none());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let scope = refusal(403, json!({"error": {"code": "MISSING_SCOPE", "detail": "view_flows"}})).await;
    assert!(scope.is_permission_denied() && scope.is_code("MISSING_SCOPE"));
    let role =
        refusal(403, json!({"error": {"code": "FORBIDDEN", "detail": "Missing permissions: UPDATE."}})).await;
    assert!(role.is_permission_denied() && !role.needs_consent());
    let token = refusal(401, json!({"error": {"code": "AUTHENTICATION_ERROR", "detail": "Expired"}})).await;
    assert!(token.is_unauthorized());
    let clash = refusal(409, json!({"error": {"code": "SCOPE_RESOLUTION_FAILED", "detail": "x"}})).await;
    assert!(clash.is_conflict());
    let policy = refusal(
        403,
        json!({
            "error": {"code": "AUTHENTICATION_POLICY_REQUIRED", "detail": "log in again"},
            "code": "AuthenticationPolicyRequired",
            "authorization_parameters": {"session_required_policies": ["p"]},
        }),
    )
    .await;
    let parameters = &policy.api().unwrap().json().unwrap()["authorization_parameters"];
    assert_eq!(parameters["session_required_policies"], json!(["p"]));
}

#[tokio::test]
async fn what_is_no_json_is_told_as_that() {
    let error = failure(502, "<html>Bad Gateway</html>", "text/html").await;
    assert_eq!(
        error.to_string(),
        "GET /flows/{flow_id}: 502 Bad Gateway: the answer is no JSON document (text/html, 24 bytes)"
    );
    assert!(error.is_retryable());
    let portal = failure(200, "<html>Please log in</html>", "text/html").await;
    assert_eq!(portal.kind(), ErrorKind::Decode);
    assert_eq!(portal.raw_body(), Some(&b"<html>Please log in</html>"[..]));
    let other = failure(200, r#"{"title": "no id"}"#, "application/json").await;
    assert!(other.kind() == ErrorKind::Decode && other.to_string().contains("missing field `id`"), "{other}");
    let empty = failure(200, "", "application/json").await;
    assert_eq!(empty.kind(), ErrorKind::Decode);
    for odd in ["[]", "null", r#"{"error": "text"}"#, r#"{"error": {"code": 3, "detail": {}}}"#] {
        let error = failure(500, odd, "application/json").await;
        assert_eq!(error.status().unwrap().as_u16(), 500, "{odd}");
    }
}

#[tokio::test]
async fn no_error_tells_the_token_or_a_query() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(20));
    Mock::given(any()).respond_with(slow).mount(&server).await;
    let request =
        client(&server).list_flows().filter_fulltext("s3cret").with_timeout(Duration::from_millis(50));
    let error = request.send().await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cret") && !text.contains("Ag123"), "{text}");
}
