//! Request bodies: JSON, whatever the content type says.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use http::StatusCode;
use http_body::Body as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::server::body::read;
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

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = TransferError;

    /// Takes no document at all for one that was left out.
    async fn from_request(request: Request, state: &S) -> Result<Option<Body<T>>, TransferError> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Body<T> as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

const LARGE: usize = 256 * 1024;

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Body<T>, TransferError> {
    read(bytes).map(Body).map_err(TransferError::bad_request)
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

/// Checks the type of a document that is read member by member.
pub(crate) fn check_type_of(document: &Map<String, Value>, expected: &str) -> Result<(), TransferError> {
    check_data_type(text(document, "DATA_TYPE")?, expected)
}

/// The value of a member that is a text, or is not there.
pub(crate) fn text<'a>(
    document: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, TransferError> {
    typed(document, name, "a text", Value::as_str)
}

/// The value of a member that is `true` or `false`, or is not there.
pub(crate) fn flag(document: &Map<String, Value>, name: &str) -> Result<Option<bool>, TransferError> {
    typed(document, name, "true or false", Value::as_bool)
}

fn typed<'a, T>(
    document: &'a Map<String, Value>,
    name: &str,
    expected: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, TransferError> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value)
            .map(Some)
            .ok_or_else(|| TransferError::bad_request(format!("Invalid '{name}': expected {expected}"))),
    }
}
