//! Many tasks, few requests.

use std::time::Duration;

use globus_core::test_util::{ReplayTransport, Reply};
use globus_transfer::{TaskError, TaskId, TaskStatus};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{client, error, ok, replay};

fn id(n: u32) -> TaskId {
    format!("e9d24a40-6a61-11f0-8b6d-0affc0{n:06}").parse().unwrap()
}

fn task(n: u32, status: &str) -> Value {
    json!({"task_id": id(n), "status": status, "faults": 0, "type": "TRANSFER"})
}

fn list(tasks: impl IntoIterator<Item = Value>) -> Reply {
    let tasks: Vec<Value> = tasks.into_iter().collect();
    ok(&json!({"DATA_TYPE": "task_list", "total": tasks.len(), "DATA": tasks}))
}

fn asked(replay: &ReplayTransport) -> Vec<usize> {
    let ids = |url: &url::Url| {
        let filter = url.query_pairs().find(|(name, _)| name == "filter")?.1.into_owned();
        Some(filter.strip_prefix("task_id:")?.split('/').next()?.split(',').count())
    };
    replay.requests().iter().map(|request| ids(&request.url).unwrap_or(0)).collect()
}

#[tokio::test(start_paused = true)]
async fn one_request_looks_at_a_hundred_tasks() {
    let replies = [(0..100, "ACTIVE"), (100..200, "ACTIVE"), (200..250, "SUCCEEDED")]
        .into_iter()
        .chain([(0..100, "SUCCEEDED"), (100..200, "SUCCEEDED")]);
    let replay = replay(replies.map(|(ids, status)| list(ids.map(|n| task(n, status)))));
    let set = client(&replay).task_set((0..250).map(id)).unwrap();
    let outcome = set.wait().send().await;
    assert_eq!((outcome.succeeded.len(), outcome.failed.len()), (250, 0));
    assert_eq!(asked(&replay), [100, 100, 50, 100, 100]);
    assert!(replay.requests().iter().all(|request| request.url.as_str().len() < 5000));
    assert_eq!(outcome.into_result().unwrap().len(), 250);
}

#[test]
fn a_task_is_in_a_set_once() {
    let set = client(&ReplayTransport::default()).task_set([id(2), id(1), id(2)]).unwrap();
    assert_eq!(set.task_ids(), [id(2), id(1)]);
}

#[tokio::test(start_paused = true)]
async fn each_task_gets_its_own_verdict() {
    let failed = json!({"task_id": id(2), "status": "FAILED", "fatal_error": {"code": "CANCELED", "description": "canceled"}});
    let replay = replay([
        list([task(1, "SUCCEEDED"), failed, task(3, "ACTIVE")]),
        // The events of the failed one.
        ok(&json!({"DATA": []})),
        list([task(3, "ACTIVE")]),
        list([task(3, "SUCCEEDED")]),
    ]);
    let set = client(&replay).task_set([id(1), id(2), id(3)]).unwrap();
    let mut verdicts = set.wait().verdicts();
    assert_eq!(verdicts.next().await.unwrap().1.unwrap().task.task_id, id(1));
    let (task_id, verdict) = verdicts.next().await.unwrap();
    assert_eq!(task_id, id(2));
    assert!(matches!(verdict, Err(TaskError::Failed(_))));
    assert_eq!(replay.requests().len(), 2, "nothing is asked before it is wanted");
    assert_eq!(verdicts.next().await.unwrap().1.unwrap().task.status, TaskStatus::Succeeded);
    assert!(verdicts.next().await.is_none());
    assert!(verdicts.next().await.is_none());
    assert_eq!(asked(&replay), [3, 0, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_the_list_lacks_is_asked_for_by_itself() {
    let missing = (0..20).map(|_| list([]));
    let replay = ReplayTransport::new(missing);
    let set = client(&replay).task_set([id(1)]).unwrap();
    let start = Instant::now();
    // In the first five seconds it may not be known yet; then the service is asked for it, and the replay has no answer.
    let outcome = set.wait().timeout(Duration::from_secs(60)).max_outage(Duration::ZERO).send().await;
    assert_eq!(outcome.failed.len(), 1);
    assert!(start.elapsed() >= Duration::from_secs(5));

    let replay = ReplayTransport::new((0..6).map(|_| list([])).chain([error(404, "ClientError.NotFound")]));
    let outcome = client(&replay).task_set([id(1)]).unwrap().wait().send().await;
    let Err(TaskError::Other(error)) = outcome.into_result() else { panic!("no error") };
    assert!(error.is_not_found());
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_borne_and_a_refusal_is_not() {
    let replay =
        replay([error(503, "ServiceUnavailable"), list([task(1, "ACTIVE")]), error(403, "PermissionDenied")]);
    let outcome = client(&replay).task_set([id(1), id(2)]).unwrap().wait().send().await;
    assert_eq!(outcome.failed.len(), 2);
    assert!(
        outcome
            .failed
            .iter()
            .all(|(_, error)| matches!(error, TaskError::Other(error) if error.is_permission_denied()))
    );
}

#[tokio::test(start_paused = true)]
async fn time_runs_out_for_all() {
    let replay = ReplayTransport::new((0..20).map(|_| list([task(1, "ACTIVE"), task(2, "ACTIVE")])));
    let set = client(&replay).task_set([id(1), id(2)]).unwrap();
    let start = Instant::now();
    let outcome = set.wait().timeout(Duration::from_secs(3)).send().await;
    assert!((start.elapsed().as_secs_f64() - 3.0).abs() < 0.1);
    assert!(outcome.failed.iter().all(|(_, error)| matches!(error, TaskError::TimedOut(_))));
    assert_eq!(outcome.failed.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_set_is_cancelled_as_one() {
    let replay = replay([
        ok(&json!({"code": "Canceled"})),
        error(404, "ClientError.NotFound"),
        ok(&json!({"code": "TaskComplete"})),
    ]);
    let set = client(&replay).task_set([id(1), id(2), id(3)]).unwrap();
    let results = set.cancel().await;
    assert_eq!(results.iter().map(|(_, result)| result.is_ok()).collect::<Vec<_>>(), [true, false, true]);
}

#[tokio::test(start_paused = true)]
async fn no_tasks_are_no_work() {
    let replay = ReplayTransport::default();
    let set = client(&replay).task_set(Vec::<TaskId>::new()).unwrap();
    assert!(set.wait().send().await.into_result().unwrap().is_empty());
    assert!(client(&replay).task_set(["x"]).is_err());
}
