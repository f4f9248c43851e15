//! What collections an emulator begins with.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Collection, Kind};
use crate::StartError;
use crate::fs::{CollectionPath, Root};
use crate::seed::Names;
use crate::transfer::endpoints::fields;
use crate::transfer::permissions::{Principal, Rule};
use crate::transfer::roles::{Assignment, Role};

/// The subscription that the emulator's collections belong to.
pub(crate) const SUBSCRIPTION: Uuid = Uuid::from_u128(0x7777_7777_1111_4222_8333_4444_4444_4444);
/// The namespace of the ids of collections.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f0e_6a5c_9c1d_5f1b_8a52_6e2d_9c14_77aa);
/// The owner of what has none, where somebody else is named.
const NOBODY: Uuid = Uuid::from_u128(0x0b0d_0000_0000_4000_8000_0000_0000_0b0d);
/// The Globus Connect Server of mapped collections that name none.
const SERVER: &str = "Emulated Globus Connect Server";

/// A collection to begin with: what kind it is, whose, and who may do what with it.
///
/// ```
/// use globus_emulator::CollectionSetup;
///
/// let storage = CollectionSetup::mapped("storage", "/data/storage").role("ada@example.org", "administrator");
/// let shared = CollectionSetup::guest("results", "storage", "/results/")
///     .owner("ada@example.org")
///     .permission("bob@example.org", "/public/", "r");
/// # let _ = (storage, shared);
/// ```
///
/// The same as JSON, for a seed file:
///
/// ```json
/// {"name": "results", "kind": "guest", "host": "storage", "path": "/results/", "owner": "ada@example.org",
///  "permissions": [{"principal": "bob@example.org", "path": "/public/", "permissions": "r"}]}
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a collection exists when an emulator was started with it"]
pub struct CollectionSetup {
    name: String,
    kind: SetupKind,
    directory: Option<PathBuf>,
    host: Option<String>,
    path: Option<String>,
    server: Option<String>,
    owner: Option<String>,
    high_assurance: Option<u32>,
    #[serde(default)]
    symlinks: bool,
    #[serde(default)]
    offline: bool,
    #[serde(default = "yes")]
    subscribed: bool,
    #[serde(default)]
    details: Map<String, Value>,
    #[serde(default)]
    permissions: Vec<PermissionSetup>,
    #[serde(default)]
    roles: Vec<RoleSetup>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SetupKind {
    Personal,
    Mapped,
    Guest,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionSetup {
    principal: String,
    path: String,
    permissions: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleSetup {
    principal: String,
    role: String,
}

impl CollectionSetup {
    fn new(name: impl Into<String>, kind: SetupKind) -> CollectionSetup {
        CollectionSetup {
            name: name.into(),
            kind,
            directory: None,
            host: None,
            path: None,
            server: None,
            owner: None,
            high_assurance: None,
            symlinks: false,
            offline: false,
            subscribed: true,
            details: Map::new(),
            permissions: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Describes the collection of a Globus Connect Personal: its owner's alone, and never in need of a
    /// `data_access` consent. This is what [`EmulatorBuilder::collection`](crate::EmulatorBuilder::collection) makes.
    pub fn personal(name: impl Into<String>, directory: impl AsRef<Path>) -> CollectionSetup {
        let directory = Some(directory.as_ref().to_owned());
        CollectionSetup { directory, ..CollectionSetup::new(name, SetupKind::Personal) }
    }

    /// Describes a mapped collection of a Globus Connect Server: for everybody who consented to `data_access`
    /// on it.
    pub fn mapped(name: impl Into<String>, directory: impl AsRef<Path>) -> CollectionSetup {
        let directory = Some(directory.as_ref().to_owned());
        CollectionSetup { directory, ..CollectionSetup::new(name, SetupKind::Mapped) }
    }

    /// Describes a guest collection: the directory `path` of the collection named `host`, which must be set up
    /// before it. Only those whom a [`permission`](Self::permission) names get in, and the owner.
    pub fn guest(
        name: impl Into<String>,
        host: impl Into<String>,
        path: impl Into<String>,
    ) -> CollectionSetup {
        let (host, path) = (Some(host.into()), Some(path.into()));
        CollectionSetup { host, path, ..CollectionSetup::new(name, SetupKind::Guest) }
    }

    /// Sets whose collection it is: a username, or the id of an identity or client.
    ///
    /// Without it, a guest collection on a personal one belongs to the owner of that. Where nobody is named at all,
    /// neither an owner nor with a [`role`](Self::role) or a [`permission`](Self::permission), the collection belongs to
    /// whoever asks: everybody may do everything with it, and manage the tasks of all. That is for tests in which it
    /// does not matter who somebody is.
    ///
    /// The owner of a mapped collection is its Globus Connect Server, so there this is the same as the
    /// [`role`](Self::role) `administrator`.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Sets the display name of the Globus Connect Server of a mapped collection. Those of one name share it.
    /// Default: one server for all.
    pub fn server(mut self, name: impl Into<String>) -> Self {
        self.server = Some(name.into());
        self
    }

    /// Makes a mapped collection and its guest collections high assurance: a login is good enough for this many
    /// minutes, and `data_access` is no scope.
    pub fn high_assurance(mut self, timeout_mins: u32) -> Self {
        self.high_assurance = Some(timeout_mins);
        self
    }

    /// Lets clients make symbolic links on a personal or mapped collection and on what is shared of it. No present
    /// collection of the service does: without it, the answer is 409 `NotSupported`.
    pub fn symlinks(mut self) -> Self {
        self.symlinks = true;
        self
    }

    /// Starts with the machine of the collection switched off.
    /// [`Emulator::set_connected`](crate::Emulator::set_connected) switches it on.
    pub fn offline(mut self) -> Self {
        self.offline = true;
        self
    }

    /// Leaves a personal or mapped collection without a subscription: nothing of it can be shared, and nobody
    /// can be given a role.
    pub fn unsubscribed(mut self) -> Self {
        self.subscribed = false;
        self
    }

    /// Hides the collection from everybody without a role or permission.
    pub fn private(self) -> Self {
        self.detail("public", false)
    }

    /// Sets a member of the document, such as `description` or `default_directory`.
    pub fn detail(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    /// Lets somebody read (`r`) or read and write (`rw`) below a directory of a guest collection: a username, the id
    /// of an identity or client, the name or id of a [group](crate::GroupSetup), `all_authenticated_users` or
    /// `anonymous`.
    pub fn permission(
        mut self,
        principal: impl Into<String>,
        path: impl Into<String>,
        permissions: impl Into<String>,
    ) -> Self {
        let (principal, path, permissions) = (principal.into(), path.into(), permissions.into());
        self.permissions.push(PermissionSetup { principal, path, permissions });
        self
    }

    /// Gives somebody, or a group, a role: `administrator`, `access_manager`, `activity_manager` or `activity_monitor`.
    pub fn role(mut self, principal: impl Into<String>, role: impl Into<String>) -> Self {
        self.roles.push(RoleSetup { principal: principal.into(), role: role.into() });
        self
    }
}

/// Opens collections beside those that are there, in the order given; a Globus Connect Server comes before the first
/// collection that needs it.
pub(crate) fn resolve(
    present: Vec<Arc<Collection>>,
    given: Vec<CollectionSetup>,
    names: &Names<'_>,
    now: Timestamp,
) -> Result<Vec<Arc<Collection>>, StartError> {
    let before = present.len();
    let mut resolver = Resolver { names, now, all: present };
    for setup in given {
        resolver.open(setup)?;
    }
    Ok(resolver.all.split_off(before))
}

struct Resolver<'a> {
    names: &'a Names<'a>,
    now: Timestamp,
    /// Servers, too.
    all: Vec<Arc<Collection>>,
}

impl Resolver<'_> {
    fn named(&self, name: &str) -> Option<&Arc<Collection>> {
        self.all.iter().find(|one| one.kind != Kind::Server && one.name() == name)
    }

    fn open(&mut self, setup: CollectionSetup) -> Result<(), StartError> {
        let name = setup.name.clone();
        if let Some(reason) = name_fault(&name) {
            return Err(StartError::CollectionName { name, reason });
        }
        if self.named(&name).is_some() {
            return Err(StartError::CollectionName { name, reason: "it is given twice" });
        }
        let wrong = |reason: String| StartError::Collection { name: name.clone(), reason };
        setup.check().map_err(|reason| wrong(reason.to_owned()))?;
        let mut collection = match &setup.host {
            None => self.mapped(&setup)?,
            Some(host) => self.guest(&setup, host).map_err(wrong)?,
        };
        let guest = collection.kind.is_guest();
        let is_anyones = setup.owner.is_none() && setup.permissions.is_empty() && setup.roles.is_empty();
        let mut roles = setup.roles;
        if let Some(owner) = &setup.owner {
            let id = self.identity(owner).map_err(wrong)?;
            if collection.kind == Kind::ServerMapped {
                roles.push(RoleSetup { principal: owner.clone(), role: "administrator".to_owned() });
            } else {
                collection.owner = Some(id);
            }
        }
        let host = collection.host().filter(|host| host.kind.is_personal());
        let inherited = host.and_then(|host| host.owner);
        collection.owner = collection.owner.or(inherited).or((!is_anyones).then_some(NOBODY));
        {
            let mut changing = collection.write();
            if !guest && collection.parent.is_none() && setup.subscribed {
                changing.subscription = Some(SUBSCRIPTION);
            }
            for (member, value) in setup.details {
                fields::check(&member, &value, collection.kind).map_err(wrong)?;
                changing.details.insert(member, value);
            }
            for rule in &setup.permissions {
                changing.rules.push(self.rule(rule).map_err(wrong)?);
            }
            for given in &roles {
                let role = Role::assignable(&given.role)
                    .ok_or_else(|| wrong(format!("{:?} is not a role that can be given", given.role)))?;
                let principal = self.principal(&given.principal).map_err(wrong)?;
                changing.roles.push(Assignment { id: Uuid::new_v4(), principal, role });
            }
        }
        if setup.offline {
            collection.root.set_connected(false);
        }
        let collection = Arc::new(collection);
        self.all.push(collection);
        Ok(())
    }

    /// A collection on a directory of this machine.
    fn mapped(&mut self, setup: &CollectionSetup) -> Result<Collection, StartError> {
        let directory = setup.directory.clone().unwrap_or_default();
        let opened = directory.canonicalize().and_then(|path| {
            let is_directory = path.is_dir().then_some(()).ok_or(io::ErrorKind::NotADirectory);
            is_directory?;
            Ok((Root::open(&path)?, path))
        });
        let (root, path) = opened.map_err(|source| StartError::Directory {
            name: setup.name.clone(),
            path: directory,
            source,
        })?;
        let kind = if setup.kind == SetupKind::Mapped { Kind::ServerMapped } else { Kind::Personal };
        let id = id_of(&setup.name, path.as_os_str().as_encoded_bytes());
        let mut collection = Collection::new(id, kind, &setup.name, root);
        collection.symlinks = setup.symlinks;
        if kind == Kind::ServerMapped {
            let server = self.server(setup.server.as_deref().unwrap_or(SERVER), setup.subscribed);
            collection.owner = Some(server.id);
            collection.parent = Some(server);
            collection.high_assurance = setup.high_assurance;
        }
        Ok(collection)
    }

    /// The Globus Connect Server of this name, made when it is first named.
    fn server(&mut self, name: &str, subscribed: bool) -> Arc<Collection> {
        let id = id_of(name, b"GCSv5_endpoint");
        if let Some(there) = self.all.iter().find(|one| one.id == id) {
            return there.clone();
        }
        let mut server = Collection::new(id, Kind::Server, name, Root::default());
        server.owner = Some(id);
        server.write().subscription = subscribed.then_some(SUBSCRIPTION);
        let server = Arc::new(server);
        self.all.push(server.clone());
        server
    }

    fn guest(&self, setup: &CollectionSetup, host: &str) -> Result<Collection, String> {
        let host = self.named(host).ok_or_else(|| format!("there is no host {host:?} before it"))?;
        let given = setup.path.as_deref().unwrap_or("/");
        let path = CollectionPath::parse(given).map_err(|error| format!("path {given:?}: {error}"))?;
        let mut collection =
            super::share(host, &setup.name, &path).map_err(|error| format!("path {given:?}: {error}"))?;
        collection.id = id_of(&setup.name, format!("{}{}", host.id, path.to_text()).as_bytes());
        Ok(collection)
    }

    fn rule(&self, given: &PermissionSetup) -> Result<Rule, String> {
        let principal = match given.principal.as_str() {
            "all_authenticated_users" => Principal::AllAuthenticatedUsers,
            "anonymous" => Principal::Anonymous,
            name => self.principal(name)?,
        };
        Rule::new(principal, &given.path, &given.permissions, self.now)
    }

    fn identity(&self, name: &str) -> Result<Uuid, String> {
        Uuid::parse_str(name)
            .ok()
            .or_else(|| self.names.identity(name))
            .ok_or_else(|| format!("{name:?} is neither an id nor the username of an account"))
    }

    fn principal(&self, name: &str) -> Result<Principal, String> {
        if let Some(group) = self.names.group(name) {
            return Ok(Principal::Group(group));
        }
        let none =
            |_| format!("{name:?} is neither an id, nor the username of an account, nor the name of a group");
        self.identity(name).map(Principal::Identity).map_err(none)
    }
}

impl CollectionSetup {
    /// Whether it opens a directory of this machine, and not one of a collection that is there.
    pub(crate) fn opens_a_directory(&self) -> bool {
        self.kind != SetupKind::Guest
    }

    /// Looks for what does not go together.
    fn check(&self) -> Result<(), &'static str> {
        let guest = self.kind == SetupKind::Guest;
        if guest != (self.host.is_some() && self.path.is_some()) || guest == self.directory.is_some() {
            return Err("a guest collection has a host and a path, every other one a directory");
        }
        if !guest && !self.permissions.is_empty() {
            return Err("permissions are for guest collections");
        }
        if self.kind != SetupKind::Mapped && (self.server.is_some() || self.high_assurance.is_some()) {
            return Err("a server and high assurance are for mapped collections");
        }
        if self.high_assurance == Some(0) {
            return Err("the timeout of high assurance is at least one minute");
        }
        if guest && (!self.subscribed || self.offline || self.symlinks) {
            return Err("a guest collection is subscribed, online and open to links as its host is");
        }
        Ok(())
    }
}

fn id_of(name: &str, place: &[u8]) -> Uuid {
    let mut seed = name.as_bytes().to_vec();
    seed.push(0);
    seed.extend_from_slice(place);
    Uuid::new_v5(&NAMESPACE, &seed)
}

/// What is wrong with a display name.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("it is empty")
    } else if name.chars().any(char::is_control) {
        Some("it has control characters")
    } else if name.chars().count() > 128 {
        Some("it has more than 128 characters")
    } else {
        None
    }
}
