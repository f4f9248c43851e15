//! The Flows service: who may do what, and what it says otherwise.

use serde_json::{Value, json};

use crate::client::{CLIENT, FLOWS, Reply, SECRET, Server, TRANSFER, basic, bearer, encode};

fn document(title: &str) -> Value {
    json!({
        "title": title,
        "definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}},
        "input_schema": {},
    })
}

/// An emulator, the token of the client, and the token of a person.
async fn start() -> (Server, String, String) {
    let server = Server::start().await;
    let owner = bearer(&server.own_token(FLOWS).await);
    let login = server.login(FLOWS, "online").await;
    let other = bearer(login["access_token"].as_str().unwrap());
    (server, owner, other)
}

async fn create(server: &Server, token: &str, change: &[(&str, Value)]) -> String {
    let mut body = document("Flow");
    for (name, value) in change {
        body[*name] = value.clone();
    }
    let flow = server.json("POST", "/flows/flows", token, &body).await.expect(201);
    flow["id"].as_str().unwrap().to_owned()
}

fn code(reply: &Reply, status: u16) -> String {
    let document = reply.expect(status);
    assert!(document["debug_id"].is_string() && document["error"].get("detail").is_some(), "{document}");
    document["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_flow_lives_from_create_to_delete() {
    let (server, token, _) = start().await;
    let created = server.json("POST", "/flows/flows", &token, &document("First")).await.expect(201);
    let id = created["id"].as_str().unwrap();
    let path = format!("/flows/flows/{id}");
    assert_eq!(created["flow_owner"], format!("urn:globus:auth:identity:{CLIENT}"));
    assert_eq!(created["user_role"], "flow_owner");
    assert_eq!(created["flow_url"], format!("{}flows/{id}", server.emulator.service_url("flows")));
    assert_eq!((&created["subtitle"], &created["keywords"]), (&json!(""), &json!([])));
    assert_eq!(server.get_with(&path, &token).await.expect(200), created);

    server.json("POST", "/_emulator/clock", "", &json!({"advance_seconds": 5})).await.expect(200);
    let change = json!({"title": "Second", "flow_viewers": ["public"], "subscription_id": "DEFAULT"});
    let updated = server.json("PUT", &path, &token, &change).await.expect(200);
    assert_eq!(updated["title"], "Second");
    assert_eq!(updated["definition"], created["definition"]);
    assert_eq!(updated["flow_viewers"], json!(["public"]));
    assert!(updated["subscription_id"].is_string());
    assert_eq!(updated["created_at"], created["created_at"]);
    assert!(updated["updated_at"].as_str() > created["updated_at"].as_str());

    let deleted = server.send("DELETE", &path, &[("Authorization", &token)], b"").await.expect(200);
    assert_eq!((&deleted["DELETED"], &deleted["id"]), (&json!(true), &json!(id)));
    assert!(deleted["deleted_at"].is_string());
    assert_eq!(code(&server.get_with(&path, &token).await, 404), "NOT_FOUND");
}

#[tokio::test]
async fn the_scope_of_a_flow_exists_as_long_as_the_flow() {
    let (server, token, _) = start().await;
    let id = create(&server, &token, &[]).await;
    let flow = server.get_with(&format!("/flows/flows/{id}"), &token).await.expect(200);
    let scope = format!("{}[*{TRANSFER}]", flow["globus_auth_scope"].as_str().unwrap());
    let fields = [("grant_type", "client_credentials"), ("scope", &*scope)];
    let document = server.token(&basic(CLIENT, SECRET), &fields).await.expect(200);
    assert_eq!(document["resource_server"], id);
    server.send("DELETE", &format!("/flows/flows/{id}"), &[("Authorization", &token)], b"").await.expect(200);
    let document = server.token(&basic(CLIENT, SECRET), &fields).await.expect(400);
    assert_eq!(document["error"], "unknown_scope_error");
}

#[tokio::test]
async fn tokens_and_scopes_are_checked() {
    let (server, token, _) = start().await;
    let id = create(&server, &token, &[]).await;
    let path = format!("/flows/flows/{id}");
    let base = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a";
    let view = bearer(&server.own_token(&format!("{base}/view_flows")).await);
    let run = bearer(&server.own_token(&format!("{base}/run")).await);
    let manage = bearer(&server.own_token(&format!("{base}/manage_flows")).await);
    let transfer = bearer(&server.own_token(TRANSFER).await);

    for bad in ["Bearer unknown", &transfer, "Nonsense"] {
        assert_eq!(code(&server.get_with(&path, bad).await, 401), "AUTHENTICATION_ERROR", "{bad}");
    }
    assert_eq!(code(&server.get(&path).await, 401), "AUTHENTICATION_ERROR");
    assert_eq!(code(&server.get("/flows/flows").await, 401), "AUTHENTICATION_ERROR");
    for (allowed, method, path, body) in [
        (&view, "GET", "/flows/flows", json!({})),
        (&manage, "GET", &*path, json!({})),
        (&manage, "PUT", &*path, json!({})),
        (&manage, "POST", "/flows/flows", document("x")),
    ] {
        assert_eq!(
            code(&server.json(method, path, &run, &body).await, 403),
            "MISSING_SCOPE",
            "{method} {path}"
        );
        let status = server.json(method, path, allowed, &body).await.status;
        assert!(status < 300, "{method} {path}: {status}");
    }
    assert_eq!(code(&server.json("PUT", &path, &view, &json!({})).await, 403), "MISSING_SCOPE");
}

#[tokio::test]
async fn roles_open_doors() {
    let (server, owner, other) = start().await;
    let userinfo = server.login("openid", "online").await;
    let userinfo = bearer(userinfo["access_token"].as_str().unwrap());
    let me = server.get_with("/auth/v2/oauth2/userinfo", &userinfo).await.expect(200)["sub"].clone();
    let me = format!("urn:globus:auth:identity:{}", me.as_str().unwrap());

    // Nobody else's: it does not exist for others.
    let id = create(&server, &owner, &[]).await;
    let path = format!("/flows/flows/{id}");
    assert_eq!(code(&server.get_with(&path, &other).await, 404), "NOT_FOUND");
    assert_eq!(code(&server.json("PUT", &path, &other, &json!({})).await, 404), "NOT_FOUND");

    // A viewer sees, but not who else does, and changes nothing.
    let private = json!({"StartAt": "A", "States": {"A": {
        "Type": "Pass", "End": true, "Parameters": {"open": 1, "key": 2, "__Private_Parameters": ["key"]},
    }}});
    let change = json!({"flow_viewers": [me], "definition": private});
    server.json("PUT", &path, &owner, &change).await.expect(200);
    let seen = server.get_with(&path, &other).await.expect(200);
    assert_eq!((&seen["user_role"], &seen["flow_viewers"]), (&json!("flow_viewer"), &json!([])));
    assert_eq!(seen["definition"]["States"]["A"]["Parameters"], json!({"open": 1}));
    assert_eq!(code(&server.json("PUT", &path, &other, &json!({"title": "x"})).await, 403), "FORBIDDEN");
    assert_eq!(
        code(&server.send("DELETE", &path, &[("Authorization", &other)], b"").await, 403),
        "FORBIDDEN"
    );

    // An administrator changes, and may take the flow over; nobody can be given it.
    server.json("PUT", &path, &owner, &json!({"flow_administrators": [me]})).await.expect(200);
    server.json("PUT", &path, &other, &json!({"title": "Mine"})).await.expect(200);
    let stranger = "urn:globus:auth:identity:00000000-0000-4000-8000-000000000000";
    let reply = server.json("PUT", &path, &other, &json!({"flow_owner": stranger})).await;
    assert_eq!(code(&reply, 422), "UNPROCESSABLE_ENTITY");
    let taken = server.json("PUT", &path, &other, &json!({"flow_owner": me})).await.expect(200);
    assert_eq!((&taken["flow_owner"], &taken["user_role"]), (&json!(me), &json!("flow_owner")));
    assert_eq!(code(&server.get_with(&path, &owner).await, 404), "NOT_FOUND");
}

#[tokio::test]
async fn public_flows_need_no_token() {
    let (server, owner, other) = start().await;
    let id = create(&server, &owner, &[("flow_viewers", json!(["public"]))]).await;
    let path = format!("/flows/flows/{id}");
    assert_eq!(server.get(&path).await.expect(200)["user_roles"], json!(["flow_viewer"]));
    assert_eq!(server.get_with(&path, &other).await.status, 200);
    let startable = create(&server, &owner, &[("flow_starters", json!(["all_authenticated_users"]))]).await;
    let path = format!("/flows/flows/{startable}");
    assert_eq!(server.get(&path).await.status, 401);
    assert_eq!(server.get_with(&path, &other).await.expect(200)["user_role"], "flow_starter");
}

#[tokio::test]
async fn every_fault_of_a_document_is_listed() {
    let (server, token, _) = start().await;
    let body = json!({"title": "x".repeat(129), "definition": {"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}},
        "flow_viewers": ["me"]});
    let document = server.json("POST", "/flows/flows", &token, &body).await.expect(422);
    assert_eq!(document["error"]["code"], "UNPROCESSABLE_ENTITY");
    assert!(
        document["error"]["message"].as_str().unwrap().starts_with("3 validation errors in body. $.title: ")
    );
    let locs: Vec<_> =
        document["error"]["detail"].as_array().unwrap().iter().map(|one| one["loc"].clone()).collect();
    assert_eq!(locs, [json!(["title"]), json!(["definition", "StartAt"]), json!(["flow_viewers", 0])]);

    let id = create(&server, &token, &[]).await;
    let policy = json!({"authentication_policy_id": "00000000-0000-4000-8000-000000000000"});
    let reply = server.json("PUT", &format!("/flows/flows/{id}"), &token, &policy).await;
    assert_eq!(code(&reply, 422), "UNPROCESSABLE_ENTITY");
    let reply = server.send("POST", "/flows/flows", &[("Authorization", &token)], b"{").await;
    assert_eq!(code(&reply, 400), "BAD_REQUEST");
    assert_eq!(code(&server.get_with("/flows/flows?per_page=x", &token).await, 400), "BAD_REQUEST");
}

#[tokio::test]
async fn lists_go_page_by_page() {
    let (server, token, other) = start().await;
    for number in 0..25 {
        create(&server, &token, &[("title", json!(format!("Flow {number:02}")))]).await;
    }
    assert_eq!(server.get_with("/flows/flows", &other).await.expect(200)["flows"], json!([]));
    let mut titles = Vec::new();
    let mut query = encode(&[("orderby", "title ASC")]);
    loop {
        let page = server.get_with(&format!("/flows/flows?{query}"), &token).await.expect(200);
        assert_eq!(page["limit"], 20);
        titles.extend(page["flows"].as_array().unwrap().iter().map(|flow| flow["title"].clone()));
        let Some(marker) = page["marker"].as_str() else {
            assert_eq!(page["has_next_page"], false);
            break;
        };
        assert_eq!(page["has_next_page"], true);
        query = encode(&[("marker", marker)]);
    }
    assert_eq!(titles.len(), 25);
    assert!(titles.is_sorted_by_key(|title| title.as_str().unwrap().to_owned()));
    let two =
        server.get_with("/flows/flows?filter_title=01,2&filter_role=flow_owner", &token).await.expect(200);
    assert_eq!(two["flows"].as_array().unwrap().len(), 8);
}
