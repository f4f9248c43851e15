//! What the suites share.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_core::{
    test_util::{ReplayTransport, Reply},
    transport::{Request, Response, Transport, TransportError},
};
use globus_transfer::TransferClient;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) const SOURCE: &str = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
pub(crate) const DESTINATION: &str = "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01";
pub(crate) const TASK: &str = "e9d24a40-6a61-11f0-8b6d-0affc0000001";
pub(crate) const SUBMISSION: &str = "c1f5d7b0-6a61-11f0-9d3e-0242ac120002";
pub(crate) const OTHER_SUBMISSION: &str = "0d0b2f3a-6a62-11f0-9d3e-0242ac120002";

/// A client that replays these answers.
pub(crate) fn client(replay: &ReplayTransport) -> TransferClient {
    TransferClient::builder()
        .base_url("https://transfer.example.org/")
        .transport(replay.clone())
        .build()
        .unwrap()
}

/// A client of a service that answers nothing.
pub(crate) fn silent() -> TransferClient {
    client(&ReplayTransport::default())
}

/// A client of a real socket.
pub(crate) fn client_at(url: &str) -> TransferClient {
    TransferClient::builder().base_url(url).build().unwrap()
}

pub(crate) fn replay(replies: impl IntoIterator<Item = Reply>) -> ReplayTransport {
    ReplayTransport::new(replies)
}

pub(crate) fn ok(document: &Value) -> Reply {
    Reply::json(200, document.to_string())
}

pub(crate) fn error(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({"code": code, "message": "no", "request_id": "r1"}).to_string())
}

pub(crate) fn submission_id(id: &str) -> Reply {
    ok(&json!({"DATA_TYPE": "submission_id", "value": id}))
}

pub(crate) fn accepted(code: &str) -> Reply {
    Reply::json(
        202,
        json!({"DATA_TYPE": "transfer_result", "code": code, "submission_id": SUBMISSION, "task_id": TASK})
            .to_string(),
    )
}

/// One request, as a service of one's own sees it.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Answering = dyn Fn(&Asked) -> (u16, Value) + Send + Sync;

/// A service that answers as a function says, after a time; remembers when it was asked.
#[derive(Clone)]
pub(crate) struct Answers {
    latency: Duration,
    answer: Arc<Answering>,
    pub(crate) times: Arc<Mutex<Vec<Instant>>>,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    pub(crate) fn new(answer: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let (times, lines) = (Arc::default(), Arc::default());
        Self { latency: Duration::ZERO, answer: Arc::new(answer), times, lines }
    }

    pub(crate) fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    pub(crate) fn client(&self) -> TransferClient {
        TransferClient::builder()
            .base_url("https://transfer.example.org/")
            .transport(self.clone())
            .retry(globus_core::RetryPolicy::never())
            .build()
            .unwrap()
    }

    /// The requests so far, as `GET /path`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers")
    }
}

#[async_trait::async_trait]
impl Transport for Answers {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.times.lock().unwrap().push(Instant::now());
        tokio::time::sleep(self.latency).await;
        let body = request.body.to_bytes().await.unwrap();
        let asked = Asked {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: request.url.query_pairs().into_owned().collect(),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        };
        self.lines.lock().unwrap().push(format!("{} {}", asked.method, asked.path));
        let (status, answer) = (self.answer)(&asked);
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Ok(Response::new(StatusCode::from_u16(status).unwrap(), headers, answer.to_string()))
    }
}

/// The body of an error.
pub(crate) fn refusal(code: &str, message: &str) -> Value {
    json!({"code": code, "message": message, "request_id": "r1"})
}
