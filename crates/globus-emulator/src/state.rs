//! What exists in one running emulator, shared by all its services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, header};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::seed::{self, Directories};
use crate::{auth, control, flows, transfer};

/// The whole state of one emulator.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) auth: auth::Store,
    pub(crate) transfer: transfer::Store,
    pub(crate) flows: flows::Store,
    pub(crate) control: control::Store,
    /// What was sown at the start, and is again after a reset.
    seeds: Vec<Value>,
    /// Where the emulator listens.
    pub(crate) address: SocketAddr,
    /// How many connections clients have open.
    pub(crate) open_connections: Arc<AtomicUsize>,
    background: Mutex<JoinSet<()>>,
}

impl State {
    /// Begins, with these seeds sown.
    pub(crate) fn new(
        auth: auth::Store,
        transfer: transfer::Store,
        flows: flows::Store,
        seeds: Vec<Value>,
        address: SocketAddr,
    ) -> Result<Arc<State>, String> {
        let state = Arc::new(State {
            clock: Clock::default(),
            auth,
            transfer,
            flows,
            control: control::Store::default(),
            seeds,
            address,
            open_connections: Arc::default(),
            background: Mutex::new(JoinSet::new()),
        });
        state.register_scopes();
        state.sow_seeds()?;
        Ok(state)
    }

    fn sow_seeds(&self) -> Result<(), String> {
        self.seeds.iter().try_for_each(|seed| seed::sow(self, seed.clone(), Directories::Allowed).map(|_| ()))
    }

    /// Makes the scopes of the collections and of the action providers known.
    fn register_scopes(&self) {
        flows::actions::register_scopes(&self.auth);
        for collection in self.transfer.collections.all() {
            self.auth.register_collection(&collection);
        }
    }

    /// Forgets everything that happened, and takes the clock back. Files stay as they are.
    ///
    /// What is wrong, if a directory that was named in a seed is gone by now.
    pub(crate) fn reset(&self) -> Result<(), String> {
        let now = self.clock.now();
        self.control.reset();
        self.clock.advance(-self.clock.offset_seconds());
        self.auth.reset();
        self.transfer.reset(now);
        self.register_scopes();
        self.flows.reset(self.clock.now());
        self.sow_seeds()
    }

    /// Returns the absolute URL of a service, such as `http://127.0.0.1:4000/auth/`, as the sender of these
    /// headers sees it: under its own `Host`, so that port forwards and host names keep working.
    pub(crate) fn public_url(&self, headers: &HeaderMap, service: &str) -> String {
        let host =
            headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
        match host {
            Some(host) => format!("http://{host}/{service}/"),
            None => self.local_url(service),
        }
    }

    /// Returns the absolute URL of a service as programs on this machine see it.
    pub(crate) fn local_url(&self, service: &str) -> String {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}/{service}/")
    }

    /// Runs a task of the emulator in the background. It is aborted when the emulator stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut background = self.background();
        while background.try_join_next().is_some() {}
        background.spawn(task);
    }

    /// Aborts every background task.
    pub(crate) fn abort_background(&self) {
        self.background().abort_all();
    }

    fn background(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether a `Host` header may be written into URLs and pages: host name or address, and a port.
fn is_authority(host: &str) -> bool {
    host.parse::<http::uri::Authority>().is_ok_and(|authority| !authority.as_str().contains('@'))
}
