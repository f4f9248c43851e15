//! From scopes that were asked for to the tokens that are given.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Tables;
use super::consents::Granted;
use super::error::AuthError;
use super::scopes::{self, Scope};
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
pub(crate) fn read_scopes(state: &State, text: &str) -> Result<Request, ScopeProblem> {
    let mut asked = scopes::parse(text).map_err(|fault| ScopeProblem::Malformed(fault.to_string()))?;
    // The JavaScript SDK asks for refresh tokens with this scope, which belongs to no service.
    let offline = asked.iter().any(|scope| scope.name == "offline_access");
    asked.retain(|scope| scope.name != "offline_access");
    if asked.is_empty() {
        return Err(ScopeProblem::Malformed("no scope is given".to_owned()));
    }
    let mut unknown = Vec::new();
    let granted = look_up(state, asked, &mut unknown);
    if unknown.is_empty() { Ok(Request { granted, offline }) } else { Err(ScopeProblem::Unknown(unknown)) }
}

/// Looks up scopes and all below them. Those that do not exist are added to `unknown`.
fn look_up(state: &State, asked: Vec<Scope>, unknown: &mut Vec<String>) -> Vec<Granted> {
    let mut granted = Vec::with_capacity(asked.len());
    for mut scope in asked {
        let dependencies = look_up(state, std::mem::take(&mut scope.dependencies), unknown);
        match scopes::resolve(state, &scope.name) {
            Some(known) => granted.push(Granted { scope, known, dependencies }),
            None if unknown.contains(&scope.name) => {}
            None => unknown.push(scope.name),
        }
    }
    granted
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
    tables.consents.record(holder.client, holder.identity, granted, holder.offline, now);

    let mut servers: Vec<(&str, Vec<String>)> = Vec::new();
    for root in granted {
        let server = root.known.resource_server.as_str();
        match servers.iter_mut().find(|(name, _)| *name == server) {
            Some((_, scopes)) => scopes.push(root.scope.name.clone()),
            None => servers.push((server, vec![root.scope.name.clone()])),
        }
    }
    let mut documents = servers.into_iter().map(|(server, scopes)| {
        let refresh = holder.offline.then(|| {
            tables.tokens.issue(Token {
                kind: Kind::Refresh,
                client: holder.client,
                identity: holder.identity,
                resource_server: server.to_owned(),
                scopes: scopes.clone(),
                issued: now,
                expires: later(now, REFRESH_LIFETIME),
                refreshed_by: None,
            })
        });
        access_token(state, tables, holder, server, scopes, refresh)
    });
    let mut top = documents.next().unwrap_or_default();
    let others: Vec<Value> = documents.map(Value::Object).collect();
    top.insert("other_tokens".to_owned(), others.into());
    top
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
    let holder = Holder { client, identity: old.identity, offline: true, state: None };
    let server = old.resource_server.clone();
    let scopes = old.scopes.clone();
    old.expires = later(now, REFRESH_LIFETIME);
    let value = if state.auth.settings.rotate_refresh_tokens {
        tables.tokens.rotate(value, old)
    } else {
        tables.tokens.renew(value, old.expires);
        value.to_owned()
    };
    let mut document = access_token(state, tables, holder, &server, scopes, Some(value));
    document.insert("other_tokens".to_owned(), json!([]));
    Some(document)
}

fn access_token(
    state: &State,
    tables: &mut Tables,
    holder: Holder<'_>,
    server: &str,
    scopes: Vec<String>,
    refresh: Option<String>,
) -> Map<String, Value> {
    let now = state.clock.now();
    let lifetime = i64::try_from(state.auth.settings.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let mut document = Map::new();
    document.insert("scope".to_owned(), scopes.join(" ").into());
    let access = tables.tokens.issue(Token {
        kind: Kind::Access,
        client: holder.client,
        identity: holder.identity,
        resource_server: server.to_owned(),
        scopes,
        issued: now,
        expires: later(now, SignedDuration::from_secs(lifetime)),
        refreshed_by: refresh.clone(),
    });
    document.insert("access_token".to_owned(), access.into());
    document.insert("expires_in".to_owned(), lifetime.into());
    document.insert("token_type".to_owned(), "Bearer".into());
    document.insert("resource_server".to_owned(), server.into());
    if let Some(refresh) = refresh {
        document.insert("refresh_token".to_owned(), refresh.into());
    }
    if let Some(text) = holder.state {
        document.insert("state".to_owned(), text.into());
    }
    document
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}
