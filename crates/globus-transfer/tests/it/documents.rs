//! Documents: everything that the service says is read and kept, and what may change does not keep them from being read.

use globus_transfer::{
    Endpoint, EntityType, FileEntry, FileList, FileType, SubmissionResult, SyncLevel, Task, TaskStatus,
    endpoints::{EffectiveRole, EndpointPage},
    files::{OperationResult, ResultCode},
    submit::{SubmissionCode, SubmissionIdDocument},
    tasks::{EventPage, SkippedErrorPage, SuccessfulTransferPage, TaskCode, TaskPage, TaskType},
};
use serde_json::{Value, json};

use crate::mutation::check;

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../fixtures/", $name, ".json"))).unwrap()
    };
}

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

#[test]
fn endpoint() {
    let fixture = fixture!("endpoint");
    let ids = [
        "/id",
        "/owner_id",
        "/host_endpoint_id",
        "/mapped_collection_id",
        "/non_functional_endpoint_id",
        "/subscription_id",
        "/authentication_policy_id",
    ];
    check::<Endpoint>(&fixture, &["/id"], &ids);
    let endpoint: Endpoint = read(&fixture);
    assert!(endpoint.extra().is_empty(), "{:?}", endpoint.extra());
    assert!(endpoint.data[0].extra().is_empty());
    assert_eq!(endpoint.entity_type, Some(EntityType::GcsGuestCollection));
    assert_eq!(endpoint.my_effective_roles[0], EffectiveRole::Administrator);
    assert_eq!(endpoint.last_accessed_time.unwrap().to_string(), "2026-01-30T08:15:02Z");
    assert_eq!(endpoint.expires_in, Some(-1));
    assert_eq!(endpoint.rank, Some(1.486));
}

/// Whoever has the key can set the endpoint up as the owner's: it is read, and neither shown nor written.
#[test]
fn the_setup_key_is_a_secret() {
    let mut with_key = fixture!("endpoint");
    with_key["globus_connect_setup_key"] = json!("e2d1");
    let endpoint: Endpoint = read(&with_key);
    assert_eq!(endpoint.globus_connect_setup_key.as_ref().unwrap().expose(), "e2d1");
    assert!(!format!("{endpoint:?}").contains("e2d1"));
    assert!(!serde_json::to_string(&endpoint).unwrap().contains("e2d1"));
}

#[test]
fn endpoint_page() {
    let fixture = json!({
        "DATA_TYPE": "endpoint_list", "limit": 100, "offset": 0, "has_next_page": false,
        "DATA": [{"DATA_TYPE": "endpoint", "id": "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", "_rank": 2.5}],
    });
    check::<EndpointPage>(&fixture, &["/DATA/0/id"], &["/DATA/0/id"]);
    assert_eq!(read::<EndpointPage>(&fixture).has_next_page, Some(false));
}

#[test]
fn file_list() {
    let fixture = fixture!("file_list");
    let required = ["/DATA/0/name", "/DATA/0/type", "/DATA/1/name", "/DATA/1/type"];
    check::<FileList>(&fixture, &required, &["/endpoint"]);
    let list: FileList = read(&fixture);
    assert!(list.extra().is_empty() && list.data.iter().all(|entry| entry.extra().is_empty()));
    assert_eq!((list.length, list.total), (Some(2), Some(7)));
    let [file, link] = &list.data[..] else { panic!() };
    assert_eq!((&*file.name, file.size), ("größe.csv", Some(u64::MAX)));
    assert!(!file.is_dir() && !file.is_symlink());
    assert!(link.is_dir() && link.is_symlink());
    assert_eq!(link.last_modified.unwrap().to_string(), "2026-01-31T09:15:10Z");
    assert_eq!(link.link_last_modified.unwrap().to_string(), "2026-01-31T09:15:11Z");
}

/// One file with a broken clock does not hide a directory.
#[test]
fn file_with_a_strange_time() {
    for time in [json!("0000-00-00 00:00:00"), json!(""), json!(false), Value::Null] {
        let entry: FileEntry = read(&json!({"name": "x", "type": "socket", "last_modified": time}));
        assert_eq!(entry.last_modified, None);
        assert_eq!(entry.file_type.as_str(), "socket");
    }
    let broken: FileEntry = read(&json!({"name": "x", "type": "invalid_symlink"}));
    assert_eq!(broken.file_type, FileType::InvalidSymlink);
    assert!(broken.is_symlink());
}

#[test]
fn task() {
    let fixture = fixture!("task");
    check::<Task>(
        &fixture,
        &["/task_id", "/status"],
        &[
            "/task_id",
            "/owner_id",
            "/request_time",
            "/completion_time",
            "/deadline",
            "/source_endpoint_id",
            "/destination_endpoint_id",
            "/source_host_endpoint_id",
            "/source_mapped_collection_id",
            "/destination_host_endpoint_id",
            "/destination_mapped_collection_id",
        ],
    );
    let task: Task = read(&fixture);
    assert!(task.extra().is_empty(), "{:?}", task.extra());
    assert_eq!((task.status, task.task_type), (TaskStatus::Failed, Some(TaskType::Transfer)));
    assert_eq!(task.fatal_error.unwrap().code, Some(TaskCode::Expired));
    assert_eq!(task.sync_level, Some(SyncLevel::Checksum));
    assert_eq!(task.bytes_transferred, Some(15_000_000_000_000));
    assert_eq!(task.nice_status, Some(TaskCode::PermissionDenied));
    assert_eq!(task.filter_rules.len(), 1);
    let page: TaskPage = read(&json!({"DATA": [fixture], "total": 1, "length": 1}));
    assert_eq!((page.data.len(), page.total), (1, Some(1)));
}

#[test]
fn task_with_odd_members() {
    let task: Task = read(&json!({
        "task_id": "e9d24a40-6a61-11f0-8b6d-0affc0000001", "status": "PAUSED", "sync_level": 7,
        "nice_status_expires_in": "3600", "filter_rules": null, "subtask_link": {"href": "x"},
        "from_tomorrow": {"a": 1},
    }));
    assert_eq!(task.status.as_str(), "PAUSED");
    assert!(!task.status.is_final());
    assert_eq!(task.sync_level, Some(SyncLevel::Other(7)));
    assert_eq!(task.nice_status_expires_in, Some(3600));
    assert_eq!(task.subtask_link.as_ref().and_then(|link| link.href.as_deref()), Some("x"));
    assert_eq!(task.extra().get("from_tomorrow"), Some(&json!({"a": 1})));
}

#[test]
fn events() {
    let fixture = fixture!("event_list");
    check::<EventPage>(&fixture, &["/DATA/0/code", "/DATA/1/code"], &["/DATA/0/time", "/DATA/1/time"]);
    let page: EventPage = read(&fixture);
    assert!(page.data.iter().all(|event| event.extra().is_empty()));
    assert_eq!(page.data[0].details_json(), None);
    assert_eq!(page.data[1].details_json(), Some(json!({"type": "GridFTP Transfer", "concurrency": 2})));
    assert_eq!(page.data.iter().map(|event| event.is_error).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn successful_transfers() {
    let fixture = fixture!("successful_transfers");
    check::<SuccessfulTransferPage>(&fixture, &[], &[]);
    let page: SuccessfulTransferPage = read(&fixture);
    assert!(page.extra().is_empty() && page.data[0].extra().is_empty());
    assert_eq!(page.data[0].size, Some(7));
}

#[test]
fn skipped_errors() {
    let fixture = fixture!("skipped_errors");
    check::<SkippedErrorPage>(&fixture, &[], &["/DATA/0/error_time"]);
    let page: SkippedErrorPage = read(&fixture);
    assert!(page.extra().is_empty() && page.data[0].extra().is_empty());
    assert_eq!(page.data[0].error_code, Some(TaskCode::FileNotFound));
}

#[test]
fn submission() {
    let fixture = fixture!("transfer_result");
    check::<SubmissionResult>(&fixture, &["/task_id"], &["/task_id", "/submission_id"]);
    assert_eq!(read::<SubmissionResult>(&fixture).code, Some(SubmissionCode::Accepted));
    let id = json!({"DATA_TYPE": "submission_id", "value": "c1f5d7b0-6a61-11f0-9d3e-0242ac120002"});
    check::<SubmissionIdDocument>(&id, &["/value"], &["/value"]);
}

#[test]
fn operation_result() {
    let fixture = json!({
        "DATA_TYPE": "mkdir_result", "code": "DirectoryCreated", "message": "made", "request_id": "ShbIUzrWT",
        "resource": "/operation/endpoint/x/mkdir",
    });
    check::<OperationResult>(&fixture, &[], &[]);
    let result: OperationResult = read(&fixture);
    assert_eq!(result.code, Some(ResultCode::DirectoryCreated));
    assert_eq!(result.data_type.as_deref(), Some("mkdir_result"));
}
