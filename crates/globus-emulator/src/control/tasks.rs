//! Tasks from outside: what else only a manager, the storage or the passing of time could do to them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ControlError;
use crate::server::body::{BodyFault, read};
use crate::state::State;
use crate::transfer::{Lapse, Sides, Task, code_fault};

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/tasks", get(list))
        .route("/tasks/{id}", get(show))
        .route("/tasks/{id}/{what}", post(act))
}

/// What may be asked for besides the name of the deed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Details {
    /// `source`, `destination` or, by default, `both`.
    side: Option<String>,
    message: Option<String>,
    /// The event code of what lapsed.
    code: Option<String>,
}

fn find(state: &State, id: &str) -> Result<Arc<Task>, ControlError> {
    let task = Uuid::parse_str(id).ok().and_then(|id| state.transfer.task(id));
    task.ok_or_else(|| ControlError {
        status: StatusCode::NOT_FOUND,
        message: format!("there is no task {id:?}"),
    })
}

async fn list(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    let now = state.clock.now();
    let tasks: Vec<Value> = state.transfer.all_tasks().iter().map(|task| task.document(now)).collect();
    Json(json!({ "tasks": tasks }))
}

async fn show(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    Ok(Json(find(&state, &id)?.document(state.clock.now())))
}

async fn act(
    Shared(state): Shared<Arc<State>>,
    Path((id, what)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ControlError> {
    let task = find(&state, &id)?;
    let body = body.map_err(BodyFault::from)?;
    let details = if body.is_empty() {
        Details::default()
    } else {
        read::<Details>(&body).map_err(ControlError::bad)?
    };
    if let Some(fault) = details.code.as_deref().and_then(code_fault) {
        return Err(ControlError::bad(format!("code: {fault}")));
    }
    let sides = match details.side.as_deref() {
        None => Sides::Both,
        Some(name) => Sides::from_name(name).ok_or_else(|| {
            ControlError::bad(format!("side must be source, destination or both, not {name:?}"))
        })?,
    };
    let message = details.message.as_deref().unwrap_or("as the test asked");
    let now = state.clock.now();
    let done = match what.as_str() {
        "pause" => task.pause(sides, message, now),
        "resume" => task.resume(sides, now),
        "cancel" => task.cancel_by_admin(sides, message, now),
        "lapse" => {
            task.lapse(details.code.as_deref().unwrap_or("NO_CREDENTIALS"), message, Lapse::Asked, now)
        }
        "revive" => task.revive(now),
        other => {
            let message = format!("a task takes pause, resume, cancel, lapse and revive, not {other:?}");
            return Err(ControlError { status: StatusCode::NOT_FOUND, message });
        }
    };
    if !done {
        return Err(ControlError { status: StatusCode::CONFLICT, message: format!("task {id} has ended") });
    }
    Ok(Json(task.document(now)))
}
