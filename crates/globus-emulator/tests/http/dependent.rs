//! The dependent token grant, and what a resource server learns of a token.

use serde_json::{Value, json};

use crate::client::{CLIENT, NATIVE, SECRET, Server, TRANSFER, basic, bearer};

const DEPENDENT: &str = "urn:globus:auth:grant_type:dependent_token";
const GROUPS: &str = "urn:globus:auth:scope:groups.api.globus.org:all";

/// A service with a scope of its own that uses Transfer always and Groups if it is asked to.
struct Service {
    server: Server,
    scope: String,
}

impl Service {
    async fn start() -> Service {
        let server = Server::start().await;
        let transfer = "89ecabba-4acf-4e2e-a98d-ce592ccc2818";
        let auth = basic(CLIENT, SECRET);
        let groups =
            server.get_with(&format!("/auth/v2/api/scopes?scope_strings={GROUPS}"), &auth).await.expect(200);
        let groups = &groups["scopes"][0]["id"];
        let body = json!({"scope": {"name": "Run", "description": "d", "scope_suffix": "run", "dependent_scopes": [
            {"scope": transfer, "optional": false, "requires_refresh_token": true},
            {"scope": groups, "optional": true, "requires_refresh_token": false},
        ]}});
        let path = format!("/auth/v2/api/clients/{CLIENT}/scopes");
        let made = server.json("POST", &path, &auth, &body).await.expect(201);
        let scope = made["scopes"][0]["scope_string"].as_str().unwrap().to_owned();
        Service { server, scope }
    }

    async fn trade(&self, token: &str, more: &[(&str, &str)]) -> crate::client::Reply {
        let mut fields = vec![("grant_type", DEPENDENT), ("token", token)];
        fields.extend(more);
        self.server.token(&basic(CLIENT, SECRET), &fields).await
    }

    async fn user_token(&self, scope: &str) -> String {
        self.server.login(scope, "online").await["access_token"].as_str().unwrap().to_owned()
    }
}

fn servers(tokens: &Value) -> Vec<&str> {
    tokens.as_array().unwrap().iter().map(|token| token["resource_server"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_resource_server_gets_tokens_for_what_it_uses() {
    let service = Service::start().await;
    let token = service.user_token(&service.scope).await;
    let tokens = service.trade(&token, &[]).await.expect(200);
    assert_eq!(servers(&tokens), ["transfer.api.globus.org"]);
    assert_eq!(tokens[0]["scope"], TRANSFER);
    assert!(tokens[0].get("refresh_token").is_none() && tokens[0].get("other_tokens").is_none());
    let transfer = bearer(tokens[0]["access_token"].as_str().unwrap());
    service.server.get_with("/transfer/v0.10/task_list", &transfer).await.expect(200);

    let offline = service.trade(&token, &[("access_type", "offline")]).await.expect(200);
    assert!(offline[0]["refresh_token"].is_string());

    // Asked for, the optional one is there too; `scope` narrows it.
    let token = service.user_token(&format!("{}[{GROUPS}]", service.scope)).await;
    let both = service.trade(&token, &[]).await.expect(200);
    assert_eq!(servers(&both), ["transfer.api.globus.org", "groups.api.globus.org"]);
    let one = service.trade(&token, &[("scope", GROUPS)]).await.expect(200);
    assert_eq!(servers(&one), ["groups.api.globus.org"]);
}

#[tokio::test]
async fn what_was_not_allowed_is_named() {
    let service = Service::start().await;
    let token = service.user_token(&service.scope).await;
    let document = service.trade(&token, &[("scope", GROUPS)]).await.expect(403);
    assert_eq!(document["error"], "dependent_consent_required");
    assert_eq!(document["errors"][0]["code"], "DEPENDENT_CONSENT_REQUIRED");
    assert_eq!(document["errors"][0]["unapproved_scopes"], json!([GROUPS]));
    // With a star it may be missing.
    assert_eq!(service.trade(&token, &[("scope", &format!("*{GROUPS}"))]).await.expect(200), json!([]));
    let odd = service.trade(&token, &[("access_type", "sometimes")]).await.expect(400);
    assert_eq!(odd["error"], "invalid_request");
    assert_eq!(service.trade("unknown", &[]).await.expect(400)["error"], "invalid_grant");
}

#[tokio::test]
async fn only_the_resource_server_trades() {
    let service = Service::start().await;
    let foreign = service.user_token(TRANSFER).await;
    assert_eq!(service.trade(&foreign, &[]).await.expect(400)["error"], "invalid_grant");
    let token = service.user_token(&service.scope).await;
    let fields = [("grant_type", DEPENDENT), ("token", token.as_str()), ("client_id", NATIVE)];
    assert_eq!(service.server.token("", &fields).await.expect(400)["error"], "unauthorized_client");
}

#[tokio::test]
async fn consent_taken_back_ends_the_whole_tree() {
    let service = Service::start().await;
    let token = service.user_token(&service.scope).await;
    let tokens = service.trade(&token, &[]).await.expect(200);
    let transfer = bearer(tokens[0]["access_token"].as_str().unwrap());
    let whose = json!({"identity": "demo@emulator.example.org", "client_id": NATIVE, "scope": service.scope});
    let gone = service.server.json("DELETE", "/_emulator/consents", "", &whose).await.expect(200);
    assert_eq!(gone["rescinded"], 2);
    service.server.get_with("/transfer/v0.10/task_list", &transfer).await.expect(401);
    assert_eq!(service.trade(&token, &[]).await.expect(400)["error"], "invalid_grant");
}

#[tokio::test]
async fn a_resource_server_sees_who_calls_it() {
    let service = Service::start().await;
    let token = service.user_token(&service.scope).await;
    let policy = "e7f8a9b0-0000-4ddd-8eee-455556666777";
    let seed =
        json!({"policies": [{"id": policy, "display_name": "p", "domain_constraints_include": ["x.edu"]}]});
    service.server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let introspect = async |more: &[(&str, &str)]| {
        let mut fields = vec![("token", token.as_str())];
        fields.extend(more);
        service.server.form("/auth/v2/oauth2/token/introspect", &basic(CLIENT, SECRET), &fields).await
    };
    let include = ("include", "session_info,identity_set_detail,identity_set");
    let document = introspect(&[include, ("authentication_policies", policy)]).await.expect(200);
    assert_eq!(document["username"], "demo@emulator.example.org");
    assert_eq!(document["aud"], json!([CLIENT, NATIVE]));
    assert_eq!(document["dependent_tokens_cache_id"].as_str().unwrap().len(), 64);
    assert_eq!(document["identity_set"], json!([document["sub"]]));
    assert_eq!(document["identity_set_detail"][0]["sub"], document["sub"]);
    let done = &document["session_info"]["authentications"][document["sub"].as_str().unwrap()];
    assert!(done["auth_time"].is_i64() && done["idp"].is_string());
    assert_eq!(document["policy_evaluations"], json!({(policy): {"evaluation": false}}));
    introspect(&[("authentication_policies", NATIVE)]).await.expect(404);
}
