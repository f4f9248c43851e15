//! What the suites share.

use globus_core::test_util::{ReplayTransport, Reply};
use globus_transfer::TransferClient;
use serde_json::{Value, json};

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
