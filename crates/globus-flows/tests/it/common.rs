//! Clients and documents that several tests need.

use globus_core::test_util::ReplayTransport;
use globus_flows::{FlowsClient, NewFlow};
use serde_json::{Value, json};

pub(crate) const FLOW: &str = "1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10";
pub(crate) const ADA: &str = "7a1e0c9c-2f4a-4f0e-8f0c-0d9b1a2c3d4e";
pub(crate) const GROUP: &str = "c1a5d0b2-9f7e-4a63-8a0e-6f2b1c3d4e5f";

/// A client that replays these answers.
pub(crate) fn replayed(replay: &ReplayTransport) -> FlowsClient {
    FlowsClient::builder().base_url("https://flows.example.org/").transport(replay.clone()).build().unwrap()
}

/// A client that is never asked.
pub(crate) fn idle() -> FlowsClient {
    replayed(&ReplayTransport::default())
}

pub(crate) fn definition() -> Value {
    json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})
}

pub(crate) fn new_flow() -> NewFlow {
    NewFlow::new("Nightly", definition())
}

/// A flow as its owner sees it.
pub(crate) fn flow_document() -> Value {
    json!({
        "id": FLOW,
        "title": "Nightly move",
        "subtitle": "From the microscope",
        "description": "Moves last night's images.",
        "keywords": ["lab", "images"],
        "definition": definition(),
        "input_schema": {"type": "object", "propertyOrder": ["b", "a"]},
        "globus_auth_scope": format!("https://auth.globus.org/scopes/{FLOW}/flow_1d0c1c6e_0d0b_4b9a_9a53_5a5c1f9b7f10_user"),
        "globus_auth_scopes_by_RunAs": {
            "Robot": "https://auth.globus.org/scopes/x/robot",
            "Curator": ["https://auth.globus.org/scopes/x/a", "https://auth.globus.org/scopes/x/b"],
        },
        "globus_auth_username": format!("{FLOW}@clients.auth.globus.org"),
        "principal_urn": format!("urn:globus:auth:identity:{FLOW}"),
        "flow_owner": format!("urn:globus:auth:identity:{ADA}"),
        "flow_viewers": ["public"],
        "flow_starters": ["all_authenticated_users"],
        "flow_administrators": [format!("urn:globus:groups:id:{GROUP}")],
        "run_managers": [format!("urn:globus:auth:identity:{ADA}")],
        "run_monitors": ["urn:globus:newkind:7"],
        "user_role": "flow_owner",
        "user_roles": ["flow_owner", "flow_run_manager"],
        "created_at": "2026-05-04T15:22:33.123456Z",
        "updated_at": "2026-05-05T15:22:33.5Z",
        "deleted_at": null,
        "DELETED": false,
        "flow_url": format!("https://flows.globus.org/flows/{FLOW}"),
        "action_url": format!("https://flows.automate.globus.org/flows/{FLOW}"),
        "subscription_id": "a07c7c5d-1f3a-4a0e-9d6f-4f1c0e9b8d7a",
        "authentication_policy_id": "b17c7c5d-1f3a-4a0e-9d6f-4f1c0e9b8d7a",
        "is_high_assurance": true,
        "synchronous": false,
        "log_supported": true,
        "types": ["Action"],
        "api_version": "1.0",
        "created_by": format!("urn:globus:auth:identity:{ADA}"),
        "visible_to": [],
        "runnable_by": [],
        "administered_by": [],
    })
}

/// A flow with this title, and little else.
pub(crate) fn short_flow(title: &str) -> Value {
    json!({"id": FLOW, "title": title})
}

/// A page of flows, as the service writes it.
pub(crate) fn page(titles: &[&str], marker: Option<&str>) -> Value {
    let flows: Vec<Value> = titles.iter().map(|title| short_flow(title)).collect();
    json!({"flows": flows, "limit": 20, "has_next_page": marker.is_some(), "marker": marker})
}

/// Flows in the way of the service's documentation, by name.
pub(crate) fn documented_flows() -> serde_json::Map<String, Value> {
    serde_json::from_str(include_str!("../fixtures/flows.json")).unwrap()
}
