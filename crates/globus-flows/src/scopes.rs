//! What to ask consent for: the scopes of the service, and those of single flows.
//!
//! [`ALL`] is what [`FlowsClient`](crate::FlowsClient) asks for. It does not permit starting a flow that acts on the
//! user's behalf: nearly every flow has a scope of its own for that ([`user`]), whose resource server is the flow
//! itself ([`resource_server`]).
//!
//! ```
//! use globus_flows::{FlowId, scopes};
//!
//! let flow: FlowId = "1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10".parse()?;
//! assert_eq!(
//!     scopes::user(flow).as_str(),
//!     "https://auth.globus.org/scopes/1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10/flow_1d0c1c6e_0d0b_4b9a_9a53_5a5c1f9b7f10_user"
//! );
//! assert_eq!(scopes::resource_server(flow), "1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use globus_core::scope::flows::{
    ALL, MANAGE_FLOWS, RESOURCE_SERVER, RUN, RUN_MANAGE, RUN_STATUS, VIEW_FLOWS, WEB_INPUT_RESPOND,
    WEB_INPUT_VIEW, user, user_with_data_access,
};

use crate::FlowId;

/// Gives the resource server of one flow's scope, under which Globus Auth hands out its tokens: the flow's id.
#[must_use]
pub fn resource_server(flow: FlowId) -> String {
    flow.to_string()
}
