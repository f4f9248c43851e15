//! Groups: permissions and roles that are for all who are in one.

use super::*;
use crate::{CollectionSetup, GroupSetup};

const CAROL: &str = "ca401000-0000-4000-8000-000000000000";
const LAB: &str = "60000000-0000-4000-8000-000000000000";

/// Ada's collection `shared`, and a group with Bob in it and without Carol.
async fn lab() -> World {
    World::build(|builder, root| {
        fs::create_dir_all(root.join("laptop/data/public")).unwrap();
        builder
            .client(CAROL, "secret")
            .group(GroupSetup::new("Lab").id(Uuid::parse_str(LAB).unwrap()).member(BOB))
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(CollectionSetup::guest("shared", "laptop", "/data/").owner(ADA))
    })
    .await
}

impl World {
    async fn lists(&self, path: &str) -> Answer {
        self.get(&format!("operation/endpoint/{}/ls?path={path}", self.id("shared"))).await
    }

    /// Makes Bob, Carol or nobody a member, as a test does it over HTTP.
    fn regroup(&self, members: &[&str]) {
        let seed = json!({ "groups": [{ "id": LAB, "name": "Lab", "members": members }] });
        assert_eq!(self.emulator.seed(&seed).unwrap()["groups"], json!([LAB]));
    }
}

#[tokio::test]
async fn a_permission_for_a_group_lets_its_members_in() {
    let mut world = lab().await;
    let path = format!("endpoint/{}/access", world.id("shared"));
    let rule = json!({ "principal_type": "group", "principal": LAB, "path": "/public/", "permissions": "r" });
    let rule = world.post(&path, rule).await.ok().body["access_id"].as_str().unwrap().to_owned();
    world.is(CAROL).await;
    assert!(world.lists("/public/").await.fails(403, "PermissionDenied").contains("No effective ACL rules"));
    world.is(BOB).await;
    world.lists("/public/").await.ok();
    world.lists("/").await.fails(403, "PermissionDenied");
    let mkdir = format!("operation/endpoint/{}/mkdir", world.id("shared"));
    let new = json!({ "DATA_TYPE": "mkdir", "path": "/public/new" });
    world.post(&mkdir, new.clone()).await.fails(403, "PermissionDenied");
    let found = world.get("endpoint_search?filter_scope=shared-with-me").await.ok().body;
    assert_eq!(found["DATA"][0]["id"], world.id("shared"));

    // What the group may do changes for all of its members, and so does who is in it.
    world.is(ADA).await;
    world.put(&format!("{path}/{rule}"), json!({ "permissions": "rw" })).await.ok();
    world.is(BOB).await;
    world.post(&mkdir, new).await.ok();
    world.regroup(&[CAROL]);
    world.lists("/public/").await.fails(403, "PermissionDenied");
    world.is(CAROL).await;
    world.lists("/public/").await.ok();
}

/// An identity that happens to have the id of a group is another principal.
#[tokio::test]
async fn a_group_is_no_identity() {
    let mut world = lab().await;
    let path = format!("endpoint/{}/access", world.id("shared"));
    for (kind, id) in [("identity", LAB), ("group", BOB)] {
        let rule = json!({ "principal_type": kind, "principal": id, "path": "/", "permissions": "r" });
        world.post(&path, rule).await.ok();
    }
    world.is(BOB).await;
    world.lists("/").await.fails(403, "PermissionDenied");
}

#[tokio::test]
async fn a_role_for_a_group_is_its_members_role() {
    let mut world = lab().await;
    let endpoint = format!("endpoint/{}", world.id("shared"));
    let role = json!({ "principal_type": "group", "principal": LAB, "role": "access_manager" });
    let role = world.post(&format!("{endpoint}/role"), role).await.ok().body;
    assert_eq!((&role["principal_type"], &role["principal"]), (&json!("group"), &json!(LAB)));
    world.is(BOB).await;
    assert_eq!(world.get(&endpoint).await.ok().body["my_effective_roles"], json!(["access_manager"]));
    // Members see the role of their group, and manage what it says.
    assert_eq!(world.get(&format!("{endpoint}/role_list")).await.ok().body["DATA"], json!([role]));
    world.allow("shared", ("identity", CAROL), "/public/", "r").await.ok();
    let list = world.get(&format!("{endpoint}/access_list")).await.ok().body;
    let implicit = list["DATA"].as_array().unwrap().iter().find(|one| one["role_id"] == role["id"]).unwrap();
    assert_eq!((&implicit["principal_type"], &implicit["principal"]), (&json!("group"), &json!(LAB)));
    world.is(CAROL).await;
    assert_eq!(world.get(&endpoint).await.ok().body["my_effective_roles"], json!([]));
    world.get(&format!("{endpoint}/access_list")).await.fails(403, "PermissionDenied");
}

/// Memberships are looked at anew while a task runs.
#[tokio::test]
async fn who_leaves_a_group_loses_what_it_gave_to_tasks() {
    let mut world = lab().await;
    world.allow("shared", ("group", LAB), "/", "rw").await.ok();
    fs::write(world.temp.path().join("here/a"), "a").unwrap();
    world.is(BOB).await;
    world.state().transfer.faults().add(&[crate::PathFault::new("/a", "CONNECTION_RESET")]);
    let to_shared = json!({ "destination_endpoint": world.id("shared") });
    let task = world.submit(json!([item("/a", "/public/a")]), to_shared).await;
    world.until(&task, "in trouble", |task| task["nice_status"] == "CONNECTION_RESET").await;
    world.regroup(&[]);
    world.state().transfer.faults().clear();
    world.until(&task, "denied", |task| task["nice_status"] == "PERMISSION_DENIED").await;
    world.regroup(&[BOB]);
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
}

/// Setups name groups by name or id.
#[tokio::test]
async fn groups_are_named_where_collections_are_set_up() {
    let mut world = World::build(|builder, root| {
        fs::create_dir(root.join("laptop")).unwrap();
        builder
            .group(GroupSetup::new("Lab").admin(BOB))
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(
                CollectionSetup::guest("shared", "laptop", "/")
                    .owner(ADA)
                    .permission("Lab", "/", "r")
                    .role("Lab", "activity_monitor"),
            )
    })
    .await;
    world.is(BOB).await;
    world.lists("/").await.ok();
    let endpoint = world.get(&format!("endpoint/{}", world.id("shared"))).await.ok().body;
    assert_eq!(endpoint["my_effective_roles"], json!(["activity_monitor"]));
    // In one document with the group that is named.
    let seed = json!({
        "groups": [{ "name": "New", "members": [BOB] }],
        "collections": [{
            "name": "more", "kind": "guest", "host": "laptop", "path": "/", "owner": ADA,
            "permissions": [{ "principal": "New", "path": "/", "permissions": "r" }],
        }],
    });
    let sown = world.emulator.seed(&seed).unwrap();
    let path = format!("operation/endpoint/{}/ls", sown["collections"][0].as_str().unwrap());
    world.get(&path).await.ok();
    let wrong = json!({ "groups": [{ "name": "New", "members": ["nobody"] }] });
    let error = world.emulator.seed(&wrong).unwrap_err().to_string();
    assert!(error.starts_with("groups: \"New\": \"nobody\" is neither"), "{error}");
}
