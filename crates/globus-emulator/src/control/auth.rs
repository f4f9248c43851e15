//! What a test asks of Auth: settings, tokens, sessions, consents, logins, demands, and what is there.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::{delete, get, post};
use axum::{Json, Router, extract};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ControlError;
use crate::auth::remote::{self, Answer};
use crate::auth::requirements;
use crate::builder::MOST_TOKEN_LIFETIME;
use crate::seed::{self, Directories};
use crate::server::body::JsonBody;
use crate::state::State;

type Answered = Result<Json<Value>, ControlError>;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/state", get(dump))
        .route("/seed", post(sow))
        .route("/settings", get(settings).post(change_settings))
        .route("/tokens/expire", post(expire_tokens))
        .route("/sessions", delete(forget_sessions))
        .route("/consents", delete(rescind))
        .route("/logins", post(answer_login))
        .route("/requirements", get(list_requirements).post(add_requirements).delete(clear_requirements))
}

fn read<T: DeserializeOwned>(body: JsonBody) -> Result<T, ControlError> {
    T::deserialize(body.0?).map_err(|fault| ControlError::bad(fault.to_string()))
}

async fn dump(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(json!({"auth": remote::dump(&state, &state.auth.tables())}))
}

async fn sow(
    extract::State(state): extract::State<Arc<State>>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let sown = seed::sow(&state, body.0?, Directories::Refused).map_err(ControlError::bad)?;
    Ok((StatusCode::CREATED, Json(sown)))
}

async fn settings(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(remote::settings(&state.auth.tables()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    token_lifetime_seconds: Option<u64>,
    rotate_refresh_tokens: Option<bool>,
    approve_logins: Option<bool>,
}

async fn change_settings(extract::State(state): extract::State<Arc<State>>, body: JsonBody) -> Answered {
    let change: Change = read(body)?;
    let lifetime = change.token_lifetime_seconds.map(Duration::from_secs);
    if lifetime.is_some_and(|lifetime| lifetime.is_zero() || lifetime > MOST_TOKEN_LIFETIME) {
        return Err(ControlError::bad("token_lifetime_seconds must be between 1 second and 10 years"));
    }
    let mut tables = state.auth.tables();
    let settings = &mut tables.settings;
    settings.token_lifetime = lifetime.unwrap_or(settings.token_lifetime);
    settings.rotate_refresh_tokens = change.rotate_refresh_tokens.unwrap_or(settings.rotate_refresh_tokens);
    settings.approve_logins = change.approve_logins.unwrap_or(settings.approve_logins);
    Ok(Json(remote::settings(&tables)))
}

/// Ends every access token now. Refresh tokens stay.
async fn expire_tokens(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    let expired = state.auth.tables().tokens.expire_access(state.clock.now());
    Json(json!({"expired": expired}))
}

/// Forgets who logged in when. Tokens stay, but meet no demand on the session any more.
async fn forget_sessions(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    let mut tables = state.auth.tables();
    let forgotten = tables.sessions.all().count();
    tables.sessions.clear();
    Json(json!({"forgotten": forgotten}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rescind {
    /// Whose consents, by id or username.
    identity: String,
    client_id: Option<Uuid>,
    scope: Option<String>,
}

/// Takes consents back, as the person could on `/v2/web/consents`.
async fn rescind(extract::State(state): extract::State<Arc<State>>, body: JsonBody) -> Answered {
    let which: Rescind = read(body)?;
    let mut tables = state.auth.tables();
    let identity = tables.find_identity(&which.identity);
    let identity =
        identity.ok_or_else(|| ControlError::bad(format!("there is no identity {:?}", which.identity)))?.id;
    let gone = tables.consents.rescind_matching(identity, which.client_id, which.scope.as_deref());
    tables.tokens.revoke_consents(&gone);
    Ok(Json(json!({"rescinded": gone.len()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginAnswer {
    url: String,
    identity: Option<String>,
    #[serde(default)]
    deny: bool,
    #[serde(default)]
    mfa: bool,
}

/// Answers the login at an authorize URL, as a person would on its page.
async fn answer_login(extract::State(state): extract::State<Arc<State>>, body: JsonBody) -> Answered {
    let LoginAnswer { url, identity, deny, mfa } = read(body)?;
    let answer = Answer { identity, deny, mfa };
    let location = remote::answer_login(&state, &url, &answer).map_err(ControlError::bad)?;
    Ok(Json(json!({"location": location})))
}

async fn list_requirements(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    Json(json!({"requirements": state.auth.tables().requirements.list()}))
}

/// Adds one demand, or a list of them: all or none.
async fn add_requirements(
    extract::State(state): extract::State<Arc<State>>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let mut tables = state.auth.tables();
    let rules = requirements::read(&tables, state.clock.now(), &body.0?).map_err(ControlError::bad)?;
    tables.requirements.add(rules);
    Ok((StatusCode::CREATED, Json(json!({"requirements": tables.requirements.list()}))))
}

async fn clear_requirements(extract::State(state): extract::State<Arc<State>>) -> Json<Value> {
    let mut tables = state.auth.tables();
    tables.requirements.clear();
    Json(json!({"requirements": tables.requirements.list()}))
}
