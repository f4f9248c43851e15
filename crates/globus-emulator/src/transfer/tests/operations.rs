//! stat, mkdir and rename.

use super::*;

async fn operate(world: &World, operation: &str, body: Value) -> Answer {
    world.post(&format!("operation/endpoint/{}/{operation}", world.id("here")), body).await
}

async fn mkdir(world: &World, path: &str) -> Answer {
    operate(world, "mkdir", json!({ "DATA_TYPE": "mkdir", "path": path })).await
}

async fn rename(world: &World, old: &str, new: &str) -> Answer {
    operate(world, "rename", json!({ "DATA_TYPE": "rename", "old_path": old, "new_path": new })).await
}

async fn stat(world: &World, path: &str) -> Answer {
    world.get(&format!("operation/endpoint/{}/stat?path={path}", world.id("here"))).await
}

/// Check 7 of the reference.
#[tokio::test]
async fn mkdir_is_seen_by_ls() {
    let world = World::new().await;
    let answer = mkdir(&world, "/~/d").await.ok();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!((answer.code(), &answer.body["DATA_TYPE"]), ("DirectoryCreated", &json!("mkdir_result")));
    assert_eq!(answer.message(), "The directory was created successfully");
    assert_eq!(answer.body["resource"], format!("/operation/endpoint/{}/mkdir", world.id("here")));
    assert_eq!(answer.body["request_id"], answer.headers["x-request-id"].to_str().unwrap());
    assert_eq!(world.names("filter=name:d").await, ["d"]);
}

/// Check 8.
#[tokio::test]
async fn mkdir_of_something_that_exists() {
    let world = World::new().await;
    mkdir(&world, "/d").await.ok();
    let again = mkdir(&world, "/d/").await;
    let message = again.fails(502, "ExternalError.MkdirFailed.Exists");
    assert!(message.starts_with("Path already exists, Error (mkdir)\nEndpoint: here ("), "{message}");
    mkdir(&world, "/").await.fails(502, "ExternalError.MkdirFailed.Exists");
    world.write("here/file", "");
    mkdir(&world, "/file").await.fails(502, "ExternalError.MkdirFailed.Exists");
}

#[tokio::test]
async fn mkdir_refuses_what_it_cannot_do() {
    let world = World::new().await;
    let orphan = mkdir(&world, "/no/parent").await;
    assert!(orphan.fails(502, "EndpointError").contains("No such file or directory"));
    mkdir(&world, "/../x").await.fails(403, "EndpointPermissionDenied");
    mkdir(&world, "/a\r\nb").await.fails(400, "InvalidPath");
    mkdir(&world, &"x/".repeat(3000)).await.fails(400, "InvalidPath");
    mkdir(&world, "").await.fails(400, "InvalidPath");
    mkdir(&world, &"x".repeat(300)).await.fails(400, "InvalidPath");
    operate(&world, "mkdir", json!({})).await.fails(400, "BadRequest");
    operate(&world, "mkdir", json!({ "DATA_TYPE": "rename", "path": "/d" })).await.fails(400, "BadRequest");
    assert_eq!(world.names("").await.len(), 0);
}

#[tokio::test]
async fn collections_must_exist() {
    let world = World::new().await;
    for id in ["00000000-0000-4000-8000-000000000000", "nonsense"] {
        for operation in ["ls", "stat?path=/"] {
            let answer = world.get(&format!("operation/endpoint/{id}/{operation}")).await;
            assert_eq!(answer.fails(404, "EndpointNotFound"), format!("No such endpoint '{id}'"));
        }
        let path = format!("operation/endpoint/{id}/mkdir");
        world.post(&path, json!({ "path": "/a" })).await.fails(404, "EndpointNotFound");
    }
}

/// Check 9.
#[tokio::test]
async fn rename_moves() {
    let world = World::new().await;
    world.write("here/old", "x");
    let answer = rename(&world, "/~/old", "/~/new").await.ok();
    assert_eq!((answer.code(), &answer.body["DATA_TYPE"]), ("FileRenamed", &json!("result")));
    assert_eq!(answer.message(), "File or directory renamed successfully");
    assert_eq!(world.names("").await, ["new"]);
}

#[tokio::test]
async fn rename_refuses_what_it_cannot_do() {
    let world = World::new().await;
    world.write("here/a", "a");
    world.write("here/b", "b");
    rename(&world, "/nope", "/c").await.fails(404, "ClientError.NotFound");
    rename(&world, "/a", "/no/parent").await.fails(404, "ClientError.NotFound");
    let taken = rename(&world, "/a", "/b").await;
    assert!(taken.fails(502, "EndpointError").starts_with("Path already exists"));
    rename(&world, "/a", "/../b").await.fails(403, "EndpointPermissionDenied");
    rename(&world, "/", "/b").await.fails(403, "EndpointPermissionDenied");
    world.write("here/dir/c", "c");
    let inside = rename(&world, "/dir", "/dir/inside").await;
    assert!(inside.fails(502, "EndpointError").starts_with("Command failed"), "{}", inside.body);
    operate(&world, "rename", json!({ "old_path": "/a" })).await.fails(400, "BadRequest");
    assert_eq!((world.read("here/a"), world.read("here/b")), ("a".into(), "b".into()));
}

/// Check 11.
#[tokio::test]
async fn symlinks_are_not_made() {
    let world = World::new().await;
    let body = json!({ "DATA_TYPE": "symlink", "path": "/link", "symlink_target": "/a" });
    operate(&world, "symlink", body).await.fails(409, "NotSupported");
    assert_eq!(world.names("").await.len(), 0);
}

/// Check 10.
#[cfg(unix)]
#[tokio::test]
async fn symlinks_are_made_where_that_is_allowed() {
    let world = World::build(|builder, root| {
        fs::create_dir_all(root.join("old/data")).unwrap();
        builder.collection_with(crate::CollectionSetup::personal("old", root.join("old")).symlinks())
    })
    .await;
    let path = format!("operation/endpoint/{}", world.id("old"));
    let link =
        |path: &str, target: &str| json!({ "DATA_TYPE": "symlink", "path": path, "symlink_target": target });
    for (name, target) in [("/good", "data"), ("/bad", "nowhere"), ("/~/data/out", "../../here")] {
        let made = world.post(&format!("{path}/symlink"), link(name, target)).await.ok();
        assert_eq!((made.code(), &made.body["DATA_TYPE"]), ("SymlinkCreated", &json!("result")));
    }
    let list = world.get(&format!("{path}/ls?path=/")).await.ok().body;
    assert_eq!(list["symlink_supported"], true);
    let kinds: Vec<_> = list["DATA"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["name"], &one["type"], &one["link_target"]))
        .collect();
    let row = |name: &str, kind: &str, target: Value| (json!(name), json!(kind), target);
    let expected = [
        row("bad", "invalid_symlink", json!("nowhere")),
        row("data", "dir", json!(null)),
        row("good", "dir", json!("data")),
    ];
    assert_eq!(kinds, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    // A link may say what it wants: nobody gets out by it.
    world.get(&format!("{path}/ls?path=/data/out")).await.fails(403, "EndpointPermissionDenied");
    world.post(&format!("{path}/symlink"), link("/good", "x")).await.fails(502, "EndpointError");
    world.post(&format!("{path}/symlink"), link("/no/where", "x")).await.fails(404, "ClientError.NotFound");
    world.post(&format!("{path}/symlink"), link("/../x", "x")).await.fails(403, "EndpointPermissionDenied");
    world.post(&format!("{path}/symlink"), json!({ "path": "/x" })).await.fails(400, "BadRequest");
}

#[tokio::test]
async fn stat_describes_one_path() {
    let world = World::new().await;
    world.write("here/dir/file.txt", "12345");
    let file = stat(&world, "/dir/file.txt").await.ok().body;
    assert_eq!((&file["DATA_TYPE"], &file["name"]), (&json!("file"), &json!("file.txt")));
    assert_eq!((&file["type"], &file["size"]), (&json!("file"), &json!(5)));
    assert_eq!(file.as_object().unwrap().len(), 13);
    assert_eq!(stat(&world, "/dir/").await.ok().body["type"], "dir");
    assert_eq!(stat(&world, "/~/").await.ok().body["type"], "dir");
    assert!(stat(&world, "/nope").await.fails(404, "NotFound").starts_with("Path not found, Error (list)"));
    stat(&world, "/../x").await.fails(403, "EndpointPermissionDenied");
    stat(&world, "").await.fails(400, "BadRequest");
    let fields = stat(&world, "/dir&fields=name,size").await.ok().body;
    assert_eq!(fields.as_object().unwrap().keys().collect::<Vec<_>>(), ["DATA_TYPE", "name", "size"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_outside_the_root_is_reached() {
    let world = World::new().await;
    fs::write(world.temp.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", world.path("here/up")).unwrap();
    std::os::unix::fs::symlink(world.temp.path(), world.path("here/out")).unwrap();
    assert_eq!(stat(&world, "/up").await.ok().body["type"], "invalid_symlink");
    stat(&world, "/out/secret").await.fails(403, "EndpointPermissionDenied");
    world.ls("path=/out").await.fails(403, "EndpointPermissionDenied");
    world.ls("path=/%2e%2e/").await.fails(403, "EndpointPermissionDenied");
    mkdir(&world, "/out/new").await.fails(403, "EndpointPermissionDenied");
    rename(&world, "/out/secret", "/mine").await.fails(403, "EndpointPermissionDenied");
    assert_eq!(fs::read_dir(world.temp.path()).unwrap().count(), 3);
}
