//! The events of a task as they come: each once, in their order, until the task has ended.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_core::test_util::{ReplayTransport, Reply};
use globus_transfer::TransferClient;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{Answers, TASK, client, error, ok, replay};

fn event(n: u64) -> Value {
    json!({"DATA_TYPE": "event", "code": "PROGRESS", "description": "progress", "is_error": false,
           "time": "2026-01-31T12:00:00+00:00", "details": json!({"n": n}).to_string()})
}

fn number(event: &globus_transfer::TaskEvent) -> u64 {
    serde_json::from_str::<Value>(event.details.as_deref().unwrap()).unwrap()["n"].as_u64().unwrap()
}

/// The newest first, as the service lists them.
fn list(events: std::ops::Range<u64>) -> Reply {
    let data: Vec<Value> = events.rev().map(event).collect();
    ok(&json!({"DATA_TYPE": "event_list", "total": data.len(), "offset": 0, "DATA": data}))
}

fn task(status: &str) -> Reply {
    ok(&json!({"DATA_TYPE": "task", "task_id": TASK, "status": status}))
}

async fn numbers(replay: &ReplayTransport) -> Vec<u64> {
    client(replay).task_events(TASK).try_collect().await.unwrap().iter().map(number).collect()
}

#[tokio::test(start_paused = true)]
async fn each_event_comes_once_and_in_order() {
    let replay = replay([
        list(0..2),
        list(0..2),
        task("ACTIVE"),
        // Half a second later.
        list(0..2),
        task("ACTIVE"),
        list(0..5),
        list(0..5),
        task("SUCCEEDED"),
        // What came between the two questions.
        list(0..6),
    ]);
    let start = Instant::now();
    assert_eq!(numbers(&replay).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!(start.elapsed(), Duration::from_millis(500 + 750));
    assert_eq!(replay.left(), 0);
    let asked: Vec<_> =
        replay.requests().iter().map(|request| request.url.query().map(str::to_owned)).collect();
    assert_eq!(asked[0].as_deref(), Some("limit=1000"));
    assert_eq!(asked[2], None);
}

#[tokio::test(start_paused = true)]
async fn a_task_without_events_ends_too() {
    assert!(numbers(&replay([list(0..0), task("FAILED"), list(0..0)])).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_end_nothing() {
    let replay = replay([
        error(404, "TaskNotFound"),
        error(503, "ServiceUnavailable"),
        list(0..1),
        error(503, "ServiceUnavailable"),
        list(0..1),
        error(500, "InternalError"),
        list(0..1),
        task("FAILED"),
        error(503, "ServiceUnavailable"),
        list(0..2),
        list(0..2),
        task("FAILED"),
        list(0..2),
    ]);
    assert_eq!(numbers(&replay).await, [0, 1]);
    assert_eq!(replay.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn failures_that_stay_are_the_end() {
    let mut events = client(&replay([list(0..1), error(403, "PermissionDenied")])).task_events(TASK);
    assert_eq!(number(&events.try_next().await.unwrap().unwrap()), 0);
    assert!(events.try_next().await.unwrap_err().is_permission_denied());
    assert!(events.next().await.is_none());

    // A task that was there and is not any more is not about to be made.
    let mut events =
        client(&replay([list(0..0), task("ACTIVE"), error(404, "TaskNotFound")])).task_events(TASK);
    assert!(events.try_next().await.unwrap_err().is_not_found());

    let outage = replay((0..1_000).map(|_| error(503, "ServiceUnavailable")));
    let start = Instant::now();
    assert_eq!(client(&outage).task_events(TASK).try_next().await.unwrap_err().status().unwrap(), 503);
    assert!((600..=630).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());

    let error = client(&replay([])).task_events("no id").try_next().await.unwrap_err();
    assert_eq!(error.kind(), globus_core::ErrorKind::InvalidInput);
}

/// A task to which so many events have happened, and to which more happen at each look.
#[derive(Debug, Clone, Default)]
struct Busy {
    events: u64,
    /// How many more there are at the next looks.
    growth: Vec<u64>,
    /// How many a page has at most.
    page: u64,
    /// The furthest back that the service leads.
    reach: u64,
    offsets: Vec<u64>,
    /// How many there were at the last look.
    told: u64,
}

fn busy(service: Busy) -> (TransferClient, Arc<Mutex<Busy>>) {
    let service = Arc::new(Mutex::new(service));
    let inside = Arc::clone(&service);
    let answers = Answers::new(move |asked| {
        let mut busy = inside.lock().unwrap();
        if !asked.path.ends_with("event_list") {
            return (200, json!({"task_id": TASK, "status": "SUCCEEDED"}));
        }
        let number = |name, default| asked.query(name).map_or(default, |text| text.parse().unwrap());
        let (limit, offset) = (number("limit", 10).min(busy.page), number("offset", 0));
        busy.offsets.push(offset);
        if offset + limit > busy.reach {
            return (400, json!({"code": "BadRequest", "message": "offset + limit is too large"}));
        }
        let newest = busy.events.saturating_sub(offset);
        let data: Vec<Value> = (newest.saturating_sub(limit)..newest).rev().map(event).collect();
        let answer = json!({"DATA": data, "total": busy.events, "offset": offset});
        busy.told = busy.events;
        busy.events += busy.growth.pop().unwrap_or(0);
        (200, answer)
    });
    (answers.client(), service)
}

async fn followed(service: Busy) -> (Vec<u64>, Busy) {
    let (client, service) = busy(service);
    let given = client.task_events(TASK).try_collect().await.unwrap().iter().map(number).collect();
    let service = service.lock().unwrap().clone();
    (given, service)
}

#[tokio::test(start_paused = true)]
async fn more_than_a_page_is_read_from_its_oldest() {
    let all = |events| Busy { events, page: 1000, reach: u64::MAX, ..Busy::default() };
    let (given, service) = followed(all(2500)).await;
    assert!(given.iter().copied().eq(0..2500), "{:?}", service.offsets);
    assert_eq!(service.offsets, [0, 1500, 500, 0, 0, 0]);

    // Some come between the looks, and none is lost or given twice.
    let (given, service) = followed(Busy { growth: vec![3, 1200, 9, 7, 1, 900, 5], ..all(3100) }).await;
    assert!(given.iter().copied().eq(0..service.told), "{:?}", service.offsets);
    assert!(service.growth.is_empty());

    // Pages that are smaller than was asked for.
    let (given, _) = followed(Busy { page: 70, ..all(300) }).await;
    assert!(given.iter().copied().eq(0..300));
}

#[tokio::test(start_paused = true)]
async fn where_the_service_does_not_lead_back_the_newest_are_given() {
    let (given, service) =
        followed(Busy { events: 2500, page: 1000, reach: 1000, growth: vec![4], ..Busy::default() }).await;
    assert!(given.iter().copied().eq(1504..2504), "{given:?}");
    assert_eq!(service.offsets, [0, 1500, 0, 0, 0]);
}
