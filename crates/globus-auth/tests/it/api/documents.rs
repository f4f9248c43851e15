//! Documents: everything that the service says is read and kept, and what may change does not keep them from being read.

use globus_auth::api::{
    clients::{ClientCredential, ClientType, RegisteredClient},
    identities::{IdentityList, IdentityProvider, IdentityStatus, IdentityType},
    openid::{JwkSet, OpenIdConfiguration},
    policies::Policy,
    projects::Project,
    scopes::{CreatedScopes, RegisteredScope},
    userinfo::UserInfo,
};
use globus_core::test_util::mutation::check;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ADA, BOB, CLIENT, CREDENTIAL, GROUP, POLICY, PROJECT, PROVIDER, SCOPE};

fn read<T: DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

fn identity() -> Value {
    json!({
        "id": ADA, "username": "ada@example.edu", "status": "used", "name": "Ada", "email": "ada@example.edu",
        "organization": "Example University", "identity_provider": PROVIDER, "identity_type": "login",
    })
}

fn provider() -> Value {
    json!({
        "id": PROVIDER, "name": "Example University", "short_name": "exuni", "alternative_names": ["EU"],
        "domains": ["example.edu"],
    })
}

#[test]
fn userinfo() {
    let fixture = json!({
        "sub": ADA, "preferred_username": "ada@example.edu", "name": "Ada", "organization": "Example University",
        "email": "ada@example.edu", "identity_provider": PROVIDER,
        "identity_provider_display_name": "Example University", "last_authentication": 1_767_225_590,
        "identity_set": [{
            "sub": ADA, "username": "ada@example.edu", "name": "Ada", "email": "ada@example.edu",
            "organization": "Example University", "identity_provider": PROVIDER,
            "identity_provider_display_name": "Example University", "last_authentication": 1_767_225_590,
            "status": "used",
        }],
    });
    let required = ["/sub", "/identity_set/0/sub"];
    let ids = ["/sub", "/identity_provider", "/identity_set/0/sub", "/identity_set/0/identity_provider"];
    check::<UserInfo>(&fixture, &required, &ids);
    let user: UserInfo = read(&fixture);
    assert!(user.extra().is_empty(), "{user:?}");
    assert!(user.identity_set.unwrap()[0].extra().is_empty());
}

#[test]
fn openid() {
    let fixture = json!({
        "issuer": "https://auth.globus.org", "jwks_uri": "https://auth.globus.org/jwk.json",
        "authorization_endpoint": "https://auth.globus.org/v2/oauth2/authorize",
        "token_endpoint": "https://auth.globus.org/v2/oauth2/token",
        "userinfo_endpoint": "https://auth.globus.org/v2/oauth2/userinfo",
        "revocation_endpoint": "https://auth.globus.org/v2/oauth2/token/revoke",
        "scopes_supported": ["openid", "email", "profile"], "response_types_supported": ["code", "id_token"],
        "id_token_signing_alg_values_supported": ["RS512"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"], "claims_supported": ["aud", "sub"],
        "subject_types_supported": ["public"],
    });
    check::<OpenIdConfiguration>(&fixture, &["/issuer", "/jwks_uri"], &[]);
    assert!(read::<OpenIdConfiguration>(&fixture).extra().is_empty());

    let keys = json!({"keys": [
        {"alg": "RS512", "e": "AQAB", "kty": "RSA", "n": "xyz", "use": "sig", "kid": "1"}
    ]});
    check::<JwkSet>(&keys, &["/keys", "/keys/0/kty"], &[]);
    assert!(read::<JwkSet>(&keys).keys[0].extra().is_empty());
}

#[test]
fn identities() {
    let fixture = json!({"identities": [identity()], "included": {"identity_providers": [provider()]}});
    let required =
        ["/identities", "/identities/0/id", "/identities/0/username", "/included/identity_providers/0/id"];
    let ids = ["/identities/0/id", "/identities/0/identity_provider", "/included/identity_providers/0/id"];
    check::<IdentityList>(&fixture, &required, &ids);
    let list: IdentityList = read(&fixture);
    let ada = &list.identities[0];
    assert!(list.extra().is_empty() && ada.extra().is_empty());
    assert_eq!(ada.status, Some(IdentityStatus::Used));
    assert_eq!(ada.identity_type, Some(IdentityType::Login));
    let included = list.included.unwrap();
    assert!(included.extra().is_empty() && included.identity_providers[0].extra().is_empty());
    check::<IdentityProvider>(&provider(), &["/id"], &["/id"]);
}

/// As the service describes somebody who has never logged in, and an application.
#[test]
fn identities_of_which_little_is_known() {
    let list: IdentityList = read(&json!({"identities": [
        {"id": BOB, "username": "bob@example.edu", "status": "unused", "name": null, "email": null,
         "organization": null, "identity_provider": PROVIDER},
        {"id": CLIENT, "username": format!("{CLIENT}@clients.auth.globus.org"), "status": "used", "name": "Portal",
         "email": null, "organization": null, "identity_type": null, "identity_provider": PROVIDER},
    ]}));
    assert_eq!(list.identities[0].status, Some(IdentityStatus::Unused));
    assert_eq!(list.identities[1].identity_type, None);
    assert!(list.included.is_none());
}

#[test]
fn project() {
    let fixture = json!({
        "id": PROJECT, "display_name": "Data Portal", "project_name": "Data Portal",
        "contact_email": "ops@example.edu", "admin_ids": [ADA], "admin_group_ids": [GROUP],
        "admins": {
            "identities": [identity()],
            "groups": [{"id": GROUP, "name": "Ops", "description": "those who operate", "organization": "Lab"}],
        },
    });
    let required = ["/id", "/admins/identities/0/id", "/admins/identities/0/username", "/admins/groups/0/id"];
    let ids = [
        "/id",
        "/admin_ids/0",
        "/admin_group_ids/0",
        "/admins/identities/0/id",
        "/admins/identities/0/identity_provider",
        "/admins/groups/0/id",
    ];
    check::<Project>(&fixture, &required, &ids);
    let project: Project = read(&fixture);
    assert!(project.extra().is_empty());
    let admins = project.admins.unwrap();
    assert!(admins.extra().is_empty() && admins.groups[0].extra().is_empty());
}

#[test]
fn policy() {
    let fixture = json!({
        "id": POLICY, "project_id": PROJECT, "display_name": "Campus", "description": "Campus login",
        "high_assurance": true, "authentication_assurance_timeout": 3600, "required_mfa": false,
        "domain_constraints_include": ["*.example.edu"], "domain_constraints_exclude": [],
    });
    check::<Policy>(&fixture, &["/id"], &["/id", "/project_id"]);
    let policy: Policy = read(&fixture);
    assert!(policy.extra().is_empty());
    assert_eq!(policy.domain_constraints_exclude, Some(vec![]));
}

#[test]
fn client() {
    let fixture = json!({
        "id": CLIENT, "name": "Portal", "project": PROJECT, "parent_client": CLIENT, "public_client": false,
        "client_type": "hybrid_confidential_client_resource_server", "visibility": "private",
        "grant_types": ["authorization_code", "urn:globus:auth:grant_type:dependent_token"],
        "redirect_uris": ["https://a.example.edu/cb"], "scopes": [SCOPE], "fqdns": ["a.example.edu"],
        "links": {"privacy_policy": "p", "terms_and_conditions": "t"}, "required_idp": PROVIDER,
        "preselect_idp": PROVIDER, "userinfo_from_effective_identity": true, "prompt_for_named_grant": false,
    });
    let ids = ["/id", "/project", "/parent_client", "/scopes/0", "/required_idp", "/preselect_idp"];
    check::<RegisteredClient>(&fixture, &["/id"], &ids);
    let client: RegisteredClient = read(&fixture);
    assert!(client.extra().is_empty() && client.links.unwrap().extra().is_empty());
    assert_eq!(client.client_type, Some(ClientType::HybridConfidentialClientResourceServer));
}

#[test]
fn scope() {
    let fixture = json!({
        "id": SCOPE, "client": CLIENT, "scope_string": "https://auth.globus.org/scopes/x/manage", "name": "Manage",
        "description": "Manage my things", "advertised": true, "allows_refresh_token": true,
        "required_domains": ["example.edu"],
        "dependent_scopes": [{"scope": SCOPE, "optional": true, "requires_refresh_token": true}],
    });
    let required = ["/id", "/scope_string", "/dependent_scopes/0/scope"];
    check::<RegisteredScope>(&fixture, &required, &["/id", "/client", "/dependent_scopes/0/scope"]);
    let scope: RegisteredScope = read(&fixture);
    assert!(scope.extra().is_empty() && scope.dependent_scopes[0].extra().is_empty());

    let mut other = fixture.clone();
    other["id"] = json!(PROJECT);
    for (answer, count) in [
        (json!({"scopes": [fixture, other], "x": 1}), 2),
        (json!({"scope": fixture, "x": 1}), 1),
        (json!({"scope": fixture, "scopes": [fixture], "x": 1}), 1),
        (json!({"scope": fixture, "scopes": [other], "x": 1}), 2),
        (json!({"scope": null, "scopes": [], "x": 1}), 0),
    ] {
        let created: CreatedScopes = read(&answer);
        assert_eq!(created.scopes.len(), count, "{answer}");
        assert_eq!(created.extra().get("x"), Some(&json!(1)));
        let again: CreatedScopes = read(&serde_json::to_value(&created).unwrap());
        assert_eq!(again.scopes.len(), count);
    }
    let error = serde_json::from_str::<CreatedScopes>("{}").unwrap_err();
    assert!(error.to_string().contains("expected the member `scopes` or `scope`"), "{error}");
}

#[test]
fn credential() {
    let fixture = json!({
        "id": CREDENTIAL, "name": "ci", "created": "2026-01-01T00:00:00.000000+00:00", "client": CLIENT,
        "secret": "bm90LWEtcmVhbC1zZWNyZXQ=", "new_secret": "aWNo",
    });
    let credential: ClientCredential = read(&fixture);
    assert_eq!(credential.secret.as_ref().unwrap().expose(), "bm90LWEtcmVhbC1zZWNyZXQ=");
    assert_eq!(credential.created.unwrap().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(credential.extra().get("new_secret"), Some(&json!("aWNo")));
    let shown = format!("{credential:?}");
    assert!(shown.contains("new_secret") && !shown.contains("aWNo") && !shown.contains("bm90"), "{shown}");
    for name in ["name", "created", "client", "secret"] {
        let mut without = fixture.clone();
        without.as_object_mut().unwrap().remove(name);
        read::<ClientCredential>(&without);
        without[name] = Value::Null;
        read::<ClientCredential>(&without);
    }
}
