//! Directories of a transfer: made, cleaned of extra entries, and searched for what is to be copied.

use std::collections::HashMap;
use std::io;

use super::{Failure, Side, Step, TransferWork, Unit, What};
use crate::fs::{CollectionPath, Entry, Kind};
use crate::transfer::engine::{Trouble, read_path};
use crate::transfer::submit::items::is_excluded;
use crate::transfer::task::{Skipped, Symlinks, TransferJob};

impl TransferWork {
    /// Makes the directory at the destination and finds what is in the source.
    pub(super) fn directory(&self, job: &TransferJob, unit: &Unit) -> Result<Step, Failure> {
        let source = &self.runner.task.source;
        let destination = &job.destination;
        let (from, to) = (self.source_path(unit)?, self.destination_path(job, unit)?);
        let mut entries = source
            .root
            .list(&from)
            .map_err(|error| Trouble::io("list", source, &unit.source, &error).at(Side::Source))?;
        self.strike_destination(job, unit)?;
        destination.root.create_dir_all(&to).map_err(|error| {
            Trouble::io("make directories", destination, &unit.destination, &error).at(Side::Destination)
        })?;

        let mut step = Step::default();
        if job.delete_destination_extra {
            step.undeleted = self.delete_extra(job, unit, &entries, &to)?;
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let rules = job.filter_rules.as_deref().unwrap_or_default();
        step.found = entries
            .iter()
            .filter(|entry| !is_excluded(rules, &entry.name, entry.kind == Kind::Dir))
            .filter_map(|entry| {
                let what = wanted(entry, job.recursive_symlinks)?;
                Some(Unit::new(what, join(&unit.source, &entry.name), join(&unit.destination, &entry.name)))
            })
            .collect();
        Ok(step)
    }

    /// Deletes what the source does not have, or has as something else. What the filter rules hide stays.
    /// Returns what could not be deleted.
    fn delete_extra(
        &self,
        job: &TransferJob,
        unit: &Unit,
        source: &[Entry],
        to: &CollectionPath,
    ) -> Result<Vec<Skipped>, Failure> {
        let destination = &job.destination;
        let io = |error: io::Error| {
            Trouble::io("list", destination, &unit.destination, &error).at(Side::Destination)
        };
        let rules = job.filter_rules.as_deref().unwrap_or_default();
        let kinds: HashMap<&str, Kind> =
            source.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
        let mut undeleted = Vec::new();
        for entry in destination.root.list(to).map_err(io)? {
            let is_dir = entry.kind == Kind::Dir;
            let same = kinds.get(entry.name.as_str()).is_some_and(|kind| (*kind == Kind::Dir) == is_dir);
            if same || is_excluded(rules, &entry.name, is_dir) {
                continue;
            }
            let shown = join(&unit.destination, &entry.name);
            let deleted = self
                .runner
                .strike(destination, &shown)
                .and_then(|()| read_path(destination, &shown))
                .and_then(|path| {
                    let gone = destination.root.remove(&path);
                    gone.map_err(|error| Trouble::io("delete", destination, &shown, &error))
                });
            if let Err(trouble) = deleted {
                undeleted.push(Skipped {
                    source: None,
                    destination: shown,
                    code: trouble.code,
                    details: trouble.details,
                    time: self.runner.state.clock.now(),
                    is_directory: is_dir,
                    is_symlink: entry.link.is_some(),
                    is_delete_destination_extra: true,
                    external: None,
                });
            }
        }
        Ok(undeleted)
    }
}

/// What is to be done with an entry of a directory. Pipes, devices and ignored links are left out.
fn wanted(entry: &Entry, symlinks: Symlinks) -> Option<What> {
    match (entry.link.is_some(), symlinks, entry.kind) {
        (true, Symlinks::Ignore, _) => None,
        (true, Symlinks::Keep, _) => Some(What::Link),
        (_, _, Kind::Dir) => Some(What::Directory),
        (_, _, Kind::File | Kind::InvalidLink) => Some(What::File),
        _ => None,
    }
}

fn join(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}
