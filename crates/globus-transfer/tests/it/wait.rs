//! Waiting: every verdict, one request a look, and time that is told by a clock of its own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_core::{
    Error, ErrorKind,
    test_util::{ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use globus_transfer::{
    TaskError,
    tasks::{InactiveReason, TaskCode},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{TASK, client, error, ok, replay};

fn task(status: &str) -> Value {
    json!({"DATA_TYPE": "task", "task_id": TASK, "status": status, "faults": 2, "nice_status": "Queued"})
}

fn active() -> Reply {
    ok(&task("ACTIVE"))
}

fn succeeded() -> Reply {
    ok(&json!({"DATA_TYPE": "task", "task_id": TASK, "status": "SUCCEEDED", "subtasks_skipped_errors": 3}))
}

fn failed() -> Reply {
    ok(&json!({
        "DATA_TYPE": "task", "task_id": TASK, "status": "FAILED",
        "fatal_error": {"code": "FILE_NOT_FOUND", "description": "file not found"},
    }))
}

fn count(replay: &ReplayTransport) -> usize {
    replay.requests().len()
}

fn about(seconds: f64, start: Instant) {
    let elapsed = start.elapsed().as_secs_f64();
    assert!((elapsed - seconds).abs() < 0.05, "{elapsed} s, not {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn success_comes_with_the_document() {
    let replay = replay([active(), active(), succeeded()]);
    let start = Instant::now();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let done = client(&replay)
        .task_wait(TASK)
        .on_progress({
            let seen = seen.clone();
            move |task| seen.lock().unwrap().push(task.status.to_string())
        })
        .send()
        .await
        .unwrap();
    assert_eq!(done.skipped_errors(), 3);
    assert_eq!(done.task.task_id.to_string(), TASK);
    assert_eq!(*seen.lock().unwrap(), ["ACTIVE", "ACTIVE", "SUCCEEDED"]);
    assert_eq!(count(&replay), 3);
    about(0.5 + 0.75, start);
}

#[tokio::test(start_paused = true)]
async fn failure_is_an_error_with_its_cause() {
    let events = json!({"DATA_TYPE": "event_list", "DATA": [
        {"DATA_TYPE": "event", "code": "FILE_NOT_FOUND", "is_error": true, "details": "no such file"},
    ]});
    let replay = replay([failed(), ok(&events)]);
    let error = client(&replay).task_wait(TASK).send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("task {TASK} failed: FILE_NOT_FOUND: file not found"));
    assert_eq!(error.task().unwrap().task_id.to_string(), TASK);
    let TaskError::Failed(failed) = &error else { panic!("{error:?}") };
    assert_eq!(failed.code(), Some(&TaskCode::FileNotFound));
    assert_eq!(failed.description(), Some("file not found"));
    assert_eq!(failed.events[0].details.as_deref(), Some("no such file"));
    assert_eq!(replay.requests()[1].url.path(), format!("/v0.10/task/{TASK}/event_list"));
    assert_eq!(replay.requests()[1].url.query(), Some("limit=10"));
    let error = Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Outcome);
    assert!(!error.is_retryable());
    let source = std::error::Error::source(&error).unwrap();
    assert!(matches!(source.downcast_ref(), Some(TaskError::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_although_its_events_cannot_be_had() {
    for reply in [Reply::failure(TransportErrorKind::Io), error(404, "ClientError.NotFound"), ok(&json!([]))]
    {
        let replay = replay([failed(), reply]);
        let error = client(&replay).task_wait(TASK).send().await.unwrap_err();
        let TaskError::Failed(failed) = error else { panic!("{error:?}") };
        assert!(failed.events.is_empty());
        assert_eq!(count(&replay), 2);
    }
    let bare = ok(&json!({"task_id": TASK, "status": "FAILED"}));
    let error = client(&replay([bare])).task_wait(TASK).send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("task {TASK} failed: no reason given"));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_stopped_is_an_error() {
    let replay = replay([active(), ok(&task("INACTIVE"))]);
    let error = client(&replay).task_wait(TASK).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("task {TASK} has stopped until somebody does something: INACTIVE, Queued, 2 errors so far")
    );
    let TaskError::Inactive(stopped) = &error else { panic!("{error:?}") };
    assert_eq!((stopped.reason(), stopped.message()), (InactiveReason::Other, None));
    assert_eq!(Error::from(error).kind(), ErrorKind::Outcome);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_with_a_last_look() {
    let replay = replay((0..50).map(|_| active()));
    let start = Instant::now();
    let waiting = client(&replay).task_wait(TASK).timeout(Duration::from_secs(3));
    let error = waiting.send().await.unwrap_err();
    about(3.0, start);
    // At 0, 0.5, 1.25, 2.375 and 3 seconds, and then the errors that the task has met.
    assert_eq!(count(&replay), 6);
    assert_eq!(replay.requests()[5].url.query(), Some("limit=10&filter=is_error%3A1"));
    assert!(matches!(&error, TaskError::TimedOut(late) if late.task.faults == Some(2)));
    let error = Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!("task {TASK} has not ended in time: ACTIVE, Queued, 2 errors so far")
    );
}

#[tokio::test(start_paused = true)]
async fn no_time_at_all_is_one_look() {
    let fine = json!({"task_id": TASK, "status": "ACTIVE", "faults": 0});
    let replay = replay([ok(&fine), succeeded()]);
    let client = client(&replay);
    let error = client.task_wait(TASK).timeout(Duration::ZERO).send().await.unwrap_err();
    assert!(matches!(error, TaskError::TimedOut(_)));
    assert_eq!(count(&replay), 1);
    assert!(client.task_wait(TASK).timeout(Duration::ZERO).send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn success_at_the_last_look_is_success() {
    let replay = replay([active(), succeeded()]);
    let waiting = client(&replay).task_wait(TASK).timeout(Duration::from_millis(300));
    assert!(waiting.send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn looks_ever_less_often() {
    let replay = replay((0..20).map(|_| active()).chain([succeeded()]));
    let times = Arc::new(Mutex::new(Vec::new()));
    let start = Instant::now();
    let waiting = client(&replay).task_wait(TASK).on_progress({
        let times = times.clone();
        move |_| times.lock().unwrap().push(start.elapsed())
    });
    waiting.send().await.unwrap();
    let times = times.lock().unwrap();
    assert_eq!(times.len(), count(&replay));
    let pauses: Vec<f64> =
        times.windows(2).map(|pair| pair[1].as_secs_f64() - pair[0].as_secs_f64()).collect();
    assert!((pauses[0] - 0.5).abs() < 0.01 && (pauses[1] - 0.75).abs() < 0.01, "{pauses:?}");
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1] + 0.01), "{pauses:?}");
    assert!(pauses[12..].iter().all(|pause| (pause - 30.0).abs() < 0.01), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn intervals_are_clamped() {
    for (shortest, longest, expected) in [
        (Duration::ZERO, Duration::ZERO, [0.1, 0.1]),
        (Duration::from_secs(2), Duration::from_secs(1), [2.0, 2.0]),
        (Duration::from_secs(1), Duration::from_secs(9), [1.0, 1.5]),
        (Duration::from_secs(1), Duration::MAX, [1.0, 1.5]),
    ] {
        let replay = replay([active(), active(), succeeded()]);
        let start = Instant::now();
        client(&replay).task_wait(TASK).poll_interval(shortest, longest).send().await.unwrap();
        about(expected.iter().sum(), start);
    }
    let replay = replay([active()]);
    let endless = client(&replay)
        .task_wait(TASK)
        .poll_interval(Duration::MAX, Duration::MAX)
        .timeout(Duration::from_secs(60))
        .send()
        .await;
    assert!(matches!(endless, Err(TaskError::TimedOut(_))));
}

#[tokio::test(start_paused = true)]
async fn endless_timeouts_are_no_timeouts() {
    for timeout in [None, Some(Duration::MAX)] {
        let replay = replay([active(), succeeded()]);
        assert!(client(&replay).task_wait(TASK).timeout(timeout).send().await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_from_the_future_is_not_the_end() {
    let replay = replay([ok(&task("SUSPENDED")), ok(&task("SUSPENDED")), succeeded()]);
    assert!(client(&replay).task_wait(TASK).send().await.is_ok());
    let replay = ReplayTransport::new((0..20).map(|_| ok(&task("SUSPENDED"))));
    let error = client(&replay).task_wait(TASK).timeout(Duration::from_secs(9)).send().await.unwrap_err();
    assert!(error.to_string().contains("has not ended in time: SUSPENDED"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn passing_failures_do_not_end_the_wait() {
    let replay = replay([
        Reply::failure(TransportErrorKind::Connect),
        active(),
        error(503, "ServiceUnavailable").header("retry-after", "20"),
        Reply::failure(TransportErrorKind::Timeout),
        Reply::truncated(200),
        error(429, "ClientError.TooManyRequests"),
        succeeded(),
    ]);
    let start = Instant::now();
    assert!(client(&replay).task_wait(TASK).send().await.is_ok());
    // One request a look, failed or not.
    assert_eq!(count(&replay), 7);
    assert!(start.elapsed() > Duration::from_secs(20), "Retry-After counts");
}

#[tokio::test(start_paused = true)]
async fn an_outage_ends_the_wait_in_the_end() {
    let replay = replay((0..1_000).map(|_| error(503, "ServiceUnavailable")));
    let start = Instant::now();
    let error = client(&replay).task_wait(TASK).send().await.unwrap_err();
    assert!((600..=630).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let TaskError::Other(error) = error else { panic!("{error:?}") };
    assert_eq!(error.status().unwrap(), 503);

    let replay =
        ReplayTransport::new([active(), error_503(), active(), error_503(), error_503(), succeeded()]);
    let waiting = client(&replay).task_wait(TASK).max_outage(Duration::from_secs(1));
    assert!(waiting.send().await.is_err(), "one failure passes, two in 1.7 s do not");
    assert_eq!(count(&replay), 5);

    let replay = ReplayTransport::new([error_503(), succeeded()]);
    assert!(client(&replay).task_wait(TASK).max_outage(Duration::ZERO).send().await.is_err());
    assert_eq!(count(&replay), 1);
}

/// However seldom it looks, one failure is not an outage.
#[tokio::test(start_paused = true)]
async fn one_failure_of_a_rare_look_passes() {
    let hour = Duration::from_secs(3600);
    let replay = replay([active(), error_503(), active(), error_503(), error_503(), succeeded()]);
    let client = client(&replay);
    let error = client.task_wait(TASK).poll_interval(hour, hour).send().await.unwrap_err();
    assert_eq!(Error::from(error).status().unwrap(), 503);
    assert_eq!(count(&replay), 5);
}

fn error_503() -> Reply {
    error(503, "ServiceUnavailable")
}

#[tokio::test(start_paused = true)]
async fn lasting_failures_end_the_wait_at_once() {
    for reply in
        [error(403, "PermissionDenied"), error(401, "AuthenticationFailed"), Reply::raw(200, "<html>")]
    {
        let replay = replay([active(), reply]);
        let error = client(&replay).task_wait(TASK).send().await.unwrap_err();
        assert!(matches!(error, TaskError::Other(_)), "{error:?}");
        assert_eq!(count(&replay), 2);
    }
    let error = client(&ReplayTransport::default()).task_wait("my-task").send().await.unwrap_err();
    assert_eq!(Error::from(error).kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_task_may_be_unknown_for_a_moment_only() {
    let unknown = || error(404, "ClientError.NotFound");
    let replay = ReplayTransport::new([unknown(), unknown(), active(), succeeded()]);
    assert!(client(&replay).task_wait(TASK).send().await.is_ok());

    let replay = ReplayTransport::new((0..50).map(|_| unknown()));
    let start = Instant::now();
    let error = Error::from(client(&replay).task_wait(TASK).send().await.unwrap_err());
    assert!(error.is_not_found());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());

    let replay = ReplayTransport::new([active(), unknown()]);
    assert!(client(&replay).task_wait(TASK).send().await.is_err(), "a task that was known has gone");
    assert_eq!(count(&replay), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_never_saw_the_task_gives_the_error() {
    let replay = replay((0..50).map(|_| error_503()));
    let error = client(&replay).task_wait(TASK).timeout(Duration::from_secs(5)).send().await.unwrap_err();
    let TaskError::Other(error) = error else { panic!("{error:?}") };
    assert_eq!(error.status().unwrap(), 503);
}

#[tokio::test(start_paused = true)]
async fn waits_can_be_spawned() {
    let replay = replay([active(), succeeded(), failed()]);
    let waiting = client(&replay).task_wait(TASK).on_progress(|_| {});
    assert!(tokio::spawn(waiting.send()).await.unwrap().is_ok());
    assert!(tokio::spawn(client(&replay).task_wait(TASK).send()).await.unwrap().is_err());
}
