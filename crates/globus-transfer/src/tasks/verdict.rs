//! How a wait for a task ends.

use std::fmt::Write as _;

use globus_core::{Error, ErrorKind, RetryPolicy, TaskId, polling::within};
use tokio::time::Instant;

use super::{
    codes::{TaskCode, TaskStatus},
    fault::FaultCause,
    models::{Task, TaskEvent},
    stall::{StallPolicy, StallReason, StallWatch},
};
use crate::{
    TransferClient,
    files::{OperationResult, ResultCode},
    pause::PauseInfo,
};

/// How many events a verdict tells.
const EVENTS: u32 = 10;

/// Says that a task succeeded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Succeeded {
    /// The task's last document.
    pub task: Box<Task>,
}

impl Succeeded {
    /// Counts the files that the task copied; 0 for a deletion. Files that were the same already are not among them.
    #[must_use]
    pub fn files_transferred(&self) -> u64 {
        self.task.files_transferred.unwrap_or(0)
    }

    /// Counts the bytes that the task copied; 0 for a deletion.
    #[must_use]
    pub fn bytes_transferred(&self) -> u64 {
        self.task.bytes_transferred.unwrap_or(0)
    }

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

    /// Gives the event that decided: the last error before the task was ended. A task that met its deadline was kept
    /// from its end by that.
    #[must_use]
    pub fn decisive_event(&self) -> Option<&TaskEvent> {
        decisive(&self.events)
    }

    /// Says what kind of thing the task failed of: the fatal error, or of a deadline what kept the task from its end.
    #[must_use]
    pub fn cause(&self) -> FaultCause {
        let fatal = self.code().map_or(FaultCause::Other, |code| FaultCause::of(code, self.description()));
        if matches!(fatal, FaultCause::Expired | FaultCause::Other) {
            return self.decisive_event().and_then(TaskEvent::fault).map_or(fatal, |fault| fault.cause);
        }
        fatal
    }
}

/// Holds a task that has stopped until somebody does something.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inactive {
    /// The task's last document.
    pub task: Box<Task>,
    /// The last errors, up to 10, newest first; none when they could not be had.
    pub events: Vec<TaskEvent>,
    /// Why it is paused, if it is.
    pub pause: Option<PauseInfo>,
}

/// Says what a task that has stopped waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InactiveReason {
    /// Somebody has paused it.
    Paused,
    /// The user has to consent to something.
    Consent,
    /// The user has to log in again, or with more.
    Credentials,
    /// The service does not say.
    Other,
}

impl Inactive {
    /// Says what the task waits for.
    #[must_use]
    pub fn reason(&self) -> InactiveReason {
        let is_paused = self.task.is_paused == Some(true)
            || self.pause.as_ref().is_some_and(|pause| pause.message().is_some());
        if is_paused {
            return InactiveReason::Paused;
        }
        let consent = |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().contains("consent"));
        let code = self.task.nice_status.as_ref();
        let event = decisive(&self.events);
        if consent(code.map(TaskCode::as_str))
            || consent(self.task.nice_status_short_description.as_deref())
            || event
                .is_some_and(|event| consent(event.details.as_deref()) || consent(Some(event.code.as_str())))
        {
            return InactiveReason::Consent;
        }
        let credentials = |code: &TaskCode, text| FaultCause::of(code, text) == FaultCause::Credentials;
        if code.is_some_and(|code| credentials(code, self.task.nice_status_short_description.as_deref()))
            || event.is_some_and(|event| credentials(&event.code, event.details.as_deref()))
        {
            return InactiveReason::Credentials;
        }
        InactiveReason::Other
    }

    /// Gives the reason as words, for people: what who paused it wrote, or the storage's message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        let paused = self.pause.as_ref().and_then(PauseInfo::message);
        paused.or_else(|| decisive(&self.events)?.details.as_deref())
    }
}

/// Holds a task that runs on without hope.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stalled {
    /// The task's last document.
    pub task: Box<Task>,
    /// Why it was given up.
    pub reason: StallReason,
    /// The last errors, up to 10, newest first; none when they could not be had.
    pub events: Vec<TaskEvent>,
    /// What became of cancelling it, where that was asked for. A task that is not cancelled runs on.
    pub cancelled: Option<Result<OperationResult, Error>>,
}

/// Holds a task that has not ended in time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TimedOut {
    /// The task's last document.
    pub task: Box<Task>,
    /// The last errors, up to 10, newest first; none when there were none, or when they could not be had.
    pub events: Vec<TaskEvent>,
}

/// Says why a wait for a task did not end with its success.
///
/// Converts into [`Error`]: of the kind [`ErrorKind::Outcome`] for a task that failed, stopped or stalled,
/// [`ErrorKind::Timeout`] when it has not ended in time; the `TaskError` is its source.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task failed: by itself, at its deadline, or because it was cancelled.
    #[error("task {} failed: {}", .0.task.task_id, cause(.0))]
    Failed(Box<Failed>),
    /// The task has stopped until somebody does something: its owner consents or logs in again, a pause ends.
    #[error("task {} has stopped until somebody does something: {}", .0.task.task_id, why(.0))]
    Inactive(Box<Inactive>),
    /// The task runs on, but will not succeed by itself, as the [`StallPolicy`] sees it.
    #[error("task {} was given up: {}: {}{}", .0.task.task_id, .0.reason, state(&.0.task), place(&.0.events))]
    Stalled(Box<Stalled>),
    /// The task has not ended in time. It goes on.
    #[error("task {} has not ended in time: {}{}", .0.task.task_id, state(&.0.task), place(&.0.events))]
    TimedOut(Box<TimedOut>),
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
            Self::Inactive(stopped) => Some(&stopped.task),
            Self::Stalled(stalled) => Some(&stalled.task),
            Self::TimedOut(late) => Some(&late.task),
            Self::Other(_) => None,
        }
    }

    /// Gives the events that came with the verdict, newest first.
    #[must_use]
    pub fn events(&self) -> &[TaskEvent] {
        match self {
            Self::Failed(failed) => &failed.events,
            Self::Inactive(stopped) => &stopped.events,
            Self::Stalled(stalled) => &stalled.events,
            Self::TimedOut(late) => &late.events,
            Self::Other(_) => &[],
        }
    }
}

impl From<TaskError> for Error {
    fn from(error: TaskError) -> Self {
        let kind = match error {
            TaskError::Other(error) => return error,
            TaskError::TimedOut(_) => ErrorKind::Timeout,
            TaskError::Failed(_) | TaskError::Inactive(_) | TaskError::Stalled(_) => ErrorKind::Outcome,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

/// The newest error that is not just the end itself.
fn decisive(events: &[TaskEvent]) -> Option<&TaskEvent> {
    events
        .iter()
        .find(|event| event.is_error && !matches!(event.code, TaskCode::Canceled | TaskCode::Expired))
}

fn cause(failed: &Failed) -> String {
    let code = failed.code().map_or("no reason given", TaskCode::as_str);
    let mut text = code.to_owned();
    if let Some(description) = failed.description() {
        let _ = write!(text, ": {description}");
    }
    if let Some(event) = failed.decisive_event().filter(|event| Some(&event.code) != failed.code()) {
        let _ = write!(text, ", after {}", event.code);
    }
    text + &place(&failed.events)
}

/// Says at which path the newest error was, as far as it does.
fn place(events: &[TaskEvent]) -> String {
    let path = decisive(events).and_then(TaskEvent::fault).and_then(|fault| fault.path);
    path.map_or_else(String::new, |path| format!(", at {path:?}"))
}

fn why(stopped: &Inactive) -> String {
    let mut text = state(&stopped.task);
    if let Some(message) = stopped.message().and_then(|message| message.lines().next()) {
        let _ = write!(text, ": {message}");
    }
    text
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

/// Decides about tasks that were looked at.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    pub(super) client: TransferClient,
    pub(super) stall: StallPolicy,
    pub(super) cancel_on_stall: bool,
}

/// What is thought of a task after a look.
pub(super) enum Judgement {
    /// It goes on.
    Running(Box<Task>),
    Ended(Result<Succeeded, TaskError>),
}

impl Judge {
    pub(super) async fn judge(&self, task: Box<Task>, watch: &mut StallWatch) -> Judgement {
        let error = match task.status {
            TaskStatus::Succeeded => return Judgement::Ended(Ok(Succeeded { task })),
            TaskStatus::Failed => self.failed(task).await,
            TaskStatus::Inactive => self.inactive(task).await,
            _ => match watch.look(&self.stall, &task, Instant::now()) {
                None => return Judgement::Running(task),
                Some(reason) => return Judgement::Ended(self.stalled(task, reason).await),
            },
        };
        Judgement::Ended(Err(error))
    }

    async fn failed(&self, task: Box<Task>) -> TaskError {
        let events = self.events(&task, None).await;
        TaskError::Failed(Box::new(Failed { task, events }))
    }

    async fn inactive(&self, task: Box<Task>) -> TaskError {
        let events = self.errors(&task).await;
        let pause = self.client.task_pause_info(task.task_id).with_retry(RetryPolicy::never());
        let pause = within(Some(Instant::now()), pause.send()).await.ok();
        TaskError::Inactive(Box::new(Inactive { task, events, pause }))
    }

    async fn stalled(&self, task: Box<Task>, reason: StallReason) -> Result<Succeeded, TaskError> {
        let events = self.errors(&task).await;
        let mut cancelled = None;
        if self.cancel_on_stall {
            let result = self.client.cancel_task(task.task_id).send().await;
            // It ended in the meantime: then that is what became of it.
            if matches!(&result, Ok(result) if result.code == Some(ResultCode::TaskComplete))
                && let Some(ended) = self.ended(task.task_id).await
            {
                return match ended.status {
                    TaskStatus::Succeeded => Ok(Succeeded { task: ended }),
                    _ => Err(self.failed(ended).await),
                };
            }
            cancelled = Some(result);
        }
        Err(TaskError::Stalled(Box::new(Stalled { task, reason, events, cancelled })))
    }

    async fn ended(&self, task_id: TaskId) -> Option<Box<Task>> {
        let task = self.client.get_task(task_id).send().await.ok()?;
        task.status.is_final().then(|| Box::new(task))
    }

    pub(super) async fn timed_out(&self, task: Box<Task>) -> TaskError {
        let events = self.errors(&task).await;
        TaskError::TimedOut(Box::new(TimedOut { task, events }))
    }

    /// The last errors of a task that has met any.
    async fn errors(&self, task: &Task) -> Vec<TaskEvent> {
        if task.faults == Some(0) { Vec::new() } else { self.events(task, Some("is_error:1")).await }
    }

    /// That the events cannot be had does not hide the verdict.
    async fn events(&self, task: &Task, filter: Option<&str>) -> Vec<TaskEvent> {
        let events = self.client.task_event_list(task.task_id).limit(EVENTS).with_retry(RetryPolicy::never());
        let events = events.filter(filter.unwrap_or_default());
        match within(Some(Instant::now()), events.send()).await {
            Ok(page) => page.data,
            Err(_) => Vec::new(),
        }
    }
}
