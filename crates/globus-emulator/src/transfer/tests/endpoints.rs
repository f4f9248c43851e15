//! Endpoint documents and the search for them.

use super::*;

#[tokio::test]
async fn the_document_is_complete() {
    let world = World::new().await;
    let id = world.id("here");
    let document = world.get(&format!("endpoint/{id}")).await.ok().body;
    assert_eq!((&document["DATA_TYPE"], &document["id"]), (&json!("endpoint"), &json!(id)));
    assert_eq!(document["entity_type"], "GCP_mapped_collection");
    assert_eq!((&document["display_name"], &document["public"]), (&json!("here"), &json!(true)));
    assert_eq!(document["owner_string"], format!("{ADA}@clients.auth.globus.org"));
    assert_eq!(document["gcp_connected"], true);
    assert_eq!(document["my_effective_roles"][0], "administrator");
    assert_eq!(document["DATA"][0]["DATA_TYPE"], "server");
    assert!(document["DATA"][0]["id"].is_u64());
    for name in ["host_endpoint_id", "gcs_manager_url", "https_server", "storage_type"] {
        assert_eq!(document.get(name), Some(&Value::Null), "{name}");
    }
    assert!(document["canonical_name"].as_str().unwrap().ends_with(&format!("#{id}")));
    let upper = world.get(&format!("endpoint/{}", id.to_uppercase())).await.ok().body;
    assert_eq!(upper["id"], id);
}

#[tokio::test]
async fn fields_cut_documents() {
    let world = World::new().await;
    let path = format!("endpoint/{}?fields=display_name,id", world.id("here"));
    let document = world.get(&path).await.ok().body;
    assert_eq!(document.as_object().unwrap().keys().collect::<Vec<_>>(), ["DATA_TYPE", "display_name", "id"]);
    let found = world.get("endpoint_search?filter_fulltext=here&fields=id").await.ok().body;
    assert_eq!(found["DATA"], json!([{ "DATA_TYPE": "endpoint", "id": world.id("here") }]));
}

#[tokio::test]
async fn unknown_endpoints() {
    let world = World::new().await;
    for id in ["00000000-0000-4000-8000-000000000000", "nonsense"] {
        let answer = world.get(&format!("endpoint/{id}")).await;
        assert_eq!(answer.fails(404, "EndpointNotFound"), format!("No such endpoint '{id}'"));
        assert_eq!(answer.body["resource"], format!("/endpoint/{id}"));
    }
}

async fn tutorials() -> (World, Emulator) {
    let world = World::new().await;
    let mut builder = Emulator::builder().client(ADA, "secret");
    for name in ["Tutorial Collection 1", "tutorial collection 2", "My Lab-Data", "Old tutorials of the lab"]
    {
        builder = builder.collection(name, world.path("here"));
    }
    let emulator = builder.start().await.unwrap();
    (world, emulator)
}

/// Searches in an emulator with more collections.
async fn search(world: &mut World, emulator: &Emulator, query: &str) -> Answer {
    world.app = server::router(emulator.state().clone());
    world.token = world.token_of(ADA, super::super::SCOPE).await;
    world.get(&format!("endpoint_search?{query}")).await
}

fn display_names(answer: &Answer) -> Vec<&str> {
    let data = answer.body["DATA"].as_array().unwrap();
    data.iter().map(|endpoint| endpoint["display_name"].as_str().unwrap()).collect()
}

/// Check 35.
#[tokio::test]
async fn fulltext_finds_beginnings_of_words() {
    let (mut world, emulator) = tutorials().await;
    let found = search(&mut world, &emulator, "filter_fulltext=tutorial").await.ok();
    assert_eq!(found.body["DATA_TYPE"], "endpoint_list");
    assert_eq!(
        display_names(&found),
        ["Old tutorials of the lab", "Tutorial Collection 1", "tutorial collection 2"]
    );
    assert!(found.body["DATA"][0]["_rank"].is_f64());
    for (text, count) in [
        ("lab+data", 1),
        ("data", 1),
        ("ata", 0),
        ("tutorial+lab", 1),
        ("TUT,COLL", 2),
        ("ada00000", 4),
        ("zzz", 0),
    ] {
        let found = search(&mut world, &emulator, &format!("filter_fulltext={text}")).await.ok();
        assert_eq!(display_names(&found).len(), count, "{text}");
    }
}

#[tokio::test]
async fn pages_of_a_search() {
    let (mut world, emulator) = tutorials().await;
    let page = search(&mut world, &emulator, "filter_fulltext=tutorial&limit=2").await.ok().body;
    assert_eq!(
        (&page["limit"], &page["offset"], &page["has_next_page"]),
        (&json!(2), &json!(0), &json!(true))
    );
    let rest = search(&mut world, &emulator, "filter_fulltext=tutorial&limit=2&offset=2").await.ok();
    assert_eq!(rest.body["has_next_page"], false);
    assert_eq!(display_names(&rest), ["tutorial collection 2"]);
    let capped = search(&mut world, &emulator, "filter_fulltext=tutorial&limit=5000").await.ok().body;
    assert_eq!(capped["limit"], 100);
    search(&mut world, &emulator, "filter_fulltext=a&offset=1000").await.fails(400, "BadRequest");
}

#[tokio::test]
async fn scopes_of_a_search() {
    let (mut world, emulator) = tutorials().await;
    for (scope, count) in [
        ("my-endpoints", 4),
        ("my-gcp-endpoints", 4),
        ("administered-by-me", 4),
        ("hide-no-permissions", 4),
        ("recently-used", 0),
        ("in-use", 0),
        ("shared-by-me", 0),
        ("shared-with-me", 0),
    ] {
        let found = search(&mut world, &emulator, &format!("filter_scope={scope}")).await.ok();
        assert_eq!(display_names(&found).len(), count, "{scope}");
    }
    for bad in [
        "",
        "filter_scope=all",
        "filter_scope=mine",
        "filter_fulltext=a&filter_owner_id=me",
        "filter_fulltext=a&filter_non_functional=0&filter_entity_type=GCP_mapped_collection",
        "filter_scope=my-endpoints&filter_owner_id=00000000-0000-4000-8000-000000000000",
        "filter_fulltext=a&filter_host_endpoint=x",
    ] {
        search(&mut world, &emulator, bad).await.fails(400, "BadRequest");
    }
    for (filter, count) in [
        ("filter_non_functional=0", 3),
        ("filter_non_functional=1", 0),
        ("filter_entity_type=GCP_mapped_collection", 3),
        ("filter_entity_type=GCSv5_endpoint", 0),
        ("filter_owner_id=00000000-0000-4000-8000-000000000000", 0),
    ] {
        let found = search(&mut world, &emulator, &format!("filter_fulltext=tutorial&{filter}")).await.ok();
        assert_eq!(display_names(&found).len(), count, "{filter}");
    }
}

#[tokio::test]
async fn use_is_remembered() {
    let world = World::new().await;
    let in_use =
        async || world.get(&format!("endpoint/{}", world.id("there"))).await.ok().body["in_use"].clone();
    let task = world.submit(json!([item("/nope", "/x")]), json!({})).await;
    assert_eq!(in_use().await, true);
    assert_eq!(world.get("endpoint_search?filter_scope=in-use").await.ok().names_of_endpoints(), 2);
    world.cancel(&task).await.ok();
    assert_eq!(in_use().await, false);
    assert_eq!(world.get("endpoint_search?filter_scope=in-use").await.ok().names_of_endpoints(), 0);
    assert_eq!(world.get("endpoint_search?filter_scope=recently-used").await.ok().names_of_endpoints(), 2);
}

impl Answer {
    fn names_of_endpoints(&self) -> usize {
        display_names(self).len()
    }
}
