//! The name of one request, in its answer and in the journal.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::random;

/// A short random name such as `ZJJXZkYJj`. Handlers take it as an argument to put it into their documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    pub(crate) fn random() -> RequestId {
        RequestId(random::alphanumeric(9))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<RequestId>().cloned().unwrap_or_else(RequestId::random))
    }
}
