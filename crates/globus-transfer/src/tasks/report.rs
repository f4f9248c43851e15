//! What became of each file.

use std::collections::BTreeMap;

use globus_core::{Error, IntoId, InvalidId, Result, TaskId};

use super::{
    codes::{TaskCode, TaskType},
    fault::FaultCause,
    models::{SkippedError, SuccessfulTransfer, Task},
};
use crate::TransferClient;

/// # What became of each file
impl TransferClient {
    /// Tells what became of the files of a task: which were copied, left out, and kept from being copied.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// let report = transfer.task_report("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").send().await?;
    /// for file in &report.failed {
    ///     println!("{:?} {}: {:?}", file.cause, file.path, file.message);
    /// }
    /// println!("{} copied, {} left out", report.succeeded.len(), report.skipped.len());
    /// # Ok(()) }
    /// ```
    ///
    /// Copied files are listed for transfers that have ended well; which files failed is read from the errors among the
    /// events. The service keeps all of it for 30 days after the task ended.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
    pub fn task_report(&self, task_id: impl IntoId<TaskId>) -> TaskReportRequest {
        TaskReportRequest { client: self.clone(), task_id: task_id.into_id(), max_files: 100_000 }
    }
}

/// Is a request for [`TransferClient::task_report`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct TaskReportRequest {
    client: TransferClient,
    task_id: Result<TaskId, InvalidId>,
    max_files: usize,
}

/// Tells what became of the files of a task.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TaskReport {
    /// The task.
    pub task: Box<Task>,
    /// The files that were copied.
    pub succeeded: Vec<SuccessfulTransfer>,
    /// The files that were left out because of errors.
    pub skipped: Vec<SkippedError>,
    /// The files and directories that errors were about, with the last error of each. In a task that succeeded they
    /// were copied in the end, and are not told here.
    pub failed: Vec<FailedFile>,
    /// Whether there is more than was asked for: see [`TaskReportRequest::max_files`].
    pub truncated: bool,
}

/// Names a file or directory that an error was about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedFile {
    /// The path, as the storage wrote it.
    pub path: String,
    /// The kind of thing that went wrong.
    pub cause: FaultCause,
    /// The service's word for it.
    pub code: TaskCode,
    /// What the storage wrote about it.
    pub message: Option<String>,
}

impl TaskReportRequest {
    /// Gives at most this many of each list. Default: 100,000; a task can have 100 million files.
    pub fn max_files(mut self, files: usize) -> Self {
        self.max_files = files;
        self
    }

    /// Asks for the task and its lists.
    ///
    /// # Errors
    /// As [`TransferClient::task_report`].
    pub async fn send(self) -> Result<TaskReport> {
        let Self { client, task_id, max_files } = self;
        let task_id = task_id.map_err(Error::from)?;
        let task = Box::new(client.get_task(task_id).send().await?);
        let mut truncated = false;
        let (mut succeeded, mut skipped) = (Vec::new(), Vec::new());
        // A deletion has neither list.
        if task.task_type != Some(TaskType::Delete) && task.status.is_final() {
            let mut list = client.task_successful_transfers(task_id).items();
            while let Some(file) = list.try_next().await? {
                if succeeded.len() == max_files {
                    truncated = true;
                    break;
                }
                succeeded.push(file);
            }
        }
        if task.task_type != Some(TaskType::Delete) {
            let mut list = client.task_skipped_errors(task_id).items();
            while let Some(file) = list.try_next().await? {
                if skipped.len() == max_files {
                    truncated = true;
                    break;
                }
                skipped.push(file);
            }
        }
        let mut failed = BTreeMap::new();
        if task.status != super::TaskStatus::Succeeded && task.faults != Some(0) {
            let mut events = client.task_event_list(task_id).filter("is_error:1").items();
            while let Some(event) = events.try_next().await? {
                let Some(fault) = event.fault() else { continue };
                let Some(path) = fault.path else { continue };
                if failed.contains_key(path) {
                    continue;
                }
                if failed.len() == max_files {
                    truncated = true;
                    break;
                }
                failed.insert(
                    path.to_owned(),
                    FailedFile {
                        path: path.to_owned(),
                        cause: fault.cause,
                        code: event.code.clone(),
                        message: fault.message.map(str::to_owned),
                    },
                );
            }
        }
        Ok(TaskReport { task, succeeded, skipped, failed: failed.into_values().collect(), truncated })
    }
}
