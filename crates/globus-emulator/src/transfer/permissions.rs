//! Permissions (access rules) of guest collections.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{self, denied};
use super::body::{Body, Member, check_data_type, required};
use super::collections::{Changing, Collection};
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use super::roles::{Role, Roles};
use super::{Caller, times};
use crate::auth::principals::Who;
use crate::fs::CollectionPath;
use crate::state::State;

/// How many rules a guest collection may have.
const MOST_RULES: usize = 1000;

/// Whom a rule or a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    Identity(Uuid),
    Group(Uuid),
    AllAuthenticatedUsers,
    Anonymous,
}

impl Principal {
    /// Reads type and id; the last two types have an empty id.
    pub(crate) fn read(kind: &str, text: &str) -> Result<Principal, TransferError> {
        let id = || {
            Uuid::parse_str(text).map_err(|_| {
                TransferError::bad_request(format!(
                    "Invalid principal '{text}': expected the UUID of the {kind}"
                ))
            })
        };
        let everybody = |principal| {
            if text.is_empty() {
                return Ok(principal);
            }
            Err(TransferError::bad_request(format!("Invalid principal '{text}': {kind} has none")))
        };
        match kind {
            "identity" => id().map(Principal::Identity),
            "group" => id().map(Principal::Group),
            "all_authenticated_users" => everybody(Principal::AllAuthenticatedUsers),
            "anonymous" => everybody(Principal::Anonymous),
            other => Err(TransferError::bad_request(format!("Invalid principal_type '{other}'"))),
        }
    }

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Principal::Identity(_) => "identity",
            Principal::Group(_) => "group",
            Principal::AllAuthenticatedUsers => "all_authenticated_users",
            Principal::Anonymous => "anonymous",
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Principal::Identity(id) | Principal::Group(id) => id.to_string(),
            Principal::AllAuthenticatedUsers | Principal::Anonymous => String::new(),
        }
    }

    /// Whether they are meant.
    pub(crate) fn includes(self, who: Who<'_>) -> bool {
        match self {
            Principal::Identity(id) => who.is(id),
            Principal::Group(id) => who.is_in(id),
            Principal::AllAuthenticatedUsers => who.is_somebody(),
            Principal::Anonymous => true,
        }
    }
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: Uuid,
    pub(crate) principal: Principal,
    /// With a slash at both ends.
    pub(crate) path: String,
    pub(crate) write: bool,
    pub(crate) created: Timestamp,
    pub(crate) expires: Option<Timestamp>,
}

impl Rule {
    pub(crate) fn new(
        principal: Principal,
        path: &str,
        permissions: &str,
        now: Timestamp,
    ) -> Result<Rule, String> {
        let absolute = path.starts_with('/') || path.starts_with("~/");
        let parsed = CollectionPath::parse(path).ok().filter(|_| absolute);
        let parsed = parsed
            .ok_or_else(|| format!("Invalid path '{path}': expected an absolute path of a directory"))?;
        let write = read_permissions(permissions)?;
        Ok(Rule {
            id: Uuid::new_v4(),
            principal,
            path: parsed.directory(),
            write,
            created: now,
            expires: None,
        })
    }

    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|end| now < end)
    }

    fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "access",
            "id": self.id,
            "principal_type": self.principal.kind(),
            "principal": self.principal.text(),
            "path": self.path,
            "permissions": if self.write { "rw" } else { "r" },
            "role_id": null,
            "role_type": null,
            "create_time": times::task_time(self.created),
            "expiration_date": self.expires.map(times::task_time),
        })
    }
}

fn read_permissions(text: &str) -> Result<bool, String> {
    match text {
        "r" => Ok(false),
        "rw" => Ok(true),
        other => Err(format!("Invalid permissions '{other}': expected 'r' or 'rw'")),
    }
}

/// Every rule of a collection, with those that follow from owner and roles.
pub(super) fn documents(collection: &Collection, owner: Option<Uuid>, now: Timestamp) -> Vec<Value> {
    let implicit = |principal: Principal, role_id: Option<Uuid>, role: Role| {
        json!({
            "DATA_TYPE": "access",
            "id": null,
            "principal_type": principal.kind(),
            "principal": principal.text(),
            "path": "/",
            "permissions": "rw",
            "role_id": role_id,
            "role_type": role.as_str(),
            "create_time": null,
            "expiration_date": null,
        })
    };
    let changing = collection.read();
    let roles =
        changing.roles.iter().filter(|given| matches!(given.role, Role::Administrator | Role::AccessManager));
    owner
        .map(|owner| implicit(Principal::Identity(owner), None, Role::Administrator))
        .into_iter()
        .chain(roles.map(|given| implicit(given.principal, Some(given.id), given.role)))
        .chain(changing.rules.iter().filter(|rule| rule.is_alive(now)).map(Rule::document))
        .collect()
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint/{id}/access_list", get(access_list))
        .route("/endpoint/{id}/access", post(add_rule))
        .route("/endpoint/{id}/access/{rule}", get(get_rule).put(update_rule).delete(delete_rule))
}

/// Finds a guest collection whose permissions the caller manages.
fn managed(state: &State, caller: &Caller, id: &str, by: Manager) -> Result<Arc<Collection>, TransferError> {
    let collection = access::visible(state, &caller.0, id)?;
    let roles = Roles::of(&collection, caller.0.who());
    let restricted = by == Manager::OrOfTheHost && roles.have(Role::RestrictedAdministrator);
    if !roles.have(Role::AccessManager) && !restricted {
        return Err(denied(format!("You do not manage the permissions of endpoint '{id}'")));
    }
    if !collection.kind.is_guest() {
        return Err(not_a_guest(id));
    }
    Ok(collection)
}

/// Mapped collections are for whom the storage itself lets in.
pub(super) fn not_a_guest(id: &str) -> TransferError {
    let message = format!("Endpoint '{id}' is not a guest collection: it has no access rules");
    TransferError::new(StatusCode::CONFLICT, "ClientError.Conflict", message)
}

/// Who is enough of a manager: administrators of the host see and take away, and give nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    OfTheCollection,
    OrOfTheHost,
}

async fn access_list(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = managed(&state, &caller, &id, Manager::OrOfTheHost)?;
    let data = documents(&collection, Some(collection.owner(&caller.0)), state.clock.now());
    Document::list(&list(&collection, &data), query.fields().as_ref())
}

/// The `access_list` document.
pub(super) fn list(collection: &Collection, data: &[Value]) -> Value {
    json!({ "DATA_TYPE": "access_list", "endpoint": collection.id, "length": data.len(), "DATA": data })
}

async fn get_rule(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path((id, rule)): Path<(String, String)>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = managed(&state, &caller, &id, Manager::OrOfTheHost)?;
    let now = state.clock.now();
    let changing = collection.read();
    let found = changing.rules.iter().find(|one| is(one, &rule, now)).ok_or_else(|| no_such_rule(&rule))?;
    Document::new(&found.document(), query.fields().as_ref())
}

#[derive(Debug, Deserialize)]
struct NewRule {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    principal_type: Option<String>,
    principal: Option<String>,
    path: Option<String>,
    permissions: Option<String>,
    expiration_date: Option<String>,
    // Nobody gets mail.
    #[serde(rename = "notify_email")]
    _notify_email: Option<String>,
    #[serde(rename = "notify_message")]
    _notify_message: Option<String>,
}

async fn add_rule(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(document): Body<NewRule>,
) -> Result<Outcome, TransferError> {
    let collection = managed(&state, &caller, &id, Manager::OfTheCollection)?;
    check_data_type(document.data_type.as_deref(), "access")?;
    let now = state.clock.now();
    let kind = required(document.principal_type, "principal_type")?;
    let principal = Principal::read(&kind, &document.principal.unwrap_or_default())?;
    let (path, permissions) =
        (required(document.path, "path")?, required(document.permissions, "permissions")?);
    let mut rule = Rule::new(principal, &path, &permissions, now).map_err(TransferError::bad_request)?;
    let given = document.expiration_date.as_deref().map(|text| read_expiration(text, now)).transpose()?;
    let mut changing = collection.write();
    rule.expires = within(longest_life(&changing), given, now)?;
    changing.rules.retain(|rule| rule.is_alive(now));
    if changing.rules.iter().any(|other| (other.principal, &other.path) == (rule.principal, &rule.path)) {
        return Err(TransferError::new(
            StatusCode::CONFLICT,
            "Exists",
            format!("An access rule for this principal on the path '{}' exists already", rule.path),
        ));
    }
    if changing.rules.len() >= MOST_RULES {
        return Err(TransferError::new(
            StatusCode::CONFLICT,
            "LimitExceeded",
            format!("Endpoint '{id}' has {MOST_RULES} access rules, which is the limit"),
        ));
    }
    let access_id = rule.id.to_string();
    changing.rules.push(rule);
    let message = "Access rule created successfully.";
    Ok(Outcome::new(StatusCode::CREATED, "access_create_result", "Created", message)
        .with("access_id", access_id))
}

#[derive(Debug, Deserialize)]
struct RuleUpdate {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    permissions: Option<String>,
    /// Absent and `null` differ: the latter lets the rule live for ever.
    #[serde(default)]
    expiration_date: Member<String>,
}

async fn update_rule(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path((id, rule)): Path<(String, String)>,
    Body(update): Body<RuleUpdate>,
) -> Result<Outcome, TransferError> {
    let collection = managed(&state, &caller, &id, Manager::OfTheCollection)?;
    check_data_type(update.data_type.as_deref(), "access")?;
    let now = state.clock.now();
    let write = update
        .permissions
        .as_deref()
        .map(read_permissions)
        .transpose()
        .map_err(TransferError::bad_request)?;
    if write.is_none() && update.expiration_date == Member::Absent {
        return Err(TransferError::bad_request("Expected 'permissions' or 'expiration_date'"));
    }
    let mut changing = collection.write();
    let longest = longest_life(&changing);
    let found =
        changing.rules.iter_mut().find(|one| is(one, &rule, now)).ok_or_else(|| no_such_rule(&rule))?;
    if let Member::Given(text) = update.expiration_date {
        let given = text.as_deref().map(|text| read_expiration(text, now)).transpose()?;
        found.expires = within(longest, given, now)?;
    }
    found.write = write.unwrap_or(found.write);
    let message = format!("Access rule '{rule}' permissions updated successfully");
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", &message))
}

async fn delete_rule(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path((id, rule)): Path<(String, String)>,
) -> Result<Outcome, TransferError> {
    let collection = managed(&state, &caller, &id, Manager::OrOfTheHost)?;
    let now = state.clock.now();
    let mut changing = collection.write();
    let place = changing.rules.iter().position(|one| is(one, &rule, now));
    changing.rules.remove(place.ok_or_else(|| no_such_rule(&rule))?);
    let message = format!("Access rule '{rule}' deleted successfully");
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", &message))
}

fn is(rule: &Rule, id: &str, now: Timestamp) -> bool {
    rule.is_alive(now) && Uuid::parse_str(id).is_ok_and(|id| id == rule.id)
}

fn no_such_rule(id: &str) -> TransferError {
    TransferError::new(StatusCode::NOT_FOUND, "AccessRuleNotFound", format!("Access rule '{id}' not found"))
}

/// How long rules of a collection may live, if that is limited.
fn longest_life(changing: &Changing) -> Option<SignedDuration> {
    let minutes = changing.details.get("acl_max_expiration_period_mins").and_then(Value::as_i64);
    minutes.map(SignedDuration::from_mins)
}

/// Checks when a rule ends; where lives are limited, none is for ever.
fn within(
    longest: Option<SignedDuration>,
    given: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, TransferError> {
    let latest = longest.and_then(|life| now.saturating_add(life).ok());
    match (given, latest) {
        (Some(given), Some(latest)) if given > latest => Err(TransferError::bad_request(format!(
            "Invalid expiration_date: access rules of this endpoint end by {} at the latest",
            times::task_time(latest)
        ))),
        (given, latest) => Ok(given.or(latest)),
    }
}

fn read_expiration(text: &str, now: Timestamp) -> Result<Timestamp, TransferError> {
    times::parse(text).filter(|time| *time > now).ok_or_else(|| {
        TransferError::bad_request(format!(
            "Invalid expiration_date '{text}': expected an ISO 8601 time ahead"
        ))
    })
}
