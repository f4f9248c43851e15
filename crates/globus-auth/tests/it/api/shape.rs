//! What each operation puts on the wire: a row without its optional parameters, and one with all of them.

use globus_auth::api::{
    clients::{ClientType, ClientUpdate, ClientVisibility, NewClient},
    identities::{IdentityLookup, IdentityProviderId, IdentityProviderLookup},
    policies::{NewPolicy, PolicyUpdate},
    projects::{NewProject, ProjectUpdate},
    scopes::{DependentScope, NewScope, ScopeLookup, ScopeUpdate},
};
use globus_core::{ErrorKind, Field, IdentityId, test_util::shape};
use serde_json::json;

use super::{ADA, BOB, CLIENT, CREDENTIAL, GROUP, POLICY, PROJECT, PROVIDER, SCOPE, idle};

/// Compares lines; a body may be written with any spacing in the expectation.
fn check(rows: impl IntoIterator<Item = (String, String)>) {
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

macro_rules! row {
    ($request:expr, $expected:expr) => {
        (shape($request.to_request()), $expected.to_string())
    };
    ($request:expr, $expected:expr, $body:expr) => {
        (shape($request.to_request()), format!("{} {}", $expected, $body))
    };
}

#[test]
fn userinfo() {
    let auth = idle();
    check([
        row!(auth.userinfo(), "GET /v2/oauth2/userinfo"),
        row!(auth.get_openid_configuration(), "GET /.well-known/openid-configuration"),
    ]);
}

#[test]
fn keys_are_where_the_configuration_says() {
    let keys = |address: &str| {
        let configuration = json!({"issuer": "https://auth.example.org", "jwks_uri": address});
        idle().get_jwk(&serde_json::from_value(configuration).unwrap()).to_request()
    };
    for address in [
        "https://auth.example.org/jwk.json",
        "https://keys.example.com/a%2Fb/keys?v=1",
        "http://127.0.0.1:8765/auth/jwk.json",
        "http://[::1]/jwk.json",
        "http://localhost/jwk.json",
    ] {
        assert_eq!(keys(address).unwrap().url.as_str(), address);
    }
    for (address, problem) in [
        ("http://auth.example.org/jwk.json", "is neither https nor on this machine: its keys prove nothing"),
        ("ftp://localhost/jwk.json", "is neither https nor on this machine: its keys prove nothing"),
        ("/jwk.json", "is not an address"),
    ] {
        let error = keys(address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), format!("GET {{jwks_uri}}: jwks_uri {address:?} {problem}"));
    }
}

#[test]
fn identities() {
    let auth = idle();
    let ada: IdentityId = ADA.parse().unwrap();
    check([
        row!(auth.get_identities(IdentityLookup::ids([ada])), format!("GET /v2/api/identities?ids={ADA}")),
        row!(
            auth.get_identities(IdentityLookup::ids([ADA.to_uppercase().as_str(), BOB])),
            format!("GET /v2/api/identities?ids={ADA},{BOB}")
        ),
        row!(
            auth.get_identities(IdentityLookup::usernames(["ada@example.edu", "bob+1@example.edu"])),
            "GET /v2/api/identities?usernames=ada@example.edu,bob+1@example.edu&provision=false"
        ),
        row!(
            auth.get_identities(IdentityLookup::provisioned_usernames(vec!["a@b.c"]))
                .include(["identity_provider"]),
            "GET /v2/api/identities?usernames=a@b.c&provision=true&include=identity_provider"
        ),
        row!(
            auth.get_identity_providers(IdentityProviderLookup::ids([PROVIDER])),
            format!("GET /v2/api/identity_providers?ids={PROVIDER}")
        ),
        row!(
            auth.get_identity_providers(IdentityProviderLookup::domains(["globus.org", "example.edu"])),
            "GET /v2/api/identity_providers?domains=globus.org,example.edu"
        ),
    ]);
}

#[test]
fn projects() {
    let auth = idle();
    let path = format!("/v2/api/projects/{PROJECT}");
    let new = NewProject::new("Portal", "ops@example.edu");
    let update = ProjectUpdate::new().display_name("Portal").contact_email("ops@example.edu");
    let all = json!({"project": {
        "display_name": "Portal", "contact_email": "ops@example.edu",
        "admin_ids": [ADA, BOB], "admin_group_ids": [GROUP],
    }});
    check([
        row!(auth.get_project(PROJECT), format!("GET {path}")),
        row!(auth.get_projects(), "GET /v2/api/projects"),
        row!(
            auth.create_project(new.clone()),
            "POST /v2/api/projects",
            json!({"project": {"display_name": "Portal", "contact_email": "ops@example.edu"}})
        ),
        row!(
            auth.create_project(new.admin_ids([ADA, BOB]).admin_group_ids([GROUP])),
            "POST /v2/api/projects",
            all
        ),
        row!(
            auth.update_project(PROJECT, ProjectUpdate::new()),
            format!("PUT {path}"),
            json!({"project": {}})
        ),
        row!(
            auth.update_project(PROJECT, update.admin_ids([ADA, BOB]).admin_group_ids([GROUP])),
            format!("PUT {path}"),
            all
        ),
        row!(auth.delete_project(PROJECT), format!("DELETE {path}")),
    ]);
}

#[test]
fn policies() {
    let auth = idle();
    let path = format!("/v2/api/policies/{POLICY}");
    let new = NewPolicy::new(PROJECT, "Campus", "Campus login");
    let everything = json!({"policy": {
        "project_id": PROJECT, "display_name": "Campus", "description": "Campus login", "high_assurance": true,
        "authentication_assurance_timeout": 3600, "required_mfa": false,
        "domain_constraints_include": ["*.example.edu"], "domain_constraints_exclude": null,
    }});
    let mut update = everything.clone();
    update["policy"].as_object_mut().unwrap().remove("high_assurance");
    update["policy"]["domain_constraints_include"] = json!([]);
    check([
        row!(auth.get_policy(POLICY), format!("GET {path}")),
        row!(auth.get_policies(), "GET /v2/api/policies"),
        row!(
            auth.create_policy(new.clone()),
            "POST /v2/api/policies",
            json!({"policy": {"project_id": PROJECT, "display_name": "Campus", "description": "Campus login"}})
        ),
        row!(
            auth.create_policy(
                new.high_assurance(true)
                    .authentication_assurance_timeout(3600)
                    .required_mfa(false)
                    .domain_constraints_include(vec!["*.example.edu".to_owned()])
                    .domain_constraints_exclude(Field::Null)
            ),
            "POST /v2/api/policies",
            everything
        ),
        row!(auth.update_policy(POLICY, PolicyUpdate::new()), format!("PUT {path}"), json!({"policy": {}})),
        row!(
            auth.update_policy(
                POLICY,
                PolicyUpdate::new()
                    .project_id(PROJECT)
                    .display_name("Campus")
                    .description("Campus login")
                    .authentication_assurance_timeout(3600)
                    .required_mfa(false)
                    .domain_constraints_include(vec![])
                    .domain_constraints_exclude(None)
            ),
            format!("PUT {path}"),
            update
        ),
        row!(
            auth.update_policy(
                POLICY,
                PolicyUpdate::new()
                    .domain_constraints_include(vec![])
                    .domain_constraints_include(Field::Absent)
            ),
            format!("PUT {path}"),
            json!({"policy": {}})
        ),
        row!(auth.delete_policy(POLICY), format!("DELETE {path}")),
    ]);
}

#[test]
fn reading_clients() {
    let auth = idle();
    let path = format!("/v2/api/clients/{CLIENT}");
    check([
        row!(auth.get_client(CLIENT), format!("GET {path}")),
        row!(auth.get_client_by_fqdn("service.example.org"), "GET /v2/api/clients?fqdn=service.example.org"),
        row!(auth.get_clients(), "GET /v2/api/clients"),
        row!(auth.delete_client(CLIENT), format!("DELETE {path}")),
    ]);
}

#[test]
fn creating_clients() {
    let auth = idle();
    let post = "POST /v2/api/clients";
    check([
        row!(
            auth.create_client(NewClient::new("A", PROJECT, ClientType::ClientIdentity)),
            post,
            json!({"client": {"name": "A", "project": PROJECT, "client_type": "client_identity"}})
        ),
        row!(
            auth.create_client(NewClient::new("A", PROJECT, "of_the_future")),
            post,
            json!({"client": {"name": "A", "project": PROJECT, "client_type": "of_the_future"}})
        ),
        row!(
            auth.create_client(NewClient::public("A", PROJECT)),
            post,
            json!({"client": {"name": "A", "project": PROJECT, "public_client": true}})
        ),
        row!(
            auth.create_client(
                NewClient::confidential("A", PROJECT)
                    .visibility(ClientVisibility::Public)
                    .redirect_uris(["https://a.example.edu/cb", "http://localhost:8000/"])
                    .links("https://a.example.edu/terms", "https://a.example.edu/privacy")
                    .required_idp(PROVIDER)
                    .preselect_idp(PROVIDER)
                    .extra("new_member", 7)
            ),
            post,
            json!({"client": {
                "name": "A", "project": PROJECT, "public_client": false, "visibility": "public",
                "redirect_uris": ["https://a.example.edu/cb", "http://localhost:8000/"],
                "links": {
                    "terms_and_conditions": "https://a.example.edu/terms",
                    "privacy_policy": "https://a.example.edu/privacy",
                },
                "required_idp": PROVIDER, "preselect_idp": PROVIDER, "new_member": 7,
            }})
        ),
    ]);
}

#[test]
fn changing_clients() {
    let auth = idle();
    let put = format!("PUT /v2/api/clients/{CLIENT}");
    let provider: IdentityProviderId = PROVIDER.parse().unwrap();
    check([
        row!(auth.update_client(CLIENT, ClientUpdate::new()), put, json!({"client": {}})),
        row!(
            auth.update_client(
                CLIENT,
                ClientUpdate::new()
                    .name("B")
                    .visibility(ClientVisibility::Private)
                    .redirect_uris(Vec::<String>::new())
                    .links("t", "p")
                    .required_idp(provider)
                    .preselect_idp(Field::Null)
            ),
            put,
            json!({"client": {
                "name": "B", "visibility": "private", "redirect_uris": [],
                "links": {"terms_and_conditions": "t", "privacy_policy": "p"},
                "required_idp": PROVIDER, "preselect_idp": null,
            }})
        ),
        row!(
            auth.update_client(
                CLIENT,
                ClientUpdate::new().without_links().required_idp(provider).required_idp(Field::Absent)
            ),
            put,
            json!({"client": {"links": {"terms_and_conditions": null, "privacy_policy": null}}})
        ),
    ]);
}

#[test]
fn credentials() {
    let auth = idle();
    let path = format!("/v2/api/clients/{CLIENT}/credentials");
    check([
        row!(auth.get_client_credentials(CLIENT), format!("GET {path}")),
        row!(
            auth.create_client_credential(CLIENT, "ci"),
            format!("POST {path}"),
            json!({"credential": {"name": "ci"}})
        ),
        row!(auth.delete_client_credential(CLIENT, CREDENTIAL), format!("DELETE {path}/{CREDENTIAL}")),
    ]);
}

#[test]
fn scopes() {
    let auth = idle();
    let path = format!("/v2/api/scopes/{SCOPE}");
    let post = format!("POST /v2/api/clients/{CLIENT}/scopes");
    let dependent = DependentScope::new(SCOPE.parse().unwrap());
    let dependents = [dependent.clone(), dependent.optional(true).requires_refresh_token(true)];
    let everything = json!({"scope": {
        "name": "N", "description": "D", "scope_suffix": "s", "advertised": false, "allows_refresh_token": true,
        "required_domains": ["example.edu"],
        "dependent_scopes": [
            {"scope": SCOPE, "optional": false, "requires_refresh_token": false},
            {"scope": SCOPE, "optional": true, "requires_refresh_token": true},
        ],
    }});
    check([
        row!(auth.get_scope(SCOPE), format!("GET {path}")),
        row!(auth.get_scopes(ScopeLookup::own()), "GET /v2/api/scopes"),
        row!(auth.get_scopes(ScopeLookup::ids([SCOPE])), format!("GET /v2/api/scopes?ids={SCOPE}")),
        row!(
            auth.get_scopes(ScopeLookup::scope_strings(["openid", "urn:x:all"])),
            "GET /v2/api/scopes?scope_strings=openid,urn:x:all"
        ),
        row!(
            auth.create_scope(CLIENT, NewScope::new("N", "D", "s")),
            post,
            json!({"scope": {"name": "N", "description": "D", "scope_suffix": "s"}})
        ),
        row!(
            auth.create_scope(
                CLIENT,
                NewScope::new("N", "D", "s")
                    .advertised(false)
                    .allows_refresh_token(true)
                    .required_domains(["example.edu"])
                    .dependent_scopes(dependents.clone())
            ),
            post,
            everything
        ),
        row!(auth.update_scope(SCOPE, ScopeUpdate::new()), format!("PUT {path}"), json!({"scope": {}})),
        row!(
            auth.update_scope(
                SCOPE,
                ScopeUpdate::new()
                    .name("N")
                    .description("D")
                    .scope_suffix("s")
                    .advertised(false)
                    .allows_refresh_token(true)
                    .required_domains(["example.edu"])
                    .dependent_scopes(dependents)
            ),
            format!("PUT {path}"),
            everything
        ),
        row!(auth.delete_scope(SCOPE), format!("DELETE {path}")),
    ]);
}

#[test]
fn consents() {
    let auth = idle();
    let path = format!("/v2/api/identities/{ADA}/consents");
    check([
        row!(auth.get_consents(ADA), format!("GET {path}?all=False")),
        row!(auth.get_consents(ADA).all(true), format!("GET {path}?all=True")),
    ]);
}

#[test]
fn what_cannot_be_sent_is_told() {
    let auth = idle();
    let no_ids: [&str; 0] = [];
    let rows = [
        (
            auth.get_identities(IdentityLookup::ids(no_ids)).to_request(),
            "GET /v2/api/identities: ids is empty: there is nothing to look up",
        ),
        (
            auth.get_identities(IdentityLookup::ids([ADA, "ada"])).to_request(),
            "GET /v2/api/identities: ids[1]: \"ada\" is not an identity id",
        ),
        (
            auth.get_identities(IdentityLookup::usernames(["a@b", "c@d,e@f"])).to_request(),
            "GET /v2/api/identities: usernames[1] has a comma: \"c@d,e@f\"",
        ),
        (
            auth.get_identities(IdentityLookup::usernames([""])).to_request(),
            "GET /v2/api/identities: usernames[0] is empty",
        ),
        (
            auth.get_identity_providers(IdentityProviderLookup::domains(no_ids)).to_request(),
            "GET /v2/api/identity_providers: domains is empty",
        ),
        (
            auth.get_scopes(ScopeLookup::ids(no_ids)).to_request(),
            "GET /v2/api/scopes: ids is empty: there is nothing to look up",
        ),
        (auth.get_client_by_fqdn("").to_request(), "GET /v2/api/clients: fqdn is empty"),
        (
            auth.create_project(NewProject::new("P", "e").admin_ids([ADA, "me"]).admin_group_ids(["us"]))
                .to_request(),
            "POST /v2/api/projects: project cannot be written as JSON: admin_group_ids[0]: \"us\" is not a group id",
        ),
        (
            auth.create_client(NewClient::public("A", "portal")).to_request(),
            "POST /v2/api/clients: client cannot be written as JSON: project: \"portal\" is not a project id",
        ),
        (
            auth.delete_client_credential(CLIENT, "ci").to_request(),
            "DELETE /v2/api/clients/{client_id}/credentials/{credential_id}: \"ci\" is not a client credential id",
        ),
    ];
    for (request, expected) in rows {
        let error = request.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let corrected =
        NewClient::public("A", "portal").required_idp("x").required_idp(PROVIDER).extra("project", PROJECT);
    assert_eq!(
        shape(auth.create_client(corrected).to_request()),
        format!(
            "POST /v2/api/clients {}",
            json!({"client": {
                "name": "A", "project": PROJECT, "public_client": true, "required_idp": PROVIDER,
            }})
        )
    );
}
