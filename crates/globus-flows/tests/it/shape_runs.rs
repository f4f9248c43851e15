//! What the operations on runs, web inputs and registered APIs put on the wire.

use globus_core::test_util::shape;
use globus_flows::{
    FlowId, NewRegisteredApi, NewRun, Principal, RegisteredApiRole, RegisteredApiUpdate, RunId, RunRole,
    RunStatus, RunUpdate, RunsUpdate, SpecificFlowClient, WebInputRole, WebInputStatus,
};
use serde_json::json;

use crate::common::{ADA, FLOW, GROUP, idle};

const RUN: &str = "4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607";

fn specific() -> SpecificFlowClient {
    SpecificFlowClient::builder(FLOW).base_url("https://flows.example.org/").build().unwrap()
}

fn check(rows: Vec<(String, String)>) {
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

#[test]
fn runs() {
    let flows = idle();
    let flow: FlowId = FLOW.parse().unwrap();
    let run: RunId = RUN.parse().unwrap();
    let ada_urn = format!("urn:globus:auth:identity:{ADA}");
    let update = RunUpdate::new()
        .label("l")
        .tags(["a", "b"])
        .run_managers([ada_urn.as_str()])
        .run_monitors(Vec::<Principal>::new())
        .extra("colour", "red");
    let nobody = || Vec::<Principal>::new();
    let many = RunsUpdate::new([RUN, RUN])
        .tags(["a", "b"])
        .run_managers(nobody())
        .run_monitors(nobody())
        .add_tags(["c"])
        .add_run_managers([ada_urn.as_str()])
        .add_run_monitors(nobody())
        .remove_tags(["d"])
        .remove_run_managers(nobody())
        .remove_run_monitors([ada_urn.as_str()])
        .cancel()
        .extra("colour", 1);
    check(vec![
        (shape(flows.list_runs().to_request()), "GET /runs".to_owned()),
        (
            shape(
                flows
                    .list_runs()
                    .filter_flow_id([flow, flow])
                    .filter_roles([RunRole::RunOwner, RunRole::FlowRunManager])
                    .filter_status([RunStatus::Active, RunStatus::Inactive])
                    .filter_label("night,day")
                    .filter_flow_title("move")
                    .filter_start_time("2026-01-01T00:00:00Z,")
                    .filter_completion_time(",2026-02-01T00:00:00Z")
                    .orderby(["start_time ASC", "label DESC"])
                    .per_page(7)
                    .marker("m&=1")
                    .to_request(),
            ),
            format!(
                "GET /runs?filter_flow_id={FLOW},{FLOW}&filter_roles=run_owner,flow_run_manager\
                 &filter_status=ACTIVE,INACTIVE&filter_label=night,day&filter_flow_title=move\
                 &filter_start_time=2026-01-01T00:00:00Z,&filter_completion_time=,2026-02-01T00:00:00Z\
                 &orderby=start_time ASC&orderby=label DESC&per_page=7&marker=m&=1"
            ),
        ),
        (shape(flows.get_run(RUN).to_request()), format!("GET /runs/{RUN}")),
        (
            shape(flows.get_run(run).include_flow_description(true).to_request()),
            format!("GET /runs/{RUN}?include_flow_description=True"),
        ),
        (shape(flows.get_run_definition(run).to_request()), format!("GET /runs/{RUN}/definition")),
        (shape(flows.get_run_logs(RUN).to_request()), format!("GET /runs/{RUN}/log")),
        (
            shape(flows.get_run_logs(RUN).limit(100).reverse_order(true).marker("m").to_request()),
            format!("GET /runs/{RUN}/log?limit=100&reverse_order=True&marker=m"),
        ),
        (shape(flows.update_run(RUN, RunUpdate::new()).to_request()), format!("PUT /runs/{RUN} {{}}")),
        (
            shape(flows.update_run(RUN, update).to_request()),
            format!(
                r#"PUT /runs/{RUN} {{"colour":"red","label":"l","run_managers":["{ada_urn}"],"run_monitors":[],"tags":["a","b"]}}"#
            ),
        ),
        (
            shape(flows.update_runs(many).to_request()),
            format!(
                r#"POST /batch/runs {{"add":{{"run_managers":["{ada_urn}"],"run_monitors":[],"tags":["c"]}},"colour":1,"filters":{{"run_ids":["{RUN}","{RUN}"]}},"remove":{{"run_managers":[],"run_monitors":["{ada_urn}"],"tags":["d"]}},"set":{{"run_managers":[],"run_monitors":[],"status":"cancel","tags":["a","b"]}}}}"#
            ),
        ),
        (shape(flows.cancel_run(RUN).to_request()), format!("POST /runs/{RUN}/cancel")),
        (shape(flows.delete_run(RUN).to_request()), format!("POST /runs/{RUN}/release")),
        (
            shape(flows.validate_flow(json!({"StartAt": "A"})).to_request()),
            r#"POST /flows/validate {"definition":{"StartAt":"A"}}"#.to_owned(),
        ),
        (
            shape(flows.validate_flow(json!({})).input_schema(json!({"type": "object"})).to_request()),
            r#"POST /flows/validate {"definition":{},"input_schema":{"type":"object"}}"#.to_owned(),
        ),
    ]);
}

#[test]
fn runs_of_one_flow() {
    let flow = specific();
    let ada_urn = format!("urn:globus:auth:identity:{ADA}");
    let whole = NewRun::new(&json!({"n": 1}))
        .label("l")
        .tags(["t"])
        .run_managers([ada_urn.as_str()])
        .run_monitors([format!("urn:globus:groups:id:{GROUP}")])
        .notify_on([RunStatus::Failed, RunStatus::Succeeded])
        .extra("colour", json!(null));
    let document = format!(
        r#"{{"activity_notification_policy":{{"status":["FAILED","SUCCEEDED"]}},"body":{{"n":1}},"colour":null,"label":"l","run_managers":["{ada_urn}"],"run_monitors":["urn:globus:groups:id:{GROUP}"],"tags":["t"]}}"#
    );
    check(vec![
        (
            shape(flow.run_flow(json!({"a": "b"})).to_request()),
            format!(r#"POST /flows/{FLOW}/run {{"body":{{"a":"b"}}}}"#),
        ),
        (shape(flow.run_flow(whole.clone()).to_request()), format!("POST /flows/{FLOW}/run {document}")),
        (shape(flow.validate_run(whole).to_request()), format!("POST /flows/{FLOW}/validate_run {document}")),
        (shape(flow.resume_run(RUN).to_request()), format!("POST /runs/{RUN}/resume")),
    ]);
}

#[test]
fn web_inputs() {
    let flows = idle();
    check(vec![
        (shape(flows.list_web_inputs().to_request()), "GET /web_inputs".to_owned()),
        (
            shape(
                flows
                    .list_web_inputs()
                    .filter_roles([WebInputRole::Viewer, WebInputRole::Respondent])
                    .filter_states([WebInputStatus::Open, WebInputStatus::Closed])
                    .filter_flow_ids([FLOW])
                    .filter_run_ids([RUN, RUN])
                    .orderby(["created_timestamp ASC", "closed_timestamp DESC"])
                    .per_page(3)
                    .marker("m")
                    .to_request(),
            ),
            format!(
                "GET /web_inputs?filter_roles=viewer,respondent&filter_states=open,closed&filter_flow_ids={FLOW}\
                 &filter_run_ids={RUN},{RUN}&orderby=created_timestamp ASC,closed_timestamp DESC&per_page=3&marker=m"
            ),
        ),
        (shape(flows.get_web_input(RUN).to_request()), format!("GET /web_inputs/{RUN}")),
        (
            shape(flows.respond_to_web_input(RUN, "yes").to_request()),
            format!(r#"POST /web_inputs/{RUN}/respond {{"response":{{"value":"yes"}}}}"#),
        ),
    ]);
}

#[test]
fn registered_apis() {
    let flows = idle();
    let ada = || [Principal::Identity(ADA.parse().unwrap())];
    let nobody = || Vec::<Principal>::new();
    let api = NewRegisteredApi::new("n", "d", json!({"type": "openapi"}), FLOW)
        .data_templates(json!({}))
        .state_input_schema(json!({"type": "object"}))
        .viewers([Principal::Public])
        .viewers(ada())
        .extra("colour", 1);
    let update = RegisteredApiUpdate::new()
        .name("m")
        .description("")
        .target(json!({}))
        .data_templates(json!({}))
        .state_input_schema(json!({}))
        .owners(nobody())
        .administrators(nobody())
        .viewers(nobody())
        .subscription_id(GROUP)
        .extra("colour", 2);
    check(vec![
        (shape(flows.list_registered_apis().to_request()), "GET /registered_apis".to_owned()),
        (
            shape(
                flows
                    .list_registered_apis()
                    .filter_roles([RegisteredApiRole::Owner, RegisteredApiRole::Viewer])
                    .orderby(["name ASC", "id DESC"])
                    .per_page(3)
                    .marker("m")
                    .to_request(),
            ),
            "GET /registered_apis?filter_roles=owner,viewer&orderby=name ASC&orderby=id DESC&per_page=3&marker=m"
                .to_owned(),
        ),
        (shape(flows.get_registered_api(RUN).to_request()), format!("GET /registered_apis/{RUN}")),
        (
            shape(flows.create_registered_api(api).to_request()),
            format!(
                r#"POST /registered_apis {{"colour":1,"data_templates":{{}},"description":"d","name":"n","roles":{{"viewers":["urn:globus:auth:identity:{ADA}"]}},"state_input_schema":{{"type":"object"}},"subscription_id":"{FLOW}","target":{{"type":"openapi"}}}}"#
            ),
        ),
        (
            shape(flows.update_registered_api(RUN, update).to_request()),
            format!(
                r#"PATCH /registered_apis/{RUN} {{"colour":2,"data_templates":{{}},"description":"","name":"m","roles":{{"administrators":[],"owners":[],"viewers":[]}},"state_input_schema":{{}},"subscription_id":"{GROUP}","target":{{}}}}"#
            ),
        ),
        (shape(flows.delete_registered_api(RUN).to_request()), format!("DELETE /registered_apis/{RUN}")),
    ]);
}

#[test]
fn what_cannot_be_sent_says_why() {
    let flow = specific();
    let too_long = "x".repeat(65);
    for (request, expected) in [
        (flow.run_flow(json!([1])).to_request(), "body must be a JSON object, and is a list"),
        (flow.run_flow(NewRun::new(&json!({})).label("")).to_request(), "label is empty"),
        (
            flow.validate_run(NewRun::new(&json!({})).label(too_long)).to_request(),
            "label has 65 characters, and at most 64 are allowed",
        ),
        (
            flow.run_flow(NewRun::new(&json!({})).run_managers([Principal::Public])).to_request(),
            "run_managers[0]: \"public\" cannot have this role",
        ),
        (flow.resume_run("x").to_request(), "\"x\" is not a run id"),
        (idle().update_runs(RunsUpdate::new([RUN, "x"])).to_request(), "run_ids[1]: \"x\" is not a run id"),
        (
            idle().update_runs(RunsUpdate::new([RUN]).add_run_managers(["public"])).to_request(),
            "add.run_managers[0]: \"public\" cannot have this role",
        ),
        (
            idle().create_registered_api(NewRegisteredApi::new("n", "d", "no object", FLOW)).to_request(),
            "target must be a JSON object, and is a text",
        ),
        (
            idle().create_registered_api(NewRegisteredApi::new("n", "d", json!({}), "mine")).to_request(),
            "subscription_id: \"mine\" is not a subscription id",
        ),
        (
            idle().update_registered_api(FLOW, RegisteredApiUpdate::new().viewers(["public"])).to_request(),
            "roles.viewers[0]: \"public\" cannot have this role",
        ),
    ] {
        let error = request.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(SpecificFlowClient::builder("x").build().unwrap_err().to_string().contains("flow id"));
}
