//! Registered applications.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::scopes::Scopes;
use crate::time;

/// One registered application.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: ClientType,
    /// The secrets that it may authenticate with. A public client has none.
    pub(crate) credentials: Vec<Credential>,
    /// Redirect URIs registered in advance, compared exactly.
    pub(crate) redirect_uris: Vec<String>,
    /// The project that it is registered in. Instances, children and what the emulator was started with have none.
    pub(crate) project: Option<Uuid>,
    /// The template or the client that it was made from.
    pub(crate) parent: Option<Uuid>,
    /// Whether anybody may make instances of it.
    pub(crate) is_template: bool,
    /// Whether it is an instance of a template, on somebody's own machine.
    pub(crate) is_instance: bool,
    /// Whether others may see it.
    pub(crate) visible: bool,
    /// Host names that its scopes may be named after.
    pub(crate) fqdns: Vec<String>,
    /// Privacy policy, and terms and conditions.
    pub(crate) links: Option<(String, String)>,
    /// People can log in with this identity provider only, and it decides who they are.
    pub(crate) required_idp: Option<Uuid>,
    /// The identity provider that is offered first.
    pub(crate) preselect_idp: Option<Uuid>,
    pub(crate) prompt_for_named_grant: bool,
    pub(crate) userinfo_from_effective_identity: bool,
}

/// What kind of application it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientType {
    ConfidentialClient,
    PublicInstalledClient,
    ClientIdentity,
    ResourceServer,
    GlobusConnectServer,
    HybridConfidentialClientResourceServer,
    PublicWebappClient,
}

/// One secret of a client.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) secret: String,
}

const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";
const CREDENTIALS: &str = "client_credentials";
/// The grant by which a resource server gets tokens for the services that it uses.
pub(crate) const DEPENDENT: &str = "urn:globus:auth:grant_type:dependent_token";

impl ClientType {
    pub(crate) fn is_public(self) -> bool {
        matches!(self, ClientType::PublicInstalledClient | ClientType::PublicWebappClient)
    }
}

impl Client {
    pub(crate) fn new(id: Uuid, name: impl Into<String>, kind: ClientType) -> Client {
        Client {
            id,
            name: name.into(),
            kind,
            credentials: Vec::new(),
            redirect_uris: Vec::new(),
            project: None,
            parent: None,
            is_template: false,
            is_instance: false,
            visible: false,
            fqdns: Vec::new(),
            links: None,
            required_idp: None,
            preselect_idp: None,
            prompt_for_named_grant: false,
            userinfo_from_effective_identity: true,
        }
    }

    /// One that keeps a secret, and that other applications may ask for scopes of.
    pub(crate) fn confidential(id: Uuid, secret: String) -> Client {
        let kind = ClientType::HybridConfidentialClientResourceServer;
        let mut client = Client::new(id, format!("Confidential client {id}"), kind);
        client.credentials.push(Credential::new("Given at the start", secret, Timestamp::UNIX_EPOCH));
        client
    }

    pub(crate) fn public(id: Uuid, name: &str) -> Client {
        Client::new(id, name, ClientType::PublicInstalledClient)
    }

    pub(crate) fn is_public(&self) -> bool {
        self.kind.is_public()
    }

    /// Tells whether people run it on their own machine: then it may send them to any port of that machine.
    pub(crate) fn is_native(&self) -> bool {
        self.is_public() || self.is_instance
    }

    /// Compares in constant time. A public client has no secret that could match.
    pub(crate) fn secret_matches(&self, given: &str) -> bool {
        let matches = |credential: &Credential| credential.secret.as_bytes().ct_eq(given.as_bytes());
        self.credentials.iter().any(|credential| matches(credential).into())
    }

    /// Returns the grants that it may use at the token endpoint.
    pub(crate) fn grant_types(&self) -> &'static [&'static str] {
        match self.kind {
            ClientType::PublicInstalledClient | ClientType::PublicWebappClient => &[CODE, REFRESH],
            ClientType::ClientIdentity => &[CREDENTIALS],
            ClientType::ResourceServer => &[CREDENTIALS, DEPENDENT],
            _ if self.is_instance => &[CODE, CREDENTIALS, REFRESH],
            _ => &[CODE, CREDENTIALS, REFRESH, DEPENDENT],
        }
    }

    pub(crate) fn document(&self, scopes: &Scopes) -> Value {
        let own_scopes: Vec<Uuid> = scopes.of(self.id).map(|scope| scope.id).collect();
        json!({
            "id": self.id,
            "name": self.name,
            "public_client": self.is_public(),
            "client_type": self.kind,
            "visibility": if self.visible { "public" } else { "private" },
            "project": self.project,
            "parent_client": self.parent,
            "grant_types": self.grant_types(),
            "redirect_uris": self.redirect_uris,
            "scopes": own_scopes,
            "fqdns": self.fqdns,
            "links": {
                "privacy_policy": self.links.as_ref().map(|links| &links.0),
                "terms_and_conditions": self.links.as_ref().map(|links| &links.1),
            },
            "required_idp": self.required_idp,
            "preselect_idp": self.preselect_idp,
            "userinfo_from_effective_identity": self.userinfo_from_effective_identity,
            "prompt_for_named_grant": self.prompt_for_named_grant,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Credential {
    pub(crate) fn new(name: impl Into<String>, secret: String, created: Timestamp) -> Credential {
        Credential { id: Uuid::new_v4(), name: name.into(), created, secret }
    }

    /// The document, with the secret only for whoever just had it made.
    pub(crate) fn document(&self, client: Uuid, with_secret: bool) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "created": time::micros(self.created),
            "client": client,
            "secret": with_secret.then_some(&self.secret),
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// All registered applications.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    by_id: BTreeMap<Uuid, Client>,
}

impl Clients {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Client> {
        self.by_id.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: Uuid) -> Option<&mut Client> {
        self.by_id.get_mut(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Client> {
        self.by_id.values()
    }

    pub(crate) fn insert(&mut self, client: Client) {
        self.by_id.insert(client.id, client);
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Client> {
        self.by_id.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_secret_matches() {
        let mut client = Client::confidential(Uuid::new_v4(), "right".to_owned());
        assert!(client.secret_matches("right"));
        assert!(!client.secret_matches("righ"));
        assert!(!client.secret_matches(""));
        client.credentials.push(Credential::new("second", "other".to_owned(), Timestamp::UNIX_EPOCH));
        assert!(client.secret_matches("right") && client.secret_matches("other"));
        assert!(!Client::public(Uuid::new_v4(), "app").secret_matches(""));
    }

    #[test]
    fn debug_hides_the_secret() {
        let client = Client::confidential(Uuid::new_v4(), "hush-hush".to_owned());
        assert!(!format!("{client:?} {:?}", client.credentials).contains("hush"));
    }
}
