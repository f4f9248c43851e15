//! The Transfer service as clients see it: requests through the router, files in temporary directories.
#![expect(clippy::needless_pass_by_value, reason = "documents are written where they are used: by value")]

mod activation;
mod auth;
mod bad_input;
mod bookmarks;
mod deletes;
mod endpoints;
mod groups;
mod guests;
mod held;
mod kinds;
mod life;
mod listing;
mod managers;
mod operations;
mod pauses;
mod personal;
mod rights;
mod roles;
mod scale;
mod submission;
mod task_lists;
mod transfers;
mod tunnels;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use super::TransferSettings;
use crate::state::State;
use crate::{Emulator, EmulatorBuilder, server};

/// Two clients: who they are does not matter, only that they differ.
const ADA: &str = "ada00000-0000-4000-8000-000000000000";
const BOB: &str = "b0b00000-0000-4000-8000-000000000000";

/// An emulator with the collections `here` and `there`, and a client with a token.
struct World {
    temp: TempDir,
    emulator: Emulator,
    app: Router,
    token: String,
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl World {
    async fn new() -> World {
        World::build(|builder, _| builder).await
    }

    async fn with(settings: TransferSettings) -> World {
        World::build(|builder, _| builder.transfer_settings(settings)).await
    }

    /// A world with more in it; the closure is given the directory that holds `here` and `there`.
    async fn build(more: impl FnOnce(EmulatorBuilder, &Path) -> EmulatorBuilder) -> World {
        let temp = TempDir::new().unwrap();
        for name in ["here", "there"] {
            fs::create_dir(temp.path().join(name)).unwrap();
        }
        let builder = Emulator::builder()
            .collection("here", temp.path().join("here"))
            .collection("there", temp.path().join("there"))
            .stream_access_point("cluster")
            .stream_access_point("detector")
            .client(ADA, "secret")
            .client(BOB, "secret")
            .token_lifetime(Duration::from_secs(365 * 86_400))
            .transfer_settings(TransferSettings::default().retry_interval(Duration::from_millis(20)));
        let emulator = more(builder, temp.path()).start().await.unwrap();
        let app = server::router(emulator.state().clone());
        let mut world = World { temp, emulator, app, token: String::new() };
        world.is(ADA).await;
        world
    }

    /// Goes on in the name of another client.
    async fn is(&mut self, client: &str) {
        self.token = self.token_of(client, super::SCOPE).await;
    }

    fn state(&self) -> &Arc<State> {
        self.emulator.state()
    }

    /// Logs a client in.
    async fn token_of(&self, client: &str, scope: &str) -> String {
        let credentials = BASE64_STANDARD.encode(format!("{client}:secret"));
        let request = Request::builder()
            .method("POST")
            .uri("/auth/v2/oauth2/token")
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Basic {credentials}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = format!("grant_type=client_credentials&scope={scope}");
        let answer = self.send(request, body).await.ok();
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    fn id(&self, collection: &str) -> String {
        self.emulator.collection_id(collection).unwrap().to_string()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join(path)
    }

    /// Writes a file and its parents, such as `here/a/b`.
    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn send(&self, request: http::request::Builder, body: impl Into<Body>) -> Answer {
        let request: Request<Body> = request.body(body.into()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| panic!("{}: not JSON: {}", parts.status, String::from_utf8_lossy(&bytes)));
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/transfer/v0.10/{path}"))
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path), Body::empty()).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("POST", path), body.to_string()).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("PUT", path), body.to_string()).await
    }

    /// Asks the newer API.
    async fn v2(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/transfer/v2/{path}"))
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(request, body).await
    }

    async fn remove(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path), Body::empty()).await
    }

    async fn ls(&self, query: &str) -> Answer {
        self.get(&format!("operation/endpoint/{}/ls?{query}", self.id("here"))).await
    }

    /// The names that `ls` of the collection `here` gives.
    async fn names(&self, query: &str) -> Vec<String> {
        self.ls(query).await.ok().names()
    }

    /// A transfer document from `here` to `there`; `options` are added to it.
    fn transfer(&self, items: Value, options: Value) -> Value {
        let mut document = json!({
            "DATA_TYPE": "transfer",
            "submission_id": Uuid::new_v4(),
            "source_endpoint": self.id("here"),
            "destination_endpoint": self.id("there"),
            "DATA": items,
        });
        merge(&mut document, options);
        document
    }

    /// A delete document for `here`.
    fn delete(&self, paths: &[&str], options: Value) -> Value {
        let items: Vec<Value> =
            paths.iter().map(|path| json!({ "DATA_TYPE": "delete_item", "path": path })).collect();
        let mut document = json!({
            "DATA_TYPE": "delete",
            "submission_id": Uuid::new_v4(),
            "endpoint": self.id("here"),
            "DATA": items,
        });
        merge(&mut document, options);
        document
    }

    /// Submits a transfer and returns the id of the task.
    async fn submit(&self, items: Value, options: Value) -> String {
        let answer = self.post("transfer", self.transfer(items, options)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::ACCEPTED, "Accepted"), "{answer:?}");
        answer.body["task_id"].as_str().unwrap().to_owned()
    }

    async fn submit_delete(&self, paths: &[&str], options: Value) -> String {
        let answer = self.post("delete", self.delete(paths, options)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::ACCEPTED, "Accepted"), "{answer:?}");
        answer.body["task_id"].as_str().unwrap().to_owned()
    }

    async fn task(&self, id: &str) -> Value {
        self.get(&format!("task/{id}")).await.ok().body
    }

    /// Waits until a task is as it should be.
    async fn until(&self, id: &str, what: &str, reached: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let task = self.task(id).await;
            if reached(&task) {
                return task;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "never {what}: {task:#}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(&self, id: &str) -> Value {
        self.until(id, "ended", |task| task["status"] != "ACTIVE").await
    }

    /// Runs a transfer to its end, which must be a good one.
    async fn run(&self, items: Value, options: Value) -> Value {
        let task = self.end(&self.submit(items, options).await).await;
        assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
        task
    }

    /// The codes of a task's events, oldest first.
    async fn events(&self, id: &str) -> Vec<String> {
        let list = self.get(&format!("task/{id}/event_list?limit=1000")).await.ok().body;
        let mut codes: Vec<String> = list["DATA"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["code"].as_str().unwrap().to_owned())
            .collect();
        codes.reverse();
        codes
    }

    async fn cancel(&self, id: &str) -> Answer {
        self.post_nothing(&format!("task/{id}/cancel")).await
    }

    async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request("POST", path), Body::empty()).await
    }
}

impl Answer {
    /// The answer, which must be a success.
    fn ok(self) -> Answer {
        assert!(self.status.is_success(), "{self:?}");
        self
    }

    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_else(|| panic!("no code: {}", self.body))
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_else(|| panic!("no message: {}", self.body))
    }

    fn names(&self) -> Vec<String> {
        let data = self.body["DATA"].as_array().unwrap();
        data.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Asserts an error of the Transfer dialect.
    #[track_caller]
    fn fails(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
        assert_eq!(self.headers["x-transfer-api-error"], code);
        assert_eq!(self.body["request_id"].as_str().unwrap().len(), 9);
        let resource = self.body["resource"].as_str().unwrap();
        assert!(resource.starts_with('/') && !resource.contains("v0.10"), "{resource}");
        self.message()
    }
}

fn merge(document: &mut Value, options: Value) {
    if let Value::Object(options) = options {
        document.as_object_mut().unwrap().extend(options);
    }
}

/// One item.
fn item(source: &str, destination: &str) -> Value {
    json!({ "DATA_TYPE": "transfer_item", "source_path": source, "destination_path": destination })
}

/// One directory item.
fn tree(source: &str, destination: &str) -> Value {
    let mut item = item(source, destination);
    item["recursive"] = json!(true);
    item
}

/// The members that count subtasks: total, pending, succeeded, failed, canceled, expired, skipped errors.
fn subtasks(task: &Value) -> [u64; 7] {
    ["total", "pending", "succeeded", "failed", "canceled", "expired", "skipped_errors"]
        .map(|name| task[format!("subtasks_{name}")].as_u64().unwrap())
}
