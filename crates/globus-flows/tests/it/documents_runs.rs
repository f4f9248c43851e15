//! Documents of runs, web inputs and registered APIs are read as they are, and as they may become.

use globus_flows::{
    FlowValidation, RegisteredApi, RegisteredApiPage, Run, RunDefinition, RunLogPage, RunPage, RunStatus,
    RunsReceipt, WebInput, WebInputPage, runs::RunValidation, web_inputs::PresentationStyle,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::common::{ADA, FLOW, GROUP};

const RUN: &str = "4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607";
const TIME: &str = "2026-05-04T15:22:33.123456Z";

fn run_document() -> Value {
    json!({
        "run_id": RUN,
        "action_id": RUN,
        "flow_id": FLOW,
        "flow_title": "Move",
        "flow_last_updated": TIME,
        "status": "SUCCEEDED",
        "display_status": "SUCCEEDED",
        "start_time": TIME,
        "completion_time": TIME,
        "label": "Night 7",
        "tags": ["night"],
        "run_owner": format!("urn:globus:auth:identity:{ADA}"),
        "run_managers": [format!("urn:globus:groups:id:{GROUP}")],
        "run_monitors": ["urn:globus:newkind:7"],
        "created_by": format!("urn:globus:auth:identity:{ADA}"),
        "manage_by": [],
        "monitor_by": [],
        "user_role": "run_owner",
        "user_roles": ["run_owner", "flow_run_manager"],
        "details": {"code": "FlowSucceeded", "description": "done", "output": {"n": 1}},
        "blocking_web_input_id": RUN,
        "flow_description": {
            "id": FLOW, "title": "Move", "subtitle": "s", "description": "d", "keywords": ["k"],
            "flow_owner": format!("urn:globus:auth:identity:{ADA}"),
            "created_by": format!("urn:globus:auth:identity:{ADA}"),
            "globus_auth_scope": "flow_user", "created_at": TIME, "updated_at": TIME, "deleted_at": TIME,
        },
        "search": {"task_id": FLOW},
    })
}

fn log_document() -> Value {
    json!({
        "limit": 10,
        "has_next_page": true,
        "marker": "m",
        "entries": [
            {"time": TIME, "code": "ActionStarted", "description": "State X of type Action started",
             "details": {"state_name": "X", "state_type": "Action", "input": {}}},
            {"time": TIME, "code": "FlowSucceeded", "description": "", "details": {"output": {}}},
        ],
    })
}

fn web_input_document() -> Value {
    json!({
        "id": RUN,
        "status": "open",
        "user_roles": ["viewer", "respondent"],
        "input_type": "selection",
        "title": null,
        "input_schema": {"type": "string"},
        "context": {"title": "Publish?", "presentation_style": "text", "text": "now"},
        "options": [{"option_id": "o1", "label": "Approve", "description": "Do it"}],
        "flow": {"id": FLOW, "title": "Move"},
        "run": {"id": RUN, "label": "Night 7"},
        "roles": {"viewer_urns": ["public"], "respondent_urns": [format!("urn:globus:auth:identity:{ADA}")]},
        "creator_urn": format!("urn:globus:auth:identity:{ADA}"),
        "created_timestamp": TIME,
        "edited_timestamp": TIME,
        "closed_timestamp": null,
    })
}

fn api_document() -> Value {
    json!({
        "id": RUN,
        "name": "Samples",
        "description": "Looks up a sample",
        "status": "ACTIVE",
        "target": {
            "type": "openapi", "openapi_version": "3.1",
            "destination": {"method": "get", "url": "https://example.org/samples/{id}"},
            "specification": {"security": [{"GlobusAuth": ["s"]}]}, "transforms": {}, "components": {"schemas": {}},
        },
        "data_templates": {
            "request": {"template": {"path": {"$T_ref": "$"}}},
            "response": {"2XX": {"type": "success", "template": {"$T_ref": "$.body"}}},
        },
        "state_input_schema": {"type": "object"},
        "roles": {"owners": [format!("urn:globus:auth:identity:{ADA}")], "administrators": [], "viewers": []},
        "subscription_id": FLOW,
        "created_timestamp": TIME,
        "updated_timestamp": TIME,
        "edited_timestamp": TIME,
        "scheduled_deletion_timestamp": TIME,
    })
}

/// Reads the document whole, with a new member, and with each member that is not `required` gone, `null`, or a new word
/// in place of a known one.
fn survives<T: DeserializeOwned + Serialize>(document: &Value, required: &[&str], words: &[&str]) {
    let read = |value: Value| {
        serde_json::from_value::<T>(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
    };
    let Value::Object(members) = document else { panic!("no object: {document}") };
    assert_eq!(&serde_json::to_value(read(document.clone())).unwrap(), document, "nothing is lost");
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut copy = members.clone();
        change(&mut copy);
        Value::Object(copy)
    };
    let extended = changed(&|copy| drop(copy.insert("a_new_member".to_owned(), json!({"deep": [1, null]}))));
    assert_eq!(serde_json::to_value(read(extended.clone())).unwrap(), extended);
    for name in members.keys().filter(|name| !required.contains(&name.as_str())) {
        read(changed(&|copy| drop(copy.remove(name))));
        read(changed(&|copy| drop(copy.insert(name.clone(), Value::Null))));
    }
    for name in required {
        let without = changed(&|copy| drop(copy.remove(*name)));
        assert!(serde_json::from_value::<T>(without).is_err(), "{name} is required");
    }
    for word in words {
        read(changed(&|copy| drop(copy.insert((*word).to_owned(), json!("a_new_word")))));
    }
}

#[test]
fn every_document_survives_change() {
    survives::<Run>(&run_document(), &["run_id", "flow_id", "status"], &["status", "user_role"]);
    survives::<RunPage>(
        &json!({"runs": [run_document()], "limit": 20, "has_next_page": false, "marker": null}),
        &[],
        &[],
    );
    survives::<RunLogPage>(&log_document(), &[], &[]);
    survives::<RunDefinition>(
        &json!({"flow_id": FLOW, "definition": {"StartAt": "A"}, "input_schema": {}}),
        &["flow_id", "definition"],
        &[],
    );
    survives::<FlowValidation>(
        &json!({"scopes": {"User": ["s"], "Flow": []}, "analysis": {"number_of_possibilities": 3}}),
        &[],
        &[],
    );
    survives::<RunsReceipt>(&json!({}), &[], &[]);
    survives::<RunValidation>(&json!({"message": "validation successful"}), &[], &[]);
    survives::<WebInput>(&web_input_document(), &["id", "status"], &["status"]);
    survives::<WebInputPage>(
        &json!({"web_input_summaries": [web_input_document()], "marker": "m"}),
        &[],
        &[],
    );
    survives::<RegisteredApi>(&api_document(), &["id"], &["status"]);
    survives::<RegisteredApiPage>(
        &json!({"registered_apis": [api_document()], "limit": 1, "has_next_page": true, "marker": "m"}),
        &[],
        &[],
    );
}

fn run(status: &str, details: Value) -> Run {
    let mut document = run_document();
    document["status"] = status.into();
    document["details"] = details;
    serde_json::from_value(document).unwrap()
}

#[test]
fn a_run_says_what_became_of_it() {
    let done = run("SUCCEEDED", json!({"code": "FlowSucceeded", "description": "d", "output": {"n": 1}}));
    assert_eq!((done.code(), done.description()), (Some("FlowSucceeded"), Some("d")));
    assert_eq!(done.output(), Some(&json!({"n": 1})));
    assert!(done.failure().is_none() && done.requirement().is_none() && done.status.is_terminal());

    let failed =
        run("FAILED", json!({"code": "FlowFailed", "details": {"state_name": "Copy", "cause": "no"}}));
    assert_eq!(failed.state_name(), Some("Copy"));
    assert_eq!(failed.failure().unwrap()["cause"], "no");
    assert!(!failed.is_canceled());
    assert!(run("FAILED", json!({"code": "FlowCanceled", "details": {}})).is_canceled());

    for odd in [json!(null), json!([]), json!("x"), json!({"code": 7, "details": 3})] {
        let run = run("FAILED", odd);
        assert!(run.code().is_none() && run.state_name().is_none() && run.requirement().is_none());
    }
    assert!(!RunStatus::Active.is_terminal() && RunStatus::Ended.is_terminal());
}

#[test]
fn an_inactive_run_says_what_it_needs() {
    let consent = run(
        "INACTIVE",
        json!({"code": "ConsentRequired", "description": "Please consent", "required_scope": "flow[transfer]", "state_name": "Copy"}),
    );
    assert_eq!(
        consent.requirement(),
        Some(json!({
            "code": "ConsentRequired",
            "authorization_parameters": {"required_scopes": ["flow[transfer]"], "session_message": "Please consent"},
        }))
    );
    let session = run(
        "INACTIVE",
        json!({"code": "AuthorizationParameters", "authorization_parameters": {"session_required_mfa": true, "session_message": "m"}}),
    );
    assert_eq!(
        session.requirement(),
        Some(json!({
            "code": "AuthorizationRequired",
            "authorization_parameters": {"session_required_mfa": true, "session_message": "m"},
        }))
    );
    assert_eq!(run("INACTIVE", json!({"code": "Waiting", "description": "for a disk"})).requirement(), None);
    assert_eq!(run("ACTIVE", json!({"required_scope": "s"})).requirement(), None);
}

#[test]
fn a_log_tells_states_and_its_end() {
    let log: RunLogPage = serde_json::from_value(log_document()).unwrap();
    let [started, ended] = &log.entries[..] else { panic!("{log:?}") };
    assert_eq!((started.state_name(), started.state_type()), (Some("X"), Some("Action")));
    assert!(!started.is_last() && ended.is_last() && ended.state_name().is_none());
}

#[test]
fn a_web_input_has_one_title_and_named_options() {
    let full: WebInput = serde_json::from_value(web_input_document()).unwrap();
    assert_eq!(full.title(), Some("Publish?"));
    assert_eq!(full.option("Approve").unwrap().option_id, "o1");
    assert!(full.option("Refuse").is_none());
    let mut table = web_input_document();
    table["context"] = json!({
        "title": "Publish?", "presentation_style": "table", "rows": [{"field": "Samples", "value": 7}],
    });
    let context = serde_json::from_value::<WebInput>(table).unwrap().context.unwrap();
    assert_eq!(context.presentation_style, Some(PresentationStyle::Table));
    assert_eq!(
        (context.rows[0].field.as_deref(), &context.rows[0].value),
        (Some("Samples"), &Some(json!(7)))
    );
    let short: WebInput =
        serde_json::from_value(json!({"id": RUN, "status": "closed", "title": "Publish?"})).unwrap();
    assert_eq!(short.title(), Some("Publish?"));
}
