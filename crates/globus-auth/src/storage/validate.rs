//! Whether a stored token will do.

use std::collections::BTreeMap;

use globus_core::{IdentityId, Scope, Timestamp};

use super::TokenData;

/// Says why a stored token will not do. A new login helps with all of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenValidationError {
    /// There is no token for the resource server.
    #[error("no token for {resource_server} is stored")]
    #[non_exhaustive]
    MissingToken {
        /// The resource server.
        resource_server: String,
    },
    /// The token cannot be renewed.
    #[error("no refresh token for {resource_server} is stored")]
    #[non_exhaustive]
    MissingRefreshToken {
        /// The resource server.
        resource_server: String,
    },
    /// The access token is not valid any more, and there is no refresh token.
    #[error("the token for {resource_server} has expired{}, and there is no refresh token to renew it", at(*expired_at))]
    #[non_exhaustive]
    Expired {
        /// The resource server.
        resource_server: String,
        /// When the token expired, where it is a time.
        expired_at: Option<Timestamp>,
    },
    /// The token lacks scopes.
    #[error("the token for {resource_server} lacks the scopes {}", missing.join(", "))]
    #[non_exhaustive]
    MissingScopes {
        /// The resource server.
        resource_server: String,
        /// The names of the scopes that are required and not there.
        missing: Vec<String>,
    },
    /// The user has not consented to what required scopes depend on.
    #[error("the user has not consented to all of {} at {resource_server}", missing.join(", "))]
    #[non_exhaustive]
    MissingConsents {
        /// The resource server.
        resource_server: String,
        /// The scopes that are required, each with what it depends on.
        missing: Vec<String>,
    },
    /// The service did not accept the access token, and it cannot be renewed.
    #[error("{resource_server} does not accept the stored token, and there is no refresh token to renew it")]
    #[non_exhaustive]
    Rejected {
        /// The resource server.
        resource_server: String,
    },
    /// The access token is not valid any more, and Globus Auth did not take the refresh token: it is revoked, or was not
    /// used for six months.
    #[error("the stored refresh token for {resource_server} is not valid any more")]
    #[non_exhaustive]
    RefreshRefused {
        /// The resource server.
        resource_server: String,
    },
    /// It is not known who logged in.
    #[error("the login does not say who logged in: it has to ask for the scope openid")]
    MissingIdentity,
    /// Somebody else logged in.
    #[error("the stored tokens are of identity {stored}, but {new} logged in")]
    #[non_exhaustive]
    IdentityMismatch {
        /// Whose tokens are stored.
        stored: IdentityId,
        /// Who logged in.
        new: IdentityId,
    },
}

impl TokenValidationError {
    /// Finds the reason beneath the error of a call.
    #[must_use]
    pub fn from_error(error: &globus_core::Error) -> Option<&Self> {
        crate::error::beneath(error)
    }

    /// Says that there is no token for a resource server.
    #[must_use]
    pub fn missing_token(resource_server: impl Into<String>) -> Self {
        Self::MissingToken { resource_server: resource_server.into() }
    }
}

fn at(expired_at: Option<Timestamp>) -> String {
    expired_at.map(|time| format!(" at {time}")).unwrap_or_default()
}

impl TokenData {
    /// Checks that the token can be used: that it has not expired, or can be renewed.
    ///
    /// # Errors
    /// [`TokenValidationError::Expired`].
    pub fn validate_unexpired_or_refreshable(&self, now: Timestamp) -> Result<(), TokenValidationError> {
        if self.is_expired(now) && self.refresh_token.is_none() {
            return Err(TokenValidationError::Expired {
                resource_server: self.resource_server.clone(),
                expired_at: self.expires_at(),
            });
        }
        Ok(())
    }

    /// Checks that there is a refresh token.
    ///
    /// # Errors
    /// [`TokenValidationError::MissingRefreshToken`].
    pub fn validate_refresh_token(&self) -> Result<(), TokenValidationError> {
        match self.refresh_token {
            Some(_) => Ok(()),
            None => Err(TokenValidationError::MissingRefreshToken {
                resource_server: self.resource_server.clone(),
            }),
        }
    }

    /// Checks that the token has all required scopes. Dependencies do not count: a token does not tell them, only
    /// the user's consents do. Optional scopes (`*`) are not required.
    ///
    /// # Errors
    /// [`TokenValidationError::MissingScopes`], with all that are missing.
    pub fn validate_scopes<'a>(
        &self,
        required: impl IntoIterator<Item = &'a Scope>,
    ) -> Result<(), TokenValidationError> {
        let missing: Vec<String> = required
            .into_iter()
            .filter(|scope| !scope.is_optional() && !self.has_scope(scope.name()))
            .map(|scope| scope.name().to_owned())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(TokenValidationError::MissingScopes { resource_server: self.resource_server.clone(), missing })
    }
}

/// Checks that who logs in is the one whose tokens are stored, before the new tokens are stored beside them.
///
/// `stored` comes from [`stored_identity`], `new` from the id token of the login.
///
/// # Errors
/// [`TokenValidationError::MissingIdentity`] without a `new` one, and [`TokenValidationError::IdentityMismatch`].
pub fn validate_identity(
    stored: Option<IdentityId>,
    new: Option<IdentityId>,
) -> Result<(), TokenValidationError> {
    match (stored, new.ok_or(TokenValidationError::MissingIdentity)?) {
        (Some(stored), new) if stored != new => Err(TokenValidationError::IdentityMismatch { stored, new }),
        _ => Ok(()),
    }
}

/// Finds whose tokens these are; `None` when no token says so.
///
/// # Errors
/// [`TokenValidationError::IdentityMismatch`] when they are of different identities.
pub fn stored_identity(
    tokens: &BTreeMap<String, TokenData>,
) -> Result<Option<IdentityId>, TokenValidationError> {
    let mut identities = tokens.values().filter_map(|token| token.identity_id);
    let Some(stored) = identities.next() else {
        return Ok(None);
    };
    match identities.find(|other| *other != stored) {
        Some(new) => Err(TokenValidationError::IdentityMismatch { stored, new }),
        None => Ok(Some(stored)),
    }
}

#[cfg(test)]
mod tests {
    use globus_core::Secret;

    use super::*;

    fn token() -> TokenData {
        TokenData::new("transfer.api.globus.org", "transfer:all openid", "Ag", 1_767_400_000)
    }

    fn identity(last: u8) -> IdentityId {
        format!("ae341a98-d274-11e5-b888-dbae3a8ba5{last:02x}").parse().unwrap()
    }

    #[test]
    fn an_expired_token_will_do_only_with_a_refresh_token() {
        let now = Timestamp::from_second(1_767_400_000).unwrap();
        let before = Timestamp::from_second(1_767_399_999).unwrap();
        assert_eq!(token().validate_unexpired_or_refreshable(before), Ok(()));
        let refreshable = token().with_refresh_token(Secret::new("Ag2"));
        assert_eq!(refreshable.validate_unexpired_or_refreshable(now), Ok(()));
        assert_eq!(
            token().validate_unexpired_or_refreshable(now).unwrap_err().to_string(),
            "the token for transfer.api.globus.org has expired at 2026-01-03T00:26:40Z, and there is no refresh \
             token to renew it"
        );
    }

    #[test]
    fn says_that_there_is_no_refresh_token() {
        assert_eq!(token().with_refresh_token(Secret::new("Ag2")).validate_refresh_token(), Ok(()));
        assert_eq!(
            token().validate_refresh_token().unwrap_err().to_string(),
            "no refresh token for transfer.api.globus.org is stored"
        );
    }

    #[test]
    fn names_all_scopes_that_are_missing() {
        let scopes = |text: &str| globus_core::scope::parse(text).unwrap();
        assert_eq!(token().validate_scopes(&scopes("openid transfer:all[data_access] *optional")), Ok(()));
        // A name that another one begins with is another scope.
        assert_eq!(
            token().validate_scopes(&scopes("transfer openid email")).unwrap_err().to_string(),
            "the token for transfer.api.globus.org lacks the scopes email, transfer"
        );
    }

    #[test]
    fn the_identity_must_stay_the_same() {
        assert_eq!(validate_identity(None, Some(identity(1))), Ok(()));
        assert_eq!(validate_identity(Some(identity(1)), Some(identity(1))), Ok(()));
        assert_eq!(validate_identity(Some(identity(1)), None), Err(TokenValidationError::MissingIdentity));
        assert_eq!(
            validate_identity(Some(identity(1)), Some(identity(2))),
            Err(TokenValidationError::IdentityMismatch { stored: identity(1), new: identity(2) })
        );
    }

    #[test]
    fn finds_whose_tokens_are_stored() {
        let tokens = |identities: &[Option<IdentityId>]| {
            let named = identities.iter().enumerate();
            named.map(|(n, id)| (n.to_string(), token().with_identity_id(*id))).collect()
        };
        assert_eq!(stored_identity(&tokens(&[None, None])), Ok(None));
        assert_eq!(
            stored_identity(&tokens(&[None, Some(identity(1)), Some(identity(1))])),
            Ok(Some(identity(1)))
        );
        assert_eq!(
            stored_identity(&tokens(&[Some(identity(1)), Some(identity(2))])),
            Err(TokenValidationError::IdentityMismatch { stored: identity(1), new: identity(2) })
        );
    }

    #[test]
    fn becomes_an_error_that_a_login_mends() {
        let error = globus_core::Error::from(TokenValidationError::missing_token("x"));
        assert!(error.is_unauthorized());
        assert_eq!(TokenValidationError::from_error(&error), Some(&TokenValidationError::missing_token("x")));
    }
}
