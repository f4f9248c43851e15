//! Request bodies, read so that each service can word its own refusal.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde_json::Value;

/// Why a request body cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyFault {
    #[error("The request body is larger than this service takes")]
    TooLarge,
    #[error("Could not read the request body")]
    Unreadable,
    #[error("Could not parse JSON: {0}")]
    NotJson(String),
    #[error("The request body must be a form (application/x-www-form-urlencoded): {0}")]
    NotForm(String),
}

impl BodyFault {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            BodyFault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<BytesRejection> for BodyFault {
    fn from(rejection: BytesRejection) -> BodyFault {
        match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                BodyFault::TooLarge
            }
            _ => BodyFault::Unreadable,
        }
    }
}

/// The JSON of a request, or what is wrong with it.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Result<Value, BodyFault>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let bytes = Bytes::from_request(request, state).await;
        Ok(JsonBody(match bytes {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| BodyFault::NotJson(error.to_string()))
            }
            Err(rejection) => Err(rejection.into()),
        }))
    }
}
