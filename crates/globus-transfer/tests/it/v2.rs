//! Bookmarks of the newer API.

use globus_core::test_util::shape;
use globus_transfer::v2::{BookmarkUpdate, NewBookmark};
use serde_json::json;

use crate::common::{DESTINATION as BOOKMARK, SOURCE, client, ok, replay, silent};

#[test]
fn requests() {
    let client = silent().v2();
    let path = format!("/v2/bookmarks/{BOOKMARK}");
    let related = json!({"collection": {"data": {"type": "Collection", "id": SOURCE}}});
    let new = json!({"data": {"attributes": {"name": "a", "path": "/x/"}, "relationships": related, "type": "Bookmark"}});
    let update = json!({"data": {"attributes": {"name": "b", "path": "/y/"}, "type": "Bookmark"}});
    let move_only = json!({"data": {"attributes": {"path": "/y/"}, "type": "Bookmark"}});
    for (actual, expected) in [
        (shape(client.list_bookmarks().to_request()), "GET /v2/bookmarks".to_owned()),
        (
            shape(
                client.list_bookmarks().page_limit(3).page_marker("m").include(["collection"]).to_request(),
            ),
            "GET /v2/bookmarks?page[limit]=3&page[marker]=m&include=collection".to_owned(),
        ),
        (
            shape(client.create_bookmark(NewBookmark::new("a", SOURCE, "/x/")).to_request()),
            format!("POST /v2/bookmarks {new}"),
        ),
        (shape(client.get_bookmark(BOOKMARK).to_request()), format!("GET {path}")),
        (
            shape(client.get_bookmark(BOOKMARK).include(["collection"]).to_request()),
            format!("GET {path}?include=collection"),
        ),
        (
            shape(client.update_bookmark(BOOKMARK, BookmarkUpdate::new("/y/").name("b")).to_request()),
            format!("PATCH {path} {update}"),
        ),
        (
            shape(client.update_bookmark(BOOKMARK, BookmarkUpdate::new("/y/")).to_request()),
            format!("PATCH {path} {move_only}"),
        ),
        (shape(client.delete_bookmark(BOOKMARK).to_request()), format!("DELETE {path}")),
    ] {
        assert_eq!(actual, expected);
    }
    let wrong = shape(client.create_bookmark(NewBookmark::new(" a", "here", "/x/")).to_request());
    assert!(wrong.contains("name has blanks around it"), "{wrong}");
}

#[tokio::test]
async fn documents() {
    let bookmark = |name: &str| {
        json!({"type": "Bookmark", "id": BOOKMARK, "attributes": {"name": name, "path": "/x/", "new": 1},
               "relationships": {"collection": {"data": {"type": "Collection", "id": SOURCE}}}})
    };
    let replay = replay([
        ok(&json!({"data": [bookmark("a")], "links": {"next": "https://x/v2/bookmarks?page[marker]=m"}})),
        ok(&json!({"data": [bookmark("b")], "links": null, "meta": {"request_id": "r"}})),
        ok(&json!({"data": bookmark("c")})),
        ok(&json!({"meta": {"request_id": "r"}})),
        ok(&json!({"data": {"type": "Bookmark", "id": BOOKMARK}})),
    ]);
    let client = client(&replay).v2();
    let all = client.list_bookmarks().items().try_collect().await.unwrap();
    assert_eq!(all.iter().map(|one| one.attributes.name.as_deref().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all[0].place().unwrap().to_string(), format!("globus://{SOURCE}/x/"));
    assert_eq!(all[0].attributes.extra().get("new"), Some(&json!(1)));
    assert_eq!(client.get_bookmark(BOOKMARK).send().await.unwrap().attributes.name.as_deref(), Some("c"));
    client.delete_bookmark(BOOKMARK).send().await.unwrap();
    let bare = client.get_bookmark(BOOKMARK).send().await.unwrap();
    assert_eq!((bare.collection_id(), bare.place()), (None, None));
}
