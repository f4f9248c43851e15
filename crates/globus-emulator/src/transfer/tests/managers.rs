//! The endpoint manager.

use super::*;
use crate::CollectionSetup;

const CAROL: &str = "ca401000-0000-4000-8000-000000000000";

/// Ada's archive, which Bob manages and Carol watches; and Bob's laptop.
async fn lab() -> World {
    World::build(|builder, root| {
        for name in ["archive/data", "laptop", "quiet"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let mapped = |name: &str| CollectionSetup::personal(name, root.join(name));
        builder
            .client(CAROL, "secret")
            .collection_with(
                mapped("archive").owner(ADA).role(BOB, "activity_manager").role(CAROL, "activity_monitor"),
            )
            .collection_with(CollectionSetup::guest("shared", "archive", "/data/").owner(ADA))
            .collection_with(mapped("laptop").owner(ADA))
    })
    .await
}

impl World {
    async fn manage(&self, path: &str) -> Answer {
        self.get(&format!("endpoint_manager/{path}")).await
    }

    /// A task of Ada's from the laptop to the archive that never gets anywhere.
    async fn hopeless(&self) -> String {
        let sides =
            json!({ "source_endpoint": self.id("laptop"), "destination_endpoint": self.id("archive") });
        self.submit(json!([item("/gone", "/x")]), sides).await
    }

    async fn managed_tasks(&self, query: &str) -> Vec<String> {
        let list = self.manage(&format!("task_list?{query}")).await.ok().body;
        ids(&list)
    }
}

fn ids(list: &Value) -> Vec<String> {
    list["DATA"].as_array().unwrap().iter().map(|task| task["task_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn managers_see_their_collections() {
    let mut world = lab().await;
    world.is(BOB).await;
    let list = world.manage("monitored_endpoints?limit=1000").await.ok().body;
    assert_eq!(list["DATA_TYPE"], "monitored_endpoints");
    let names: Vec<_> = list["DATA"].as_array().unwrap().iter().map(|one| &one["display_name"]).collect();
    assert_eq!(names, ["here", "there", "archive", "shared"]);
    assert_eq!((&list["total"], &list["DATA"][2]["in_use"]), (&json!(4), &Value::Null));
    let archive = world.id("archive");
    assert_eq!(world.manage(&format!("endpoint/{archive}")).await.ok().body["display_name"], "archive");
    world.manage(&format!("endpoint/{}", world.id("laptop"))).await.fails(403, "PermissionDenied");
    let hosted = world.manage(&format!("endpoint/{archive}/hosted_endpoint_list")).await.ok().body;
    assert_eq!((&hosted["length"], &hosted["DATA"][0]["display_name"]), (&json!(1), &json!("shared")));
    let rules = world.manage(&format!("endpoint/{}/access_list", world.id("shared"))).await.ok().body;
    assert_eq!(rules["DATA"][0]["principal"], ADA);
    world.manage(&format!("endpoint/{archive}/access_list")).await.fails(409, "ClientError.Conflict");
}

/// Check 34.
#[tokio::test]
async fn guest_collections_host_nothing() {
    let world = lab().await;
    let answer = world.manage(&format!("endpoint/{}/hosted_endpoint_list", world.id("shared"))).await;
    assert!(answer.fails(409, "Conflict").contains("not a host endpoint"));
}

/// Check 31.
#[tokio::test]
async fn without_a_role_nobody_manages_even_their_own() {
    let mut world = World::build(|builder, root| {
        let collection = |name: &str| CollectionSetup::personal(name, root.join(name)).owner(ADA);
        let shared = CollectionSetup::guest("shared", "mine", "/").owner(ADA).permission(BOB, "/", "rw");
        fs::create_dir(root.join("mine")).unwrap();
        builder.collection_with(collection("mine")).collection_with(shared)
    })
    .await;
    for name in ["here", "there"] {
        world.remove(&format!("endpoint/{}", world.id(name))).await.ok();
    }
    world.is(BOB).await;
    let document = json!({
        "DATA_TYPE": "delete", "submission_id": Uuid::new_v4(), "endpoint": world.id("shared"),
        "DATA": [{ "DATA_TYPE": "delete_item", "path": "/x" }],
    });
    let task = world.post("delete", document).await.ok().body["task_id"].as_str().unwrap().to_owned();
    world.task(&task).await;
    for path in
        ["monitored_endpoints", "task_list?filter_status=ACTIVE", "pause_rule_list", &format!("task/{task}")]
    {
        world.manage(path).await.fails(403, "PermissionDenied");
    }
    let cancel = json!({ "task_id_list": [task], "message": "m" });
    world.post("endpoint_manager/admin_cancel", cancel).await.fails(403, "PermissionDenied");
}

#[tokio::test]
async fn managers_see_one_side() {
    let mut world = lab().await;
    let task = world.hopeless().await;
    world.is(BOB).await;
    let shown = world.manage(&format!("task/{task}")).await.ok().body;
    assert_eq!(shown["owner_string"], format!("{ADA}@clients.auth.globus.org"));
    assert_eq!(shown["destination_endpoint_id"], world.id("archive"));
    assert_eq!((&shown["source_endpoint_id"], &shown["source_endpoint"]), (&Value::Null, &Value::Null));
    assert!(shown.as_object().unwrap().contains_key("destination_host_endpoint_id"));
    let errors = world.manage(&format!("task/{task}/event_list?filter_is_error=1")).await.ok().body;
    assert!(errors["DATA"].as_array().unwrap().iter().all(|event| event["is_error"] == true));
    world.manage(&format!("task/{task}/skipped_errors")).await.ok();
    assert_eq!(world.manage(&format!("task/{task}/pause_info")).await.ok().body["pause_rules"], json!([]));
    world.get(&format!("task/{task}")).await.fails(404, "ClientError.NotFound");
    let unknown = world.manage(&format!("task/{}", Uuid::nil())).await;
    assert_eq!(unknown.fails(404, "TaskNotFound"), format!("Task ID {} not found", Uuid::nil()));

    world.is(ADA).await;
    world.cancel(&task).await.ok();
    world.write("laptop/a", "a");
    let sides = json!({ "source_endpoint": world.id("laptop"), "destination_endpoint": world.id("shared") });
    let done = world.submit(json!([item("/a", "/a")]), sides).await;
    world.end(&done).await;
    world.is(BOB).await;
    let copied = world.manage(&format!("task/{done}/successful_transfers")).await.ok().body;
    assert_eq!(
        (&copied["DATA"][0]["source_path"], &copied["DATA"][0]["destination_path"]),
        (&Value::Null, &json!("/a"))
    );
    let shown = world.manage(&format!("task/{done}")).await.ok().body;
    assert_eq!(shown["destination_host_endpoint_id"], world.id("archive"));
    assert_eq!(shown["destination_host_path"], "/data/");
}

#[tokio::test]
async fn lists_are_narrowed() {
    let mut world = lab().await;
    let active = world.hopeless().await;
    let sides = json!({ "source_endpoint": world.id("laptop"), "destination_endpoint": world.id("laptop") });
    let elsewhere = world.submit(json!([item("/gone", "/y")]), sides).await;
    world.write("laptop/a", "a");
    let sides = json!({
        "source_endpoint": world.id("laptop"), "destination_endpoint": world.id("shared"),
        "destination_local_user": "ada",
    });
    let done = world.submit(json!([item("/a", "/a")]), sides).await;
    world.end(&done).await;
    world.until(&active, "faulty", |task| task["faults"].as_u64() > Some(0)).await;
    world.is(BOB).await;
    let archive = world.id("archive");
    let at = format!("filter_endpoint={archive}");
    let now = world.state().clock.now();
    let hour = |hours| {
        super::super::times::task_time(now + jiff::SignedDuration::from_hours(hours)).replace('+', "%2B")
    };
    for (query, expected) in [
        ("filter_status=ACTIVE,INACTIVE".to_owned(), vec![&active]),
        (at.clone(), vec![&active, &done]),
        (format!("{at}&filter_status=SUCCEEDED"), vec![&done]),
        (format!("filter_task_id={active},{done}"), vec![&active, &done]),
        (format!("{at}&filter_endpoint_use=source"), vec![]),
        (format!("{at}&filter_endpoint_use=destination"), vec![&active, &done]),
        (format!("{at}&filter_owner_id={BOB}"), vec![]),
        (format!("{at}&filter_owner_id={ADA}"), vec![&active, &done]),
        (format!("{at}&filter_min_faults=1"), vec![&active]),
        (format!("{at}&filter_local_user=ada"), vec![&done]),
        (format!("{at}&filter_completion_time={},", hour(-1)), vec![&done]),
        (format!("{at}&filter_completion_time=,{}", hour(-1)), vec![]),
        ("filter_status=ACTIVE&filter_is_paused=1".to_owned(), vec![]),
        ("filter_status=ACTIVE&filter_is_paused=False".to_owned(), vec![&active]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(world.managed_tasks(&query).await, expected, "{query}");
    }
    let many = vec![Uuid::nil().to_string(); 51].join(",");
    for bad in [
        String::new(),
        "filter_status=SUCCEEDED".to_owned(),
        "filter_status=DONE".to_owned(),
        format!("filter_task_id={many}"),
        "filter_task_id=x".to_owned(),
        format!("filter_task_id={done}&filter_status=ACTIVE"),
        "filter_status=ACTIVE&filter_endpoint_use=source".to_owned(),
        format!("{at}&filter_endpoint_use=both"),
        format!("{at}&filter_is_paused=1"),
        "filter_status=ACTIVE&filter_local_user=ada".to_owned(),
        format!("{at}&filter_completion_time=yesterday"),
        format!("{at}&last_key=x"),
    ] {
        world.manage(&format!("task_list?{bad}")).await.fails(400, "BadRequest");
    }
    for (nobodys, status, code) in [
        (format!("filter_task_id={active},{elsewhere}"), 403, "PermissionDenied"),
        (format!("filter_task_id={}", Uuid::nil()), 403, "PermissionDenied"),
        (format!("{at}&filter_owner_id={}", Uuid::nil()), 404, "UserNotFound"),
    ] {
        world.manage(&format!("task_list?{nobodys}")).await.fails(status, code);
    }
}

#[tokio::test]
async fn lists_are_paged_by_key() {
    let mut world = lab().await;
    let archive = world.id("archive");
    for number in 0..5 {
        world.write(&format!("archive/{number}"), "");
        let task = world.submit_delete(&[&format!("/{number}")], json!({ "endpoint": archive })).await;
        world.end(&task).await;
    }
    world.is(CAROL).await;
    let all = world.managed_tasks(&format!("filter_endpoint={archive}")).await;
    assert_eq!(all.len(), 5);
    let (mut paged, mut key) = (Vec::new(), String::new());
    loop {
        let query = format!("task_list?filter_endpoint={archive}&limit=2&last_key={key}");
        let page = world.manage(&query).await.ok().body;
        paged.extend(ids(&page));
        assert_eq!(page["limit"], 2);
        if page["has_next_page"] == false {
            break;
        }
        page["last_key"].as_str().unwrap().clone_into(&mut key);
    }
    assert_eq!(paged, all);
}

/// Check 32.
#[tokio::test]
async fn managers_cancel_tasks() {
    let mut world = lab().await;
    let sides = json!({ "source_endpoint": world.id("archive"), "destination_endpoint": world.id("laptop") });
    let task = world.submit(json!([item("/gone", "/x")]), sides).await;
    let request = json!({ "task_id_list": [task], "message": "no such data here" });
    world.is(CAROL).await;
    world.post("endpoint_manager/admin_cancel", request.clone()).await.fails(403, "PermissionDenied");
    world.is(BOB).await;
    let canceled = world.post("endpoint_manager/admin_cancel", request).await.ok().body;
    assert_eq!(canceled["DATA_TYPE"], "admin_cancel");
    let status = format!("admin_cancel/{}", canceled["id"].as_u64().unwrap());
    let start = Instant::now();
    loop {
        let document = world.manage(&status).await.ok().body;
        assert_eq!(document["task_id_list"], json!([task]));
        if document["done"] == true {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
    world.manage("admin_cancel/77").await.fails(404, "ClientError.NotFound");
    for bad in [
        json!({ "message": "m" }),
        json!({ "task_id_list": [], "message": "m" }),
        json!({ "task_id_list": [task] }),
    ] {
        world.post("endpoint_manager/admin_cancel", bad).await.fails(400, "BadRequest");
    }
    world.is(ADA).await;
    let end = world.end(&task).await;
    assert_eq!((&end["status"], &end["canceled_by_admin"]), (&json!("FAILED"), &json!("SOURCE")));
    assert_eq!(end["canceled_by_admin_message"], "no such data here");
}

/// Check 33.
#[tokio::test]
async fn managers_pause_and_resume_tasks() {
    let mut world = lab().await;
    let task = world.hopeless().await;
    world.is(BOB).await;
    let paused =
        async |world: &World| world.manage(&format!("task/{task}")).await.ok().body["is_paused"].clone();
    let pause = json!({ "task_id_list": [task], "message": "not now" });
    assert_eq!(world.post("endpoint_manager/admin_pause", pause.clone()).await.ok().code(), "PauseAccepted");
    assert_eq!(paused(&world).await, true);
    let info = world.manage(&format!("task/{task}/pause_info")).await.ok().body;
    assert_eq!(
        (&info["destination_pause_message"], &info["source_pause_message"]),
        (&json!("not now"), &Value::Null)
    );
    let resume = json!({ "task_id_list": [task] });
    world.is(CAROL).await;
    world.post("endpoint_manager/admin_resume", resume.clone()).await.fails(403, "PermissionDenied");
    world.is(BOB).await;
    assert_eq!(world.post("endpoint_manager/admin_resume", resume).await.ok().code(), "ResumeAccepted");
    assert_eq!(paused(&world).await, false);
    world
        .post("endpoint_manager/admin_pause", json!({ "task_id_list": [task] }))
        .await
        .fails(400, "BadRequest");
    world
        .post("endpoint_manager/admin_pause", json!({ "task_id_list": [Uuid::nil()], "message": "m" }))
        .await
        .fails(404, "TaskNotFound");
}
