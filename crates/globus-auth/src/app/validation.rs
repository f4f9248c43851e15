//! Whether a stored token will do for an app.

use std::sync::{Arc, MutexGuard, PoisonError};

use globus_core::{IdentityId, Result, Scope, ServiceClient, scope};

use super::{GlobusApp, Kind, RefreshTokens};
use crate::{
    AccessTokenAuthorizer, AuthClient,
    consents::ConsentForest,
    storage::{TokenData, TokenValidationError},
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
