//! Tasks that are paused, inactive, cancelled by a manager, forgotten and removed.

use super::*;
use crate::PathFault;

fn quick() -> TransferSettings {
    TransferSettings::default().retry_interval(Duration::from_millis(10))
}

/// A task that takes its time: files `0` to `9`, one after the other.
async fn slow_task(world: &World) -> String {
    for number in 0..10 {
        world.write(&format!("here/slow/{number}"), "x");
    }
    let task = world.submit(json!([tree("/slow", "/slow")]), json!({})).await;
    world.until(&task, "begun", |task| task["files_transferred"].as_u64() > Some(0)).await;
    task
}

fn slowly() -> TransferSettings {
    quick().workers(1).file_delay(Duration::from_millis(30))
}

async fn act(world: &World, task: &str, what: &str, body: Value) -> Answer {
    let request = Request::builder().method("POST").uri(format!("/_emulator/tasks/{task}/{what}"));
    world.send(request.header(header::HOST, "localhost"), body.to_string()).await
}

/// Check 33, as far as the task goes.
#[tokio::test]
async fn a_paused_task_stands_still_and_then_goes_on() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    let paused = act(&world, &task, "pause", json!({"message": "maintenance"})).await.ok().body;
    assert_eq!((&paused["is_paused"], &paused["status"]), (&json!(true), &json!("ACTIVE")));
    assert_eq!(paused["nice_status"], "PAUSED_BY_ADMIN");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = world.task(&task).await["files_transferred"].as_u64();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(world.task(&task).await["files_transferred"].as_u64(), before, "it went on");
    assert!(before < Some(10));

    // A pause is no reason to expire, but does not last for ever.
    world.state().clock.advance(80 * 86_400);
    assert_eq!(world.task(&task).await["status"], "ACTIVE");

    let resumed = act(&world, &task, "resume", json!({})).await.ok().body;
    assert_eq!(resumed["is_paused"], false);
    let end = world.end(&task).await;
    assert_eq!((&end["status"], &end["files_transferred"]), (&json!("SUCCEEDED"), &json!(10)));
    assert_eq!((&end["faults"], subtasks(&end)), (&json!(0), [12, 0, 12, 0, 0, 0, 0]));
    assert_eq!(world.events(&task).await, ["STARTED", "PAUSED", "UNPAUSED", "SUCCEEDED"]);
}

#[tokio::test]
async fn both_sides_must_resume() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    act(&world, &task, "pause", json!({"side": "source", "message": "ours"})).await.ok();
    act(&world, &task, "pause", json!({"side": "destination", "message": "theirs"})).await.ok();
    let half = act(&world, &task, "resume", json!({"side": "source"})).await.ok().body;
    assert_eq!(half["is_paused"], true);
    act(&world, &task, "resume", json!({"side": "destination"})).await.ok();
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
    assert_eq!(world.events(&task).await, ["STARTED", "PAUSED", "UNPAUSED", "SUCCEEDED"]);
}

#[tokio::test]
async fn a_pause_ends_after_ninety_days() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    act(&world, &task, "pause", json!({})).await.ok();
    world.state().clock.advance(91 * 86_400);
    let end = world.task(&task).await;
    assert_eq!((&end["fatal_error"]["code"], &end["is_paused"]), (&json!("EXPIRED"), &json!(false)));
    assert_eq!(act(&world, &task, "resume", json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_paused_task_can_be_cancelled_and_frees_its_slot() {
    let world = World::with(slowly().active_tasks(1)).await;
    let task = slow_task(&world).await;
    act(&world, &task, "pause", json!({})).await.ok();
    world.write("here/a", "x");
    world.run(json!([item("/a", "/a")]), json!({})).await;
    assert_eq!(world.cancel(&task).await.ok().code(), "Canceled");
    assert_eq!(world.task(&task).await["fatal_error"]["code"], "CANCELED");
}

/// Check 32, as far as the task goes.
#[tokio::test]
async fn a_manager_cancels_with_a_message() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    act(&world, &task, "cancel", json!({"side": "source", "message": "disk full"})).await.ok();
    let end = world.task(&task).await;
    assert_eq!((&end["status"], &end["fatal_error"]["code"]), (&json!("FAILED"), &json!("CANCELED")));
    assert_eq!(
        (&end["canceled_by_admin"], &end["canceled_by_admin_message"]),
        (&json!("SOURCE"), &json!("disk full"))
    );
    assert_eq!(act(&world, &task, "cancel", json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn lapsed_credentials_make_a_task_inactive_until_they_are_back() {
    let fault = PathFault::new("/slow/5", "NO_CREDENTIALS");
    let world = World::with(slowly().file_delay(Duration::ZERO).fault(fault)).await;
    for number in 0..10 {
        world.write(&format!("here/slow/{number}"), "x");
    }
    let task = world.submit(json!([tree("/slow", "/slow")]), json!({})).await;
    let inactive = world.until(&task, "inactive", |task| task["status"] == "INACTIVE").await;
    assert_eq!((&inactive["nice_status"], &inactive["is_ok"]), (&json!("NO_CREDENTIALS"), &json!(false)));
    assert_eq!((&inactive["completion_time"], &inactive["faults"]), (&Value::Null, &json!(1)));
    assert_eq!(inactive["files_transferred"], 5);
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(world.task(&task).await["faults"], 1, "an inactive task does not try again");
    // It counts as unfinished in every respect.
    let identical = world.post("transfer", world.transfer(json!([tree("/slow", "/slow")]), json!({}))).await;
    identical.fails(409, "Conflict");

    world.state().transfer.faults.clear();
    let end = world.until(&task, "ended", |task| task["completion_time"] != Value::Null).await;
    assert_eq!((&end["status"], &end["files_transferred"]), (&json!("SUCCEEDED"), &json!(10)));
    assert_eq!(world.events(&task).await, ["STARTED", "NO_CREDENTIALS", "SUCCEEDED"]);
}

#[tokio::test]
async fn an_inactive_task_expires_and_can_be_cancelled() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    act(&world, &task, "lapse", json!({"code": "INVALID_SERVICE_CREDENTIAL"})).await.ok();
    assert_eq!(world.task(&task).await["status"], "INACTIVE");
    act(&world, &task, "revive", json!({})).await.ok();
    assert_eq!(world.task(&task).await["status"], "ACTIVE");
    act(&world, &task, "lapse", json!({})).await.ok();
    assert_eq!(world.cancel(&task).await.ok().code(), "Canceled");

    world.state().transfer.faults.add(&[PathFault::new("/slow/7", "NO_CREDENTIALS")]);
    let task = world.submit_delete(&["/slow/7"], json!({})).await;
    world.until(&task, "inactive", |task| task["status"] == "INACTIVE").await;
    world.state().clock.advance(25 * 3600);
    assert_eq!(world.task(&task).await["fatal_error"]["code"], "EXPIRED");
}

#[tokio::test]
async fn deletes_become_inactive_too() {
    let world = World::with(quick().fault(PathFault::new("/a", "NO_CREDENTIALS").times(1))).await;
    world.write("here/a", "x");
    let task = world.submit_delete(&["/a"], json!({})).await;
    let end = world.until(&task, "ended", |task| task["completion_time"] != Value::Null).await;
    assert_eq!(end["status"], "SUCCEEDED");
    assert_eq!(world.events(&task).await, ["STARTED", "NO_CREDENTIALS", "SUCCEEDED"]);
}

#[tokio::test]
async fn history_is_kept_for_thirty_days() {
    let world = World::with(quick()).await;
    world.write("here/a", "x");
    let task = world.run(json!([item("/a", "/a")]), json!({})).await["task_id"].as_str().unwrap().to_owned();
    world.state().clock.advance(29 * 86_400);
    assert_eq!(world.task(&task).await["history_deleted"], false);
    assert_eq!(world.events(&task).await.len(), 2);
    world.state().clock.advance(2 * 86_400);
    let old = world.task(&task).await;
    assert_eq!((&old["history_deleted"], &old["files_transferred"]), (&json!(true), &json!(1)));
    assert!(world.events(&task).await.is_empty());
    let copied = world.get(&format!("task/{task}/successful_transfers")).await.ok().body;
    assert_eq!(copied["DATA"], json!([]));
}

#[tokio::test]
async fn a_finished_task_can_be_removed() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    let remove = format!("task/{task}/remove");
    world.post_nothing(&remove).await.fails(409, "Conflict");
    world.cancel(&task).await.ok();
    assert_eq!(world.post_nothing(&remove).await.ok().code(), "Removed");
    world.get(&format!("task/{task}")).await.fails(404, "ClientError.NotFound");
    assert_eq!(world.get("task_list").await.ok().body["total"], 0);
}

#[tokio::test]
async fn the_control_room_says_what_it_cannot_do() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    for (id, what, body, status, says) in [
        (task.as_str(), "stop", json!({}), 404, "pause, resume"),
        (task.as_str(), "pause", json!({"side": "left"}), 400, "left"),
        (task.as_str(), "pause", json!({"mesage": "x"}), 400, "mesage"),
        (ADA, "pause", json!({}), 404, "no task"),
    ] {
        let answer = act(&world, id, what, body).await;
        let message = answer.body["error"].as_str().unwrap();
        assert_eq!((answer.status.as_u16(), message.contains(says)), (status, true), "{message}");
    }
}

#[tokio::test]
async fn a_reset_ends_and_forgets_tasks() {
    let fault = PathFault::new("/slow/9", "TIMEOUT");
    let mut world = World::with(slowly().fault(fault.clone())).await;
    let task = slow_task(&world).await;
    world.state().transfer.faults.clear();
    world.state().reset().unwrap();
    world.token = world.token_of(ADA, super::super::SCOPE).await;
    world.get(&format!("task/{task}")).await.fails(404, "ClientError.NotFound");
    assert_eq!(world.get("task_list").await.ok().body["total"], 0);
    assert_eq!(world.state().transfer.faults.list(), [fault]);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let copied = fs::read_dir(world.path("there/slow")).unwrap().count();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fs::read_dir(world.path("there/slow")).unwrap().count(), copied, "it went on");
}

#[tokio::test]
async fn what_is_done_to_a_task_is_an_object_or_nothing() {
    let world = World::with(slowly()).await;
    let task = slow_task(&world).await;
    for (what, body, says) in [
        ("cancel", json!([]), "expected an object"),
        ("pause", json!(["source", "m"]), "expected an object"),
        ("pause", json!(null), "expected an object"),
        ("pause", json!({ "side": 5 }), "side: invalid type"),
        ("pause", json!({ "side": "left" }), "side must be"),
        ("pause", json!({ "sied": "source" }), "sied"),
        ("lapse", json!({ "code": "no credentials" }), "is not an event code"),
    ] {
        let answer = act(&world, &task, what, body.clone()).await;
        let error = answer.body["error"].as_str().unwrap_or_default();
        assert!(answer.status == StatusCode::BAD_REQUEST && error.contains(says), "{body}: {answer:?}");
    }
    assert_eq!(world.task(&task).await["is_paused"], false);
    for (what, paused) in [("pause", true), ("resume", false)] {
        let uri = format!("/_emulator/tasks/{task}/{what}");
        let request = Request::builder().method("POST").uri(uri).header(header::HOST, "localhost");
        assert_eq!(world.send(request, Body::empty()).await.ok().body["is_paused"], paused);
    }
    act(&world, &task, "cancel", json!({})).await.ok();
}
