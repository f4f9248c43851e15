//! Many identities in few requests.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use globus_auth::{AuthClient, ErrorKind, IdentityMap};
use globus_core::{
    IdentityId, RetryPolicy, Transport,
    test_util::{ReplayTransport, Reply},
    transport::{Request, Response, TransportError},
};
use serde_json::{Value, json};
use url::form_urlencoded::parse;

use super::{ADA, BOB, replayed};

fn identity(id: &str, username: &str) -> Value {
    json!({"id": id, "username": username, "status": "used"})
}

fn answers(identities: &[Value]) -> Reply {
    Reply::json(200, json!({"identities": identities}).to_string())
}

/// What was asked for, one line for each request.
fn asked(replay: &ReplayTransport) -> Vec<String> {
    let line = |url: &url::Url| {
        let query = parse(url.query().unwrap_or_default().as_bytes()).into_owned();
        query.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    };
    replay.requests().iter().map(|request| line(&request.url)).collect()
}

#[tokio::test]
async fn one_answer_serves_both_names_and_every_spelling() {
    for (first, then) in [
        (ADA, vec![ADA, "ada@example.edu"]),
        ("ada@example.edu", vec!["ada@example.edu", ADA, " ada@example.edu "]),
        ("7A1B2C3D-1111-4222-8333-944445555666", vec![ADA, "ada@example.edu"]),
        ("7a1b2c3d111142228333944445555666", vec![ADA, "7A1B2C3D111142228333944445555666"]),
        ("Ada@Example.EDU", vec!["Ada@Example.EDU", "ada@example.edu", ADA]),
    ] {
        let replay = ReplayTransport::new([answers(&[identity(ADA, "ada@example.edu")])]);
        let people = IdentityMap::new(replayed(&replay));
        for name in std::iter::once(first).chain(then) {
            let found = people.get(name).await.unwrap().map(|identity| identity.id.to_string());
            assert_eq!(found.as_deref(), Some(ADA), "{first} then {name}");
        }
        let id: IdentityId = ADA.parse().unwrap();
        assert!(people.get(id).await.unwrap().is_some());
        assert_eq!(replay.requests().len(), 1, "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_once_only() {
    let replay =
        ReplayTransport::new([answers(&[]), answers(&[]), answers(&[identity(BOB, "bob@example.edu")])]);
    let people = IdentityMap::new(replayed(&replay));
    for _ in 0..3 {
        assert!(people.get(ADA).await.unwrap().is_none());
        assert!(people.get("bob@example.edu").await.unwrap().is_none());
    }
    assert_eq!(
        asked(&replay),
        [format!("ids={ADA}"), "usernames=bob@example.edu&provision=false".to_owned()]
    );

    people.forget("bob@example.edu").unwrap();
    assert_eq!(people.get("bob@example.edu").await.unwrap().unwrap().id.to_string(), BOB);
    assert_eq!(people.get(BOB).await.unwrap().unwrap().username, "bob@example.edu");
    assert_eq!(replay.left(), 0);

    people.forget(BOB).unwrap();
    let error = people.get("bob@example.edu").await.unwrap_err();
    assert!(error.is_connect(), "known under no name any more, so asked again: {error}");
}

#[tokio::test]
async fn a_first_question_asks_for_those_that_wait_too() {
    let replay = ReplayTransport::new([
        answers(&[identity(ADA, "ada@example.edu"), identity(BOB, "bob@example.edu")]),
        answers(&[identity("00000000-0000-4000-8000-000000000001", "c@example.edu")]),
    ]);
    let people = IdentityMap::new(replayed(&replay));
    people.add_all(["c@example.edu", BOB, "d@example.edu", BOB]).unwrap();
    people.add(BOB).unwrap();
    assert!(replay.requests().is_empty());
    assert!(people.get(ADA).await.unwrap().is_some());
    assert!(people.get("bob@example.edu").await.unwrap().is_some());
    assert!(people.get("d@example.edu").await.unwrap().is_none());
    assert!(people.get("c@example.edu").await.unwrap().is_some());
    assert_eq!(
        asked(&replay),
        [format!("ids={ADA},{BOB}"), "usernames=d@example.edu,c@example.edu&provision=false".to_owned()]
    );
}

#[tokio::test]
async fn batches_have_a_hundred_or_fewer() {
    let ids: Vec<String> = (0..250).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect();
    for (size, batches) in [(100, vec![100, 100, 50]), (1_000, vec![100, 100, 50]), (240, vec![100, 100, 50])]
    {
        let replay = ReplayTransport::new([answers(&[]), answers(&[]), answers(&[])]);
        let people = IdentityMap::new(replayed(&replay)).with_batch_size(size);
        people.add_all(&ids).unwrap();
        people.load().await.unwrap();
        let counts: Vec<_> = asked(&replay).iter().map(|line| line.split(',').count()).collect();
        assert_eq!(counts, batches);
        people.load().await.unwrap();
        assert!(people.get(&ids[249]).await.unwrap().is_none());
        assert_eq!(replay.requests().len(), 3);
    }
    let replay = ReplayTransport::new((0..4).map(|_| answers(&[])));
    let people = IdentityMap::new(replayed(&replay)).with_batch_size(0);
    people.add_all([ADA, "a@b", BOB]).unwrap();
    people.load().await.unwrap();
    assert_eq!(
        asked(&replay),
        [format!("ids={ADA}"), "usernames=a@b&provision=false".to_owned(), format!("ids={BOB}")]
    );
}

#[tokio::test]
async fn a_failure_loses_nobody() {
    let replay = ReplayTransport::new([Reply::json(500, "{}"), answers(&[identity(ADA, "ada@example.edu")])]);
    let client = AuthClient::builder()
        .base_url("https://auth.example.org/")
        .transport(replay.clone())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let people = IdentityMap::new(client);
    people.add(BOB).unwrap();
    assert!(people.get(ADA).await.is_err());
    assert!(people.get(ADA).await.unwrap().is_some());
    assert!(people.get(BOB).await.unwrap().is_none());
    assert_eq!(asked(&replay), [format!("ids={ADA},{BOB}"), format!("ids={ADA},{BOB}")]);
}

#[tokio::test]
async fn one_bad_name_does_not_spoil_the_others() {
    let replay = ReplayTransport::new([answers(&[])]);
    let people = IdentityMap::new(replayed(&replay));
    for bad in ["ada", "", "a@b,c@d"] {
        let error = people.add(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("is neither an identity id nor a username"), "{error}");
        assert!(people.add_all([ADA, bad]).is_err());
        assert!(people.get(bad).await.is_err());
        assert!(people.forget(bad).is_err());
    }
    people.get(BOB).await.unwrap();
    assert_eq!(asked(&replay), [format!("ids={BOB}")], "a list with a fault is not noted");
}

/// Answers after a while with whom it was asked for.
#[derive(Debug, Clone, Default)]
struct Everybody(Arc<Mutex<Vec<usize>>>);

#[async_trait::async_trait]
impl Transport for Everybody {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let query: Vec<_> = request.url.query_pairs().into_owned().collect();
        let names: Vec<_> = query[0].1.split(',').map(str::to_owned).collect();
        self.0.lock().unwrap().push(names.len());
        tokio::time::sleep(Duration::from_secs(1)).await;
        let people: Vec<Value> = names.iter().map(|id| identity(id, &format!("{id}@example.edu"))).collect();
        ReplayTransport::new([answers(&people)]).send(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_look_at_the_same_time_share_requests() {
    let everybody = Everybody::default();
    let client = AuthClient::builder()
        .base_url("https://auth.example.org/")
        .transport(everybody.clone())
        .build()
        .unwrap();
    let people = IdentityMap::new(client);
    let look = |number: usize| {
        let people = people.clone();
        let id = format!("00000000-0000-4000-8000-{number:012}");
        tokio::spawn(async move { people.get(id.as_str()).await.unwrap().unwrap().id.to_string() == id })
    };
    // The same one, many times.
    for task in (0..30).map(|_| look(1)).collect::<Vec<_>>() {
        assert!(task.await.unwrap());
    }
    assert_eq!(*everybody.0.lock().unwrap(), [1]);
    // Forty others: one goes ahead, the rest gather behind it.
    for task in (2..42).map(look).collect::<Vec<_>>() {
        assert!(task.await.unwrap());
    }
    assert_eq!(*everybody.0.lock().unwrap(), [1, 1, 39]);
    // What one clone knows, all know.
    assert!(look(40).await.unwrap());
    assert_eq!(everybody.0.lock().unwrap().len(), 3);
}
