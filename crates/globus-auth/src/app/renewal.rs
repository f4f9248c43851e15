//! Tokens that are good for a while: from the storage, or new ones, which are stored first.

use globus_core::{Error, Result, Secret};
use tracing::{Instrument, warn};

use super::{GlobusApp, Kind, failed};
use crate::{
    ConfidentialAppAuthClient, OAuthTokenResponse,
    authorizers::{EARLY, renewal_failed, the_one},
    oauth_error,
    storage::{StorageError, TokenData, TokenValidationError},
};

impl GlobusApp {
    /// Gives a token that is good for a while, and renews or requests one where that needs nobody's help.
    pub(super) async fn usable_token(&self, resource_server: &str) -> Result<TokenData> {
        match &self.0.kind {
            Kind::User { .. } => self.renewed(self.validated(resource_server).await?).await,
            Kind::Client(client) => self.client_token(client.clone(), resource_server).await,
        }
    }

    /// Gives a token that was found valid or renewable, renewed if it is due.
    pub(super) async fn renewed(&self, seen: TokenData) -> Result<TokenData> {
        if !self.is_due(&seen) || !self.is_renewable(&seen) {
            return Ok(seen);
        }
        let app = self.clone();
        let before = seen.clone();
        let renewed = to_its_end(async move { app.renew(&before).await }).await;
        self.or_while_valid(renewed, Some(seen))
    }

    fn is_due(&self, token: &TokenData) -> bool {
        let early = i64::try_from(EARLY.as_secs()).unwrap_or(0);
        let left = token.expires_at_seconds.saturating_sub(self.clock().now().as_second());
        left < early || !self.is_valid(token)
    }

    /// A token that could not be renewed early is used for as long as it is valid.
    fn or_while_valid(&self, renewed: Result<TokenData>, seen: Option<TokenData>) -> Result<TokenData> {
        match (renewed, seen) {
            (Err(error), Some(seen)) if self.is_valid(&seen) && self.validate(&seen).is_ok() => {
                warn!(%error, "a token could not be renewed early; the present one is still valid");
                Ok(seen)
            }
            (renewed, _) => renewed,
        }
    }

    /// Renews a token under the lock of the storage, unless somebody else has meanwhile.
    async fn renew(&self, seen: &TokenData) -> Result<TokenData> {
        let resource_server = &seen.resource_server;
        let mut refused: Option<(Secret, Error)> = None;
        loop {
            let locked = match self.0.storage.lock().await {
                Ok(locked) => locked,
                Err(StorageError::ReadOnly { .. }) => return self.renew_in_memory(seen).await,
                Err(error) => return Err(error.into()),
            };
            let Some(in_storage) = locked.get(resource_server).cloned() else {
                return Err(TokenValidationError::missing_token(resource_server).into());
            };
            let stored = self.servers().in_place_of(in_storage.clone());
            if stored.access_token != seen.access_token
                && self.is_valid(&stored)
                && self.validate(&stored).is_ok()
            {
                return Ok(stored);
            }
            let refresh_token = refresh_token_of(&stored)?;
            if let Some((used, error)) = refused.take_if(|(used, _)| *used == refresh_token) {
                self.servers().note_refused(resource_server, &used);
                return Err(error);
            }
            match self.refresh(&stored, refresh_token.clone()).await {
                Ok(new) => {
                    let mut locked = locked;
                    locked.insert(new.clone());
                    if let Err(error) = locked.commit().await {
                        warn!(%error, "a renewed token could not be stored; only this program has it");
                        self.servers().keep_unsaved(in_storage.access_token, new.clone());
                    }
                    return Ok(new);
                }
                // Whoever takes no lock, such as the Python SDK, may have been quicker: that shows in the storage.
                Err(error) if oauth_error(&error) == Some("invalid_grant") => {
                    drop(locked);
                    refused = Some((refresh_token, error));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// For a storage that takes no changes: what is new stays here.
    async fn renew_in_memory(&self, seen: &TokenData) -> Result<TokenData> {
        let resource_server = &seen.resource_server;
        let in_storage = self.0.storage.get_token_data(resource_server).await?;
        let in_storage = in_storage.ok_or_else(|| TokenValidationError::missing_token(resource_server))?;
        let refresh_token = refresh_token_of(seen)?;
        let new = self.refresh(seen, refresh_token.clone()).await.inspect_err(|error| {
            if oauth_error(error) == Some("invalid_grant") {
                self.servers().note_refused(resource_server, &refresh_token);
            }
        })?;
        self.servers().keep_unsaved(in_storage.access_token, new.clone());
        Ok(new)
    }

    async fn refresh(&self, token: &TokenData, refresh_token: Secret) -> Result<TokenData> {
        let answer =
            self.0.client.oauth2_refresh_token(refresh_token).send().await.map_err(|error| {
                renewal_failed(&format!("the token could not be refreshed: {error}"), error)
            })?;
        let new =
            the_one(&answer).map_err(|problem| renewal_failed(&problem.to_string(), problem.clone()))?;
        if new.resource_server != token.resource_server {
            return Err(failed(format!(
                "the refresh token for {} gave a token for {}",
                token.resource_server, new.resource_server
            )));
        }
        let mut new = TokenData::from(new);
        new.fill_from(token);
        Ok(new)
    }

    /// Gives the stored token of a service account, or requests one.
    async fn client_token(
        &self,
        client: ConfidentialAppAuthClient,
        resource_server: &str,
    ) -> Result<TokenData> {
        let stored = match self.validated(resource_server).await {
            Ok(token) if !self.is_due(&token) => return Ok(token),
            Ok(token) => Some(token),
            Err(error) if TokenValidationError::from_error(&error).is_some() => None,
            Err(error) => return Err(error),
        };
        let (app, resource_server) = (self.clone(), resource_server.to_owned());
        let before = stored.as_ref().map(|token| token.access_token.clone());
        let requested =
            to_its_end(async move { app.request_token(&client, &resource_server, before).await }).await;
        self.or_while_valid(requested, stored)
    }

    async fn request_token(
        &self,
        client: &ConfidentialAppAuthClient,
        resource_server: &str,
        seen: Option<Secret>,
    ) -> Result<TokenData> {
        // Nothing is lost with a token that is not stored: there is another one where it came from.
        let locked = match self.0.storage.lock().await {
            Ok(locked) => Some(locked),
            Err(error) => {
                warn!(%error, "the token of the service account will not be stored");
                None
            }
        };
        let stored = locked.as_ref().and_then(|locked| locked.get(resource_server));
        if let Some(stored) = stored
            && Some(&stored.access_token) != seen.as_ref()
            && !self.is_due(stored)
            && self.validate(stored).is_ok()
            && self.servers().unsettled(resource_server).is_empty()
        {
            return Ok(stored.clone());
        }
        let scopes = self.servers().scopes(resource_server);
        let tokens =
            client.oauth2_client_credentials_tokens(&scopes).send().await.map_err(|error: Error| {
                renewal_failed(&format!("the client's credentials gave no token: {error}"), error)
            })?;
        let token = TokenData::from(of_resource_server(&tokens, resource_server)?);
        self.servers().note_asked_for(&scopes)?;
        if let Some(mut locked) = locked {
            locked.insert(token.clone());
            if let Err(error) = locked.commit().await {
                warn!(%error, "the token of the service account could not be stored");
            }
        }
        Ok(token)
    }
}

fn refresh_token_of(token: &TokenData) -> Result<Secret, TokenValidationError> {
    token.refresh_token.clone().ok_or_else(|| TokenValidationError::MissingRefreshToken {
        resource_server: token.resource_server.clone(),
    })
}

/// Gives the token for a resource server; there is none when a scope is required at the wrong one.
pub(super) fn of_resource_server<'t>(
    tokens: &'t OAuthTokenResponse,
    resource_server: &str,
) -> Result<&'t crate::OAuthToken> {
    tokens.by_resource_server(resource_server).ok_or_else(|| {
        let given: Vec<_> = tokens.tokens().iter().map(|token| token.resource_server.as_str()).collect();
        failed(format!(
            "Globus Auth gave no token for {resource_server}, but for {}: the scopes that are required there may be \
             those of another resource server",
            given.join(", ")
        ))
    })
}

/// Does work that must not stop half-way, even when nobody waits for it any more: a refresh token that was used up has
/// a successor, which is only in the answer, and others wait for the lock.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(stopped) => Err(failed(format!("the renewal of a token was stopped: {stopped}"))),
    }
}
