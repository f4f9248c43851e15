//! Who a request is made as.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http::HeaderValue;

use crate::{Config, Error, Result, scope::Scope};

/// Gives the `Authorization` header of requests. `globus-auth` has the usual ones: a token, a token that renews
/// itself, a client's id and secret, none at all.
///
/// The header of an authorizer replaces one that the caller sets by hand.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Gives the header for the next request, getting or renewing a token first where needed; `None` sends the
    /// request without one.
    ///
    /// Mark the value as sensitive. Called before every attempt, so it should be quick when nothing has changed.
    ///
    /// # Errors
    /// When no credential can be had. The request is not sent then.
    async fn authorization_header(&self) -> Result<Option<HeaderValue>>;

    /// Gives the header of a credential that is at hand, so that the request need not wait for
    /// [`authorization_header`](Authorizer::authorization_header), which is asked when there is none.
    ///
    /// Only saves time. By default there is none at hand.
    fn ready_header(&self) -> Option<HeaderValue> {
        None
    }

    /// Is told that the service did not accept `rejected` (401), and says whether another try makes sense.
    ///
    /// Asked at most once for a call. By default says no.
    ///
    /// # Errors
    /// When finding out fails; the caller then gets this error instead of the 401.
    async fn handle_missing_authorization(&self, rejected: Option<&HeaderValue>) -> Result<bool> {
        let _ = rejected;
        Ok(false)
    }

    /// Is told that the service refused a call made with `used` (403), with what it said, and says whether another
    /// try makes sense: after a login that brings what the service asks for, say.
    ///
    /// Asked at most once for a call. By default says no.
    ///
    /// # Errors
    /// When finding out fails; the caller then gets this error instead of the 403.
    async fn handle_authorization_requirement(
        &self,
        refusal: &Error,
        used: Option<&HeaderValue>,
    ) -> Result<bool> {
        let _ = (refusal, used);
        Ok(false)
    }
}

#[async_trait]
impl<T: Authorizer + ?Sized> Authorizer for Arc<T> {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        (**self).authorization_header().await
    }

    fn ready_header(&self) -> Option<HeaderValue> {
        (**self).ready_header()
    }

    async fn handle_missing_authorization(&self, rejected: Option<&HeaderValue>) -> Result<bool> {
        (**self).handle_missing_authorization(rejected).await
    }

    async fn handle_authorization_requirement(
        &self,
        refusal: &Error,
        used: Option<&HeaderValue>,
    ) -> Result<bool> {
        (**self).handle_authorization_requirement(refusal, used).await
    }
}

/// Hands out authorizers by resource server: what an app that logs users in does for the service clients made
/// from it.
pub trait AuthorizerProvider: fmt::Debug + Send + Sync {
    /// Gives the authorizer for one resource server, and notes that the client that asks needs these scopes.
    ///
    /// # Errors
    /// When the provider cannot serve that resource server at all. That the user has not logged in yet is no such
    /// reason: the authorizer says it when it is used.
    fn authorizer_for(&self, resource_server: &str, scopes: &[Scope]) -> Result<Arc<dyn Authorizer>>;

    /// Gives the configuration that clients made from this provider share.
    fn config(&self) -> Config;

    /// Gives the name of the application, which clients made from this provider add to their `User-Agent` unless
    /// they have one of their own. By default there is none.
    fn app_name(&self) -> Option<String> {
        None
    }
}
