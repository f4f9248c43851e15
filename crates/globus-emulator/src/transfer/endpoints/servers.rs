//! The servers of an endpoint. Those of legacy endpoints can be added, changed and taken away.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::document::{SERVER_MEMBERS, servers};
use crate::auth::verify;
use crate::state::State;
use crate::transfer::Caller;
use crate::transfer::access;
use crate::transfer::body::{Body, check_type_of};
use crate::transfer::collections::{Collection, Kind};
use crate::transfer::query::Query;
use crate::transfer::reply::{Document, Outcome, TransferError};

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint/{id}/server_list", get(server_list))
        .route("/endpoint/{id}/server", post(add_server))
        .route("/endpoint/{id}/server/{server}", get(get_server).put(update_server).delete(delete_server))
}

async fn server_list(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    let list = json!({
        "DATA_TYPE": "endpoint_server_list",
        "endpoint": collection.id,
        "DATA": servers(&collection),
    });
    Document::list(&list, query.fields().as_ref())
}

async fn get_server(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path((id, server)): Path<(String, String)>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    let wanted = number(&server)?;
    let servers = servers(&collection);
    let found = servers.iter().find(|one| one["id"] == wanted).ok_or_else(|| no_such_server(&server))?;
    Document::new(found, query.fields().as_ref())
}

async fn add_server(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<Map<String, Value>>,
) -> Result<Outcome, TransferError> {
    let collection = legacy(&state, &caller, &id)?;
    let server = (new_id(), read(&document)?);
    let id = server.0;
    collection.write().servers.push(server);
    let message = "Server added to endpoint successfully";
    Ok(Outcome::new(StatusCode::CREATED, "endpoint_server_add_result", "Created", message).with("id", id))
}

async fn update_server(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path((id, server)): Path<(String, String)>,
    Body(document): Body<Map<String, Value>>,
) -> Result<Outcome, TransferError> {
    let collection = legacy(&state, &caller, &id)?;
    let (wanted, changes) = (number(&server)?, read(&document)?);
    let mut changing = collection.write();
    let found = changing.servers.iter_mut().find(|(id, _)| *id == wanted);
    found.ok_or_else(|| no_such_server(&server))?.1.extend(changes);
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", "Server updated successfully"))
}

async fn delete_server(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path((id, server)): Path<(String, String)>,
) -> Result<Outcome, TransferError> {
    let collection = legacy(&state, &caller, &id)?;
    let wanted = number(&server)?;
    let mut changing = collection.write();
    let place = changing.servers.iter().position(|(id, _)| *id == wanted);
    changing.servers.remove(place.ok_or_else(|| no_such_server(&server))?);
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", "Server deleted successfully"))
}

/// Finds an endpoint whose servers can be changed here.
fn legacy(state: &State, caller: &verify::Caller, id: &str) -> Result<Arc<Collection>, TransferError> {
    let collection = access::administered(state, caller, id)?;
    if collection.kind != Kind::Legacy {
        let message = format!("The servers of a {} cannot be changed", collection.kind.as_str());
        return Err(TransferError::new(StatusCode::CONFLICT, "NotSupported", message));
    }
    Ok(collection)
}

pub(super) fn new_id() -> u32 {
    Uuid::new_v4().as_fields().0 >> 1
}

/// Reads the servers that a new endpoint comes with.
pub(super) fn given(document: &Map<String, Value>) -> Result<Vec<Map<String, Value>>, TransferError> {
    let servers = match document.get("DATA") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(servers)) => servers,
        Some(_) => return Err(TransferError::bad_request("Invalid 'DATA': expected a list of servers")),
    };
    let server = |server: &Value| {
        let members = server.as_object();
        read(
            members
                .ok_or_else(|| TransferError::bad_request("Invalid 'DATA': expected a list of servers"))?,
        )
    };
    servers.iter().map(server).collect()
}

/// Reads the document of a server.
fn read(document: &Map<String, Value>) -> Result<Map<String, Value>, TransferError> {
    check_type_of(document, "server")?;
    let mut taken = Map::new();
    for name in SERVER_MEMBERS {
        let Some(value) = document.get(name) else { continue };
        let (fits, expected) = match name {
            "scheme" => (matches!(value.as_str(), Some("gsiftp" | "ftp")), "'gsiftp' or 'ftp'"),
            "hostname" | "subject" | "uri" => (value.is_string(), "a text"),
            _ => (value.as_u64().is_some_and(|port| (1..=65_535).contains(&port)), "a port from 1 to 65535"),
        };
        if !fits && !value.is_null() {
            return Err(TransferError::bad_request(format!("Invalid '{name}': expected {expected}")));
        }
        taken.insert(name.to_owned(), value.clone());
    }
    Ok(taken)
}

fn number(text: &str) -> Result<u32, TransferError> {
    text.parse().map_err(|_| no_such_server(text))
}

fn no_such_server(id: &str) -> TransferError {
    let message = format!("Server '{id}' not found");
    TransferError::new(StatusCode::NOT_FOUND, "ClientError.NotFound.ServerNotFound", message)
}
