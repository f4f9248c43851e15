//! `/v2/api` for developers: projects, policies, clients, credentials, scopes.

use serde_json::{Value, json};

use crate::client::{CLIENT, NATIVE, Reply, SECRET, Server, TRANSFER, basic, bearer};

const MANAGE: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";

/// A developer who just logged in.
struct Desk {
    server: Server,
    token: String,
    who: String,
}

impl Desk {
    async fn open() -> Desk {
        let server = Server::with(|builder| builder.user("ada@uni.example.edu", "Ada")).await;
        let login = server.login(&format!("openid {MANAGE}"), "online").await;
        let token = bearer(login["access_token"].as_str().unwrap());
        let claims = server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(200);
        Desk { server, token, who: claims["sub"].as_str().unwrap().to_owned() }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.server.json(method, &format!("/auth/v2/api/{path}"), &self.token, body).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.server.get_with(&format!("/auth/v2/api/{path}"), &self.token).await
    }

    async fn project(&self) -> String {
        let body = json!({"project": {
            "display_name": "Portal", "contact_email": "ops@uni.example.edu", "admin_ids": [self.who],
        }});
        id(&self.call("POST", "projects", &body).await.expect(201)["project"])
    }

    async fn client(&self, project: &str, more: Value) -> Value {
        let mut body = json!({"client": {"name": "App", "project": project}});
        body["client"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("POST", "clients", &body).await.expect(201)["client"].clone()
    }
}

fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

fn code(document: &Value) -> &str {
    document["errors"][0]["code"].as_str().unwrap()
}

#[tokio::test]
async fn projects_are_made_changed_and_deleted() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let document = desk.get(&format!("projects/{project}")).await.expect(200)["project"].clone();
    assert_eq!(document["project_name"], "Portal");
    assert_eq!(document["admins"]["identities"][0]["username"], "ada@uni.example.edu");
    assert_eq!(document["admin_group_ids"], Value::Null);

    let change = json!({"project": {"display_name": "Gate"}});
    let path = format!("projects/{project}");
    let document = desk.call("PUT", &path, &change).await.expect(200);
    assert_eq!(document["project"]["display_name"], "Gate");
    assert_eq!(document["project"]["contact_email"], "ops@uni.example.edu");
    assert_eq!(desk.get("projects").await.expect(200)["projects"].as_array().unwrap().len(), 1);

    let client = desk.client(&project, json!({"public_client": true})).await;
    assert_eq!(code(&desk.call("DELETE", &path, &Value::Null).await.expect(409)), "CONFLICT");
    desk.call("DELETE", &format!("clients/{}", id(&client)), &Value::Null).await.expect(200);
    assert_eq!(desk.call("DELETE", &path, &Value::Null).await.expect(200)["project"]["id"], *project);
    assert_eq!(code(&desk.get(&path).await.expect(404)), "NOT_FOUND");
}

#[tokio::test]
async fn what_a_project_lacks_is_said() {
    let desk = Desk::open().await;
    for (body, word) in [
        (json!({}), "project"),
        (json!({"project": {"contact_email": "a@b", "admin_ids": [desk.who]}}), "display_name"),
        (json!({"project": {"display_name": " ", "contact_email": "a@b"}}), "display_name"),
        (json!({"project": {"display_name": "n", "contact_email": "a@b"}}), "admin_ids"),
        (json!({"project": {"display_name": "n", "contact_email": "a@b", "admin_ids": "x"}}), "admin_ids"),
        (
            json!({"project": {"display_name": "n", "contact_email": "a@b", "admin_ids": [TRANSFER]}}),
            "admin_ids",
        ),
        (
            json!({"project": {"display_name": 5, "contact_email": "a@b", "admin_ids": [desk.who]}}),
            "display_name",
        ),
    ] {
        let document = desk.call("POST", "projects", &body).await.expect(400);
        assert!(document["errors"][0]["detail"].as_str().unwrap().contains(word), "{body} {document}");
    }
}

#[tokio::test]
async fn administrators_must_have_logged_in_lately() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let late = json!({"advance_seconds": 31 * 60});
    desk.server.json("POST", "/_emulator/clock", "", &late).await.expect(200);
    let document = desk.get(&format!("projects/{project}")).await.expect(403);
    assert_eq!(code(&document), "FORBIDDEN");
    assert!(document["errors"][0]["detail"].as_str().unwrap().contains("within the last 30 minutes"));
    let demand = &document["authorization_parameters"];
    assert_eq!(demand["session_required_identities"], json!([desk.who]));
    assert!(demand["session_message"].is_string());
    // The list names what one administers nevertheless.
    assert_eq!(desk.get("projects").await.expect(200)["projects"][0]["id"], *project);

    // Doing what is demanded helps the token that is there.
    let page =
        crate::client::authorize_path(&[("session_required_identities", &desk.who), ("prompt", "login")]);
    let page = desk.server.get(&page).await;
    desk.server.decide(&page, "allow").await.redirect();
    desk.get(&format!("projects/{project}")).await.expect(200);
}

#[tokio::test]
async fn others_manage_nothing_of_it() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let client = id(&desk.client(&project, json!({"public_client": false})).await);
    let stranger = bearer(&desk.server.own_token(MANAGE).await);
    let weak = bearer(&desk.server.own_token("openid").await);
    for path in
        [format!("projects/{project}"), format!("clients/{client}"), format!("clients/{client}/credentials")]
    {
        let path = format!("/auth/v2/api/{path}");
        assert_eq!(code(&desk.server.get_with(&path, &stranger).await.expect(403)), "FORBIDDEN", "{path}");
        assert_eq!(code(&desk.server.get_with(&path, &weak).await.expect(403)), "FORBIDDEN", "{path}");
        assert_eq!(code(&desk.server.get(&path).await.expect(401)), "UNAUTHORIZED", "{path}");
    }
    let list = desk.server.get_with("/auth/v2/api/projects", &stranger).await.expect(200);
    assert_eq!(list["projects"], json!([]));
}

#[tokio::test]
async fn policies_are_checked() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let make = async |more: Value| {
        let mut policy = json!({"project_id": project, "display_name": "HA", "description": "d"});
        policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.call("POST", "policies", &json!({"policy": policy})).await
    };
    for (more, word) in [
        (json!({"authentication_assurance_timeout": 60}), "high_assurance"),
        (json!({"required_mfa": true}), "high_assurance"),
        (json!({"high_assurance": true, "authentication_assurance_timeout": 0}), "timeout"),
        (json!({"domain_constraints_include": ["*edu"]}), "*edu"),
        (json!({"domain_constraints_exclude": ["a b"]}), "a b"),
        (json!({"domain_constraints_include": "x.edu"}), "domain_constraints_include"),
        (json!({"project_id": NATIVE}), "project"),
    ] {
        let reply = make(more.clone()).await;
        assert!(matches!(reply.status, 400 | 404), "{more}");
        assert!(reply.text().contains(word), "{more} {}", reply.text());
    }
    let policy = make(json!({
        "high_assurance": true,
        "authentication_assurance_timeout": 3600,
        "domain_constraints_include": ["*.example.edu"],
        "domain_constraints_exclude": [],
    }));
    let policy = policy.await.expect(201)["policy"].clone();
    assert_eq!(policy["domain_constraints_exclude"], json!([]));
    assert_eq!(policy["required_mfa"], false);

    let path = format!("policies/{}", id(&policy));
    let change = async |change: Value| desk.call("PUT", &path, &json!({"policy": change})).await;
    change(json!({"high_assurance": false})).await.expect(400);
    let document =
        change(json!({"domain_constraints_include": null, "required_mfa": true})).await.expect(200);
    assert_eq!(document["policy"]["domain_constraints_include"], Value::Null);
    assert_eq!(document["policy"]["authentication_assurance_timeout"], 3600);
    assert_eq!(desk.get("policies").await.expect(200)["policies"].as_array().unwrap().len(), 1);
    desk.call("DELETE", &format!("projects/{project}"), &Value::Null).await.expect(409);
    desk.call("DELETE", &path, &Value::Null).await.expect(200);
    desk.get(&path).await.expect(404);
}

#[tokio::test]
async fn clients_have_a_type_and_keep_it() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let more = json!({
        "client_type": "confidential_client",
        "redirect_uris": ["https://app.example.org/cb"],
        "visibility": "public",
        "links": {"privacy_policy": "https://a.example.org", "terms_and_conditions": "https://b.example.org"},
        "preselect_idp": null,
    });
    let client = desk.client(&project, more).await;
    assert_eq!(client["client_type"], "confidential_client");
    assert_eq!(client["public_client"], false);
    assert_eq!(client["project"], *project);
    assert_eq!(client["links"]["privacy_policy"], "https://a.example.org");
    assert!(client["grant_types"].as_array().unwrap().contains(&json!("client_credentials")));
    let public = desk.client(&project, json!({"public_client": true})).await;
    assert_eq!(public["client_type"], "public_installed_client");
    assert_eq!(public["grant_types"], json!(["authorization_code", "refresh_token"]));

    let create = async |more: Value| {
        let mut body = json!({"client": {"name": "App", "project": project}});
        body["client"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.call("POST", "clients", &body).await.expect(400)
    };
    for more in [
        json!({}),
        json!({"public_client": true, "client_type": "confidential_client"}),
        json!({"client_type": "unheard_of"}),
        json!({"public_client": true, "links": {"privacy_policy": "https://a.example.org"}}),
        json!({"public_client": true, "redirect_uris": ["not a uri"]}),
        json!({"public_client": true, "visibility": "secret"}),
        json!({"public_client": true, "required_idp": NATIVE}),
    ] {
        assert_eq!(code(&create(more).await), "BAD_REQUEST");
    }

    let path = format!("clients/{}", id(&client));
    let change = async |change: Value| desk.call("PUT", &path, &json!({"client": change})).await;
    for fixed in [
        json!({"client_type": "resource_server"}),
        json!({"public_client": true}),
        json!({"project": project}),
    ] {
        change(fixed).await.expect(400);
    }
    let document =
        change(json!({"name": "New", "links": {"privacy_policy": null, "terms_and_conditions": null}}));
    let document = document.await.expect(200);
    assert_eq!(document["client"]["name"], "New");
    assert_eq!(document["client"]["links"]["privacy_policy"], Value::Null);
    assert_eq!(document["client"]["redirect_uris"], json!(["https://app.example.org/cb"]));
    assert_eq!(desk.get("clients").await.expect(200)["clients"].as_array().unwrap().len(), 2);
    let of_project = desk.get(&format!("clients?project_id={project}")).await.expect(200);
    assert_eq!(of_project["clients"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_client_manages_its_children() {
    let server = Server::start().await;
    let auth = basic(CLIENT, SECRET);
    let body = json!({"client": {"name": "Child", "public_client": false}});
    let child = server.json("POST", "/auth/v2/api/clients", &auth, &body).await.expect(201)["client"].clone();
    assert_eq!(child["parent_client"], CLIENT);
    assert_eq!(child["project"], Value::Null);
    let path = format!("/auth/v2/api/clients/{}", id(&child));
    let credential = json!({"credential": {"name": "ci"}});
    let credential =
        server.json("POST", &format!("{path}/credentials"), &auth, &credential).await.expect(201);
    let secret = credential["credential"]["secret"].as_str().unwrap();
    assert_eq!(server.get_with(&path, &basic(&id(&child), secret)).await.expect(200)["client"], child);
    let with_project = json!({"client": {"name": "Child", "public_client": false, "project": NATIVE}});
    server.json("POST", "/auth/v2/api/clients", &auth, &with_project).await.expect(400);
    // A child that runs elsewhere has no way to this machine's loopback interface but by registering it.
    let page = crate::client::authorize_path(&[("client_id", &id(&child))]);
    assert!(server.get(&page).await.text().contains("Mismatching redirect URI."));
}

#[tokio::test]
async fn credentials_open_and_close_the_door() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let client = id(&desk.client(&project, json!({"public_client": false})).await);
    let path = format!("clients/{client}/credentials");
    desk.call("POST", &path, &json!({"credential": {}})).await.expect(400);
    let made = desk.call("POST", &path, &json!({"credential": {"name": "ci"}})).await.expect(201);
    let secret = made["credential"]["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 44);
    let list = desk.get(&path).await.expect(200);
    assert_eq!(list["credentials"][0]["secret"], Value::Null);
    assert_eq!(list["credentials"][0]["name"], "ci");
    let token = [("grant_type", "client_credentials"), ("scope", "openid")];
    desk.server.token(&basic(&client, secret), &token).await.expect(200);
    let one = format!("{path}/{}", id(&made["credential"]));
    desk.call("DELETE", &one, &Value::Null).await.expect(200);
    desk.call("DELETE", &one, &Value::Null).await.expect(404);
    desk.server.token(&basic(&client, secret), &token).await.expect(401);
    let public = id(&desk.client(&project, json!({"public_client": true})).await);
    let body = json!({"credential": {"name": "ci"}});
    desk.call("POST", &format!("clients/{public}/credentials"), &body).await.expect(400);
}

#[tokio::test]
async fn scopes_are_named_after_the_client_and_its_hosts() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let client = id(&desk.client(&project, json!({"public_client": false})).await);
    let fqdns = format!("clients/{client}/fqdns");
    desk.call("POST", &fqdns, &json!({"fqdn": "no host"})).await.expect(400);
    let made = desk.call("POST", &fqdns, &json!({"fqdn": "svc.example.org"})).await.expect(201);
    assert_eq!(made, json!({"fqdns": ["svc.example.org"]}));
    let by_fqdn = desk.get("clients?fqdn=svc.example.org").await.expect(200);
    assert_eq!(by_fqdn["client"]["id"], *client);
    desk.get("clients?fqdn=other.example.org").await.expect(404);

    let path = format!("clients/{client}/scopes");
    let scope = json!({"scope": {"name": "Manage", "description": "d", "scope_suffix": "manage", "advertised": true,
        "dependent_scopes": [{"scope": "89ecabba-4acf-4e2e-a98d-ce592ccc2818", "optional": true,
            "requires_refresh_token": false}]}});
    let made = desk.call("POST", &path, &scope).await.expect(201)["scopes"].clone();
    let strings: Vec<&Value> = made.as_array().unwrap().iter().map(|scope| &scope["scope_string"]).collect();
    let own = format!("https://auth.globus.org/scopes/{client}/manage");
    assert_eq!(strings, [&json!(own), &json!("https://auth.globus.org/scopes/svc.example.org/manage")]);
    desk.call("POST", &path, &scope).await.expect(409);
    for bad in [
        json!({"name": "n", "description": "d", "scope_suffix": "Big"}),
        json!({"name": "n", "scope_suffix": "x"}),
        json!({"name": "n", "description": "d", "scope_suffix": "x", "dependent_scopes": [{"scope": NATIVE}]}),
    ] {
        desk.call("POST", &path, &json!({"scope": bad})).await.expect(400);
    }
    assert_eq!(
        desk.get(&format!("clients/{client}")).await.expect(200)["client"]["scopes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    // Anybody can look an advertised scope up, and ask for it.
    let stranger = bearer(&desk.server.own_token("openid").await);
    let found = format!("/auth/v2/api/scopes?scope_strings={own},{TRANSFER},no_such_scope");
    let found = desk.server.get_with(&found, &stranger).await.expect(200);
    assert_eq!(found["scopes"].as_array().unwrap().len(), 2);
    desk.server.own_token(&own).await;
    let one = format!("scopes/{}", id(&made[0]));
    let hide = json!({"scope": {"advertised": false, "name": "M"}});
    assert_eq!(desk.call("PUT", &one, &hide).await.expect(200)["scope"]["name"], "M");
    desk.call("PUT", &one, &json!({"scope": {"scope_suffix": "other"}})).await.expect(400);
    desk.server.get_with(&format!("/auth/v2/api/{one}"), &stranger).await.expect(404);
    assert_eq!(desk.get("scopes").await.expect(200)["scopes"].as_array().unwrap().len(), 2);
    desk.get(&format!("scopes?ids={NATIVE}&scope_strings=openid")).await.expect(400);

    // With the scope its tokens end.
    let token = desk.server.own_token(&own).await;
    let validate = async || {
        let form = [("token", token.as_str())];
        desk.server.form("/auth/v2/oauth2/token/validate", &basic(CLIENT, SECRET), &form).await.expect(200)
    };
    assert_eq!(validate().await["active"], true);
    desk.call("DELETE", &one, &Value::Null).await.expect(200);
    assert_eq!(validate().await["active"], false);
    let form = [("grant_type", "client_credentials"), ("scope", own.as_str())];
    desk.server.token(&basic(CLIENT, SECRET), &form).await.expect(400);
}

#[tokio::test]
async fn providers_and_provisioned_identities() {
    let desk = Desk::open().await;
    let of_domain = desk.get("identity_providers?domains=uni.example.edu,globusid.org").await.expect(200);
    let names: Vec<&Value> =
        of_domain["identity_providers"].as_array().unwrap().iter().map(|idp| &idp["name"]).collect();
    assert_eq!(names, ["Globus ID", "uni.example.edu"]);
    let by_id = desk.get("identity_providers?ids=41143743-f3c8-4d60-bbdb-eeecaba85bd9").await.expect(200);
    assert_eq!(by_id["identity_providers"][0]["short_name"], "globusid");
    desk.get("identity_providers").await.expect(400);

    let names = "identities?usernames=new@uni.example.edu,x@nowhere.example.org";
    assert_eq!(desk.get(names).await.expect(200)["identities"], json!([]));
    let made = desk.get(&format!("{names}&provision=true")).await.expect(200)["identities"].clone();
    assert_eq!(made.as_array().unwrap().len(), 1);
    assert_eq!((&made[0]["status"], &made[0]["name"]), (&json!("unused"), &Value::Null));
    assert_eq!(desk.get(names).await.expect(200)["identities"], made);
}
