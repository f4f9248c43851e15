//! Following a run: every verdict, and a log that is read while it grows. Time is paused.

use std::time::Duration;

use globus_core::{
    ErrorKind,
    test_util::{ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use globus_flows::{Error, RunError, RunHandle, RunStatus, SpecificFlowClient};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{FLOW, replayed};

const RUN: &str = "4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607";

fn ok(document: &Value) -> Reply {
    Reply::json(200, document.to_string())
}

fn run(status: &str, details: &Value) -> Reply {
    ok(&json!({"run_id": RUN, "flow_id": FLOW, "status": status, "details": details}))
}

fn active() -> Reply {
    run("ACTIVE", &json!({"code": "ActionStarted", "description": "copying", "state_name": "Copy"}))
}

fn entry(code: &str, state: &str) -> Value {
    json!({"time": "2026-05-04T15:22:33Z", "code": code, "description": "", "details": {"state_name": state}})
}

fn log(entries: &[Value], marker: Option<&str>) -> Reply {
    ok(&json!({"entries": entries, "limit": 100, "has_next_page": marker.is_some(), "marker": marker}))
}

fn follow(replies: impl IntoIterator<Item = Reply>) -> (RunHandle, ReplayTransport) {
    let replay = ReplayTransport::new(replies);
    (replayed(&replay).handle(RUN).unwrap(), replay)
}

fn about(seconds: f64, start: Instant) {
    let elapsed = start.elapsed().as_secs_f64();
    assert!((elapsed - seconds).abs() < 0.05, "{elapsed} s, not {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn success_comes_with_its_output() {
    let done = run("SUCCEEDED", &json!({"code": "FlowSucceeded", "output": {"n": 1}}));
    let (handle, replay) = follow([active(), active(), done]);
    let start = Instant::now();
    let done = handle.wait().send().await.unwrap();
    assert_eq!(done.output(), Some(&json!({"n": 1})));
    assert_eq!(replay.requests().len(), 3);
    about(0.5 + 0.75, start);
}

/// What went wrong stands somewhere in the status of an action, which the service writes as text.
#[tokio::test(start_paused = true)]
async fn failure_says_in_one_line_what_went_wrong() {
    let task = json!({"action_id": "a", "status": "FAILED", "details": {"task_id": "t", "nice_status": "x",
        "fatal_error": {"code": "PERMISSION_DENIED", "description": "no right to write /out"}}});
    let refused = json!({"status_code": 422, "error": {"code": "RequestValidationError", "description": "path is missing"}});
    let long = json!({"status": "FAILED", "details": {"result": "ü".repeat(300)}});
    for (cause, words, is_document) in [
        (json!(task.to_string()), "no right to write /out".to_owned(), true),
        (task, "no right to write /out".to_owned(), true),
        (json!(refused.to_string()), "path is missing".to_owned(), true),
        (json!({"details": {"description": "rule_id is required"}}), "rule_id is required".to_owned(), true),
        (json!({"details": {"description": ""}}), r#"{"details":{"description":""}}"#.to_owned(), true),
        (long.clone(), format!("{}…", long.to_string().chars().take(200).collect::<String>()), true),
        (json!("disk full"), "disk full".to_owned(), false),
        (json!("[1]"), "[1]".to_owned(), false),
        (json!(5), "5".to_owned(), false),
    ] {
        let failed = run("FAILED", &json!({"code": "FlowFailed", "details": {"error": "E", "cause": cause}}));
        let (handle, _) = follow([failed, log(&[], None)]);
        let error = handle.wait().send().await.unwrap_err();
        assert!(error.to_string().ends_with(&format!("failed: E: {words}")), "{error}");
        let RunError::Failed(failed) = error else { panic!("{error:?}") };
        assert_eq!(failed.cause_document().is_some(), is_document, "{cause}");
    }
}

#[tokio::test(start_paused = true)]
async fn failure_names_the_state_and_the_cause() {
    let failed = run(
        "FAILED",
        &json!({"code": "FlowFailed", "details": {"error": "ActionFailedException", "cause": "disk full"}}),
    );
    let (handle, replay) =
        follow([failed, log(&[entry("FlowFailed", ""), entry("ActionFailed", "Copy")], None)]);
    let error = handle.wait().send().await.unwrap_err();
    let RunError::Failed(failed) = &error else { panic!("{error:?}") };
    assert_eq!((failed.error(), failed.cause()), (Some("ActionFailedException"), Some(&json!("disk full"))));
    assert!(!failed.is_canceled() && failed.log.len() == 2);
    assert_eq!(replay.requests()[1].url.query(), Some("reverse_order=True&limit=10"));
    let line = error.to_string();
    assert!(line.ends_with(": ActionFailedException: disk full"), "{line}");
    let error = Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Outcome);
    let source = std::error::Error::source(&error).unwrap();
    assert!(matches!(source.downcast_ref(), Some(RunError::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_although_its_log_cannot_be_had() {
    let (handle, _) = follow([
        run("FAILED", &json!({"code": "FlowFailed", "description": "no more", "state_name": "Copy"})),
        Reply::failure(TransportErrorKind::Io),
    ]);
    let error = handle.wait().send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("run {RUN} failed in the state \"Copy\": no more"));

    let (handle, _) = follow([run("FAILED", &json!(null)), Reply::json(404, "{}")]);
    let error = handle.wait().send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("run {RUN} failed: no reason given"));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_is_no_success() {
    let cancelled = run("FAILED", &json!({"code": "FlowCanceled", "details": {}}));
    let (handle, _) = follow([cancelled, log(&[], None)]);
    let error = handle.wait().send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("run {RUN} was cancelled"));
    assert!(matches!(error, RunError::Failed(failed) if failed.is_canceled()));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_for_its_owner_says_for_what() {
    let consent = || {
        run("INACTIVE", &json!({"code": "ConsentRequired", "description": "consent", "required_scope": "s"}))
    };
    let (handle, _) = follow([active(), consent()]);
    let error = handle.wait().send().await.unwrap_err();
    assert_eq!(error.run().unwrap().status, RunStatus::Inactive);
    assert_eq!(error.to_string(), format!("run {RUN} waits for its owner: INACTIVE: consent"));
    let RunError::Inactive(stopped) = error else { panic!("{error:?}") };
    assert_eq!(stopped.requirement().unwrap()["authorization_parameters"]["required_scopes"], json!(["s"]));

    let (handle, _) = follow([consent(), consent(), run("SUCCEEDED", &json!({}))]);
    assert!(handle.wait().while_inactive(true).send().await.unwrap().output().is_none());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_twice_for_what_they_brought() {
    let consent = |scope: &str| run("INACTIVE", &json!({"code": "ConsentRequired", "required_scope": scope}));
    let resumed = || run("INACTIVE", &json!({}));
    let (handle, replay) =
        follow([consent("a"), resumed(), consent("a"), consent("a"), active(), consent("b")]);
    handle.wait().send().await.unwrap_err();
    handle.resume().send().await.unwrap();
    let start = Instant::now();
    let error = Error::from(handle.wait().send().await.unwrap_err());
    about(0.5 + 0.75 + 1.125, start);
    assert_eq!(replay.left(), 0);
    assert_eq!(error.requirement().unwrap()["authorization_parameters"]["required_scopes"], json!(["b"]));
    assert!(error.needs_consent() && error.kind() == ErrorKind::Outcome);

    // What is there after half a minute was not brought.
    let (handle, _) = follow((0..99).map(|_| consent("a")));
    handle.resume().send().await.unwrap();
    let start = Instant::now();
    assert!(matches!(handle.wait().send().await, Err(RunError::Inactive(_))));
    let waited = start.elapsed().as_secs();
    assert!((30..50).contains(&waited), "{waited} s");
    // And is told at once from then on.
    let start = Instant::now();
    handle.wait().send().await.unwrap_err();
    about(0.0, start);
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_with_a_last_look() {
    let (handle, replay) = follow((0..9).map(|_| active()));
    let start = Instant::now();
    let error = handle.wait().timeout(Duration::from_secs(2)).send().await.unwrap_err();
    about(2.0, start);
    assert_eq!(replay.requests().len(), 4, "at 0, 0.5, 1.25 and 2 seconds");
    assert_eq!(
        error.to_string(),
        format!("run {RUN} has not ended in time: ACTIVE in the state Copy: copying")
    );
    assert_eq!(Error::from(error).kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn passing_failures_end_no_wait() {
    let (handle, _) = follow([
        Reply::json(404, "{}"),
        Reply::failure(TransportErrorKind::Io),
        Reply::json(503, "{}").header("retry-after", "7"),
        run("SUCCEEDED", &json!({})),
    ]);
    let start = Instant::now();
    handle.wait().send().await.unwrap();
    about(0.5 + 0.75 + 7.0, start);

    let (handle, replay) = follow([active(), Reply::json(403, "{}")]);
    let error = handle.wait().send().await.unwrap_err();
    assert!(matches!(&error, RunError::Other(error) if error.is_permission_denied()));
    assert_eq!(replay.requests().len(), 2);

    let (handle, _) = follow([Reply::failure(TransportErrorKind::Io)]);
    handle.wait().max_outage(Duration::ZERO).send().await.unwrap_err();
    assert!(replayed(&ReplayTransport::default()).run_wait("x").send().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn progress_is_a_stream_of_looks() {
    let (handle, _) = follow([active(), run("SUCCEEDED", &json!({}))]);
    let looks = handle.progress().try_collect().await.unwrap();
    assert_eq!(looks.iter().map(|run| run.status.to_string()).collect::<Vec<_>>(), ["ACTIVE", "SUCCEEDED"]);

    let (handle, _) = follow([active(), run("FAILED", &json!({})), log(&[], None)]);
    let mut looks = handle.progress();
    assert!(looks.next().await.unwrap().is_ok());
    assert!(looks.next().await.unwrap().is_err());
    assert!(looks.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_log_is_read_while_it_grows() {
    let started = entry("FlowStarted", "");
    let (first, second) = (entry("ActionStarted", "Copy"), entry("ActionCompleted", "Copy"));
    let ended = entry("FlowSucceeded", "");
    let (handle, replay) = follow([
        log(&[started.clone(), first.clone()], None),
        log(&[started.clone(), first.clone()], None),
        active(),
        Reply::failure(TransportErrorKind::Io),
        log(&[started, first, second], Some("m")),
        log(&[ended], None),
    ]);
    let entries = handle.logs().try_collect().await.unwrap();
    let codes: Vec<&str> = entries.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!(codes, ["FlowStarted", "ActionStarted", "ActionCompleted", "FlowSucceeded"]);
    assert_eq!(replay.requests()[5].url.query(), Some("limit=100&marker=m"));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_breaks_off_ends_with_its_run() {
    let (handle, replay) = follow([
        log(&[entry("FlowStarted", "")], None),
        log(&[entry("FlowStarted", "")], None),
        run("SUCCEEDED", &json!({})),
        log(&[entry("FlowStarted", ""), entry("PassStarted", "A")], None),
    ]);
    assert_eq!(handle.logs().try_collect().await.unwrap().len(), 2);
    assert_eq!(replay.requests().len(), 4);

    let (handle, _) = follow([Reply::json(403, "{}")]);
    let mut log = handle.logs();
    assert!(log.try_next().await.unwrap_err().is_permission_denied());
    assert!(log.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_marker_that_leads_nowhere_is_the_end_of_what_there_is() {
    let (first, second) = (entry("FlowStarted", ""), entry("FlowSucceeded", ""));
    let (handle, replay) = follow([
        log(&[first], Some("m")),
        log(&[], Some("m")),
        active(),
        log(std::slice::from_ref(&second), Some("m")),
        log(&[second], Some("m")),
    ]);
    let start = Instant::now();
    assert_eq!(handle.logs().try_collect().await.unwrap().len(), 2);
    assert_eq!(replay.requests().len(), 4);
    about(0.5, start);
}

#[tokio::test(start_paused = true)]
async fn a_handle_does_all_with_one_token() {
    let status = |status: &str| run(status, &json!({}));
    let replay = ReplayTransport::new([
        Reply::json(201, json!({"run_id": RUN, "flow_id": FLOW, "status": "ACTIVE"}).to_string()),
        status("INACTIVE"),
        status("ACTIVE"),
        status("FAILED"),
        status("FAILED"),
    ]);
    let flow = SpecificFlowClient::builder(FLOW)
        .base_url("https://flows.example.org/")
        .transport(replay.clone())
        .build()
        .unwrap();
    let handle = flow.start(json!({})).await.unwrap();
    assert_eq!(handle.run_id().to_string(), RUN);
    handle.get().send().await.unwrap();
    handle.resume().send().await.unwrap();
    handle.cancel().send().await.unwrap();
    handle.delete().send().await.unwrap();
    let paths: Vec<String> = replay.requests().iter().map(|request| request.url.path().to_owned()).collect();
    assert_eq!(
        paths,
        [
            format!("/flows/{FLOW}/run"),
            format!("/runs/{RUN}"),
            format!("/runs/{RUN}/resume"),
            format!("/runs/{RUN}/cancel"),
            format!("/runs/{RUN}/release"),
        ]
    );
    assert!(flow.handle("x").is_err());
}
