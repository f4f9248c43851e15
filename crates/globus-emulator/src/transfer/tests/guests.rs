//! Guest collections, and the permissions on them.

use super::*;
use crate::CollectionSetup;

/// Ada's guest collection `shared`, which is the directory `data` of her `laptop`.
async fn shared() -> World {
    World::build(|builder, root| {
        fs::create_dir_all(root.join("laptop/data/public/deep")).unwrap();
        fs::create_dir_all(root.join("laptop/data/own")).unwrap();
        fs::write(root.join("laptop/data/public/a"), "a").unwrap();
        fs::write(root.join("laptop/outside"), "o").unwrap();
        builder
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(CollectionSetup::guest("shared", "laptop", "/data").owner(ADA))
    })
    .await
}

impl World {
    pub(super) async fn allow(
        &self,
        collection: &str,
        principal: (&str, &str),
        path: &str,
        permissions: &str,
    ) -> Answer {
        let rule = json!({
            "DATA_TYPE": "access", "principal_type": principal.0, "principal": principal.1,
            "path": path, "permissions": permissions,
        });
        self.post(&format!("endpoint/{}/access", self.id(collection)), rule).await
    }

    async fn operation(&self, collection: &str, name: &str, document: Value) -> Answer {
        self.post(&format!("operation/endpoint/{}/{name}", self.id(collection)), document).await
    }
}

const EVERYBODY: (&str, &str) = ("all_authenticated_users", "");

#[tokio::test]
async fn directories_are_shared_over_http() {
    let mut world = World::new().await;
    fs::create_dir_all(world.path("here/data/deep")).unwrap();
    let here = world.id("here");
    let share = |more: Value| {
        let mut document = json!({
            "DATA_TYPE": "shared_endpoint", "display_name": "share", "host_endpoint": here,
            "host_path": "/~/data/",
        });
        merge(&mut document, more);
        world.post("shared_endpoint", document)
    };
    let made = share(json!({ "description": "d" })).await.ok();
    assert_eq!((made.status, made.message()), (StatusCode::CREATED, "Shared endpoint created"));
    let id = made.body["id"].as_str().unwrap().to_owned();
    let document = world.get(&format!("endpoint/{id}")).await.ok().body;
    assert_eq!(document["entity_type"], "GCP_guest_collection");
    assert_eq!((&document["host_endpoint_id"], &document["host_path"]), (&json!(here), &json!("/data/")));
    assert_eq!((&document["description"], &document["owner_id"]), (&json!("d"), &json!(ADA)));
    assert_eq!(world.get(&format!("operation/endpoint/{id}/ls")).await.ok().body["path"], "/");
    assert!(share(json!({})).await.fails(409, "ClientError.Conflict").contains("already exists"));
    share(json!({ "display_name": "same place", "host_endpoint": null, "host_endpoint_id": here }))
        .await
        .ok();
    for (bad, names) in [
        (json!({ "host_path": "/nowhere/" }), "no such directory"),
        (json!({ "host_path": "/../up/" }), "above the root"),
        (json!({ "host_path": null }), "host_path"),
        (json!({ "host_endpoint": null }), "host_endpoint"),
        (json!({ "display_name": null }), "display_name"),
        (json!({ "DATA_TYPE": "endpoint" }), "DATA_TYPE"),
        (json!({ "public": false, "display_name": "p" }), "public"),
    ] {
        let message = share(bad).await.fails(400, "BadRequest").to_owned();
        assert!(message.contains(names), "{message}");
    }
    share(json!({ "host_endpoint": id, "display_name": "of a guest" })).await.fails(409, "Conflict");
    share(json!({ "host_endpoint": Uuid::nil() })).await.fails(404, "EndpointNotFound");

    let mine = world.get(&format!("endpoint/{here}/my_shared_endpoint_list")).await.ok().body;
    assert_eq!((&mine["length"], &mine["DATA"][0]["id"]), (&json!(2), &json!(id)));
    let page = world.get(&format!("endpoint/{here}/shared_endpoint_list?max_results=1")).await.ok().body;
    assert_eq!(page["shared_endpoints"], json!([{ "id": id }]));
    let token = page["next_token"].as_str().unwrap();
    let rest = world.get(&format!("endpoint/{here}/shared_endpoint_list?next_token={token}")).await.ok().body;
    assert_eq!((rest["shared_endpoints"].as_array().unwrap().len(), &rest["next_token"]), (1, &Value::Null));
    world.get(&format!("endpoint/{here}/shared_endpoint_list?next_token=x")).await.fails(400, "BadRequest");
    world.get(&format!("endpoint/{id}/shared_endpoint_list")).await.fails(409, "Conflict");

    world.is(BOB).await;
    let mine = world.get(&format!("endpoint/{here}/my_shared_endpoint_list")).await.ok().body;
    assert_eq!(mine["length"], 0);
    world.is(ADA).await;
    // What is shared of a collection goes with it.
    world.remove(&format!("endpoint/{here}")).await.ok();
    world.get(&format!("endpoint/{id}")).await.fails(404, "EndpointDeleted");
}

#[tokio::test]
async fn a_guest_collection_has_only_its_directory() {
    let world = shared().await;
    let ls = async |path: &str| {
        world.get(&format!("operation/endpoint/{}/ls?path={path}", world.id("shared"))).await
    };
    for root in ["/", "/~/", ""] {
        assert_eq!(ls(root).await.ok().names(), ["own", "public"]);
    }
    ls("/../").await.fails(403, "EndpointPermissionDenied");
    std::os::unix::fs::symlink(world.path("laptop/outside"), world.path("laptop/data/link")).unwrap();
    let stat =
        world.get(&format!("operation/endpoint/{}/stat?path=/link", world.id("shared"))).await.ok().body;
    assert_eq!(stat["type"], "invalid_symlink");
    let laptop = world.emulator.collection_id("laptop").unwrap();
    world.emulator.set_connected(laptop, false);
    ls("/").await.fails(502, "ExternalError.DirListingFailed.GCDisconnected");
}

#[tokio::test]
async fn guests_have_fewer_members() {
    let world = shared().await;
    let path = format!("endpoint/{}", world.id("shared"));
    let mut document = world.get(&path).await.ok().body;
    document["description"] = json!("changed");
    // A document may be sent back whole.
    world.put(&path, document).await.ok();
    assert_eq!(world.get(&path).await.ok().body["description"], "changed");
    let message = world.put(&path, json!({ "public": false })).await.fails(400, "BadRequest").to_owned();
    assert!(message.contains("guest collection"), "{message}");
    let answer = world.put(&format!("{path}/subscription"), json!({ "subscription_id": "DEFAULT" })).await;
    answer.fails(400, "BadRequest");
    world
        .put(&format!("{path}/subscription_admin_verified"), json!({ "subscription_admin_verified": true }))
        .await
        .ok();
}

/// Check 26.
#[tokio::test]
async fn rules_come_change_and_go() {
    let world = shared().await;
    let list = format!("endpoint/{}/access_list", world.id("shared"));
    let before = world.get(&list).await.ok().body;
    assert_eq!((&before["length"], &before["endpoint"]), (&json!(1), &json!(world.id("shared"))));
    assert_eq!(
        (&before["DATA"][0]["id"], &before["DATA"][0]["role_type"]),
        (&Value::Null, &json!("administrator"))
    );
    let made = world.allow("shared", EVERYBODY, "/public", "r").await.ok();
    assert_eq!((made.status, made.code()), (StatusCode::CREATED, "Created"));
    assert_eq!(made.message(), "Access rule created successfully.");
    assert_eq!(made.body["DATA_TYPE"], "access_create_result");
    let path = format!("endpoint/{}/access/{}", world.id("shared"), made.body["access_id"].as_str().unwrap());
    let rule = world.get(&path).await.ok().body;
    assert_eq!((&rule["path"], &rule["permissions"]), (&json!("/public/"), &json!("r")));
    assert_eq!((&rule["principal"], &rule["expiration_date"]), (&json!(""), &Value::Null));
    let updated = world.put(&path, json!({ "DATA_TYPE": "access", "permissions": "rw" })).await.ok();
    assert_eq!(updated.code(), "Updated");
    assert_eq!(world.get(&path).await.ok().body["permissions"], "rw");
    assert_eq!(world.get(&list).await.ok().body["length"], 2);
    assert_eq!(world.remove(&path).await.ok().code(), "Deleted");
    for answer in [
        world.get(&path).await,
        world.remove(&path).await,
        world.put(&path, json!({ "permissions": "r" })).await,
    ] {
        answer.fails(404, "AccessRuleNotFound");
    }
}

#[tokio::test]
async fn rules_are_checked() {
    let mut world = shared().await;
    world.allow("shared", ("identity", BOB), "/public/", "r").await.ok();
    world.allow("shared", ("identity", BOB), "/public/", "rw").await.fails(409, "Exists");
    world.allow("shared", ("identity", BOB), "/", "rw").await.ok();
    world.allow("shared", ("group", BOB), "/public/", "r").await.ok();
    for (principal, path, permissions, names) in [
        (("identity", "bob"), "/x/", "r", "principal"),
        (("everybody", ""), "/x/", "r", "principal_type"),
        (("anonymous", BOB), "/x/", "r", "principal"),
        (EVERYBODY, "x/", "r", "path"),
        (EVERYBODY, "/../", "r", "path"),
        (EVERYBODY, "/x/", "w", "permissions"),
    ] {
        let message =
            world.allow("shared", principal, path, permissions).await.fails(400, "BadRequest").to_owned();
        assert!(message.contains(names), "{message}");
    }
    let mapped = world.allow("laptop", EVERYBODY, "/", "r").await;
    assert!(mapped.fails(409, "ClientError.Conflict").contains("not a guest collection"));
    world.is(BOB).await;
    world.allow("shared", EVERYBODY, "/x/", "r").await.fails(403, "PermissionDenied");
    world.get(&format!("endpoint/{}/access_list", world.id("shared"))).await.fails(403, "PermissionDenied");
}

#[tokio::test]
async fn rules_expire() {
    let mut world = shared().await;
    let now = world.state().clock.now();
    let ends = super::super::times::task_time(now + jiff::SignedDuration::from_hours(1));
    let rule = json!({
        "principal_type": "identity", "principal": BOB, "path": "/", "permissions": "r", "expiration_date": ends,
    });
    let path = format!("endpoint/{}/access", world.id("shared"));
    let id = world.post(&path, rule.clone()).await.ok().body["access_id"].as_str().unwrap().to_owned();
    let one = format!("{path}/{id}");
    assert_eq!(world.get(&one).await.ok().body["expiration_date"], ends);
    let ls = format!("operation/endpoint/{}/ls", world.id("shared"));
    world.is(BOB).await;
    world.get(&ls).await.ok();
    world.emulator.advance_clock(Duration::from_secs(3601));
    world.get(&ls).await.fails(403, "PermissionDenied");
    world.is(ADA).await;
    world.get(&one).await.fails(404, "AccessRuleNotFound");
    let message = world.post(&path, rule.clone()).await.fails(400, "BadRequest").to_owned();
    assert!(message.contains("expiration_date"), "{message}");

    world
        .put(&format!("endpoint/{}", world.id("shared")), json!({ "acl_max_expiration_period_mins": 60 }))
        .await
        .ok();
    let mut endless = rule;
    endless["expiration_date"] = Value::Null;
    let id = world.post(&path, endless).await.ok().body["access_id"].as_str().unwrap().to_owned();
    assert!(world.get(&format!("{path}/{id}")).await.ok().body["expiration_date"].is_string());
    let late = world.put(&format!("{path}/{id}"), json!({ "expiration_date": "2999-01-01" })).await;
    assert!(late.fails(400, "BadRequest").contains("at the latest"));
}

#[tokio::test]
async fn rules_say_who_may_do_what_where() {
    let mut world = shared().await;
    world.allow("shared", ("identity", BOB), "/public/", "r").await.ok();
    world.allow("shared", EVERYBODY, "/own/", "rw").await.ok();
    world.is(BOB).await;
    let get = async |name: &str, path: &str| {
        world.get(&format!("operation/endpoint/{}/{name}?path={path}", world.id("shared"))).await
    };
    assert_eq!(get("ls", "/public").await.ok().names(), ["a", "deep"]);
    get("ls", "/public/deep/").await.ok();
    get("stat", "/public/a").await.ok();
    get("ls", "/").await.fails(403, "PermissionDenied");
    get("stat", "/publicity").await.fails(403, "PermissionDenied");
    let mkdir = async |path: &str| world.operation("shared", "mkdir", json!({ "path": path })).await;
    mkdir("/public/new").await.fails(403, "PermissionDenied");
    mkdir("/own/new").await.ok();
    let rename = async |old: &str, new: &str| {
        world.operation("shared", "rename", json!({ "old_path": old, "new_path": new })).await
    };
    rename("/own/new", "/public/new").await.fails(403, "PermissionDenied");
    rename("/public/a", "/own/a").await.fails(403, "PermissionDenied");
    rename("/own/new", "/own/newer").await.ok();
    assert!(world.path("laptop/data/own/newer").is_dir());
}

#[tokio::test]
async fn strangers_are_told_that_there_is_no_rule() {
    let mut world = shared().await;
    world.is(BOB).await;
    let shared = world.id("shared");
    let answer = world.get(&format!("operation/endpoint/{shared}/ls")).await;
    assert!(answer.fails(403, "PermissionDenied").starts_with("No effective ACL rules on the endpoint"));
    let transfer = world.transfer(json!([item("/a", "/a")]), json!({ "source_endpoint": shared }));
    let answer = world.post("transfer", transfer).await;
    assert!(answer.fails(403, "PermissionDenied").starts_with("No effective ACL rules on the endpoint"));
}

#[tokio::test]
async fn tasks_meet_what_rules_forbid() {
    let mut world = shared().await;
    world.allow("shared", ("identity", BOB), "/public/", "r").await.ok();
    world.is(BOB).await;
    let shared = world.id("shared");
    let good = json!({ "source_endpoint": shared });
    world.run(json!([item("/public/a", "/copy")]), good).await;
    assert_eq!(world.read("there/copy"), "a");

    world.write("here/x", "x");
    let task =
        world.submit(json!([item("/x", "/public/x")]), json!({ "destination_endpoint": shared })).await;
    world.until(&task, "denied", |task| task["nice_status"] == "PERMISSION_DENIED").await;
    world.cancel(&task).await.ok();
    let task = world.submit(json!([item("/own/x", "/x")]), json!({ "source_endpoint": shared })).await;
    world.until(&task, "denied", |task| task["nice_status"] == "PERMISSION_DENIED").await;
    world.cancel(&task).await.ok();
    let task = world.submit_delete(&["/public/a"], json!({ "endpoint": shared })).await;
    let end = world.end(&task).await;
    assert_eq!(end["fatal_error"]["code"], "PERMISSION_DENIED");
    assert!(world.path("laptop/data/public/a").exists());
}

#[tokio::test]
async fn searches_know_what_is_shared() {
    let mut world = shared().await;
    let found = async |world: &World, query: &str| -> Vec<String> {
        let body = world.get(&format!("endpoint_search?{query}")).await.ok().body;
        let data = body["DATA"].as_array().unwrap();
        data.iter().map(|one| one["display_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&world, "filter_scope=shared-by-me").await, ["shared"]);
    assert_eq!(found(&world, "filter_scope=shared-with-me").await, [""; 0]);
    assert_eq!(found(&world, "filter_scope=my-gcp-endpoints&filter_fulltext=laptop").await, ["laptop"]);
    let host = format!("filter_host_endpoint={}&filter_fulltext=shared", world.id("laptop"));
    assert_eq!(found(&world, &host).await, ["shared"]);
    world.is(BOB).await;
    assert_eq!(found(&world, "filter_scope=shared-with-me").await, [""; 0]);
    assert_eq!(found(&world, "filter_scope=hide-no-permissions&filter_fulltext=shared").await, [""; 0]);
    assert_eq!(found(&world, "filter_fulltext=shared").await, ["shared"]);
    world.is(ADA).await;
    world.allow("shared", ("identity", BOB), "/public/", "r").await.ok();
    world.is(BOB).await;
    assert_eq!(found(&world, "filter_scope=shared-with-me").await, ["shared"]);
    assert_eq!(found(&world, "filter_scope=hide-no-permissions&filter_fulltext=shared").await, ["shared"]);
    assert_eq!(found(&world, "filter_scope=administered-by-me&filter_fulltext=shared").await, [""; 0]);
    let owner = format!("filter_owner_id={ADA}&filter_fulltext=shared,lap");
    assert_eq!(found(&world, &owner.replace(",lap", "")).await, ["shared"]);
}
