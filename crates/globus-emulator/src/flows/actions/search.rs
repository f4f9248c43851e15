//! What would be ingested into Search or deleted from it: recorded, for tests to read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Action, Stage, lock};
use crate::state::State;
use crate::time;

/// The most requests that are kept; the oldest go first.
const MOST: usize = 1000;

/// A request to Search.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    time: Timestamp,
    operation: &'static str,
    body: Value,
}

/// The control room's door to what was recorded.
pub(crate) fn recorded() -> MethodRouter<Arc<State>> {
    get(async |Extract(state): Extract<Arc<State>>| {
        let entry = |entry: &Recorded| {
            json!({"time": time::micros(entry.time), "operation": entry.operation, "body": entry.body})
        };
        let entries: Vec<Value> = lock(&state.flows.actions.search).iter().map(entry).collect();
        Json(json!({"requests": entries}))
    })
    .delete(async |Extract(state): Extract<Arc<State>>| {
        lock(&state.flows.actions.search).clear();
        StatusCode::NO_CONTENT
    })
}

/// Records a request and says what Search says of a task that is done.
pub(super) fn record(state: &State, action: &Action, operation: &'static str) -> Stage {
    let now = state.clock.now();
    let body = action.body().clone();
    let index = body.get("search_index").cloned();
    let mut recorded = lock(&state.flows.actions.search);
    if recorded.len() >= MOST {
        recorded.remove(0);
    }
    recorded.push(Recorded { time: now, operation, body });
    Stage::Succeeded(json!({
        "task_id": Uuid::new_v4(),
        "index_id": index,
        "task_type": operation.to_uppercase(),
        "state": "SUCCESS",
        "state_description": "Task succeeded",
        "creation_date": time::micros(action.start_time),
        "completion_date": time::micros(now),
    }))
}
