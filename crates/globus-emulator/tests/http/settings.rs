//! What an emulator can be started with, and what not.

use std::net::SocketAddr;
use std::time::Duration;

use globus_emulator::{CollectionSetup, Emulator, EmulatorBuilder, GroupSetup, StartError};

use serde_json::json;

use crate::client::{CLIENT, SECRET, Server, TRANSFER, bearer};

async fn refusal(builder: EmulatorBuilder) -> String {
    match builder.start().await {
        Err(error) => error.to_string(),
        Ok(emulator) => panic!("{emulator:?} started"),
    }
}

#[tokio::test]
async fn what_cannot_work_is_refused_with_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let dir = directory.path();
    let new = Emulator::builder;
    let mapped = || CollectionSetup::mapped("lab", dir);
    let with_guest = |path: &str, more: fn(CollectionSetup) -> CollectionSetup| {
        new().collection("lab", dir).collection_with(more(CollectionSetup::guest("g", "lab", path)))
    };
    let cases = [
        (new().collection("lab", dir.join("missing")), "collection \"lab\": cannot use directory"),
        (new().collection("lab", &file), "not a directory"),
        (new().collection(" ", dir), "it is empty"),
        (new().collection("a\nb", dir), "control characters"),
        (new().collection("x".repeat(129), dir), "128 characters"),
        (new().collection("lab", dir).collection("lab", dir), "given twice"),
        (new().client("x", SECRET), "client \"x\" is not usable: the id is not a UUID"),
        (new().client(CLIENT, ""), "the secret is empty"),
        (new().client(CLIENT, "a b"), "printable ASCII"),
        (new().client(CLIENT, "a").client(CLIENT.to_uppercase(), "b"), "given twice"),
        (new().user("ada", "Ada"), "name@domain"),
        (new().user("a@b", "A").user("A@b", "A"), "given twice"),
        (new().group(GroupSetup::new(" ")), "a group has no name"),
        (
            new().group(GroupSetup::new("g").member("nobody")),
            "\"g\": \"nobody\" is neither an id nor the username",
        ),
        (new().group(GroupSetup::new("g").member("a@b").admin("a@b")), "\"g\": \"a@b\" is in it twice"),
        (new().group(GroupSetup::new("g")).group(GroupSetup::new("g")), "\"g\" is given twice"),
        (new().token_lifetime(Duration::ZERO), "token lifetime"),
        (new().redirect_uri("/relative"), "redirect URI"),
        (new().listen(([0, 0, 0, 0], 0)), "not a loopback address"),
        (new().collection_with(mapped().owner("nobody")), "\"nobody\" is neither an id nor the username"),
        (
            new().collection_with(mapped().permission(CLIENT, "/", "r")),
            "permissions are for guest collections",
        ),
        (new().collection_with(mapped().role(CLIENT, "owner")), "\"owner\" is not a role that can be given"),
        (new().collection_with(mapped().high_assurance(0)), "at least one minute"),
        (new().collection_with(mapped().detail("max_concurrency", 0)), "max_concurrency"),
        (new().collection_with(mapped().detail("colour", "red")), "colour"),
        (new().collection_with(CollectionSetup::guest("g", "lab", "/")), "there is no host \"lab\""),
        (with_guest("/missing/", |guest| guest), "path \"/missing/\""),
        (with_guest("/../", |guest| guest), "above the root"),
        (with_guest("/", |guest| guest.permission("anonymous", "/", "w")), "permissions 'w'"),
        (with_guest("/", |guest| guest.permission("anonymous", "x", "r")), "path 'x'"),
        (with_guest("/", CollectionSetup::private), "'public' cannot be set on a guest collection"),
        (with_guest("/", |guest| guest.high_assurance(5)), "high assurance are for mapped collections"),
        (with_guest("/", CollectionSetup::offline), "as its host is"),
    ];
    for (builder, part) in cases {
        let message = refusal(builder).await;
        assert!(message.contains(part), "{part} not in: {message}");
        assert!(!message.contains('\n'));
    }
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let first = Emulator::builder().start().await.unwrap();
    let error = Emulator::builder().listen(first.address()).start().await.unwrap_err();
    assert!(matches!(error, StartError::Listen { address, .. } if address == first.address()));
}

#[tokio::test]
async fn other_machines_are_let_in_only_on_demand() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let emulator = Emulator::builder().listen(everywhere).allow_non_loopback(true).start().await.unwrap();
    assert!(emulator.service_url("auth").starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn ids_of_collections_stay_and_differ() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ids = async || {
        let emulator = Emulator::builder()
            .collection("a", one.path())
            .collection("b", one.path())
            .collection("c", two.path().join("."))
            .start()
            .await
            .unwrap();
        emulator.collections().iter().map(|collection| collection.id).collect::<Vec<_>>()
    };
    let first = ids().await;
    assert_eq!(first, ids().await);
    assert!(first[0] != first[1] && first[1] != first[2]);
}

#[tokio::test]
async fn a_client_is_made_up_when_none_is_given() {
    let (one, two) = (Emulator::builder().start().await.unwrap(), Emulator::builder().start().await.unwrap());
    assert_ne!(one.client_id(), two.client_id());
    assert_ne!(one.client_secret(), two.client_secret());
    assert_eq!(one.client_secret().len(), 43);
    let builder = Emulator::builder().client(CLIENT, SECRET);
    assert!(!format!("{builder:?}").contains(SECRET));
    let given = builder.start().await.unwrap();
    assert_eq!((given.client_id().as_str(), given.client_secret()), (CLIENT, SECRET));
    assert!(!format!("{given:?}").contains(SECRET));
}

#[tokio::test]
async fn seeds_have_collections() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("shared")).unwrap();
    let seed = json!({
        "accounts": [{"username": "ada@example.org"}],
        "collections": [
            {"name": "storage", "kind": "mapped", "directory": directory.path(), "server": "site"},
            {"name": "shared", "kind": "guest", "host": "storage", "path": "/shared/", "owner": "ada@example.org",
             "permissions": [{"principal": CLIENT, "path": "/", "permissions": "r"}]},
        ],
    });
    let server = Server::with(|builder| builder).await;
    // Over HTTP nobody says which directories this machine serves.
    let refused = server.json("POST", "/_emulator/seed", "", &seed).await.expect(400);
    assert!(refused["error"].as_str().unwrap().contains("directories"), "{refused}");
    assert!(server.emulator.collections().is_empty());

    let ids = server.emulator.seed(&seed).unwrap();
    let all = server.emulator.collections();
    assert_eq!(ids["collections"], json!([all[0].id, all[1].id]));
    assert_eq!((&*all[0].name, &*all[1].name), ("storage", "shared"));
    assert_eq!(all[1].root, directory.path().canonicalize().unwrap().join("shared"));
    let ls = format!("/transfer/v0.10/operation/endpoint/{}/ls", all[1].id);
    let token = bearer(&server.own_token(TRANSFER).await);
    server.get_with(&ls, &token).await.expect(200);

    let more =
        json!({"collections": [{"name": "more", "kind": "guest", "host": "storage", "path": "/shared/"}]});
    server.json("POST", "/_emulator/seed", "", &more).await.expect(201);
    assert!(server.emulator.collection_id("more").is_some());
    for (bad, part) in [
        (
            json!({"collections": [{"name": "more", "kind": "guest", "host": "storage", "path": "/"}]}),
            "given twice",
        ),
        (json!({"collections": [{"name": "x", "kind": "cloud"}]}), "cloud"),
        (json!({"collections": [{"name": "x", "kind": "guest", "colour": "red"}]}), "colour"),
        (json!({"collections": [{"name": "x", "kind": "guest", "host": "gone", "path": "/"}]}), "no host"),
    ] {
        let error = server.emulator.seed(&bad).unwrap_err().to_string();
        assert!(error.contains(part), "{part} not in: {error}");
    }
}
