//! Delete tasks.

use std::io;
use std::sync::Arc;

use super::pool::{Outcome, Work};
use super::{Runner, Trouble};
use crate::fs::{CollectionPath, Kind};
use crate::transfer::access::Permission;
use crate::transfer::glob::{Glob, Syntax};
use crate::transfer::submit::items::DeleteItem;
use crate::transfer::task::{DeleteJob, End, Job, Lapse, is_lapse};

/// One path to delete.
#[derive(Debug)]
pub(super) struct Unit {
    path: Box<str>,
    failed: bool,
}

impl Unit {
    pub(super) fn new(item: DeleteItem) -> Unit {
        Unit { path: item.path, failed: false }
    }
}

/// The work of a delete task.
pub(super) struct DeleteWork {
    runner: Arc<Runner>,
}

impl DeleteWork {
    pub(super) fn new(runner: Arc<Runner>) -> DeleteWork {
        DeleteWork { runner }
    }

    fn job(&self) -> Option<&DeleteJob> {
        match &self.runner.task.job {
            Job::Delete(job) => Some(job),
            Job::Transfer(_) => None,
        }
    }

    fn attempt(&self, job: &DeleteJob, path: &str) -> Result<(), Trouble> {
        let source = &self.runner.task.source;
        self.runner.delay();
        self.runner.strike(source, path)?;
        let parsed = self.runner.path(source, path, Permission::Write)?;
        let io = |error: io::Error| Trouble::io("delete", source, path, &error);
        let missing = || io(io::ErrorKind::NotFound.into());
        let pattern = parsed.name().filter(|_| job.interpret_globs);
        let result = match pattern {
            None => self.remove(job, &parsed, path),
            Some(pattern) => {
                let entries = source.root.list(&parsed.parent()).map_err(io)?;
                let hidden = pattern.starts_with('.');
                let glob = Glob::new(&pattern, Syntax::ShellWithEscapes);
                let names = entries.into_iter().map(|entry| entry.name).filter(|name| {
                    glob.matches(name) && (hidden || !name.starts_with('.') || !glob.is_special())
                });
                let mut found = false;
                for name in names {
                    found = true;
                    let shown = format!("/{}/{name}", parsed.parent().to_text()).replace("//", "/");
                    let path = self.runner.path(source, &shown, Permission::Write)?;
                    self.remove(job, &path, &shown)?;
                }
                if found { Ok(()) } else { Err(missing()) }
            }
        };
        match result {
            Err(trouble) if job.ignore_missing && trouble.code == "FILE_NOT_FOUND" => Ok(()),
            other => other,
        }
    }

    fn remove(&self, job: &DeleteJob, path: &CollectionPath, shown: &str) -> Result<(), Trouble> {
        let source = &self.runner.task.source;
        let io = |error: io::Error| Trouble::io("delete", source, shown, &error);
        let entry = source.root.stat(path).map_err(io)?;
        if entry.kind == Kind::Dir && entry.link.is_none() && job.recursive == Some(false) {
            return Err(io(io::ErrorKind::IsADirectory.into()));
        }
        source.root.remove(path).map_err(io)
    }
}

impl Work for DeleteWork {
    type Unit = Unit;

    fn process(&self, mut unit: Unit) -> Outcome<Unit> {
        let Some(job) = self.job().filter(|_| self.runner.is_wanted()) else {
            return Outcome::Stop;
        };
        if self.runner.is_held() {
            return Outcome::Hold(unit);
        }
        let result = self.attempt(job, &unit.path);
        let now = self.runner.state.clock.now();
        let task = &self.runner.task;
        match result {
            Ok(()) => {
                task.update(|progress| {
                    progress.counts.succeeded += 1;
                    progress.counts.retrying -= u64::from(unit.failed);
                    progress.trouble = None;
                });
                Outcome::Done(Vec::new())
            }
            Err(trouble) if is_lapse(&trouble.code) => {
                let lapse = Lapse::Path(unit.path.to_string());
                task.lapse(&trouble.code, &trouble.details, lapse, now);
                Outcome::Hold(unit)
            }
            Err(trouble) => {
                task.update(|progress| {
                    progress.fault(&trouble.code, trouble.details, now);
                    progress.counts.retrying += u64::from(!unit.failed);
                });
                if is_fatal(&trouble.code) {
                    task.finish(End::Failed { code: trouble.code }, now);
                    return Outcome::Stop;
                }
                unit.failed = true;
                Outcome::Again(unit)
            }
        }
    }
}

/// Deletes are not patient: only trouble that passes by itself is worth another attempt.
fn is_fatal(code: &str) -> bool {
    matches!(
        code,
        "FILE_NOT_FOUND"
            | "PERMISSION_DENIED"
            | "IS_A_DIRECTORY"
            | "NOT_A_DIRECTORY"
            | "INVALID_PATH_NAME"
            | "AMBIGUOUS_PATH"
    )
}
