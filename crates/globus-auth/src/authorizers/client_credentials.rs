//! Authorization as a registered client itself: a service account.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use globus_core::{
    Authorizer, Error, Result, Scope, Secret, Timestamp,
    scope::{self, IntoScopes},
};
use http::HeaderValue;

use super::renewing::{OnRefresh, Renewing, TokenSource, failed};
use crate::{ConfidentialAppAuthClient, OAuthTokenResponse};

/// Sends an access token of the client itself, and gets another one when it is needed: for services and CI.
///
/// The token is got when it is first needed, 60 s before it expires, and when a service rejects it. However many
/// calls wait for it, there is one token request; a call that is cancelled meanwhile takes nothing from the others.
/// When an early renewal fails, the token that is still valid is used, and the next try is made 10 s later.
///
/// One authorizer serves one resource server: make one for each. To use one with several clients, share it in an
/// [`Arc`].
///
/// ```no_run
/// # fn example() -> globus_core::Result<()> {
/// use globus_auth::{ClientCredentialsAuthorizer, ConfidentialAppAuthClient};
/// use globus_core::scope;
///
/// let client = ConfidentialAppAuthClient::new("6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c", "the secret")?;
/// let authorizer = ClientCredentialsAuthorizer::new(client, scope::transfer::ALL)?;
/// # Ok(()) }
/// ```
pub struct ClientCredentialsAuthorizer(Renewing);

impl ClientCredentialsAuthorizer {
    /// Makes the authorizer. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when there is no scope, or a text is none.
    pub fn new(client: ConfidentialAppAuthClient, scopes: impl IntoScopes) -> Result<Self> {
        let scopes = scopes.into_scopes()?;
        scope::serialize(&scopes)?;
        let clock = Arc::clone(client.base().clock());
        Ok(Self(Renewing::new(Arc::new(ClientCredentials { client, scopes }), clock)))
    }

    /// Begins with this access token, so that none has to be got while it is valid.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when the text cannot be a token.
    pub fn with_access_token(self, access_token: impl Into<Secret>, expires_at: Timestamp) -> Result<Self> {
        self.0.set_token(&access_token.into(), expires_at)?;
        Ok(self)
    }

    /// Calls this with every new token, and waits for it, before the token is used. See [`OnRefresh`].
    #[must_use]
    pub fn on_refresh(mut self, hook: impl OnRefresh + 'static) -> Self {
        self.0.set_on_refresh(hook);
        self
    }
}

impl fmt::Debug for ClientCredentialsAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientCredentialsAuthorizer").field(&self.0).finish()
    }
}

#[async_trait]
impl Authorizer for ClientCredentialsAuthorizer {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        self.0.header().await.map(Some)
    }

    fn ready_header(&self) -> Option<HeaderValue> {
        self.0.ready_header()
    }

    async fn handle_missing_authorization(&self, rejected: Option<&HeaderValue>) -> Result<bool> {
        Ok(self.0.reject(rejected))
    }
}

#[derive(Debug)]
struct ClientCredentials {
    client: ConfidentialAppAuthClient,
    scopes: Vec<Scope>,
}

#[async_trait]
impl TokenSource for ClientCredentials {
    async fn fetch(&self) -> Result<OAuthTokenResponse> {
        self.client.oauth2_client_credentials_tokens(&self.scopes).send().await.map_err(|error: Error| {
            failed(&format!("the client's credentials gave no token: {error}"), error)
        })
    }
}
