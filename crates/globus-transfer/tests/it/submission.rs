//! Submissions that are made first, stored, and sent again; documents from lists and streams; what is in the way.

use globus_core::{ErrorKind, RetryPolicy, test_util::Reply, transport::TransportErrorKind};
use globus_transfer::{
    DeleteData, FilterRule, Submission, SyncLevel, TransferData, TransferItem,
    submit::{ItemList, SplitLimits, SubmitConflict},
};
use serde_json::{Value, json};

use crate::common::{
    DESTINATION, SOURCE, SUBMISSION, TASK, accepted, client, error, ok, replay, submission_id,
};

fn data() -> TransferData {
    TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")])
}

#[tokio::test]
async fn a_stored_submission_is_the_same_submission() {
    let replay =
        replay([submission_id(SUBMISSION), Reply::failure(TransportErrorKind::Io), accepted("Duplicate")]);
    let client = client(&replay);
    let submission = client.prepare(data()).await.unwrap();
    assert_eq!(submission.id().unwrap().to_string(), SUBMISSION);
    let stored = serde_json::to_string(&submission).unwrap();
    assert!(client.submit(&submission).with_retry(RetryPolicy::never()).send().await.is_err());

    let again: Submission = serde_json::from_str(&stored).unwrap();
    assert_eq!(again.id(), submission.id());
    assert!(client.submit(&again).send().await.unwrap().is_duplicate());
    let requests = replay.requests();
    assert_eq!(requests.len(), 3, "the id was asked for once");
    assert_eq!(requests[1].body, requests[2].body);
    let body: Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(body["submission_id"], SUBMISSION);
    assert_eq!(body, serde_json::from_str::<Value>(&stored).unwrap(), "it is stored as it is sent");
    // Prepared is prepared.
    assert_eq!(client.prepare(&submission).await.unwrap().id(), submission.id());
    assert_eq!(replay.requests().len(), 3);
}

#[tokio::test]
async fn an_id_comes_from_the_service_unless_told_otherwise() {
    let replay = replay([
        submission_id(SUBMISSION),
        accepted("Accepted"),
        accepted("Duplicate"),
        accepted("Accepted"),
    ]);
    let client = client(&replay);
    let submission = Submission::transfer(data());
    assert_eq!(submission.id(), None);
    let refused = serde_json::to_string(&submission).unwrap_err().to_string();
    assert!(refused.contains("no id yet"), "{refused}");
    let clone = submission.clone();
    client.submit(&submission).send().await.unwrap();
    assert_eq!(clone.id().unwrap().to_string(), SUBMISSION);
    client.submit(&clone).send().await.unwrap();

    let made_here = Submission::transfer(data()).with_random_id();
    assert_ne!(made_here.id(), Submission::transfer(data()).with_random_id().id());
    assert_eq!(made_here.id(), made_here.clone().with_random_id().id());
    client.submit(&made_here).send().await.unwrap();
    let paths: Vec<String> = replay.requests().iter().map(|request| request.url.path().to_owned()).collect();
    assert_eq!(paths, ["/v0.10/submission_id", "/v0.10/transfer", "/v0.10/transfer", "/v0.10/transfer"]);

    // What will be refused gets no id.
    let empty = TransferData::new(SOURCE, DESTINATION);
    assert_eq!(client.prepare(empty).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(replay.requests().len(), 4);
}

#[test]
fn documents_survive_being_stored() {
    let mut data = data()
        .submission_id(SUBMISSION)
        .label("x")
        .sync_level(SyncLevel::Checksum)
        .deadline("2027-01-31T12:00:00Z".parse::<globus_transfer::Timestamp>().unwrap())
        .extra("perf_cc", 4);
    data.add_filter_rule(FilterRule::exclude("*.tmp"));
    data.push(
        TransferItem::new("/ä\"", "/c").recursive(false).external_checksum("ab").checksum_algorithm("MD5"),
    );
    data.push(TransferItem::new("/d", "/e").recursive(true).extra("verify_size", 3));
    data.add_symlink_item("/l", "/m");
    let text = serde_json::to_string(&data).unwrap();
    let read: TransferData = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert_eq!((read.len(), read.current_submission_id()), (4, data.current_submission_id()));
    read.validate().unwrap();

    let mut delete = DeleteData::new(SOURCE).recursive(true);
    delete.add_item("/x");
    let submission = Submission::delete(delete).with_random_id();
    let text = serde_json::to_string(&submission).unwrap();
    let read: Submission = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert!(text.contains(r#""DATA_TYPE":"delete""#), "{text}");
}

#[test]
fn what_is_no_submission_says_why() {
    let problem = |text: Value| serde_json::from_value::<Submission>(text).unwrap_err().to_string();
    let with = |more: Value| {
        let mut document = json!({
            "DATA_TYPE": "transfer", "submission_id": SUBMISSION, "source_endpoint": SOURCE,
            "destination_endpoint": DESTINATION, "DATA": [{"source_path": "/a", "destination_path": "/b"}],
        });
        document.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        document
    };
    assert!(serde_json::from_value::<Submission>(with(json!({}))).is_ok());
    for (more, expected) in [
        (json!({"DATA_TYPE": "task"}), "unknown variant `task`"),
        (json!({"submission_id": null}), "missing field `submission_id`"),
        (json!({"source_endpoint": 7}), "source_endpoint is no text"),
        (json!({"source_endpoint": "here"}), "source_endpoint: \"here\" is not a collection id"),
        (json!({"DATA": [{"path": "/a"}]}), "item 1 is none of a transfer"),
        (
            json!({"DATA": [{"source_path": "/a", "destination_path": "/b"}, {"source_path": "/a"}]}),
            "item 2: destination_path is missing",
        ),
        (json!({"DATA": [{"source_path": "/a\r\nb", "destination_path": "/b"}]}), "has a CR LF"),
        (json!({"DATA": 7}), "a list of items"),
    ] {
        let problem = problem(with(more.clone()));
        assert!(problem.contains(expected), "{more}: {problem}");
    }
    assert!(
        problem(json!({"DATA_TYPE": "delete", "submission_id": SUBMISSION, "DATA": []}))
            .contains("endpoint is missing")
    );
    let wrong_kind = serde_json::from_value::<DeleteData>(with(json!({}))).unwrap_err().to_string();
    assert!(wrong_kind.contains("expected the DATA_TYPE \"delete\""), "{wrong_kind}");
}

#[test]
fn a_large_document_is_split_by_items_and_by_bytes() {
    let data = TransferData::new(SOURCE, DESTINATION)
        .label("x")
        .with_items((0..1000).map(|n| (format!("/source/{n:04}"), format!("/destination/{n:04}"))));
    let whole = Submission::transfer(data).with_random_id();
    assert_eq!(whole.split(SplitLimits::default())[0].id(), whole.id(), "what fits stays as it is");

    let parts = whole.split(SplitLimits::default().max_items(300));
    assert_eq!(parts.iter().map(Submission::len).collect::<Vec<_>>(), [300, 300, 300, 100]);
    let limit = 20_000;
    let parts = whole.split(SplitLimits::default().max_bytes(limit));
    assert!(parts.len() > 2);
    let mut paths = Vec::new();
    for part in parts {
        assert_eq!(part.id(), None, "a part is no whole");
        let part = part.with_random_id();
        let text = serde_json::to_string(&part).unwrap();
        // The id is not counted.
        assert!(text.len() as u64 <= limit + 60, "{}", text.len());
        assert_ne!(part.id(), whole.id());
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["label"], "x");
        paths.extend(document["DATA"].as_array().unwrap().iter().map(|item| item["source_path"].clone()));
    }
    let expected: Vec<Value> = (0..1000).map(|n| format!("/source/{n:04}").into()).collect();
    assert_eq!(paths, expected);
    assert_eq!(whole.split(SplitLimits::default().max_bytes(1)).len(), 1000);
    assert_eq!(whole.split(SplitLimits::default().max_items(0)).len(), 1000);
}

#[test]
fn a_list_adds_all_or_nothing() {
    let mut data = data();
    let added = data.add_item_list(ItemList::tsv(), &b"/c\t/d\n/e\t/f\n"[..]).unwrap();
    assert_eq!((added, data.len()), (2, 3));
    let refused = data.add_item_list(ItemList::tsv(), &b"/g\t/h\n\t/i\n"[..]).unwrap_err();
    assert_eq!(data.len(), 3);
    let error = globus_core::Error::from(refused);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "1 bad line: line 2: the source path is empty");
    let mut delete = DeleteData::new(SOURCE);
    assert_eq!(delete.add_item_list(ItemList::nul(), &b"/a b\0/c"[..]).unwrap(), 2);
    let body = serde_json::to_value(&delete).unwrap();
    assert_eq!(body["DATA"][0], json!({"DATA_TYPE": "delete_item", "path": "/a b"}));
}

#[tokio::test]
async fn items_come_from_streams() {
    let items: Vec<Result<(&str, &str), String>> = vec![Ok(("/a", "/b")), Ok(("/c", "/d"))];
    let mut data = TransferData::new(SOURCE, DESTINATION);
    assert_eq!(data.add_stream(futures_util::stream::iter(items)).await, Ok(2));
    let broken: Vec<Result<(&str, &str), String>> = vec![Ok(("/e", "/f")), Err("torn".to_owned())];
    assert_eq!(data.add_stream(futures_util::stream::iter(broken)).await, Err("torn".to_owned()));
    assert_eq!(data.len(), 3);
}

#[tokio::test]
async fn conflicts_are_told_apart() {
    let conflict = |status: u16, code: &str, message: &str| {
        Reply::json(status, json!({"code": code, "message": message, "request_id": "r"}).to_string())
    };
    for (reply, expected) in [
        (
            conflict(409, "Conflict", "A transfer with identical paths has not yet completed"),
            Some(SubmitConflict::IdenticalPaths),
        ),
        (
            conflict(409, "ClientError.Conflict.TooManyPendingJobs", "no"),
            Some(SubmitConflict::TooManyPending),
        ),
        (conflict(409, "GCDisconnectedException", "no"), Some(SubmitConflict::NotConnected)),
        (conflict(409, "Conflict", "something new"), Some(SubmitConflict::Other)),
        (conflict(403, "PermissionDenied", "identical paths"), None),
    ] {
        let submission = Submission::transfer(data()).with_random_id();
        let error = client(&replay([reply])).submit(&submission).send().await.unwrap_err();
        assert_eq!(SubmitConflict::from_error(&error), expected, "{error}");
    }
}

#[tokio::test]
async fn the_task_in_the_way_is_found() {
    let task = |id: u32, source: &str, destination: &str, label: &str| {
        json!({
            "task_id": format!("e9d24a40-6a61-11f0-8b6d-0affc000{id:04}"), "status": "ACTIVE", "type": "TRANSFER",
            "source_endpoint_id": source, "destination_endpoint_id": destination, "label": label,
        })
    };
    let list = ok(&json!({"DATA_TYPE": "task_list", "total": 4, "DATA": [
        task(1, DESTINATION, SOURCE, "night"),
        task(2, SOURCE, DESTINATION, "other"),
        task(3, SOURCE, DESTINATION, "night"),
        task(4, SOURCE, SOURCE, "night"),
    ]}));
    let replay = replay([list]);
    let found = client(&replay).tasks_in_the_way(data().label("night")).await.unwrap();
    let ids: Vec<String> = found.iter().map(|task| task.task_id.to_string()[32..].to_owned()).collect();
    assert_eq!(ids, ["0003", "0002"]);
    assert_eq!(
        replay.requests()[0].url.query_pairs().map(|(_, value)| value.into_owned()).collect::<Vec<_>>(),
        ["type:TRANSFER/status:ACTIVE,INACTIVE", "request_time DESC", "1000"]
    );
    let failing = client(&crate::common::replay([error(403, "PermissionDenied")]));
    assert!(failing.tasks_in_the_way(data()).await.unwrap_err().is_permission_denied());
    let _ = TASK;
}
