//! Registered applications.

use std::collections::HashMap;
use std::fmt;

use subtle::ConstantTimeEq;
use uuid::Uuid;

/// One registered application.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// `None` for a public client, which cannot keep one.
    pub(crate) secret: Option<String>,
    /// Redirect URIs registered in advance, compared exactly.
    pub(crate) redirect_uris: Vec<String>,
    /// A public client that others are made from, or the one that this client was made from.
    pub(crate) template: Template,
    /// People can log in with this identity provider only, and it decides who they are.
    pub(crate) required_idp: Option<Uuid>,
    /// The identity provider that is offered first.
    pub(crate) preselect_idp: Option<Uuid>,
}

/// What a client has to do with template clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// Nothing.
    None,
    /// Anybody may make instances of it.
    Itself,
    /// It is an instance of this one.
    InstanceOf(Uuid),
}

impl Client {
    pub(crate) fn confidential(id: Uuid, secret: String) -> Client {
        Client {
            id,
            name: format!("Confidential client {id}"),
            secret: Some(secret),
            redirect_uris: Vec::new(),
            template: Template::None,
            required_idp: None,
            preselect_idp: None,
        }
    }

    pub(crate) fn public(id: Uuid, name: &str) -> Client {
        Client {
            id,
            name: name.to_owned(),
            secret: None,
            redirect_uris: Vec::new(),
            template: Template::None,
            required_idp: None,
            preselect_idp: None,
        }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.secret.is_none()
    }

    /// Compares in constant time. A public client has no secret that could match.
    pub(crate) fn secret_matches(&self, given: &str) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.as_bytes().ct_eq(given.as_bytes()).into())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// All registered applications.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    by_id: HashMap<Uuid, Client>,
}

impl Clients {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Client> {
        self.by_id.get(&id)
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
        let client = Client::confidential(Uuid::new_v4(), "right".to_owned());
        assert!(client.secret_matches("right"));
        assert!(!client.secret_matches("righ"));
        assert!(!client.secret_matches(""));
        assert!(!Client::public(Uuid::new_v4(), "app").secret_matches(""));
    }

    #[test]
    fn debug_hides_the_secret() {
        let client = Client::confidential(Uuid::new_v4(), "hush-hush".to_owned());
        assert!(!format!("{client:?}").contains("hush"));
    }
}
