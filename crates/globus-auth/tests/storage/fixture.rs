//! What all tests need: storages of each kind, and tokens.

use std::{path::Path, sync::Arc};

use globus_auth::storage::{JsonTokenStorage, MemoryTokenStorage, TokenData, TokenStorage};
use globus_core::Secret;
use tempfile::TempDir;

pub(crate) const IDENTITY: &str = "ae341a98-d274-11e5-b888-dbae3a8ba545";

/// A token whose secrets are told by its resource server and a number.
pub(crate) fn token(resource_server: &str, number: i64) -> TokenData {
    TokenData::new(resource_server, "scope:a scope:b", format!("access-{resource_server}-{number}"), number)
        .with_refresh_token(Secret::new(format!("refresh-{resource_server}-{number}")))
}

/// A kind of storage in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Json,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

impl Kind {
    pub(crate) const ALL: &[Self] = &[
        Self::Json,
        #[cfg(feature = "sqlite")]
        Self::Sqlite,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "db",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        *Self::ALL.iter().find(|kind| kind.name() == name).unwrap()
    }

    /// Opens a storage of its own: nothing in memory is shared with others on the same path.
    pub(crate) fn open(self, path: &Path, namespace: &str) -> Arc<dyn TokenStorage> {
        match self {
            Self::Json => Arc::new(JsonTokenStorage::new(path).with_namespace(namespace)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                Arc::new(globus_auth::storage::SqliteTokenStorage::new(path).with_namespace(namespace))
            }
        }
    }
}

/// Opens the namespace of this name.
type Open = Box<dyn Fn(&str) -> Arc<dyn TokenStorage>>;

/// One storage that tests open again and again.
pub(crate) struct Fixture {
    pub(crate) name: &'static str,
    open: Open,
    _folder: Option<TempDir>,
}

impl Fixture {
    /// An empty storage of each kind.
    pub(crate) fn all() -> Vec<Self> {
        let memory = MemoryTokenStorage::new();
        let mut all = vec![Self {
            name: "memory",
            open: Box::new(move |namespace| Arc::new(memory.clone().with_namespace(namespace))),
            _folder: None,
        }];
        all.extend(Kind::ALL.iter().map(|kind| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("new/folder").join(format!("tokens.{}", kind.name()));
            Self {
                name: kind.name(),
                open: Box::new(move |namespace| kind.open(&path, namespace)),
                _folder: Some(folder),
            }
        }));
        all
    }

    pub(crate) fn open(&self) -> Arc<dyn TokenStorage> {
        self.open_namespace("DEFAULT")
    }

    pub(crate) fn open_namespace(&self, namespace: &str) -> Arc<dyn TokenStorage> {
        (self.open)(namespace)
    }
}
