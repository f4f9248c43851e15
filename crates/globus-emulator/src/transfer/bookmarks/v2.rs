//! The same bookmarks in the form of `/v2`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bookmark, read_name, read_path};
use crate::state::State;
use crate::transfer::query::Query;
use crate::transfer::v2::{Caller, Error, Page, Resource};
use crate::transfer::{Collection, access};

pub(in crate::transfer) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/bookmarks", get(list).post(create))
        .route("/bookmarks/{id}", get(show).patch(update).delete(delete))
}

/// The resource; lists hide the paths of high assurance collections.
fn resource(state: &State, bookmark: &Bookmark, in_list: bool) -> Value {
    let collection = state.transfer.collections.get(bookmark.endpoint);
    let hidden = in_list && collection.is_some_and(|collection| collection.high_assurance.is_some());
    json!({
        "type": "Bookmark",
        "id": bookmark.id,
        "attributes": { "name": bookmark.name, "path": (!hidden).then_some(&bookmark.path) },
        "relationships": {
            "collection": { "data": { "type": "Collection", "id": bookmark.endpoint } },
        },
    })
}

/// Adds the collections that go with an answer, if the client asked for them.
fn include(state: &State, document: &mut Value, bookmarks: &[Bookmark], query: &Query) -> Result<(), Error> {
    match query.get("include") {
        None => return Ok(()),
        Some("collection") => {}
        Some(other) => return Err(Error::bad_request(format!("Invalid value '{other}' for 'include'"))),
    }
    let mut ids: Vec<Uuid> = bookmarks.iter().map(|bookmark| bookmark.endpoint).collect();
    ids.sort_unstable();
    ids.dedup();
    let collections = ids.into_iter().filter_map(|id| state.transfer.collections.get(id));
    let resource = |collection: Arc<Collection>| {
        json!({
            "type": "Collection",
            "id": collection.id,
            "attributes": {
                "display_name": collection.name(),
                "high_assurance": collection.high_assurance.is_some(),
            },
        })
    };
    document["included"] = collections.map(resource).collect();
    Ok(())
}

async fn list(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Error> {
    let bookmarks = state.transfer.bookmarks.of(caller.identity.identity_id);
    let data: Vec<Value> = bookmarks.iter().map(|bookmark| resource(&state, bookmark, true)).collect();
    let mut document = Page::cut(&data, &query, (&state, &headers), "v2/bookmarks")?.document();
    include(&state, &mut document, &bookmarks, &query)?;
    Ok(caller.finish(document))
}

async fn show(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Error> {
    let bookmark = state.transfer.bookmarks.get(caller.identity.identity_id, &id)?;
    let mut document = json!({ "data": resource(&state, &bookmark, false) });
    include(&state, &mut document, std::slice::from_ref(&bookmark), &query)?;
    Ok(caller.finish(document))
}

async fn create(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    given: Resource,
) -> Result<Response, Error> {
    given.check_type("Bookmark")?;
    let needed = |name| {
        let missing = || Error::unfit(&["data", "attributes", name], "Field required");
        given.text(name)?.ok_or_else(missing)
    };
    let (name, path) = (read_name(needed("name")?)?, read_path(&needed("path")?)?);
    let endpoint = access::visible(&state, &caller.identity, given.related("collection", "Collection")?)?.id;
    let owner = caller.identity.identity_id;
    let bookmark = Bookmark { id: Uuid::new_v4(), owner, name, endpoint, path, pinned: false };
    state.transfer.bookmarks.put(bookmark.clone())?;
    Ok(caller.reply(StatusCode::CREATED, &resource(&state, &bookmark, false)))
}

async fn update(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
    given: Resource,
) -> Result<Response, Error> {
    let mut bookmark = state.transfer.bookmarks.get(caller.identity.identity_id, &id)?;
    given.check_type("Bookmark")?;
    if let Some(name) = given.text("name")? {
        bookmark.name = read_name(name)?;
    }
    let missing = || Error::unfit(&["data", "attributes", "path"], "Field required");
    bookmark.path = read_path(&given.text("path")?.ok_or_else(missing)?)?;
    state.transfer.bookmarks.put(bookmark.clone())?;
    Ok(caller.reply(StatusCode::OK, &resource(&state, &bookmark, false)))
}

async fn delete(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    state.transfer.bookmarks.remove(caller.identity.identity_id, &id)?;
    Ok(caller.finish(json!({})))
}
