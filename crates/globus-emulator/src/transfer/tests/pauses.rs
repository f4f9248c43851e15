//! Pause rules.

use super::*;
use crate::CollectionSetup;

/// Ada's laptop with a guest collection of Bob's, who manages what goes on there.
async fn lab() -> World {
    World::build(|builder, root| {
        fs::create_dir_all(root.join("laptop/data")).unwrap();
        builder
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(
                CollectionSetup::guest("shared", "laptop", "/data/").owner(BOB).permission(ADA, "/", "rw"),
            )
    })
    .await
}

impl World {
    async fn pause(&self, collection: &str, more: Value) -> Answer {
        let mut document = json!({
            "DATA_TYPE": "pause_rule", "endpoint_id": self.id(collection), "message": "maintenance",
        });
        merge(&mut document, more);
        self.post("endpoint_manager/pause_rule", document).await
    }

    async fn pause_rules(&self, query: &str) -> Vec<Value> {
        let list = self.get(&format!("endpoint_manager/pause_rule_list?{query}")).await.ok().body;
        list["DATA"].as_array().unwrap().clone()
    }
}

/// Check 29.
#[tokio::test]
async fn a_rule_pauses_everything_unless_it_says_otherwise() {
    let world = lab().await;
    let made = world.pause("laptop", json!({})).await.ok();
    assert_eq!((made.status, &made.body["DATA_TYPE"]), (StatusCode::CREATED, &json!("pause_rule")));
    for flag in
        ["ls", "mkdir", "symlink", "rename", "task_delete", "task_transfer_write", "task_transfer_read"]
    {
        assert_eq!(made.body[format!("pause_{flag}")], true, "{flag}");
    }
    assert_eq!(
        (&made.body["editable"], &made.body["created_by_host_manager"]),
        (&json!(true), &json!(false))
    );
    assert_eq!((&made.body["start_time"], &made.body["identity_id"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&made.body["modified_by_id"], &made.body["endpoint_display_name"]),
        (&json!(ADA), &json!("laptop"))
    );
    let path = format!("endpoint_manager/pause_rule/{}", made.body["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.ok().body, made.body);
    let update = json!({ "pause_ls": false, "message": "half", "endpoint_id": "ignored" });
    let changed = world.put(&path, update).await.ok().body;
    assert_eq!((&changed["pause_ls"], &changed["pause_mkdir"]), (&json!(false), &json!(true)));
    assert_eq!((&changed["message"], &changed["endpoint_id"]), (&json!("half"), &made.body["endpoint_id"]));
    assert_eq!(world.pause_rules("").await, [changed]);
    assert_eq!(world.remove(&path).await.ok().code(), "Deleted");
    for answer in [world.get(&path).await, world.put(&path, json!({})).await, world.remove(&path).await] {
        answer.fails(404, "PauseRuleNotFound");
    }
    for (bad, names) in [
        (json!({ "message": null }), "message"),
        (json!({ "pause_ls": 1 }), "pause_ls"),
        (json!({ "identity_id": "bob" }), "identity_id"),
        (json!({ "start_time": "soon" }), "start_time"),
        (json!({ "DATA_TYPE": "role" }), "DATA_TYPE"),
    ] {
        let message = world.pause("laptop", bad).await.fails(400, "BadRequest").to_owned();
        assert!(message.contains(names), "{message}");
    }
}

#[tokio::test]
async fn paused_operations_are_refused() {
    let mut world = lab().await;
    let laptop = world.id("laptop");
    let operations = async |world: &World, collection: &str| {
        let id = world.id(collection);
        [
            world.get(&format!("operation/endpoint/{id}/ls?path=/")).await.code().to_owned(),
            world.get(&format!("operation/endpoint/{id}/stat?path=/")).await.body["code"].to_string(),
            world
                .post(&format!("operation/endpoint/{id}/mkdir"), json!({ "path": "/" }))
                .await
                .code()
                .to_owned(),
        ]
    };
    let rule = world.pause("laptop", json!({ "pause_mkdir": false })).await.ok().body;
    let answer = world.get(&format!("operation/endpoint/{laptop}/ls")).await;
    assert!(answer.fails(409, "OperationPaused").contains("maintenance"));
    // The rule of a host holds for what is shared of it.
    for collection in ["laptop", "shared"] {
        let codes = operations(&world, collection).await;
        assert_eq!(codes, ["OperationPaused", "\"OperationPaused\"", "ExternalError.MkdirFailed.Exists"]);
    }
    world.remove(&format!("endpoint_manager/pause_rule/{}", rule["id"].as_str().unwrap())).await.ok();
    world.get(&format!("operation/endpoint/{laptop}/ls")).await.ok();

    // For one person, and from a time on.
    world.is(BOB).await;
    let start =
        super::super::times::task_time(world.state().clock.now() + jiff::SignedDuration::from_hours(1));
    world.pause("shared", json!({ "identity_id": ADA, "start_time": start })).await.ok();
    let ls = format!("operation/endpoint/{}/ls", world.id("shared"));
    world.is(ADA).await;
    world.get(&ls).await.ok();
    world.emulator.advance_clock(Duration::from_secs(3601));
    world.get(&ls).await.fails(409, "OperationPaused");
    world.is(BOB).await;
    world.get(&ls).await.ok();
}

#[tokio::test]
async fn everybody_may_know_what_stops_them() {
    let mut world = lab().await;
    let rule = world.pause("laptop", json!({ "identity_id": BOB })).await.ok().body;
    let mine = async |world: &World| {
        let path = format!("endpoint/{}/my_effective_pause_rule_list", world.id("shared"));
        world.get(&path).await.ok().body["DATA"].clone()
    };
    assert_eq!(mine(&world).await, json!([]));
    world.is(BOB).await;
    let rules = mine(&world).await;
    assert_eq!((&rules[0]["id"], &rules[0]["DATA_TYPE"]), (&rule["id"], &json!("pause_rule_limited")));
    for hidden in ["modified_by", "modified_by_id", "created_by_host_manager", "editable"] {
        assert_eq!(rules[0].get(hidden), None);
    }
}

#[tokio::test]
async fn the_manager_of_the_host_has_the_last_word() {
    let mut world = World::build(|builder, root| {
        fs::create_dir_all(root.join("laptop/data")).unwrap();
        let laptop = CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA);
        builder
            .collection_with(laptop)
            .collection_with(CollectionSetup::guest("shared", "laptop", "/data/").owner(BOB))
    })
    .await;
    // Ada owns the host only, and manages what goes on in Bob's collection through it.
    let rule = world.pause("shared", json!({})).await.ok().body;
    assert_eq!((&rule["created_by_host_manager"], &rule["editable"]), (&json!(true), &json!(true)));
    let path = format!("endpoint_manager/pause_rule/{}", rule["id"].as_str().unwrap());
    assert_eq!(world.pause_rules(&format!("filter_host_endpoint={}", world.id("laptop"))).await.len(), 1);
    assert_eq!(world.pause_rules(&format!("filter_endpoint={}", world.id("laptop"))).await.len(), 0);
    world.is(BOB).await;
    assert_eq!(world.get(&path).await.ok().body["editable"], false);
    world.put(&path, json!({ "message": "x" })).await.fails(403, "PermissionDenied");
    world.remove(&path).await.fails(403, "PermissionDenied");
}

/// Check 30.
#[tokio::test]
async fn tasks_say_what_pauses_them() {
    let world = lab().await;
    let task = world
        .submit(json!([item("/gone", "/x")]), json!({ "destination_endpoint": world.id("laptop") }))
        .await;
    let info = async || world.get(&format!("task/{task}/pause_info")).await.ok().body;
    let none = info().await;
    assert_eq!((&none["DATA_TYPE"], &none["pause_rules"]), (&json!("pause_info_limited"), &json!([])));
    let rule = world.pause("laptop", json!({ "pause_task_transfer_read": false })).await.ok().body;
    let paused = info().await;
    assert_eq!(paused["pause_rules"][0]["id"], rule["id"]);
    assert_eq!(paused["pause_rules"][0]["DATA_TYPE"], "pause_rule_limited");
    assert_eq!(paused["pause_rules"][0].get("modified_by_id"), None);
    world
        .put(
            &format!("endpoint_manager/pause_rule/{}", rule["id"].as_str().unwrap()),
            json!({ "pause_task_transfer_write": false }),
        )
        .await
        .ok();
    assert_eq!(info().await["pause_rules"], json!([]));
    world.cancel(&task).await.ok();
}

#[tokio::test]
async fn a_rule_on_a_server_is_for_its_collections() {
    let world = World::build(|builder, root| {
        fs::create_dir_all(root.join("storage/data")).unwrap();
        builder
            .collection_with(
                CollectionSetup::mapped("storage", root.join("storage"))
                    .high_assurance(30)
                    .role(ADA, "administrator"),
            )
            .collection_with(CollectionSetup::guest("shared", "storage", "/data/").owner(ADA))
    })
    .await;
    let storage = world.state().transfer.collection(&world.id("storage")).unwrap();
    let server = storage.server().unwrap();
    let role = crate::transfer::roles::Assignment {
        id: Uuid::new_v4(),
        principal: crate::transfer::permissions::Principal::Identity(ADA.parse().unwrap()),
        role: crate::transfer::roles::Role::ActivityManager,
    };
    server.write().roles.push(role);
    let pause = json!({ "endpoint_id": server.id, "message": "maintenance" });
    world.post("endpoint_manager/pause_rule", pause).await.ok();
    for name in ["storage", "shared"] {
        let ls = world.get(&format!("operation/endpoint/{}/ls?path=/", world.id(name))).await;
        assert!(ls.fails(409, "OperationPaused").contains("maintenance"));
    }
}
