//! What the service says about registered APIs.

use globus_core::{Extra, Timestamp, open_enum, uuid_id};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Principal, SubscriptionId,
    document::{extra_accessors, or_default, page},
    principal,
};

uuid_id! {
    /// Names a registered API.
    pub struct RegisteredApiId, "registered API id";
}

open_enum! {
    /// Says what somebody may do with a registered API. Everybody may use it in a flow.
    pub enum RegisteredApiRole {
        /// Does everything.
        Owner = "owner",
        /// Changes it.
        Administrator = "administrator",
        /// Sees it.
        Viewer = "viewer",
    }
}

open_enum! {
    /// Says whether a registered API can be used.
    pub enum RegisteredApiStatus {
        /// It can.
        Active = "ACTIVE",
        /// It cannot.
        Inactive = "INACTIVE",
    }
}

/// Describes a registered API. In lists, it is short: id, name, description and times.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredApi {
    /// The id.
    pub id: RegisteredApiId,
    /// The name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// What it is for.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Whether it can be used.
    #[serde(default)]
    pub status: Option<RegisteredApiStatus>,
    /// What is called: method, address and operation.
    #[serde(default)]
    pub target: Option<Value>,
    /// How a flow's state becomes the request, and the answer the result.
    #[serde(default)]
    pub data_templates: Option<Value>,
    /// The JSON Schema of the parameters that a state gives.
    #[serde(default)]
    pub state_input_schema: Option<Value>,
    /// Who may do what with it.
    #[serde(default)]
    pub roles: Option<RegisteredApiRoles>,
    /// The subscription that it counts against.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// When it was registered.
    #[serde(default)]
    pub created_timestamp: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_timestamp: Option<Timestamp>,
    /// When somebody last edited it.
    #[serde(default)]
    pub edited_timestamp: Option<Timestamp>,
    /// When it will be deleted, where it will.
    #[serde(default)]
    pub scheduled_deletion_timestamp: Option<Timestamp>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says who may do what with a registered API.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RegisteredApiRoles {
    /// Who may do everything.
    #[serde(default, deserialize_with = "principal::list")]
    pub owners: Vec<Principal>,
    /// Who may change it.
    #[serde(default, deserialize_with = "principal::list")]
    pub administrators: Vec<Principal>,
    /// Who may see it.
    #[serde(default, deserialize_with = "principal::list")]
    pub viewers: Vec<Principal>,
    #[serde(flatten)]
    extra: Extra,
}

page! {
    /// Is one page of a list of registered APIs.
    pub struct RegisteredApiPage {
        /// The APIs of this page.
        registered_apis: RegisteredApi
    }
}

extra_accessors!(RegisteredApi, RegisteredApiRoles);
