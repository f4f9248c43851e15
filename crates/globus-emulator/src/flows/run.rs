//! A run of a flow: what was asked for, how far it got, and who sees it.

mod action;
pub(crate) mod api;
mod as_action;
pub(crate) mod engine;
mod input;
mod list;
mod log;
mod states;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use super::flow::{Flow, Role};
use super::parameters;
use crate::auth::Caller;
use crate::auth::principals::{Who, identity_urn};
use crate::time;
use log::Log;

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Inactive,
    Succeeded,
    Failed,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
        }
    }

    pub(crate) fn is_final(self) -> bool {
        matches!(self, Status::Succeeded | Status::Failed)
    }
}

/// What somebody is to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunRole {
    Owner,
    Manager,
    FlowManager,
    Monitor,
    FlowMonitor,
}

impl RunRole {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RunRole::Owner => "run_owner",
            RunRole::Manager => "run_manager",
            RunRole::Monitor => "run_monitor",
            RunRole::FlowManager => "flow_run_manager",
            RunRole::FlowMonitor => "flow_run_monitor",
        }
    }

    /// Whether it allows to change, cancel and release.
    pub(crate) fn manages(self) -> bool {
        matches!(self, RunRole::Owner | RunRole::Manager | RunRole::FlowManager)
    }
}

/// What can be changed of a run while it runs, and after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    pub(crate) label: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) managers: Vec<String>,
    pub(crate) monitors: Vec<String>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    /// What tells requests for actions apart; another flow that starts this one gives it.
    request_id: Option<String>,
    /// How many runs stand above it, each started by the one before.
    pub(crate) depth: usize,
    pub(crate) flow_id: Uuid,
    pub(crate) flow_title: String,
    pub(crate) flow_scope: String,
    flow_updated: Timestamp,
    /// The policy of the flow when the run started, for when the flow is gone.
    policy: Option<Uuid>,
    /// The definition that the run started with.
    pub(crate) definition: Value,
    pub(crate) input_schema: Value,
    pub(crate) input: Value,
    /// `$._context`.
    pub(crate) context: Value,
    /// The identity that started the run.
    pub(crate) owner: Uuid,
    pub(crate) start_time: Timestamp,
    /// The statuses of which the owner is told.
    notified_of: Vec<String>,
    progress: Mutex<Progress>,
    /// Wakes the engine: the run was resumed, canceled, or an answer came.
    pub(crate) changed: Notify,
}

/// What changes while a run runs.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    pub(crate) metadata: Metadata,
    pub(crate) completion_time: Option<Timestamp>,
    pub(crate) details: Value,
    pub(crate) log: Log,
    pub(crate) blocking_web_input: Option<Uuid>,
    /// For whom the run acts: whoever started or resumed it last.
    pub(crate) caller: Caller,
    /// How often the run was resumed.
    pub(crate) resumed: u64,
}

/// What a run is started with.
pub(crate) struct Start {
    pub(crate) request_id: Option<String>,
    pub(crate) depth: usize,
    pub(crate) input: Value,
    pub(crate) metadata: Metadata,
    pub(crate) notified_of: Vec<String>,
    pub(crate) caller: Caller,
    pub(crate) context: Map<String, Value>,
}

impl Run {
    pub(crate) fn new(flow: &Flow, start: Start, now: Timestamp) -> Run {
        let id = Uuid::new_v4();
        let mut context = start.context;
        context.insert("flow_id".to_owned(), flow.id.to_string().into());
        context.insert("run_id".to_owned(), id.to_string().into());
        let input = parameters::public(&start.input);
        let details = json!({
            "code": "FlowStarting",
            "description": "This Flow Instance is being prepared to start execution",
            "details": {"input": input},
        });
        Run {
            id,
            request_id: start.request_id,
            depth: start.depth,
            flow_id: flow.id,
            flow_title: flow.title.clone(),
            flow_scope: flow.scope(),
            flow_updated: flow.updated_at,
            policy: flow.authentication_policy_id,
            definition: flow.definition.clone(),
            input_schema: flow.input_schema.clone(),
            owner: start.caller.identity_id,
            input: start.input,
            context: Value::Object(context),
            start_time: now,
            notified_of: start.notified_of,
            progress: Mutex::new(Progress {
                status: Status::Active,
                metadata: start.metadata,
                completion_time: None,
                details,
                log: Log::default(),
                blocking_web_input: None,
                caller: start.caller,
                resumed: 0,
            }),
            changed: Notify::new(),
        }
    }

    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a run that has not ended, and wakes whoever waits; `None` when it has.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> Option<T> {
        let mut progress = self.progress();
        let changed = (!progress.status.is_final()).then(|| change(&mut progress));
        drop(progress);
        self.changed.notify_waiters();
        changed
    }

    /// Ends a run that nobody wants any more.
    pub(crate) fn abandon(&self, now: Timestamp) {
        let text = "The emulator was reset";
        engine::end(self, now, Status::Failed, "FlowCanceled", text, &json!({"details": {}}));
    }

    /// Whether the owner wants to hear that the run came to this status.
    pub(crate) fn is_notified_of(&self, status: Status) -> bool {
        self.notified_of.iter().any(|wanted| wanted == status.as_str())
    }

    /// Whether it ended before this time.
    pub(crate) fn ended_before(&self, time: Timestamp) -> bool {
        self.progress().completion_time.is_some_and(|ended| ended < time)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.progress().status.is_final()
    }

    /// Returns every role that somebody has, also through a group, highest first. `flow` is there as long as it is not
    /// deleted.
    pub(crate) fn roles(&self, who: Who<'_>, flow: Option<&Flow>) -> Vec<RunRole> {
        let urns = who.urns();
        let of_flow: Vec<Role> = flow.map(|flow| flow.roles(who)).unwrap_or_default();
        let progress = self.progress();
        let among = |list: &[String]| list.iter().any(|entry| urns.contains(entry));
        let administers = of_flow.iter().any(|role| matches!(role, Role::Administrator | Role::Owner));
        [
            (who.is(self.owner), RunRole::Owner),
            (among(&progress.metadata.managers), RunRole::Manager),
            (administers || of_flow.contains(&Role::RunManager), RunRole::FlowManager),
            (among(&progress.metadata.monitors), RunRole::Monitor),
            (of_flow.contains(&Role::RunMonitor), RunRole::FlowMonitor),
        ]
        .into_iter()
        .filter_map(|(held, role)| held.then_some(role))
        .collect()
    }

    /// The policy that sessions have to meet. `flow` is there as long as it is not deleted.
    pub(crate) fn policy(&self, flow: Option<&Flow>) -> Option<Uuid> {
        flow.map_or(self.policy, |flow| flow.authentication_policy_id)
    }

    /// The document of the run, as somebody with these roles sees it.
    pub(crate) fn document(&self, roles: &[RunRole]) -> Value {
        let progress = self.progress();
        let is_manager = roles.iter().any(|role| role.manages());
        let for_managers = |list: &[String]| if is_manager { list.to_vec() } else { Vec::new() };
        let user_roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let owner = identity_urn(self.owner);
        let managers = for_managers(&progress.metadata.managers);
        let monitors = for_managers(&progress.metadata.monitors);
        json!({
            "run_id": self.id,
            "action_id": self.id,
            "flow_id": self.flow_id,
            "flow_title": self.flow_title,
            "flow_last_updated": time::micros(self.flow_updated),
            "start_time": time::micros(self.start_time),
            "completion_time": progress.completion_time.map(time::micros),
            "status": progress.status.as_str(),
            "display_status": progress.status.as_str(),
            "label": progress.metadata.label,
            "tags": progress.metadata.tags,
            "run_owner": owner,
            "created_by": owner,
            "run_managers": managers,
            "run_monitors": monitors,
            "manage_by": managers,
            "monitor_by": monitors,
            "user_role": user_roles.first(),
            "user_roles": user_roles,
            "blocking_web_input_id": progress.blocking_web_input,
            "details": progress.details,
        })
    }

    /// Sorts runs that are asked for in a list.
    pub(crate) fn sort_key(&self, field: &str) -> String {
        let progress = self.progress();
        match field {
            "start_time" => time::micros(self.start_time),
            "completion_time" => progress.completion_time.map(time::micros).unwrap_or_default(),
            "status" => progress.status.as_str().to_owned(),
            "label" => progress.metadata.label.clone().unwrap_or_default(),
            _ => self.id.to_string(),
        }
    }
}

/// A run in the store.
pub(crate) type Shared = Arc<Run>;
