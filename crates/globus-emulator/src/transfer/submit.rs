//! Submissions: `submission_id`, `transfer` and `delete`.

pub(crate) mod items;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::access;
use super::body::{Body, check_data_type, required};
use super::collections::Collection;
use super::reply::{Document, Outcome, TransferError};
use super::task::{DeleteJob, Job, NewTask, Symlinks, Task, TransferJob};
use super::tasks::{Accepted, read_deadline, read_label};
use super::{Caller, blocking, engine};
use crate::auth::verify;
use crate::state::State;
use items::{DeleteItem, FilterRule, Form, TransferItem};

/// A million items are about 200 MB.
const LARGEST_SUBMISSION: usize = 1 << 30;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/submission_id", get(submission_id))
        .route("/transfer", post(transfer).layer(DefaultBodyLimit::max(LARGEST_SUBMISSION)))
        .route("/delete", post(delete).layer(DefaultBodyLimit::max(LARGEST_SUBMISSION)))
}

async fn submission_id(_: Caller) -> Result<Document, TransferError> {
    let document = json!({ "DATA_TYPE": "submission_id", "value": Uuid::new_v4() });
    Document::new(&document, None)
}

#[derive(Debug, Deserialize)]
struct TransferDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    submission_id: Option<String>,
    source_endpoint: Option<String>,
    destination_endpoint: Option<String>,
    label: Option<String>,
    deadline: Option<String>,
    sync_level: Option<i64>,
    encrypt_data: Option<bool>,
    verify_checksum: Option<bool>,
    preserve_timestamp: Option<bool>,
    delete_destination_extra: Option<bool>,
    recursive_symlinks: Option<String>,
    skip_source_errors: Option<bool>,
    fail_on_quota_errors: Option<bool>,
    filter_rules: Option<Vec<FilterRule>>,
    store_base_path_info: Option<bool>,
    source_local_user: Option<String>,
    destination_local_user: Option<String>,
    // Read for their types alone: nobody gets mail, and nothing is activated.
    #[serde(rename = "notify_on_succeeded")]
    _notify_on_succeeded: Option<bool>,
    #[serde(rename = "notify_on_failed")]
    _notify_on_failed: Option<bool>,
    #[serde(rename = "notify_on_inactive")]
    _notify_on_inactive: Option<bool>,
    #[serde(rename = "skip_activation_check")]
    _skip_activation_check: Option<bool>,
    #[serde(rename = "DATA")]
    data: Option<Vec<TransferItem>>,
}

async fn transfer(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<TransferDocument>,
) -> Result<Outcome, TransferError> {
    let many = document.data.as_ref().is_some_and(|items| items.len() > MANY);
    let shared = state.clone();
    let prepare = move || prepare_transfer(&shared, &caller, document);
    let prepared = if many { blocking(prepare).await? } else { prepare()? };
    Ok(accept(&state, prepared, "transfer"))
}

/// From so many items on, checking them is too much for the thread that serves requests.
const MANY: usize = 1000;

/// A new task, or the one that was submitted before.
fn prepare_transfer(
    state: &State,
    caller: &verify::Caller,
    document: TransferDocument,
) -> Result<Accepted, TransferError> {
    check_data_type(document.data_type.as_deref(), "transfer")?;
    let submission_id = read_submission_id(document.submission_id.as_deref())?;
    let label = document.label.map(read_label).transpose()?;
    let deadline = document.deadline.as_deref().map(read_deadline).transpose()?;
    let sync_level = match document.sync_level {
        None => None,
        Some(level) => Some(u8::try_from(level).ok().filter(|level| *level <= 3).ok_or_else(|| {
            TransferError::bad_request(format!("Invalid sync_level {level}: expected 0, 1, 2 or 3"))
        })?),
    };
    let recursive_symlinks = match document.recursive_symlinks {
        None => Symlinks::default(),
        Some(name) => Symlinks::from_name(&name).ok_or_else(|| {
            TransferError::bad_request(format!(
                "Invalid recursive_symlinks '{name}': expected 'ignore', 'keep' or 'copy'"
            ))
        })?,
    };
    let source_endpoint = required(document.source_endpoint, "source_endpoint")?;
    let destination_endpoint = required(document.destination_endpoint, "destination_endpoint")?;
    if let Some(task) = state.transfer.tasks.submitted(caller.identity_id, submission_id) {
        return Ok(Accepted::Before(task));
    }

    let items = some_items(document.data, "transfer")?;
    let recursive = items.iter().any(|item| matches!(item.form, Form::Directory | Form::Detect));
    if !recursive && document.filter_rules.as_ref().is_some_and(|rules| !rules.is_empty()) {
        return Err(TransferError::bad_request("filter_rules need an item with 'recursive': true"));
    }
    if let Some(path) = items::repeated_destination(&items) {
        return Err(TransferError::bad_request(format!("destination_path '{path}' is given twice")));
    }
    let source = enter(state, caller, &source_endpoint)?;
    let destination = enter(state, caller, &destination_endpoint)?;

    let paths = items.iter().map(|item| (&*item.source, &*item.destination));
    let fingerprint = items::fingerprint("transfer", &[source.id, destination.id], paths);
    let base = |path: fn(&TransferItem) -> &str| {
        let all = items.iter().map(|item| (path(item), item.form == Form::Directory));
        document.store_base_path_info.unwrap_or(false).then(|| items::base_path(all)).flatten()
    };
    let source_base_path = base(|item| &item.source);
    let destination_base_path = base(|item| &item.destination);
    let either = |flag: &str| [&source, &destination].iter().any(|side| side.read().flag(flag) == Some(true));
    let high_assurance = source.high_assurance.is_some() || destination.high_assurance.is_some();
    let job = TransferJob {
        destination: destination.clone(),
        sync_level,
        encrypt_data: either("force_encryption") || high_assurance || document.encrypt_data.unwrap_or(false),
        verify_checksum: either("force_verify")
            || (document.verify_checksum.unwrap_or(false) && !either("disable_verify")),
        preserve_timestamp: document.preserve_timestamp.unwrap_or(false),
        delete_destination_extra: document.delete_destination_extra.unwrap_or(false),
        recursive_symlinks,
        skip_source_errors: document.skip_source_errors.unwrap_or(false),
        fail_on_quota_errors: document.fail_on_quota_errors.unwrap_or(false),
        filter_rules: document.filter_rules,
        source_local_user: document.source_local_user,
        destination_local_user: document.destination_local_user,
        destination_base_path,
        items: Mutex::new(items),
    };
    let new = NewTask {
        caller: caller.clone(),
        submission_id,
        fingerprint,
        source: source.clone(),
        source_base_path,
        label,
        deadline,
    };
    new_task(state, new, Job::Transfer(job))
}

#[derive(Debug, Deserialize)]
struct DeleteDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    submission_id: Option<String>,
    endpoint: Option<String>,
    label: Option<String>,
    deadline: Option<String>,
    recursive: Option<bool>,
    ignore_missing: Option<bool>,
    interpret_globs: Option<bool>,
    store_base_path_info: Option<bool>,
    local_user: Option<String>,
    // Read for their types alone.
    #[serde(rename = "notify_on_succeeded")]
    _notify_on_succeeded: Option<bool>,
    #[serde(rename = "notify_on_failed")]
    _notify_on_failed: Option<bool>,
    #[serde(rename = "notify_on_inactive")]
    _notify_on_inactive: Option<bool>,
    #[serde(rename = "skip_activation_check")]
    _skip_activation_check: Option<bool>,
    #[serde(rename = "DATA")]
    data: Option<Vec<DeleteItem>>,
}

async fn delete(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<DeleteDocument>,
) -> Result<Outcome, TransferError> {
    let many = document.data.as_ref().is_some_and(|items| items.len() > MANY);
    let shared = state.clone();
    let prepare = move || prepare_delete(&shared, &caller, document);
    let prepared = if many { blocking(prepare).await? } else { prepare()? };
    Ok(accept(&state, prepared, "delete"))
}

fn prepare_delete(
    state: &State,
    caller: &verify::Caller,
    document: DeleteDocument,
) -> Result<Accepted, TransferError> {
    check_data_type(document.data_type.as_deref(), "delete")?;
    let submission_id = read_submission_id(document.submission_id.as_deref())?;
    let label = document.label.map(read_label).transpose()?;
    let deadline = document.deadline.as_deref().map(read_deadline).transpose()?;
    let endpoint = required(document.endpoint, "endpoint")?;
    if let Some(task) = state.transfer.tasks.submitted(caller.identity_id, submission_id) {
        return Ok(Accepted::Before(task));
    }

    let items = some_items(document.data, "delete")?;
    let source = enter(state, caller, &endpoint)?;
    let fingerprint = items::fingerprint("delete", &[source.id], items.iter().map(|item| (&*item.path, "")));
    let paths = items.iter().map(|item| (&*item.path, false));
    let source_base_path =
        document.store_base_path_info.unwrap_or(false).then(|| items::base_path(paths)).flatten();
    let job = DeleteJob {
        recursive: document.recursive,
        ignore_missing: document.ignore_missing.unwrap_or(false),
        interpret_globs: document.interpret_globs.unwrap_or(false),
        local_user: document.local_user,
        items: Mutex::new(items),
    };
    let new = NewTask {
        caller: caller.clone(),
        submission_id,
        fingerprint,
        source: source.clone(),
        source_base_path,
        label,
        deadline,
    };
    new_task(state, new, Job::Delete(job))
}

/// Finds a collection that a task of the caller may work with. What they may not do at a path shows when it runs.
fn enter(state: &State, caller: &verify::Caller, id: &str) -> Result<Arc<Collection>, TransferError> {
    let collection = state.transfer.collection(id)?;
    access::enter(state, caller, &collection)?;
    access::check_connected(&collection)?;
    Ok(collection)
}

/// Registers a task, unless it is there already or must not be.
fn new_task(state: &State, new: NewTask, job: Job) -> Result<Accepted, TransferError> {
    let now = state.clock.now();
    let task = Arc::new(Task::new(new, job, now));
    state.transfer.tasks.accept(task, state.transfer.settings.pending_tasks, now)
}

/// Starts a new task and answers.
fn accept(state: &Arc<State>, accepted: Accepted, kind: &str) -> Outcome {
    let (task, code, message) = match accepted {
        Accepted::Now(task) => {
            state.spawn(engine::run(state.clone(), task.clone()));
            let message =
                format!("The {kind} has been accepted and a task has been created and queued for execution");
            (task, "Accepted", message)
        }
        Accepted::Before(task) => {
            let message = format!("A {kind} with this submission id was accepted before");
            (task, "Duplicate", message)
        }
    };
    Outcome::new(StatusCode::ACCEPTED, &format!("{kind}_result"), code, &message)
        .with("submission_id", task.submission_id.to_string())
        .with("task_id", task.id.to_string())
        .with(
            "task_link",
            json!({
                "DATA_TYPE": "link",
                "href": format!("task/{}?format=json", task.id),
                "rel": "related",
                "resource": "task",
                "title": "related task",
            }),
        )
}

fn read_submission_id(text: Option<&str>) -> Result<Uuid, TransferError> {
    let text = text.ok_or_else(|| TransferError::bad_request("'submission_id' is required"))?;
    Uuid::parse_str(text)
        .map_err(|_| TransferError::bad_request(format!("Invalid submission_id '{text}': expected a UUID")))
}

fn some_items<T>(items: Option<Vec<T>>, kind: &str) -> Result<Vec<T>, TransferError> {
    items.filter(|items| !items.is_empty()).ok_or_else(|| {
        TransferError::new(
            StatusCode::BAD_REQUEST,
            "ClientError.BadRequest.NoTransferItems",
            format!("A {kind} requires at least one item"),
        )
    })
}
