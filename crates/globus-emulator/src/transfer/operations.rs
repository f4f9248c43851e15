//! File operations: ls, stat, mkdir and rename.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::access::{self, Permission};
use super::body::{Body, check_data_type, required};
use super::collections::Collection;
use super::filter::{Fields, Kind, Value};
use super::pause_rules::{self, Action};
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use super::{Caller, blocking, times};
use crate::auth::verify;
use crate::fs::{CollectionPath, Entry, PathError};
use crate::state::State;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/operation/endpoint/{id}/ls", get(ls))
        .route("/operation/endpoint/{id}/stat", get(stat))
        .route("/operation/endpoint/{id}/mkdir", post(mkdir))
        .route("/operation/endpoint/{id}/rename", post(rename))
        .route("/operation/endpoint/{id}/symlink", post(symlink))
}

/// What `ls` can be filtered by.
const FILTERS: Fields = &[
    ("name", Kind::Text),
    ("type", Kind::Word),
    ("size", Kind::Number),
    ("last_modified", Kind::Time),
    ("user", Kind::Text),
    ("group", Kind::Text),
    ("link_target", Kind::Text),
];
/// What `ls` can be sorted by.
const ORDERS: &[&str] =
    &["name", "type", "size", "last_modified", "permissions", "user", "group", "link_target"];

async fn ls(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = enter(&state, &caller, &id, Action::Ls)?;
    blocking(move || list(&state, &caller, &collection, &query)).await
}

/// Finds a collection that the caller may work with, as far as no rule pauses what they want to do.
fn enter(
    state: &State,
    caller: &verify::Caller,
    id: &str,
    action: Action,
) -> Result<Arc<Collection>, TransferError> {
    let collection = state.transfer.collection(id)?;
    access::enter(state, caller, &collection)?;
    pause_rules::check(state, caller, &collection, action)?;
    Ok(collection)
}

fn list(
    state: &State,
    caller: &verify::Caller,
    collection: &Collection,
    query: &Query,
) -> Result<Document, TransferError> {
    let usual = collection.default_directory();
    let asked = query.get("path").unwrap_or(&usual);
    let path = read_path(asked)?;
    access::check(state, caller, collection, &path, Permission::Read)?;
    let most = state.transfer.settings.listing_limit;
    let page = query.page(most, most)?;
    let filter = query.filter(FILTERS)?;
    let order = query.order(ORDERS)?;
    let hidden = query.flag("show_hidden")?.unwrap_or(true);

    let listed = strike(state, asked).and_then(|()| collection.root.list(&path));
    let mut entries = listed.map_err(|error| match listing_failure(&error) {
        Some((code, headline)) => TransferError::new(
            StatusCode::BAD_GATEWAY,
            code,
            storage_message(collection, headline, "list", asked, &error),
        ),
        None => storage_error(collection, "list", asked, &error),
    })?;
    entries.retain(|entry| {
        (hidden || !entry.name.starts_with('.')) && filter.matches(|field| value(entry, field))
    });
    // Last by name, which is unique: pages of one listing never overlap.
    entries.sort_unstable_by(|a, b| {
        order
            .iter()
            .map(|(field, direction)| direction.apply(compare(a, b, field)))
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| a.name.cmp(&b.name))
    });
    let total = entries.len();
    let data: Vec<FileDocument<'_>> =
        entries.iter().skip(page.offset).take(page.limit).map(FileDocument::new).collect();
    let document = FileList {
        data_type: "file_list",
        endpoint: collection.id,
        path: if asked.ends_with('/') { asked.to_owned() } else { format!("{asked}/") },
        absolute_path: absolute(&path),
        rename_supported: true,
        symlink_supported: collection.symlinks,
        length: data.len(),
        total,
        data,
    };
    Document::list(&document, query.fields().as_ref())
}

async fn stat(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = enter(&state, &caller, &id, Action::Ls)?;
    blocking(move || {
        let asked = query.get("path").ok_or_else(|| TransferError::bad_request("'path' is required"))?;
        let path = read_path(asked)?;
        access::check(&state, &caller, &collection, &path, Permission::Read)?;
        let found = strike(&state, asked).and_then(|()| collection.root.stat(&path));
        let entry = found.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => TransferError::new(
                StatusCode::NOT_FOUND,
                "NotFound",
                storage_message(&collection, "Path not found", "list", asked, &error),
            ),
            _ => storage_error(&collection, "list", asked, &error),
        })?;
        Document::new(&FileDocument::new(&entry), query.fields().as_ref())
    })
    .await
}

#[derive(Debug, Deserialize)]
struct MkdirDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    path: Option<String>,
    /// There are no accounts to choose from.
    #[serde(rename = "local_user")]
    _local_user: Option<String>,
}

async fn mkdir(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<MkdirDocument>,
) -> Result<Outcome, TransferError> {
    let collection = enter(&state, &caller, &id, Action::Mkdir)?;
    check_data_type(document.data_type.as_deref(), "mkdir")?;
    let asked = required(document.path, "path")?;
    blocking(move || {
        let path = read_path(&asked)?;
        access::check(&state, &caller, &collection, &path, Permission::Write)?;
        let made = strike(&state, &asked).and_then(|()| collection.root.create_dir(&path));
        made.map_err(|error| {
            let failed = |code, headline| {
                let message = storage_message(&collection, headline, "mkdir", &asked, &error);
                TransferError::new(StatusCode::BAD_GATEWAY, code, message)
            };
            match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    failed("ExternalError.MkdirFailed.Exists", "Path already exists")
                }
                io::ErrorKind::NotFound => failed("EndpointError", "No such file or directory"),
                _ => storage_error(&collection, "mkdir", &asked, &error),
            }
        })?;
        let message = "The directory was created successfully";
        Ok(Outcome::new(StatusCode::ACCEPTED, "mkdir_result", "DirectoryCreated", message))
    })
    .await
}

#[derive(Debug, Deserialize)]
struct RenameDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    old_path: Option<String>,
    new_path: Option<String>,
    #[serde(rename = "local_user")]
    _local_user: Option<String>,
}

async fn rename(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<RenameDocument>,
) -> Result<Outcome, TransferError> {
    let collection = enter(&state, &caller, &id, Action::Rename)?;
    check_data_type(document.data_type.as_deref(), "rename")?;
    let old = required(document.old_path, "old_path")?;
    let new = required(document.new_path, "new_path")?;
    blocking(move || {
        let (old_path, new_path) = (read_path(&old)?, read_path(&new)?);
        for path in [&old_path, &new_path] {
            access::check(&state, &caller, &collection, path, Permission::Write)?;
        }
        let struck = strike(&state, &old).and_then(|()| strike(&state, &new));
        let renamed = struck.and_then(|()| collection.root.rename(&old_path, &new_path));
        renamed.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => TransferError::new(
                StatusCode::BAD_GATEWAY,
                "EndpointError",
                storage_message(&collection, "Path already exists", "rename", &new, &error),
            ),
            io::ErrorKind::InvalidInput if old_path.is_root() || new_path.is_root() => TransferError::new(
                StatusCode::FORBIDDEN,
                "EndpointPermissionDenied",
                storage_message(&collection, "The root cannot be renamed", "rename", &old, &error),
            ),
            _ => storage_error(&collection, "rename", &old, &error),
        })?;
        let message = "File or directory renamed successfully";
        Ok(Outcome::new(StatusCode::OK, "result", "FileRenamed", message))
    })
    .await
}

#[derive(Debug, Deserialize)]
struct SymlinkDocument {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    path: Option<String>,
    symlink_target: Option<String>,
}

/// No present collection of the service lets clients make links; the listings say so, too.
async fn symlink(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<SymlinkDocument>,
) -> Result<Outcome, TransferError> {
    let collection = enter(&state, &caller, &id, Action::Symlink)?;
    if !collection.symlinks {
        let message = format!("{} does not support symlink creation", collection.described());
        return Err(TransferError::new(StatusCode::CONFLICT, "NotSupported", message));
    }
    check_data_type(document.data_type.as_deref(), "symlink")?;
    let asked = required(document.path, "path")?;
    let target = required(document.symlink_target, "symlink_target")?;
    blocking(move || {
        let path = read_path(&asked)?;
        access::check(&state, &caller, &collection, &path, Permission::Write)?;
        strike(&state, &asked).and_then(|()| collection.root.make_link(&target, &path)).map_err(|error| {
            match error.kind() {
                io::ErrorKind::AlreadyExists => TransferError::new(
                    StatusCode::BAD_GATEWAY,
                    "EndpointError",
                    storage_message(&collection, "Path already exists", "symlink", &asked, &error),
                ),
                _ => storage_error(&collection, "symlink", &asked, &error),
            }
        })?;
        let message = "The symbolic link was created successfully";
        Ok(Outcome::new(StatusCode::OK, "result", "SymlinkCreated", message))
    })
    .await
}

/// Fails if a fault was put in the way of this path.
pub(crate) fn strike(state: &State, path: &str) -> io::Result<()> {
    match state.transfer.faults.strike(path) {
        None => Ok(()),
        Some(code) => Err(io::Error::new(kind_of(&code), Struck(code))),
    }
}

/// A failure that a test put in the way: its event code.
#[derive(Debug, thiserror::Error)]
#[error("{0}, as the emulator was asked for")]
struct Struck(String);

/// The code that a listing alone fails with, and what it says.
fn listing_failure(error: &io::Error) -> Option<(&'static str, &'static str)> {
    let struck = error.get_ref().and_then(|inner| inner.downcast_ref::<Struck>());
    Some(match (struck.map(|Struck(code)| code.as_str()), error.kind()) {
        (Some("LIMIT_EXCEEDED"), _) => {
            ("ExternalError.DirListingFailed.SizeLimit", "The directory has too many entries")
        }
        (Some("CONNECT_FAILED"), _) => {
            ("ExternalError.DirListingFailed.ConnectFailed", "The endpoint cannot be reached")
        }
        (Some("AUTH" | "NO_CREDENTIALS" | "INVALID_SERVICE_CREDENTIAL"), _) => {
            ("ExternalError.DirListingFailed.LoginFailed", "The endpoint refuses the login")
        }
        (_, io::ErrorKind::NotADirectory) => {
            ("ExternalError.DirListingFailed.NotDirectory", "Path is not a directory")
        }
        (_, io::ErrorKind::NotConnected) => {
            ("ExternalError.DirListingFailed.GCDisconnected", "The endpoint is offline")
        }
        _ => return None,
    })
}

/// The failure of the storage that an event code is about.
fn kind_of(code: &str) -> io::ErrorKind {
    match code {
        "FILE_NOT_FOUND" => io::ErrorKind::NotFound,
        "PERMISSION_DENIED" => io::ErrorKind::PermissionDenied,
        "NOT_A_DIRECTORY" => io::ErrorKind::NotADirectory,
        "NO_SPACE_LEFT" => io::ErrorKind::StorageFull,
        "QUOTA_EXCEEDED" => io::ErrorKind::QuotaExceeded,
        "INVALID_PATH_NAME" => io::ErrorKind::InvalidFilename,
        "GC_NOT_CONNECTED" => io::ErrorKind::NotConnected,
        _ => io::ErrorKind::Other,
    }
}

/// Reads a path of an operation.
fn read_path(text: &str) -> Result<CollectionPath, TransferError> {
    CollectionPath::parse(text).map_err(|error| match error {
        PathError::OutsideRoot => TransferError::new(
            StatusCode::FORBIDDEN,
            "EndpointPermissionDenied",
            format!("Path not allowed: '{text}': {error}"),
        ),
        error => TransferError::new(StatusCode::BAD_REQUEST, "InvalidPath", format!("Invalid path: {error}")),
    })
}

/// What most operations say about a failure of the storage.
fn storage_error(collection: &Collection, command: &str, path: &str, error: &io::Error) -> TransferError {
    let (status, code, headline) = match error.kind() {
        io::ErrorKind::NotFound => (StatusCode::NOT_FOUND, "ClientError.NotFound", "Path not found"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (StatusCode::FORBIDDEN, "EndpointPermissionDenied", "Denied by endpoint")
        }
        io::ErrorKind::InvalidFilename => (StatusCode::BAD_REQUEST, "InvalidPath", "Invalid path"),
        _ => (StatusCode::BAD_GATEWAY, "EndpointError", "Command failed"),
    };
    TransferError::new(status, code, storage_message(collection, headline, command, path, error))
}

fn storage_message(
    collection: &Collection,
    headline: &str,
    command: &str,
    path: &str,
    error: &io::Error,
) -> String {
    format!(
        "{headline}, Error ({command})\n{}\nFile: {path}\nMessage: Fatal FTP response\n---\nDetails: 550 Command failed : {error}",
        collection.described()
    )
}

/// The path without `~`, with a slash at both ends.
fn absolute(path: &CollectionPath) -> String {
    if path.is_root() { "/".to_owned() } else { format!("/{}/", path.to_text()) }
}

#[derive(Debug, Serialize)]
struct FileList<'a> {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    endpoint: Uuid,
    path: String,
    absolute_path: String,
    rename_supported: bool,
    symlink_supported: bool,
    length: usize,
    total: usize,
    #[serde(rename = "DATA")]
    data: Vec<FileDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct FileDocument<'a> {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    size: u64,
    last_modified: String,
    permissions: String,
    user: Option<&'a str>,
    group: Option<&'a str>,
    link_target: Option<&'a str>,
    link_size: Option<u64>,
    link_user: Option<&'a str>,
    link_group: Option<&'a str>,
    link_last_modified: Option<String>,
}

impl<'a> FileDocument<'a> {
    fn new(entry: &'a Entry) -> FileDocument<'a> {
        let link = entry.link.as_ref();
        FileDocument {
            data_type: "file",
            name: if entry.name.is_empty() { "/" } else { &entry.name },
            kind: entry.kind.as_str(),
            size: entry.size,
            last_modified: times::file_time(entry.modified),
            permissions: format!("{:04o}", entry.permissions),
            user: entry.user.as_deref(),
            group: entry.group.as_deref(),
            link_target: link.map(|link| link.target.as_str()),
            link_size: link.map(|link| link.size),
            link_user: link.and_then(|link| link.user.as_deref()),
            link_group: link.and_then(|link| link.group.as_deref()),
            link_last_modified: link.map(|link| times::file_time(link.modified)),
        }
    }
}

fn value<'a>(entry: &'a Entry, field: &'static str) -> Value<'a> {
    let text = |text: Option<&'a str>| text.map_or(Value::Missing, Value::Text);
    match field {
        "name" => Value::Text(&entry.name),
        "type" => Value::Text(entry.kind.as_str()),
        "size" => Value::Number(entry.size),
        "last_modified" => Value::Time(entry.modified),
        "user" => text(entry.user.as_deref()),
        "group" => text(entry.group.as_deref()),
        "link_target" => text(link_target(entry)),
        _ => Value::Missing,
    }
}

fn compare(a: &Entry, b: &Entry, field: &str) -> std::cmp::Ordering {
    match field {
        "type" => a.kind.as_str().cmp(b.kind.as_str()),
        "size" => a.size.cmp(&b.size),
        "last_modified" => a.modified.cmp(&b.modified),
        "permissions" => a.permissions.cmp(&b.permissions),
        "user" => a.user.cmp(&b.user),
        "group" => a.group.cmp(&b.group),
        "link_target" => link_target(a).cmp(&link_target(b)),
        _ => a.name.cmp(&b.name),
    }
}

fn link_target(entry: &Entry) -> Option<&str> {
    entry.link.as_ref().map(|link| link.target.as_str())
}
