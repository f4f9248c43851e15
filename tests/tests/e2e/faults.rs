//! A service that is busy or down for a while, and tokens that end before their time.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use globus::{
    core::{
        Authorizer, HttpTransport, Transport,
        transport::{Request, Response, TransportError},
    },
    prelude::*,
};
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};

use crate::lab::{Lab, swift};

const TASKS: &str = "GET /transfer/v0.10/task_list";
const TOKENS: &str = "POST /auth/v2/oauth2/token";

#[tokio::test]
async fn a_busy_service_is_given_the_time_that_it_asks_for() {
    let lab = Lab::open().await;
    lab.fault(json!({"path_prefix": "/transfer/", "status": 429, "headers": {"Retry-After": "1"}})).await;
    let start = Instant::now();
    let page = lab.transfer.task_list().send_full().await.unwrap();
    assert_eq!(page.attempts(), 2);
    // The client's own pauses are off: these are the service's.
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(lab.count(TASKS).await, 2);
}

#[tokio::test]
async fn a_wait_that_leads_past_the_limit_is_not_begun() {
    let lab = Lab::open().await;
    lab.fault(json!({"path_prefix": "/transfer/", "status": 429, "headers": {"Retry-After": "301"}})).await;
    let error = lab.transfer.task_list().send().await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!((error.retry_after(), error.attempts()), (Some(Duration::from_secs(301)), 1));
    assert_eq!(error.to_string(), "GET /v0.10/task_list: 429 Too Many Requests");
}

#[tokio::test]
async fn a_service_that_is_down_for_a_while_is_asked_again() {
    let lab = Lab::open().await;
    lab.fault(json!([
        {"path_prefix": "/auth/", "status": 503},
        {"path_prefix": "/transfer/", "status": 503, "times": 3},
        {"path_prefix": "/transfer/", "drop_connection": true, "times": 2},
    ]))
    .await;
    let page = lab.transfer.task_list().send_full().await.unwrap();
    assert_eq!(page.attempts(), 6);
    assert_eq!((lab.count(TOKENS).await, lab.count(TASKS).await), (2, 6));
}

#[tokio::test]
async fn a_service_that_stays_down_is_told_about_in_one_line() {
    let lab = Lab::open().await;
    let html = "<html>\nService Unavailable\n</html>";
    lab.fault(json!({
        "path_prefix": "/transfer/", "status": 503, "body": html, "headers": {"Content-Type": "text/html"}, "times": 6,
    }))
    .await;
    let error = lab.transfer.task_list().send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v0.10/task_list: 503 Service Unavailable: the answer is no JSON document (text/html, 34 bytes) \
         (6 attempts)"
    );
    assert!(error.is_retryable());
    assert_eq!(lab.faults_left().await, 0);
}

#[tokio::test]
async fn what_could_be_done_twice_is_not_asked_twice() {
    let lab = Lab::open().await;
    lab.fault(json!({"path_prefix": "/transfer/", "drop_connection": true, "after_handling": true})).await;
    let error = lab.transfer.operation_mkdir(lab.laptop(), "/new").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Io, 1));
    assert!(lab.laptop_path("new").is_dir());
}

#[tokio::test]
async fn a_storage_that_fails_is_not_asked_again() {
    let lab = Lab::open().await;
    lab.transfer.operation_mkdir(lab.laptop(), "/new").send().await.unwrap();
    let error = lab.transfer.operation_mkdir(lab.laptop(), "/new").send().await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(502));
    assert_eq!(error.attempts(), 1);
    assert!(error.is_code("ExternalError.MkdirFailed.Exists"));
}

#[tokio::test]
async fn a_token_that_is_revoked_in_the_middle_is_replaced() {
    let lab = Lab::open().await;
    let account = lab.account();
    let authorizer =
        Arc::new(ClientCredentialsAuthorizer::new(account.clone(), scope::transfer::ALL).unwrap());
    let transfer: TransferClient = lab.client(authorizer.clone());
    let tasks = transfer.task_list().items().try_collect().await.unwrap();
    assert!(tasks.is_empty());

    let header = authorizer.authorization_header().await.unwrap().unwrap();
    let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
    account.oauth2_revoke_token(token).send().await.unwrap();
    lab.forget_requests().await;
    transfer.task_list().send().await.unwrap();
    assert_eq!(
        lab.requests().await,
        [format!("{TASKS} 401"), format!("{TOKENS} 200"), format!("{TASKS} 200")]
    );
    // A submission goes on as well, with its one id.
    let header = authorizer.authorization_header().await.unwrap().unwrap();
    let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
    account.oauth2_revoke_token(token).send().await.unwrap();
    transfer.submit_transfer(lab.data([("/a", "/a")])).send().await.unwrap();
    assert_eq!(transfer.task_list().items().try_collect().await.unwrap().len(), 1);
}

/// Lets no more requests than this go out at a time: a thousand sockets are more than many systems give a process.
#[derive(Debug)]
struct Narrow(HttpTransport, Semaphore);

#[async_trait]
impl Transport for Narrow {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let _permit = self.1.acquire().await.unwrap();
        self.0.send(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_on_an_expired_token_make_one_token_request() {
    let lab = Lab::open().await;
    let authorizer = ClientCredentialsAuthorizer::new(lab.account(), scope::transfer::ALL).unwrap();
    let transfer = TransferClient::builder()
        .config(lab.config.clone())
        .transport(Narrow(HttpTransport::default(), Semaphore::new(100)))
        .authorizer(authorizer)
        .retry(swift())
        .build()
        .unwrap();
    transfer.task_list().send().await.unwrap();
    lab.let_pass(Duration::from_secs(3 * 86_400)).await;
    lab.forget_requests().await;
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        calls.spawn(transfer.task_list().limit(1).send());
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    let requests = lab.requests().await;
    assert_eq!(requests.iter().filter(|line| line.starts_with(TOKENS)).count(), 1);
    assert_eq!(requests.iter().filter(|line| **line == format!("{TASKS} 200")).count(), 1000);
    assert_eq!(requests.len(), 1001, "no call went out with the expired token");
}
