//! What somebody allowed an application to do: a tree of scopes per client and identity.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::scopes::{Scope, ScopeRecord};
use crate::time;

/// One node of such a tree.
#[derive(Debug, Clone)]
struct Consent {
    id: u64,
    /// At the root the application, below it the client that owns the scope above.
    client: Uuid,
    identity: Uuid,
    scope: Uuid,
    scope_name: String,
    /// From the root to this node, whose own id comes last.
    path: Vec<u64>,
    created: Timestamp,
    updated: Timestamp,
    last_used: Timestamp,
    allows_refresh: bool,
}

/// One consent, for people to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) id: u64,
    pub(crate) client: Uuid,
    pub(crate) scope_name: String,
    /// One at the root.
    pub(crate) depth: usize,
}

/// All consents.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    // A few dozen at most in one emulator: a list that is searched is the simplest thing that works.
    all: Vec<Consent>,
    next_id: u64,
}

/// A scope that Auth has looked up, with those that it may use.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    pub(crate) scope: Scope,
    pub(crate) known: Known,
    pub(crate) dependencies: Vec<Granted>,
}

/// What is needed of a scope to grant it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: Uuid,
    pub(crate) resource_server: String,
    /// The client that the scope belongs to.
    pub(crate) owner: Uuid,
    pub(crate) allows_refresh_token: bool,
}

impl Granted {
    /// The scope with all that it uses.
    pub(crate) fn as_scope(&self) -> Scope {
        let dependencies = self.dependencies.iter().map(Granted::as_scope).collect();
        Scope { name: self.scope.name.clone(), optional: self.scope.optional, dependencies }
    }
}

impl Known {
    pub(crate) fn of(record: &ScopeRecord) -> Known {
        Known {
            id: record.id,
            resource_server: record.resource_server.clone(),
            owner: record.owner,
            allows_refresh_token: record.allows_refresh_token,
        }
    }
}

impl Consents {
    /// Records that `identity` allows `client` these scopes. Returns the ids of the roots, in their order.
    pub(crate) fn record(
        &mut self,
        client: Uuid,
        identity: Uuid,
        granted: &[Granted],
        offline: bool,
        now: Timestamp,
    ) -> Vec<u64> {
        granted.iter().map(|root| self.record_below(&[], client, identity, root, offline, now)).collect()
    }

    fn record_below(
        &mut self,
        above: &[u64],
        client: Uuid,
        identity: Uuid,
        granted: &Granted,
        offline: bool,
        now: Timestamp,
    ) -> u64 {
        let existing = self.all.iter_mut().find(|consent| {
            consent.client == client
                && consent.identity == identity
                && consent.scope == granted.known.id
                && consent.path.split_last().is_some_and(|(_, parents)| parents == above)
        });
        let path = if let Some(consent) = existing {
            consent.updated = now;
            consent.last_used = now;
            consent.allows_refresh |= offline;
            consent.path.clone()
        } else {
            self.next_id += 1;
            let path = [above, &[self.next_id]].concat();
            self.all.push(Consent {
                id: self.next_id,
                client,
                identity,
                scope: granted.known.id,
                scope_name: granted.scope.name.clone(),
                path: path.clone(),
                created: now,
                updated: now,
                last_used: now,
                allows_refresh: offline,
            });
            path
        };
        for dependency in &granted.dependencies {
            self.record_below(&path, granted.known.owner, identity, dependency, offline, now);
        }
        path.last().copied().unwrap_or_default()
    }

    /// Finds the consent to `dependent` as used by one of `above`.
    pub(crate) fn below(&self, above: &[u64], dependent: &str) -> Option<u64> {
        self.children(above).find(|consent| consent.scope_name == dependent).map(|consent| consent.id)
    }

    /// Returns the consents right below any of `above`: id and scope.
    pub(crate) fn all_below(&self, above: &[u64]) -> Vec<(u64, String)> {
        self.children(above).map(|consent| (consent.id, consent.scope_name.clone())).collect()
    }

    fn children(&self, above: &[u64]) -> impl Iterator<Item = &Consent> {
        self.all.iter().filter(move |consent| match consent.path[..] {
            [.., parent, _] => above.contains(&parent),
            _ => false,
        })
    }

    /// Returns those of `ids` whose scope is `name`.
    pub(crate) fn named(&self, ids: &[u64], name: &str) -> Vec<u64> {
        let named = self.all.iter().filter(|consent| ids.contains(&consent.id) && consent.scope_name == name);
        named.map(|consent| consent.id).collect()
    }

    /// Tells whether `identity` allows `client` these scopes with all below them, and said so since then.
    pub(crate) fn cover(&self, client: Uuid, identity: Uuid, scopes: &[Scope], since: Timestamp) -> bool {
        let roots = self.all.iter().filter(|consent| {
            consent.path.len() == 1 && consent.client == client && consent.identity == identity
        });
        self.cover_level(&roots.collect::<Vec<_>>(), scopes, since)
    }

    fn cover_level(&self, level: &[&Consent], scopes: &[Scope], since: Timestamp) -> bool {
        scopes.iter().all(|scope| {
            level.iter().any(|consent| {
                let below: Vec<&Consent> = self.children(&[consent.id]).collect();
                consent.scope_name == scope.name
                    && consent.updated >= since
                    && self.cover_level(&below, &scope.dependencies, since)
            })
        })
    }

    /// Takes back a consent of an identity and everything below it. Returns what is gone.
    pub(crate) fn rescind(&mut self, identity: Uuid, id: u64) -> Vec<u64> {
        self.remove(|consent| consent.identity == identity && consent.path.contains(&id))
    }

    /// Takes back what an identity allowed: to a scope or to all, for a client or for all. Returns what is gone.
    pub(crate) fn rescind_matching(
        &mut self,
        identity: Uuid,
        client: Option<Uuid>,
        scope: Option<&str>,
    ) -> Vec<u64> {
        let root_of_client = |root: &Consent| client.is_none_or(|client| root.client == client);
        let roots: Vec<u64> = self
            .all
            .iter()
            .filter(|consent| {
                consent.path.len() == 1 && consent.identity == identity && root_of_client(consent)
            })
            .map(|consent| consent.id)
            .collect();
        let chosen: Vec<u64> = self
            .all
            .iter()
            .filter(|consent| consent.path.first().is_some_and(|root| roots.contains(root)))
            .filter(|consent| scope.is_none_or(|scope| consent.scope_name == scope))
            .map(|consent| consent.id)
            .collect();
        self.remove(|consent| consent.path.iter().any(|id| chosen.contains(id)))
    }

    /// Takes back every consent to a scope, and everything below. Returns what is gone.
    pub(crate) fn rescind_scope(&mut self, scope: Uuid) -> Vec<u64> {
        let to_it: Vec<u64> =
            self.all.iter().filter(|consent| consent.scope == scope).map(|consent| consent.id).collect();
        self.remove(|consent| consent.path.iter().any(|id| to_it.contains(id)))
    }

    /// Returns the consents of an identity, parents before children.
    pub(crate) fn nodes(&self, identity: Uuid) -> Vec<Node> {
        let mut own: Vec<&Consent> = self.all.iter().filter(|consent| consent.identity == identity).collect();
        own.sort_by(|one, other| one.path.cmp(&other.path));
        own.into_iter()
            .map(|consent| Node {
                id: consent.id,
                client: consent.client,
                scope_name: consent.scope_name.clone(),
                depth: consent.path.len(),
            })
            .collect()
    }

    fn remove(&mut self, goes: impl Fn(&Consent) -> bool) -> Vec<u64> {
        let gone = self.all.iter().filter(|consent| goes(consent)).map(|consent| consent.id).collect();
        self.all.retain(|consent| !goes(consent));
        gone
    }

    /// Notes that consents were used.
    pub(crate) fn touch(&mut self, ids: &[u64], now: Timestamp) {
        for consent in self.all.iter_mut().filter(|consent| ids.contains(&consent.id)) {
            consent.last_used = now;
        }
    }

    /// Returns the documents of an identity's consents, only the trees of `client` if one is named.
    pub(crate) fn documents(&self, identity: Uuid, client: Option<Uuid>) -> Vec<Value> {
        let roots: Vec<u64> = self
            .all
            .iter()
            .filter(|consent| consent.path.len() == 1 && client.is_none_or(|client| consent.client == client))
            .map(|consent| consent.id)
            .collect();
        self.all
            .iter()
            .filter(|consent| consent.identity == identity)
            .filter(|consent| consent.path.first().is_some_and(|root| roots.contains(root)))
            .map(Consent::document)
            .collect()
    }
}

impl Consent {
    fn document(&self) -> Value {
        json!({
            "id": self.id,
            "client": self.client,
            "scope": self.scope,
            "scope_name": self.scope_name,
            "effective_identity": self.identity,
            "dependency_path": self.path,
            "created": time::micros(self.created),
            "updated": time::micros(self.updated),
            "last_used": time::micros(self.last_used),
            "status": "approved",
            "allows_refresh": self.allows_refresh,
            "auto_approved": false,
            "atomically_revocable": self.path.len() > 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scopes::parse;
    use super::*;

    fn granted(scopes: &[Scope]) -> Vec<Granted> {
        scopes
            .iter()
            .map(|scope| Granted {
                scope: scope.clone(),
                known: Known {
                    id: Uuid::new_v5(&Uuid::NAMESPACE_URL, scope.name.as_bytes()),
                    resource_server: "rs".to_owned(),
                    owner: Uuid::from_u128(9),
                    allows_refresh_token: true,
                },
                dependencies: granted(&scope.dependencies),
            })
            .collect()
    }

    fn recorded(text: &str) -> Consents {
        let mut consents = Consents::default();
        consents.record(CLIENT, WHO, &granted(&parse(text).unwrap()), false, Timestamp::UNIX_EPOCH);
        consents
    }

    const CLIENT: Uuid = Uuid::from_u128(1);
    const WHO: Uuid = Uuid::from_u128(2);

    #[test]
    fn every_scope_is_a_node_below_the_one_that_uses_it() {
        let nodes: Vec<Value> = recorded("a[b[c] d] e")
            .documents(WHO, Some(CLIENT))
            .iter()
            .map(|node| json!([node["scope_name"], node["dependency_path"]]))
            .collect();
        let expected = [
            json!(["a", [1]]),
            json!(["b", [1, 2]]),
            json!(["c", [1, 2, 3]]),
            json!(["d", [1, 4]]),
            json!(["e", [5]]),
        ];
        assert_eq!(nodes, expected);
    }

    #[test]
    fn recording_again_adds_nothing() {
        let mut consents = recorded("a[b]");
        consents.record(CLIENT, WHO, &granted(&parse("a[b] c").unwrap()), true, Timestamp::UNIX_EPOCH);
        let documents = consents.documents(WHO, Some(CLIENT));
        assert_eq!(documents.len(), 3);
        assert_eq!(documents[0]["dependency_path"], json!([1]));
        assert_eq!(documents[1]["dependency_path"], json!([1, 2]));
        assert_eq!(documents[1]["client"], json!(Uuid::from_u128(9)));
        assert_eq!(documents[0]["allows_refresh"], json!(true));
    }

    #[test]
    fn documents_are_of_one_identity_and_client() {
        let mut consents = recorded("a[b]");
        let other = Uuid::from_u128(3);
        consents.record(CLIENT, other, &granted(&parse("a").unwrap()), false, Timestamp::UNIX_EPOCH);
        assert_eq!(consents.documents(other, None).len(), 1);
        assert_eq!(consents.documents(WHO, None).len(), 2);
        assert!(consents.documents(WHO, Some(WHO)).is_empty());
        assert!(consents.documents(CLIENT, None).is_empty());
    }
}
