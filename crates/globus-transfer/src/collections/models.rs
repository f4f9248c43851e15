//! Documents about managing endpoints and collections.

use globus_core::{CollectionId, Extra, Page, PageInfo, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    document::{extra_accessors, or_default},
    endpoints::{Endpoint, Server},
    files::ResultCode,
    parts::{DataType, list},
};

/// Says that an endpoint or collection was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointCreated {
    #[serde(rename = "DATA_TYPE", default)]
    data_type: DataType,
    /// Its id.
    pub id: CollectionId,
    /// The key to set it up with (Globus Connect Personal). Never written again.
    #[serde(skip_serializing)]
    pub globus_connect_setup_key: Option<Secret>,
    /// What was done.
    pub code: Option<ResultCode>,
    /// The same as a sentence, for people.
    pub message: Option<String>,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
    /// The path of the request.
    pub resource: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

list! {
    /// Holds endpoints and collections.
    pub struct EndpointList of Endpoint {
        /// How many came.
        length: u64,
        /// How many a page has at most, where the list comes in pages.
        limit: u64,
        /// How many were left out at the beginning, where the list comes in pages.
        offset: u64,
        /// How many there are in all, where the list comes in pages.
        total: u64,
    }
}

impl Page for EndpointList {
    type Item = Endpoint;

    fn info(&self) -> PageInfo {
        PageInfo { items: self.data.len(), total: self.total, ..PageInfo::default() }
    }

    fn into_items(self) -> Vec<Endpoint> {
        self.data
    }
}

list! {
    /// Holds the servers of an endpoint.
    pub struct ServerList of Server {
        /// The endpoint.
        endpoint: String,
    }
}

/// Holds one page of the guest collections of a host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SharedEndpointPage {
    /// The guest collections.
    #[serde(default, deserialize_with = "or_default")]
    pub shared_endpoints: Vec<SharedEndpoint>,
    /// What leads to the next page; `None` when this is the last.
    pub next_token: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

/// Names a guest collection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SharedEndpoint {
    /// Its id.
    pub id: CollectionId,
    #[serde(flatten)]
    extra: Extra,
}

impl Page for SharedEndpointPage {
    type Item = SharedEndpoint;

    fn info(&self) -> PageInfo {
        PageInfo { items: self.shared_endpoints.len(), next: self.next_token.clone(), ..PageInfo::default() }
    }

    fn into_items(self) -> Vec<SharedEndpoint> {
        self.shared_endpoints
    }
}

extra_accessors!(EndpointCreated, SharedEndpointPage, SharedEndpoint);
