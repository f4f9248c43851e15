//! Bodies: of requests, which can be sent again, and of answers, which are read once.

use std::{fmt, io, pin::Pin, sync::Arc, task::Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use super::{TransportError, TransportErrorKind};

/// Streams the bytes of a request body.
pub type BodyStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>;

/// Produces the bytes of a request body, from the start, as often as asked: a retry or a redirect sends them again.
pub trait BodySource: fmt::Debug + Send + Sync {
    /// Starts to produce the bytes.
    fn stream(&self) -> BodyStream;

    /// Gives the number of bytes, when it is known before they are made.
    fn len(&self) -> Option<u64> {
        None
    }

    /// Tells whether it is known that there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

/// Holds what a request sends.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Body {
    /// Sends nothing.
    #[default]
    Empty,
    /// Sends these bytes.
    Bytes(Bytes),
    /// Sends bytes as they are made.
    Stream(Arc<dyn BodySource>),
}

impl Body {
    /// Gives all the bytes, making those of a stream now. For tests and small bodies.
    ///
    /// # Errors
    /// When a stream fails to produce its bytes.
    pub async fn to_bytes(&self) -> io::Result<Bytes> {
        match self {
            Self::Empty => Ok(Bytes::new()),
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::Stream(source) => {
                let mut stream = source.stream();
                let mut all = BytesMut::new();
                while let Some(chunk) =
                    std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
                {
                    all.extend_from_slice(&chunk?);
                }
                Ok(all.freeze())
            }
        }
    }
}

/// Shows how much there is, not what.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(source) => match source.len() {
                Some(len) => write!(f, "stream of {len} bytes"),
                None => f.write_str("stream"),
            },
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

type ResponseStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Holds the body of an answer, to be read whole or piece by piece.
pub struct ResponseBody(Repr);

enum Repr {
    Bytes(Bytes),
    /// In a box: an answer travels through many hands before its body is read.
    Http(Box<reqwest::Response>),
    Stream(ResponseStream),
}

impl ResponseBody {
    /// Makes a body of pieces as they come.
    pub fn from_stream(stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Repr::Stream(Box::pin(stream)))
    }

    pub(super) fn from_http(response: reqwest::Response) -> Self {
        Self(Repr::Http(Box::new(response)))
    }

    /// Reads all that is left.
    ///
    /// # Errors
    /// [`TransportErrorKind::Io`] when the connection breaks before the end, [`TransportErrorKind::Timeout`] when
    /// it comes too late.
    pub async fn bytes(self) -> Result<Bytes, TransportError> {
        match self.0 {
            Repr::Bytes(bytes) => Ok(bytes),
            Repr::Http(response) => response.bytes().await.map_err(super::http::convert),
            Repr::Stream(mut stream) => {
                let mut all = BytesMut::new();
                while let Some(chunk) =
                    std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
                {
                    all.extend_from_slice(&chunk?);
                }
                Ok(all.freeze())
            }
        }
    }

    /// Gives the bytes of a body that has been read; of any other, none.
    pub(crate) fn read_already(self) -> Bytes {
        if let Repr::Bytes(bytes) = self.0 { bytes } else { Bytes::new() }
    }

    /// Reads the next piece; `None` at the end.
    ///
    /// # Errors
    /// As [`ResponseBody::bytes`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            Repr::Bytes(bytes) if bytes.is_empty() => Ok(None),
            Repr::Bytes(bytes) => Ok(Some(std::mem::take(bytes))),
            Repr::Http(response) => response.chunk().await.map_err(super::http::convert),
            Repr::Stream(stream) => {
                std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await.transpose()
            }
        }
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self(Repr::Bytes(bytes))
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Repr::Http(_) | Repr::Stream(_) => f.write_str("stream"),
        }
    }
}

/// Hands a [`BodyStream`] to the HTTP library.
pub(super) struct HttpBody {
    stream: BodyStream,
    len: Option<u64>,
}

impl HttpBody {
    pub(super) fn new(source: &dyn BodySource) -> Self {
        Self { stream: source.stream(), len: source.len() }
    }
}

impl http_body::Body for HttpBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        self.stream.as_mut().poll_next(context).map(|item| {
            item.map(|chunk| {
                chunk.map(http_body::Frame::data).map_err(|error| {
                    TransportError::new(TransportErrorKind::Request, "the request body could not be produced")
                        .with_source(error)
                })
            })
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.len.map_or_else(http_body::SizeHint::default, http_body::SizeHint::with_exact)
    }
}
