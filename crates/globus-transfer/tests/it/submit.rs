//! One task for one submission, whatever happens on the way.

use std::sync::Arc;

use globus_core::{RetryPolicy, test_util::Reply, transport::TransportErrorKind};
use globus_transfer::{DeleteData, SubmissionCode, SubmissionId, TransferData};
use serde_json::Value;

use crate::common::{
    DESTINATION, OTHER_SUBMISSION, SOURCE, SUBMISSION, TASK, accepted, client, error, replay, submission_id,
};

fn data() -> TransferData {
    TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")])
}

fn paths_and_ids(replay: &globus_core::test_util::ReplayTransport) -> Vec<(String, Option<String>)> {
    replay
        .requests()
        .iter()
        .map(|request| {
            let body: Option<Value> = serde_json::from_slice(&request.body).ok();
            let id = body.map(|body| body["submission_id"].as_str().unwrap_or("none").to_owned());
            (format!("{} {}", request.method, request.url.path()), id)
        })
        .collect()
}

fn asked() -> (String, Option<String>) {
    ("GET /v0.10/submission_id".to_owned(), None)
}

fn sent(id: &str) -> (String, Option<String>) {
    ("POST /v0.10/transfer".to_owned(), Some(id.to_owned()))
}

#[tokio::test]
async fn asks_for_an_id_and_sends_it() {
    let replay = replay([submission_id(SUBMISSION), accepted("Accepted")]);
    let result = client(&replay).submit_transfer(data()).send().await.unwrap();
    assert_eq!(result.task_id.to_string(), TASK);
    assert_eq!(result.submission_id.unwrap().to_string(), SUBMISSION);
    assert_eq!(result.code, Some(SubmissionCode::Accepted));
    assert!(!result.is_duplicate());
    assert_eq!(paths_and_ids(&replay), [asked(), sent(SUBMISSION)]);
    assert_eq!(replay.requests()[1].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn an_id_of_the_caller_is_used_and_kept() {
    let replay = replay([accepted("Accepted"), accepted("Duplicate")]);
    let data = Arc::new(data().submission_id(SUBMISSION));
    let client = client(&replay);
    client.submit_transfer(data.clone()).send().await.unwrap();
    let again = client.submit_transfer(data.clone()).send().await.unwrap();
    assert!(again.is_duplicate());
    assert_eq!(again.task_id.to_string(), TASK);
    assert_eq!(paths_and_ids(&replay), [sent(SUBMISSION), sent(SUBMISSION)]);
    assert_eq!(data.current_submission_id().unwrap().to_string(), SUBMISSION);
}

#[tokio::test(start_paused = true)]
async fn retries_send_the_same_id() {
    let replay = replay([
        submission_id(SUBMISSION),
        Reply::failure(TransportErrorKind::Io),
        Reply::truncated(202),
        error(500, "InternalError"),
        error(503, "ServiceUnavailable"),
        accepted("Duplicate"),
    ]);
    let result = client(&replay).submit_transfer(data()).send_full().await.unwrap();
    assert!(result.is_duplicate());
    assert_eq!(result.attempts(), 5);
    assert_eq!(paths_and_ids(&replay)[1..], vec![sent(SUBMISSION); 5]);
}

#[tokio::test(start_paused = true)]
async fn many_items_are_sent_whole_at_every_try() {
    let replay =
        replay([submission_id(SUBMISSION), Reply::failure(TransportErrorKind::Io), accepted("Accepted")]);
    let mut data = data();
    data.extend((0..5_000).map(|n| (format!("/source/{n}"), format!("/destination/{n}"))));
    client(&replay).submit_transfer(data).send().await.unwrap();
    let requests = replay.requests();
    assert_eq!(requests[1].body, requests[2].body);
    let body: Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(body["DATA"].as_array().unwrap().len(), 5_001);
}

#[tokio::test]
async fn submitting_again_after_a_failure_sends_the_same_id() {
    let replay =
        replay([submission_id(SUBMISSION), Reply::failure(TransportErrorKind::Io), accepted("Duplicate")]);
    let client = client(&replay);
    let data = Arc::new(data());
    assert_eq!(data.current_submission_id(), None);
    let failed = client.submit_transfer(data.clone()).with_retry(RetryPolicy::never()).send().await;
    assert!(failed.is_err());
    assert_eq!(data.current_submission_id().unwrap().to_string(), SUBMISSION);
    client.submit_transfer(data.clone()).send().await.unwrap();
    assert_eq!(paths_and_ids(&replay), [asked(), sent(SUBMISSION), sent(SUBMISSION)]);
}

/// The loop that most people write.
#[tokio::test]
async fn a_loop_over_clones_makes_one_task() {
    let replay = replay([
        submission_id(SUBMISSION),
        Reply::failure(TransportErrorKind::Io),
        Reply::failure(TransportErrorKind::Io),
        accepted("Duplicate"),
    ]);
    let client = client(&replay);
    let data = data();
    let result = loop {
        if let Ok(result) = client.submit_transfer(data.clone()).with_retry(RetryPolicy::never()).send().await
        {
            break result;
        }
    };
    assert!(result.is_duplicate());
    assert_eq!(paths_and_ids(&replay)[1..], vec![sent(SUBMISSION); 3]);
}

#[tokio::test]
async fn a_document_that_was_taken_is_a_duplicate_next_time() {
    let replay = replay([
        submission_id(SUBMISSION),
        accepted("Accepted"),
        accepted("Duplicate"),
        submission_id(OTHER_SUBMISSION),
        accepted("Accepted"),
    ]);
    let client = client(&replay);
    let data = data();
    client.submit_transfer(data.clone()).send().await.unwrap();
    assert_eq!(data.current_submission_id().unwrap().to_string(), SUBMISSION);
    assert!(client.submit_transfer(data.clone()).send_full().await.unwrap().is_duplicate());
    client.submit_transfer(data.without_submission_id()).send().await.unwrap();
    assert_eq!(
        paths_and_ids(&replay),
        [asked(), sent(SUBMISSION), sent(SUBMISSION), asked(), sent(OTHER_SUBMISSION)]
    );
}

#[tokio::test]
async fn a_changed_document_is_another_submission() {
    let replay = replay([
        submission_id(SUBMISSION),
        Reply::failure(TransportErrorKind::Io),
        submission_id(OTHER_SUBMISSION),
        accepted("Accepted"),
    ]);
    let client = client(&replay);
    let data = data();
    let failed = client.submit_transfer(data.clone()).with_retry(RetryPolicy::never()).send().await;
    assert!(failed.is_err());
    let mut changed = data.clone();
    changed.add_item("/c", "/d");
    assert_eq!(changed.current_submission_id(), None);
    assert_eq!(data.clone().label("x").current_submission_id(), None);
    assert_eq!(data.current_submission_id().unwrap().to_string(), SUBMISSION);
    client.submit_transfer(changed).send().await.unwrap();
    assert_eq!(paths_and_ids(&replay)[3], sent(OTHER_SUBMISSION));
}

#[tokio::test]
async fn an_id_of_the_caller_survives_changes() {
    let id = SubmissionId::random();
    let mut data = data().submission_id(id);
    data.add_item("/c", "/d");
    assert_eq!(data.label("x").current_submission_id(), Some(id));
}

#[tokio::test]
async fn a_refusal_is_an_error_and_not_retried() {
    for (status, code) in [(403, "ConsentRequired"), (409, "Conflict"), (502, "ExternalError.X")] {
        let replay = replay([submission_id(SUBMISSION), error(status, code)]);
        let error = client(&replay).submit_transfer(data()).send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.to_string().split(": ").next(), Some("POST /v0.10/transfer"));
        assert_eq!(error.is_conflict(), status == 409);
    }
}

#[tokio::test]
async fn without_an_id_nothing_is_submitted() {
    let replay = replay([error(403, "PermissionDenied")]);
    let error =
        client(&replay).submit_delete(DeleteData::new(SOURCE).with_items(["/a"])).send().await.unwrap_err();
    assert!(error.is_permission_denied());
    assert_eq!(paths_and_ids(&replay).len(), 1);
}

#[tokio::test]
async fn the_retry_policy_is_also_for_asking() {
    let replay = replay([Reply::failure(TransportErrorKind::Io), submission_id(SUBMISSION)]);
    let failed = client(&replay).submit_transfer(data()).with_retry(RetryPolicy::never()).send().await;
    assert!(failed.is_err());
    assert_eq!(replay.left(), 1);
}

#[tokio::test]
async fn a_deletion_goes_the_same_way() {
    let replay = replay([submission_id(SUBMISSION), accepted("Accepted")]);
    let submit = client(&replay).submit_delete(DeleteData::new(SOURCE).with_items(["/a"]));
    assert_eq!(submit.submission_id(), None);
    submit.send().await.unwrap();
    let expected = ("POST /v0.10/delete".to_owned(), Some(SUBMISSION.to_owned()));
    assert_eq!(paths_and_ids(&replay), [asked(), expected]);
}

#[tokio::test]
async fn submissions_can_be_spawned() {
    let replay = replay([submission_id(SUBMISSION), accepted("Accepted")]);
    assert!(tokio::spawn(client(&replay).submit_transfer(data()).send()).await.unwrap().is_ok());
}
