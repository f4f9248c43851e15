//! Endpoints and collections: their documents, making, changing and deleting them.

mod document;
pub(crate) mod fields;
mod guests;
mod search;
mod servers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::{get, post, put};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Caller;
use super::access::{self, denied};
use super::body::{Body, Member, check_type_of, flag, required, text};
use super::collections::{Collection, Kind, SUBSCRIPTION};
use super::query::Query;
use super::reply::{Document, Outcome, TransferError};
use crate::auth::verify;
use crate::fs::Root;
use crate::state::State;
pub(super) use document::Viewer;
pub(crate) use guests::create_server_guest;

/// How many endpoints somebody may own.
const MOST_OWNED: usize = 1000;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/endpoint", post(create_endpoint))
        .route("/endpoint/{id}", get(get_endpoint).put(update_endpoint).delete(delete_endpoint))
        .route("/endpoint/{id}/subscription", put(set_subscription))
        .route("/endpoint/{id}/subscription_admin_verified", put(set_verified))
        .route("/endpoint_search", get(search::endpoint_search))
        .merge(guests::router())
        .merge(servers::router())
}

async fn get_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = access::visible(&state, &caller, &id)?;
    Document::new(&Viewer::new(&state, &caller).document(&collection), query.fields().as_ref())
}

/// Registers a Globus Connect Personal, whose setup key the answer holds; or, as it was before, a name for servers
/// that are added later.
async fn create_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Body(document): Body<Map<String, Value>>,
) -> Result<Outcome, TransferError> {
    check_type_of(&document, "endpoint")?;
    let personal = flag(&document, "is_globus_connect")?.unwrap_or(false);
    let kind = if personal { Kind::Personal } else { Kind::Legacy };
    let name = display_name(&document)?;
    let mut collection = Collection::new(Uuid::new_v4(), kind, name, Root::default());
    collection.owner = Some(caller.identity_id);
    let setup_key = personal.then(|| Uuid::new_v4().to_string());
    {
        let mut changing = collection.write();
        let details = fields::read(&document, Kind::Personal, |_| Value::Null);
        changing.details.extend(details.map_err(TransferError::bad_request)?);
        changing.setup_key.clone_from(&setup_key);
        if kind == Kind::Legacy {
            for server in servers::given(&document)? {
                changing.servers.push((servers::new_id(), server));
            }
        }
    }
    let outcome = add(&state, collection, "Endpoint created successfully")?;
    Ok(match setup_key {
        Some(key) => outcome.with("globus_connect_setup_key", key),
        None => outcome,
    })
}

/// The name that a new collection must have.
fn display_name(document: &Map<String, Value>) -> Result<&str, TransferError> {
    required(text(document, "display_name")?, "display_name")
}

/// Takes a new collection in and says so.
fn add(state: &State, collection: Collection, message: &str) -> Result<Outcome, TransferError> {
    let collection = take_in(state, collection)?;
    Ok(Outcome::new(StatusCode::CREATED, "endpoint_create_result", "Created", message)
        .with("id", collection.id.to_string()))
}

/// Takes a new collection in.
fn take_in(state: &State, collection: Collection) -> Result<Arc<Collection>, TransferError> {
    let collection = Arc::new(collection);
    let owned = state.transfer.collections.all().iter().filter(|one| one.owner == collection.owner).count();
    if owned >= MOST_OWNED {
        return Err(TransferError::new(
            StatusCode::CONFLICT,
            "LimitExceeded",
            format!("You own {MOST_OWNED} endpoints, which is the limit"),
        ));
    }
    let name = collection.name();
    state.transfer.collections.add(collection.clone(), |other| taken(other, &collection, &name))?;
    Ok(collection)
}

/// Whether another collection of the owner has a name already.
fn taken(other: &Collection, collection: &Collection, name: &str) -> Option<TransferError> {
    let same_place = |one: &Collection| (one.owner, one.kind, one.parent.as_ref().map(|parent| parent.id));
    let taken =
        other.id != collection.id && same_place(other) == same_place(collection) && other.name() == name;
    taken.then(|| {
        TransferError::new(
            StatusCode::CONFLICT,
            "ClientError.Conflict",
            format!("An endpoint with the name '{name}' already exists"),
        )
    })
}

async fn update_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(update): Body<Map<String, Value>>,
) -> Result<Outcome, TransferError> {
    let collection = access::editable(&state, &caller, &id)?;
    check_type_of(&update, "endpoint")?;
    let present = Viewer::new(&state, &caller).document(&collection);
    let changes = fields::read(&update, collection.kind, |name| present[name].clone());
    let changes = changes.map_err(TransferError::bad_request)?;
    if let Some(name) = changes.get("display_name").and_then(Value::as_str)
        && let Some(refusal) =
            state.transfer.collections.all().iter().find_map(|other| taken(other, &collection, name))
    {
        return Err(refusal);
    }
    collection.write().details.extend(changes);
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", "Endpoint updated successfully"))
}

async fn delete_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Outcome, TransferError> {
    let collection = access::editable(&state, &caller, &id)?;
    state.transfer.collections.remove(collection.id);
    Ok(Outcome::new(StatusCode::OK, "result", "Deleted", "Endpoint deleted successfully"))
}

#[derive(Debug, Deserialize)]
struct SubscriptionDocument {
    #[serde(default)]
    subscription_id: Member<String>,
}

async fn set_subscription(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<SubscriptionDocument>,
) -> Result<Outcome, TransferError> {
    let collection = access::administered(&state, &caller, &id)?;
    if collection.kind != Kind::Personal {
        return Err(TransferError::bad_request(format!(
            "'{id}' is a {}: only a GCP_mapped_collection has a subscription of its own",
            collection.kind.as_str()
        )));
    }
    let Member::Given(wanted) = document.subscription_id else {
        return Err(TransferError::bad_request("'subscription_id' is required"));
    };
    let subscription = match wanted.as_deref() {
        None => None,
        // The emulator has one subscription, and everybody is in it.
        Some("DEFAULT") => Some(SUBSCRIPTION),
        Some(text) => match Uuid::parse_str(text) {
            Ok(id) if id == SUBSCRIPTION => Some(SUBSCRIPTION),
            Ok(_) => return Err(denied(format!("You do not belong to the subscription '{text}'"))),
            Err(_) => {
                return Err(TransferError::bad_request(format!(
                    "Invalid subscription_id '{text}': expected a UUID, 'DEFAULT' or null"
                )));
            }
        },
    };
    let mut changing = collection.write();
    changing.subscription = subscription;
    changing.subscription_admin_verified &= subscription.is_some();
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", "Endpoint updated successfully"))
}

#[derive(Debug, Deserialize)]
struct VerifiedDocument {
    subscription_admin_verified: Option<bool>,
}

async fn set_verified(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Body(document): Body<VerifiedDocument>,
) -> Result<Outcome, TransferError> {
    let collection = access::administered(&state, &caller, &id)?;
    let verified = document.subscription_admin_verified.ok_or_else(|| {
        TransferError::bad_request("'subscription_admin_verified' is required: true or false")
    })?;
    if collection.subscription().is_none() {
        return Err(TransferError::bad_request(format!("Endpoint '{id}' has no subscription")));
    }
    collection.write().subscription_admin_verified = verified;
    Ok(Outcome::new(StatusCode::OK, "result", "Updated", "Endpoint updated successfully"))
}

/// Finds a collection that others share directories of, by the id that a client sent.
pub(super) fn find_host(
    state: &State,
    caller: &verify::Caller,
    id: &str,
) -> Result<Arc<Collection>, TransferError> {
    let host = access::visible(state, caller, id)?;
    if host.kind.is_guest() {
        return Err(TransferError::conflict(format!("'{id}' is not a host endpoint")));
    }
    Ok(host)
}
