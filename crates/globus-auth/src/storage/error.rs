//! What can be wrong with a storage.

use std::{error::Error as StdError, io, path::PathBuf, time::Duration};

use globus_core::{Error, ErrorKind};

use super::TokenValidationError;

/// An error of a token storage, with the place to mend. None shows a token.
///
/// Becomes a [`globus_core::Error`] of kind [`Config`](ErrorKind::Config) by `?`: a new login would not help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The operating system refused something: no permission, no space, a folder that is not one.
    #[error("cannot {action} {}: {source}", path.display())]
    #[non_exhaustive]
    Io {
        /// What was tried, e.g. "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file ends before it should: whoever wrote it was stopped in the middle.
    #[error("{} is cut off: {problem}; if nothing is writing it, move it away and log in again", path.display())]
    #[non_exhaustive]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        problem: String,
    },
    /// A file is not a token file, or a record in it is wrong.
    #[error("{} cannot be used as token storage: {problem}", path.display())]
    #[non_exhaustive]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        problem: String,
    },
    /// A file has a format that is newer than this SDK, or not of Globus.
    #[error("{} has format version {version}, but only {known} are known", path.display())]
    #[non_exhaustive]
    UnknownVersion {
        /// The file.
        path: PathBuf,
        /// The version, as it is in the file.
        version: String,
        /// The versions that can be read.
        known: &'static str,
    },
    /// Somebody else held the lock for too long.
    #[error("another process holds {} for more than {} s", path.display(), waited.as_secs())]
    #[non_exhaustive]
    Locked {
        /// The lock file, or the database.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// SQLite refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    #[non_exhaustive]
    Sqlite {
        /// What was tried, e.g. "write".
        action: &'static str,
        /// The database.
        path: PathBuf,
        /// The error of SQLite.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The storage can only be read.
    #[error("{what} can only be read: no token can be stored, renewed or removed there")]
    #[non_exhaustive]
    ReadOnly {
        /// The storage.
        what: &'static str,
    },
    /// An environment variable with tokens is wrong.
    #[error("environment variable {name}: {problem}")]
    #[non_exhaustive]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A path, or what a default path is made of, cannot be used.
    #[error("{problem}")]
    #[non_exhaustive]
    Path {
        /// What is wrong, and with what.
        problem: String,
    },
    /// One's own storage failed.
    #[error("{message}: {source}")]
    #[non_exhaustive]
    Other {
        /// Where.
        message: String,
        /// Why.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl StorageError {
    /// Makes the error of one's own storage: `message` says where it happened.
    pub fn other(message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Other { message: message.into(), source: source.into() }
    }

    /// Finds the storage's error beneath that of a call.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        crate::error::beneath(error)
    }

    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        Self::new(ErrorKind::Config, error.to_string()).with_source(error)
    }
}

/// Is of kind [`Auth`](ErrorKind::Auth): a new login helps.
impl From<TokenValidationError> for Error {
    fn from(error: TokenValidationError) -> Self {
        Self::new(ErrorKind::Auth, error.to_string()).with_source(error).with_never_sent(true)
    }
}
