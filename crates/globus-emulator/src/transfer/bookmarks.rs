//! Bookmarks: places in collections that somebody wants to find again.

mod v2;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Caller;
use super::access;
use super::body::{Body, check_data_type, required};
use super::query::Query;
use super::reply::{Created, Document, Outcome, TransferError};
use crate::fs::CollectionPath;
use crate::state::State;
pub(super) use v2::router as v2_router;

/// How many bookmarks somebody may have.
const MOST_BOOKMARKS: usize = 100;
/// The longest name, in characters.
const LONGEST_NAME: usize = 128;

/// All bookmarks, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Bookmarks(Mutex<Vec<Bookmark>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bookmark {
    id: Uuid,
    owner: Uuid,
    name: String,
    endpoint: Uuid,
    path: String,
    pinned: bool,
}

impl Bookmarks {
    fn lock(&self) -> MutexGuard<'_, Vec<Bookmark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn of(&self, owner: Uuid) -> Vec<Bookmark> {
        self.lock().iter().filter(|one| one.owner == owner).cloned().collect()
    }

    fn get(&self, owner: Uuid, id: &str) -> Result<Bookmark, TransferError> {
        let wanted = Uuid::parse_str(id).ok();
        let all = self.lock();
        let found = all.iter().find(|one| one.owner == owner && Some(one.id) == wanted);
        found.cloned().ok_or_else(|| no_such_bookmark(id))
    }

    /// Adds a bookmark, or puts it in the place of the one with its id. Names are unique for each person.
    fn put(&self, bookmark: Bookmark) -> Result<(), TransferError> {
        let mut all = self.lock();
        let own = |other: &&Bookmark| other.owner == bookmark.owner && other.id != bookmark.id;
        if all.iter().filter(own).any(|other| other.name == bookmark.name) {
            let message = format!("A bookmark with the name '{}' already exists", bookmark.name);
            return Err(TransferError::conflict(message));
        }
        match all.iter().position(|other| other.id == bookmark.id) {
            Some(place) => all[place] = bookmark,
            None if all.iter().filter(own).count() >= MOST_BOOKMARKS => {
                let message = format!("You have {MOST_BOOKMARKS} bookmarks, which is the limit");
                return Err(TransferError::new(StatusCode::CONFLICT, "LimitExceeded", message));
            }
            None => all.push(bookmark),
        }
        Ok(())
    }

    fn remove(&self, owner: Uuid, id: &str) -> Result<(), TransferError> {
        let found = self.get(owner, id)?;
        self.lock().retain(|one| one.id != found.id);
        Ok(())
    }
}

fn no_such_bookmark(id: &str) -> TransferError {
    TransferError::new(StatusCode::NOT_FOUND, "BookmarkNotFound", format!("Bookmark '{id}' not found"))
}

fn read_name(name: String) -> Result<String, TransferError> {
    let problem = if name.is_empty() {
        "it is empty"
    } else if name.chars().count() > LONGEST_NAME {
        "it has more than 128 characters"
    } else if name.contains(['\r', '\n']) {
        "it contains a line break"
    } else if name.trim() != name {
        "it begins or ends with a blank"
    } else {
        return Ok(name);
    };
    Err(TransferError::bad_request(format!("Invalid name: {problem}")))
}

/// Reads the path of a directory, and gives it the slash at its end.
fn read_path(path: &str) -> Result<String, TransferError> {
    if let Err(error) = CollectionPath::parse(path) {
        return Err(TransferError::bad_request(format!("Invalid path '{path}': {error}")));
    }
    Ok(if path.ends_with('/') { path.to_owned() } else { format!("{path}/") })
}

impl Bookmark {
    fn document(&self) -> Value {
        json!({
            "DATA_TYPE": "bookmark",
            "id": self.id,
            "name": self.name,
            "endpoint_id": self.endpoint,
            "path": self.path,
            "pinned": self.pinned,
        })
    }
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/bookmark_list", get(bookmark_list))
        .route("/bookmark", post(create))
        .route("/bookmark/{id}", get(show).put(update).delete(delete))
}

async fn bookmark_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let data: Vec<Value> =
        state.transfer.bookmarks.of(caller.identity_id).iter().map(Bookmark::document).collect();
    let list = json!({ "DATA_TYPE": "bookmark_list", "length": data.len(), "DATA": data });
    Document::list(&list, query.fields().as_ref())
}

async fn show(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let bookmark = state.transfer.bookmarks.get(caller.identity_id, &id)?;
    Document::new(&bookmark.document(), query.fields().as_ref())
}

#[derive(Debug, Deserialize)]
struct BookmarkDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    name: Option<String>,
    endpoint_id: Option<String>,
    path: Option<String>,
    pinned: Option<bool>,
}

async fn create(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<BookmarkDocument>,
) -> Result<Created, TransferError> {
    check_data_type(document.data_type.as_deref(), "bookmark")?;
    let name = read_name(required(document.name, "name")?)?;
    let endpoint = required(document.endpoint_id, "endpoint_id")?;
    let path = read_path(&required(document.path, "path")?)?;
    let endpoint = access::visible(&state, &caller, &endpoint)?.id;
    let pinned = document.pinned.unwrap_or(false);
    let bookmark = Bookmark { id: Uuid::new_v4(), owner: caller.identity_id, name, endpoint, path, pinned };
    let document = bookmark.document();
    state.transfer.bookmarks.put(bookmark)?;
    Ok(Created(document))
}

async fn update(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<BookmarkDocument>,
) -> Result<Document, TransferError> {
    check_data_type(document.data_type.as_deref(), "bookmark")?;
    let mut bookmark = state.transfer.bookmarks.get(caller.identity_id, &id)?;
    bookmark.name = read_name(required(document.name, "name")?)?;
    if let Some(path) = document.path {
        bookmark.path = read_path(&path)?;
    }
    bookmark.pinned = document.pinned.unwrap_or(bookmark.pinned);
    let document = bookmark.document();
    state.transfer.bookmarks.put(bookmark)?;
    Document::new(&document, None)
}

async fn delete(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    state.transfer.bookmarks.remove(caller.identity_id, &id)?;
    let message = format!("Bookmark '{id}' deleted successfully");
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", &message))
}
