//! Globus Flows: the flows themselves.

mod definition;
mod error;
mod flow;
mod input;
mod list;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::requirements;
use crate::auth::scopes::{ScopeRecord, flow_user};
use crate::auth::verify::{self, Caller, Denied};
use crate::server::body::JsonBody;
use crate::state::State;
use crate::time;
use error::{FlowsError, Invalid};
use flow::{Flow, identity_urn};
use input::{Draft, Purpose, Subscription};
use list::Listing;

/// What the Flows service remembers.
#[derive(Debug, Default)]
pub(crate) struct Store {
    flows: Mutex<BTreeMap<Uuid, Flow>>,
}

impl Store {
    /// Forgets every flow.
    pub(crate) fn reset(&self) {
        self.flows().clear();
    }

    fn flows(&self) -> MutexGuard<'_, BTreeMap<Uuid, Flow>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const ALL: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all";
const MANAGE_FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/manage_flows";
const VIEW_FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/view_flows";

fn require(state: &State, headers: &HeaderMap, scopes: &[&str]) -> Result<Caller, Denied> {
    verify::require(state, headers, "flows.globus.org", scopes)
}

/// The routes of the Flows service, mounted at `/flows`.
pub(crate) fn router(state: &Arc<State>) -> Router<Arc<State>> {
    Router::new()
        .route("/flows", get(list).post(create))
        .route("/flows/{id}", get(show).put(update).delete(delete))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), requirements::enforce::<FlowsError>))
}

async fn list(
    extract::State(state): extract::State<Arc<State>>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[VIEW_FLOWS, MANAGE_FLOWS, ALL])?;
    let Query(parameters) = query.map_err(|rejection| FlowsError::bad_request(rejection.body_text()))?;
    let listing = Listing::from_query(parameters).map_err(FlowsError::bad_request)?;
    let flows = state.flows.flows();
    let page = listing.page(flows.values(), caller.identity_id).map_err(FlowsError::bad_request)?;
    let base = state.public_url(&headers, "flows");
    let documents: Vec<Value> =
        page.flows.iter().map(|flow| flow.document(Some(caller.identity_id), &base)).collect();
    Ok(Json(json!({
        "flows": documents,
        "limit": page.limit,
        "has_next_page": page.marker.is_some(),
        "marker": page.marker,
    })))
}

async fn create(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let draft = input::read(&body?, Purpose::Create).map_err(|faults| FlowsError::invalid(&faults))?;
    let now = state.clock.now();
    let mut flow = Flow {
        id: Uuid::new_v4(),
        title: String::new(),
        subtitle: String::new(),
        description: String::new(),
        keywords: Vec::new(),
        definition: json!({}),
        input_schema: json!({}),
        owner: identity_urn(caller.identity_id),
        viewers: Vec::new(),
        starters: Vec::new(),
        administrators: Vec::new(),
        run_managers: Vec::new(),
        run_monitors: Vec::new(),
        subscription_id: None,
        authentication_policy_id: draft.authentication_policy_id,
        created_at: now,
        updated_at: now,
    };
    apply(draft, &mut flow);
    let document = flow.document(Some(caller.identity_id), &state.public_url(&headers, "flows"));
    let id = flow.id;
    state.flows.flows().insert(id, flow);
    state.auth.register_scope(ScopeRecord::new(id, id.to_string(), flow_user(id)).advertised());
    Ok((StatusCode::CREATED, Json(document)))
}

/// Writes the members that are given over those that the flow has.
fn apply(draft: Draft, flow: &mut Flow) {
    fn set<T>(field: &mut T, given: Option<T>) {
        if let Some(given) = given {
            *field = given;
        }
    }
    set(&mut flow.title, draft.title);
    set(&mut flow.subtitle, draft.subtitle);
    set(&mut flow.description, draft.description);
    set(&mut flow.keywords, draft.keywords);
    set(&mut flow.definition, draft.definition);
    set(&mut flow.input_schema, draft.input_schema);
    set(&mut flow.owner, draft.owner);
    set(&mut flow.viewers, draft.viewers);
    set(&mut flow.starters, draft.starters);
    set(&mut flow.administrators, draft.administrators);
    set(&mut flow.run_managers, draft.run_managers);
    set(&mut flow.run_monitors, draft.run_monitors);
    match draft.subscription {
        Subscription::Keep => {}
        Subscription::Remove => flow.subscription_id = None,
        Subscription::Set(id) => flow.subscription_id = Some(id),
    }
    if draft.authentication_policy_id.is_some() {
        flow.authentication_policy_id = draft.authentication_policy_id;
    }
}

/// A flow that anybody may see needs no token; a token that is sent must be good nevertheless.
async fn show(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let identity = match require(&state, &headers, &[VIEW_FLOWS, MANAGE_FLOWS, ALL]) {
        Ok(caller) => Some(caller.identity_id),
        Err(Denied::Missing) if !headers.contains_key(http::header::AUTHORIZATION) => None,
        Err(denied) => return Err(denied.into()),
    };
    let flows = state.flows.flows();
    match visible(&flows, &id, identity) {
        Ok(flow) => Ok(Json(flow.document(identity, &state.public_url(&headers, "flows")))),
        // Whoever did not say who they are learns first that they must.
        Err(_) if identity.is_none() => Err(Denied::Missing.into()),
        Err(error) => Err(error),
    }
}

async fn update(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let identity = Some(caller.identity_id);
    let mut flows = state.flows.flows();
    let id = administered(&flows, &id, identity, "UPDATE")?.id;
    let draft = input::read(&body?, Purpose::Update).map_err(|faults| FlowsError::invalid(&faults))?;
    let flow = flows.get_mut(&id).ok_or_else(|| no_such_flow(&id.to_string()))?;
    let fault =
        |name: &str, msg: &str| FlowsError::invalid(&[Invalid::new(&[name.into()], msg, "value_error")]);
    if draft
        .owner
        .as_ref()
        .is_some_and(|owner| *owner != flow.owner && *owner != identity_urn(caller.identity_id))
    {
        return Err(fault("flow_owner", "ownership can only be taken, by the caller's own identity"));
    }
    if draft.authentication_policy_id.is_some() && flow.authentication_policy_id.is_none() {
        return Err(fault("authentication_policy_id", "a policy cannot be added to an existing flow"));
    }
    apply(draft, flow);
    flow.updated_at = state.clock.now();
    Ok(Json(flow.document(identity, &state.public_url(&headers, "flows"))))
}

async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let identity = Some(caller.identity_id);
    let mut flows = state.flows.flows();
    let flow = administered(&flows, &id, identity, "DELETE")?;
    let mut document = flow.document(identity, &state.public_url(&headers, "flows"));
    let id = flow.id;
    flows.remove(&id);
    state.auth.forget_scopes_of(id);
    document["DELETED"] = true.into();
    document["deleted_at"] = time::micros(state.clock.now()).into();
    Ok(Json(document))
}

/// Finds a flow that an identity may see. One that it may not see does not exist for it.
fn visible<'a>(
    flows: &'a BTreeMap<Uuid, Flow>,
    id: &str,
    identity: Option<Uuid>,
) -> Result<&'a Flow, FlowsError> {
    Uuid::parse_str(id)
        .ok()
        .and_then(|uuid| flows.get(&uuid))
        .filter(|flow| !flow.roles(identity).is_empty())
        .ok_or_else(|| no_such_flow(id))
}

fn administered<'a>(
    flows: &'a BTreeMap<Uuid, Flow>,
    id: &str,
    identity: Option<Uuid>,
    operation: &str,
) -> Result<&'a Flow, FlowsError> {
    let flow = visible(flows, id, identity)?;
    if flow.is_administered_by(identity) {
        return Ok(flow);
    }
    let detail =
        format!("You do not have the necessary permissions on flow {id}. Missing permissions: {operation}.");
    Err(FlowsError::forbidden(detail))
}

fn no_such_flow(id: &str) -> FlowsError {
    FlowsError::not_found(format!("No Flow exists with id value {id}"))
}

async fn no_such_route(uri: Uri) -> FlowsError {
    FlowsError::not_found(format!("The emulator has no Flows resource at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> FlowsError {
    let detail = format!("{} does not take {method}", uri.path());
    FlowsError::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail)
}
