//! Making, changing and deleting what Transfer itself manages: Globus Connect Personal, and legacy endpoints.

use super::*;
use crate::CollectionSetup;

impl World {
    async fn create(&self, document: Value) -> (String, Answer) {
        let answer = self.post("endpoint", document).await.ok();
        assert_eq!((answer.status, answer.code()), (StatusCode::CREATED, "Created"));
        assert_eq!(answer.body["DATA_TYPE"], "endpoint_create_result");
        (answer.body["id"].as_str().unwrap().to_owned(), answer)
    }
}

/// Check 25.
#[tokio::test]
async fn endpoints_come_change_and_go() {
    let world = World::new().await;
    let (id, created) = world.create(json!({ "DATA_TYPE": "endpoint", "display_name": "old" })).await;
    assert_eq!(created.message(), "Endpoint created successfully");
    let path = format!("endpoint/{id}");
    let document = world.get(&path).await.ok().body;
    assert_eq!((&document["display_name"], &document["owner_id"]), (&json!("old"), &json!(ADA)));
    let updated = world.put(&path, json!({ "DATA_TYPE": "endpoint", "display_name": "new" })).await.ok();
    assert_eq!((updated.code(), updated.message()), ("Updated", "Endpoint updated successfully"));
    assert_eq!(world.get(&path).await.ok().body["display_name"], "new");
    let deleted = world.remove(&path).await.ok();
    assert_eq!((deleted.code(), deleted.message()), ("Deleted", "Endpoint deleted successfully"));
    for answer in [world.get(&path).await, world.remove(&path).await, world.put(&path, json!({})).await] {
        assert_eq!(answer.fails(404, "EndpointDeleted"), format!("Endpoint '{id}' has been deleted"));
    }
}

#[tokio::test]
async fn a_personal_collection_waits_for_its_machine() {
    let mut world = World::new().await;
    let (id, created) = world.create(json!({ "is_globus_connect": true, "display_name": "laptop" })).await;
    let key = created.body["globus_connect_setup_key"].as_str().unwrap().to_owned();
    let path = format!("endpoint/{id}");
    let document = world.get(&path).await.ok().body;
    assert_eq!(document["entity_type"], "GCP_mapped_collection");
    assert_eq!(
        (&document["globus_connect_setup_key"], &document["gcp_connected"]),
        (&json!(key), &json!(false))
    );
    let ls = format!("operation/endpoint/{id}/ls");
    world.get(&ls).await.fails(502, "ExternalError.DirListingFailed.GCDisconnected");
    world.is(BOB).await;
    assert_eq!(world.get(&path).await.ok().body["globus_connect_setup_key"], Value::Null);

    world.is(ADA).await;
    world.write("laptop/a", "1");
    let connect = |key| world.emulator.connect_personal(key, world.path("laptop"));
    assert_eq!(connect("nonsense").unwrap(), None);
    assert!(world.emulator.connect_personal(&key, world.path("missing")).is_err());
    assert_eq!(connect(&key).unwrap().unwrap().to_string(), id);
    assert_eq!(connect(&key).unwrap(), None, "a key is good for one machine");
    assert_eq!(world.get(&ls).await.ok().names(), ["a"]);
    let document = world.get(&path).await.ok().body;
    assert_eq!(
        (&document["globus_connect_setup_key"], &document["gcp_connected"]),
        (&Value::Null, &json!(true))
    );
}

#[tokio::test]
async fn members_are_checked_set_and_cleared() {
    let world = World::new().await;
    let path = format!("endpoint/{}", world.id("here"));
    let details = json!({
        "description": "d", "keywords": "a,b", "public": false, "network_use": "custom", "max_concurrency": 4,
        "entity_type": "nonsense", "unknown": 1, "default_directory": "/sub/",
    });
    world.put(&path, details).await.ok();
    let document = world.get(&path).await.ok().body;
    assert_eq!((&document["description"], &document["public"]), (&json!("d"), &json!(false)));
    assert_eq!(
        (&document["max_concurrency"], &document["entity_type"]),
        (&json!(4), &json!("GCP_mapped_collection"))
    );
    assert_eq!(document.get("unknown"), None);
    fs::create_dir(world.path("here/sub")).unwrap();
    assert_eq!(world.ls("").await.ok().body["path"], "/sub/");
    world.put(&path, json!({ "description": null, "max_parallelism": 8 })).await.ok();
    assert_eq!(world.get(&path).await.ok().body["description"], Value::Null);
    for (bad, names) in [
        (json!({ "public": "yes" }), "public"),
        (json!({ "display_name": "" }), "display_name"),
        (json!({ "max_concurrency": 1000 }), "max_concurrency"),
        (json!({ "network_use": "some" }), "network_use"),
        (json!({ "network_use": "normal", "preferred_parallelism": 2 }), "preferred_parallelism"),
        (json!({ "location": "Chicago" }), "location"),
        (json!({ "DATA_TYPE": "role" }), "DATA_TYPE"),
    ] {
        let message = world.put(&path, bad).await.fails(400, "BadRequest").to_owned();
        assert!(message.contains(names), "{message}");
    }
    let taken = world.put(&path, json!({ "display_name": "there" })).await;
    assert!(taken.fails(409, "ClientError.Conflict").contains("there"));
    world.post("endpoint", json!({})).await.fails(400, "BadRequest");
    world.create(json!({ "is_globus_connect": true, "display_name": "x" })).await;
    let again = world.post("endpoint", json!({ "is_globus_connect": true, "display_name": "x" })).await;
    again.fails(409, "ClientError.Conflict");
}

#[tokio::test]
async fn subscriptions() {
    let mut world = World::build(|builder, root| {
        builder.collection_with(CollectionSetup::personal("new", root.join("here")).owner(ADA).unsubscribed())
    })
    .await;
    let id = world.id("new");
    let (path, verified) =
        (format!("endpoint/{id}/subscription"), format!("endpoint/{id}/subscription_admin_verified"));
    let subscription =
        async |world: &World| world.get(&format!("endpoint/{id}")).await.ok().body["subscription_id"].clone();
    assert_eq!(subscription(&world).await, Value::Null);
    world.put(&verified, json!({ "subscription_admin_verified": true })).await.fails(400, "BadRequest");
    let shared = json!({ "display_name": "x", "host_endpoint": id, "host_path": "/" });
    world.post("shared_endpoint", shared).await.fails(403, "PermissionDenied");
    let role = json!({ "principal": BOB, "role": "activity_monitor" });
    world.post(&format!("endpoint/{id}/role"), role).await.fails(403, "PermissionDenied");

    assert_eq!(world.put(&path, json!({ "subscription_id": "DEFAULT" })).await.ok().code(), "Updated");
    let given = subscription(&world).await;
    assert!(given.is_string());
    world.put(&verified, json!({ "subscription_admin_verified": true })).await.ok();
    assert_eq!(world.get(&format!("endpoint/{id}")).await.ok().body["subscription_admin_verified"], true);
    world.put(&path, json!({ "subscription_id": null })).await.ok();
    let document = world.get(&format!("endpoint/{id}")).await.ok().body;
    assert_eq!(
        (&document["subscription_id"], &document["subscription_admin_verified"]),
        (&Value::Null, &json!(false))
    );
    world.put(&path, json!({ "subscription_id": given })).await.ok();
    assert_eq!(subscription(&world).await, given);
    for (bad, status, code) in [
        (json!({}), 400, "BadRequest"),
        (json!({ "subscription_id": "x" }), 400, "BadRequest"),
        (json!({ "subscription_id": Uuid::nil() }), 403, "PermissionDenied"),
    ] {
        world.put(&path, bad).await.fails(status, code);
    }
    world.put(&verified, json!({})).await.fails(400, "BadRequest");
    world.is(BOB).await;
    world.put(&path, json!({ "subscription_id": null })).await.fails(403, "PermissionDenied");
}

#[tokio::test]
async fn legacy_endpoints_have_servers_of_their_own() {
    let world = World::new().await;
    let servers = json!([{ "DATA_TYPE": "server", "hostname": "one.example.org", "port": 2811 }]);
    let (id, created) = world.create(json!({ "display_name": "cluster", "DATA": servers })).await;
    assert!(created.body.get("globus_connect_setup_key").is_none());
    let path = format!("endpoint/{id}/server");
    let list = async || world.get(&format!("endpoint/{id}/server_list")).await.ok().body["DATA"].clone();
    assert_eq!(list().await[0]["hostname"], "one.example.org");
    let added = world.post(&path, json!({ "DATA_TYPE": "server", "hostname": "two.example.org" })).await.ok();
    assert_eq!((added.code(), &added.body["DATA_TYPE"]), ("Created", &json!("endpoint_server_add_result")));
    let two = added.body["id"].as_u64().unwrap();
    let updated = world.put(&format!("{path}/{two}"), json!({ "port": 443, "hostname": null })).await.ok();
    assert_eq!(updated.message(), "Server updated successfully");
    let shown = world.get(&format!("{path}/{two}")).await.ok().body;
    assert_eq!((&shown["port"], &shown["hostname"]), (&json!(443), &Value::Null));
    assert_eq!(world.remove(&format!("{path}/{two}")).await.ok().code(), "Deleted");
    assert_eq!(list().await.as_array().unwrap().len(), 1);
    world.remove(&format!("{path}/{two}")).await.fails(404, "ClientError.NotFound.ServerNotFound");
    for bad in [json!({ "port": "x" }), json!({ "hostname": 1 }), json!({ "DATA_TYPE": "role" })] {
        world.post(&path, bad).await.fails(400, "BadRequest");
    }
    let ls = world.get(&format!("operation/endpoint/{id}/ls")).await;
    ls.fails(400, "ClientError.ActivationRequired");
}
