//! Who logged in, as Globus Auth has signed it.

mod error;
mod provider;
mod signature;

use std::time::Duration;

use globus_core::{Extra, IdentityId, Result, Secret, Timestamp};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

pub use self::error::IdTokenError;
pub(crate) use self::provider::ProviderCache;
use self::{provider::Provider, signature::SignedToken};
use crate::{
    AuthLoginClient,
    api::{identities::IdentityProviderId, userinfo::LinkedIdentity},
    introspection::one_or_many,
};

/// How far two clocks may be apart, both ways: as in the Python SDK.
const LEEWAY: Duration = Duration::from_secs(300);

/// Checks id tokens, and gives what they say.
///
/// [`OAuthTokenResponse::decode_id_token`](crate::OAuthTokenResponse::decode_id_token) does this with the answer of a
/// login. Checked are the signature (with the key that the token names, else with the first of its kind), who it comes
/// from (`iss`), whom it is for (`aud`: the client's id), the times (`exp`, `iat`, `nbf`), and the `nonce` when one is
/// given.
///
/// Where Globus Auth signs, how and with which keys is asked once for all clones of a client, and once more when a
/// token does not fit what is known, at most once a minute.
///
/// ```no_run
/// # async fn example(client: globus_auth::NativeAppAuthClient, id_token: globus_auth::Secret) -> globus_auth::Result<()> {
/// use globus_auth::IdTokenDecoder;
///
/// let who = IdTokenDecoder::new(client).decode(&id_token).await?;
/// println!("{} {:?}", who.sub, who.preferred_username);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct IdTokenDecoder {
    client: AuthLoginClient,
    leeway: Duration,
    nonce: Option<Secret>,
}

impl IdTokenDecoder {
    /// Decodes id tokens that were made for this client. Asks nothing yet.
    #[must_use]
    pub fn new(client: impl Into<AuthLoginClient>) -> Self {
        Self { client: client.into(), leeway: LEEWAY, nonce: None }
    }

    /// Lets the clocks of Globus Auth and of this machine be this far apart. Default: 300 s, both ways.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Asks for this nonce in the token: the one that the login was begun with. Default: any, and none, will do.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<Option<Secret>>) -> Self {
        self.nonce = nonce.into();
        self
    }

    /// Checks a token, and gives what it says.
    ///
    /// # Errors
    /// An [`IdTokenError`] beneath, when the token does not prove who logged in; those of
    /// [`get_openid_configuration`](crate::AuthLoginClient::get_openid_configuration) and
    /// [`get_jwk`](crate::AuthLoginClient::get_jwk) when the keys cannot be had.
    pub async fn decode(&self, id_token: &Secret) -> Result<IdToken> {
        let token = SignedToken::read(id_token.expose())?;
        let cache = self.client.provider();
        let known = cache.get(&self.client).await?;
        let verdict = match self.verify(&token, &known) {
            Err(error) if error.may_be_of_a_new_key() => match cache.newer(&known, &self.client).await? {
                Some(newer) => self.verify(&token, &newer),
                None => Err(error),
            },
            verdict => verdict,
        };
        Ok(verdict?)
    }

    fn verify(&self, token: &SignedToken<'_>, provider: &Provider) -> Result<IdToken, IdTokenError> {
        let announced = &provider.configuration.id_token_signing_alg_values_supported;
        let claims = read(token.verified(&provider.keys, announced)?)?;
        self.check(&claims, &provider.configuration.issuer)?;
        Ok(claims)
    }

    fn check(&self, claims: &IdToken, issuer: &str) -> Result<(), IdTokenError> {
        if claims.iss != issuer {
            return Err(IdTokenError::Issuer { issuer: claims.iss.clone(), expected: issuer.to_owned() });
        }
        let client = self.client.client_id().to_string();
        if !claims.aud.iter().any(|audience| audience.eq_ignore_ascii_case(&client)) {
            return Err(IdTokenError::Audience { audience: claims.aud.clone(), expected: client });
        }
        self.check_times(claims)?;
        match (&self.nonce, &claims.nonce) {
            (Some(expected), nonce) if nonce.as_ref() != Some(expected) => Err(IdTokenError::Nonce),
            _ => Ok(()),
        }
    }

    fn check_times(&self, claims: &IdToken) -> Result<(), IdTokenError> {
        let now = self.client.base().clock().now();
        let leeway = i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX);
        let seconds = now.as_second();
        if seconds.saturating_sub(leeway) >= claims.exp.as_second() {
            return Err(IdTokenError::Expired { expired: claims.exp, now });
        }
        for (claim, from) in [("iat", claims.iat), ("nbf", claims.nbf)] {
            if let Some(from) = from.filter(|from| from.as_second() > seconds.saturating_add(leeway)) {
                return Err(IdTokenError::TooEarly { claim, from, now });
            }
        }
        Ok(())
    }
}

/// Says who logged in, and to which client.
///
/// What an [`IdTokenDecoder`] gives has been checked. What it tells of the user depends on the scopes of the login, as for
/// [`userinfo`](crate::AuthClient::userinfo).
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct IdToken {
    /// The identity that logged in. Never changes, unlike the username: the one to remember users by.
    pub sub: IdentityId,
    /// Who signed it.
    pub iss: String,
    /// The clients that it is for.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// Until when it is good.
    #[serde(deserialize_with = "time")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(default, deserialize_with = "maybe_time")]
    pub iat: Option<Timestamp>,
    /// From when on it is good.
    #[serde(default, deserialize_with = "maybe_time")]
    pub nbf: Option<Timestamp>,
    /// A digest of the access token that it came with.
    pub at_hash: Option<String>,
    /// What marks the login that it belongs to, when that was begun with a nonce.
    pub nonce: Option<Secret>,
    /// The username, e.g. `ada@example.edu`. Needs the scope `profile`, as do the next five.
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

impl IdToken {
    /// Gives the claims that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Reads the claims; what is wrong with one is told without its value.
fn read(payload: &[u8]) -> Result<IdToken, IdTokenError> {
    let claims: Map<String, Value> = serde_json::from_slice(payload)
        .map_err(|_| IdTokenError::malformed("its payload is no JSON object"))?;
    for claim in ["sub", "iss", "aud", "exp"] {
        if claims.get(claim).is_none_or(Value::is_null) {
            return Err(IdTokenError::malformed(format!("it has no claim {claim}")));
        }
    }
    serde_path_to_error::deserialize(Value::Object(claims)).map_err(|error| {
        IdTokenError::malformed(format!("the claim {} has not the expected form", error.path()))
    })
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    maybe_time(deserializer)?.ok_or_else(|| D::Error::custom("no time"))
}

/// Reads seconds since 1970, which may have a fraction (RFC 7519).
fn maybe_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and no such time is one")]
    let seconds = seconds.floor() as i64;
    Timestamp::from_second(seconds).map(Some).map_err(|_| D::Error::custom("no time"))
}
