//! Service accounts.

use std::time::Duration;

use globus_auth::{
    ClientApp,
    storage::{JsonTokenStorage, MemoryTokenStorage, TokenStorage},
};

use super::town::{AUTH, GROUPS, GROUPS_ALL, LIFE, Town, crowd, stored};
use crate::common::{TRANSFER, TRANSFER_ALL};

fn app(town: &Town, storage: &(impl TokenStorage + Clone + 'static)) -> ClientApp {
    ClientApp::for_client("My Service", town.confidential())
        .config(Town::config())
        .token_storage(storage.clone())
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_resource_server_gets_its_token_when_it_is_first_called() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let app = app(&town, &storage);
    app.add_scope_requirements(GROUPS, GROUPS_ALL).unwrap();
    let transfer = town.transfer(&app);
    assert!(town.log().is_empty());
    assert!(crowd(&transfer, 50).await.iter().all(Result::is_ok));
    let log = town.log();
    assert_eq!(log[0], format!("client_credentials {TRANSFER_ALL}"));
    assert_eq!(log.len(), 51);
    assert_eq!(stored(&storage, GROUPS).await, None);
    assert!(stored(&storage, TRANSFER).await.unwrap().refresh_token.is_none());
}

#[tokio::test(start_paused = true)]
async fn many_processes_request_a_token_once_for_each_expiry() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new();
    let storages = [(); 8].map(|()| JsonTokenStorage::new(folder.path().join("tokens.json")));
    let apps = storages.map(|storage| app(&town, &storage));
    for round in 0..4 {
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
        let log = town.log();
        let requests = log.iter().filter(|line| line.starts_with("client_credentials")).count();
        assert_eq!(requests, 1, "round {round}: {log:?}");
        town.let_pass(LIFE);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_requests_all_at_once() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let app = app(&town, &storage);
    app.add_scope_requirements(GROUPS, GROUPS_ALL).unwrap();
    app.add_scope_requirements(AUTH, "openid").unwrap();
    let transfer = town.transfer(&app);
    assert!(app.login_required().await.unwrap());
    app.login().await.unwrap();
    assert!(!app.login_required().await.unwrap());
    app.login().await.unwrap();
    transfer.call().await.unwrap();
    let requests: Vec<_> = town.log();
    assert_eq!(requests[0], format!("client_credentials openid {GROUPS_ALL} {TRANSFER_ALL}"));
    assert_eq!(requests.len(), 2, "{requests:?}");
    app.force_login().await.unwrap();
    assert_eq!(town.log().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn to_ask_for_a_token_is_to_consent() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    town.transfer(&app(&town, &storage)).call().await.unwrap();
    town.log();
    // The stored token has the scope, but not what it depends on.
    let app = app(&town, &storage);
    let scope = format!("{TRANSFER_ALL}[*https://auth.globus.org/scopes/x/data_access]");
    let transfer = town.office(&app, &scope);
    transfer.call().await.unwrap();
    transfer.call().await.unwrap();
    let log = town.log();
    assert_eq!(log[0], format!("client_credentials {scope}"));
    assert_eq!(log.len(), 3, "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let app = app(&town, &storage);
    let transfer = town.transfer(&app);
    transfer.call().await.unwrap();
    town.withdraw_access_tokens();
    transfer.call().await.unwrap();
    let log = town.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("client_credentials")).count(), 2, "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_cannot_be_written_to_does_not_stop_a_service() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let town = Town::new();
    let storage = JsonTokenStorage::new(folder.path().join("file/tokens.json"));
    // Reading says that there is no such folder; writing that it is a file.
    let app = app(&town, &storage);
    let transfer = town.transfer(&app);
    let first = transfer.call().await;
    match first {
        Ok(_) => {
            transfer.call().await.unwrap();
            assert_eq!(town.log().len(), 3);
        }
        Err(error) => assert!(error.to_string().contains("file/tokens.json"), "{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn scopes_at_the_wrong_resource_server_are_told() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let app = app(&town, &storage);
    let error = town.office(&app, GROUPS_ALL).call().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("gave no token for transfer.api.globus.org, but for groups.api.globus.org"),
        "{error}"
    );
    let waited = tokio::time::timeout(Duration::from_secs(1), storage.lock()).await;
    assert!(waited.is_ok(), "the lock was given up");
}
