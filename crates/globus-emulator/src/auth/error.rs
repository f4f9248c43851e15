//! The error documents of Globus Auth: plain OAuth ones, and the error array of everything else.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::gare::Gare;
use super::verify::Denied;
use crate::server::body::BodyFault;

/// An answer of Auth that is not a success.
#[derive(Debug)]
pub(crate) struct AuthError {
    status: StatusCode,
    body: Map<String, Value>,
}

impl AuthError {
    /// An OAuth error: `{"error": …, "error_description": …}`.
    pub(crate) fn oauth(status: StatusCode, error: &str, description: impl Into<String>) -> AuthError {
        let mut body = Map::new();
        body.insert("error".to_owned(), error.into());
        body.insert("error_description".to_owned(), description.into().into());
        AuthError { status, body }
    }

    /// `invalid_request`: a parameter is missing, repeated or malformed.
    pub(crate) fn invalid_request(description: impl Into<String>) -> AuthError {
        AuthError::oauth(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// `invalid_grant`: the code, verifier or refresh token is no good.
    pub(crate) fn invalid_grant(description: &str) -> AuthError {
        AuthError::oauth(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// `invalid_client`: no client, or not authenticated.
    pub(crate) fn invalid_client(description: &str) -> AuthError {
        AuthError::oauth(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// An error array with one error, the way of everything that is not plain OAuth.
    pub(crate) fn api(status: StatusCode, code: &str, detail: impl Into<String>) -> AuthError {
        let title = status.canonical_reason().unwrap_or("Error");
        let error = AuthError::oauth(status, &title.to_lowercase().replace(' ', "_"), title);
        error.with_errors(code, title, &detail.into())
    }

    /// An OAuth error that is in the error array too, where clients look for what to tell people.
    pub(crate) fn named(status: StatusCode, error: &str, description: &str) -> AuthError {
        let title = status.canonical_reason().unwrap_or("Error");
        let plain = AuthError::oauth(status, error, description);
        plain.with_errors(&error.to_uppercase(), title, description)
    }

    pub(super) fn with_errors(mut self, code: &str, title: &str, detail: &str) -> AuthError {
        let errors = json!([{
            "status": self.status.as_u16().to_string(),
            "id": Uuid::new_v4().simple().to_string(),
            "code": code,
            "title": title,
            "detail": detail,
        }]);
        self.body.insert("errors".to_owned(), errors);
        self
    }

    /// Adds a member to the one error in the array.
    pub(super) fn with_error_member(mut self, name: &str, value: Value) -> AuthError {
        if let Some(error) = self.body.get_mut("errors").and_then(|errors| errors.get_mut(0)) {
            error[name] = value;
        }
        self
    }

    /// The id or the secret in the `Authorization: Basic` header is wrong.
    pub(crate) fn basic_auth_failed() -> AuthError {
        AuthError::api(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Basic auth failed")
    }

    /// Nobody is named who could be asking.
    pub(crate) fn unauthenticated() -> AuthError {
        AuthError::api(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Call must be authenticated")
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> AuthError {
        AuthError::api(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> AuthError {
        AuthError::api(StatusCode::CONFLICT, "CONFLICT", detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> AuthError {
        AuthError::api(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> AuthError {
        AuthError::api(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
    }
}

impl From<Denied> for AuthError {
    fn from(denied: Denied) -> AuthError {
        match denied {
            Denied::Missing | Denied::Invalid => AuthError::unauthenticated(),
            Denied::MissingScope { needed } => {
                AuthError::forbidden(format!("The token lacks the scope: {}", needed.join(" or ")))
            }
        }
    }
}

impl From<Gare> for AuthError {
    fn from(gare: Gare) -> AuthError {
        let mut error = AuthError::api(Gare::STATUS, "FORBIDDEN", gare.message.clone());
        error.body.insert("authorization_parameters".to_owned(), gare.parameters.into());
        error
    }
}

impl From<BodyFault> for AuthError {
    fn from(fault: BodyFault) -> AuthError {
        let code = match fault.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
            _ => "BAD_REQUEST",
        };
        AuthError::api(fault.status(), code, fault.to_string())
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let unauthorized = self.status == StatusCode::UNAUTHORIZED;
        let mut response = (self.status, axum::Json(Value::Object(self.body))).into_response();
        if unauthorized {
            let challenge = HeaderValue::from_static("Basic realm=\"Globus Auth\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
