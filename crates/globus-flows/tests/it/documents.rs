//! Documents are read as they are, and as they may become.

use globus_flows::{Flow, FlowPage, FlowRole, Principal, Timestamp};
use serde_json::{Map, Value, json};

use crate::common::{ADA, FLOW, GROUP, flow_document, page, short_flow};

fn read(document: &Value) -> Flow {
    serde_json::from_value(document.clone()).unwrap_or_else(|error| panic!("{error}: {document}"))
}

#[test]
fn nothing_of_a_flow_is_lost() {
    let mut document = flow_document();
    document["new_member"] = json!({"deep": [1, null]});
    let flow = read(&document);
    assert_eq!(serde_json::to_value(&flow).unwrap(), document);
    assert_eq!(flow.extra().get("new_member"), Some(&json!({"deep": [1, null]})));
    assert_eq!(flow.extra().iter().count(), 1, "every other member has a field: {:?}", flow.extra());
}

#[test]
fn a_flow_reads_as_what_it_is() {
    let flow = read(&flow_document());
    assert_eq!(flow.id.to_string(), FLOW);
    assert_eq!(flow.flow_owner, Some(Principal::Identity(ADA.parse().unwrap())));
    assert_eq!(flow.flow_viewers, [Principal::Public]);
    assert_eq!(flow.flow_starters, [Principal::AllAuthenticatedUsers]);
    assert_eq!(flow.flow_administrators, [Principal::Group(GROUP.parse().unwrap())]);
    assert!(matches!(flow.run_monitors[..], [Principal::Unknown(_)]));
    assert_eq!(flow.user_roles, [FlowRole::FlowOwner, FlowRole::FlowRunManager]);
    assert_eq!(flow.created_at.unwrap(), "2026-05-04T15:22:33.123456+00:00".parse::<Timestamp>().unwrap());
    assert_eq!(flow.definition.as_ref().unwrap()["StartAt"], "A");
    assert!(flow.is_high_assurance && !flow.deleted);
    assert_eq!(flow.scope().as_str(), flow.globus_auth_scope.as_deref().unwrap());
    assert_eq!(flow.resource_server(), FLOW);
    let by_role: Vec<_> = flow.scopes_by_run_as().into_iter().collect();
    assert_eq!(
        by_role,
        [
            ("Curator", vec!["https://auth.globus.org/scopes/x/a", "https://auth.globus.org/scopes/x/b"]),
            ("Robot", vec!["https://auth.globus.org/scopes/x/robot"]),
        ]
    );
}

#[test]
fn other_forms_are_read_too() {
    let mut document = short_flow("t");
    document["flow_viewers"] = json!("public");
    document["globus_auth_scopes_by_RunAs"] = json!(["https://auth.globus.org/scopes/x/robot"]);
    let flow = read(&document);
    assert_eq!(flow.flow_viewers, [Principal::Public]);
    assert!(flow.scopes_by_run_as().is_empty() && flow.globus_auth_scopes_by_run_as.is_some());

    let mut gone = flow_document();
    gone["DELETED"] = json!(true);
    gone["deleted_at"] = json!("2026-06-01T00:00:00.000001+00:00");
    let gone = read(&gone);
    assert!(gone.deleted && gone.deleted_at.is_some());
}

/// Every way in which the service may come to write a flow differently.
fn mutations(document: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut mutations = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut changed = document.clone();
        change(&mut changed);
        mutations.push((what, Value::Object(changed)));
    };
    for name in document.keys().filter(|name| *name != "id") {
        add(format!("without {name}"), &|changed| drop(changed.remove(name)));
        add(format!("{name} null"), &|changed| drop(changed.insert(name.clone(), Value::Null)));
    }
    for value in [json!(1), json!("x"), json!(null), json!([[]]), json!({"a": {}})] {
        add(format!("a new member {value}"), &|changed| {
            changed.insert("a_new_member".to_owned(), value.clone());
        });
    }
    add("a new role".to_owned(), &|changed| {
        changed.insert("user_role".to_owned(), "flow_emperor".into());
        changed.insert("user_roles".to_owned(), json!(["flow_owner", "flow_emperor"]));
    });
    for name in
        ["flow_viewers", "flow_starters", "flow_administrators", "run_managers", "run_monitors", "visible_to"]
    {
        add(format!("a new principal in {name}"), &|changed| {
            changed.insert(name.to_owned(), json!(["urn:globus:newkind:7", "everything_alive"]));
        });
    }
    mutations
}

#[test]
fn tomorrows_flows_can_be_read() {
    let Value::Object(document) = flow_document() else { unreachable!() };
    let mutations = mutations(&document);
    assert!(mutations.len() > 2 * 37, "{}", mutations.len());
    for (what, changed) in mutations {
        let flow =
            serde_json::from_value::<Flow>(changed.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
        let page = json!({"flows": [changed], "a_new_member": 3});
        let page = serde_json::from_value::<FlowPage>(page).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(page.flows[0].id, flow.id);
        assert_eq!(page.extra().get("a_new_member"), Some(&json!(3)));
    }
    let flow = read(&json!({"id": FLOW, "user_role": "flow_emperor"}));
    assert_eq!(flow.user_role.unwrap().as_str(), "flow_emperor");
}

#[test]
fn a_flow_without_an_id_is_none() {
    for document in [json!({"title": "t"}), json!({"id": null}), json!({"id": "x"}), json!([])] {
        assert!(serde_json::from_value::<Flow>(document).is_err());
    }
}

#[test]
fn pages_are_read_in_every_form() {
    let full = page(&["a"], Some("m"));
    let Value::Object(members) = &full else { unreachable!() };
    for name in members.keys() {
        let mut changed = members.clone();
        changed.insert(name.clone(), Value::Null);
        serde_json::from_value::<FlowPage>(Value::Object(changed.clone())).unwrap();
        changed.remove(name);
        serde_json::from_value::<FlowPage>(Value::Object(changed)).unwrap();
    }
    let page: FlowPage = serde_json::from_value(full).unwrap();
    assert_eq!((page.limit, page.has_next_page, page.marker.as_deref()), (Some(20), Some(true), Some("m")));
}

#[test]
fn broken_content_says_where() {
    for (name, value, expected) in [
        ("created_at", json!("yesterday"), "time"),
        ("keywords", json!("one"), "sequence"),
        ("flow_viewers", json!(7), "list of principals"),
    ] {
        let mut document = flow_document();
        document[name] = value;
        let error = serde_json::from_value::<Flow>(document).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
