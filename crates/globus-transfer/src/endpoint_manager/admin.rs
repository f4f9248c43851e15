//! Cancelling, pausing and resuming the tasks of others.

use globus_core::{Extra, IntoId, InvalidId, TaskId, request};
use serde::{Deserialize, Serialize, Serializer, ser};

use crate::{
    TransferClient,
    document::{extra_accessors, or_default},
    files::OperationResult,
    parts::DataType,
};

request! {
    /// # Endpoint manager: cancelling and pausing tasks
    impl TransferClient {
        /// Cancels tasks of anybody, and tells their owners why.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let tasks = ["8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "8b3a7c1e-6a61-11f0-8b6d-0affc0000002"];
        /// let cancel = transfer.endpoint_manager_cancel_tasks(tasks, "The disk is full.").send().await?;
        /// println!("{}", transfer.endpoint_manager_cancel_status(cancel.id).send().await?.done);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the source or destination of each. The answer comes before the tasks have
        /// stopped: ask [`endpoint_manager_cancel_status`](Self::endpoint_manager_cancel_status) until it is done. Not
        /// retried when it may have reached the service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when no task, or no message, was given.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#admin_cancel>
        #[doc(alias = "admin_cancel")]
        fn endpoint_manager_cancel_tasks(task_ids: document TaskIds, message: text) -> EndpointManagerCancelTasks => AdminCancel {
            POST "v0.10" / "endpoint_manager" / "admin_cancel";
            with json { "message" = message; "task_id_list" = task_ids; }
        }

        /// Says how far the cancelling of tasks is.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// println!("{}", transfer.endpoint_manager_cancel_status(123).send().await?.done);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when nothing was cancelled under that id,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when it was somebody else.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_cancel_status_by_id>
        fn endpoint_manager_cancel_status(admin_cancel_id: number u64) -> EndpointManagerCancelStatus => AdminCancel {
            GET "v0.10" / "endpoint_manager" / "admin_cancel" / admin_cancel_id;
        }

        /// Pauses tasks of anybody, and tells their owners why.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let tasks = ["8b3a7c1e-6a61-11f0-8b6d-0affc0000001"];
        /// transfer.endpoint_manager_pause_tasks(tasks, "The tape library moves.").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the source or destination of each. Pausing twice is pausing once, so the
        /// request is retried after any failure. While a task is paused, its deadline is 90 days away.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when no task, or no message, was given.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#pause_tasks_as_admin>
        #[doc(alias = "admin_pause")]
        fn endpoint_manager_pause_tasks(task_ids: document TaskIds, message: text) -> EndpointManagerPauseTasks => OperationResult {
            POST "v0.10" / "endpoint_manager" / "admin_pause";
            idempotent;
            with json { "message" = message; "task_id_list" = task_ids; }
        }

        /// Lets tasks of anybody go on that were paused with
        /// [`endpoint_manager_pause_tasks`](Self::endpoint_manager_pause_tasks).
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.endpoint_manager_resume_tasks(["8b3a7c1e-6a61-11f0-8b6d-0affc0000001"]).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the source or destination of each. What a pause rule pauses
        /// stays paused.
        /// Resuming twice is resuming once, so the request is retried after any failure.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`ErrorKind::InvalidInput`](globus_core::ErrorKind::InvalidInput) when no task was given.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#resume_tasks_as_admin>
        #[doc(alias = "admin_resume")]
        fn endpoint_manager_resume_tasks(task_ids: document TaskIds) -> EndpointManagerResumeTasks => OperationResult {
            POST "v0.10" / "endpoint_manager" / "admin_resume";
            idempotent;
            with json { "task_id_list" = task_ids; }
        }
    }
}

/// Names tasks: made from an array, a slice or a `Vec` of ids or texts.
///
/// A text that is no task id, or no task at all, gives its error when the request is sent.
#[derive(Debug, Clone)]
pub struct TaskIds(Result<Vec<TaskId>, InvalidId>);

impl<I: IntoId<TaskId>> FromIterator<I> for TaskIds {
    fn from_iter<T: IntoIterator<Item = I>>(ids: T) -> Self {
        Self(ids.into_iter().map(IntoId::into_id).collect())
    }
}

impl<I: IntoId<TaskId>, const N: usize> From<[I; N]> for TaskIds {
    fn from(ids: [I; N]) -> Self {
        ids.into_iter().collect()
    }
}

impl<I: IntoId<TaskId>> From<Vec<I>> for TaskIds {
    fn from(ids: Vec<I>) -> Self {
        ids.into_iter().collect()
    }
}

impl<'a, I> From<&'a [I]> for TaskIds
where
    &'a I: IntoId<TaskId>,
{
    fn from(ids: &'a [I]) -> Self {
        ids.iter().collect()
    }
}

impl Serialize for TaskIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Ok(ids) if ids.is_empty() => Err(ser::Error::custom("no task was given")),
            Ok(ids) => ids.serialize(serializer),
            Err(invalid) => Err(ser::Error::custom(invalid)),
        }
    }
}

/// Says how far the cancelling of tasks is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AdminCancel {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// The id.
    pub id: u64,
    /// Whether all tasks have been cancelled, or had ended before.
    #[serde(default, deserialize_with = "or_default")]
    pub done: bool,
    /// The tasks.
    #[serde(default, deserialize_with = "or_default")]
    pub task_id_list: Vec<TaskId>,
    /// What the owners were told.
    pub message: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(AdminCancel);
