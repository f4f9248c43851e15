//! Lists of tasks and events, and who sees them.

use super::*;

async fn delete_task(world: &World, label: &str, path: &str) -> String {
    let task = world.submit_delete(&[path], json!({ "label": label })).await;
    world.end(&task).await;
    task
}

async fn labels(world: &World, query: &str) -> Vec<String> {
    let list = world.get(&format!("task_list?{query}")).await.ok().body;
    let data = list["DATA"].as_array().unwrap();
    data.iter().map(|task| task["label"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn newest_first_with_pages() {
    let world = World::new().await;
    for label in ["one", "two", "three"] {
        delete_task(&world, label, "/nope").await;
    }
    let list = world.get("task_list?limit=2").await.ok().body;
    assert_eq!(list["DATA_TYPE"], "task_list");
    assert_eq!(
        [&list["length"], &list["limit"], &list["offset"], &list["total"]],
        [&json!(2), &json!(2), &json!(0), &json!(3)]
    );
    assert_eq!(labels(&world, "limit=2").await, ["three", "two"]);
    assert_eq!(labels(&world, "limit=2&offset=2").await, ["one"]);
    assert_eq!(labels(&world, "orderby=request_time+ASC").await[0], "one");
    assert_eq!(labels(&world, "orderby=label").await, ["one", "three", "two"]);
    assert_eq!(world.get("task_list?limit=5000").await.ok().body["limit"], 1000);
    let cut = world.get("task_list?limit=1&fields=label,status").await.ok().body;
    assert_eq!(cut["DATA"], json!([{ "DATA_TYPE": "task", "label": "three", "status": "FAILED" }]));
    world.get("task_list?orderby=colour").await.fails(400, "BadRequest");
}

/// Check 20.
#[tokio::test]
async fn filters_of_task_lists() {
    let world = World::new().await;
    world.write("here/a", "");
    let good = delete_task(&world, "Nightly good", "/a").await;
    let bad = delete_task(&world, "nightly bad", "/nope").await;
    let running = world.submit(json!([item("/nope", "/x")]), json!({ "label": "copy" })).await;
    assert_eq!(labels(&world, "filter=type:DELETE/status:SUCCEEDED").await, ["Nightly good"]);
    assert_eq!(labels(&world, "filter=type:TRANSFER,DELETE").await.len(), 3);
    assert_eq!(labels(&world, "filter=status:ACTIVE,INACTIVE").await, ["copy"]);
    assert_eq!(labels(&world, "filter=label:~NIGHTLY*").await, ["nightly bad", "Nightly good"]);
    assert_eq!(labels(&world, "filter=label:!~nightly*").await, ["copy"]);
    assert_eq!(labels(&world, "filter=label:=copy").await, ["copy"]);
    assert_eq!(labels(&world, &format!("filter=task_id:{good},{bad}")).await.len(), 2);
    assert_eq!(labels(&world, "filter=request_time:2020-01-01,").await.len(), 3);
    assert_eq!(labels(&world, "filter=request_time:,2020-01-01").await.len(), 0);
    assert_eq!(labels(&world, "filter=completion_time:2020-01-01,").await.len(), 2);
    world.get("task_list?filter=owner:me").await.fails(400, "BadRequest");
    world.cancel(&running).await.ok();
}

#[tokio::test]
async fn tasks_belong_to_their_owner() {
    let mut world = World::new().await;
    let task = delete_task(&world, "mine", "/nope").await;
    world.token = world.token_of(BOB, super::super::SCOPE).await;
    assert_eq!(world.get("task_list").await.ok().body["total"], 0);
    let message = format!("No task found with id '{task}'");
    for path in ["", "/event_list", "/successful_transfers", "/skipped_errors"] {
        let answer = world.get(&format!("task/{task}{path}")).await;
        assert_eq!(answer.fails(404, "ClientError.NotFound"), message, "{path}");
    }
    world.cancel(&task).await.fails(404, "ClientError.NotFound");
    world.put(&format!("task/{task}"), json!({ "label": "x" })).await.fails(404, "ClientError.NotFound");
    world.get("task/nonsense").await.fails(404, "ClientError.NotFound");
}

/// Check 21.
#[tokio::test]
async fn event_lists() {
    let world = World::new().await;
    let task = delete_task(&world, "x", "/nope").await;
    let list = world.get(&format!("task/{task}/event_list")).await.ok().body;
    assert_eq!(list["DATA_TYPE"], "event_list");
    assert_eq!(
        [&list["length"], &list["limit"], &list["offset"], &list["total"]],
        [&json!(2), &json!(10), &json!(0), &json!(2)]
    );
    assert_eq!(list["DATA"][0]["code"], "FILE_NOT_FOUND");
    assert_eq!(list["DATA"][1]["code"], "STARTED");
    let codes = async |query: &str| {
        let list = world.get(&format!("task/{task}/event_list?{query}")).await.ok().body;
        let data = list["DATA"].as_array().unwrap();
        let codes = data.iter().map(|event| event["code"].as_str().unwrap().to_owned());
        (codes.collect::<Vec<_>>().join(" "), list["total"].as_u64().unwrap())
    };
    assert_eq!(codes("filter=is_error:1").await, ("FILE_NOT_FOUND".into(), 1));
    assert_eq!(codes("filter=is_error:0").await, ("STARTED".into(), 1));
    assert_eq!(codes("filter=").await, ("FILE_NOT_FOUND STARTED".into(), 2));
    assert_eq!(codes("limit=1&offset=1").await, ("STARTED".into(), 2));
    world.get(&format!("task/{task}/event_list?filter=is_error:2")).await.fails(400, "BadRequest");
}

#[tokio::test]
async fn fields_cut_a_task() {
    let world = World::new().await;
    let task = delete_task(&world, "x", "/nope").await;
    let cut = world.get(&format!("task/{task}?fields=status,faults")).await.ok().body;
    assert_eq!(cut, json!({ "DATA_TYPE": "task", "status": "FAILED", "faults": 1 }));
}
