//! The tunnels that exist, and what they are like.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::transfer::task::lock;

/// A place that tunnels lead from and to.
#[derive(Debug, Clone)]
pub(crate) struct StreamAccessPoint {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// The namespace of the ids of stream access points and their hosts.
const NAMESPACE: Uuid = Uuid::from_u128(0x8b5d_1d0a_5e64_5b0f_9e0c_2f4a_7c61_0b3e);

impl StreamAccessPoint {
    /// The id follows from the name, so it is the same after a restart.
    pub(crate) fn new(name: String) -> StreamAccessPoint {
        StreamAccessPoint { id: Uuid::new_v5(&NAMESPACE, name.as_bytes()), name }
    }

    pub(super) fn document(&self) -> Value {
        let host = Uuid::new_v5(&NAMESPACE, self.id.as_bytes());
        json!({
            "type": "StreamAccessPoint",
            "id": self.id,
            "attributes": {
                "display_name": self.name,
                "tlsftp_server": format!("tlsftp://{}.emulator.example.org:443", self.id),
                "advertised_owner": null,
                "contact_email": null,
                "contact_info": null,
                "department": null,
                "description": null,
                "info_link": null,
                "keywords": null,
                "organization": null,
            },
            "relationships": { "host_endpoint": { "data": { "type": "Endpoint", "id": host } } },
        })
    }
}

/// All tunnels, and what they can lead to.
#[derive(Debug, Default)]
pub(crate) struct Tunnels {
    points: Vec<StreamAccessPoint>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Oldest first.
    order: Vec<Uuid>,
    tunnels: HashMap<Uuid, Tunnel>,
    /// The number of the last event of any tunnel.
    last_event: Arc<AtomicU64>,
}

/// What a client asks for.
#[derive(Debug)]
pub(super) struct NewTunnel {
    pub(super) owner: Uuid,
    pub(super) submission_id: Uuid,
    pub(super) initiator: Uuid,
    pub(super) listener: Uuid,
    pub(super) label: Option<String>,
    pub(super) lifetime_mins: u64,
    pub(super) restartable: bool,
    pub(super) listener_address: Option<(IpAddr, u16)>,
}

/// How far a tunnel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TunnelState {
    AwaitingListener,
    Active,
    Stopping,
    Stopped,
}

impl TunnelState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            TunnelState::AwaitingListener => "AWAITING_LISTENER",
            TunnelState::Active => "ACTIVE",
            TunnelState::Stopping => "STOPPING",
            TunnelState::Stopped => "STOPPED",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            TunnelState::AwaitingListener => "The tunnel waits to be told where the listener is.",
            TunnelState::Active => "The tunnel is active.",
            TunnelState::Stopping => "The tunnel is being stopped.",
            TunnelState::Stopped => "The tunnel has been stopped.",
        }
    }
}

/// One tunnel of one user.
#[derive(Debug)]
pub(super) struct Tunnel {
    pub(super) id: Uuid,
    new: NewTunnel,
    pub(super) label: Option<String>,
    state: TunnelState,
    created: Timestamp,
    /// The program that listens.
    listener: Option<(IpAddr, u16)>,
    /// Where the program that opens the connection connects to.
    entrance: Option<SocketAddr>,
    /// Closes the entrance when it is dropped.
    carrier: Option<watch::Sender<bool>>,
    /// Oldest first.
    events: Vec<(u64, &'static str, Timestamp)>,
    last_event: Arc<AtomicU64>,
}

impl Tunnels {
    pub(crate) fn new(points: Vec<StreamAccessPoint>) -> Tunnels {
        Tunnels { points, table: Mutex::default() }
    }

    pub(crate) fn points(&self) -> &[StreamAccessPoint] {
        &self.points
    }

    pub(super) fn point(&self, id: Uuid) -> Option<&StreamAccessPoint> {
        self.points.iter().find(|point| point.id == id)
    }

    /// Makes a tunnel, or finds the one of the same submission.
    pub(super) fn create(&self, new: NewTunnel, now: Timestamp) -> Uuid {
        let mut table = self.table();
        let same =
            |tunnel: &&Tunnel| tunnel.new.owner == new.owner && tunnel.new.submission_id == new.submission_id;
        if let Some(tunnel) = table.tunnels.values().find(same) {
            return tunnel.id;
        }
        let id = Uuid::new_v4();
        let mut tunnel = Tunnel {
            id,
            label: new.label.clone(),
            new,
            state: TunnelState::AwaitingListener,
            created: now,
            listener: None,
            entrance: None,
            carrier: None,
            events: Vec::new(),
            last_event: table.last_event.clone(),
        };
        tunnel.note("STARTED", now);
        table.order.push(id);
        table.tunnels.insert(id, tunnel);
        id
    }

    /// Does something with a tunnel of a user.
    pub(super) fn with<T>(
        &self,
        id: Uuid,
        owner: Uuid,
        now: Timestamp,
        what: impl FnOnce(&mut Tunnel) -> T,
    ) -> Option<T> {
        let mut table = self.table();
        let tunnel = table.tunnels.get_mut(&id).filter(|tunnel| tunnel.new.owner == owner)?;
        tunnel.settle(now);
        Some(what(tunnel))
    }

    /// The documents of a user's tunnels, newest first.
    pub(super) fn of(&self, owner: Uuid, now: Timestamp) -> Vec<Value> {
        let order = self.table().order.clone();
        order
            .into_iter()
            .rev()
            .filter_map(|id| self.with(id, owner, now, |tunnel| tunnel.document()))
            .collect()
    }

    pub(super) fn remove(&self, id: Uuid) {
        let mut table = self.table();
        table.order.retain(|other| *other != id);
        table.tunnels.remove(&id);
    }

    /// Closes and forgets all tunnels.
    pub(crate) fn clear(&self) {
        *self.table() = Table::default();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }
}

impl Tunnel {
    fn note(&mut self, code: &'static str, now: Timestamp) {
        let number = self.last_event.fetch_add(1, Ordering::Relaxed) + 1;
        self.events.push((number, code, now));
    }

    pub(super) fn state(&self) -> TunnelState {
        self.state
    }

    /// Notes that the tunnel carries data from now on.
    pub(super) fn activate(
        &mut self,
        listener: (IpAddr, u16),
        entrance: SocketAddr,
        carrier: watch::Sender<bool>,
        now: Timestamp,
    ) {
        // Of two who start it at the same time, the first one wins.
        if self.state == TunnelState::AwaitingListener {
            self.state = TunnelState::Active;
            self.listener = Some(listener);
            self.entrance = Some(entrance);
            self.carrier = Some(carrier);
            self.note("TUNNEL_ACTIVE", now);
        }
    }

    /// Begins to stop; the tunnel has stopped when it is looked at next.
    pub(super) fn stop(&mut self) {
        if self.state != TunnelState::Stopped {
            self.state = TunnelState::Stopping;
            self.carrier = None;
        }
    }

    fn settle(&mut self, now: Timestamp) {
        let minutes = i64::try_from(self.new.lifetime_mins).unwrap_or(i64::MAX / 60);
        let end = self.created.saturating_add(SignedDuration::from_secs(minutes.saturating_mul(60)));
        let over = end.is_ok_and(|end| now >= end) && self.state != TunnelState::Stopped;
        if over || self.state == TunnelState::Stopping {
            self.state = TunnelState::Stopped;
            self.carrier = None;
            self.entrance = None;
            self.note("TUNNEL_STOPPED", now);
        }
    }

    pub(super) fn document(&self) -> Value {
        let point = |id: Uuid| json!({ "data": { "type": "StreamAccessPoint", "id": id } });
        json!({
            "type": "Tunnel",
            "id": self.id,
            "attributes": {
                "label": self.label,
                "state": self.state.as_str(),
                "status": self.state.sentence(),
                "initiator_ip_address": self.entrance.map(|address| address.ip()),
                "initiator_port": self.entrance.map(|address| address.port()),
                "listener_ip_address": self.listener.map(|(address, _)| address),
                "listener_port": self.listener.map(|(_, port)| port),
                "lifetime_mins": self.new.lifetime_mins,
                "restartable": self.new.restartable,
                "created_time": moment(self.created),
                "submission_id": self.new.submission_id,
            },
            "relationships": {
                "initiator": point(self.new.initiator),
                "listener": point(self.new.listener),
                "owner": { "data": { "type": "Identity", "id": self.new.owner } },
            },
        })
    }

    /// What happened, newest first.
    pub(super) fn events(&self) -> Vec<Value> {
        let document = |(number, code, time): &(u64, &'static str, Timestamp)| {
            json!({
                "type": "TunnelEvent",
                "id": number,
                "attributes": {
                    "code": code,
                    "is_error": false,
                    "description": code.to_lowercase().replace('_', " "),
                    "details": null,
                    "time": moment(*time),
                },
            })
        };
        self.events.iter().rev().map(document).collect()
    }
}

/// A time as the newer API writes it: UTC, without saying so.
fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}
