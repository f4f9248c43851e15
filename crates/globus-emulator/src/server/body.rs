//! Request bodies, read so that each service can word its own refusal.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;

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

/// Reads a document, which is an object. What is wrong with it is said with its place.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match serde_json::from_slice(bytes) {
        Ok(Object(document)) => Ok(document),
        Err(error) if error.classify() == Category::Data => {
            Err(format!("Invalid document: {}", fault::<T>(bytes).unwrap_or_else(|| error.to_string())))
        }
        Err(error) => Err(format!("Could not parse JSON: {error}")),
    }
}

/// Says which member of a document is wrong. That takes time, so a document is read like this when it has failed.
fn fault<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, Object<T>>(&mut reader).err()?;
    let place = error.path().to_string();
    Some(if place == "." {
        error.into_inner().to_string()
    } else {
        format!("{place}: {}", error.into_inner())
    })
}

/// An object. Structures alone would take an array of their members, too.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}
