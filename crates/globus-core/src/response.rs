//! Answers, whole.

use std::{fmt, ops::Deref};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::{Call, Error, ErrorKind, Result, error::describe_decode_failure, transport::is_redirect};

/// Holds a successful answer as it came, not yet read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
}

impl Answer {
    pub(crate) fn decode<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        decode(self.status, &self.headers, &self.body).map_err(|error| {
            let error = error.with_call(&call.0.method, call.0.template.clone()).with_attempts(self.attempts);
            // What could not be read may still hold a token.
            if call.0.confidential { error } else { error.with_body(self.body.clone()) }
        })
    }
}

fn decode<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Result<T> {
    let whole = if body.is_empty() { &Bytes::from_static(b"null") } else { body };
    serde_json::from_slice(whole).map_err(|error| {
        if let Some(place) = redirected_to(status, headers) {
            let status = status.as_u16();
            let message =
                format!("{status} redirects it to {place}, which is not followed: check the base URL");
            return Error::new(ErrorKind::Decode, message);
        }
        let problem = describe_decode_failure::<T>(body, &error);
        let content_type =
            headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("none");
        let message = format!(
            "{} but not the document expected: {problem} (content type {content_type}, {} bytes)",
            status.as_u16(),
            body.len()
        );
        Error::new(ErrorKind::Decode, message)
    })
}

/// Says where a redirect leads that was not followed; without path and query, which may hold secrets.
fn redirected_to(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let location = headers.get(http::header::LOCATION).filter(|_| is_redirect(status))?;
    Some(match Url::parse(location.to_str().ok()?) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => "another path".to_owned(),
    })
}

/// Holds a successful answer whole: status, headers, the raw body, and the document read from it.
///
/// Reads like the document: `response.task_id` is `response.data().task_id`.
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    attempts: u32,
    document: T,
}

impl<T> Response<T> {
    pub(crate) fn new(answer: Answer, document: T) -> Self {
        let Answer { status, headers, body, attempts } = answer;
        Self { status, headers, body, attempts, document }
    }

    /// Gives the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Gives the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Gives the body as it came.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        &self.body
    }

    /// Reads the whole body as JSON, members included that the document has no place for.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the body is not JSON.
    pub fn json(&self) -> Result<Value> {
        decode(self.status, &self.headers, &self.body).map_err(|error| error.with_body(self.body.clone()))
    }

    /// Gives the service's id of the request, where it says one: the member `request_id` of the body or of its `meta`, or
    /// the header `x-request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct WithId {
            request_id: Option<String>,
            meta: Option<Value>,
        }
        serde_json::from_slice::<WithId>(&self.body)
            .ok()
            .and_then(|body| {
                body.request_id.or_else(|| Some(body.meta?.get("request_id")?.as_str()?.to_owned()))
            })
            .or_else(|| Some(self.headers.get("x-request-id")?.to_str().ok()?.to_owned()))
    }

    /// Counts how often the request was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Gives the document.
    #[must_use]
    pub fn data(&self) -> &T {
        &self.document
    }

    /// Gives the document away.
    #[must_use]
    pub fn into_data(self) -> T {
        self.document
    }

    /// Makes another document of this one; status, headers and body stay.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Response<U> {
        let Self { status, headers, body, attempts, document } = self;
        Response { status, headers, body, attempts, document: make(document) }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.document
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}
