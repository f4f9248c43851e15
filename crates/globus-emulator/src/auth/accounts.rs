//! Accounts: the identities of people, and which of them belong together.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::identities::{Identity, domain};
use super::providers::{CLIENT_PROVIDER, Provider};

/// All people of an emulator.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    people: BTreeMap<Uuid, Identity>,
    /// The identities of each account, the primary one first, in the order in which they are offered.
    sets: Vec<Vec<Uuid>>,
}

impl Accounts {
    /// Adds an account; its first identity is the primary one.
    pub(crate) fn add(&mut self, identities: Vec<Identity>) {
        let set = identities.iter().map(|identity| identity.id).collect::<Vec<_>>();
        // An identity that was made before anybody logged in with it belongs to whoever logs in with it.
        let place = self.sets.iter().position(|other| other.first() == set.first());
        for other in &mut self.sets {
            other.retain(|id| !set.contains(id));
        }
        match place {
            Some(place) => self.sets[place] = set,
            None => self.sets.push(set),
        }
        self.sets.retain(|other| !other.is_empty());
        self.people.extend(identities.into_iter().map(|identity| (identity.id, identity)));
    }

    /// Links an identity to an account. It leaves the one that it belonged to.
    pub(crate) fn link(&mut self, primary: Uuid, identity: Identity) {
        let id = identity.id;
        let mut set = self.set_of(primary);
        if !set.contains(&id) {
            set.push(id);
        }
        let known: Vec<Identity> = set.iter().filter_map(|id| self.people.get(id).cloned()).collect();
        let known = known.into_iter().filter(|other| other.id != id).chain([identity]);
        self.add(known.collect());
    }

    pub(crate) fn person(&self, id: Uuid) -> Option<&Identity> {
        self.people.get(&id)
    }

    /// Finds a person by username, in any case.
    pub(crate) fn named(&self, username: &str) -> Option<&Identity> {
        self.people.values().find(|person| person.username.eq_ignore_ascii_case(username))
    }

    /// Finds a person by id or username.
    pub(crate) fn find(&self, id_or_username: &str) -> Option<&Identity> {
        match Uuid::parse_str(id_or_username) {
            Ok(id) => self.person(id),
            Err(_) => self.named(id_or_username),
        }
    }

    /// Returns the identities of the account that this one belongs to, the primary one first. An identity
    /// without an account, such as a client's, stands for itself.
    pub(crate) fn set_of(&self, identity: Uuid) -> Vec<Uuid> {
        let set = self.sets.iter().find(|set| set.contains(&identity));
        set.cloned().unwrap_or_else(|| vec![identity])
    }

    /// Returns the primary identity of the account that this one belongs to.
    pub(crate) fn primary_of(&self, identity: Uuid) -> Uuid {
        self.set_of(identity)[0]
    }

    /// Returns every account as its identities, the primary one first.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = Vec<&Identity>> {
        self.sets.iter().map(|set| set.iter().filter_map(|id| self.people.get(id)).collect())
    }

    /// Makes an identity for somebody who never logged in, if people of that domain can log in at all.
    pub(crate) fn provision(&mut self, username: &str) -> Option<&Identity> {
        let known = self.providers().iter().any(|provider| {
            provider.domain.eq_ignore_ascii_case(domain(username)) && provider.id != CLIENT_PROVIDER
        });
        if !known {
            return None;
        }
        let identity = Identity::unused(&username.to_lowercase());
        Some(self.people.entry(identity.id).or_insert(identity))
    }

    /// Returns the built-in identity providers and those of the people, by domain.
    pub(crate) fn providers(&self) -> Vec<Provider> {
        let of_people = self.people.values().map(|person| Provider::of_domain(person.domain()));
        let mut all: Vec<Provider> = Provider::built_in().chain(of_people).collect();
        all.sort_by(|one, other| one.domain.cmp(&other.domain));
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_identities_belong_together() {
        let mut accounts = Accounts::default();
        let (ada, home, bob) = (
            Identity::person("ada@uni.example.edu", "Ada"),
            Identity::person("ada@home.example.org", "Ada"),
            Identity::person("bob@uni.example.edu", "Bob"),
        );
        accounts.add(vec![ada.clone(), home.clone()]);
        accounts.add(vec![bob.clone()]);
        assert_eq!(accounts.set_of(home.id), [ada.id, home.id]);
        assert_eq!(accounts.primary_of(home.id), ada.id);
        assert_eq!(accounts.set_of(bob.id), [bob.id]);
        assert_eq!(accounts.find("ADA@home.example.org"), Some(&home));
        assert_eq!(ada.provider, bob.provider);
        assert_ne!(ada.provider, home.provider);
        let stranger = Uuid::from_u128(1);
        assert_eq!(accounts.set_of(stranger), [stranger]);

        accounts.link(ada.id, bob.clone());
        assert_eq!(accounts.set_of(bob.id), [ada.id, home.id, bob.id]);
        assert_eq!(accounts.accounts().count(), 1);
    }

    #[test]
    fn identities_are_made_for_known_domains_only() {
        let mut accounts = Accounts::default();
        accounts.add(vec![Identity::person("ada@uni.example.edu", "Ada")]);
        let made = accounts.provision("New@uni.example.edu").cloned();
        assert_eq!(made.as_ref().map(|identity| identity.status.as_str()), Some("unused"));
        assert_eq!(accounts.provision("new@uni.example.edu").cloned(), made);
        assert_eq!(accounts.provision("a@nowhere.example.org"), None);
        assert_eq!(accounts.provision("a@clients.auth.globus.org"), None);
    }
}
