//! Activation, for old programs.

use super::*;

#[tokio::test]
async fn collections_are_active_until_they_are_deactivated() {
    let world = World::new().await;
    let id = world.id("here");
    let requirements = async || world.get(&format!("endpoint/{id}/activation_requirements")).await.ok().body;
    let post = async |what: &str| world.post_nothing(&format!("endpoint/{id}/{what}")).await.ok();
    let fresh = requirements().await;
    assert_eq!(fresh["DATA_TYPE"], "activation_requirements");
    assert_eq!((&fresh["activated"], &fresh["expires_in"]), (&json!(true), &json!(-1)));
    let already = post("autoactivate?if_expires_in=3600").await;
    assert_eq!((already.code(), &already.body["activated"]), ("AlreadyActivated", &json!(true)));

    assert_eq!(post("deactivate").await.code(), "Deactivated");
    let inactive = requirements().await;
    assert_eq!((&inactive["activated"], &inactive["expires_in"]), (&json!(false), &json!(0)));
    assert_eq!(post("autoactivate").await.code(), "AutoActivated.CachedCredential");
    post("deactivate").await;
    let filled = world.post(&format!("endpoint/{id}/activate"), fresh).await.ok();
    assert_eq!(filled.code(), "Activated.MyProxyCredential");
    assert_eq!(requirements().await["activated"], true);

    world.get(&format!("endpoint/{ADA}/activation_requirements")).await.fails(404, "EndpointNotFound");
    world.post_nothing(&format!("endpoint/{id}/autoactivate?timeout=x")).await.fails(400, "BadRequest");
}

#[tokio::test]
async fn legacy_endpoints_cannot_be_activated() {
    let world = World::new().await;
    let made = world.post("endpoint", json!({ "display_name": "cluster" })).await.ok();
    let id = made.body["id"].as_str().unwrap();
    let requirements = world.get(&format!("endpoint/{id}/activation_requirements")).await.ok().body;
    for (member, value) in
        [("activated", json!(false)), ("expires_in", json!(0)), ("auto_activation_supported", json!(false))]
    {
        assert_eq!(requirements[member], value, "{member}");
    }
    let failed = world.post_nothing(&format!("endpoint/{id}/autoactivate")).await;
    assert_eq!((failed.status, failed.code()), (StatusCode::OK, "AutoActivationFailed"));
    assert_eq!(failed.body["activated"], false);
    world.post(&format!("endpoint/{id}/activate"), requirements).await.fails(400, "BadRequest");
}

#[tokio::test]
async fn what_is_private_is_not_activated() {
    let mut world = World::build(|builder, root| {
        fs::create_dir(root.join("laptop")).unwrap();
        let laptop = crate::CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA).private();
        builder.collection_with(laptop)
    })
    .await;
    world.is(BOB).await;
    let id = world.id("laptop");
    world.get(&format!("endpoint/{id}/activation_requirements")).await.fails(403, "PermissionDenied");
    for what in ["autoactivate", "activate", "deactivate"] {
        world.post_nothing(&format!("endpoint/{id}/{what}")).await.fails(403, "PermissionDenied");
    }
}
