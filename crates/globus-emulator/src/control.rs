//! `/_emulator/`: what a test asks of the emulator itself. Answers this machine only.

mod access;
mod auth;
mod faults;
mod journal;
mod path_faults;
mod redact;
mod tasks;
mod written;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract, middleware};
use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};

use crate::flows;
use crate::server::body::{BodyFault, JsonBody};
use crate::state::State;
use crate::time;
use faults::Faults;
use journal::Journal;

pub use faults::RequestFault;
pub(crate) use faults::{Damage, Replacement};
pub(crate) use journal::{Entry, KEPT_OF_BODY};

/// What the control room remembers.
#[derive(Debug, Default)]
pub(crate) struct Store {
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
}

impl Store {
    /// Takes the first fault that was asked for this request, if any.
    pub(crate) fn take_fault(&self, method: &Method, path: &str) -> Option<RequestFault> {
        lock(&self.faults).take(method, path)
    }

    /// Lets requests go wrong.
    pub(crate) fn add_faults(&self, faults: Vec<RequestFault>) {
        lock(&self.faults).add(faults);
    }

    /// Takes back what is still due.
    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    /// The requests so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<Value> {
        lock(&self.journal).list()
    }

    /// Forgets the faults that are still due, and the journal.
    pub(crate) fn reset(&self) {
        self.clear_faults();
        self.forget_requests();
    }

    /// Forgets the requests so far.
    pub(crate) fn forget_requests(&self) {
        lock(&self.journal).clear();
    }

    /// Notes a request that was answered.
    pub(crate) fn record(&self, entry: Entry) {
        lock(&self.journal).record(entry);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request to the control room that cannot be met.
#[derive(Debug)]
struct ControlError {
    status: StatusCode,
    message: String,
}

impl ControlError {
    fn bad(message: impl Into<String>) -> ControlError {
        ControlError { status: StatusCode::BAD_REQUEST, message: message.into() }
    }
}

impl From<BodyFault> for ControlError {
    fn from(fault: BodyFault) -> ControlError {
        ControlError { status: fault.status(), message: fault.to_string() }
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.message}))).into_response()
    }
}

/// The routes of the control room, mounted at `/_emulator`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/health", get(async || Json(json!({"status": "ok"}))))
        .route("/info", get(info))
        .route("/clock", get(clock).post(advance_clock))
        .route("/faults", get(list_faults).post(add_faults).delete(clear_faults))
        .route("/reset", post(reset))
        .route("/journal", get(show_journal).delete(clear_journal))
        .merge(auth::router())
        .route("/outbox", flows::actions::notification::outbox())
        .route("/search", flows::actions::records::of_search())
        .route("/datacite", flows::actions::records::of_datacite())
        .route("/functions", flows::actions::compute::functions())
        .merge(path_faults::router())
        .merge(tasks::router())
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(access::local_only))
}

async fn info(extract::State(state): extract::State<Arc<State>>, headers: http::HeaderMap) -> Json<Value> {
    let collections: serde_json::Map<String, Value> = state
        .transfer
        .collections
        .configs()
        .into_iter()
        .map(|collection| (collection.name, json!({"id": collection.id, "path": collection.root})))
        .collect();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "services": {
            "auth": state.public_url(&headers, "auth"),
            "transfer": state.public_url(&headers, "transfer"),
            "flows": state.public_url(&headers, "flows"),
            "groups": state.public_url(&headers, "groups"),
        },
        "collections": collections,
        "now": time::micros(state.clock.now()),
    }))
}

async fn clock(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(json!({"now": time::micros(state.clock.now()), "offset_seconds": state.clock.offset_seconds()}))
}

async fn advance_clock(
    state: extract::State<Arc<State>>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ControlError> {
    let seconds = body?["advance_seconds"]
        .as_i64()
        .ok_or_else(|| ControlError::bad("advance_seconds must be a whole number of seconds"))?;
    state.clock.advance(seconds);
    Ok(clock(state).await)
}

async fn list_faults(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(json!({"faults": lock(&state.control.faults).list()}))
}

/// Adds one rule, or a list of them: all or none.
async fn add_faults(
    extract::State(state): extract::State<Arc<State>>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    state.control.add_faults(written::read(body?).map_err(ControlError::bad)?);
    Ok((StatusCode::CREATED, list_faults(extract::State(state)).await))
}

async fn clear_faults(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    state.control.clear_faults();
    list_faults(extract::State(state)).await
}

/// Forgets what happened: everything that was not there at the start. The clock goes back to the present.
async fn reset(extract::State(state): extract::State<Arc<State>>) -> Result<Json<Value>, ControlError> {
    let failed = |message| ControlError { status: StatusCode::INTERNAL_SERVER_ERROR, message };
    state.reset().map_err(failed)?;
    Ok(Json(json!({"status": "ok"})))
}

async fn show_journal(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(json!({"requests": state.control.requests()}))
}

async fn clear_journal(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    state.control.forget_requests();
    show_journal(extract::State(state)).await
}

async fn no_such_route(uri: Uri) -> ControlError {
    let message = format!("there is nothing at /_emulator{}", uri.path());
    ControlError { status: StatusCode::NOT_FOUND, message }
}

async fn wrong_method(method: Method, uri: Uri) -> ControlError {
    let message = format!("/_emulator{} does not take {method}", uri.path());
    ControlError { status: StatusCode::METHOD_NOT_ALLOWED, message }
}
