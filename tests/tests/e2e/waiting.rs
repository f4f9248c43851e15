//! Waiting for tasks: only success is `Ok`.

use std::{sync::mpsc, time::Duration};

use globus::{
    prelude::*,
    transfer::{files::ResultCode, tasks::TaskCode},
};
use globus_emulator::{PathFault, TransferSettings};
use serde_json::json;

use crate::lab::Lab;

fn impatient() -> TransferSettings {
    TransferSettings::default().retry_interval(Duration::from_millis(20))
}

fn failed(result: Result<globus::transfer::Succeeded, TaskError>) -> globus::transfer::tasks::Failed {
    match result {
        Err(TaskError::Failed(failed)) => *failed,
        other => panic!("not a failed task: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_source_and_a_deadline_are_no_success() {
    let lab = Lab::with_transfer(impatient()).await;
    let submitted = lab.transfer.submit_transfer(lab.data([("/gone", "/gone")])).send().await.unwrap();
    lab.let_pass(Duration::from_secs(3 * 86_400)).await;
    let error = lab.wait(submitted.task_id).send().await.unwrap_err();
    let line = error.to_string();
    let task_id = submitted.task_id;
    assert!(line.starts_with(&format!("task {task_id} failed: EXPIRED: ")) && !line.contains('\n'), "{line}");
    let failed = failed(Err(error));
    assert_eq!((failed.code(), &failed.task.status), (Some(&TaskCode::Expired), &TaskStatus::Failed));
    assert!(failed.events.iter().any(|event| event.is_error), "{:?}", failed.events);
    assert!(!lab.archive_path("gone").exists());
    assert_eq!(Error::from(TaskError::Failed(Box::new(failed))).kind(), ErrorKind::Outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_is_not_there_is_no_success() {
    let lab = Lab::open().await;
    let data = DeleteData::new(lab.laptop()).with_items(["/gone"]);
    let submitted = lab.transfer.submit_delete(data).send().await.unwrap();
    let failed = failed(lab.wait(submitted.task_id).send().await);
    assert_eq!(failed.code(), Some(&TaskCode::FileNotFound));
    assert!(failed.description().is_some_and(|words| !words.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_is_no_success() {
    let lab = Lab::with_transfer(impatient()).await;
    let submitted = lab.transfer.submit_transfer(lab.data([("/gone", "/gone")])).send().await.unwrap();
    let cancelled = lab.transfer.cancel_task(submitted.task_id).send().await.unwrap();
    assert_eq!(cancelled.code, Some(ResultCode::Canceled));
    let failed = failed(lab.wait(submitted.task_id).send().await);
    assert_eq!(failed.code(), Some(&TaskCode::Canceled));
    let late = lab.transfer.cancel_task(submitted.task_id).send().await.unwrap();
    assert_eq!(late.code, Some(ResultCode::TaskComplete));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_in_time_and_the_task_goes_on() {
    let lab = Lab::with_transfer(impatient()).await;
    let submitted = lab.transfer.submit_transfer(lab.data([("/gone", "/gone")])).send().await.unwrap();
    let error = lab.wait(submitted.task_id).timeout(Duration::from_millis(120)).send().await.unwrap_err();
    assert!(
        error.to_string().starts_with(&format!("task {} has not ended in time: ACTIVE", submitted.task_id)),
        "{error}"
    );
    let task = error.task().unwrap();
    assert_eq!(task.status, TaskStatus::Active);
    assert_eq!(Error::from(error).kind(), ErrorKind::Timeout);
    let task = lab.transfer.get_task(submitted.task_id).send().await.unwrap();
    assert_eq!(task.status, TaskStatus::Active);
    lab.write("gone", "now it is there");
    lab.wait(submitted.task_id).send().await.unwrap();
    assert!(lab.archive_path("gone").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_and_passing_failures_are_lived_through() {
    let settings = impatient()
        .file_delay(Duration::from_millis(110))
        .workers(1)
        .fault(PathFault::new("*/flaky", "CONNECTION_RESET").times(1));
    let lab = Lab::with_transfer(settings).await;
    for name in ["1", "2", "3", "flaky"] {
        lab.write(&format!("raw/{name}"), name);
    }
    let submitted = lab.transfer.submit_transfer(lab.data([("/raw/", "/raw/")])).send().await.unwrap();
    lab.fault(json!([
        {"path_prefix": "/transfer/v0.10/task/", "status": 503, "headers": {"Retry-After": "0"}, "times": 2},
        {"path_prefix": "/transfer/v0.10/task/", "drop_connection": true},
    ]))
    .await;
    let (sender, seen) = mpsc::channel();
    let done = lab
        .wait(submitted.task_id)
        .on_progress(move |task| sender.send(task.files_transferred.unwrap()).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((done.task.files_transferred, done.task.faults), (Some(4), Some(1)));
    assert_eq!(lab.faults_left().await, 0);
    let seen: Vec<u64> = seen.iter().collect();
    assert!(seen.len() > 2 && seen.is_sorted() && seen.last() == Some(&4), "{seen:?}");
}
