//! Submissions: what is accepted, refused, and recognised.

use super::*;

/// Check 12.
#[tokio::test]
async fn submission_ids_are_uuids() {
    let world = World::new().await;
    let one = world.get("submission_id").await.ok().body;
    assert_eq!(one["DATA_TYPE"], "submission_id");
    let value = one["value"].as_str().unwrap();
    assert_eq!(value.len(), 36);
    assert!(Uuid::parse_str(value).is_ok());
    assert_ne!(one["value"], world.get("submission_id").await.ok().body["value"]);
}

#[tokio::test]
async fn accepted_documents() {
    let world = World::new().await;
    world.write("here/a", "a");
    let document = world.transfer(json!([item("/a", "/a")]), json!({}));
    let answer = world.post("transfer", document.clone()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let body = &answer.body;
    assert_eq!((&body["DATA_TYPE"], answer.code()), (&json!("transfer_result"), "Accepted"));
    assert_eq!(
        answer.message(),
        "The transfer has been accepted and a task has been created and queued for execution"
    );
    assert_eq!(body["submission_id"], document["submission_id"]);
    assert_eq!(body["resource"], "/transfer");
    let link = json!({
        "DATA_TYPE": "link", "href": format!("task/{}?format=json", body["task_id"].as_str().unwrap()),
        "rel": "related", "resource": "task", "title": "related task",
    });
    assert_eq!(body["task_link"], link);

    let answer = world.post("delete", world.delete(&["/a"], json!({}))).await;
    assert_eq!((&answer.body["DATA_TYPE"], answer.code()), (&json!("delete_result"), "Accepted"));
    assert!(answer.message().starts_with("The delete has been accepted"));
}

/// Check 14.
#[tokio::test]
async fn the_same_transfer_again_is_a_duplicate() {
    let world = World::new().await;
    world.write("here/a", "a");
    let document = world.transfer(json!([item("/a", "/a")]), json!({}));
    let first = world.post("transfer", document.clone()).await.ok().body;
    let again = world.post("transfer", document.clone()).await.ok();
    assert_eq!(again.code(), "Duplicate");
    assert_eq!(again.body["task_id"], first["task_id"]);
    assert_eq!(again.body["submission_id"], first["submission_id"]);
    world.end(first["task_id"].as_str().unwrap()).await;
    let mut other = world.transfer(json!([]), json!({}));
    other["submission_id"] = document["submission_id"].clone();
    let late = world.post("transfer", other).await.ok();
    assert_eq!((late.code(), &late.body["task_id"]), ("Duplicate", &first["task_id"]));
    assert_eq!(world.get("task_list").await.ok().body["total"], 1);
}

/// Check 15.
#[tokio::test]
async fn the_same_delete_after_its_end_is_a_duplicate() {
    let world = World::new().await;
    world.write("here/a", "a");
    let document = world.delete(&["/a"], json!({}));
    let first = world.post("delete", document.clone()).await.ok().body;
    assert_eq!(world.end(first["task_id"].as_str().unwrap()).await["status"], "SUCCEEDED");
    let again = world.post("delete", document).await.ok();
    assert_eq!((again.code(), &again.body["task_id"]), ("Duplicate", &first["task_id"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn duplicates_at_the_same_time_make_one_task() {
    let world = Arc::new(World::new().await);
    world.write("here/a", "a");
    let document = world.transfer(json!([item("/a", "/a")]), json!({}));
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (world, document) = (world.clone(), document.clone());
        answers.spawn(async move { world.post("transfer", document).await.ok() });
    }
    let answers = answers.join_all().await;
    let accepted = answers.iter().filter(|answer| answer.code() == "Accepted").count();
    assert_eq!(accepted, 1);
    assert!(answers.iter().all(|answer| answer.body["task_id"] == answers[0].body["task_id"]));
    assert_eq!(world.get("task_list").await.ok().body["total"], 1);
}

#[tokio::test]
async fn submission_ids_belong_to_their_user() {
    let mut world = World::new().await;
    let document = world.delete(&["/a"], json!({ "ignore_missing": true }));
    let first = world.post("delete", document.clone()).await.ok().body;
    world.token = world.token_of(BOB, super::super::SCOPE).await;
    let other = world.post("delete", document).await.ok();
    assert_eq!(other.code(), "Accepted");
    assert_ne!(other.body["task_id"], first["task_id"]);
}

#[tokio::test]
async fn identical_paths_conflict_until_the_end() {
    let world = World::new().await;
    let items = json!([item("/x", "/x"), item("/y/", "/y")]);
    let task = world.submit(items, json!({})).await;
    let same = world.transfer(json!([item("/y", "/y"), item("/x", "/x/")]), json!({ "label": "other" }));
    let message = "A transfer with identical paths has not yet completed";
    assert_eq!(world.post("transfer", same.clone()).await.fails(409, "Conflict"), message);
    let fewer = world.submit(json!([item("/x", "/x")]), json!({})).await;
    world.cancel(&task).await.ok();
    let again = world.post("transfer", same).await.ok();
    assert_eq!(again.code(), "Accepted");
    world.cancel(&fewer).await.ok();
}

#[tokio::test]
async fn a_hundred_pending_tasks_are_enough() {
    let world = World::with(TransferSettings::default().pending_tasks(3)).await;
    let mut tasks = Vec::new();
    for n in 0..3 {
        tasks.push(world.submit(json!([item(&format!("/{n}"), "/x")]), json!({})).await);
    }
    let fourth = world.transfer(json!([item("/4", "/x")]), json!({}));
    world.post("transfer", fourth.clone()).await.fails(409, "ClientError.Conflict.TooManyPendingJobs");
    world.cancel(&tasks[0]).await.ok();
    assert_eq!(world.post("transfer", fourth).await.ok().code(), "Accepted");
}

#[tokio::test]
async fn at_least_one_item() {
    let world = World::new().await;
    let empty = world.transfer(json!([]), json!({}));
    let message = "A transfer requires at least one item";
    assert_eq!(
        world.post("transfer", empty).await.fails(400, "ClientError.BadRequest.NoTransferItems"),
        message
    );
    for data in [json!({ "DATA": null }), json!({})] {
        let mut document = world.delete(&[], json!({}));
        document.as_object_mut().unwrap().remove("DATA");
        merge(&mut document, data);
        world.post("delete", document).await.fails(400, "ClientError.BadRequest.NoTransferItems");
    }
}

#[tokio::test]
async fn collections_of_a_submission_must_exist() {
    let world = World::new().await;
    let id = "00000000-0000-4000-8000-000000000000";
    for side in ["source_endpoint", "destination_endpoint"] {
        let document = world.transfer(json!([item("/a", "/a")]), json!({ side: id }));
        assert!(world.post("transfer", document).await.fails(404, "EndpointNotFound").contains(id));
    }
    let document = world.delete(&["/a"], json!({ "endpoint": id }));
    world.post("delete", document).await.fails(404, "EndpointNotFound");
}

#[tokio::test]
async fn invalid_options_are_named() {
    let world = World::new().await;
    let good = item("/a", "/a");
    for (options, says) in [
        (json!({ "DATA_TYPE": "delete" }), "DATA_TYPE"),
        (json!({ "submission_id": null }), "submission_id"),
        (json!({ "submission_id": "7" }), "submission_id"),
        (json!({ "source_endpoint": null }), "source_endpoint"),
        (json!({ "label": "x".repeat(129) }), "label"),
        (json!({ "label": "a\nb" }), "label"),
        (json!({ "label": " a" }), "label"),
        (json!({ "deadline": "soon" }), "deadline"),
        (json!({ "sync_level": 4 }), "sync_level"),
        (json!({ "sync_level": -1 }), "sync_level"),
        (json!({ "sync_level": "size" }), "invalid type"),
        (json!({ "verify_checksum": "yes" }), "boolean"),
        (json!({ "recursive_symlinks": "eat" }), "recursive_symlinks"),
        (json!({ "filter_rules": [{ "method": "drop", "name": "x" }] }), "drop"),
        (json!({ "DATA": [{ "source_path": "/a" }] }), "destination_path"),
        (json!({ "DATA": [good, good] }), "twice"),
        (json!({ "DATA": [item("/a", "/x/b"), item("/c", "/~/x//b/")] }), "twice"),
        (json!({ "DATA": [item("/a", "/x/b"), item("/c", "x/./y/../b")] }), "twice"),
        (json!({ "DATA": [good, item("/b\r\n", "/b")] }), "line break"),
        (json!({ "DATA": good }), "sequence"),
    ] {
        let document = world.transfer(json!([good]), options.clone());
        let answer = world.post("transfer", document).await;
        assert!(answer.fails(400, "BadRequest").contains(says), "{options}: {}", answer.message());
    }
    let mut rules = world.transfer(json!([good]), json!({ "filter_rules": [{ "name": "x" }] }));
    rules["DATA"][0]["recursive"] = json!(false);
    world.post("transfer", rules).await.fails(400, "BadRequest");
    for path in ["/", "/~/", "~"] {
        let root = world.delete(&[path], json!({ "recursive": true }));
        assert!(world.post("delete", root).await.fails(400, "BadRequest").contains("root"));
    }
    assert_eq!(world.get("task_list").await.ok().body["total"], 0);
}

#[tokio::test]
async fn unknown_members_and_nulls_are_accepted() {
    let world = World::new().await;
    world.write("here/a", "a");
    let mut document = world.transfer(
        json!([{
            "source_path": "/a", "destination_path": "/a", "recursive": null, "external_checksum": null,
            "checksum_algorithm": null, "verify_size": 1, "future": {"x": 1},
        }]),
        json!({
            "label": null, "deadline": null, "sync_level": null, "filter_rules": null, "encrypt_data": null,
            "skip_activation_check": true, "perf_cc": 4, "length": 1, "notify_on_failed": false,
            "source_local_user": null, "future": [1, 2],
        }),
    );
    document.as_object_mut().unwrap().remove("DATA_TYPE");
    assert_eq!(world.post("transfer", document).await.ok().code(), "Accepted");
}
