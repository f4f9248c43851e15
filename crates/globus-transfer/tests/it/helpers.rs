//! Single paths, directories with all that lead to them, bookmarks by name.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use serde_json::json;

use crate::common::{Answers, SOURCE, refusal};

#[tokio::test]
async fn a_single_path_is_described_or_not_there() {
    let service = Answers::new(|asked| match asked.query("path").unwrap() {
        "/a" => (200, json!({"name": "a", "type": "file", "size": 7})),
        "/denied" => (403, refusal("EndpointPermissionDenied", "no")),
        _ => (404, refusal("NotFound", "Path not found")),
    });
    let client = service.client();
    assert_eq!(client.stat(SOURCE, "/a").await.unwrap().unwrap().size, Some(7));
    assert!(client.stat(SOURCE, "/b").await.unwrap().is_none());
    assert!(client.exists(SOURCE, "/a").await.unwrap() && !client.exists(SOURCE, "/b").await.unwrap());
    assert!(client.exists(SOURCE, "/denied").await.unwrap_err().is_permission_denied());
    assert_eq!(service.lines().len(), 5);
}

#[tokio::test]
async fn where_nothing_can_be_described_the_directory_is_listed() {
    let service = Answers::new(|asked| {
        if asked.path.ends_with("/stat") {
            return (409, refusal("NotSupported", "no"));
        }
        match (asked.query("path").unwrap(), asked.query("filter")) {
            ("/~/", Some("name:=b.txt")) => {
                (200, json!({"DATA": [{"name": "b.txt", "type": "file", "size": 3}], "total": 1}))
            }
            ("/~/", None) => {
                (200, json!({"DATA": [{"name": "b,*", "type": "dir"}, {"name": "c", "type": "file"}]}))
            }
            ("/~/", _) => (200, json!({"DATA": []})),
            _ => (404, refusal("ClientError.NotFound", "no")),
        }
    });
    let client = service.client();
    assert_eq!(client.stat(SOURCE, "/~/b.txt").await.unwrap().unwrap().size, Some(3));
    assert!(client.stat(SOURCE, "/~/b,*/").await.unwrap().unwrap().is_dir());
    assert!(client.stat(SOURCE, "/~/x").await.unwrap().is_none());
    assert!(client.stat(SOURCE, "/gone/x").await.unwrap().is_none());
    assert!(client.stat(SOURCE, "/~/").await.unwrap().unwrap().is_dir());
    assert!(client.stat(SOURCE, "/").await.unwrap().is_none());
}

/// A storage that makes one directory at a time.
fn disk(present: &[&str], missing: (u16, &'static str)) -> (Answers, Arc<Mutex<BTreeSet<String>>>) {
    let present: BTreeSet<String> = present.iter().map(|path| (*path).to_owned()).collect();
    let directories = Arc::new(Mutex::new(present));
    let disk = directories.clone();
    let service = Answers::new(move |asked| {
        let mut present = disk.lock().unwrap();
        let bare = |path: &str| format!("/{}", path.trim_matches('/'));
        if asked.path.ends_with("/stat") {
            let path = bare(asked.query("path").unwrap());
            return match path.as_str() {
                "/file" => (200, json!({"name": "file", "type": "file"})),
                _ if present.contains(&path) => (200, json!({"name": "x", "type": "dir"})),
                _ => (404, refusal("NotFound", "no")),
            };
        }
        let path = bare(asked.body["path"].as_str().unwrap());
        let parent = bare(path.rsplit_once('/').unwrap().0);
        if path == "/file" || present.contains(&path) {
            return (502, refusal("ExternalError.MkdirFailed.Exists", "Path already exists"));
        }
        if parent == "/denied" {
            return (403, refusal("EndpointPermissionDenied", "no"));
        }
        if parent != "/" && !present.contains(&parent) {
            return (missing.0, refusal(missing.1, "No such file or directory"));
        }
        present.insert(path);
        (202, json!({"DATA_TYPE": "mkdir_result", "code": "DirectoryCreated"}))
    });
    (service, directories)
}

#[tokio::test]
async fn directories_are_made_with_all_that_lead_to_them() {
    for missing in [(502, "EndpointError"), (404, "ClientError.NotFound"), (502, "ExternalError.MkdirFailed")]
    {
        let (service, present) = disk(&["/a"], missing);
        let made = service.client().mkdir_all(SOURCE, "/a/b/c/d/").await.unwrap();
        assert_eq!(made, ["/a/b/", "/a/b/c/", "/a/b/c/d/"]);
        assert!(present.lock().unwrap().contains("/a/b/c/d"));
        let again = service.client().mkdir_all(SOURCE, "/a/b/c/d").await.unwrap();
        assert!(again.is_empty());
    }
}

#[tokio::test]
async fn what_is_in_the_way_is_told() {
    let (service, _) = disk(&["/denied"], (502, "EndpointError"));
    let client = service.client();
    let error = client.mkdir_all(SOURCE, "/file").await.unwrap_err();
    assert!(error.is_code("ExternalError.MkdirFailed.Exists"));
    assert!(client.mkdir_all(SOURCE, "/denied/x/y").await.unwrap_err().is_permission_denied());
    let broken = Answers::new(|asked| {
        if asked.path.ends_with("/mkdir") {
            (502, refusal("EndpointError", "the disk is broken"))
        } else {
            (200, json!({"name": "x", "type": "dir"}))
        }
    });
    assert!(broken.client().mkdir_all(SOURCE, "/a/b").await.unwrap_err().is_code("EndpointError"));
    assert_eq!(broken.lines().len(), 2, "the parent is there: it is something else");
}

/// A wrong id, and a proxy that knows nothing, do not mean that a file is not there.
#[tokio::test]
async fn a_collection_that_is_not_there_says_nothing_about_files() {
    for (code, answer) in [
        ("EndpointNotFound", refusal("EndpointNotFound", "No such endpoint")),
        ("EndpointDeleted", refusal("EndpointDeleted", "has been deleted")),
        ("", json!("nothing here")),
    ] {
        let nowhere = Answers::new(move |_| (404, answer.clone()));
        let client = nowhere.client();
        for error in [
            client.exists(SOURCE, "/a").await.unwrap_err(),
            client.stat(SOURCE, "/a").await.unwrap_err(),
            client.mkdir_all(SOURCE, "/a/b/c").await.unwrap_err(),
        ] {
            assert!(error.is_not_found() && error.code().unwrap_or_default() == code, "{error}");
        }
        assert_eq!(nowhere.lines().len(), 3, "asked once each");
    }
    let no_stat = Answers::new(|asked| {
        let code = if asked.path.ends_with("/stat") { "NotSupported" } else { "EndpointDeleted" };
        (if code == "NotSupported" { 409 } else { 404 }, refusal(code, "no"))
    });
    assert!(no_stat.client().exists(SOURCE, "/a").await.unwrap_err().is_code("EndpointDeleted"));
}

#[tokio::test]
async fn bookmarks_are_found_by_name() {
    let service = Answers::new(|_| {
        let bookmark =
            |name: &str, path: &str| json!({"id": SOURCE, "name": name, "endpoint_id": SOURCE, "path": path});
        (200, json!({"DATA": [bookmark("Data", "/x/"), bookmark("data", "~/y/"), bookmark("odd", "/../z")]}))
    });
    let client = service.client();
    let found = client.find_bookmark("data").await.unwrap().unwrap();
    assert_eq!(found.place().unwrap().path(), "/~/y/");
    assert!(client.find_bookmark("DATA").await.unwrap().is_none());
    assert!(client.find_bookmark("odd").await.unwrap().unwrap().place().is_none());
}
