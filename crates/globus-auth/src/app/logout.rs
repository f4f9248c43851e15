//! Logging out.

use globus_core::{Error, ErrorKind, Result};

use super::GlobusApp;
use crate::storage::{TokenData, TokenStorage};

/// Says which tokens Globus Auth did not revoke at logout. They are removed all the same, and good until they expire:
/// a refresh token for six months. The user can take back the consent at <https://app.globus.org/settings/consents>.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "logged out here, but the tokens for {} could not be revoked: {}",
    failures.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
    failures.first().map(|(_, error)| error.to_string()).unwrap_or_default()
)]
#[non_exhaustive]
pub struct LogoutError {
    /// The resource servers, each with what went wrong.
    pub failures: Vec<(String, Error)>,
}

impl LogoutError {
    /// Finds the reason beneath the error of a logout.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        crate::error::beneath(error)
    }
}

impl GlobusApp {
    /// Logs out: removes the tokens for all resource servers that the app needs, and revokes them.
    ///
    /// Tokens that others store in the same place stay: see [`sweep`](Self::sweep). The next call of a client made from
    /// the app asks the user to log in again.
    ///
    /// # Errors
    /// A [`LogoutError`] beneath, when tokens could not be revoked: they are removed all the same. A
    /// [`StorageError`](crate::storage::StorageError) beneath, when they could not be removed: then nothing is revoked.
    pub async fn logout(&self) -> Result<()> {
        let required = self.servers().names();
        let tokens = take(&*self.0.storage, |name| required.iter().any(|known| known == name)).await;
        self.log_out_of(tokens?).await
    }

    /// Logs out of everything that is in the app's storage, also what the app does not need. Other namespaces of a file
    /// stay: they are of others.
    ///
    /// # Errors
    /// As [`logout`](Self::logout).
    #[doc(alias = "logout")]
    pub async fn sweep(&self) -> Result<()> {
        self.log_out_of(take(&*self.0.storage, |_| true).await?).await
    }

    async fn log_out_of(&self, tokens: Vec<TokenData>) -> Result<()> {
        self.servers().forget(&self.0);
        *self.consents() = None;
        let mut failures = Vec::new();
        for token in tokens {
            if let Err(error) = self.revoke(&token).await {
                failures.push((token.resource_server, error));
            }
        }
        let Some((_, first)) = failures.first() else { return Ok(()) };
        let kind = if first.kind() == ErrorKind::Api { ErrorKind::Auth } else { first.kind() };
        let error = LogoutError { failures };
        Err(Error::new(kind, error.to_string()).with_source(error))
    }

    async fn revoke(&self, token: &TokenData) -> Result<()> {
        let access_token = self.0.client.oauth2_revoke_token(token.access_token.clone()).send().await;
        if let Some(refresh_token) = &token.refresh_token {
            self.0.client.oauth2_revoke_token(refresh_token.clone()).send().await?;
        }
        access_token.map(drop)
    }
}

/// Takes tokens out of a storage.
async fn take(storage: &dyn TokenStorage, which: impl Fn(&str) -> bool) -> Result<Vec<TokenData>> {
    // Where nothing is stored, nothing need be made to hold a lock on.
    if storage.get_token_data_by_resource_server().await?.is_empty() {
        return Ok(Vec::new());
    }
    let mut locked = storage.lock().await?;
    let names: Vec<String> = locked.tokens().keys().filter(|name| which(name)).cloned().collect();
    let tokens = names.iter().filter_map(|name| locked.remove(name)).collect();
    locked.commit().await?;
    Ok(tokens)
}
