//! Bookmarks, in both forms.

use super::*;

impl World {
    async fn bookmark(&self, more: Value) -> Answer {
        let mut document = json!({
            "DATA_TYPE": "bookmark", "name": "genomics", "endpoint_id": self.id("here"), "path": "/~/",
        });
        merge(&mut document, more);
        self.post("bookmark", document).await
    }
}

/// Check 28.
#[tokio::test]
async fn bookmarks_come_change_and_go() {
    let mut world = World::new().await;
    let made = world.bookmark(json!({})).await.ok();
    assert_eq!(made.status, StatusCode::CREATED);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let expected = json!({
        "DATA_TYPE": "bookmark", "id": id, "name": "genomics", "endpoint_id": world.id("here"),
        "path": "/~/", "pinned": false,
    });
    assert_eq!(made.body, expected);
    let path = format!("bookmark/{id}");
    assert_eq!(world.get(&path).await.ok().body, expected);
    let renamed = world.put(&path, json!({ "name": "rna", "pinned": true })).await.ok().body;
    assert_eq!(
        (&renamed["name"], &renamed["pinned"], &renamed["path"]),
        (&json!("rna"), &json!(true), &json!("/~/"))
    );
    let list = world.get("bookmark_list").await.ok().body;
    assert_eq!((&list["DATA_TYPE"], &list["DATA"]), (&json!("bookmark_list"), &json!([renamed])));
    world.is(BOB).await;
    assert_eq!(world.get("bookmark_list").await.ok().body["DATA"], json!([]));
    world.get(&path).await.fails(404, "BookmarkNotFound");
    world.remove(&path).await.fails(404, "BookmarkNotFound");
    world.is(ADA).await;
    let deleted = world.remove(&path).await.ok();
    assert_eq!(deleted.message(), format!("Bookmark '{id}' deleted successfully"));
    for answer in
        [world.get(&path).await, world.remove(&path).await, world.put(&path, json!({ "name": "x" })).await]
    {
        answer.fails(404, "BookmarkNotFound");
    }
}

#[tokio::test]
async fn bookmarks_are_checked() {
    let world = World::new().await;
    let first = world.bookmark(json!({})).await.ok().body["id"].as_str().unwrap().to_owned();
    world.bookmark(json!({})).await.fails(409, "Conflict");
    world.bookmark(json!({ "name": "Genomics", "path": "/no/slash" })).await.ok();
    let list = world.get("bookmark_list").await.ok().body;
    assert_eq!(list["DATA"][1]["path"], "/no/slash/");
    world.put(&format!("bookmark/{first}"), json!({ "name": "Genomics" })).await.fails(409, "Conflict");
    world.put(&format!("bookmark/{first}"), json!({ "name": "genomics" })).await.ok();
    for (bad, names) in [
        (json!({ "name": " x" }), "blank"),
        (json!({ "name": "" }), "empty"),
        (json!({ "name": "a\nb" }), "line break"),
        (json!({ "name": "x".repeat(129) }), "128"),
        (json!({ "name": null }), "name"),
        (json!({ "path": "" }), "path"),
        (json!({ "path": null }), "path"),
        (json!({ "endpoint_id": null }), "endpoint_id"),
        (json!({ "DATA_TYPE": "role" }), "DATA_TYPE"),
    ] {
        let message = world.bookmark(bad).await.fails(400, "BadRequest").to_owned();
        assert!(message.contains(names), "{message}");
    }
    world.bookmark(json!({ "name": "x", "endpoint_id": Uuid::nil() })).await.fails(404, "EndpointNotFound");
    world.put(&format!("bookmark/{first}"), json!({ "pinned": true })).await.fails(400, "BadRequest");
    for number in 2..100 {
        world.bookmark(json!({ "name": format!("b{number}") })).await.ok();
    }
    world.bookmark(json!({ "name": "one too many" })).await.fails(409, "LimitExceeded");
    world.remove(&format!("endpoint/{}", world.id("here"))).await.ok();
    assert_eq!(world.get("bookmark_list").await.ok().body["DATA"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn the_same_bookmarks_in_the_new_form() {
    let world = World::new().await;
    let here = world.id("here");
    let document = json!({ "data": {
        "type": "Bookmark",
        "attributes": { "name": "genomics", "path": "/projects" },
        "relationships": { "collection": { "data": { "type": "Collection", "id": here } } },
    }});
    let made = world.v2("POST", "bookmarks", document.clone()).await.ok();
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.body["data"]["attributes"], json!({ "name": "genomics", "path": "/projects/" }));
    assert_eq!(made.body["data"]["relationships"]["collection"]["data"]["id"], here);
    assert!(made.body["meta"]["request_id"].is_string());
    let id = made.body["data"]["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("bookmark/{id}")).await.ok().body["name"], "genomics");

    let list = world.v2("GET", "bookmarks?include=collection", Value::Null).await.ok().body;
    assert_eq!(list["data"], json!([made.body["data"]]));
    assert_eq!(list["included"][0]["attributes"], json!({ "display_name": "here", "high_assurance": false }));
    let one = world.v2("GET", &format!("bookmarks/{id}"), Value::Null).await.ok().body;
    assert_eq!((&one["data"], one.get("included")), (&made.body["data"], None));
    let change = json!({ "data": { "type": "Bookmark", "attributes": { "name": null, "path": "/other/" } } });
    let changed = world.v2("PATCH", &format!("bookmarks/{id}"), change.clone()).await.ok().body;
    assert_eq!(changed["data"]["attributes"], json!({ "name": "genomics", "path": "/other/" }));
    let twice = world.v2("POST", "bookmarks", document.clone()).await;
    assert_eq!((twice.status, &twice.body["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("Conflict")));
    let nameless = json!({ "data": { "type": "Bookmark", "attributes": { "path": "/" } } });
    let unfit = world.v2("POST", "bookmarks", nameless.clone()).await;
    assert_eq!(unfit.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unfit.body["detail"][0]["loc"], json!(["body", "data", "attributes", "name"]));
    assert_eq!(world.v2("GET", "bookmarks?include=owner", Value::Null).await.status, StatusCode::BAD_REQUEST);
    let gone = world.v2("DELETE", &format!("bookmarks/{id}"), Value::Null).await.ok().body;
    assert_eq!(gone.as_object().unwrap().keys().collect::<Vec<_>>(), ["meta"]);
    let answer = world.v2("GET", &format!("bookmarks/{id}"), Value::Null).await;
    assert_eq!(
        (answer.status, &answer.body["errors"][0]["code"]),
        (StatusCode::NOT_FOUND, &json!("BookmarkNotFound"))
    );
}
