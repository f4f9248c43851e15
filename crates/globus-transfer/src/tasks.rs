//! Tasks: what becomes of submitted transfers and deletions.

mod codes;
mod events;
mod fault;
mod models;
mod progress;
mod report;
mod set;
mod stall;
mod verdict;
mod wait;

use globus_core::{TaskId, Timestamp, request};

pub(crate) use self::set::ended;
pub use self::{
    codes::{AdminSide, LocalUserStatus, TaskCode, TaskStatus, TaskType},
    fault::{EventDetails, Fault, FaultCause},
    models::{
        EventPage, FatalError, ResourceLink, SkippedError, SkippedErrorPage, SuccessfulTransfer,
        SuccessfulTransferPage, Task, TaskEvent, TaskPage,
    },
    progress::Progress,
    report::{FailedFile, TaskReport, TaskReportRequest},
    set::{SetOutcome, TaskSet, TaskSetWait},
    stall::{StallPolicy, StallReason},
    verdict::{Failed, Inactive, InactiveReason, Stalled, Succeeded, TaskError, TimedOut},
    wait::TaskWait,
};
use crate::{Filter, TransferClient, files::OperationResult, filter::filter_setter, submit::check_label};

request! {
    /// # Tasks
    ///
    /// [`task_wait`](Self::task_wait) waits for one to end.
    impl TransferClient {
        /// Describes a task.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task = transfer.get_task("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").send().await?;
        /// println!("{} {:?}", task.status, task.nice_status_short_description);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_task_by_id>
        #[doc(alias = "task show")]
        fn get_task(task_id: id TaskId) -> GetTask => Task {
            GET "v0.10" / "task" / task_id;
        }

        /// Lists the user's tasks.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::Filter;
        ///
        /// let running = Filter::new().any_of("status", ["ACTIVE", "INACTIVE"]);
        /// let mut tasks = transfer.task_list().filter(running).orderby(["request_time DESC"]).items();
        /// while let Some(task) = tasks.try_next().await? {
        ///     println!("{} {} {:?}", task.task_id, task.status, task.label);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 400 when the filter or the order cannot be understood.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_task_list>
        #[doc(alias = "task list")]
        fn task_list() -> TaskList => TaskPage {
            GET "v0.10" / "task_list";
            query {
                /// Gives at most this many a page. Most: 1,000. [`items`](Self::items) asks for 1,000 unless told
                /// otherwise; a single page has as many as the service likes.
                limit: number u32;
                /// Leaves out this many at the beginning. Service default: 0.
                offset: number u64;
                /// Sorts by these fields, each as `name`, `name ASC` or `name DESC`, e.g. `request_time DESC`.
                orderby: joined;
            }
            paged OffsetTotal(1000) of Task;
        }

        /// Lists what happened to a task, newest first.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// let mut errors = transfer.task_event_list(task_id).filter("is_error:1").items();
        /// while let Some(event) = errors.try_next().await? {
        ///     println!("{:?} {} {:?}", event.time, event.code, event.details);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The service keeps events for 30 days after the task ended.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_event_list>
        #[doc(alias = "task event-list")]
        fn task_event_list(task_id: id TaskId) -> TaskEventList => EventPage {
            GET "v0.10" / "task" / task_id / "event_list";
            query {
                /// Gives at most this many a page. Most: 1,000. [`items`](Self::items) asks for 1,000 unless told
                /// otherwise; a single page has as many as the service likes.
                limit: number u32;
                /// Leaves out this many at the beginning. Service default: 0.
                offset: number u64;
            }
            paged OffsetTotal(1000) of TaskEvent;
        }

        /// Cancels a task. What it has done stays done.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::files::ResultCode;
        ///
        /// let result = transfer.cancel_task("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").send().await?;
        /// if result.code == Some(ResultCode::TaskComplete) {
        ///     println!("too late");
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// A cancelled task has the status `FAILED` and the fatal error `CANCELED`. That it had ended already is no
        /// error: the code is [`TaskComplete`](crate::files::ResultCode::TaskComplete) then. Cancelling twice is
        /// cancelling once, so the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#cancel_task_by_id>
        #[doc(alias = "task cancel")]
        fn cancel_task(task_id: id TaskId) -> CancelTask => OperationResult {
            POST "v0.10" / "task" / task_id / "cancel";
            idempotent;
        }

        /// Changes the label or the deadline of a running task.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> Result<(), Box<dyn std::error::Error>> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// let deadline: globus_transfer::Timestamp = "2027-01-31T12:00:00Z".parse()?;
        /// transfer.update_task(task_id).label("run 7, again").deadline(deadline).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when the task has ended,
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#update_task_by_id>
        #[doc(alias = "task update")]
        fn update_task(task_id: id TaskId) -> UpdateTask => OperationResult {
            PUT "v0.10" / "task" / task_id;
            with json { "DATA_TYPE" = "task"; }
            json {
                /// Ends the task as failed when it has not succeeded by then. One in the past ends it now.
                deadline: any Timestamp;
            }
        }

        /// Lists the files that a transfer copied.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mut copied = transfer.task_successful_transfers("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").items();
        /// while let Some(file) = copied.try_next().await? {
        ///     println!("{:?} -> {:?}", file.source_path, file.destination_path);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Neither directories nor files that were there already. Only for transfers that have ended; the service
        /// keeps the list for 30 days.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task,
        /// [`status`](globus_core::Error::status) 400 when it is no transfer.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_task_successful_transfers>
        #[doc(alias = "task show --successful-transfers")]
        fn task_successful_transfers(task_id: id TaskId) -> TaskSuccessfulTransfers => SuccessfulTransferPage {
            GET "v0.10" / "task" / task_id / "successful_transfers";
            query {
                /// Gives the page that this marker leads to.
                marker: text;
            }
            paged NullableMarker of SuccessfulTransfer;
        }

        /// Lists the files that a transfer left out because of errors, where it was told to skip those.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let skipped = transfer.task_skipped_errors("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").items();
        /// for file in skipped.try_collect().await? {
        ///     println!("{:?}: {:?}", file.source_path, file.error_details);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The service keeps the list for 30 days after the task ended.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when the user has no such task.
        ///
        /// Service: <https://docs.globus.org/api/transfer/task/#get_task_skipped_errors>
        #[doc(alias = "task show --skipped-errors")]
        fn task_skipped_errors(task_id: id TaskId) -> TaskSkippedErrors => SkippedErrorPage {
            GET "v0.10" / "task" / task_id / "skipped_errors";
            query {
                /// Gives the page that this marker leads to.
                marker: text;
            }
            paged NullableMarker of SkippedError;
        }
    }
}

impl UpdateTask {
    /// Names the task, for people: up to 128 characters, without line breaks, and without blanks around it.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        let label: String = label.into();
        match check_label(&label) {
            Ok(()) => self.call.member("label", label),
            Err(problem) => self.call.problem(problem),
        }
        self
    }
}

filter_setter! {
    TaskList, Filter,
    /// Gives only tasks that meet this filter.
    ///
    /// Fields: `task_id`, `type`, `status`, `label`, `request_time`, `completion_time`. A second call replaces the first.
}

filter_setter! {
    TaskEventList, Filter,
    /// Gives only events that meet this filter: `is_error:1`, or `is_error:0`. A second call replaces the first.
}
