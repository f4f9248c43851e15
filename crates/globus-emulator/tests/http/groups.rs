//! Groups as programs read them.

use globus_emulator::GroupSetup;
use serde_json::json;
use uuid::Uuid;

use crate::client::{CLIENT, Server, TRANSFER, bearer};

const ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
const VIEW_MINE: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
const BEAMLINE: &str = "60000000-0000-4000-8000-000000000001";

/// A group that the client is in with Ada, one that it manages, and one of others.
async fn server() -> Server {
    let beamline = GroupSetup::new("Beamline 7").id(Uuid::parse_str(BEAMLINE).unwrap()).description("users");
    Server::with(|builder| {
        builder
            .account("ada@uni.example.edu")
            .group(beamline.admin("ada@uni.example.edu").member(CLIENT))
            .group(GroupSetup::new("Managed").manager(CLIENT).member("ada@uni.example.edu"))
            .group(GroupSetup::new("Others").member("ada@uni.example.edu"))
    })
    .await
}

#[tokio::test]
async fn somebody_sees_the_groups_that_they_are_in() {
    let server = server().await;
    let token = bearer(&server.own_token(VIEW_MINE).await);
    let mine = server.get_with("/groups/v2/groups/my_groups", &token).await.expect(200);
    let mut names: Vec<_> =
        mine.as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Beamline 7", "Managed"]);
    let beamline = mine.as_array().unwrap().iter().find(|group| group["id"] == BEAMLINE).unwrap();
    assert_eq!((&beamline["description"], &beamline["group_type"]), (&json!("users"), &json!("regular")));
    let own = json!([{
        "group_id": BEAMLINE, "identity_id": CLIENT, "username": format!("{CLIENT}@clients.auth.globus.org"),
        "role": "member", "status": "active", "membership_fields": {},
    }]);
    assert_eq!(beamline["my_memberships"], own);
    let none = server.get_with("/groups/v2/groups/my_groups?statuses=invited,left", &token).await.expect(200);
    assert_eq!(none, json!([]));
    let all =
        server.get_with("/groups/v2/groups/my_groups?statuses=invited,active", &token).await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), 2);
    let wrong = server.get_with("/groups/v2/groups/my_groups?statuses=great", &token).await.expect(400);
    assert_eq!(wrong["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn one_group_shows_what_is_asked_for() {
    let server = server().await;
    let token = bearer(&server.own_token(ALL).await);
    let path = format!("/groups/v2/groups/{BEAMLINE}");
    let plain = server.get_with(&path, &token).await.expect(200);
    assert_eq!(
        (&plain["name"], &plain["memberships"], &plain["policies"]),
        (&json!("Beamline 7"), &json!(null), &json!(null))
    );
    let whole = format!("{path}?include=memberships,my_memberships,policies,allowed_actions,child_ids");
    let whole = server.get_with(&whole, &token).await.expect(200);
    // A member sees itself.
    assert_eq!((&whole["memberships"], &whole["child_ids"]), (&whole["my_memberships"], &json!([])));
    assert_eq!(whole["policies"], server.get_with(&format!("{path}/policies"), &token).await.expect(200));
    let mine = server.get_with("/groups/v2/groups/my_groups", &token).await.expect(200);
    let managed = mine.as_array().unwrap().iter().find(|group| group["name"] == "Managed").unwrap();
    let managed = format!("/groups/v2/groups/{}?include=memberships", managed["id"].as_str().unwrap());
    let managed = server.get_with(&managed, &token).await.expect(200);
    let members: Vec<_> = managed["memberships"].as_array().unwrap().iter().map(|one| &one["role"]).collect();
    assert_eq!(members, [&json!("manager"), &json!("member")]);
    server.get_with(&format!("{path}?include=friends"), &token).await.expect(400);
}

#[tokio::test]
async fn what_is_nobody_elses_business_stays_so() {
    let server = server().await;
    let path = format!("/groups/v2/groups/{BEAMLINE}");
    assert_eq!(server.get(&path).await.expect(401)["code"], "UNAUTHORIZED");
    let other = bearer(&server.own_token(TRANSFER).await);
    server.get_with(&path, &other).await.expect(401);
    let narrow = bearer(&server.own_token(VIEW_MINE).await);
    assert_eq!(server.get_with(&path, &narrow).await.expect(403)["code"], "FORBIDDEN");
    let token = bearer(&server.own_token(ALL).await);
    let state = server.get("/_emulator/state").await.expect(200);
    let groups = state["auth"]["groups"].as_array().unwrap();
    let others = groups.iter().find(|group| group["name"] == "Others").unwrap();
    let others = format!("/groups/v2/groups/{}", others["id"].as_str().unwrap());
    assert_eq!(server.get_with(&others, &token).await.expect(403)["code"], "FORBIDDEN");
    for nothing in ["/groups/v2/groups/x", "/groups/v2/groups/00000000-0000-4000-8000-000000000000"] {
        assert_eq!(server.get_with(nothing, &token).await.expect(404)["code"], "GROUP_NOT_FOUND");
    }
    assert_eq!(server.get("/groups/").await.expect(404)["code"], "NOT_FOUND");
    assert_eq!(
        server.json("POST", &path, &token, &json!({})).await.expect(405)["code"],
        "METHOD_NOT_ALLOWED"
    );
}

/// Over HTTP groups come with a seed, which replaces the group of the same id, and a reset takes them back.
#[tokio::test]
async fn groups_come_over_http_and_go_with_a_reset() {
    let server = server().await;
    let token = bearer(&server.own_token(VIEW_MINE).await);
    let count = async |token: &str| {
        let mine = server.get_with("/groups/v2/groups/my_groups", token).await.expect(200);
        mine.as_array().unwrap().len()
    };
    let seed =
        json!({"groups": [{"name": "New", "members": [CLIENT]}, {"id": BEAMLINE, "name": "Beamline 7"}]});
    let sown = server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    assert_eq!((sown["groups"].as_array().unwrap().len(), &sown["groups"][1]), (2, &json!(BEAMLINE)));
    assert_eq!(count(&token).await, 2);
    let mine = server.get_with("/groups/v2/groups/my_groups", &token).await.expect(200);
    assert!(mine.as_array().unwrap().iter().all(|group| group["id"] != BEAMLINE), "{mine:#}");
    for bad in [
        json!([{"members": []}]),
        json!([{"name": "x", "members": ["nobody"]}]),
        json!([{"name": "x", "owner": "y"}]),
    ] {
        server.json("POST", "/_emulator/seed", "", &json!({"groups": bad})).await.expect(400);
    }
    server.json("POST", "/_emulator/reset", "", &json!({})).await.expect(200);
    let token = bearer(&server.own_token(VIEW_MINE).await);
    assert_eq!(count(&token).await, 2);
    let mine = server.get_with("/groups/v2/groups/my_groups", &token).await.expect(200);
    assert!(mine.as_array().unwrap().iter().any(|group| group["id"] == BEAMLINE), "{mine:#}");
}
