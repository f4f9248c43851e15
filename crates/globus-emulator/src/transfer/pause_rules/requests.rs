//! Pause rules over HTTP: for those who manage collections, and for those whom the rules stop.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Action, PauseRule, endpoint_name};
use crate::auth::verify;
use crate::state::State;
use crate::transfer::access::{self, denied};
use crate::transfer::body::{Body, check_type_of, flag, text};
use crate::transfer::collections::Collection;
use crate::transfer::manager;
use crate::transfer::query::Query;
use crate::transfer::reply::{Created, Document, Outcome, TransferError};
use crate::transfer::roles::{Role, Roles};
use crate::transfer::{Caller, times};

pub(in crate::transfer) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint/{id}/my_effective_pause_rule_list", get(my_effective_pause_rule_list))
        .route("/endpoint_manager/pause_rule_list", get(pause_rule_list))
        .route("/endpoint_manager/pause_rule", post(create))
        .route("/endpoint_manager/pause_rule/{id}", get(show).put(update).delete(delete))
}

async fn my_effective_pause_rule_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    let rules = state.transfer.pause_rules.effective(&collection, caller.who(), None, state.clock.now());
    let data = rules.iter().map(|rule| rule.limited(&endpoint_name(&state, rule.endpoint)));
    list(&data.collect::<Vec<_>>(), &query)
}

fn list(data: &[Value], query: &Query) -> Result<Document, TransferError> {
    let list = json!({ "DATA_TYPE": "pause_rule_list", "length": data.len(), "DATA": data });
    Document::list(&list, query.fields().as_ref())
}

async fn pause_rule_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let monitored = manager::monitored(&state, &caller)?;
    let (endpoint, host) = (query.id("filter_endpoint")?, query.id("filter_host_endpoint")?);
    let wanted = |collection: &Collection| {
        endpoint.is_none_or(|id| collection.id == id)
            && host.is_none_or(|id| collection.host().is_some_and(|host| host.id == id))
    };
    let rules = state.transfer.pause_rules.all();
    let data = rules.iter().filter_map(|rule| {
        let collection = monitored.iter().find(|collection| collection.id == rule.endpoint)?;
        wanted(collection).then(|| rule.document(&collection.name(), is_editable(rule, collection, &caller)))
    });
    list(&data.collect::<Vec<_>>(), &query)
}

/// Whether the caller may change a rule: what the manager of the mapped collection made is out of reach for the
/// manager of the guest collection.
fn is_editable(rule: &PauseRule, collection: &Collection, caller: &verify::Caller) -> bool {
    let who = caller.who();
    if rule.by_host_manager {
        collection.host().is_some_and(|host| Roles::of(host, who).have(Role::ActivityManager))
    } else {
        Roles::of(collection, who).have(Role::ActivityManager)
    }
}

/// Finds a rule on a collection that the caller monitors.
fn find(
    state: &State,
    caller: &verify::Caller,
    id: &str,
) -> Result<(Arc<PauseRule>, Arc<Collection>), TransferError> {
    let monitored = manager::monitored(state, caller)?;
    let rule = Uuid::parse_str(id).ok().and_then(|id| state.transfer.pause_rules.get(id));
    rule.and_then(|rule| {
        let collection = monitored.into_iter().find(|collection| collection.id == rule.endpoint)?;
        Some((rule, collection))
    })
    .ok_or_else(|| {
        let message = format!("Pause rule '{id}' not found");
        TransferError::new(StatusCode::NOT_FOUND, "PauseRuleNotFound", message)
    })
}

/// Finds a rule that the caller may change.
fn find_editable(
    state: &State,
    caller: &verify::Caller,
    id: &str,
) -> Result<(Arc<PauseRule>, Arc<Collection>), TransferError> {
    let (rule, collection) = find(state, caller, id)?;
    if !is_editable(&rule, &collection, caller) {
        return Err(denied(format!("You may not change pause rule '{id}'")));
    }
    Ok((rule, collection))
}

async fn show(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (rule, collection) = find(&state, &caller, &id)?;
    let editable = is_editable(&rule, &collection, &caller);
    Document::new(&rule.document(&collection.name(), editable), query.fields().as_ref())
}

async fn create(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<Map<String, Value>>,
) -> Result<Created, TransferError> {
    check_type_of(&document, "pause_rule")?;
    let endpoint = text(&document, "endpoint_id")?;
    let endpoint = endpoint.ok_or_else(|| TransferError::bad_request("'endpoint_id' is required"))?;
    let message = text(&document, "message")?;
    let message = message.ok_or_else(|| TransferError::bad_request("'message' is required"))?;
    let collection = manager::managed(&state, &caller, endpoint, Role::ActivityManager)?;
    let identity = match text(&document, "identity_id")? {
        None => None,
        Some(id) => Some(Uuid::parse_str(id).map_err(|_| {
            TransferError::bad_request(format!("Invalid identity_id '{id}': expected a UUID"))
        })?),
    };
    let start_time = match text(&document, "start_time")? {
        None => None,
        Some(text) => Some(times::parse(text).ok_or_else(|| {
            TransferError::bad_request(format!("Invalid start_time '{text}': expected an ISO 8601 time"))
        })?),
    };
    let rule = PauseRule {
        id: Uuid::new_v4(),
        endpoint: collection.id,
        message: message.to_owned(),
        identity,
        start_time,
        paused: paused(&document, &Action::ALL)?,
        modified_by: (caller.identity_id, caller.username.clone()),
        modified: state.clock.now(),
        by_host_manager: !Roles::on(&collection, caller.who()).have(Role::ActivityManager)
            && collection.kind.is_guest(),
    };
    let document = rule.document(&collection.name(), true);
    state.transfer.pause_rules.put(rule);
    Ok(Created(document))
}

/// What a document pauses; what it does not speak of stays as it is.
fn paused(document: &Map<String, Value>, present: &[Action]) -> Result<Vec<Action>, TransferError> {
    let mut paused = Vec::new();
    for action in Action::ALL {
        if flag(document, action.member())?.unwrap_or_else(|| present.contains(&action)) {
            paused.push(action);
        }
    }
    Ok(paused)
}

async fn update(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<Map<String, Value>>,
) -> Result<Document, TransferError> {
    check_type_of(&document, "pause_rule")?;
    let (rule, collection) = find_editable(&state, &caller, &id)?;
    let rule = PauseRule {
        message: text(&document, "message")?.map_or_else(|| rule.message.clone(), str::to_owned),
        paused: paused(&document, &rule.paused)?,
        modified_by: (caller.identity_id, caller.username.clone()),
        modified: state.clock.now(),
        ..PauseRule::clone(&rule)
    };
    let document = rule.document(&collection.name(), true);
    state.transfer.pause_rules.put(rule);
    Document::new(&document, None)
}

async fn delete(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let (rule, _) = find_editable(&state, &caller, &id)?;
    state.transfer.pause_rules.remove(rule.id);
    let message = format!("Pause rule '{id}' deleted successfully");
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", &message))
}
