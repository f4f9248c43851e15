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
