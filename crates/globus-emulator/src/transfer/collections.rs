//! Collections: the directories of this machine that the service knows.

use std::io;
use std::sync::Arc;

use uuid::Uuid;

use crate::auth::verify::Caller;
use crate::fs::Root;
use crate::{CollectionConfig, StartError};

/// One collection.
#[derive(Debug)]
pub(crate) struct Collection {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) root: Root,
}

impl Collection {
    pub(crate) fn open(config: CollectionConfig) -> Result<Arc<Collection>, StartError> {
        let CollectionConfig { id, name, root: path } = config;
        match Root::open(&path) {
            Ok(root) => Ok(Arc::new(Collection { id, name, root })),
            Err(source) => Err(StartError::Directory { name, path, source }),
        }
    }

    /// Who owns it. The directories are this machine's user's, who is whoever asks.
    #[expect(
        clippy::unused_self,
        reason = "which collection it is decides as soon as collections have owners"
    )]
    pub(crate) fn owner(&self, caller: &Caller) -> Uuid {
        caller.identity_id
    }

    /// The old name of a collection: `u_…#id`.
    pub(crate) fn canonical_name(&self, owner: Uuid) -> String {
        format!("{}#{}", legacy_username(owner), self.id)
    }

    /// Where it says that it is, in messages of the storage.
    pub(crate) fn described(&self) -> String {
        format!("Endpoint: {} ({})", self.name, self.id)
    }
}

/// The username that the service makes of an identity's id: `u_` and the id in base 32.
pub(crate) fn legacy_username(identity: Uuid) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    // 26 digits of 5 bits: two bits more than the id has, filled with zeros at the end.
    let bits = identity.as_u128();
    let digit = |place: u32| {
        let five = if place == 25 { (bits << 2) & 31 } else { (bits >> (123 - 5 * place)) & 31 };
        char::from(DIGITS[usize::try_from(five).unwrap_or(0)])
    };
    let mut name = String::from("u_");
    name.extend((0..26).map(digit));
    name
}

/// The event code that the service has for a failure of the storage.
pub(crate) fn event_code(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "FILE_NOT_FOUND",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "PERMISSION_DENIED",
        io::ErrorKind::NotADirectory => "NOT_A_DIRECTORY",
        io::ErrorKind::IsADirectory => "IS_A_DIRECTORY",
        io::ErrorKind::StorageFull => "NO_SPACE_LEFT",
        io::ErrorKind::QuotaExceeded => "QUOTA_EXCEEDED",
        io::ErrorKind::FileTooLarge => "LIMIT_EXCEEDED",
        io::ErrorKind::InvalidFilename => "INVALID_PATH_NAME",
        io::ErrorKind::InvalidInput => "NOT_A_FILE",
        io::ErrorKind::TimedOut => "TIMEOUT",
        _ => "ENDPOINT_ERROR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_usernames_are_base_32() {
        let id = Uuid::parse_str("0c7d6c1e-3a55-4c6e-8a2f-6f0f6c1f2a10").unwrap();
        assert_eq!(legacy_username(id), "u_br6wyhr2kvgg5crpn4hwyhzkca");
        assert_eq!(legacy_username(Uuid::nil()), format!("u_{}", "a".repeat(26)));
        assert_eq!(legacy_username(Uuid::max()), format!("u_{}4", "7".repeat(25)));
    }
}
