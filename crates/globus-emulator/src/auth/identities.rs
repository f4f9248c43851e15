//! People, and clients in their own name.

use uuid::Uuid;

use super::clients::Client;

/// The identity provider of client identities.
pub(crate) const CLIENT_PROVIDER: Uuid = Uuid::from_u128(0x3a74_877b_e2a3_44b1_8958_ede1_031b_1827);
/// The identity provider that the emulator's own users log in with.
pub(crate) const LOCAL_PROVIDER: Uuid = Uuid::from_u128(0x7c1e_6b1a_0d7e_5c7b_9f53_5d2f_1f7a_90e1);

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
}

impl Identity {
    /// A person, whose id follows from the username.
    pub(crate) fn person(username: &str, name: &str) -> Identity {
        Identity {
            id: Uuid::new_v5(&LOCAL_PROVIDER, username.as_bytes()),
            username: username.to_owned(),
            name: Some(name.to_owned()),
            email: Some(username.to_owned()),
            organization: Some("Globus Emulator".to_owned()),
            provider: LOCAL_PROVIDER,
        }
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
        }
    }

    /// Returns how one logs in with it; a client identity is not something that one logs in with.
    pub(crate) fn login_type(&self) -> Option<&'static str> {
        (self.provider != CLIENT_PROVIDER).then_some("login")
    }

    pub(crate) fn provider_name(&self) -> &'static str {
        if self.provider == CLIENT_PROVIDER { "Globus Auth clients" } else { "Globus Emulator" }
    }
}
