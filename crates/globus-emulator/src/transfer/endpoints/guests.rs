//! Guest collections of Globus Connect Personal: making them, and listing those of a host.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::{add, display_name, fields, find_host, take_in};
use crate::auth::verify;
use crate::fs::CollectionPath;
use crate::state::State;
use crate::transfer::access::{self, denied};
use crate::transfer::body::{Body, check_type_of, required, text};
use crate::transfer::collections::{Collection, Kind, share};
use crate::transfer::endpoints::Viewer;
use crate::transfer::query::Query;
use crate::transfer::reply::{Document, Outcome, TransferError};
use crate::transfer::roles::{Role, Roles};
use crate::transfer::{Caller, blocking};

/// The largest page of `shared_endpoint_list`.
const LARGEST_PAGE: usize = 1000;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/shared_endpoint", post(create_shared_endpoint))
        .route("/endpoint/{id}/my_shared_endpoint_list", get(my_shared_endpoint_list))
        .route("/endpoint/{id}/shared_endpoint_list", get(shared_endpoint_list))
}

async fn create_shared_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<Map<String, Value>>,
) -> Result<Outcome, TransferError> {
    check_type_of(&document, "shared_endpoint")?;
    let name = display_name(&document)?.to_owned();
    let host_id = text(&document, "host_endpoint")?.or(text(&document, "host_endpoint_id")?);
    let host_id = required(host_id, "host_endpoint")?;
    let given = required(text(&document, "host_path")?, "host_path")?.to_owned();
    let path = CollectionPath::parse(&given)
        .map_err(|error| TransferError::bad_request(format!("Invalid host_path '{given}': {error}")))?;
    let host = find_host(&state, &caller, host_id)?;
    access::managed_here(&host)?;
    let guest = shared(&state, &caller, &host, (&given, &path), &name, &document).await?;
    add(&state, guest, "Shared endpoint created")
}

/// Creates a guest collection on a mapped collection of a Globus Connect Server, as its manager does.
pub(crate) async fn create_server_guest(
    state: &State,
    caller: &verify::Caller,
    host: &str,
    path: &str,
    name: &str,
    details: &Map<String, Value>,
) -> Result<Arc<Collection>, TransferError> {
    let parsed = CollectionPath::parse(path).map_err(|error| {
        TransferError::bad_request(format!("Invalid collection_base_path '{path}': {error}"))
    })?;
    let host = find_host(state, caller, host)?;
    if host.kind != Kind::ServerMapped {
        let text = format!("'{}' is a {}, and no GCSv5_mapped_collection", host.id, host.kind.as_str());
        return Err(TransferError::conflict(text));
    }
    take_in(state, shared(state, caller, &host, (path, &parsed), name, details).await?)
}

/// Makes a guest collection of a directory of a host, for whoever may use it.
async fn shared(
    state: &State,
    caller: &verify::Caller,
    host: &Arc<Collection>,
    (given, path): (&str, &CollectionPath),
    name: &str,
    document: &Map<String, Value>,
) -> Result<Collection, TransferError> {
    access::enter(state, caller, host)?;
    if host.subscription().is_none() {
        return Err(denied(format!("Endpoint '{}' needs a subscription to be shared", host.id)));
    }
    access::check_connected(host)?;
    let details = fields::read(document, Kind::PersonalGuest, |_| Value::Null);
    let details = details.map_err(TransferError::bad_request)?;
    let (opened, name, path) = (host.clone(), name.to_owned(), path.clone());
    let made = blocking(move || Ok(share(&opened, &name, &path))).await?;
    let mut guest = made.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            TransferError::bad_request(format!("Invalid host_path '{given}': there is no such directory"))
        }
        _ => denied(format!("host_path '{given}' cannot be shared: {error}")),
    })?;
    guest.owner = Some(caller.identity_id);
    guest.write().details.extend(details);
    Ok(guest)
}

/// The guest collections of a host, oldest first.
fn guests(state: &State, host: &Collection) -> Vec<Arc<Collection>> {
    let mut all = state.transfer.collections.all();
    all.retain(|one| one.host().is_some_and(|above| above.id == host.id));
    all
}

async fn my_shared_endpoint_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let host = find_host(&state, &caller, &id)?;
    let viewer = Viewer::new(&state, &caller);
    let mine = |guest: &Arc<Collection>| Roles::of(guest, viewer.who).have(Role::AccessManager);
    let guests = guests(&state, &host);
    let data: Vec<Value> =
        guests.iter().filter(|guest| mine(guest)).map(|guest| viewer.document(guest)).collect();
    let list = json!({ "DATA_TYPE": "endpoint_list", "length": data.len(), "DATA": data });
    Document::list(&list, query.fields().as_ref())
}

async fn shared_endpoint_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let host = find_host(&state, &caller, &id)?;
    let most = query.number("max_results", 1)?.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    let start: usize = match query.get("next_token") {
        None => 0,
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|place| place.parse().ok())
            .ok_or_else(|| TransferError::bad_request(format!("Invalid next_token '{token}'")))?,
    };
    let who = caller.who();
    let mut guests = guests(&state, &host);
    guests.retain(|guest| access::is_visible(guest, who, state.clock.now()));
    let end = start.saturating_add(most);
    let data: Vec<Value> =
        guests.iter().skip(start).take(most).map(|guest| json!({ "id": guest.id })).collect();
    let next = (end < guests.len()).then(|| format!("after-{end}"));
    Document::new(&json!({ "shared_endpoints": data, "next_token": next }), None)
}
