//! Tunnels and stream access points: streams of data beside the files. A tunnel that has been started really
//! carries bytes, between programs of this machine.

mod carry;
mod store;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::query::Query;
use super::v2::{Caller, Error, Page, Resource};
use crate::state::State;
use store::{NewTunnel, Tunnel, TunnelState};
pub(crate) use store::{StreamAccessPoint, Tunnels};

/// How long a tunnel lives unless the client says: six hours.
const LIFETIME_MINS: u64 = 360;
/// The longest life: a year.
const LONGEST_MINS: u64 = 366 * 24 * 60;
const MAX_PORT: u64 = u16::MAX as u64;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/stream_access_points", get(list_points))
        .route("/stream_access_points/{id}", get(get_point))
        .route("/tunnels", get(list_tunnels).post(create_tunnel))
        .route("/tunnels/{id}", get(get_tunnel).patch(update_tunnel).delete(delete_tunnel))
        .route("/tunnels/{id}/events", get(list_events))
}

async fn list_points(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Error> {
    let text = query.get("filter[fulltext]").unwrap_or_default().to_lowercase();
    // Whoever asks administers what this machine has.
    let nothing = query.flag("filter[endpoint_admin]")? == Some(false) && text.is_empty();
    let all = state.transfer.tunnels.points().iter();
    let found = all.filter(|point| {
        !nothing && (point.id.to_string() == text || point.name.to_lowercase().contains(&text))
    });
    let found: Vec<Value> = found.map(StreamAccessPoint::document).collect();
    Ok(caller.page(Page::cut(&found, &query, (&state, &headers), "v2/stream_access_points")?))
}

async fn get_point(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let point = Uuid::parse_str(&id).ok().and_then(|id| state.transfer.tunnels.point(id));
    let point = point.ok_or_else(|| Error::not_found(format!("There is no stream access point {id}")))?;
    Ok(caller.reply(StatusCode::OK, &point.document()))
}

async fn list_tunnels(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Error> {
    let tunnels = state.transfer.tunnels.of(caller.identity.identity_id, state.clock.now());
    Ok(caller.page(Page::cut(&tunnels, &query, (&state, &headers), "v2/tunnels")?))
}

async fn create_tunnel(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    resource: Resource,
) -> Result<Response, Error> {
    let new = read_tunnel(&state, &caller, &resource)?;
    let start = new.listener_address;
    let id = state.transfer.tunnels.create(new, state.clock.now());
    if let Some(listener) = start {
        begin(&state, &caller, id, listener).await?;
    }
    let document = with_tunnel(&state, &caller, &id.to_string(), |tunnel| tunnel.document())?;
    Ok(caller.reply(StatusCode::CREATED, &document))
}

fn read_tunnel(state: &State, caller: &Caller, resource: &Resource) -> Result<NewTunnel, Error> {
    resource.check_type("Tunnel")?;
    let point = |name: &'static str| {
        let text = resource.related(name, "StreamAccessPoint")?;
        let id = Uuid::parse_str(text).ok().filter(|id| state.transfer.tunnels.point(*id).is_some());
        id.ok_or_else(|| Error::not_found(format!("There is no stream access point {text}")))
    };
    let (initiator, listener) = (point("initiator")?, point("listener")?);
    let submission_id = resource.text("submission_id")?.and_then(|text| Uuid::parse_str(&text).ok());
    Ok(NewTunnel {
        owner: caller.identity.identity_id,
        submission_id: submission_id
            .ok_or_else(|| Error::unfit(&["data", "attributes", "submission_id"], "expected a UUID"))?,
        initiator,
        listener,
        label: resource.text("label")?,
        lifetime_mins: resource.number("lifetime_mins", 1, LONGEST_MINS)?.unwrap_or(LIFETIME_MINS),
        restartable: resource.flag("restartable")?.unwrap_or(false),
        listener_address: read_listener(resource)?,
    })
}

/// Where the program listens: both halves or none.
fn read_listener(resource: &Resource) -> Result<Option<(IpAddr, u16)>, Error> {
    let unfit = |name, message: &str| Error::unfit(&["data", "attributes", name], message);
    let address = resource.text("listener_ip_address")?.map(|text| text.parse::<IpAddr>()).transpose();
    let address = address.map_err(|_| unfit("listener_ip_address", "expected an IP address"))?;
    let port = resource.number("listener_port", 1, MAX_PORT)?.and_then(|port| u16::try_from(port).ok());
    match (address, port) {
        (Some(address), Some(port)) => Ok(Some((address, port))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(unfit("listener_ip_address", "needed with listener_port")),
        (Some(_), None) => Err(unfit("listener_port", "needed with listener_ip_address")),
    }
}

/// Lets a tunnel carry data.
async fn begin(state: &Arc<State>, caller: &Caller, id: Uuid, listener: (IpAddr, u16)) -> Result<(), Error> {
    let now = state.clock.now();
    let owner = caller.identity.identity_id;
    let waiting = state
        .transfer
        .tunnels
        .with(id, owner, now, |tunnel| tunnel.state() == TunnelState::AwaitingListener)
        .ok_or_else(|| no_tunnel(&id.to_string()))?;
    if !waiting {
        return Ok(());
    }
    let (entrance, stopped) = carry::open(state, listener)
        .await
        .map_err(|error| Error::conflict(format!("The initiator's port cannot be opened: {error}")))?;
    state.transfer.tunnels.with(id, owner, now, |tunnel| tunnel.activate(listener, entrance, stopped, now));
    Ok(())
}

fn no_tunnel(id: &str) -> Error {
    Error::not_found(format!("There is no tunnel {id}"))
}

/// Does something with a tunnel of the caller; others' tunnels do not exist for them.
fn with_tunnel<T>(
    state: &State,
    caller: &Caller,
    id: &str,
    what: impl FnOnce(&mut Tunnel) -> T,
) -> Result<T, Error> {
    let (owner, now) = (caller.identity.identity_id, state.clock.now());
    let found = Uuid::parse_str(id).ok().and_then(|id| state.transfer.tunnels.with(id, owner, now, what));
    found.ok_or_else(|| no_tunnel(id))
}

async fn get_tunnel(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let document = with_tunnel(&state, &caller, &id, |tunnel| tunnel.document())?;
    Ok(caller.reply(StatusCode::OK, &document))
}

async fn update_tunnel(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    resource: Resource,
) -> Result<Response, Error> {
    resource.check_type("Tunnel")?;
    let label = resource.text("label")?;
    let listener = read_listener(&resource)?;
    let stop = match resource.text("state")?.as_deref() {
        None => false,
        Some("STOPPING") => true,
        Some(_) => return Err(Error::unfit(&["data", "attributes", "state"], "expected 'STOPPING'")),
    };
    let (uuid, present) = with_tunnel(&state, &caller, &id, |tunnel| (tunnel.id, tunnel.state()))?;
    if let Some(listener) = listener {
        if present != TunnelState::AwaitingListener {
            let detail = format!("The tunnel is {}, it does not wait for a listener", present.as_str());
            return Err(Error::conflict(detail));
        }
        begin(&state, &caller, uuid, listener).await?;
    }
    let document = with_tunnel(&state, &caller, &id, |tunnel| {
        if resource.has("label") {
            tunnel.label = label;
        }
        if stop {
            tunnel.stop();
        }
        tunnel.document()
    })?;
    Ok(caller.reply(StatusCode::OK, &document))
}

async fn delete_tunnel(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let present = with_tunnel(&state, &caller, &id, |tunnel| (tunnel.id, tunnel.state()))?;
    if present.1 != TunnelState::Stopped {
        let detail = format!("The tunnel is {}: only stopped tunnels can be deleted", present.1.as_str());
        return Err(Error::conflict(detail));
    }
    state.transfer.tunnels.remove(present.0);
    Ok(caller.reply(StatusCode::OK, &Value::Null))
}

async fn list_events(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Error> {
    let code = query.get("code_name");
    let error = query.flag("is_error")?;
    if code.is_some() && error.is_some() {
        return Err(Error::bad_request("'code_name' and 'is_error' exclude each other"));
    }
    let events = with_tunnel(&state, &caller, &id, |tunnel| tunnel.events())?;
    let fits = |event: &&Value| {
        let attributes = &event["attributes"];
        code.is_none_or(|code| attributes["code"] == code)
            && error.is_none_or(|error| attributes["is_error"] == json!(error))
    };
    let events: Vec<Value> = events.iter().filter(fits).cloned().collect();
    Ok(caller.page(Page::cut(&events, &query, (&state, &headers), &format!("v2/tunnels/{id}/events"))?))
}
