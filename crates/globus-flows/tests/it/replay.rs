//! What is tried again, and what is not. Time is paused: nothing waits.

use globus_core::{
    test_util::{ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use globus_flows::{FlowUpdate, RetryPolicy};

use crate::common::{FLOW, flow_document, new_flow, replayed};

fn flow() -> Reply {
    Reply::json(200, flow_document().to_string())
}

fn down() -> Reply {
    Reply::json(503, r#"{"error":{"code":"UNAVAILABLE","detail":"later"},"debug_id":"d"}"#)
}

fn broken() -> Reply {
    Reply::failure(TransportErrorKind::Io)
}

#[tokio::test(start_paused = true)]
async fn what_can_be_sent_twice_is() {
    let replay = ReplayTransport::new([down(), broken(), flow(), down(), flow(), broken(), flow()]);
    let flows = replayed(&replay);
    let answer = flows.get_flow(FLOW).send_full().await.unwrap();
    assert_eq!((answer.attempts(), answer.title.as_str()), (3, "Nightly move"));
    flows.update_flow(FLOW, FlowUpdate::new().title("t")).send().await.unwrap();
    flows.delete_flow(FLOW).send().await.unwrap();
    assert_eq!(replay.requests().len(), 7);
    assert_eq!(replay.requests()[3].text(), replay.requests()[4].text());
}

#[tokio::test(start_paused = true)]
async fn a_flow_is_never_created_twice() {
    for failure in [down(), broken(), Reply::failure(TransportErrorKind::Timeout), Reply::truncated(201)] {
        let replay = ReplayTransport::new([failure, flow()]);
        replayed(&replay).create_flow(new_flow()).send().await.unwrap_err();
        assert_eq!(replay.requests().len(), 1);
    }
    for failure in [
        Reply::json(429, "{}").header("retry-after", "7"),
        Reply::failure(TransportErrorKind::Connect),
        Reply::failure(TransportErrorKind::ConnectTimeout),
    ] {
        let replay = ReplayTransport::new([failure, Reply::json(201, flow_document().to_string())]);
        let answer = replayed(&replay).create_flow(new_flow()).send_full().await.unwrap();
        assert_eq!((answer.attempts(), answer.status().as_u16()), (2, 201));
    }
    let replay = ReplayTransport::new([down(), flow()]);
    replayed(&replay).create_flow(new_flow()).with_retry(RetryPolicy::permissive()).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retries_end() {
    let replay = ReplayTransport::new(std::iter::repeat_n(down(), 9));
    let error = replayed(&replay).get_flow(FLOW).send().await.unwrap_err();
    assert_eq!((error.attempts(), replay.requests().len()), (6, 6));
    assert_eq!(error.request_id(), Some("d"));
}
