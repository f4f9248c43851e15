//! What transfers do to files.

use super::*;

/// Check 13.
#[tokio::test]
async fn a_file_and_a_directory_into_a_new_directory() {
    let world = World::new().await;
    world.write("here/share/godata/file1.txt", "1");
    world.write("here/share/godata/file2.txt", "2");
    world.write("here/share/godata/file3.txt", "3");
    world.write("here/one.txt", "one");
    let items = json!([tree("/share/godata/", "/~/new/dir/"), item("/one.txt", "/~/new/one.txt")]);
    let task = world.run(items, json!({ "label": "both" })).await;
    assert_eq!(world.read("there/new/one.txt"), "one");
    assert_eq!(fs::read_dir(world.path("there/new/dir")).unwrap().count(), 3);
    assert_eq!(task["label"], "both");
    assert_eq!((&task["files"], &task["directories"]), (&json!(4), &json!(1)));
    assert_eq!(task["bytes_transferred"], 6);
}

#[tokio::test]
async fn directories_are_merged_and_empty_ones_made() {
    let world = World::new().await;
    world.write("here/src/same", "new");
    world.write("here/src/deep/er/file", "deep");
    fs::create_dir(world.path("here/src/empty")).unwrap();
    world.write("there/dst/same", "old");
    world.write("there/dst/other", "kept");
    let task = world.run(json!([tree("/src", "/dst")]), json!({})).await;
    assert_eq!(world.read("there/dst/same"), "new");
    assert_eq!(world.read("there/dst/other"), "kept");
    assert_eq!(world.read("there/dst/deep/er/file"), "deep");
    assert!(world.path("there/dst/empty").is_dir());
    assert_eq!((&task["files"], &task["directories"]), (&json!(2), &json!(4)));
}

#[tokio::test]
async fn a_missing_recursive_flag_is_found_out() {
    let world = World::new().await;
    world.write("here/dir/file", "x");
    world.write("here/file", "y");
    let both = json!([item("/dir", "/dir"), item("/file", "/file")]);
    world.run(both, json!({})).await;
    assert_eq!((world.read("there/dir/file"), world.read("there/file")), ("x".into(), "y".into()));
}

#[tokio::test]
async fn a_wrong_recursive_flag_is_fatal() {
    let world = World::new().await;
    world.write("here/dir/file", "x");
    let mut dir = item("/dir", "/dir");
    dir["recursive"] = json!(false);
    for (wrong, code) in [(dir, "IS_A_DIRECTORY"), (tree("/dir/file", "/x"), "NOT_A_DIRECTORY")] {
        let task = world.submit(json!([wrong]), json!({})).await;
        let end = world.end(&task).await;
        assert_eq!((&end["status"], &end["fatal_error"]["code"]), (&json!("FAILED"), &json!(code)));
        assert_eq!(subtasks(&end), [1, 0, 0, 1, 0, 0, 0]);
        assert_eq!(world.events(&task).await, ["STARTED", code]);
    }
}

#[tokio::test]
async fn within_one_collection() {
    let world = World::new().await;
    world.write("here/a", "x");
    let same = json!({ "destination_endpoint": world.id("here") });
    world.run(json!([item("/a", "/b/c")]), same).await;
    assert_eq!(world.read("here/b/c"), "x");
}

/// Writes `old` into the destination and `new` into the source, with the source's time set.
fn prepare_sync(world: &World, name: &str, new: &str, old: Option<&str>, source_is_newer: bool) {
    world.write(&format!("here/s/{name}"), new);
    if let Some(old) = old {
        world.write(&format!("there/s/{name}"), old);
    }
    let seconds = if source_is_newer { 4_000_000_000 } else { 1_000_000_000 };
    let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = fs::File::options().write(true).open(world.path(&format!("here/s/{name}"))).unwrap();
    file.set_modified(time).unwrap();
}

#[tokio::test]
async fn sync_levels() {
    // Which of the files are copied at each level.
    for (level, copied) in [
        (json!(null), &["absent", "bigger", "equal", "newer", "older"][..]),
        (json!(0), &["absent"]),
        (json!(1), &["absent", "bigger"]),
        (json!(2), &["absent", "bigger", "newer"]),
        (json!(3), &["absent", "bigger", "newer", "older"]),
    ] {
        let world = World::new().await;
        prepare_sync(&world, "absent", "new", None, false);
        prepare_sync(&world, "bigger", "newer", Some("old"), false);
        prepare_sync(&world, "newer", "new", Some("old"), true);
        prepare_sync(&world, "older", "new", Some("old"), false);
        prepare_sync(&world, "equal", "same", Some("same"), false);
        let task = world.run(json!([tree("/s", "/s")]), json!({ "sync_level": level })).await;
        let transfers = world
            .get(&format!("task/{}/successful_transfers", task["task_id"].as_str().unwrap()))
            .await
            .ok()
            .body;
        let mut names: Vec<&str> = transfers["DATA"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["source_path"].as_str().unwrap().strip_prefix("/s/").unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, copied, "level {level}");
        assert_eq!(task["files_transferred"], copied.len(), "level {level}");
        assert_eq!(task["files_skipped"], 5 - copied.len(), "level {level}");
        // Only files of equal size are hashed: newer, older and equal.
        assert_eq!(task["bytes_checksummed"], if level == json!(3) { 10 } else { 0 }, "level {level}");
        assert_eq!(subtasks(&task), [7, 0, 7, 0, 0, 0, 0]);
        let old = if copied.contains(&"older") { "new" } else { "old" };
        assert_eq!(world.read("there/s/older"), old, "level {level}");
    }
}

#[tokio::test]
async fn timestamps_are_kept_on_demand() {
    let world = World::new().await;
    prepare_sync(&world, "a", "x", None, false);
    let modified = |path: &str| fs::metadata(world.path(path)).unwrap().modified().unwrap();
    world.run(json!([tree("/s", "/kept")]), json!({ "preserve_timestamp": true })).await;
    assert_eq!(modified("there/kept/a"), modified("here/s/a"));
    world.run(json!([tree("/s", "/new")]), json!({})).await;
    assert_ne!(modified("there/new/a"), modified("here/s/a"));
}

#[tokio::test]
async fn checksums() {
    let world = World::new().await;
    world.write("here/abc", "abc");
    let md5 = "900150983cd24fb0d6963f7d28e17f72";
    let sha1 = "A9993E364706816ABA3E25717850C26C9CD0D89D";
    for (n, (members, options, shown, algorithm)) in [
        (json!({}), json!({}), json!(null), json!(null)),
        (json!({}), json!({ "verify_checksum": true }), json!(md5), json!("MD5")),
        (json!({ "external_checksum": md5 }), json!({}), json!(md5), json!("MD5")),
        (
            json!({ "external_checksum": sha1, "checksum_algorithm": "sha1" }),
            json!({}),
            json!(sha1.to_lowercase()),
            json!("SHA1"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut one = item("/abc", &format!("/{n}"));
        merge(&mut one, members);
        let task = world.run(json!([one]), options).await;
        let list =
            world.get(&format!("task/{}/successful_transfers", task["task_id"].as_str().unwrap())).await.ok();
        let success = &list.body["DATA"][0];
        assert_eq!((&success["checksum"], &success["checksum_algorithm"]), (&shown, &algorithm), "{n}");
        assert_eq!((&success["size"], &success["dynamic"]), (&json!(3), &json!(false)));
        assert_eq!(task["bytes_checksummed"], 0);
    }
    let mut wrong = item("/abc", "/wrong");
    wrong["external_checksum"] = json!("00000000000000000000000000000000");
    let task = world.submit(json!([wrong]), json!({})).await;
    let end = world.end(&task).await;
    assert_eq!(end["fatal_error"]["code"], "EXTERNAL_CHECKSUM_MISMATCH");
    assert_eq!((&end["bytes_transferred"], &end["faults"]), (&json!(0), &json!(1)));
    assert!(!world.path("there/wrong").exists());
}

#[tokio::test]
async fn filter_rules_prune() {
    let world = World::new().await;
    for path in ["a.txt", "b.tmp", "sub/c.txt", "sub/d.tmp", "cache/e.txt", "cache/keep/f.txt"] {
        world.write(&format!("here/src/{path}"), "x");
    }
    let rules = json!([
        { "DATA_TYPE": "filter_rule", "method": "exclude", "type": "dir", "name": "cache" },
        { "DATA_TYPE": "filter_rule", "method": "include", "name": "keep" },
        { "method": "exclude", "type": "file", "name": "*.tmp" },
    ]);
    let task = world.run(json!([tree("/src", "/dst")]), json!({ "filter_rules": rules })).await;
    assert_eq!((&task["files"], &task["directories"]), (&json!(2), &json!(2)));
    assert!(world.path("there/dst/sub/c.txt").exists());
    assert!(!world.path("there/dst/cache").exists() && !world.path("there/dst/b.tmp").exists());
    assert_eq!(task["filter_rules"][0], rules[0]);
    assert_eq!(task["filter_rules"][2]["DATA_TYPE"], "filter_rule");
}

#[tokio::test]
async fn extra_entries_are_deleted_on_demand() {
    let world = World::new().await;
    world.write("here/src/a", "new");
    world.write("here/src/kind/file", "x");
    world.write("there/dst/a", "old");
    world.write("there/dst/extra", "x");
    world.write("there/dst/extra_dir/deep", "x");
    world.write("there/dst/kind", "a file where a directory is due");
    world.write("there/dst/hidden.tmp", "x");
    let rules = json!([{ "method": "exclude", "name": "*.tmp" }]);
    let options = json!({ "delete_destination_extra": true, "filter_rules": rules });
    world.run(json!([tree("/src", "/dst")]), options).await;
    let mut names: Vec<_> = fs::read_dir(world.path("there/dst"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a", "hidden.tmp", "kind"]);
    assert_eq!(world.read("there/dst/kind/file"), "x");
    assert_eq!(world.read("there/dst/a"), "new");
}

/// Check 24.
#[cfg(unix)]
#[tokio::test]
async fn recursive_symlinks() {
    use std::os::unix::fs::symlink;
    for (option, counts) in [("ignore", [1, 1, 0]), ("copy", [3, 2, 0]), ("keep", [1, 1, 2])] {
        let world = World::new().await;
        world.write("here/real/inner", "inner");
        world.write("here/src/file", "file");
        symlink("file", world.path("here/src/to_file")).unwrap();
        symlink("../real", world.path("here/src/to_dir")).unwrap();
        let options = json!({ "recursive_symlinks": option });
        let task = world.run(json!([tree("/src", "/dst")]), options).await;
        let [files, directories, symlinks] = counts;
        assert_eq!(
            [&task["files"], &task["directories"], &task["symlinks"]],
            [&json!(files), &json!(directories), &json!(symlinks)],
            "{option}"
        );
        assert_eq!(task["recursive_symlinks"], option);
        assert_eq!(task["subtasks_succeeded"], task["subtasks_total"]);
        match option {
            "ignore" => assert!(!world.path("there/dst/to_file").exists()),
            "copy" => {
                assert!(!world.path("there/dst/to_file").is_symlink());
                assert_eq!(world.read("there/dst/to_file"), "file");
                assert_eq!(world.read("there/dst/to_dir/inner"), "inner");
            }
            _ => assert_eq!(fs::read_link(world.path("there/dst/to_dir")).unwrap(), PathBuf::from("../real")),
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_out_of_the_collection_are_never_copied() {
    let world = World::new().await;
    fs::write(world.temp.path().join("secret"), "secret").unwrap();
    fs::create_dir(world.path("here/src")).unwrap();
    std::os::unix::fs::symlink(world.temp.path().join("secret"), world.path("here/src/out")).unwrap();
    let task = world.submit(json!([tree("/src", "/dst")]), json!({ "recursive_symlinks": "copy" })).await;
    let faulty = world.until(&task, "faulty", |task| task["faults"].as_u64() > Some(0)).await;
    assert_eq!(faulty["nice_status"], "INVALID_SYMLINK");
    assert!(!world.path("there/dst/out").exists());
    world.cancel(&task).await.ok();
    let direct = world.submit(json!([item("/src/out", "/x"), item("/../secret", "/y")]), json!({})).await;
    world.until(&direct, "faulty", |task| task["faults"].as_u64() > Some(3)).await;
    assert!(!world.path("there/x").exists() && !world.path("there/y").exists());
    world.cancel(&direct).await.ok();
}

#[tokio::test]
async fn symlink_items_recreate_links() {
    let world = World::new().await;
    if cfg!(unix) {
        #[cfg(unix)]
        std::os::unix::fs::symlink("some/where", world.path("here/link")).unwrap();
        let mut link = item("/link", "/dir/link");
        link["DATA_TYPE"] = json!("transfer_symlink_item");
        let task = world.run(json!([link]), json!({})).await;
        assert_eq!(fs::read_link(world.path("there/dir/link")).unwrap(), PathBuf::from("some/where"));
        assert_eq!((&task["symlinks"], &task["files"]), (&json!(1), &json!(0)));
    }
}

#[tokio::test]
async fn a_file_onto_a_directory_is_an_error() {
    let world = World::new().await;
    world.write("here/a", "x");
    fs::create_dir(world.path("there/dir")).unwrap();
    for destination in ["/dir", "/dir/", "/new/", "/"] {
        let task = world.submit(json!([item("/a", destination)]), json!({})).await;
        let faulty = world.until(&task, "faulty", |task| task["faults"].as_u64() > Some(0)).await;
        assert_eq!(faulty["nice_status"], "IS_A_DIRECTORY", "{destination}");
        assert_eq!(faulty["status"], "ACTIVE");
        world.cancel(&task).await.ok();
    }
}

/// Check 23.
#[tokio::test]
async fn successful_transfers_name_files_only() {
    let world = World::with(TransferSettings::default().marker_page(2).workers(1)).await;
    for n in 0..5 {
        world.write(&format!("here/src/{n}"), "x");
    }
    let task = world.run(json!([tree("/src/", "/~/dst")]), json!({})).await;
    let id = task["task_id"].as_str().unwrap();
    let mut seen = Vec::new();
    let mut marker = json!(null);
    for page in 0.. {
        let query = if marker.is_null() { String::new() } else { format!("?marker={marker}") };
        let list = world.get(&format!("task/{id}/successful_transfers{query}")).await.ok().body;
        assert_eq!((&list["DATA_TYPE"], &list["marker"]), (&json!("successful_transfers"), &json!(2 * page)));
        for one in list["DATA"].as_array().unwrap() {
            assert_eq!(one["DATA_TYPE"], "successful_transfer");
            seen.push((one["source_path"].clone(), one["destination_path"].clone()));
        }
        marker = list["next_marker"].clone();
        if marker.is_null() {
            break;
        }
    }
    let expected: Vec<_> =
        (0..5).map(|n| (json!(format!("/src/{n}")), json!(format!("/~/dst/{n}")))).collect();
    assert_eq!(seen, expected);
    for bad in ["x", "-1"] {
        world.get(&format!("task/{id}/successful_transfers?marker={bad}")).await.fails(400, "BadRequest");
    }
    let past = world.get(&format!("task/{id}/successful_transfers?marker=99")).await.ok().body;
    assert_eq!((&past["DATA"], &past["next_marker"]), (&json!([]), &json!(null)));
}

#[tokio::test]
async fn base_paths_are_kept_on_demand() {
    let world = World::new().await;
    world.write("here/u/new/a", "x");
    world.write("here/u/new/b", "x");
    let items = json!([item("/u/new/a", "/x/a"), item("/u/new/b", "/y/b")]);
    let task = world.run(items.clone(), json!({ "store_base_path_info": true })).await;
    assert_eq!((&task["source_base_path"], &task["destination_base_path"]), (&json!("/u/new/"), &json!("/")));
    let task = world.run(items, json!({})).await;
    assert_eq!((&task["source_base_path"], &task["destination_base_path"]), (&json!(null), &json!(null)));
}
