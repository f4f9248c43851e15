//! Why an id token is not believed.

use globus_core::{Error, ErrorKind, Timestamp};

/// Says why an id token does not prove who logged in.
///
/// It lies beneath the error of the call; [`IdTokenError::from_error`] finds it there. No variant shows the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// The answer of the login holds none.
    #[error("the answer holds no id token: the login has to ask for the scope openid")]
    Missing,
    /// The text is no signed token, or a claim has not the expected form.
    #[error("the id token cannot be read: {problem}")]
    Malformed {
        /// What is wrong with it; never its content.
        problem: String,
    },
    /// It is signed in a way that Globus Auth does not announce, or that this SDK cannot check.
    #[error("the id token is signed with {algorithm:?}, but {}", expected(supported))]
    Algorithm {
        /// The algorithm, as the token names it.
        algorithm: String,
        /// Those of Globus Auth that can be checked.
        supported: Vec<String>,
    },
    /// It names a key that Globus Auth does not have.
    #[error("the id token is signed with the key {kid:?}, which Globus Auth does not have")]
    UnknownKey {
        /// The name of the key.
        kid: String,
    },
    /// Globus Auth has no key for such a signature.
    #[error("Globus Auth has no key for signatures of the type {algorithm}")]
    NoKey {
        /// The algorithm.
        algorithm: String,
    },
    /// Globus Auth has not signed it, or it was changed afterwards.
    #[error("the signature of the id token does not hold: Globus Auth has not signed it as it is")]
    Signature,
    /// It comes from somebody else.
    #[error("the id token is from {issuer:?}, not from {expected:?}")]
    Issuer {
        /// Who it says that it comes from.
        issuer: String,
        /// Who it has to come from.
        expected: String,
    },
    /// It was made for another client.
    #[error("the id token is not for the client {expected}, but for {}", audience.join(", "))]
    Audience {
        /// Those that it is for.
        audience: Vec<String>,
        /// The client that reads it.
        expected: String,
    },
    /// It is too old, or the clock of this machine is fast.
    #[error("the id token has expired at {expired}, and it is {now}")]
    Expired {
        /// Until when it was good.
        expired: Timestamp,
        /// The time by the client's clock.
        now: Timestamp,
    },
    /// It comes from the future, or the clock of this machine is slow.
    #[error("the id token is good only from {from} on ({claim}), and it is {now}")]
    TooEarly {
        /// The claim that says so: `iat` or `nbf`.
        claim: &'static str,
        /// From when on it is good.
        from: Timestamp,
        /// The time by the client's clock.
        now: Timestamp,
    },
    /// It belongs to another login.
    #[error("the id token belongs to another login: its nonce is not the one that this login was begun with")]
    Nonce,
}

fn expected(supported: &[String]) -> String {
    if supported.is_empty() {
        "Globus Auth announces nothing that can be checked".to_owned()
    } else {
        format!("only {} will do", supported.join(", "))
    }
}

impl IdTokenError {
    /// Finds the reason beneath the error of a call.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        crate::error::beneath(error)
    }

    pub(super) fn malformed(problem: impl Into<String>) -> Self {
        Self::Malformed { problem: problem.into() }
    }

    /// True when it may be right with keys that are newer than those at hand.
    pub(super) fn may_be_of_a_new_key(&self) -> bool {
        matches!(
            self,
            Self::Algorithm { .. } | Self::UnknownKey { .. } | Self::NoKey { .. } | Self::Signature
        )
    }
}

/// Is of kind [`Auth`](ErrorKind::Auth): nobody has proved who they are.
impl From<IdTokenError> for Error {
    fn from(error: IdTokenError) -> Self {
        Self::new(ErrorKind::Auth, error.to_string()).with_source(error)
    }
}
