//! Scope strings: how they are written, and which ones exist.

mod known;
mod parse;
mod registry;

use uuid::Uuid;

pub(crate) use parse::parse;
pub(crate) use registry::{DependentScope, ScopeRecord, Scopes};

/// One asked-for scope with the scopes that it may use in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) name: String,
    /// Written with a leading `*`: use it if there is consent, ask for nothing.
    pub(crate) optional: bool,
    pub(crate) dependencies: Vec<Scope>,
}

/// Adds a scope to others on its level. Mentions of one name become one: required wins over optional,
/// dependencies add up.
pub(crate) fn merge_into(level: &mut Vec<Scope>, scope: Scope) {
    match level.iter_mut().find(|other| other.name == scope.name) {
        Some(other) => {
            other.optional &= scope.optional;
            for dependency in scope.dependencies {
                merge_into(&mut other.dependencies, dependency);
            }
        }
        None => level.push(scope),
    }
}

/// Returns the scope that allows to start one flow.
pub(crate) fn flow_user(flow: Uuid) -> String {
    let id = flow.to_string();
    format!("https://auth.globus.org/scopes/{id}/flow_{}_user", id.replace('-', "_"))
}

/// Returns the scope by which Transfer reaches the data of a mapped collection for somebody.
pub(crate) fn data_access(collection: Uuid) -> String {
    format!("https://auth.globus.org/scopes/{collection}/data_access")
}

/// Returns the scope for the files of a collection over HTTPS.
pub(crate) fn https(collection: Uuid) -> String {
    format!("https://auth.globus.org/scopes/{collection}/https")
}

/// Returns the scope for the management of an endpoint.
pub(crate) fn manage_collections(endpoint: Uuid) -> String {
    format!("urn:globus:auth:scope:{endpoint}:manage_collections")
}
