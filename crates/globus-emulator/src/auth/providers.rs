//! Identity providers: where people log in.

use serde_json::{Value, json};
use uuid::Uuid;

/// The identity provider of client identities.
pub(crate) const CLIENT_PROVIDER: Uuid = Uuid::from_u128(0x3a74_877b_e2a3_44b1_8958_ede1_031b_1827);
/// The identity provider of the demo user, and the namespace of the ids of people and of other providers.
pub(crate) const LOCAL_PROVIDER: Uuid = Uuid::from_u128(0x7c1e_6b1a_0d7e_5c7b_9f53_5d2f_1f7a_90e1);

/// Those that exist in every emulator: id, name, short name, domain.
const BUILT_IN: [(Uuid, &str, &str, &str); 4] = [
    (CLIENT_PROVIDER, "Globus Auth clients", "clients", "clients.auth.globus.org"),
    (LOCAL_PROVIDER, "Globus Emulator", "emulator", "emulator.example.org"),
    (Uuid::from_u128(0x4114_3743_f3c8_4d60_bbdb_eeec_aba8_5bd9), "Globus ID", "globusid", "globusid.org"),
    (Uuid::from_u128(0x927d_7238_f917_4eb2_9ace_c523_fa9b_a34e), "Globus Staff", "globus.org", "globus.org"),
];

/// One identity provider. Those of people have one domain each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) domain: String,
}

impl Provider {
    /// Returns the one that people of this domain log in with. The ids of those that are not built in follow
    /// from the domain.
    pub(crate) fn of_domain(domain: &str) -> Provider {
        let domain = domain.to_ascii_lowercase();
        Provider::built_in().find(|provider| provider.domain == domain).unwrap_or_else(|| Provider {
            id: Uuid::new_v5(&LOCAL_PROVIDER, domain.as_bytes()),
            name: domain.clone(),
            short_name: domain.clone(),
            domain,
        })
    }

    pub(crate) fn built_in() -> impl Iterator<Item = Provider> {
        BUILT_IN.into_iter().map(|(id, name, short_name, domain)| Provider {
            id,
            name: name.to_owned(),
            short_name: short_name.to_owned(),
            domain: domain.to_owned(),
        })
    }

    pub(crate) fn document(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "short_name": self.short_name,
            "alternative_names": [],
            "domains": [self.domain],
        })
    }
}
