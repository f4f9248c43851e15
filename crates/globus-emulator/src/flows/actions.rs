//! Action providers: those that the emulator has itself, and those of others, reached by URL.
//!
//! A flow talks to both through the Action Provider interface; to those of the emulator without a socket.

pub(crate) mod api;
pub(crate) mod compute;
mod datacite;
mod expression;
mod guests;
mod hosted;
pub(crate) mod notification;
pub(crate) mod provider;
pub(crate) mod records;
mod search;
mod transfer;
mod web_option;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Caller;
use crate::auth::principals::identity_urn;
use crate::state::State;
use crate::{random, time};
use hosted::Hosted;
use notification::Mail;
use records::Records;

pub(crate) use hosted::register_scopes;

/// What the action providers remember.
#[derive(Debug, Default)]
pub(crate) struct Store {
    actions: Mutex<BTreeMap<String, Arc<Action>>>,
    outbox: Mutex<Vec<Mail>>,
    search: Records,
    datacite: Records,
    /// What stands in for the functions of Compute.
    functions: Mutex<BTreeMap<Uuid, compute::Function>>,
    calls: Records,
}

impl Store {
    /// Forgets all actions, and what they left.
    pub(crate) fn reset(&self) {
        self.actions().clear();
        lock(&self.outbox).clear();
        self.search.clear();
        self.datacite.clear();
        self.forget_functions();
    }

    /// Lets runs call a function.
    pub(crate) fn add_function(&self, id: Uuid, function: compute::Function) {
        lock(&self.functions).insert(id, function);
    }

    fn forget_functions(&self) {
        lock(&self.functions).clear();
        self.calls.clear();
    }

    fn actions(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Action>>> {
        lock(&self.actions)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far an action is.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Active(Value),
    /// It waits for somebody: for consent, mostly.
    Inactive(Value),
    Succeeded(Value),
    Failed(Value),
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Stage::Active(_) => "ACTIVE",
            Stage::Inactive(_) => "INACTIVE",
            Stage::Succeeded(_) => "SUCCEEDED",
            Stage::Failed(_) => "FAILED",
        }
    }

    fn details(&self) -> &Value {
        match self {
            Stage::Active(details)
            | Stage::Inactive(details)
            | Stage::Succeeded(details)
            | Stage::Failed(details) => details,
        }
    }

    fn is_final(&self) -> bool {
        matches!(self, Stage::Succeeded(_) | Stage::Failed(_))
    }

    /// A failure in words.
    fn failure(code: &str, description: impl Into<String>) -> Stage {
        Stage::Failed(json!({"code": code, "description": description.into()}))
    }
}

/// An action of one of the emulator's own providers.
#[derive(Debug)]
struct Action {
    id: String,
    hosted: &'static Hosted,
    creator: Uuid,
    /// The request as it was sent, to tell a repetition.
    request: Value,
    start_time: Timestamp,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    stage: Stage,
    completion_time: Option<Timestamp>,
    /// The task of Transfer that does the work.
    task: Option<String>,
    /// What the action may do elsewhere.
    token: String,
}

impl Action {
    fn new(
        hosted: &'static Hosted,
        caller: &Caller,
        request: Value,
        token: String,
        now: Timestamp,
    ) -> Action {
        let progress = Progress { stage: Stage::Active(json!({})), completion_time: None, task: None, token };
        let id = match hosted.work {
            hosted::Work::Compute => compute::action_id(&request),
            _ => random::alphanumeric(13),
        };
        let creator = caller.identity_id;
        Action { id, hosted, creator, request, start_time: now, progress: Mutex::new(progress) }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        lock(&self.progress)
    }

    fn body(&self) -> &Value {
        &self.request["body"]
    }

    /// Notes how far the action is; what has ended stays as it is.
    fn reach(&self, stage: Stage, now: Timestamp) {
        let mut progress = self.progress();
        if progress.stage.is_final() {
            return;
        }
        progress.completion_time = stage.is_final().then_some(now);
        progress.stage = stage;
    }

    fn document(&self) -> Value {
        let progress = self.progress();
        let list =
            |name: &str| self.request.get(name).filter(|list| list.is_array()).cloned().unwrap_or(json!([]));
        json!({
            "action_id": self.id,
            "status": progress.stage.name(),
            "display_status": progress.stage.name(),
            "creator_id": identity_urn(self.creator),
            "label": self.request.get("label"),
            "manage_by": list("manage_by"),
            "monitor_by": list("monitor_by"),
            "release_after": self.request.get("release_after").cloned().unwrap_or_else(|| "P30D".into()),
            "start_time": time::micros(self.start_time),
            "completion_time": progress.completion_time.map(time::micros),
            "details": progress.stage.details(),
        })
    }
}

/// Works on an action as far as it goes now.
async fn work(state: &Arc<State>, action: &Arc<Action>) {
    if action.progress().stage.is_final() {
        return;
    }
    let reached = match action.hosted.work {
        hosted::Work::Hello => hello(state, action),
        hosted::Work::Expression => expression::evaluate(action.body()),
        hosted::Work::WaitForOption => web_option::wait(state, action),
        hosted::Work::Notify => notification::notify(state, action.body()),
        hosted::Work::SearchIngest => search::record(state, action, "ingest"),
        hosted::Work::SearchDelete => search::record(state, action, "delete"),
        hosted::Work::Transfer(operation) => transfer::work(state, action, operation).await,
        hosted::Work::ServerGuest => guests::of_server(state, action).await,
        hosted::Work::PersonalGuest => guests::of_personal(state, action).await,
        hosted::Work::Compute => compute::work(state, action),
        hosted::Work::MintDoi => datacite::mint(state, action.body()),
    };
    action.reach(reached, state.clock.now());
}

/// Says hello, after a nap if that is wanted.
fn hello(state: &State, action: &Action) -> Stage {
    // A whole number may be written as 3.0, and be larger than any time.
    let nap = action.body().get("sleep_time").and_then(Value::as_f64).unwrap_or(0.0);
    let nap = jiff::SignedDuration::try_from_secs_f64(nap).unwrap_or(jiff::SignedDuration::MAX);
    let awake = action.start_time.saturating_add(nap).unwrap_or(Timestamp::MAX);
    let mut details = json!({"Hello": "World"});
    if let Some(echo) = action.body().get("echo_string") {
        details["hello"] = echo.clone();
    }
    if state.clock.now() < awake { Stage::Active(details) } else { Stage::Succeeded(details) }
}
