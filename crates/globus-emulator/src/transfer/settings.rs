//! What users may set about the Transfer service.

use std::time::Duration;

use crate::StartError;

/// How the emulated Transfer service behaves. The defaults finish tasks on small files within milliseconds.
///
/// ```
/// use std::time::Duration;
/// use globus_emulator::{PathFault, TransferSettings};
///
/// let settings = TransferSettings::default()
///     .file_delay(Duration::from_millis(50))
///     .fault(PathFault::new("*/flaky.dat", "CONNECTION_RESET").times(2));
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until an emulator is built with them"]
pub struct TransferSettings {
    pub(crate) retry_interval: Duration,
    pub(crate) workers: usize,
    pub(crate) file_delay: Duration,
    pub(crate) progress_interval: Duration,
    pub(crate) active_tasks: usize,
    pub(crate) pending_tasks: usize,
    pub(crate) marker_page: usize,
    pub(crate) listing_limit: usize,
    pub(crate) rate_limit: Option<u32>,
    pub(crate) faults: Vec<PathFault>,
}

impl Default for TransferSettings {
    fn default() -> Self {
        TransferSettings {
            retry_interval: Duration::from_millis(300),
            workers: 4,
            file_delay: Duration::ZERO,
            progress_interval: Duration::from_secs(60),
            active_tasks: 3,
            pending_tasks: 100,
            marker_page: 100,
            listing_limit: 100_000,
            rate_limit: None,
            faults: Vec::new(),
        }
    }
}

impl TransferSettings {
    /// Sets how long a task waits after its first failed attempt. Each further failure doubles the wait, up to
    /// sixteen times this. Default: 300 ms.
    pub fn retry_interval(mut self, interval: Duration) -> Self {
        self.retry_interval = interval;
        self
    }

    /// Sets how many files of one task are copied at the same time, from 1 to 64. Default: 4.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Makes every file of a task (and every item of a delete task) take at least this long, so that tests can
    /// watch progress. Default: zero.
    pub fn file_delay(mut self, delay: Duration) -> Self {
        self.file_delay = delay;
        self
    }

    /// Sets how often a running task reports a `PROGRESS` event. Default: one minute.
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        self.progress_interval = interval;
        self
    }

    /// Sets how many transfers, and how many deletes, of one user run at once; the others wait as `Queued`.
    /// At least 1. Default: 3.
    pub fn active_tasks(mut self, limit: usize) -> Self {
        self.active_tasks = limit;
        self
    }

    /// Sets how many unfinished tasks one user may have. At least 1. Default: 100.
    pub fn pending_tasks(mut self, limit: usize) -> Self {
        self.pending_tasks = limit;
        self
    }

    /// Sets the page size of `successful_transfers` and `skipped_errors`. At least 1. Default: 100.
    pub fn marker_page(mut self, size: usize) -> Self {
        self.marker_page = size;
        self
    }

    /// Sets the most entries of one `ls`, which is also its default. At least 1. Default: 100,000.
    pub fn listing_limit(mut self, limit: usize) -> Self {
        self.listing_limit = limit;
        self
    }

    /// Turns requests of a user away with 429 when there are more than this many a second, counted over windows of
    /// ten seconds. The service allows 20. At least 1. Default: no limit.
    pub fn rate_limit(mut self, per_second: u32) -> Self {
        self.rate_limit = Some(per_second);
        self
    }

    /// Adds a fault that tasks and file operations run into. May be called several times.
    pub fn fault(mut self, fault: PathFault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(crate) fn check(&self) -> Result<(), StartError> {
        let least_one = [
            ("active tasks", self.active_tasks),
            ("pending tasks", self.pending_tasks),
            ("marker page", self.marker_page),
            ("listing limit", self.listing_limit),
            ("rate limit", self.rate_limit.map_or(1, |limit| limit as usize)),
        ];
        for (setting, value) in least_one {
            if value == 0 {
                return Err(StartError::Setting { setting, reason: "it must be at least 1".to_owned() });
            }
        }
        if !(1..=64).contains(&self.workers) {
            return Err(StartError::Setting {
                setting: "workers",
                reason: format!("{} is not between 1 and 64", self.workers),
            });
        }
        if self.retry_interval.is_zero() {
            return Err(StartError::Setting {
                setting: "retry interval",
                reason: "it must be longer than zero".to_owned(),
            });
        }
        let problem = self.faults.iter().find_map(PathFault::problem);
        problem.map_or(Ok(()), |reason| Err(StartError::Setting { setting: "fault", reason }))
    }
}

/// A failure that tasks and file operations meet on paths of a certain form, as if the storage had it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a fault does nothing until it is added to the settings"]
pub struct PathFault {
    pub(crate) path: String,
    pub(crate) code: String,
    pub(crate) times: Option<u32>,
}

impl PathFault {
    /// Makes every path that matches fail with an event code such as `PERMISSION_DENIED` or `GC_NOT_CONNECTED`.
    ///
    /// The pattern is matched against the whole path of a source, destination or deleted item as the task names
    /// it; `*` stands for any run of characters, `/` too, `?` for one, `[abc]` for one of these. Whether a code is
    /// retried, skipped or fatal is decided as for a real failure.
    pub fn new(path: impl Into<String>, code: impl Into<String>) -> Self {
        PathFault { path: path.into(), code: code.into(), times: None }
    }

    /// What makes the fault unusable.
    pub(crate) fn problem(&self) -> Option<String> {
        code_fault(&self.code)
    }

    /// Lets the fault happen this many times, then never again. Without it, it happens always.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// What is wrong with an event code.
pub(crate) fn code_fault(code: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let well_formed = !code.is_empty() && code.bytes().all(plain);
    (!well_formed).then(|| format!("{code:?} is not an event code such as PERMISSION_DENIED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn useless_settings_are_refused() {
        let settings = TransferSettings::default;
        assert!(settings().check().is_ok());
        for (bad, names) in [
            (settings().workers(0), "workers"),
            (settings().workers(65), "workers"),
            (settings().active_tasks(0), "active tasks"),
            (settings().pending_tasks(0), "pending tasks"),
            (settings().marker_page(0), "marker page"),
            (settings().listing_limit(0), "listing limit"),
            (settings().rate_limit(0), "rate limit"),
            (settings().retry_interval(Duration::ZERO), "retry interval"),
            (settings().fault(PathFault::new("*", "permission denied")), "fault"),
            (settings().fault(PathFault::new("*", "")), "fault"),
        ] {
            let error = bad.check().unwrap_err().to_string();
            assert!(error.starts_with(names), "{error}");
        }
    }
}
