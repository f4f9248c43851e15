//! Whom permissions and roles are for, and under which names lists of principals know them.

use uuid::Uuid;

const IDENTITY: &str = "urn:globus:auth:identity:";
const GROUP: &str = "urn:globus:groups:id:";

/// Whom a permission or a role can be for: the identities of an account, and the groups that they are in. The default
/// is somebody who did not log in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Who<'a> {
    pub(crate) identities: &'a [Uuid],
    pub(crate) groups: &'a [Uuid],
}

impl Who<'_> {
    /// Whether this identity is one of theirs.
    pub(crate) fn is(self, identity: Uuid) -> bool {
        self.identities.contains(&identity)
    }

    /// Whether they are in this group.
    pub(crate) fn is_in(self, group: Uuid) -> bool {
        self.groups.contains(&group)
    }

    /// The URNs under which lists of principals name them.
    pub(crate) fn urns(self) -> Vec<String> {
        let identities = self.identities.iter().map(|id| identity_urn(*id));
        let groups = self.groups.iter().map(|id| format!("{GROUP}{id}"));
        identities.chain(groups).collect()
    }

    /// Whether somebody logged in.
    pub(crate) fn is_somebody(self) -> bool {
        !self.identities.is_empty()
    }
}

/// Returns the URN of an identity.
pub(crate) fn identity_urn(id: Uuid) -> String {
    format!("{IDENTITY}{id}")
}

/// Tells whether a text is the URN of an identity.
pub(crate) fn is_identity(text: &str) -> bool {
    is_urn(text, IDENTITY)
}

/// Tells whether a text is the URN of an identity or a group.
pub(crate) fn is_principal(text: &str) -> bool {
    is_identity(text) || is_urn(text, GROUP)
}

fn is_urn(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| Uuid::parse_str(id).is_ok_and(|uuid| uuid.to_string() == id.to_ascii_lowercase()))
}
