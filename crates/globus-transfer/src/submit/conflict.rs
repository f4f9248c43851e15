//! Why a submission clashes with what is under way, and which task is in the way.

use globus_core::{Error, Result};

use super::{Submission, draft::Kind, wire};
use crate::{Filter, Task, TransferClient};

/// Says why the service did not take a submission that is right in itself (409).
///
/// ```no_run
/// # async fn example(transfer: globus_transfer::TransferClient, submission: globus_transfer::Submission) -> globus_transfer::Result<()> {
/// use globus_transfer::submit::SubmitConflict;
///
/// match transfer.submit(&submission).send().await {
///     Ok(submitted) => println!("task {}", submitted.task_id),
///     Err(error) if SubmitConflict::from_error(&error) == Some(SubmitConflict::IdenticalPaths) => {
///         for task in transfer.tasks_in_the_way(&submission).await? {
///             println!("{:?} is still {}: {:?}", task.label, task.status, task.nice_status);
///         }
///     }
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubmitConflict {
    /// A task with the same paths has not ended: see [`TransferClient::tasks_in_the_way`].
    IdenticalPaths,
    /// The user has as many tasks waiting as the service allows (100). A [`TransferQueue`](crate::submit::TransferQueue)
    /// waits for room.
    TooManyPending,
    /// Globus Connect Personal is not running, or has no connection.
    NotConnected,
    /// Something else.
    Other,
}

impl SubmitConflict {
    /// Reads the reason from an error of a submission; `None` when it is no conflict.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<Self> {
        let api = error.api()?;
        let says = |words: &str| api.messages().iter().any(|message| message.to_lowercase().contains(words));
        if api.is_code("ClientError.Conflict.TooManyPendingJobs") || api.is_code("TooManyPendingJobs") {
            Some(Self::TooManyPending)
        } else if api.is_code("GCDisconnectedException") {
            Some(Self::NotConnected)
        } else if !error.is_conflict() {
            None
        } else if says("identical paths") {
            Some(Self::IdenticalPaths)
        } else {
            Some(Self::Other)
        }
    }
}

/// # When a submission is refused
impl TransferClient {
    /// Finds the user's tasks that may keep a submission from being taken: those that have not ended, do the same, and
    /// are between the same collections. Those with the label of the submission come first, then the newest.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient, data: globus_transfer::TransferData) -> globus_transfer::Result<()> {
    /// use globus_transfer::Submission;
    ///
    /// let submission = Submission::transfer(data);
    /// match transfer.submit(&submission).send().await {
    ///     Err(error) if error.is_conflict() => {
    ///         for task in transfer.tasks_in_the_way(&submission).await? {
    ///             println!("{} since {:?}", task.task_id, task.request_time);
    ///         }
    ///     }
    ///     other => println!("{}", other?.task_id),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// The service does not tell the paths of a task, so there may be more of them than the one that is in the way.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// As [`task_list`](Self::task_list).
    pub async fn tasks_in_the_way(&self, submission: impl Into<Submission>) -> Result<Vec<Task>> {
        let submission = submission.into();
        let draft = submission.draft();
        let (source, destination) = wire::collections(draft);
        let kind = match draft.kind {
            Kind::Transfer => "TRANSFER",
            Kind::Delete => "DELETE",
        };
        let unfinished = Filter::new().field("type", kind).any_of("status", ["ACTIVE", "INACTIVE"]);
        let list = self.task_list().filter(unfinished).orderby(["request_time DESC"]);
        let mut tasks = list.items().try_collect().await?;
        tasks.retain(|task| {
            task.source_endpoint_id == source
                && (draft.kind == Kind::Delete || task.destination_endpoint_id == destination)
        });
        let label = draft.members().get("label").and_then(|label| label.as_str());
        // Stable: the newest stay first among their like.
        tasks.sort_by_key(|task| label.is_none() || task.label.as_deref() != label);
        Ok(tasks)
    }
}
