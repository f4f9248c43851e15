//! Runs flows: state after state, until one ends the run, an error does, or a limit.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Run, Status};
use crate::flows::actions::{notification, provider};
use crate::flows::parameters;
use crate::flows::path::Path;
use crate::state::State;

/// How many states a run may go through.
const MOST_STATES: usize = 10_000;
/// The largest state of a run, in bytes of JSON.
const LARGEST_STATE: usize = 200 * 1024;
/// The longest cause of an error, in characters, as the machinery under the service has it.
const LONGEST_CAUSE: usize = 32_768;
/// How long a run may take.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Where a run goes after a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    State(String),
    End,
}

/// An error of a state, which a `Catch` may catch by its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raised {
    pub(super) name: String,
    /// What is written where the catcher wants it.
    pub(super) info: Value,
}

impl Raised {
    /// An error with a cause in words.
    pub(super) fn new(name: &str, cause: impl Into<String>) -> Raised {
        Raised::with(name, &Value::String(cause.into()))
    }

    /// An error with a document for its cause.
    pub(super) fn with(name: &str, cause: &Value) -> Raised {
        let mut text = cause.as_str().map_or_else(|| cause.to_string(), str::to_owned);
        // What fails in a run within a run is the text of a text, and would grow without end.
        if let Some((end, _)) = text.char_indices().nth(LONGEST_CAUSE) {
            text.truncate(end);
            text.push('…');
        }
        Raised { name: name.to_owned(), info: json!({"Error": name, "Cause": text}) }
    }

    /// The same without these texts, wherever they stand in the cause.
    pub(super) fn without(mut self, secrets: &[String]) -> Raised {
        if let Value::String(cause) = &mut self.info["Cause"] {
            for secret in secrets {
                *cause = cause.replace(secret.as_str(), "[private]");
            }
        }
        self
    }

    fn is_caught_by(&self, catcher: &Value) -> bool {
        let names = catcher.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
        names
            .filter_map(Value::as_str)
            .any(|name| name == self.name || name.eq_ignore_ascii_case("States.ALL"))
    }
}

/// Runs a run to its end.
pub(crate) async fn run(state: Arc<State>, run: Arc<Run>) {
    let deadline = run.start_time.saturating_add(LONGEST_RUN).unwrap_or(Timestamp::MAX);
    let mut machine =
        Machine { data: run.input.clone(), state: state.clone(), run: run.clone(), action: None };
    tokio::select! {
        biased;
        () = over(&run) => {}
        () = state.clock.reach(deadline) => {
            machine.fail(None, &Raised::new("States.Timeout", "The run took longer than a year"));
        }
        () = machine.execute() => {}
    }
    // Whatever ended the run, what it started must not go on without it.
    if let Some(action) = machine.action.take() {
        action.provider.cancel(&state, &action.token, &action.id).await;
    }
    if let Some(status) = Some(run.progress().status).filter(|status| run.is_notified_of(*status)) {
        notification::tell_owner(&state, &run, status);
    }
}

/// Waits until somebody ended the run.
async fn over(run: &Run) {
    loop {
        let mut changed = std::pin::pin!(run.changed.notified());
        changed.as_mut().enable();
        if run.is_over() {
            return;
        }
        changed.await;
    }
}

/// An action that is under way.
pub(super) struct Running {
    pub(super) provider: provider::Provider,
    pub(super) id: String,
    pub(super) token: String,
}

/// A run at work.
pub(super) struct Machine {
    pub(super) state: Arc<State>,
    pub(super) run: Arc<Run>,
    /// The state of the run.
    pub(super) data: Value,
    /// What has to be canceled when the run ends.
    pub(super) action: Option<Running>,
}

impl Machine {
    async fn execute(&mut self) {
        self.log(
            "FlowStarted",
            "The Flow Instance started execution",
            json!({"input": parameters::public(&self.data)}),
        );
        let definition = &self.run.clone().definition;
        let mut name = definition["StartAt"].as_str().unwrap_or_default().to_owned();
        if let Err(raised) = self.check_size("it was started") {
            return self.fail(None, &raised);
        }
        for _ in 0..MOST_STATES {
            // A run of many short states lets others have their turn.
            tokio::task::yield_now().await;
            let Some(step) = definition["States"].get(&name) else {
                let cause = format!("There is no state {name:?}");
                return self.fail(Some(&name), &Raised::new("States.Runtime", cause));
            };
            match self.checked_step(&name, step).await {
                Ok(Next::End) => return self.succeed(),
                Ok(Next::State(next)) => name = next,
                Err(raised) => match self.catch(step, &raised) {
                    Ok(Some(next)) => name = next,
                    Ok(None) => return self.fail(Some(&name), &raised),
                    Err(worse) => return self.fail(Some(&name), &worse),
                },
            }
            if self.run.progress().log.is_full() {
                let cause =
                    "The log of the run is full: a run has at most 25,000 events and 64 MB of details";
                return self.fail(Some(&name), &Raised::new("States.ExceedHistoryLimit", cause));
            }
        }
        let cause = format!("The run went through {MOST_STATES} states without an end: it may be in a loop");
        self.fail(Some(&name), &Raised::new("States.ExceedStateLimit", cause));
    }

    async fn checked_step(&mut self, name: &str, step: &Value) -> Result<Next, Raised> {
        let next = self.step(name, step).await?;
        self.check_size(name)?;
        Ok(next)
    }

    fn check_size(&self, after: &str) -> Result<(), Raised> {
        let size = serde_json::to_vec(&self.data).map_or(usize::MAX, |text| text.len());
        if size <= LARGEST_STATE {
            return Ok(());
        }
        let cause = format!("The state of the run has {size} bytes after {after}, more than {LARGEST_STATE}");
        Err(Raised::new("States.DataLimitExceeded", cause))
    }

    /// Finds the catcher of an error and writes down what was caught.
    fn catch(&mut self, step: &Value, raised: &Raised) -> Result<Option<String>, Raised> {
        let catchers = step.get("Catch").and_then(Value::as_array).into_iter().flatten();
        let Some(catcher) = catchers.into_iter().find(|catcher| raised.is_caught_by(catcher)) else {
            return Ok(None);
        };
        self.write(catcher.get("ResultPath"), raised.info.clone())?;
        Ok(catcher["Next"].as_str().map(str::to_owned))
    }

    /// Writes a result where a state wants it; without a path it is the whole state.
    pub(super) fn write(&mut self, path: Option<&Value>, value: Value) -> Result<(), Raised> {
        let path = path.and_then(Value::as_str).unwrap_or("$");
        let failed =
            |fault: &dyn std::fmt::Display| Raised::new("States.ResultPathMatchFailure", fault.to_string());
        let path = Path::parse_writable(path).map_err(|fault| failed(&fault))?;
        path.write(&mut self.data, value).map_err(|fault| failed(&fault))
    }

    /// The members of the state.
    pub(super) fn members(&self) -> &Map<String, Value> {
        static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.data.as_object().unwrap_or(&NOTHING)
    }

    /// Reads a value of the state.
    pub(super) fn read(&self, path: &Value) -> Result<Value, Raised> {
        let text = path.as_str().unwrap_or_default();
        let found = Path::parse(text).and_then(|path| {
            // A state that was replaced by something else than an object is read as a whole only.
            if path.is_whole() { Ok(self.data.clone()) } else { path.read(self.members(), &self.run.context) }
        });
        found.map_err(|fault| Raised::new("States.ParameterPathFailure", fault.to_string()))
    }

    /// Evaluates parameters over the state.
    pub(super) fn evaluate(&self, given: &Value) -> Result<Value, Raised> {
        parameters::evaluate(given, self.members(), &self.run.context)
            .map_err(|fault| Raised::new(fault.error_name(), fault.to_string()))
    }

    /// Adds to the log of the run.
    pub(super) fn log(&self, code: &str, description: &str, details: Value) {
        let now = self.state.clock.now();
        self.run.update(|progress| progress.log.add(now, code, description.to_owned(), details));
    }

    /// Shows what the run does now.
    pub(super) fn show(&self, status: Status, details: Value, web_input: Option<Uuid>) {
        let now = self.state.clock.now();
        let before = self.run.update(|progress| {
            let before = std::mem::replace(&mut progress.status, status);
            if status == Status::Inactive && before != status {
                let text = "The Flow Instance waits for somebody".to_owned();
                progress.log.add(now, "FlowInactive", text, details.clone());
            }
            progress.details = details;
            progress.blocking_web_input = web_input;
            before
        });
        if before.is_some_and(|before| before != status) && self.run.is_notified_of(status) {
            notification::tell_owner(&self.state, &self.run, status);
        }
    }

    fn succeed(&mut self) {
        let output = parameters::public(&self.data);
        let description = "The Flow Instance completed successfully";
        self.end(Status::Succeeded, "FlowSucceeded", description, &json!({"output": output}));
    }

    pub(super) fn fail(&mut self, state_name: Option<&str>, raised: &Raised) {
        let description = match state_name {
            Some(name) => format!("The Flow Instance failed in state {name}: {}", raised.name),
            None => format!("The Flow Instance failed: {}", raised.name),
        };
        let info = parameters::public(&raised.info);
        let details =
            json!({"details": {"state_name": state_name, "error": info["Error"], "cause": info["Cause"]}});
        self.end(Status::Failed, "FlowFailed", &description, &details);
    }

    fn end(&mut self, status: Status, code: &str, description: &str, more: &Value) {
        end(&self.run, self.state.clock.now(), status, code, description, more);
    }
}

/// Ends a run, unless it has ended. `more` joins its details.
pub(super) fn end(
    run: &Run,
    now: Timestamp,
    status: Status,
    code: &str,
    description: &str,
    more: &Value,
) -> bool {
    let logged = more.get("details").unwrap_or(more).clone();
    let mut details = json!({"code": code, "description": description, "time": crate::time::micros(now)});
    if let (Some(details), Some(more)) = (details.as_object_mut(), more.as_object()) {
        details.extend(more.clone());
    }
    let ended = run.update(|progress| {
        progress.log.add(now, code, description.to_owned(), logged);
        progress.status = status;
        progress.completion_time = Some(now);
        progress.details = details;
        progress.blocking_web_input = None;
    });
    ended.is_some()
}
