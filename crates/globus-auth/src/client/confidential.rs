//! The client of a service, which keeps a secret.

use globus_core::{ClientId, IntoId, Result, Secret, scope::IntoScopes};

use super::{
    builder::LoginClientBuilder,
    login::{AuthLoginClient, login_methods},
};
use crate::{
    AuthorizationFlow, OAuthDependentTokenResponse, OAuthTokenResponse, TokenIntrospection, TokenRequest,
};

/// Asks for tokens as a registered client with a secret: a service account, a web portal, a resource server.
///
/// Register it at <https://app.globus.org/settings/developers>. Cheap to clone.
///
/// ```no_run
/// # async fn example() -> globus_core::Result<()> {
/// use globus_auth::ConfidentialAppAuthClient;
/// use globus_core::scope;
///
/// let client = ConfidentialAppAuthClient::new("6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c", "the secret")?;
/// let tokens = client.oauth2_client_credentials_tokens(scope::transfer::ALL).send().await?;
/// let token = tokens.by_resource_server(scope::transfer::RESOURCE_SERVER).expect("what was asked for");
/// println!("valid until {}", token.expires_at);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ConfidentialAppAuthClient(AuthLoginClient);

impl ConfidentialAppAuthClient {
    /// Makes a client with the configuration of the environment. Opens no connection.
    ///
    /// # Errors
    /// As [`LoginClientBuilder::build`].
    pub fn new(client_id: impl IntoId<ClientId>, client_secret: impl Into<Secret>) -> Result<Self> {
        Self::builder(client_id, client_secret).build()
    }

    /// Starts to set up a client.
    pub fn builder(
        client_id: impl IntoId<ClientId>,
        client_secret: impl Into<Secret>,
    ) -> LoginClientBuilder<Self> {
        LoginClientBuilder::new(client_id, Some(client_secret.into()), Self)
    }

    /// Gets tokens for the client itself: it acts in its own name, nobody logs in.
    ///
    /// ```no_run
    /// # async fn example(client: globus_auth::ConfidentialAppAuthClient) -> globus_auth::Result<()> {
    /// use globus_core::scope;
    ///
    /// let tokens = client.oauth2_client_credentials_tokens(scope::transfer::ALL).send().await?;
    /// println!("{:?}", tokens.by_resource_server(scope::transfer::RESOURCE_SERVER));
    /// # Ok(()) }
    /// ```
    ///
    /// There are never refresh tokens: ask again instead. A
    /// [`ClientCredentialsAuthorizer`](crate::ClientCredentialsAuthorizer) does that by itself.
    ///
    /// Scope: none: the client's id and secret go along.
    ///
    /// # Errors
    /// [`is_unauthorized`](globus_core::Error::is_unauthorized) when the id or the secret is wrong. When a scope is not
    /// known, [`oauth_error`](crate::oauth_error) says so.
    ///
    /// Service: <https://docs.globus.org/api/auth/developer-guide/>
    #[doc(alias = "service_account")]
    pub fn oauth2_client_credentials_tokens(
        &self,
        scopes: impl IntoScopes,
    ) -> TokenRequest<OAuthTokenResponse> {
        self.0.token_request().param("grant_type", "client_credentials").scope_field(scopes).idempotent()
    }

    /// Starts to log somebody in to a web application, for these scopes.
    ///
    /// The redirect URI is where the browser comes back to, one of those that the client is registered with.
    pub fn oauth2_start_flow(
        &self,
        redirect_uri: impl Into<String>,
        scopes: impl IntoScopes,
    ) -> AuthorizationFlow {
        AuthorizationFlow::new(self.0.clone(), scopes).redirect_uri(redirect_uri)
    }

    /// Gets tokens for other services in the name of a caller, with the token that the caller came with.
    ///
    /// ```no_run
    /// # async fn example(client: globus_auth::ConfidentialAppAuthClient, callers_token: globus_core::Secret) -> globus_auth::Result<()> {
    /// use globus_core::scope;
    ///
    /// let tokens = client.oauth2_get_dependent_tokens(callers_token).scope(scope::transfer::ALL).send().await?;
    /// println!("{:?}", tokens.by_resource_server(scope::transfer::RESOURCE_SERVER));
    /// # Ok(()) }
    /// ```
    ///
    /// The client must be the resource server of that token.
    ///
    /// Scope: none: the client's id and secret go along.
    ///
    /// # Errors
    /// [`needs_consent`](globus_core::Error::needs_consent) when the caller has not agreed to the dependent scopes: the
    /// error goes back to the caller, who logs in for them. [`is_unauthorized`](globus_core::Error::is_unauthorized) when
    /// the id or the secret is wrong.
    ///
    /// Service: <https://docs.globus.org/api/auth/reference/#dependent_token_grant_post_v2oauth2token>
    pub fn oauth2_get_dependent_tokens(
        &self,
        token: impl Into<Secret>,
    ) -> TokenRequest<OAuthDependentTokenResponse> {
        let grant = "urn:globus:auth:grant_type:dependent_token";
        self.0.token_request().param("grant_type", grant).required("token", token.into())
    }

    /// Asks whose a token is, what it is for, and whether it is still valid.
    ///
    /// ```no_run
    /// # async fn example(client: globus_auth::ConfidentialAppAuthClient, callers_token: globus_core::Secret) -> globus_auth::Result<()> {
    /// let token = client.oauth2_token_introspect(callers_token).send().await?;
    /// println!("{} {:?}", token.active, token.username);
    /// # Ok(()) }
    /// ```
    ///
    /// Only for tokens that were given to this client, or that are meant for it; of any other, Globus Auth says that
    /// it is not active.
    ///
    /// Scope: none: the client's id and secret go along.
    ///
    /// # Errors
    /// [`is_unauthorized`](globus_core::Error::is_unauthorized) when the id or the secret is wrong.
    ///
    /// Service: <https://docs.globus.org/api/auth/reference/#token_introspection_post_v2_oauth2_token_introspect>
    pub fn oauth2_token_introspect(&self, token: impl Into<Secret>) -> TokenRequest<TokenIntrospection> {
        self.0.request("/v2/oauth2/token/introspect").required("token", token.into()).idempotent()
    }

    fn login(&self) -> &AuthLoginClient {
        &self.0
    }
}

login_methods!(ConfidentialAppAuthClient);

impl From<ConfidentialAppAuthClient> for AuthLoginClient {
    fn from(client: ConfidentialAppAuthClient) -> Self {
        client.0
    }
}

impl From<&ConfidentialAppAuthClient> for AuthLoginClient {
    fn from(client: &ConfidentialAppAuthClient) -> Self {
        client.0.clone()
    }
}
