//! The check that every service makes of the bearer token that it is given.

use http::{HeaderMap, header};
use uuid::Uuid;

use super::tokens::Kind;
use crate::state::State;

/// Whose token it is, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) identity_id: Uuid,
    pub(crate) username: String,
    pub(crate) client_id: Uuid,
    pub(crate) scopes: Vec<String>,
}

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
    let tables = state.auth.tables();
    let token = tables
        .tokens
        .active(value, state.clock.now())
        .filter(|token| token.kind == Kind::Access && token.resource_server == resource_server)
        .ok_or(Denied::Invalid)?;
    let identity = tables.identity(token.identity).ok_or(Denied::Invalid)?;
    let allowed = |needed: &&str| token.scopes.iter().any(|scope| scope == needed);
    if !any_scope_of.is_empty() && !any_scope_of.iter().any(allowed) {
        let needed = any_scope_of.iter().map(ToString::to_string).collect();
        return Err(Denied::MissingScope { needed });
    }
    Ok(Caller {
        identity_id: identity.id,
        username: identity.username,
        client_id: token.client,
        scopes: token.scopes.clone(),
    })
}

/// Returns the bearer token of a request. The scheme's name is matched in any case, as HTTP demands.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
