//! Submitting many: places, and waiting for one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use globus_core::transport::{Request, Response, Transport, TransportError};
use globus_transfer::{Submission, TransferClient, TransferData, TransferQueue};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{DESTINATION, SOURCE};

/// A service that lets a number of tasks run at a time, each for 10 seconds.
#[derive(Debug, Clone)]
struct Service {
    most: usize,
    tasks: Arc<Mutex<BTreeMap<String, Instant>>>,
    /// The most that were under way at a time; looks; refusals.
    seen: Arc<Mutex<(usize, usize, usize)>>,
}

const LIFE: Duration = Duration::from_secs(10);

impl Service {
    fn new(most: usize) -> Self {
        Self { most, tasks: Arc::default(), seen: Arc::default() }
    }

    fn client(&self) -> TransferClient {
        TransferClient::builder()
            .base_url("https://transfer.example.org/")
            .transport(self.clone())
            .build()
            .unwrap()
    }

    fn answer(&self, method: &Method, url: &url::Url, body: &[u8]) -> (u16, Value) {
        let mut tasks = self.tasks.lock().unwrap();
        let mut seen = self.seen.lock().unwrap();
        let now = Instant::now();
        if method == Method::POST {
            let id =
                serde_json::from_slice::<Value>(body).unwrap()["submission_id"].as_str().unwrap().to_owned();
            if tasks.contains_key(&id) {
                return (202, json!({"code": "Duplicate", "task_id": id, "submission_id": id}));
            }
            let running = tasks.values().filter(|end| **end > now).count();
            if running >= self.most {
                seen.2 += 1;
                let code = "ClientError.Conflict.TooManyPendingJobs";
                return (409, json!({"code": code, "message": "too many", "request_id": "r"}));
            }
            seen.0 = seen.0.max(running + 1);
            tasks.insert(id.clone(), now + LIFE);
            return (202, json!({"code": "Accepted", "task_id": id, "submission_id": id}));
        }
        if url.path() == "/v0.10/submission_id" {
            return (200, json!({"value": globus_transfer::SubmissionId::random()}));
        }
        assert_eq!(url.path(), "/v0.10/task_list");
        seen.1 += 1;
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let ids = query["filter"].strip_prefix("task_id:").unwrap().split('/').next().unwrap();
        let list: Vec<Value> = ids
            .split(',')
            .filter_map(|id| {
                let status = if *tasks.get(id)? > now { "ACTIVE" } else { "SUCCEEDED" };
                Some(json!({"task_id": id, "status": status, "type": "TRANSFER"}))
            })
            .collect();
        assert!(list.len() <= query["limit"].parse().unwrap());
        (200, json!({"DATA_TYPE": "task_list", "DATA": list, "total": list.len()}))
    }
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let body = request.body.to_bytes().await.unwrap();
        let (status, answer) = self.answer(&request.method, &request.url, &body);
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Ok(Response::new(StatusCode::from_u16(status).unwrap(), headers, answer.to_string()))
    }
}

fn submission(n: usize) -> Submission {
    Submission::transfer(
        TransferData::new(SOURCE, DESTINATION).with_items([(format!("/{n}"), format!("/{n}"))]),
    )
}

#[tokio::test(start_paused = true)]
async fn a_queue_keeps_to_its_places() {
    let service = Service::new(100);
    let queue = TransferQueue::new(service.client()).max_pending(5);
    let start = Instant::now();
    let tasks = queue.submit_all((0..23).map(submission)).await.unwrap();
    assert_eq!(tasks.task_ids().len(), 23);
    let (most, looks, refused) = *service.seen.lock().unwrap();
    assert_eq!((most, refused), (5, 0));
    // Four rounds of 10 seconds each have to end before the last ones begin.
    let elapsed = start.elapsed().as_secs();
    assert!((40..80).contains(&elapsed), "{elapsed} s");
    assert!(looks < 50, "{looks} looks");
    assert_eq!(queue.tasks().await.task_ids(), tasks.task_ids());
    let outcome = tasks.wait().send().await;
    assert_eq!((outcome.succeeded.len(), outcome.failed.len()), (23, 0));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_gone_keeps_no_place() {
    let service = Service::new(100);
    let queue = TransferQueue::new(service.client()).max_pending(1);
    queue.submit(submission(0)).await.unwrap();
    let next = tokio::spawn({
        let queue = queue.clone();
        async move { queue.submit(submission(1)).await.unwrap() }
    });
    // It has been seen under way; then its end and its removal come between two looks.
    while service.seen.lock().unwrap().1 == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    service.tasks.lock().unwrap().clear();
    tokio::time::timeout(Duration::from_secs(60), next).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_want_of_room_is_waited_out() {
    let service = Service::new(3);
    let queue = TransferQueue::new(service.client());
    queue.submit_all((0..10).map(submission)).await.unwrap();
    let (most, _, refused) = *service.seen.lock().unwrap();
    assert_eq!(most, 3);
    assert!(refused > 0);
    assert_eq!(service.tasks.lock().unwrap().len(), 10);
}

/// After an error everything can be submitted again.
#[tokio::test(start_paused = true)]
async fn what_is_submitted_again_is_there_once() {
    let service = Service::new(100);
    let queue = TransferQueue::new(service.client()).max_pending(3);
    let one = submission(1);
    let tasks = queue.submit_all([one.clone(), submission(2), one.clone(), one]).await.unwrap();
    assert_eq!(tasks.task_ids().len(), 2);
    assert_eq!(queue.tasks().await.task_ids(), tasks.task_ids());
    assert_eq!(service.seen.lock().unwrap().1, 0, "no place was waited for");
    assert_eq!(tasks.wait().send().await.succeeded.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn clones_share_the_places() {
    let service = Service::new(100);
    let queue = TransferQueue::new(service.client()).only_active();
    let mut submitting = tokio::task::JoinSet::new();
    for n in 0..12 {
        let queue = queue.clone();
        submitting.spawn(async move { queue.submit(submission(n)).await.map(|accepted| accepted.task_id) });
    }
    for submitted in submitting.join_all().await {
        submitted.unwrap();
    }
    assert_eq!(service.seen.lock().unwrap().0, 3);
    assert_eq!(queue.tasks().await.task_ids().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_is_wrong_holds_nobody_up() {
    let service = Service::new(100);
    let queue = TransferQueue::new(service.client());
    let error = queue.submit(TransferData::new(SOURCE, DESTINATION)).await.unwrap_err();
    assert!(error.to_string().contains("has no items"), "{error}");
    queue.submit(submission(1)).await.unwrap();
}
