//! What has to be remembered between the two halves of a login.

use globus_core::{ClientId, Secret};
use serde::{Deserialize, Serialize, Serializer};

/// Holds what ends a login that was begun: where the browser comes back to, how that login is told from others, and
/// what proves that it was begun here.
///
/// It can be serialised, so that another request, process or machine can end the login. Keep it where only that one
/// login's user can get at it, such as a server-side session: it holds secrets. Good for one login.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlowState {
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: String,
    #[serde(serialize_with = "expose")]
    pub(crate) state: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub(crate) code_verifier: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub(crate) nonce: Option<Secret>,
}

impl FlowState {
    /// Names the client that began the login.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Gives the address that the browser comes back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Gives the text that Globus Auth sends back with the code; by it a server that has several logins under way
    /// finds the right one.
    #[must_use]
    pub fn state(&self) -> &Secret {
        &self.state
    }
}

// Only here are secrets written out: a login cannot go on elsewhere without them.
fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn expose_some<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => expose(secret, serializer),
        None => serializer.serialize_none(),
    }
}
