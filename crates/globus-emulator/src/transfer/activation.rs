//! Activation, as old programs still ask for it: no present collection needs it, and all can pretend. Legacy endpoints
//! need it, and nothing can give it to them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::body::{Body, check_type_of};
use super::collections::{Collection, Kind};
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use super::task::lock;
use super::{Caller, access};
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
fn status(collection: &Collection, activated: bool) -> [(&'static str, Value); 6] {
    [
        ("activated", activated.into()),
        ("expires_in", if activated { -1 } else { 0 }.into()),
        ("expire_time", Value::Null),
        ("auto_activation_supported", (collection.kind != Kind::Legacy).into()),
        ("oauth_server", Value::Null),
        ("DATA", json!([])),
    ]
}

/// Reads how long a client wants to have it, and wants to wait.
fn check_times(query: &Query) -> Result<(), TransferError> {
    query.number("if_expires_in", 0)?;
    query.number("timeout", 0)?;
    Ok(())
}

async fn requirements(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    let active = !lock(&state.transfer.activations.0).contains(&(caller.identity_id, collection.id));
    let mut document = json!({ "DATA_TYPE": "activation_requirements", "length": 0 });
    for (name, value) in status(&collection, active && collection.kind != Kind::Legacy) {
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
    check_times(&query)?;
    let collection = access::visible(&state, &caller, &id)?;
    if collection.kind == Kind::Legacy {
        let message = format!("There are no credentials for endpoint '{id}'");
        let failed = Outcome::new(StatusCode::OK, "activation_result", "AutoActivationFailed", &message);
        return Ok(with(failed, status(&collection, false)));
    }
    let was_inactive = lock(&state.transfer.activations.0).remove(&(caller.identity_id, collection.id));
    Ok(activated(
        &collection,
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
    query: Query,
    body: Option<Body<Map<String, Value>>>,
) -> Result<Outcome, TransferError> {
    check_times(&query)?;
    if let Some(Body(document)) = body {
        check_type_of(&document, "activation_requirements")?;
    }
    let collection = access::visible(&state, &caller, &id)?;
    if collection.kind == Kind::Legacy {
        let message = format!("Endpoint '{id}' asks for nothing that would activate it");
        return Err(TransferError::bad_request(message));
    }
    let was_inactive = lock(&state.transfer.activations.0).remove(&(caller.identity_id, collection.id));
    let (code, message) = ("Activated.MyProxyCredential", "Endpoint activated successfully");
    Ok(activated(&collection, was_inactive, code, message))
}

fn activated(collection: &Collection, was_inactive: bool, code: &str, message: &str) -> Outcome {
    let (code, message) =
        if was_inactive { (code, message) } else { ("AlreadyActivated", "Endpoint is already activated") };
    with(Outcome::new(StatusCode::OK, "activation_result", code, message), status(collection, true))
}

fn with(outcome: Outcome, members: [(&'static str, Value); 6]) -> Outcome {
    members.into_iter().fold(outcome, |outcome, (name, value)| outcome.with(name, value))
}

async fn deactivate(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    lock(&state.transfer.activations.0).insert((caller.identity_id, collection.id));
    Ok(Outcome::new(StatusCode::OK, "result", "Deactivated", "Endpoint deactivated successfully"))
}
