//! ls.

use super::*;

/// Check 1.
#[tokio::test]
async fn without_a_path_home_is_listed() {
    let world = World::new().await;
    world.write("here/a", "");
    let list = world.ls("").await.ok().body;
    assert_eq!((&list["DATA_TYPE"], &list["path"]), (&json!("file_list"), &json!("/~/")));
    assert_eq!(list["endpoint"], world.id("here"));
    assert_eq!(list["absolute_path"], "/");
    assert_eq!((&list["length"], &list["total"]), (&json!(1), &json!(1)));
    assert_eq!((&list["rename_supported"], &list["symlink_supported"]), (&json!(true), &json!(false)));
}

/// Check 6.
#[tokio::test]
async fn the_path_gets_a_trailing_slash() {
    let world = World::new().await;
    world.write("here/share/godata/a", "");
    for (asked, shown, absolute) in [
        ("/share/godata", "/share/godata/", "/share/godata/"),
        ("/share/godata/", "/share/godata/", "/share/godata/"),
        ("/~/share", "/~/share/", "/share/"),
        ("share", "share/", "/share/"),
        ("/share/../share/./godata", "/share/../share/./godata/", "/share/godata/"),
    ] {
        let list = world.ls(&format!("path={asked}")).await.ok().body;
        assert_eq!((&list["path"], &list["absolute_path"]), (&json!(shown), &json!(absolute)));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_have_every_member() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let world = World::new().await;
    world.write("here/file", "12345");
    fs::set_permissions(world.path("here/file"), fs::Permissions::from_mode(0o755)).unwrap();
    let time = std::time::UNIX_EPOCH + Duration::from_secs(1_600_887_192);
    fs::File::options().write(true).open(world.path("here/file")).unwrap().set_modified(time).unwrap();
    symlink("file", world.path("here/link")).unwrap();
    let list = world.ls("").await.ok().body;
    let (file, link) = (&list["DATA"][0], &list["DATA"][1]);
    let expected = json!({
        "DATA_TYPE": "file", "name": "file", "type": "file", "size": 5, "permissions": "0755",
        "last_modified": "2020-09-23 18:53:12+00:00", "user": file["user"], "group": file["group"],
        "link_target": null, "link_size": null, "link_user": null, "link_group": null,
        "link_last_modified": null,
    });
    assert_eq!(*file, expected);
    assert!(file["user"].is_string() && file["group"].is_string());
    assert_eq!((&link["type"], &link["size"]), (&json!("file"), &json!(5)));
    assert_eq!((&link["link_target"], &link["link_size"]), (&json!("file"), &json!(4)));
    assert!(link["link_last_modified"].is_string() && link["link_user"].is_string());
}

/// Check 10, the listing half of it.
#[cfg(unix)]
#[tokio::test]
async fn links_good_and_bad() {
    use std::os::unix::fs::symlink;
    let world = World::new().await;
    fs::create_dir(world.path("here/dir")).unwrap();
    symlink("dir", world.path("here/good")).unwrap();
    symlink("nowhere", world.path("here/bad")).unwrap();
    let list = world.ls("filter=type:dir/link_target:dir").await.ok();
    assert_eq!(list.names(), ["good"]);
    assert_eq!(world.names("filter=type:invalid_symlink").await, ["bad"]);
}

/// Check 2.
#[tokio::test]
async fn limit_and_offset_cut_pages() {
    let world = World::new().await;
    for name in ["c", "a", "b"] {
        world.write(&format!("here/share/godata/{name}"), "");
    }
    let page = world.ls("path=/share/godata/&limit=1").await.ok();
    assert_eq!((&page.body["length"], &page.body["total"]), (&json!(1), &json!(3)));
    assert_eq!(page.names(), ["a"]);
    assert_eq!(world.names("path=/share/godata/&limit=2&offset=1").await, ["b", "c"]);
    assert_eq!(world.names("path=/share/godata/&offset=9").await.len(), 0);
    for bad in ["limit=0", "limit=x", "offset=-1"] {
        world.ls(bad).await.fails(400, "BadRequest");
    }
}

/// Checks 3 and 4.
#[tokio::test]
async fn filters() {
    let world = World::new().await;
    world.write("here/file1.txt", "1234");
    world.write("here/file2.txt", "12345");
    world.write("here/file3.txt", "123456");
    world.write("here/data.csv", "1234567");
    fs::create_dir(world.path("here/dir")).unwrap();
    assert_eq!(world.names("filter=name:file3.txt/size:%3E5").await, ["file3.txt"]);
    assert_eq!(world.names("filter=name:~*.txt").await.len(), 3);
    assert_eq!(world.names("filter=name:file1.txt,dir").await, ["dir", "file1.txt"]);
    assert_eq!(world.names("filter=type:dir&filter=name:~*.csv").await, ["data.csv", "dir"]);
    assert_eq!(world.names("filter=").await.len(), 5);
    assert_eq!(world.ls("filter=name:~*.txt&limit=1").await.ok().body["total"], 3);
    assert!(world.ls("filter=colour:red").await.fails(400, "BadRequest").contains("colour"));
}

/// Check 5.
#[tokio::test]
async fn hidden_files_can_be_left_out() {
    let world = World::new().await;
    world.write("here/.hidden", "");
    world.write("here/seen", "");
    for flag in ["0", "false", "False"] {
        assert_eq!(world.names(&format!("show_hidden={flag}")).await, ["seen"], "{flag}");
    }
    for flag in ["1", "true", "True", ""] {
        assert_eq!(world.names(&format!("show_hidden={flag}")).await, [".hidden", "seen"], "{flag}");
    }
    world.ls("show_hidden=perhaps").await.fails(400, "BadRequest");
}

#[tokio::test]
async fn orders() {
    let world = World::new().await;
    world.write("here/a", "22");
    world.write("here/b", "1");
    world.write("here/c", "22");
    assert_eq!(world.names("").await, ["a", "b", "c"]);
    assert_eq!(world.names("orderby=name+DESC").await, ["c", "b", "a"]);
    assert_eq!(world.names("orderby=size").await, ["b", "a", "c"]);
    assert_eq!(world.names("orderby=size+DESC,name+DESC").await, ["c", "a", "b"]);
    assert_eq!(world.names("orderby=size%20DESC").await, ["a", "c", "b"]);
    assert!(world.ls("orderby=colour").await.fails(400, "BadRequest").contains("colour"));
}

#[tokio::test]
async fn what_cannot_be_listed() {
    let world = World::new().await;
    world.write("here/file", "");
    assert!(world.ls("path=/nope").await.fails(404, "ClientError.NotFound").starts_with("Path not found"));
    world.ls("path=/file").await.fails(502, "ExternalError.DirListingFailed.NotDirectory");
    world.ls("path=/file/x").await.fails(502, "ExternalError.DirListingFailed.NotDirectory");
    world.ls("path=/a%0D%0Ab").await.fails(400, "InvalidPath");
    world.ls("path=..").await.fails(403, "EndpointPermissionDenied");
}

#[cfg(unix)]
#[tokio::test]
async fn names_in_other_encodings_survive() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new().await;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::create_dir(world.path("here").join(name)).unwrap();
    world.write("here/naïve 漢", "");
    let names = world.names("").await;
    assert_eq!(names, ["naïve 漢", "\u{FFFD}caf\u{e9}"]);
    let list = world.ls("path=/%EF%BF%BDcaf%C3%A9").await.ok().body;
    assert_eq!(list["path"], "/\u{FFFD}caf\u{e9}/");
}

#[tokio::test]
async fn fields_cut_entries() {
    let world = World::new().await;
    world.write("here/a", "");
    let list = world.ls("fields=name,size").await.ok().body;
    assert_eq!(list["DATA"][0], json!({ "DATA_TYPE": "file", "name": "a", "size": 0 }));
    assert_eq!(list["path"], "/~/");
}

/// The failures that listings alone have names for.
#[tokio::test]
async fn faults_of_listings() {
    let world = World::new().await;
    world.write("here/a/b", "");
    for (code, says) in [
        ("LIMIT_EXCEEDED", "SizeLimit"),
        ("CONNECT_FAILED", "ConnectFailed"),
        ("AUTH", "LoginFailed"),
        ("GC_NOT_CONNECTED", "GCDisconnected"),
        ("NOT_A_DIRECTORY", "NotDirectory"),
    ] {
        world.emulator.add_path_fault(crate::PathFault::new("/a", code).times(1)).unwrap();
        world.ls("path=/a").await.fails(502, &format!("ExternalError.DirListingFailed.{says}"));
    }
    world.emulator.add_path_fault(crate::PathFault::new("/a", "PERMISSION_DENIED").times(1)).unwrap();
    world.ls("path=/a").await.fails(403, "EndpointPermissionDenied");
    assert_eq!(world.names("path=/a").await, ["b"]);
}
