//! Who is logged in, and the keys that ID tokens are signed with.

use globus_core::{Extra, IdentityId, request};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{
    AuthClient,
    document::{extra_accessors, or_default},
    identities::{IdentityProviderId, IdentityStatus},
};

request! {
    /// # The user and OpenID Connect
    impl AuthClient {
        /// Tells who the user of the token is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let me = auth.userinfo().send().await?;
        /// println!("{} {:?}", me.sub, me.preferred_username);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the scope [`OPENID`](globus_core::scope::auth::OPENID); what else it tells depends on
        /// [`PROFILE`](globus_core::scope::auth::PROFILE), [`EMAIL`](globus_core::scope::auth::EMAIL) and
        /// [`VIEW_IDENTITY_SET`](globus_core::scope::auth::VIEW_IDENTITY_SET).
        ///
        /// # Errors
        /// [`is_unauthorized`](crate::Error::is_unauthorized) without a valid token,
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the token has not the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#oidc_userinfo_endpoint>
        #[doc(alias = "whoami")]
        #[doc(alias = "oauth2_userinfo")]
        fn userinfo() -> GetUserInfo => UserInfo {
            GET "v2" / "oauth2" / "userinfo";
        }

        /// Tells where Globus Auth does what, as OIDC Discovery has it: addresses, algorithms, scopes.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let configuration = auth.get_openid_configuration().send().await?;
        /// println!("keys are at {}", configuration.jwks_uri);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs no scope, and no token either.
        ///
        /// # Errors
        /// Those of every request: [`is_connect`](crate::Error::is_connect), [`is_timeout`](crate::Error::is_timeout).
        ///
        /// Service: <https://openid.net/specs/openid-connect-discovery-1_0.html>
        #[doc(alias = "discovery")]
        fn get_openid_configuration() -> GetOpenIdConfiguration => OpenIdConfiguration {
            GET ".well-known" / "openid-configuration";
        }
    }
}

/// # Keys
impl AuthClient {
    /// Gets the keys that ID tokens are signed with, from where the configuration says.
    ///
    /// ```no_run
    /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
    /// let configuration = auth.get_openid_configuration().send().await?;
    /// let keys = auth.get_jwk(&configuration).send().await?;
    /// println!("{:?}", keys.keys.first().and_then(|key| key.alg.as_deref()));
    /// # Ok(()) }
    /// ```
    ///
    /// The keys are public: unlike the Python SDK, this sends no credentials to that address. They seldom change; keep
    /// them. A JWT crate takes [`n`](Jwk::n) and [`e`](Jwk::e) as they are.
    ///
    /// Needs no scope.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when the address is none,
    /// or is neither `https` nor on this machine: anybody on the way could swap the keys.
    ///
    /// Service: <https://docs.globus.org/api/auth/reference/#verifying_identity_via_openid_connect_id_token>
    #[doc(alias = "jwks")]
    pub fn get_jwk(&self, openid_configuration: &OpenIdConfiguration) -> GetJwk {
        let address = &openid_configuration.jwks_uri;
        let (base, problem) = match Url::parse(address) {
            Ok(url) if cannot_be_changed_on_the_way(&url) => (self.base().elsewhere(url), None),
            Ok(_) => {
                (self.base().clone(), Some("is neither https nor on this machine: its keys prove nothing"))
            }
            Err(_) => (self.base().clone(), Some("is not an address")),
        };
        // The address is the whole one: there is no path to add.
        let mut call = base.operation(http::Method::GET, "{jwks_uri}");
        if let Some(problem) = problem {
            call.problem(format!("jwks_uri {address:?} {problem}"));
        }
        GetJwk { call }
    }
}

// Its address comes from another answer, which the table of `request!` has no form for.
globus_core::__request_builder!(AuthClient, get_jwk, GetJwk, JwkSet; GET "jwks_uri";);

fn cannot_be_changed_on_the_way(url: &Url) -> bool {
    url.scheme() == "https"
        || url.scheme() == "http"
            && match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
}

/// Says who a user is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserInfo {
    /// The identity that the token stands for. Never changes, unlike the username: the one to remember users by.
    pub sub: IdentityId,
    /// Its username, e.g. `ada@example.edu`. Needs the scope `profile`, as do the next five.
    pub preferred_username: Option<String>,
    /// The user's name.
    pub name: Option<String>,
    /// The user's organization.
    pub organization: Option<String>,
    /// Who the identity is from.
    pub identity_provider: Option<IdentityProviderId>,
    /// The name of that provider.
    pub identity_provider_display_name: Option<String>,
    /// When the user last authenticated with this identity, in seconds since 1970.
    pub last_authentication: Option<i64>,
    /// The e-mail address. Needs the scope `email`.
    pub email: Option<String>,
    /// All identities of the account. Needs the scope `view_identity_set`.
    pub identity_set: Option<Vec<LinkedIdentity>>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes one of the identities of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkedIdentity {
    /// The identity.
    pub sub: IdentityId,
    /// Its username, e.g. `ada@example.edu`.
    pub username: Option<String>,
    /// The name that its provider knows.
    pub name: Option<String>,
    /// The e-mail address that its provider knows.
    pub email: Option<String>,
    /// The organization that its provider knows.
    pub organization: Option<String>,
    /// Who it is from.
    pub identity_provider: Option<IdentityProviderId>,
    /// The name of that provider.
    pub identity_provider_display_name: Option<String>,
    /// When the user last authenticated with it, in seconds since 1970.
    pub last_authentication: Option<i64>,
    /// Whether it has been used.
    pub status: Option<IdentityStatus>,
    #[serde(flatten)]
    extra: Extra,
}

/// Tells where Globus Auth does what, in the form of OIDC Discovery.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenIdConfiguration {
    /// Who ID tokens are from: their claim `iss`.
    pub issuer: String,
    /// Where the keys are that ID tokens are signed with.
    pub jwks_uri: String,
    /// Where users log in.
    pub authorization_endpoint: Option<String>,
    /// Where tokens are got.
    pub token_endpoint: Option<String>,
    /// Where a token tells its user.
    pub userinfo_endpoint: Option<String>,
    /// Where tokens are revoked.
    pub revocation_endpoint: Option<String>,
    /// The OIDC scopes that there are.
    #[serde(default, deserialize_with = "or_default")]
    pub scopes_supported: Vec<String>,
    /// What a login can answer with.
    #[serde(default, deserialize_with = "or_default")]
    pub response_types_supported: Vec<String>,
    /// How ID tokens are signed, e.g. `RS512`.
    #[serde(default, deserialize_with = "or_default")]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How clients say who they are when they ask for tokens.
    #[serde(default, deserialize_with = "or_default")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// What ID tokens can tell.
    #[serde(default, deserialize_with = "or_default")]
    pub claims_supported: Vec<String>,
    /// Whether `sub` is the same for all clients: `public`, it is.
    #[serde(default, deserialize_with = "or_default")]
    pub subject_types_supported: Vec<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Holds the public keys of Globus Auth (RFC 7517).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JwkSet {
    /// The keys. Globus Auth has one, without a name (`kid`).
    pub keys: Vec<Jwk>,
    #[serde(flatten)]
    extra: Extra,
}

/// Is one public key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Jwk {
    /// The family: `RSA`.
    pub kty: String,
    /// The algorithm: `RS512`.
    pub alg: Option<String>,
    /// What it is for: `sig`, signatures.
    #[serde(rename = "use")]
    pub key_use: Option<String>,
    /// Its name, which a signature may refer to.
    pub kid: Option<String>,
    /// The modulus of an RSA key, base64url without padding.
    pub n: Option<String>,
    /// The exponent of an RSA key, base64url without padding.
    pub e: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(UserInfo, LinkedIdentity, OpenIdConfiguration, JwkSet, Jwk);
