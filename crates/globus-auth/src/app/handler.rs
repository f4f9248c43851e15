//! What to do when no stored token will do.

use async_trait::async_trait;
use globus_core::{Error, Result};

use super::GlobusApp;
use crate::storage::TokenValidationError;

/// Decides what to do when no stored token will do for a call: log in, or give up.
///
/// A closure will do: it takes the [`GlobusApp`] and the [`Error`], and gives a future of a `Result<()>`. This app never
/// asks anybody to log in, and lets its calls fail instead:
///
/// ```
/// # fn example() -> globus_auth::Result<()> {
/// use globus_auth::{Error, GlobusApp, UserApp};
///
/// let app = UserApp::builder("my tool", "61338d24-54d5-408f-a10d-66c06b59f6d2")
///     .token_validation_error_handler(|_: GlobusApp, error: Error| async move { Err(error) })
///     .build()?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait TokenValidationErrorHandler: Send + Sync {
    /// Mends what is wrong with the stored login, by [`GlobusApp::login`] say. The call looks at the storage once more
    /// when this returns.
    ///
    /// Beneath `error` is a [`TokenValidationError`], or what Globus Auth said when it refused to renew the token:
    /// [`oauth_error`](crate::oauth_error) says `invalid_grant` then.
    ///
    /// # Errors
    /// The call ends with this error.
    async fn handle(&self, app: &GlobusApp, error: Error) -> Result<()>;
}

#[async_trait]
impl<F, R> TokenValidationErrorHandler for F
where
    F: Fn(GlobusApp, Error) -> R + Send + Sync,
    R: Future<Output = Result<()>> + Send,
{
    async fn handle(&self, app: &GlobusApp, error: Error) -> Result<()> {
        self(app.clone(), error).await
    }
}

/// Logs in; but where tokens of two people are mixed up, another login would only add to it.
pub(super) struct LogIn;

#[async_trait]
impl TokenValidationErrorHandler for LogIn {
    async fn handle(&self, app: &GlobusApp, error: Error) -> Result<()> {
        match TokenValidationError::from_error(&error) {
            Some(TokenValidationError::IdentityMismatch { .. }) => Err(error),
            _ => app.login().await,
        }
    }
}
