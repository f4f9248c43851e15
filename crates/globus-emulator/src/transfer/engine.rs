//! Runs tasks: waits for a slot, works, waits before the next attempt, until the task ends.

mod delete;
mod gate;
mod pool;
mod transfer;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::collections::Collection;
use super::task::{End, Job, Task, lock, pretty};
use crate::fs::{CollectionPath, PathError};
use crate::state::State;
use delete::DeleteWork;
use pool::Work;
use transfer::TransferWork;

/// How often a waiting task looks at the clock, which tests may move.
const TICK: Duration = Duration::from_millis(100);
/// The longest wait between attempts, in retry intervals.
const LONGEST_WAIT: u32 = 16;
/// How long a delayed file sleeps before it looks whether its task goes on.
const NAP: Duration = Duration::from_millis(10);

/// Runs a task to its end.
pub(super) async fn run(state: Arc<State>, task: Arc<Task>) {
    let runner =
        Arc::new(Runner { state, task, abandoned: AtomicBool::new(false), looked: Mutex::default() });
    // When the emulator stops, this future is dropped, and the threads that work for it must hear of that.
    let _abandon = Abandon(runner.clone());
    match &runner.task.job {
        Job::Transfer(job) => {
            let items = std::mem::take(&mut *lock(&job.items));
            let units = items.into_iter().map(transfer::Unit::item).collect();
            runner.attempts(TransferWork::new(runner.clone()), units).await;
        }
        Job::Delete(job) => {
            let items = std::mem::take(&mut *lock(&job.items));
            let units = items.into_iter().map(delete::Unit::new).collect();
            runner.attempts(DeleteWork::new(runner.clone()), units).await;
        }
    }
}

/// What every thread that works for a task needs.
#[derive(Debug)]
struct Runner {
    state: Arc<State>,
    task: Arc<Task>,
    abandoned: AtomicBool,
    /// When it was last checked what holds the task.
    looked: Mutex<Option<Instant>>,
}

struct Abandon(Arc<Runner>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Runner {
    /// Works on the units, again and again on those that fail, until none is left or the task ends.
    async fn attempts<W: Work + 'static>(&self, work: W, mut units: VecDeque<W::Unit>)
    where
        W::Unit: 'static,
    {
        let work = Arc::new(work);
        let settings = &self.state.transfer.settings;
        let slots = self.state.transfer.slots(self.task.owner, self.task.kind());
        let mut waits = 1;
        loop {
            self.released().await;
            let slot = tokio::select! {
                slot = slots.clone().acquire_owned() => slot,
                () = self.ended() => return,
            };
            if self.is_held() {
                continue;
            }
            if self.start().is_none() {
                return;
            }
            let before = self.succeeded();
            let (worker, workers) = (work.clone(), settings.workers);
            let pass = tokio::task::spawn_blocking(move || pool::run(&*worker, units, workers)).await;
            // A task that waits for its next attempt lets others work.
            drop(slot);
            units = match pass {
                Ok(left) => left,
                Err(error) => return self.broken(&error),
            };
            if units.is_empty() {
                self.task.finish(End::Succeeded, self.state.clock.now());
                return;
            }
            if self.is_held() {
                continue;
            }
            waits = if self.succeeded() > before { 1 } else { (waits * 2).min(LONGEST_WAIT) };
            tokio::select! {
                () = tokio::time::sleep(settings.retry_interval * waits / 2) => {}
                () = self.ended() => return,
            }
            self.task.update(|progress| progress.queued = true);
        }
    }

    /// Leaves the queue; records the first start.
    fn start(&self) -> Option<()> {
        let workers = self.state.transfer.settings.workers;
        let now = self.state.clock.now();
        let kind = match self.task.job {
            Job::Transfer(_) => "GridFTP Transfer",
            Job::Delete(_) => "GridFTP Delete",
        };
        self.task.update(|progress| {
            progress.queued = false;
            if !std::mem::replace(&mut progress.started, true) {
                let details = json!({
                    "type": kind,
                    "concurrency": workers,
                    "parallelism": 4,
                    "pipelining": 20,
                });
                progress.event("STARTED", pretty(&details), false, now);
            }
        })
    }

    /// Waits until the task has ended, by whatever means.
    async fn ended(&self) {
        while self.is_wanted() {
            tokio::select! {
                () = self.task.ended() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Waits until nothing holds the task, or it has ended.
    async fn released(&self) {
        while self.is_wanted() && self.is_held() {
            tokio::time::sleep(TICK).await;
        }
    }

    fn succeeded(&self) -> u64 {
        self.task.read(self.state.clock.now()).counts.succeeded
    }

    /// Ends a task whose worker died, which is a fault of the emulator.
    fn broken(&self, error: &tokio::task::JoinError) {
        tracing::error!(%error, task = %self.task.id, "a task died inside the emulator");
        let now = self.state.clock.now();
        let code = "INTERNAL_ERROR";
        self.task.update(|progress| progress.fault(code, "The worker of this task died", now));
        self.task.finish(End::Failed { code: code.to_owned() }, now);
    }

    /// Whether there is still something to work for.
    fn is_wanted(&self) -> bool {
        !self.abandoned.load(Ordering::Relaxed) && self.task.is_pending(self.state.clock.now())
    }

    /// Takes the time that a file should at least take.
    fn delay(&self) {
        let until = Instant::now() + self.state.transfer.settings.file_delay;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if left.is_zero() || !self.is_wanted() || self.is_held() {
                break;
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    /// Fails if a fault was put in the way of this path.
    fn strike(&self, collection: &Collection, path: &str) -> Result<(), Trouble> {
        match self.state.transfer.faults.strike(path) {
            None => Ok(()),
            Some(code) => {
                let details =
                    details("transfer", collection, path, "a fault that the emulator was asked for");
                Err(Trouble { code, details })
            }
        }
    }
}

/// A failure at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trouble {
    code: String,
    details: String,
}

impl Trouble {
    fn new(
        code: &str,
        command: &str,
        collection: &Collection,
        path: &str,
        error: &dyn std::fmt::Display,
    ) -> Trouble {
        Trouble { code: code.to_owned(), details: details(command, collection, path, error) }
    }

    fn io(command: &str, collection: &Collection, path: &str, error: &std::io::Error) -> Trouble {
        Trouble::new(super::collections::event_code(error), command, collection, path, error)
    }
}

/// What the storage says of a failure.
fn details(command: &str, collection: &Collection, path: &str, error: impl std::fmt::Display) -> String {
    format!(
        "Error ({command})\n{}\nFile: {path}\nMessage: Fatal FTP response\n---\nDetails: 550 {error}",
        collection.described()
    )
}

/// Reads a path of a task: one that the client named, or one that was found below it.
fn read_path(collection: &Collection, path: &str) -> Result<CollectionPath, Trouble> {
    CollectionPath::found(path).map_err(|error| {
        let code = match error {
            PathError::OutsideRoot => "PERMISSION_DENIED",
            _ => "INVALID_PATH_NAME",
        };
        Trouble::new(code, "path", collection, path, &error)
    })
}
