//! Setting up a login client.

use std::{fmt, time::Duration};

use globus_core::{
    ClientBuilder, ClientId, Clock, Config, Error, IntoId, InvalidId, Result, RetryPolicy, Secret, Service,
    ServiceClient, Transport, scope, service_client,
};

use super::login::{AuthLoginClient, Kind};
use crate::{BasicAuthorizer, NullAuthorizer};

service_client! {
    /// The connection to Globus Auth, so that it is set up like that to any service.
    struct Connection {
        service: Service::Auth,
        resource_server: scope::auth::RESOURCE_SERVER,
        default_scopes: Vec::new(),
    }
}

/// Sets up a [`NativeAppAuthClient`](crate::NativeAppAuthClient) or a
/// [`ConfidentialAppAuthClient`](crate::ConfidentialAppAuthClient).
///
/// What is not given comes from the environment, the configuration files, and the defaults (see [`Config`]).
#[must_use = "a builder does nothing until it is built"]
pub struct LoginClientBuilder<C> {
    connection: ClientBuilder<Connection>,
    client_id: Result<ClientId, InvalidId>,
    /// Of a confidential client.
    secret: Option<Secret>,
    make: fn(AuthLoginClient) -> C,
}

impl<C> LoginClientBuilder<C> {
    pub(super) fn new(
        client_id: impl IntoId<ClientId>,
        secret: Option<Secret>,
        make: fn(AuthLoginClient) -> C,
    ) -> Self {
        Self { connection: Connection::builder(), client_id: client_id.into_id(), secret, make }
    }

    fn map(mut self, set: impl FnOnce(ClientBuilder<Connection>) -> ClientBuilder<Connection>) -> Self {
        self.connection = set(self.connection);
        self
    }

    /// Uses this configuration instead of the environment's.
    pub fn config(self, config: Config) -> Self {
        self.map(|connection| connection.config(config))
    }

    /// Asks Globus Auth at this address, e.g. `https://auth.globus.org/`, whatever the configuration says.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.map(|connection| connection.base_url(url))
    }

    /// Sends requests through this transport: to share one pool of connections among clients, or a replay in tests.
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        self.map(|connection| connection.transport(transport))
    }

    /// Tries failed requests again as this policy says (default: [`RetryPolicy::default`]).
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.map(|connection| connection.retry(policy))
    }

    /// Limits one attempt of a request, from connecting to the last byte of the answer. Default: the
    /// configuration's, 60 s; `None` sets no limit.
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.map(|connection| connection.timeout(timeout))
    }

    /// Adds the name of the application to the `User-Agent` header.
    pub fn app_name(self, name: impl Into<String>) -> Self {
        self.map(|connection| connection.app_name(name))
    }

    /// Sends this header with every request, in place of the SDK's own of that name.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.map(|connection| connection.header(name, value))
    }

    /// Goes by this clock instead of the system's. The authorizers made with the client go by it too.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        self.map(|connection| connection.clock(clock))
    }

    /// Makes the client. Opens no connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](globus_core::ErrorKind::Config) when a configuration value is wrong,
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when the client id is no UUID, the secret is
    /// empty, or a header, the application's name or the base URL cannot be used.
    pub fn build(self) -> Result<C> {
        let client_id = self.client_id?;
        let connection = match &self.secret {
            Some(secret) if secret.is_empty() => {
                return Err(Error::invalid_input("the client secret is empty"));
            }
            Some(secret) => {
                self.connection.authorizer(BasicAuthorizer::new(client_id.to_string(), secret.clone()))
            }
            None => self.connection.authorizer(NullAuthorizer),
        };
        let kind = if self.secret.is_some() { Kind::Confidential } else { Kind::Native };
        let Connection { base } = connection.build()?;
        Ok((self.make)(AuthLoginClient::new(base, client_id, kind)))
    }
}

impl<C> fmt::Debug for LoginClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginClientBuilder")
            .field("connection", &self.connection)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
