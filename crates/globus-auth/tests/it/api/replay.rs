//! Answers with their envelopes, failures, and what must not be told.

use globus_auth::{
    AuthClient, BasicAuthorizer, ErrorKind,
    api::{
        clients::NewClient,
        identities::{IdentityLookup, IdentityProviderLookup},
        scopes::{NewScope, ScopeLookup},
    },
    gare::Gare,
};
use globus_core::{
    Scope,
    test_util::{ReplayTransport, Reply},
};
use serde_json::{Value, json};

use super::{ADA, CLIENT, CREDENTIAL, POLICY, PROJECT, PROVIDER, SCOPE, replayed};

fn answer(document: &Value) -> ReplayTransport {
    ReplayTransport::new([Reply::json(200, document.to_string())])
}

/// Every envelope is taken off, and an answer without it is no document.
#[tokio::test]
async fn documents_come_without_their_envelopes() {
    macro_rules! unwraps {
        ($($member:literal: $document:expr => |$auth:ident| $request:expr, |$got:ident| $id:expr;)+) => {
            $(
                let document = $document;
                let $auth = replayed(&answer(&json!({$member: document, "other": 1})));
                let $got = $request.send().await.unwrap();
                assert_eq!($id.to_string(), first_id(&document), $member);

                let $auth = replayed(&answer(&document));
                let error = $request.send().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Decode, $member);
                assert!(error.to_string().contains($member), "{error}");
            )+
        };
    }
    let scope = json!({"id": SCOPE, "scope_string": "x"});
    unwraps! {
        "project": json!({"id": PROJECT}) => |auth| auth.get_project(PROJECT), |got| got.id;
        "projects": json!([{"id": PROJECT}]) => |auth| auth.get_projects(), |got| got[0].id;
        "policy": json!({"id": POLICY}) => |auth| auth.delete_policy(POLICY), |got| got.id;
        "policies": json!([{"id": POLICY}]) => |auth| auth.get_policies(), |got| got[0].id;
        "client": json!({"id": CLIENT}) => |auth| auth.get_client_by_fqdn("x"), |got| got.id;
        "client": json!({"id": CLIENT}) => |auth| auth.create_client(NewClient::public("A", PROJECT)), |got| got.id;
        "clients": json!([{"id": CLIENT}]) => |auth| auth.get_clients(), |got| got[0].id;
        "credential": json!({"id": CREDENTIAL}) => |auth| auth.create_client_credential(CLIENT, "ci"), |got| got.id;
        "credentials": json!([{"id": CREDENTIAL}]) => |auth| auth.get_client_credentials(CLIENT), |got| got[0].id;
        "scope": scope.clone() => |auth| auth.get_scope(SCOPE), |got| got.id;
        "scope": scope.clone() => |auth| auth.create_scope(CLIENT, NewScope::new("N", "D", "s")), |got| got.scopes[0].id;
        "scopes": json!([scope]) => |auth| auth.get_scopes(ScopeLookup::own()), |got| got[0].id;
        "identity_providers": json!([{"id": PROVIDER}]) => |auth| {
            auth.get_identity_providers(IdentityProviderLookup::domains(["globus.org"]))
        }, |got| got[0].id;
    }
}

fn first_id(document: &Value) -> String {
    let first = if document.is_array() { &document[0] } else { document };
    first["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_whole_answer_can_be_had() {
    let whole = json!({"project": {"id": PROJECT}, "other": [1]});
    let answer = replayed(&answer(&whole)).get_project(PROJECT).send_full().await.unwrap();
    assert_eq!(answer.id.to_string(), PROJECT);
    assert_eq!(answer.json().unwrap(), whole);
}

#[tokio::test]
async fn an_unreadable_answer_with_a_secret_is_not_kept() {
    let answers = || answer(&json!({"credential": {"id": "x", "secret": "c2VjcmV0"}, "client": {"id": "x"}}));
    let auth = || replayed(&answers());
    let errors = [
        auth().create_client_credential(CLIENT, "ci").send().await.unwrap_err(),
        auth().delete_client_credential(CLIENT, CREDENTIAL).send().await.unwrap_err(),
        auth().get_client_credentials(CLIENT).send().await.unwrap_err(),
        auth().create_client(NewClient::public("A", PROJECT)).send().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.raw_body().is_none());
        assert!(!format!("{error} {error:?}").contains("c2VjcmV0"), "{error:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_a_login_has_to_ask_for() {
    let refusal = json!({
        "errors": [{
            "detail": "You must have an identity with admin privileges in session within the last 30 minutes.",
            "id": "cc9", "title": "Forbidden", "status": "403", "code": "FORBIDDEN",
        }],
        "error": "forbidden", "error_description": "Forbidden",
        "authorization_parameters": {"session_required_identities": [ADA], "session_message": "again"},
    });
    let replay = ReplayTransport::new([Reply::json(403, refusal.to_string())]);
    let error = replayed(&replay).get_project(PROJECT).send().await.unwrap_err();
    assert!(error.is_permission_denied() && error.is_code("FORBIDDEN"), "{error}");
    assert_eq!(error.request_id(), Some("cc9"));
    assert!(error.to_string().contains("/v2/api/projects/{project_id}"), "{error}");
    assert!(Gare::from_error(&error).is_some());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_created_twice() {
    let replay = ReplayTransport::new([Reply::json(502, "{}"), Reply::json(200, "{}")]);
    let error = replayed(&replay).create_client_credential(CLIENT, "ci").send().await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), replay.requests().len()), (502, 1));
}

#[tokio::test]
async fn keys_are_got_without_credentials() {
    let configuration = json!({"issuer": "i", "jwks_uri": "https://keys.example.com/jwk.json"});
    let keys = json!({"keys": [{"kty": "RSA", "alg": "RS512", "n": "xyz", "e": "AQAB", "use": "sig"}]});
    let replay = ReplayTransport::new([&configuration, &keys].map(|body| Reply::json(200, body.to_string())));
    let auth = AuthClient::builder()
        .base_url("https://auth.example.org/")
        .transport(replay.clone())
        .authorizer(BasicAuthorizer::new(CLIENT, "s3cret"))
        .build()
        .unwrap();
    let configuration = auth.get_openid_configuration().send().await.unwrap();
    let keys = auth.get_jwk(&configuration).send().await.unwrap();
    assert_eq!(keys.keys[0].n.as_deref(), Some("xyz"));
    let requests = replay.requests();
    assert!(requests[0].header("authorization").is_some());
    assert_eq!(requests[1].url.as_str(), "https://keys.example.com/jwk.json");
    assert_eq!(requests[1].header("authorization"), None);
}

#[tokio::test]
async fn consents_come_as_trees() {
    let consent = |id: u32, path: &[u32], name: &str| {
        json!({
            "id": id, "client": CLIENT, "scope": SCOPE, "scope_name": name, "effective_identity": ADA,
            "dependency_path": path, "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
            "last_used": null, "status": "approved", "allows_refresh": true, "auto_approved": false,
            "atomically_revocable": false,
        })
    };
    let body = json!({"consents": [consent(1, &[1], "transfer:all"), consent(2, &[1, 2], "data_access")]});
    let forest = replayed(&answer(&body)).get_consents(ADA).send().await.unwrap();
    assert_eq!(forest.consents().len(), 2);
    assert!(forest.meets_scope_requirements(&[Scope::parse("transfer:all[data_access]").unwrap()]));
    assert!(!forest.meets_scope_requirements(&[Scope::parse("data_access").unwrap()]));

    let body = json!({"consents": [consent(2, &[1, 2], "data_access")]});
    let error = replayed(&answer(&body)).get_consents(ADA).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("expected whole trees, but consent 2 depends on consent 1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_bad_lookup_is_not_sent() {
    let replay = ReplayTransport::new([Reply::json(200, r#"{"identities": []}"#)]);
    let error = replayed(&replay).get_identities(IdentityLookup::ids(["x"])).send().await.unwrap_err();
    assert_eq!((error.kind(), replay.requests().len()), (ErrorKind::InvalidInput, 0));
}
