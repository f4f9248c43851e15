//! Back to the start: nothing of what happened is left, and all that was given is there.

use std::fs;

use globus_emulator::{CollectionSetup, GroupSetup, TransferSettings};
use serde_json::{Value, json};

use crate::client::{CLIENT, FLOWS, Server, TRANSFER, bearer};

const BOB: &str = "b0b00000-0000-4000-8000-000000000000";

struct World {
    server: Server,
    token: String,
    _directory: tempfile::TempDir,
}

impl World {
    /// With all that can be given at the start.
    async fn start() -> World {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(directory.path().join("data/file"), "x").unwrap();
        let seed = json!({
            "accounts": [{"username": "seeded@example.org"}],
            "clients": [{"id": BOB, "secret": "secret"}],
            "groups": [{"name": "Seeded", "members": [BOB]}],
            "collections": [{"name": "seeded", "kind": "personal", "directory": directory.path(), "owner": CLIENT}],
        });
        let guest = CollectionSetup::guest("shared", "laptop", "/data/").owner(CLIENT);
        let server = Server::with(|builder| {
            builder
                .account("ada@example.org")
                .group(GroupSetup::new("Lab").member("ada@example.org"))
                .collection_with(CollectionSetup::personal("laptop", directory.path()).owner(CLIENT))
                .collection_with(
                    CollectionSetup::personal("desktop", directory.path()).owner(CLIENT).offline(),
                )
                .collection_with(
                    guest.permission("Lab", "/", "r").role("ada@example.org", "activity_monitor"),
                )
                .stream_access_point("cluster")
                .stream_access_point("detector")
                .transfer_settings(TransferSettings::default().rate_limit(20))
                .seed(seed)
        })
        .await;
        let token = bearer(&server.own_token(TRANSFER).await);
        World { server, token, _directory: directory }
    }

    fn id(&self, collection: &str) -> String {
        self.server.emulator.collection_id(collection).unwrap().to_string()
    }

    async fn get(&self, path: &str) -> Value {
        let mut document = self.server.get_with(&format!("/transfer/{path}"), &self.token).await.json();
        for passing in ["request_id", "meta"] {
            document.as_object_mut().unwrap().remove(passing);
        }
        document
    }

    async fn does(&self, method: &str, path: &str, body: Value) -> Value {
        let reply = self.server.json(method, &format!("/transfer/{path}"), &self.token, &body).await;
        assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text());
        reply.json()
    }

    /// Everything that there is to see.
    async fn all(&self) -> Value {
        let mut all = serde_json::Map::new();
        let state = self.server.get("/_emulator/state").await.expect(200)["auth"].clone();
        for what in ["settings", "accounts", "clients", "groups", "projects", "policies", "scopes"] {
            all.insert(what.to_owned(), state[what].clone());
        }
        for path in [
            "v0.10/endpoint_search?filter_scope=my-endpoints",
            "v0.10/endpoint_search?filter_scope=recently-used",
            "v0.10/bookmark_list",
            "v2/bookmarks",
            "v2/tunnels",
            "v0.10/task_list",
            "v0.10/endpoint_manager/pause_rule_list",
            "v0.10/endpoint_manager/admin_cancel/1",
        ] {
            all.insert(path.to_owned(), self.get(path).await);
        }
        for name in ["laptop", "desktop", "shared", "seeded"] {
            let id = self.id(name);
            for path in
                ["", "/role_list", "/access_list", "/my_shared_endpoint_list", "/activation_requirements"]
            {
                let path = format!("v0.10/endpoint/{id}{path}");
                all.insert(path.clone(), self.get(&path).await);
            }
        }
        all.insert("faults".to_owned(), self.server.get("/_emulator/faults").await.expect(200));
        all.insert("path_faults".to_owned(), self.server.get("/_emulator/path_faults").await.expect(200));
        all.insert("requirements".to_owned(), self.server.get("/_emulator/requirements").await.expect(200));
        all.into()
    }

    /// Changes what can be changed.
    async fn live(&self) {
        let (laptop, shared) = (self.id("laptop"), self.id("shared"));
        let mine = format!("v0.10/endpoint/{laptop}");
        self.does("PUT", &mine, json!({"DATA_TYPE": "endpoint", "display_name": "renamed", "public": false}))
            .await;
        let role = json!({"principal_type": "identity", "principal": BOB, "role": "administrator"});
        self.does("POST", &format!("{mine}/role"), role).await;
        let guest = json!({"DATA_TYPE": "shared_endpoint", "host_endpoint": laptop, "host_path": "/", "display_name": "g"});
        let guest = self.does("POST", "v0.10/shared_endpoint", guest).await["id"].clone();
        let access = json!({"principal_type": "anonymous", "principal": "", "path": "/", "permissions": "r"});
        self.does("POST", &format!("v0.10/endpoint/{shared}/access"), access).await;
        let new = json!({"DATA_TYPE": "endpoint", "is_globus_connect": true, "display_name": "new"});
        self.does("POST", "v0.10/endpoint", new).await;
        self.does("POST", "v0.10/bookmark", json!({"name": "b", "endpoint_id": guest, "path": "/"})).await;
        self.does(
            "POST",
            "v0.10/endpoint_manager/pause_rule",
            json!({"message": "m", "endpoint_id": laptop}),
        )
        .await;
        self.does("POST", &format!("v0.10/endpoint/{laptop}/deactivate"), json!({})).await;
        let submission = json!({
            "DATA_TYPE": "transfer", "submission_id": "c1f5d7b0-6a61-11f0-9d3e-0242ac120002",
            "source_endpoint": laptop, "destination_endpoint": shared,
            "DATA": [{"source_path": "/data/file", "destination_path": "/copy"}],
        });
        let task = self.does("POST", "v0.10/transfer", submission).await["task_id"].clone();
        let cancel = json!({"task_id_list": [task], "message": "enough"});
        self.does("POST", "v0.10/endpoint_manager/admin_cancel", cancel).await;
        let points = self.server.emulator.stream_access_points();
        let end = |place: usize| json!({"data": {"type": "StreamAccessPoint", "id": points[place].1}});
        let tunnel = json!({"data": {
            "type": "Tunnel", "attributes": {"submission_id": BOB, "label": "t"},
            "relationships": {"listener": end(0), "initiator": end(1)},
        }});
        self.does("POST", "v2/tunnels", tunnel).await;
        self.does("DELETE", &format!("v0.10/endpoint/{}", self.id("seeded")), Value::Null).await;
        let emulator = &self.server.emulator;
        emulator.set_connected(emulator.collection_id("desktop").unwrap(), true);
        let more = json!({"accounts": [{"username": "later@example.org"}], "groups": [{"name": "Lab"}]});
        for (path, body) in [
            ("seed", more),
            ("faults", json!({"status": 500, "path_prefix": "/flows/"})),
            ("path_faults", json!({"path": "*", "code": "TIMEOUT"})),
            ("requirements", json!({"path_prefix": "/flows/"})),
            ("settings", json!({"token_lifetime_seconds": 7})),
            ("clock", json!({"advance_seconds": 3600})),
        ] {
            let reply = self.server.json("POST", &format!("/_emulator/{path}"), "", &body).await;
            assert!(reply.status < 300, "{path}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_reset_leaves_a_fresh_emulator() {
    let mut world = World::start().await;
    let before = world.all().await;
    for over_http in [true, false] {
        world.live().await;
        assert_ne!(
            world.server.get("/_emulator/state").await.expect(200)["auth"]["accounts"],
            before["accounts"]
        );
        if over_http {
            let reset = world.server.json("POST", "/_emulator/reset", "", &json!({})).await;
            assert_eq!(reset.expect(200), json!({"status": "ok"}));
        } else {
            world.server.emulator.reset().unwrap();
        }
        let clock = world.server.get("/_emulator/clock").await.expect(200);
        assert_eq!(clock["offset_seconds"], 0);
        world.token = bearer(&world.server.own_token(TRANSFER).await);
        let after = world.all().await;
        for (what, then) in before.as_object().unwrap() {
            assert_eq!(&after[what], then, "{what}");
        }
        let flows = bearer(&world.server.own_token(FLOWS).await);
        world.server.get_with("/flows/flows", &flows).await.expect(200);
    }
}

#[tokio::test]
async fn a_seed_that_cannot_be_sown_stops_the_start_and_is_told_by_a_reset() {
    let wrong = json!({"accounts": [{"username": "nobody"}]});
    let error = globus_emulator::Emulator::builder().seed(wrong).start().await.unwrap_err().to_string();
    assert!(error.starts_with("seed is not usable: accounts: \"nobody\""), "{error}");

    let directory = tempfile::tempdir().unwrap();
    let seed = json!({"collections": [{"name": "gone", "kind": "personal", "directory": directory.path()}]});
    let server = Server::with(|builder| builder.seed(seed)).await;
    drop(directory);
    let error = server.json("POST", "/_emulator/reset", "", &json!({})).await.expect(500)["error"].clone();
    assert!(error.as_str().unwrap().contains("collection \"gone\": cannot use directory"), "{error}");
}
