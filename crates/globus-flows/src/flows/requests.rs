//! What the service is told about flows.

use globus_core::{IdentityId, IntoId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    PolicyId, Principal, SubscriptionId,
    members::{FlowMembers as _, Members},
};

/// The most characters of a title or a subtitle.
const LONGEST_TITLE: usize = 128;
/// The most characters of a description.
const LONGEST_DESCRIPTION: usize = 4096;

/// Describes a flow to create.
///
/// Only title and definition are required. A value over the service's limits gives its error when the request is sent,
/// before anything goes over the network.
///
/// ```
/// use globus_flows::{NewFlow, Principal};
/// use serde_json::json;
///
/// let flow = NewFlow::new("Nap", json!({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": true}}}))
///     .keywords(["test"])
///     .flow_viewers([Principal::Public]);
/// assert_eq!(serde_json::to_value(&flow).unwrap()["flow_viewers"], json!(["public"]));
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct NewFlow(Members);

/// Describes a change of a flow: what is not set stays as it is.
///
/// No member takes `null`; an empty text or list clears what it sets. A value over the service's limits gives its
/// error when the request is sent, before anything goes over the network.
///
/// ```
/// use globus_flows::FlowUpdate;
///
/// let update = FlowUpdate::new().subtitle("").keywords(["test", "nap"]);
/// assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"keywords":["test","nap"],"subtitle":""}"#);
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct FlowUpdate(Members);

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Sets the JSON Schema (an object) that inputs must fit; `{}` takes any object.
        pub fn input_schema(mut self, schema: impl Into<Value>) -> Self {
            self.0.object("input_schema", schema.into());
            self
        }

        /// Sets the subtitle, at most 128 characters.
        pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
            self.0.text("subtitle", subtitle.into(), 0..=LONGEST_TITLE);
            self
        }

        /// Sets the description, at most 4096 characters.
        pub fn description(mut self, description: impl Into<String>) -> Self {
            self.0.text("description", description.into(), 0..=LONGEST_DESCRIPTION);
            self
        }

        /// Sets the keywords, by which the flow can be found: at most 1024, with at most 1024 characters in all.
        pub fn keywords<S: Into<String>>(mut self, keywords: impl IntoIterator<Item = S>) -> Self {
            self.0.texts("keywords", keywords);
            self
        }

        /// Sets who may see the flow: at most 16 identities and groups, or [`Principal::Public`].
        pub fn flow_viewers<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("flow_viewers", Some(&Principal::Public), principals);
            self
        }

        /// Sets who may start the flow: at most 16 identities and groups, or [`Principal::AllAuthenticatedUsers`].
        pub fn flow_starters<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("flow_starters", Some(&Principal::AllAuthenticatedUsers), principals);
            self
        }

        /// Sets who may change and delete the flow, the owner aside: at most 16 identities and groups.
        pub fn flow_administrators<P: Into<Principal>>(
            mut self,
            principals: impl IntoIterator<Item = P>,
        ) -> Self {
            self.0.principals("flow_administrators", None, principals);
            self
        }

        /// Sets who may manage all runs of the flow: at most 16 identities and groups.
        pub fn run_managers<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("run_managers", None, principals);
            self
        }

        /// Sets who may see all runs of the flow: at most 16 identities and groups.
        pub fn run_monitors<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals("run_monitors", None, principals);
            self
        }

        /// Counts the flow against this subscription.
        pub fn subscription_id(mut self, id: impl IntoId<SubscriptionId>) -> Self {
            self.0.id("subscription_id", id);
            self
        }

        /// Sets a member that the SDK has no setter for; in place of one that has been set, and unchecked.
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
            self.0.set(name, value.into());
            self
        }
    };
}

impl NewFlow {
    /// Describes a flow with this title (1 to 128 characters, need not be unique) and this definition (an object with
    /// `StartAt` and `States`). It takes any input, and only the owner sees it.
    pub fn new(title: impl Into<String>, definition: impl Into<Value>) -> Self {
        let mut members = Members::default();
        members.text("title", title.into(), 1..=LONGEST_TITLE);
        members.object("definition", definition.into());
        // The official clients always send one.
        members.object("input_schema", Value::Object(Map::new()));
        Self(members)
    }

    common_setters!();

    /// Makes the flow a high-assurance flow, which asks for logins that meet this policy. Can be replaced later, but
    /// neither added nor removed.
    pub fn authentication_policy_id(mut self, id: impl IntoId<PolicyId>) -> Self {
        self.0.id("authentication_policy_id", id);
        self
    }
}

impl FlowUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title, 1 to 128 characters.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.0.text("title", title.into(), 1..=LONGEST_TITLE);
        self
    }

    /// Sets the definition, an object with `StartAt` and `States`. Runs under way keep the one they started with.
    pub fn definition(mut self, definition: impl Into<Value>) -> Self {
        self.0.object("definition", definition.into());
        self
    }

    /// Takes the ownership of the flow. Can only be the caller's own identity, who must be an administrator already.
    pub fn flow_owner(mut self, identity: impl IntoId<IdentityId>) -> Self {
        match identity.into_id() {
            Ok(id) => self.0.set("flow_owner", Principal::Identity(id).to_string()),
            Err(invalid) => self.0.refuse("flow_owner", format!("flow_owner: {invalid}")),
        }
        self
    }

    common_setters!();

    /// Counts the flow against the caller's default subscription.
    pub fn default_subscription(mut self) -> Self {
        self.0.set("subscription_id", "DEFAULT");
        self
    }

    /// Replaces the policy of a high-assurance flow. No other flow takes one.
    pub fn authentication_policy_id(mut self, id: impl IntoId<PolicyId>) -> Self {
        self.0.id("authentication_policy_id", id);
        self
    }
}
