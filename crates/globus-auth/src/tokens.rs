//! The answers of the token endpoint.

use std::{fmt, time::Duration};

use globus_core::{Extra, Result, Secret, Timestamp, scope::IntoScopes};
use serde::Deserialize;

use crate::{
    AuthLoginClient, IdToken, IdTokenDecoder, IdTokenError, storage::TokenData,
    token_request::answer::TokenAnswer,
};

/// Holds one token: for one resource server, with the scopes that the user agreed to there.
#[derive(Clone)]
#[non_exhaustive]
pub struct OAuthToken {
    /// Names the service that takes the token, e.g. `transfer.api.globus.org`.
    pub resource_server: String,
    /// Lists the names of the granted scopes, separated by blanks, without their dependencies.
    pub scope: String,
    /// Is the token itself.
    pub access_token: Secret,
    /// Gets further tokens when this one has expired. Only after a login with `refresh_tokens(true)`.
    pub refresh_token: Option<Secret>,
    /// Says how the token is sent: always `Bearer`, in upper or lower case.
    pub token_type: String,
    /// Says until when the token is valid: the time of receipt plus the lifetime, in whole seconds. An answer that
    /// names no lifetime counts as expired.
    pub expires_at: Timestamp,
    extra: Extra,
}

impl OAuthToken {
    /// True when the token is sent as `Authorization: Bearer …`.
    #[must_use]
    pub fn is_bearer(&self) -> bool {
        self.token_type.eq_ignore_ascii_case("bearer")
    }

    /// True when the token has this scope. Takes its name, without dependencies.
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split_whitespace().any(|scope| scope == name)
    }

    /// Gives the members that this version of the SDK does not know. They may hold secrets.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Shows no token, and of members that are not known only the names: they may be tokens too.
impl fmt::Debug for OAuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthToken")
            .field("resource_server", &self.resource_server)
            .field("scope", &self.scope)
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .field("expires_at", &self.expires_at)
            .field("extra", &names(&self.extra))
            .finish_non_exhaustive()
    }
}

fn names(extra: &Extra) -> Vec<&str> {
    extra.iter().map(|(name, _)| name).collect()
}

/// Holds the answer to a login, a refresh or a request with a client's credentials: one token for each resource
/// server.
#[derive(Clone)]
pub struct OAuthTokenResponse {
    tokens: Vec<OAuthToken>,
    id_token: Option<Secret>,
    /// What the id token has to be marked with.
    nonce: Option<Secret>,
}

impl OAuthTokenResponse {
    /// Makes the answer that a stored token stands for.
    pub(crate) fn of_stored(token: &TokenData, now: Timestamp) -> Self {
        let token = OAuthToken {
            resource_server: token.resource_server.clone(),
            scope: token.scope.clone(),
            access_token: token.access_token.clone(),
            refresh_token: token.refresh_token.clone(),
            token_type: token.token_type.clone().unwrap_or_else(|| "Bearer".to_owned()),
            // A time that cannot be told is further away than any program runs.
            expires_at: token.expires_at().unwrap_or_else(|| now.saturating_add(Duration::MAX)),
            extra: Extra::default(),
        };
        Self { tokens: vec![token], id_token: None, nonce: None }
    }

    /// Lists all tokens, in the order of the answer.
    #[must_use]
    pub fn tokens(&self) -> &[OAuthToken] {
        &self.tokens
    }

    /// Lists all tokens but the first, as the service does. Which one comes first says nothing: find a token by its
    /// [resource server](Self::by_resource_server).
    #[must_use]
    pub fn other_tokens(&self) -> &[OAuthToken] {
        self.tokens.get(1..).unwrap_or_default()
    }

    /// Gives the token for a resource server, e.g. [`scope::transfer::RESOURCE_SERVER`]; the last one, should there
    /// be several.
    ///
    /// [`scope::transfer::RESOURCE_SERVER`]: globus_core::scope::transfer::RESOURCE_SERVER
    #[must_use]
    pub fn by_resource_server(&self, resource_server: &str) -> Option<&OAuthToken> {
        by_resource_server(&self.tokens, resource_server)
    }

    /// Gives the token that holds all of these scopes; dependencies do not count. `None` when no token holds them,
    /// when they are spread over several tokens, and when the text is no scope.
    #[must_use]
    pub fn by_scopes(&self, scopes: impl IntoScopes) -> Option<&OAuthToken> {
        by_scopes(&self.tokens, scopes)
    }

    /// Gives the id token as it came: a signed JWT that says who logged in. Only when `openid` was asked for.
    ///
    /// Nothing of it has been checked: see [`decode_id_token`](Self::decode_id_token).
    #[must_use]
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// Says who logged in, after checking that Globus Auth has signed it, for this client, just now, and for the login
    /// that this answers when it was begun with a [`nonce`](crate::AuthorizationFlow::nonce).
    ///
    /// The client is the one that logged in. It keeps the keys that the first call asks for. Other settings have an
    /// [`IdTokenDecoder`].
    ///
    /// ```no_run
    /// # async fn example(
    /// #     client: globus_auth::NativeAppAuthClient, flow: globus_auth::FlowState, code: String,
    /// # ) -> globus_auth::Result<()> {
    /// let tokens = client.oauth2_exchange_code_for_tokens(flow, code).send().await?;
    /// let who = tokens.decode_id_token(&client).await?;
    /// println!("{} {:?}", who.sub, who.preferred_username);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// An [`IdTokenError`] beneath: [`Missing`](IdTokenError::Missing) when `openid` was not asked for. Those of
    /// [`IdTokenDecoder::decode`].
    pub async fn decode_id_token(&self, client: impl Into<AuthLoginClient>) -> Result<IdToken> {
        let id_token = self.id_token.as_ref().ok_or(IdTokenError::Missing)?;
        IdTokenDecoder::new(client).with_nonce(self.nonce.clone()).decode(id_token).await
    }
}

impl fmt::Debug for OAuthTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthTokenResponse")
            .field("tokens", &self.tokens)
            .field("id_token", &self.id_token)
            .finish_non_exhaustive()
    }
}

/// Holds the answer to a request for dependent tokens: those with which a service asks others in its caller's name.
#[derive(Debug, Clone)]
pub struct OAuthDependentTokenResponse {
    tokens: Vec<OAuthToken>,
}

impl OAuthDependentTokenResponse {
    /// Lists all tokens, in the order of the answer.
    #[must_use]
    pub fn tokens(&self) -> &[OAuthToken] {
        &self.tokens
    }

    /// Gives the token for a resource server; the last one, should there be several.
    #[must_use]
    pub fn by_resource_server(&self, resource_server: &str) -> Option<&OAuthToken> {
        by_resource_server(&self.tokens, resource_server)
    }

    /// Gives the token that holds all of these scopes, as [`OAuthTokenResponse::by_scopes`] does.
    #[must_use]
    pub fn by_scopes(&self, scopes: impl IntoScopes) -> Option<&OAuthToken> {
        by_scopes(&self.tokens, scopes)
    }
}

fn by_resource_server<'a>(tokens: &'a [OAuthToken], resource_server: &str) -> Option<&'a OAuthToken> {
    tokens.iter().rfind(|token| token.resource_server == resource_server)
}

fn by_scopes(tokens: &[OAuthToken], scopes: impl IntoScopes) -> Option<&OAuthToken> {
    let scopes = scopes.into_scopes().ok()?;
    let mut holders =
        scopes.iter().map(|scope| tokens.iter().rposition(|token| token.has_scope(scope.name())));
    let holder = holders.next()??;
    if holders.all(|other| other == Some(holder)) { tokens.get(holder) } else { None }
}

/// A token as it comes over the wire, with the further ones beneath the first.
#[derive(Deserialize)]
pub struct TokenDocument {
    access_token: Secret,
    resource_server: String,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    expires_in: Option<f64>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    id_token: Option<Secret>,
    #[serde(default)]
    other_tokens: Option<Vec<TokenDocument>>,
    #[serde(flatten)]
    extra: Extra,
}

impl fmt::Debug for TokenDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenDocument").finish_non_exhaustive()
    }
}

impl TokenDocument {
    fn unfold(self, now: Timestamp, tokens: &mut Vec<OAuthToken>, id_token: &mut Option<Secret>) {
        // Negative, infinite or not there at all: no lifetime to count on.
        let lifetime = self.expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let received = Timestamp::from_second(now.as_second()).unwrap_or(now);
        tokens.push(OAuthToken {
            resource_server: self.resource_server,
            scope: self.scope.unwrap_or_default(),
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            token_type: self.token_type.unwrap_or_else(|| "Bearer".to_owned()),
            expires_at: received.saturating_add(Duration::from_secs(lifetime.unwrap_or_default().as_secs())),
            extra: self.extra,
        });
        if id_token.is_none() {
            *id_token = self.id_token;
        }
        for token in self.other_tokens.into_iter().flatten() {
            token.unfold(now, tokens, id_token);
        }
    }
}

impl TokenAnswer for OAuthTokenResponse {
    type Document = TokenDocument;

    fn received(document: TokenDocument, now: Timestamp, nonce: Option<Secret>) -> Self {
        let (mut tokens, mut id_token) = (Vec::new(), None);
        document.unfold(now, &mut tokens, &mut id_token);
        Self { tokens, id_token, nonce }
    }
}

impl TokenAnswer for OAuthDependentTokenResponse {
    type Document = Vec<TokenDocument>;

    fn received(documents: Vec<TokenDocument>, now: Timestamp, _: Option<Secret>) -> Self {
        let mut tokens = Vec::new();
        for document in documents {
            document.unfold(now, &mut tokens, &mut None);
        }
        Self { tokens }
    }
}
