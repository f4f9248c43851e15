//! What the service says about registered APIs.

use std::collections::BTreeMap;

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
    pub target: Option<RegisteredApiTarget>,
    /// How a flow's state becomes the request, and the answer the result.
    #[serde(default)]
    pub data_templates: Option<DataTemplates>,
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

/// Says what a registered API calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RegisteredApiTarget {
    /// The kind of description: `openapi`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub target_type: Option<String>,
    /// The version of `OpenAPI` that the description is written in, e.g. `3.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openapi_version: Option<String>,
    /// Where the request goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<ApiDestination>,
    /// The operation, as `OpenAPI` describes it; its `security` names the scopes of Globus Auth that it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specification: Option<Value>,
    /// What is done to the request before it goes out; `None` for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transforms: Option<Value>,
    /// What the operation refers to, as `OpenAPI` describes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Value>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says where the requests of a registered API go.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct ApiDestination {
    /// The HTTP method in small letters: `get`, `head`, `post`, `put`, `delete`, `patch`, `options`, `trace` or
    /// `connect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The address, with parameters of the path in braces: `https://example.org/samples/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Says how a flow's state becomes the request of a registered API, and the answer the result.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct DataTemplates {
    /// What the request is made from: an object with a `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// What the result is made from, for each class of status (`2XX`, `404`, `default`): an object with a `template`,
    /// and with a `type` that says `success` or `failure`.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub response: BTreeMap<String, Value>,
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

extra_accessors!(RegisteredApi, RegisteredApiTarget, ApiDestination, DataTemplates, RegisteredApiRoles);
