//! People, and clients in their own name.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clients::Client;
use super::providers::{CLIENT_PROVIDER, LOCAL_PROVIDER, Provider};

/// Somebody who may hold tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: Uuid,
    /// Looks like an e-mail address.
    pub(crate) username: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) provider: Uuid,
    pub(crate) provider_name: String,
    pub(crate) status: Status,
}

/// What became of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Somebody logs in with it.
    Used,
    /// It was made for somebody who never logged in.
    Unused,
}

impl Identity {
    /// A person, whose id follows from the username.
    pub(crate) fn person(username: &str, name: &str) -> Identity {
        let provider = Provider::of_domain(domain(username));
        Identity {
            id: Uuid::new_v5(&LOCAL_PROVIDER, username.as_bytes()),
            username: username.to_owned(),
            name: Some(name.to_owned()),
            email: Some(username.to_owned()),
            organization: Some(provider.name.clone()),
            provider: provider.id,
            provider_name: provider.name,
            status: Status::Used,
        }
    }

    /// An identity for somebody who never logged in: nothing but its username is known.
    pub(crate) fn unused(username: &str) -> Identity {
        let person = Identity::person(username, "");
        Identity { name: None, email: None, organization: None, status: Status::Unused, ..person }
    }

    /// The identity that a client acts as in its own name.
    pub(crate) fn of_client(client: &Client) -> Identity {
        Identity {
            id: client.id,
            username: format!("{}@clients.auth.globus.org", client.id),
            name: Some(client.name.clone()),
            email: None,
            organization: None,
            provider: CLIENT_PROVIDER,
            provider_name: "Globus Auth clients".to_owned(),
            status: Status::Used,
        }
    }

    /// Returns how one logs in with it; a client identity is not something that one logs in with.
    pub(crate) fn login_type(&self) -> Option<&'static str> {
        (self.provider != CLIENT_PROVIDER).then_some("login")
    }

    /// Returns what stands after the `@` of the username.
    pub(crate) fn domain(&self) -> &str {
        domain(&self.username)
    }

    /// The document of `/v2/api/identities`.
    pub(crate) fn document(&self) -> Value {
        json!({
            "id": self.id,
            "username": self.username,
            "status": self.status.as_str(),
            "name": self.name,
            "email": self.email,
            "organization": self.organization,
            "identity_provider": self.provider,
            "identity_type": self.login_type(),
        })
    }

    /// The entry in the `identity_set` of `userinfo`, `id_token` and introspection.
    pub(crate) fn set_entry(&self, last_authentication: Option<Timestamp>) -> Value {
        json!({
            "sub": self.id,
            "username": self.username,
            "name": self.name,
            "email": self.email,
            "organization": self.organization,
            "identity_provider": self.provider,
            "identity_provider_display_name": self.provider_name,
            "identity_type": self.login_type(),
            "last_authentication": last_authentication.map(Timestamp::as_second),
            "status": self.status.as_str(),
        })
    }
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Used => "used",
            Status::Unused => "unused",
        }
    }
}

/// Returns what stands after the `@`.
pub(crate) fn domain(username: &str) -> &str {
    username.rsplit('@').next().unwrap_or_default()
}

/// Tells whether a text looks like `name@domain`.
pub(crate) fn is_username(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',')
}
