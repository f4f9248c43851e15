//! Documents about managing collections: as in `documents`.

use globus_transfer::{
    access::{AccessRule, AccessRuleCreated, AccessRuleList, Permissions, PrincipalType},
    bookmarks::{Bookmark, BookmarkList},
    collections::{EndpointCreated, EndpointList, ServerList, SharedEndpointPage},
    endpoint_manager::{AdminCancel, ManagedTaskPage},
    files::ResultCode,
    pause::{PauseInfo, PauseRule, PauseRuleList},
    roles::{Role, RoleList, RoleType},
};
use serde_json::{Value, json};

use crate::{
    common::{SOURCE, TASK, client, ok, replay},
    mutation::check,
};

const IDENTITY: &str = "25de0aed-aa83-4600-a1be-a62a910af116";
const RULE: &str = "fbe71e48-9fb4-4265-a5b5-4408d8bb5d1b";

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

#[test]
fn roles() {
    let role = json!({
        "DATA_TYPE": "role", "id": RULE, "principal_type": "identity", "principal": IDENTITY, "role": "access_manager",
    });
    check::<Role>(&role, &["/id"], &[]);
    let read_role: Role = read(&role);
    assert!(read_role.extra().is_empty());
    assert_eq!(read_role.id.as_str(), RULE);
    assert_eq!(read_role.role, Some(RoleType::AccessManager));
    let list = json!({"DATA_TYPE": "role_list", "DATA": [role]});
    check::<RoleList>(&list, &["/DATA/0/id"], &[]);
    assert!(read::<RoleList>(&list).extra().is_empty());
}

#[test]
fn access_rules() {
    let given = json!({
        "DATA_TYPE": "access", "id": RULE, "principal_type": "all_authenticated_users", "principal": "",
        "path": "/dataset1/", "permissions": "rw", "role_id": null, "role_type": null,
        "create_time": "2025-06-16T21:30:15+00:00", "expiration_date": "2026-06-16T21:30:15+00:00",
    });
    check::<AccessRule>(&given, &[], &["/create_time", "/expiration_date"]);
    let rule: AccessRule = read(&given);
    assert!(rule.extra().is_empty(), "{:?}", rule.extra());
    assert_eq!(rule.principal_type, Some(PrincipalType::AllAuthenticatedUsers));
    assert_eq!(rule.permissions, Some(Permissions::ReadWrite));

    let implied = json!({
        "DATA_TYPE": "access", "id": null, "principal_type": "identity", "principal": IDENTITY, "path": "/",
        "permissions": "rw", "role_id": RULE, "role_type": "administrator", "create_time": null,
        "expiration_date": null,
    });
    let list = json!({"DATA_TYPE": "access_list", "length": 2, "endpoint": SOURCE, "DATA": [given, implied]});
    check::<AccessRuleList>(&list, &[], &["/DATA/0/create_time", "/DATA/0/expiration_date", "/endpoint"]);
    let list: AccessRuleList = read(&list);
    assert!(list.extra().is_empty());
    assert_eq!(
        (list.data[1].id.as_ref(), list.data[1].role_type.as_ref()),
        (None, Some(&RoleType::Administrator))
    );
}

#[test]
fn created_access_rule() {
    let created = json!({
        "DATA_TYPE": "access_create_result", "code": "Created", "access_id": RULE, "message": "made",
        "request_id": "pQ81x0LmZ", "resource": "/endpoint/x/access",
    });
    check::<AccessRuleCreated>(&created, &["/access_id"], &[]);
    assert_eq!(read::<AccessRuleCreated>(&created).code, Some(ResultCode::Created));
    let number: AccessRuleCreated = read(&json!({"access_id": 12345}));
    assert_eq!(number.access_id.as_str(), "12345");
}

#[test]
fn bookmarks() {
    let bookmark = json!({
        "DATA_TYPE": "bookmark", "id": RULE, "name": "genomics", "endpoint_id": SOURCE, "path": "/projects/genomics/",
        "pinned": false,
    });
    check::<Bookmark>(&bookmark, &["/id"], &["/id", "/endpoint_id"]);
    assert!(read::<Bookmark>(&bookmark).extra().is_empty());
    let list = json!({"DATA_TYPE": "bookmark_list", "DATA": [bookmark]});
    check::<BookmarkList>(&list, &["/DATA/0/id"], &["/DATA/0/id", "/DATA/0/endpoint_id"]);
    assert_eq!(read::<BookmarkList>(&list).data.len(), 1);
}

#[test]
fn created_endpoint() {
    let created = json!({
        "DATA_TYPE": "endpoint_create_result", "code": "Created", "id": SOURCE, "message": "made",
        "request_id": "pQ81x0LmZ", "resource": "/shared_endpoint",
    });
    check::<EndpointCreated>(&created, &["/id"], &["/id"]);
    let mut with_key = created;
    with_key["globus_connect_setup_key"] = json!("e2d1");
    let with_key: EndpointCreated = read(&with_key);
    assert_eq!(with_key.globus_connect_setup_key.as_ref().unwrap().expose(), "e2d1");
    assert!(with_key.extra().is_empty());
    assert!(!format!("{with_key:?}").contains("e2d1"));
    assert!(!serde_json::to_string(&with_key).unwrap().contains("e2d1"));
}

#[test]
fn endpoint_lists() {
    let list = json!({
        "DATA_TYPE": "endpoint_list", "length": 1, "limit": 10, "offset": 0, "total": 1,
        "DATA": [{"DATA_TYPE": "endpoint", "id": SOURCE, "in_use": null}],
    });
    check::<EndpointList>(&list, &["/DATA/0/id"], &["/DATA/0/id"]);
    assert!(read::<EndpointList>(&list).extra().is_empty());

    let servers = json!({
        "DATA_TYPE": "endpoint_server_list", "endpoint": "go#ep1",
        "DATA": [{"DATA_TYPE": "server", "id": 575, "hostname": null, "is_connected": true}],
    });
    check::<ServerList>(&servers, &[], &[]);
    assert_eq!(read::<ServerList>(&servers).data[0].id, Some(575));

    let shared = json!({"shared_endpoints": [{"id": SOURCE}], "next_token": "t"});
    check::<SharedEndpointPage>(&shared, &["/shared_endpoints/0/id"], &["/shared_endpoints/0/id"]);
}

#[test]
fn pauses() {
    let rule = json!({
        "DATA_TYPE": "pause_rule", "id": RULE, "message": "maintenance", "start_time": "2026-01-31T12:00:00+00:00",
        "endpoint_id": SOURCE, "endpoint_display_name": "lab share", "identity_id": IDENTITY,
        "modified_by_id": IDENTITY, "modified_by": "ada", "modified_time": "2026-01-31T12:00:01+00:00",
        "created_by_host_manager": false, "editable": true, "pause_ls": true, "pause_mkdir": true,
        "pause_symlink": true, "pause_rename": true, "pause_task_delete": true, "pause_task_transfer_write": true,
        "pause_task_transfer_read": false,
    });
    let strict = ["/id", "/start_time", "/endpoint_id", "/identity_id", "/modified_by_id", "/modified_time"];
    check::<PauseRule>(&rule, &["/id"], &strict);
    let read_rule: PauseRule = read(&rule);
    assert!(read_rule.extra().is_empty(), "{:?}", read_rule.extra());
    assert_eq!(read_rule.pause_task_transfer_read, Some(false));
    let list = json!({"DATA_TYPE": "pause_rule_list", "DATA": [rule]});
    assert!(read::<PauseRuleList>(&list).extra().is_empty());

    let info = json!({
        "DATA_TYPE": "pause_info_limited", "source_pause_message": "a", "destination_pause_message": "b",
        "source_pause_message_share": "c", "destination_pause_message_share": "d",
        "pause_rules": [{"DATA_TYPE": "pause_rule_limited", "id": RULE, "message": "m", "pause_ls": true}],
    });
    check::<PauseInfo>(&info, &["/pause_rules/0/id"], &["/pause_rules/0/id"]);
    assert!(read::<PauseInfo>(&info).extra().is_empty());
    assert!(read::<PauseInfo>(&json!({"pause_rules": null})).pause_rules.is_empty());
}

#[test]
fn admin_cancel() {
    let cancel = json!({
        "DATA_TYPE": "admin_cancel", "id": 123, "done": true, "task_id_list": [TASK], "message": "full",
    });
    check::<AdminCancel>(&cancel, &["/id"], &["/task_id_list/0"]);
    let cancel: AdminCancel = read(&cancel);
    assert!(cancel.extra().is_empty() && cancel.done);
    assert!(!read::<AdminCancel>(&json!({"id": 1})).done);
}

fn key_page(label: &str, key: &str, more: bool) -> Value {
    json!({
        "DATA_TYPE": "task_list", "limit": 1, "last_key": key, "has_next_page": more,
        "DATA": [{"DATA_TYPE": "task", "task_id": TASK, "status": "ACTIVE", "label": label}],
    })
}

#[test]
fn managed_tasks() {
    let page = key_page("a", "complete,2024-02-06T06:59:02.291996", true);
    check::<ManagedTaskPage>(&page, &["/DATA/0/status", "/DATA/0/task_id"], &["/DATA/0/task_id"]);
    assert!(read::<ManagedTaskPage>(&page).extra().is_empty());
}

#[tokio::test]
async fn managed_tasks_from_key_to_key() {
    let transport = replay([ok(&key_page("a", "k1", true)), ok(&key_page("b", "k2", false))]);
    let tasks = client(&transport).endpoint_manager_task_list().filter_status(["ACTIVE"]).items();
    let labels: Vec<_> =
        tasks.try_collect().await.unwrap().into_iter().map(|task| task.label.unwrap()).collect();
    assert_eq!(labels, ["a", "b"]);
    let queries: Vec<_> =
        transport.requests().iter().map(|request| request.url.query().unwrap().to_owned()).collect();
    assert_eq!(queries, ["filter_status=ACTIVE", "filter_status=ACTIVE&last_key=k1"]);
}

#[tokio::test]
async fn shared_endpoints_from_token_to_token() {
    let page = |token: Value| ok(&json!({"shared_endpoints": [{"id": SOURCE}], "next_token": token}));
    let transport = replay([page(json!("t1")), page(Value::Null)]);
    let guests = client(&transport).get_shared_endpoint_list(SOURCE).items().try_collect().await.unwrap();
    assert_eq!(guests.len(), 2);
    assert_eq!(transport.requests()[1].url.query(), Some("next_token=t1"));
}

#[tokio::test]
async fn monitored_endpoints_until_the_total() {
    let page = || ok(&json!({"DATA_TYPE": "monitored_endpoints", "DATA": [{"id": SOURCE}], "total": 2}));
    let transport = replay([page(), page()]);
    let found =
        client(&transport).endpoint_manager_monitored_endpoints().items().try_collect().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(transport.requests()[1].url.query(), Some("limit=1000&offset=1"));
}
