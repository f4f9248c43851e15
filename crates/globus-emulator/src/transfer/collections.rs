//! Collections: directories of this machine, the endpoints in front of them, and what is shared of them.

mod registry;
mod setup;

use std::io;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::permissions::Rule;
use super::roles::Assignment;
use crate::CollectionConfig;
use crate::auth::scopes;
use crate::auth::verify::Caller;
use crate::fs::{CollectionPath, Root};
pub(crate) use registry::Collections;
pub use setup::CollectionSetup;
pub(crate) use setup::{SUBSCRIPTION, name_fault, resolve};

/// What kind of thing an endpoint id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A Globus Connect Server: it has collections, and no files of its own.
    Server,
    /// A collection of a Globus Connect Server, whose users have local accounts.
    ServerMapped,
    /// A directory of such a collection, shared.
    ServerGuest,
    /// A Globus Connect Personal.
    Personal,
    /// A directory of a Globus Connect Personal, shared.
    PersonalGuest,
    /// What version 4 of Globus Connect Server had: a name for servers of one's own. Its storage is never reached.
    Legacy,
}

impl Kind {
    /// The service's own name, `entity_type`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Server => "GCSv5_endpoint",
            Kind::ServerMapped => "GCSv5_mapped_collection",
            Kind::ServerGuest => "GCSv5_guest_collection",
            Kind::Personal => "GCP_mapped_collection",
            Kind::PersonalGuest => "GCP_guest_collection",
            Kind::Legacy => "GCSv4_host",
        }
    }

    /// Whether permissions say who may do what.
    pub(crate) fn is_guest(self) -> bool {
        matches!(self, Kind::ServerGuest | Kind::PersonalGuest)
    }

    /// Whether it belongs to Globus Connect Personal, which is managed through Transfer.
    pub(crate) fn is_personal(self) -> bool {
        matches!(self, Kind::Personal | Kind::PersonalGuest)
    }
}

/// One collection, or the Globus Connect Server of some.
#[derive(Debug)]
pub(crate) struct Collection {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    /// Nobody owns a collection on which nobody was named: it is whoever's who asks.
    pub(crate) owner: Option<Uuid>,
    pub(crate) root: Root,
    /// Of a guest collection the mapped one, of a mapped one the Globus Connect Server.
    pub(crate) parent: Option<Arc<Collection>>,
    /// Of a guest collection: the shared directory, as a path of the mapped collection.
    pub(crate) host_path: Option<String>,
    /// How long a login is good enough, in minutes, where that is demanded.
    pub(crate) high_assurance: Option<u32>,
    /// Whether clients may make links, as collections of old did.
    pub(crate) symlinks: bool,
    changing: RwLock<Changing>,
}

/// What can change about a collection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changing {
    /// The members of the document that somebody set.
    pub(crate) details: Map<String, Value>,
    pub(crate) subscription: Option<Uuid>,
    pub(crate) subscription_admin_verified: bool,
    /// What Globus Connect Personal is told to find its collection; gone as soon as it did.
    pub(crate) setup_key: Option<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) roles: Vec<Assignment>,
    /// The servers that somebody gave a legacy endpoint, with their ids.
    pub(crate) servers: Vec<(u32, Map<String, Value>)>,
}

impl Collection {
    pub(crate) fn new(id: Uuid, kind: Kind, name: &str, root: Root) -> Collection {
        let mut changing = Changing::default();
        changing.details.insert("display_name".into(), name.into());
        Collection {
            id,
            kind,
            owner: None,
            root,
            parent: None,
            host_path: None,
            high_assurance: None,
            symlinks: false,
            changing: RwLock::new(changing),
        }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Changing> {
        self.changing.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Changing> {
        self.changing.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The display name.
    pub(crate) fn name(&self) -> String {
        self.read().text("display_name").unwrap_or_default().to_owned()
    }

    /// Who owns it, as this caller sees it.
    pub(crate) fn owner(&self, caller: &Caller) -> Uuid {
        self.owner.unwrap_or(caller.identity_id)
    }

    /// What users of the emulator are told; nothing of what has no directory.
    pub(crate) fn config(&self) -> Option<CollectionConfig> {
        let root = self.root.directory()?.to_owned();
        Some(CollectionConfig { id: self.id, name: self.name(), root })
    }

    /// The old name of a collection: `u_…#id`.
    pub(crate) fn canonical_name(&self, owner: Uuid) -> String {
        format!("{}#{}", legacy_username(owner), self.id)
    }

    /// Where it says that it is, in messages of the storage.
    pub(crate) fn described(&self) -> String {
        format!("Endpoint: {} ({})", self.name(), self.id)
    }

    /// The mapped collection that a guest collection shares a directory of.
    pub(crate) fn host(&self) -> Option<&Arc<Collection>> {
        self.parent.as_ref().filter(|_| self.kind.is_guest())
    }

    /// The Globus Connect Server that it belongs to.
    pub(crate) fn server(&self) -> Option<&Arc<Collection>> {
        match self.kind {
            Kind::ServerMapped => self.parent.as_ref(),
            Kind::ServerGuest => self.parent.as_ref()?.parent.as_ref(),
            Kind::Server | Kind::Personal | Kind::PersonalGuest | Kind::Legacy => None,
        }
    }

    /// Whether its files are reached only with a consent of its own.
    pub(crate) fn needs_data_access(&self) -> bool {
        self.kind == Kind::ServerMapped && self.high_assurance.is_none()
    }

    /// Whether its files can be read and written over HTTPS.
    pub(crate) fn has_https(&self) -> bool {
        matches!(self.kind, Kind::ServerMapped | Kind::ServerGuest)
    }

    /// The scopes that come with it.
    pub(crate) fn scopes(&self) -> Vec<String> {
        match self.kind {
            Kind::Server => vec![scopes::manage_collections(self.id)],
            Kind::ServerMapped if self.needs_data_access() => {
                vec![scopes::data_access(self.id), scopes::https(self.id)]
            }
            Kind::ServerMapped | Kind::ServerGuest => vec![scopes::https(self.id)],
            Kind::Personal | Kind::PersonalGuest | Kind::Legacy => Vec::new(),
        }
    }

    /// The subscription that pays for it: its own, or that of what it belongs to.
    pub(crate) fn subscription(&self) -> Option<Uuid> {
        match &self.parent {
            Some(parent) => parent.subscription(),
            None => self.read().subscription,
        }
    }

    /// What is listed when nobody says what.
    pub(crate) fn default_directory(&self) -> String {
        let usual = if self.kind.is_guest() { "/" } else { "/~/" };
        let changing = self.read();
        changing.text("default_directory").filter(|path| !path.is_empty()).unwrap_or(usual).to_owned()
    }

    /// Whether everybody may see that it exists.
    pub(crate) fn is_public(&self) -> bool {
        self.read().flag("public").unwrap_or(true)
    }
}

impl Changing {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.details.get(name).and_then(Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.details.get(name).and_then(Value::as_bool)
    }
}

/// Makes a guest collection of a directory of a mapped one.
pub(crate) fn share(host: &Arc<Collection>, name: &str, path: &CollectionPath) -> io::Result<Collection> {
    let kind = if host.kind.is_personal() { Kind::PersonalGuest } else { Kind::ServerGuest };
    let mut guest = Collection::new(Uuid::new_v4(), kind, name, host.root.below(path)?);
    guest.host_path = Some(path.directory());
    guest.high_assurance = host.high_assurance;
    guest.symlinks = host.symlinks;
    guest.parent = Some(host.clone());
    Ok(guest)
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
        io::ErrorKind::NotConnected => "GC_NOT_CONNECTED",
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
