//! Answers of the token endpoint, as they come and as they might.

use std::time::Duration;

use globus_auth::{
    ErrorKind, OAuthTokenResponse, Result, TokenIntrospection, api::clients::NativeAppInstance,
};
use globus_core::{
    Timestamp,
    test_util::{ManualClock, ReplayTransport, Reply},
};
use serde_json::{Value, json};

use crate::common::{TRANSFER, TRANSFER_ALL, confidential, native, noon};

async fn read(body: &Value) -> Result<OAuthTokenResponse> {
    let replay = ReplayTransport::new([Reply::json(200, body.to_string())]);
    native(replay, &ManualClock::at(noon())).oauth2_refresh_token("RT").send().await
}

fn login() -> Value {
    json!({
        "access_token": "AgTransfer", "scope": TRANSFER_ALL, "expires_in": 172_800, "token_type": "Bearer",
        "resource_server": TRANSFER, "state": "S1", "refresh_token": "AgRefresh", "id_token": "eyJ.e30.c2ln",
        "other_tokens": [{
            "access_token": "AgAuth", "scope": "email profile openid", "expires_in": 3600, "token_type": "bearer",
            "resource_server": "auth.globus.org", "state": "S1"
        }]
    })
}

#[tokio::test]
async fn a_login_gives_a_token_for_each_resource_server() {
    let tokens = read(&login()).await.unwrap();
    assert_eq!(tokens.tokens().len(), 2);
    assert_eq!(tokens.other_tokens()[0].resource_server, "auth.globus.org");
    assert_eq!(tokens.other_tokens().len(), 1);
    assert_eq!(tokens.id_token().unwrap().expose(), "eyJ.e30.c2ln");
    let transfer = tokens.by_resource_server(TRANSFER).unwrap();
    assert_eq!(transfer.access_token.expose(), "AgTransfer");
    assert_eq!(transfer.refresh_token.as_ref().unwrap().expose(), "AgRefresh");
    assert_eq!(transfer.expires_at.to_string(), "2026-02-02T12:00:00Z");
    assert_eq!(transfer.extra().get("state"), Some(&json!("S1")));
    let auth = tokens.by_resource_server("auth.globus.org").unwrap();
    assert!(auth.refresh_token.is_none() && auth.is_bearer() && auth.has_scope("openid"));
    assert!(!auth.has_scope("open"));
    assert!(tokens.by_resource_server("search.api.globus.org").is_none());
}

#[tokio::test]
async fn tokens_are_found_by_scopes() {
    let tokens = read(&login()).await.unwrap();
    let server = |scopes: &str| tokens.by_scopes(scopes).map(|token| token.resource_server.as_str());
    assert_eq!(server(TRANSFER_ALL), Some(TRANSFER));
    assert_eq!(
        server(&format!("{TRANSFER_ALL}[*https://auth.globus.org/scopes/c/data_access]")),
        Some(TRANSFER)
    );
    assert_eq!(server("openid profile"), Some("auth.globus.org"));
    assert_eq!(server(&format!("openid {TRANSFER_ALL}")), None);
    assert_eq!(server("openid nothing"), None);
    assert_eq!(server(""), None);
    assert_eq!(server("a["), None);
}

#[tokio::test]
async fn the_later_token_wins() {
    let mut body = login();
    let mut second = body["other_tokens"][0].clone();
    second["access_token"] = json!("AgLater");
    body["other_tokens"].as_array_mut().unwrap().push(second);
    let tokens = read(&body).await.unwrap();
    assert_eq!(tokens.by_resource_server("auth.globus.org").unwrap().access_token.expose(), "AgLater");
    assert_eq!(tokens.by_scopes("openid").unwrap().access_token.expose(), "AgLater");
}

#[tokio::test]
async fn lifetimes_count_from_the_receipt_in_whole_seconds() {
    let received: Timestamp = "2026-01-31T12:00:00.9Z".parse().unwrap();
    for (expires_in, expected) in [
        (json!(90), "2026-01-31T12:01:30Z"),
        (json!(90.7), "2026-01-31T12:01:30Z"),
        (json!(0), "2026-01-31T12:00:00Z"),
        (json!(-5), "2026-01-31T12:00:00Z"),
        (Value::Null, "2026-01-31T12:00:00Z"),
    ] {
        let mut body = login();
        body["expires_in"] = expires_in;
        let replay = ReplayTransport::new([Reply::json(200, body.to_string())]);
        let client = native(replay, &ManualClock::at(received));
        let tokens = client.oauth2_refresh_token("RT").send().await.unwrap();
        assert_eq!(tokens.tokens()[0].expires_at.to_string(), expected);
    }
    let mut body = login();
    body["expires_in"] = json!(1e300);
    assert_eq!(read(&body).await.unwrap().tokens()[0].expires_at.to_string(), "2026-01-31T12:00:00Z");
    body["expires_in"] = json!(1e18);
    assert!(
        read(&body).await.unwrap().tokens()[0].expires_at > noon().saturating_add(Duration::from_secs(9))
    );
}

/// Runs over every object of a document.
fn objects(value: &mut Value, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| objects(value, change));
            change(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|value| objects(value, change)),
        _ => {}
    }
}

#[tokio::test]
async fn unknown_members_are_kept_and_optional_ones_may_be_missing() {
    let mut body = login();
    objects(&mut body, &mut |members| {
        members.insert("new_member".into(), json!({"deep": [1, null]}));
    });
    let tokens = read(&body).await.unwrap();
    for token in tokens.tokens() {
        assert_eq!(token.extra().get("new_member"), Some(&json!({"deep": [1, null]})));
    }
    let optional =
        ["scope", "expires_in", "token_type", "state", "refresh_token", "id_token", "other_tokens"];
    for name in optional {
        for replacement in [None, Some(Value::Null)] {
            let mut body = login();
            objects(&mut body, &mut |members| match &replacement {
                None => drop(members.remove(name)),
                Some(null) => drop(members.insert(name.into(), null.clone())),
            });
            let tokens = read(&body).await.unwrap();
            assert!(tokens.tokens()[0].is_bearer(), "{name}");
        }
    }
    for name in ["access_token", "resource_server"] {
        let mut body = login();
        body.as_object_mut().unwrap().remove(name);
        let error = read(&body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(&format!("missing field `{name}`")), "{error}");
    }
}

#[tokio::test]
async fn dependent_tokens_are_a_bare_list() {
    let body = json!([login()["other_tokens"][0], {
        "access_token": "AgGroups", "scope": "groups:all", "expires_in": 60, "token_type": "bearer",
        "resource_server": "groups.api.globus.org", "refresh_token": "AgR", "new_member": 1,
    }]);
    let replay = ReplayTransport::new([Reply::json(200, body.to_string()), Reply::json(200, "[]")]);
    let client = confidential(replay, &ManualClock::at(noon()));
    let tokens = client.oauth2_get_dependent_tokens("T").send().await.unwrap();
    assert_eq!(tokens.tokens().len(), 2);
    let groups = tokens.by_resource_server("groups.api.globus.org").unwrap();
    assert_eq!(groups.expires_at.to_string(), "2026-01-31T12:01:00Z");
    assert_eq!(groups.extra().get("new_member"), Some(&json!(1)));
    assert_eq!(tokens.by_scopes("groups:all").unwrap().resource_server, "groups.api.globus.org");
    assert!(client.oauth2_get_dependent_tokens("T").send().await.unwrap().tokens().is_empty());
}

#[tokio::test]
async fn a_missing_consent_is_told() {
    let body = r#"{"error":"dependent_consent_required","errors":[{"code":"DEPENDENT_CONSENT_REQUIRED","id":"90aa",
        "status":"403","detail":"User hasn't approved the following scopes: x","unapproved_scopes":["x"]}]}"#;
    let replay = ReplayTransport::new([Reply::json(403, body)]);
    let client = confidential(replay, &ManualClock::at(noon()));
    let error = client.oauth2_get_dependent_tokens("T").send().await.unwrap_err();
    assert!(error.needs_consent());
    assert_eq!(error.request_id(), Some("90aa"));
}

#[tokio::test]
async fn introspection_says_whose_a_token_is() {
    let whole = json!({
        "active": true, "token_type": "Bearer", "scope": TRANSFER_ALL,
        "client_id": "0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d", "sub": "7a1b2c3d-1111-4222-8333-944445555666",
        "username": "ada@example.edu", "name": "Ada", "email": null, "exp": 1_767_398_400, "iat": 1_767_225_600,
        "nbf": 1_767_225_600, "aud": [TRANSFER], "iss": "https://auth.globus.org",
        "identity_set": ["7a1b2c3d-1111-4222-8333-944445555666"], "dependent_tokens_cache_id": "9f2c",
        "identities_set": ["7a1b2c3d-1111-4222-8333-944445555666"],
        "identity_set_detail": [{"sub": "7a1b2c3d-1111-4222-8333-944445555666", "username": "ada@example.edu",
            "identity_type": "login", "status": "used", "last_authentication": null}],
        "session_info": {"session_id": "x", "authentications": {"7a1b2c3d-1111-4222-8333-944445555666": {
            "idp": "d1e2f3a4-4444-4555-8666-c77778888999", "auth_time": 1_767_225_590, "acr": "mfa", "amr": ["mfa", "pwd"],
            "custom_claims": {"a": 1}}}},
        "policy_evaluations": {"e7f8a9b0-cccc-4ddd-8eee-455556666777": {"evaluation": true}},
    });
    let ada = "7a1b2c3d-1111-4222-8333-944445555666".parse().unwrap();
    let mut one_audience = whole.clone();
    one_audience["aud"] = json!(TRANSFER);
    let replay = ReplayTransport::new(
        [&whole, &one_audience, &json!({"active": false}), &json!({"active": false, "new": 1})]
            .map(|body| Reply::json(200, body.to_string())),
    );
    let client = confidential(replay, &ManualClock::at(noon()));
    for _ in 0..2 {
        let token: TokenIntrospection = client.oauth2_token_introspect("T").send().await.unwrap();
        assert!(token.active && token.has_scope(TRANSFER_ALL));
        assert_eq!(token.aud, [TRANSFER]);
        assert_eq!(token.expires_at().unwrap().to_string(), "2026-01-03T00:00:00Z");
        assert_eq!(token.sub, Some("7a1b2c3d-1111-4222-8333-944445555666".parse().unwrap()));
        assert!(token.extra().is_empty(), "{token:?}");
        let session = token.session_info.as_ref().unwrap();
        let authentication = &session.authentications[&ada];
        assert_eq!(
            (session.session_id.as_deref(), authentication.auth_time),
            (Some("x"), Some(1_767_225_590))
        );
        assert_eq!(authentication.amr.as_deref().unwrap(), ["mfa", "pwd"]);
        assert_eq!(authentication.custom_claims["a"], 1);
        let policy = "e7f8a9b0-cccc-4ddd-8eee-455556666777".parse().unwrap();
        assert_eq!(token.policy_evaluations.as_ref().unwrap()[&policy].evaluation, Some(true));
        assert_eq!(token.identity_set_detail.as_ref().unwrap()[0].sub, ada);
        assert_eq!(token.identities_set, token.identity_set);
        assert_eq!(token.dependent_tokens_cache_id.as_deref(), Some("9f2c"));
        assert_eq!(serde_json::to_value(&token).unwrap()["identity_set"], whole["identity_set"]);
    }
    let gone = client.oauth2_token_introspect("T").send().await.unwrap();
    assert!(!gone.active && gone.aud.is_empty() && gone.expires_at().is_none());
    let revoked = client.oauth2_revoke_token("T").send().await.unwrap();
    assert!(!revoked.active);
    assert_eq!(revoked.extra().get("new"), Some(&json!(1)));
}

#[tokio::test]
async fn the_whole_answer_can_be_had() {
    let replay = ReplayTransport::new([Reply::json(200, login().to_string()).header("x-request-id", "r1")]);
    let answer =
        native(replay, &ManualClock::at(noon())).oauth2_refresh_token("RT").send_full().await.unwrap();
    assert_eq!((answer.request_id().as_deref(), answer.attempts()), (Some("r1"), 1));
    assert_eq!(answer.json().unwrap(), login());
    assert_eq!(answer.tokens().len(), 2);
}

#[test]
fn introspection_may_lack_anything() {
    let ada = "7a1b2c3d-1111-4222-8333-944445555666";
    let fixture = json!({
        "active": true, "token_type": "Bearer", "scope": "openid", "client_id": ada, "sub": ada, "username": "a@b",
        "name": "Ada", "email": "a@b", "exp": 1, "iat": 1, "nbf": 1, "aud": ["x"], "iss": "https://auth.globus.org",
        "identity_set": [ada], "dependent_tokens_cache_id": "9f2c",
        "identity_set_detail": [{"sub": ada, "username": "a@b"}],
        "session_info": {"session_id": "x", "authentications": {"A": {"idp": ada, "auth_time": 1, "acr": "a",
            "amr": ["a"], "custom_claims": {}}}},
        "policy_evaluations": {"A": {"evaluation": true}},
    });
    let fixture: Value =
        serde_json::from_str(&fixture.to_string().replace("\"A\"", &format!("\"{ada}\""))).unwrap();
    let token: TokenIntrospection = serde_json::from_value(fixture.clone()).unwrap();
    assert!(token.extra().is_empty());
    let members: Vec<String> = fixture.as_object().unwrap().keys().cloned().collect();
    for member in members {
        let mut without = fixture.clone();
        without.as_object_mut().unwrap().remove(&member);
        assert!(serde_json::from_value::<TokenIntrospection>(without.clone()).is_ok(), "without {member}");
        if member != "active" {
            without[&member] = Value::Null;
            assert!(serde_json::from_value::<TokenIntrospection>(without).is_ok(), "{member} is null");
        }
    }
}

#[test]
fn an_instance_comes_with_its_secret() {
    let id = "e1f2a3b4-6666-4777-8888-e99990000111";
    let fixture = json!({
        "client": {"id": id, "name": "mytool", "public_client": false, "client_type": "confidential_client",
            "parent_client": "95fdeba8-fac2-42bd-a357-e068d82ff78e", "project": null, "redirect_uris": []},
        "included": {"client_credential": {"id": "f2a3b4c5-7777-4888-8999-f00001111222", "name": "Auto",
            "client": id, "secret": "s3cr3t", "new": "s3cr3t"}, "new": "s3cr3t"},
        "new": "s3cr3t",
    });
    let instance: NativeAppInstance = serde_json::from_value(fixture.clone()).unwrap();
    assert_eq!((instance.id().to_string().as_str(), instance.secret().unwrap().expose()), (id, "s3cr3t"));
    assert!(!format!("{instance:?} {instance:#?}").contains("s3cr3t"), "{instance:?}");
    assert_eq!(instance.extra().get("new"), Some(&json!("s3cr3t")));
    for pointer in ["/client/id", "/included/client_credential/id"] {
        let mut without = fixture.clone();
        *without.pointer_mut(pointer).unwrap() = Value::Null;
        assert!(serde_json::from_value::<NativeAppInstance>(without).is_err(), "{pointer}");
    }
}
