//! Authorizers that never change: nobody, a client's id and secret, a token.

use std::fmt;

use async_trait::async_trait;
use globus_core::{Authorizer, Result, Secret};
use http::HeaderValue;

use super::header;

/// Sends requests without credentials, and removes an `Authorization` header that was set by hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct NullAuthorizer;

#[async_trait]
impl Authorizer for NullAuthorizer {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(None)
    }
}

/// Sends a name and a password: for a registered client, its id and secret.
///
/// Both go out as they are, without percent-encoding. A name or password that cannot be sent gives its error when
/// a request is made.
#[derive(Clone)]
pub struct BasicAuthorizer {
    username: String,
    header: Result<HeaderValue>,
}

impl BasicAuthorizer {
    /// Makes the authorizer.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        let username = username.into();
        Self { header: header::basic(&username, &password.into()), username }
    }
}

impl fmt::Debug for BasicAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicAuthorizer").field("username", &self.username).finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorizer for BasicAuthorizer {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        self.header.clone().map(Some)
    }

    fn ready_header(&self) -> Option<HeaderValue> {
        self.header.as_ref().ok().cloned()
    }
}

/// Sends one access token until it expires; it cannot be renewed.
///
/// A text that cannot be a token (with a line break at its end, say) gives its error when a request is made.
///
/// ```
/// use globus_auth::AccessTokenAuthorizer;
/// let authorizer = AccessTokenAuthorizer::new("AgExample");
/// assert!(!format!("{authorizer:?}").contains("AgExample"));
/// ```
#[derive(Clone)]
pub struct AccessTokenAuthorizer {
    header: Result<HeaderValue>,
}

impl AccessTokenAuthorizer {
    /// Makes the authorizer.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { header: header::bearer(&access_token.into()) }
    }
}

impl fmt::Debug for AccessTokenAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenAuthorizer").finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorizer for AccessTokenAuthorizer {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        self.header.clone().map(Some)
    }

    fn ready_header(&self) -> Option<HeaderValue> {
        self.header.as_ref().ok().cloned()
    }
}
