//! Transfers: items become directories and files, files are copied.

mod directory;
mod file;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use super::pool::{Outcome, Work};
use super::{Runner, Trouble};
use crate::fs::{CollectionPath, Kind};
use crate::transfer::access::Permission;
use crate::transfer::submit::items::{Checks, Form, TransferItem};
use crate::transfer::task::{
    End, Job, Lapse, Progress, Skipped, Success, TransferJob, is_lapse, lock, pretty,
};

/// One step of a transfer.
#[derive(Debug)]
pub(super) struct Unit {
    what: What,
    source: Box<str>,
    destination: Box<str>,
    checks: Option<Box<Checks>>,
    failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Find out what it is.
    Item(Form),
    Directory,
    File,
    Link,
}

impl Unit {
    pub(super) fn item(item: TransferItem) -> Unit {
        Unit {
            what: What::Item(item.form),
            source: item.source,
            destination: item.destination,
            checks: item.checks,
            failed: false,
        }
    }

    fn new(what: What, source: impl Into<Box<str>>, destination: impl Into<Box<str>>) -> Unit {
        Unit { what, source: source.into(), destination: destination.into(), checks: None, failed: false }
    }
}

/// What a step brought.
#[derive(Debug, Default)]
struct Step {
    /// What came to light.
    found: Vec<Unit>,
    copied: Option<Success>,
    skipped_by_sync: bool,
    bytes_checksummed: u64,
    /// What `delete_destination_extra` could not delete.
    undeleted: Vec<Skipped>,
}

/// Why a step failed, and on which side.
#[derive(Debug)]
struct Failure {
    trouble: Trouble,
    side: Side,
    fatal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    Destination,
}

impl Trouble {
    fn at(self, side: Side) -> Failure {
        Failure { trouble: self, side, fatal: false }
    }

    fn fatal(self, side: Side) -> Failure {
        Failure { trouble: self, side, fatal: true }
    }
}

/// The work of a transfer.
pub(super) struct TransferWork {
    runner: Arc<Runner>,
    last_report: Mutex<Instant>,
}

impl TransferWork {
    pub(super) fn new(runner: Arc<Runner>) -> TransferWork {
        TransferWork { runner, last_report: Mutex::new(Instant::now()) }
    }

    fn job(&self) -> Option<&TransferJob> {
        match &self.runner.task.job {
            Job::Transfer(job) => Some(job),
            Job::Delete(_) => None,
        }
    }

    fn attempt(&self, job: &TransferJob, unit: &Unit) -> Result<Step, Failure> {
        let source = &self.runner.task.source;
        self.runner.strike(source, &unit.source).map_err(|trouble| trouble.at(Side::Source))?;
        match unit.what {
            What::Item(form) => self.identify(unit, form),
            What::Directory => self.directory(job, unit),
            What::File => self.file(job, unit),
            What::Link => self.link(job, unit),
        }
    }

    /// Finds out whether an item is a file or a directory.
    fn identify(&self, unit: &Unit, form: Form) -> Result<Step, Failure> {
        let source = &self.runner.task.source;
        let path = self.source_path(unit)?;
        let trouble = |code: &str, text: &str| Trouble::new(code, "stat", source, &unit.source, &text);
        let entry = source
            .root
            .stat(&path)
            .map_err(|error| Trouble::io("stat", source, &unit.source, &error).at(Side::Source))?;
        let what = match (form, entry.kind) {
            (Form::Link, _) if entry.link.is_some() => What::Link,
            (Form::Link, _) => return Err(trouble("NOT_A_SYMLINK", "not a symbolic link").at(Side::Source)),
            (Form::Detect | Form::File, Kind::File) => What::File,
            (Form::Directory, Kind::Dir) => What::Directory,
            (Form::Detect, Kind::Dir)
                if unit.checks.as_ref().is_none_or(|checks| checks.expected.is_none()) =>
            {
                What::Directory
            }
            (Form::Detect | Form::File, Kind::Dir) => {
                return Err(trouble("IS_A_DIRECTORY", "Is a directory").fatal(Side::Source));
            }
            (Form::Directory, Kind::File) => {
                return Err(trouble("NOT_A_DIRECTORY", "Not a directory").fatal(Side::Source));
            }
            (_, Kind::InvalidLink) => {
                return Err(trouble("INVALID_SYMLINK", "the target of the link is missing").at(Side::Source));
            }
            (_, _) => return Err(trouble("NOT_A_FILE", "neither a file nor a directory").at(Side::Source)),
        };
        let mut found = Unit::new(what, unit.source.clone(), unit.destination.clone());
        found.checks.clone_from(&unit.checks);
        Ok(Step { found: vec![found], ..Step::default() })
    }

    /// Recreates a link.
    fn link(&self, job: &TransferJob, unit: &Unit) -> Result<Step, Failure> {
        let source = &self.runner.task.source;
        self.strike_destination(job, unit)?;
        let (from, to) = (self.source_path(unit)?, self.destination_path(job, unit)?);
        let io = |error: std::io::Error| {
            Trouble::io("symlink", &job.destination, &unit.destination, &error).at(Side::Destination)
        };
        job.destination.root.create_dir_all(&to.parent()).map_err(io)?;
        source.root.copy_link(&from, &job.destination.root, &to).map_err(io)?;
        Ok(Step::default())
    }

    /// Where a step reads.
    fn source_path(&self, unit: &Unit) -> Result<CollectionPath, Failure> {
        let path = self.runner.path(&self.runner.task.source, &unit.source, Permission::Read);
        path.map_err(|trouble| trouble.at(Side::Source))
    }

    /// Where a step writes.
    fn destination_path(&self, job: &TransferJob, unit: &Unit) -> Result<CollectionPath, Failure> {
        let path = self.runner.path(&job.destination, &unit.destination, Permission::Write);
        path.map_err(|trouble| trouble.at(Side::Destination))
    }

    fn strike_destination(&self, job: &TransferJob, unit: &Unit) -> Result<(), Failure> {
        self.runner
            .strike(&job.destination, &unit.destination)
            .map_err(|trouble| trouble.at(Side::Destination))
    }

    fn succeeded(&self, unit: &Unit, mut step: Step) -> Outcome<Unit> {
        let now = self.runner.state.clock.now();
        let found = std::mem::take(&mut step.found);
        let updated = self.runner.task.update(|progress| {
            let counts = &mut progress.counts;
            for unit in &found {
                match unit.what {
                    What::Directory => counts.directories += 1,
                    What::File => counts.files += 1,
                    What::Link => counts.symlinks += 1,
                    What::Item(_) => {}
                }
            }
            counts.succeeded += 1;
            let arrived = step.copied.is_some() || step.skipped_by_sync;
            counts.retrying -= u64::from(unit.failed);
            counts.files_transferred += u64::from(step.copied.is_some());
            counts.files_skipped += u64::from(step.skipped_by_sync);
            counts.bytes_checksummed += step.bytes_checksummed;
            progress.successes.extend(step.copied);
            progress.skipped.append(&mut step.undeleted);
            progress.trouble = None;
            if arrived {
                progress.arrived(now);
            }
            self.report(progress, now);
        });
        if updated.is_some() { Outcome::Done(found) } else { Outcome::Stop }
    }

    /// Reports progress now and then.
    fn report(&self, progress: &mut Progress, now: jiff::Timestamp) {
        let mut last = lock(&self.last_report);
        let elapsed = last.elapsed();
        if elapsed < self.runner.state.transfer.settings.progress_interval {
            return;
        }
        *last = Instant::now();
        let seconds = now.duration_since(self.runner.task.request_time).as_secs_f64();
        let bytes = progress.counts.bytes_transferred;
        #[expect(clippy::cast_precision_loss, reason = "a rate to show")]
        let mbps = if seconds > 0.0 { bytes as f64 * 8.0 / 1e6 / seconds } else { 0.0 };
        let details = json!({ "duration": seconds, "bytes_transferred": bytes, "mbps": mbps });
        progress.event("PROGRESS", pretty(&details), false, now);
    }

    fn failed(&self, job: &TransferJob, mut unit: Unit, failure: Failure) -> Outcome<Unit> {
        let now = self.runner.state.clock.now();
        let task = &self.runner.task;
        let Failure { trouble, side, fatal } = failure;
        match judge(job, &trouble.code, side, fatal) {
            Verdict::Skip => {
                let deletes_extra = job.delete_destination_extra && unit.what == What::Directory;
                let skipped = Skipped {
                    code: trouble.code,
                    details: trouble.details,
                    time: now,
                    is_directory: unit.what == What::Directory || unit.what == What::Item(Form::Directory),
                    is_symlink: unit.what == What::Link || unit.what == What::Item(Form::Link),
                    is_delete_destination_extra: false,
                    external: unit.checks.and_then(|checks| {
                        checks.expected.map(|expected| (checks.algorithm, expected.into_string()))
                    }),
                    source: Some(unit.source.into_string()),
                    destination: unit.destination.into_string(),
                };
                task.update(|progress| {
                    if deletes_extra {
                        let details = format!("Nothing was deleted in {}", skipped.destination);
                        progress.event("DELETE_DESTINATION_EXTRA_SKIPPED", details, false, now);
                    }
                    progress.counts.skipped_errors += 1;
                    progress.counts.retrying -= u64::from(unit.failed);
                    progress.skipped.push(skipped);
                });
                Outcome::Done(Vec::new())
            }
            Verdict::Retry => {
                task.update(|progress| {
                    progress.fault(&trouble.code, trouble.details, now);
                    progress.counts.retrying += u64::from(!unit.failed);
                });
                unit.failed = true;
                Outcome::Again(unit)
            }
            Verdict::Lapse => {
                let path = match side {
                    Side::Source => &unit.source,
                    Side::Destination => &unit.destination,
                };
                task.lapse(&trouble.code, &trouble.details, Lapse::Path(path.to_string()), now);
                Outcome::Hold(unit)
            }
            Verdict::Fatal(code) => {
                task.update(|progress| progress.fault(&code, trouble.details, now));
                task.finish(End::Failed { code }, now);
                Outcome::Stop
            }
        }
    }
}

/// What follows from a failure.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Retry,
    Skip,
    Lapse,
    Fatal(String),
}

/// Transfers are patient: most trouble is retried until the deadline.
fn judge(job: &TransferJob, code: &str, side: Side, fatal: bool) -> Verdict {
    let skippable = matches!(code, "PERMISSION_DENIED" | "FILE_NOT_FOUND" | "AMBIGUOUS_PATH");
    if fatal || code == "EXTERNAL_CHECKSUM_MISMATCH" {
        Verdict::Fatal(code.to_owned())
    } else if side == Side::Source && job.skip_source_errors && skippable {
        Verdict::Skip
    } else if is_lapse(code) {
        Verdict::Lapse
    } else if job.fail_on_quota_errors && matches!(code, "QUOTA_EXCEEDED" | "NO_SPACE_LEFT") {
        Verdict::Fatal("QUOTA_EXCEEDED".to_owned())
    } else {
        Verdict::Retry
    }
}

impl Work for TransferWork {
    type Unit = Unit;

    fn process(&self, unit: Unit) -> Outcome<Unit> {
        let Some(job) = self.job().filter(|_| self.runner.is_wanted()) else {
            return Outcome::Stop;
        };
        if self.runner.is_held() {
            return Outcome::Hold(unit);
        }
        match self.attempt(job, &unit) {
            Ok(step) => self.succeeded(&unit, step),
            // What fails because the task has ended is no failure.
            Err(_) if !self.runner.is_wanted() => Outcome::Stop,
            Err(_) if self.runner.is_held() => Outcome::Hold(unit),
            Err(failure) => self.failed(job, unit, failure),
        }
    }
}
