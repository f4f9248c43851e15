//! What managers do to tasks: cancel, pause and resume them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::tasks::{find, sides};
use crate::auth::verify;
use crate::state::State;
use crate::transfer::Caller;
use crate::transfer::access::denied;
use crate::transfer::body::{Body, check_data_type, required};
use crate::transfer::query::Query;
use crate::transfer::reply::{Document, Outcome, TransferError};
use crate::transfer::roles::Role;
use crate::transfer::task::{Sides, Task};

/// The most tasks of one request.
const MOST_TASKS: usize = 1000;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/admin_cancel", post(admin_cancel))
        .route("/admin_cancel/{id}", get(admin_cancel_status))
        .route("/admin_pause", post(admin_pause))
        .route("/admin_resume", post(admin_resume))
}

/// What managers cancelled; ids count from one.
#[derive(Debug, Default)]
pub(crate) struct AdminCancels(Mutex<Vec<AdminCancel>>);

#[derive(Debug)]
struct AdminCancel {
    by: Uuid,
    tasks: Vec<Arc<Task>>,
    message: String,
}

impl AdminCancels {
    fn lock(&self) -> MutexGuard<'_, Vec<AdminCancel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}

#[derive(Debug, Deserialize)]
struct TasksDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    task_id_list: Option<Vec<String>>,
    message: Option<String>,
}

/// Finds the tasks that a request names, and on which side the caller manages each. All or none.
fn managed(
    state: &State,
    caller: &verify::Caller,
    ids: Option<&[String]>,
) -> Result<Vec<(Arc<Task>, Sides)>, TransferError> {
    let ids = ids.filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| TransferError::bad_request("'task_id_list' is required"))?;
    if ids.len() > MOST_TASKS {
        return Err(TransferError::bad_request(format!("'task_id_list' has more than {MOST_TASKS} tasks")));
    }
    ids.iter()
        .map(|id| {
            let (task, _) = find(state, caller, id)?;
            let sides = sides(&task, caller, Role::ActivityManager);
            let sides = sides.ok_or_else(|| {
                denied(format!("You do not have the role activity_manager on an endpoint of task '{id}'"))
            })?;
            Ok((task, sides))
        })
        .collect()
}

async fn admin_cancel(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<TasksDocument>,
) -> Result<Document, TransferError> {
    check_data_type(document.data_type.as_deref(), "admin_cancel")?;
    let message = required(document.message, "message")?;
    let tasks = managed(&state, &caller, document.task_id_list.as_deref())?;
    let now = state.clock.now();
    for (task, sides) in &tasks {
        task.cancel_by_admin(*sides, &message, now);
    }
    let tasks = tasks.into_iter().map(|(task, _)| task).collect();
    let mut all = state.transfer.admin_cancels.lock();
    all.push(AdminCancel { by: caller.identity_id, tasks, message });
    // The answer never waits for the end of the tasks.
    Document::new(&json!({ "DATA_TYPE": "admin_cancel", "id": all.len(), "done": false }), None)
}

async fn admin_cancel_status(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let number: Option<usize> = id.parse().ok();
    let all = state.transfer.admin_cancels.lock();
    let found = number
        .and_then(|number| all.get(number.checked_sub(1)?))
        .filter(|one| caller.identity_set.contains(&one.by))
        .ok_or_else(|| {
            let message = format!("No admin cancel with id '{id}'");
            TransferError::new(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
        })?;
    let now = state.clock.now();
    let document = json!({
        "DATA_TYPE": "admin_cancel",
        "id": number,
        "done": found.tasks.iter().all(|task| !task.is_pending(now)),
        "task_id_list": found.tasks.iter().map(|task| task.id).collect::<Vec<_>>(),
        "message": found.message,
    });
    Document::new(&document, query.fields().as_ref())
}

async fn admin_pause(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<TasksDocument>,
) -> Result<Outcome, TransferError> {
    check_data_type(document.data_type.as_deref(), "admin_pause")?;
    let message = required(document.message, "message")?;
    for (task, sides) in managed(&state, &caller, document.task_id_list.as_deref())? {
        task.pause(sides, &message, state.clock.now());
    }
    let message = "The pause request has been accepted";
    Ok(Outcome::new(StatusCode::OK, "result", "PauseAccepted", message))
}

async fn admin_resume(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<TasksDocument>,
) -> Result<Outcome, TransferError> {
    check_data_type(document.data_type.as_deref(), "admin_resume")?;
    for (task, sides) in managed(&state, &caller, document.task_id_list.as_deref())? {
        task.resume(sides, state.clock.now());
    }
    let message = "The resume request has been accepted";
    Ok(Outcome::new(StatusCode::OK, "result", "ResumeAccepted", message))
}
