//! What the service says about runs.

use globus_core::{Extra, FlowId, RunId, Timestamp, open_enum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Principal, WebInputId,
    document::{extra_accessors, or_default, page},
    principal,
};

open_enum! {
    /// Says how far a run is.
    pub enum RunStatus {
        /// It goes on.
        Active = "ACTIVE",
        /// It waits for its owner: for a consent or a login. [`Run::requirement`] says for what.
        Inactive = "INACTIVE",
        /// It ended with success.
        Succeeded = "SUCCEEDED",
        /// It ended without success, or was cancelled.
        Failed = "FAILED",
        /// It ended.
        Ended = "ENDED",
    }
}

impl RunStatus {
    /// Tells whether a run with this status will never change again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Ended)
    }
}

open_enum! {
    /// Says what somebody is to a run.
    ///
    /// A monitor sees the run and its log, a manager may also change, cancel and delete it; the owner, who started it,
    /// is the only one who may resume it.
    pub enum RunRole {
        /// Started the run.
        RunOwner = "run_owner",
        /// Manages the run.
        RunManager = "run_manager",
        /// Sees the run.
        RunMonitor = "run_monitor",
        /// Manages all runs of the flow.
        FlowRunManager = "flow_run_manager",
        /// Sees all runs of the flow.
        FlowRunMonitor = "flow_run_monitor",
    }
}

/// Describes a run of a flow.
///
/// Lists of principals are whole for the owner and managers, and empty for monitors, whatever they hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Run {
    /// The id.
    pub run_id: RunId,
    /// The id under its older name: a run is an action too.
    #[serde(default)]
    pub action_id: Option<RunId>,
    /// The flow.
    pub flow_id: FlowId,
    /// The flow's title when the run started.
    #[serde(default)]
    pub flow_title: Option<String>,
    /// When the flow was last changed before the run started.
    #[serde(default)]
    pub flow_last_updated: Option<Timestamp>,
    /// How far the run is.
    pub status: RunStatus,
    /// The status in words for people.
    #[serde(default)]
    pub display_status: Option<String>,
    /// When the run started.
    #[serde(default)]
    pub start_time: Option<Timestamp>,
    /// When the run ended; `None` while it has not.
    #[serde(default)]
    pub completion_time: Option<Timestamp>,
    /// The label, 1 to 64 characters.
    #[serde(default)]
    pub label: Option<String>,
    /// The tags.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// Who started the run.
    #[serde(default)]
    pub run_owner: Option<Principal>,
    /// Who may change, cancel and delete the run.
    #[serde(default, deserialize_with = "principal::list")]
    pub run_managers: Vec<Principal>,
    /// Who may see the run and its log.
    #[serde(default, deserialize_with = "principal::list")]
    pub run_monitors: Vec<Principal>,
    /// The owner, under an older name.
    #[serde(default)]
    pub created_by: Option<Principal>,
    /// The managers, under an older name.
    #[serde(default, deserialize_with = "principal::list")]
    pub manage_by: Vec<Principal>,
    /// The monitors, under an older name.
    #[serde(default, deserialize_with = "principal::list")]
    pub monitor_by: Vec<Principal>,
    /// What the caller is to the run. The service calls it deprecated; [`Run::user_roles`] has all of them.
    #[serde(default)]
    pub user_role: Option<RunRole>,
    /// All that the caller is to the run.
    #[serde(default, deserialize_with = "or_default")]
    pub user_roles: Vec<RunRole>,
    /// What happens now, or what came of the run, as the service wrote it; its form depends on the status.
    /// [`Run::code`], [`Run::output`] and their neighbours read it. `None` in lists, for a high-assurance flow.
    #[serde(default)]
    pub details: Option<Value>,
    /// The web input whose answer the run waits for.
    #[serde(default)]
    pub blocking_web_input_id: Option<WebInputId>,
    /// The flow in short, where it was asked for: see [`get_run`](crate::FlowsClient::get_run).
    #[serde(default)]
    pub flow_description: Option<FlowDescription>,
    /// How the service finds the run again; of no use to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<RunSearch>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes a flow in short, for a run of it: as it is now, which may be not as it was when the run started.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct FlowDescription {
    /// The id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FlowId>,
    /// The title, 1 to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The subtitle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The keywords.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_owner: Option<Principal>,
    /// The owner, under an older name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Principal>,
    /// The scope for starting the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub globus_auth_scope: Option<String>,
    /// When the flow was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the flow was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When the flow was deleted; `None` while it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says how the service finds a run again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunSearch {
    /// The id of the task of Globus Search that made the run findable.
    #[serde(default)]
    pub task_id: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl Run {
    /// Gives the code of the last event, `FlowSucceeded` or `ConsentRequired`, say.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.detail("code")?.as_str()
    }

    /// Gives the last event in words for people.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.detail("description")?.as_str()
    }

    /// Gives the name of the state in which the run is, or failed, where the service says it.
    #[must_use]
    pub fn state_name(&self) -> Option<&str> {
        let inner = || self.detail("details")?.get("state_name");
        self.detail("state_name").or_else(inner)?.as_str()
    }

    /// Gives the final state of a run that succeeded.
    #[must_use]
    pub fn output(&self) -> Option<&Value> {
        self.detail("output")
    }

    /// Gives why a run failed: the member `details` of [`Run::details`], whose form the service does not fix.
    #[must_use]
    pub fn failure(&self) -> Option<&Value> {
        let details = self.detail("details")?;
        (self.status == RunStatus::Failed).then_some(details)
    }

    /// Tells whether the run was cancelled. The status is then [`RunStatus::Failed`].
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.status.is_terminal() && self.code() == Some("FlowCanceled")
    }

    /// Gives what an inactive run waits for, as a Globus Auth requirements document (`code` and
    /// `authorization_parameters`): what `globus_auth::gare::Gare` reads, and an app can log in for. Afterwards
    /// [`resume_run`](crate::SpecificFlowClient::resume_run) goes on.
    ///
    /// `None` when the run is not inactive, or waits for something that no login brings.
    #[must_use]
    pub fn requirement(&self) -> Option<Value> {
        let details = self.details.as_ref()?.as_object()?;
        if self.status != RunStatus::Inactive {
            return None;
        }
        let mut parameters = match details.get("authorization_parameters") {
            Some(Value::Object(parameters)) => parameters.clone(),
            _ => Map::new(),
        };
        if let Some(scope) = details.get("required_scope").filter(|scope| scope.is_string()) {
            parameters.entry("required_scopes").or_insert_with(|| Value::Array(vec![scope.clone()]));
        }
        if parameters.is_empty() && !details.contains_key("authorization_parameters") {
            return None;
        }
        if let Some(description) = self.description() {
            parameters.entry("session_message").or_insert_with(|| description.into());
        }
        let code = if parameters.contains_key("required_scopes") {
            "ConsentRequired"
        } else {
            "AuthorizationRequired"
        };
        Some(serde_json::json!({"code": code, "authorization_parameters": parameters}))
    }

    fn detail(&self, name: &str) -> Option<&Value> {
        self.details.as_ref()?.get(name)
    }
}

page! {
    /// Is one page of a list of runs.
    pub struct RunPage {
        /// The runs of this page.
        runs: Run
    }
}

/// Is one line of a run's log.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunLogEntry {
    /// When it happened.
    pub time: Timestamp,
    /// What happened: `FlowStarted`, `ActionStarted`, `ActionCompleted`, `PassStarted`, …, and at the end one of
    /// `FlowSucceeded`, `FlowFailed`, `FlowCanceled`.
    pub code: String,
    /// What happened, in words for people.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// More about it: `state_name`, `state_type`, `input`, `output`, where they apply. Private parameters are cut out.
    #[serde(default, deserialize_with = "or_default")]
    pub details: Map<String, Value>,
    #[serde(flatten)]
    extra: Extra,
}

impl RunLogEntry {
    /// Gives the name of the state that this is about.
    #[must_use]
    pub fn state_name(&self) -> Option<&str> {
        self.details.get("state_name")?.as_str()
    }

    /// Gives the type of that state: `Action`, `Choice`, ….
    #[must_use]
    pub fn state_type(&self) -> Option<&str> {
        self.details.get("state_type")?.as_str()
    }

    /// Tells whether nothing comes after this.
    #[must_use]
    pub fn is_last(&self) -> bool {
        matches!(self.code.as_str(), "FlowSucceeded" | "FlowFailed" | "FlowCanceled")
    }
}

page! {
    /// Is one page of a run's log.
    pub struct RunLogPage {
        /// The entries of this page.
        entries: RunLogEntry
    }
}

/// Holds the definition that a run started with, whatever became of the flow since.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunDefinition {
    /// The flow.
    pub flow_id: FlowId,
    /// What the flow did. Private parameters are cut out for all but the flow's administrators.
    pub definition: Value,
    /// The JSON Schema that the input had to fit.
    #[serde(default)]
    pub input_schema: Option<Value>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that a run could be started as it was described.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunValidation {
    /// The service's words.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
    #[serde(flatten)]
    extra: Extra,
}

/// Says that a change of many runs was taken. The service says nothing else of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RunsReceipt {
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(FlowDescription, RunSearch, RunDefinition, RunValidation, RunsReceipt, Run, RunLogEntry);
