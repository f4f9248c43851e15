//! The life of a task: counters, events, retries, and its ends.

use jiff::SignedDuration;

use super::*;
use crate::PathFault;

fn quick() -> TransferSettings {
    TransferSettings::default().retry_interval(Duration::from_millis(10))
}

fn counts(task: &Value) -> (u64, u64, [u64; 7]) {
    (task["files"].as_u64().unwrap(), task["directories"].as_u64().unwrap(), subtasks(task))
}

/// The table of recorded counters.
#[tokio::test]
async fn counters_of_finished_transfers() {
    let world = World::new().await;
    world.write("here/a", "12345");
    world.write("here/b", "12345");
    world.write("here/tree/one", "x");
    world.write("here/tree/sub/two", "x");
    world.write("here/tree/sub/three", "x");
    fs::create_dir(world.path("here/empty")).unwrap();

    let one = world.run(json!([item("/a", "/a")]), json!({})).await;
    assert_eq!(counts(&one), (1, 0, [2, 0, 2, 0, 0, 0, 0]));
    let two = world.run(json!([item("/a", "/a"), item("/b", "/b")]), json!({})).await;
    assert_eq!(counts(&two), (2, 0, [4, 0, 4, 0, 0, 0, 0]));
    assert_eq!((&two["files_transferred"], &two["bytes_transferred"]), (&json!(2), &json!(10)));
    let tree_task = world.run(json!([tree("/tree", "/tree")]), json!({})).await;
    assert_eq!(counts(&tree_task), (3, 2, [6, 0, 6, 0, 0, 0, 0]));
    let empty = world.run(json!([tree("/empty", "/empty")]), json!({})).await;
    assert_eq!(counts(&empty), (0, 1, [2, 0, 2, 0, 0, 0, 0]));
    assert_eq!(empty["effective_bytes_per_second"], 0);
    let skipped = world.run(json!([item("/a", "/a")]), json!({ "sync_level": 1 })).await;
    assert_eq!(counts(&skipped), (1, 0, [2, 0, 2, 0, 0, 0, 0]));
    assert_eq!((&skipped["files_skipped"], &skipped["files_transferred"]), (&json!(1), &json!(0)));
    assert_eq!(skipped["bytes_transferred"], 0);
}

#[tokio::test]
async fn a_finished_task_shows_its_end() {
    let world = World::new().await;
    world.write("here/a", "12345");
    let task = world.run(json!([item("/a", "/a")]), json!({ "sync_level": 2, "encrypt_data": true })).await;
    for name in
        ["is_ok", "nice_status", "nice_status_short_description", "nice_status_expires_in", "fatal_error"]
    {
        assert_eq!(task.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!((&task["is_paused"], &task["faults"]), (&json!(false), &json!(0)));
    assert_eq!((&task["sync_level"], &task["encrypt_data"]), (&json!(2), &json!(true)));
    assert_eq!(task["completion_time"].as_str().unwrap().len(), "2025-07-26T20:11:09+00:00".len());
    assert_eq!((&task["source_endpoint_display_name"], &task["type"]), (&json!("here"), &json!("TRANSFER")));
    assert!(task["key"].as_str().unwrap().starts_with("complete,"));
    assert_eq!(task["effective_bytes_per_second"], 5);
    let id = task["task_id"].as_str().unwrap();
    assert_eq!(world.events(id).await, ["STARTED", "SUCCEEDED"]);
    let list = world.get(&format!("task/{id}/event_list")).await.ok().body;
    let details: Value = serde_json::from_str(list["DATA"][0]["details"].as_str().unwrap()).unwrap();
    assert_eq!(details, json!({ "files_succeeded": 1 }));
    let details: Value = serde_json::from_str(list["DATA"][1]["details"].as_str().unwrap()).unwrap();
    assert_eq!(details["type"], "GridFTP Transfer");
}

#[tokio::test]
async fn a_missing_source_is_retried_until_it_appears() {
    let world = World::with(quick()).await;
    let task = world.submit(json!([item("/late", "/late")]), json!({})).await;
    let waiting = world.until(&task, "retried", |task| task["faults"].as_u64() > Some(1)).await;
    assert_eq!(counts(&waiting), (0, 0, [1, 1, 0, 0, 0, 0, 0]));
    assert_eq!((&waiting["status"], &waiting["is_ok"]), (&json!("ACTIVE"), &json!(false)));
    assert_eq!(waiting["nice_status"], "FILE_NOT_FOUND");
    assert_eq!(waiting["nice_status_short_description"], "file not found");
    assert_eq!(waiting["subtasks_retrying"], 1);
    world.write("here/late", "here at last");
    let end = world.end(&task).await;
    assert_eq!(end["status"], "SUCCEEDED");
    assert_eq!(counts(&end), (1, 0, [2, 0, 2, 0, 0, 0, 0]));
    assert_eq!(end["subtasks_retrying"], 0);
    assert!(end["faults"].as_u64() > Some(1));
    let events = world.events(&task).await;
    assert_eq!(events[..2], ["STARTED", "FILE_NOT_FOUND"]);
    assert_eq!(events.last().unwrap(), "SUCCEEDED");
    assert_eq!(events.len() as u64, end["faults"].as_u64().unwrap() + 2);
}

/// Checks 16 and 17.
#[tokio::test]
async fn a_denied_destination_runs_until_its_deadline() {
    let world = World::with(quick().fault(PathFault::new("/denied/*", "PERMISSION_DENIED"))).await;
    world.write("here/a", "x");
    let task = world.submit(json!([item("/a", "/denied/a")]), json!({})).await;
    let faulty = world.until(&task, "denied", |task| task["faults"].as_u64() > Some(0)).await;
    assert_eq!((&faulty["status"], &faulty["nice_status"]), (&json!("ACTIVE"), &json!("PERMISSION_DENIED")));
    let update = json!({ "DATA_TYPE": "task", "label": "late", "deadline": "2020-01-01 00:00:00" });
    let answer = world.put(&format!("task/{task}"), update).await.ok();
    assert_eq!(
        (answer.code(), answer.message()),
        ("Updated", "Updated task deadline and label successfully")
    );
    let end = world.task(&task).await;
    assert_eq!((&end["status"], &end["label"]), (&json!("FAILED"), &json!("late")));
    assert_eq!(end["fatal_error"], json!({ "code": "EXPIRED", "description": "expired" }));
    assert_eq!(end["deadline"], "2020-01-01T00:00:00+00:00");
    // The item was found to be a file; the file expired.
    assert_eq!(counts(&end), (1, 0, [2, 0, 1, 0, 0, 1, 0]));
    let events = world.events(&task).await;
    assert_eq!((events[0].as_str(), events.last().unwrap().as_str()), ("STARTED", "EXPIRED"));
    assert!(!world.path("there/denied/a").exists());
}

#[tokio::test]
async fn deadlines_follow_the_clock() {
    let world = World::with(quick()).await;
    let task = world.submit(json!([item("/nope", "/x")]), json!({})).await;
    world.until(&task, "faulty", |task| task["faults"].as_u64() > Some(0)).await;
    world.state().clock.advance(24 * 3600 - 60);
    assert_eq!(world.task(&task).await["status"], "ACTIVE");
    world.state().clock.advance(120);
    let end = world.task(&task).await;
    assert_eq!((&end["status"], &end["fatal_error"]["code"]), (&json!("FAILED"), &json!("EXPIRED")));
    assert_eq!(subtasks(&end), [1, 0, 0, 0, 0, 1, 0]);
}

#[tokio::test]
async fn progress_pushes_the_deadline_unless_it_is_set() {
    let world = World::with(quick()).await;
    world.write("here/a", "x");
    let items = json!([item("/a", "/a"), item("/nope", "/b")]);
    let task = world.submit(items, json!({})).await;
    world.until(&task, "half done", |task| task["files_transferred"] == 1).await;
    world.state().clock.advance(70 * 3600);
    assert_eq!(world.task(&task).await["status"], "ACTIVE");
    world.state().clock.advance(3 * 3600);
    assert_eq!(world.task(&task).await["fatal_error"]["code"], "EXPIRED");

    let soon = (world.state().clock.now() + SignedDuration::from_hours(1)).to_string();
    let items = json!([item("/a", "/c"), item("/nope", "/d")]);
    let fixed = world.submit(items, json!({ "deadline": soon })).await;
    world.until(&fixed, "half done", |task| task["files_transferred"] == 1).await;
    world.state().clock.advance(2 * 3600);
    assert_eq!(world.task(&fixed).await["fatal_error"]["code"], "EXPIRED");
}

/// Check 19.
#[tokio::test]
async fn cancelling_running_and_finished_tasks() {
    let world = World::with(quick()).await;
    world.write("here/a", "x");
    let task = world.submit(json!([item("/a", "/a"), item("/nope", "/b")]), json!({})).await;
    world.until(&task, "half done", |task| task["files_transferred"] == 1 && task["faults"] != 0).await;
    let answer = world.cancel(&task).await.ok();
    assert_eq!((answer.code(), answer.message()), ("Canceled", "The task has been cancelled successfully."));
    assert_eq!(answer.body["resource"], format!("/task/{task}/cancel"));
    let end = world.task(&task).await;
    assert_eq!(end["fatal_error"], json!({ "code": "CANCELED", "description": "canceled" }));
    assert_eq!(counts(&end), (1, 0, [3, 0, 2, 0, 1, 0, 0]));
    assert_eq!(world.read("there/a"), "x");
    assert_eq!(world.events(&task).await.last().unwrap(), "CANCELED");
    let list = world.get(&format!("task/{task}/event_list")).await.ok().body;
    assert_eq!(list["DATA"][0]["details"], "Canceled by the task owner");
    assert_eq!(list["DATA"][0]["is_error"], true);

    let again = world.cancel(&task).await.ok();
    assert_eq!(again.code(), "TaskComplete");
    assert_eq!(again.message(), "The task completed before the cancel request was processed.");
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(world.task(&task).await, end, "an ended task never changes");
    assert_eq!(world.get(&format!("task/{task}/successful_transfers")).await.ok().body["DATA"], json!([]));
}

#[tokio::test]
async fn cancelling_stops_the_copying() {
    let world = World::with(quick().workers(1).file_delay(Duration::from_millis(30))).await;
    for n in 0..50 {
        world.write(&format!("here/src/{n:02}"), "x");
    }
    let task = world.submit(json!([tree("/src", "/dst")]), json!({})).await;
    let running = world.until(&task, "running", |task| task["files_transferred"].as_u64() > Some(1)).await;
    assert_eq!((&running["files"], &running["is_ok"]), (&json!(50), &json!(true)));
    assert_eq!((&running["nice_status"], &running["nice_status_expires_in"]), (&json!("OK"), &json!(-1)));
    world.cancel(&task).await.ok();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let copied = fs::read_dir(world.path("there/dst")).unwrap().count();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fs::read_dir(world.path("there/dst")).unwrap().count(), copied);
    assert!(copied < 50, "{copied}");
}

/// Threads that copy must not outlive the emulator, or a user's test would hang at its end.
#[test]
fn a_stopped_emulator_leaves_no_thread_behind() {
    let start = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::with(quick().file_delay(Duration::from_secs(600))).await;
        world.write("here/a", "x");
        let task = world.submit(json!([item("/a", "/a")]), json!({})).await;
        world.until(&task, "found", |task| task["files"] == 1).await;
        world.emulator.stop().await;
    });
    // Waits for every thread that is still at work.
    drop(runtime);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test]
async fn three_tasks_of_a_kind_run_at_once() {
    let world = World::with(quick().file_delay(Duration::from_secs(600))).await;
    world.write("here/a", "x");
    let mut tasks = Vec::new();
    for n in 0..5 {
        tasks.push(world.submit(json!([item("/a", &format!("/{n}"))]), json!({})).await);
        if n < 3 {
            world.until(&tasks[n], "running", |task| task["nice_status"] == "OK").await;
        }
    }
    let delete = world.submit_delete(&["/nope"], json!({ "ignore_missing": true })).await;
    world
        .until(&delete, "running: deletes have slots of their own", |task| task["nice_status"] == "OK")
        .await;
    for queued in &tasks[3..] {
        let task = world.task(queued).await;
        assert_eq!((&task["status"], &task["is_ok"]), (&json!("ACTIVE"), &json!(true)));
        assert_eq!(task["nice_status"], "Queued");
    }
    // Waiting costs no patience.
    world.state().clock.advance(30 * 3600);
    assert_eq!(world.task(&tasks[0]).await["fatal_error"]["code"], "EXPIRED");
    let started = world.until(&tasks[3], "started", |task| task["nice_status"] == "OK").await;
    assert_eq!(started["status"], "ACTIVE");
    world.cancel(&tasks[3]).await.ok();
    world.cancel(&tasks[4]).await.ok();
}

#[tokio::test]
async fn tasks_that_wait_for_a_retry_free_their_slot() {
    let settings = TransferSettings::default().active_tasks(1).retry_interval(Duration::from_secs(60));
    let world = World::with(settings).await;
    world.write("here/a", "x");
    let stuck = world.submit(json!([item("/nope", "/b")]), json!({})).await;
    world.until(&stuck, "faulty", |task| task["faults"] == 1).await;
    world.run(json!([item("/a", "/a")]), json!({})).await;
    world.cancel(&stuck).await.ok();
}

#[tokio::test]
async fn faults_that_pass_are_survived() {
    let settings = quick()
        .fault(PathFault::new("/src/b", "CONNECTION_RESET").times(2))
        .fault(PathFault::new("/dst/c", "GC_NOT_CONNECTED").times(1));
    let world = World::with(settings).await;
    for name in ["a", "b", "c"] {
        world.write(&format!("here/src/{name}"), name);
    }
    let task = world.run(json!([tree("/src", "/dst")]), json!({})).await;
    assert_eq!(task["faults"], 3);
    assert_eq!(counts(&task), (3, 1, [5, 0, 5, 0, 0, 0, 0]));
    let mut events = world.events(task["task_id"].as_str().unwrap()).await;
    events.sort();
    assert_eq!(events, ["CONNECTION_RESET", "CONNECTION_RESET", "GC_NOT_CONNECTED", "STARTED", "SUCCEEDED"]);
}

#[tokio::test]
async fn quota_errors_are_fatal_on_demand() {
    let world = World::with(quick().fault(PathFault::new("/full/*", "QUOTA_EXCEEDED"))).await;
    world.write("here/a", "x");
    let patient = world.submit(json!([item("/a", "/full/a")]), json!({})).await;
    world.until(&patient, "retried", |task| task["faults"].as_u64() > Some(1)).await;
    world.cancel(&patient).await.ok();
    let task = world.submit(json!([item("/a", "/full/a")]), json!({ "fail_on_quota_errors": true })).await;
    let end = world.end(&task).await;
    assert_eq!(end["fatal_error"], json!({ "code": "QUOTA_EXCEEDED", "description": "quota exceeded" }));
    assert_eq!(counts(&end), (1, 0, [2, 0, 1, 1, 0, 0, 0]));
}

#[tokio::test]
async fn source_errors_are_skipped_on_demand() {
    let world = World::with(quick().fault(PathFault::new("/src/denied", "PERMISSION_DENIED"))).await;
    world.write("here/src/good", "x");
    world.write("here/src/denied", "x");
    let items = json!([tree("/src", "/dst"), item("/gone", "/gone")]);
    let task = world.run(items, json!({ "skip_source_errors": true })).await;
    assert_eq!(counts(&task), (2, 1, [5, 0, 3, 0, 0, 0, 2]));
    assert_eq!((&task["faults"], &task["files_transferred"]), (&json!(0), &json!(1)));
    let id = task["task_id"].as_str().unwrap();
    assert_eq!(world.events(id).await, ["STARTED", "SKIPPED_ERRORS", "SUCCEEDED"]);
    let list = world.get(&format!("task/{id}/skipped_errors")).await.ok().body;
    assert_eq!((&list["DATA_TYPE"], &list["next_marker"]), (&json!("skipped_errors"), &json!(null)));
    let mut skipped: Vec<_> = list["DATA"].as_array().unwrap().clone();
    skipped.sort_by_key(|one| one["source_path"].as_str().unwrap().to_owned());
    assert_eq!(
        (&skipped[0]["source_path"], &skipped[0]["error_code"]),
        (&json!("/gone"), &json!("FILE_NOT_FOUND"))
    );
    assert_eq!(skipped[0]["destination_path"], "/gone");
    assert_eq!(skipped[1]["error_code"], "PERMISSION_DENIED");
    assert_eq!((&skipped[1]["is_directory"], &skipped[1]["is_symlink"]), (&json!(false), &json!(false)));
    assert!(skipped[1]["error_time"].as_str().unwrap().contains('T'));
}

#[tokio::test]
async fn destination_errors_are_never_skipped() {
    let world = World::with(quick().fault(PathFault::new("/denied/*", "PERMISSION_DENIED"))).await;
    world.write("here/a", "x");
    let task = world.submit(json!([item("/a", "/denied/a")]), json!({ "skip_source_errors": true })).await;
    world.until(&task, "retried", |task| task["faults"].as_u64() > Some(1)).await;
    world.cancel(&task).await.ok();
}

#[tokio::test]
async fn an_unreadable_directory_deletes_nothing_extra() {
    let world = World::with(quick().fault(PathFault::new("/src/sub", "PERMISSION_DENIED"))).await;
    world.write("here/src/sub/a", "x");
    world.write("there/dst/sub/extra", "x");
    let options = json!({ "skip_source_errors": true, "delete_destination_extra": true });
    let task = world.run(json!([tree("/src", "/dst")]), options).await;
    assert!(world.path("there/dst/sub/extra").exists());
    let events = world.events(task["task_id"].as_str().unwrap()).await;
    assert_eq!(events, ["STARTED", "DELETE_DESTINATION_EXTRA_SKIPPED", "SKIPPED_ERRORS", "SUCCEEDED"]);
}

#[tokio::test]
async fn progress_is_reported_now_and_then() {
    let settings =
        quick().workers(1).file_delay(Duration::from_millis(10)).progress_interval(Duration::from_millis(1));
    let world = World::with(settings).await;
    for n in 0..4 {
        world.write(&format!("here/src/{n}"), "x");
    }
    let task = world.run(json!([tree("/src", "/dst")]), json!({})).await;
    let id = task["task_id"].as_str().unwrap();
    let events = world.events(id).await;
    assert!(events.iter().filter(|code| *code == "PROGRESS").count() >= 3, "{events:?}");
    let list = world.get(&format!("task/{id}/event_list")).await.ok().body;
    let details: Value = serde_json::from_str(list["DATA"][1]["details"].as_str().unwrap()).unwrap();
    assert_eq!(details["bytes_transferred"], 4);
}

/// Check 18.
#[tokio::test]
async fn updates_of_tasks() {
    let world = World::with(quick()).await;
    let task = world.submit(json!([item("/nope", "/x")]), json!({ "label": "one" })).await;
    let path = format!("task/{task}");
    let answer = world.put(&path, json!({ "label": "two" })).await.ok();
    assert_eq!((answer.code(), &answer.body["DATA_TYPE"]), ("Updated", &json!("result")));
    assert_eq!(world.task(&task).await["label"], "two");
    world.put(&path, json!({ "label": null })).await.ok();
    assert_eq!(world.task(&task).await["label"], json!(null));
    world.put(&path, json!({ "deadline": "2999-01-01T00:00:00+02:00" })).await.ok();
    assert_eq!(world.task(&task).await["deadline"], "2998-12-31T22:00:00+00:00");
    for bad in [
        json!({}),
        json!({ "label": " x" }),
        json!({ "deadline": "soon" }),
        json!({ "DATA_TYPE": "x", "label": "a" }),
    ] {
        world.put(&path, bad).await.fails(400, "BadRequest");
    }
    world.cancel(&task).await.ok();
    world.put(&path, json!({ "label": "three" })).await.fails(409, "Conflict");
}
