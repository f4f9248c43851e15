//! What every storage does, whatever it keeps tokens in.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use globus_auth::{
    NativeAppAuthClient,
    storage::{TokenData, TokenStorage},
};
use globus_core::{
    Secret,
    test_util::{ReplayTransport, Reply},
};
use tokio::{task::JoinSet, time::timeout};

use crate::fixture::{Fixture, IDENTITY, token};

fn by_resource_server(tokens: &[TokenData]) -> BTreeMap<String, TokenData> {
    tokens.iter().map(|token| (token.resource_server.clone(), token.clone())).collect()
}

#[tokio::test]
async fn stores_merge_and_never_drop_others() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        assert_eq!(storage.get_token_data_by_resource_server().await.unwrap(), BTreeMap::new());
        assert_eq!(storage.get_token_data("a").await.unwrap(), None);

        storage.store_token_data(vec![token("a", 1), token("b", 2)]).await.unwrap();
        storage.store_token_data(vec![token("a", 3), token("c", 4)]).await.unwrap();
        storage.store_token_data(vec![]).await.unwrap();

        let again = fixture.open();
        let expected = by_resource_server(&[token("a", 3), token("b", 2), token("c", 4)]);
        assert_eq!(again.get_token_data_by_resource_server().await.unwrap(), expected, "{}", fixture.name);
        assert_eq!(again.get_token_data("b").await.unwrap(), Some(token("b", 2)));
        assert_eq!(again.get_token_data("d").await.unwrap(), None);
    }
}

#[tokio::test]
async fn removes_one_and_says_whether_it_was_there() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        assert!(!storage.remove_token_data("a").await.unwrap());
        storage.store_token_data(vec![token("a", 1), token("b", 2)]).await.unwrap();
        assert!(storage.remove_token_data("a").await.unwrap());
        assert!(!storage.remove_token_data("a").await.unwrap());
        let left = fixture.open().get_token_data_by_resource_server().await.unwrap();
        assert_eq!(left, by_resource_server(&[token("b", 2)]), "{}", fixture.name);
    }
}

#[tokio::test]
async fn namespaces_are_apart() {
    for fixture in Fixture::all() {
        let (ada, bob) = (fixture.open_namespace("ada"), fixture.open_namespace("bob's \"käse\""));
        ada.store_token_data(vec![token("a", 1)]).await.unwrap();
        bob.store_token_data(vec![token("a", 2)]).await.unwrap();
        assert!(ada.remove_token_data("a").await.unwrap());
        assert_eq!(fixture.open_namespace("ada").get_token_data("a").await.unwrap(), None);
        let bob = fixture.open_namespace("bob's \"käse\"");
        assert_eq!(bob.get_token_data("a").await.unwrap(), Some(token("a", 2)), "{}", fixture.name);
        assert_eq!(fixture.open().get_token_data("a").await.unwrap(), None);
    }
}

#[tokio::test]
async fn changes_are_written_together_or_not_at_all() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        storage.store_token_data(vec![token("a", 1), token("b", 1)]).await.unwrap();

        let mut locked = storage.lock().await.unwrap();
        assert_eq!(locked.tokens(), &by_resource_server(&[token("a", 1), token("b", 1)]));
        locked.insert(token("c", 2));
        assert_eq!(locked.remove("a"), Some(token("a", 1)));
        assert_eq!(locked.remove("a"), None);
        assert_eq!(locked.get("c"), Some(&token("c", 2)));
        drop(locked);
        let expected = by_resource_server(&[token("a", 1), token("b", 1)]);
        assert_eq!(fixture.open().get_token_data_by_resource_server().await.unwrap(), expected);

        let mut locked = storage.lock().await.unwrap();
        locked.insert(token("c", 2));
        locked.remove("a");
        locked.insert(token("d", 2));
        locked.remove("d");
        locked.commit().await.unwrap();
        let expected = by_resource_server(&[token("b", 1), token("c", 2)]);
        let stored = fixture.open().get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored, expected, "{}", fixture.name);
    }
}

#[tokio::test]
async fn a_renewed_token_keeps_what_its_answer_did_not_say() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        let identity = IDENTITY.parse().unwrap();
        storage.store_token_data(vec![token("a", 1).with_identity_id(Some(identity))]).await.unwrap();

        let mut locked = storage.lock().await.unwrap();
        locked.renew(TokenData::new("a", "scope:a", "access", 2));
        locked.commit().await.unwrap();
        let renewed = storage.get_token_data("a").await.unwrap().unwrap();
        assert_eq!(renewed.refresh_token, Some(Secret::new("refresh-a-1")), "{}", fixture.name);
        assert_eq!(renewed.identity_id, Some(identity));
        assert_eq!(renewed.access_token, Secret::new("access"));

        let mut locked = storage.lock().await.unwrap();
        locked.renew(token("a", 3));
        locked.renew(token("new", 3));
        locked.commit().await.unwrap();
        let rotated = storage.get_token_data("a").await.unwrap().unwrap();
        assert_eq!(rotated.refresh_token, Some(Secret::new("refresh-a-3")));
        assert_eq!(storage.get_token_data("new").await.unwrap(), Some(token("new", 3)));
    }
}

/// On one thread: whoever waits must not block the thread that the holder needs.
#[tokio::test(flavor = "current_thread")]
async fn changes_wait_for_the_lock_and_reads_do_not() {
    for fixture in Fixture::all() {
        let (holder, other) = (fixture.open(), fixture.open());
        holder.store_token_data(vec![token("a", 1)]).await.unwrap();
        let mut locked = holder.lock().await.unwrap();

        assert_eq!(other.get_token_data("a").await.unwrap(), Some(token("a", 1)));
        let waits = timeout(Duration::from_millis(50), other.store_token_data(vec![token("a", 9)])).await;
        assert!(waits.is_err(), "{}: two hold the lock", fixture.name);
        let waits = timeout(Duration::from_millis(50), other.remove_token_data("a")).await;
        assert!(waits.is_err(), "{}: two hold the lock", fixture.name);

        let next = tokio::spawn(async move {
            let locked = other.lock().await.unwrap();
            locked.get("a").cloned()
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        locked.insert(token("a", 2));
        locked.commit().await.unwrap();
        // Those who stopped waiting have changed nothing, and do not hold anybody up.
        let seen = timeout(Duration::from_secs(10), next).await.unwrap().unwrap();
        assert_eq!(seen, Some(token("a", 2)), "{}", fixture.name);
    }
}

async fn count_up(fixture: &Fixture, storages: &[Arc<dyn TokenStorage>]) {
    let mut tasks = JoinSet::new();
    for storage in storages {
        let storage = Arc::clone(storage);
        tasks.spawn(async move {
            let mut locked = storage.lock().await.unwrap();
            let number = locked.get("count").map_or(0, |token| token.expires_at_seconds);
            tokio::task::yield_now().await;
            locked.insert(token("count", number + 1));
            locked.commit().await.unwrap();
        });
    }
    tasks.join_all().await;
    let count = fixture.open().get_token_data("count").await.unwrap().unwrap().expires_at_seconds;
    assert_eq!(usize::try_from(count).unwrap(), storages.len(), "{}", fixture.name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_with_one_storage_take_turns() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        count_up(&fixture, &vec![storage; 40]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_with_a_storage_each_take_turns() {
    for fixture in Fixture::all() {
        let storages: Vec<_> = (0..40).map(|_| fixture.open()).collect();
        count_up(&fixture, &storages).await;
    }
}

#[tokio::test]
async fn debug_shows_no_token() {
    for fixture in Fixture::all() {
        let storage = fixture.open();
        storage.store_token_data(vec![token("a", 1)]).await.unwrap();
        let locked = storage.lock().await.unwrap();
        let shown = format!("{storage:?} {locked:?}");
        assert!(!shown.contains("access-") && !shown.contains("refresh-"), "{shown}");
        assert!(locked.get("a").unwrap().access_token.expose().contains("access-"));
    }
}

#[tokio::test]
async fn answers_are_stored_as_a_whole() {
    const LOGIN: &str = r#"{"access_token":"A1","refresh_token":"R1","scope":"a:all","expires_in":60,
        "token_type":"Bearer","resource_server":"a","other_tokens":[
        {"access_token":"B1","scope":"b:all","expires_in":60,"token_type":"Bearer","resource_server":"b"}]}"#;
    const RENEWAL: &str = r#"{"access_token":"A2","scope":"a:all","expires_in":60,"token_type":"Bearer",
        "resource_server":"a","other_tokens":[]}"#;
    for fixture in Fixture::all() {
        let replay = ReplayTransport::new([Reply::json(200, LOGIN), Reply::json(200, RENEWAL)]);
        let client = NativeAppAuthClient::builder("61338d24-54d5-408f-a10d-66c06b59f6d2")
            .base_url("https://auth.example.org/")
            .transport(replay)
            .build()
            .unwrap();
        let ada = IDENTITY.parse().unwrap();
        let storage = fixture.open();
        storage.store_token_data(vec![token("c", 1)]).await.unwrap();
        let login = client.oauth2_token([("grant_type", "x")]).send().await.unwrap();
        storage.store_token_response(&login, Some(ada)).await.unwrap();
        let renewal = client.oauth2_refresh_token("R1").send().await.unwrap();
        storage.store_token_response(&renewal, None).await.unwrap();

        let stored = fixture.open().get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored.keys().collect::<Vec<_>>(), ["a", "b", "c"], "{}", fixture.name);
        // Renewed, and still whose it was and with what renews it next time.
        assert_eq!(stored["a"].access_token.expose(), "A2");
        assert_eq!((stored["a"].identity_id, stored["b"].identity_id), (Some(ada), Some(ada)));
        assert_eq!(stored["a"].refresh_token.as_ref().unwrap().expose(), "R1");
    }
}
