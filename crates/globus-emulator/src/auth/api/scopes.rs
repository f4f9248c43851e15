//! The scopes of resource servers.

use std::sync::Arc;

use axum::{Json, extract};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Tables;
use super::super::error::AuthError;
use super::super::fields::Fields;
use super::super::input::{Input, path_id, query_ids, set};
use super::super::scopes::{DependentScope, ScopeRecord};
use super::asker::{Asker, Developer};
use super::clients::managed;
use crate::server::body::JsonBody;
use crate::state::State;

/// `GET /v2/api/scopes?scope_strings=…` or `?ids=…` for those that are advertised or one's own; without either,
/// all that are one's own.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let asker = Asker::any(&state, &headers)?;
    let tables = state.auth.tables();
    let strings = fields.list("scope_strings");
    let ids = query_ids(&fields.list("ids"))?;
    let owns = |scope: &ScopeRecord| owns(&tables, &asker, scope);
    let found: Vec<Value> = match (strings.is_empty(), ids.is_empty()) {
        (false, false) => return Err(AuthError::bad_request("Give either scope_strings or ids")),
        (true, true) => tables.scopes.all().filter(|scope| owns(scope)).map(ScopeRecord::document).collect(),
        _ => tables
            .scopes
            .all()
            .filter(|scope| strings.contains(&scope.scope_string.as_str()) || ids.contains(&scope.id))
            .filter(|scope| scope.advertised || owns(scope))
            .map(ScopeRecord::document)
            .collect(),
    };
    Ok(Json(json!({"scopes": found})))
}

/// `GET /v2/api/scopes/{id}`
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    let asker = Asker::any(&state, &headers)?;
    let tables = state.auth.tables();
    let scope = find(&tables, &id)?;
    if !scope.advertised && !owns(&tables, &asker, &scope) {
        return Err(no_such_scope(&id));
    }
    Ok(Json(json!({"scope": scope.document()})))
}

/// `POST /v2/api/clients/{id}/scopes`: one scope named after the client, and one for each of its host names.
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let mut tables = state.auth.tables();
    let client = managed(&state, &tables, &asker, &id)?;
    let body = body.0?;
    let input = Input::read(&body, "scope")?;
    let suffix = input.required_text("scope_suffix")?;
    if !suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err(AuthError::bad_request(format!(
            "scope.scope_suffix: {suffix:?} has other characters than a-z, 0-9 and _"
        )));
    }
    let (name, description) = (input.required_text("name")?, input.required_text("description")?);
    let server = client.id.to_string();
    let mut created = Vec::new();
    for namespace in std::iter::once(&server).chain(&client.fqdns) {
        let scope_string = format!("https://auth.globus.org/scopes/{namespace}/{suffix}");
        if tables.scopes.find(&scope_string).is_some() {
            return Err(AuthError::conflict(format!("The scope {scope_string} exists already")));
        }
        let mut scope = ScopeRecord::new(client.id, server.clone(), scope_string);
        scope.name.clone_from(&name);
        scope.description.clone_from(&description);
        change(&tables, &mut scope, &input)?;
        created.push(scope);
    }
    let documents: Vec<Value> = created.iter().map(ScopeRecord::document).collect();
    for scope in created {
        tables.scopes.register(scope);
    }
    Ok((StatusCode::CREATED, Json(json!({"scopes": documents}))))
}

/// `PUT /v2/api/scopes/{id}`: changes what is given. The text of a scope stays.
pub(super) async fn update(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let mut scope = own(&state, &tables, &asker, &id)?;
    let body = body.0?;
    let input = Input::read(&body, "scope")?;
    input.fixed(&["scope_suffix", "scope_string", "client"])?;
    set(&mut scope.name, input.text("name")?);
    set(&mut scope.description, input.text("description")?);
    change(&tables, &mut scope, &input)?;
    let document = scope.document();
    tables.scopes.register(scope);
    Ok(Json(json!({"scope": document})))
}

/// `DELETE /v2/api/scopes/{id}`. The consents to it end with it, and so do the tokens that stand on them.
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let scope = own(&state, &tables, &asker, &id)?;
    tables.scopes.remove(&scope.scope_string);
    let gone = tables.consents.rescind_scope(scope.id);
    tables.tokens.revoke_consents(&gone);
    Ok(Json(json!({"scope": scope.document()})))
}

fn no_such_scope(id: &str) -> AuthError {
    AuthError::not_found(format!("There is no scope {id:?}"))
}

fn find(tables: &Tables, id: &str) -> Result<ScopeRecord, AuthError> {
    tables.scopes.by_id(path_id("scope", id)?).cloned().ok_or_else(|| no_such_scope(id))
}

/// Finds a scope of a client that the asker manages.
fn own(state: &State, tables: &Tables, asker: &Asker, id: &str) -> Result<ScopeRecord, AuthError> {
    let scope = find(tables, id)?;
    match tables.clients.get(scope.owner) {
        Some(client) => asker.manages(tables, state.clock.now(), client)?,
        None => return Err(AuthError::forbidden("This scope belongs to the service.")),
    }
    Ok(scope)
}

fn owns(tables: &Tables, asker: &Asker, scope: &ScopeRecord) -> bool {
    tables.clients.get(scope.owner).is_some_and(|client| asker.owns(tables, client))
}

/// Reads what may change.
fn change(tables: &Tables, scope: &mut ScopeRecord, input: &Input<'_>) -> Result<(), AuthError> {
    set(&mut scope.advertised, input.get("advertised")?);
    set(&mut scope.allows_refresh_token, input.get("allows_refresh_token")?);
    set(&mut scope.required_domains, input.get("required_domains")?);
    if let Some(dependents) = input.get::<Vec<DependentScope>>("dependent_scopes")? {
        let unknown = |dependent: &&DependentScope| tables.scopes.by_id(dependent.scope).is_none();
        if let Some(dependent) = dependents.iter().find(unknown) {
            let id: Uuid = dependent.scope;
            return Err(AuthError::bad_request(format!("scope.dependent_scopes: there is no scope {id}")));
        }
        scope.dependents = dependents;
    }
    Ok(())
}
