//! Whether a caller of one's own service may do what they ask for.

mod cache;
mod error;

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use globus_core::{Error, Result, Secret, scope::IntoScopes};
use http::{HeaderMap, header::AUTHORIZATION};
use ring::digest::{SHA256, digest};

use self::cache::Cache;
pub use self::error::TokenVerifierError;
use crate::{
    ConfidentialAppAuthClient, TokenIntrospection,
    flight::{Flight, Outcome},
};

/// How long a valid token is believed without asking again.
const TTL: Duration = Duration::from_secs(60);
/// How long a token that is not valid stays refused without asking again.
const REFUSED_TTL: Duration = Duration::from_secs(10);
/// How many tokens are remembered.
const CAPACITY: usize = 10_000;

/// A token without the token: nobody who reads the memory gets one out of the cache.
type Key = [u8; 32];
type Verdict = Arc<TokenIntrospection>;

/// Checks the tokens that callers of one's own service come with, by asking Globus Auth about them.
///
/// A token has to be valid, meant for this service, and have all required scopes. Answers are remembered for a short
/// while, in bounded memory and under a digest of the token; callers who come with the same token at the same time make
/// one request. When Globus Auth cannot be asked, nobody gets in.
///
/// Cheap to clone; clones share what is remembered.
///
/// ```no_run
/// # async fn example(headers: http::HeaderMap) -> Result<(), Box<dyn std::error::Error>> {
/// use globus_auth::{ConfidentialAppAuthClient, TokenVerifier};
///
/// let client = ConfidentialAppAuthClient::new("6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c", "the secret")?;
/// let scope = "https://auth.globus.org/scopes/6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c/all";
/// let verifier = TokenVerifier::new(client, scope)?;
///
/// match verifier.verify_headers(&headers).await {
///     Ok(caller) => println!("hello {:?}", caller.username),
///     Err(refused) => println!("{}: {refused}", refused.status()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TokenVerifier {
    client: ConfidentialAppAuthClient,
    scopes: Vec<String>,
    audience: String,
    include: Vec<String>,
    ttl: Duration,
    refused_ttl: Duration,
    capacity: usize,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    valid: Cache<Verdict>,
    /// Apart, so that a flood of tokens that are made up drives out no other.
    refused: Cache<()>,
    under_way: HashMap<Key, Arc<Question>>,
}

impl Shared {
    fn holding(tokens: usize) -> Arc<Mutex<Self>> {
        let (valid, refused) = (Cache::new(tokens), Cache::new(tokens));
        Arc::new(Mutex::new(Self { valid, refused, under_way: HashMap::new() }))
    }
}

type Question = Flight<Result<Verdict>>;

impl TokenVerifier {
    /// Checks tokens as this client, the resource server that they are for. They need all of these scopes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when there is no scope, or a text is none:
    /// without one, tokens would be let in that users gave to this client for other services.
    pub fn new(client: ConfidentialAppAuthClient, required_scopes: impl IntoScopes) -> Result<Self> {
        let scopes = required_scopes.into_scopes()?;
        let scopes: Vec<String> = scopes.iter().map(|scope| scope.name().to_owned()).collect();
        if scopes.is_empty() {
            return Err(Error::invalid_input("a token verifier needs at least one required scope"));
        }
        Ok(Self {
            audience: client.client_id().to_string(),
            client,
            scopes,
            include: Vec::new(),
            ttl: TTL,
            refused_ttl: REFUSED_TTL,
            capacity: CAPACITY,
            shared: Shared::holding(CAPACITY),
        })
    }

    /// Demands that tokens are meant for this resource server, for one that has a name. Default: the client's id.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Asks for more about each caller: `identity_set`, `identity_set_detail`, `session_info`. Default: nothing more.
    #[must_use]
    pub fn with_include<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.include = names.into_iter().map(Into::into).collect();
        // What was asked before has less in it.
        self.shared = Shared::holding(self.capacity);
        self
    }

    /// Believes that a token is valid for this long without asking again, and never longer than it is valid. So long it
    /// may take until a token that was revoked is refused. Default: 60 s.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Refuses a token that is not valid for this long without asking again. Default: 10 s.
    #[must_use]
    pub fn with_refused_ttl(mut self, ttl: Duration) -> Self {
        self.refused_ttl = ttl;
        self
    }

    /// Remembers at most this many valid tokens, and as many others; the ones whose time is up first make room.
    /// Default: 10 000.
    #[must_use]
    pub fn with_capacity(mut self, tokens: usize) -> Self {
        self.capacity = tokens;
        self.shared = Shared::holding(tokens);
        self
    }

    /// Checks the token in the `Authorization` header of a request; gives who calls.
    ///
    /// # Errors
    /// [`TokenVerifierError::NoToken`] when there is no such header, or not exactly one with a bearer token; as
    /// [`verify`](Self::verify).
    pub async fn verify_headers(&self, headers: &HeaderMap) -> Result<Verdict, TokenVerifierError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(TokenVerifierError::NoToken);
        };
        let (scheme, token) =
            value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(TokenVerifierError::NoToken)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenVerifierError::NoToken);
        }
        self.verify(&Secret::new(token.trim())).await
    }

    /// Checks a token; gives who calls.
    ///
    /// # Errors
    /// [`TokenVerifierError`]: its [`status`](TokenVerifierError::status) is what to answer the caller with.
    pub async fn verify(&self, token: &Secret) -> Result<Verdict, TokenVerifierError> {
        if token.is_empty() {
            return Err(TokenVerifierError::NoToken);
        }
        let introspection = self.introspect(token).await?;
        if !introspection.aud.iter().any(|audience| audience.eq_ignore_ascii_case(&self.audience)) {
            return Err(TokenVerifierError::OtherAudience { expected: self.audience.clone() });
        }
        let missing: Vec<String> =
            self.scopes.iter().filter(|scope| !introspection.has_scope(scope)).cloned().collect();
        if missing.is_empty() {
            Ok(introspection)
        } else {
            Err(TokenVerifierError::MissingScopes { missing })
        }
    }

    /// Gives what is known of a token that is valid.
    async fn introspect(&self, token: &Secret) -> Result<Verdict, TokenVerifierError> {
        let mut key = Key::default();
        key.copy_from_slice(digest(&SHA256, token.expose().as_bytes()).as_ref());
        loop {
            let asking = {
                let now = self.client.base().clock().now();
                let mut shared = self.shared();
                if let Some(introspection) = shared.valid.get(&key, now) {
                    return Ok(introspection);
                }
                if shared.refused.get(&key, now).is_some() {
                    return Err(TokenVerifierError::Inactive);
                }
                let question = match shared.under_way.entry(key) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => Arc::clone(new.insert(Arc::new(self.question(token)))),
                };
                Asking { verifier: self, key, question }
            };
            let outcome = asking.question.join().await;
            match outcome {
                Outcome::Landed { result: Ok(introspection), .. } => {
                    return self.settle(key, introspection);
                }
                // It may have failed because nobody drove it for a while.
                Outcome::Landed { result: Err(_), handed_over: true } | Outcome::Lost => asking.give_up(),
                Outcome::Landed { result: Err(error), .. } => {
                    return Err(TokenVerifierError::Unavailable { source: error });
                }
            }
        }
    }

    fn question(&self, token: &Secret) -> Question {
        let mut request = self.client.oauth2_token_introspect(token.clone());
        if !self.include.is_empty() {
            request = request.include(self.include.iter().cloned());
        }
        Flight::new(async move { request.send().await.map(Arc::new) })
    }

    /// Remembers an answer. Everybody who waited for it comes by here.
    fn settle(&self, key: Key, introspection: Verdict) -> Result<Verdict, TokenVerifierError> {
        let now = self.client.base().clock().now();
        // What does not say when it ends is asked about each time.
        let end = introspection.expires_at().unwrap_or(now);
        let mut shared = self.shared();
        if !introspection.active || (introspection.exp.is_some() && end <= now) {
            shared.refused.insert(key, (), now.saturating_add(self.refused_ttl), now);
            return Err(TokenVerifierError::Inactive);
        }
        shared.valid.insert(key, Arc::clone(&introspection), end.min(now.saturating_add(self.ttl)), now);
        Ok(introspection)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits for an answer. The last one to leave takes the question away.
struct Asking<'a> {
    verifier: &'a TokenVerifier,
    key: Key,
    question: Arc<Question>,
}

impl Asking<'_> {
    /// Lets the next one ask anew.
    fn give_up(&self) {
        self.forget(|_| true);
    }

    fn forget(&self, when: impl FnOnce(&Arc<Question>) -> bool) {
        let mut shared = self.verifier.shared();
        let known = shared.under_way.get(&self.key);
        if known.is_some_and(|known| Arc::ptr_eq(known, &self.question) && when(known)) {
            shared.under_way.remove(&self.key);
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        // One is the map's, one is this one's; others join under the lock that this holds.
        self.forget(|known| Arc::strong_count(known) == 2);
    }
}

/// Shows what is demanded, and of callers only how many are remembered.
impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (valid, refused) = {
            let shared = self.shared();
            (shared.valid.len(), shared.refused.len())
        };
        f.debug_struct("TokenVerifier")
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .field("audience", &self.audience)
            .field("valid", &valid)
            .field("refused", &refused)
            .finish_non_exhaustive()
    }
}
