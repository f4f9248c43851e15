//! Projects.

use std::sync::Arc;

use axum::{Json, extract};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Tables;
use super::super::error::AuthError;
use super::super::input::{Input, path_id, set};
use super::super::projects::Project;
use super::asker::{Asker, Developer};
use crate::server::body::JsonBody;
use crate::state::State;

/// `GET /v2/api/projects`: those that one administers.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let own: Vec<Value> = tables
        .projects
        .all()
        .filter(|project| asker.is_admin(project))
        .map(|project| project.document(&tables))
        .collect();
    Ok(Json(json!({"projects": own})))
}

/// `POST /v2/api/projects`
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    _: Developer,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let body = body.0?;
    let input = Input::read(&body, "project")?;
    let mut tables = state.auth.tables();
    let project = Project {
        id: Uuid::new_v4(),
        display_name: input.required_text("display_name")?,
        contact_email: input.required_text("contact_email")?,
        admin_ids: input.get("admin_ids")?.flatten(),
        admin_group_ids: input.get("admin_group_ids")?.flatten(),
    };
    check(&tables, &project)?;
    let document = project.document(&tables);
    tables.projects.insert(project);
    Ok((StatusCode::CREATED, Json(json!({"project": document}))))
}

/// `GET /v2/api/projects/{id}`
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let project = administered(&state, &tables, &asker, path_id("project", &id)?)?;
    Ok(Json(json!({"project": project.document(&tables)})))
}

/// `PUT /v2/api/projects/{id}`: changes what is given.
pub(super) async fn update(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let mut project = administered(&state, &tables, &asker, path_id("project", &id)?)?.clone();
    let body = body.0?;
    let input = Input::read(&body, "project")?;
    set(&mut project.display_name, input.text("display_name")?);
    set(&mut project.contact_email, input.text("contact_email")?);
    set(&mut project.admin_ids, input.get("admin_ids")?);
    set(&mut project.admin_group_ids, input.get("admin_group_ids")?);
    check(&tables, &project)?;
    let document = project.document(&tables);
    tables.projects.insert(project);
    Ok(Json(json!({"project": document})))
}

/// `DELETE /v2/api/projects/{id}`, when no client and no policy is left in it.
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let project = administered(&state, &tables, &asker, path_id("project", &id)?)?;
    let id = project.id;
    let document = project.document(&tables);
    if tables.clients.all().any(|client| client.project == Some(id)) {
        return Err(AuthError::conflict("The project still has clients."));
    }
    if tables.policies.all().any(|policy| policy.project == id) {
        return Err(AuthError::conflict("The project still has policies."));
    }
    tables.projects.remove(id);
    Ok(Json(json!({"project": document})))
}

/// Finds a project that the asker administers.
pub(super) fn administered<'a>(
    state: &State,
    tables: &'a Tables,
    asker: &Asker,
    id: Uuid,
) -> Result<&'a Project, AuthError> {
    let project = tables.projects.get(id);
    let project = project.ok_or_else(|| AuthError::not_found(format!("There is no project {id}")))?;
    asker.administers(tables, state.clock.now(), project)?;
    Ok(project)
}

fn check(tables: &Tables, project: &Project) -> Result<(), AuthError> {
    let admins = project.admin_ids.as_deref().unwrap_or_default();
    if admins.is_empty() && project.admin_group_ids.as_deref().unwrap_or_default().is_empty() {
        return Err(AuthError::bad_request("project needs admin_ids or admin_group_ids"));
    }
    if let Some(nobody) = admins.iter().find(|id| tables.identity(**id).is_none()) {
        return Err(AuthError::bad_request(format!("project.admin_ids: there is no identity {nobody}")));
    }
    if !project.contact_email.contains('@') {
        return Err(AuthError::bad_request("project.contact_email does not look like an e-mail address"));
    }
    Ok(())
}
