//! What an emulator can be started with, and what not.

use std::net::SocketAddr;
use std::time::Duration;

use globus_emulator::{Emulator, EmulatorBuilder, StartError};

use crate::client::{CLIENT, SECRET};

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
        (new().token_lifetime(Duration::ZERO), "token lifetime"),
        (new().redirect_uri("/relative"), "redirect URI"),
        (new().listen(([0, 0, 0, 0], 0)), "not a loopback address"),
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
