//! The counters of a task.

/// How much there is to do, and what became of it. A unit ("subtask") is an item, a directory, a file or a link
/// of a transfer, or an item of a delete task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    items: u64,
    /// Files found; of a delete task, its items.
    pub(crate) files: u64,
    pub(crate) directories: u64,
    /// Links that are recreated.
    pub(crate) symlinks: u64,
    files_are_units: bool,
    pub(crate) files_transferred: u64,
    pub(crate) files_skipped: u64,
    pub(crate) bytes_transferred: u64,
    pub(crate) bytes_checksummed: u64,
    /// Failed attempts.
    pub(crate) faults: u64,
    /// Pending units that failed before.
    pub(crate) retrying: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) canceled: u64,
    pub(crate) expired: u64,
    pub(crate) skipped_errors: u64,
}

impl Counts {
    pub(crate) fn of_transfer(items: usize) -> Counts {
        Counts { items: items as u64, files_are_units: true, ..Counts::default() }
    }

    pub(crate) fn of_delete(items: usize) -> Counts {
        Counts { items: items as u64, files: items as u64, ..Counts::default() }
    }

    pub(crate) fn total(&self) -> u64 {
        let found = if self.files_are_units { self.files + self.directories + self.symlinks } else { 0 };
        self.items + found
    }

    /// Units without an end yet.
    pub(crate) fn pending(&self) -> u64 {
        let ended = self.succeeded + self.failed + self.canceled + self.expired + self.skipped_errors;
        self.total().saturating_sub(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_transfers_and_deletes() {
        let one_file = Counts { files: 1, ..Counts::of_transfer(1) };
        assert_eq!((one_file.total(), one_file.pending()), (2, 2));
        let tree = Counts { files: 3, directories: 2, succeeded: 4, ..Counts::of_transfer(1) };
        assert_eq!((tree.total(), tree.pending()), (6, 2));
        let links = Counts { directories: 1, symlinks: 2, skipped_errors: 1, ..Counts::of_transfer(1) };
        assert_eq!((links.total(), links.pending()), (4, 3));
        let delete = Counts { failed: 1, ..Counts::of_delete(2) };
        assert_eq!((delete.files, delete.total(), delete.pending()), (2, 2, 1));
    }
}
