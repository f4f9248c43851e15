//! Globus Flows for Rust: flows that run research automation, a service call after the other.
//!
//! [`FlowsClient`] has the operations, under the names of the Python SDK. Each gives a request: set what is optional,
//! then send it.
//!
//! ```no_run
//! # async fn example(token: impl globus_core::Authorizer + 'static) -> globus_flows::Result<()> {
//! use globus_flows::{FlowRole, FlowsClient, NewFlow, Principal};
//! use serde_json::json;
//!
//! let flows = FlowsClient::new(token)?;
//!
//! let definition = json!({"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": true}}});
//! let flow = flows
//!     .create_flow(NewFlow::new("Nap", definition).flow_viewers([Principal::Public]))
//!     .send()
//!     .await?;
//! println!("{} has the scope {}", flow.id, flow.scope());
//!
//! let mut mine = flows.list_flows().filter_roles([FlowRole::FlowOwner]).orderby(["updated_at DESC"]).items();
//! while let Some(flow) = mine.next().await {
//!     println!("{}", flow?.title);
//! }
//! # Ok(()) }
//! ```
//!
//! [`SpecificFlowClient`] starts runs of one flow, with the flow's own scope, and gives a [`RunHandle`] that waits for them:
//!
//! ```no_run
//! # async fn example(token: impl globus_core::Authorizer + 'static) -> Result<(), globus_flows::Error> {
//! use globus_flows::SpecificFlowClient;
//!
//! let flow = SpecificFlowClient::new("1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10", token)?;
//! let run = flow.start(serde_json::json!({"source": "/in"})).await?;
//! println!("{:?}", run.wait().send().await?.output()); // a run that failed is an `Err`
//! # Ok(()) }
//! ```
//!
//! [`definition`]: flows composed in code, and checked before they are sent. [`picture`]: flows and their runs drawn.
//! [`web_inputs`]: questions that runs ask people. [`registered_apis`]: services that flows can call.
//!
//! Who asks is said by an `Authorizer`: `globus-auth` has the usual ones. The [`scopes`] say what to ask consent for.
//!
//! # Features
//! - `rustls` (default) or `native-tls`: which TLS library speaks to the service.
//! - `validate`: checks definitions and inputs before they are sent. Brings a JSON Schema validator, so it is off by
//!   default.

mod client;
pub mod definition;
mod document;
pub mod flows;
mod members;
pub mod picture;
mod principal;
pub mod registered_apis;
pub mod runs;
pub mod scopes;
pub mod specific;
pub mod web_inputs;

pub use globus_core::{
    CollectionId, Config, Error, ErrorKind, Feed, FlowId, GroupId, IdentityId, Pager, PolicyId, Response,
    Result, RetryPolicy, RunId, Scope, SubscriptionId, Timestamp,
};

#[doc(inline)]
pub use crate::{
    client::FlowsClient,
    flows::{Flow, FlowAnalysis, FlowPage, FlowRole, FlowUpdate, FlowValidation, NewFlow},
    principal::Principal,
    registered_apis::{
        NewRegisteredApi, RegisteredApi, RegisteredApiId, RegisteredApiPage, RegisteredApiRole,
        RegisteredApiStatus, RegisteredApiUpdate,
    },
    runs::{
        NewRun, Run, RunDefinition, RunError, RunFailed, RunHandle, RunInactive, RunLogEntry, RunLogPage,
        RunPage, RunRole, RunStatus, RunSucceeded, RunTimedOut, RunUpdate, RunValidation, RunWait,
        RunsReceipt, RunsUpdate,
    },
    specific::{SpecificFlowClient, SpecificFlowClientBuilder},
    web_inputs::{WebInput, WebInputId, WebInputPage, WebInputRole, WebInputStatus},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
