//! Request bodies: JSON, whatever the content type says.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::transfer::reply::TransferError;

/// A JSON document that a client sent.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = TransferError;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, TransferError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let message = rejection.body_text();
            match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    TransferError::new(StatusCode::PAYLOAD_TOO_LARGE, "ClientError.RequestTooLarge", message)
                }
                _ => TransferError::bad_request(message),
            }
        })?;
        // Large documents take seconds: other requests must not wait for them.
        if bytes.len() > LARGE {
            crate::transfer::blocking(move || parse(&bytes)).await
        } else {
            parse(&bytes)
        }
    }
}

const LARGE: usize = 256 * 1024;

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Body<T>, TransferError> {
    serde_json::from_slice(bytes).map(Body).map_err(|error| {
        TransferError::bad_request(match error.classify() {
            Category::Data => format!("Invalid document: {error}"),
            _ => format!("Could not parse JSON: {error}"),
        })
    })
}

/// Takes a member that must be there.
pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, TransferError> {
    value.ok_or_else(|| TransferError::bad_request(format!("'{name}' is required")))
}

/// A member that may be left out, where `null` says something else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Member<T> {
    #[default]
    Absent,
    Given(Option<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Member<T>, D::Error> {
        Option::deserialize(deserializer).map(Member::Given)
    }
}

/// Checks the type that a document says it has; it may leave it out.
pub(crate) fn check_data_type(given: Option<&str>, expected: &str) -> Result<(), TransferError> {
    match given {
        None => Ok(()),
        Some(given) if given == expected => Ok(()),
        Some(given) => {
            Err(TransferError::bad_request(format!("Invalid DATA_TYPE '{given}': expected '{expected}'")))
        }
    }
}
