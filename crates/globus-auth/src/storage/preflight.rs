//! Whether a job that starts now will still be authorised when it ends.

use std::{collections::BTreeMap, time::Duration};

use globus_core::{
    Error, ErrorKind, Scope, Timestamp,
    scope::{IntoScopes, ScopeError},
};

use super::TokenData;
use crate::consents::ConsentForest;

/// Checks before a job starts whether its tokens will carry it to the end.
///
/// A token that can be renewed does; one that cannot has to be valid for as long as the job takes. Sends nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::{collections::BTreeMap, time::Duration};
/// use globus_auth::{Timestamp, storage::{Preflight, TokenData}};
///
/// let tokens: BTreeMap<String, TokenData> = [TokenData::new("transfer.api.globus.org", "transfer:all", "Ag", 1_767_400_000)]
///     .map(|token| (token.resource_server.clone(), token))
///     .into();
/// let now = Timestamp::from_second(1_767_400_000 - 3600)?;
///
/// let job = Preflight::new("transfer:all")?;
/// assert!(job.clone().valid_for(Duration::from_secs(1800)).check(&tokens, now).is_ok());
/// let error = job.valid_for(Duration::from_secs(7200)).check(&tokens, now).unwrap_err();
/// assert!(error.to_string().starts_with("the token for transfer.api.globus.org expires at 2026-01-03T00:26:40Z"));
/// # Ok(()) }
/// ```
///
/// With tokens that are stored, give it what
/// [`get_token_data_by_resource_server`](super::TokenStorage::get_token_data_by_resource_server) gives.
#[derive(Debug, Clone)]
#[must_use = "nothing is checked until `check` is called"]
pub struct Preflight<'a> {
    scopes: Vec<Scope>,
    valid_for: Duration,
    renewable: bool,
    consents: Option<&'a ConsentForest>,
}

impl<'a> Preflight<'a> {
    /// Describes a job that needs these scopes. Those that are optional at the top level (`*`) are not needed.
    ///
    /// # Errors
    /// As [`scope::parse`](fn@globus_core::scope::parse).
    pub fn new(scopes: impl IntoScopes) -> Result<Self, ScopeError> {
        let scopes = scopes.into_scopes()?;
        Ok(Self { scopes, valid_for: Duration::ZERO, renewable: false, consents: None })
    }

    /// Says how long the job takes. Default: it is over at once.
    pub fn valid_for(mut self, duration: Duration) -> Self {
        self.valid_for = duration;
        self
    }

    /// Says that all tokens can be renewed without refresh tokens, as those of a service account can. Default: they
    /// cannot.
    pub fn renewable(mut self, renewable: bool) -> Self {
        self.renewable = renewable;
        self
    }

    /// Checks the dependencies of scopes too, which tokens do not tell, by what the user has consented to. Default: they
    /// are not checked.
    pub fn consents(mut self, consents: &'a ConsentForest) -> Self {
        self.consents = Some(consents);
        self
    }

    /// Checks these tokens, as it is `now`.
    ///
    /// Gives until when the job may go on: `None` when all its tokens can be renewed, so for as long as refresh tokens
    /// live (six months without use).
    ///
    /// # Errors
    /// [`Unprepared`], with all that is missing; a new login mends it.
    pub fn check(
        &self,
        tokens: &BTreeMap<String, TokenData>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Unprepared> {
        let until = now.saturating_add(self.valid_for);
        let (mut problems, mut end) = (Vec::new(), None);
        for scope in self.scopes.iter().filter(|scope| !scope.is_optional()) {
            let holders = tokens.values().filter(|token| token.has_scope(scope.name()));
            // Of several, the one that lasts longest.
            let Some(token) =
                holders.max_by_key(|token| (token.refresh_token.is_some(), token.expires_at_seconds))
            else {
                problems.push(PreflightProblem::MissingScope { scope: scope.clone() });
                continue;
            };
            if self
                .consents
                .is_some_and(|consents| !consents.meets_scope_requirements(std::slice::from_ref(scope)))
            {
                problems.push(PreflightProblem::MissingConsent { scope: scope.clone() });
            }
            if self.renewable || token.refresh_token.is_some() {
                continue;
            }
            // One that ends in no year of the calendar ends never, or has ended long ago.
            let Some(expires_at) = token.expires_at() else {
                if token.is_expired(now) {
                    problems.push(expired(token, now, until));
                }
                continue;
            };
            if expires_at <= now || expires_at < until {
                problems.push(expired(token, expires_at, until));
            }
            end = Some(end.map_or(expires_at, |end: Timestamp| end.min(expires_at)));
        }
        problems.dedup();
        if problems.is_empty() { Ok(end) } else { Err(Unprepared { problems }) }
    }
}

fn expired(token: &TokenData, expires_at: Timestamp, needed_until: Timestamp) -> PreflightProblem {
    PreflightProblem::Expires { resource_server: token.resource_server.clone(), expires_at, needed_until }
}

/// Says what would stop a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", listed(problems))]
pub struct Unprepared {
    problems: Vec<PreflightProblem>,
}

fn listed(problems: &[PreflightProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Unprepared {
    /// Lists all that is missing, at least one thing.
    #[must_use]
    pub fn problems(&self) -> &[PreflightProblem] {
        &self.problems
    }

    /// Finds it beneath the error of a call.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        crate::error::beneath(error)
    }
}

/// Is of kind [`Auth`](ErrorKind::Auth): a new login helps.
impl From<Unprepared> for Error {
    fn from(error: Unprepared) -> Self {
        Self::new(ErrorKind::Auth, error.to_string()).with_source(error).with_never_sent(true)
    }
}

/// Says one thing that would stop a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreflightProblem {
    /// No token has a scope.
    #[error("no token has the scope {}", scope.name())]
    MissingScope {
        /// The scope, as a login has to ask for it.
        scope: Scope,
    },
    /// The user has not consented to what a scope depends on.
    #[error("the user has not consented to all of {scope}")]
    MissingConsent {
        /// The scope, as a login has to ask for it.
        scope: Scope,
    },
    /// A token expires before the job is over, and cannot be renewed.
    #[error(
        "the token for {resource_server} expires at {expires_at}, is needed until {needed_until}, and there is no \
         refresh token to renew it"
    )]
    Expires {
        /// The service that takes the token.
        resource_server: String,
        /// Until when it is valid.
        expires_at: Timestamp,
        /// Until when it is needed.
        needed_until: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use globus_core::Secret;

    use super::*;

    const NOON: i64 = 1_767_400_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn tokens<const N: usize>(tokens: [TokenData; N]) -> BTreeMap<String, TokenData> {
        tokens.map(|token| (token.resource_server.clone(), token)).into()
    }

    fn job(scopes: &str, seconds: u64) -> Preflight<'static> {
        Preflight::new(scopes).unwrap().valid_for(Duration::from_secs(seconds))
    }

    #[test]
    fn a_token_has_to_last_as_long_as_the_job_or_be_renewable() {
        let plain = TokenData::new("a", "a:all", "Ag", NOON + 100);
        let held = tokens([plain.clone()]);
        assert_eq!(job("a:all", 100).check(&held, at(NOON)), Ok(Some(at(NOON + 100))));
        let Err(unprepared) = job("a:all", 101).check(&held, at(NOON)) else { panic!() };
        let problem = PreflightProblem::Expires {
            resource_server: "a".to_owned(),
            expires_at: at(NOON + 100),
            needed_until: at(NOON + 101),
        };
        assert_eq!(unprepared.problems(), [problem]);
        assert_eq!(job("a:all", 101).renewable(true).check(&held, at(NOON)), Ok(None));
        // One that has expired does not serve a job of no length either.
        assert!(job("a:all", 0).check(&held, at(NOON + 99)).is_ok());
        assert!(job("a:all", 0).check(&held, at(NOON + 100)).is_err());

        let renewable = tokens([plain.with_refresh_token(Secret::new("Ag2"))]);
        assert_eq!(job("a:all", u64::MAX).check(&renewable, at(NOON + 1000)), Ok(None));
    }

    #[test]
    fn the_first_token_to_end_counts_and_all_problems_are_told() {
        let held = tokens([
            TokenData::new("a", "a:all a:more", "Ag", NOON + 200),
            TokenData::new("b", "b:all", "Ag", NOON + 100),
        ]);
        assert_eq!(job("a:all b:all *c", 50).check(&held, at(NOON)), Ok(Some(at(NOON + 100))));
        let error = job("a:all a:more b:all[x] c", 300).check(&held, at(NOON)).unwrap_err();
        // Two scopes of one token are one problem.
        assert_eq!(error.problems().len(), 3, "{error}");
        assert!(error.to_string().ends_with("; no token has the scope c"), "{error}");
        let error = Error::from(error);
        assert!(error.is_unauthorized() && Unprepared::from_error(&error).is_some());
    }

    #[test]
    fn consents_tell_of_dependencies() {
        let held = tokens([TokenData::new("a", "a:all", "Ag", NOON + 200)]);
        let nothing = ConsentForest::new([]).unwrap();
        assert!(job("a:all[x]", 1).check(&held, at(NOON)).is_ok());
        let error = job("a:all[x]", 1).consents(&nothing).check(&held, at(NOON)).unwrap_err();
        assert_eq!(error.to_string(), "the user has not consented to all of a:all[x]");
    }

    #[test]
    fn times_beyond_the_calendar_are_no_trouble() {
        let held = |seconds| tokens([TokenData::new("a", "a:all", "Ag", seconds)]);
        assert_eq!(job("a:all", 1).check(&held(i64::MAX), at(NOON)), Ok(None));
        assert!(job("a:all", 1).check(&held(i64::MIN), at(NOON)).is_err());
    }
}
