//! What tests do to Auth from outside: settings, seeds, logins without a page, and back to the start.

use serde_json::{Value, json};

use crate::client::{CLIENT, NATIVE, SECRET, Server, authorize_path, basic, bearer, value};

async fn post(server: &Server, path: &str, body: Value) -> crate::client::Reply {
    server.json("POST", &format!("/_emulator/{path}"), "", &body).await
}

#[tokio::test]
async fn tokens_end_on_demand() {
    let server = Server::start().await;
    let login = server.login("openid", "offline").await;
    let token = bearer(login["access_token"].as_str().unwrap());
    assert_eq!(post(&server, "tokens/expire", json!({})).await.expect(200), json!({"expired": 1}));
    server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(401);
    let refresh = [
        ("client_id", NATIVE),
        ("grant_type", "refresh_token"),
        ("refresh_token", login["refresh_token"].as_str().unwrap()),
    ];
    let fresh = server.token("", &refresh).await.expect(200);
    let token = bearer(fresh["access_token"].as_str().unwrap());
    server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(200);
}

#[tokio::test]
async fn settings_change_while_it_runs() {
    let server = Server::start().await;
    let change = json!({"token_lifetime_seconds": 5, "rotate_refresh_tokens": true});
    let settings = post(&server, "settings", change).await.expect(200);
    assert_eq!(settings["approve_logins"], false);
    let login = server.login("openid", "offline").await;
    assert_eq!(login["expires_in"], 5);
    let refresh = [
        ("client_id", NATIVE),
        ("grant_type", "refresh_token"),
        ("refresh_token", login["refresh_token"].as_str().unwrap()),
    ];
    let fresh = server.token("", &refresh).await.expect(200);
    assert_ne!(fresh["refresh_token"], login["refresh_token"]);
    server.token("", &refresh).await.expect(400);

    post(&server, "settings", json!({"approve_logins": true})).await.expect(200);
    let (_, parameters) = server.get(&authorize_path(&[])).await.redirect();
    server.exchange(value(&parameters, "code").unwrap()).await.expect(200);
    for bad in [
        json!({"token_lifetime_seconds": 0}),
        json!({"rotate": true}),
        json!({"approve_logins": "yes"}),
        json!(3),
    ] {
        assert!(post(&server, "settings", bad).await.expect(400)["error"].is_string());
    }
}

#[tokio::test]
async fn a_login_needs_no_page() {
    let server =
        Server::with(|builder| builder.user("ada@uni.example.edu", "Ada").user("bob@lab.example.org", "B"))
            .await;
    let url =
        format!("http://{}{}", server.emulator.address(), authorize_path(&[("scope", "openid profile")]));
    let answer = async |more: Value| {
        let mut body = json!({"url": url});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        post(&server, "logins", body).await
    };
    let location = answer(json!({"identity": "bob@lab.example.org", "mfa": true})).await.expect(200);
    let location = location["location"].as_str().unwrap();
    assert!(
        location.starts_with("http://localhost:7777/done?code=") && location.ends_with("&state=some%20state")
    );
    let code = &location["http://localhost:7777/done?code=".len()..][..30];
    let tokens = server.exchange(code).await.expect(200);
    let token = bearer(tokens["access_token"].as_str().unwrap());
    let claims = server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(200);
    assert_eq!(claims["preferred_username"], "bob@lab.example.org");

    let denied = answer(json!({"deny": true})).await.expect(200);
    assert!(denied["location"].as_str().unwrap().contains("error=access_denied"));
    for bad in [json!({"identity": "eve@x.org"}), json!({"url": "http://x/?a=1"}), json!({"url": "nonsense"})]
    {
        assert!(answer(bad).await.expect(400)["error"].is_string());
    }
    let unknown =
        format!("http://{}{}", server.emulator.address(), authorize_path(&[("scope", "no_such_scope")]));
    let error = answer(json!({"url": unknown})).await.expect(400)["error"].clone();
    assert!(error.as_str().unwrap().starts_with("UNKNOWN_SCOPE_ERROR"), "{error}");

    // The same for programs that have the emulator at hand.
    let location = server.emulator.answer_login(&url, Some("ada@uni.example.edu")).unwrap();
    assert!(location.starts_with("http://localhost:7777/done?code="));
    assert!(server.emulator.answer_login(&url, Some("eve@x.org")).is_err());
}

#[tokio::test]
async fn what_is_sown_is_there_until_a_reset() {
    let server = Server::start().await;
    let client = "1b2c3d4e-0000-4000-8000-000000000002";
    let seed = json!({
        "accounts": [{"username": "ada@uni.example.edu", "name": "Ada", "linked": ["ada@home.example.org"]}],
        "clients": [{"id": client, "secret": "s3cret", "name": "Portal", "redirect_uris": ["https://p.example.org"]}],
        "projects": [{"display_name": "P", "contact_email": "a@b.org", "admins": ["ada@uni.example.edu", client]}],
        "policies": [{"display_name": "Any"}],
    });
    let sown = post(&server, "seed", seed).await.expect(201);
    assert_eq!(sown["clients"], json!([client]));
    let token = [("grant_type", "client_credentials"), ("scope", "openid")];
    let own = server.token(&basic(client, "s3cret"), &token).await.expect(200);
    let own = bearer(own["access_token"].as_str().unwrap());
    let path = format!("/auth/v2/api/projects/{}", sown["projects"][0].as_str().unwrap());
    server.get_with(&path, &basic(client, "s3cret")).await.expect(200);

    let state = server.get("/_emulator/state").await.expect(200);
    let text = state.to_string();
    assert!(text.contains("ada@home.example.org") && text.contains("Portal"));
    assert!(!text.contains("s3cret") && !text.contains(SECRET) && !text.contains(&own["Bearer ".len()..]));
    assert_eq!(state["auth"]["tokens"][0]["resource_server"], "auth.globus.org");

    for (bad, word) in [
        (json!({"people": []}), "people"),
        (json!({"accounts": [{"username": "ada"}]}), "ada"),
        (json!({"accounts": [{"username": "a@b.c", "linked": ["a@b.c"]}]}), "twice"),
        (json!({"clients": [{"id": client, "secret": ""}]}), "secret"),
        (json!({"clients": [{"id": client, "redirect_uris": ["x"]}]}), "absolute"),
        (json!({"projects": [{"display_name": "P", "contact_email": "a@b", "admins": ["x@y.z"]}]}), "x@y.z"),
        (json!({"policies": [{"display_name": "P", "required_mfa": true}]}), "high_assurance"),
    ] {
        let error = post(&server, "seed", bad).await.expect(400)["error"].clone();
        assert!(error.as_str().unwrap().contains(word), "{error}");
    }

    post(&server, "reset", json!({})).await.expect(200);
    server.token(&basic(client, "s3cret"), &token).await.expect(401);
    server.get_with("/auth/v2/oauth2/userinfo", &own).await.expect(401);
    server.token(&basic(CLIENT, SECRET), &token).await.expect(200);
}

#[tokio::test]
async fn sessions_can_be_forgotten() {
    let server = Server::start().await;
    server.login("openid", "online").await;
    let forgotten = server.send("DELETE", "/_emulator/sessions", &[], b"").await.expect(200);
    assert_eq!(forgotten, json!({"forgotten": 1}));
    assert_eq!(server.get("/_emulator/state").await.expect(200)["auth"]["sessions"], json!([]));
}

#[tokio::test]
async fn programs_make_demands_too() {
    use globus_emulator::Requirement;
    let server = Server::start().await;
    let token = bearer(&server.own_token("openid").await);
    let demand = Requirement::new()
        .method("GET")
        .path_prefix("/auth/v2/oauth2/userinfo")
        .scope("openid")
        .message("Again");
    server.emulator.require(demand).unwrap();
    let document = server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(403);
    assert_eq!(document["errors"][0]["detail"], "Again");
    server.own_token("openid").await;
    server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(200);
    assert!(server.emulator.require(Requirement::new().identity("nobody@x.org")).is_err());
    assert_eq!(server.emulator.expire_access_tokens(), 2);
}
