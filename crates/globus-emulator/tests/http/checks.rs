//! What is known of the real Transfer service from those who asked it: 35 checks, each with its number and what it says.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use globus_emulator::{CollectionSetup, TransferSettings};
use serde_json::{Value, json};

use crate::client::{CLIENT, Server, TRANSFER, basic, bearer};

const BOB: &str = "b0b00000-0000-4000-8000-000000000000";

/// One check: its name has the number, its sentence says what is expected of the service.
macro_rules! check {
    ($name:ident, $sentence:literal, async |$world:ident| $body:block) => {
        #[doc = $sentence]
        #[tokio::test]
        async fn $name() {
            let $world = World::start().await;
            $body
        }
    };
}

/// The client's `laptop` and `archive`, `shared` of the laptop, and `old`, which takes links.
struct World {
    server: Server,
    directory: tempfile::TempDir,
    token: String,
    bob: String,
}

impl World {
    async fn start() -> World {
        let directory = tempfile::tempdir().unwrap();
        for name in ["laptop/share/godata", "archive", "old/data"] {
            fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        for (name, content) in [
            ("file1.txt", "1234"),
            ("file2.txt", "12345"),
            ("file3.txt", "123456"),
            ("data.csv", "1"),
            (".hidden", ""),
        ] {
            fs::write(directory.path().join("laptop/share/godata").join(name), content).unwrap();
        }
        let mine = |name: &str| CollectionSetup::personal(name, directory.path().join(name)).owner(CLIENT);
        let server = Server::with(|builder| {
            builder
                .collection_with(mine("laptop"))
                .collection_with(mine("archive"))
                .collection_with(mine("old").symlinks())
                .collection_with(
                    CollectionSetup::guest("shared", "laptop", "/share/")
                        .owner(CLIENT)
                        .permission(BOB, "/", "r"),
                )
                .transfer_settings(TransferSettings::default().retry_interval(Duration::from_millis(20)))
                .seed(json!({"clients": [{"id": BOB, "secret": "secret"}]}))
        })
        .await;
        let token = bearer(&server.own_token(TRANSFER).await);
        let fields = [("grant_type", "client_credentials"), ("scope", TRANSFER)];
        let bob = server.token(&basic(BOB, "secret"), &fields).await.expect(200);
        let bob = bearer(bob["access_token"].as_str().unwrap());
        World { server, directory, token, bob }
    }

    fn id(&self, collection: &str) -> String {
        self.server.emulator.collection_id(collection).unwrap().to_string()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    async fn asks(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let path = format!("/transfer/v0.10/{path}");
        let reply = self.server.json(method, &path, token, &body).await;
        (reply.status, reply.json())
    }

    /// What has to succeed.
    async fn does(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, document) = self.asks(&self.token, method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {document:#}");
        document
    }

    async fn get(&self, path: &str) -> Value {
        self.does("GET", path, Value::Null).await
    }

    /// What has to fail so.
    async fn fails(&self, method: &str, path: &str, body: Value, status: u16, code: &str) -> String {
        let (found, document) = self.asks(&self.token, method, path, body).await;
        assert_eq!((found, &document["code"]), (status, &json!(code)), "{document:#}");
        document["message"].as_str().unwrap().to_owned()
    }

    fn operation(&self, collection: &str, operation: &str) -> String {
        format!("operation/endpoint/{}/{operation}", self.id(collection))
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let list = self.get(&self.operation("laptop", &format!("ls?{query}"))).await;
        column(&list, "name")
    }

    fn transfer(&self, from: &str, to: &str, items: &Value) -> Value {
        json!({
            "DATA_TYPE": "transfer", "submission_id": uuid::Uuid::new_v4(),
            "source_endpoint": self.id(from), "destination_endpoint": self.id(to), "DATA": items,
        })
    }

    fn delete(&self, path: &str) -> Value {
        json!({
            "DATA_TYPE": "delete", "submission_id": uuid::Uuid::new_v4(), "endpoint": self.id("laptop"),
            "DATA": [{"DATA_TYPE": "delete_item", "path": path}],
        })
    }

    /// Submits a transfer from the laptop to the archive.
    async fn submit(&self, items: Value) -> String {
        let accepted = self.does("POST", "transfer", self.transfer("laptop", "archive", &items)).await;
        assert_eq!(accepted["code"], "Accepted");
        text(&accepted["task_id"])
    }

    /// A task that goes on trying.
    async fn hopeless(&self) -> String {
        self.submit(json!([{"source_path": "/gone", "destination_path": "/x"}])).await
    }

    async fn until(&self, task: &str, reached: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let document = self.get(&format!("task/{task}")).await;
            if reached(&document) {
                return document;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{document:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(&self, task: &str) -> Value {
        self.until(task, |task| task["status"] != "ACTIVE").await
    }

    async fn succeeds(&self, task: &str) -> Value {
        let task = self.end(task).await;
        assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
        task
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn column(list: &Value, name: &str) -> Vec<String> {
    list["DATA"].as_array().unwrap().iter().map(|entry| text(&entry[name])).collect()
}

fn tree(from: &str, to: &str) -> Value {
    json!({"source_path": from, "destination_path": to, "recursive": true})
}

check!(
    check_01_ls_without_a_path,
    "Without a path, ls shows the home directory of a mapped collection.",
    async |world| {
        let list = world.get(&world.operation("laptop", "ls")).await;
        assert_eq!((&list["path"], &list["DATA_TYPE"]), (&json!("/~/"), &json!("file_list")));
        assert_eq!(list["endpoint"], world.id("laptop"));
    }
);

check!(check_02_ls_with_a_limit, "A limit of one gives one entry, and says so.", async |world| {
    let list = world.get(&world.operation("laptop", "ls?path=/share/godata/&limit=1")).await;
    assert_eq!((&list["length"], list["DATA"].as_array().unwrap().len()), (&json!(1), 1));
});

check!(
    check_03_ls_with_two_clauses,
    "Clauses of a filter hold together: this name, and more than 5 bytes.",
    async |world| {
        assert_eq!(world.names("path=/share/godata/&filter=name:file3.txt/size:%3E5").await, ["file3.txt"]);
        assert!(world.names("path=/share/godata/&filter=name:file1.txt/size:%3E5").await.is_empty());
    }
);

check!(
    check_04_ls_with_patterns,
    "A pattern finds all that match, a list of names all of them.",
    async |world| {
        let found = world.names("path=/share/godata/&filter=name:~*.txt").await;
        assert_eq!(found, ["file1.txt", "file2.txt", "file3.txt"]);
        assert_eq!(
            world.names("path=/share/godata/&filter=name:file1.txt,data.csv").await,
            ["data.csv", "file1.txt"]
        );
    }
);

check!(
    check_05_ls_without_hidden_files,
    "Hidden files are shown unless that is switched off.",
    async |world| {
        assert!(world.names("path=/share/godata/").await.contains(&".hidden".to_owned()));
        let shown = world.names("path=/share/godata/&show_hidden=0").await;
        assert!(shown.len() == 4 && shown.iter().all(|name| !name.starts_with('.')), "{shown:?}");
    }
);

check!(
    check_06_ls_adds_a_slash,
    "The path of a listing ends with a slash, whether it was asked for so or not.",
    async |world| {
        let list = world.get(&world.operation("laptop", "ls?path=/share/godata")).await;
        assert_eq!(list["path"], "/share/godata/");
    }
);

check!(check_07_mkdir, "A directory that is made is there.", async |world| {
    let made = world.does("POST", &world.operation("laptop", "mkdir"), json!({"path": "/~/d"})).await;
    assert_eq!((&made["DATA_TYPE"], &made["code"]), (&json!("mkdir_result"), &json!("DirectoryCreated")));
    assert_eq!(world.names("filter=name:d").await, ["d"]);
});

check!(check_08_mkdir_of_what_is_there, "A directory that is there is not made.", async |world| {
    let mkdir = world.operation("laptop", "mkdir");
    world.fails("POST", &mkdir, json!({"path": "/share/"}), 502, "ExternalError.MkdirFailed.Exists").await;
});

check!(check_09_rename, "What is renamed is at the new place and not at the old one.", async |world| {
    fs::create_dir(world.path("laptop/old")).unwrap();
    let document = json!({"old_path": "/~/old", "new_path": "/~/new"});
    assert_eq!(
        world.does("POST", &world.operation("laptop", "rename"), document).await["code"],
        "FileRenamed"
    );
    assert_eq!(world.names("").await, ["new", "share"]);
});

#[cfg(unix)]
check!(check_10_symlink, "A link has the type of its target, and is invalid without one.", async |world| {
    for (path, target) in [("/good", "data"), ("/bad", "nowhere")] {
        let link = json!({"DATA_TYPE": "symlink", "path": path, "symlink_target": target});
        world.does("POST", &world.operation("old", "symlink"), link).await;
    }
    let list = world.get(&world.operation("old", "ls")).await;
    assert_eq!((&list["DATA"][2]["type"], &list["DATA"][2]["link_target"]), (&json!("dir"), &json!("data")));
    assert_eq!(
        (&list["DATA"][0]["name"], &list["DATA"][0]["type"]),
        (&json!("bad"), &json!("invalid_symlink"))
    );
});

check!(check_11_symlink_where_there_are_none, "Where links cannot be made, that is said.", async |world| {
    let link = json!({"DATA_TYPE": "symlink", "path": "/link", "symlink_target": "share"});
    world.fails("POST", &world.operation("laptop", "symlink"), link, 409, "NotSupported").await;
});

check!(check_12_submission_id, "A submission id is a UUID.", async |world| {
    let id = world.get("submission_id").await;
    assert_eq!((&id["DATA_TYPE"], text(&id["value"]).len()), (&json!("submission_id"), 36));
});

check!(
    check_13_transfer,
    "A file and a directory arrive in a directory that is not there yet.",
    async |world| {
        fs::remove_file(world.path("laptop/share/godata/.hidden")).unwrap();
        fs::remove_file(world.path("laptop/share/godata/data.csv")).unwrap();
        let file = json!({"source_path": "/share/godata/file1.txt", "destination_path": "/new/one.txt"});
        let task = world.submit(json!([file, tree("/share/godata/", "/new/all/")])).await;
        world.succeeds(&task).await;
        assert_eq!(fs::read_to_string(world.path("archive/new/one.txt")).unwrap(), "1234");
        assert_eq!(fs::read_dir(world.path("archive/new/all")).unwrap().count(), 3);
    }
);

check!(check_14_transfer_again, "The same submission again is the same task.", async |world| {
    let document = world.transfer("laptop", "archive", &json!([tree("/share/", "/s/")]));
    let first = world.does("POST", "transfer", document.clone()).await;
    let second = world.does("POST", "transfer", document.clone()).await;
    assert_eq!((&first["code"], &second["code"]), (&json!("Accepted"), &json!("Duplicate")));
    assert_eq!(
        (&second["task_id"], &second["submission_id"]),
        (&first["task_id"], &document["submission_id"])
    );
});

check!(check_15_delete_again, "A deletion is the same one also after it has ended.", async |world| {
    let document = world.delete("/share/godata/file1.txt");
    let first = world.does("POST", "delete", document.clone()).await;
    world.succeeds(&text(&first["task_id"])).await;
    let second = world.does("POST", "delete", document).await;
    assert_eq!((&second["code"], &second["task_id"]), (&json!("Duplicate"), &first["task_id"]));
});

check!(
    check_16_forbidden_destination,
    "A transfer to where one may not write is accepted, and goes on trying.",
    async |world| {
        let items = json!([{"source_path": "/godata/file1.txt", "destination_path": "/copy"}]);
        let document = world.transfer("shared", "shared", &items);
        let (status, accepted) = world.asks(&world.bob, "POST", "transfer", document).await;
        assert_eq!((status, &accepted["code"]), (202, &json!("Accepted")));
        let path = format!("task/{}", text(&accepted["task_id"]));
        let start = Instant::now();
        loop {
            let (_, task) = world.asks(&world.bob, "GET", &path, Value::Null).await;
            assert_eq!(task["status"], "ACTIVE");
            if task["faults"].as_u64() > Some(1) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{task:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (_, events) = world.asks(&world.bob, "GET", &format!("{path}/event_list"), Value::Null).await;
        assert_eq!(events["DATA"][0]["code"], "PERMISSION_DENIED");
        let (_, cancelled) = world.asks(&world.bob, "POST", &format!("{path}/cancel"), Value::Null).await;
        assert_eq!(cancelled["code"], "Canceled");
    }
);

check!(
    check_17_update_of_a_task,
    "Label and deadline can be changed; a deadline in the past ends the task.",
    async |world| {
        let task = world.hopeless().await;
        let document = json!({"DATA_TYPE": "task", "label": "late", "deadline": "2020-01-01 00:00:00"});
        let updated = world.does("PUT", &format!("task/{task}"), document).await;
        assert_eq!(
            (&updated["code"], &updated["message"]),
            (&json!("Updated"), &json!("Updated task deadline and label successfully"))
        );
        let task = world.end(&task).await;
        assert_eq!(
            (&task["status"], &task["label"], &task["fatal_error"]["code"]),
            (&json!("FAILED"), &json!("late"), &json!("EXPIRED"))
        );
    }
);

check!(check_18_update_of_a_finished_task, "A task that has ended cannot be changed.", async |world| {
    let task = world.submit(json!([tree("/share/", "/s/")])).await;
    world.succeeds(&task).await;
    world.fails("PUT", &format!("task/{task}"), json!({"label": "x"}), 409, "Conflict").await;
});

check!(
    check_19_cancel,
    "Cancelling says whether the task still ran, and is no error either way.",
    async |world| {
        let task = world.hopeless().await;
        let path = format!("task/{task}/cancel");
        assert_eq!(world.does("POST", &path, Value::Null).await["code"], "Canceled");
        world.end(&task).await;
        assert_eq!(world.does("POST", &path, Value::Null).await["code"], "TaskComplete");
    }
);

check!(check_20_task_list, "A filter gives the tasks of one type and status.", async |world| {
    let deleted =
        text(&world.does("POST", "delete", world.delete("/share/godata/file1.txt")).await["task_id"]);
    let failed = text(&world.does("POST", "delete", world.delete("/nope")).await["task_id"]);
    let copied = world.submit(json!([tree("/share/", "/s/")])).await;
    for task in [&deleted, &failed, &copied] {
        world.end(task).await;
    }
    let list = world.get("task_list?filter=type:DELETE/status:SUCCEEDED").await;
    assert_eq!(column(&list, "task_id"), [deleted]);
});

check!(
    check_21_events_that_are_errors,
    "Events can be had without those that are no errors.",
    async |world| {
        let task = world.hopeless().await;
        world.until(&task, |task| task["faults"].as_u64() > Some(0)).await;
        let list = world.get(&format!("task/{task}/event_list?filter=is_error:1")).await;
        let codes = column(&list, "code");
        assert!(!codes.is_empty() && codes.iter().all(|code| code == "FILE_NOT_FOUND"), "{codes:?}");
    }
);

check!(
    check_22_delete_of_what_is_missing,
    "A deletion of what is not there fails, and its last event says why.",
    async |world| {
        let task = text(&world.does("POST", "delete", world.delete("/nope")).await["task_id"]);
        assert_eq!(world.end(&task).await["status"], "FAILED");
        let newest = world.get(&format!("task/{task}/event_list")).await["DATA"][0].clone();
        assert_eq!(
            (&newest["code"], &newest["description"]),
            (&json!("FILE_NOT_FOUND"), &json!("file not found"))
        );
    }
);

check!(
    check_23_successful_transfers,
    "What arrived is listed file by file, without directories.",
    async |world| {
        let task = world.submit(json!([tree("/share/", "/s/")])).await;
        world.succeeds(&task).await;
        let mut copied =
            column(&world.get(&format!("task/{task}/successful_transfers")).await, "destination_path");
        copied.sort_unstable();
        let expected = [".hidden", "data.csv", "file1.txt", "file2.txt", "file3.txt"]
            .map(|name| format!("/s/godata/{name}"));
        assert_eq!(copied, expected);
    }
);

#[cfg(unix)]
check!(check_24_recursive_symlinks, "Links in a directory are kept, copied or left out.", async |world| {
    std::os::unix::fs::symlink("file1.txt", world.path("laptop/share/godata/link")).unwrap();
    for (how, is_link, is_there) in [("keep", true, true), ("copy", false, true), ("ignore", false, false)] {
        let mut document =
            world.transfer("laptop", "archive", &json!([tree("/share/godata/", &format!("/{how}/"))]));
        document["recursive_symlinks"] = json!(how);
        world.succeeds(&text(&world.does("POST", "transfer", document).await["task_id"])).await;
        let found = fs::symlink_metadata(world.path(&format!("archive/{how}/link")));
        assert_eq!(found.as_ref().is_ok_and(fs::Metadata::is_symlink), is_link, "{how}");
        assert_eq!(found.is_ok(), is_there, "{how}");
    }
});

check!(
    check_25_endpoint,
    "An endpoint is made, shown, changed and deleted, and then known to be deleted.",
    async |world| {
        let new = json!({"DATA_TYPE": "endpoint", "is_globus_connect": true, "display_name": "new"});
        let made = world.does("POST", "endpoint", new).await;
        assert_eq!(
            (&made["code"], &made["message"]),
            (&json!("Created"), &json!("Endpoint created successfully"))
        );
        let path = format!("endpoint/{}", text(&made["id"]));
        assert_eq!(world.get(&path).await["display_name"], "new");
        let updated = world.does("PUT", &path, json!({"DATA_TYPE": "endpoint", "description": "d"})).await;
        assert_eq!(
            (&updated["code"], &updated["message"]),
            (&json!("Updated"), &json!("Endpoint updated successfully"))
        );
        let deleted = world.does("DELETE", &path, Value::Null).await;
        assert_eq!(
            (&deleted["code"], &deleted["message"]),
            (&json!("Deleted"), &json!("Endpoint deleted successfully"))
        );
        world.fails("GET", &path, Value::Null, 404, "EndpointDeleted").await;
    }
);

check!(check_26_access, "A permission is given, widened and taken back.", async |world| {
    let path = format!("endpoint/{}/access", world.id("shared"));
    let rule = json!({
        "DATA_TYPE": "access", "principal_type": "all_authenticated_users", "principal": "", "path": "/",
        "permissions": "r",
    });
    let made = world.does("POST", &path, rule).await;
    assert_eq!(made["code"], "Created");
    let path = format!("{path}/{}", text(&made["access_id"]));
    assert_eq!(
        world.does("PUT", &path, json!({"DATA_TYPE": "access", "permissions": "rw"})).await["code"],
        "Updated"
    );
    assert_eq!(world.get(&path).await["permissions"], "rw");
    assert_eq!(world.does("DELETE", &path, Value::Null).await["code"], "Deleted");
    world.fails("GET", &path, Value::Null, 404, "AccessRuleNotFound").await;
});

check!(check_27_role, "A role is given, shown as it was given, and taken back.", async |world| {
    let path = format!("endpoint/{}/role", world.id("shared"));
    let role = json!({"DATA_TYPE": "role", "principal_type": "identity", "principal": BOB, "role": "activity_monitor"});
    let made = world.does("POST", &path, role.clone()).await;
    let path = format!("{path}/{}", text(&made["id"]));
    let shown = world.get(&path).await;
    for (member, value) in role.as_object().unwrap() {
        assert_eq!(shown[member], *value, "{member}");
    }
    assert_eq!(world.does("DELETE", &path, Value::Null).await["code"], "Deleted");
    world.fails("GET", &path, Value::Null, 404, "RoleNotFound").await;
});

check!(check_28_bookmark, "A bookmark is made, renamed and deleted.", async |world| {
    let new = json!({"DATA_TYPE": "bookmark", "name": "b", "endpoint_id": world.id("laptop"), "path": "/~/"});
    let made = world.does("POST", "bookmark", new).await;
    assert_eq!((&made["name"], &made["path"]), (&json!("b"), &json!("/~/")));
    let path = format!("bookmark/{}", text(&made["id"]));
    assert_eq!(world.does("PUT", &path, json!({"name": "c"})).await["name"], "c");
    assert_eq!(world.does("DELETE", &path, Value::Null).await["code"], "Deleted");
    world.fails("GET", &path, Value::Null, 404, "BookmarkNotFound").await;
});

check!(check_29_pause_rule, "A rule without flags pauses everything, at once.", async |world| {
    let new = json!({"DATA_TYPE": "pause_rule", "message": "m", "endpoint_id": world.id("laptop")});
    let rule = world.does("POST", "endpoint_manager/pause_rule", new).await;
    let flags: Vec<_> =
        rule.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("pause_")).collect();
    assert!(flags.len() == 7 && flags.iter().all(|(_, on)| **on == json!(true)), "{flags:?}");
    assert_eq!((&rule["editable"], &rule["created_by_host_manager"]), (&json!(true), &json!(false)));
    assert_eq!(rule["start_time"], Value::Null);
});

check!(check_30_pause_info, "A task says which rule pauses it, and not who made that.", async |world| {
    let new = json!({"message": "maintenance", "endpoint_id": world.id("archive")});
    world.does("POST", "endpoint_manager/pause_rule", new).await;
    let task = world.hopeless().await;
    world.until(&task, |task| task["is_paused"] == true).await;
    let info = world.get(&format!("task/{task}/pause_info")).await;
    assert_eq!(
        (&info["DATA_TYPE"], info["pause_rules"].as_array().unwrap().len()),
        (&json!("pause_info_limited"), 1)
    );
    let rule = info["pause_rules"][0].as_object().unwrap();
    assert_eq!((&rule["DATA_TYPE"], &rule["message"]), (&json!("pause_rule_limited"), &json!("maintenance")));
    assert!(rule.keys().all(|name| !name.starts_with("modified_by")), "{rule:?}");
});

check!(
    check_31_manager_without_a_role,
    "Who manages nothing sees not even their own task as a manager.",
    async |world| {
        let items = json!([{"source_path": "/godata/file1.txt", "destination_path": "/copy"}]);
        let (_, accepted) =
            world.asks(&world.bob, "POST", "transfer", world.transfer("shared", "shared", &items)).await;
        let path = format!("endpoint_manager/task/{}", text(&accepted["task_id"]));
        let (status, refused) = world.asks(&world.bob, "GET", &path, Value::Null).await;
        assert_eq!((status, &refused["code"]), (403, &json!("PermissionDenied")));
    }
);

check!(
    check_32_admin_cancel,
    "A manager's cancellation is done after a while, and the task names side and message.",
    async |world| {
        let role = json!({"principal_type": "identity", "principal": BOB, "role": "activity_manager"});
        world.does("POST", &format!("endpoint/{}/role", world.id("laptop")), role).await;
        let task = world.hopeless().await;
        let cancel = json!({"task_id_list": [task], "message": "enough"});
        let (_, made) = world.asks(&world.bob, "POST", "endpoint_manager/admin_cancel", cancel).await;
        let path = format!("endpoint_manager/admin_cancel/{}", made["id"]);
        while world.asks(&world.bob, "GET", &path, Value::Null).await.1["done"] != true {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let task = world.end(&task).await;
        assert_eq!(
            (&task["canceled_by_admin"], &task["canceled_by_admin_message"]),
            (&json!("SOURCE"), &json!("enough"))
        );
    }
);

check!(
    check_33_admin_pause,
    "A manager pauses a task and lets it go on; both show at once.",
    async |world| {
        let task = world.hopeless().await;
        for (what, code, paused) in [("pause", "PauseAccepted", true), ("resume", "ResumeAccepted", false)] {
            let document = json!({"task_id_list": [task], "message": "wait"});
            let done = world.does("POST", &format!("endpoint_manager/admin_{what}"), document).await;
            assert_eq!(done["code"], code);
            assert_eq!(world.get(&format!("task/{task}")).await["is_paused"], paused);
        }
    }
);

check!(check_34_hosted_endpoints_of_a_guest, "A guest collection hosts nothing.", async |world| {
    let path = format!("endpoint_manager/endpoint/{}/hosted_endpoint_list", world.id("shared"));
    let message = world.fails("GET", &path, Value::Null, 409, "Conflict").await;
    assert!(message.contains("not a host endpoint"), "{message}");
});

check!(
    check_35_endpoint_search,
    "A search finds names with the word in it; what is shared by me has a host.",
    async |world| {
        for name in ["Tutorial one", "my tutorials"] {
            let new = json!({
                "DATA_TYPE": "shared_endpoint", "display_name": name, "host_endpoint": world.id("laptop"),
                "host_path": if name == "Tutorial one" { "/share/" } else { "/share/godata/" },
            });
            world.does("POST", "shared_endpoint", new).await;
        }
        let found = world.get("endpoint_search?filter_fulltext=tutorial").await;
        let names = column(&found, "display_name");
        assert!(
            names.len() == 2 && names.iter().all(|name| name.to_lowercase().contains("tutorial")),
            "{names:?}"
        );
        let shared = world.get("endpoint_search?filter_scope=shared-by-me").await;
        let hosts = column(&shared, "host_endpoint_id");
        assert!(hosts.len() == 3 && hosts.iter().all(|host| *host == world.id("laptop")), "{hosts:?}");
    }
);
