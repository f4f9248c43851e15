//! Roles: who manages a collection, and who watches over its tasks.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Caller;
use super::access::{self, denied};
use super::body::{Body, check_data_type, required};
use super::collections::Collection;
use super::permissions::Principal;
use super::query::Query;
use super::reply::{Created, Document, Outcome, TransferError};
use crate::auth::principals::Who;
use crate::state::State;

/// What somebody may do with a collection besides using its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Administrator,
    /// Never given: who administers a mapped collection has it on the guest collections of others.
    RestrictedAdministrator,
    AccessManager,
    ActivityManager,
    ActivityMonitor,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::RestrictedAdministrator => "restricted_administrator",
            Role::AccessManager => "access_manager",
            Role::ActivityManager => "activity_manager",
            Role::ActivityMonitor => "activity_monitor",
        }
    }

    /// Reads the name of a role that can be given to somebody.
    pub(crate) fn assignable(name: &str) -> Option<Role> {
        [Role::Administrator, Role::AccessManager, Role::ActivityManager, Role::ActivityMonitor]
            .into_iter()
            .find(|role| role.as_str() == name)
    }

    /// The role, and those that it includes.
    fn all(self) -> &'static [Role] {
        match self {
            Role::Administrator => {
                &[Role::Administrator, Role::AccessManager, Role::ActivityManager, Role::ActivityMonitor]
            }
            Role::RestrictedAdministrator => &[Role::RestrictedAdministrator],
            Role::AccessManager => &[Role::AccessManager],
            Role::ActivityManager => &[Role::ActivityManager, Role::ActivityMonitor],
            Role::ActivityMonitor => &[Role::ActivityMonitor],
        }
    }
}

/// A role that somebody was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) id: Uuid,
    pub(crate) principal: Principal,
    pub(crate) role: Role,
}

impl Assignment {
    fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "role",
            "id": self.id,
            "principal_type": self.principal.kind(),
            "principal": self.principal.text(),
            "role": self.role.as_str(),
        })
    }
}

/// The roles that somebody has in effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Roles(Vec<Role>);

impl Roles {
    /// What somebody may do with a collection: as its owner, by a role, or by one on what it belongs to.
    pub(crate) fn of(collection: &Collection, who: Who<'_>) -> Roles {
        let mut roles = Roles::on(collection, who);
        // What belongs to whoever asks gives nobody power over the collections of others.
        if let Some(parent) = collection.parent.as_ref().filter(|parent| parent.owner.is_some()) {
            let above = Roles::of(parent, who);
            if above.have(Role::Administrator) && collection.kind.is_guest() {
                roles.add(Role::RestrictedAdministrator);
            } else if above.have(Role::Administrator) {
                roles.add(Role::Administrator);
            }
            for role in [Role::ActivityManager, Role::ActivityMonitor] {
                if above.have(role) {
                    roles.add(role);
                }
            }
        }
        roles
    }

    /// What they may do by themselves, not by a role on what the collection belongs to.
    pub(crate) fn on(collection: &Collection, who: Who<'_>) -> Roles {
        let mut roles = Roles::default();
        match collection.owner {
            None if who.is_somebody() => roles.add(Role::Administrator),
            Some(owner) if who.is(owner) => roles.add(Role::Administrator),
            _ => {}
        }
        for given in &collection.read().roles {
            if given.principal.includes(who) {
                roles.add(given.role);
            }
        }
        roles
    }

    fn add(&mut self, role: Role) {
        for role in role.all() {
            if !self.have(*role) {
                self.0.push(*role);
            }
        }
    }

    pub(crate) fn have(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they allow to change the collection itself.
    pub(crate) fn administer(&self) -> bool {
        self.have(Role::Administrator) || self.have(Role::RestrictedAdministrator)
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|role| role.as_str()).collect()
    }
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint/{id}/role_list", get(role_list))
        .route("/endpoint/{id}/role", post(add_role))
        .route("/endpoint/{id}/role/{role}", get(get_role).delete(delete_role))
}

/// The roles that the caller may see: an administrator all of them, others their own.
fn visible(caller: &Caller, collection: &Collection) -> Vec<Assignment> {
    let who = caller.0.who();
    let all = Roles::of(collection, who).administer();
    let given = &collection.read().roles;
    given.iter().filter(|one| all || one.principal.includes(who)).copied().collect()
}

async fn role_list(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller.0, &id)?;
    let data: Vec<Value> = visible(&caller, &collection).iter().map(Assignment::document).collect();
    let list =
        json!({ "DATA_TYPE": "role_list", "length": data.len(), "endpoint": collection.id, "DATA": data });
    Document::list(&list, query.fields().as_ref())
}

async fn get_role(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path((id, role)): Path<(String, String)>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller.0, &id)?;
    let wanted = Uuid::parse_str(&role).ok();
    let given = visible(&caller, &collection);
    let found = given.iter().find(|one| Some(one.id) == wanted).ok_or_else(|| no_such_role(&role))?;
    Document::new(&found.document(), query.fields().as_ref())
}

#[derive(Debug, Deserialize)]
struct RoleDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    principal_type: Option<String>,
    principal: Option<String>,
    role: Option<String>,
}

async fn add_role(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(document): Body<RoleDocument>,
) -> Result<Created, TransferError> {
    check_data_type(document.data_type.as_deref(), "role")?;
    let collection = access::administered(&state, &caller.0, &id)?;
    if collection.subscription().is_none() {
        return Err(denied(format!("Endpoint '{id}' needs a subscription for roles to be assigned")));
    }
    let name = required(document.role, "role")?;
    let role = Role::assignable(&name)
        .ok_or_else(|| TransferError::bad_request(format!("Invalid role '{name}': it cannot be assigned")))?;
    let kind = document.principal_type.unwrap_or_else(|| "identity".to_owned());
    let principal = Principal::read(&kind, &required(document.principal, "principal")?)?;
    if !matches!(principal, Principal::Identity(_) | Principal::Group(_)) {
        return Err(TransferError::bad_request(format!(
            "Invalid principal_type '{kind}': a role is for an identity or a group"
        )));
    }
    let given = Assignment { id: Uuid::new_v4(), principal, role };
    let mut changing = collection.write();
    if changing.roles.iter().any(|one| (one.principal, one.role) == (principal, role)) {
        return Err(TransferError::new(
            StatusCode::CONFLICT,
            "ClientError.Conflict",
            format!("{kind} '{}' already has the role {name} on this endpoint", principal.text()),
        ));
    }
    changing.roles.push(given);
    Ok(Created(given.document()))
}

async fn delete_role(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path((id, role)): Path<(String, String)>,
) -> Result<Outcome, TransferError> {
    let collection = access::visible(&state, &caller.0, &id)?;
    let who = caller.0.who();
    let may = Roles::of(&collection, who).administer();
    let wanted = Uuid::parse_str(&role).ok();
    let mut changing = collection.write();
    let place = changing.roles.iter().position(|one| Some(one.id) == wanted);
    let place = place.ok_or_else(|| no_such_role(&role))?;
    // Everybody may give up a role of their own.
    if !may && !changing.roles[place].principal.includes(who) {
        return Err(denied(format!("You are not an administrator of endpoint '{id}'")));
    }
    changing.roles.remove(place);
    let message = format!("Role '{role}' deleted successfully");
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", &message))
}

fn no_such_role(id: &str) -> TransferError {
    TransferError::new(StatusCode::NOT_FOUND, "RoleNotFound", format!("Role '{id}' not found"))
}
