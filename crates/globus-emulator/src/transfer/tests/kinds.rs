//! Collections of Globus Connect Server and Personal, high assurance, private, offline.

use super::*;
use crate::CollectionSetup;

/// A storage of a Globus Connect Server with a guest collection, a high assurance one, and a laptop of Ada's.
async fn site() -> World {
    World::build(|builder, root| {
        for name in ["storage/results", "secret", "laptop"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        builder
            .collection_with(
                CollectionSetup::mapped("storage", root.join("storage")).role(ADA, "administrator"),
            )
            .collection_with(CollectionSetup::guest("results", "storage", "/results/").owner(ADA))
            .collection_with(CollectionSetup::mapped("secret", root.join("secret")).high_assurance(30))
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
    })
    .await
}

impl World {
    async fn endpoint(&self, name: &str) -> Value {
        self.get(&format!("endpoint/{}", self.id(name))).await.ok().body
    }

    async fn ls_of(&self, name: &str, path: &str) -> Answer {
        self.get(&format!("operation/endpoint/{}/ls?path={path}", self.id(name))).await
    }
}

#[tokio::test]
async fn documents_say_what_a_collection_is() {
    let world = site().await;
    let (storage, results) = (world.endpoint("storage").await, world.endpoint("results").await);
    assert_eq!(storage["entity_type"], "GCSv5_mapped_collection");
    assert_eq!(results["entity_type"], "GCSv5_guest_collection");
    assert_eq!(results["mapped_collection_id"], storage["id"]);
    assert_eq!(results["host_path"], "/results/");
    assert_eq!(results["owner_id"], ADA);
    assert_eq!((&results["acl_available"], &results["acl_editable"]), (&json!(true), &json!(true)));
    assert_eq!((&storage["acl_available"], &storage["gcp_connected"]), (&json!(false), &Value::Null));
    let server = storage["non_functional_endpoint_id"].as_str().unwrap();
    assert_eq!(storage["owner_id"], server);
    assert_eq!(results["non_functional_endpoint_id"], server);
    let server = world.get(&format!("endpoint/{server}")).await.ok().body;
    assert_eq!((&server["entity_type"], &server["non_functional"]), (&json!("GCSv5_endpoint"), &json!(true)));
    assert!(server["gcs_manager_url"].as_str().unwrap().starts_with("https://"));
    assert_eq!(server["gcs_manager_url"], storage["gcs_manager_url"]);
    let secret = world.endpoint("secret").await;
    assert_eq!(secret["high_assurance"], true);
    assert_eq!(secret["authentication_timeout_mins"], 30);
    assert_eq!(secret["authentication_assurance_timeout"], 30);
    assert_eq!(secret["my_effective_roles"], json!([]));
    let laptop = world.endpoint("laptop").await;
    assert_eq!((&laptop["owner_id"], &laptop["is_globus_connect"]), (&json!(ADA), &json!(true)));
}

#[tokio::test]
async fn servers_have_no_files() {
    let world = site().await;
    let server = world.endpoint("storage").await["non_functional_endpoint_id"].as_str().unwrap().to_owned();
    world.get(&format!("operation/endpoint/{server}/ls")).await.fails(409, "NotSupported");
    let servers = world.get(&format!("endpoint/{server}/server_list")).await.ok().body;
    assert_eq!(servers["DATA_TYPE"], "endpoint_server_list");
    let id = servers["DATA"][0]["id"].as_u64().unwrap();
    let one = world.get(&format!("endpoint/{server}/server/{id}")).await.ok().body;
    assert_eq!(one, servers["DATA"][0]);
    for id in ["1", "x"] {
        let answer = world.get(&format!("endpoint/{server}/server/{id}")).await;
        answer.fails(404, "ClientError.NotFound.ServerNotFound");
    }
    let answer =
        world.post(&format!("endpoint/{}/server", world.id("laptop")), json!({ "hostname": "a" })).await;
    answer.fails(409, "NotSupported");
}

#[tokio::test]
async fn mapped_collections_need_a_consent() {
    let world = site().await;
    world.write("storage/a", "1");
    let storage = world.id("storage");
    let wanted = format!("{}[*https://auth.globus.org/scopes/{storage}/data_access]", super::super::SCOPE);
    let refused = world.ls_of("storage", "/").await;
    assert_eq!(refused.fails(403, "ConsentRequired"), "Missing required data_access consent");
    assert_eq!(refused.body["required_scopes"], json!([wanted]));
    assert_eq!(refused.body["authorization_parameters"]["required_scopes"], json!([wanted]));
    let transfer = world.transfer(json!([item("/a", "/a")]), json!({ "source_endpoint": storage }));
    world.post("transfer", transfer.clone()).await.fails(403, "ConsentRequired");
    // The consent belongs to client and identity: the old token is good from now on.
    world.token_of(ADA, &wanted.replace('*', "%2A")).await;
    assert_eq!(world.ls_of("storage", "/").await.ok().names(), ["a", "results"]);
    assert_eq!(world.post("transfer", transfer).await.ok().code(), "Accepted");
}

#[tokio::test]
async fn other_collections_have_no_such_scope() {
    let world = site().await;
    let answer = |name| {
        let id = world.id(name);
        let scope = format!("{}[https://auth.globus.org/scopes/{id}/data_access]", super::super::SCOPE);
        let credentials = BASE64_STANDARD.encode(format!("{ADA}:secret"));
        let request = Request::builder()
            .method("POST")
            .uri("/auth/v2/oauth2/token")
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, format!("Basic {credentials}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        world.send(request, format!("grant_type=client_credentials&scope={scope}"))
    };
    for name in ["results", "secret", "laptop", "here"] {
        let refused = answer(name).await;
        assert_eq!(refused.status, 400, "{name}: {refused:?}");
        assert!(refused.body.to_string().contains("unknown"), "{name}: {refused:?}");
    }
    assert_eq!(answer("storage").await.status, 200);
}

#[tokio::test]
async fn high_assurance_wants_a_recent_login() {
    let mut world = site().await;
    world.ls_of("secret", "/").await.ok();
    world.emulator.advance_clock(Duration::from_secs(31 * 60));
    let refused = world.ls_of("secret", "/").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["authorization_parameters"]["prompt"], "login");
    let message = refused.body["authorization_parameters"]["session_message"].as_str().unwrap();
    assert!(message.contains("30 minutes"), "{message}");
    world.is(ADA).await;
    world.ls_of("secret", "/").await.ok();
}

#[tokio::test]
async fn a_personal_collection_is_its_owners() {
    let mut world = site().await;
    world.ls_of("laptop", "/").await.ok();
    world.is(BOB).await;
    world.ls_of("laptop", "/").await.fails(403, "PermissionDenied");
    let laptop = world.id("laptop");
    let transfer = world.transfer(json!([item("/a", "/a")]), json!({ "destination_endpoint": laptop }));
    world.post("transfer", transfer).await.fails(403, "PermissionDenied");
    assert_eq!(world.endpoint("laptop").await["my_effective_roles"], json!([]));
    world
        .put(&format!("endpoint/{laptop}"), json!({ "display_name": "mine" }))
        .await
        .fails(403, "PermissionDenied");
    world.remove(&format!("endpoint/{laptop}")).await.fails(403, "PermissionDenied");
    assert_eq!(world.endpoint("here").await["owner_id"], BOB, "what nobody owns belongs to whoever asks");
}

#[tokio::test]
async fn private_collections_are_hidden() {
    let mut world = World::build(|builder, root| {
        let private = CollectionSetup::personal("diary", root.join("here")).owner(ADA).private();
        let watched = CollectionSetup::personal("watched", root.join("here")).owner(ADA).private();
        builder.collection_with(private).collection_with(watched.role(BOB, "activity_monitor"))
    })
    .await;
    assert_eq!(
        world.get("endpoint_search?filter_fulltext=diary").await.ok().body["DATA"][0]["public"],
        false
    );
    world.is(BOB).await;
    assert_eq!(world.get("endpoint_search?filter_fulltext=diary").await.ok().body["DATA"], json!([]));
    let diary = world.id("diary");
    for path in
        ["endpoint/ID", "endpoint/ID/server_list", "operation/endpoint/ID/ls", "endpoint/ID/role_list"]
    {
        world.get(&path.replace("ID", &diary)).await.fails(403, "PermissionDenied");
    }
    world.endpoint("watched").await;
    assert_ne!(world.get("endpoint_search?filter_fulltext=watched").await.ok().body["DATA"], json!([]));
}

#[tokio::test]
async fn nothing_works_offline_and_tasks_wait() {
    let world = World::new().await;
    world.write("here/a", "1");
    let here = world.emulator.collection_id("here").unwrap();
    assert!(world.emulator.set_connected(here, false));
    assert_eq!(world.endpoint("here").await["gcp_connected"], false);
    world.ls("path=/").await.fails(502, "ExternalError.DirListingFailed.GCDisconnected");
    let mkdir = world.post(&format!("operation/endpoint/{here}/mkdir"), json!({ "path": "/b" })).await;
    assert_eq!(mkdir.status, 502);
    assert!(!world.path("here/b").exists());
    let transfer = world.transfer(json!([item("/a", "/a")]), json!({}));
    world.post("transfer", transfer).await.fails(409, "GCDisconnectedException");

    world.emulator.set_connected(here, true);
    let task = world.submit(json!([item("/late", "/late")]), json!({})).await;
    world.emulator.set_connected(here, false);
    world.until(&task, "offline", |task| task["nice_status"] == "GC_NOT_CONNECTED").await;
    world.write("here/late", "2");
    world.emulator.set_connected(here, true);
    assert_eq!(world.end(&task).await["status"], "SUCCEEDED");
    assert_eq!(world.read("there/late"), "2");
    assert!(!world.emulator.set_connected(Uuid::nil(), true));
}

#[tokio::test]
async fn what_belongs_to_a_server_is_managed_there() {
    let world = site().await;
    for name in ["storage", "results"] {
        let path = format!("endpoint/{}", world.id(name));
        world.put(&path, json!({ "display_name": "other" })).await.fails(409, "NotSupported");
        world.remove(&path).await.fails(409, "NotSupported");
        let role = json!({ "principal": BOB, "principal_type": "identity", "role": "administrator" });
        world.post(&format!("{path}/role"), role).await.fails(409, "NotSupported");
    }
    let shared = json!({
        "display_name": "x", "host_endpoint": world.id("storage"), "host_path": "/results/",
    });
    world.post("shared_endpoint", shared).await.fails(409, "NotSupported");
}

/// Who is named alone gets in; where nobody is, everybody is the owner.
#[tokio::test]
async fn a_collection_without_an_owner_is_anyones_until_somebody_is_named() {
    let mut world = World::build(|builder, root| {
        for name in ["laptop/data", "bench", "open/data"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        builder
            .collection_with(CollectionSetup::personal("laptop", root.join("laptop")).owner(ADA))
            .collection_with(CollectionSetup::guest("of-hers", "laptop", "/data/"))
            .collection_with(
                CollectionSetup::personal("bench", root.join("bench")).role(ADA, "activity_monitor"),
            )
            .collection_with(CollectionSetup::personal("open", root.join("open")))
            .collection_with(CollectionSetup::guest("listed", "open", "/data/").permission(ADA, "/", "r"))
            .collection_with(CollectionSetup::guest("anyones", "open", "/data/"))
    })
    .await;
    assert_eq!(world.endpoint("of-hers").await["owner_id"], ADA);
    assert_eq!(world.ls_of("of-hers", "/").await.status, StatusCode::OK);
    assert_eq!(world.ls_of("listed", "/").await.status, StatusCode::OK);
    let mkdir = format!("operation/endpoint/{}/mkdir", world.id("listed"));
    world.post(&mkdir, json!({ "path": "/new" })).await.fails(403, "PermissionDenied");
    world.ls_of("bench", "/").await.fails(403, "PermissionDenied");
    assert_ne!(world.endpoint("listed").await["owner_id"], ADA);
    world.is(BOB).await;
    for name in ["of-hers", "listed", "bench"] {
        world.ls_of(name, "/").await.fails(403, "PermissionDenied");
    }
    for name in ["open", "anyones"] {
        assert_eq!(world.endpoint(name).await["owner_id"], BOB);
        assert_eq!(world.ls_of(name, "/").await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for() {
    let world = World::build(|builder, root| {
        fs::create_dir(root.join("vault")).unwrap();
        builder.collection_with(
            CollectionSetup::personal("vault", root.join("vault")).detail("mfa_required", true),
        )
    })
    .await;
    assert_eq!(world.endpoint("vault").await["mfa_required"], true);
    let refused = world.ls_of("vault", "/").await;
    refused.fails(403, "AuthorizationRequired");
    assert_eq!(refused.body["authorization_parameters"]["session_required_mfa"], true);
    let ends = json!({ "source_endpoint": world.id("vault") });
    world
        .post("transfer", world.transfer(json!([item("/a", "/b")]), ends))
        .await
        .fails(403, "AuthorizationRequired");
}
