//! Logging in: once for all who need it.

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError, Weak},
};

use globus_core::{Error, Result, Scope, scope};
use http::HeaderValue;
use tracing::info;

use super::{GlobusApp, Kind, RefreshTokens, failed, renewal};
use crate::{
    OAuthTokenResponse,
    authorizers::{bearer, renewal_failed},
    flight::{Flight, Outcome},
    gare::{AuthorizationParameters, Gare},
    login::LoginRequest,
    storage::{TokenData, stored_identity, validate_identity},
};

tokio::task_local! {
    /// Is set while a login is under way, which must not wait for itself.
    static LOGGING_IN: ();
}

/// Tells whether this is part of a login: a login flow manager that uses clients of the app, say.
pub(super) fn is_under_way_here() -> bool {
    LOGGING_IN.try_with(|()| ()).is_ok()
}

/// Why somebody is to log in.
#[derive(Clone, PartialEq)]
enum Wanted {
    /// Only if no stored login will do.
    WhatIsMissing,
    /// In any case, and so.
    Login(AuthorizationParameters),
}

type LoginFlight = Flight<Result<()>>;

/// The login that is under way, and the last one.
#[derive(Default)]
pub(super) struct Logins {
    /// Only who waits for a login keeps it: it ends when the last of them leaves.
    under_way: Option<(Wanted, Weak<LoginFlight>)>,
    last: Option<Done>,
}

struct Done {
    parameters: AuthorizationParameters,
    /// The credentials that the login put others in place of.
    replaced: Vec<HeaderValue>,
}

impl GlobusApp {
    /// Logs in, if no stored login will do: see [`login_required`](Self::login_required).
    ///
    /// A user is asked through the app's login flow manager, for all scopes that the app needs, and for those that the
    /// stored login has beyond these. A service account requests all its tokens at once. Clients made from the app do
    /// this by themselves when a call needs it.
    ///
    /// # Errors
    /// What the login flow manager says: a [`LoginError`](crate::LoginError) beneath, when the user declined, say. A
    /// [`TokenValidationError`](crate::storage::TokenValidationError) beneath, when the login lacks required scopes, or
    /// is somebody else's than the stored one: nothing is stored then. A
    /// [`StorageError`](crate::storage::StorageError) beneath, when it could not be stored.
    pub async fn login(&self) -> Result<()> {
        // A login that began before may not bring what is required by now.
        while !self.join_login(&Wanted::WhatIsMissing).await? {}
        Ok(())
    }

    /// Logs in, also where a stored login would do.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub async fn force_login(&self) -> Result<()> {
        self.login_with(AuthorizationParameters::default()).await
    }

    /// Logs in with what a service said is missing: a [`Gare`], or its parameters.
    ///
    /// The scopes that they require join those that the app needs. For a service account, only these scopes count:
    /// nobody is there for the rest.
    ///
    /// ```no_run
    /// # async fn example(app: globus_auth::UserApp, error: globus_auth::Error) -> globus_auth::Result<()> {
    /// use globus_auth::gare::Gare;
    ///
    /// if let Some(gare) = Gare::from_error(&error) {
    ///     app.login_with(gare).await?;
    ///     // … and the same call may succeed.
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`login`](Self::login), and [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when a required
    /// scope is none.
    pub async fn login_with(&self, parameters: impl Into<AuthorizationParameters>) -> Result<()> {
        let wanted = Wanted::Login(parameters.into());
        self.join_login(&wanted).await.map(drop)
    }

    /// Logs in with what an error says is missing: a refused call may then be made again, and a run of a flow that waits
    /// for its owner be resumed.
    ///
    /// The error gives a [`Gare`] if a login can help ([`Gare::from_error`]); else it is given back, so
    /// that `?` ends what cannot go on. A service account can bring consents and nothing else.
    ///
    /// ```no_run
    /// # async fn example(app: globus_auth::UserApp, auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
    /// let projects = match auth.get_projects().send().await {
    ///     Err(error) => {
    ///         app.login_for(error).await?;
    ///         auth.get_projects().send().await?
    ///     }
    ///     Ok(projects) => projects,
    /// };
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The error itself, when a login would not help; else as [`login_with`](Self::login_with).
    pub async fn login_for(&self, error: impl Into<Error>) -> Result<()> {
        let error = error.into();
        match Gare::from_error(&error) {
            Some(gare) if self.can_bring(&gare.authorization_parameters) => self.login_with(gare).await,
            _ => Err(error),
        }
    }

    /// Tells whether somebody is there to do what is asked for.
    fn can_bring(&self, parameters: &AuthorizationParameters) -> bool {
        let asks_for_scopes = parameters.required_scopes.as_ref().is_some_and(|scopes| !scopes.is_empty());
        asks_for_scopes || matches!(self.0.kind, Kind::User { .. })
    }

    /// Describes the login that the app needs, for programs that run it themselves, such as web applications: begin it
    /// with [`LoginRequest::begin`], end it with the login client's `finish`, and give the tokens to
    /// [`store_token_response`](Self::store_token_response).
    ///
    /// # Errors
    /// When the storage cannot be read, or scopes contradict each other.
    pub async fn login_request(
        &self,
        parameters: impl Into<AuthorizationParameters>,
    ) -> Result<LoginRequest> {
        let parameters = parameters.into();
        let scopes = self.scopes_to_ask_for(&self.scope_requirements(), &parameters).await?;
        self.request_for(&scopes, parameters)
    }

    /// Stores what a login brought that the app did not run itself; its clients use it from then on.
    ///
    /// # Errors
    /// As [`login`](Self::login), once somebody has logged in.
    pub async fn store_token_response(&self, tokens: &OAuthTokenResponse) -> Result<()> {
        self.store_login(tokens, &self.scope_requirements()).await?;
        self.servers().reset(&self.0);
        *self.consents() = None;
        Ok(())
    }

    /// Makes the login that a service asked for, unless that was done since `used` was sent. Gives whether the call is to
    /// be made again.
    pub(super) async fn redrive(
        &self,
        parameters: AuthorizationParameters,
        used: Option<&HeaderValue>,
    ) -> Result<bool> {
        if is_under_way_here() || !self.can_bring(&parameters) {
            return Ok(false);
        }
        let wanted = demands(&parameters);
        let done = self.logins().last.as_ref().is_some_and(|last| {
            demands(&last.parameters) == wanted && used.is_some_and(|used| last.replaced.contains(used))
        });
        if !done {
            self.join_login(&Wanted::Login(parameters)).await?;
        }
        Ok(true)
    }

    /// Waits for a login of this kind, which is begun unless it is under way. False when the one that was under way may
    /// not have brought all that is required.
    async fn join_login(&self, wanted: &Wanted) -> Result<bool> {
        if is_under_way_here() {
            return Err(failed("a login of the app is under way, and cannot wait for itself"));
        }
        loop {
            let (flight, of_this_kind, begun_here) = self.flight_for(wanted);
            let outcome = flight.join().await;
            self.logins().forget(&flight);
            match outcome {
                Outcome::Landed { result, .. } if of_this_kind => {
                    return result.map(|()| begun_here || *wanted != Wanted::WhatIsMissing);
                }
                // Only one login at a time: two would not know whose turn it is at the terminal.
                Outcome::Landed { .. } | Outcome::Lost => {}
            }
        }
    }

    fn flight_for(&self, wanted: &Wanted) -> (Arc<LoginFlight>, bool, bool) {
        let mut logins = self.logins();
        if let Some((kind, flight)) = &logins.under_way
            && let Some(flight) = flight.upgrade()
        {
            return (flight, kind.is_like(wanted), false);
        }
        let (app, kind) = (self.clone(), wanted.clone());
        let work = LOGGING_IN.scope((), async move { app.run_login(kind).await });
        let flight = Arc::new(Flight::new(work));
        logins.under_way = Some((wanted.clone(), Arc::downgrade(&flight)));
        (flight, true, true)
    }

    async fn run_login(self, wanted: Wanted) -> Result<()> {
        let parameters = match wanted {
            Wanted::Login(parameters) => parameters,
            Wanted::WhatIsMissing if self.login_required().await? => AuthorizationParameters::default(),
            Wanted::WhatIsMissing => return Ok(()),
        };
        let required = self.scope_requirements();
        let scopes = self.scopes_to_ask_for(&required, &parameters).await?;
        let tokens = match &self.0.kind {
            Kind::User { manager, .. } => {
                // Nobody is asked to log in for nothing.
                drop(self.0.storage.lock().await?);
                let request = self.request_for(&scopes, parameters.clone())?;
                manager.run_login_flow(&self.0.client, &request).await?
            }
            Kind::Client(client) => {
                client.oauth2_client_credentials_tokens(&scopes).send().await.map_err(|error: Error| {
                    renewal_failed(&format!("the client's credentials gave no tokens: {error}"), error)
                })?
            }
        };
        let replaced = self.store_login(&tokens, &required).await?;
        let mut servers = self.servers();
        servers.note_asked_for(&scopes)?;
        servers.reset(&self.0);
        drop(servers);
        *self.consents() = None;
        self.logins().last = Some(Done { parameters, replaced });
        info!(app = self.0.name, client_id = %self.client_id(), "logged in");
        Ok(())
    }

    /// Lists what the app needs, what a service asks for, and what the stored tokens have beyond: they are replaced.
    async fn scopes_to_ask_for(
        &self,
        required: &BTreeMap<String, Vec<Scope>>,
        parameters: &AuthorizationParameters,
    ) -> Result<Vec<Scope>> {
        let mut scopes = parameters.scopes()?;
        for of_one in required.values() {
            scopes = scope::merge(&scopes, of_one)?;
        }
        if let Kind::Client(_) = self.0.kind {
            return Ok(scopes);
        }
        for (resource_server, of_one) in required {
            let stored = self.stored(resource_server).await?;
            let alive = stored.filter(|token| self.is_valid(token) || self.is_renewable(token));
            let more: Vec<Scope> = alive
                .iter()
                .flat_map(|token| token.scope.split_whitespace())
                .filter(|name| of_one.iter().all(|scope| scope.name() != *name))
                .filter_map(|name| Scope::new(name).ok())
                .collect();
            scopes = scope::merge(&scopes, &more)?;
        }
        Ok(scopes)
    }

    fn request_for(&self, scopes: &[Scope], parameters: AuthorizationParameters) -> Result<LoginRequest> {
        let refresh_tokens = matches!(
            self.0.kind,
            Kind::User { refresh_tokens: RefreshTokens::Asked | RefreshTokens::Demanded, .. }
        );
        let label = match host_name() {
            Some(host) => format!("{} on {host}", self.0.name),
            None => self.0.name.clone(),
        };
        LoginRequest::new(scopes)?
            .with_refresh_tokens(refresh_tokens)
            .with_prefill_named_grant(label)
            .with_authorization_parameters(parameters)
    }

    /// Stores what a login brought, if it is what is required and nobody else's. Gives the credentials that it
    /// replaced.
    async fn store_login(
        &self,
        tokens: &OAuthTokenResponse,
        required: &BTreeMap<String, Vec<Scope>>,
    ) -> Result<Vec<HeaderValue>> {
        for (resource_server, scopes) in required {
            TokenData::from(renewal::of_resource_server(tokens, resource_server)?).validate_scopes(scopes)?;
        }
        let identity = match tokens.id_token() {
            Some(_) => Some(tokens.decode_id_token(self.0.client.clone()).await?.sub),
            None => None,
        };
        let mut locked = self.0.storage.lock().await?;
        if let Kind::User { .. } = self.0.kind {
            validate_identity(stored_identity(locked.tokens())?, identity)?;
        }
        let mut replaced = Vec::new();
        for token in tokens.tokens() {
            let stored = locked.get(&token.resource_server).cloned();
            let in_use = stored.map(|stored| self.servers().in_place_of(stored));
            replaced.extend(in_use.and_then(|token| bearer(&token.access_token).ok()));
            locked.insert(TokenData::from(token).with_identity_id(identity));
        }
        locked.commit().await?;
        Ok(replaced)
    }

    pub(super) fn logins(&self) -> MutexGuard<'_, Logins> {
        self.0.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    /// True when one login does for both.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::WhatIsMissing, Self::WhatIsMissing) => true,
            (Self::Login(ours), Self::Login(theirs)) => demands(ours) == demands(theirs),
            _ => false,
        }
    }
}

impl Logins {
    fn forget(&mut self, landed: &Arc<LoginFlight>) {
        let is_it = |flight: &Weak<LoginFlight>| std::ptr::eq(flight.as_ptr(), Arc::as_ptr(landed));
        self.under_way.take_if(|(_, flight)| is_it(flight));
    }
}

/// What is asked for, without the words that it is asked in.
fn demands(parameters: &AuthorizationParameters) -> AuthorizationParameters {
    let mut demands = parameters.clone();
    demands.session_message = None;
    demands
}

fn host_name() -> Option<String> {
    let file = |path| std::fs::read_to_string(path).ok();
    let variable = |name| std::env::var(name).ok();
    let name = file("/proc/sys/kernel/hostname")
        .or_else(|| file("/etc/hostname"))
        .or_else(|| variable("COMPUTERNAME"))
        .or_else(|| variable("HOSTNAME"))?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
