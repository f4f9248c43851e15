//! What each operation puts on the wire: a row without its optional parameters, and one with all of them.

use globus_core::test_util::shape;
use globus_transfer::{
    DeleteData, Filter, TransferData,
    endpoints::{EntityType, SearchScope},
};

use crate::common::{DESTINATION, SOURCE, SUBMISSION, TASK, silent};

const OWNER: &str = "0c7d6c1e-3a55-4c6e-8a2f-6f0f6c1f2a10";

fn check(rows: impl IntoIterator<Item = (String, String)>) {
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

#[test]
fn endpoints() {
    let client = silent();
    check([
        (shape(client.get_endpoint(SOURCE).to_request()), format!("GET /v0.10/endpoint/{SOURCE}")),
        (shape(client.endpoint_search().to_request()), "GET /v0.10/endpoint_search".to_owned()),
        (
            shape(
                client
                    .endpoint_search()
                    .filter_fulltext("tutorial x")
                    .filter_scope(SearchScope::SharedWithMe)
                    .filter_owner_id(OWNER)
                    .filter_host_endpoint(SOURCE)
                    .filter_non_functional(false)
                    .filter_entity_type(EntityType::GcpGuestCollection)
                    .limit(10)
                    .offset(20)
                    .to_request(),
            ),
            format!(
                "GET /v0.10/endpoint_search?filter_fulltext=tutorial x&filter_scope=shared-with-me\
                 &filter_owner_id={OWNER}&filter_host_endpoint={SOURCE}&filter_non_functional=0\
                 &filter_entity_type=GCP_guest_collection&limit=10&offset=20"
            ),
        ),
    ]);
}

#[test]
fn files() {
    let client = silent();
    let path = format!("/v0.10/operation/endpoint/{SOURCE}");
    check([
        (shape(client.operation_ls(SOURCE).to_request()), format!("GET {path}/ls")),
        (
            shape(
                client
                    .operation_ls(SOURCE)
                    .path("/~/a b/")
                    .show_hidden(false)
                    .limit(3)
                    .offset(6)
                    .orderby(["type", "name DESC"])
                    .local_user("ada")
                    .filter(Filter::new().any_of("name", ["a", "b"]).field("type", "file"))
                    .to_request(),
            ),
            format!(
                "GET {path}/ls?path=/~/a b/&show_hidden=0&limit=3&offset=6&orderby=type,name DESC&local_user=ada\
                 &filter=name:a,b/type:file"
            ),
        ),
        (
            shape(client.operation_ls(SOURCE).filter("x:1").filter(["type:dir", "name:~*.csv"]).to_request()),
            format!("GET {path}/ls?filter=type:dir&filter=name:~*.csv"),
        ),
        (shape(client.operation_ls(SOURCE).filter("").to_request()), format!("GET {path}/ls")),
        (
            shape(client.operation_ls(SOURCE).filter(Filter::new().field("name", "a/b")).to_request()),
            "error: GET /v0.10/operation/endpoint/{endpoint_id}/ls: filter: the value \"a/b\" of name has a `/`, \
             which separates clauses and cannot be part of a value"
                .to_owned(),
        ),
        (shape(client.operation_stat(SOURCE, "/~/f").to_request()), format!("GET {path}/stat?path=/~/f")),
        (
            shape(client.operation_stat(SOURCE, "/~/f").local_user("ada").to_request()),
            format!("GET {path}/stat?path=/~/f&local_user=ada"),
        ),
        (
            shape(client.operation_mkdir(SOURCE, "/~/d").to_request()),
            format!(r#"POST {path}/mkdir {{"DATA_TYPE":"mkdir","path":"/~/d"}}"#),
        ),
        (
            shape(client.operation_mkdir(SOURCE, "/~/d").local_user("ada").to_request()),
            format!(r#"POST {path}/mkdir {{"DATA_TYPE":"mkdir","local_user":"ada","path":"/~/d"}}"#),
        ),
        (
            shape(client.operation_rename(SOURCE, "/~/a", "/~/b").to_request()),
            format!(r#"POST {path}/rename {{"DATA_TYPE":"rename","new_path":"/~/b","old_path":"/~/a"}}"#),
        ),
        (
            shape(client.operation_rename(SOURCE, "/~/a", "/~/b").local_user("ada").to_request()),
            format!(
                r#"POST {path}/rename {{"DATA_TYPE":"rename","local_user":"ada","new_path":"/~/b","old_path":"/~/a"}}"#
            ),
        ),
    ]);
    #[expect(deprecated, reason = "it is offered still")]
    let link = client.operation_symlink(SOURCE, "/~/a", "/~/b");
    check([(
        shape(link.to_request()),
        format!(r#"POST {path}/symlink {{"DATA_TYPE":"symlink","path":"/~/b","symlink_target":"/~/a"}}"#),
    )]);
}

#[test]
fn submissions() {
    let client = silent();
    let transfer = TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")]);
    let delete = DeleteData::new(SOURCE).with_items(["/a"]);
    check([
        (shape(client.get_submission_id().to_request()), "GET /v0.10/submission_id".to_owned()),
        (
            shape(client.submit_transfer(transfer.clone()).to_request()),
            format!(
                r#"POST /v0.10/transfer {{"DATA_TYPE":"transfer","destination_endpoint":"{DESTINATION}","source_endpoint":"{SOURCE}","DATA":[{{"DATA_TYPE":"transfer_item","source_path":"/a","destination_path":"/b"}}]}}"#
            ),
        ),
        (
            shape(client.submit_transfer(transfer.submission_id(SUBMISSION)).to_request()),
            format!(
                r#"POST /v0.10/transfer {{"DATA_TYPE":"transfer","destination_endpoint":"{DESTINATION}","source_endpoint":"{SOURCE}","submission_id":"{SUBMISSION}","DATA":[{{"DATA_TYPE":"transfer_item","source_path":"/a","destination_path":"/b"}}]}}"#
            ),
        ),
        (
            shape(client.submit_delete(delete.submission_id(SUBMISSION)).to_request()),
            format!(
                r#"POST /v0.10/delete {{"DATA_TYPE":"delete","endpoint":"{SOURCE}","submission_id":"{SUBMISSION}","DATA":[{{"DATA_TYPE":"delete_item","path":"/a"}}]}}"#
            ),
        ),
    ]);
}

#[test]
fn tasks() {
    let client = silent();
    let path = format!("/v0.10/task/{TASK}");
    let deadline: globus_transfer::Timestamp = "2026-01-31 12:00:00+00:00".parse().unwrap();
    check([
        (shape(client.get_task(TASK).to_request()), format!("GET {path}")),
        (shape(client.task_list().to_request()), "GET /v0.10/task_list".to_owned()),
        (
            shape(
                client
                    .task_list()
                    .limit(5)
                    .offset(10)
                    .orderby(["request_time DESC", "label"])
                    .filter(Filter::new().field("type", "DELETE").any_of("status", ["ACTIVE", "INACTIVE"]))
                    .to_request(),
            ),
            "GET /v0.10/task_list?limit=5&offset=10&orderby=request_time DESC,label\
             &filter=type:DELETE/status:ACTIVE,INACTIVE"
                .to_owned(),
        ),
        (shape(client.task_event_list(TASK).to_request()), format!("GET {path}/event_list")),
        (
            shape(client.task_event_list(TASK).limit(5).offset(10).filter("is_error:1").to_request()),
            format!("GET {path}/event_list?limit=5&offset=10&filter=is_error:1"),
        ),
        (shape(client.cancel_task(TASK).to_request()), format!("POST {path}/cancel")),
        (shape(client.update_task(TASK).to_request()), format!(r#"PUT {path} {{"DATA_TYPE":"task"}}"#)),
        (
            shape(client.update_task(TASK).label("x").deadline(deadline).to_request()),
            format!(r#"PUT {path} {{"DATA_TYPE":"task","deadline":"2026-01-31T12:00:00Z","label":"x"}}"#),
        ),
        (
            shape(client.task_successful_transfers(TASK).to_request()),
            format!("GET {path}/successful_transfers"),
        ),
        (
            shape(client.task_successful_transfers(TASK).marker("7").to_request()),
            format!("GET {path}/successful_transfers?marker=7"),
        ),
        (shape(client.task_skipped_errors(TASK).to_request()), format!("GET {path}/skipped_errors")),
        (
            shape(client.task_skipped_errors(TASK).marker("7").to_request()),
            format!("GET {path}/skipped_errors?marker=7"),
        ),
    ]);
}

#[test]
fn submissions_take_call_options() {
    let client = silent();
    let data = TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")]);
    let request = client
        .submit_transfer(data)
        .with_query("x", "1")
        .with_header("x-trace", "7")
        .with_timeout(std::time::Duration::from_secs(7))
        .to_request()
        .unwrap();
    assert_eq!(request.url.query(), Some("x=1"));
    assert_eq!(request.headers["x-trace"], "7");
    assert_eq!(request.headers["content-type"], "application/json");
}
