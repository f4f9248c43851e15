//! When a task that runs is given up.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use super::{codes::TaskCode, models::Task};

/// How many times as long a hopeless state has to last when the service is not seen to try again.
const WITHOUT_A_TRY: u32 = 6;

/// Says when a wait gives a task up that runs on without hope.
///
/// The service tries for hours what will not succeed: a file that is not there keeps a transfer running until its
/// deadline. The default gives up when the task has been held up for 5 minutes by an error that passes by itself seldom,
/// has not got on in that time, and has met an error again when the service tried again. Where no such try is seen,
/// perhaps because the service pauses for longer between them, it takes 30 minutes.
///
/// Nothing happens to a task that is given up, unless the wait was told to cancel it: it runs on, and can be waited for
/// again.
///
/// ```
/// use std::time::Duration;
/// use globus_transfer::tasks::{StallPolicy, TaskCode};
///
/// let policy = StallPolicy::default()
///     .hopeless_for(Duration::from_secs(60))
///     .also_hopeless([TaskCode::QuotaExceeded])
///     .max_faults(100)
///     .no_progress_for(Duration::from_secs(6 * 3600));
/// ```
///
/// While a task is paused, or waits for its turn, the clock of this policy stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a policy does nothing until a wait follows it"]
pub struct StallPolicy {
    hopeless: Vec<TaskCode>,
    hopeless_for: Option<Duration>,
    max_faults: Option<u64>,
    no_progress_for: Option<Duration>,
}

impl Default for StallPolicy {
    fn default() -> Self {
        Self {
            hopeless: vec![
                TaskCode::FileNotFound,
                TaskCode::PermissionDenied,
                TaskCode::AmbiguousPath,
                TaskCode::InvalidPathName,
                TaskCode::InvalidSymlink,
                TaskCode::IsADirectory,
                TaskCode::IsAFile,
                TaskCode::NotADirectory,
                TaskCode::NotAFile,
                TaskCode::NotASymlink,
                TaskCode::ExternalChecksumMismatch,
                TaskCode::NoCredentials,
                TaskCode::InvalidServiceCredential,
                TaskCode::NoPhysicals,
            ],
            hopeless_for: Some(Duration::from_secs(300)),
            max_faults: None,
            no_progress_for: None,
        }
    }
}

impl StallPolicy {
    /// Gives nothing up: the wait goes on until the task ends or the time is up.
    pub fn never() -> Self {
        Self { hopeless: Vec::new(), hopeless_for: None, max_faults: None, no_progress_for: None }
    }

    /// Counts these states ([`Task::nice_status`]) as hopeless, besides those that are already: a file or path that is
    /// not there or may not be touched, a file where a directory should be, missing credentials and their like.
    pub fn also_hopeless(mut self, codes: impl IntoIterator<Item = TaskCode>) -> Self {
        self.hopeless.extend(codes);
        self
    }

    /// Counts these states as hopeless, and no others.
    pub fn hopeless(mut self, codes: impl IntoIterator<Item = TaskCode>) -> Self {
        self.hopeless = codes.into_iter().collect();
        self
    }

    /// Gives up when the state has been hopeless this long, without any progress, and the task has met another error in
    /// that time; or when it has been hopeless six times as long. Zero gives up at the first look, `None` never. Default:
    /// 5 minutes.
    pub fn hopeless_for(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.hopeless_for = time.into();
        self
    }

    /// Gives up when the task has met more errors than this, whichever; `None`, the default, never.
    pub fn max_faults(mut self, faults: impl Into<Option<u64>>) -> Self {
        self.max_faults = faults.into();
        self
    }

    /// Gives up when nothing has got on for this long, whatever the reason: no byte, no file, no directory found. `None`,
    /// the default, never.
    pub fn no_progress_for(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.no_progress_for = time.into();
        self
    }
}

/// Says why a task was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StallReason {
    /// It is in a state that passes by itself seldom.
    Hopeless(TaskCode),
    /// It has met this many errors.
    Faults(u64),
    /// It has not got on for this long.
    NoProgress(Duration),
}

impl fmt::Display for StallReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hopeless(code) => write!(f, "{code} will not pass by itself"),
            Self::Faults(faults) => write!(f, "{faults} errors so far"),
            Self::NoProgress(time) => write!(f, "no progress for {} s", time.as_secs()),
        }
    }
}

/// Looks at one task over time.
#[derive(Debug, Default)]
pub(super) struct StallWatch {
    done: Option<[Option<u64>; 8]>,
    /// When it got on last.
    moved: Option<Instant>,
    /// Since when it has been in a hopeless state, and how many errors it had met then.
    hopeless_since: Option<(Instant, Option<u64>)>,
}

impl StallWatch {
    pub(super) fn look(&mut self, policy: &StallPolicy, task: &Task, now: Instant) -> Option<StallReason> {
        let done = [
            task.bytes_transferred,
            task.bytes_checksummed,
            task.files_transferred,
            task.files_skipped,
            task.files,
            task.directories,
            task.subtasks_succeeded,
            task.subtasks_skipped_errors,
        ];
        let waits = task.is_paused == Some(true) || task.nice_status == Some(TaskCode::Queued);
        let moved = waits || self.done.replace(done) != Some(done);
        if moved {
            self.moved = Some(now);
            self.hopeless_since = None;
        }
        if waits {
            return None;
        }
        if let (Some(faults), Some(most)) = (task.faults, policy.max_faults)
            && faults > most
        {
            return Some(StallReason::Faults(faults));
        }
        let hopeless = task.nice_status.as_ref().filter(|code| policy.hopeless.contains(code));
        match (hopeless, policy.hopeless_for) {
            (Some(code), Some(patience)) => {
                let (since, faults) = *self.hopeless_since.get_or_insert((now, task.faults));
                let tried_again = task.faults > faults;
                let patience = if tried_again { patience } else { patience.saturating_mul(WITHOUT_A_TRY) };
                if now.duration_since(since) >= patience {
                    return Some(StallReason::Hopeless(code.clone()));
                }
            }
            _ => self.hopeless_since = None,
        }
        let still = now.duration_since(self.moved.unwrap_or(now));
        policy.no_progress_for.filter(|patience| still >= *patience).map(|_| StallReason::NoProgress(still))
    }
}
