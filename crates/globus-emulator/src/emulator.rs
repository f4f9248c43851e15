//! A running emulator.

use std::fmt;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::auth::clients::Client;
use crate::state::State;
use crate::{CollectionConfig, EmulatorBuilder};

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
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move {
            if let Err(error) = server.into_future().await {
                tracing::error!(%error, "the server ended");
            }
        });
        Emulator {
            state,
            client,
            shutdown: Some(shutdown),
            server: Some(server),
        }
    }

    /// Returns the base URL of a service (`"auth"`, `"transfer"` or `"flows"`), such as
    /// `http://127.0.0.1:40123/auth/`. It ends in `/`.
    pub fn service_url(&self, service: &str) -> String {
        format!("http://{}/{service}/", self.state.address)
    }

    /// Returns the address that the emulator listens on.
    pub fn address(&self) -> SocketAddr {
        self.state.address
    }

    /// Returns the id of the (first) confidential client.
    pub fn client_id(&self) -> String {
        self.client.id.to_string()
    }

    /// Returns the secret of that client.
    pub fn client_secret(&self) -> &str {
        self.client.secret.as_deref().unwrap_or_default()
    }

    /// Returns the id of the collection of this name, or `None` if there is none.
    pub fn collection_id(&self, name: &str) -> Option<Uuid> {
        self.collections()
            .iter()
            .find(|collection| collection.name == name)
            .map(|collection| collection.id)
    }

    /// Returns the collections that the emulator was started with.
    pub fn collections(&self) -> &[CollectionConfig] {
        &self.state.collections
    }

    /// Stops listening, ends background tasks and waits for the requests under way.
    pub async fn stop(mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
        self.state.abort_background();
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.state.abort_background();
        // Only when `stop` was not called: the server's connections die with it.
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("address", &self.state.address)
            .finish_non_exhaustive()
    }
}
