//! Rights, rules, logins and machines that change while tasks run, and what that does to them.

use super::*;
use crate::auth::principals::Who;
use crate::transfer::access;
use crate::transfer::pause_rules::{Action, PauseRule};
use crate::{CollectionSetup, PathFault};

fn quick() -> TransferSettings {
    TransferSettings::default().retry_interval(Duration::from_millis(10))
}

/// With the guest collection `shared`, the directory `here/shared` of Ada's, of which Bob may read everything.
async fn sharing() -> World {
    World::build(|builder, directory| {
        fs::create_dir_all(directory.join("storage/shared")).unwrap();
        builder
            .collection_with(CollectionSetup::mapped("storage", directory.join("storage")))
            .collection_with(
                CollectionSetup::guest("shared", "storage", "/shared/").owner(ADA).permission(BOB, "/", "r"),
            )
    })
    .await
}

impl World {
    async fn become_bob(&mut self) {
        self.token = self.token_of(BOB, super::super::SCOPE).await;
    }

    /// Submits a transfer between any two collections.
    async fn between(&self, source: &str, destination: &str, items: Value) -> String {
        let ends =
            json!({ "source_endpoint": self.id(source), "destination_endpoint": self.id(destination) });
        self.submit(items, ends).await
    }
}

/// Check 16 with a real permission.
#[tokio::test]
async fn a_forbidden_destination_is_retried_until_it_is_allowed() {
    let mut world = sharing().await;
    world.become_bob().await;
    world.write("here/a", "x");
    let task = world.between("here", "shared", json!([item("/a", "/a")])).await;
    let denied = world.until(&task, "denied", |task| task["faults"].as_u64() > Some(0)).await;
    assert_eq!((&denied["status"], &denied["nice_status"]), (&json!("ACTIVE"), &json!("PERMISSION_DENIED")));
    assert!(!world.path("storage/shared/a").exists());
    let shared = world.state().transfer.collection(&world.id("shared")).unwrap();
    shared.write().rules[0].write = true;
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
    assert_eq!(world.read("storage/shared/a"), "x");
}

#[tokio::test]
async fn a_source_that_is_no_longer_shared_is_denied() {
    let mut world = sharing().await;
    world.become_bob().await;
    world.write("storage/shared/a", "x");
    let copied = world.between("shared", "there", json!([item("/a", "/a")])).await;
    assert_eq!(world.end(&copied).await["status"], "SUCCEEDED");
    let late = world.between("shared", "there", json!([item("/late", "/late")])).await;
    world.until(&late, "faulty", |task| task["nice_status"] == "FILE_NOT_FOUND").await;
    let shared = world.state().transfer.collection(&world.id("shared")).unwrap();
    shared.write().rules.clear();
    assert!(!access::has_any_right(&shared, Who::default(), world.state().clock.now()));
    world.until(&late, "denied", |task| task["nice_status"] == "PERMISSION_DENIED").await;
}

#[tokio::test]
async fn deletes_need_the_right_to_write() {
    let mut world = sharing().await;
    world.become_bob().await;
    world.write("storage/shared/a", "x");
    let task = world.submit_delete(&["/a"], json!({ "endpoint": world.id("shared") })).await;
    assert_eq!(world.end(&task).await["fatal_error"]["code"], "PERMISSION_DENIED");
    assert_eq!(world.read("storage/shared/a"), "x");
}

#[tokio::test]
async fn pause_rules_stop_tasks_and_let_them_go_on() {
    let world = World::with(quick()).await;
    world.write("here/a", "x");
    let there = Uuid::parse_str(&world.id("there")).unwrap();
    let rule = |paused: Action| PauseRule {
        id: Uuid::from_u128(7),
        endpoint: there,
        message: "new disks".to_owned(),
        identity: None,
        start_time: None,
        paused: vec![paused],
        modified_by: (Uuid::nil(), String::new()),
        modified: world.state().clock.now(),
        by_host_manager: false,
    };
    let rules = &world.state().transfer.pause_rules;
    // Reading is not what this task does there.
    rules.put(rule(Action::TaskTransferRead));
    world.run(json!([item("/a", "/a")]), json!({})).await;

    rules.put(rule(Action::TaskTransferWrite));
    let task = world.submit(json!([item("/a", "/b")]), json!({})).await;
    let paused = world.until(&task, "paused", |task| task["is_paused"] == true).await;
    assert_eq!((&paused["status"], &paused["nice_status"]), (&json!("ACTIVE"), &json!("PAUSED")));
    assert_eq!((&paused["is_ok"], &paused["completion_time"]), (&json!(true), &Value::Null));
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!world.path("there/b").exists());
    let events = world.get(&format!("task/{task}/event_list")).await.ok().body;
    assert_eq!(
        (&events["DATA"][0]["code"], &events["DATA"][0]["details"]),
        (&json!("PAUSED"), &json!("new disks"))
    );

    rules.remove(Uuid::from_u128(7));
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
    assert_eq!(world.events(&task).await, ["PAUSED", "UNPAUSED", "STARTED", "SUCCEEDED"]);
}

#[tokio::test]
async fn an_old_login_makes_a_task_inactive() {
    let world = World::build(|builder, directory| {
        fs::create_dir(directory.join("vault")).unwrap();
        builder.collection_with(CollectionSetup::mapped("vault", directory.join("vault")).high_assurance(30))
    })
    .await;
    let task = world.between("here", "vault", json!([item("/late", "/late")])).await;
    let running = world.until(&task, "faulty", |task| task["nice_status"] == "FILE_NOT_FOUND").await;
    assert_eq!(running["encrypt_data"], true, "high assurance is always encrypted");
    world.state().clock.advance(31 * 60);
    let inactive = world.until(&task, "inactive", |task| task["status"] == "INACTIVE").await;
    assert_eq!(inactive["nice_status"], "NO_CREDENTIALS");
    let events = world.get(&format!("task/{task}/event_list?limit=1")).await.ok().body;
    assert!(events["DATA"][0]["details"].as_str().unwrap().contains("30 minutes"), "{events}");
    // As if they had logged in again.
    world.write("here/late", "x");
    world.state().clock.advance(-31 * 60);
    assert_eq!(
        world.until(&task, "ended", |task| task["completion_time"] != Value::Null).await["status"],
        "SUCCEEDED"
    );
}

#[tokio::test]
async fn a_machine_that_is_switched_off_is_waited_for() {
    let world = World::with(quick()).await;
    world.write("here/a", "x");
    let task = world.submit(json!([item("/a", "/a"), item("/late", "/late")]), json!({})).await;
    world.until(&task, "half done", |task| task["files_transferred"] == 1).await;
    let here = Uuid::parse_str(&world.id("here")).unwrap();
    world.emulator.set_connected(here, false);
    world.until(&task, "cut off", |task| task["nice_status"] == "GC_NOT_CONNECTED").await;
    world.write("here/late", "x");
    world.emulator.set_connected(here, true);
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn collections_force_checks_and_encryption() {
    let world = World::build(|builder, directory| {
        let directory = directory.join("here");
        let personal = |name: &str| CollectionSetup::personal(name, &directory);
        builder
            .collection_with(
                personal("checked").detail("force_verify", true).detail("force_encryption", true),
            )
            .collection_with(personal("fast").detail("disable_verify", true))
    })
    .await;
    world.write("here/a", "x");
    let task = world.between("checked", "there", json!([item("/a", "/1")])).await;
    let task = world.end(&task).await;
    assert_eq!((&task["verify_checksum"], &task["encrypt_data"]), (&json!(true), &json!(true)));
    let options = json!({ "source_endpoint": world.id("fast"), "verify_checksum": true });
    let fast = world.run(json!([item("/a", "/2")]), options).await;
    assert_eq!((&fast["verify_checksum"], &fast["encrypt_data"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn faults_of_paths_meet_operations_too() {
    let world = World::with(
        quick()
            .fault(PathFault::new("/secret*", "PERMISSION_DENIED"))
            .fault(PathFault::new("/off*", "GC_NOT_CONNECTED"))
            .fault(PathFault::new("/flaky", "CONNECTION_RESET").times(1)),
    )
    .await;
    for name in ["secret", "off", "flaky"] {
        fs::create_dir(world.path("here").join(name)).unwrap();
    }
    world.ls("path=/secret/").await.fails(403, "EndpointPermissionDenied");
    world.ls("path=/off").await.fails(502, "ExternalError.DirListingFailed.GCDisconnected");
    let message = world.ls("path=/flaky").await;
    assert!(message.fails(502, "EndpointError").contains("CONNECTION_RESET"));
    world.ls("path=/flaky").await.ok();
    let operate = async |operation: &str, body: Value| {
        world.post(&format!("operation/endpoint/{}/{operation}", world.id("here")), body).await
    };
    operate("mkdir", json!({"path": "/secret/new"})).await.fails(403, "EndpointPermissionDenied");
    let renamed = operate("rename", json!({"old_path": "/flaky", "new_path": "/secret/moved"})).await;
    renamed.fails(403, "EndpointPermissionDenied");
    world
        .get(&format!("operation/endpoint/{}/stat?path=/secret", world.id("here")))
        .await
        .fails(403, "EndpointPermissionDenied");
}

#[tokio::test]
async fn too_many_requests_are_turned_away() {
    let mut world = World::with(quick().rate_limit(1)).await;
    // From the beginning of a window on.
    let now = world.state().clock.now().as_second();
    world.state().clock.advance(10 - now.rem_euclid(10));
    let ask = async |world: &World| world.get("task_list").await;
    for _ in 0..10 {
        ask(&world).await.ok();
    }
    let busy = ask(&world).await;
    busy.fails(429, "ClientError.TooManyRequests");
    let wait: i64 = busy.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    world.state().clock.advance(wait);
    ask(&world).await.ok();
    world.become_bob().await;
    for _ in 0..10 {
        ask(&world).await.ok();
    }
}
