//! The emulator's own clock: real time plus an offset that tests may move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Tells the time for everything that the emulator dates or lets expire.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_seconds: AtomicI64,
    /// Wakes whoever waits for a time.
    moved: Notify,
}

impl Clock {
    /// Returns the emulator's present time.
    pub(crate) fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
        let real = Timestamp::now();
        let offset = SignedDuration::from_secs(self.offset_seconds.load(Ordering::Relaxed));
        real.saturating_add(offset).unwrap_or(real)
    }

    /// Moves the clock by this many seconds (backwards when negative) and returns the whole offset.
    pub(crate) fn advance(&self, seconds: i64) -> i64 {
        let moved = self.offset_seconds().saturating_add(seconds).clamp(-MOST_OFFSET, MOST_OFFSET);
        self.offset_seconds.store(moved, Ordering::Relaxed);
        self.moved.notify_waiters();
        moved
    }

    /// Waits until this time has come, be it because time passed or because the clock was moved.
    pub(crate) async fn reach(&self, time: Timestamp) {
        loop {
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            let Ok(left) = Duration::try_from(time.duration_since(self.now())) else { return };
            if left.is_zero() {
                return;
            }
            let _ = tokio::time::timeout(left, moved).await;
        }
    }

    /// Returns how far the clock is ahead of real time, in seconds.
    pub(crate) fn offset_seconds(&self) -> i64 {
        self.offset_seconds.load(Ordering::Relaxed)
    }
}

/// A thousand years: far enough for any test, near enough for every date to stay representable.
const MOST_OFFSET: i64 = 1000 * 366 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_forwards_and_back() {
        let clock = Clock::default();
        let before = clock.now();
        assert_eq!(clock.advance(3600), 3600);
        let later = clock.now();
        assert!(later.duration_since(before) >= SignedDuration::from_secs(3600));
        assert_eq!(clock.advance(-3600), 0);
        assert!(clock.now() < later);
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_is_reached_by_moving_the_clock() {
        let clock = Clock::default();
        let hour = clock.now() + SignedDuration::from_hours(1);
        let (done, ()) =
            tokio::join!(tokio::time::timeout(Duration::from_secs(5), clock.reach(hour)), async {
                tokio::task::yield_now().await;
                clock.advance(3601);
            });
        assert!(done.is_ok());
        clock.reach(hour).await;
    }

    #[test]
    fn absurd_offsets_stay_representable() {
        let clock = Clock::default();
        clock.advance(i64::MAX);
        clock.advance(i64::MAX);
        assert!(clock.now().as_second() > 0);
        clock.advance(i64::MIN);
        clock.advance(i64::MIN);
        let _ = clock.now();
    }
}
