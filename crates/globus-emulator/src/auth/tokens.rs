//! Access and refresh tokens.

use std::collections::HashMap;
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::random;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

/// A token: who may do what, at which service, until when.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) client: Uuid,
    pub(crate) identity: Uuid,
    pub(crate) resource_server: String,
    /// The root scopes, in the order in which they were asked for.
    pub(crate) scopes: Vec<String>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// For an access token that was granted offline: the refresh token that it came with.
    pub(crate) refreshed_by: Option<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("kind", &self.kind)
            .field("client", &self.client)
            .field("resource_server", &self.resource_server)
            .finish_non_exhaustive()
    }
}

/// All tokens that still count. Revoked ones are gone, expired ones are kept until something asks for them.
#[derive(Default)]
pub(crate) struct Tokens {
    by_value: HashMap<String, Token>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("count", &self.by_value.len())
            .finish()
    }
}

impl Tokens {
    /// Keeps a new token and returns its value.
    pub(crate) fn issue(&mut self, token: Token) -> String {
        let value = format!("Ag{}", random::alphanumeric(90));
        self.by_value.insert(value.clone(), token);
        value
    }

    /// Returns a token that is neither revoked nor expired.
    pub(crate) fn active(&self, value: &str, now: Timestamp) -> Option<&Token> {
        self.by_value.get(value).filter(|token| now < token.expires)
    }

    /// Forgets a token, and with a refresh token the access tokens that came with it.
    pub(crate) fn revoke(&mut self, value: &str) {
        if let Some(token) = self.by_value.remove(value)
            && token.kind == Kind::Refresh
        {
            self.by_value
                .retain(|_, other| other.refreshed_by.as_deref() != Some(value));
        }
    }
}
