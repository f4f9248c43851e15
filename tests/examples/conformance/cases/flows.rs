//! Calls to Flows.

use globus::flows::{FlowRole, FlowUpdate, NewFlow, Principal};
use serde_json::{Value, json};

use super::{A, B, C, cases};

fn definition() -> Value {
    json!({"StartAt": "Größe", "States": {"Größe": {"Type": "Pass", "End": true, "Parameters": {"n": 1.5, "x": null}}}})
}

fn identity() -> Principal {
    format!("urn:globus:auth:identity:{B}").into()
}

fn group() -> Principal {
    format!("urn:globus:groups:id:{C}").into()
}

cases! { clients;
    "flows.create_flow" => clients.flows.create_flow(NewFlow::new("Nap", definition())),
    "flows.create_flow.everything" => clients.flows.create_flow(
        NewFlow::new("Nap", definition())
            .input_schema(json!({"type": "object"}))
            .subtitle("s")
            .description("d")
            .keywords(["k", "ü"])
            .flow_viewers([Principal::Public])
            .flow_starters([Principal::AllAuthenticatedUsers])
            .flow_administrators([identity(), group()])
            .run_managers([identity()])
            .run_monitors([group()])
            .subscription_id(A)
            .authentication_policy_id(B),
    ),
    "flows.get_flow" => clients.flows.get_flow(A),
    "flows.list_flows" => clients.flows.list_flows(),
    "flows.list_flows.everything" => clients
        .flows
        .list_flows()
        .filter_roles([FlowRole::FlowOwner, FlowRole::RunManager])
        .filter_fulltext("a b,c&d")
        .orderby(["title ASC", "created_at DESC"])
        .marker("a/b+c=="),
    "flows.update_flow" => clients.flows.update_flow(A, FlowUpdate::new()),
    "flows.update_flow.everything" => clients.flows.update_flow(
        A,
        FlowUpdate::new()
            .title("Nap")
            .definition(definition())
            .input_schema(json!({}))
            .subtitle("")
            .description("d")
            .flow_owner(B)
            .keywords(["k"])
            .flow_viewers(Vec::<Principal>::new())
            .flow_starters([identity()])
            .flow_administrators([group()])
            .run_managers([identity()])
            .run_monitors([group()])
            .default_subscription()
            .authentication_policy_id(B),
    ),
    "flows.delete_flow" => clients.flows.delete_flow(A),
}
