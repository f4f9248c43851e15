//! The secrets of clients.

use std::sync::Arc;

use axum::{Json, extract};
use http::StatusCode;
use serde_json::{Value, json};

use super::super::clients::Credential;
use super::super::error::AuthError;
use super::super::input::{Input, path_id};
use super::asker::Developer;
use super::clients::{managed, random_secret};
use crate::server::body::JsonBody;
use crate::state::State;

/// `GET /v2/api/clients/{id}/credentials`. The secrets themselves are not shown again.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let client = managed(&state, &tables, &asker, &id)?;
    let credentials: Vec<Value> =
        client.credentials.iter().map(|credential| credential.document(client.id, false)).collect();
    Ok(Json(json!({"credentials": credentials})))
}

/// `POST /v2/api/clients/{id}/credentials`: the only answer that has the secret.
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let mut tables = state.auth.tables();
    let client = managed(&state, &tables, &asker, &id)?;
    if client.is_public() {
        return Err(AuthError::bad_request("A public client cannot keep a secret"));
    }
    let body = body.0?;
    let name = Input::read(&body, "credential")?.required_text("name")?;
    let credential = Credential::new(name, random_secret(), state.clock.now());
    let id = client.id;
    let document = credential.document(id, true);
    if let Some(client) = tables.clients.get_mut(id) {
        client.credentials.push(credential);
    }
    Ok((StatusCode::CREATED, Json(json!({"credential": document}))))
}

/// `DELETE /v2/api/clients/{id}/credentials/{credential}`
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path((id, credential)): extract::Path<(String, String)>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let id = managed(&state, &tables, &asker, &id)?.id;
    let wanted = path_id("credential", &credential)?;
    let removed = tables.clients.get_mut(id).and_then(|client| {
        let index = client.credentials.iter().position(|own| own.id == wanted)?;
        Some(client.credentials.remove(index))
    });
    let removed =
        removed.ok_or_else(|| AuthError::not_found(format!("There is no credential {credential:?}")))?;
    Ok(Json(json!({"credential": removed.document(id, false)})))
}
