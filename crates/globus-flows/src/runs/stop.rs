//! Whether a run has stopped again, or not yet moved since it was resumed.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;

use super::models::Run;

/// How long a run that was resumed may still show what it waited for.
const SETTLING: Duration = Duration::from_secs(30);

/// What is known of the last time that a run stopped.
///
/// A service that was told to resume a run looks at it when it gets to it. Until then nobody is asked a second time for
/// what they have brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<Mutex<Stopped>>);

#[derive(Debug, Default)]
struct Stopped {
    /// What the run waited for, once that was seen.
    details: Option<Value>,
    resumed: Option<Instant>,
}

impl Stop {
    /// Notes that the run is resumed.
    pub(super) fn resumed(&self) {
        self.stopped().resumed = Some(Instant::now());
    }

    /// Tells whether an inactive run waits for what it was resumed from; if not, notes what it waits for now.
    pub(super) fn is_past(&self, run: &Run) -> bool {
        let mut stopped = self.stopped();
        let settling = stopped.resumed.is_some_and(|resumed| resumed.elapsed() < SETTLING);
        let details = run.details.clone().unwrap_or_default();
        let past = settling && stopped.details.as_ref().is_none_or(|known| *known == details);
        if !past {
            stopped.resumed = None;
        }
        stopped.details = Some(details);
        past
    }

    fn stopped(&self) -> MutexGuard<'_, Stopped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
