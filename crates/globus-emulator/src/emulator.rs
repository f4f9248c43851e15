//! A running emulator.

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::auth::clients::Client;
use crate::auth::remote::{self, Answer};
use crate::auth::requirements;
use crate::flows::actions::compute;
use crate::seed::{self, Directories};
use crate::server::{Line, Listener};
use crate::state::State;
use crate::transfer::Collection;
use crate::{
    CollectionConfig, ControlError, EmulatorBuilder, PathFault, RequestFault, Requirement, StartError,
};

/// A running emulator. It stops when it is dropped; [`stop`](Self::stop) also waits for requests under way.
pub struct Emulator {
    state: Arc<State>,
    client: Client,
    shutdown: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts with the default settings: no collection, a generated client, a free port of `127.0.0.1`.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    pub(crate) fn serve(
        listener: TcpListener,
        router: Router,
        state: Arc<State>,
        client: Client,
    ) -> Emulator {
        let (shutdown, stopped) = oneshot::channel::<()>();
        let listener = Listener { inner: listener, open: state.open_connections.clone() };
        let service = router.into_make_service_with_connect_info::<Line>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move {
            if let Err(error) = server.into_future().await {
                tracing::error!(%error, "the server ended");
            }
        });
        Emulator { state, client, shutdown: Some(shutdown), server: Some(server) }
    }

    /// Returns the base URL of a service (`"auth"`, `"transfer"`, `"flows"` or `"groups"`), such as
    /// `http://127.0.0.1:40123/auth/`. It ends in `/`.
    #[must_use]
    pub fn service_url(&self, service: &str) -> String {
        self.state.local_url(service)
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Returns the address that the emulator listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.state.address
    }

    /// Returns the id of the (first) confidential client.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.client.id.to_string()
    }

    /// Returns the secret of that client.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.client.credentials.first().map_or("", |credential| &credential.secret)
    }

    /// Returns the id of the collection of this name, or `None` if there is none.
    #[must_use]
    pub fn collection_id(&self, name: &str) -> Option<Uuid> {
        self.collections().iter().find(|collection| collection.name == name).map(|collection| collection.id)
    }

    /// Returns the id of the stream access point of this name, or `None` if there is none.
    #[must_use]
    pub fn stream_access_point_id(&self, name: &str) -> Option<Uuid> {
        let mut points = self.state.transfer.stream_access_points().iter();
        points.find(|point| point.name == name).map(|point| point.id)
    }

    /// Returns the names and ids of the stream access points.
    #[must_use]
    pub fn stream_access_points(&self) -> Vec<(String, Uuid)> {
        let points = self.state.transfer.stream_access_points().iter();
        points.map(|point| (point.name.clone(), point.id)).collect()
    }

    /// Returns the collections on directories of this machine, oldest first: those that the emulator was started with,
    /// and those that came later.
    #[must_use]
    pub fn collections(&self) -> Vec<CollectionConfig> {
        self.state.transfer.collections.configs()
    }

    /// Lets requests go wrong.
    pub fn add_fault(&self, fault: RequestFault) {
        self.state.control.add_faults(vec![fault]);
    }

    /// Lets paths fail, for tasks and for file operations.
    ///
    /// # Errors
    /// [`StartError::Setting`] when the code is no event code, as when the emulator is started with it.
    pub fn add_path_fault(&self, fault: PathFault) -> Result<(), StartError> {
        if let Some(reason) = fault.problem() {
            return Err(StartError::Setting { setting: "fault", reason });
        }
        self.state.transfer.faults().add(&[fault]);
        Ok(())
    }

    /// Lets flows call a function of Globus Compute: this one runs in its place, with the `args` and `kwargs` of the
    /// task. It may block. Functions that nobody added fail, as does one that returns an error or panics.
    ///
    /// A reset of the emulator forgets it.
    pub fn add_function(
        &self,
        function_id: Uuid,
        function: impl Fn(
            &[serde_json::Value],
            &serde_json::Map<String, serde_json::Value>,
        ) -> Result<serde_json::Value, String>
        + Send
        + Sync
        + 'static,
    ) {
        self.state.flows.actions.add_function(function_id, compute::Function::native(function));
    }

    /// Takes back every fault that is still due, of requests and of paths.
    pub fn clear_faults(&self) {
        self.state.control.clear_faults();
        self.state.transfer.faults().clear();
    }

    /// Moves the emulator's clock forward, by whole seconds.
    pub fn advance_clock(&self, by: Duration) {
        self.state.clock.advance(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    }

    /// Returns the last 10,000 requests to the services, oldest first, as `/_emulator/journal` shows them: `method`,
    /// `path`, `query`, `headers`, `body` (the document, or the text of a form), `status`, `request_id`, `time`, and
    /// whether a fault had a hand in it (`injected`). Secrets are left out.
    #[must_use]
    pub fn requests(&self) -> Vec<serde_json::Value> {
        self.state.control.requests()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.state.control.forget_requests();
    }

    /// Returns how many connections clients have open at the moment.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.state.open_connections.load(Ordering::Relaxed)
    }

    /// Switches the machine of a collection on or off, and tells whether there is a collection of this id. While it
    /// is off, file operations and submissions are refused, and running tasks wait.
    #[expect(clippy::must_use_candidate, reason = "who knows that the collection is there need not look")]
    pub fn set_connected(&self, collection: Uuid, connected: bool) -> bool {
        let found = self.state.transfer.collections.get(collection);
        if let Some(collection) = &found {
            collection.root.set_connected(connected);
        }
        found.is_some()
    }

    /// Does what Globus Connect Personal does with the setup key of a collection that was made over HTTP: from now
    /// on, the collection is this directory. Returns its id, or `None` if nobody waits for this key.
    ///
    /// # Errors
    /// The directory cannot be opened.
    pub fn connect_personal(&self, setup_key: &str, directory: impl AsRef<Path>) -> io::Result<Option<Uuid>> {
        let waiting = |one: &Arc<Collection>| one.read().setup_key.as_deref() == Some(setup_key);
        let Some(collection) = self.state.transfer.collections.all().into_iter().find(waiting) else {
            return Ok(None);
        };
        collection.root.connect(directory.as_ref())?;
        collection.write().setup_key = None;
        Ok(Some(collection.id))
    }

    /// Lets matching requests be answered with a demand, until a caller fulfils it.
    ///
    /// # Errors
    /// [`ControlError`] if there is no such identity or policy, or if a scope or the method is not well formed.
    pub fn require(&self, requirement: Requirement) -> Result<(), ControlError> {
        let mut tables = self.state.auth.tables();
        let rules = requirements::read(&tables, self.state.clock.now(), &requirement.into_document())
            .map_err(|message| ControlError { message })?;
        tables.requirements.add(rules);
        Ok(())
    }

    /// Adds accounts, clients, groups, projects, policies and collections: the document of `POST /_emulator/seed`. Returns
    /// their ids, in the order of the document.
    ///
    /// A collection is written as [`CollectionSetup`](crate::CollectionSetup) shows. Over HTTP, directories of this
    /// machine cannot be named.
    ///
    /// # Errors
    /// [`ControlError`] says what is wrong with the document. Nothing is added then.
    pub fn seed(&self, document: &serde_json::Value) -> Result<serde_json::Value, ControlError> {
        seed::sow(&self.state, document.clone(), Directories::Allowed)
            .map_err(|message| ControlError { message })
    }

    /// Forgets everything that happened: accounts, collections, permissions and settings are those of the start, tasks,
    /// flows, faults and requests are gone, and the clock shows the present. Files stay as they are.
    ///
    /// # Errors
    /// [`ControlError`] if a directory is gone that a seed of the start names.
    pub fn reset(&self) -> Result<(), ControlError> {
        self.state.reset().map_err(|message| ControlError { message })
    }

    /// Answers the login at an authorize URL without a browser: allows what it asks for. Returns the URL that the
    /// browser would be sent to, which has the code.
    ///
    /// `identity` is who logs in, by id or username; `None` stands for the first who may.
    ///
    /// # Errors
    /// [`ControlError`] if the URL is not that of a login that the page would show, or if this identity cannot
    /// be chosen in it.
    pub fn answer_login(&self, authorize_url: &str, identity: Option<&str>) -> Result<String, ControlError> {
        let answer = Answer { identity: identity.map(ToOwned::to_owned), ..Answer::default() };
        remote::answer_login(&self.state, authorize_url, &answer).map_err(|message| ControlError { message })
    }

    /// Ends every access token now; refresh tokens stay. Returns how many there were.
    #[expect(clippy::must_use_candidate, reason = "most tests do not care how many there were")]
    pub fn expire_access_tokens(&self) -> usize {
        self.state.auth.tables().tokens.expire_access(self.state.clock.now())
    }

    /// Stops listening, ends background tasks and waits for the requests under way, up to five seconds.
    pub async fn stop(mut self) {
        self.begin_shutdown();
        if let Some(server) = self.server.take() {
            let abort = server.abort_handle();
            if tokio::time::timeout(GRACE, server).await.is_err() {
                abort.abort();
            }
        }
    }

    fn begin_shutdown(&mut self) {
        self.state.abort_background();
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
    }
}

/// How long requests under way may take when the emulator stops.
const GRACE: Duration = Duration::from_secs(5);

impl Drop for Emulator {
    fn drop(&mut self) {
        // The server's own task hears of it and closes the listener and every idle connection.
        self.begin_shutdown();
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("address", &self.state.address).finish_non_exhaustive()
    }
}
