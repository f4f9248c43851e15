//! What the clients of an app make their requests with.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use globus_core::{Authorizer, Error, Result};
use http::HeaderValue;
use tracing::debug;

use super::{GlobusApp, Inner, Kind, failed, login, servers::Slot};
use crate::{
    OAuthTokenResponse,
    authorizers::{Renewing, TokenSource},
    gare::Gare,
    oauth_error,
    storage::TokenValidationError,
};

/// Makes requests to one resource server as the app does.
pub(super) struct AppAuthorizer {
    app: GlobusApp,
    resource_server: String,
    slot: Arc<Slot>,
}

impl AppAuthorizer {
    pub(super) fn new(app: GlobusApp, resource_server: &str, slot: Arc<Slot>) -> Self {
        Self { app, resource_server: resource_server.to_owned(), slot }
    }
}

impl fmt::Debug for AppAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppAuthorizer")
            .field("app", &self.app.name())
            .field("resource_server", &self.resource_server)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorizer for AppAuthorizer {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        match (self.slot.renewing().header().await, &self.app.0.kind) {
            // In the call's own future and not in the shared one beneath: a call that is cancelled takes its login along.
            (Err(error), Kind::User { handler, .. }) if login_may_help(&error) => {
                debug!(resource_server = self.resource_server, %error, "no stored token will do");
                handler.handle(&self.app, error).await?;
                self.slot.renewing().header().await.map(Some)
            }
            (header, _) => header.map(Some),
        }
    }

    fn ready_header(&self) -> Option<HeaderValue> {
        self.slot.renewing().ready_header()
    }

    async fn handle_missing_authorization(&self, rejected: Option<&HeaderValue>) -> Result<bool> {
        if let Some(rejected) = rejected {
            self.app.servers().note_rejected(&self.resource_server, rejected);
        }
        Ok(self.slot.renewing().reject(rejected))
    }

    async fn handle_authorization_requirement(
        &self,
        refusal: &Error,
        used: Option<&HeaderValue>,
    ) -> Result<bool> {
        if !self.app.0.auto_redrive_gares {
            return Ok(false);
        }
        match Gare::from_error(refusal) {
            Some(gare) => self.app.redrive(gare.authorization_parameters, used).await,
            None => Ok(false),
        }
    }
}

/// Tells whether a login may mend what made a call fail, and can be made in the middle of it.
fn login_may_help(error: &Error) -> bool {
    !login::is_under_way_here()
        && (TokenValidationError::from_error(error).is_some() || oauth_error(error) == Some("invalid_grant"))
}

/// Gives the token of one resource server to all of its authorizers.
pub(super) struct Source {
    /// The authorizers keep the app; it must not keep itself.
    app: Weak<Inner>,
    resource_server: String,
}

impl Source {
    pub(super) fn renewing(app: &Arc<Inner>, resource_server: &str) -> Arc<Renewing> {
        let source = Self { app: Arc::downgrade(app), resource_server: resource_server.to_owned() };
        Arc::new(Renewing::new(Arc::new(source), Arc::clone(app.client.base().clock())))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("resource_server", &self.resource_server).finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenSource for Source {
    async fn fetch(&self) -> Result<OAuthTokenResponse> {
        let app = self.app.upgrade().map(GlobusApp).ok_or_else(|| failed("the app is gone"))?;
        let token = app.usable_token(&self.resource_server).await?;
        Ok(OAuthTokenResponse::of_stored(&token, app.clock().now()))
    }
}
