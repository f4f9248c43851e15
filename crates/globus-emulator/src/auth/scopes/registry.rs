//! Which scopes exist: those of the services, and those that come with a collection, an endpoint, a flow or an
//! application of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::known::{id_of, of_services};

/// A scope, as its resource server described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeRecord {
    pub(crate) id: Uuid,
    pub(crate) scope_string: String,
    pub(crate) resource_server: String,
    /// The client that the scope belongs to.
    pub(crate) owner: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Whether others than the owner may look it up.
    pub(crate) advertised: bool,
    pub(crate) allows_refresh_token: bool,
    /// Only identities of these domains may consent to it; none means all.
    pub(crate) required_domains: Vec<String>,
    pub(crate) dependents: Vec<DependentScope>,
}

/// A scope that another one uses in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DependentScope {
    pub(crate) scope: Uuid,
    /// Consented to only when asked for.
    #[serde(default)]
    pub(crate) optional: bool,
    #[serde(default)]
    pub(crate) requires_refresh_token: bool,
}

impl ScopeRecord {
    /// A scope without dependents that allows refresh tokens and is not advertised.
    pub(crate) fn new(
        owner: Uuid,
        resource_server: impl Into<String>,
        scope_string: impl Into<String>,
    ) -> ScopeRecord {
        let scope_string = scope_string.into();
        let name = scope_string.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        ScopeRecord {
            id: id_of(&scope_string),
            resource_server: resource_server.into(),
            owner,
            description: format!("The scope {name} of the emulator"),
            name,
            advertised: false,
            allows_refresh_token: true,
            required_domains: Vec::new(),
            dependents: Vec::new(),
            scope_string,
        }
    }

    /// Lets anybody look it up.
    pub(crate) fn advertised(mut self) -> ScopeRecord {
        self.advertised = true;
        self
    }

    /// The document of `/v2/api/scopes`.
    pub(crate) fn document(&self) -> Value {
        json!({
            "id": self.id,
            "client": self.owner,
            "scope_string": self.scope_string,
            "name": self.name,
            "description": self.description,
            "advertised": self.advertised,
            "allows_refresh_token": self.allows_refresh_token,
            "required_domains": self.required_domains,
            "dependent_scopes": self.dependents,
        })
    }

    /// Makes it use another scope, which is consented to along with it unless `optional`.
    pub(crate) fn depends_on(mut self, scope: &str, optional: bool) -> ScopeRecord {
        let scope = id_of(scope);
        self.dependents.push(DependentScope { scope, optional, requires_refresh_token: false });
        self
    }
}

/// All scopes.
#[derive(Debug)]
pub(crate) struct Scopes {
    by_string: BTreeMap<String, ScopeRecord>,
}

impl Default for Scopes {
    fn default() -> Self {
        let by_string = of_services().map(|scope| (scope.scope_string.clone(), scope)).collect();
        Scopes { by_string }
    }
}

impl Scopes {
    pub(crate) fn find(&self, scope: &str) -> Option<&ScopeRecord> {
        self.by_string.get(scope)
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<&ScopeRecord> {
        self.by_string.values().find(|scope| scope.id == id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &ScopeRecord> {
        self.by_string.values()
    }

    /// Returns the scopes that belong to a client.
    pub(crate) fn of(&self, owner: Uuid) -> impl Iterator<Item = &ScopeRecord> {
        self.by_string.values().filter(move |scope| scope.owner == owner)
    }

    pub(crate) fn remove(&mut self, scope: &str) {
        self.by_string.remove(scope);
    }

    /// Adds a scope, or replaces the one of the same text.
    pub(crate) fn register(&mut self, scope: ScopeRecord) {
        self.by_string.insert(scope.scope_string.clone(), scope);
    }

    /// Forgets every scope that belongs to this client, collection, endpoint or flow.
    pub(crate) fn forget_of(&mut self, owner: Uuid) {
        self.by_string.retain(|_, scope| scope.owner != owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_at_its_own_resource_server() {
        let scopes = Scopes::default();
        for (scope, server) in [
            ("openid", "auth.globus.org"),
            ("urn:globus:auth:scope:auth.globus.org:view_identity_set", "auth.globus.org"),
            ("urn:globus:auth:scope:transfer.api.globus.org:all", "transfer.api.globus.org"),
            ("https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all", "flows.globus.org"),
            ("https://auth.globus.org/scopes/facd7ccc-c5f4-42aa-916b-a0e270e2c2a9/all", "funcx_service"),
        ] {
            assert_eq!(scopes.find(scope).map(|scope| &*scope.resource_server), Some(server), "{scope}");
        }
        for scope in ["", "open", "openid2", "urn:globus:auth:scope:transfer.api.globus.org:", "all"] {
            assert_eq!(scopes.find(scope), None, "{scope}");
        }
    }

    #[test]
    fn scopes_come_and_go_with_their_owner() {
        let mut scopes = Scopes::default();
        let owner = Uuid::from_u128(7);
        let before = scopes.by_string.len();
        scopes.register(ScopeRecord::new(owner, owner.to_string(), "https://example.org/x/read"));
        assert_eq!(scopes.find("https://example.org/x/read").map(|scope| &*scope.name), Some("read"));
        scopes.forget_of(owner);
        assert_eq!(scopes.by_string.len(), before);
    }
}
