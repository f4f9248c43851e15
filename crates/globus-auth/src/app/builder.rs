//! Setting up an app.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use globus_core::{
    ClientId, Config, Error, ErrorKind, InvalidId, Result, Scope, Secret, Service, scope,
    scope::{IntoScopes, ScopeError},
};

use super::{
    ClientApp, GlobusApp, Inner, Kind, RefreshTokens, TokenValidationErrorHandler, UserApp, handler::LogIn,
    sendable,
};
use crate::{
    AuthLoginClient, ConfidentialAppAuthClient, NativeAppAuthClient,
    login::{AutomaticLoginFlowManager, LoginFlowManager},
    storage::{JsonTokenStorage, TokenStorage},
};

/// Sets up a [`UserApp`]. Made by [`UserApp::builder`] and [`UserApp::for_client`].
#[must_use = "a builder does nothing until it is built"]
pub struct UserAppBuilder {
    settings: Settings,
    client: LogsInWith<Result<ClientId, InvalidId>, AuthLoginClient>,
    manager: Option<Arc<dyn LoginFlowManager>>,
    refresh_tokens: RefreshTokens,
    handler: Arc<dyn TokenValidationErrorHandler>,
}

/// Sets up a [`ClientApp`]. Made by [`ClientApp::builder`] and [`ClientApp::for_client`].
#[must_use = "a builder does nothing until it is built"]
pub struct ClientAppBuilder {
    settings: Settings,
    client: LogsInWith<(Result<ClientId, InvalidId>, Secret), ConfidentialAppAuthClient>,
}

enum LogsInWith<I, C> {
    Id(I),
    Client(C),
}

/// What both apps are set up with.
struct Settings {
    name: String,
    config: Option<Config>,
    storage: Option<Arc<dyn TokenStorage>>,
    auto_redrive_gares: Option<bool>,
    requirements: Vec<(String, Result<Vec<Scope>, ScopeError>)>,
}

impl Settings {
    fn new(name: String) -> Self {
        Self { name, config: None, storage: None, auto_redrive_gares: None, requirements: Vec::new() }
    }
}

/// What both builders take.
macro_rules! settings {
    () => {
        /// Uses this configuration instead of the environment's; clients made from the app use it too.
        pub fn config(mut self, config: Config) -> Self {
            self.settings.config = Some(config);
            self
        }

        /// Keeps tokens here. Default: a [`JsonTokenStorage`] where the Python SDK has the tokens of an app of this
        /// name and client id; see [`JsonTokenStorage::for_globus_app`].
        pub fn token_storage(mut self, storage: impl TokenStorage + 'static) -> Self {
            self.settings.storage = Some(Arc::new(storage));
            self
        }

        /// Requires scopes at a resource server, beside those of the clients made from the app: see
        /// [`GlobusApp::add_scope_requirements`].
        pub fn scope_requirements(
            mut self,
            resource_server: impl Into<String>,
            scopes: impl IntoScopes,
        ) -> Self {
            self.settings.requirements.push((resource_server.into(), scopes.into_scopes()));
            self
        }
    };
}

impl UserAppBuilder {
    fn new(name: String, client: LogsInWith<Result<ClientId, InvalidId>, AuthLoginClient>) -> Self {
        Self {
            settings: Settings::new(name),
            client,
            manager: None,
            refresh_tokens: RefreshTokens::Asked,
            handler: Arc::new(LogIn),
        }
    }

    pub(super) fn with_id(name: String, client_id: Result<ClientId, InvalidId>) -> Self {
        Self::new(name, LogsInWith::Id(client_id))
    }

    pub(super) fn with_client(name: String, client: AuthLoginClient) -> Self {
        Self::new(name, LogsInWith::Client(client))
    }

    settings!();

    /// Logs people in this way. Default: an [`AutomaticLoginFlowManager`], which opens a browser where there is one, and
    /// else asks at the terminal.
    ///
    /// A client with a secret needs to be told where the browser comes back to: see
    /// [`CommandLineLoginFlowManager`](crate::login::CommandLineLoginFlowManager::redirect_uri).
    pub fn login_flow_manager(mut self, manager: impl LoginFlowManager + 'static) -> Self {
        self.manager = Some(Arc::new(manager));
        self
    }

    /// Says whether logins ask for refresh tokens, with which the app goes on when the access tokens have expired after
    /// two days.
    ///
    /// Default: they do, and a stored login that has none is used while it is valid. With `true` a stored login
    /// without them will not do: right for a program that must not stop to ask. With `false` none are asked for. (The
    /// Python SDK asks for none by default.)
    pub fn request_refresh_tokens(mut self, wanted: bool) -> Self {
        self.refresh_tokens = if wanted { RefreshTokens::Demanded } else { RefreshTokens::Never };
        self
    }

    /// Says whether a call that is refused for what a login can bring logs the user in accordingly, and is made once
    /// more: see [`gare`](crate::gare). Once for each call; calls that are refused for the same reason share a login.
    ///
    /// Default: yes when the login flow manager [can ask somebody](LoginFlowManager::is_interactive). (The Python SDK
    /// does not by default.)
    pub fn auto_redrive_gares(mut self, redrive: bool) -> Self {
        self.settings.auto_redrive_gares = Some(redrive);
        self
    }

    /// Does this when no stored token will do for a call. Default: logs in, unless the stored tokens are of two
    /// people.
    pub fn token_validation_error_handler(
        mut self,
        handler: impl TokenValidationErrorHandler + 'static,
    ) -> Self {
        self.handler = Arc::new(handler);
        self
    }

    /// Makes the app. Sends nothing, and neither reads nor makes a file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a configuration value is wrong, the login client asks another Globus Auth than the
    /// configuration names, or there is no place for the tokens: no home directory, or a name that leaves nothing for a
    /// folder. [`ErrorKind::InvalidInput`] when the client id is no UUID, or a scope is none.
    pub fn build(self) -> Result<UserApp> {
        let config = self.settings.config()?;
        let client = match self.client {
            LogsInWith::Client(client) => client,
            LogsInWith::Id(id) => {
                let mut builder = NativeAppAuthClient::builder(id?).config(config.clone());
                if let Some(name) = sendable(&self.settings.name) {
                    builder = builder.app_name(name);
                }
                builder.build()?.into()
            }
        };
        let manager = self.manager.unwrap_or_else(|| Arc::new(AutomaticLoginFlowManager::new()));
        let redrive = self.settings.auto_redrive_gares.unwrap_or_else(|| manager.is_interactive());
        let kind = Kind::User { manager, refresh_tokens: self.refresh_tokens, handler: self.handler };
        let app = self.settings.build(client, kind, config, redrive)?;
        app.require(scope::auth::RESOURCE_SERVER, &[Scope::new(scope::auth::OPENID)?])?;
        Ok(UserApp(app))
    }
}

impl ClientAppBuilder {
    pub(super) fn with_secret(
        name: String,
        client_id: Result<ClientId, InvalidId>,
        client_secret: Secret,
    ) -> Self {
        Self { settings: Settings::new(name), client: LogsInWith::Id((client_id, client_secret)) }
    }

    pub(super) fn with_client(name: String, client: ConfidentialAppAuthClient) -> Self {
        Self { settings: Settings::new(name), client: LogsInWith::Client(client) }
    }

    settings!();

    /// Says whether a call that is refused for want of a consent has the client consent, with a new token, and is made
    /// once more: see [`gare`](crate::gare). Nothing else that a service asks for can be brought by a client. Default:
    /// no.
    pub fn auto_redrive_gares(mut self, redrive: bool) -> Self {
        self.settings.auto_redrive_gares = Some(redrive);
        self
    }

    /// Makes the app. Sends nothing, and neither reads nor makes a file.
    ///
    /// # Errors
    /// As [`UserAppBuilder::build`], and [`ErrorKind::InvalidInput`] when the secret is empty.
    pub fn build(self) -> Result<ClientApp> {
        let config = self.settings.config()?;
        let client = match self.client {
            LogsInWith::Client(client) => client,
            LogsInWith::Id((id, secret)) => {
                let mut builder = ConfidentialAppAuthClient::builder(id?, secret).config(config.clone());
                if let Some(name) = sendable(&self.settings.name) {
                    builder = builder.app_name(name);
                }
                builder.build()?
            }
        };
        let redrive = self.settings.auto_redrive_gares.unwrap_or(false);
        let kind = Kind::Client(client.clone());
        let app = self.settings.build(client.into(), kind, config, redrive)?;
        Ok(ClientApp(app))
    }
}

impl Settings {
    fn config(&self) -> Result<Config> {
        match &self.config {
            Some(config) => Ok(config.clone()),
            None => Ok(Config::from_env()?),
        }
    }

    fn build(
        self,
        client: AuthLoginClient,
        kind: Kind,
        config: Config,
        auto_redrive_gares: bool,
    ) -> Result<GlobusApp> {
        let (asks, says) = (client.base().base_url(), config.service_url(Service::Auth)?);
        if asks != says {
            let problem = format!(
                "the app's login client asks Globus Auth at {asks}, but the configuration says {says}: give both the \
                 same configuration"
            );
            return Err(Error::new(ErrorKind::Config, problem));
        }
        let storage = match self.storage {
            Some(storage) => storage,
            None => Arc::new(JsonTokenStorage::for_globus_app(
                client.client_id(),
                &self.name,
                config.environment_name(),
            )?),
        };
        let app = GlobusApp(Arc::new(Inner {
            name: self.name,
            client,
            kind,
            config,
            storage,
            auto_redrive_gares,
            servers: Mutex::default(),
            logins: Mutex::default(),
            consents: Mutex::default(),
        }));
        for (resource_server, scopes) in self.requirements {
            app.add_scope_requirements(&resource_server, scopes?)?;
        }
        Ok(app)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("auto_redrive_gares", &self.auto_redrive_gares)
            .field("requirements", &self.requirements)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UserAppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAppBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientAppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAppBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}
