//! Tokens in memory.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::{CommitTokens, DEFAULT_NAMESPACE, LockedTokens, Result, TokenChanges, TokenData, TokenStorage};

/// Keeps tokens for as long as the program runs. Clones share them.
#[derive(Clone)]
pub struct MemoryTokenStorage {
    namespaces: Arc<Mutex<BTreeMap<String, Arc<Namespace>>>>,
    namespace: Arc<Namespace>,
}

#[derive(Default)]
struct Namespace {
    turn: Arc<AsyncMutex<()>>,
    tokens: Mutex<BTreeMap<String, TokenData>>,
}

impl Namespace {
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, TokenData>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryTokenStorage {
    /// Makes an empty storage.
    #[must_use]
    pub fn new() -> Self {
        let nowhere = Self { namespaces: Arc::default(), namespace: Arc::default() };
        nowhere.with_namespace(DEFAULT_NAMESPACE)
    }

    /// Gives another part of the same storage, e.g. for another user. Default: [`DEFAULT_NAMESPACE`].
    #[must_use]
    pub fn with_namespace(self, namespace: impl Into<String>) -> Self {
        let mut namespaces = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = Arc::clone(namespaces.entry(namespace.into()).or_default());
        drop(namespaces);
        Self { namespace, ..self }
    }
}

impl Default for MemoryTokenStorage {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryTokenStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStorage")
            .field("tokens", &*self.namespace.tokens())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenStorage for MemoryTokenStorage {
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>> {
        Ok(self.namespace.tokens().clone())
    }

    async fn lock(&self) -> Result<LockedTokens<'_>> {
        let turn = Arc::clone(&self.namespace.turn).lock_owned().await;
        let tokens = self.namespace.tokens().clone();
        Ok(LockedTokens::new(tokens, Turn { namespace: Arc::clone(&self.namespace), _turn: turn }))
    }

    async fn get_token_data(&self, resource_server: &str) -> Result<Option<TokenData>> {
        Ok(self.namespace.tokens().get(resource_server).cloned())
    }
}

struct Turn {
    namespace: Arc<Namespace>,
    _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl CommitTokens for Turn {
    async fn commit(self: Box<Self>, changes: TokenChanges) -> Result<()> {
        let mut tokens = self.namespace.tokens();
        for token in changes.stored {
            tokens.insert(token.resource_server.clone(), token);
        }
        for resource_server in changes.removed {
            tokens.remove(&resource_server);
        }
        Ok(())
    }
}
