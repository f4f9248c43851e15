//! Consents: what a user has allowed which application to do.
//!
//! A login with `transfer:all[data_access]` makes two consents: the application may use Transfer for the user, and
//! Transfer, when it is called that way, may reach the collection. They form a tree; all trees of an application are
//! its [`ConsentForest`]. It answers whether a call will be refused for want of consent, before the call is made.
//!
//! ```
//! use globus_auth::consents::{Consent, ConsentForest};
//! use globus_core::Scope;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let consents: Vec<Consent> = serde_json::from_str(r#"[{"id":1,"client":"0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d","scope":"89ecabba-4acf-4e2e-a98d-ce592ccc2818","scope_name":"transfer:all","effective_identity":"7a1b2c3d-1111-4222-8333-944445555666","dependency_path":[1],"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","last_used":"2026-01-01T00:00:00Z","status":"approved","allows_refresh":true,"auto_approved":false,"atomically_revocable":false}]"#)?;
//! let forest = ConsentForest::new(consents)?;
//! let needed = [Scope::parse("transfer:all[data_access]")?];
//! if !forest.meets_scope_requirements(&needed) {
//!     println!("a login has to ask for {:?}", forest.unmet_scope_requirements(&needed));
//! }
//! # assert_eq!(forest.unmet_scope_requirements(&needed), [&needed[0]]);
//! # Ok(())
//! # }
//! ```

mod forest;

use std::fmt;

use globus_core::{ClientId, Extra, IdentityId, Timestamp};
use serde::{Deserialize, Serialize};

pub use forest::{ConsentForest, ConsentForestError};

globus_core::uuid_id! {
    /// Names a scope: Globus Auth gives each scope an id beside its text.
    pub struct ScopeId, "scope id";
}

globus_core::open_enum! {
    /// Says what became of a consent.
    pub enum ConsentStatus {
        /// The user has consented.
        Approved = "approved",
    }
}

/// Names a consent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConsentId(i64);

impl ConsentId {
    /// Makes the identifier from its number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Gives the number.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl From<i64> for ConsentId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for ConsentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ConsentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsentId({})", self.0)
    }
}

/// Holds one consent: a client may use a scope for an identity, when it is called along a certain path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Consent {
    /// The consent itself.
    pub id: ConsentId,
    /// Who may use the scope: at a root the application, below it the client that owns the scope above.
    pub client: ClientId,
    /// The id of the scope.
    pub scope: ScopeId,
    /// The text of the scope, without dependencies: these are consents of their own.
    pub scope_name: String,
    /// The identity that the client acts for.
    pub effective_identity: IdentityId,
    /// The consents from the root down to this one, which is the last.
    pub dependency_path: Vec<ConsentId>,
    /// When the user consented.
    pub created: Timestamp,
    /// When the consent was last changed.
    pub updated: Timestamp,
    /// When the consent was last made use of.
    pub last_used: Option<Timestamp>,
    /// Whether the consent holds.
    pub status: ConsentStatus,
    /// Whether the client may have refresh tokens.
    pub allows_refresh: bool,
    /// Whether it was given without asking the user.
    pub auto_approved: bool,
    /// Whether it can be taken back without those above it.
    pub atomically_revocable: bool,
    #[serde(flatten)]
    extra: Extra,
}

impl Consent {
    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Tells whether it is the root of a tree: given to the application itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.dependency_path.len() == 1
    }
}

/// `consent 142632: client 0c1f… may use urn:…:all`.
impl fmt::Display for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "consent {}: client {} may use {}", self.id, self.client, self.scope_name)
    }
}
