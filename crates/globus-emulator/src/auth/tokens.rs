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

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Refresh => "refresh",
        }
    }
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
    /// The consents that it stands on. It ends with any of them.
    pub(crate) consents: Vec<u64>,
    /// The login that it stems from; `None` for a client in its own name.
    pub(crate) session: Option<Uuid>,
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

/// All tokens that still count. Revoked ones are gone; expired ones are swept out from time to time.
#[derive(Default)]
pub(crate) struct Tokens {
    by_value: HashMap<String, Token>,
    sweep_at: usize,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("count", &self.by_value.len()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Keeps a new token and returns its value.
    pub(crate) fn issue(&mut self, token: Token) -> String {
        self.forget_expired(token.issued);
        let value = format!("Ag{}", random::alphanumeric(90));
        self.by_value.insert(value.clone(), token);
        value
    }

    /// Makes room now and then, so that a server that runs for months does not grow.
    fn forget_expired(&mut self, now: Timestamp) {
        if self.by_value.len() >= self.sweep_at {
            self.by_value.retain(|_, token| now < token.expires);
            self.sweep_at = 2 * self.by_value.len().max(1000);
        }
    }

    /// Returns a token that is neither revoked nor expired.
    pub(crate) fn active(&self, value: &str, now: Timestamp) -> Option<&Token> {
        self.by_value.get(value).filter(|token| now < token.expires)
    }

    /// Puts off the end of a token that was used.
    pub(crate) fn renew(&mut self, value: &str, expires: Timestamp) {
        if let Some(token) = self.by_value.get_mut(value) {
            token.expires = expires;
        }
    }

    /// Replaces a refresh token by a new one, which takes over its access tokens. Returns the new value.
    pub(crate) fn rotate(&mut self, old: &str, successor: Token) -> String {
        let value = self.issue(successor);
        self.by_value.remove(old);
        for token in self.by_value.values_mut().filter(|token| token.refreshed_by.as_deref() == Some(old)) {
            token.refreshed_by = Some(value.clone());
        }
        value
    }

    /// Forgets every token of a client.
    pub(crate) fn revoke_client(&mut self, client: Uuid) {
        self.by_value.retain(|_, token| token.client != client);
    }

    /// Returns the tokens that are neither revoked nor expired.
    pub(crate) fn live(&self, now: Timestamp) -> impl Iterator<Item = &Token> {
        self.by_value.values().filter(move |token| now < token.expires)
    }

    /// Forgets every token that stands on one of these consents.
    pub(crate) fn revoke_consents(&mut self, gone: &[u64]) {
        self.by_value.retain(|_, token| !token.consents.iter().any(|consent| gone.contains(consent)));
    }

    /// Lets every access token end now; refresh tokens stay. Returns how many there were.
    pub(crate) fn expire_access(&mut self, now: Timestamp) -> usize {
        let live =
            self.by_value.values_mut().filter(|token| token.kind == Kind::Access && now < token.expires);
        live.map(|token| token.expires = now).count()
    }

    /// Forgets a token, and with a refresh token the access tokens that came with it.
    pub(crate) fn revoke(&mut self, value: &str) {
        if let Some(token) = self.by_value.remove(value)
            && token.kind == Kind::Refresh
        {
            self.by_value.retain(|_, other| other.refreshed_by.as_deref() != Some(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn token(kind: Kind, refreshed_by: Option<&str>) -> Token {
        Token {
            kind,
            client: Uuid::from_u128(1),
            identity: Uuid::from_u128(2),
            resource_server: "transfer.api.globus.org".to_owned(),
            scopes: Vec::new(),
            consents: Vec::new(),
            session: None,
            issued: NOW,
            expires: NOW + SignedDuration::from_secs(10),
            refreshed_by: refreshed_by.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn a_token_lives_until_it_expires() {
        let mut tokens = Tokens::default();
        let value = tokens.issue(token(Kind::Access, None));
        assert!(tokens.active(&value, NOW + SignedDuration::from_secs(9)).is_some());
        assert!(tokens.active(&value, NOW + SignedDuration::from_secs(10)).is_none());
    }

    #[test]
    fn a_refresh_token_takes_its_access_tokens_with_it() {
        let mut tokens = Tokens::default();
        let refresh = tokens.issue(token(Kind::Refresh, None));
        let access = tokens.issue(token(Kind::Access, Some(&refresh)));
        let other = tokens.issue(token(Kind::Access, None));
        tokens.revoke(&refresh);
        assert!(tokens.active(&access, NOW).is_none());
        assert!(tokens.active(&other, NOW).is_some());
    }

    #[test]
    fn rotation_hands_the_access_tokens_over() {
        let mut tokens = Tokens::default();
        let old = tokens.issue(token(Kind::Refresh, None));
        let access = tokens.issue(token(Kind::Access, Some(&old)));
        let new = tokens.rotate(&old, token(Kind::Refresh, None));
        assert!(tokens.active(&old, NOW).is_none());
        assert!(tokens.active(&access, NOW).is_some());
        tokens.revoke(&new);
        assert!(tokens.active(&access, NOW).is_none());
    }

    #[test]
    fn expired_tokens_do_not_pile_up() {
        let mut tokens = Tokens::default();
        for second in 0..10_000 {
            let issued = NOW + SignedDuration::from_secs(second);
            tokens.issue(Token {
                issued,
                expires: issued + SignedDuration::from_secs(10),
                ..token(Kind::Access, None)
            });
        }
        assert!(tokens.by_value.len() <= 2001, "{}", tokens.by_value.len());
    }

    #[test]
    fn debug_shows_no_token() {
        let mut tokens = Tokens::default();
        let value = tokens.issue(token(Kind::Access, Some("Agsecret")));
        let shown = format!("{tokens:?} {:?}", tokens.active(&value, NOW));
        assert!(!shown.contains(&value) && !shown.contains("Agsecret"), "{shown}");
    }
}
