//! What the service is told about registered APIs.

use globus_core::IntoId;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Principal, SubscriptionId,
    members::{FlowMembers as _, Members},
};

/// Describes an API to register.
///
/// ```
/// use globus_flows::NewRegisteredApi;
/// use serde_json::json;
///
/// let subscription = "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01";
/// let api = NewRegisteredApi::new("Samples", "Looks up a sample", json!({"type": "openapi"}), subscription);
/// assert_eq!(serde_json::to_value(&api).unwrap()["name"], "Samples");
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct NewRegisteredApi(Members);

/// Describes a change of a registered API: what is not set stays as it is.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
#[must_use = "a document does nothing until it is sent"]
pub struct RegisteredApiUpdate(Members);

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Sets how a flow's state becomes the request, and the answer the result (an object).
        pub fn data_templates(mut self, templates: impl Into<Value>) -> Self {
            self.0.object("data_templates", templates.into());
            self
        }

        /// Sets the JSON Schema (an object) of the parameters that a state gives.
        pub fn state_input_schema(mut self, schema: impl Into<Value>) -> Self {
            self.0.object("state_input_schema", schema.into());
            self
        }

        /// Sets who may do everything with it: at most 16 identities and groups. Only owners may say so.
        pub fn owners<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals_within("roles", "owners", principals);
            self
        }

        /// Sets who may change it, and say who sees it: at most 16 identities and groups. Only owners may say so.
        pub fn administrators<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals_within("roles", "administrators", principals);
            self
        }

        /// Sets who may see it: at most 16 identities and groups. Everybody may use it in a flow.
        pub fn viewers<P: Into<Principal>>(mut self, principals: impl IntoIterator<Item = P>) -> Self {
            self.0.principals_within("roles", "viewers", principals);
            self
        }

        /// Sets a member that the SDK has no setter for; in place of one that has been set, and unchecked.
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
            self.0.set(name, value.into());
            self
        }
    };
}

impl NewRegisteredApi {
    /// Describes an API by its name, what it is for, what is called (an object with `type`, `destination` and
    /// `specification`), and the subscription that it counts against.
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        target: impl Into<Value>,
        subscription_id: impl IntoId<SubscriptionId>,
    ) -> Self {
        let mut members = Members::default();
        members.set("name", name.into());
        members.set("description", description.into());
        members.object("target", target.into());
        members.id("subscription_id", subscription_id);
        Self(members)
    }

    common_setters!();
}

impl RegisteredApiUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.set("name", name.into());
        self
    }

    /// Sets what it is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.set("description", description.into());
        self
    }

    /// Counts it against this subscription.
    pub fn subscription_id(mut self, id: impl IntoId<SubscriptionId>) -> Self {
        self.0.id("subscription_id", id);
        self
    }

    /// Sets what is called (an object).
    pub fn target(mut self, target: impl Into<Value>) -> Self {
        self.0.object("target", target.into());
        self
    }

    common_setters!();
}
