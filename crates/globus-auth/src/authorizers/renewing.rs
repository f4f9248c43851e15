//! Tokens that renew themselves: the mechanism under every such authorizer.

use std::{
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use globus_core::{Clock, Error, ErrorKind, Result, Secret, Timestamp};
use http::HeaderValue;
use tracing::{debug, warn};

use super::header;
use crate::{
    OAuthToken, OAuthTokenResponse, error,
    flight::{Flight, Outcome},
};

/// A token is renewed this long before it expires.
pub(crate) const EARLY: Duration = Duration::from_secs(60);

/// After an early renewal failed, the token that is still valid is used this long before the next try.
const PAUSE: Duration = Duration::from_secs(10);

/// Where a renewing authorizer gets its tokens from.
#[async_trait]
pub(crate) trait TokenSource: fmt::Debug + Send + Sync {
    async fn fetch(&self) -> Result<OAuthTokenResponse>;
}

/// What a hook gives back: any error will do, and `?` works on all of them.
pub type HookResult = Result<(), Box<dyn StdError + Send + Sync>>;

/// Is told about every renewal of a token, before the new token is used: the place to save it.
///
/// A closure will do: it takes the [`OAuthTokenResponse`] and gives a future of a [`HookResult`].
///
/// ```
/// # fn example(client: globus_auth::ConfidentialAppAuthClient) -> globus_core::Result<()> {
/// use globus_auth::{ClientCredentialsAuthorizer, OAuthTokenResponse};
///
/// let authorizer = ClientCredentialsAuthorizer::new(client, "openid")?.on_refresh(
///     |tokens: OAuthTokenResponse| async move {
///         for token in tokens.tokens() {
///             println!("a new token for {} until {}", token.resource_server, token.expires_at);
///         }
///         Ok(())
///     },
/// );
/// # Ok(()) }
/// ```
#[async_trait]
pub trait OnRefresh: Send + Sync {
    /// Is given the whole answer of Globus Auth; the new token is used once this returns.
    ///
    /// # Errors
    /// When the token could not be saved, say. The renewal counts as failed then: a call that has no other valid
    /// token ends with this error, and the next one gets a token again.
    async fn on_refresh(&self, tokens: &OAuthTokenResponse) -> HookResult;
}

#[async_trait]
impl<F, R> OnRefresh for F
where
    F: Fn(OAuthTokenResponse) -> R + Send + Sync,
    R: Future<Output = HookResult> + Send,
{
    async fn on_refresh(&self, tokens: &OAuthTokenResponse) -> HookResult {
        self(tokens.clone()).await
    }
}

/// Says why an answer of Globus Auth gives a renewing authorizer no token.
///
/// It lies beneath the error of the call; [`RenewalError::from_error`] finds it there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenewalError {
    /// The answer does not hold exactly one token.
    #[error(
        "the answer holds {} tokens{}, but an authorizer is for one resource server: make one for each",
        resource_servers.len(), listed(resource_servers)
    )]
    NotOneToken {
        /// The resource servers of the tokens.
        resource_servers: Vec<String>,
    },
    /// The token is not a bearer token.
    #[error("the new token is not of type Bearer")]
    NotBearer,
}

impl RenewalError {
    /// Finds the reason beneath the error of a call.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        error::beneath(error)
    }
}

fn listed(resource_servers: &[String]) -> String {
    if resource_servers.is_empty() { String::new() } else { format!(" ({})", resource_servers.join(", ")) }
}

/// Gives the one token of an answer.
pub(crate) fn the_one(tokens: &OAuthTokenResponse) -> Result<&OAuthToken, RenewalError> {
    let [token] = tokens.tokens() else {
        let resource_servers = tokens.tokens().iter().map(|token| token.resource_server.clone()).collect();
        return Err(RenewalError::NotOneToken { resource_servers });
    };
    if token.is_bearer() { Ok(token) } else { Err(RenewalError::NotBearer) }
}

/// Keeps a token, and gets another one when it is needed: lazily, once for all who wait, and early.
pub(crate) struct Renewing {
    source: Arc<dyn TokenSource>,
    on_refresh: Option<Arc<dyn OnRefresh>>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Current>,
    flight: Option<Arc<Renewal>>,
    no_early_renewal_before: Option<Timestamp>,
}

type Renewal = Flight<Result<Current>>;

/// A token in the form it is used in.
#[derive(Clone)]
struct Current {
    header: HeaderValue,
    renew_after: Timestamp,
    expires_at: Timestamp,
}

impl Current {
    fn new(access_token: &Secret, lifetime: Option<Duration>, expires_at: Timestamp) -> Result<Self> {
        // A token that lives shorter than two minutes would else be renewed for every other call.
        let early = lifetime.map_or(EARLY, |lifetime| EARLY.min(lifetime / 2));
        Ok(Self { header: header::bearer(access_token)?, renew_after: before(expires_at, early), expires_at })
    }
}

/// Goes back from a time, in whole seconds.
fn before(time: Timestamp, by: Duration) -> Timestamp {
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(time.as_second().saturating_sub(seconds)).unwrap_or(time)
}

impl Renewing {
    pub(crate) fn new(source: Arc<dyn TokenSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, on_refresh: None, clock, state: Mutex::default() }
    }

    pub(super) fn set_on_refresh(&mut self, hook: impl OnRefresh + 'static) {
        self.on_refresh = Some(Arc::new(hook));
    }

    pub(super) fn set_token(&self, access_token: &Secret, expires_at: Timestamp) -> Result<()> {
        self.state().token = Some(Current::new(access_token, None, expires_at)?);
        Ok(())
    }

    /// Gives the header for the next request, if the token is not due to be renewed.
    pub(crate) fn ready_header(&self) -> Option<HeaderValue> {
        let now = self.clock.now();
        let state = self.state();
        let token = state.token.as_ref()?;
        (now < token.expires_at && now <= token.renew_after).then(|| token.header.clone())
    }

    /// Gives the header for the next request.
    pub(crate) async fn header(&self) -> Result<HeaderValue> {
        // Goes round again only after a renewal whose first caller was cancelled.
        loop {
            let (renewal, outcome) = match self.next_step() {
                Step::Use(header) => return Ok(header),
                Step::RenewEarly(renewal, header) => match renewal.join_unless_driven().await {
                    Some(outcome) => (renewal, outcome),
                    None => return Ok(header),
                },
                Step::Renew(renewal) => {
                    let outcome = renewal.join().await;
                    (renewal, outcome)
                }
            };
            if let Some(settled) = self.settle(&renewal, outcome) {
                return settled;
            }
        }
    }

    fn next_step(&self) -> Step {
        let now = self.clock.now();
        let mut state = self.state();
        let valid = state.token.as_ref().filter(|token| now < token.expires_at);
        let paused = state.no_early_renewal_before.is_some_and(|time| now < time);
        let valid = match valid {
            Some(token) if paused || now <= token.renew_after => return Step::Use(token.header.clone()),
            Some(token) => Some(token.header.clone()),
            None => None,
        };
        let renewal = Arc::clone(state.flight.get_or_insert_with(|| Arc::new(self.renewal())));
        match valid {
            Some(header) => Step::RenewEarly(renewal, header),
            None => Step::Renew(renewal),
        }
    }

    fn renewal(&self) -> Renewal {
        let (source, on_refresh) = (Arc::clone(&self.source), self.on_refresh.clone());
        let clock = Arc::clone(&self.clock);
        Flight::new(async move {
            let tokens = source.fetch().await?;
            let token = the_one(&tokens).map_err(|problem| failed(&problem.to_string(), problem.clone()))?;
            let lifetime = token.expires_at.since(clock.now());
            let current = Current::new(&token.access_token, Some(lifetime), token.expires_at)?;
            if let Some(hook) = on_refresh {
                hook.on_refresh(&tokens)
                    .await
                    .map_err(|error| failed("the on_refresh hook failed", error))?;
            }
            debug!(resource_server = token.resource_server, expires_at = %token.expires_at, "renewed a token");
            Ok(current)
        })
    }

    /// Takes over what a renewal brought. `None` when it has to be begun again.
    fn settle(
        &self,
        renewal: &Arc<Renewal>,
        outcome: Outcome<Result<Current>>,
    ) -> Option<Result<HeaderValue>> {
        let mut state = self.state();
        // Everybody who waited comes by here; the first one does it for all.
        let first = state.flight.as_ref().is_some_and(|flight| Arc::ptr_eq(flight, renewal));
        if first {
            state.flight = None;
        }
        match outcome {
            Outcome::Landed { result: Ok(token), .. } => {
                let header = token.header.clone();
                if first {
                    state.token = Some(token);
                    state.no_early_renewal_before = None;
                }
                Some(Ok(header))
            }
            // It may have failed because nobody drove it for a while.
            Outcome::Landed { result: Err(error), handed_over: true } if is_of_the_network(&error) => None,
            Outcome::Landed { result: Err(error), .. } => {
                let now = self.clock.now();
                let Some(valid) = state.token.as_ref().filter(|token| now < token.expires_at) else {
                    return Some(Err(error));
                };
                let header = valid.header.clone();
                if first {
                    warn!(%error, "a token could not be renewed early; the present one is still valid");
                    state.no_early_renewal_before = Some(now.saturating_add(PAUSE));
                }
                Some(Ok(header))
            }
            Outcome::Lost => None,
        }
    }

    /// Forgets the token if it is the one that was rejected; gives whether another try makes sense.
    pub(crate) fn reject(&self, rejected: Option<&HeaderValue>) -> bool {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|token| Some(&token.header) == rejected) {
            debug!("a token was rejected before it expired");
            state.token = None;
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to do for the next request.
enum Step {
    Use(HeaderValue),
    /// The token is still valid for a while: nobody need wait for somebody else's renewal.
    RenewEarly(Arc<Renewal>, HeaderValue),
    Renew(Arc<Renewal>),
}

pub(crate) fn failed(message: &str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Auth, message).with_source(source)
}

fn is_of_the_network(error: &Error) -> bool {
    error::beneath::<Error>(error)
        .is_some_and(|error| matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Io))
}

impl fmt::Debug for Renewing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expires_at = self.state().token.as_ref().map(|token| token.expires_at);
        f.debug_struct("Renewing")
            .field("source", &self.source)
            .field("expires_at", &expires_at)
            .finish_non_exhaustive()
    }
}
