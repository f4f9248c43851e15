//! Files of a transfer.

use std::io;

use super::{Failure, Side, Step, TransferWork, Unit};
use crate::fs::checksum::Algorithm;
use crate::fs::{CollectionPath, CopyError, CopyOptions, Kind};
use crate::transfer::engine::Trouble;
use crate::transfer::submit::items::Checks;
use crate::transfer::task::{Success, TransferJob};

impl TransferWork {
    /// Copies a file, unless the destination is good already.
    pub(super) fn file(&self, job: &TransferJob, unit: &Unit) -> Result<Step, Failure> {
        let source = &self.runner.task.source;
        let destination = &job.destination;
        let (from, to) = (self.source_path(unit)?, self.destination_path(job, unit)?);
        self.runner.delay();
        self.strike_destination(job, unit)?;
        if unit.destination.ends_with('/') {
            let error = io::ErrorKind::IsADirectory.into();
            return Err(Trouble::io("store", destination, &unit.destination, &error).at(Side::Destination));
        }

        let mut step = Step::default();
        if let Some(level) = job.sync_level
            && self.is_in_sync(job, level, (&from, &to), unit, &mut step.bytes_checksummed)?
        {
            step.skipped_by_sync = true;
            return Ok(step);
        }

        let plain = Checks::default();
        let checks = unit.checks.as_deref().unwrap_or(&plain);
        let options = CopyOptions {
            preserve_timestamp: job.preserve_timestamp,
            verify: job.verify_checksum,
            algorithm: checks.algorithm,
            expected: checks.expected.as_deref(),
        };
        let mut counted = 0;
        let mut progress = |bytes: u64| {
            counted += bytes;
            let counts = self.runner.task.update(|progress| progress.counts.bytes_transferred += bytes);
            counts.is_some() && self.runner.is_wanted() && !self.runner.is_held()
        };
        let copied = source.root.copy_file(&from, &destination.root, &to, options, &mut progress);
        let copied = copied.map_err(|error| {
            // These bytes will be sent again.
            self.runner.task.update(|progress| progress.counts.bytes_transferred -= counted);
            self.copy_failure(job, unit, &from, error)
        })?;
        step.copied = Some(Success {
            source: unit.source.to_string(),
            destination: unit.destination.to_string(),
            size: copied.size,
            checksum: copied.checksum.map(|checksum| (checks.algorithm, checksum)),
        });
        Ok(step)
    }

    /// Whether the destination needs no copy, by the rule of the sync level.
    fn is_in_sync(
        &self,
        job: &TransferJob,
        level: u8,
        (from, to): (&CollectionPath, &CollectionPath),
        unit: &Unit,
        bytes_checksummed: &mut u64,
    ) -> Result<bool, Failure> {
        let source = &self.runner.task.source;
        let destination = &job.destination;
        let at_source = |error: io::Error| Trouble::io("stat", source, &unit.source, &error).at(Side::Source);
        let at_destination = |error: io::Error| {
            Trouble::io("stat", destination, &unit.destination, &error).at(Side::Destination)
        };
        let there = match destination.root.stat(to) {
            Ok(entry) => entry,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(at_destination(error)),
        };
        if there.kind != Kind::File {
            // The copy says what is wrong.
            return Ok(false);
        }
        let here = source.root.stat(from).map_err(at_source)?;
        let same_size = here.size == there.size;
        Ok(match level {
            0 => true,
            1 => same_size,
            2 => same_size && here.modified <= there.modified,
            _ => {
                same_size && {
                    let hash = Algorithm::default();
                    let one = source.root.checksum(from, hash).map_err(at_source)?;
                    let other = destination.root.checksum(to, hash).map_err(at_destination)?;
                    *bytes_checksummed += here.size;
                    one == other
                }
            }
        })
    }

    fn copy_failure(
        &self,
        job: &TransferJob,
        unit: &Unit,
        from: &CollectionPath,
        error: CopyError,
    ) -> Failure {
        let source = &self.runner.task.source;
        let destination = &job.destination;
        let on_source = |code: &str, text: &str| {
            Trouble::new(code, "retrieve", source, &unit.source, &text).at(Side::Source)
        };
        match error {
            CopyError::Source(error) => match source.root.stat(from) {
                Ok(entry) if entry.kind == Kind::InvalidLink => {
                    on_source("INVALID_SYMLINK", "the target of the link is missing")
                }
                _ => Trouble::io("retrieve", source, &unit.source, &error).at(Side::Source),
            },
            CopyError::Destination(error) => {
                Trouble::io("store", destination, &unit.destination, &error).at(Side::Destination)
            }
            CopyError::SourceChanged => {
                on_source("FILE_SIZE_CHANGED", "the file was written to while it was copied")
            }
            CopyError::Verify => {
                on_source("VERIFY_CHECKSUM", "source and destination have different checksums")
            }
            CopyError::External { found } => {
                let text = format!("the checksum of the file is {found}");
                on_source("EXTERNAL_CHECKSUM_MISMATCH", &text)
            }
            CopyError::Stopped => on_source("CANCELED", "the task has ended"),
        }
    }
}
