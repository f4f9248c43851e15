//! Looking at work that goes on elsewhere: when, how often, and when to stop. For the crates of the services.

mod follow;
mod watch;

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

pub use self::{
    follow::{Growing, follow},
    watch::{Seen, Watch},
};
use crate::{Error, ErrorKind, Result};

/// The shortest interval between two looks.
const SHORTEST: Duration = Duration::from_millis(100);
/// How long work that was just begun may be unknown to the service.
const SETTLING: Duration = Duration::from_secs(5);
/// How long the last look may take after the time is up.
const GRACE: Duration = Duration::from_secs(10);

/// Says how to look: at once, then after half a second, then ever less often, at last every 30 seconds.
#[derive(Debug, Clone)]
pub struct Polling {
    timeout: Option<Duration>,
    shortest: Duration,
    longest: Duration,
    max_outage: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            timeout: None,
            shortest: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            max_outage: Duration::from_secs(600),
        }
    }
}

impl Polling {
    /// Stops looking after this long.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// Looks after `shortest` first, at last every `longest`.
    pub fn set_interval(&mut self, shortest: Duration, longest: Duration) {
        self.shortest = shortest.max(SHORTEST);
        self.longest = longest.max(self.shortest);
    }

    /// Gives up when all looks since this long ago have failed.
    pub fn set_max_outage(&mut self, outage: Duration) {
        self.max_outage = outage;
    }

    /// Begins.
    #[must_use]
    pub fn start(&self) -> Rhythm {
        let start = Instant::now();
        Rhythm {
            start,
            end: self.timeout.and_then(|timeout| start.checked_add(timeout)),
            interval: self.shortest,
            longest: self.longest,
            max_outage: self.max_outage,
            failing_since: None,
            pause: None,
        }
    }
}

/// Knows when to look next, and when to stop looking.
#[derive(Debug)]
pub struct Rhythm {
    start: Instant,
    end: Option<Instant>,
    interval: Duration,
    longest: Duration,
    max_outage: Duration,
    failing_since: Option<Instant>,
    /// How long to pause before the next look; `None` before the first.
    pause: Option<Duration>,
}

impl Rhythm {
    /// Lets the next pause be one that follows a look, even if there has been none yet.
    fn begin(&mut self) {
        if self.pause.is_none() {
            self.advance();
        }
    }

    fn advance(&mut self) {
        self.pause = Some(self.interval);
        self.interval = (self.interval.saturating_mul(3) / 2).min(self.longest);
    }

    /// Waits until it is time for the next look.
    pub async fn tick(&mut self) {
        if let Some(pause) = self.pause.take() {
            sleep(pause).await;
        }
        self.advance();
    }

    /// Lets a look end at most a little after the time is up.
    ///
    /// # Errors
    /// The look's, and a time-out.
    pub async fn look<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.end, request).await
    }

    /// Notes that a look succeeded.
    pub fn saw(&mut self) {
        self.failing_since = None;
    }

    /// Tells whether a failed look may be followed by another.
    pub fn forgives(&mut self, error: &Error) -> bool {
        let outage = self.failing_since.get_or_insert_with(Instant::now).elapsed();
        let pause = self.pause.unwrap_or_default();
        self.pause = Some(pause.max(error.retry_after().unwrap_or_default()));
        error.is_retryable() && outage < self.max_outage
    }

    /// Tells whether this error says only that the work is so new that the service does not know it yet.
    #[must_use]
    pub fn is_settling(&self, error: &Error) -> bool {
        error.is_not_found() && self.is_new()
    }

    /// Tells whether the work is so new that the service may not know it yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.start.elapsed() < SETTLING
    }

    /// Tells whether the time is up; the last pause ends with it.
    pub fn is_over(&mut self) -> bool {
        let Some(end) = self.end else { return false };
        let left = end.saturating_duration_since(Instant::now());
        self.pause = self.pause.map(|pause| pause.min(left));
        left.is_zero()
    }
}

/// Lets a request end at most a little after `end`.
///
/// # Errors
/// The request's, and a time-out.
pub async fn within<T>(end: Option<Instant>, request: impl Future<Output = Result<T>>) -> Result<T> {
    match end.and_then(|end| end.checked_add(GRACE)) {
        Some(end) => timeout_at(end, request).await.unwrap_or_else(|_| Err(out_of_time())),
        None => request.await,
    }
}

/// Says that the time is up.
#[must_use]
pub fn out_of_time() -> Error {
    Error::new(ErrorKind::Timeout, "the time for the wait is up")
}
