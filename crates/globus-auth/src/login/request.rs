//! What a login is asked for.

use globus_core::{
    Error, Result, Scope,
    scope::{self, IntoScopes},
};
use url::Url;

use crate::{AuthLoginClient, AuthorizationFlow, FlowState, client::Kind, gare::AuthorizationParameters};

/// Says what a login has to bring, before it is settled how the user gets to the page of Globus Auth.
///
/// ```
/// # fn main() -> globus_auth::Result<()> {
/// use globus_auth::login::LoginRequest;
///
/// let request = LoginRequest::new("openid urn:globus:auth:scope:transfer.api.globus.org:all")?
///     .with_refresh_tokens(true)
///     .with_prefill_named_grant("mytool on laptop");
/// assert_eq!(request.scopes().len(), 2);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct LoginRequest {
    scopes: Vec<Scope>,
    refresh_tokens: bool,
    parameters: AuthorizationParameters,
    prefill_named_grant: Option<String>,
}

impl LoginRequest {
    /// Asks for these scopes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when there is no scope, or a text is none.
    pub fn new(scopes: impl IntoScopes) -> Result<Self> {
        let scopes = scopes.into_scopes()?;
        if scopes.is_empty() {
            return Err(Error::invalid_input("a login needs at least one scope"));
        }
        Ok(Self {
            scopes,
            refresh_tokens: false,
            parameters: AuthorizationParameters::default(),
            prefill_named_grant: None,
        })
    }

    /// Asks for refresh tokens, with which a program goes on working when the access tokens have expired. Default:
    /// false.
    #[must_use]
    pub fn with_refresh_tokens(mut self, wanted: bool) -> Self {
        self.refresh_tokens = wanted;
        self
    }

    /// Proposes a label for the consent, e.g. `mytool on laptop`, by which the user finds it again. Default: none.
    pub fn with_prefill_named_grant(mut self, label: impl Into<String>) -> Self {
        self.prefill_named_grant = Some(label.into());
        self
    }

    /// Asks for what a service said is missing: see [`gare`](crate::gare). The scopes that it requires join those of
    /// the request. Default: nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when a required scope is none.
    pub fn with_authorization_parameters(mut self, parameters: AuthorizationParameters) -> Result<Self> {
        let required = parameters.scopes()?;
        self.scopes = scope::merge(&self.scopes, &required)?;
        self.parameters = parameters;
        Ok(self)
    }

    /// Lists the scopes that are asked for, merged.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Tells whether refresh tokens are asked for.
    #[must_use]
    pub fn refresh_tokens(&self) -> bool {
        self.refresh_tokens
    }

    /// Gives the label that is proposed for the consent.
    #[must_use]
    pub fn prefill_named_grant(&self) -> Option<&str> {
        self.prefill_named_grant.as_deref()
    }

    /// Says what the session must look like. [`scopes`](Self::scopes) has the required scopes already.
    #[must_use]
    pub fn authorization_parameters(&self) -> &AuthorizationParameters {
        &self.parameters
    }

    /// Begins the login: gives the address to open in the user's browser, and what is needed to end it.
    ///
    /// `redirect_uri` is where the browser comes back to. Without one, Globus Auth shows the code on a page of its
    /// own, for the user to copy: only for clients without a secret. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when the redirect URI cannot be used, or a
    /// client with a secret has none.
    pub fn begin(&self, client: &AuthLoginClient, redirect_uri: Option<&str>) -> Result<(Url, FlowState)> {
        let mut flow =
            AuthorizationFlow::new(client.clone(), &self.scopes).refresh_tokens(self.refresh_tokens);
        match redirect_uri {
            Some(uri) => flow = flow.redirect_uri(uri),
            None if client.kind() == Kind::Native => {}
            None => {
                return Err(Error::invalid_input(
                    "a client with a secret logs people in with one of the redirect URIs that it is registered \
                     with: give that one",
                ));
            }
        }
        if let Some(label) = &self.prefill_named_grant {
            flow = flow.prefill_named_grant(label);
        }
        for (name, value) in self.parameters.to_authorize_params() {
            flow = flow.query_param(name, value);
        }
        flow.begin()
    }
}
