//! Scopes: what an application asks consent for.
//!
//! A scope names one permission of one service. It may carry *dependencies*, the scopes which the service itself
//! may use on the user's behalf, and it may be *optional* (`*`): used if the user consented, not demanded.
//!
//! ```
//! use globus_core::scope::{self, Scope};
//!
//! # fn main() -> Result<(), scope::ScopeError> {
//! let transfer = Scope::new(scope::transfer::ALL)?;
//! let data_access = Scope::new("https://auth.globus.org/scopes/COLLECTION/data_access")?;
//! let both = transfer.with_dependency(data_access.with_optional(true))?;
//!
//! assert_eq!(
//!     both.to_string(),
//!     "urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/COLLECTION/data_access]"
//! );
//! assert_eq!(scope::parse("foo[bar] foo[*baz]")?, [Scope::parse("foo[bar *baz]")?]);
//! # Ok(())
//! # }
//! ```
//!
//! # Grammar
//! ```text
//! scopes := scope (blank+ scope)*
//! scope  := ["*"] name [ "[" blank* scopes blank* "]" ]
//! ```
//! A name has no blank, `*`, `[` or `]`. All mentions of a name in one string share their dependencies, as they do in
//! Globus Auth: `foo[bar] foo[baz]` is `foo[bar baz]`. A dependency that is both required and optional is required;
//! at the top level `foo` and `*foo` stay two scopes.

mod error;
mod graph;
mod list;
mod services;
mod text;

pub use error::ScopeError;
pub use list::{IntoScopes, merge, missing, parse, serialize};
pub use services::*;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use graph::Graph;

/// One scope with its dependencies: an immutable value, cheap to clone.
///
/// Scopes are ordered by name, a required one before an optional one of the same name; dependencies are kept in that
/// order too, so that equal scopes have equal text.
// The value *is* its canonical text. Scopes nest as deep as a service's answer says, and a tree would recurse in
// clone, compare, hash, print and drop; text does not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    text: Arc<str>,
}

impl Scope {
    /// Makes a required scope without dependencies from a plain name.
    ///
    /// # Errors
    /// [`ScopeError::Name`] if `name` is empty or holds a blank, a control character, `*`, `[` or `]`; use
    /// [`Scope::parse`] for text with those.
    pub fn new(name: impl AsRef<str>) -> Result<Self, ScopeError> {
        let name = name.as_ref();
        text::check_name(name)?;
        Ok(Self { text: name.into() })
    }

    /// Reads text that holds exactly one top-level scope, such as `foo[bar *baz]`.
    ///
    /// # Errors
    /// [`ScopeError::NotOne`] if there is no scope or more than one, and every error of [`parse`](fn@parse).
    pub fn parse(text: impl AsRef<str>) -> Result<Self, ScopeError> {
        let mut scopes = parse(text)?;
        match (scopes.pop(), scopes.len()) {
            (Some(scope), 0) => Ok(scope),
            (None, _) => Err(ScopeError::NotOne { found: 0 }),
            (Some(_), others) => Err(ScopeError::NotOne { found: others + 1 }),
        }
    }

    /// Adds one dependency: a [`Scope`], or the text of one.
    ///
    /// The dependency is merged with those that the scope has, as [`parse`](fn@parse) merges.
    ///
    /// # Errors
    /// Whatever [`Scope::parse`] says of the text; [`ScopeError::Cycle`] if the scope would depend on itself;
    /// [`ScopeError::TooLong`].
    pub fn with_dependency<S>(&self, dependency: S) -> Result<Self, ScopeError>
    where
        S: TryInto<Scope>,
        ScopeError: From<S::Error>,
    {
        self.with_dependencies([dependency.try_into()?])
    }

    /// Adds several dependencies; the same as [`with_dependency`](Self::with_dependency) for each, but faster.
    ///
    /// # Errors
    /// As [`with_dependency`](Self::with_dependency).
    pub fn with_dependencies(&self, dependencies: impl IntoScopes) -> Result<Self, ScopeError> {
        let dependencies = dependencies.into_scopes()?;
        let mut graph = Graph::default();
        graph.read(&self.text)?;
        for dependency in &dependencies {
            graph.read_under(self.name(), &dependency.text)?;
        }
        let mut scopes = graph.into_scopes()?;
        scopes.pop().ok_or(ScopeError::NotOne { found: 0 })
    }

    /// Says whether the scope is optional (`*`); its dependencies stay as they are.
    #[must_use]
    pub fn with_optional(&self, optional: bool) -> Self {
        match (optional, self.is_optional()) {
            (true, false) => Self { text: format!("*{}", self.text).into() },
            (false, true) => Self { text: self.required_text().into() },
            _ => self.clone(),
        }
    }

    /// Gives the plain name, without `*` and without dependencies.
    #[must_use]
    pub fn name(&self) -> &str {
        let text = self.required_text();
        text.split_once('[').map_or(text, |(name, _)| name)
    }

    /// Tells whether the scope is optional (`*`).
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.text.starts_with('*')
    }

    /// Lists the direct dependencies, ordered; each carries its own.
    #[must_use]
    pub fn dependencies(&self) -> Vec<Scope> {
        let inner = self.required_text().split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
        inner.into_iter().flat_map(text::split_top_level).map(|text| Self { text: text.into() }).collect()
    }

    /// Gives the serialised form, which [`Display`](fmt::Display) prints too.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn required_text(&self) -> &str {
        self.text.strip_prefix('*').unwrap_or(&self.text)
    }

    /// Makes a scope of names known to be plain, distinct and free of cycles, as in the tables of [`services`].
    fn composed(name: &str, dependencies: impl IntoIterator<Item = Scope>) -> Self {
        let mut dependencies: Vec<Scope> = dependencies.into_iter().collect();
        dependencies.sort();
        dependencies.dedup();
        if dependencies.is_empty() {
            return Self { text: name.into() };
        }
        Self { text: format!("{name}[{}]", list::join(&dependencies)).into() }
    }
}

impl Ord for Scope {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |scope: &Self| (scope.name().len(), scope.is_optional());
        let ((name_len, optional), (other_len, other_optional)) = (key(self), key(other));
        let (text, other_text) = (self.required_text(), other.required_text());
        text[..name_len]
            .cmp(&other_text[..other_len])
            .then(optional.cmp(&other_optional))
            .then_with(|| text.cmp(other_text))
    }
}

impl PartialOrd for Scope {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({:?})", &*self.text)
    }
}

impl AsRef<str> for Scope {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Scope {
    type Error = ScopeError;

    fn try_from(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl From<&Scope> for Scope {
    fn from(scope: &Scope) -> Self {
        scope.clone()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.text.as_ref().to_owned()
    }
}

impl From<Infallible> for ScopeError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
