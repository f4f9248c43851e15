//! The tasks that touch the collections of a manager.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::get;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{has, monitored};
use crate::auth::verify;
use crate::state::State;
use crate::transfer::access::denied;
use crate::transfer::collections::Collection;
use crate::transfer::query::Query;
use crate::transfer::reply::{Document, TransferError};
use crate::transfer::roles::Role;
use crate::transfer::task::{Sides, Task};
use crate::transfer::{Caller, blocking, pause_rules, tasks, times};

/// The page size of the list.
const PAGE: usize = 100;
/// The largest page of it.
const LARGEST_PAGE: usize = 1000;
/// The most ids in `filter_task_id`.
const MOST_IDS: usize = 50;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/task_list", get(task_list))
        .route("/task/{id}", get(show))
        .route("/task/{id}/event_list", get(event_list))
        .route("/task/{id}/pause_info", get(pause_info))
        .route("/task/{id}/successful_transfers", get(successful_transfers))
        .route("/task/{id}/skipped_errors", get(skipped_errors))
}

/// On which sides of a task the caller has a role.
pub(super) fn sides(task: &Task, caller: &verify::Caller, role: Role) -> Option<Sides> {
    let mut sides = task.actions().into_iter().map(|(collection, _)| has(collection, caller, role));
    match (sides.next().unwrap_or(false), sides.next().unwrap_or(false)) {
        (true, true) => Some(Sides::Both),
        (true, false) => Some(Sides::Source),
        (false, true) => Some(Sides::Destination),
        (false, false) => None,
    }
}

/// Finds a task that touches a collection of the caller.
pub(super) fn find(
    state: &State,
    caller: &verify::Caller,
    id: &str,
) -> Result<(Arc<Task>, Sides), TransferError> {
    monitored(state, caller)?;
    Uuid::parse_str(id)
        .ok()
        .and_then(|id| state.transfer.tasks.get(id))
        .and_then(|task| {
            let sides = sides(&task, caller, Role::ActivityMonitor)?;
            Some((task, sides))
        })
        .ok_or_else(|| {
            let message = format!("Task ID {id} not found");
            TransferError::new(StatusCode::NOT_FOUND, "TaskNotFound", message)
        })
}

/// The document of a task as a manager sees it: what is on the side of others is left out.
fn view(state: &State, task: &Task, seen: Sides, now: Timestamp) -> Value {
    let mut document = task.document(now);
    let owner = state.auth.tables().identity(task.owner);
    document["owner_string"] = owner.map(|identity| identity.username).into();
    let mut collections = task.actions().into_iter().map(|(collection, _)| &**collection);
    for side in ["source", "destination"] {
        let collection = collections.next();
        let hidden = !sees(seen, side);
        if hidden {
            for member in ["endpoint", "endpoint_id", "endpoint_display_name", "base_path", "local_user"] {
                document[format!("{side}_{member}")] = Value::Null;
            }
        }
        for (member, value) in above(collection.filter(|_| !hidden), task.owner) {
            document[format!("{side}_{member}")] = value;
        }
    }
    document
}

fn sees(seen: Sides, side: &str) -> bool {
    matches!((seen, side), (Sides::Both, _) | (Sides::Source, "source") | (Sides::Destination, "destination"))
}

/// What a collection belongs to.
fn above(collection: Option<&Collection>, viewer: Uuid) -> [(&'static str, Value); 6] {
    let host = collection.and_then(|one| one.server().or(one.host()));
    let mapped = collection.filter(|one| one.server().is_some()).and_then(Collection::host);
    [
        ("host_endpoint", host.map(|host| host.canonical_name(host.owner.unwrap_or(viewer))).into()),
        ("host_endpoint_id", host.map(|host| host.id.to_string()).into()),
        ("host_endpoint_display_name", host.map(|host| host.name()).into()),
        ("host_path", collection.and_then(|one| one.host_path.clone()).into()),
        ("mapped_collection_id", mapped.map(|host| host.id.to_string()).into()),
        ("mapped_collection_display_name", mapped.map(|host| host.name()).into()),
    ]
}

async fn show(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (task, seen) = find(&state, &caller, &id)?;
    Document::new(&view(&state, &task, seen, state.clock.now()), query.fields().as_ref())
}

async fn event_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (task, _) = find(&state, &caller, &id)?;
    let wanted = query.flag("filter_is_error")?;
    tasks::events(&state, &task, &query, |is_error| wanted.is_none_or(|wanted| wanted == is_error))
}

async fn pause_info(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (task, _) = find(&state, &caller, &id)?;
    Document::new(&pause_rules::info(&state, &task), query.fields().as_ref())
}

/// Hides the paths of a side that the manager does not answer for.
fn hide(entry: &mut Value, seen: Sides) {
    for side in ["source", "destination"] {
        if !sees(seen, side) {
            entry[format!("{side}_path")] = Value::Null;
        }
    }
}

async fn successful_transfers(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (task, seen) = find(&state, &caller, &id)?;
    tasks::successes(&state, &task, &query, |entry| hide(entry, seen))
}

async fn skipped_errors(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let (task, seen) = find(&state, &caller, &id)?;
    tasks::skipped(&state, &task, &query, |entry| hide(entry, seen))
}

/// What a list of tasks is narrowed to.
struct Narrow {
    statuses: Option<Vec<String>>,
    tasks: Option<Vec<Uuid>>,
    owner: Option<Uuid>,
    endpoint: Option<Uuid>,
    endpoint_use: Option<Sides>,
    is_paused: Option<bool>,
    completed: Option<(Option<Timestamp>, Option<Timestamp>)>,
    min_faults: Option<usize>,
    local_user: Option<String>,
}

const STATUSES: [&str; 4] = ["ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED"];

impl Narrow {
    fn read(query: &Query) -> Result<Narrow, TransferError> {
        let bad = TransferError::bad_request;
        let list =
            |name: &str| query.get(name).map(|text| text.split(',').map(str::trim).collect::<Vec<_>>());
        let statuses = list("filter_status");
        if let Some(word) = statuses.iter().flatten().find(|word| !STATUSES.contains(word)) {
            return Err(bad(format!("Invalid value '{word}' for 'filter_status'")));
        }
        let tasks = match list("filter_task_id") {
            None => None,
            Some(ids) if ids.len() > MOST_IDS => {
                return Err(bad(format!("'filter_task_id' has more than {MOST_IDS} ids")));
            }
            Some(ids) => {
                let read = |id: &&str| {
                    Uuid::parse_str(id).map_err(|_| {
                        bad(format!("Invalid value '{id}' for 'filter_task_id': expected a UUID"))
                    })
                };
                Some(ids.iter().map(read).collect::<Result<_, _>>()?)
            }
        };
        let endpoint_use = match query.get("filter_endpoint_use") {
            None => None,
            Some("source") => Some(Sides::Source),
            Some("destination") => Some(Sides::Destination),
            Some(word) => {
                let message =
                    format!("Invalid value '{word}' for 'filter_endpoint_use': source or destination");
                return Err(bad(message));
            }
        };
        let completed = match query.get("filter_completion_time") {
            None => None,
            Some(text) => Some(read_range(text).ok_or_else(|| {
                bad(format!(
                    "Invalid value '{text}' for 'filter_completion_time': expected two times and a comma"
                ))
            })?),
        };
        let narrow = Narrow {
            tasks,
            owner: query.id("filter_owner_id")?,
            endpoint: query.id("filter_endpoint")?,
            endpoint_use,
            is_paused: query.flag("filter_is_paused")?,
            completed,
            min_faults: query.number("filter_min_faults", 0)?,
            local_user: query.get("filter_local_user").map(str::to_owned),
            statuses: statuses.map(|words| words.into_iter().map(str::to_owned).collect()),
        };
        narrow.check().map_err(TransferError::bad_request)?;
        Ok(narrow)
    }

    /// Looks for what does not go together.
    fn check(&self) -> Result<(), &'static str> {
        let others = self.statuses.is_some()
            || self.owner.is_some()
            || self.endpoint.is_some()
            || self.endpoint_use.is_some()
            || self.is_paused.is_some()
            || self.completed.is_some()
            || self.min_faults.is_some()
            || self.local_user.is_some();
        let running = self.statuses.as_ref().is_some_and(|statuses| {
            statuses.iter().all(|status| matches!(status.as_str(), "ACTIVE" | "INACTIVE"))
        });
        if self.tasks.is_some() && others {
            return Err("filter_task_id cannot be used with other filters");
        }
        if self.endpoint.is_none() && (self.endpoint_use.is_some() || self.local_user.is_some()) {
            return Err("filter_endpoint_use and filter_local_user need filter_endpoint");
        }
        if self.is_paused.is_some() && !running {
            return Err("filter_is_paused needs a filter_status of ACTIVE, INACTIVE or both");
        }
        if !running && self.tasks.is_none() && self.endpoint.is_none() {
            return Err(
                "filter_task_id or filter_endpoint is required unless filter_status is ACTIVE or INACTIVE",
            );
        }
        Ok(())
    }

    fn passes(&self, task: &Task, now: Timestamp) -> bool {
        let progress = task.read(now);
        let status = progress.status.as_str();
        self.tasks.as_ref().is_none_or(|ids| ids.contains(&task.id))
            && self.statuses.as_ref().is_none_or(|words| words.iter().any(|word| word == status))
            && self.owner.is_none_or(|owner| task.caller.identity_set.contains(&owner))
            && self.is_paused.is_none_or(|paused| paused == progress.hold.is_paused())
            && self.min_faults.is_none_or(|least| progress.counts.faults >= least as u64)
            && self.completed.is_none_or(|(start, end)| {
                progress.completion_time.is_some_and(|time| {
                    start.is_none_or(|start| start <= time) && end.is_none_or(|end| time <= end)
                })
            })
            && self.touches(task)
    }

    /// Whether a side is, or belongs to, the collection asked for.
    fn touches(&self, task: &Task) -> bool {
        let Some(wanted) = self.endpoint else { return true };
        let mut at = task.actions().into_iter().map(|(collection, _)| {
            collection.id == wanted
                || collection.host().is_some_and(|host| host.id == wanted)
                || collection.server().is_some_and(|server| server.id == wanted)
        });
        let (source, destination) = (at.next().unwrap_or(false), at.next().unwrap_or(false));
        let (source_user, destination_user) = task.local_users();
        let user = |side: bool, user: Option<&str>| {
            side && self.local_user.as_deref().is_none_or(|wanted| user == Some(wanted))
        };
        let (source, destination) = (user(source, source_user), user(destination, destination_user));
        match self.endpoint_use {
            Some(Sides::Source) => source,
            Some(Sides::Destination) => destination,
            _ => source || destination,
        }
    }
}

fn read_range(text: &str) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let (start, end) = text.split_once(',')?;
    let time = |text: &str| match text.trim() {
        "" => Some(None),
        text => times::parse(text).map(Some),
    };
    Some((time(start)?, time(end)?))
}

/// The place of a task in the list: those under way first, then the newest.
type Place = (bool, Reverse<Timestamp>, Uuid);

fn place(task: &Task, now: Timestamp) -> Place {
    let completed = task.read(now).completion_time;
    (completed.is_some(), Reverse(completed.unwrap_or(task.request_time)), task.id)
}

fn key((complete, Reverse(time), id): Place) -> String {
    format!("{},{time:.9},{id}", if complete { "complete" } else { "active" })
}

fn read_key(text: &str) -> Option<Place> {
    let mut parts = text.splitn(3, ',');
    let complete = match parts.next()? {
        "complete" => true,
        "active" => false,
        _ => return None,
    };
    Some((complete, Reverse(parts.next()?.parse().ok()?), Uuid::parse_str(parts.next()?).ok()?))
}

async fn task_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    monitored(&state, &caller)?;
    let narrow = Narrow::read(&query)?;
    if let Some(owner) = narrow.owner
        && state.auth.tables().identity(owner).is_none()
    {
        let message = format!("No such user '{owner}'");
        return Err(TransferError::new(StatusCode::NOT_FOUND, "UserNotFound", message));
    }
    for id in narrow.tasks.iter().flatten() {
        let task = state.transfer.tasks.get(*id);
        if task.and_then(|task| sides(&task, &caller, Role::ActivityMonitor)).is_none() {
            return Err(denied(format!("You have no role on an endpoint of task '{id}'")));
        }
    }
    let limit = query.page(PAGE, LARGEST_PAGE)?.limit;
    let after = match query.get("last_key") {
        None => None,
        Some(text) => Some(
            read_key(text).ok_or_else(|| TransferError::bad_request(format!("Invalid last_key '{text}'")))?,
        ),
    };
    blocking(move || {
        let now = state.clock.now();
        let mut rows: Vec<(Place, Arc<Task>, Sides)> = state
            .transfer
            .all_tasks()
            .into_iter()
            .filter(|task| narrow.passes(task, now))
            .filter_map(|task| {
                let seen = sides(&task, &caller, Role::ActivityMonitor)?;
                Some((place(&task, now), task, seen))
            })
            .filter(|(place, ..)| after.is_none_or(|after| *place > after))
            .collect();
        rows.sort_unstable_by_key(|(place, ..)| *place);
        let has_next_page = rows.len() > limit;
        rows.truncate(limit);
        let last_key = rows.last().map(|(place, ..)| key(*place));
        let data: Vec<Value> = rows.iter().map(|(_, task, seen)| view(&state, task, *seen, now)).collect();
        let list = json!({
            "DATA_TYPE": "task_list",
            "length": data.len(),
            "limit": limit,
            "last_key": last_key,
            "has_next_page": has_next_page,
            "DATA": data,
        });
        Document::list(&list, query.fields().as_ref())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        for complete in [true, false] {
            let time = "2024-02-06T06:59:02.291996123Z".parse().unwrap();
            let place = (complete, Reverse(time), Uuid::from_u128(7));
            assert_eq!(read_key(&key(place)), Some(place));
        }
        for bad in
            ["", "complete", "complete,x", "done,2024-02-06T06:59:02Z,7", "active,2024-02-06T06:59:02Z,7"]
        {
            assert_eq!(read_key(bad), None, "{bad}");
        }
    }
}
