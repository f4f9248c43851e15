//! What would have gone to services that the emulator does not have: kept for tests to read.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Store, lock};
use crate::state::State;
use crate::time;

/// The most requests that are kept; the oldest go first.
const MOST: usize = 1000;

/// The requests to one service.
#[derive(Debug, Default)]
pub(crate) struct Records(Mutex<Vec<Value>>);

impl Records {
    pub(super) fn add(&self, now: Timestamp, operation: &str, body: &Value) {
        let mut requests = lock(&self.0);
        if requests.len() >= MOST {
            requests.remove(0);
        }
        requests.push(json!({"time": time::micros(now), "operation": operation, "body": body}));
    }

    pub(super) fn list(&self) -> Vec<Value> {
        lock(&self.0).clone()
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// The control room's door to the requests to Search.
pub(crate) fn of_search() -> MethodRouter<Arc<State>> {
    door(|store| &store.search)
}

/// The control room's door to the requests to `DataCite`.
pub(crate) fn of_datacite() -> MethodRouter<Arc<State>> {
    door(|store| &store.datacite)
}

fn door(pick: fn(&Store) -> &Records) -> MethodRouter<Arc<State>> {
    get(async move |Extract(state): Extract<Arc<State>>| {
        Json(json!({"requests": pick(&state.flows.actions).list()}))
    })
    .delete(async move |Extract(state): Extract<Arc<State>>| {
        pick(&state.flows.actions).clear();
        StatusCode::NO_CONTENT
    })
}
