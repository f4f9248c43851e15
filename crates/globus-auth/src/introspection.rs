//! What Globus Auth says about a token.

use std::collections::BTreeMap;

use globus_core::{ClientId, Extra, IdentityId, PolicyId, Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{
    api::{
        document::{extra_accessors, or_default},
        identities::IdentityProviderId,
        userinfo::LinkedIdentity,
    },
    token_request::answer::TokenAnswer,
};

/// Says whether a token is valid.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenStatus {
    /// True when the token can be used. In the answer to a revocation always false.
    #[serde(default)]
    pub active: bool,
    #[serde(flatten)]
    extra: Extra,
}

impl TokenStatus {
    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Says whose a token is, what it is for, and until when.
///
/// When [`active`](Self::active) is false there is nothing else: the token is expired, revoked, made up, or none of
/// the business of the client that asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenIntrospection {
    /// True when the token can be used.
    #[serde(default)]
    pub active: bool,
    /// Says how the token is sent: `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Lists the names of the scopes, separated by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Is the client that the token was given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Is the identity that the token stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<IdentityId>,
    /// Is the username of that identity, e.g. `ada@example.edu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Is the name of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Is its owner's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Lists those that the token is meant for: resource servers, and the client that it was given to.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub aud: Vec<String>,
    /// Names who gave the token out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Says until when the token is valid, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Says when the token was given out, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Says from when on the token is valid, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Lists all identities of the account, when `identity_set` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_set: Option<Vec<IdentityId>>,
    /// Lists them too, when `identities_set` was asked for: the older name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identities_set: Option<Vec<IdentityId>>,
    /// Describes all identities of the account, when `identity_set_detail` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_set_detail: Option<Vec<LinkedIdentity>>,
    /// Says how the user has authenticated, when `session_info` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_info: Option<SessionInfo>,
    /// Says of each policy that was asked for whether the user meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_evaluations: Option<BTreeMap<PolicyId, PolicyEvaluation>>,
    /// Changes when the dependent tokens of this token would be others: the key to keep these under. Only for resource
    /// servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependent_tokens_cache_id: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl TokenIntrospection {
    /// Says until when the token is valid.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.exp?).ok()
    }

    /// True when the token has this scope. Takes its name, without dependencies.
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.as_deref().unwrap_or_default().split_whitespace().any(|scope| scope == name)
    }

    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Says how a user has authenticated in the session that a token belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The session.
    pub session_id: Option<String>,
    /// The last authentication with each identity. Empty when the user was logged in already, from an older session.
    #[serde(default, deserialize_with = "or_default")]
    pub authentications: BTreeMap<IdentityId, SessionAuthentication>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes one authentication in a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionAuthentication {
    /// Who the identity is from.
    pub idp: Option<IdentityProviderId>,
    /// When it was, in seconds since 1970.
    pub auth_time: Option<i64>,
    /// The authentication context, in the words of the provider.
    pub acr: Option<String>,
    /// The methods, e.g. `mfa`, in the words of the provider.
    pub amr: Option<Vec<String>>,
    /// What else the provider says.
    #[serde(default, deserialize_with = "or_default")]
    pub custom_claims: Map<String, Value>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says whether a policy is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyEvaluation {
    /// True when it is.
    pub evaluation: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(SessionInfo, SessionAuthentication, PolicyEvaluation);

/// Reads a text, or a list of texts: RFC 7662 allows both.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Texts::One(text)) => vec![text],
        Some(Texts::Many(texts)) => texts,
        None => Vec::new(),
    })
}

/// These are on the wire what they are here.
macro_rules! plain_answer {
    ($($Document:ty),+) => { $(
        impl TokenAnswer for $Document {
            type Document = Self;

            fn received(document: Self, _: Timestamp, _: Option<Secret>) -> Self {
                document
            }
        }
    )+ };
}

plain_answer!(TokenStatus, TokenIntrospection);
