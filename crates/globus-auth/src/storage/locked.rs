//! Tokens that nobody else may change meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Result, TokenData};

/// Holds the lock of a [`TokenStorage`](super::TokenStorage), and its tokens as they were when the lock was taken.
///
/// Changes are collected here, and written together by [`commit`](Self::commit). Dropping it gives up the lock and
/// the changes.
#[must_use = "the lock is given up when this is dropped, and changes are lost without `commit`"]
pub struct LockedTokens<'a> {
    tokens: BTreeMap<String, TokenData>,
    changed: BTreeSet<String>,
    /// Is only ever taken out. The mutex lets references to tokens live across an `await` although the transaction of
    /// a database need not be `Sync`.
    commit: Mutex<Box<dyn CommitTokens + 'a>>,
}

impl<'a> LockedTokens<'a> {
    /// Makes it from the tokens that are stored and from what writes changes and holds the lock: for one's own
    /// [`TokenStorage`](super::TokenStorage).
    pub fn new(tokens: BTreeMap<String, TokenData>, commit: impl CommitTokens + 'a) -> Self {
        Self { tokens, changed: BTreeSet::new(), commit: Mutex::new(Box::new(commit)) }
    }

    /// Gives the token for one resource server, with the changes made here.
    #[must_use]
    pub fn get(&self, resource_server: &str) -> Option<&TokenData> {
        self.tokens.get(resource_server)
    }

    /// Gives all tokens, by resource server, with the changes made here.
    #[must_use]
    pub fn tokens(&self) -> &BTreeMap<String, TokenData> {
        &self.tokens
    }

    /// Gives up the lock and the changes that were not committed, and gives the tokens.
    #[must_use]
    pub fn into_tokens(self) -> BTreeMap<String, TokenData> {
        self.tokens
    }

    /// Puts a token in place of the one that is there for its resource server.
    pub fn insert(&mut self, token: TokenData) {
        self.changed.insert(token.resource_server.clone());
        self.tokens.insert(token.resource_server.clone(), token);
    }

    /// Puts a renewed token in place of the one that it was got with. What the new one does not say stays: who logged
    /// in, and the refresh token when Globus Auth did not replace it.
    pub fn renew(&mut self, mut token: TokenData) {
        if let Some(previous) = self.tokens.get(&token.resource_server) {
            token.fill_from(previous);
        }
        self.insert(token);
    }

    /// Takes the token for one resource server away.
    pub fn remove(&mut self, resource_server: &str) -> Option<TokenData> {
        let removed = self.tokens.remove(resource_server)?;
        self.changed.insert(resource_server.to_owned());
        Some(removed)
    }

    /// Writes the changes, all or none, and gives up the lock.
    ///
    /// # Errors
    /// A [`StorageError`](super::StorageError) when writing fails. What was stored before stays; a token that was just
    /// fetched should then be kept in memory, because its predecessor may not be valid any more.
    pub async fn commit(mut self) -> Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let (stored, removed): (Vec<_>, Vec<_>) =
            self.changed.into_iter().partition(|name| self.tokens.contains_key(name));
        let stored = stored.iter().filter_map(|name| self.tokens.remove(name)).collect();
        let commit = self.commit.into_inner().unwrap_or_else(PoisonError::into_inner);
        commit.commit(TokenChanges { stored, removed }).await
    }
}

impl fmt::Debug for LockedTokens<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedTokens")
            .field("tokens", &self.tokens)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

/// Lists what has to be written: for one's own [`TokenStorage`](super::TokenStorage).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TokenChanges {
    /// Is to be stored, each in place of the token that is there for its resource server.
    pub stored: Vec<TokenData>,
    /// Is to be removed: resource servers, for which there may be no token any more.
    pub removed: Vec<String>,
}

/// Writes changes and holds the lock of one's own [`TokenStorage`](super::TokenStorage); dropping it gives the lock up.
#[async_trait]
pub trait CommitTokens: Send {
    /// Writes the changes, all or none, and gives the lock up. Tokens that the changes do not name stay as they are.
    ///
    /// # Errors
    /// When writing fails; nothing is changed then.
    async fn commit(self: Box<Self>, changes: TokenChanges) -> Result<()>;
}
