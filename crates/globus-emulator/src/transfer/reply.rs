//! Answers: documents, results and errors, with the members and headers that the service adds to each.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::auth::Gare;
use crate::auth::verify::Denied;
use crate::server::RequestId;

/// Why a request failed, in the dialect of the Transfer service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransferError {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// Members beside `code` and `message`.
    pub(crate) extra: Map<String, Value>,
}

impl TransferError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> TransferError {
        TransferError { status, code: Cow::Borrowed(code), message: message.into(), extra: Map::new() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> TransferError {
        TransferError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> TransferError {
        TransferError::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// A bug or a broken machine: the worker of a request died.
    pub(crate) fn internal(error: &dyn std::error::Error) -> TransferError {
        tracing::error!(%error, "a request failed inside the emulator");
        TransferError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "Internal error of the emulator",
        )
    }
}

impl From<Denied> for TransferError {
    fn from(denied: Denied) -> TransferError {
        match denied {
            Denied::Missing => TransferError::new(
                StatusCode::UNAUTHORIZED,
                "ClientError.AuthenticationFailed",
                "No credentials supplied: the Authorization header with a bearer token is missing",
            ),
            Denied::Invalid => {
                TransferError::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", "Token is not active")
            }
            Denied::MissingScope { needed } => TransferError::new(
                StatusCode::FORBIDDEN,
                "PermissionDenied",
                format!("The token lacks the scope {}", needed.join(" or ")),
            ),
        }
    }
}

impl From<Gare> for TransferError {
    fn from(gare: Gare) -> TransferError {
        TransferError {
            status: Gare::STATUS,
            code: Cow::Owned(gare.code.clone()),
            extra: gare.members(),
            message: gare.message,
        }
    }
}

impl TransferError {
    fn into_members(self) -> Map<String, Value> {
        let mut members = self.extra;
        members.insert("code".into(), self.code.into_owned().into());
        members.insert("message".into(), self.message.into());
        members
    }

    /// What is said of it, to whoever asked without a request.
    pub(crate) fn into_document(self) -> Value {
        Value::Object(self.into_members())
    }
}

impl IntoResponse for TransferError {
    fn into_response(self) -> Response {
        Outcome { status: self.status, members: self.into_members() }.into_response()
    }
}

/// A document that says what became of a request; it gets a request id and the resource.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    status: StatusCode,
    members: Map<String, Value>,
}

impl Outcome {
    pub(crate) fn new(status: StatusCode, data_type: &str, code: &str, message: &str) -> Outcome {
        let mut members = Map::new();
        members.insert("DATA_TYPE".into(), data_type.into());
        members.insert("code".into(), code.into());
        members.insert("message".into(), message.into());
        Outcome { status, members }
    }

    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Outcome {
        self.members.insert(name.into(), value.into());
        self
    }
}

impl IntoResponse for Outcome {
    /// The body is written by [`finish`], which knows the request.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A document of the service, cut down to the members that the client asked for.
#[derive(Debug)]
pub(crate) struct Document(Vec<u8>);

impl Document {
    /// Writes one document; `fields` names the members that stay.
    pub(crate) fn new(
        document: &impl Serialize,
        fields: Option<&HashSet<&str>>,
    ) -> Result<Document, TransferError> {
        Document::write(document, fields, cut)
    }

    /// Writes a list; `fields` names the members of its items that stay.
    pub(crate) fn list(
        document: &impl Serialize,
        fields: Option<&HashSet<&str>>,
    ) -> Result<Document, TransferError> {
        Document::write(document, fields, |list, fields| {
            if let Some(Value::Array(items)) = list.get_mut("DATA") {
                for item in items {
                    cut(item, fields);
                }
            }
        })
    }

    fn write(
        document: &impl Serialize,
        fields: Option<&HashSet<&str>>,
        cut: impl Fn(&mut Value, &HashSet<&str>),
    ) -> Result<Document, TransferError> {
        let bytes = match fields {
            None => serde_json::to_vec(document),
            Some(fields) => serde_json::to_value(document).and_then(|mut value| {
                cut(&mut value, fields);
                serde_json::to_vec(&value)
            }),
        };
        bytes.map(Document).map_err(|error| TransferError::internal(&error))
    }
}

/// A document that a request has made.
#[derive(Debug)]
pub(crate) struct Created(pub(crate) Value);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

fn cut(value: &mut Value, fields: &HashSet<&str>) {
    if let Value::Object(members) = value {
        members.retain(|name, _| name == "DATA_TYPE" || fields.contains(name.as_str()));
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

/// Adds to each answer what the service adds: request id, resource and headers.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    let RequestId(id) = request.extensions().get().cloned().unwrap_or_else(RequestId::random);
    let path = request.uri().path();
    let resource = path.strip_prefix("/v0.10").unwrap_or(path).to_owned();
    let newer = path.starts_with("/v2/");
    let mut response = next.run(request).await;
    if let Some(outcome) = response.extensions_mut().remove::<Arc<Outcome>>() {
        let mut members = Arc::unwrap_or_clone(outcome).members;
        let failed = !response.status().is_success();
        let code =
            members.get("code").and_then(Value::as_str).and_then(|code| HeaderValue::from_str(code).ok());
        let waits = response.headers_mut().remove(header::RETRY_AFTER);
        let document = if newer {
            json_api(response.status(), members, &id)
        } else {
            members.insert("request_id".into(), id.into());
            members.insert("resource".into(), resource.into());
            Value::Object(members)
        };
        response = (response.status(), Json(document)).into_response();
        if let Some(wait) = waits {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if failed && let Some(code) = code {
            response.headers_mut().insert(HeaderName::from_static("x-transfer-api-error"), code);
        }
    }
    for (name, value) in [
        ("x-transfer-api-version", "0.10"),
        ("x-transfer-api-koa-version", "5.8"),
        ("cache-control", "no-cache"),
        ("pragma", "no-cache"),
        ("expires", "0"),
        ("access-control-allow-origin", "*"),
    ] {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// An error in the form of the newer API.
fn json_api(status: StatusCode, mut members: Map<String, Value>, request_id: &str) -> Value {
    if let Some(message) = members.remove("message") {
        members.insert("detail".into(), message);
    }
    members.insert("status".into(), status.as_u16().into());
    json!({ "errors": [members], "meta": { "request_id": request_id } })
}
