//! How a wait for a run ends.

use globus_core::{Error, ErrorKind};
use serde_json::Value;

use super::models::{Run, RunLogEntry};

/// Says that a run succeeded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunSucceeded {
    /// The run's last document.
    pub run: Box<Run>,
}

impl RunSucceeded {
    /// Gives the final state of the run; `None` when the service leaves it out.
    #[must_use]
    pub fn output(&self) -> Option<&Value> {
        self.run.output()
    }
}

/// Holds a run that failed or was cancelled, and what happened last.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunFailed {
    /// The run's last document.
    pub run: Box<Run>,
    /// The last entries of the log, up to 10, newest first; none when they could not be had.
    pub log: Vec<RunLogEntry>,
}

impl RunFailed {
    /// Gives the name of the state in which the run failed.
    #[must_use]
    pub fn state_name(&self) -> Option<&str> {
        self.run.state_name().or_else(|| self.log.iter().find_map(RunLogEntry::state_name))
    }

    /// Gives the error's name, where a state or the service gave one: `ActionFailedException`, say.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.member("error")?.as_str()
    }

    /// Gives the cause as the service wrote it: text, or a document.
    #[must_use]
    pub fn cause(&self) -> Option<&Value> {
        self.member("cause")
    }

    /// Gives the cause as a document, where it is one, also when the service wrote it as text.
    ///
    /// After `ActionFailedException` and `ActionTimeout` it is the last status of the action, with what went wrong under
    /// `details`; after `ActionUnableToRun` it has what the action provider answered.
    #[must_use]
    pub fn cause_document(&self) -> Option<Value> {
        self.cause().and_then(document)
    }

    /// Tells whether the run was cancelled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.run.is_canceled()
    }

    /// Finds a member of the failure, whatever the case of its first letter.
    fn member(&self, name: &str) -> Option<&Value> {
        let ended = self.log.iter().find(|entry| entry.is_last()).map(|entry| &entry.details);
        let document = self.run.failure().and_then(Value::as_object);
        [document, ended]
            .into_iter()
            .flatten()
            .find_map(|details| {
                details.iter().find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_null())
            })
            .map(|(_, value)| value)
    }
}

/// Holds a run that waits for its owner.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunInactive {
    /// The run's last document.
    pub run: Box<Run>,
}

impl RunInactive {
    /// Gives what the run waits for, as a Globus Auth requirements document that an app can log in for; `None` when no
    /// login brings it. See [`Run::requirement`].
    #[must_use]
    pub fn requirement(&self) -> Option<Value> {
        self.run.requirement()
    }
}

/// Holds a run that has not ended in time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunTimedOut {
    /// The run's last document.
    pub run: Box<Run>,
}

/// Says why a wait for a run did not end with its success.
///
/// Converts into [`Error`]: of the kind [`ErrorKind::Outcome`] for a run that failed or waits for its owner,
/// [`ErrorKind::Timeout`] when it has not ended in time; the `RunError` is its source. Of a run that waits for its owner
/// it says what for ([`Error::requirement`]), so that `login_for` of an app can bring it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The run failed, or was cancelled.
    #[error("run {} {}", .0.run.run_id, failure(.0))]
    Failed(Box<RunFailed>),
    /// The run waits for its owner: for a consent or a login.
    #[error("run {} waits for its owner: {}", .0.run.run_id, state(&.0.run))]
    Inactive(Box<RunInactive>),
    /// The run has not ended in time. It goes on.
    #[error("run {} has not ended in time: {}", .0.run.run_id, state(&.0.run))]
    TimedOut(Box<RunTimedOut>),
    /// Looking at the run failed. Nothing is known of how it ended.
    #[error(transparent)]
    Other(#[from] Error),
}

impl RunError {
    /// Gives the run's last document, if it is known.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Failed(failed) => Some(&failed.run),
            Self::Inactive(stopped) => Some(&stopped.run),
            Self::TimedOut(late) => Some(&late.run),
            Self::Other(_) => None,
        }
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        let (kind, requirement) = match &error {
            RunError::TimedOut(_) => (ErrorKind::Timeout, None),
            RunError::Failed(_) => (ErrorKind::Outcome, None),
            RunError::Inactive(stopped) => (ErrorKind::Outcome, stopped.requirement()),
            RunError::Other(error) => return error.clone(),
        };
        let verdict = Self::new(kind, error.to_string()).with_source(error);
        match requirement {
            Some(requirement) => verdict.with_requirement(requirement),
            None => verdict,
        }
    }
}

fn failure(failed: &RunFailed) -> String {
    if failed.is_canceled() {
        return "was cancelled".to_owned();
    }
    let place = failed.state_name().map(|name| format!(" in the state {name:?}")).unwrap_or_default();
    let words = [failed.error().map(str::to_owned), failed.cause().map(summary)];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() {
        let description = failed.run.description().unwrap_or("no reason given");
        return format!("failed{place}: {description}");
    }
    format!("failed{place}: {}", words.join(": "))
}

/// Reads a cause that is a document, or the text of one.
fn document(cause: &Value) -> Option<Value> {
    match cause {
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        Value::Object(_) => Some(cause.clone()),
        _ => None,
    }
}

/// Where a status of an action and an answer of a provider say in words what went wrong, the more telling places first.
const REASONS: [&str; 8] = [
    "/details/fatal_error/description",
    "/details/description",
    "/details/message",
    "/error/description",
    "/error/message",
    "/error/detail",
    "/description",
    "/message",
];
/// The most characters of a document that says it nowhere.
const LONGEST: usize = 200;

/// Says a cause in one line: of a document, the words that matter.
fn summary(cause: &Value) -> String {
    let Some(document) = document(cause) else {
        return cause.as_str().map_or_else(|| cause.to_string(), str::to_owned);
    };
    let mut reasons = REASONS.iter().filter_map(|place| document.pointer(place)?.as_str());
    if let Some(reason) = reasons.find(|reason| !reason.is_empty()) {
        return reason.to_owned();
    }
    let text = document.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn state(run: &Run) -> String {
    let mut text = run.status.to_string();
    if let Some(name) = run.state_name() {
        text.push_str(" in the state ");
        text.push_str(name);
    }
    if let Some(description) = run.description() {
        text.push_str(": ");
        text.push_str(description);
    }
    text
}
