//! `POST /v2/oauth2/token`: grants, client authentication and errors.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{
    CLIENT, FLOWS, NATIVE, SECRET, Server, TRANSFER, VERIFIER, authorize_path, basic, bearer, challenge,
    value,
};

/// Authorization, fields, and the expected status and error.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);

const CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn client_credentials_give_one_token_per_resource_server() {
    let server = Server::start().await;
    let scope = format!("{TRANSFER} openid email {FLOWS}");
    let reply = server.token(&basic(CLIENT, SECRET), &[CREDENTIALS, ("scope", &scope)]).await;
    let document = reply.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(document["resource_server"], "transfer.api.globus.org");
    assert_eq!(document["scope"], TRANSFER);
    assert_eq!(document["expires_in"], 172_800);
    assert_eq!(document["token_type"], "Bearer");
    assert!(document.get("refresh_token").is_none() && document.get("state").is_none());
    let others = document["other_tokens"].as_array().unwrap();
    let servers: Vec<_> = others.iter().map(|token| &token["resource_server"]).collect();
    assert_eq!(servers, ["auth.globus.org", "flows.globus.org"]);
    assert_eq!(others[0]["scope"], "openid email");
    assert!(others.iter().all(|token| token.get("other_tokens").is_none()));

    let alone = server.token(&basic(CLIENT, SECRET), &[CREDENTIALS, ("scope", TRANSFER)]).await.expect(200);
    assert_eq!(alone["other_tokens"], json!([]));
    assert!(alone.get("id_token").is_none());
}

#[tokio::test]
async fn the_secret_may_be_in_the_form() {
    let server = Server::start().await;
    let fields = [("client_id", CLIENT), ("client_secret", SECRET), CREDENTIALS, ("scope", TRANSFER)];
    server.token("", &fields).await.expect(200);
    let wrong = [("client_id", CLIENT), ("client_secret", "wrong"), CREDENTIALS, ("scope", TRANSFER)];
    assert_eq!(server.token("", &wrong).await.expect(401)["error"], "invalid_client");
}

#[tokio::test]
async fn scopes_with_brackets_and_stars_are_roots_in_the_answer() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::with_collection(directory.path()).await;
    let collection = server.emulator.collection_id("lab").unwrap();
    let data_access = format!("https://auth.globus.org/scopes/{collection}/data_access");
    let scope = format!("{TRANSFER}[*{data_access}] {TRANSFER} {data_access}");
    let document = server.token(&basic(CLIENT, SECRET), &[CREDENTIALS, ("scope", &scope)]).await.expect(200);
    assert_eq!(document["scope"], TRANSFER);
    assert_eq!(document["other_tokens"][0]["scope"], data_access);
    assert_eq!(document["other_tokens"][0]["resource_server"], collection.to_string());
}

#[tokio::test]
async fn bad_basic_auth_is_an_error_array() {
    let server = Server::start().await;
    for authorization in [
        basic(CLIENT, "wrong"),
        basic(NATIVE, ""),
        basic("not-a-uuid", SECRET),
        "Basic !!!".to_owned(),
        "Basic".to_owned() + " ",
    ] {
        let reply = server.token(&authorization, &[CREDENTIALS, ("scope", TRANSFER)]).await;
        if authorization.trim() == "Basic" {
            assert_eq!(reply.expect(401)["error"], "invalid_client");
            continue;
        }
        let document = reply.expect(401);
        assert_eq!(document["errors"][0]["code"], "UNAUTHORIZED", "{authorization}");
        assert_eq!(document["errors"][0]["detail"], "Basic auth failed");
        assert_eq!(document["errors"][0]["status"], "401");
        assert_eq!(document["error"], "unauthorized");
    }
}

#[tokio::test]
async fn every_fault_of_a_token_request_has_its_oauth_error() {
    let server = Server::start().await;
    let auth = basic(CLIENT, SECRET);
    let native = ("client_id", NATIVE);
    let cases: [Case<'_>; 13] = [
        ("", &[CREDENTIALS, ("scope", TRANSFER)], 401, "invalid_client"),
        ("", &[("client_id", CLIENT), CREDENTIALS, ("scope", TRANSFER)], 401, "invalid_client"),
        ("", &[("client_id", "unknown"), CREDENTIALS], 401, "invalid_client"),
        ("", &[native, CREDENTIALS, ("scope", TRANSFER)], 400, "unauthorized_client"),
        (&auth, &[native, CREDENTIALS, ("scope", TRANSFER)], 400, "invalid_request"),
        (&auth, &[("scope", TRANSFER)], 400, "invalid_request"),
        (&auth, &[("grant_type", "password")], 400, "unsupported_grant_type"),
        (&auth, &[CREDENTIALS], 400, "invalid_request"),
        (&auth, &[CREDENTIALS, ("scope", "")], 400, "invalid_request"),
        (&auth, &[CREDENTIALS, ("scope", "foo[")], 400, "invalid_scope"),
        (&auth, &[CREDENTIALS, ("scope", "openid"), ("scope", "email")], 400, "invalid_request"),
        (&auth, &[("grant_type", "refresh_token")], 400, "invalid_request"),
        (&auth, &[("grant_type", "refresh_token"), ("refresh_token", "x")], 400, "invalid_grant"),
    ];
    for (authorization, fields, status, error) in cases {
        let document = server.token(authorization, fields).await.expect(status);
        assert_eq!(document["error"], error, "{fields:?}");
        assert!(!document["error_description"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn unknown_scopes_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::with_collection(directory.path()).await;
    let elsewhere = "https://auth.globus.org/scopes/0a0b0c0d-0000-4000-8000-000000000000/data_access";
    for scope in ["nonsense", elsewhere, &format!("{TRANSFER}[{elsewhere}]")] {
        let document =
            server.token(&basic(CLIENT, SECRET), &[CREDENTIALS, ("scope", scope)]).await.expect(400);
        assert_eq!(document["error"], "unknown_scope_error");
        let bad = if scope == "nonsense" { scope } else { elsewhere };
        let expected = format!("client_id={CLIENT} requested unknown scopes: ['{bad}']");
        assert_eq!(document["error_description"], expected);
        assert_eq!(document["errors"][0]["code"], "UNKNOWN_SCOPE_ERROR");
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_verifier_and_address() {
    let server = Server::start().await;
    let code = async || {
        let reply = server.allow(&[("scope", TRANSFER)]).await;
        value(&reply.redirect().1, "code").unwrap().to_owned()
    };
    let good = |code: &str| {
        [
            ("client_id", NATIVE.to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
            ("redirect_uri", "http://localhost:7777/done".to_owned()),
        ]
    };
    let exchange = async |fields: &[(&str, String)]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server.token("", &fields).await
    };
    for (field, bad) in [
        ("code_verifier", "x".repeat(43)),
        ("code_verifier", String::new()),
        ("redirect_uri", "http://localhost:7777/other".to_owned()),
        ("code", "unknown".to_owned()),
    ] {
        let mut fields = good(&code().await);
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = bad;
        assert_eq!(exchange(&fields).await.expect(400)["error"], "invalid_grant", "{field}");
    }

    let code = code().await;
    // Another client cannot use the code, and does not use it up.
    let stolen = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "http://localhost:7777/done"),
    ];
    let reply = server.token(&basic(CLIENT, SECRET), &stolen).await;
    assert_eq!(reply.expect(400)["error"], "invalid_grant");
    let document = exchange(&good(&code)).await.expect(200);
    assert_eq!(document["state"], "some state");
    assert_eq!(document["scope"], TRANSFER);
    assert!(document.get("refresh_token").is_none());
    assert_eq!(exchange(&good(&code)).await.expect(400)["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let server = Server::start().await;
    for (seconds, status) in [(599, 200), (600, 400)] {
        let reply = server.allow(&[]).await;
        let code = value(&reply.redirect().1, "code").unwrap().to_owned();
        let advance = json!({"advance_seconds": seconds});
        server.json("POST", "/_emulator/clock", "", &advance).await.expect(200);
        server.exchange(&code).await.expect(status);
    }
}

#[tokio::test]
async fn a_confidential_client_exchanges_its_code_with_its_secret() {
    let uri = "https://portal.example.org/cb";
    let server = Server::with(|builder| builder.redirect_uri(uri)).await;
    let own = [("client_id", CLIENT), ("redirect_uri", uri), ("scope", TRANSFER)];
    let bare = [&own[..], &[("code_challenge", ""), ("code_challenge_method", ""), ("state", "")]].concat();
    let exchange = [("grant_type", "authorization_code"), ("redirect_uri", uri)];
    for (request, verifier) in [(&bare[..], ""), (&own[..], VERIFIER)] {
        let (target, parameters) = server.allow(request).await.redirect();
        assert_eq!(target, uri);
        let code = ("code", value(&parameters, "code").unwrap());
        let fields = [&exchange[..], &[code, ("code_verifier", verifier)]].concat();
        let document = server.token(&basic(CLIENT, SECRET), &fields).await.expect(200);
        assert_eq!(document["resource_server"], "transfer.api.globus.org");
    }
}

#[tokio::test]
async fn a_refresh_gives_a_new_access_token_and_the_same_refresh_token() {
    let server = Server::start().await;
    let login = server.login(&format!("{TRANSFER} {FLOWS} openid"), "offline").await;
    assert_eq!(login["other_tokens"].as_array().unwrap().len(), 2);
    for token in std::iter::once(&login).chain(login["other_tokens"].as_array().unwrap()) {
        let refresh = token["refresh_token"].as_str().unwrap();
        let fields = [("client_id", NATIVE), ("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let document = server.token("", &fields).await.expect(200);
        assert_eq!(document["refresh_token"], refresh);
        assert_eq!(document["resource_server"], token["resource_server"]);
        assert_eq!(document["scope"], token["scope"]);
        assert_ne!(document["access_token"], token["access_token"]);
        assert_eq!(document["other_tokens"], json!([]));
        assert!(document.get("id_token").is_none());
    }
    // A refresh token opens no door by itself.
    let openid =
        login["other_tokens"].as_array().unwrap().iter().find(|token| token["scope"] == "openid").unwrap();
    for (kind, status) in [("access_token", 200), ("refresh_token", 401)] {
        let authorization = bearer(openid[kind].as_str().unwrap());
        assert_eq!(
            server.get_with("/auth/v2/oauth2/userinfo", &authorization).await.status,
            status,
            "{kind}"
        );
    }
    // It is bound to its client, and an access token is none.
    for token in [&login["refresh_token"], &login["access_token"]] {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        let reply = server.token(&basic(CLIENT, SECRET), &fields).await;
        assert_eq!(reply.expect(400)["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn rotation_kills_the_old_refresh_token() {
    let server = Server::with(|builder| builder.rotate_refresh_tokens(true)).await;
    let login = server.login(TRANSFER, "offline").await;
    let refresh = async |token: &Value| {
        let token = token.as_str().unwrap();
        let fields = [("client_id", NATIVE), ("grant_type", "refresh_token"), ("refresh_token", token)];
        server.token("", &fields).await
    };
    let first = refresh(&login["refresh_token"]).await.expect(200);
    assert_ne!(first["refresh_token"], login["refresh_token"]);
    assert_eq!(refresh(&login["refresh_token"]).await.expect(400)["error"], "invalid_grant");
    refresh(&first["refresh_token"]).await.expect(200);
}

#[tokio::test]
async fn offline_access_asks_for_refresh_tokens_too() {
    let server = Server::start().await;
    let login = server.login(&format!("{TRANSFER} offline_access"), "online").await;
    assert!(login["refresh_token"].is_string());
    assert_eq!(login["scope"], TRANSFER);
    assert_eq!(login["other_tokens"], json!([]));
}

#[tokio::test]
async fn access_tokens_expire_and_refresh_tokens_after_half_a_year_without_use() {
    let server = Server::with(|builder| builder.token_lifetime(Duration::from_secs(60))).await;
    let login = server.login(&format!("openid {TRANSFER}"), "offline").await;
    assert_eq!(login["expires_in"], 60);
    let access = bearer(login["access_token"].as_str().unwrap());
    let advance = async |seconds: i64| {
        let body = json!({"advance_seconds": seconds});
        server.json("POST", "/_emulator/clock", "", &body).await.expect(200);
    };
    let userinfo = async || server.get_with("/auth/v2/oauth2/userinfo", &access).await.status;
    assert_eq!(userinfo().await, 200);
    advance(60).await;
    assert_eq!(userinfo().await, 401);
    let refresh = [
        ("client_id", NATIVE),
        ("grant_type", "refresh_token"),
        ("refresh_token", login["refresh_token"].as_str().unwrap()),
    ];
    for (days, status) in [(180, 200), (180, 200), (184, 400)] {
        advance(days * 86_400).await;
        assert_eq!(server.token("", &refresh).await.status, status);
    }
}

#[tokio::test]
async fn a_public_client_must_use_pkce_with_s256() {
    let server = Server::start().await;
    let challenge = challenge();
    for (challenge, method) in [("", ""), ("", "S256"), (challenge.as_str(), "plain"), ("short", "S256")] {
        let path = authorize_path(&[("code_challenge", challenge), ("code_challenge_method", method)]);
        let (_, parameters) = server.get(&path).await.redirect();
        assert_eq!(value(&parameters, "error"), Some("invalid_request"), "{challenge} {method}");
        assert_eq!(value(&parameters, "state"), Some("some state"));
    }
}
