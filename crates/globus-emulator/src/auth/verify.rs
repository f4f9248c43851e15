//! The check that every service makes of the bearer token that it is given.

use http::{HeaderMap, header};
use jiff::Timestamp;

use super::Tables;
pub(crate) use super::caller::Caller;
use super::tokens::{Kind, Token};
use crate::state::State;

/// Why a request is turned away. Each service says it in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There is no `Authorization: Bearer …`.
    Missing,
    /// The token is unknown, expired, revoked, or for another service.
    Invalid,
    /// The token is good, but has none of these scopes.
    MissingScope { needed: Vec<String> },
}

/// Checks that the request carries a live access token for `resource_server` with at least one scope of
/// `any_scope_of` (any scope will do when that is empty).
pub(crate) fn require(
    state: &State,
    headers: &HeaderMap,
    resource_server: &str,
    any_scope_of: &[&str],
) -> Result<Caller, Denied> {
    let value = bearer(headers).ok_or(Denied::Missing)?;
    let caller = caller(&state.auth.tables(), value, state.clock.now())
        .filter(|caller| caller.resource_server == resource_server)
        .ok_or(Denied::Invalid)?;
    if !any_scope_of.is_empty() && !any_scope_of.iter().any(|scope| caller.has_scope(scope)) {
        let needed = any_scope_of.iter().map(ToString::to_string).collect();
        return Err(Denied::MissingScope { needed });
    }
    Ok(caller)
}

/// Returns the holder of a live access token.
pub(super) fn caller(tables: &Tables, value: &str, now: Timestamp) -> Option<Caller> {
    holder(tables, tables.tokens.active(value, now).filter(|token| token.kind == Kind::Access)?)
}

/// Returns who holds a live access token that a service was given.
pub(crate) fn holder_of(state: &State, value: &str) -> Option<Caller> {
    caller(&state.auth.tables(), value, state.clock.now())
}

/// Returns who holds a token.
pub(super) fn holder(tables: &Tables, token: &Token) -> Option<Caller> {
    let identity = tables.identity(token.identity)?;
    let identity_set = tables.accounts.set_of(identity.id);
    Some(Caller {
        identity_id: identity.id,
        username: identity.username,
        groups: tables.groups.of(&identity_set),
        identity_set,
        client_id: token.client,
        resource_server: token.resource_server.clone(),
        scopes: token.scopes.clone(),
        consents: token.consents.clone(),
        session: token.session,
        issued: token.issued,
    })
}

/// Returns the bearer token of a request. The scheme's name is matched in any case, as HTTP demands.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
