//! From settings to a running emulator.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::auth;
use crate::auth::clients::Client;
use crate::auth::groups::Group;
use crate::auth::identities::{Identity, is_username};
use crate::auth::redirect;
use crate::clock::Clock;
use crate::seed::Names;
use crate::state::State;
use crate::transfer::StreamAccessPoint;
use crate::{CollectionSetup, Emulator, GroupSetup, TransferSettings, flows, random, server, transfer};

/// Collects the settings of an [`Emulator`]. Made by [`Emulator::builder`].
#[derive(Clone)]
#[must_use = "nothing runs until `start` is called"]
pub struct EmulatorBuilder {
    collections: Vec<CollectionSetup>,
    stream_access_points: Vec<String>,
    clients: Vec<(String, String)>,
    accounts: Vec<Account>,
    groups: Vec<GroupSetup>,
    seeds: Vec<Value>,
    listen: SocketAddr,
    allow_non_loopback: bool,
    token_lifetime: Duration,
    rotate_refresh_tokens: bool,
    approve_logins: bool,
    redirect_uris: Vec<String>,
    transfer: TransferSettings,
    web_input_lifetime: Duration,
}

/// One collection of the emulator: a directory of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CollectionConfig {
    /// The collection's id. It follows from name and directory, so it is the same after a restart.
    pub id: Uuid,
    /// The display name.
    pub name: String,
    /// The directory, absolute and without symbolic links.
    pub root: PathBuf,
}

/// Somebody who may log in: one identity or several that are linked.
///
/// ```
/// use globus_emulator::{Account, Emulator};
///
/// let ada = Account::new("ada@uni.example.edu").name("Ada Lovelace").linked("ada@lab.example.org");
/// let emulator = Emulator::builder().account(ada).account("bob@uni.example.edu");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    /// The primary identity comes first.
    usernames: Vec<String>,
}

impl Account {
    /// Begins with the primary identity, such as `ada@uni.example.edu`. The identity's id follows from it, and
    /// what stands after the `@` is the identity provider. The display name is what stands before it.
    pub fn new(username: impl Into<String>) -> Account {
        let username = username.into();
        let name = username.split('@').next().unwrap_or_default().to_owned();
        Account { name, usernames: vec![username] }
    }

    /// Sets the display name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Account {
        self.name = name.into();
        self
    }

    /// Links another identity to the account.
    #[must_use]
    pub fn linked(mut self, username: impl Into<String>) -> Account {
        self.usernames.push(username.into());
        self
    }
}

impl<T: Into<String>> From<T> for Account {
    /// An account with this one identity.
    fn from(username: T) -> Account {
        Account::new(username)
    }
}

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A collection has no usable name.
    #[error("collection name {name:?} is not usable: {reason}")]
    CollectionName {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A collection cannot be set up so.
    #[error("collection {name:?}: {reason}")]
    Collection {
        /// The collection's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The directory of a collection cannot be used.
    #[error("collection {name:?}: cannot use directory {}: {source}", path.display())]
    Directory {
        /// The collection's name.
        name: String,
        /// The directory as given.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A client is not usable.
    #[error("client {id:?} is not usable: {reason}")]
    Client {
        /// The client id as given.
        id: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A user is not usable.
    #[error("user {username:?} is not usable: {reason}")]
    User {
        /// The username as given.
        username: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A setting is outside its bounds.
    #[error("{setting} is not usable: {reason}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is reachable from other machines, and that was not allowed.
    #[error(
        "{address} is not a loopback address: other machines could read and write the collections; \
         allow it explicitly if that is intended"
    )]
    NotLoopback {
        /// The address as given.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        EmulatorBuilder {
            collections: Vec::new(),
            stream_access_points: Vec::new(),
            clients: Vec::new(),
            accounts: Vec::new(),
            groups: Vec::new(),
            seeds: Vec::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allow_non_loopback: false,
            token_lifetime: Duration::from_secs(48 * 3600),
            rotate_refresh_tokens: false,
            approve_logins: false,
            redirect_uris: Vec::new(),
            transfer: TransferSettings::default(),
            web_input_lifetime: flows::WEB_INPUT_LIFETIME.unsigned_abs(),
        }
    }
}

impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder")
            .field("collections", &self.collections)
            .field("clients", &self.clients.iter().map(|(id, _)| id).collect::<Vec<_>>())
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

impl EmulatorBuilder {
    /// Serves a directory as the collection of a Globus Connect Personal that belongs to whoever asks. May be called
    /// several times; names must differ. Where it matters who somebody is, give it an
    /// [owner](CollectionSetup::owner) in [`collection_with`](Self::collection_with).
    pub fn collection(self, name: impl Into<String>, directory: impl AsRef<Path>) -> Self {
        self.collection_with(CollectionSetup::personal(name, directory))
    }

    /// Adds a collection of any kind: of somebody's own, of a Globus Connect Server, shared, high assurance or
    /// offline. May be called several times; names must differ.
    pub fn collection_with(mut self, setup: CollectionSetup) -> Self {
        self.collections.push(setup);
        self
    }

    /// Adds a stream access point, which tunnels lead from and to. May be called several times; names must differ.
    /// The id follows from the name.
    pub fn stream_access_point(mut self, name: impl Into<String>) -> Self {
        self.stream_access_points.push(name.into());
        self
    }

    /// Registers a confidential client. The id must be a UUID, the secret must not be empty.
    ///
    /// May be called several times; [`Emulator::client_id`] names the first. Without any, one client with a
    /// random id and secret is registered.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.clients.push((id.into(), secret.into()));
        self
    }

    /// Adds a person who may log in, with one identity or with several that are linked.
    ///
    /// May be called several times; the first is the one that the page offers first. Without any, there is one
    /// demo user.
    pub fn account(mut self, account: impl Into<Account>) -> Self {
        self.accounts.push(account.into());
        self
    }

    /// Adds a person with one identity and this display name: short for [`account`](Self::account).
    pub fn user(self, username: impl Into<String>, name: impl Into<String>) -> Self {
        self.account(Account::new(username).name(name))
    }

    /// Adds a group, whose members get what permissions and roles give to it. May be called several times.
    pub fn group(mut self, group: GroupSetup) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds what is in a document, as [`Emulator::seed`] does it; it is there again after a reset.
    pub fn seed(mut self, document: Value) -> Self {
        self.seeds.push(document);
        self
    }

    /// Sets the address to listen on. Default: `127.0.0.1` and a free port.
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen = address.into();
        self
    }

    /// Allows [`listen`](Self::listen) to name an address that other machines can reach. Default: `false`.
    pub fn allow_non_loopback(mut self, allow: bool) -> Self {
        self.allow_non_loopback = allow;
        self
    }

    /// Sets how long access tokens live, in whole seconds, at least one. Default: 48 hours, like the real service.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Makes every refresh give a new refresh token and invalidate the old one. Default: `false`, the same
    /// refresh token is given back.
    pub fn rotate_refresh_tokens(mut self, rotate: bool) -> Self {
        self.rotate_refresh_tokens = rotate;
        self
    }

    /// Approves every login at once in the name of the first user who may be chosen, instead of showing a page.
    /// For programs that cannot press a button. Default: `false`.
    pub fn approve_logins(mut self, approve: bool) -> Self {
        self.approve_logins = approve;
        self
    }

    /// Registers a redirect URI for the confidential clients, compared exactly. May be called several times.
    ///
    /// Public clients need none: like at the real service, they may use any port of the loopback interface.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Sets how the Transfer service behaves.
    pub fn transfer_settings(mut self, settings: TransferSettings) -> Self {
        self.transfer = settings;
        self
    }

    /// Sets how long people may take to answer a web input of a flow, on the emulator's clock, before it is closed and
    /// its `AwaitWebInput` state raises `Flows.WebInputExpired`; at least a second. Default: 30 days.
    pub fn web_input_lifetime(mut self, lifetime: Duration) -> Self {
        self.web_input_lifetime = lifetime;
        self
    }

    /// Starts the emulator on the current tokio runtime.
    ///
    /// It answers as soon as this returns.
    ///
    /// # Errors
    /// [`StartError`] says which setting cannot be used, and why.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let mut clients = resolve_clients(self.clients)?;
        if let Some(uri) = self.redirect_uris.iter().find(|uri| redirect::parse(uri).is_none()) {
            return Err(StartError::Setting {
                setting: "redirect URI",
                reason: format!("{uri:?} is not an absolute URI without a fragment"),
            });
        }
        for client in &mut clients {
            client.redirect_uris.clone_from(&self.redirect_uris);
        }
        let accounts = resolve_accounts(self.accounts)?;
        if self.token_lifetime < Duration::from_secs(1) || self.token_lifetime > MOST_TOKEN_LIFETIME {
            return Err(StartError::Setting {
                setting: "token lifetime",
                reason: format!("{:?} is not between 1 second and 10 years", self.token_lifetime),
            });
        }
        let flows = resolve_flows(self.web_input_lifetime)?;
        let address = self.listen;
        if !address.ip().is_loopback() && !self.allow_non_loopback {
            return Err(StartError::NotLoopback { address });
        }
        let points = resolve_points(self.stream_access_points)?;
        let settings = auth::Settings {
            token_lifetime: self.token_lifetime,
            rotate_refresh_tokens: self.rotate_refresh_tokens,
            approve_logins: self.approve_logins,
        };
        let client = clients[0].clone();
        let groups = resolve_groups(self.groups, &accounts)?;
        let auth = auth::Store::new(settings, clients, accounts, groups);
        let now = Clock::default().now();
        let names = Names { auth: &auth, groups: &[] };
        let opened = transfer::resolve(Vec::new(), self.collections, &names, now)?;
        let transfer = transfer::Store::new(opened, points, self.transfer)?;

        let listener =
            TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
        let bound = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;

        let wrong = |reason| StartError::Setting { setting: "seed", reason };
        let state = State::new(auth, transfer, flows, self.seeds, bound).map_err(wrong)?;
        Ok(Emulator::serve(listener, server::router(state.clone()), state, client))
    }
}

/// Ten years.
pub(crate) const MOST_TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 366 * 86_400);

fn resolve_flows(web_input_lifetime: Duration) -> Result<flows::Store, StartError> {
    let lifetime = SignedDuration::try_from(web_input_lifetime).ok();
    let lifetime = lifetime.filter(|lifetime| *lifetime >= SignedDuration::from_secs(1));
    lifetime.map(flows::Store::new).ok_or_else(|| StartError::Setting {
        setting: "web input lifetime",
        reason: format!("{web_input_lifetime:?} is not a second or more"),
    })
}

fn resolve_points(names: Vec<String>) -> Result<Vec<StreamAccessPoint>, StartError> {
    let mut seen = HashSet::new();
    let mut problem = |name: &str| {
        transfer::name_fault(name).or_else(|| (!seen.insert(name.to_owned())).then_some("it is given twice"))
    };
    let checked = names.into_iter().map(|name| match problem(&name) {
        Some(reason) => Err(StartError::Setting {
            setting: "stream access point",
            reason: format!("the name {name:?}: {reason}"),
        }),
        None => Ok(StreamAccessPoint::new(name)),
    });
    checked.collect()
}

/// Returns at least one client.
fn resolve_clients(given: Vec<(String, String)>) -> Result<Vec<Client>, StartError> {
    if given.is_empty() {
        return Ok(vec![Client::confidential(Uuid::new_v4(), random::alphanumeric(43))]);
    }
    let mut seen = HashSet::new();
    given
        .into_iter()
        .map(|(id, secret)| match Uuid::parse_str(&id) {
            Err(_) => Err(StartError::Client { id, reason: "the id is not a UUID" }),
            Ok(_) if secret.is_empty() => Err(StartError::Client { id, reason: "the secret is empty" }),
            Ok(_) if !secret.chars().all(|c| c.is_ascii_graphic()) => {
                Err(StartError::Client { id, reason: "the secret has other than printable ASCII characters" })
            }
            Ok(uuid) if !seen.insert(uuid) => Err(StartError::Client { id, reason: "it is given twice" }),
            Ok(uuid) => Ok(Client::confidential(uuid, secret)),
        })
        .collect()
}

fn resolve_accounts(given: Vec<Account>) -> Result<Vec<Vec<Identity>>, StartError> {
    if given.is_empty() {
        return Ok(vec![vec![Identity::person("demo@emulator.example.org", "Demo User")]]);
    }
    let mut seen = HashSet::new();
    given
        .into_iter()
        .map(|account| {
            let name = account.name;
            let identity = |username: String| {
                if !is_username(&username) {
                    Err(StartError::User { username, reason: "it does not look like name@domain" })
                } else if !seen.insert(username.to_lowercase()) {
                    Err(StartError::User { username, reason: "it is given twice" })
                } else {
                    Ok(Identity::person(&username, &name))
                }
            };
            account.usernames.into_iter().map(identity).collect()
        })
        .collect()
}

fn resolve_groups(given: Vec<GroupSetup>, accounts: &[Vec<Identity>]) -> Result<Vec<Group>, StartError> {
    // Somebody without an account has an identity too, as the owner of a collection does.
    let identity = |name: &str| {
        let mut known = accounts.iter().flatten();
        known
            .find(|identity| identity.username.eq_ignore_ascii_case(name))
            .map(|identity| identity.id)
            .or_else(|| is_username(name).then(|| Identity::unused(name).id))
    };
    let mut groups: Vec<Group> = Vec::new();
    for group in given {
        let wrong = |reason: String| StartError::Setting { setting: "group", reason };
        let group = group.into_group(identity).map_err(wrong)?;
        if groups.iter().any(|other| other.id == group.id || other.name == group.name) {
            return Err(wrong(format!("{:?} is given twice", group.name)));
        }
        groups.push(group);
    }
    Ok(groups)
}
