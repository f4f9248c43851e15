//! Apps: a login, its tokens and where they are kept, behind one object that any service client is made from.
//!
//! A [`UserApp`] works for people: it logs somebody in when there is no stored login that will do, keeps what the login
//! gave, and renews it. A [`ClientApp`] works for a service account, with its own id and secret. Both are a
//! [`GlobusApp`], whose methods they have.
//!
//! ```no_run
//! # async fn example() -> globus_auth::Result<()> {
//! use globus_auth::{AuthClient, UserApp};
//!
//! let app = UserApp::new("my tool", "61338d24-54d5-408f-a10d-66c06b59f6d2")?;
//! let auth = AuthClient::builder().app(&app).build()?;
//! // Nobody has logged in yet? Then this call asks them to. The next run of the program finds the login.
//! println!("Hello {:?}", auth.userinfo().send().await?.name);
//! # Ok(()) }
//! ```
//!
//! # What an app sees to
//! - **Scopes.** Each client made from the app says which scopes it needs, and one login asks for all of them. When more
//!   are needed later, the next login asks for these and for all that there was before.
//! - **Login only when needed.** A stored login will do when it has the scopes, the user has consented to what they depend
//!   on, and it is valid or can be renewed. See [`login`](GlobusApp::login).
//! - **Renewal.** A token is renewed 60 s before it expires, under the lock of the storage: of many processes that share
//!   a login, one renews it and the others use what it got. A refresh token that Globus Auth replaced is stored before
//!   the new token is used.
//! - **What a service asks for.** When a call is refused because a consent, an identity or a second factor is missing,
//!   an interactive app logs its user in accordingly and makes the call once more. See
//!   [`auto_redrive_gares`](UserAppBuilder::auto_redrive_gares).
//! - **Logout.** [`logout`](GlobusApp::logout) revokes the tokens and removes them.
//!
//! Tasks and threads can share an app: clones are the same one. However many calls find that a login is needed, there is
//! one; when the call that began it is cancelled, another one that waits goes on with it.
//!
//! # The same files as the Python SDK
//! By default the tokens are where the Python SDK has those of an app of the same name and client id, in the same form:
//! one login serves both. Unlike there, a login asks for refresh tokens unless told otherwise.

mod authorizer;
mod builder;
mod handler;
mod login;
mod logout;
mod renewal;
mod servers;
mod validation;

use std::{
    collections::BTreeMap,
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use globus_core::{
    Authorizer, AuthorizerProvider, ClientId, Clock, Config, Error, ErrorKind, IntoId, Result, Scope, Secret,
    scope::{self, IntoScopes},
};

use self::{authorizer::AppAuthorizer, login::Logins, servers::Servers};
pub use self::{
    builder::{ClientAppBuilder, UserAppBuilder},
    handler::TokenValidationErrorHandler,
    logout::LogoutError,
};
use crate::{
    AuthLoginClient, ClientCredentials, ConfidentialAppAuthClient, consents::ConsentForest,
    login::LoginFlowManager, storage::TokenStorage,
};

/// Is an app of either sort: what [`UserApp`] and [`ClientApp`] have in common.
///
/// Code that takes both takes a `&GlobusApp`; a `&UserApp` or `&ClientApp` becomes one by itself. Cheap to clone: clones
/// are the same app.
#[derive(Clone)]
pub struct GlobusApp(Arc<Inner>);

struct Inner {
    name: String,
    client: AuthLoginClient,
    kind: Kind,
    config: Config,
    storage: Arc<dyn TokenStorage>,
    auto_redrive_gares: bool,
    servers: Mutex<Servers>,
    logins: Mutex<Logins>,
    /// What the user had consented to when that was last asked.
    consents: Mutex<Option<Arc<ConsentForest>>>,
}

enum Kind {
    User {
        manager: Arc<dyn LoginFlowManager>,
        refresh_tokens: RefreshTokens,
        handler: Arc<dyn TokenValidationErrorHandler>,
    },
    Client(ConfidentialAppAuthClient),
}

/// Whether logins ask for refresh tokens, and whether a stored login must have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RefreshTokens {
    Never,
    Asked,
    Demanded,
}

impl GlobusApp {
    /// Gives the app's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Gives the client id that the app logs in with.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.0.client.client_id()
    }

    /// Gives the client that the app logs in with.
    #[must_use]
    pub fn login_client(&self) -> &AuthLoginClient {
        &self.0.client
    }

    /// Gives where the app keeps its tokens.
    #[must_use]
    pub fn token_storage(&self) -> &Arc<dyn TokenStorage> {
        &self.0.storage
    }

    /// Lists the scopes that the app needs, by resource server. `openid` of Globus Auth is always among a user's: it
    /// tells who logged in.
    #[must_use]
    pub fn scope_requirements(&self) -> BTreeMap<String, Vec<Scope>> {
        self.servers().requirements()
    }

    /// Adds scopes that the app needs at a resource server. Clients made from the app do this by themselves.
    ///
    /// The next call there checks whether the stored login has them, and logs in if it has not. The resource server of a
    /// scope cannot be told from its text: each service documents it, and [`scope`] has those of the
    /// Globus services.
    ///
    /// ```no_run
    /// # fn example(app: globus_auth::UserApp) -> globus_auth::Result<()> {
    /// use globus_core::scope;
    ///
    /// let collection = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc".parse::<globus_core::CollectionId>()?;
    /// app.add_scope_requirements(
    ///     scope::transfer::RESOURCE_SERVER,
    ///     [scope::transfer::all_with_data_access([collection])],
    /// )?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is no scope, a text is none, or the scopes contradict those that are
    /// required already.
    pub fn add_scope_requirements(&self, resource_server: &str, scopes: impl IntoScopes) -> Result<()> {
        let scopes = scopes.into_scopes()?;
        if resource_server.is_empty() || scopes.is_empty() {
            let what = if resource_server.is_empty() { "resource server" } else { "scope" };
            return Err(Error::invalid_input(format!("a scope requirement needs a {what}")));
        }
        self.require(resource_server, &scopes)
    }

    fn require(&self, resource_server: &str, scopes: &[Scope]) -> Result<()> {
        let mut servers = self.servers();
        let server = servers.entry(resource_server, &self.0);
        let merged = scope::merge(&server.scopes, scopes)?;
        if merged != server.scopes {
            server.scopes = merged;
            server.slot.reset(&self.0, resource_server);
        }
        Ok(())
    }

    /// Gives the authorizer for a resource server, for requests that no client of the SDK makes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when no scope is required there: see
    /// [`add_scope_requirements`](Self::add_scope_requirements).
    #[doc(alias = "get_authorizer")]
    pub fn authorizer(&self, resource_server: &str) -> Result<Arc<dyn Authorizer>> {
        let slot = self.servers().slot(resource_server).ok_or_else(|| {
            Error::invalid_input(format!(
                "the app {:?} needs no scope at {resource_server}: a client without scopes of its own is given \
                 them with app_scopes",
                self.0.name
            ))
        })?;
        Ok(Arc::new(AppAuthorizer::new(self.clone(), resource_server, slot)))
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        self.0.client.base().clock()
    }

    fn servers(&self) -> MutexGuard<'_, Servers> {
        self.0.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuthorizerProvider for GlobusApp {
    fn authorizer_for(&self, resource_server: &str, scopes: &[Scope]) -> Result<Arc<dyn Authorizer>> {
        if !scopes.is_empty() {
            self.require(resource_server, scopes)?;
        }
        self.authorizer(resource_server)
    }

    fn config(&self) -> Config {
        self.0.config.clone()
    }

    fn app_name(&self) -> Option<String> {
        sendable(&self.0.name).map(str::to_owned)
    }
}

/// Gives a name if it can be sent in a header.
fn sendable(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty() && name.chars().all(|c| matches!(c, ' '..='~')))
}

impl fmt::Debug for GlobusApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("GlobusApp");
        debug.field("name", &self.0.name).field("client_id", &self.client_id());
        if let Kind::User { manager, refresh_tokens, .. } = &self.0.kind {
            debug.field("login_flow_manager", manager).field("refresh_tokens", refresh_tokens);
        }
        debug.field("scope_requirements", &self.scope_requirements()).finish_non_exhaustive()
    }
}

/// Works for a person, who logs in when that is needed. Has the methods of [`GlobusApp`].
///
/// ```no_run
/// # async fn example() -> globus_auth::Result<()> {
/// use globus_auth::{AuthClient, UserApp};
///
/// let app = UserApp::new("my tool", "61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let auth = AuthClient::builder().app(&app).build()?;
/// app.login().await?; // only if the stored login will not do; without it, the first call does the same
/// println!("{:?}", auth.userinfo().send().await?.preferred_username);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct UserApp(GlobusApp);

impl UserApp {
    /// Makes an app that logs people in with a client id, with the configuration of the environment. Sends nothing.
    ///
    /// Register the client at <https://app.globus.org/settings/developers> as a "thick client". The name tells apps
    /// of one client apart: it becomes part of the place where tokens are kept, and is what the user sees in the list of
    /// their consents.
    ///
    /// # Errors
    /// As [`UserAppBuilder::build`].
    pub fn new(name: impl Into<String>, client_id: impl IntoId<ClientId>) -> Result<Self> {
        Self::builder(name, client_id).build()
    }

    /// Starts to set up an app that logs people in with a client id.
    pub fn builder(name: impl Into<String>, client_id: impl IntoId<ClientId>) -> UserAppBuilder {
        UserAppBuilder::with_id(name.into(), client_id.into_id())
    }

    /// Starts to set up an app that logs people in with this client: one that has a secret, say, or a transport or
    /// retry policy of its own.
    pub fn for_client(name: impl Into<String>, client: impl Into<AuthLoginClient>) -> UserAppBuilder {
        UserAppBuilder::with_client(name.into(), client.into())
    }
}

/// Works for a service account: a registered client that acts in its own name. Has the methods of [`GlobusApp`].
///
/// It never needs anybody to log in: a token is requested when a resource server is first called, and again when it
/// expires.
///
/// ```no_run
/// # async fn example() -> globus_auth::Result<()> {
/// use globus_auth::{AuthClient, ClientApp};
///
/// let app = ClientApp::from_env("my service")?; // GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET
/// let auth = AuthClient::builder().app(&app).build()?;
/// println!("{}", auth.userinfo().send().await?.sub);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ClientApp(GlobusApp);

impl ClientApp {
    /// Makes the app of a client with its id and secret, with the configuration of the environment. Sends nothing.
    ///
    /// # Errors
    /// As [`ClientAppBuilder::build`].
    pub fn new(
        name: impl Into<String>,
        client_id: impl IntoId<ClientId>,
        client_secret: impl Into<Secret>,
    ) -> Result<Self> {
        Self::builder(name, client_id, client_secret).build()
    }

    /// Makes the app of the client whose id and secret are in the environment: see
    /// [`ClientCredentials::from_env`].
    ///
    /// # Errors
    /// A [`CredentialsError`](crate::CredentialsError) beneath, which names the variable that is missing or wrong; and
    /// as [`ClientAppBuilder::build`].
    pub fn from_env(name: impl Into<String>) -> Result<Self> {
        let credentials = ClientCredentials::from_env()?;
        Self::new(name, credentials.client_id(), credentials.client_secret().clone())
    }

    /// Starts to set up the app of a client with its id and secret.
    pub fn builder(
        name: impl Into<String>,
        client_id: impl IntoId<ClientId>,
        client_secret: impl Into<Secret>,
    ) -> ClientAppBuilder {
        ClientAppBuilder::with_secret(name.into(), client_id.into_id(), client_secret.into())
    }

    /// Starts to set up the app of this client: one that has a transport or a retry policy of its own, say.
    pub fn for_client(name: impl Into<String>, client: ConfidentialAppAuthClient) -> ClientAppBuilder {
        ClientAppBuilder::with_client(name.into(), client)
    }
}

macro_rules! is_an_app {
    ($($App:ident),*) => { $(
        impl Deref for $App {
            type Target = GlobusApp;

            fn deref(&self) -> &GlobusApp {
                &self.0
            }
        }

        impl From<$App> for GlobusApp {
            fn from(app: $App) -> Self {
                app.0
            }
        }

        impl AuthorizerProvider for $App {
            fn authorizer_for(
                &self,
                resource_server: &str,
                scopes: &[Scope],
            ) -> Result<Arc<dyn Authorizer>> {
                self.0.authorizer_for(resource_server, scopes)
            }

            fn config(&self) -> Config {
                AuthorizerProvider::config(&self.0)
            }

            fn app_name(&self) -> Option<String> {
                self.0.app_name()
            }
        }
    )* };
}

is_an_app!(UserApp, ClientApp);

/// Says what went wrong inside an app where only it can be the reason.
fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Auth, message).with_never_sent(true)
}
