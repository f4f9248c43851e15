//! One document, one task, whatever happens to the answers.

use std::collections::BTreeSet;

use globus::prelude::*;
use globus_emulator::TransferSettings;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::lab::{Lab, swift};

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
async fn a_hundred_submissions_make_a_hundred_tasks_though_every_second_answer_is_lost() {
    let lab = Lab::with_transfer(TransferSettings::default().pending_tasks(200)).await;
    lab.write("a", "x");
    let lost = json!({"path_prefix": "/transfer/", "drop_connection": true, "after_handling": true});
    // As near to nothing as a rule can do.
    let kept = json!({"path_prefix": "/transfer/", "delay_ms": 1});
    let rules: Vec<Value> = (0..200).flat_map(|_| [lost.clone(), kept.clone()]).collect();
    lab.fault(rules.into()).await;

    let mut submitting = JoinSet::new();
    for number in 0..100 {
        let data = lab.data([("/a", format!("/{number}").as_str())]);
        let stubborn = swift().with_max_retries(100);
        submitting.spawn(lab.transfer.submit_transfer(data).with_retry(stubborn).send());
    }
    let submitted: Vec<_> = submitting.join_all().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(lab.faults_left().await, 0, "half of the answers were lost");

    let told: BTreeSet<TaskId> = submitted.iter().map(|submitted| submitted.task_id).collect();
    let tasks = lab.transfer.task_list().items().try_collect().await.unwrap();
    let made: BTreeSet<TaskId> = tasks.iter().map(|task| task.task_id).collect();
    assert_eq!((tasks.len(), made.len(), made == told), (100, 100, true));
    let duplicates = submitted.iter().filter(|submitted| submitted.is_duplicate()).count();
    assert!(duplicates > 0, "no answer of a submission was lost");
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
