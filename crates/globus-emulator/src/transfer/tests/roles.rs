//! Roles: what they are, and what they allow.

use super::*;
use crate::CollectionSetup;

const CAROL: &str = "ca401000-0000-4000-8000-000000000000";

/// Ada's laptop with her guest collection `shared`, and a third client.
async fn lab() -> World {
    World::build(|builder, root| {
        fs::create_dir_all(root.join("laptop/data")).unwrap();
        builder
            .client(CAROL, "secret")
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(CollectionSetup::guest("shared", "laptop", "/data/").owner(ADA))
    })
    .await
}

impl World {
    async fn give(&self, collection: &str, principal: &str, role: &str) -> Answer {
        let document = json!({
            "DATA_TYPE": "role", "principal_type": "identity", "principal": principal, "role": role,
        });
        self.post(&format!("endpoint/{}/role", self.id(collection)), document).await
    }

    async fn roles_on(&self, collection: &str) -> Value {
        self.get(&format!("endpoint/{}", self.id(collection))).await.ok().body["my_effective_roles"].clone()
    }
}

/// Check 27.
#[tokio::test]
async fn roles_come_and_go() {
    let world = lab().await;
    let made = world.give("shared", BOB, "activity_monitor").await.ok();
    assert_eq!((made.status, &made.body["DATA_TYPE"]), (StatusCode::CREATED, &json!("role")));
    assert_eq!((&made.body["principal"], &made.body["role"]), (&json!(BOB), &json!("activity_monitor")));
    let path = format!("endpoint/{}/role/{}", world.id("shared"), made.body["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.ok().body, made.body);
    world.give("shared", BOB, "activity_monitor").await.fails(409, "ClientError.Conflict");
    world.give("shared", BOB, "access_manager").await.ok();
    let list = world.get(&format!("endpoint/{}/role_list", world.id("shared"))).await.ok().body;
    assert_eq!((&list["DATA_TYPE"], list["DATA"].as_array().unwrap().len()), (&json!("role_list"), 2));
    assert_eq!(world.remove(&path).await.ok().code(), "Deleted");
    world.get(&path).await.fails(404, "RoleNotFound");
    world.remove(&path).await.fails(404, "RoleNotFound");
    for (bad, names) in [
        (json!({ "principal": BOB, "role": "owner" }), "role"),
        (json!({ "principal": BOB, "role": "restricted_administrator" }), "role"),
        (json!({ "principal": BOB }), "role"),
        (json!({ "principal": "bob", "role": "administrator" }), "principal"),
        (
            json!({ "principal": "", "principal_type": "anonymous", "role": "administrator" }),
            "principal_type",
        ),
    ] {
        let answer = world.post(&format!("endpoint/{}/role", world.id("shared")), bad).await;
        let message = answer.fails(400, "BadRequest");
        assert!(message.contains(names), "{message}");
    }
}

#[tokio::test]
async fn a_role_includes_others() {
    let mut world = lab().await;
    for (role, effective) in [
        ("activity_monitor", json!(["activity_monitor"])),
        ("activity_manager", json!(["activity_manager", "activity_monitor"])),
        ("access_manager", json!(["access_manager"])),
        ("administrator", json!(["administrator", "access_manager", "activity_manager", "activity_monitor"])),
    ] {
        let given = world.give("shared", BOB, role).await.ok().body["id"].as_str().unwrap().to_owned();
        world.is(BOB).await;
        assert_eq!(world.roles_on("shared").await, effective);
        assert_eq!(world.roles_on("laptop").await, json!([]));
        // A role of one's own may be given up.
        world.remove(&format!("endpoint/{}/role/{given}", world.id("shared"))).await.ok();
        assert_eq!(world.roles_on("shared").await, json!([]));
        world.is(ADA).await;
    }
}

#[tokio::test]
async fn an_access_manager_manages_permissions_and_uses_the_data() {
    let mut world = lab().await;
    world.give("shared", BOB, "access_manager").await.ok();
    world.give("shared", CAROL, "activity_manager").await.ok();
    world.is(BOB).await;
    let rule = json!({
        "principal_type": "identity", "principal": CAROL, "path": "/", "permissions": "r",
    });
    let rules = format!("endpoint/{}/access", world.id("shared"));
    world.post(&rules, rule).await.ok();
    let list = world.get(&format!("endpoint/{}/access_list", world.id("shared"))).await.ok().body;
    let bob = list["DATA"].as_array().unwrap().iter().find(|rule| rule["principal"] == BOB).unwrap();
    assert_eq!((&bob["id"], &bob["role_type"]), (&Value::Null, &json!("access_manager")));
    assert!(bob["role_id"].is_string());
    let mkdir = format!("operation/endpoint/{}/mkdir", world.id("shared"));
    world.post(&mkdir, json!({ "path": "/by-bob" })).await.ok();
    world.give("shared", BOB, "administrator").await.fails(403, "PermissionDenied");
    world
        .put(&format!("endpoint/{}", world.id("shared")), json!({ "description": "x" }))
        .await
        .fails(403, "PermissionDenied");
    let list = world.get(&format!("endpoint/{}/role_list", world.id("shared"))).await.ok().body;
    assert_eq!(list["DATA"].as_array().unwrap().len(), 1, "others' roles are not Bob's to see");
    world.is(CAROL).await;
    world.post(&mkdir, json!({ "path": "/by-carol" })).await.fails(403, "PermissionDenied");
}

#[tokio::test]
async fn who_administers_the_host_has_restricted_power_over_guests() {
    let mut world = lab().await;
    world.give("laptop", BOB, "administrator").await.ok();
    let rule = json!({ "principal_type": "identity", "principal": CAROL, "path": "/", "permissions": "r" });
    let rules = format!("endpoint/{}/access", world.id("shared"));
    let carols = world.post(&rules, rule.clone()).await.ok().body["access_id"].as_str().unwrap().to_owned();
    world.is(BOB).await;
    let expected = json!(["restricted_administrator", "activity_manager", "activity_monitor"]);
    assert_eq!(world.roles_on("shared").await, expected);
    world.get(&format!("operation/endpoint/{}/ls", world.id("shared"))).await.fails(403, "PermissionDenied");
    world.post(&rules, rule).await.fails(403, "PermissionDenied");
    world.give("shared", BOB, "administrator").await.fails(403, "PermissionDenied");
    world.get(&format!("endpoint/{}/access_list", world.id("shared"))).await.ok();
    world.remove(&format!("{rules}/{carols}")).await.ok();
    let path = format!("endpoint/{}", world.id("shared"));
    world.put(&path, json!({ "description": "x" })).await.ok();
    world.remove(&path).await.ok();
}
