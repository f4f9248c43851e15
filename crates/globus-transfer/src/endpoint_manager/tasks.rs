//! Everybody's tasks on the collections that a user looks after.

use globus_core::{CollectionId, Extra, IdentityId, IntoId, Page, PageInfo, TaskId, Timestamp, request};
use serde::{Deserialize, Serialize};

use crate::{
    TransferClient,
    document::{extra_accessors, or_default},
    endpoints::TransferUse,
    parts::DataType,
    pause::PauseInfo,
    tasks::{
        EventPage, SkippedError, SkippedErrorPage, SuccessfulTransfer, SuccessfulTransferPage, Task,
        TaskEvent, TaskStatus,
    },
};

request! {
    /// # Endpoint manager: tasks
    impl TransferClient {
        /// Lists everybody's tasks on the collections that the user looks after.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::TaskStatus;
        ///
        /// let mut running = transfer
        ///     .endpoint_manager_task_list()
        ///     .filter_status([TaskStatus::Active, TaskStatus::Inactive])
        ///     .filter_min_faults(10)
        ///     .items();
        /// while let Some(task) = running.try_next().await? {
        ///     println!("{} {:?} {:?}", task.task_id, task.owner_string, task.faults);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor`. Unless only running tasks are asked for (the status `ACTIVE` or
        /// `INACTIVE`), either `filter_task_id` or `filter_endpoint` has to be given. A task must meet all filters.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 400 when the filters do not go together,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking, also for a single
        /// task of `filter_task_id`; [`is_not_found`](globus_core::Error::is_not_found), with the code `UserNotFound`, when
        /// the identity of `filter_owner_id` is none, or has never used the service.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_tasks>
        #[doc(alias = "endpoint-manager task list")]
        fn endpoint_manager_task_list() -> EndpointManagerTaskList => ManagedTaskPage {
            GET "v0.10" / "endpoint_manager" / "task_list";
            query {
                /// Gives tasks of this identity, and of those that were linked to it when the task was submitted.
                filter_owner_id: id IdentityId;
                /// Gives tasks from or to this collection, or to or from guest collections on it.
                filter_endpoint: id CollectionId;
                /// Gives tasks in which that collection is this. Together with `filter_endpoint` only.
                filter_endpoint_use: word TransferUse;
                /// Gives only paused tasks (true), or only those that are not (false). Together with the status `ACTIVE`
                /// or `INACTIVE` only.
                filter_is_paused: python_flag;
                /// Gives tasks that met at least this many errors.
                filter_min_faults: number u64;
                /// Gives tasks of this account of a mapped collection. Together with `filter_endpoint` only.
                filter_local_user: text;
                /// Gives at most this many a page. A page has as many as the service likes unless told otherwise.
                limit: number u32;
                /// Gives the page that this key leads to.
                last_key: text;
            }
            paged LastKey of Task;
        }

        /// Describes a task of anybody.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task = transfer.endpoint_manager_get_task("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").send().await?;
        /// println!("{:?} {}", task.owner_string, task.status);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on its source or destination. What belongs to the other side may be missing.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_task>
        fn endpoint_manager_get_task(task_id: id TaskId) -> EndpointManagerGetTask => Task {
            GET "v0.10" / "endpoint_manager" / "task" / task_id;
        }

        /// Lists what happened to a task of anybody, newest first.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// let mut errors = transfer.endpoint_manager_task_event_list(task_id).filter_is_error(true).items();
        /// while let Some(event) = errors.try_next().await? {
        ///     println!("{:?} {}", event.time, event.code);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on its source or destination. The service keeps events for 30 days after the
        /// task ended.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_task_events>
        fn endpoint_manager_task_event_list(task_id: id TaskId) -> EndpointManagerTaskEventList => EventPage {
            GET "v0.10" / "endpoint_manager" / "task" / task_id / "event_list";
            query {
                /// Gives at most this many a page. Most: 1,000. [`items`](Self::items) asks for 1,000 unless told
                /// otherwise; a single page has as many as the service likes.
                limit: number u32;
                /// Leaves out this many at the beginning. Service default: 0.
                offset: number u64;
                /// Gives only errors (true), or everything else (false). Service default: both.
                filter_is_error: digit_flag;
            }
            paged OffsetTotal(1000) of TaskEvent;
        }

        /// Says why a task of anybody is paused.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// println!("{:?}", transfer.endpoint_manager_task_pause_info(task_id).send().await?.source_pause_message);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on its source or destination. Of a task that is not paused there are no rules
        /// and no messages.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_task_pause_info_as_admin>
        fn endpoint_manager_task_pause_info(task_id: id TaskId) -> EndpointManagerTaskPauseInfo => PauseInfo {
            GET "v0.10" / "endpoint_manager" / "task" / task_id / "pause_info";
        }

        /// Lists the files that a transfer of anybody copied.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// let mut copied = transfer.endpoint_manager_task_successful_transfers(task_id).items();
        /// while let Some(file) = copied.try_next().await? {
        ///     println!("{:?} -> {:?}", file.source_path, file.destination_path);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on its source or destination; paths on the other side are `None`. Neither
        /// directories nor files that were there already. The service keeps the list for 30 days after the task ended.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`status`](globus_core::Error::status) 400 when it is no transfer.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_task_successful_transfers_as_admin>
        fn endpoint_manager_task_successful_transfers(
            task_id: id TaskId
        ) -> EndpointManagerTaskSuccessfulTransfers => SuccessfulTransferPage {
            GET "v0.10" / "endpoint_manager" / "task" / task_id / "successful_transfers";
            query {
                /// Gives the page that this marker leads to.
                marker: text;
            }
            paged NullableMarker of SuccessfulTransfer;
        }

        /// Lists the files that a transfer of anybody left out because of errors.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let task_id = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
        /// for file in transfer.endpoint_manager_task_skipped_errors(task_id).items().try_collect().await? {
        ///     println!("{:?}: {:?}", file.source_path, file.error_details);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on its source or destination; paths on the other side are `None`. The service
        /// keeps the list for 30 days after the task ended.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such task,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_task_skipped_errors_as_admin>
        fn endpoint_manager_task_skipped_errors(task_id: id TaskId) -> EndpointManagerTaskSkippedErrors => SkippedErrorPage {
            GET "v0.10" / "endpoint_manager" / "task" / task_id / "skipped_errors";
            query {
                /// Gives the page that this marker leads to.
                marker: text;
            }
            paged NullableMarker of SkippedError;
        }
    }
}

/// The most task ids that one filter may have.
const MOST_TASK_IDS: usize = 50;

impl EndpointManagerTaskList {
    /// Gives tasks with one of these statuses. A second call replaces the first.
    pub fn filter_status<S: Into<TaskStatus>>(mut self, statuses: impl IntoIterator<Item = S>) -> Self {
        let statuses = statuses.into_iter().map(|status| status.into().as_str().to_owned());
        self.call.set_joined("filter_status", statuses);
        self
    }

    /// Gives these tasks, at most 50, and takes no other filter beside it. A second call replaces the first.
    pub fn filter_task_id<I: IntoId<TaskId>>(mut self, task_ids: impl IntoIterator<Item = I>) -> Self {
        let ids: Vec<String> = task_ids.into_iter().map(|id| self.call.id_argument::<TaskId>(id)).collect();
        if ids.len() > MOST_TASK_IDS {
            self.call.problem(format!(
                "filter_task_id has {} tasks, and at most {MOST_TASK_IDS} are allowed",
                ids.len()
            ));
        }
        self.call.set_joined("filter_task_id", ids);
        self
    }

    /// Gives tasks that ended not before `from` and not after `to`, to the second; `None` leaves that side open. A
    /// second call replaces the first.
    ///
    /// ```
    /// # fn example(transfer: globus_transfer::TransferClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let new_year: globus_transfer::Timestamp = "2026-01-01T00:00:00Z".parse()?;
    /// let request = transfer
    ///     .endpoint_manager_task_list()
    ///     .filter_endpoint("ddb59aef-6d04-11e5-ba46-22000b92c6ec")
    ///     .filter_completion_time(new_year, None);
    /// # Ok(()) }
    /// ```
    pub fn filter_completion_time(
        mut self,
        from: impl Into<Option<Timestamp>>,
        to: impl Into<Option<Timestamp>>,
    ) -> Self {
        let side = |time: Option<Timestamp>| {
            time.and_then(|time| Timestamp::from_second(time.as_second()).ok())
                .map_or_else(String::new, |time| time.to_string())
        };
        let (from, to) = (from.into(), to.into());
        let window = (from.is_some() || to.is_some()).then(|| format!("{},{}", side(from), side(to)));
        self.call.set_scalar("filter_completion_time", window);
        self
    }
}

/// Holds one page of everybody's tasks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedTaskPage {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// What is on the page.
    #[serde(rename = "DATA", default, deserialize_with = "or_default")]
    pub data: Vec<Task>,
    /// How many a page has at most.
    pub limit: Option<u64>,
    /// The key of the next page.
    pub last_key: Option<String>,
    /// Whether there are more.
    pub has_next_page: Option<bool>,
    #[serde(flatten)]
    extra: Extra,
}

impl Page for ManagedTaskPage {
    type Item = Task;

    fn info(&self) -> PageInfo {
        PageInfo {
            items: self.data.len(),
            has_next_page: self.has_next_page,
            next: self.last_key.clone(),
            ..PageInfo::default()
        }
    }

    fn into_items(self) -> Vec<Task> {
        self.data
    }
}

extra_accessors!(ManagedTaskPage);
