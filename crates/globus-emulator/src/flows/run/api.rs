//! Runs over HTTP.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Extract};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::input::{self, Changes};
use super::{Metadata, Run, RunRole, Shared, Start, Status, as_action, engine, list};
use crate::auth::Caller;
use crate::auth::principals::identity_urn;
use crate::auth::scopes::flow_user;
use crate::auth::verify::{self, Denied};
use crate::flows::error::{FlowsError, Invalid};
use crate::flows::flow::{Flow, Role};
use crate::flows::listing::{Listing, RawQuery};
use crate::flows::{
    ALL, RUN, RUN_MANAGE, RUN_STATUS, check_policy, no_such_flow, parameters, require, schema, visible,
};
use crate::server::body::JsonBody;
use crate::server::in_process::Depth;
use crate::state::State;
use crate::time;

/// The most runs of one batch.
const LARGEST_BATCH: usize = 100;

pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/flows/{id}/run", post(start))
        .route("/flows/{id}/validate_run", post(validate))
        .route("/flows/{id}/runs", get(list_of_flow))
        .route("/flows/{id}/runs/{run}/log", get(log_of_flow))
        .route("/runs", get(list_all))
        .route("/runs/{id}", get(show).put(update))
        .route("/runs/{id}/definition", get(definition))
        .route("/runs/{id}/log", get(log))
        .route("/runs/{id}/resume", post(resume))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/runs/{id}/release", post(release))
        .route("/batch/runs", post(batch))
        .merge(as_action::router())
}

/// Checks for the scope of one flow, or for one of these of the whole service.
fn require_for(state: &State, headers: &HeaderMap, flow: Uuid, scopes: &[&str]) -> Result<Caller, Denied> {
    let scope = flow_user(flow);
    match verify::require(state, headers, &flow.to_string(), &[&scope]) {
        Err(Denied::Invalid) => {}
        other => return other,
    }
    let caller = require(state, headers, &[])?;
    if scopes.iter().any(|scope| caller.has_scope(scope)) {
        return Ok(caller);
    }
    let needed = scopes.iter().map(ToString::to_string).chain([scope]).collect();
    Err(Denied::MissingScope { needed })
}

/// Checks that a token is for Flows, or for any flow: enough to be told that something is not there.
fn require_any(state: &State, headers: &HeaderMap) -> Result<(), Denied> {
    let of_a_flow = |flow: &Uuid| verify::require(state, headers, &flow.to_string(), &[]).is_ok();
    match require(state, headers, &[]) {
        Err(Denied::Invalid) if state.flows.flows().keys().any(of_a_flow) => Ok(()),
        other => other.map(drop),
    }
}

/// Finds a flow that somebody may start, and who that is.
fn startable(state: &State, headers: &HeaderMap, id: &str) -> Result<(Flow, Caller), FlowsError> {
    let flow = Uuid::parse_str(id).ok().and_then(|id| state.flows.flows().get(&id).cloned());
    let Some(flow) = flow else {
        require_any(state, headers)?;
        return Err(no_such_flow(id));
    };
    // Flows that act elsewhere need consent for that, which comes with their own scope only.
    let acts = flow.definition["States"]
        .as_object()
        .is_some_and(|states| states.values().any(|state| state["Type"] == "Action"));
    let caller = require_for(state, headers, flow.id, if acts { &[] } else { &[RUN] })?;
    let roles = flow.roles(caller.who());
    if roles.is_empty() {
        return Err(no_such_flow(id));
    }
    if !roles.iter().any(|role| matches!(role, Role::Starter | Role::Administrator | Role::Owner)) {
        return Err(FlowsError::missing_permission("flow", id, "RUN"));
    }
    check_policy(state, flow.authentication_policy_id, &caller)?;
    Ok((flow, caller))
}

/// Checks the input of a run.
fn checked_input(flow: &Flow, input: &Value) -> Result<(), FlowsError> {
    let faults = schema::faults(&flow.input_schema, input).map_err(FlowsError::bad_request)?;
    if faults.is_empty() {
        return Ok(());
    }
    let invalid: Vec<Invalid> = faults
        .into_iter()
        .map(|fault| Invalid::new(&[fault.path.into()], fault.message, "InvalidActionInput"))
        .collect();
    Err(FlowsError::invalid_input(&invalid))
}

/// What `$._context` says of whoever started the run.
fn context(state: &State, caller: &Caller) -> Map<String, Value> {
    let identity = state.auth.tables().identity(caller.identity_id);
    let email = identity.as_ref().and_then(|identity| identity.email.clone());
    let urns: Vec<String> = caller.identity_set.iter().map(|id| identity_urn(*id)).collect();
    let context = json!({
        "username": caller.username,
        "email": email,
        "user_id": identity_urn(caller.identity_id),
        "identities": urns,
        "token_info": caller.token_info(state),
    });
    match context {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

pub(super) async fn start(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    depth: Option<Extension<Depth>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    let (flow, caller) = startable(&state, &headers, &id)?;
    let start = input::start(&body?).map_err(|faults| FlowsError::invalid(&faults))?;
    checked_input(&flow, &start.input)?;
    let Depth(depth) = depth.map(|Extension(depth)| depth).unwrap_or_default();
    as_action::check_depth(depth)?;
    let mut metadata = Metadata::default();
    start.changes.apply(&mut metadata);
    let context = context(&state, &caller);
    let starter = caller.clone();
    let (request_id, notified_of) = (start.request_id, start.notified_of);
    let start = Start { request_id, depth, input: start.input, metadata, notified_of, caller, context };
    let run = Arc::new(Run::new(&flow, start, state.clock.now()));
    let before = {
        let mut runs = state.flows.runs();
        let before = as_action::repeated(runs.values(), &run)?;
        if before.is_none() {
            runs.insert(run.id, run.clone());
        }
        before
    };
    if let Some(run) = before {
        let roles = run.roles(starter.who(), Some(&flow));
        return Ok((StatusCode::OK, Json(run.document(&roles))));
    }
    let roles = run.roles(starter.who(), Some(&flow));
    let document = run.document(&roles);
    state.spawn(engine::run(state.clone(), run));
    Ok((StatusCode::CREATED, Json(document)))
}

async fn validate(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    let (flow, _) = startable(&state, &headers, &id)?;
    let start = input::start(&body?).map_err(|faults| FlowsError::invalid(&faults))?;
    checked_input(&flow, &start.input)?;
    Ok(Json(json!({"message": "validation successful"})))
}

fn page(state: &State, listing: &Listing, caller: &Caller, flow: Option<Uuid>) -> Result<Value, FlowsError> {
    state.flows.forget_old_runs(state.clock.now());
    let runs: Vec<Shared> = state
        .flows
        .runs()
        .values()
        .filter(|run| flow.is_none_or(|flow| run.flow_id == flow))
        .cloned()
        .collect();
    let flows = state.flows.flows();
    list::page(listing, &runs, &flows, caller).map_err(FlowsError::bad_request)
}

async fn list_all(
    Extract(state): Extract<Arc<State>>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    let listing = Listing::from_request(query)?;
    page(&state, &listing, &caller, None).map(Json)
}

async fn list_of_flow(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let flow = Uuid::parse_str(&id).map_err(|_| no_such_flow(&id))?;
    let caller = require_for(&state, &headers, flow, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    visible(&state.flows.flows(), &id, caller.who())?;
    let listing = Listing::from_request(query)?;
    let document = page(&state, &listing, &caller, Some(flow))?;
    Ok(Json(document))
}

/// The same under the name that it once had.
pub(super) async fn list_of_flow_as_actions(
    state: Extract<Arc<State>>,
    id: Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let Json(mut document) = list_of_flow(state, id, query, headers).await?;
    if let Some(members) = document.as_object_mut()
        && let Some(runs) = members.remove("runs")
    {
        members.insert("actions".to_owned(), runs);
    }
    Ok(Json(document))
}

/// Finds a run that the caller may see. One that they may not see does not exist for them.
pub(super) fn find(
    state: &State,
    headers: &HeaderMap,
    id: &str,
    scopes: &[&str],
) -> Result<(Shared, Vec<RunRole>, Caller), FlowsError> {
    let missing = || FlowsError::not_found(format!("No Run exists with id value {id}"));
    state.flows.forget_old_runs(state.clock.now());
    let run = Uuid::parse_str(id).ok().and_then(|id| state.flows.runs().get(&id).cloned());
    let Some(run) = run else {
        require_any(state, headers)?;
        return Err(missing());
    };
    let caller = require_for(state, headers, run.flow_id, scopes)?;
    let roles = run.roles(caller.who(), state.flows.flows().get(&run.flow_id));
    if roles.is_empty() {
        return Err(missing());
    }
    let policy = run.policy(state.flows.flows().get(&run.flow_id));
    check_policy(state, policy, &caller)?;
    Ok((run, roles, caller))
}

fn managed(
    state: &State,
    headers: &HeaderMap,
    id: &str,
    operation: &str,
) -> Result<(Shared, Vec<RunRole>), FlowsError> {
    let (run, roles, _) = find(state, headers, id, &[RUN_MANAGE, ALL])?;
    manages(&roles, id, operation)?;
    Ok((run, roles))
}

pub(super) fn manages(roles: &[RunRole], id: &str, operation: &str) -> Result<(), FlowsError> {
    if roles.iter().any(|role| role.manages()) {
        return Ok(());
    }
    Err(FlowsError::missing_permission("run", id, operation))
}

/// Reads a flag of a query in any case, as Python writes it too.
fn flag(query: &[(String, String)], name: &str) -> Result<bool, FlowsError> {
    match query.iter().find(|(key, _)| key == name).map(|(_, value)| value.to_ascii_lowercase()) {
        None => Ok(false),
        Some(value) if value == "true" || value == "1" => Ok(true),
        Some(value) if value == "false" || value == "0" => Ok(false),
        Some(value) => Err(FlowsError::bad_request(format!("{name} must be true or false, not {value:?}"))),
    }
}

pub(super) fn parameters_of(query: RawQuery) -> Result<Vec<(String, String)>, FlowsError> {
    query.map(|Query(pairs)| pairs).map_err(|rejection| FlowsError::bad_request(rejection.body_text()))
}

async fn show(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles, _) = find(&state, &headers, &id, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    let mut document = run.document(&roles);
    if flag(&parameters_of(query)?, "include_flow_description")? {
        let flows = state.flows.flows();
        document["flow_description"] = match flows.get(&run.flow_id) {
            Some(flow) => flow.description_document(),
            None => state.flows.deleted().get(&run.flow_id).cloned().unwrap_or(Value::Null),
        };
    }
    Ok(Json(document))
}

async fn update(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles) = managed(&state, &headers, &id, "UPDATE")?;
    let changes = read_changes(&body?, &[])?;
    changes.apply(&mut run.progress().metadata);
    Ok(Json(run.document(&roles)))
}

fn read_changes(body: &Value, loc: &[Value]) -> Result<Changes, FlowsError> {
    let Some(members) = body.as_object() else {
        return Err(FlowsError::invalid(&[Invalid::new(
            loc,
            "value is not a valid dict",
            "type_error.dict",
        )]));
    };
    input::changes(members, loc).map_err(|faults| FlowsError::invalid(&faults))
}

async fn definition(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, _, caller) = find(&state, &headers, &id, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    let administers =
        state.flows.flows().get(&run.flow_id).is_some_and(|flow| flow.is_administered_by(caller.who()));
    let definition =
        if administers { run.definition.clone() } else { parameters::without_private(&run.definition) };
    Ok(Json(json!({"flow_id": run.flow_id, "definition": definition, "input_schema": run.input_schema})))
}

async fn log(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, ..) = find(&state, &headers, &id, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    log_page(&run, &parameters_of(query)?).map(Json)
}

async fn log_of_flow(
    Extract(state): Extract<Arc<State>>,
    Path((flow, id)): Path<(String, String)>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, ..) = find(&state, &headers, &id, &[RUN_STATUS, RUN_MANAGE, ALL])?;
    if run.flow_id.to_string() != flow {
        return Err(FlowsError::not_found(format!("No Run exists with id value {id}")));
    }
    log_page(&run, &parameters_of(query)?).map(Json)
}

/// A page of the log. The marker holds the limit, the direction, and how many entries came before.
pub(super) fn log_page(run: &Run, query: &[(String, String)]) -> Result<Value, FlowsError> {
    let value = |names: &[&str]| {
        query
            .iter()
            .find(|(key, value)| names.contains(&key.as_str()) && !value.is_empty())
            .map(|(_, value)| value)
    };
    let (limit, reverse, from) = if let Some(marker) = value(&["marker", "pagination_token"]) {
        let parts: Option<Vec<usize>> = marker.split('-').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some([limit @ 1..=100, reverse @ 0..=1, from]) => (*limit, *reverse == 1, *from),
            _ => return Err(FlowsError::bad_request("The marker is not one that this service gave")),
        }
    } else {
        let limit = value(&["limit", "per_page"]).map_or(Ok(10), |text| text.parse());
        let limit = limit.ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit.ok_or_else(|| FlowsError::bad_request("limit must be from 1 to 100"))?;
        (limit, flag(query, "reverse_order")?, 0)
    };
    let progress = run.progress();
    let entries = progress.log.entries();
    let page: Vec<Value> = if reverse {
        entries.iter().rev().skip(from).take(limit).map(super::log::Entry::document).collect()
    } else {
        entries.iter().skip(from).take(limit).map(super::log::Entry::document).collect()
    };
    let next = from.saturating_add(limit);
    let more = next < entries.len();
    let marker = more.then(|| format!("{limit}-{}-{next}", u8::from(reverse)));
    Ok(json!({"limit": limit, "has_next_page": more, "marker": marker, "entries": page}))
}

async fn resume(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    resume_run(&state, &headers, &id)
}

pub(super) async fn resume_of_flow(
    Extract(state): Extract<Arc<State>>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    resume_run(&state, &headers, &id)
}

fn resume_run(state: &State, headers: &HeaderMap, id: &str) -> Result<Json<Value>, FlowsError> {
    let (run, roles, caller) = find(state, headers, id, &[RUN])?;
    if !roles.contains(&RunRole::Owner) {
        return Err(FlowsError::missing_permission("run", id, "RESUME"));
    }
    let now = state.clock.now();
    run.update(|progress| {
        if progress.status == Status::Inactive {
            let text = "The Flow Instance was resumed by the user".to_owned();
            progress.log.add(now, "FlowResumed", text, json!({}));
            progress.status = Status::Active;
        }
        progress.caller = caller;
        progress.resumed += 1;
    });
    Ok(Json(run.document(&roles)))
}

pub(super) fn cancel_run(state: &State, run: &Run) {
    let text = "The Flow Instance was canceled by the user";
    engine::end(run, state.clock.now(), Status::Failed, "FlowCanceled", text, &json!({"details": {}}));
}

async fn cancel(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    let (run, roles) = managed(&state, &headers, &id, "CANCEL")?;
    cancel_run(&state, &run);
    Ok((StatusCode::ACCEPTED, Json(run.document(&roles))))
}

async fn release(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (run, roles) = managed(&state, &headers, &id, "RELEASE")?;
    released(&state, &run)?;
    Ok(Json(run.document(&roles)))
}

/// Forgets a run that has ended.
pub(super) fn released(state: &State, run: &Run) -> Result<(), FlowsError> {
    if !run.is_over() {
        let (id, status) = (run.id, run.progress().status.as_str());
        let text = format!(
            "Run {id} has status '{status}' but must have status in {{'ENDED', 'SUCCEEDED', 'FAILED'}} for requested \
             operation"
        );
        return Err(FlowsError::new(StatusCode::CONFLICT, "STATE_CONFLICT", text));
    }
    state.flows.runs().remove(&run.id);
    Ok(())
}

async fn batch(
    Extract(state): Extract<Arc<State>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    require(&state, &headers, &[RUN_MANAGE, ALL])?;
    let body = body?;
    let ids = body.get("filters").and_then(|filters| filters.get("run_ids")).and_then(Value::as_array);
    let ids = ids.filter(|ids| ids.len() <= LARGEST_BATCH).ok_or_else(|| {
        let text = format!("a list of at most {LARGEST_BATCH} run ids is required");
        FlowsError::invalid(&[Invalid::new(&["filters".into(), "run_ids".into()], text, "value_error")])
    })?;
    let no_ids: Vec<Invalid> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| id.as_str().is_none_or(|id| Uuid::parse_str(id).is_err()))
        .map(|(at, _)| {
            let loc = ["filters".into(), "run_ids".into(), at.into()];
            Invalid::new(&loc, "value is not a valid uuid", "type_error.uuid")
        })
        .collect();
    if !no_ids.is_empty() {
        return Err(FlowsError::invalid(&no_ids));
    }
    let part = |name: &str| {
        body.get(name)
            .filter(|part| !part.is_null())
            .map(|part| read_changes(part, &[name.into()]))
            .transpose()
    };
    part("set")?;
    let status = body.get("set").and_then(|set| set.get("status")).filter(|status| !status.is_null());
    if status.is_some_and(|status| status != "cancel") {
        let msg = "unexpected value; permitted: 'cancel'";
        let loc = ["set".into(), "status".into()];
        return Err(FlowsError::invalid(&[Invalid::new(&loc, msg, "value_error.const")]));
    }
    let cancels = status.is_some();
    // All or none: nothing is changed before every run is found.
    let runs = ids
        .iter()
        .map(|id| managed(&state, &headers, id.as_str().unwrap_or_default(), "UPDATE").map(|(run, _)| run))
        .collect::<Result<Vec<_>, _>>()?;
    for run in runs {
        {
            let metadata = &mut run.progress().metadata;
            if let Some(changes) = part("set")? {
                changes.apply(metadata);
            }
            if let Some(changes) = part("add")? {
                changes.merge(metadata, false);
            }
            if let Some(changes) = part("remove")? {
                changes.merge(metadata, true);
            }
        }
        if cancels {
            cancel_run(&state, &run);
        }
    }
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

impl Flow {
    /// What a run shows of its flow.
    pub(crate) fn description_document(&self) -> Value {
        json!({
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "description": self.description,
            "keywords": self.keywords,
            "flow_owner": self.owner,
            "created_by": self.owner,
            "created_at": time::micros(self.created_at),
            "updated_at": time::micros(self.updated_at),
            "globus_auth_scope": self.scope(),
        })
    }
}
