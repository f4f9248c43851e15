//! What the operations for managing collections put on the wire: as in `shape`.

use globus_core::test_util::shape;
use globus_transfer::{
    SubscriptionId, TaskStatus,
    access::{AccessRuleUpdate, NewAccessRule, Permissions},
    bookmarks::{BookmarkUpdate, NewBookmark},
    collections::{EndpointUpdate, NewSharedEndpoint, Subscription},
    endpoints::{ActivityNotificationPolicy, NetworkUse, TransferUse},
    pause::{NewPauseRule, PauseRuleUpdate},
    roles::{NewRole, RoleId, RoleType},
};

use crate::common::{DESTINATION, SOURCE, TASK, silent};

const IDENTITY: &str = "25de0aed-aa83-4600-a1be-a62a910af116";
const RULE: &str = "fbe71e48-9fb4-4265-a5b5-4408d8bb5d1b";
const TIME: &str = "2026-01-31T12:00:00Z";

fn check(rows: impl IntoIterator<Item = (String, String)>) {
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

fn time() -> globus_transfer::Timestamp {
    "2026-01-31 12:00:00.9+00:00".parse().unwrap()
}

fn whole_second() -> globus_transfer::Timestamp {
    TIME.parse().unwrap()
}

#[test]
fn roles() {
    let client = silent();
    let path = format!("/v0.10/endpoint/{SOURCE}/role");
    let role = |principal_type: &str, role: &str| {
        format!(
            r#"POST {path} {{"DATA_TYPE":"role","principal":"{IDENTITY}","principal_type":"{principal_type}","role":"{role}"}}"#
        )
    };
    check([
        (shape(client.endpoint_role_list(SOURCE).to_request()), format!("GET {path}_list")),
        (
            shape(
                client
                    .add_endpoint_role(SOURCE, NewRole::for_identity(IDENTITY, RoleType::AccessManager))
                    .to_request(),
            ),
            role("identity", "access_manager"),
        ),
        (
            shape(client.add_endpoint_role(SOURCE, NewRole::for_group(IDENTITY, "new_role")).to_request()),
            role("group", "new_role"),
        ),
        (
            shape(client.add_endpoint_role(SOURCE, NewRole::for_group("ada", "administrator")).to_request()),
            "error: POST /v0.10/endpoint/{endpoint_id}/role: the document cannot be sent: principal: \"ada\" is not a group id: \
             expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"
                .to_owned(),
        ),
        (shape(client.get_endpoint_role(SOURCE, RULE).to_request()), format!("GET {path}/{RULE}")),
        (
            shape(client.delete_endpoint_role(SOURCE, RoleId::from("7")).to_request()),
            format!("DELETE {path}/7"),
        ),
        (
            shape(client.delete_endpoint_role(SOURCE, "").to_request()),
            "error: DELETE /v0.10/endpoint/{endpoint_id}/role/{role_id}: role_id is empty".to_owned(),
        ),
        (shape(client.get_endpoint_role(SOURCE, "a/../b?c").to_request()), format!("GET {path}/a%2F..%2Fb%3Fc")),
    ]);
}

#[test]
fn access() {
    let client = silent();
    let path = format!("/v0.10/endpoint/{SOURCE}/access");
    let everybody = NewAccessRule::for_anonymous("/p/", Permissions::Read)
        .expiration_date(whole_second())
        .notify_email("ada@example.org")
        .notify_message("Hello");
    let update = AccessRuleUpdate::new().permissions("rw").expiration_date(None);
    check([
        (shape(client.endpoint_acl_list(SOURCE).to_request()), format!("GET {path}_list")),
        (shape(client.get_endpoint_acl_rule(SOURCE, RULE).to_request()), format!("GET {path}/{RULE}")),
        (
            shape(
                client
                    .add_endpoint_acl_rule(SOURCE, NewAccessRule::for_identity(IDENTITY, "/a/", "r"))
                    .to_request(),
            ),
            format!(
                r#"POST {path} {{"DATA_TYPE":"access","path":"/a/","permissions":"r","principal":"{IDENTITY}","principal_type":"identity"}}"#
            ),
        ),
        (
            shape(
                client
                    .add_endpoint_acl_rule(SOURCE, NewAccessRule::for_group(IDENTITY, "/a/", "rw"))
                    .to_request(),
            ),
            format!(
                r#"POST {path} {{"DATA_TYPE":"access","path":"/a/","permissions":"rw","principal":"{IDENTITY}","principal_type":"group"}}"#
            ),
        ),
        (
            shape(
                client
                    .add_endpoint_acl_rule(SOURCE, NewAccessRule::for_all_authenticated_users("/a/", "r"))
                    .to_request(),
            ),
            format!(
                r#"POST {path} {{"DATA_TYPE":"access","path":"/a/","permissions":"r","principal":"","principal_type":"all_authenticated_users"}}"#
            ),
        ),
        (
            shape(client.add_endpoint_acl_rule(SOURCE, everybody).to_request()),
            format!(
                r#"POST {path} {{"DATA_TYPE":"access","expiration_date":"{TIME}","notify_email":"ada@example.org","notify_message":"Hello","path":"/p/","permissions":"r","principal":"","principal_type":"anonymous"}}"#
            ),
        ),
        (
            shape(client.update_endpoint_acl_rule(SOURCE, RULE, AccessRuleUpdate::new()).to_request()),
            format!(r#"PUT {path}/{RULE} {{"DATA_TYPE":"access"}}"#),
        ),
        (
            shape(client.update_endpoint_acl_rule(SOURCE, RULE, update).to_request()),
            format!(
                r#"PUT {path}/{RULE} {{"DATA_TYPE":"access","expiration_date":null,"permissions":"rw"}}"#
            ),
        ),
        (shape(client.delete_endpoint_acl_rule(SOURCE, RULE).to_request()), format!("DELETE {path}/{RULE}")),
    ]);
}

#[test]
fn bookmarks() {
    let client = silent();
    let path = format!("/v0.10/bookmark/{RULE}");
    check([
        (shape(client.bookmark_list().to_request()), "GET /v0.10/bookmark_list".to_owned()),
        (
            shape(client.create_bookmark(NewBookmark::new("a", SOURCE, "/~/")).to_request()),
            format!(
                r#"POST /v0.10/bookmark {{"DATA_TYPE":"bookmark","endpoint_id":"{SOURCE}","name":"a","path":"/~/"}}"#
            ),
        ),
        (
            shape(
                client
                    .create_bookmark(NewBookmark::new("a", SOURCE, "/~/").pinned(true).extra("x", 1))
                    .to_request(),
            ),
            format!(
                r#"POST /v0.10/bookmark {{"DATA_TYPE":"bookmark","endpoint_id":"{SOURCE}","name":"a","path":"/~/","pinned":true,"x":1}}"#
            ),
        ),
        (
            shape(client.create_bookmark(NewBookmark::new("a\nb", "x", "/~/")).to_request()),
            "error: POST /v0.10/bookmark: the document cannot be sent: endpoint_id: \"x\" is not a collection id: expected a UUID \
             such as ddb59aef-6d04-11e5-ba46-22000b92c6ec; name has a line break"
                .to_owned(),
        ),
        (shape(client.get_bookmark(RULE).to_request()), format!("GET {path}")),
        (
            shape(client.update_bookmark(RULE, BookmarkUpdate::new("b")).to_request()),
            format!(r#"PUT {path} {{"DATA_TYPE":"bookmark","name":"b"}}"#),
        ),
        (
            shape(client.update_bookmark(RULE, BookmarkUpdate::new("b").pinned(false)).to_request()),
            format!(r#"PUT {path} {{"DATA_TYPE":"bookmark","name":"b","pinned":false}}"#),
        ),
        (shape(client.delete_bookmark(RULE).to_request()), format!("DELETE {path}")),
    ]);
}

/// All members that every endpoint has: as values, and as JSON.
macro_rules! common_members {
    ($document:expr) => {
        $document
            .description("d")
            .organization("o")
            .department(None)
            .keywords("a,b")
            .contact_email(None)
            .contact_info("c")
            .info_link("https://example.org")
            .default_directory("/~/")
            .force_encryption(true)
            .disable_verify(false)
            .force_verify(true)
            .acl_max_expiration_period_mins(60)
            .guest_collection_activity_notification_policy(ActivityNotificationPolicy::new(
                [TaskStatus::Failed],
                [TransferUse::Source],
            ))
    };
}

#[test]
fn endpoint_updates() {
    let client = silent();
    let path = format!("/v0.10/endpoint/{SOURCE}");
    let all = common_members!(EndpointUpdate::new())
        .display_name("n")
        .owner_string("ada@example.org")
        .user_message("m")
        .user_message_link(None)
        .public(false)
        .authentication_timeout_mins(30)
        .location("Automatic")
        .network_use(NetworkUse::Custom)
        .max_concurrency(4)
        .preferred_concurrency(2)
        .max_parallelism(8)
        .preferred_parallelism(None);
    check([
        (
            shape(client.update_endpoint(SOURCE, EndpointUpdate::default()).to_request()),
            format!(r#"PUT {path} {{"DATA_TYPE":"endpoint"}}"#),
        ),
        (
            shape(client.update_endpoint(SOURCE, all).to_request()),
            format!(
                "PUT {path} {}",
                concat!(
                    r#"{"DATA_TYPE":"endpoint","acl_max_expiration_period_mins":60,"authentication_timeout_mins":30,"#,
                    r#""contact_email":null,"contact_info":"c","default_directory":"/~/","department":null,"#,
                    r#""description":"d","disable_verify":false,"display_name":"n","force_encryption":true,"#,
                    r#""force_verify":true,"guest_collection_activity_notification_policy":{"status":["FAILED"],"#,
                    r#""transfer_use":["source"]},"info_link":"https://example.org","keywords":"a,b","#,
                    r#""location":"Automatic","max_concurrency":4,"max_parallelism":8,"network_use":"custom","#,
                    r#""organization":"o","owner_string":"ada@example.org","preferred_concurrency":2,"#,
                    r#""preferred_parallelism":null,"public":false,"user_message":"m","user_message_link":null}"#,
                )
            ),
        ),
        (shape(client.delete_endpoint(SOURCE).to_request()), format!("DELETE {path}")),
    ]);
}

#[test]
fn collections() {
    let client = silent();
    let path = format!("/v0.10/endpoint/{SOURCE}");
    let subscription: SubscriptionId = RULE.parse().unwrap();
    let share = NewSharedEndpoint::new(SOURCE, "/~/s/", "n");
    check([
        (
            shape(client.set_subscription_id(SOURCE, Subscription::Default).to_request()),
            format!(r#"PUT {path}/subscription {{"subscription_id":"DEFAULT"}}"#),
        ),
        (
            shape(client.set_subscription_id(SOURCE, subscription).to_request()),
            format!(r#"PUT {path}/subscription {{"subscription_id":"{RULE}"}}"#),
        ),
        (
            shape(client.set_subscription_id(SOURCE, None::<SubscriptionId>).to_request()),
            format!(r#"PUT {path}/subscription {{"subscription_id":null}}"#),
        ),
        (
            shape(client.set_subscription_admin_verified(SOURCE, false).to_request()),
            format!(r#"PUT {path}/subscription_admin_verified {{"subscription_admin_verified":false}}"#),
        ),
        (
            shape(client.create_shared_endpoint(share.clone()).to_request()),
            format!(
                r#"POST /v0.10/shared_endpoint {{"DATA_TYPE":"shared_endpoint","display_name":"n","host_endpoint":"{SOURCE}","host_path":"/~/s/"}}"#
            ),
        ),
        (
            shape(client.create_shared_endpoint(common_members!(share)).to_request()),
            format!(
                "POST /v0.10/shared_endpoint {}{SOURCE}{}",
                concat!(
                    r#"{"DATA_TYPE":"shared_endpoint","acl_max_expiration_period_mins":60,"contact_email":null,"#,
                    r#""contact_info":"c","default_directory":"/~/","department":null,"description":"d","#,
                    r#""disable_verify":false,"display_name":"n","force_encryption":true,"force_verify":true,"#,
                    r#""guest_collection_activity_notification_policy":{"status":["FAILED"],"#,
                    r#""transfer_use":["source"]},"host_endpoint":""#,
                ),
                concat!(
                    r#"","host_path":"/~/s/","info_link":"https://example.org","keywords":"a,b","#,
                    r#""organization":"o"}"#,
                )
            ),
        ),
        (
            shape(client.my_shared_endpoint_list(SOURCE).to_request()),
            format!("GET {path}/my_shared_endpoint_list"),
        ),
        (
            shape(client.get_shared_endpoint_list(SOURCE).to_request()),
            format!("GET {path}/shared_endpoint_list"),
        ),
        (
            shape(client.get_shared_endpoint_list(SOURCE).max_results(5).next_token("t").to_request()),
            format!("GET {path}/shared_endpoint_list?max_results=5&next_token=t"),
        ),
        (
            shape(client.my_effective_pause_rule_list(SOURCE).to_request()),
            format!("GET {path}/my_effective_pause_rule_list"),
        ),
        (shape(client.endpoint_server_list(SOURCE).to_request()), format!("GET {path}/server_list")),
        (shape(client.get_endpoint_server(SOURCE, 575).to_request()), format!("GET {path}/server/575")),
        (shape(client.task_pause_info(TASK).to_request()), format!("GET /v0.10/task/{TASK}/pause_info")),
    ]);
}

#[test]
fn managed_collections() {
    let client = silent();
    let path = "/v0.10/endpoint_manager";
    check([
        (
            shape(client.endpoint_manager_monitored_endpoints().to_request()),
            format!("GET {path}/monitored_endpoints"),
        ),
        (
            shape(client.endpoint_manager_monitored_endpoints().limit(5).offset(10).to_request()),
            format!("GET {path}/monitored_endpoints?limit=5&offset=10"),
        ),
        (
            shape(client.endpoint_manager_hosted_endpoint_list(SOURCE).to_request()),
            format!("GET {path}/endpoint/{SOURCE}/hosted_endpoint_list"),
        ),
        (
            shape(client.endpoint_manager_get_endpoint(SOURCE).to_request()),
            format!("GET {path}/endpoint/{SOURCE}"),
        ),
        (
            shape(client.endpoint_manager_acl_list(SOURCE).to_request()),
            format!("GET {path}/endpoint/{SOURCE}/access_list"),
        ),
    ]);
}

#[test]
fn managed_tasks() {
    let client = silent();
    let path = format!("/v0.10/endpoint_manager/task/{TASK}");
    let list = "/v0.10/endpoint_manager/task_list";
    check([
        (shape(client.endpoint_manager_task_list().to_request()), format!("GET {list}")),
        (
            shape(
                client
                    .endpoint_manager_task_list()
                    .filter_status(["ACTIVE", "INACTIVE"])
                    .filter_task_id([TASK, SOURCE])
                    .filter_owner_id(IDENTITY)
                    .filter_endpoint(SOURCE)
                    .filter_endpoint_use(TransferUse::Destination)
                    .filter_is_paused(true)
                    .filter_completion_time(time(), None)
                    .filter_min_faults(3)
                    .filter_local_user("ada")
                    .limit(5)
                    .last_key("complete,2026")
                    .to_request(),
            ),
            format!(
                "GET {list}?filter_status=ACTIVE,INACTIVE&filter_task_id={TASK},{SOURCE}&filter_owner_id={IDENTITY}\
                 &filter_endpoint={SOURCE}&filter_endpoint_use=destination&filter_is_paused=True\
                 &filter_completion_time={TIME},&filter_min_faults=3&filter_local_user=ada&limit=5\
                 &last_key=complete,2026"
            ),
        ),
        (
            shape(
                client
                    .endpoint_manager_task_list()
                    .filter_completion_time(time(), time())
                    .filter_completion_time(None, whole_second())
                    .to_request(),
            ),
            format!("GET {list}?filter_completion_time=,{TIME}"),
        ),
        (
            shape(
                client
                    .endpoint_manager_task_list()
                    .filter_completion_time(time(), None)
                    .filter_completion_time(None, None)
                    .filter_status(Vec::<TaskStatus>::new())
                    .to_request(),
            ),
            format!("GET {list}"),
        ),
        (
            shape(client.endpoint_manager_task_list().filter_task_id(vec![TASK; 51]).to_request()),
            "error: GET /v0.10/endpoint_manager/task_list: filter_task_id has 51 tasks, and at most 50 are allowed"
                .to_owned(),
        ),
        (shape(client.endpoint_manager_get_task(TASK).to_request()), format!("GET {path}")),
        (
            shape(client.endpoint_manager_task_event_list(TASK).to_request()),
            format!("GET {path}/event_list"),
        ),
        (
            shape(
                client
                    .endpoint_manager_task_event_list(TASK)
                    .limit(5)
                    .offset(10)
                    .filter_is_error(true)
                    .to_request(),
            ),
            format!("GET {path}/event_list?limit=5&offset=10&filter_is_error=1"),
        ),
        (
            shape(client.endpoint_manager_task_pause_info(TASK).to_request()),
            format!("GET {path}/pause_info"),
        ),
        (
            shape(client.endpoint_manager_task_successful_transfers(TASK).to_request()),
            format!("GET {path}/successful_transfers"),
        ),
        (
            shape(client.endpoint_manager_task_successful_transfers(TASK).marker("7").to_request()),
            format!("GET {path}/successful_transfers?marker=7"),
        ),
        (
            shape(client.endpoint_manager_task_skipped_errors(TASK).to_request()),
            format!("GET {path}/skipped_errors"),
        ),
        (
            shape(client.endpoint_manager_task_skipped_errors(TASK).marker("7").to_request()),
            format!("GET {path}/skipped_errors?marker=7"),
        ),
    ]);
}

#[test]
fn cancelling_and_pausing() {
    let client = silent();
    let path = "/v0.10/endpoint_manager";
    let both = format!(r#"{{"message":"m","task_id_list":["{TASK}","{DESTINATION}"]}}"#);
    check([
        (
            shape(client.endpoint_manager_cancel_tasks([TASK, DESTINATION], "m").to_request()),
            format!("POST {path}/admin_cancel {both}"),
        ),
        (
            shape(client.endpoint_manager_cancel_tasks(Vec::<String>::new(), "m").to_request()),
            format!(
                "error: POST {path}/admin_cancel: task_id_list cannot be written as JSON: no task was given"
            ),
        ),
        (
            shape(client.endpoint_manager_cancel_tasks([TASK, "x"], "m").to_request()),
            format!(
                "error: POST {path}/admin_cancel: task_id_list cannot be written as JSON: \"x\" is not a task id: \
                 expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"
            ),
        ),
        (
            shape(client.endpoint_manager_cancel_tasks([TASK], "").to_request()),
            format!("error: POST {path}/admin_cancel: message is empty"),
        ),
        (shape(client.endpoint_manager_cancel_status(7).to_request()), format!("GET {path}/admin_cancel/7")),
        (
            shape(
                client
                    .endpoint_manager_pause_tasks(vec![TASK.to_owned(), DESTINATION.to_owned()], "m")
                    .to_request(),
            ),
            format!("POST {path}/admin_pause {both}"),
        ),
        (
            shape(
                client
                    .endpoint_manager_resume_tasks(&[TASK.parse::<globus_transfer::TaskId>().unwrap()][..])
                    .to_request(),
            ),
            format!(r#"POST {path}/admin_resume {{"task_id_list":["{TASK}"]}}"#),
        ),
    ]);
}

/// All members of a pause rule that can be changed.
macro_rules! pause_members {
    ($rule:expr) => {
        $rule
            .pause_ls(false)
            .pause_mkdir(true)
            .pause_symlink(false)
            .pause_rename(true)
            .pause_task_delete(false)
            .pause_task_transfer_write(true)
            .pause_task_transfer_read(false)
    };
}

const PAUSES: &str = r#""pause_ls":false,"pause_mkdir":true,"pause_rename":true,"pause_symlink":false,"pause_task_delete":false,"pause_task_transfer_read":false,"pause_task_transfer_write":true"#;

#[test]
fn pause_rules() {
    let client = silent();
    let path = "/v0.10/endpoint_manager/pause_rule";
    let rule = NewPauseRule::new(SOURCE, "m");
    let all = pause_members!(rule.clone()).identity_id(IDENTITY).start_time(whole_second());
    check([
        (shape(client.endpoint_manager_pause_rule_list().to_request()), format!("GET {path}_list")),
        (
            shape(
                client
                    .endpoint_manager_pause_rule_list()
                    .filter_endpoint(SOURCE)
                    .filter_host_endpoint(DESTINATION)
                    .to_request(),
            ),
            format!("GET {path}_list?filter_endpoint={SOURCE}&filter_host_endpoint={DESTINATION}"),
        ),
        (
            shape(client.endpoint_manager_create_pause_rule(rule).to_request()),
            format!(r#"POST {path} {{"DATA_TYPE":"pause_rule","endpoint_id":"{SOURCE}","message":"m"}}"#),
        ),
        (
            shape(client.endpoint_manager_create_pause_rule(all).to_request()),
            format!(
                r#"POST {path} {{"DATA_TYPE":"pause_rule","endpoint_id":"{SOURCE}","identity_id":"{IDENTITY}","message":"m",{PAUSES},"start_time":"{TIME}"}}"#
            ),
        ),
        (shape(client.endpoint_manager_get_pause_rule(RULE).to_request()), format!("GET {path}/{RULE}")),
        (
            shape(client.endpoint_manager_update_pause_rule(RULE, PauseRuleUpdate::new()).to_request()),
            format!(r#"PUT {path}/{RULE} {{"DATA_TYPE":"pause_rule"}}"#),
        ),
        (
            shape(
                client
                    .endpoint_manager_update_pause_rule(
                        RULE,
                        pause_members!(PauseRuleUpdate::new().message("n")),
                    )
                    .to_request(),
            ),
            format!(r#"PUT {path}/{RULE} {{"DATA_TYPE":"pause_rule","message":"n",{PAUSES}}}"#),
        ),
        (
            shape(client.endpoint_manager_delete_pause_rule(RULE).to_request()),
            format!("DELETE {path}/{RULE}"),
        ),
    ]);
}
