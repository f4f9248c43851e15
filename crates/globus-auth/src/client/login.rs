//! What both login clients can do.

use std::{fmt, sync::Arc};

use globus_core::{BaseClient, ClientId, Error, Secret, ServiceClient};

use crate::{
    AuthClient, FlowState, LoginError, OAuthTokenResponse, TokenRequest, TokenStatus, flow::callback,
    id_token::ProviderCache,
};

/// Is a login client of either sort, for code that takes both, such as
/// [`RefreshTokenAuthorizer`](crate::RefreshTokenAuthorizer).
///
/// Made from a [`NativeAppAuthClient`](crate::NativeAppAuthClient) or a
/// [`ConfidentialAppAuthClient`](crate::ConfidentialAppAuthClient) with `into()`. Cheap to clone.
#[derive(Clone)]
pub struct AuthLoginClient(Arc<Inner>);

struct Inner {
    base: BaseClient,
    client_id: ClientId,
    kind: Kind,
    provider: ProviderCache,
}

/// Says how a client tells Globus Auth who it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By its id in the form.
    Native,
    /// By its id and secret in the header.
    Confidential,
}

impl AuthLoginClient {
    pub(super) fn new(base: BaseClient, client_id: ClientId, kind: Kind) -> Self {
        Self(Arc::new(Inner { base, client_id, kind, provider: ProviderCache::default() }))
    }

    pub(super) fn login(&self) -> &Self {
        self
    }

    pub(super) fn get_base(&self) -> &BaseClient {
        &self.0.base
    }

    pub(super) fn get_client_id(&self) -> ClientId {
        self.0.client_id
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(crate) fn provider(&self) -> &ProviderCache {
        &self.0.provider
    }

    /// The same connection, for operations that do not need a form.
    pub(super) fn service(&self) -> AuthClient {
        AuthClient::from_base(self.0.base.clone())
    }

    pub(super) fn token_request<T>(&self) -> TokenRequest<T> {
        TokenRequest::new(&self.0.base, "/v2/oauth2/token")
    }

    pub(super) fn request<T>(&self, path: &str) -> TokenRequest<T> {
        TokenRequest::new(&self.0.base, path)
    }

    /// Says in the form who asks, unless the header does.
    fn identified<T>(&self, request: TokenRequest<T>) -> TokenRequest<T> {
        match self.0.kind {
            Kind::Native => request.param("client_id", self.0.client_id.to_string()),
            Kind::Confidential => request,
        }
    }

    pub(super) fn do_token(
        &self,
        form: impl IntoIterator<Item = (String, Secret)>,
    ) -> TokenRequest<OAuthTokenResponse> {
        let request = self.identified(self.token_request());
        form.into_iter().fold(request, |request, (name, value)| request.param(name, value))
    }

    pub(super) fn do_refresh(&self, refresh_token: Secret) -> TokenRequest<OAuthTokenResponse> {
        let request = self.token_request().required("refresh_token", refresh_token);
        self.identified(request.param("grant_type", "refresh_token"))
    }

    pub(super) fn do_revoke(&self, token: Secret) -> TokenRequest<TokenStatus> {
        self.identified(self.request("/v2/oauth2/token/revoke").required("token", token)).idempotent()
    }

    pub(super) fn do_validate(&self, token: Secret) -> TokenRequest<TokenStatus> {
        self.identified(self.request("/v2/oauth2/token/validate").required("token", token)).idempotent()
    }

    pub(super) fn do_exchange(
        &self,
        flow: FlowState,
        code: Result<Secret, LoginError>,
    ) -> TokenRequest<OAuthTokenResponse> {
        let mut request = self.identified(self.token_request()).nonce(flow.nonce);
        if flow.client_id != self.0.client_id {
            request = request.problem(LoginError::OtherClient.into());
        }
        request = request.param("grant_type", "authorization_code");
        request = match code {
            Ok(code) => request.required("code", code),
            Err(error) => request.problem(error.into()),
        };
        if let Some(verifier) = flow.code_verifier {
            request = request.param("code_verifier", verifier);
        }
        request.param("redirect_uri", flow.redirect_uri)
    }

    pub(super) fn do_finish(&self, flow: FlowState, callback: &str) -> TokenRequest<OAuthTokenResponse> {
        let code = callback::code(callback, &flow.state);
        self.do_exchange(flow, code)
    }
}

/// Gives both clients, and what stands for either, the same methods.
macro_rules! login_methods {
    ($Client:ident) => {
        /// # For every login client
        impl $Client {
            /// Gives the client's id.
            #[must_use]
            pub fn client_id(&self) -> globus_core::ClientId {
                self.login().get_client_id()
            }

            /// Gives the connection to Globus Auth.
            #[must_use]
            pub fn base(&self) -> &globus_core::BaseClient {
                self.login().get_base()
            }

            /// Ends a login: exchanges the code that the browser brought back for tokens.
            ///
            /// Takes what [`begin`](crate::AuthorizationFlow::begin) gave, and the whole address (or its query) that
            /// Globus Auth sent the browser to. Checks that this is the answer to this very login.
            ///
            /// ```no_run
            /// # async fn example(
            /// #     client: globus_auth::NativeAppAuthClient, flow: globus_auth::FlowState,
            /// # ) -> globus_core::Result<()> {
            /// let callback = "http://127.0.0.1:8080/?code=EifMVry&state=XZ4f";
            /// let tokens = client.finish(flow, callback).send().await?;
            /// # Ok(()) }
            /// ```
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// A [`LoginError`](crate::LoginError) beneath, when the user declined or the address does not belong to
            /// this login: nothing is sent then. When the code is used up or too old, [`oauth_error`](crate::oauth_error)
            /// says `invalid_grant`.
            pub fn finish(
                &self,
                flow: crate::FlowState,
                callback: impl AsRef<str>,
            ) -> crate::TokenRequest<crate::OAuthTokenResponse> {
                self.login().do_finish(flow, callback.as_ref())
            }

            /// Ends a login with a code that the user copied from the page of Globus Auth. Blanks around it do not
            /// matter.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient, flow: globus_auth::FlowState) -> globus_core::Result<()> {
            /// let tokens = client.oauth2_exchange_code_for_tokens(flow, "EifMVry").send().await?;
            /// println!("{:?}", tokens.by_resource_server("transfer.api.globus.org"));
            /// # Ok(()) }
            /// ```
            ///
            /// A code by itself does not tell which login it is for. For what a browser brings back use
            /// [`finish`](Self::finish), which checks that.
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// When the code is wrong, used up or too old, [`oauth_error`](crate::oauth_error) says `invalid_grant`.
            ///
            /// Service: <https://docs.globus.org/api/auth/developer-guide/>
            #[doc(alias = "login")]
            pub fn oauth2_exchange_code_for_tokens(
                &self,
                flow: crate::FlowState,
                code: impl Into<globus_core::Secret>,
            ) -> crate::TokenRequest<crate::OAuthTokenResponse> {
                let code = code.into();
                let code = globus_core::Secret::new(code.expose().trim());
                self.login().do_exchange(flow, Ok(code))
            }

            /// Gets a new access token with a refresh token.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// let tokens = client.oauth2_refresh_token("AgRefreshExample").send().await?;
            /// println!("{:?}", tokens.by_resource_server("transfer.api.globus.org"));
            /// # Ok(()) }
            /// ```
            ///
            /// When the answer holds a refresh token, use that one from then on; when it does not, the old one
            /// stays good. A [`RefreshTokenAuthorizer`](crate::RefreshTokenAuthorizer) does all this by itself.
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// When the refresh token is revoked, or was not used for six months, [`oauth_error`](crate::oauth_error)
            /// says `invalid_grant` (the status is 400 or 401).
            ///
            /// Service: <https://docs.globus.org/api/auth/developer-guide/>
            pub fn oauth2_refresh_token(
                &self,
                refresh_token: impl Into<globus_core::Secret>,
            ) -> crate::TokenRequest<crate::OAuthTokenResponse> {
                self.login().do_refresh(refresh_token.into())
            }

            /// Revokes an access or refresh token, so that nobody can use it any more.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// client.oauth2_revoke_token("AgRefreshExample").send().await?;
            /// # Ok(()) }
            /// ```
            ///
            /// Globus Auth says the same of tokens that it does not know, so it does no harm to revoke one twice.
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// [`is_unauthorized`](globus_core::Error::is_unauthorized) when the client or its secret is not known.
            #[doc(alias = "logout")]
            pub fn oauth2_revoke_token(
                &self,
                token: impl Into<globus_core::Secret>,
            ) -> crate::TokenRequest<crate::TokenStatus> {
                self.login().do_revoke(token.into())
            }

            /// Asks whether an access or refresh token is still valid.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// #[expect(deprecated)]
            /// let token = client.oauth2_validate_token("AgExample").send().await?;
            /// println!("{}", token.active);
            /// # Ok(()) }
            /// ```
            ///
            /// Globus Auth documents this no longer. A resource server asks
            /// [`oauth2_token_introspect`](crate::ConfidentialAppAuthClient::oauth2_token_introspect); who uses a token
            /// need not ask, and takes an authorizer that renews it.
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// [`is_unauthorized`](globus_core::Error::is_unauthorized) when the client or its secret is not known.
            #[deprecated(
                note = "not documented by Globus Auth any more: introspect the token, or just use it"
            )]
            pub fn oauth2_validate_token(
                &self,
                token: impl Into<globus_core::Secret>,
            ) -> crate::TokenRequest<crate::TokenStatus> {
                self.login().do_validate(token.into())
            }

            /// Sends any form to the token endpoint, for a grant that the SDK has no method for.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// let form = [("grant_type", "refresh_token"), ("refresh_token", "AgExample")];
            /// let tokens = client.oauth2_token(form).send().await?;
            /// # Ok(()) }
            /// ```
            ///
            /// Scope: none: the client says who it is, by its id or its secret.
            ///
            /// # Errors
            /// What Globus Auth says: [`oauth_error`](crate::oauth_error) gives its word, e.g. `unsupported_grant_type`.
            pub fn oauth2_token<N, V>(
                &self,
                form: impl IntoIterator<Item = (N, V)>,
            ) -> crate::TokenRequest<crate::OAuthTokenResponse>
            where
                N: Into<String>,
                V: Into<globus_core::Secret>,
            {
                self.login().do_token(form.into_iter().map(|(name, value)| (name.into(), value.into())))
            }

            /// Tells where Globus Auth does what, as OIDC Discovery has it: addresses, algorithms, scopes.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// println!("{}", client.get_openid_configuration().send().await?.jwks_uri);
            /// # Ok(()) }
            /// ```
            ///
            /// Goes out with the client's secret, where it has one, as the Python SDK's does.
            ///
            /// Scope: none.
            ///
            /// # Errors
            /// Those of every request: [`is_connect`](globus_core::Error::is_connect),
            /// [`is_timeout`](globus_core::Error::is_timeout).
            ///
            /// Service: <https://openid.net/specs/openid-connect-discovery-1_0.html>
            #[must_use = "a request does nothing until it is sent"]
            pub fn get_openid_configuration(&self) -> crate::api::openid::GetOpenIdConfiguration {
                self.login().service().get_openid_configuration()
            }

            /// Gets the keys that ID tokens are signed with, from where the configuration says.
            ///
            /// ```no_run
            /// # async fn example(client: globus_auth::NativeAppAuthClient) -> globus_core::Result<()> {
            /// let configuration = client.get_openid_configuration().send().await?;
            /// let keys = client.get_jwk(&configuration).send().await?;
            /// println!("{:?}", keys.keys.first().and_then(|key| key.alg.as_deref()));
            /// # Ok(()) }
            /// ```
            ///
            /// As [`AuthClient::get_jwk`](crate::AuthClient::get_jwk). To check an ID token, let
            /// [`decode_id_token`](crate::OAuthTokenResponse::decode_id_token) do it.
            ///
            /// Scope: none.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput), before anything is sent, when the
            /// address is none, or is neither `https` nor on this machine.
            ///
            /// Service: <https://docs.globus.org/api/auth/reference/#verifying_identity_via_openid_connect_id_token>
            #[must_use = "a request does nothing until it is sent"]
            pub fn get_jwk(
                &self,
                openid_configuration: &crate::api::openid::OpenIdConfiguration,
            ) -> crate::api::openid::GetJwk {
                self.login().service().get_jwk(openid_configuration)
            }
        }
    };
}

pub(super) use login_methods;

login_methods!(AuthLoginClient);

impl fmt::Debug for AuthLoginClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLoginClient")
            .field("client_id", &self.0.client_id)
            .field("base_url", &self.0.base.base_url().as_str())
            .finish_non_exhaustive()
    }
}

impl From<&Self> for AuthLoginClient {
    fn from(client: &Self) -> Self {
        client.clone()
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        let kind = match error {
            LoginError::OtherClient => globus_core::ErrorKind::InvalidInput,
            _ => globus_core::ErrorKind::Auth,
        };
        Self::new(kind, error.to_string()).with_source(error).with_never_sent(true)
    }
}
