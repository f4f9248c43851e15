//! Activation, as old programs still ask for it: no present collection needs it, and all can pretend.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Caller;
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use super::task::lock;
use crate::state::State;

/// The collections that users deactivated: all others are active, and stay so.
#[derive(Debug, Default)]
pub(crate) struct Activations(Mutex<HashSet<(Uuid, Uuid)>>);

impl Activations {
    /// Lets all collections be active again.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint/{id}/activation_requirements", get(requirements))
        .route("/endpoint/{id}/autoactivate", post(autoactivate))
        .route("/endpoint/{id}/activate", post(activate))
        .route("/endpoint/{id}/deactivate", post(deactivate))
}

/// The members that say whether a collection is active.
fn status(activated: bool) -> [(&'static str, Value); 6] {
    [
        ("activated", activated.into()),
        ("expires_in", if activated { -1 } else { 0 }.into()),
        ("expire_time", Value::Null),
        ("auto_activation_supported", true.into()),
        ("oauth_server", Value::Null),
        ("DATA", json!([])),
    ]
}

async fn requirements(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = state.transfer.collection(&id)?.id;
    let activated = !lock(&state.transfer.activations.0).contains(&(caller.identity_id, collection));
    let mut document = json!({ "DATA_TYPE": "activation_requirements", "length": 0 });
    for (name, value) in status(activated) {
        document[name] = value;
    }
    Document::new(&document, query.fields().as_ref())
}

async fn autoactivate(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Outcome, TransferError> {
    query.number("if_expires_in", 0)?;
    query.number("timeout", 0)?;
    let collection = state.transfer.collection(&id)?.id;
    let was_inactive = lock(&state.transfer.activations.0).remove(&(caller.identity_id, collection));
    Ok(activated(
        was_inactive,
        "AutoActivated.CachedCredential",
        "Endpoint activated successfully using cached credentials",
    ))
}

/// Takes the requirements filled in; there are none to check.
async fn activate(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let collection = state.transfer.collection(&id)?.id;
    let was_inactive = lock(&state.transfer.activations.0).remove(&(caller.identity_id, collection));
    Ok(activated(was_inactive, "Activated.MyProxyCredential", "Endpoint activated successfully"))
}

fn activated(was_inactive: bool, code: &str, message: &str) -> Outcome {
    let (code, message) =
        if was_inactive { (code, message) } else { ("AlreadyActivated", "Endpoint is already activated") };
    let outcome = Outcome::new(StatusCode::OK, "activation_result", code, message);
    status(true).into_iter().fold(outcome, |outcome, (name, value)| outcome.with(name, value))
}

async fn deactivate(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let collection = state.transfer.collection(&id)?.id;
    lock(&state.transfer.activations.0).insert((caller.identity_id, collection));
    Ok(Outcome::new(StatusCode::OK, "result", "Deactivated", "Endpoint deactivated successfully"))
}
