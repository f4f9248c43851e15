//! Calls to Flows.

use globus::flows::{
    FlowRole, FlowUpdate, NewFlow, NewRun, Principal, RegisteredApiRole, RunRole, RunStatus, RunUpdate,
    WebInputRole, WebInputStatus,
};
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
    "flows.validate_flow" => clients.flows.validate_flow(definition()),
    "flows.validate_flow.everything" => clients.flows.validate_flow(definition()).input_schema(json!({"type": "object"})),
    "flows.list_runs" => clients.flows.list_runs(),
    "flows.list_runs.everything" => clients
        .flows
        .list_runs()
        .filter_flow_id([A, B])
        .filter_roles([RunRole::RunOwner, RunRole::FlowRunMonitor])
        .marker("a/b+c=="),
    "flows.get_run" => clients.flows.get_run(A),
    "flows.get_run.everything" => clients.flows.get_run(A).include_flow_description(true),
    "flows.get_run_logs" => clients.flows.get_run_logs(A),
    "flows.get_run_logs.everything" => clients.flows.get_run_logs(A).limit(100).reverse_order(true).marker("a/b+c=="),
    "flows.get_run_definition" => clients.flows.get_run_definition(A),
    "flows.cancel_run" => clients.flows.cancel_run(A),
    "flows.update_run" => clients.flows.update_run(A, RunUpdate::new()),
    "flows.update_run.everything" => clients.flows.update_run(
        A,
        RunUpdate::new().label("ü").tags(["a", "b c"]).run_monitors([group()]).run_managers([identity()]),
    ),
    "flows.delete_run" => clients.flows.delete_run(A),
    "flows.list_registered_apis" => clients.flows.list_registered_apis(),
    "flows.list_registered_apis.everything" => clients
        .flows
        .list_registered_apis()
        .filter_roles([RegisteredApiRole::Owner, RegisteredApiRole::Viewer])
        .orderby(["name ASC", "id DESC"])
        .per_page(7)
        .marker("a/b+c=="),
    "flows.get_registered_api" => clients.flows.get_registered_api(A),
    "flows.list_web_inputs" => clients.flows.list_web_inputs(),
    "flows.list_web_inputs.everything" => clients
        .flows
        .list_web_inputs()
        .filter_roles([WebInputRole::Viewer, WebInputRole::Respondent])
        .filter_states([WebInputStatus::Open, WebInputStatus::Closed])
        .filter_flow_ids([A, B])
        .filter_run_ids([C])
        .orderby(["created_timestamp ASC", "closed_timestamp DESC"])
        .per_page(7)
        .marker("a/b+c=="),
    "flows.get_web_input" => clients.flows.get_web_input(A),
    "flows.respond_to_web_input" => clients.flows.respond_to_web_input(A, B),
    "flow.run_flow" => clients.flow.run_flow(json!({"n": 1})),
    "flow.run_flow.everything" => clients.flow.run_flow(
        NewRun::new(&json!({"größe": [1.5, null]}))
            .label("ü")
            .tags(["a", "b c"])
            .notify_on([RunStatus::Inactive, RunStatus::Failed])
            .run_monitors([group()])
            .run_managers([identity()]),
    ),
    "flow.validate_run" => clients.flow.validate_run(json!({"n": 1})),
    "flow.validate_run.everything" => clients.flow.validate_run(
        NewRun::new(&json!({"n": 1}))
            .label("ü")
            .tags(["a"])
            .notify_on([RunStatus::Succeeded])
            .run_monitors([group()])
            .run_managers([identity()]),
    ),
    "flow.resume_run" => clients.flow.resume_run(B),
}
