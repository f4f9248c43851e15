//! Tasks over HTTP: list, show, change, cancel, and what happened in them.

mod table;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::body::{Body, check_data_type};
use super::filter::{Fields, Kind, Value};
use super::pause_rules;
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use super::task::{End, NewLabel, Status, Task, TaskType};
use super::{Caller, blocking, times};
use crate::state::State;
pub(super) use table::{Accepted, Tasks};

/// The page size of lists of tasks and events.
const PAGE: usize = 10;
/// The largest page of these.
const LARGEST_PAGE: usize = 1000;
/// The longest label, in characters.
const LONGEST_LABEL: usize = 128;

const TASK_FILTERS: Fields = &[
    ("task_id", Kind::Word),
    ("type", Kind::Word),
    ("status", Kind::Word),
    ("label", Kind::TextIgnoringCase),
    ("request_time", Kind::Time),
    ("completion_time", Kind::Time),
];
const TASK_ORDERS: &[&str] = &[
    "task_id",
    "type",
    "status",
    "label",
    "request_time",
    "completion_time",
    "deadline",
    "faults",
    "files",
    "bytes_transferred",
];
const EVENT_FILTERS: Fields = &[("is_error", Kind::Flag)];

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/task_list", get(task_list))
        .route("/task/{id}", get(get_task).put(update_task))
        .route("/task/{id}/cancel", post(cancel_task))
        .route("/task/{id}/remove", post(remove_task))
        .route("/task/{id}/event_list", get(event_list))
        .route("/task/{id}/successful_transfers", get(successful_transfers))
        .route("/task/{id}/skipped_errors", get(skipped_errors))
        .route("/task/{id}/pause_info", get(pause_info))
}

/// Finds a task of the caller; others' tasks do not exist for them.
fn find(state: &State, caller: &Caller, id: &str) -> Result<Arc<Task>, TransferError> {
    Uuid::parse_str(id)
        .ok()
        .and_then(|id| state.transfer.tasks.get(id))
        .filter(|task| task.owner == caller.0.identity_id && !task.read(state.clock.now()).removed)
        .ok_or_else(|| {
            let message = format!("No task found with id '{id}'");
            TransferError::new(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
        })
}

async fn task_list(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let page = query.page(PAGE, LARGEST_PAGE)?;
    let filter = query.filter(TASK_FILTERS)?;
    let order = query.order(TASK_ORDERS)?;
    let now = state.clock.now();
    blocking(move || {
        let mut rows: Vec<Row> = state
            .transfer
            .tasks
            .of(caller.0.identity_id)
            .into_iter()
            .rev()
            .filter(|task| !task.read(now).removed)
            .map(|task| Row::new(task, now))
            .filter(|row| filter.matches(|field| row.value(field)))
            .collect();
        // Stable: what the keys leave equal stays newest first.
        rows.sort_by(|a, b| {
            let mut keys = order.iter().map(|(field, direction)| direction.apply(a.compare(b, field)));
            keys.find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        let total = rows.len();
        let data: Vec<Json> =
            rows.iter().skip(page.offset).take(page.limit).map(|row| row.task.document(now)).collect();
        let list = json!({
            "DATA_TYPE": "task_list",
            "length": data.len(),
            "limit": page.limit,
            "offset": page.offset,
            "total": total,
            "DATA": data,
        });
        Document::list(&list, query.fields().as_ref())
    })
    .await
}

/// What a task is filtered and sorted by, read once.
struct Row {
    task: Arc<Task>,
    id: String,
    status: Status,
    label: Option<String>,
    completion_time: Option<Timestamp>,
    deadline: Timestamp,
    faults: u64,
    files: u64,
    bytes_transferred: u64,
}

impl Row {
    fn new(task: Arc<Task>, now: Timestamp) -> Row {
        let progress = task.read(now);
        Row {
            id: task.id.to_string(),
            status: progress.status,
            label: progress.label.clone(),
            completion_time: progress.completion_time,
            deadline: progress.deadline,
            faults: progress.counts.faults,
            files: progress.counts.files,
            bytes_transferred: progress.counts.bytes_transferred,
            task: {
                drop(progress);
                task
            },
        }
    }

    fn value(&self, field: &'static str) -> Value<'_> {
        match field {
            "task_id" => Value::Text(&self.id),
            "type" => Value::Text(self.task.kind().as_str()),
            "status" => Value::Text(self.status.as_str()),
            "label" => self.label.as_deref().map_or(Value::Missing, Value::Text),
            "request_time" => Value::Time(self.task.request_time),
            "completion_time" => self.completion_time.map_or(Value::Missing, Value::Time),
            _ => Value::Missing,
        }
    }

    fn compare(&self, other: &Row, field: &str) -> std::cmp::Ordering {
        match field {
            "task_id" => self.id.cmp(&other.id),
            "type" => self.task.kind().as_str().cmp(other.task.kind().as_str()),
            "status" => self.status.as_str().cmp(other.status.as_str()),
            "label" => self.label.cmp(&other.label),
            "completion_time" => self.completion_time.cmp(&other.completion_time),
            "deadline" => self.deadline.cmp(&other.deadline),
            "faults" => self.faults.cmp(&other.faults),
            "files" => self.files.cmp(&other.files),
            "bytes_transferred" => self.bytes_transferred.cmp(&other.bytes_transferred),
            _ => self.task.request_time.cmp(&other.task.request_time),
        }
    }
}

async fn get_task(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let task = find(&state, &caller, &id)?;
    Document::new(&task.document(state.clock.now()), query.fields().as_ref())
}

#[derive(Debug, Deserialize)]
struct TaskUpdate {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    /// Absent and `null` differ: the latter takes the label away.
    #[serde(default, deserialize_with = "set_label")]
    label: NewLabel,
    deadline: Option<String>,
}

fn set_label<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NewLabel, D::Error> {
    Option::deserialize(deserializer).map(NewLabel::Set)
}

async fn update_task(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    Body(update): Body<TaskUpdate>,
) -> Result<Outcome, TransferError> {
    let task = find(&state, &caller, &id)?;
    check_data_type(update.data_type.as_deref(), "task")?;
    let label = match update.label {
        NewLabel::Set(Some(label)) => NewLabel::Set(Some(read_label(label)?)),
        other => other,
    };
    let deadline = update.deadline.as_deref().map(read_deadline).transpose()?;
    let message = match (label != NewLabel::Keep, deadline.is_some()) {
        (true, true) => "Updated task deadline and label successfully",
        (true, false) => "Updated task label successfully",
        (false, true) => "Updated task deadline successfully",
        (false, false) => return Err(TransferError::bad_request("Expected 'label' or 'deadline'")),
    };
    if !task.revise(label, deadline, state.clock.now()) {
        return Err(TransferError::conflict(format!("Task '{id}' is complete and cannot be updated")));
    }
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", message))
}

async fn cancel_task(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let task = find(&state, &caller, &id)?;
    let now = state.clock.now();
    let (code, message) = if task.is_pending(now) && task.finish(End::Canceled, now) {
        ("Canceled", "The task has been cancelled successfully.")
    } else {
        ("TaskComplete", "The task completed before the cancel request was processed.")
    };
    Ok(Outcome::new(StatusCode::OK, "result", code, message))
}

/// Hides a task that has ended from its lists; nothing brings it back.
async fn remove_task(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let task = find(&state, &caller, &id)?;
    if !task.remove(state.clock.now()) {
        return Err(TransferError::conflict(format!("Task '{id}' is not complete and cannot be removed")));
    }
    Ok(Outcome::new(StatusCode::OK, "result", "Removed", "The task has been removed successfully."))
}

async fn event_list(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let task = find(&state, &caller, &id)?;
    let filter = query.filter(EVENT_FILTERS)?;
    events(&state, &task, &query, |is_error| filter.matches(|_| Value::Flag(is_error)))
}

/// The page of a task's events that a client asked for, of those that are errors or not as it wishes.
pub(super) fn events(
    state: &State,
    task: &Task,
    query: &Query,
    passes: impl Fn(bool) -> bool,
) -> Result<Document, TransferError> {
    let page = query.page(PAGE, LARGEST_PAGE)?;
    let progress = task.read(state.clock.now());
    let passing = || progress.events.iter().rev().filter(|event| passes(event.is_error));
    let total = passing().count();
    let data: Vec<Json> =
        passing().skip(page.offset).take(page.limit).map(super::task::Event::document).collect();
    drop(progress);
    let list = json!({
        "DATA_TYPE": "event_list",
        "length": data.len(),
        "limit": page.limit,
        "offset": page.offset,
        "total": total,
        "DATA": data,
    });
    Document::list(&list, query.fields().as_ref())
}

async fn successful_transfers(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    successes(&state, &*find(&state, &caller, &id)?, &query, |_| {})
}

/// The page of a task's copied files that a client asked for, each shown as `show` leaves it.
pub(super) fn successes(
    state: &State,
    task: &Task,
    query: &Query,
    show: impl Fn(&mut Json),
) -> Result<Document, TransferError> {
    if task.kind() != TaskType::Transfer {
        return Err(TransferError::bad_request(format!("Task '{}' is not a transfer", task.id)));
    }
    let progress = task.read(state.clock.now());
    let successes = if progress.status == Status::Failed { &[] } else { progress.successes.as_slice() };
    let page = marker_page(query, successes.len(), state.transfer.settings.marker_page)?;
    let mut data: Vec<Json> = successes[page.range()].iter().map(super::task::Success::document).collect();
    drop(progress);
    data.iter_mut().for_each(show);
    page.document("successful_transfers", &data, query)
}

async fn skipped_errors(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    skipped(&state, &*find(&state, &caller, &id)?, &query, |_| {})
}

/// The page of what a task gave up that a client asked for, each shown as `show` leaves it.
pub(super) fn skipped(
    state: &State,
    task: &Task,
    query: &Query,
    show: impl Fn(&mut Json),
) -> Result<Document, TransferError> {
    let progress = task.read(state.clock.now());
    let page = marker_page(query, progress.skipped.len(), state.transfer.settings.marker_page)?;
    let mut data: Vec<Json> =
        progress.skipped[page.range()].iter().map(super::task::Skipped::document).collect();
    drop(progress);
    data.iter_mut().for_each(show);
    page.document("skipped_errors", &data, query)
}

async fn pause_info(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let task = find(&state, &caller, &id)?;
    Document::new(&pause_rules::info(&state, &task), query.fields().as_ref())
}

/// A page of a list with markers; a marker is the number of entries before the page.
struct MarkerPage {
    marker: usize,
    end: usize,
    next: Option<usize>,
}

fn marker_page(query: &Query, total: usize, size: usize) -> Result<MarkerPage, TransferError> {
    let marker = query.number("marker", 0)?.unwrap_or(0).min(total);
    let end = marker.saturating_add(size).min(total);
    Ok(MarkerPage { marker, end, next: (end < total).then_some(end) })
}

impl MarkerPage {
    fn range(&self) -> std::ops::Range<usize> {
        self.marker..self.end
    }

    fn document(&self, data_type: &str, data: &[Json], query: &Query) -> Result<Document, TransferError> {
        let list = json!({
            "DATA_TYPE": data_type,
            "marker": self.marker,
            "next_marker": self.next,
            "DATA": data,
        });
        Document::list(&list, query.fields().as_ref())
    }
}

/// Checks a label.
pub(super) fn read_label(label: String) -> Result<String, TransferError> {
    let problem = if label.chars().count() > LONGEST_LABEL {
        "it has more than 128 characters"
    } else if label.contains(['\r', '\n']) {
        "it contains a line break"
    } else if label.trim() != label {
        "it begins or ends with a blank"
    } else {
        return Ok(label);
    };
    Err(TransferError::bad_request(format!("Invalid label: {problem}")))
}

/// Reads a deadline.
pub(super) fn read_deadline(text: &str) -> Result<Timestamp, TransferError> {
    times::parse(text).ok_or_else(|| {
        TransferError::bad_request(format!("Invalid deadline '{text}': expected an ISO 8601 date and time"))
    })
}
