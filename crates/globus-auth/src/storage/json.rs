//! Tokens in a JSON file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use globus_core::ClientId;
use tokio::time::{Instant, sleep};

use super::{
    CommitTokens, DEFAULT_NAMESPACE, LockedTokens, Result, StorageError, TokenChanges, TokenData,
    TokenStorage,
    document::{Document, DocumentError, KNOWN_VERSIONS},
    file::{Held, TokenFile},
    paths,
};

/// A file that is cut off may be one that the Python SDK is just writing. It is read again, about this far apart, for as
/// long as it changes; when it has stayed the same so often, nobody is writing it.
const BETWEEN_READS: Duration = Duration::from_millis(20);
const READS_OF_THE_SAME: u32 = 10;
const LONGEST_WRITING: Duration = Duration::from_secs(5);

/// Keeps tokens in a JSON file: the format of the Python SDK's `JSONTokenStorage`, with which it can share a login.
///
/// Reads format 2.0 and 1.0 and writes 2.0; what it does not know in a file stays there. The file and its folder are
/// made by the first write, for the owner only. Clones are the same storage.
///
/// See the [module](super#files) for locks and crashes.
#[derive(Debug, Clone)]
pub struct JsonTokenStorage {
    file: TokenFile,
    namespace: String,
}

impl JsonTokenStorage {
    /// Makes the storage at a path. Nothing is read or written yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { file: TokenFile::new(path.into()), namespace: DEFAULT_NAMESPACE.to_owned() }
    }

    /// Makes the storage where the Python SDK keeps an app's tokens:
    /// `~/.globus/app/<client id>/<app name>/tokens.json`, and on Windows in `%LOCALAPPDATA%\globus\app\…`.
    ///
    /// The app's name is written in lower case, with `-` for blanks and dots and `+` for other characters that file
    /// systems do not take. `environment` is that of [`Config::environment_name`](globus_core::Config); any but
    /// `production` becomes a prefix of the file's name.
    ///
    /// # Errors
    /// [`StorageError::Path`] when nothing is left of the name, when it is one that Windows reserves (`con`, `nul`,
    /// `com1`, …), when the environment's name is none, or when there is no home directory.
    pub fn for_globus_app(client_id: ClientId, app_name: &str, environment: &str) -> Result<Self> {
        paths::for_globus_app(client_id, app_name, environment, "json").map(Self::new)
    }

    /// Chooses a part of the file, e.g. for one of several users. Default: [`DEFAULT_NAMESPACE`].
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets how long to wait for others who hold the lock. Default: 2 minutes.
    #[must_use]
    pub fn with_lock_timeout(mut self, lock_timeout: Duration) -> Self {
        self.file.set_lock_timeout(lock_timeout);
        self
    }

    /// Gives the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the part of the file that is used.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Lists all parts of the file.
    ///
    /// # Errors
    /// As [`TokenStorage::get_token_data_by_resource_server`].
    pub async fn namespaces(&self) -> Result<Vec<String>> {
        Ok(self.load().await?.namespaces())
    }

    async fn load(&self) -> Result<Document> {
        let (begin, mut last_stamp, mut reads_of_the_same) = (Instant::now(), None, 0);
        loop {
            let Some((content, stamp)) = self.file.read()? else {
                return Ok(Document::default());
            };
            let parsed = Document::parse(&content).map_err(self.problem());
            if !matches!(parsed, Err(StorageError::Truncated { .. })) {
                return parsed;
            }
            reads_of_the_same = if last_stamp == Some(stamp) { reads_of_the_same + 1 } else { 1 };
            last_stamp = Some(stamp);
            if reads_of_the_same >= READS_OF_THE_SAME || begin.elapsed() >= LONGEST_WRITING {
                return parsed;
            }
            sleep(BETWEEN_READS.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        }
    }

    async fn apply(&self, held: &Held, changes: TokenChanges) -> Result<bool> {
        let nothing_new = changes.stored.is_empty();
        let mut document = self.load().await?;
        let removed = document.apply(&self.namespace, changes).map_err(self.problem())?;
        if removed || !nothing_new {
            held.replace(&document.to_bytes())?;
        }
        Ok(removed)
    }

    fn problem(&self) -> impl Fn(DocumentError) -> StorageError {
        let path = self.file.path().to_owned();
        move |error| {
            let path = path.clone();
            match error {
                DocumentError::CutOff(problem) => StorageError::Truncated { path, problem },
                DocumentError::UnknownVersion(version) => {
                    StorageError::UnknownVersion { path, version, known: KNOWN_VERSIONS }
                }
                DocumentError::Malformed(problem) => StorageError::Malformed { path, problem },
            }
        }
    }
}

#[async_trait]
impl TokenStorage for JsonTokenStorage {
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>> {
        self.load().await?.tokens(&self.namespace).map_err(self.problem())
    }

    async fn lock(&self) -> Result<LockedTokens<'_>> {
        let held = self.file.lock().await?;
        let tokens = self.get_token_data_by_resource_server().await?;
        Ok(LockedTokens::new(tokens, Commit { storage: self, held }))
    }

    /// Reads this one record only: a broken one beside it does no harm.
    async fn get_token_data(&self, resource_server: &str) -> Result<Option<TokenData>> {
        self.load().await?.token(&self.namespace, resource_server).map_err(self.problem())
    }

    async fn store_token_data(&self, tokens: Vec<TokenData>) -> Result<()> {
        if tokens.is_empty() {
            return Ok(());
        }
        let held = self.file.lock().await?;
        self.apply(&held, TokenChanges { stored: tokens, removed: Vec::new() }).await.map(drop)
    }

    async fn remove_token_data(&self, resource_server: &str) -> Result<bool> {
        if self.file.open()?.is_none() {
            return Ok(false);
        }
        let held = self.file.lock().await?;
        self.apply(&held, TokenChanges { stored: Vec::new(), removed: vec![resource_server.to_owned()] })
            .await
    }
}

struct Commit<'a> {
    storage: &'a JsonTokenStorage,
    held: Held,
}

#[async_trait]
impl CommitTokens for Commit<'_> {
    /// Reads the file again: the Python SDK, which takes no lock, may have written others meanwhile.
    async fn commit(self: Box<Self>, changes: TokenChanges) -> Result<()> {
        self.storage.apply(&self.held, changes).await.map(drop)
    }
}
