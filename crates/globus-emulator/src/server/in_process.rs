//! Requests from one service of the emulator to another, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::OriginalUri;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::state::State;

/// The largest answer that one service takes of another.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How many runs stand above what a request asks for, each started by the one before. Nobody outside can say so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Depth(pub(crate) usize);

/// Sends a request to the router of a service, as if it had come to `/SERVICE/…`. An answer that is no JSON counts as
/// `null`.
pub(crate) async fn call(
    state: &Arc<State>,
    service: (&str, Router<Arc<State>>),
    method: Method,
    path_and_query: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    call_below(Depth::default(), state, service, method, path_and_query, token, body).await
}

/// The same from a run that others stand above.
pub(crate) async fn call_below(
    depth: Depth,
    state: &Arc<State>,
    (service, router): (&str, Router<Arc<State>>),
    method: Method,
    path_and_query: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let mut request = Request::builder().extension(depth).method(method).uri(path_and_query);
    // What asks where a request went, such as a demand of a test, sees the path that a client would have asked for.
    if let Ok(uri) = format!("{service}{path_and_query}").parse() {
        request = request.extension(OriginalUri(uri));
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = match body {
        Some(body) => {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        }
        None => request.body(Body::empty()),
    };
    let Ok(request) = request else {
        return (
            StatusCode::BAD_REQUEST,
            json!({"code": "BadRequest", "message": "The path cannot be asked for"}),
        );
    };
    let Ok(response) = router.with_state(Arc::clone(state)).oneshot(request).await;
    let status = response.status();
    let bytes = body::to_bytes(response.into_body(), LARGEST_ANSWER).await.unwrap_or_default();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
