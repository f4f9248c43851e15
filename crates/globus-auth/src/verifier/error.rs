//! Why a caller is not let in.

use globus_core::{Error, ErrorKind};
use http::StatusCode;

/// Says why a caller is not let in. No variant shows the token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TokenVerifierError {
    /// The request has no bearer token, or more than one.
    #[error("the request has no bearer token: it needs one Authorization header with one")]
    NoToken,
    /// The token is expired, revoked, made up, or was not given for this service.
    #[error("the token is not valid here")]
    Inactive,
    /// The token is for another service.
    #[error("the token is not for {expected}")]
    OtherAudience {
        /// The resource server that it has to be for.
        expected: String,
    },
    /// The token does not permit what is asked for.
    #[error("the token lacks the scopes {}", missing.join(" "))]
    MissingScopes {
        /// The scopes that it lacks.
        missing: Vec<String>,
    },
    /// Globus Auth could not be asked, or does not know this service.
    #[error("the token could not be checked: {source}")]
    Unavailable {
        /// Why. Not for the eyes of callers.
        source: Error,
    },
}

impl TokenVerifierError {
    /// Gives the status to answer the caller with: 401 when another token helps, 403 when it needs more scopes, 503 when
    /// the fault is not the caller's.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::Inactive | Self::OtherAudience { .. } => StatusCode::UNAUTHORIZED,
            Self::MissingScopes { .. } => StatusCode::FORBIDDEN,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<TokenVerifierError> for Error {
    fn from(error: TokenVerifierError) -> Self {
        Self::new(ErrorKind::Auth, error.to_string()).with_source(error)
    }
}
