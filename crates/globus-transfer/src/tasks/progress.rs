//! How a task gets on.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::models::Task;

/// How many looks the rate is taken over.
const LOOKS: usize = 8;

/// Tells how far a task is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// How many files are done: copied, or skipped because they were there already.
    pub files: u64,
    /// How many files have been found so far; more may be found in directories.
    pub files_found: u64,
    /// How many bytes have been copied.
    pub bytes: u64,
    /// How many bytes a second are copied: over the last looks, or from the beginning where there have been too few.
    pub bytes_per_second: f64,
    /// How many errors the task has met.
    pub faults: u64,
    /// Which part of the work that is known so far is done, from 0 to 1; `None` when none is known yet.
    pub fraction: Option<f64>,
    /// How long it may still take, if it goes on as over the last looks; `None` when that cannot be told. Work that has
    /// not been found yet is not in it.
    pub time_left: Option<Duration>,
    /// The task's document.
    pub task: Box<Task>,
}

/// Remembers the last looks.
#[derive(Debug, Default)]
pub(super) struct Pace {
    looks: VecDeque<(Instant, u64, u64)>,
}

impl Pace {
    pub(super) fn progress(&mut self, task: Box<Task>) -> Progress {
        let bytes = task.bytes_transferred.unwrap_or(0);
        let units = task.subtasks_succeeded.unwrap_or(0) + task.subtasks_skipped_errors.unwrap_or(0);
        let total = task.subtasks_total.unwrap_or(0);
        self.looks.push_back((Instant::now(), bytes, units));
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        let is_final = task.status.is_final();
        Progress {
            files: task.files_transferred.unwrap_or(0) + task.files_skipped.unwrap_or(0),
            files_found: task.files.unwrap_or(0),
            bytes,
            bytes_per_second: self
                .rate(|(_, bytes, _)| *bytes)
                .filter(|_| !is_final)
                .unwrap_or_else(|| as_float(task.effective_bytes_per_second.unwrap_or(0))),
            faults: task.faults.unwrap_or(0),
            fraction: match total {
                0 => None,
                _ => Some((as_float(units) / as_float(total)).min(1.0)),
            },
            time_left: if is_final {
                Some(Duration::ZERO)
            } else {
                let left = as_float(total.saturating_sub(units));
                self.rate(|(_, _, units)| *units)
                    .filter(|rate| *rate > 0.0 && total > 0)
                    .and_then(|rate| Duration::try_from_secs_f64(left / rate).ok())
            },
            task,
        }
    }

    /// How much a second, from the first to the last of the looks.
    fn rate(&self, value: impl Fn(&(Instant, u64, u64)) -> u64) -> Option<f64> {
        let (first, last) = (self.looks.front()?, self.looks.back()?);
        let time = last.0.duration_since(first.0).as_secs_f64();
        (time > 0.0).then(|| as_float(value(last).saturating_sub(value(first))) / time)
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates and shares are estimates")]
fn as_float(count: u64) -> f64 {
    count as f64
}
