//! Delete tasks.

use super::*;
use crate::PathFault;

async fn run(world: &World, paths: &[&str], options: Value) -> Value {
    world.end(&world.submit_delete(paths, options).await).await
}

#[tokio::test]
async fn files_and_trees_are_deleted() {
    let world = World::new().await;
    world.write("here/a", "");
    world.write("here/tree/deep/b", "");
    world.write("here/keep", "");
    let task = run(&world, &["/a", "/~/tree/"], json!({ "recursive": true, "label": "tidy" })).await;
    assert_eq!((&task["status"], &task["type"]), (&json!("SUCCEEDED"), &json!("DELETE")));
    assert_eq!((&task["files"], &task["directories"]), (&json!(2), &json!(0)));
    assert_eq!(subtasks(&task), [2, 0, 2, 0, 0, 0, 0]);
    assert_eq!(task["source_endpoint_id"], world.id("here"));
    for name in ["destination_endpoint_id", "recursive_symlinks", "sync_level", "filter_rules"] {
        assert_eq!(task.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(world.names("").await, ["keep"]);
    assert_eq!(world.events(task["task_id"].as_str().unwrap()).await, ["STARTED", "SUCCEEDED"]);
}

/// Check 22.
#[tokio::test]
async fn a_missing_path_is_fatal() {
    let world = World::new().await;
    let task = run(&world, &["/nope"], json!({})).await;
    assert_eq!(task["status"], "FAILED");
    assert_eq!(task["fatal_error"], json!({ "code": "FILE_NOT_FOUND", "description": "file not found" }));
    assert_eq!(subtasks(&task), [1, 0, 0, 1, 0, 0, 0]);
    assert_eq!((&task["files"], &task["faults"]), (&json!(1), &json!(1)));
    let id = task["task_id"].as_str().unwrap();
    assert_eq!(world.events(id).await, ["STARTED", "FILE_NOT_FOUND"]);
    let list = world.get(&format!("task/{id}/event_list")).await.ok().body;
    assert_eq!(list["DATA"][0]["description"], "file not found");
    let details = list["DATA"][0]["details"].as_str().unwrap();
    assert!(
        details.starts_with("Error (delete)\nEndpoint: here (") && details.contains("File: /nope"),
        "{details}"
    );
}

#[tokio::test]
async fn missing_paths_are_ignored_on_demand() {
    let world = World::new().await;
    world.write("here/a", "");
    let task = run(&world, &["/nope", "/no/parent", "/a"], json!({ "ignore_missing": true })).await;
    assert_eq!((&task["status"], &task["subtasks_succeeded"]), (&json!("SUCCEEDED"), &json!(3)));
    assert_eq!(world.names("").await.len(), 0);
}

#[tokio::test]
async fn directories_need_recursive() {
    let world = World::new().await;
    world.write("here/tree/a", "");
    let task = run(&world, &["/tree"], json!({ "recursive": false })).await;
    assert_eq!(task["fatal_error"]["code"], "IS_A_DIRECTORY");
    assert!(world.path("here/tree/a").exists());
    let task = run(&world, &["/tree"], json!({})).await;
    assert_eq!(task["status"], "SUCCEEDED", "left out: found out");
}

#[tokio::test]
async fn globs_work_in_the_last_component_on_demand() {
    let world = World::new().await;
    for name in ["a1.txt", "a2.txt", "b.txt", "[x]", "c*d", "cd", ".hidden.txt"] {
        world.write(&format!("here/dir/{name}"), "");
    }
    let globs = json!({ "interpret_globs": true });
    assert_eq!(run(&world, &["/dir/a?.txt"], globs.clone()).await["status"], "SUCCEEDED");
    assert_eq!(world.names("path=/dir").await, [".hidden.txt", "[x]", "b.txt", "c*d", "cd"]);
    assert_eq!(run(&world, &[r"/dir/c\*d", r"/~/dir/\[x]"], globs.clone()).await["status"], "SUCCEEDED");
    assert_eq!(world.names("path=/dir").await, [".hidden.txt", "b.txt", "cd"]);
    assert_eq!(run(&world, &["/dir/*.txt"], globs.clone()).await["status"], "SUCCEEDED");
    assert_eq!(world.names("path=/dir").await, [".hidden.txt", "cd"]);
    let none = run(&world, &["/dir/z*"], globs).await;
    assert_eq!(none["fatal_error"]["code"], "FILE_NOT_FOUND");
    assert_eq!(run(&world, &["/dir/c*"], json!({})).await["status"], "FAILED", "no glob unless asked for");
    assert_eq!(world.names("path=/dir").await, [".hidden.txt", "cd"]);
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_unlinked_never_followed() {
    use std::os::unix::fs::symlink;
    let world = World::new().await;
    world.write("here/real/file", "x");
    fs::write(world.temp.path().join("secret"), "secret").unwrap();
    symlink("real", world.path("here/link")).unwrap();
    symlink(world.temp.path(), world.path("here/out")).unwrap();
    symlink("nowhere", world.path("here/broken")).unwrap();
    let task = run(&world, &["/link", "/out", "/broken"], json!({ "recursive": false })).await;
    assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
    assert_eq!(world.names("").await, ["real"]);
    assert_eq!(world.read("here/real/file"), "x");
    symlink(world.temp.path(), world.path("here/out")).unwrap();
    let task = run(&world, &["/out/secret"], json!({ "recursive": true })).await;
    assert_eq!(task["fatal_error"]["code"], "PERMISSION_DENIED");
    assert!(world.temp.path().join("secret").exists());
}

#[tokio::test]
async fn trouble_with_the_connection_is_retried_other_trouble_is_fatal() {
    let settings = TransferSettings::default()
        .retry_interval(Duration::from_millis(10))
        .fault(PathFault::new("/a", "CONNECT_FAILED").times(2))
        .fault(PathFault::new("/b", "PERMISSION_DENIED"));
    let world = World::with(settings).await;
    world.write("here/a", "");
    world.write("here/b", "");
    let task = run(&world, &["/a"], json!({})).await;
    assert_eq!((&task["status"], &task["faults"]), (&json!("SUCCEEDED"), &json!(2)));
    let task = run(&world, &["/b"], json!({})).await;
    assert_eq!(task["fatal_error"]["code"], "PERMISSION_DENIED");
    let id = task["task_id"].as_str().unwrap();
    world.get(&format!("task/{id}/successful_transfers")).await.fails(400, "BadRequest");
    assert_eq!(world.get(&format!("task/{id}/skipped_errors")).await.ok().body["DATA"], json!([]));
}
