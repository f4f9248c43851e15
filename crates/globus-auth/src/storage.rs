//! Where tokens are kept between runs of a program.
//!
//! | | Keeps tokens in |
//! |---|---|
//! | [`JsonTokenStorage`] | a file, the same that the Python SDK uses: one login serves both |
#![cfg_attr(
    feature = "sqlite",
    doc = "| [`SqliteTokenStorage`] | an SQLite database, also shared with the Python SDK; for many users in one file |"
)]
#![cfg_attr(
    not(feature = "sqlite"),
    doc = "| `SqliteTokenStorage` (feature `sqlite`) | an SQLite database, also shared with the Python SDK |"
)]
//! | [`MemoryTokenStorage`] | memory: gone when the program ends |
//! | [`EnvironmentTokenStorage`] | environment variables: read only |
//! | your own [`TokenStorage`] | the database of a gateway, a vault, … |
//!
//! ```
//! use globus_auth::storage::{JsonTokenStorage, TokenData, TokenStorage};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("globus-auth-doc-{}", std::process::id()));
//! let storage = JsonTokenStorage::new(folder.join("tokens.json"));
//! let token = TokenData::new("transfer.api.globus.org", "urn:globus:auth:scope:transfer.api.globus.org:all",
//!     "AgExample", 1_900_000_000);
//! storage.store_token_data(vec![token]).await?;
//!
//! let stored = storage.get_token_data("transfer.api.globus.org").await?.ok_or("no token")?;
//! assert_eq!(stored.access_token.expose(), "AgExample");
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(()) }
//! ```
//!
//! # Many processes, one login
//! Everything that changes a storage happens under its [`lock`](TokenStorage::lock), which other threads and processes
//! respect. Hold it to renew a token: whoever comes second finds the new token instead of fetching another one, and no
//! refresh token that Globus Auth has just replaced is used or written back.
//!
//! ```
//! # use globus_auth::storage::*;
//! # async fn refresh(token: &TokenData) -> Result<TokenData, StorageError> { Ok(token.clone()) }
//! # async fn example(storage: &dyn TokenStorage, now: globus_core::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
//! let mut tokens = storage.lock().await?;
//! let token = tokens.get("transfer.api.globus.org").ok_or("log in first")?;
//! if token.is_expired(now) {
//!     let new = refresh(token).await?;
//!     tokens.renew(new);
//!     tokens.commit().await?;
//! }
//! # Ok(()) }
//! ```
//!
//! # Files
//! Files are readable for their owner only (0600); one that others can read is mended when it is next opened. JSON
//! files are replaced as a whole: a crash, a full disk or a kill leaves the old file. The lock is a file beside the
//! storage, `tokens.json.lock`, which stays there, empty. Where the file system has no locks (some cluster mounts),
//! the SDK warns once and goes on: files stay whole there, but two processes may both renew a token.
//!
//! The Python SDK takes no lock, and writes JSON files in place. A file that it is just writing is read again a moment
//! later; but what it writes in the very moment in which we write may be lost, as it may between two Python programs.
//!
//! File work is done in the calling thread: it takes milliseconds, and nothing is left running when a call is
//! cancelled. Waiting for a lock does not block the thread.

mod data;
mod document;
mod environment;
mod error;
mod file;
mod json;
mod locked;
mod memory;
mod paths;
mod preflight;
#[cfg(feature = "sqlite")]
mod sqlite;
mod validate;

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use globus_core::IdentityId;

#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteTokenStorage;
pub use self::{
    data::TokenData,
    environment::EnvironmentTokenStorage,
    error::StorageError,
    json::JsonTokenStorage,
    locked::{CommitTokens, LockedTokens, TokenChanges},
    memory::MemoryTokenStorage,
    preflight::{Preflight, PreflightProblem, Unprepared},
    validate::{TokenValidationError, stored_identity, validate_identity},
};
use crate::OAuthTokenResponse;

type Result<T, E = StorageError> = std::result::Result<T, E>;

/// Names the part of a storage that is used unless another one is chosen; the same as in the Python SDK.
pub const DEFAULT_NAMESPACE: &str = "DEFAULT";

/// Keeps tokens, one for each resource server.
///
/// For one's own storage, write [`get_token_data_by_resource_server`](Self::get_token_data_by_resource_server) and
/// [`lock`](Self::lock); the rest follows from these. A database does it like this: `lock` begins a transaction and
/// takes a lock on the user's rows, [`CommitTokens::commit`] writes the changes and commits, and dropping it without a
/// commit rolls back.
///
/// ```
/// use std::collections::BTreeMap;
/// use globus_auth::storage::*;
///
/// # #[derive(Debug, Clone)] struct Pool;
/// # struct Transaction;
/// # impl Pool { async fn begin(&self) -> std::io::Result<Transaction> { Ok(Transaction) } }
/// # impl Transaction {
/// #     async fn rows(&mut self, user: &str) -> std::io::Result<Vec<String>> { Ok(vec![]) }
/// #     async fn upsert(&mut self, user: &str, server: &str, json: String) -> std::io::Result<()> { Ok(()) }
/// #     async fn delete(&mut self, user: &str, server: &str) -> std::io::Result<()> { Ok(()) }
/// #     async fn commit(self) -> std::io::Result<()> { Ok(()) }
/// # }
/// #[derive(Debug)]
/// struct UserTokens {
///     pool: Pool,
///     user: String,
/// }
///
/// struct InTransaction {
///     transaction: Transaction,
///     user: String,
/// }
///
/// fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StorageError {
///     StorageError::other("the token table", error)
/// }
///
/// #[async_trait::async_trait]
/// impl TokenStorage for UserTokens {
///     async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>, StorageError> {
///         Ok(self.lock().await?.into_tokens())
///     }
///
///     async fn lock(&self) -> Result<LockedTokens<'_>, StorageError> {
///         let mut transaction = self.pool.begin().await.map_err(failed)?;
///         // select record from tokens where user = $1 for update
///         let mut tokens = BTreeMap::new();
///         for json in transaction.rows(&self.user).await.map_err(failed)? {
///             let token: TokenData = serde_json::from_str(&json).map_err(failed)?;
///             tokens.insert(token.resource_server.clone(), token);
///         }
///         Ok(LockedTokens::new(tokens, InTransaction { transaction, user: self.user.clone() }))
///     }
/// }
///
/// #[async_trait::async_trait]
/// impl CommitTokens for InTransaction {
///     async fn commit(mut self: Box<Self>, changes: TokenChanges) -> Result<(), StorageError> {
///         for token in changes.stored {
///             let json = serde_json::to_string(&token).map_err(failed)?;
///             self.transaction.upsert(&self.user, &token.resource_server, json).await.map_err(failed)?;
///         }
///         for resource_server in changes.removed {
///             self.transaction.delete(&self.user, &resource_server).await.map_err(failed)?;
///         }
///         self.transaction.commit().await.map_err(failed)
///     }
/// }
/// ```
#[async_trait]
pub trait TokenStorage: fmt::Debug + Send + Sync {
    /// Gives all tokens, by resource server. Does not wait for the lock.
    ///
    /// # Errors
    /// A [`StorageError`] that names the file and what is wrong with it. A file that is not there is no error: it
    /// holds no tokens.
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>>;

    /// Waits until nobody else changes this storage, and gives its tokens as they are then.
    ///
    /// The lock holds against all threads and processes that use this trait's storages, until what it gives is
    /// committed or dropped.
    ///
    /// # Errors
    /// As for reading, and when the storage cannot be changed or the lock cannot be had.
    async fn lock(&self) -> Result<LockedTokens<'_>>;

    /// Gives the token for one resource server. Does not wait for the lock.
    ///
    /// # Errors
    /// As [`get_token_data_by_resource_server`](Self::get_token_data_by_resource_server).
    async fn get_token_data(&self, resource_server: &str) -> Result<Option<TokenData>> {
        Ok(self.get_token_data_by_resource_server().await?.remove(resource_server))
    }

    /// Stores tokens, each in place of the one that is there for its resource server; all others stay.
    ///
    /// # Errors
    /// As [`lock`](Self::lock), and when writing fails: then none of the tokens is stored.
    #[doc(alias = "store_token_data_by_resource_server")]
    async fn store_token_data(&self, tokens: Vec<TokenData>) -> Result<()> {
        let mut locked = self.lock().await?;
        for token in tokens {
            locked.insert(token);
        }
        locked.commit().await
    }

    /// Stores all tokens of an answer, each in place of the one that is there for its resource server.
    ///
    /// After a login, the identity is the one that its id token names
    /// ([`decode_id_token`](OAuthTokenResponse::decode_id_token)). After a renewal there is none to tell: `None` keeps
    /// the one that is stored, and the refresh token too, when the answer brings no new one.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     client: globus_auth::NativeAppAuthClient, tokens: globus_auth::OAuthTokenResponse,
    /// #     storage: globus_auth::storage::JsonTokenStorage,
    /// # ) -> globus_auth::Result<()> {
    /// use globus_auth::storage::TokenStorage;
    ///
    /// let who = tokens.decode_id_token(&client).await?;
    /// storage.store_token_response(&tokens, Some(who.sub)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`store_token_data`](Self::store_token_data).
    async fn store_token_response(
        &self,
        response: &OAuthTokenResponse,
        identity_id: Option<IdentityId>,
    ) -> Result<()> {
        let mut locked = self.lock().await?;
        for token in response.tokens() {
            let token = TokenData::from(token).with_identity_id(identity_id);
            if identity_id.is_some() { locked.insert(token) } else { locked.renew(token) }
        }
        locked.commit().await
    }

    /// Removes the token for one resource server; gives whether there was one.
    ///
    /// # Errors
    /// As [`store_token_data`](Self::store_token_data).
    async fn remove_token_data(&self, resource_server: &str) -> Result<bool> {
        let mut locked = self.lock().await?;
        let removed = locked.remove(resource_server).is_some();
        locked.commit().await?;
        Ok(removed)
    }
}

#[async_trait]
impl<S: TokenStorage + ?Sized> TokenStorage for Arc<S> {
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>> {
        (**self).get_token_data_by_resource_server().await
    }

    async fn lock(&self) -> Result<LockedTokens<'_>> {
        (**self).lock().await
    }

    async fn get_token_data(&self, resource_server: &str) -> Result<Option<TokenData>> {
        (**self).get_token_data(resource_server).await
    }

    async fn store_token_data(&self, tokens: Vec<TokenData>) -> Result<()> {
        (**self).store_token_data(tokens).await
    }

    async fn remove_token_data(&self, resource_server: &str) -> Result<bool> {
        (**self).remove_token_data(resource_server).await
    }
}
