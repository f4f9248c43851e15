//! From scopes that were asked for to the tokens that are given.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Tables;
use super::consents::{Granted, Known};
use super::error::AuthError;
use super::scopes::{self, Scope, ScopeRecord, Scopes};
use super::tokens::{Kind, Token};
use crate::state::State;

/// How long a refresh token lives when it is not used.
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(183 * 24);

/// Scopes that were asked for: read, looked up, and whether refresh tokens were asked for among them.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) granted: Vec<Granted>,
    pub(crate) offline: bool,
}

/// Why a scope parameter cannot be granted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ScopeProblem {
    /// It is not well formed.
    Malformed(String),
    /// These scopes do not exist.
    Unknown(Vec<String>),
}

/// Reads a scope parameter and looks up every scope in it.
pub(crate) fn read_scopes(known: &Scopes, text: &str) -> Result<Request, ScopeProblem> {
    let mut asked = scopes::parse(text).map_err(|fault| ScopeProblem::Malformed(fault.to_string()))?;
    // The JavaScript SDK asks for refresh tokens with this scope, which belongs to no service.
    let offline = asked.iter().any(|scope| scope.name == "offline_access");
    asked.retain(|scope| scope.name != "offline_access");
    if asked.is_empty() {
        return Err(ScopeProblem::Malformed("no scope is given".to_owned()));
    }
    let mut unknown = Vec::new();
    let granted = look_up(known, asked, &[], &mut unknown);
    if unknown.is_empty() { Ok(Request { granted, offline }) } else { Err(ScopeProblem::Unknown(unknown)) }
}

/// Looks up scopes and all below them, and adds those that they always use. Those that do not exist are added to
/// `unknown`.
fn look_up(known: &Scopes, asked: Vec<Scope>, above: &[Uuid], unknown: &mut Vec<String>) -> Vec<Granted> {
    let mut granted = Vec::with_capacity(asked.len());
    for mut scope in asked {
        let Some(record) = known.find(&scope.name) else {
            if !unknown.contains(&scope.name) {
                unknown.push(scope.name);
            }
            continue;
        };
        let above = [above, &[record.id]].concat();
        add_dependents(known, record, &above, &mut scope.dependencies);
        let dependencies = look_up(known, std::mem::take(&mut scope.dependencies), &above, unknown);
        granted.push(Granted { scope, known: Known::of(record), dependencies });
    }
    granted
}

/// Adds the scopes that `record` uses in any case. One that is above it already is not looked at again.
fn add_dependents(known: &Scopes, record: &ScopeRecord, above: &[Uuid], dependencies: &mut Vec<Scope>) {
    for dependent in record.dependents.iter().filter(|dependent| !dependent.optional) {
        if let Some(other) = known.by_id(dependent.scope)
            && !above.contains(&other.id)
        {
            let name = other.scope_string.clone();
            scopes::merge_into(dependencies, Scope { name, optional: false, dependencies: Vec::new() });
        }
    }
}

impl ScopeProblem {
    /// Says it the way of the token endpoint.
    pub(crate) fn into_error(self, client: Uuid) -> AuthError {
        match self {
            ScopeProblem::Malformed(why) => {
                AuthError::oauth(StatusCode::BAD_REQUEST, "invalid_scope", format!("Malformed scope: {why}"))
            }
            ScopeProblem::Unknown(names) => AuthError::named(
                StatusCode::BAD_REQUEST,
                "unknown_scope_error",
                &unknown_scopes_message(client, &names),
            ),
        }
    }
}

/// The service's own sentence about unknown scopes.
pub(crate) fn unknown_scopes_message(client: Uuid, names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("client_id={client} requested unknown scopes: [{}]", quoted.join(", "))
}

/// Who gets tokens, and of what kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) client: Uuid,
    pub(crate) identity: Uuid,
    /// The login; `None` for a client in its own name.
    pub(crate) session: Option<Uuid>,
    /// Whether refresh tokens are given too.
    pub(crate) offline: bool,
    /// The `state` of the authorization request, which every token repeats.
    pub(crate) state: Option<&'a str>,
}

/// Records the consents and gives one token per resource server. The first one asked for is on top, the
/// others are in `other_tokens`.
pub(crate) fn give_tokens(
    state: &State,
    tables: &mut Tables,
    holder: Holder<'_>,
    granted: &[Granted],
) -> Map<String, Value> {
    let now = state.clock.now();
    let consents = tables.consents.record(holder.client, holder.identity, granted, holder.offline, now);

    let mut grants: Vec<Grant> = Vec::new();
    for (root, consent) in granted.iter().zip(consents) {
        let known = &root.known;
        let scope = root.scope.name.clone();
        add(&mut grants, &known.resource_server, scope, consent, known.allows_refresh_token);
    }
    let mut documents = grants.into_iter().map(|grant| issue(state, tables, holder, grant));
    let mut top = documents.next().unwrap_or_default();
    let others: Vec<Value> = documents.map(Value::Object).collect();
    top.insert("other_tokens".to_owned(), others.into());
    top
}

/// What one token is for.
#[derive(Debug)]
pub(crate) struct Grant {
    resource_server: String,
    scopes: Vec<String>,
    consents: Vec<u64>,
    /// Whether every scope allows a refresh token.
    refreshable: bool,
}

/// Adds a scope to the grant for its resource server, which is begun if there is none.
pub(crate) fn add(
    grants: &mut Vec<Grant>,
    resource_server: &str,
    scope: String,
    consent: u64,
    allows_refresh_token: bool,
) {
    let known = grants.iter().position(|grant| grant.resource_server == resource_server);
    let index = known.unwrap_or_else(|| {
        grants.push(Grant {
            resource_server: resource_server.to_owned(),
            scopes: Vec::new(),
            consents: Vec::new(),
            refreshable: true,
        });
        grants.len() - 1
    });
    let grant = &mut grants[index];
    grant.scopes.push(scope);
    grant.consents.push(consent);
    grant.refreshable &= allows_refresh_token;
}

/// Issues an access token, and a refresh token if the holder may have one. Returns the document of both.
pub(crate) fn issue(
    state: &State,
    tables: &mut Tables,
    holder: Holder<'_>,
    grant: Grant,
) -> Map<String, Value> {
    let now = state.clock.now();
    let token = Token {
        kind: Kind::Refresh,
        client: holder.client,
        identity: holder.identity,
        resource_server: grant.resource_server,
        scopes: grant.scopes,
        consents: grant.consents,
        session: holder.session,
        issued: now,
        expires: later(now, REFRESH_LIFETIME),
        refreshed_by: None,
    };
    let refresh = (holder.offline && grant.refreshable).then(|| tables.tokens.issue(token.clone()));
    access_token(state, tables, token, refresh, holder.state)
}

/// Trades a refresh token for a new access token (and, when tokens rotate, a new refresh token).
pub(crate) fn refresh(
    state: &State,
    tables: &mut Tables,
    client: Uuid,
    value: &str,
) -> Option<Map<String, Value>> {
    let now = state.clock.now();
    let mut old = tables
        .tokens
        .active(value, now)
        .filter(|token| token.kind == Kind::Refresh && token.client == client)?
        .clone();
    old.expires = later(now, REFRESH_LIFETIME);
    tables.consents.touch(&old.consents, now);
    let granted = old.clone();
    let value = if tables.settings.rotate_refresh_tokens {
        tables.tokens.rotate(value, old)
    } else {
        tables.tokens.renew(value, old.expires);
        value.to_owned()
    };
    let mut document = access_token(state, tables, granted, Some(value), None);
    document.insert("other_tokens".to_owned(), json!([]));
    Some(document)
}

/// Issues an access token like `model`, which is another one or a refresh token.
fn access_token(
    state: &State,
    tables: &mut Tables,
    model: Token,
    refresh: Option<String>,
    echoed: Option<&str>,
) -> Map<String, Value> {
    let now = state.clock.now();
    let lifetime = i64::try_from(tables.settings.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let mut document = Map::new();
    document.insert("scope".to_owned(), model.scopes.join(" ").into());
    document.insert("resource_server".to_owned(), model.resource_server.clone().into());
    let access = tables.tokens.issue(Token {
        kind: Kind::Access,
        issued: now,
        expires: later(now, SignedDuration::from_secs(lifetime)),
        refreshed_by: refresh.clone(),
        ..model
    });
    document.insert("access_token".to_owned(), access.into());
    document.insert("expires_in".to_owned(), lifetime.into());
    document.insert("token_type".to_owned(), "Bearer".into());
    if let Some(refresh) = refresh {
        document.insert("refresh_token".to_owned(), refresh.into());
    }
    if let Some(text) = echoed {
        document.insert("state".to_owned(), text.into());
    }
    document
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}
