//! Tools for tests of code that uses the SDK: a transport that replays answers, a clock to turn by hand, and
//! [documents taken apart](mutation).

pub mod mutation;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use crate::{
    Clock, Result, Timestamp,
    transport::{Request, Response, Transport, TransportError, TransportErrorKind},
};

/// Answers requests from a list, in order, and remembers what was asked. Touches no network.
///
/// Cheap to clone; clones share the list. A request after the last answer fails like a refused connection.
///
/// ```
/// # use globus_core::test_util::{Reply, ReplayTransport};
/// let replay = ReplayTransport::new([
///     Reply::json(503, "{}").header("retry-after", "1"),
///     Reply::json(200, r#"{"task_id": "x"}"#),
/// ]);
/// // … give `replay.clone()` to a client's builder, call it, then look at `replay.requests()`.
/// assert_eq!(replay.requests().len(), 0);
/// ```
#[derive(Clone, Default)]
pub struct ReplayTransport(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    recorded: Vec<RecordedRequest>,
}

/// Is one answer that a [`ReplayTransport`] gives.
#[derive(Debug, Clone)]
pub struct Reply(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Answer { status: StatusCode, headers: HeaderMap, body: Bytes },
    Failure(TransportErrorKind),
    Truncated { status: StatusCode },
}

impl Reply {
    /// Answers with a JSON document.
    ///
    /// # Panics
    /// When the status is none (100 to 999).
    #[must_use]
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::raw(status, body.into()).header("content-type", "application/json")
    }

    /// Answers with bytes, without any header.
    ///
    /// # Panics
    /// When the status is none (100 to 999).
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that is written wrongly should stop")]
    pub fn raw(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("an HTTP status");
        Self(Kind::Answer { status, headers: HeaderMap::new(), body: body.into() })
    }

    /// Gives no answer, for this reason.
    #[must_use]
    pub fn failure(kind: TransportErrorKind) -> Self {
        Self(Kind::Failure(kind))
    }

    /// Breaks the connection in the middle of the body.
    ///
    /// # Panics
    /// When the status is none (100 to 999).
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that is written wrongly should stop")]
    pub fn truncated(status: u16) -> Self {
        Self(Kind::Truncated { status: StatusCode::from_u16(status).expect("an HTTP status") })
    }

    /// Adds a header to the answer.
    ///
    /// # Panics
    /// When the name or the value cannot be a header.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that is written wrongly should stop")]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Kind::Answer { headers, .. } = &mut self.0 {
            let name: HeaderName = name.parse().expect("a header name");
            headers.append(name, HeaderValue::from_str(value).expect("a header value"));
        }
        self
    }
}

/// Holds a request that a [`ReplayTransport`] was asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The verb.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// The headers, credentials included.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// Gives a header's value as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Gives the body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.url, self.text())
    }
}

impl ReplayTransport {
    /// Makes a transport that gives these answers.
    #[must_use]
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self(Arc::new(Mutex::new(Script { replies: replies.into_iter().collect(), recorded: Vec::new() })))
    }

    /// Adds an answer at the end of the list.
    pub fn push(&self, reply: Reply) {
        self.script().replies.push_back(reply);
    }

    /// Gives what was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.script().recorded.clone()
    }

    /// Counts the answers that are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.script().replies.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayTransport").field("left", &self.left()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReplayTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = request.body.to_bytes().await.map_err(|error| {
            TransportError::new(TransportErrorKind::Request, "the request body could not be produced")
                .with_source(error)
        })?;
        let mut script = self.script();
        script.recorded.push(RecordedRequest {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body,
        });
        match script.replies.pop_front().map(|reply| reply.0) {
            Some(Kind::Answer { status, headers, body }) => Ok(Response::new(status, headers, body)),
            Some(Kind::Failure(kind)) => {
                Err(TransportError::new(kind, format!("replayed failure: {kind:?}")))
            }
            Some(Kind::Truncated { status }) => {
                let mut response = Response::new(status, HeaderMap::new(), Bytes::new());
                response.body = crate::transport::ResponseBody::from_stream(Broken);
                Ok(response)
            }
            None => Err(TransportError::new(TransportErrorKind::Connect, "the replay has no answer left")),
        }
    }
}

/// A body that breaks at once.
struct Broken;

impl futures_core::Stream for Broken {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(TransportError::new(
            TransportErrorKind::Io,
            "the answer was cut short",
        ))))
    }
}

/// Tells a time that stands still until it is turned.
///
/// Cheap to clone; clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// Makes a clock that stands at this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// Turns the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a request in one line, for tables of expectations: `POST /v0.10/x?a=1 {"b":2}`.
///
/// The path is the one after the client's base URL's host; query values are shown decoded. A streamed body shows as
/// `<stream>`.
///
/// ```
/// # use globus_core::{test_util::shape, transport::Request};
/// # use http::Method;
/// let request = Request::new(Method::GET, "https://example.org/v1/x?q=a+b".parse().unwrap());
/// assert_eq!(shape(Ok(request)), "GET /v1/x?q=a b");
/// ```
#[must_use]
pub fn shape(request: Result<Request>) -> String {
    let request = match request {
        Ok(request) => request,
        Err(error) => return format!("error: {error}"),
    };
    let mut text = format!("{} {}", request.method, request.url.path());
    for (position, (name, value)) in request.url.query_pairs().enumerate() {
        text.push(if position == 0 { '?' } else { '&' });
        text.extend([&*name, "=", &*value]);
    }
    match &request.body {
        crate::transport::Body::Empty => {}
        crate::transport::Body::Bytes(bytes) => {
            text.push(' ');
            text.push_str(&String::from_utf8_lossy(bytes));
        }
        crate::transport::Body::Stream(_) => text.push_str(" <stream>"),
    }
    text
}
