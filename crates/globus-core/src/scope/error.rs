//! What can be wrong with a scope.

/// An error in a scope, or in a text of scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// The text breaks the grammar of scopes.
    #[error("invalid scope string at byte {at}{}: {problem}", before(near))]
    #[non_exhaustive]
    Syntax {
        /// Where in the text, in bytes from 0.
        at: usize,
        /// The beginning of the text from there on; empty at the end of the text.
        near: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A name that must be plain is not.
    #[error("invalid scope name {name:?} at byte {at}: {problem}")]
    #[non_exhaustive]
    Name {
        /// The name, cut if it is long.
        name: String,
        /// Where in the name, in bytes from 0.
        at: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// Exactly one top-level scope was expected.
    #[error("expected exactly one scope, found {found}")]
    #[non_exhaustive]
    NotOne {
        /// How many there are.
        found: usize,
    },
    /// At least one scope was expected.
    #[error("expected at least one scope, found none")]
    Empty,
    /// A scope depends on itself, directly or through others.
    #[error("the scopes depend on each other in a cycle: {}", path.join(" -> "))]
    #[non_exhaustive]
    Cycle {
        /// The names along the cycle; the first and the last are the same.
        path: Vec<String>,
    },
    /// The scopes are too long when every shared dependency is written out.
    #[error("the scopes take more than {limit} bytes with all their dependencies written out")]
    #[non_exhaustive]
    TooLong {
        /// The longest text allowed, in bytes.
        limit: usize,
    },
}

impl ScopeError {
    pub(super) fn syntax(text: &str, at: usize, problem: &'static str) -> Self {
        Self::Syntax { at, near: excerpt(&text[at..]), problem }
    }

    pub(super) fn name(name: &str, at: usize, problem: &'static str) -> Self {
        Self::Name { name: excerpt(name), at, problem }
    }
}

/// Cuts text from outside to a length that fits an error message.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn before(near: &str) -> String {
    if near.is_empty() { " (its end)".to_owned() } else { format!(" (before {near:?})") }
}
