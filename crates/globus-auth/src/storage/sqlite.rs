//! Tokens in an SQLite database.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use globus_core::ClientId;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};
use tokio::time::{Instant, sleep};

use super::{
    CommitTokens, DEFAULT_NAMESPACE, LockedTokens, Result, StorageError, TokenChanges, TokenData,
    TokenStorage,
    file::{Held, TokenFile},
    paths,
};

/// The tables of schema 2. Schema 1, of the `globus` command, has one more, which stays untouched.
const SCHEMA: &str = "
    CREATE TABLE token_storage (
        namespace VARCHAR NOT NULL,
        resource_server VARCHAR NOT NULL,
        token_data_json VARCHAR NOT NULL,
        PRIMARY KEY (namespace, resource_server)
    );
    CREATE TABLE sdk_storage_adapter_internal (
        attribute VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (attribute)
    );
";
const KNOWN_VERSIONS: &str = "1 and 2";

/// How long between two tries when somebody else is writing.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Keeps tokens in an SQLite database: that of the Python SDK's `SQLiteTokenStorage`, with which it can share a login.
///
/// Reads and writes schema 2, which it makes, and schema 1, which the `globus` command has in
/// `~/.globus/cli/storage.db` (its namespace is `userprofile/production`). The journal mode stays what it is. The
/// database and its folder are made by the first write, for the owner only.
///
/// Every call opens the database anew, so that the storage can be used from any thread, and after a fork or when the
/// file is replaced. Clones are the same storage.
///
/// The lock that [`lock`](TokenStorage::lock) takes is a file beside the database: while a token is renewed, the
/// database itself is not locked, and Python programs can work with it.
#[derive(Debug, Clone)]
pub struct SqliteTokenStorage {
    file: TokenFile,
    namespace: String,
}

impl SqliteTokenStorage {
    /// Makes the storage at a path. Nothing is read or written yet.
    ///
    /// `:memory:` cannot be used: its calls fail and say so. Use [`MemoryTokenStorage`](super::MemoryTokenStorage).
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { file: TokenFile::new(path.into()), namespace: DEFAULT_NAMESPACE.to_owned() }
    }

    /// Makes the storage where the Python SDK keeps an app's tokens, as
    /// [`JsonTokenStorage::for_globus_app`](super::JsonTokenStorage::for_globus_app) does, but in `tokens.db`.
    ///
    /// # Errors
    /// As there.
    pub fn for_globus_app(client_id: ClientId, app_name: &str, environment: &str) -> Result<Self> {
        paths::for_globus_app(client_id, app_name, environment, "db").map(Self::new)
    }

    /// Chooses a part of the database, e.g. for one of several users. Default: [`DEFAULT_NAMESPACE`].
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets how long to wait for others who hold the lock or write. Default: 2 minutes.
    #[must_use]
    pub fn with_lock_timeout(mut self, lock_timeout: Duration) -> Self {
        self.file.set_lock_timeout(lock_timeout);
        self
    }

    /// Gives the path of the database.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the part of the database that is used.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Lists all parts of the database that have tokens.
    ///
    /// # Errors
    /// As [`TokenStorage::get_token_data_by_resource_server`].
    #[doc(alias = "iter_namespaces")]
    pub async fn namespaces(&self) -> Result<Vec<String>> {
        let query = "SELECT DISTINCT namespace FROM token_storage ORDER BY namespace";
        let found =
            self.read(|tables| tables.prepare(query)?.query_map((), |row| row.get(0))?.collect()).await?;
        Ok(found.unwrap_or_default())
    }

    /// Reads; gives `None` when there is no database, or nothing in it.
    async fn read<T: Send>(
        &self,
        query: impl Fn(&Transaction<'_>) -> rusqlite::Result<T> + Send + Sync,
    ) -> Result<Option<T>> {
        self.check_path()?;
        // Mends the permissions too.
        if self.file.open()?.is_none() {
            return Ok(None);
        }
        self.while_busy("read", || {
            let mut connection = self.open(self.file.path(), "read")?;
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Deferred)
                .map_err(self.failed("read"))?;
            if !self.check_tables(&transaction)? {
                return Ok(None);
            }
            query(&transaction).map(Some).map_err(self.failed("read"))
        })
        .await
    }

    /// Changes the database in one transaction, and makes it first if need be.
    async fn write<T: Send>(
        &self,
        held: &Held,
        change: impl Fn(&Transaction<'_>) -> rusqlite::Result<T> + Send + Sync,
    ) -> Result<T> {
        if self.file.open()?.is_none() {
            // Comes into being as a whole: the Python SDK adds no tables to a file that it finds.
            held.replace(&new_database().map_err(self.failed("create"))?)?;
        }
        self.while_busy("write", || {
            let mut connection = self.open(held.path(), "write")?;
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(self.failed("write"))?;
            if !self.check_tables(&transaction)? {
                create_tables(&transaction).map_err(self.failed("write"))?;
            }
            let result = change(&transaction).map_err(self.failed("write"))?;
            transaction.commit().map_err(self.failed("write"))?;
            Ok(result)
        })
        .await
    }

    /// Tries again for as long as somebody else uses the database. Does not block the thread, as SQLite would.
    async fn while_busy<T: Send>(
        &self,
        action: &'static str,
        mut work: impl FnMut() -> Result<T> + Send,
    ) -> Result<T> {
        let begin = Instant::now();
        loop {
            match work() {
                Err(StorageError::Sqlite { source, .. }) if is_busy(source.as_ref()) => {
                    let waited = begin.elapsed();
                    if waited >= self.file.lock_timeout() {
                        return Err(StorageError::Locked { path: self.file.path().to_owned(), waited });
                    }
                    tracing::trace!(path = %self.file.path().display(), action, "somebody else uses the database");
                    sleep(BETWEEN_TRIES).await;
                }
                result => return result,
            }
        }
    }

    fn open(&self, path: &Path, action: &'static str) -> Result<Connection> {
        // Without the flags for creating and for reading URIs. SQLite itself falls back to reading only.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(self.failed(action))?;
        connection.busy_timeout(Duration::ZERO).map_err(self.failed(action))?;
        Ok(connection)
    }

    /// Tells whether the tables are there; an error when it is another database than one for tokens.
    fn check_tables(&self, transaction: &Transaction<'_>) -> Result<bool> {
        let failed = self.failed("read");
        let mut query =
            transaction.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").map_err(&failed)?;
        let names: Vec<String> =
            query.query_map((), |row| row.get(0)).and_then(Iterator::collect).map_err(&failed)?;
        if names.is_empty() {
            return Ok(false);
        }
        let has = |table| names.iter().any(|name| name == table);
        if !has("token_storage") {
            return Err(self.malformed("it is an SQLite database without a table \"token_storage\""));
        }
        if has("sdk_storage_adapter_internal") {
            let version: Option<String> = transaction
                .query_row(
                    "SELECT value FROM sdk_storage_adapter_internal
                     WHERE attribute = 'globus-sdk.database_schema_version'",
                    (),
                    |row| row.get(0),
                )
                .optional()
                .map_err(&failed)?;
            if let Some(version) = version.filter(|version| version != "1" && version != "2") {
                let path = self.file.path().to_owned();
                return Err(StorageError::UnknownVersion { path, version, known: KNOWN_VERSIONS });
            }
        }
        Ok(true)
    }

    /// Makes the changes; gives whether any token was there to be removed.
    async fn apply(&self, held: &Held, changes: &TokenChanges) -> Result<bool> {
        self.write(held, |tables| {
            for token in &changes.stored {
                let record = serde_json::to_string(token)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                tables.execute(
                    "REPLACE INTO token_storage(namespace, resource_server, token_data_json) VALUES (?, ?, ?)",
                    params![self.namespace, token.resource_server, record],
                )?;
            }
            let mut removed = 0;
            for resource_server in &changes.removed {
                removed += tables.execute(
                    "DELETE FROM token_storage WHERE namespace = ? AND resource_server = ?",
                    params![self.namespace, resource_server],
                )?;
            }
            Ok(removed > 0)
        })
        .await
    }

    fn token(&self, resource_server: &str, record: &str) -> Result<TokenData> {
        serde_json::from_str(record).map_err(|error| {
            let namespace = &self.namespace;
            self.malformed(format!("record {resource_server:?} of namespace {namespace:?}: {error}"))
        })
    }

    fn check_path(&self) -> Result<()> {
        if self.file.path() == Path::new(":memory:") {
            let problem = "\":memory:\" cannot be used as token storage: use MemoryTokenStorage".to_owned();
            return Err(StorageError::Path { problem });
        }
        Ok(())
    }

    fn malformed(&self, problem: impl Into<String>) -> StorageError {
        StorageError::Malformed { path: self.file.path().to_owned(), problem: problem.into() }
    }

    fn failed(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> StorageError {
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => self.malformed("it is not an SQLite database"),
            Some(ErrorCode::DatabaseCorrupt) => self.malformed(format!("the database is damaged: {error}")),
            _ => StorageError::Sqlite { action, path: self.file.path().to_owned(), source: error.into() },
        }
    }
}

fn is_busy(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn new_database() -> rusqlite::Result<Vec<u8>> {
    let mut connection = Connection::open_in_memory()?;
    let transaction = connection.transaction()?;
    create_tables(&transaction)?;
    transaction.commit()?;
    Ok(connection.serialize("main")?.to_vec())
}

fn create_tables(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(SCHEMA)?;
    let insert = "INSERT INTO sdk_storage_adapter_internal(attribute, value) VALUES (?, ?)";
    transaction.execute(insert, ["globus-sdk.version", env!("CARGO_PKG_VERSION")])?;
    transaction.execute(insert, ["globus-sdk.database_schema_version", "2"])?;
    Ok(())
}

#[async_trait]
impl TokenStorage for SqliteTokenStorage {
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>> {
        let query = "SELECT resource_server, token_data_json FROM token_storage WHERE namespace = ?";
        let rows: Option<Vec<(String, String)>> = self
            .read(|tables| {
                let mut query = tables.prepare(query)?;
                query.query_map([&self.namespace], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .await?;
        rows.unwrap_or_default()
            .into_iter()
            .map(|(resource_server, record)| {
                let token = self.token(&resource_server, &record)?;
                Ok((resource_server, token))
            })
            .collect()
    }

    async fn lock(&self) -> Result<LockedTokens<'_>> {
        self.check_path()?;
        let held = self.file.lock().await?;
        let tokens = self.get_token_data_by_resource_server().await?;
        Ok(LockedTokens::new(tokens, Commit { storage: self, held }))
    }

    /// Reads this one record only: a broken one beside it does no harm.
    async fn get_token_data(&self, resource_server: &str) -> Result<Option<TokenData>> {
        let query = "SELECT token_data_json FROM token_storage WHERE namespace = ? AND resource_server = ?";
        let record: Option<Option<String>> = self
            .read(|tables| {
                tables.query_row(query, [&*self.namespace, resource_server], |row| row.get(0)).optional()
            })
            .await?;
        record.flatten().map(|record| self.token(resource_server, &record)).transpose()
    }

    async fn store_token_data(&self, tokens: Vec<TokenData>) -> Result<()> {
        if tokens.is_empty() {
            return Ok(());
        }
        self.check_path()?;
        let held = self.file.lock().await?;
        self.apply(&held, &TokenChanges { stored: tokens, removed: Vec::new() }).await.map(drop)
    }

    async fn remove_token_data(&self, resource_server: &str) -> Result<bool> {
        self.check_path()?;
        if self.file.open()?.is_none() {
            return Ok(false);
        }
        let held = self.file.lock().await?;
        self.apply(&held, &TokenChanges { stored: Vec::new(), removed: vec![resource_server.to_owned()] })
            .await
    }
}

struct Commit<'a> {
    storage: &'a SqliteTokenStorage,
    held: Held,
}

#[async_trait]
impl CommitTokens for Commit<'_> {
    async fn commit(self: Box<Self>, changes: TokenChanges) -> Result<()> {
        self.storage.apply(&self.held, &changes).await.map(drop)
    }
}
