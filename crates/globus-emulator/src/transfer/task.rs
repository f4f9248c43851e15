//! A task: what was asked for, and how far it got.

mod counts;
mod document;
mod hold;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::collections::Collection;
use super::pause_rules::Action;
use super::submit::items::{DeleteItem, FilterRule, TransferItem};
use crate::auth::verify::Caller;
use crate::fs::checksum::Algorithm;
pub(crate) use counts::Counts;
pub(crate) use hold::{Hold, Lapse, Sides, is_lapse};

/// How long a task may take when the client sets no deadline.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// How long a transfer may go on after a file that worked.
const PATIENCE_AFTER_PROGRESS: SignedDuration = SignedDuration::from_hours(72);
/// How long events and lists of files are kept after the end.
const HISTORY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many events of one task are kept; the first one, and the latest.
const MOST_EVENTS: usize = 10_000;

/// The type of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TaskType {
    Transfer,
    Delete,
}

impl TaskType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TaskType::Transfer => "TRANSFER",
            TaskType::Delete => "DELETE",
        }
    }
}

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    /// Waits for its user: credentials or consent have lapsed.
    Inactive,
    Succeeded,
    Failed,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
        }
    }

    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Status::Succeeded | Status::Failed)
    }
}

/// What a task is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    Transfer(TransferJob),
    Delete(DeleteJob),
}

/// The options of a transfer, in effect.
#[derive(Debug)]
pub(crate) struct TransferJob {
    pub(crate) destination: Arc<Collection>,
    pub(crate) sync_level: Option<u8>,
    pub(crate) encrypt_data: bool,
    pub(crate) verify_checksum: bool,
    pub(crate) preserve_timestamp: bool,
    pub(crate) delete_destination_extra: bool,
    pub(crate) recursive_symlinks: Symlinks,
    pub(crate) skip_source_errors: bool,
    pub(crate) fail_on_quota_errors: bool,
    pub(crate) filter_rules: Option<Vec<FilterRule>>,
    pub(crate) source_local_user: Option<String>,
    pub(crate) destination_local_user: Option<String>,
    pub(crate) destination_base_path: Option<String>,
    /// What is to be copied; taken when the task starts.
    pub(crate) items: Mutex<Vec<TransferItem>>,
}

/// The options of a delete task.
#[derive(Debug)]
pub(crate) struct DeleteJob {
    /// `None`: find out.
    pub(crate) recursive: Option<bool>,
    pub(crate) ignore_missing: bool,
    pub(crate) interpret_globs: bool,
    pub(crate) local_user: Option<String>,
    /// What is to be deleted; taken when the task starts.
    pub(crate) items: Mutex<Vec<DeleteItem>>,
}

/// What becomes of symbolic links inside directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Symlinks {
    #[default]
    Ignore,
    Keep,
    Copy,
}

/// One task of one user.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: Uuid,
    pub(crate) owner: Uuid,
    /// Who submitted it, and what they may do.
    pub(crate) caller: Caller,
    pub(crate) submission_id: Uuid,
    /// Equal for tasks of the same kind, collections and set of paths.
    pub(crate) fingerprint: u128,
    pub(crate) request_time: Timestamp,
    /// The source of a transfer, or the collection to delete from.
    pub(crate) source: Arc<Collection>,
    pub(crate) source_base_path: Option<String>,
    pub(crate) job: Job,
    progress: Mutex<Progress>,
    /// Wakes the engine when the task ends.
    ended: Notify,
}

/// What changes while a task runs.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    pub(crate) label: Option<String>,
    pub(crate) deadline: Timestamp,
    /// The client chose the deadline: it is never moved.
    deadline_is_fixed: bool,
    pub(crate) completion_time: Option<Timestamp>,
    /// Code and description of what ended the task.
    pub(crate) fatal_error: Option<(String, String)>,
    /// Has been worked on.
    pub(crate) started: bool,
    /// Waits for a slot.
    pub(crate) queued: bool,
    pub(crate) hold: Hold,
    /// Why it is inactive.
    pub(crate) lapse: Option<Lapse>,
    /// The manager who ended the task, and why.
    pub(crate) canceled_by_admin: Option<(Sides, String)>,
    /// The user does not want to see it any more.
    pub(crate) removed: bool,
    /// Events and lists of files are gone.
    pub(crate) history_deleted: bool,
    /// The code of the last failure, until something works again.
    pub(crate) trouble: Option<String>,
    pub(crate) counts: Counts,
    /// Oldest first.
    pub(crate) events: VecDeque<Event>,
    pub(crate) successes: Vec<Success>,
    pub(crate) skipped: Vec<Skipped>,
}

/// Something that happened to a task.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) code: String,
    pub(crate) details: String,
    pub(crate) is_error: bool,
    pub(crate) time: Timestamp,
}

/// A file that was really copied.
#[derive(Debug, Clone)]
pub(crate) struct Success {
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) size: u64,
    pub(crate) checksum: Option<(Algorithm, String)>,
}

/// A path that was given up, as the client wished.
#[derive(Debug, Clone)]
pub(crate) struct Skipped {
    pub(crate) source: Option<String>,
    pub(crate) destination: String,
    pub(crate) code: String,
    pub(crate) details: String,
    pub(crate) time: Timestamp,
    pub(crate) is_directory: bool,
    pub(crate) is_symlink: bool,
    pub(crate) is_delete_destination_extra: bool,
    pub(crate) external: Option<(Algorithm, String)>,
}

/// How a task ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    /// The error that is beyond hope; its event is recorded already.
    Failed {
        code: String,
    },
    Canceled,
    Expired,
}

/// What becomes of the label of a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum NewLabel {
    #[default]
    Keep,
    /// Another one, or none.
    Set(Option<String>),
}

/// What a submission says of a task besides the job.
#[derive(Debug)]
pub(crate) struct NewTask {
    pub(crate) caller: Caller,
    pub(crate) submission_id: Uuid,
    pub(crate) fingerprint: u128,
    pub(crate) source: Arc<Collection>,
    pub(crate) source_base_path: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) deadline: Option<Timestamp>,
}

impl Task {
    pub(crate) fn new(new: NewTask, job: Job, now: Timestamp) -> Task {
        let counts = match &job {
            Job::Transfer(job) => Counts::of_transfer(lock(&job.items).len()),
            Job::Delete(job) => Counts::of_delete(lock(&job.items).len()),
        };
        let progress = Progress {
            status: Status::Active,
            label: new.label,
            deadline: new.deadline.unwrap_or_else(|| later(now, PATIENCE)),
            deadline_is_fixed: new.deadline.is_some(),
            completion_time: None,
            fatal_error: None,
            started: false,
            queued: true,
            hold: Hold::default(),
            lapse: None,
            canceled_by_admin: None,
            removed: false,
            history_deleted: false,
            trouble: None,
            counts,
            events: VecDeque::new(),
            successes: Vec::new(),
            skipped: Vec::new(),
        };
        Task {
            id: Uuid::new_v4(),
            owner: new.caller.identity_id,
            caller: new.caller,
            submission_id: new.submission_id,
            fingerprint: new.fingerprint,
            request_time: now,
            source: new.source,
            source_base_path: new.source_base_path,
            job,
            progress: Mutex::new(progress),
            ended: Notify::new(),
        }
    }

    pub(crate) fn kind(&self) -> TaskType {
        match self.job {
            Job::Transfer(_) => TaskType::Transfer,
            Job::Delete(_) => TaskType::Delete,
        }
    }

    /// The collections that the task touches.
    pub(crate) fn collections(&self) -> impl Iterator<Item = Uuid> {
        let destination = match &self.job {
            Job::Transfer(job) => Some(job.destination.id),
            Job::Delete(_) => None,
        };
        std::iter::once(self.source.id).chain(destination)
    }

    /// What it does to which collection: the source first, then the destination.
    pub(crate) fn actions(&self) -> Vec<(&Arc<Collection>, Action)> {
        match &self.job {
            Job::Transfer(job) => {
                vec![(&self.source, Action::TaskTransferRead), (&job.destination, Action::TaskTransferWrite)]
            }
            Job::Delete(_) => vec![(&self.source, Action::TaskDelete)],
        }
    }

    /// The local accounts that the client named, of source and destination.
    pub(crate) fn local_users(&self) -> (Option<&str>, Option<&str>) {
        match &self.job {
            Job::Transfer(job) => (job.source_local_user.as_deref(), job.destination_local_user.as_deref()),
            Job::Delete(job) => (job.local_user.as_deref(), None),
        }
    }

    /// Locks the task to read it, after letting it expire if it is due.
    pub(crate) fn read(&self, now: Timestamp) -> MutexGuard<'_, Progress> {
        self.expire_if_due(now);
        let mut progress = lock(&self.progress);
        progress.forget_if_due(now);
        progress
    }

    /// Whether the task has not ended.
    pub(crate) fn is_pending(&self, now: Timestamp) -> bool {
        !self.read(now).status.has_ended()
    }

    /// Hides a task that has ended from its user; `false` when it has not.
    pub(crate) fn remove(&self, now: Timestamp) -> bool {
        let mut progress = self.read(now);
        progress.removed |= progress.status.has_ended();
        progress.removed
    }

    /// Changes a task that has not ended; `None` when it has.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> Option<T> {
        let mut progress = lock(&self.progress);
        (!progress.status.has_ended()).then(|| change(&mut progress))
    }

    /// Sets label and deadline as far as given; `false` when the task has ended.
    pub(crate) fn revise(&self, label: NewLabel, deadline: Option<Timestamp>, now: Timestamp) -> bool {
        self.expire_if_due(now);
        let revised = self.update(|progress| {
            if let NewLabel::Set(label) = label {
                progress.label = label;
            }
            if let Some(deadline) = deadline {
                progress.deadline = deadline;
                progress.deadline_is_fixed = true;
            }
        });
        self.expire_if_due(now);
        revised.is_some()
    }

    /// Ends the task; `false` when it has ended before.
    pub(crate) fn finish(&self, end: End, now: Timestamp) -> bool {
        let kind = self.kind();
        let finished = self.update(|progress| progress.end(end, kind, now)).is_some();
        if finished {
            self.ended.notify_waiters();
        }
        finished
    }

    /// Waits until [`finish`](Self::finish) is called; may return early.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    fn expire_if_due(&self, now: Timestamp) {
        let kind = self.kind();
        let expired = self.update(|progress| {
            if now < progress.deadline {
                return false;
            }
            // Waiting in the queue without an error costs no patience.
            if progress.queued
                && !progress.is_held()
                && progress.trouble.is_none()
                && !progress.deadline_is_fixed
                && kind == TaskType::Transfer
            {
                progress.deadline = later(now, PATIENCE);
                return false;
            }
            progress.end(End::Expired, kind, now);
            true
        });
        if expired == Some(true) {
            self.ended.notify_waiters();
        }
    }
}

impl Progress {
    /// Records an event.
    pub(crate) fn event(&mut self, code: &str, details: impl Into<String>, is_error: bool, time: Timestamp) {
        if self.events.len() >= MOST_EVENTS {
            self.events.remove(1);
        }
        self.events.push_back(Event { code: code.to_owned(), details: details.into(), is_error, time });
    }

    /// Records a failed attempt.
    pub(crate) fn fault(&mut self, code: &str, details: impl Into<String>, time: Timestamp) {
        self.event(code, details, true, time);
        self.counts.faults += 1;
        self.trouble = Some(code.to_owned());
    }

    /// Notes that a file arrived: the task may go on for longer.
    pub(crate) fn arrived(&mut self, now: Timestamp) {
        if !self.deadline_is_fixed {
            self.deadline = self.deadline.max(later(now, PATIENCE_AFTER_PROGRESS));
        }
    }

    fn end(&mut self, end: End, kind: TaskType, now: Timestamp) {
        let (status, code) = match end {
            End::Succeeded => {
                if !self.skipped.is_empty() {
                    let details = format!("{} paths were skipped", self.skipped.len());
                    self.event("SKIPPED_ERRORS", details, false, now);
                }
                let done = match kind {
                    TaskType::Transfer => self.counts.files_transferred,
                    TaskType::Delete => self.counts.succeeded,
                };
                self.event("SUCCEEDED", pretty(&json!({ "files_succeeded": done })), false, now);
                (Status::Succeeded, None)
            }
            End::Failed { code } => {
                self.counts.failed += self.counts.pending();
                (Status::Failed, Some(code))
            }
            End::Canceled => {
                let details = match &self.canceled_by_admin {
                    Some((_, message)) => format!("Canceled by an administrator: {message}"),
                    None => "Canceled by the task owner".to_owned(),
                };
                self.event("CANCELED", details, true, now);
                self.counts.canceled += self.counts.pending();
                (Status::Failed, Some("CANCELED".to_owned()))
            }
            End::Expired => {
                let details = match kind {
                    TaskType::Transfer => "Transfer terminated because it hit the deadline",
                    TaskType::Delete => "Delete terminated because it hit the deadline",
                };
                self.event("EXPIRED", details, true, now);
                self.counts.expired += self.counts.pending();
                (Status::Failed, Some("EXPIRED".to_owned()))
            }
        };
        self.status = status;
        self.fatal_error = code.map(|code| (describe(&code), code)).map(|(text, code)| (code, text));
        self.completion_time = Some(now);
        self.queued = false;
        self.hold = Hold::default();
        self.trouble = None;
        self.counts.retrying = 0;
    }

    /// Forgets what happened in detail when the task ended long ago.
    fn forget_if_due(&mut self, now: Timestamp) {
        if !self.history_deleted && self.completion_time.is_some_and(|end| now >= later(end, HISTORY)) {
            self.history_deleted = true;
            self.events = VecDeque::new();
            self.successes = Vec::new();
            self.skipped = Vec::new();
        }
    }
}

/// The words of an event code: `FILE_NOT_FOUND` is `file not found`.
pub(crate) fn describe(code: &str) -> String {
    code.to_lowercase().replace('_', " ")
}

/// Writes the details of an event that are a document.
pub(crate) fn pretty(details: &serde_json::Value) -> String {
    format!("{details:#}")
}

/// Adds a duration; stays where it is at the end of time.
fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(time)
}

/// Locks what no panic can leave half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
