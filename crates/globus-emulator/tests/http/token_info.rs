//! Revoke, validate, introspect.

use serde_json::{Value, json};

use crate::client::{CLIENT, NATIVE, SECRET, Server, TRANSFER, basic, bearer};

async fn post(server: &Server, what: &str, authorization: &str, fields: &[(&str, &str)]) -> Value {
    server.form(&format!("/auth/v2/oauth2/token/{what}"), authorization, fields).await.expect(200)
}

#[tokio::test]
async fn revoked_tokens_are_worth_nothing() {
    let server = Server::start().await;
    let token = server.own_token("openid").await;
    let auth = basic(CLIENT, SECRET);
    let fields = [("token", token.as_str())];
    assert_eq!(post(&server, "validate", &auth, &fields).await, json!({"active": true}));
    assert_eq!(post(&server, "revoke", &auth, &fields).await, json!({"active": false}));
    assert_eq!(post(&server, "validate", &auth, &fields).await, json!({"active": false}));
    assert_eq!(server.get_with("/auth/v2/oauth2/userinfo", &bearer(&token)).await.status, 401);
    // Again, something unknown, nothing at all: the official command line does all of these.
    for fields in [&fields[..], &[("token", "unknown")], &[]] {
        assert_eq!(post(&server, "revoke", &auth, fields).await, json!({"active": false}));
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() {
    let server = Server::start().await;
    let login = server.login("openid", "offline").await;
    let (access, refresh) =
        (login["access_token"].as_str().unwrap(), login["refresh_token"].as_str().unwrap());
    let native = ("client_id", NATIVE);
    assert_eq!(post(&server, "validate", "", &[native, ("token", refresh)]).await["active"], true);
    post(&server, "revoke", "", &[native, ("token", refresh)]).await;
    assert_eq!(server.get_with("/auth/v2/oauth2/userinfo", &bearer(access)).await.status, 401);
    let fields = [native, ("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(server.token("", &fields).await.expect(400)["error"], "invalid_grant");
}

#[tokio::test]
async fn other_clients_can_neither_see_nor_revoke() {
    let server = Server::start().await;
    let token = server.own_token("openid").await;
    let fields = [("client_id", NATIVE), ("token", token.as_str())];
    assert_eq!(post(&server, "validate", "", &fields).await["active"], false);
    post(&server, "revoke", "", &fields).await;
    assert_eq!(server.get_with("/auth/v2/oauth2/userinfo", &bearer(&token)).await.status, 200);
    let login = server.login("openid", "online").await;
    let fields = [("token", login["access_token"].as_str().unwrap())];
    assert_eq!(post(&server, "introspect", &basic(CLIENT, SECRET), &fields).await, json!({"active": false}));
}

#[tokio::test]
async fn introspection_describes_the_token() {
    let server = Server::start().await;
    let token = server.own_token(TRANSFER).await;
    let fields = [("token", token.as_str()), ("include", "identity_set,session_info,unheard_of")];
    let document = post(&server, "introspect", &basic(CLIENT, SECRET), &fields).await;
    assert_eq!(document["active"], true);
    assert_eq!(document["scope"], TRANSFER);
    assert_eq!(document["client_id"], CLIENT);
    assert_eq!(document["sub"], CLIENT);
    assert_eq!(document["username"], format!("{CLIENT}@clients.auth.globus.org"));
    assert_eq!(document["aud"], json!(["transfer.api.globus.org", CLIENT]));
    assert_eq!(document["identity_set"], json!([CLIENT]));
    assert!(document["session_info"]["session_id"].is_string());
    assert_eq!(document["exp"].as_i64().unwrap() - document["iat"].as_i64().unwrap(), 172_800);

    let unknown = post(&server, "introspect", &basic(CLIENT, SECRET), &[("token", "x")]).await;
    assert_eq!(unknown, json!({"active": false}));
    let reply = server.form("/auth/v2/oauth2/token/introspect", "", &fields).await;
    assert_eq!(reply.expect(401)["errors"][0]["code"], "UNAUTHORIZED");
}
