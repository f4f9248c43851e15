//! `OpenID` Connect: where Globus Auth does what, and the keys that ID tokens are signed with.

mod pem;

use globus_core::{Extra, request};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{
    AuthClient,
    document::{extra_accessors, or_default},
};

request! {
    /// # OpenID Connect
    impl AuthClient {
        /// Tells where Globus Auth does what, as OIDC Discovery has it: addresses, algorithms, scopes.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let configuration = auth.get_openid_configuration().send().await?;
        /// println!("keys are at {}", configuration.jwks_uri);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: none, and no token either.
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
    /// them. To read an ID token, use an [`IdTokenDecoder`](crate::IdTokenDecoder), which does. Other programs take a key as
    /// [`Jwk::to_pem`] writes it.
    ///
    /// Scope: none.
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

/// True when nobody between here and there can change what comes from this address.
pub(crate) fn cannot_be_changed_on_the_way(url: &Url) -> bool {
    url.scheme() == "https"
        || url.scheme() == "http"
            && match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
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

extra_accessors!(OpenIdConfiguration, JwkSet, Jwk);
