//! Names of the users and groups that own files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cap_std::fs::Metadata;

/// Remembers the names that were looked up: a listing has many files of few owners.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    users: Mutex<HashMap<u32, Arc<str>>>,
    groups: Mutex<HashMap<u32, Arc<str>>>,
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms have no such owners")]
impl Owners {
    /// Returns the name of a file's user; the number when the system knows no name.
    pub(crate) fn user(&self, metadata: &Metadata) -> Option<Arc<str>> {
        let id = cap_std::fs::MetadataExt::uid(metadata);
        Some(remembered(&self.users, id, || {
            let user = nix::unistd::User::from_uid(id.into()).ok().flatten()?;
            Some(user.name)
        }))
    }

    /// Returns the name of a file's group; the number when the system knows no name.
    pub(crate) fn group(&self, metadata: &Metadata) -> Option<Arc<str>> {
        let id = cap_std::fs::MetadataExt::gid(metadata);
        Some(remembered(&self.groups, id, || {
            let group = nix::unistd::Group::from_gid(id.into()).ok().flatten()?;
            Some(group.name)
        }))
    }
}

#[cfg(not(unix))]
impl Owners {
    pub(crate) fn user(&self, _: &Metadata) -> Option<Arc<str>> {
        None
    }

    pub(crate) fn group(&self, _: &Metadata) -> Option<Arc<str>> {
        None
    }
}

#[cfg(unix)]
fn remembered(
    cache: &Mutex<HashMap<u32, Arc<str>>>,
    id: u32,
    look_up: impl FnOnce() -> Option<String>,
) -> Arc<str> {
    if let Some(name) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return name.clone();
    }
    // Not under the lock: the system may ask a directory server.
    let name: Arc<str> = look_up().unwrap_or_else(|| id.to_string()).into();
    cache.lock().unwrap_or_else(PoisonError::into_inner).insert(id, name.clone());
    name
}
