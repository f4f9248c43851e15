//! Who may ask, and what unknown routes say.

use super::*;

async fn get_with(world: &World, authorization: Option<&str>) -> Answer {
    let mut request = Request::builder().uri("/transfer/v0.10/task_list").header(header::HOST, "localhost");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    world.send(request, Body::empty()).await
}

#[tokio::test]
async fn requests_need_a_token_of_this_service() {
    let world = World::new().await;
    get_with(&world, None).await.fails(401, "ClientError.AuthenticationFailed");
    let message = "Token is not active";
    assert_eq!(get_with(&world, Some("Bearer nonsense")).await.fails(401, "AuthenticationFailed"), message);
    let foreign = world.token_of(ADA, "openid").await;
    get_with(&world, Some(&format!("Bearer {foreign}"))).await.fails(401, "AuthenticationFailed");
    let weak = world.token_of(ADA, "urn:globus:auth:scope:transfer.api.globus.org:gcp_install").await;
    get_with(&world, Some(&format!("Bearer {weak}"))).await.fails(403, "PermissionDenied");
    let good = get_with(&world, Some(&format!("bearer {}", world.token))).await.ok();
    assert_eq!(good.headers["x-transfer-api-version"], "0.10");
    assert_eq!(good.headers["content-type"], "application/json");
    assert!(!good.headers.contains_key("x-transfer-api-error"));
}

#[tokio::test]
async fn unknown_routes_and_methods() {
    let world = World::new().await;
    for path in ["nonsense", "task", "operation/endpoint/x/fly", "endpoint/"] {
        world.get(path).await.fails(404, "ClientError.NotFound");
    }
    let outside = world
        .send(
            Request::builder().uri("/transfer/v9/task_list").header(header::HOST, "localhost"),
            Body::empty(),
        )
        .await;
    assert_eq!(outside.status, StatusCode::NOT_FOUND);
    assert_eq!(outside.code(), "ClientError.NotFound");
    world.post("task_list", json!({})).await.fails(405, "ClientError.MethodNotAllowed");
    world.get("transfer").await.fails(405, "ClientError.MethodNotAllowed");
}

#[tokio::test]
async fn bodies_must_be_json() {
    let world = World::new().await;
    for path in ["transfer", "delete"] {
        for body in ["", "{", "not json", "{\"DATA\": [}"] {
            let answer = world.send(world.request("POST", path), body).await;
            assert!(answer.fails(400, "BadRequest").starts_with("Could not parse JSON: "), "{body}");
        }
        let answer = world.send(world.request("POST", path), "[]").await;
        assert!(answer.fails(400, "BadRequest").starts_with("Invalid document: "));
    }
    // The content type does not matter: an old SDK sent none.
    let task = world.submit_delete(&["/nope"], json!({ "ignore_missing": true })).await;
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
}
