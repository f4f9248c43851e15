//! Who may do what with a collection and its files.
//!
//! - [`visible`] and [`administered`] find a collection for requests about itself.
//! - [`enter`] is the check before any work with its files: consent, login, and whether the caller has any right.
//! - [`check`] is the right on one path, for file operations.
//! - [`allows`] is the same for running tasks, whose owner is not there to be told.

use std::sync::Arc;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::collections::{Collection, Kind};
use super::permissions::Principal;
use super::reply::TransferError;
use super::roles::{Role, Roles};
use crate::auth::SessionRequirement;
use crate::auth::principals::Who;
use crate::auth::scopes;
use crate::auth::verify::Caller;
use crate::fs::CollectionPath;
use crate::state::State;

/// What somebody wants to do at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Read,
    Write,
}

pub(crate) fn denied(message: impl Into<String>) -> TransferError {
    TransferError::new(StatusCode::FORBIDDEN, "PermissionDenied", message)
}

/// Finds a collection that the caller may know of.
pub(crate) fn visible(state: &State, caller: &Caller, id: &str) -> Result<Arc<Collection>, TransferError> {
    let collection = state.transfer.collections.find(id)?;
    if is_visible(&collection, caller.who(), state.clock.now()) {
        Ok(collection)
    } else {
        Err(denied(format!("You do not have permission to see endpoint '{id}'")))
    }
}

/// Whether somebody may know of a collection.
pub(crate) fn is_visible(collection: &Collection, who: Who<'_>, now: Timestamp) -> bool {
    collection.is_public() || !Roles::of(collection, who).is_empty() || has_rule(collection, who, now)
}

/// Whether a rule of a guest collection is for somebody in particular, by name or by a group.
pub(crate) fn has_rule(collection: &Collection, who: Who<'_>, now: Timestamp) -> bool {
    let own = |principal: Principal| {
        matches!(principal, Principal::Identity(_) | Principal::Group(_)) && principal.includes(who)
    };
    collection.read().rules.iter().any(|rule| rule.is_alive(now) && own(rule.principal))
}

/// Finds a collection that the caller administers.
pub(crate) fn administered(
    state: &State,
    caller: &Caller,
    id: &str,
) -> Result<Arc<Collection>, TransferError> {
    let collection = visible(state, caller, id)?;
    let roles = Roles::of(&collection, caller.who());
    if !roles.have(Role::Administrator) {
        return Err(denied(format!("You are not an administrator of endpoint '{id}'")));
    }
    managed_here(&collection)?;
    Ok(collection)
}

/// Finds a collection that the caller may rename or delete: also who administers its mapped collection may.
pub(crate) fn editable(state: &State, caller: &Caller, id: &str) -> Result<Arc<Collection>, TransferError> {
    let collection = visible(state, caller, id)?;
    if !Roles::of(&collection, caller.who()).administer() {
        return Err(denied(format!("You are not an administrator of endpoint '{id}'")));
    }
    managed_here(&collection)?;
    Ok(collection)
}

/// Refuses what belongs to a Globus Connect Server: that is managed with its own interface.
pub(crate) fn managed_here(collection: &Collection) -> Result<(), TransferError> {
    if collection.kind.is_personal() || collection.kind == Kind::Legacy {
        return Ok(());
    }
    let message = format!(
        "'{}' is a {}: it is managed with the GCS Manager API of its Globus Connect Server",
        collection.id,
        collection.kind.as_str()
    );
    Err(TransferError::new(StatusCode::CONFLICT, "NotSupported", message))
}

/// Checks that the caller may work with the files of a collection at all.
pub(crate) fn enter(state: &State, caller: &Caller, collection: &Collection) -> Result<(), TransferError> {
    let who = caller.who();
    let now = state.clock.now();
    let id = collection.id;
    if !is_visible(collection, who, now) {
        return Err(denied(format!("You do not have permission to see endpoint '{id}'")));
    }
    if collection.read().flag("mfa_required") == Some(true) {
        let message = Some(format!("'{}' needs a login with more than one factor", collection.name()));
        caller.meets(state, &SessionRequirement { mfa: true, message, ..SessionRequirement::default() })?;
    }
    if let Some(minutes) = collection.high_assurance {
        let within = Some(SignedDuration::from_mins(minutes.into()));
        let message = Some(format!("'{}' needs a login within {minutes} minutes", collection.name()));
        caller.meets(state, &SessionRequirement { within, message, ..SessionRequirement::default() })?;
    }
    match collection.kind {
        Kind::Server => {
            let message =
                format!("'{id}' is a GCSv5_endpoint, which has no files: use one of its collections");
            Err(TransferError::new(StatusCode::CONFLICT, "NotSupported", message))
        }
        Kind::Legacy => {
            let message = format!("Endpoint '{id}' needs to be activated, which is not possible any more");
            Err(TransferError::new(StatusCode::BAD_REQUEST, "ClientError.ActivationRequired", message))
        }
        Kind::Personal if !Roles::of(collection, who).have(Role::Administrator) => {
            Err(denied(format!("Endpoint '{id}' is for its owner alone")))
        }
        Kind::ServerMapped if collection.needs_data_access() => {
            Ok(caller.consent_for(state, super::SCOPE, &scopes::data_access(id))?)
        }
        Kind::ServerGuest | Kind::PersonalGuest if !has_any_right(collection, who, now) => {
            let name = collection.name();
            Err(denied(format!("No effective ACL rules on the endpoint '{name}' ({id})")))
        }
        Kind::Personal | Kind::ServerMapped | Kind::ServerGuest | Kind::PersonalGuest => Ok(()),
    }
}

/// Checks that a caller who may [`enter`] a collection may do something at a path.
pub(crate) fn check(
    state: &State,
    caller: &Caller,
    collection: &Collection,
    path: &CollectionPath,
    permission: Permission,
) -> Result<(), TransferError> {
    if allows(collection, caller.who(), path, permission, state.clock.now()) {
        return Ok(());
    }
    let what = match permission {
        Permission::Read => "read",
        Permission::Write => "write",
    };
    let path = path.directory();
    Err(denied(format!("You do not have permission to {what} '{path}' on endpoint '{}'", collection.id)))
}

/// Checks that the machine of a collection can be reached, as submissions demand.
pub(crate) fn check_connected(collection: &Collection) -> Result<(), TransferError> {
    if collection.root.is_connected() {
        return Ok(());
    }
    let message = format!(
        "The Globus Connect Personal endpoint '{}' ({}) is not currently connected to Globus",
        collection.name(),
        collection.id
    );
    Err(TransferError::new(StatusCode::CONFLICT, "GCDisconnectedException", message))
}

/// Whether somebody may do something at a path.
///
/// Only guest collections have rights that differ from path to path.
pub(crate) fn allows(
    collection: &Collection,
    who: Who<'_>,
    path: &CollectionPath,
    permission: Permission,
    now: Timestamp,
) -> bool {
    if !collection.kind.is_guest() {
        return true;
    }
    let path = path.directory();
    grants(collection, who, now)
        .iter()
        .any(|grant| path.starts_with(&grant.path) && (grant.write || permission == Permission::Read))
}

/// Whether somebody may use a guest collection at all.
pub(crate) fn has_any_right(collection: &Collection, who: Who<'_>, now: Timestamp) -> bool {
    !grants(collection, who, now).is_empty()
}

/// A right to a directory and all below it.
#[derive(Debug, PartialEq, Eq)]
struct Grant {
    path: String,
    write: bool,
}

/// The rights that somebody has on a guest collection. They add up: a deeper rule narrows nothing.
fn grants(collection: &Collection, who: Who<'_>, now: Timestamp) -> Vec<Grant> {
    let mut grants = Vec::new();
    if who.is_somebody() && Roles::of(collection, who).have(Role::AccessManager) {
        grants.push(Grant { path: "/".to_owned(), write: true });
    }
    let changing = collection.read();
    let anonymous_writes = changing.flag("disable_anonymous_writes") != Some(true);
    let rules = changing.rules.iter().filter(|rule| rule.is_alive(now) && rule.principal.includes(who));
    grants.extend(rules.map(|rule| Grant {
        path: rule.path.clone(),
        write: rule.write && (anonymous_writes || rule.principal != Principal::Anonymous),
    }));
    grants
}
