//! Whether a stored token will do for an app.

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use globus_core::{
    IdentityId, Result, Scope, ServiceClient, Timestamp,
    scope::{self, IntoScopes},
};

use super::{GlobusApp, Kind, RefreshTokens};
use crate::{
    AccessTokenAuthorizer, AuthClient,
    consents::ConsentForest,
    gare::AuthorizationParameters,
    storage::{Preflight, TokenData, TokenValidationError, stored_identity},
};

impl GlobusApp {
    /// Tells whether [`login`](Self::login) would log somebody in: whether, for any resource server that the app needs,
    /// no stored token will do.
    ///
    /// Asks Globus Auth only where scopes depend on others, and at most once for each login.
    ///
    /// # Errors
    /// When the storage cannot be read, or Globus Auth cannot be asked.
    pub async fn login_required(&self) -> Result<bool> {
        let required = self.servers().names();
        for resource_server in required {
            match self.validated(&resource_server).await {
                Ok(_) => {}
                Err(error) if TokenValidationError::from_error(&error).is_some() => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Tells whether a job that starts now and needs these scopes, beside those that the app needs, will still be
    /// authorised when it ends. Gives until when it may go on: `None` when all tokens can be renewed.
    ///
    /// What scopes depend on is checked too. Nobody is asked to log in; a service account requests the tokens that it
    /// does not have, which is the check.
    ///
    /// ```no_run
    /// # async fn example(app: globus_auth::UserApp) -> globus_auth::Result<()> {
    /// use std::time::Duration;
    /// use globus_core::scope;
    ///
    /// app.check(Duration::from_secs(7 * 86_400), scope::transfer::ALL).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// An [`Unprepared`](crate::storage::Unprepared) beneath, with all that is missing, or a [`TokenValidationError`] when
    /// the stored login will not do even now: [`login`](Self::login) mends both, where it gives refresh tokens. When the
    /// storage cannot be read, or Globus Auth cannot be asked.
    pub async fn check(&self, valid_for: Duration, scopes: impl IntoScopes) -> Result<Option<Timestamp>> {
        let mut needed = scopes.into_scopes()?;
        for scopes in self.scope_requirements().values() {
            needed = scope::merge(&needed, scopes)?;
        }
        let job = Preflight::new(&needed)?.valid_for(valid_for);
        if let Kind::Client(_) = self.0.kind {
            let tokens = self.all_stored().await?;
            if job.renewable(true).check(&tokens, self.clock().now()).is_err() {
                self.login_with(AuthorizationParameters::default().with_required_scopes(&needed)).await?;
            }
            return Ok(None);
        }
        let required = self.servers().names();
        for resource_server in required {
            self.validated(&resource_server).await?;
        }
        let tokens = self.all_stored().await?;
        let now = self.clock().now();
        let end = job.check(&tokens, now)?;
        needed.retain(|scope| !scope.dependencies().is_empty());
        if !needed.is_empty()
            && let Some(identity) = stored_identity(&tokens)?
        {
            let consents = self.ask_for_consents(identity).await?;
            Preflight::new(&needed)?.consents(&consents).check(&tokens, now)?;
        }
        Ok(end)
    }

    async fn all_stored(&self) -> Result<BTreeMap<String, TokenData>> {
        let stored = self.0.storage.get_token_data_by_resource_server().await?;
        let servers = self.servers();
        Ok(stored.into_iter().map(|(name, token)| (name, servers.in_place_of(token))).collect())
    }

    /// Gives the stored token, or what stands for it.
    pub(super) async fn stored(&self, resource_server: &str) -> Result<Option<TokenData>> {
        let stored = self.0.storage.get_token_data(resource_server).await?;
        Ok(stored.map(|token| self.servers().in_place_of(token)))
    }

    /// Gives the stored token if it will do, perhaps after it is renewed.
    pub(super) async fn validated(&self, resource_server: &str) -> Result<TokenData> {
        let stored = self.stored(resource_server).await?;
        let token = stored.ok_or_else(|| TokenValidationError::missing_token(resource_server))?;
        self.validate(&token)?;
        self.validate_dependencies(&token).await?;
        Ok(token)
    }

    /// Checks all that the token itself tells: whether it is valid or can be renewed, then its scopes.
    pub(super) fn validate(&self, token: &TokenData) -> Result<(), TokenValidationError> {
        if let Kind::User { refresh_tokens: RefreshTokens::Demanded, .. } = self.0.kind {
            token.validate_refresh_token()?;
        }
        if !self.is_valid(token) && !self.is_renewable(token) {
            let resource_server = token.resource_server.clone();
            if self.servers().is_refused(token) {
                return Err(TokenValidationError::RefreshRefused { resource_server });
            }
            token.validate_unexpired_or_refreshable(self.clock().now())?;
            return Err(TokenValidationError::Rejected { resource_server });
        }
        token.validate_scopes(&self.servers().scopes(&token.resource_server))
    }

    /// True when services take the token now, as far as is known.
    pub(super) fn is_valid(&self, token: &TokenData) -> bool {
        !token.is_expired(self.clock().now()) && !self.servers().is_rejected(token)
    }

    /// True when the token's refresh token may get another one.
    pub(super) fn is_renewable(&self, token: &TokenData) -> bool {
        token.refresh_token.is_some() && !self.servers().is_refused(token)
    }

    /// Checks that what the required scopes depend on is consented to: the token does not tell.
    async fn validate_dependencies(&self, token: &TokenData) -> Result<()> {
        let required = self.servers().unsettled(&token.resource_server);
        if required.is_empty() {
            return Ok(());
        }
        let missing = |missing: Vec<Scope>| TokenValidationError::MissingConsents {
            resource_server: token.resource_server.clone(),
            missing: missing.iter().map(ToString::to_string).collect(),
        };
        let Kind::User { .. } = self.0.kind else {
            // To ask for a token is to consent, and costs no more than to ask for the consents.
            return Err(missing(required).into());
        };
        // Of a login made by an older program it is not known whose it is.
        let Some(identity) = token.identity_id else { return Ok(()) };
        let known = self.consents().clone();
        if known.is_some_and(|consents| consents.meets_scope_requirements(&required)) {
            return Ok(());
        }
        let consents = Arc::new(self.ask_for_consents(identity).await?);
        *self.consents() = Some(Arc::clone(&consents));
        match consents.unmet_scope_requirements(&required) {
            unmet if unmet.is_empty() => Ok(()),
            unmet => Err(missing(unmet.into_iter().cloned().collect()).into()),
        }
    }

    async fn ask_for_consents(&self, identity: IdentityId) -> Result<ConsentForest> {
        let resource_server = scope::auth::RESOURCE_SERVER;
        let stored = self.stored(resource_server).await?;
        let token = stored.ok_or_else(|| TokenValidationError::missing_token(resource_server))?;
        self.validate(&token)?;
        let token = self.renewed(token).await?;
        let authorizer = AccessTokenAuthorizer::new(token.access_token);
        let auth = AuthClient::from_base(self.0.client.base().authorized_by(authorizer));
        auth.get_consents(identity).send().await
    }

    pub(super) fn consents(&self) -> MutexGuard<'_, Option<Arc<ConsentForest>>> {
        self.0.consents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
