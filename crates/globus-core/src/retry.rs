//! Whether a failed request is sent again, and when.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, header::RETRY_AFTER};

use crate::{Clock, Error, ErrorKind};

/// Says which failures are tried again, how often, and for how long.
///
/// By default: up to 5 retries after broken connections, time-outs, 429, 500, 502, 503 and 504, with a jittered
/// exponential pause of at most 10 s, and 5 minutes in all. `Retry-After` is honoured in full, in seconds or as a
/// date; when it leads past the 5 minutes the error is returned at once.
///
/// Only what can be sent twice without doing its work twice is tried again after it may have reached the service:
/// GET, HEAD, PUT, DELETE, and submissions, which carry an id of their own. Any other request is tried again when
/// no byte of it was sent, or when the service said that it did not take it (429).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    max_retries: u32,
    max_delay: Duration,
    total_timeout: Option<Duration>,
    every_method: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 5,
            max_delay: Duration::from_secs(10),
            total_timeout: Some(Duration::from_secs(300)),
            every_method: false,
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    #[must_use]
    pub fn never() -> Self {
        Self { max_retries: 0, ..Self::default() }
    }

    /// Tries every method again, also a POST that may have done its work already: what the Python SDK does.
    #[must_use]
    pub fn permissive() -> Self {
        Self { every_method: true, ..Self::default() }
    }

    /// Tries again at most this often (default 5).
    #[must_use]
    pub fn with_max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Pauses at most this long between two tries (default 10 s), unless the service asks for more.
    #[must_use]
    pub fn with_max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Starts no further try later than this after the first (default 5 minutes); `None` sets no such limit.
    #[must_use]
    pub fn with_total_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.total_timeout = timeout.into();
        self
    }

    /// Decides about one failed attempt, the `attempt`-th (from 1), `elapsed` after the call began.
    pub(crate) fn decide(
        &self,
        call: Idempotency,
        error: &Error,
        attempt: u32,
        elapsed: Duration,
    ) -> Decision {
        if !error.is_retryable() {
            return Decision::GiveUp("the failure would repeat itself");
        }
        // A request that cannot be produced, or a credential that cannot be had, has its own retries behind it.
        if error.kind() == ErrorKind::Auth {
            return Decision::GiveUp("the credential cannot be had");
        }
        let not_taken = error.is_never_sent() || error.status() == Some(StatusCode::TOO_MANY_REQUESTS);
        if !(call == Idempotency::Idempotent || self.every_method || not_taken) {
            return Decision::GiveUp("a second try could do the work twice");
        }
        if attempt > self.max_retries {
            return Decision::GiveUp("no retries are left");
        }
        let delay = error.retry_after().unwrap_or_else(|| self.backoff(attempt));
        if self.total_timeout.is_some_and(|total| elapsed.saturating_add(delay) > total) {
            return Decision::GiveUp("the time for retries is up");
        }
        Decision::RetryAfter(delay)
    }

    /// `(0.25 … 0.75) · 2ⁿ` seconds before the n-th retry, counted from 0.
    fn backoff(&self, attempt: u32) -> Duration {
        let factor = 2_f64.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX).min(30));
        Duration::from_secs_f64((0.25 + 0.5 * fastrand::f64()) * factor).min(self.max_delay)
    }
}

/// Says what becomes of a failed attempt, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    RetryAfter(Duration),
    GiveUp(&'static str),
}

/// Says whether a request may reach the service twice without doing its work twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idempotency {
    Idempotent,
    OnceOnly,
}

impl Idempotency {
    pub(crate) fn of(method: &Method) -> Self {
        if method.is_idempotent() { Self::Idempotent } else { Self::OnceOnly }
    }
}

/// Reads `Retry-After`: seconds, or a date. Anything else counts as absent, a date in the past as "now".
pub(crate) fn retry_after(headers: &HeaderMap, clock: &dyn Clock) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since_epoch = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let now = Duration::from_secs(u64::try_from(clock.now().as_second()).ok()?);
    Some(since_epoch.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    fn failed(kind: ErrorKind) -> Error {
        Error::new(kind, "x")
    }

    fn decide(policy: &RetryPolicy, method: &Method, error: &Error, attempt: u32) -> Decision {
        policy.decide(Idempotency::of(method), error, attempt, Duration::ZERO)
    }

    #[test]
    fn a_post_is_sent_twice_only_when_it_was_not_taken() {
        let policy = RetryPolicy::default();
        let retried = |policy: &RetryPolicy, method: &Method, error: &Error| {
            matches!(decide(policy, method, error, 1), Decision::RetryAfter(_))
        };
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD] {
            assert!(retried(&policy, &method, &failed(ErrorKind::Io)), "{method}");
            assert!(retried(&policy, &method, &failed(ErrorKind::Timeout)), "{method}");
        }
        assert!(!retried(&policy, &Method::POST, &failed(ErrorKind::Io)));
        assert!(!retried(&policy, &Method::POST, &failed(ErrorKind::Timeout)));
        assert!(retried(&policy, &Method::POST, &failed(ErrorKind::Connect)));
        assert!(retried(&policy, &Method::POST, &failed(ErrorKind::Timeout).with_never_sent(true)));
        assert!(!retried(&policy, &Method::PATCH, &failed(ErrorKind::Io)));
        assert!(retried(&RetryPolicy::permissive(), &Method::POST, &failed(ErrorKind::Io)));
        assert!(!retried(&policy, &Method::GET, &failed(ErrorKind::Decode)));
        assert!(!retried(&RetryPolicy::never(), &Method::GET, &failed(ErrorKind::Io)));
    }

    #[test]
    fn back_off_grows_to_its_cap() {
        let policy = RetryPolicy::default();
        for (attempt, low, high) in
            [(1, 0.25, 0.75), (2, 0.5, 1.5), (3, 1.0, 3.0), (4, 2.0, 6.0), (5, 4.0, 10.0), (90, 10.0, 10.0)]
        {
            for _ in 0..200 {
                let delay = policy.backoff(attempt).as_secs_f64();
                assert!((low..=high).contains(&delay), "attempt {attempt}: {delay}");
            }
        }
        assert_eq!(
            decide(&policy, &Method::GET, &failed(ErrorKind::Io), 6),
            Decision::GiveUp("no retries are left")
        );
    }

    #[test]
    fn retry_after_is_honoured_in_full_or_not_at_all() {
        let policy = RetryPolicy::default();
        let wait = |seconds| failed(ErrorKind::Io).with_retry_after(Some(Duration::from_secs(seconds)));
        assert_eq!(
            decide(&policy, &Method::GET, &wait(60), 1),
            Decision::RetryAfter(Duration::from_secs(60))
        );
        assert_eq!(decide(&policy, &Method::GET, &wait(0), 1), Decision::RetryAfter(Duration::ZERO));
        assert_eq!(
            decide(&policy, &Method::GET, &wait(301), 1),
            Decision::GiveUp("the time for retries is up")
        );
        let endless = policy.with_total_timeout(None);
        assert_eq!(
            decide(&endless, &Method::GET, &wait(301), 1),
            Decision::RetryAfter(Duration::from_secs(301))
        );
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        #[derive(Debug)]
        struct At(&'static str);
        impl Clock for At {
            fn now(&self) -> Timestamp {
                self.0.parse().unwrap()
            }
        }
        let clock = At("2015-10-21T07:27:00Z");
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, &clock)
        };
        assert_eq!(read("60"), Some(Duration::from_secs(60)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["-1", "1_0", "soon", "", "1.5", "99999999999999999999999"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
