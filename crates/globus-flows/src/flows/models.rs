//! What the service says about flows.

use std::collections::BTreeMap;

use globus_core::{Extra, FlowId, PolicyId, Scope, SubscriptionId, Timestamp, open_enum};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Principal,
    document::{extra_accessors, or_default, page},
    principal, scopes,
};

open_enum! {
    /// Says what somebody is to a flow, or to its runs.
    ///
    /// A viewer sees the flow, a starter may also start it, an administrator may also change and delete it; the owner
    /// is one of them. Monitors see all runs of the flow, managers may also cancel and change them.
    pub enum FlowRole {
        /// Sees the flow.
        FlowViewer = "flow_viewer",
        /// Starts the flow.
        FlowStarter = "flow_starter",
        /// Changes and deletes the flow.
        FlowAdministrator = "flow_administrator",
        /// Owns the flow.
        FlowOwner = "flow_owner",
        /// Sees all runs of the flow; the word in filters.
        RunMonitor = "run_monitor",
        /// Manages all runs of the flow; the word in filters.
        RunManager = "run_manager",
        /// Sees all runs of the flow; the word in [`Flow::user_roles`].
        FlowRunMonitor = "flow_run_monitor",
        /// Manages all runs of the flow; the word in [`Flow::user_roles`].
        FlowRunManager = "flow_run_manager",
    }
}

/// Describes a flow.
///
/// Lists of principals are whole for administrators, and empty for others, whatever they hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flow {
    /// The id.
    pub id: FlowId,
    /// The title, 1 to 128 characters; not unique.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// The subtitle; empty when there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub subtitle: String,
    /// The description; empty when there is none.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// The keywords.
    #[serde(default, deserialize_with = "or_default")]
    pub keywords: Vec<String>,
    /// What the flow does: its states and where it starts. Private parameters are cut out for all but administrators.
    /// `None` in lists, for a high-assurance flow.
    #[serde(default)]
    pub definition: Option<Value>,
    /// The JSON Schema that inputs must fit; `{}` takes any object. `None` in lists, for a high-assurance flow.
    #[serde(default)]
    pub input_schema: Option<Value>,
    /// The scope for starting the flow, as text; [`Flow::scope`] gives the same.
    #[serde(default)]
    pub globus_auth_scope: Option<String>,
    /// The scopes of the roles that actions run as (`RunAs`), as the service wrote them;
    /// [`Flow::scopes_by_run_as`] reads them.
    #[serde(rename = "globus_auth_scopes_by_RunAs", default)]
    pub globus_auth_scopes_by_run_as: Option<Value>,
    /// The identity of the flow itself, which actions with `RunAs` `Flow` act as.
    #[serde(default)]
    pub principal_urn: Option<Principal>,
    /// The username of that identity.
    #[serde(default)]
    pub globus_auth_username: Option<String>,
    /// The owner.
    #[serde(default)]
    pub flow_owner: Option<Principal>,
    /// Who may see the flow.
    #[serde(default, deserialize_with = "principal::list")]
    pub flow_viewers: Vec<Principal>,
    /// Who may start the flow.
    #[serde(default, deserialize_with = "principal::list")]
    pub flow_starters: Vec<Principal>,
    /// Who may change and delete the flow, the owner aside.
    #[serde(default, deserialize_with = "principal::list")]
    pub flow_administrators: Vec<Principal>,
    /// Who may manage all runs of the flow.
    #[serde(default, deserialize_with = "principal::list")]
    pub run_managers: Vec<Principal>,
    /// Who may see all runs of the flow.
    #[serde(default, deserialize_with = "principal::list")]
    pub run_monitors: Vec<Principal>,
    /// The caller's highest role. Deprecated by the service in favour of [`Flow::user_roles`].
    #[serde(default)]
    pub user_role: Option<FlowRole>,
    /// The caller's roles.
    #[serde(default, deserialize_with = "or_default")]
    pub user_roles: Vec<FlowRole>,
    /// When the flow was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When the flow was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// When the flow was deleted; only in the answer to that.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    /// Whether the flow has been deleted; only true in the answer to that.
    #[serde(rename = "DELETED", default, deserialize_with = "or_default")]
    pub deleted: bool,
    /// The address of the flow.
    #[serde(default)]
    pub flow_url: Option<String>,
    /// The address of the flow under its older name.
    #[serde(default)]
    pub action_url: Option<String>,
    /// The subscription that the flow counts against.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The policy that logins must meet, for a high-assurance flow.
    #[serde(default)]
    pub authentication_policy_id: Option<PolicyId>,
    /// Whether the flow is a high-assurance flow.
    #[serde(default, deserialize_with = "or_default")]
    pub is_high_assurance: bool,
    /// Whether runs end before the call that starts them does. A flow is an action provider too, and these are the
    /// properties of one: this and the next three.
    #[serde(default)]
    pub synchronous: Option<bool>,
    /// Whether runs have a log.
    #[serde(default)]
    pub log_supported: Option<bool>,
    /// The kinds of action provider.
    #[serde(default, deserialize_with = "or_default")]
    pub types: Vec<String>,
    /// The version of the action provider interface.
    #[serde(default)]
    pub api_version: Option<String>,
    /// The owner, under an older name.
    #[serde(default)]
    pub created_by: Option<Principal>,
    /// The viewers, under an older name; usually empty.
    #[serde(default, deserialize_with = "principal::list")]
    pub visible_to: Vec<Principal>,
    /// The starters, under an older name; usually empty.
    #[serde(default, deserialize_with = "principal::list")]
    pub runnable_by: Vec<Principal>,
    /// The administrators, under an older name; usually empty.
    #[serde(default, deserialize_with = "principal::list")]
    pub administered_by: Vec<Principal>,
    #[serde(flatten)]
    extra: Extra,
}

impl Flow {
    /// Gives the scope for starting this flow. Its resource server is [`Flow::resource_server`].
    ///
    /// When the flow moves files of mapped collections, ask for
    /// [`user_with_data_access`](crate::scopes::user_with_data_access) instead.
    #[must_use]
    pub fn scope(&self) -> Scope {
        scopes::user(self.id)
    }

    /// Gives the resource server of that scope.
    #[must_use]
    pub fn resource_server(&self) -> String {
        scopes::resource_server(self.id)
    }

    /// Gives the scopes that each role of `RunAs` needs, by the role's name.
    #[must_use]
    pub fn scopes_by_run_as(&self) -> BTreeMap<&str, Vec<&str>> {
        let roles = self.globus_auth_scopes_by_run_as.as_ref().and_then(Value::as_object);
        roles.into_iter().flatten().map(|(role, scopes)| (role.as_str(), texts(scopes))).collect()
    }
}

page! {
    /// Is one page of a list of flows.
    pub struct FlowPage {
        /// The flows of this page.
        flows: Flow
    }
}

/// Says that a flow's definition is valid, and what it needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct FlowValidation {
    /// The scopes that the actions need, by the role that they run as (`User`, `Flow`, or the flow's own words).
    #[serde(default, deserialize_with = "or_default")]
    pub scopes: BTreeMap<String, Vec<String>>,
    /// What the service found out about the ways through the flow.
    #[serde(default)]
    pub analysis: Option<FlowAnalysis>,
    #[serde(flatten)]
    extra: Extra,
}

impl FlowValidation {
    /// Gives the number of ways through the flow, where the service counted them.
    #[must_use]
    pub fn number_of_possibilities(&self) -> Option<u64> {
        self.analysis.as_ref()?.number_of_possibilities
    }
}

/// Says what the service found out about the ways through a flow.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct FlowAnalysis {
    /// The number of ways through the flow; 1 for a flow of one state.
    #[serde(default)]
    pub number_of_possibilities: Option<u64>,
    #[serde(flatten)]
    extra: Extra,
}

/// Gives the texts of a list, or the one that stands in place of it.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

extra_accessors!(Flow, FlowAnalysis, FlowValidation);
