//! Identities, looked up many at a time and remembered.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use globus_core::{Error, IdentityId, Result};

use crate::{
    AuthClient,
    api::identities::{Identity, IdentityLookup},
};

/// Finds identities by id or username: asks for up to 100 at once, and for each only once.
///
/// Say with [`add`](Self::add) whom you are going to need; the first [`get`](Self::get) then asks for many of them
/// together. What was found is known under its id and its username, however it was asked for, and that somebody does not
/// exist is remembered too.
///
/// Clones share what is known. Tasks that look for people at the same time share requests too: while one asks, those whom
/// the others need gather, and are asked for together.
///
/// ```no_run
/// # async fn example(auth: globus_auth::AuthClient, owners: Vec<String>) -> globus_auth::Result<()> {
/// use globus_auth::IdentityMap;
///
/// let people = IdentityMap::new(auth);
/// people.add_all(&owners)?;
/// for owner in &owners {
///     match people.get(owner).await? {
///         Some(identity) => println!("{owner} is {}", identity.username),
///         None => println!("nobody is {owner}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct IdentityMap {
    client: AuthClient,
    batch_size: usize,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    people: Mutex<People>,
    /// Held while somebody asks.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct People {
    /// Nobody is in here twice, and nobody who is known.
    pending: Vec<Key>,
    known: HashMap<Key, Option<Arc<Identity>>>,
}

/// The most that official clients ask for at once.
const BATCH_SIZE: usize = 100;

impl IdentityMap {
    /// Makes an empty map. Asks nothing yet.
    #[must_use]
    pub fn new(client: AuthClient) -> Self {
        Self { client, batch_size: BATCH_SIZE, shared: Arc::default() }
    }

    /// Asks for at most this many at once: 1 to 100, which is the default; what is beyond counts as the nearest.
    #[must_use]
    #[doc(alias = "id_batch_size")]
    pub fn with_batch_size(mut self, size: usize) -> Self {
        self.batch_size = size.clamp(1, BATCH_SIZE);
        self
    }

    /// Notes that somebody is going to be needed. Asks nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is neither an id nor a username: one such in
    /// a request would spoil it for all others.
    pub fn add(&self, who: impl Into<IdentityKey>) -> Result<()> {
        let key = who.into().read()?;
        self.people().note([key]);
        Ok(())
    }

    /// Notes that all of these are going to be needed. Asks nothing yet.
    ///
    /// # Errors
    /// As [`add`](Self::add) for the first that is wrong; then none is noted.
    pub fn add_all(&self, all: impl IntoIterator<Item: Into<IdentityKey>>) -> Result<()> {
        let keys: Vec<Key> = all.into_iter().map(|who| who.into().read()).collect::<Result<_>>()?;
        self.people().note(keys);
        Ok(())
    }

    /// Gives an identity; `None` when there is none, or none that may be seen. Asks only when it is not known yet, and
    /// then for others that are needed too.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is neither an id nor a username; those of
    /// [`get_identities`](AuthClient::get_identities). After an error the same can be asked again.
    pub async fn get(&self, who: impl Into<IdentityKey>) -> Result<Option<Arc<Identity>>> {
        let key = who.into().read()?;
        if let Some(known) = self.people().known.get(&key) {
            return Ok(known.clone());
        }
        // Who is asking already may take this one along with the next request.
        self.people().note([key.clone()]);
        let _asking = self.shared.asking.lock().await;
        let batch = {
            let people = self.people();
            if let Some(known) = people.known.get(&key) {
                return Ok(known.clone());
            }
            let others = people.pending.iter().filter(|other| **other != key && other.same_kind(&key));
            std::iter::once(&key).chain(others.take(self.batch_size - 1)).cloned().collect()
        };
        self.ask(batch).await?;
        Ok(self.people().known.get(&key).cloned().flatten())
    }

    /// Asks for all that were [`add`](Self::add)ed and are not known yet, request by request.
    ///
    /// # Errors
    /// Those of [`get_identities`](AuthClient::get_identities). What was found before the error stays known; after it,
    /// the rest can be asked for again.
    pub async fn load(&self) -> Result<()> {
        let _asking = self.shared.asking.lock().await;
        loop {
            let batch: Vec<Key> = {
                let people = self.people();
                let Some(first) = people.pending.first() else { return Ok(()) };
                let same = people.pending.iter().filter(|other| other.same_kind(first));
                same.take(self.batch_size).cloned().collect()
            };
            self.ask(batch).await?;
        }
    }

    /// Forgets what is known of somebody, under every name, so that the next [`get`](Self::get) asks again.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn forget(&self, who: impl Into<IdentityKey>) -> Result<()> {
        let key = who.into().read()?;
        let known = &mut self.people().known;
        if let Some(Some(identity)) = known.remove(&key) {
            known.retain(|_, known| known.as_ref().is_none_or(|known| known.id != identity.id));
        }
        Ok(())
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.shared.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for these, which are all ids or all usernames.
    async fn ask(&self, batch: Vec<Key>) -> Result<()> {
        let lookup = match &batch[..] {
            [Key::Id(_), ..] => IdentityLookup::ids(batch.iter().filter_map(Key::id)),
            _ => IdentityLookup::usernames(batch.iter().filter_map(Key::username)),
        };
        let answer = self.client.get_identities(lookup).send().await?;
        self.people().learn(batch, answer.identities);
        Ok(())
    }
}

impl People {
    fn note(&mut self, keys: impl IntoIterator<Item = Key>) {
        let mut pending: HashSet<Key> = self.pending.iter().cloned().collect();
        for key in keys {
            if !self.known.contains_key(&key) && pending.insert(key.clone()) {
                self.pending.push(key);
            }
        }
    }

    /// Takes over the answer to a question about these.
    fn learn(&mut self, asked: Vec<Key>, found: Vec<Identity>) {
        let mut missing: HashSet<Key> = asked.into_iter().collect();
        for identity in found {
            let identity = Arc::new(identity);
            let (id, name) = (Key::Id(identity.id), Key::Username(identity.username.clone()));
            // The service may know a name in another spelling than it was asked for.
            let alike: Vec<Key> = missing.iter().filter(|key| key.is_like(&identity)).cloned().collect();
            for key in alike.into_iter().chain([id, name]) {
                missing.remove(&key);
                self.known.insert(key, Some(Arc::clone(&identity)));
            }
        }
        self.known.extend(missing.into_iter().map(|key| (key, None)));
        // Somebody may have been waited for under both names.
        let known = &self.known;
        self.pending.retain(|key| !known.contains_key(key));
    }
}

/// Names an identity by its id or its username: made from either.
#[derive(Debug, Clone)]
pub struct IdentityKey(std::result::Result<Key, String>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(IdentityId),
    Username(String),
}

impl IdentityKey {
    fn read(self) -> Result<Key> {
        self.0.map_err(|text| {
            Error::invalid_input(format!(
                "{text:?} is neither an identity id nor a username: expected a UUID, or a name such as ada@example.edu"
            ))
        })
    }
}

impl Key {
    fn id(&self) -> Option<IdentityId> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Username(_) => None,
        }
    }

    fn username(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::Username(name) => Some(name),
        }
    }

    fn same_kind(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }

    fn is_like(&self, identity: &Identity) -> bool {
        self.username().is_some_and(|name| name.eq_ignore_ascii_case(&identity.username))
    }
}

impl From<IdentityId> for IdentityKey {
    fn from(id: IdentityId) -> Self {
        Self(Ok(Key::Id(id)))
    }
}

impl From<&IdentityId> for IdentityKey {
    fn from(id: &IdentityId) -> Self {
        Self::from(*id)
    }
}

impl From<&str> for IdentityKey {
    fn from(text: &str) -> Self {
        let text = text.trim();
        Self(match text.parse() {
            Ok(id) => Ok(Key::Id(id)),
            // The service takes names with an @ only; a comma would make two of one.
            Err(_) if text.contains('@') && !text.contains(',') => Ok(Key::Username(text.to_owned())),
            Err(_) => Err(text.to_owned()),
        })
    }
}

impl From<String> for IdentityKey {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for IdentityKey {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}
