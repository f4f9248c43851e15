//! Authentication policies.

use std::sync::Arc;

use axum::{Json, extract};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Tables;
use super::super::error::AuthError;
use super::super::input::{Input, path_id, set};
use super::super::policies::Policy;
use super::asker::{Asker, Developer};
use super::projects::administered;
use crate::server::body::JsonBody;
use crate::state::State;

/// `GET /v2/api/policies`: those of the projects that one administers.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let own =
        |policy: &&Policy| tables.projects.get(policy.project).is_some_and(|project| asker.is_admin(project));
    let own: Vec<Value> = tables.policies.all().filter(own).map(Policy::document).collect();
    Ok(Json(json!({"policies": own})))
}

/// `POST /v2/api/policies`
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let body = body.0?;
    let input = Input::read(&body, "policy")?;
    let mut tables = state.auth.tables();
    let project: Uuid = input.required("project_id")?;
    administered(&state, &tables, &asker, project)?;
    let mut policy = Policy {
        id: Uuid::new_v4(),
        project,
        display_name: input.required_text("display_name")?,
        description: input.required_text("description")?,
        high_assurance: input.get("high_assurance")?.unwrap_or_default(),
        assurance_timeout: None,
        required_mfa: false,
        include: None,
        exclude: None,
    };
    change(&mut policy, &input)?;
    let document = policy.document();
    tables.policies.insert(policy);
    Ok((StatusCode::CREATED, Json(json!({"policy": document}))))
}

/// `GET /v2/api/policies/{id}`
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let policy = find(&state, &state.auth.tables(), &asker, &id)?;
    Ok(Json(json!({"policy": policy.document()})))
}

/// `PUT /v2/api/policies/{id}`: changes what is given. Whether it is a high assurance policy stays.
pub(super) async fn update(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let mut policy = find(&state, &tables, &asker, &id)?;
    let body = body.0?;
    let input = Input::read(&body, "policy")?;
    input.fixed(&["high_assurance"])?;
    if let Some(project) = input.get("project_id")? {
        policy.project = administered(&state, &tables, &asker, project)?.id;
    }
    set(&mut policy.display_name, input.text("display_name")?);
    set(&mut policy.description, input.text("description")?);
    change(&mut policy, &input)?;
    let document = policy.document();
    tables.policies.insert(policy);
    Ok(Json(json!({"policy": document})))
}

/// `DELETE /v2/api/policies/{id}`
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let policy = find(&state, &tables, &asker, &id)?;
    tables.policies.remove(policy.id);
    Ok(Json(json!({"policy": policy.document()})))
}

fn find(state: &State, tables: &Tables, asker: &Asker, id: &str) -> Result<Policy, AuthError> {
    let policy = tables.policies.get(path_id("policy", id)?);
    let policy = policy.ok_or_else(|| AuthError::not_found(format!("There is no policy {id:?}")))?;
    administered(state, tables, asker, policy.project)?;
    Ok(policy.clone())
}

/// Reads what may change, and checks the whole.
fn change(policy: &mut Policy, input: &Input<'_>) -> Result<(), AuthError> {
    set(&mut policy.assurance_timeout, input.get("authentication_assurance_timeout")?);
    set(&mut policy.required_mfa, input.get("required_mfa")?);
    set(&mut policy.include, input.get("domain_constraints_include")?);
    set(&mut policy.exclude, input.get("domain_constraints_exclude")?);
    policy.check().map_err(|why| AuthError::bad_request(format!("policy.{why}")))
}
