//! What Globus Auth says about a token.

use globus_core::{ClientId, Extra, IdentityId, Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use crate::token_request::answer::TokenAnswer;

/// Says whether a token is valid.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenStatus {
    /// True when the token can be used. After it was revoked, always false.
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

    /// Gives the members that have no field here, `session_info` and `identity_set_detail` among them.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

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
