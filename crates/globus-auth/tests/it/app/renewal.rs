//! Renewal through the storage.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use globus_auth::{
    GlobusApp, oauth_error,
    storage::{
        CommitTokens, JsonTokenStorage, LockedTokens, MemoryTokenStorage, StorageError, TokenChanges,
        TokenData, TokenStorage, TokenValidationError,
    },
};
use globus_core::{Error, Secret};
use tokio::time::timeout;

use super::town::{ADA, Desk, LIFE, Town, crowd, logged_in, stored};
use crate::common::{TRANSFER, TRANSFER_ALL};

/// A storage that says when it is written to, or refuses.
#[derive(Clone, Debug)]
struct Watched {
    inside: MemoryTokenStorage,
    town: Town,
    full: Arc<AtomicBool>,
    read_only: bool,
}

impl Watched {
    fn new(town: &Town) -> Self {
        let (inside, full) = (MemoryTokenStorage::new(), Arc::default());
        Self { inside, town: town.clone(), full, read_only: false }
    }
}

struct WatchedCommit<'a>(LockedTokens<'a>, Watched);

#[async_trait]
impl TokenStorage for Watched {
    async fn get_token_data_by_resource_server(&self) -> Result<BTreeMap<String, TokenData>, StorageError> {
        self.inside.get_token_data_by_resource_server().await
    }

    async fn lock(&self) -> Result<LockedTokens<'_>, StorageError> {
        if self.read_only {
            return globus_auth::storage::EnvironmentTokenStorage::new().lock().await.map(|_| unreachable!());
        }
        let locked = self.inside.lock().await?;
        let tokens = locked.tokens().clone();
        Ok(LockedTokens::new(tokens, WatchedCommit(locked, self.clone())))
    }
}

#[async_trait]
impl CommitTokens for WatchedCommit<'_> {
    async fn commit(mut self: Box<Self>, changes: TokenChanges) -> Result<(), StorageError> {
        if self.1.full.load(Ordering::SeqCst) {
            return Err(StorageError::other("the disk", "is full"));
        }
        for token in changes.stored {
            let refresh_token = token.refresh_token.as_ref().map(Secret::expose).unwrap_or_default();
            self.1.town.note(format!("store {refresh_token}"));
            self.0.insert(token);
        }
        self.0.commit().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_refresh_token_is_stored_before_the_new_token_is_used() {
    let (town, desk) = (Town::new(), Desk::default());
    let storage = Watched::new(&town);
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    town.log();
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    transfer.call().await.unwrap();
    assert_eq!(town.log(), ["GET task_list stored-transfer.api.globus.org"]);

    // Less than a minute before it expires.
    town.let_pass(3_600 - 59);
    assert!(crowd(&transfer, 100).await.iter().all(Result::is_ok));
    let log = town.log();
    let position = |line: &str| log.iter().position(|known| known == line).unwrap();
    assert!(position("store refresh-1") < position("GET task_list access-1"), "{log:?}");
    assert_eq!(log.iter().filter(|line| line.starts_with("refresh")).count(), 1, "{log:?}");
    assert_eq!(stored(&storage, TRANSFER).await.unwrap().identity_id, Some(ADA.parse().unwrap()));
    for (used, new) in [(1, 2), (2, 3), (3, 4)] {
        town.let_pass(LIFE);
        transfer.call().await.unwrap();
        let expected = [
            format!("refresh refresh-{used}"),
            format!("store refresh-{new}"),
            format!("GET task_list access-{new}"),
        ];
        assert_eq!(town.log(), expected);
    }
    assert_eq!(desk.logins(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_of_another_process_is_used() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let apps = [(); 8].map(|()| town.app(&desk, &storage).build().unwrap());
    for round in 1..=5_usize {
        town.let_pass(LIFE);
        let calls: Vec<_> = apps
            .iter()
            .map(|app| {
                let transfer = town.transfer(app);
                tokio::spawn(async move { transfer.call().await })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let refreshes = town.log().iter().filter(|line| line.starts_with("refresh")).count();
        assert_eq!(refreshes, 1, "round {round}");
    }
    assert_eq!(desk.logins(), 0);
}

/// The Python SDK takes no lock.
#[tokio::test(start_paused = true)]
async fn a_renewal_without_a_lock_is_found_when_the_refresh_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (town, desk) = (Town::new(), Desk::default());
    let storage = JsonTokenStorage::new(folder.path().join("tokens.json"));
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let never = |_: GlobusApp, error: Error| async move { Err(error) };
    let app = town.app(&desk, &storage).token_validation_error_handler(never).build().unwrap();
    let transfer = town.transfer(&app);
    town.let_pass(LIFE);
    let (path, elsewhere) = (storage.path().to_owned(), town.clone());
    town.before_refresh(move || {
        elsewhere.withdraw_refresh_tokens();
        elsewhere.honour("of-another");
        let mut document: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let record = &mut document["data"]["DEFAULT"][TRANSFER];
        record["access_token"] = "of-another".into();
        record["refresh_token"] = "refresh-of-another".into();
        record["expires_at_seconds"] = 4_000_000_000_i64.into();
        std::fs::write(&path, document.to_string()).unwrap();
    });
    transfer.call().await.unwrap();
    let log = town.log();
    assert_eq!(log, ["refresh stored-refresh-transfer.api.globus.org", "GET task_list of-another"]);
    assert_eq!(desk.logins(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_is_refused_takes_a_login() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    let app = town.app(&desk, &storage).build().unwrap();
    let never = |_: GlobusApp, error: Error| async move { Err(error) };
    let quiet = town.app(&desk, &storage).token_validation_error_handler(never).build().unwrap();
    town.let_pass(LIFE);

    let transfer = town.transfer(&quiet);
    let error = transfer.call().await.unwrap_err();
    assert_eq!(oauth_error(&error), Some("invalid_grant"));
    // It is not tried again and again.
    assert_eq!(town.log(), ["refresh stored-refresh-transfer.api.globus.org"]);
    let error = transfer.call().await.unwrap_err();
    assert!(matches!(
        TokenValidationError::from_error(&error),
        Some(TokenValidationError::RefreshRefused { .. })
    ));
    assert!(quiet.login_required().await.unwrap());
    assert!(town.log().is_empty());

    town.transfer(&app).call().await.unwrap();
    assert_eq!(desk.logins(), 1);
    // And the quiet one finds the new login.
    transfer.call().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_renewal_is_not_lost_with_the_call_that_began_it() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    town.let_pass(LIFE);
    assert!(timeout(Duration::from_millis(500), transfer.call()).await.is_err());
    drop((transfer, app));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stored(&storage, TRANSFER).await.unwrap().refresh_token.unwrap().expose(), "refresh-1");
    // Nobody holds the lock.
    timeout(Duration::from_secs(1), storage.lock()).await.unwrap().unwrap().commit().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_kept() {
    let (town, desk) = (Town::new(), Desk::default());
    let storage = Watched::new(&town);
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    town.log();
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    storage.full.store(true, Ordering::SeqCst);
    for expected in
        ["refresh stored-refresh-transfer.api.globus.org", "refresh refresh-1", "refresh refresh-2"]
    {
        town.let_pass(LIFE);
        transfer.call().await.unwrap();
        assert_eq!(town.log()[0], expected);
    }
    storage.full.store(false, Ordering::SeqCst);
    town.let_pass(LIFE);
    transfer.call().await.unwrap();
    assert_eq!(stored(&storage, TRANSFER).await.unwrap().refresh_token.unwrap().expose(), "refresh-4");

    // But nobody is asked to log in for nothing, nor told that it went well.
    storage.full.store(true, Ordering::SeqCst);
    let error = app.force_login().await.unwrap_err();
    assert_eq!(error.to_string(), "the disk: is full");
}

#[tokio::test(start_paused = true)]
async fn a_storage_that_takes_no_changes_serves_as_long_as_it_can() {
    let (town, desk) = (Town::new(), Desk::default());
    let writable = Watched::new(&town);
    logged_in(&writable, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    town.log();
    let storage = Watched { read_only: true, ..writable };
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    for expected in ["refresh stored-refresh-transfer.api.globus.org", "refresh refresh-1"] {
        town.let_pass(LIFE);
        transfer.call().await.unwrap();
        assert_eq!(town.log()[0], expected);
    }
    town.withdraw_refresh_tokens();
    town.let_pass(LIFE);
    let error = transfer.call().await.unwrap_err();
    assert!(matches!(StorageError::from_error(&error), Some(StorageError::ReadOnly { .. })), "{error}");
    assert_eq!(desk.logins(), 0, "nobody is asked for what cannot be kept");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_a_service_does_not_take_is_renewed_once() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    town.withdraw_access_tokens();
    transfer.call().await.unwrap();
    let log = town.log();
    assert_eq!(
        log,
        [
            "GET task_list stored-transfer.api.globus.org",
            "refresh stored-refresh-transfer.api.globus.org",
            "GET task_list access-1"
        ]
    );
    assert_eq!(desk.logins(), 0);
}
