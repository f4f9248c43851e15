//! A flow as an action provider: its runs are its actions, so that flows can start other flows.

use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::api::{self, cancel_run, find, log_page, manages, parameters_of, released, start};
use super::{RunRole, Shared};
use crate::auth::Caller;
use crate::auth::principals::identity_urn;
use crate::flows::error::FlowsError;
use crate::flows::listing::RawQuery;
use crate::flows::{ALL, RUN_MANAGE, RUN_STATUS};
use crate::state::State;

/// How deep runs may start each other: a flow may start itself.
const DEEPEST: usize = 20;

/// The routes of the interface, old and new, beside `/flows/{id}` and `/flows/{id}/run`.
pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/flows/{id}/actions", post(start).get(api::list_of_flow_as_actions))
        .route("/flows/{id}/actions/{run}", get(status).delete(release))
        .route("/flows/{id}/actions/{run}/cancel", post(cancel))
        .route("/flows/{id}/actions/{run}/release", post(release))
        .route("/flows/{id}/actions/{run}/resume", post(api::resume_of_flow))
        .route("/flows/{id}/actions/{run}/log", get(log))
        .route("/flows/{id}/{run}/status", get(status))
        .route("/flows/{id}/{run}/cancel", post(cancel))
        .route("/flows/{id}/{run}/release", post(release))
        .route("/flows/{id}/{run}/resume", post(api::resume_of_flow))
        .route("/flows/{id}/{run}/log", get(log))
}

/// Gives the names of today to members that requests for actions have under those of action providers.
pub(super) fn renamed(members: &Map<String, Value>) -> Map<String, Value> {
    let mut members = members.clone();
    for (name, ours) in [("manage_by", "run_managers"), ("monitor_by", "run_monitors")] {
        if let Some(list) = members.remove(name) {
            members.entry(ours).or_insert(list);
        }
    }
    members
}

/// Finds the run that the same request has started before.
pub(super) fn repeated<'a>(
    runs: impl IntoIterator<Item = &'a Shared>,
    new: &Shared,
) -> Result<Option<Shared>, FlowsError> {
    if new.request_id.is_none() {
        return Ok(None);
    }
    let same = |run: &&Shared| {
        run.request_id == new.request_id && run.flow_id == new.flow_id && run.owner == new.owner
    };
    match runs.into_iter().find(same) {
        Some(run) if run.input != new.input => {
            let text = "The request_id was used for another request";
            Err(FlowsError::new(StatusCode::CONFLICT, "STATE_CONFLICT", text))
        }
        found => Ok(found.cloned()),
    }
}

/// Stops flows that start each other for ever.
pub(super) fn check_depth(depth: usize) -> Result<(), FlowsError> {
    if depth <= DEEPEST {
        return Ok(());
    }
    Err(FlowsError::bad_request(format!("Runs start each other more than {DEEPEST} deep")))
}

/// Finds a run of this flow.
fn action(
    state: &State,
    headers: &HeaderMap,
    (flow, id): &(String, String),
    scopes: &[&str],
) -> Result<(Shared, Vec<RunRole>, Caller), FlowsError> {
    let (run, roles, caller) = find(state, headers, id, scopes)?;
    if uuid::Uuid::parse_str(flow).is_ok_and(|flow| flow == run.flow_id) {
        return Ok((run, roles, caller));
    }
    Err(FlowsError::not_found(format!("No Run exists with id value {id}")))
}

/// The run as the status of an action.
fn document(run: &Shared, roles: &[RunRole]) -> Value {
    let mut document = run.document(roles);
    document["creator_id"] = identity_urn(run.owner).into();
    document["release_after"] = "P90D".into();
    document
}

async fn status(
    Extract(state): Extract<Arc<State>>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles, _) = action(&state, &headers, &ids, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    Ok(Json(document(&run, &roles)))
}

async fn log(
    Extract(state): Extract<Arc<State>>,
    Path(ids): Path<(String, String)>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, ..) = action(&state, &headers, &ids, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    log_page(&run, &parameters_of(query)?).map(Json)
}

async fn cancel(
    Extract(state): Extract<Arc<State>>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles, _) = action(&state, &headers, &ids, &[RUN_MANAGE, ALL])?;
    manages(&roles, &ids.1, "CANCEL")?;
    if run.is_over() {
        let text = format!("Run {} has ended", run.id);
        return Err(FlowsError::new(StatusCode::CONFLICT, "STATE_CONFLICT", text));
    }
    cancel_run(&state, &run);
    Ok(Json(document(&run, &roles)))
}

async fn release(
    Extract(state): Extract<Arc<State>>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles, _) = action(&state, &headers, &ids, &[RUN_MANAGE, ALL])?;
    manages(&roles, &ids.1, "RELEASE")?;
    released(&state, &run)?;
    Ok(Json(document(&run, &roles)))
}
