//! Stalls, pauses, progress and reports.

use std::time::Duration;

use globus_core::test_util::{ReplayTransport, Reply};
use globus_transfer::{
    StallPolicy, TaskError,
    tasks::{FaultCause, InactiveReason, StallReason, TaskCode},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{TASK, client, error, ok, replay};

fn task(more: Value) -> Reply {
    let mut task = json!({"task_id": TASK, "status": "ACTIVE", "type": "TRANSFER", "faults": 0});
    let Value::Object(mut more) = more else { panic!("no members: {more}") };
    task.as_object_mut().unwrap().append(&mut more);
    ok(&task)
}

fn missing(bytes: u64, faults: u64) -> Reply {
    let nice_status = "FILE_NOT_FOUND";
    task(json!({"nice_status": nice_status, "is_ok": false, "faults": faults, "bytes_transferred": bytes}))
}

fn events(events: Value) -> Reply {
    let mut list = json!({"DATA_TYPE": "event_list"});
    list["DATA"] = events;
    ok(&list)
}

fn fault(code: &str, details: &str) -> Value {
    json!({"code": code, "is_error": true, "details": details, "time": "2026-01-31T12:00:00+00:00"})
}

/// Looks every 10 seconds.
fn wait(replay: &ReplayTransport) -> globus_transfer::tasks::TaskWait {
    let ten = Duration::from_secs(10);
    client(replay).task_wait(TASK).poll_interval(ten, ten)
}

#[tokio::test(start_paused = true)]
async fn a_hopeless_task_is_given_up() {
    let looks = (0..31).map(|n| missing(5, if n < 20 { 6 } else { 7 }));
    let replay = replay(looks.chain([events(json!([fault("FILE_NOT_FOUND", "Error (list)\nFile: /x\n")]))]));
    let start = Instant::now();
    let error = wait(&replay).send().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 300);
    assert_eq!(
        error.to_string(),
        format!(
            "task {TASK} was given up: FILE_NOT_FOUND will not pass by itself: ACTIVE, FILE_NOT_FOUND, 7 errors so far, at \"/x\""
        )
    );
    let TaskError::Stalled(stalled) = error else { panic!("{error:?}") };
    assert_eq!(stalled.reason, StallReason::Hopeless(TaskCode::FileNotFound));
    assert_eq!(stalled.events[0].fault().unwrap().path, Some("/x"));
    assert!(stalled.cancelled.is_none());
    assert_eq!(replay.left(), 0);
}

/// The service may take its time to try again: one error is not enough to give up soon.
#[tokio::test(start_paused = true)]
async fn a_task_that_was_not_tried_again_is_given_more_time() {
    let looks = (0..100).map(|_| missing(5, 1));
    let replay = ReplayTransport::new(looks.chain([task(json!({"status": "SUCCEEDED"}))]));
    assert!(wait(&replay).send().await.is_ok());

    let looks = (0..181).map(|_| missing(5, 1));
    let replay = ReplayTransport::new(looks.chain([events(json!([]))]));
    let start = Instant::now();
    assert!(matches!(wait(&replay).send().await, Err(TaskError::Stalled(_))));
    assert_eq!(start.elapsed().as_secs(), 1800);

    // The second try comes late, and fails as the first.
    let looks = (0..62).map(|n| missing(5, if n < 61 { 1 } else { 2 }));
    let replay = ReplayTransport::new(looks.chain([events(json!([]))]));
    let start = Instant::now();
    assert!(matches!(wait(&replay).send().await, Err(TaskError::Stalled(_))));
    assert_eq!(start.elapsed().as_secs(), 610);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_gets_on_is_not_given_up() {
    // The state is hopeless for one file, but others are copied.
    let looks = (0..60).map(|n| missing(n, n));
    let replay = replay(looks.chain([task(json!({"status": "SUCCEEDED"}))]));
    assert!(wait(&replay).send().await.is_ok());
    // A state that changes back is none either.
    let looks =
        (0..60).map(|n| if n % 20 == 19 { task(json!({"nice_status": "OK"})) } else { missing(0, n) });
    let replay = ReplayTransport::new(looks.chain([task(json!({"status": "SUCCEEDED"}))]));
    assert!(wait(&replay).send().await.is_ok());
    let looks = (0..200).map(|n| missing(0, n));
    let replay = ReplayTransport::new(looks.chain([task(json!({"status": "SUCCEEDED"}))]));
    assert!(wait(&replay).stall(StallPolicy::never()).send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn other_limits() {
    let fails = |faults: u64| task(json!({"nice_status": "CONNECT_FAILED", "faults": faults}));
    let replay = replay([fails(3), fails(4), fails(5), events(json!([]))]);
    let error = wait(&replay).stall(StallPolicy::never().max_faults(4)).send().await.unwrap_err();
    assert!(
        matches!(&error, TaskError::Stalled(stalled) if stalled.reason == StallReason::Faults(5)),
        "{error}"
    );

    let looks = (0..20).map(|n| task(json!({"files": n.min(4)})));
    let replay = ReplayTransport::new(looks);
    let policy = StallPolicy::default().no_progress_for(Duration::from_secs(60));
    let error = wait(&replay).stall(policy).send().await.unwrap_err();
    assert!(error.to_string().contains("no progress for 60 s"), "{error}");
    assert_eq!(replay.requests().len(), 4 + 1 + 6, "no errors, no request for them");

    // Neither a pause nor the queue is a stall.
    let policy =
        || StallPolicy::default().no_progress_for(Duration::from_secs(60)).hopeless_for(Duration::ZERO);
    let waiting = (0..50).map(|n| {
        task(if n % 2 == 0 {
            json!({"nice_status": "Queued"})
        } else {
            json!({"is_paused": true, "nice_status": "FILE_NOT_FOUND"})
        })
    });
    let replay = ReplayTransport::new(waiting.chain([task(json!({"status": "SUCCEEDED"}))]));
    assert!(wait(&replay).stall(policy()).send().await.is_ok());
    let quota = StallPolicy::default().also_hopeless([TaskCode::QuotaExceeded]).hopeless_for(Duration::ZERO);
    let replay = ReplayTransport::new([task(json!({"nice_status": "QUOTA_EXCEEDED"}))]);
    assert!(matches!(wait(&replay).stall(quota).send().await, Err(TaskError::Stalled(_))));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_task_is_cancelled_on_demand() {
    let at_once = || StallPolicy::default().hopeless_for(Duration::ZERO);
    let replay = replay([missing(0, 1), events(json!([])), ok(&json!({"code": "Canceled"}))]);
    let stalled = wait(&replay).stall(at_once()).cancel_on_stall(true).send().await.unwrap_err();
    let TaskError::Stalled(stalled) = stalled else { panic!("{stalled:?}") };
    assert!(stalled.cancelled.unwrap().is_ok());
    assert_eq!(replay.requests()[2].method, http::Method::POST);

    // It succeeded in the last moment.
    let replay = ReplayTransport::new([
        missing(0, 1),
        events(json!([])),
        ok(&json!({"code": "TaskComplete"})),
        task(json!({"status": "SUCCEEDED"})),
    ]);
    assert!(wait(&replay).stall(at_once()).cancel_on_stall(true).send().await.is_ok());

    let replay = ReplayTransport::new([missing(0, 1), events(json!([])), error(403, "PermissionDenied")]);
    let stalled = wait(&replay).stall(at_once()).cancel_on_stall(true).send().await.unwrap_err();
    let TaskError::Stalled(stalled) = stalled else { panic!("{stalled:?}") };
    assert!(stalled.cancelled.unwrap().unwrap_err().is_permission_denied());
}

#[tokio::test(start_paused = true)]
async fn a_stop_says_what_it_waits_for() {
    let inactive = |more: Value| {
        let mut members = json!({"status": "INACTIVE"});
        members.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        task(members)
    };
    let no_pause =
        || ok(&json!({"DATA_TYPE": "pause_info_limited", "pause_rules": [], "source_pause_message": null}));
    let paused = ok(&json!({"pause_rules": [{"id": TASK, "message": "maintenance"}]}));
    for (replies, reason, message) in [
        (vec![inactive(json!({"is_paused": true})), paused], InactiveReason::Paused, Some("maintenance")),
        (
            vec![
                inactive(json!({"faults": 1})),
                events(json!([fault("AUTH", "Missing required data_access consent\nmore")])),
                no_pause(),
            ],
            InactiveReason::Consent,
            Some("Missing required data_access consent\nmore"),
        ),
        (
            vec![inactive(json!({"nice_status": "NO_CREDENTIALS"})), no_pause()],
            InactiveReason::Credentials,
            None,
        ),
        (vec![inactive(json!({})), error(500, "InternalError")], InactiveReason::Other, None),
    ] {
        let replay = ReplayTransport::new(replies);
        let error = wait(&replay).send().await.unwrap_err();
        let TaskError::Inactive(stopped) = error else { panic!("{error:?}") };
        assert_eq!((stopped.reason(), stopped.message()), (reason, message));
        assert_eq!(replay.left(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_tells_what_kept_the_task() {
    let expired =
        task(json!({"status": "FAILED", "fatal_error": {"code": "EXPIRED", "description": "expired"}}));
    let happened = events(json!([
        {"code": "EXPIRED", "is_error": true, "details": "hit the deadline"},
        fault("ENDPOINT_ERROR", "Error (open)\nDetails: 500 Disk quota exceeded"),
        {"code": "STARTED", "details": {"concurrency": 2}},
    ]));
    let error = wait(&replay([expired, happened])).send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("task {TASK} failed: EXPIRED: expired, after ENDPOINT_ERROR"));
    assert_eq!(error.events().len(), 3);
    let TaskError::Failed(failed) = error else { panic!("{error:?}") };
    assert_eq!(failed.cause(), FaultCause::Quota);
    assert_eq!(failed.events[2].details_json().unwrap()["concurrency"], 2);
}

#[tokio::test(start_paused = true)]
async fn progress_is_a_stream_that_ends_with_the_task() {
    let at = |bytes: u64, done: u64| {
        task(json!({"bytes_transferred": bytes, "files": 10, "files_transferred": done, "subtasks_total": 12,
                    "subtasks_succeeded": done, "faults": 1}))
    };
    let replay = replay([
        at(0, 0),
        at(1000, 2),
        at(4000, 4),
        task(json!({"status": "SUCCEEDED", "subtasks_total": 12, "subtasks_succeeded": 12})),
    ]);
    let mut progress = wait(&replay).progress();
    assert_eq!(replay.requests().len(), 0);
    let first = progress.try_next().await.unwrap().unwrap();
    assert_eq!((first.bytes, first.files_found, first.fraction, first.time_left), (0, 10, Some(0.0), None));
    progress.try_next().await.unwrap().unwrap();
    let third = progress.try_next().await.unwrap().unwrap();
    assert!((third.bytes_per_second - 200.0).abs() < 0.1, "{third:?}");
    // 4 of 12 in 20 seconds: 8 more take 40.
    assert_eq!(third.time_left.unwrap().as_secs(), 40);
    assert_eq!((third.files, third.faults), (4, 1));
    let last = progress.try_next().await.unwrap().unwrap();
    assert_eq!((last.fraction, last.time_left), (Some(1.0), Some(Duration::ZERO)));
    assert!(progress.try_next().await.unwrap().is_none());

    let failing = ReplayTransport::new([at(0, 0), task(json!({"status": "FAILED"})), events(json!([]))]);
    let mut progress = wait(&failing).progress();
    assert!(progress.next().await.unwrap().is_ok());
    assert!(matches!(progress.next().await, Some(Err(TaskError::Failed(_)))));
    assert!(progress.next().await.is_none());
    let mut wrong = client(&failing).task_wait("x").progress();
    assert!(wrong.next().await.unwrap().is_err() && wrong.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_report_names_every_file() {
    let failed = task(json!({"status": "FAILED", "faults": 3}));
    let none = ok(&json!({"DATA": [], "next_marker": null}));
    let skipped = ok(&json!({"DATA": [
        {"source_path": "/s", "error_code": "PERMISSION_DENIED", "error_details": "no"},
    ], "next_marker": null}));
    let errors = ok(&json!({"total": 3, "DATA": [
        fault("PERMISSION_DENIED", "Error (open)\nFile: /a\nDetails: 550 denied"),
        fault("CONNECT_FAILED", "Error (open)\nFile: /a\nMessage: broken"),
        fault("CONNECT_FAILED", "no path in here"),
    ]}));
    let replay = replay([failed, none, skipped, errors]);
    let report = client(&replay).task_report(TASK).send().await.unwrap();
    assert_eq!(report.failed.len(), 1, "the newest error of each path");
    assert_eq!(
        (report.failed[0].cause, report.failed[0].message.as_deref()),
        (FaultCause::PermissionDenied, Some("550 denied"))
    );
    assert_eq!(report.skipped[0].cause(), FaultCause::PermissionDenied);
    assert!(!report.truncated && report.succeeded.is_empty());

    let files = ok(
        &json!({"DATA": [{"source_path": "/1"}, {"source_path": "/2"}, {"source_path": "/3"}], "next_marker": null}),
    );
    let none = ok(&json!({"DATA": [], "next_marker": null}));
    let replay = ReplayTransport::new([task(json!({"status": "SUCCEEDED"})), files, none]);
    let report = client(&replay).task_report(TASK).max_files(2).send().await.unwrap();
    assert_eq!((report.succeeded.len(), report.truncated, replay.left()), (2, true, 0));

    let replay = ReplayTransport::new([task(json!({"status": "SUCCEEDED", "type": "DELETE"}))]);
    client(&replay).task_report(TASK).send().await.unwrap();
    assert_eq!(replay.requests().len(), 1, "a deletion has no lists of files");
}
