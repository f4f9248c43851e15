//! Authorization by a refresh token.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use globus_core::{Authorizer, Error, Result, Secret, Timestamp};
use http::HeaderValue;

use super::renewing::{OnRefresh, Renewing, TokenSource, failed, the_one};
use crate::{AuthLoginClient, OAuthTokenResponse};

/// Sends an access token, and renews it with a refresh token: for work in a user's name that goes on for days.
///
/// The access token is got when it is first needed, 60 s before it expires, and when a service rejects it. However
/// many calls wait for it, there is one token request; a call that is cancelled meanwhile takes nothing from the
/// others. When an early renewal fails, the token that is still valid is used, and the next try is made 10 s
/// later. When Globus Auth gives a new refresh token, it is used from then on.
///
/// To use one authorizer with several clients, share it in an [`Arc`].
///
/// ```no_run
/// # fn example(saved_refresh_token: &str) -> globus_core::Result<()> {
/// use globus_auth::{NativeAppAuthClient, RefreshTokenAuthorizer};
///
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let authorizer = RefreshTokenAuthorizer::new(saved_refresh_token, client);
/// # Ok(()) }
/// ```
pub struct RefreshTokenAuthorizer(Renewing);

impl RefreshTokenAuthorizer {
    /// Makes the authorizer. Sends nothing.
    ///
    /// The client must be the one that the refresh token was given to.
    #[must_use]
    pub fn new(refresh_token: impl Into<Secret>, client: impl Into<AuthLoginClient>) -> Self {
        let client = client.into();
        let clock = Arc::clone(client.base().clock());
        let source = RefreshToken { client, refresh_token: Mutex::new(refresh_token.into()) };
        Self(Renewing::new(Arc::new(source), clock))
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
    ///
    /// A new refresh token stands in the answer; save it when it is there, and keep the old one when it is not.
    #[must_use]
    pub fn on_refresh(mut self, hook: impl OnRefresh + 'static) -> Self {
        self.0.set_on_refresh(hook);
        self
    }
}

impl fmt::Debug for RefreshTokenAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RefreshTokenAuthorizer").field(&self.0).finish()
    }
}

#[async_trait]
impl Authorizer for RefreshTokenAuthorizer {
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
struct RefreshToken {
    client: AuthLoginClient,
    refresh_token: Mutex<Secret>,
}

#[async_trait]
impl TokenSource for RefreshToken {
    async fn fetch(&self) -> Result<OAuthTokenResponse> {
        let refresh_token = self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let tokens =
            self.client.oauth2_refresh_token(refresh_token).send().await.map_err(|error: Error| {
                failed(&format!("the token could not be refreshed: {error}"), error)
            })?;
        // The old one may be of no use any more, whatever becomes of the rest of this answer.
        if let Ok(token) = the_one(&tokens)
            && let Some(new) = &token.refresh_token
        {
            self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner).clone_from(new);
        }
        Ok(tokens)
    }
}
