//! The endpoint manager: what those with a role see and do with the tasks of others on their collections.

mod actions;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::get;
use serde_json::{Value, json};

use super::access::denied;
use super::collections::Collection;
use super::endpoints::Viewer;
use super::query::Query;
use super::reply::{Document, TransferError};
use super::roles::{Role, Roles};
use super::{Caller, permissions};
use crate::auth::verify;
use crate::state::State;
pub(super) use actions::AdminCancels;

/// The page size of `monitored_endpoints`.
const PAGE: usize = 100;
/// The largest page of it.
const LARGEST_PAGE: usize = 1000;

pub(super) fn router() -> Router<Arc<State>> {
    let routes = Router::new()
        .route("/monitored_endpoints", get(monitored_endpoints))
        .route("/endpoint/{id}", get(endpoint))
        .route("/endpoint/{id}/hosted_endpoint_list", get(hosted_endpoint_list))
        .route("/endpoint/{id}/access_list", get(access_list))
        .merge(tasks::router())
        .merge(actions::router());
    Router::new().nest("/endpoint_manager", routes)
}

/// The collections whose tasks the caller may watch. Who has none is no manager at all.
pub(super) fn monitored(
    state: &State,
    caller: &verify::Caller,
) -> Result<Vec<Arc<Collection>>, TransferError> {
    let mut monitored = state.transfer.collections.all();
    monitored.retain(|one| has(one, caller, Role::ActivityMonitor));
    if monitored.is_empty() {
        return Err(denied("You have no activity_monitor or activity_manager role on any endpoint"));
    }
    Ok(monitored)
}

/// Whether the caller has a role on a collection, and a subscription lets them use it.
fn has(collection: &Collection, caller: &verify::Caller, role: Role) -> bool {
    collection.subscription().is_some() && Roles::of(collection, caller.who()).have(role)
}

/// Finds a collection on which the caller has a role.
pub(super) fn managed(
    state: &State,
    caller: &verify::Caller,
    id: &str,
    role: Role,
) -> Result<Arc<Collection>, TransferError> {
    let collection = state.transfer.collections.find(id)?;
    if !has(&collection, caller, role) {
        return Err(denied(format!("You do not have the role {} on endpoint '{id}'", role.as_str())));
    }
    Ok(collection)
}

async fn monitored_endpoints(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let monitored = monitored(&state, &caller)?;
    let page = query.page(PAGE, LARGEST_PAGE)?;
    let viewer = Viewer::manager(&state, &caller);
    let data: Vec<Value> =
        monitored.iter().skip(page.offset).take(page.limit).map(|one| viewer.document(one)).collect();
    let list = json!({
        "DATA_TYPE": "monitored_endpoints",
        "length": data.len(),
        "limit": page.limit,
        "offset": page.offset,
        "total": monitored.len(),
        "DATA": data,
    });
    Document::list(&list, query.fields().as_ref())
}

async fn endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = managed(&state, &caller, &id, Role::ActivityMonitor)?;
    Document::new(&Viewer::manager(&state, &caller).document(&collection), query.fields().as_ref())
}

async fn hosted_endpoint_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let host = managed(&state, &caller, &id, Role::ActivityMonitor)?;
    if host.kind.is_guest() {
        return Err(TransferError::conflict(format!("'{id}' is not a host endpoint")));
    }
    let viewer = Viewer::manager(&state, &caller);
    let all = state.transfer.collections.all();
    let above = |one: &Collection| one.host().is_some_and(|above| above.id == host.id);
    let data: Vec<Value> = all.iter().filter(|one| above(one)).map(|one| viewer.document(one)).collect();
    let list = json!({ "DATA_TYPE": "endpoint_list", "length": data.len(), "DATA": data });
    Document::list(&list, query.fields().as_ref())
}

async fn access_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = managed(&state, &caller, &id, Role::ActivityMonitor)?;
    if !collection.kind.is_guest() {
        return Err(permissions::not_a_guest(&id));
    }
    let data = permissions::documents(&collection, Some(collection.owner(&caller)), state.clock.now());
    Document::list(&permissions::list(&collection, &data), query.fields().as_ref())
}
