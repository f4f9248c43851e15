//! Linked identities, sessions, policies, and what logins have to be.

use serde_json::{Value, json};

use crate::client::{NATIVE, Reply, Server, attribute, authorize_path, basic, bearer, value};
use globus_emulator::Account;

const ADA: &str = "ada@uni.example.edu";
const HOME: &str = "ada@home.example.org";
const BOB: &str = "bob@lab.example.org";
const VIEW_SET: &str = "urn:globus:auth:scope:auth.globus.org:view_identity_set";

async fn lab() -> Server {
    Server::with(|builder| builder.account(Account::new(ADA).name("Ada").linked(HOME)).account(BOB)).await
}

/// Presses Allow as the identity of this name.
async fn allow_as(server: &Server, page: &Reply, who: &str, more: &[(&str, &str)]) -> Reply {
    let html = page.text();
    let line =
        html.split("<label>").find(|line| line.contains(who)).unwrap_or_else(|| panic!("no {who} in {html}"));
    let mut fields = vec![
        ("request", attribute(&html, "name=\"request\" value=\"")),
        ("identity", attribute(line, "name=\"identity\" value=\"")),
        ("decision", "allow"),
    ];
    fields.extend(more);
    server.form("/auth/v2/oauth2/authorize", "", &fields).await
}

async fn log_in(server: &Server, who: &str, request: &[(&str, &str)], more: &[(&str, &str)]) -> Value {
    let page = server.get(&authorize_path(request)).await;
    let (_, parameters) = allow_as(server, &page, who, more).await.redirect();
    server.exchange(value(&parameters, "code").unwrap()).await.expect(200)
}

fn access(tokens: &Value) -> String {
    bearer(tokens["access_token"].as_str().unwrap())
}

async fn id_of(server: &Server, username: &str) -> String {
    let path = format!("/auth/v2/api/identities?usernames={username}");
    let found =
        server.get_with(&path, &basic(crate::client::CLIENT, crate::client::SECRET)).await.expect(200);
    found["identities"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_logs_in_is_the_account() {
    let server = lab().await;
    let tokens = log_in(&server, HOME, &[("scope", &format!("openid profile {VIEW_SET}"))], &[]).await;
    let claims = server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await.expect(200);
    assert_eq!(claims["preferred_username"], ADA);
    let set = claims["identity_set"].as_array().unwrap();
    assert_eq!([&set[0]["username"], &set[1]["username"]], [ADA, HOME]);
    // Only the identity that logged in has done so.
    assert_eq!(set[0]["last_authentication"], Value::Null);
    assert!(set[1]["last_authentication"].is_i64());
    assert_ne!(set[0]["identity_provider"], set[1]["identity_provider"]);
}

#[tokio::test]
async fn requirements_narrow_the_choice() {
    let server = lab().await;
    let page = async |more: &[(&str, &str)]| server.get(&authorize_path(more)).await;
    let offered = |reply: &Reply| {
        let html = reply.text();
        [ADA, HOME, BOB].map(|who| html.contains(&format!("({who}")))
    };
    assert_eq!(offered(&page(&[]).await), [true, true, true]);
    assert_eq!(offered(&page(&[("session_required_identities", HOME)]).await), [false, true, false]);
    let both = format!("{},{HOME}", id_of(&server, ADA).await);
    assert_eq!(offered(&page(&[("session_required_identities", &both)]).await), [true, true, false]);
    let domains = [("session_required_single_domain", "lab.example.org,UNI.example.edu")];
    assert_eq!(offered(&page(&domains).await), [true, false, true]);
    for impossible in [
        ("session_required_identities", "nobody@uni.example.edu"),
        ("session_required_identities", "ada@uni.example.edu,bob@lab.example.org"),
        ("session_required_single_domain", "nowhere.example.org"),
    ] {
        let reply = page(&[impossible]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.text().contains("REQUIRED_IDENTITY_MISSING"), "{impossible:?}");
    }
    let reply = page(&[("session_required_policies", NATIVE)]).await;
    assert!(reply.text().contains("There is no policy"), "{}", reply.text());
    let (_, parameters) = page(&[("session_required_mfa", "maybe")]).await.redirect();
    assert_eq!(value(&parameters, "error"), Some("invalid_request"));
}

async fn session(server: &Server, token: &str) -> Value {
    // The native client has no secret: the emulator's own list is asked.
    assert!(!token.is_empty());
    server.get("/_emulator/state").await.expect(200)["auth"]["sessions"].clone()
}

#[tokio::test]
async fn a_step_up_counts_for_the_tokens_that_are_there() {
    let server = lab().await;
    let (ada, home) = (id_of(&server, ADA).await, id_of(&server, HOME).await);
    let tokens = log_in(&server, ADA, &[], &[]).await;
    let first = session(&server, &access(&tokens)).await;
    assert_eq!(first.as_array().unwrap().len(), 1);
    let since = first[0]["authentications"][&ada]["auth_time"].as_i64().unwrap();

    server.json("POST", "/_emulator/clock", "", &json!({"advance_seconds": 600})).await.expect(200);
    let request = [("session_required_identities", HOME), ("session_required_mfa", "True")];
    let again = log_in(&server, HOME, &request, &[]).await;
    let both = session(&server, &access(&again)).await;
    assert_eq!(both.as_array().unwrap().len(), 1, "the same session goes on");
    assert_eq!(both[0]["session_id"], first[0]["session_id"]);
    let done = &both[0]["authentications"];
    assert_eq!(done[&ada]["auth_time"], since);
    assert!(done[&home]["auth_time"].as_i64().unwrap() >= since + 600);
    assert_eq!(done[&home]["amr"], json!(["mfa"]));

    // Without `prompt=login` nobody has to prove again who they are.
    log_in(&server, ADA, &[], &[]).await;
    assert_eq!(session(&server, &access(&again)).await[0]["authentications"][&ada]["auth_time"], since);
    log_in(&server, ADA, &[("prompt", "login")], &[]).await;
    let now = session(&server, &access(&again)).await[0]["authentications"][&ada]["auth_time"].clone();
    assert!(now.as_i64().unwrap() >= since + 600);

    // After a logout the next login begins a session of its own.
    server.get("/auth/v2/web/logout").await;
    log_in(&server, ADA, &[], &[]).await;
    assert_eq!(session(&server, &access(&again)).await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn prompt_none_never_asks() {
    let server = lab().await;
    let silent = async |scope: &str| {
        let reply = server.get(&authorize_path(&[("prompt", "none"), ("scope", scope)])).await;
        reply.redirect().1
    };
    assert_eq!(value(&silent("openid").await, "error"), Some("interaction_required"));
    log_in(&server, ADA, &[], &[]).await;
    assert!(value(&silent("openid").await, "code").is_some());
    assert_eq!(value(&silent("openid email").await, "error"), Some("interaction_required"));
    server.get("/auth/v2/web/logout").await;
    assert_eq!(value(&silent("openid").await, "error"), Some("interaction_required"));
    let odd = server.get(&authorize_path(&[("prompt", "shout")])).await.redirect().1;
    assert_eq!(value(&odd, "error"), Some("invalid_request"));
}

#[tokio::test]
async fn scripted_demands_stand_until_they_are_fulfilled() {
    let server = lab().await;
    let tokens = log_in(&server, ADA, &[("scope", "openid email")], &[]).await;
    let ask = async || server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await;
    let demand =
        async |rule: Value| server.json("POST", "/_emulator/requirements", "", &rule).await.expect(201);
    ask().await.expect(200);

    demand(json!({"path_prefix": "/auth/v2/oauth2/userinfo", "session_required_identities": [HOME],
        "session_message": "Show the other card"}))
    .await;
    let document = ask().await.expect(403);
    assert_eq!(document["errors"][0]["detail"], "Show the other card");
    let wanted = &document["authorization_parameters"]["session_required_identities"][0];
    // Nothing helps but doing it; other paths are free.
    ask().await.expect(403);
    server.get_with("/auth/v2/api/identities?ids=", &access(&tokens)).await.expect(400);
    log_in(&server, ADA, &[("prompt", "login")], &[]).await;
    ask().await.expect(403);
    log_in(&server, HOME, &[("session_required_identities", wanted.as_str().unwrap())], &[]).await;
    ask().await.expect(200);
    assert_eq!(server.get("/_emulator/requirements").await.expect(200)["requirements"], json!([]));

    demand(json!({"session_required_mfa": true, "method": "GET"})).await;
    let document = ask().await.expect(403);
    assert_eq!(document["authorization_parameters"]["session_required_mfa"], true);
    // What was proved before the demand does not count, so the demand says that it must be proved again.
    assert_eq!(document["authorization_parameters"]["prompt"], "login");
    log_in(&server, ADA, &[("session_required_mfa", "true"), ("prompt", "login")], &[]).await;
    ask().await.expect(200);

    demand(json!({"session_required_single_domain": ["home.example.org"]})).await;
    ask().await.expect(403);
    log_in(
        &server,
        HOME,
        &[("session_required_single_domain", "home.example.org"), ("prompt", "login")],
        &[],
    )
    .await;
    ask().await.expect(200);

    demand(json!({"required_scopes": ["openid[email]"]})).await;
    let document = ask().await.expect(403);
    assert_eq!(document["authorization_parameters"]["required_scopes"], json!(["openid[email]"]));
    log_in(&server, ADA, &[("scope", "openid[email]")], &[]).await;
    ask().await.expect(200);

    demand(json!({"session_required_mfa": true, "keep": true})).await;
    log_in(&server, ADA, &[("session_required_mfa", "true"), ("prompt", "login")], &[]).await;
    ask().await.expect(200);
    let kept = server.get("/_emulator/requirements").await.expect(200);
    assert_eq!(kept["requirements"].as_array().unwrap().len(), 1);
    let none = server.send("DELETE", "/_emulator/requirements", &[], b"").await.expect(200);
    assert_eq!(none["requirements"], json!([]));
}

#[tokio::test]
async fn each_service_demands_in_its_own_words() {
    let server = lab().await;
    let scope = format!("{} {}", crate::client::TRANSFER, crate::client::FLOWS);
    let tokens = log_in(&server, ADA, &[("scope", &scope)], &[]).await;
    let (transfer, flows) = (access(&tokens), access(&tokens["other_tokens"][0]));
    let rules = json!([
        {"path_prefix": "/transfer/", "required_scopes": ["openid"], "session_message": "Consent first"},
        {"path_prefix": "/flows/", "session_required_single_domain": ["home.example.org"]},
    ]);
    server.json("POST", "/_emulator/requirements", "", &rules).await.expect(201);
    let document = server.get_with("/transfer/v0.10/task_list", &transfer).await.expect(403);
    assert_eq!(document["code"], "ConsentRequired");
    assert_eq!(document["message"], "Consent first");
    assert_eq!(document["required_scopes"], json!(["openid"]));
    assert_eq!(document["authorization_parameters"]["required_scopes"], json!(["openid"]));
    assert_eq!(document["resource"], "/task_list");
    let document = server.get_with("/flows/flows", &flows).await.expect(403);
    assert_eq!(document["code"], "AuthorizationRequired");
    assert_eq!(document["error"]["code"], "AUTHENTICATION_POLICY_REQUIRED");
    let domains = &document["authorization_parameters"]["session_required_single_domain"];
    assert_eq!(*domains, json!(["home.example.org"]));
    // Whoever has no good token learns that first.
    server.get_with("/transfer/v0.10/task_list", "Bearer nonsense").await.expect(401);
}

#[tokio::test]
async fn demands_that_make_no_sense_are_refused() {
    let server = lab().await;
    for rule in [
        json!(5),
        json!({"path": "/"}),
        json!({"method": "G ET"}),
        json!({"required_scopes": "openid"}),
        json!({"required_scopes": ["a["]}),
        json!({"session_required_identities": ["nobody@x.org"]}),
        json!({"session_required_policies": [NATIVE]}),
        json!({"session_required_mfa": "yes"}),
        json!({"keep": 1}),
    ] {
        let reply = server.json("POST", "/_emulator/requirements", "", &rule).await;
        assert!(reply.expect(400)["error"].is_string(), "{rule}");
    }
}

#[tokio::test]
async fn policies_decide_who_comes_in() {
    let server = lab().await;
    let policy = "e7f8a9b0-0000-4ddd-8eee-455556666777";
    let seed = json!({"policies": [{"id": policy, "display_name": "HA", "high_assurance": true,
        "authentication_assurance_timeout": 300, "required_mfa": true,
        "domain_constraints_include": ["*.example.org"]}]});
    server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let tokens = log_in(&server, ADA, &[], &[]).await;
    let rule = json!({"path_prefix": "/auth/v2/oauth2/userinfo", "session_required_policies": [policy], "keep": true});
    server.json("POST", "/_emulator/requirements", "", &rule).await.expect(201);
    let ask = async || server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await;
    let document = ask().await.expect(403);
    assert_eq!(document["authorization_parameters"]["session_required_policies"], json!([policy]));

    // The page offers only who may come in at all, and the login is as strong as the policy wants.
    let page = server.get(&authorize_path(&[("session_required_policies", policy)])).await;
    assert!(!page.text().contains(&format!("({ADA}")) && page.text().contains(&format!("({HOME}")));
    allow_as(&server, &page, HOME, &[]).await.redirect();
    ask().await.expect(200);
    server.json("POST", "/_emulator/clock", "", &json!({"advance_seconds": 301})).await.expect(200);
    ask().await.expect(403);
}

#[tokio::test]
async fn the_pages_of_an_account() {
    let server = lab().await;
    let tokens = log_in(&server, ADA, &[("scope", "openid email")], &[]).await;
    let page = server.get("/auth/v2/web/consents").await;
    let html = page.text();
    assert!(html.contains("<code>openid</code>") && html.contains("<code>email</code>"), "{html}");
    let fields = [
        ("form_key", attribute(&html, "name=\"form_key\" value=\"")),
        ("identity", attribute(&html, "name=\"identity\" value=\"")),
        ("consent", attribute(&html, "name=\"consent\" value=\"")),
    ];
    // Only the page's own form counts.
    assert_eq!(server.form("/auth/v2/web/consents", "", &fields[1..]).await.status, 400);
    server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await.expect(200);
    let after = server.form("/auth/v2/web/consents", "", &fields).await;
    assert!(!after.text().contains("<code>openid</code>"), "{}", after.text());
    server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await.expect(401);

    let page = server.get("/auth/v2/web/identities").await;
    let html = page.text();
    assert!(html.contains(HOME));
    let key = ("form_key", attribute(&html, "name=\"form_key\" value=\""));
    let account = ("account", attribute(&html, "name=\"account\" value=\""));
    let link = async |username: &str| {
        server.form("/auth/v2/web/identities", "", &[key, account, ("username", username)]).await
    };
    assert_eq!(link("no name").await.status, 400);
    assert_eq!(link("ada@third.example.org").await.status, 200);
    let tokens = log_in(&server, "ada@third.example.org", &[("scope", "openid profile")], &[]).await;
    let claims = server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await.expect(200);
    assert_eq!(claims["preferred_username"], ADA);
}

#[tokio::test]
async fn a_client_may_insist_on_an_identity_provider() {
    let server = lab().await;
    let provider = server
        .get_with(
            "/auth/v2/api/identity_providers?domains=home.example.org",
            &basic(crate::client::CLIENT, crate::client::SECRET),
        )
        .await
        .expect(200)["identity_providers"][0]["id"]
        .clone();
    let seed = json!({"clients": [{"id": "1b2c3d4e-0000-4000-8000-000000000009", "required_idp": provider}]});
    server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let client = ("client_id", "1b2c3d4e-0000-4000-8000-000000000009");
    let page = server.get(&authorize_path(&[client, ("scope", "openid profile")])).await;
    assert!(!page.text().contains(&format!("({ADA}")));
    let (_, parameters) = allow_as(&server, &page, HOME, &[]).await.redirect();
    let fields = [
        client,
        ("grant_type", "authorization_code"),
        ("code", value(&parameters, "code").unwrap()),
        ("code_verifier", crate::client::VERIFIER),
        ("redirect_uri", "http://localhost:7777/done"),
    ];
    let tokens = server.token("", &fields).await.expect(200);
    let claims = server.get_with("/auth/v2/oauth2/userinfo", &access(&tokens)).await.expect(200);
    assert_eq!(claims["preferred_username"], HOME);
}
