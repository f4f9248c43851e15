//! Many files, many items, large bodies.

use std::fmt::Write as _;

use super::*;

#[tokio::test]
async fn a_large_submission_is_read_and_refused_by_its_last_item() {
    let world = World::new().await;
    let mut body = format!(
        r#"{{"submission_id":"{}","source_endpoint":"{}","destination_endpoint":"{}","DATA":["#,
        Uuid::new_v4(),
        world.id("here"),
        world.id("there")
    );
    // More than the limit of any other body.
    for n in 0..100_000 {
        write!(body, r#"{{"DATA_TYPE":"transfer_item","source_path":"/~/a/long/directory/name/{n}","destination_path":"/b/{n}"}},"#).unwrap();
    }
    assert!(body.len() > 8 * 1024 * 1024);
    let twice = format!(r#"{body}{{"source_path":"/x","destination_path":"/b/77/"}}]}}"#);
    let answer = world.send(world.request("POST", "transfer"), twice).await;
    assert!(answer.fails(400, "BadRequest").contains("/b/77"));
    let good = format!(r#"{body}{{"source_path":"/x","destination_path":"/c"}}]}}"#);
    let answer = world.send(world.request("POST", "transfer"), good).await.ok();
    let task = answer.body["task_id"].as_str().unwrap();
    assert_eq!(world.task(task).await["subtasks_total"], 100_001);
    world.cancel(task).await.ok();
}

#[tokio::test]
async fn many_small_files_are_listed_and_copied() {
    let world = World::new().await;
    fs::create_dir(world.path("here/many")).unwrap();
    for n in 0..2000 {
        fs::write(world.path(&format!("here/many/{n:04}")), "x").unwrap();
    }
    let names = world.names("path=/many").await;
    assert_eq!((names.len(), names[1999].as_str()), (2000, "1999"));
    let task = world.run(json!([tree("/many", "/many")]), json!({ "verify_checksum": true })).await;
    assert_eq!((&task["files_transferred"], &task["bytes_transferred"]), (&json!(2000), &json!(2000)));
    assert_eq!(fs::read_dir(world.path("there/many")).unwrap().count(), 2000);
}
