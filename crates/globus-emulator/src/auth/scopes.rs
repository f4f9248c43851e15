//! Scope strings: how they are written, and which ones exist.

mod known;
mod parse;

pub(crate) use known::{Known, flow_user, resolve};
pub(crate) use parse::parse;

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
