//! How bytes get to a service and back.

mod body;
mod http;
mod redirect;
#[cfg(feature = "rustls")]
mod tls;

use std::{error::Error as StdError, fmt};

use ::http::{HeaderMap, Method, StatusCode};
use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

pub use self::{
    body::{Body, BodySource, BodyStream, ResponseBody},
    http::{HttpTransport, HttpTransportBuilder},
};
pub(crate) use self::{
    http::place,
    redirect::{follow, is_redirect},
};

/// Sends one request and gives the answer to it: no retry, no redirects, no credentials of its own, and no limit of
/// time, which callers set by dropping the future.
///
/// The SDK's is [`HttpTransport`]; tests put a replay in its place (feature `test-util`).
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request. Any answer, also one with an error status, is `Ok`.
    ///
    /// # Errors
    /// When there is no answer: see [`TransportError::kind`].
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (**self).send(request).await
    }
}

/// Holds one HTTP request, ready to send.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The headers, credentials included.
    pub headers: HeaderMap,
    /// What to send.
    pub body: Body,
}

impl Request {
    /// Makes a request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Body::Empty }
    }
}

/// Shows neither query values nor the values of headers.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.url.clone();
        url.set_query(None);
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &url.as_str())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Holds the answer to one HTTP request, its body not yet read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: ResponseBody,
}

impl Response {
    /// Makes an answer.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: ResponseBody::from(body.into()) }
    }
}

/// Says why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Says at which step a request failed to get an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The service could not be reached: no address, no connection, no TLS. Nothing was sent.
    Connect,
    /// Time ran out while connecting. Nothing was sent.
    ConnectTimeout,
    /// Time ran out after the connection stood.
    Timeout,
    /// The connection broke, or the answer was cut short.
    Io,
    /// The request cannot be sent as it is: its address, or its body, which failed to produce bytes.
    Request,
}

impl TransportError {
    /// Makes an error.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Adds what lies beneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says at which step it failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// True when it is certain that no byte of the request reached the service.
    #[must_use]
    pub fn is_never_sent(&self) -> bool {
        matches!(self.kind, TransportErrorKind::Connect | TransportErrorKind::ConnectTimeout)
    }
}

impl From<TransportError> for crate::Error {
    fn from(error: TransportError) -> Self {
        let kind = match error.kind {
            TransportErrorKind::Connect => crate::ErrorKind::Connect,
            TransportErrorKind::ConnectTimeout | TransportErrorKind::Timeout => crate::ErrorKind::Timeout,
            TransportErrorKind::Io => crate::ErrorKind::Io,
            TransportErrorKind::Request => crate::ErrorKind::InvalidInput,
        };
        let never_sent = error.is_never_sent();
        let converted = Self::new(kind, error.message).with_never_sent(never_sent);
        match error.source {
            Some(source) => converted.with_source(source),
            None => converted,
        }
    }
}
