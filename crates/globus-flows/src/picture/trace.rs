//! What a run did, read from its log.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use globus_core::Timestamp;

use crate::RunLogEntry;

/// Where a run is: before its first state, in one, or at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Start,
    State(&'a str),
    End,
}

/// How it went in a state the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Done,
    /// It raised an error, and the run went on elsewhere.
    Caught,
    Failed,
    Canceled,
    /// It goes on when somebody did something: gave a consent, answered a question.
    Waiting,
    Running,
}

/// What a run did in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Visits {
    pub(super) count: u64,
    /// How long it was there in all; `None` when it is there still, or was never seen to begin.
    pub(super) time: Option<Duration>,
    pub(super) fate: Fate,
    /// What went wrong there.
    pub(super) error: Option<String>,
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub(super) states: BTreeMap<String, Visits>,
    /// From where to where it went; `None` is before the first state, and after the last.
    steps: BTreeSet<(Option<String>, Option<String>)>,
}

/// A state that began and has not been seen to end.
struct Open {
    name: String,
    since: Timestamp,
}

impl Trace {
    pub(super) fn of<'a>(log: impl IntoIterator<Item = &'a RunLogEntry>) -> Self {
        let mut entries: Vec<&RunLogEntry> = log.into_iter().collect();
        if let (Some(first), Some(last)) = (entries.first(), entries.last())
            && first.time > last.time
        {
            entries.reverse();
        }
        let mut trace = Self::default();
        let mut last: Option<String> = None;
        let mut open: Option<Open> = None;
        for entry in entries {
            let state = entry.state_name();
            match (entry.code.as_str(), state) {
                ("FlowSucceeded", _) => {
                    trace.steps.insert((last.clone(), None));
                }
                ("FlowFailed", failed) => {
                    let since = open.take();
                    // An error before a state begins leaves the one that ran before it whole.
                    let name =
                        failed.map(str::to_owned).or_else(|| since.as_ref().map(|open| open.name.clone()));
                    let Some(name) = name else { continue };
                    match since {
                        Some(open) if open.name == name => trace.leave(&open, entry.time, Fate::Failed),
                        since => {
                            if let Some(open) = since {
                                trace.leave(&open, entry.time, Fate::Caught);
                            }
                            trace.arrive(last.as_deref(), &name, Fate::Failed);
                        }
                    }
                    if let Some(visits) = trace.states.get_mut(&name) {
                        visits.error = Some(problem(entry));
                    }
                }
                ("FlowCanceled", _) => {
                    if let Some(open) = open.take() {
                        trace.leave(&open, entry.time, Fate::Canceled);
                    }
                }
                (code, Some(name)) if code.ends_with("Started") => {
                    if let Some(open) = open.take() {
                        trace.leave(&open, entry.time, Fate::Caught);
                    }
                    let asks = code == "AwaitWebInputStarted";
                    trace.arrive(last.as_deref(), name, if asks { Fate::Waiting } else { Fate::Running });
                    last = Some(name.to_owned());
                    open = Some(Open { name: name.to_owned(), since: entry.time });
                }
                (code, Some(name)) if code.ends_with("Completed") => {
                    if let Some(open) = open.take_if(|open| open.name == name) {
                        trace.leave(&open, entry.time, Fate::Done);
                    }
                }
                // The run stands still, or goes on again, in the state that is open.
                ("FlowInactive" | "ActionInactive", _) => trace.stay(open.as_ref(), Fate::Waiting),
                ("FlowResumed", _) => trace.stay(open.as_ref(), Fate::Running),
                ("ActionPolled", _) => {
                    let status = entry.details.get("output").and_then(|output| output.get("status"));
                    let waits = status.is_some_and(|status| status == "INACTIVE");
                    trace.stay(open.as_ref(), if waits { Fate::Waiting } else { Fate::Running });
                }
                _ => {}
            }
        }
        if let Some(visits) = open.and_then(|open| trace.states.get_mut(&open.name)) {
            visits.time = None;
        }
        trace
    }

    fn arrive(&mut self, from: Option<&str>, name: &str, fate: Fate) {
        self.steps.insert((from.map(str::to_owned), Some(name.to_owned())));
        let fresh = Visits { count: 0, time: None, fate, error: None };
        let visits = self.states.entry(name.to_owned()).or_insert(fresh);
        visits.count += 1;
        visits.fate = fate;
    }

    fn stay(&mut self, open: Option<&Open>, fate: Fate) {
        if let Some(visits) = open.and_then(|open| self.states.get_mut(&open.name)) {
            visits.fate = fate;
        }
    }

    fn leave(&mut self, open: &Open, time: Timestamp, fate: Fate) {
        if let Some(visits) = self.states.get_mut(&open.name) {
            visits.time = Some(visits.time.unwrap_or_default().saturating_add(time.since(open.since)));
            visits.fate = fate;
        }
    }

    /// Tells whether the run went from here to there.
    pub(super) fn took(&self, from: Place<'_>, to: Place<'_>) -> bool {
        let name = |place| match place {
            Place::State(name) => Some(name.to_owned()),
            Place::Start | Place::End => None,
        };
        self.steps.contains(&(name(from), name(to)))
    }
}

/// Says what went wrong, from the last entry of a run that failed.
fn problem(entry: &RunLogEntry) -> String {
    let member = |wanted: &str| {
        let found = entry.details.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?.1;
        match found {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    };
    let words: Vec<String> = [member("error"), member("cause")].into_iter().flatten().collect();
    if words.is_empty() { entry.description.clone() } else { words.join(": ") }
}
