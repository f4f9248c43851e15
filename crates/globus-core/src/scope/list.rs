//! Lists of scopes, and whatever can stand for one.

use super::graph::Graph;
use super::{Scope, ScopeError};

/// Reads a text of scopes, such as `openid profile foo[bar *baz]`.
///
/// All mentions of a name share their dependencies (see the [module](crate::scope#grammar)); the result is ordered by name.
/// Blank text gives no scopes.
///
/// # Errors
/// [`ScopeError::Syntax`] with the position, [`ScopeError::Cycle`] with the path (also across top-level scopes), or
/// [`ScopeError::TooLong`] if the scopes take more than 1 MiB with all dependencies written out.
pub fn parse(text: impl AsRef<str>) -> Result<Vec<Scope>, ScopeError> {
    merged([text])
}

/// Merges two lists of scopes into one, as if they stood in one text.
///
/// # Errors
/// As [`parse`].
pub fn merge(a: impl IntoScopes, b: impl IntoScopes) -> Result<Vec<Scope>, ScopeError> {
    let mut scopes = a.into_scopes()?;
    scopes.extend(b.into_scopes()?);
    merged(scopes)
}

/// Writes scopes as one text, merged and ordered: the form for the `scope` parameter of Globus Auth.
///
/// # Errors
/// [`ScopeError::Empty`] if there is no scope, and the errors of [`parse`].
pub fn serialize(scopes: impl IntoScopes) -> Result<String, ScopeError> {
    let scopes = scopes.into_scopes()?;
    if scopes.is_empty() { Err(ScopeError::Empty) } else { Ok(join(&scopes)) }
}

/// Lists the scopes of `required` that `granted` does not have, each whole, as the next login has to ask for it.
///
/// A scope is there when it stands at the top level of `granted` with all its dependencies, theirs, and so on. An
/// optional dependency (`*`) counts like any other, because it is asked for all the same; a scope that is optional at the
/// top level is not required. Access tokens do not tell their dependencies: for these, ask the consents of the user.
///
/// ```
/// # fn main() -> Result<(), globus_core::scope::ScopeError> {
/// use globus_core::scope;
///
/// let missing = scope::missing("openid files[a *b]", "openid profile files[a]")?;
/// assert_eq!(scope::serialize(missing)?, "files[a *b]");
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`parse`].
pub fn missing(required: impl IntoScopes, granted: impl IntoScopes) -> Result<Vec<Scope>, ScopeError> {
    let (required, granted) = (required.into_scopes()?, granted.into_scopes()?);
    let (wanted, there) = (read(&required)?, read(&granted)?);
    let missing: Vec<&str> = wanted.required().filter(|name| !wanted.is_covered(name, &there)).collect();
    let is_missing = |scope: &&Scope| !scope.is_optional() && missing.contains(&scope.name());
    Ok(required.iter().filter(is_missing).cloned().collect())
}

pub(super) fn join(scopes: &[Scope]) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

fn merged<T: AsRef<str>>(texts: impl AsRef<[T]>) -> Result<Vec<Scope>, ScopeError> {
    read(texts.as_ref())?.into_scopes()
}

fn read<T: AsRef<str>>(texts: &[T]) -> Result<Graph<'_>, ScopeError> {
    let mut graph = Graph::default();
    for text in texts {
        graph.read(text.as_ref())?;
    }
    Ok(graph)
}

/// Stands for a list of scopes: a [`Scope`], a text of scopes, or a `Vec`, array or slice of either.
///
/// Functions that need scopes take `impl IntoScopes`, so that all of `"openid profile"`, `scope`, `&scopes`,
/// `["openid", "profile"]` and `vec![scope]` will do.
pub trait IntoScopes {
    /// Gives the scopes, merged and ordered as by [`parse`].
    ///
    /// # Errors
    /// As [`parse`].
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError>;
}

impl IntoScopes for Scope {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        Ok(vec![self])
    }
}

impl IntoScopes for &Scope {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        Ok(vec![self.clone()])
    }
}

impl IntoScopes for &str {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        parse(self)
    }
}

impl IntoScopes for String {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        parse(self)
    }
}

impl IntoScopes for &String {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        parse(self)
    }
}

impl<T: AsRef<str>> IntoScopes for Vec<T> {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        merged(self)
    }
}

impl<T: AsRef<str>> IntoScopes for &Vec<T> {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        merged(self)
    }
}

impl<T: AsRef<str>> IntoScopes for &[T] {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        merged(self)
    }
}

impl<T: AsRef<str>, const N: usize> IntoScopes for [T; N] {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        merged(self)
    }
}

impl<T: AsRef<str>, const N: usize> IntoScopes for &[T; N] {
    fn into_scopes(self) -> Result<Vec<Scope>, ScopeError> {
        merged(self)
    }
}
