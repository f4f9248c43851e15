//! `/v2/api`: identities, consents, instances of template clients.

use serde_json::{Value, json};

use crate::client::{CLIENT, NATIVE, SECRET, Server, TRANSFER, authorize_path, basic, bearer, encode, value};

const CLI: &str = "95fdeba8-fac2-42bd-a357-e068d82ff78e";

async fn identities(server: &Server, query: &[(&str, &str)]) -> crate::client::Reply {
    let path = format!("/auth/v2/api/identities?{}", encode(query));
    server.get_with(&path, &basic(CLIENT, SECRET)).await
}

#[tokio::test]
async fn identities_are_found_by_id_and_by_name() {
    let server = Server::start().await;
    let login = server.login("openid", "online").await;
    let token = bearer(login["access_token"].as_str().unwrap());
    let person = server.get_with("/auth/v2/oauth2/userinfo", &token).await.expect(200)["sub"].clone();
    let person = person.as_str().unwrap();
    let stranger = "00000000-0000-4000-8000-000000000000";

    let document =
        identities(&server, &[("ids", &format!("{CLIENT},{person},{stranger}"))]).await.expect(200);
    let usernames: Vec<_> =
        document["identities"].as_array().unwrap().iter().map(|identity| &identity["username"]).collect();
    assert_eq!(
        usernames,
        [&json!(format!("{CLIENT}@clients.auth.globus.org")), &json!("demo@emulator.example.org")]
    );
    assert_eq!(document["identities"][0]["identity_type"], Value::Null);

    let names = [("usernames", "DEMO@emulator.example.org,no@body"), ("include", "identity_provider")];
    let document = identities(&server, &names).await.expect(200);
    assert_eq!(document["identities"].as_array().unwrap().len(), 1);
    assert_eq!(document["identities"][0]["id"], person);
    assert_eq!(
        document["included"]["identity_providers"][0]["id"],
        document["identities"][0]["identity_provider"]
    );

    for query in [&[][..], &[("ids", CLIENT), ("usernames", "a@b")], &[("ids", "x")], &[("usernames", "x")]] {
        assert_eq!(
            identities(&server, query).await.expect(400)["errors"][0]["code"],
            "BAD_REQUEST",
            "{query:?}"
        );
    }
    let one = |id: &str| format!("/auth/v2/api/identities/{id}");
    assert_eq!(server.get_with(&one(person), &token).await.expect(200)["identity"]["id"], person);
    assert_eq!(server.get_with(&one(stranger), &token).await.expect(404)["errors"][0]["code"], "NOT_FOUND");
    assert_eq!(server.get(&one(person)).await.status, 401);
}

#[tokio::test]
async fn consents_are_the_trees_that_were_allowed() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::with_collection(directory.path()).await;
    let collection = server.emulator.collection_id("lab").unwrap();
    let data_access = format!("https://auth.globus.org/scopes/{collection}/data_access");
    let token = bearer(&server.own_token(&format!("openid {TRANSFER}[*{data_access}]")).await);
    let path = format!("/auth/v2/api/identities/{CLIENT}/consents?all=False");
    let document = server.get_with(&path, &token).await.expect(200);
    let consents = document["consents"].as_array().unwrap();
    let names: Vec<_> = consents.iter().map(|consent| &consent["scope_name"]).collect();
    assert_eq!(names, ["openid", TRANSFER, &data_access]);
    let (root, child) = (&consents[1], &consents[2]);
    assert_eq!(root["client"], CLIENT);
    assert_eq!(root["scope"], "89ecabba-4acf-4e2e-a98d-ce592ccc2818");
    assert_eq!(child["client"], "2fbdda78-a599-4cb5-ac3d-1fbcfbc6a754");
    assert_eq!(child["dependency_path"], json!([root["id"], child["id"]]));
    for member in [
        "id",
        "client",
        "scope",
        "scope_name",
        "effective_identity",
        "dependency_path",
        "created",
        "updated",
        "last_used",
        "status",
        "allows_refresh",
        "auto_approved",
        "atomically_revocable",
    ] {
        assert!(child.get(member).is_some(), "{member}");
    }

    let all = format!("/auth/v2/api/identities/{CLIENT}/consents?all=True");
    server.get_with(&all, &token).await.expect(403);
    let view = bearer(&server.own_token("urn:globus:auth:scope:auth.globus.org:view_consents").await);
    assert_eq!(server.get_with(&all, &view).await.expect(200)["consents"].as_array().unwrap().len(), 4);
    let login = server.login("openid", "online").await;
    let other = bearer(login["access_token"].as_str().unwrap());
    server.get_with(&path, &other).await.expect(403);
}

#[tokio::test]
async fn the_command_line_makes_a_client_of_its_own_and_removes_it() {
    let server = Server::start().await;
    let create = async |template: &str| {
        let body = json!({"client": {"template_id": template, "name": "Globus CLI"}});
        server.json("POST", "/auth/v2/api/clients", "", &body).await
    };
    assert_eq!(create(NATIVE).await.status, 404);
    assert_eq!(create("x").await.status, 404);
    // Anything but an instance needs somebody who answers for it.
    server.json("POST", "/auth/v2/api/clients", "", &json!({"client": {"name": "n"}})).await.expect(401);

    let document = create(CLI).await.expect(201);
    let id = document["client"]["id"].as_str().unwrap();
    let secret = document["included"]["client_credential"]["secret"].as_str().unwrap();
    assert_eq!(document["client"]["parent_client"], CLI);

    // An instance may use the loopback interface without having registered it.
    let request = [
        ("client_id", id),
        ("access_type", "offline"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let page = server.get(&authorize_path(&request)).await;
    let (_, parameters) = server.decide(&page, "allow").await.redirect();
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", value(&parameters, "code").unwrap()),
        ("redirect_uri", "http://localhost:7777/done"),
    ];
    let tokens = server.token(&basic(id, secret), &exchange).await.expect(200);
    let access = tokens["access_token"].as_str().unwrap();

    // It logs out in the name of its template.
    let revoke = [("client_id", CLI), ("token", tokens["refresh_token"].as_str().unwrap())];
    server.form("/auth/v2/oauth2/token/revoke", "", &revoke).await.expect(200);
    assert_eq!(server.get_with("/auth/v2/oauth2/userinfo", &bearer(access)).await.status, 401);

    let path = format!("/auth/v2/api/clients/{id}");
    server.get_with(&path, &basic(CLIENT, SECRET)).await.expect(403);
    assert_eq!(server.get_with(&path, &basic(id, secret)).await.expect(200)["client"]["id"], id);
    server.send("DELETE", &path, &[("Authorization", &basic(id, secret))], b"").await.expect(200);
    server.get_with(&path, &basic(id, secret)).await.expect(401);
}
