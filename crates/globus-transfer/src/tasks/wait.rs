//! Waiting for a task to end, with a verdict.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use globus_core::{Error, ErrorKind, IntoId, InvalidId, RetryPolicy, TaskId};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    codes::{TaskCode, TaskStatus},
    models::{Task, TaskEvent},
};
use crate::TransferClient;

/// The shortest interval between two looks at a task.
const SHORTEST: Duration = Duration::from_millis(100);
/// How long a task that was just submitted may be unknown to the service.
const SETTLING: Duration = Duration::from_secs(5);
/// How long the last look may take after the time is up.
const GRACE: Duration = Duration::from_secs(10);
/// How many events a failure tells.
const EVENTS: u32 = 10;

impl TransferClient {
    /// Waits until a task has ended, and gives the verdict.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> Result<(), globus_transfer::Error> {
    /// use std::time::Duration;
    /// use globus_transfer::TaskError;
    ///
    /// let waiting = transfer
    ///     .task_wait("8b3a7c1e-6a61-11f0-8b6d-0affc0000001")
    ///     .timeout(Duration::from_secs(3600))
    ///     .on_progress(|task| println!("{:?} bytes", task.bytes_transferred));
    /// match waiting.send().await {
    ///     Ok(done) => println!("{:?} files, {} skipped", done.task.files_transferred, done.skipped_errors()),
    ///     Err(TaskError::Failed(failed)) => println!("{:?} {:?}", failed.code(), failed.events),
    ///     Err(TaskError::TimedOut(task)) => println!("still {:?}", task.nice_status),
    ///     Err(other) => return Err(other.into()),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Only a task that succeeded is `Ok`. Looks at once, then after half a second, then ever less often, at last every
    /// 30 seconds: one request each time. A look that fails for a passing reason (a broken connection, a time-out, 429,
    /// 5xx) does not end the wait, unless all looks fail for [`max_outage`](TaskWait::max_outage); nor does a task that
    /// the service does not know yet in the first 5 seconds. A status from the future counts as not ended, so a wait
    /// that must end needs a [`timeout`](TaskWait::timeout).
    ///
    /// Dropping the future ends the wait, not the task: see [`cancel_task`](TransferClient::cancel_task).
    #[doc(alias = "wait")]
    #[doc(alias = "task wait")]
    pub fn task_wait(&self, task_id: impl IntoId<TaskId>) -> TaskWait {
        TaskWait {
            client: self.clone(),
            task_id: task_id.into_id(),
            timeout: None,
            shortest: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            max_outage: Duration::from_secs(600),
            on_progress: None,
        }
    }
}

type Progress = Box<dyn FnMut(&Task) + Send>;

/// Is a wait for a task, made by [`TransferClient::task_wait`]: set what is optional, then send it.
#[must_use = "a wait does nothing until it is sent"]
pub struct TaskWait {
    client: TransferClient,
    task_id: Result<TaskId, InvalidId>,
    timeout: Option<Duration>,
    shortest: Duration,
    longest: Duration,
    max_outage: Duration,
    on_progress: Option<Progress>,
}

impl TaskWait {
    /// Gives up after this long, with a last look at the end of it; `None`, the default, waits as long as it takes.
    ///
    /// The last look may take up to 10 seconds more.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Looks this often: at first after `shortest`, each time half as long again, at last every `longest`. Default:
    /// half a second to 30 seconds.
    ///
    /// Less than a tenth of a second counts as that, and a `longest` below `shortest` as `shortest`.
    #[doc(alias = "polling_interval")]
    pub fn poll_interval(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest.max(SHORTEST);
        self.longest = longest.max(self.shortest);
        self
    }

    /// Gives up with the last error when all looks since this long ago have failed. Default: 10 minutes; zero gives up
    /// at the first error.
    pub fn max_outage(mut self, outage: Duration) -> Self {
        self.max_outage = outage;
        self
    }

    /// Calls this with the task's document after each look that succeeded, the last one included.
    pub fn on_progress(mut self, progress: impl FnMut(&Task) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(progress));
        self
    }

    /// Waits.
    ///
    /// # Errors
    /// [`TaskError`]: the task failed, stopped, or has not ended in time; or looking at it failed.
    pub async fn send(mut self) -> Result<Succeeded, TaskError> {
        let task_id = self.task_id.clone().map_err(Error::from)?;
        let look = self.client.get_task(task_id).with_retry(RetryPolicy::never());
        let start = Instant::now();
        let end = self.timeout.and_then(|timeout| start.checked_add(timeout));
        let mut interval = self.shortest;
        let mut last_task = None;
        let mut failing_since = None;
        loop {
            let mut pause = interval;
            let mut error_now = None;
            match within(end, look.clone().send()).await {
                Ok(task) => {
                    failing_since = None;
                    if let Some(progress) = &mut self.on_progress {
                        progress(&task);
                    }
                    let task = Box::new(task);
                    match task.status {
                        TaskStatus::Succeeded => return Ok(Succeeded { task }),
                        TaskStatus::Failed => return Err(failure(&self.client, task).await),
                        TaskStatus::Inactive => return Err(TaskError::Inactive(task)),
                        _ => last_task = Some(task),
                    }
                }
                Err(error) => {
                    let settling = error.is_not_found() && last_task.is_none() && start.elapsed() < SETTLING;
                    let outage = failing_since.get_or_insert_with(Instant::now).elapsed();
                    let passing = error.is_retryable() && outage < self.max_outage;
                    if !settling && !passing {
                        return Err(error.into());
                    }
                    pause = pause.max(error.retry_after().unwrap_or_default());
                    error_now = Some(error);
                }
            }
            if let Some(end) = end {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(match (last_task, error_now) {
                        (Some(task), _) => TaskError::TimedOut(task),
                        (None, error) => error.unwrap_or_else(out_of_time).into(),
                    });
                }
                pause = pause.min(left);
            }
            sleep(pause).await;
            interval = (interval.saturating_mul(3) / 2).min(self.longest);
        }
    }
}

/// Adds the last events to a failure. That they cannot be had does not hide the failure.
async fn failure(client: &TransferClient, task: Box<Task>) -> TaskError {
    let events = client.task_event_list(task.task_id).limit(EVENTS).with_retry(RetryPolicy::never());
    let events = match within(Some(Instant::now()), events.send()).await {
        Ok(page) => page.data,
        Err(_) => Vec::new(),
    };
    TaskError::Failed(Box::new(Failed { task, events }))
}

/// Lets a request end at most a little after `end`.
async fn within<T>(
    end: Option<Instant>,
    request: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match end.and_then(|end| end.checked_add(GRACE)) {
        Some(end) => timeout_at(end, request).await.unwrap_or_else(|_| Err(out_of_time())),
        None => request.await,
    }
}

fn out_of_time() -> Error {
    Error::new(ErrorKind::Timeout, "the time for the wait is up")
}

impl fmt::Debug for TaskWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWait")
            .field("task_id", &self.task_id)
            .field("timeout", &self.timeout)
            .field("poll_interval", &(self.shortest..=self.longest))
            .field("max_outage", &self.max_outage)
            .finish_non_exhaustive()
    }
}

/// Says that a task succeeded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Succeeded {
    /// The task's last document.
    pub task: Box<Task>,
}

impl Succeeded {
    /// Counts what the task left out because of errors, having been told to skip those:
    /// [`task_skipped_errors`](TransferClient::task_skipped_errors) lists it.
    #[must_use]
    pub fn skipped_errors(&self) -> u64 {
        self.task.subtasks_skipped_errors.unwrap_or(0)
    }
}

/// Holds a task that failed, and what happened last.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failed {
    /// The task's last document.
    pub task: Box<Task>,
    /// The last events, up to 10, newest first; none when they could not be had.
    pub events: Vec<TaskEvent>,
}

impl Failed {
    /// Gives the code of the fatal error.
    #[must_use]
    pub fn code(&self) -> Option<&TaskCode> {
        self.task.fatal_error.as_ref()?.code.as_ref()
    }

    /// Gives the fatal error as words, for people.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.task.fatal_error.as_ref()?.description.as_deref()
    }
}

/// Says why a wait for a task did not end with its success.
///
/// Converts into [`Error`]: of the kind [`ErrorKind::Outcome`] for a task that failed or stopped,
/// [`ErrorKind::Timeout`] when it has not ended in time; the `TaskError` is its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task failed: by itself, at its deadline, or because it was cancelled.
    #[error("task {} failed: {}", .0.task.task_id, cause(.0))]
    Failed(Box<Failed>),
    /// The task has stopped until the user does something: consents, logs in again.
    #[error("task {} has stopped until its owner does something: {}", .0.task_id, state(.0))]
    Inactive(Box<Task>),
    /// The task has not ended in time. It goes on.
    #[error("task {} has not ended in time: {}", .0.task_id, state(.0))]
    TimedOut(Box<Task>),
    /// Looking at the task failed. Nothing is known of how it ended.
    #[error(transparent)]
    Other(#[from] Error),
}

impl TaskError {
    /// Gives the task's last document, if it is known.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        match self {
            Self::Failed(failed) => Some(&failed.task),
            Self::Inactive(task) | Self::TimedOut(task) => Some(task),
            Self::Other(_) => None,
        }
    }
}

fn cause(failed: &Failed) -> String {
    let code = failed.code().map_or("no reason given", TaskCode::as_str);
    match failed.description() {
        Some(description) => format!("{code}: {description}"),
        None => code.to_owned(),
    }
}

fn state(task: &Task) -> String {
    let mut text = task.status.to_string();
    if let Some(nice) = &task.nice_status {
        text.push_str(", ");
        text.push_str(nice.as_str());
    }
    if let Some(faults) = task.faults.filter(|faults| *faults > 0) {
        let _ = write!(text, ", {faults} errors so far");
    }
    text
}

impl From<TaskError> for Error {
    fn from(error: TaskError) -> Self {
        let kind = match error {
            TaskError::Other(error) => return error,
            TaskError::TimedOut(_) => ErrorKind::Timeout,
            TaskError::Failed(_) | TaskError::Inactive(_) => ErrorKind::Outcome,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
