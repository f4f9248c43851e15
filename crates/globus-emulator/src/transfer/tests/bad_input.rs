//! What no client should send: one clear answer each, and nothing half done.

use super::*;

/// Every operation that takes a document, and the type that the document says it has.
fn operations(world: &World) -> Vec<(&'static str, String, &'static str)> {
    let here = world.id("here");
    vec![
        ("POST", "endpoint".to_owned(), "endpoint"),
        ("PUT", format!("endpoint/{here}"), "endpoint"),
        ("PUT", format!("endpoint/{here}/subscription"), ""),
        ("PUT", format!("endpoint/{here}/subscription_admin_verified"), ""),
        ("POST", "shared_endpoint".to_owned(), "shared_endpoint"),
        ("POST", format!("endpoint/{here}/server"), "server"),
        ("POST", format!("endpoint/{here}/activate"), "activation_requirements"),
        ("POST", format!("endpoint/{here}/access"), "access"),
        ("POST", format!("endpoint/{here}/role"), "role"),
        ("POST", format!("operation/endpoint/{here}/mkdir"), "mkdir"),
        ("POST", format!("operation/endpoint/{here}/rename"), "rename"),
        ("POST", "transfer".to_owned(), "transfer"),
        ("POST", "delete".to_owned(), "delete"),
        ("POST", "bookmark".to_owned(), "bookmark"),
        ("POST", "endpoint_manager/admin_cancel".to_owned(), "admin_cancel"),
        ("POST", "endpoint_manager/admin_pause".to_owned(), "admin_pause"),
        ("POST", "endpoint_manager/admin_resume".to_owned(), "admin_resume"),
        ("POST", "endpoint_manager/pause_rule".to_owned(), "pause_rule"),
    ]
}

#[tokio::test]
async fn documents_are_objects() {
    let world = World::new().await;
    for (method, path, data_type) in operations(&world) {
        let members = [data_type, "/a", "/b", "r", "x", "y", "z"];
        for (body, says) in [
            (json!(members).to_string(), "sequence"),
            ("[]".to_owned(), "sequence"),
            ("null".to_owned(), "null"),
            ("\"x\"".to_owned(), "string"),
            ("7".to_owned(), "integer"),
            ("{".to_owned(), "Could not parse JSON"),
            ("\u{feff}{}".to_owned(), "Could not parse JSON"),
            (format!("{}1{}", "{\"a\":[".repeat(200), "]}".repeat(200)), ""),
        ] {
            let answer = world.send(world.request(method, &path), body.clone()).await;
            let fine = body.starts_with("{\"a\"") && answer.status.is_success();
            if !fine && answer.status != StatusCode::CONFLICT {
                let message = answer.fails(400, "BadRequest");
                assert!(message.contains(says) && !message.contains("struct"), "{path} {body}: {message}");
            }
        }
        if !data_type.is_empty() {
            for wrong in [json!(5), json!([data_type]), json!("nonsense")] {
                let answer =
                    world.send(world.request(method, &path), json!({ "DATA_TYPE": wrong }).to_string());
                let answer = answer.await;
                if answer.status != StatusCode::CONFLICT {
                    assert!(answer.fails(400, "BadRequest").contains("DATA_TYPE"), "{path}: {}", answer.body);
                }
            }
        }
    }
    assert!(fs::read_dir(world.path("here")).unwrap().next().is_none());
    assert!(world.get("task_list").await.ok().body["DATA"].as_array().unwrap().is_empty());
    assert!(world.get("bookmark_list").await.ok().body["DATA"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn errors_name_the_member() {
    let world = World::new().await;
    let with = |options: Value| world.transfer(json!([item("/a", "/b")]), options);
    let items = |items: Value| world.transfer(items, json!({}));
    for (document, says) in [
        (with(json!({ "label": 5 })), "label: invalid type"),
        (with(json!({ "sync_level": "checksum" })), "sync_level: invalid type"),
        (with(json!({ "sync_level": 4 })), "sync_level 4"),
        (with(json!({ "sync_level": 1e30 })), "sync_level: invalid type"),
        (with(json!({ "encrypt_data": "yes" })), "encrypt_data: invalid type"),
        (with(json!({ "notify_on_succeeded": "no" })), "notify_on_succeeded: invalid type"),
        (with(json!({ "skip_activation_check": 1 })), "skip_activation_check: invalid type"),
        (with(json!({ "filter_rules": ["*.tmp"] })), "filter_rules[0]: invalid type"),
        (
            with(json!({ "filter_rules": [["filter_rule", "exclude", null, "*"]] })),
            "filter_rules[0]: invalid type",
        ),
        (
            with(json!({ "filter_rules": [{ "name": "*", "method": "drop" }] })),
            "filter_rules[0].method: unknown",
        ),
        (with(json!({ "DATA": "/a" })), "DATA: invalid type"),
        (items(json!([item("/a", "/b"), ["transfer_item", "/c", "/d"]])), "DATA[1]: invalid type"),
        (
            items(json!([item("/a", "/b"), { "source_path": "/c" }])),
            "DATA[1]: 'destination_path' is required",
        ),
        (items(json!([{ "source_path": 7, "destination_path": "/b" }])), "DATA[0].source_path: invalid type"),
    ] {
        let answer = world.post("transfer", document.clone()).await;
        let message = answer.fails(400, "BadRequest");
        assert!(message.contains(says), "{document}: {message}");
    }
    let here = world.id("here");
    let mkdir = world
        .post(&format!("operation/endpoint/{here}/mkdir"), json!({ "path": "/a", "local_user": 5 }))
        .await;
    assert!(mkdir.fails(400, "BadRequest").contains("local_user: invalid type"));
    assert!(!world.path("here/a").exists());
}

#[tokio::test]
async fn endpoints_are_made_of_what_fits() {
    let world = World::new().await;
    for (document, says) in [
        (json!({ "display_name": 5 }), "display_name"),
        (json!({ "display_name": null }), "'display_name' is required"),
        (json!({ "display_name": "x", "is_globus_connect": "true" }), "is_globus_connect"),
        (json!({ "display_name": "x", "DATA": {} }), "list of servers"),
        (json!({ "display_name": "x", "DATA": ["one.example.org"] }), "list of servers"),
        (json!({ "display_name": "x", "DATA": [{ "port": 65_536 }] }), "port"),
        (json!({ "display_name": "x", "DATA": [{ "scheme": "https" }] }), "scheme"),
        (json!({ "display_name": "x", "default_directory": "/../up" }), "default_directory"),
    ] {
        let answer = world.post("endpoint", document.clone()).await;
        let message = answer.fails(400, "BadRequest");
        assert!(message.contains(says), "{document}: {message}");
    }
    let shared = json!({ "display_name": "x", "host_endpoint": 5, "host_path": "/" });
    assert!(world.post("shared_endpoint", shared).await.fails(400, "BadRequest").contains("host_endpoint"));
    let mine = world.get("endpoint_search?filter_scope=my-endpoints").await.ok().body;
    assert_eq!(mine["DATA"].as_array().unwrap().len(), 2, "here and there");
}

#[tokio::test]
async fn addresses_are_text() {
    let world = World::new().await;
    for path in
        ["endpoint/%FF", "task/%C3%28/event_list", "operation/endpoint/%FF/ls", "endpoint_manager/task/%FF"]
    {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "BadRequest"), "{path}");
        assert!(answer.message().contains("UTF-8"), "{}", answer.body);
    }
    for path in ["endpoint/%00", "endpoint/..%2f..", "endpoint/%F0%9F%98%80"] {
        world.get(path).await.fails(404, "EndpointNotFound");
    }
}

#[tokio::test]
async fn the_newer_api_has_errors_of_its_own() {
    let world = World::new().await;
    let resource = |attributes: Value, relationships: Value| json!({ "data": { "type": "Bookmark", "attributes": attributes, "relationships": relationships } });
    let place = json!({ "name": "a", "path": "/" });
    let other = json!({ "collection": { "data": { "type": "Endpoint", "id": world.id("here") } } });
    for (document, at) in [
        (json!([]), "data"),
        (resource(json!([]), json!({})), "attributes"),
        (resource(place.clone(), json!("x")), "relationships"),
        (resource(place, other), "collection"),
    ] {
        let answer = world.v2("POST", "bookmarks", document.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{document}");
        let places = answer.body["detail"][0]["loc"].as_array().unwrap();
        assert_eq!(places.last().unwrap(), at, "{document}: {}", answer.body);
    }
    let made = world.v2(
        "POST",
        "bookmarks",
        resource(
            json!({ "name": "a", "path": "/" }),
            json!({
                "collection": { "data": { "type": "Collection", "id": world.id("here") } }
            }),
        ),
    );
    let id = made.await.ok().body["data"]["id"].as_str().unwrap().to_owned();
    let pathless = json!({ "data": { "type": "Bookmark", "attributes": { "name": "b" } } });
    let pathless = world.v2("PATCH", &format!("bookmarks/{id}"), pathless).await;
    assert_eq!(pathless.status, StatusCode::UNPROCESSABLE_ENTITY, "the schema asks for the path");

    for (method, path, status, code) in [
        ("GET", "bookmarks/%FF", 400, "BadRequest"),
        ("GET", "bookmarks?page%5Blimit%5D=0", 400, "BadRequest"),
        ("GET", "stream_access_points?filter%5Bendpoint_admin%5D=maybe", 400, "BadRequest"),
        ("GET", "bookmarks/x", 404, "BookmarkNotFound"),
        ("GET", "nonsense", 404, "ClientError.NotFound"),
        ("PUT", "tunnels", 405, "ClientError.MethodNotAllowed"),
    ] {
        let answer = world.v2(method, path, Value::Null).await;
        let error = &answer.body["errors"][0];
        assert_eq!(
            (answer.status.as_u16(), &error["status"], &error["code"]),
            (status, &json!(status), &json!(code))
        );
        assert!(error["detail"].is_string() && answer.body.get("code").is_none(), "{path}: {}", answer.body);
        assert_eq!(answer.headers["x-transfer-api-error"], code);
        assert_eq!(answer.body["meta"]["request_id"].as_str().unwrap().len(), 9);
    }
}
