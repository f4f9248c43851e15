//! Globus Flows: flows, the engine that runs them, and the actions that they take.

pub(crate) mod actions;
mod choice;
mod definition;
mod error;
pub(crate) mod expression;
mod flow;
mod http_client;
mod input;
mod list;
mod listing;
mod parameters;
mod path;
mod registered_api;
mod resolve;
mod run;
mod schema;
mod web_input;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{self, Path};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::principals::{Who, identity_urn};
use crate::auth::verify::{self, Caller, Denied};
use crate::auth::{SessionRequirement, requirements};
use crate::server::body::JsonBody;
use crate::state::State;
use crate::time;
use definition::graph;
use error::{FlowsError, Invalid};
use flow::Flow;
use input::{Draft, Purpose};
use listing::{Listing, RawQuery};
use registered_api::RegisteredApi;
use resolve::Scopes;
use web_input::WebInput;

/// How long a web input waits for an answer when nobody says otherwise.
pub(crate) const WEB_INPUT_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a run is remembered after its end.
const RUN_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What the Flows service remembers.
#[derive(Debug)]
pub(crate) struct Store {
    /// How long a web input waits for an answer.
    web_input_lifetime: SignedDuration,
    flows: Mutex<BTreeMap<Uuid, Flow>>,
    /// What runs still show of flows that are gone.
    deleted: Mutex<BTreeMap<Uuid, Value>>,
    runs: Mutex<BTreeMap<Uuid, run::Shared>>,
    web_inputs: Mutex<BTreeMap<Uuid, WebInput>>,
    registered_apis: Mutex<BTreeMap<Uuid, RegisteredApi>>,
    pub(crate) actions: actions::Store,
}

impl Store {
    pub(crate) fn new(web_input_lifetime: SignedDuration) -> Store {
        Store {
            web_input_lifetime,
            flows: Mutex::default(),
            deleted: Mutex::default(),
            runs: Mutex::default(),
            web_inputs: Mutex::default(),
            registered_apis: Mutex::default(),
            actions: actions::Store::default(),
        }
    }

    /// Forgets every flow, and ends what runs.
    pub(crate) fn reset(&self, now: Timestamp) {
        self.flows().clear();
        self.deleted().clear();
        for run in std::mem::take(&mut *self.runs()).into_values() {
            run.abandon(now);
        }
        self.web_inputs().clear();
        self.registered_apis().clear();
        self.actions.reset();
    }

    fn flows(&self) -> MutexGuard<'_, BTreeMap<Uuid, Flow>> {
        lock(&self.flows)
    }

    fn deleted(&self) -> MutexGuard<'_, BTreeMap<Uuid, Value>> {
        lock(&self.deleted)
    }

    /// Forgets the runs that ended too long ago.
    fn forget_old_runs(&self, now: Timestamp) {
        let oldest = now.saturating_sub(RUN_RETENTION).unwrap_or(Timestamp::MIN);
        self.runs().retain(|_, run| !run.ended_before(oldest));
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<Uuid, run::Shared>> {
        lock(&self.runs)
    }

    fn registered_apis(&self) -> MutexGuard<'_, BTreeMap<Uuid, RegisteredApi>> {
        lock(&self.registered_apis)
    }

    fn web_inputs(&self) -> MutexGuard<'_, BTreeMap<Uuid, WebInput>> {
        lock(&self.web_inputs)
    }
}

/// Locks what no panic can leave half changed. Whoever holds the flows may ask for the runs, not the other way round.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const ALL: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all";
const MANAGE_FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/manage_flows";
const VIEW_FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/view_flows";
const RUN: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run";
const RUN_STATUS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run_status";
const RUN_MANAGE: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run_manage";
const WEB_INPUT_VIEW: &str =
    "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/web_input_view";
const WEB_INPUT_RESPOND: &str =
    "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/web_input_respond";

fn require(state: &State, headers: &HeaderMap, scopes: &[&str]) -> Result<Caller, Denied> {
    verify::require(state, headers, "flows.globus.org", scopes)
}

/// The routes of the Flows service, mounted at `/flows`.
pub(crate) fn router(state: &Arc<State>) -> Router<Arc<State>> {
    Router::new()
        .route("/flows", get(list).post(create))
        .route("/flows/validate", post(validate))
        .route("/flows/{id}", get(show).put(update).delete(delete))
        .route("/web_inputs", get(web_input::list))
        .route("/web_inputs/{id}", get(web_input::show))
        .route("/web_inputs/{id}/respond", post(web_input::respond))
        .merge(registered_api::router())
        .merge(run::api::router())
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), requirements::enforce::<FlowsError>))
}

async fn list(
    extract::State(state): extract::State<Arc<State>>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[VIEW_FLOWS, MANAGE_FLOWS, ALL])?;
    let listing = Listing::from_request(query)?;
    let flows = state.flows.flows();
    let page = list::page(&listing, flows.values(), caller.who()).map_err(FlowsError::bad_request)?;
    let base = state.public_url(&headers, "flows");
    Ok(Json(page.document("flows", |flow| {
        let mut document = flow.document(caller.who(), &base);
        // Lists do not check sessions, so they do not say what a flow of high assurance does.
        if flow.authentication_policy_id.is_some() {
            document["definition"] = Value::Null;
            document["input_schema"] = Value::Null;
        }
        document
    })))
}

async fn create(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let draft = input::read(&body?, Purpose::Create).map_err(|faults| FlowsError::invalid(&faults))?;
    let (definition, schema) = (draft.definition.as_ref(), draft.input_schema.as_ref());
    let scopes = analyzed(&state, definition.unwrap_or(&Value::Null), schema.unwrap_or(&Value::Null)).await?;
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
    let document = flow.document(caller.who(), &state.public_url(&headers, "flows"));
    resolve::register(&state, &flow, &scopes);
    state.flows.flows().insert(flow.id, flow);
    Ok((StatusCode::CREATED, Json(document)))
}

/// Follows the data through a definition, and asks its providers for their scopes.
async fn analyzed(state: &Arc<State>, definition: &Value, schema: &Value) -> Result<Scopes, FlowsError> {
    let faults = graph::missing_inputs(definition, schema, &["definition".into()]);
    if !faults.is_empty() {
        return Err(FlowsError::failed_analysis(&faults, definition));
    }
    resolve::scopes(state, definition).await
}

async fn validate(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let (definition, schema) =
        input::read_definition(&body?).map_err(|faults| FlowsError::invalid(&faults))?;
    let scopes = analyzed(&state, &definition, &schema).await?;
    let ways = graph::possibilities(&definition);
    Ok(Json(json!({"scopes": scopes, "analysis": {"number_of_possibilities": ways}})))
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
    flow.subscription_id = draft.subscription_id.or(flow.subscription_id);
    flow.authentication_policy_id = draft.authentication_policy_id.or(flow.authentication_policy_id);
}

/// A flow that anybody may see needs no token; a token that is sent must be good nevertheless.
async fn show(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = match require(&state, &headers, &[VIEW_FLOWS, MANAGE_FLOWS, ALL]) {
        Ok(caller) => Some(caller),
        Err(Denied::Missing) if !headers.contains_key(http::header::AUTHORIZATION) => None,
        Err(denied) => return Err(denied.into()),
    };
    let who = caller.as_ref().map(Caller::who).unwrap_or_default();
    let flows = state.flows.flows();
    let found = visible(&flows, &id, who);
    if let (Ok(flow), Some(caller)) = (&found, &caller) {
        check_policy(&state, flow.authentication_policy_id, caller)?;
    }
    match found {
        Ok(flow) => Ok(Json(flow.document(who, &state.public_url(&headers, "flows")))),
        // Whoever did not say who they are learns first that they must.
        Err(_) if !who.is_somebody() => Err(Denied::Missing.into()),
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
    let before = administered(&state.flows.flows(), &id, caller.who(), "UPDATE")?.clone();
    check_policy(&state, before.authentication_policy_id, &caller)?;
    let draft = input::read(&body?, Purpose::Update).map_err(|faults| FlowsError::invalid(&faults))?;
    let fault =
        |name: &str, msg: &str| FlowsError::invalid(&[Invalid::new(&[name.into()], msg, "value_error")]);
    let takes_over = draft.owner.as_ref().filter(|owner| **owner != before.owner);
    if takes_over.is_some_and(|owner| *owner != identity_urn(caller.identity_id)) {
        return Err(fault("flow_owner", "ownership can only be taken, by the caller's own identity"));
    }
    if draft.authentication_policy_id.is_some() && before.authentication_policy_id.is_none() {
        return Err(fault("authentication_policy_id", "a policy cannot be added to an existing flow"));
    }
    let definition = draft.definition.as_ref().unwrap_or(&before.definition);
    let schema = draft.input_schema.as_ref().unwrap_or(&before.input_schema);
    let scopes = if draft.definition.is_some() || draft.input_schema.is_some() {
        Some(analyzed(&state, definition, schema).await?)
    } else {
        None
    };
    let mut flows = state.flows.flows();
    let flow = flows.get_mut(&before.id).ok_or_else(|| no_such_flow(&id))?;
    apply(draft, flow);
    flow.updated_at = state.clock.now();
    if let Some(scopes) = scopes {
        resolve::register(&state, flow, &scopes);
    }
    Ok(Json(flow.document(caller.who(), &state.public_url(&headers, "flows"))))
}

async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let mut flows = state.flows.flows();
    let flow = administered(&flows, &id, caller.who(), "DELETE")?;
    check_policy(&state, flow.authentication_policy_id, &caller)?;
    let mut document = flow.document(caller.who(), &state.public_url(&headers, "flows"));
    let id = flow.id;
    let deleted_at = time::micros(state.clock.now());
    let mut description = flow.description_document();
    description["deleted_at"] = deleted_at.clone().into();
    flows.remove(&id);
    state.flows.deleted().insert(id, description);
    resolve::forget(&state, id);
    document["DELETED"] = true.into();
    document["deleted_at"] = deleted_at.into();
    Ok(Json(document))
}

/// Checks that the session of the caller is good enough for a flow of high assurance.
fn check_policy(state: &State, policy: Option<Uuid>, caller: &Caller) -> Result<(), FlowsError> {
    let known = policy.filter(|policy| state.auth.tables().policies.get(*policy).is_some());
    let Some(policy) = known else { return Ok(()) };
    let requirement = SessionRequirement { policies: vec![policy], ..SessionRequirement::default() };
    Ok(caller.meets(state, &requirement)?)
}

/// Finds a flow that somebody may see. One that they may not see does not exist for them.
fn visible<'a>(flows: &'a BTreeMap<Uuid, Flow>, id: &str, who: Who<'_>) -> Result<&'a Flow, FlowsError> {
    Uuid::parse_str(id)
        .ok()
        .and_then(|uuid| flows.get(&uuid))
        .filter(|flow| !flow.roles(who).is_empty())
        .ok_or_else(|| no_such_flow(id))
}

fn administered<'a>(
    flows: &'a BTreeMap<Uuid, Flow>,
    id: &str,
    who: Who<'_>,
    operation: &str,
) -> Result<&'a Flow, FlowsError> {
    let flow = visible(flows, id, who)?;
    if flow.is_administered_by(who) {
        return Ok(flow);
    }
    Err(FlowsError::missing_permission("flow", id, operation))
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
