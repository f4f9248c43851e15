//! Paths that can be read.

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::json;

/// Answers for the services when a path is no text: they never see it. Files by URL see it, whose names need be no text,
/// and Transfer, which has an answer in two forms.
pub(super) async fn readable(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let own_answer = path.starts_with("/https/") || path.starts_with("/transfer/");
    if own_answer || percent_decode_str(path).decode_utf8().is_ok() {
        return next.run(request).await;
    }
    let text = format!("The path {path} is not UTF-8");
    let document = if path.starts_with("/flows/") {
        json!({"error": {"code": "BAD_REQUEST", "detail": text}})
    } else {
        json!({"code": "BadRequest", "message": text})
    };
    (StatusCode::BAD_REQUEST, Json(document)).into_response()
}
