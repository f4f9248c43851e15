//! One document, one task, whatever happens to the answers.

use globus::prelude::*;
use serde_json::json;

use crate::lab::Lab;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_one_task() {
    let lab = Lab::open().await;
    lab.write("a", "x");
    lab.fault(json!({
        "method": "POST", "path_prefix": "/transfer/v0.10/transfer", "drop_connection": true, "after_handling": true,
    }))
    .await;
    let submitted = lab.transfer.submit_transfer(lab.data([("/a", "/a")])).send().await.unwrap();
    assert!(submitted.is_duplicate(), "the service knew the submission from the first try");
    assert_eq!(lab.count("POST /transfer/v0.10/transfer").await, 2);
    let tasks = lab.transfer.task_list().items().try_collect().await.unwrap();
    assert_eq!(tasks.iter().map(|task| task.task_id).collect::<Vec<_>>(), [submitted.task_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_gives_up_and_submits_again_makes_one_task() {
    let lab = Lab::open().await;
    lab.write("a", "x");
    let lost = json!({
        "method": "POST", "path_prefix": "/transfer/v0.10/transfer", "drop_connection": true, "after_handling": true,
    });
    lab.fault(lost).await;
    let data = lab.data([("/a", "/a")]);
    let attempt = lab.transfer.submit_transfer(data.clone()).with_retry(RetryPolicy::never());
    let error = attempt.send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "POST /v0.10/transfer: the connection to {} broke: connection closed before message completed",
            lab.emulator.address()
        )
    );
    assert!(!error.is_never_sent());
    let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
    assert!(submitted.is_duplicate());
    assert_eq!(lab.transfer.task_list().items().try_collect().await.unwrap().len(), 1);
}
