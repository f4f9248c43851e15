//! What a token is worth: revoke, validate, introspect.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::{Json, extract};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Tables;
use super::client_auth::{authenticate, basic};
use super::clients::Client;
use super::dependent::is_server_of;
use super::error::AuthError;
use super::fields::Fields;
use super::input::query_ids;
use super::oidc::issuer;
use super::sessions::Session;
use super::tokens::Token;
use super::verify;
use crate::state::State;

/// `POST /v2/oauth2/token/revoke`: afterwards the token is not active, whether or not it ever was.
pub(crate) async fn revoke(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let client = authenticate(&tables, &headers, &fields)?;
    // The official command line sends no token at all where it has none to revoke.
    if let Some(value) = fields.get("token") {
        let now = state.clock.now();
        if tables.tokens.active(value, now).is_some_and(|token| speaks_for(&tables, &client, token.client)) {
            tables.tokens.revoke(value);
        }
    }
    Ok(Json(json!({"active": false})))
}

/// `POST /v2/oauth2/token/validate`
pub(crate) async fn validate(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let client = authenticate(&tables, &headers, &fields)?;
    let token = tables.tokens.active(fields.required("token")?, state.clock.now());
    let active = token.is_some_and(|token| speaks_for(&tables, &client, token.client));
    Ok(Json(json!({"active": active})))
}

/// Tells whether `client` may speak for tokens of `holder`: itself, or the template that it was made from.
fn speaks_for(tables: &Tables, client: &Client, holder: Uuid) -> bool {
    client.id == holder || tables.clients.get(holder).is_some_and(|holder| holder.parent == Some(client.id))
}

/// `POST /v2/oauth2/token/introspect`, for the client that the token was issued to and for its resource server.
pub(crate) async fn introspect(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let client = basic(&tables, &headers).unwrap_or_else(|| Err(AuthError::unauthenticated()))?;
    let now = state.clock.now();
    let token = tables
        .tokens
        .active(fields.required("token")?, now)
        .filter(|token| client.id == token.client || is_server_of(&tables, &client, &token.resource_server));
    let as_server = token.is_some_and(|token| is_server_of(&tables, &client, &token.resource_server));
    let mut document = token.and_then(|token| describe(&tables, token, &fields, &issuer(&state, &headers)));
    if let Some(document) = document.as_mut().filter(|_| as_server) {
        document["dependent_tokens_cache_id"] = cache_id(fields.required("token")?).into();
    }
    if let (Some(document), Some(token)) = (document.as_mut(), token) {
        evaluate_policies(&tables, token, &fields, now, document)?;
    }
    Ok(Json(document.unwrap_or_else(|| json!({"active": false}))))
}

fn describe(tables: &Tables, token: &Token, fields: &Fields, issuer: &str) -> Option<Value> {
    let identity = tables.identity(token.identity)?;
    let since = token.issued.as_second();
    let mut document = json!({
        "active": true,
        "token_type": "Bearer",
        "scope": token.scopes.join(" "),
        "client_id": token.client,
        "sub": identity.id,
        "username": identity.username,
        "name": identity.name,
        "email": identity.email,
        "exp": token.expires.as_second(),
        "iat": since,
        "nbf": since,
        "aud": [token.resource_server, token.client.to_string()],
        "iss": issuer,
    });
    let caller = verify::holder(tables, token)?;
    let done = caller.authentications(tables);
    let last = |id: Uuid| done.iter().find(|(who, _)| *who == id).map(|(_, done)| done.time);
    for wanted in fields.list("include") {
        let included = match wanted {
            "identity_set" | "identities_set" => json!(caller.identity_set),
            "identity_set_detail" => {
                let set = caller.identity_set.iter().filter_map(|id| tables.identity(*id));
                set.map(|identity| identity.set_entry(last(identity.id))).collect()
            }
            "session_info" => session_info(tables, token),
            _ => continue,
        };
        document[wanted] = included;
    }
    Some(document)
}

/// Names the dependent tokens that a resource server may keep for a token.
fn cache_id(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Says which of the policies that are asked about the holder of a token passes.
fn evaluate_policies(
    tables: &Tables,
    token: &Token,
    fields: &Fields,
    now: Timestamp,
    document: &mut Value,
) -> Result<(), AuthError> {
    let wanted = query_ids(&fields.list("authentication_policies"))?;
    let Some(caller) = verify::holder(tables, token).filter(|_| !wanted.is_empty()) else { return Ok(()) };
    let done = caller.authentications(tables);
    let mut evaluations = Map::new();
    for id in wanted {
        let policy = tables.policies.get(id);
        let policy = policy.ok_or_else(|| AuthError::not_found(format!("There is no policy {id}")))?;
        let passes = policy.passes(tables, &caller.identity_set, &done, now);
        evaluations.insert(id.to_string(), json!({"evaluation": passes}));
    }
    document["policy_evaluations"] = evaluations.into();
    Ok(())
}

/// The login that a token stems from. A client in its own name has none.
fn session_info(tables: &Tables, token: &Token) -> Value {
    let session = token.session.and_then(|session| tables.sessions.get(session));
    session.map_or_else(
        || {
            let session = Uuid::new_v5(&token.client, token.identity.as_bytes());
            json!({"session_id": session, "authentications": {}})
        },
        Session::document,
    )
}
