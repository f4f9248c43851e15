//! Logging out.

use globus_auth::{
    app::LogoutError,
    storage::{JsonTokenStorage, MemoryTokenStorage, TokenData, TokenStorage},
};

use super::town::{AUTH, Desk, Town, logged_in, stored};
use crate::common::{TRANSFER, TRANSFER_ALL, noon};

#[tokio::test(start_paused = true)]
async fn tokens_are_revoked_and_removed() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let elsewhere = TokenData::new("elsewhere", "x", "Ag", noon().as_second());
    storage.store_token_data(vec![elsewhere]).await.unwrap();
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    transfer.call().await.unwrap();
    town.log();
    app.logout().await.unwrap();
    assert_eq!(town.log(), ["revoke access-1", "revoke refresh-1", "revoke access-2", "revoke refresh-2"]);
    let left = storage.get_token_data_by_resource_server().await.unwrap();
    assert_eq!(left.keys().collect::<Vec<_>>(), ["elsewhere"]);
    assert!(app.login_required().await.unwrap());

    app.sweep().await.unwrap();
    assert_eq!(town.log(), ["revoke Ag"]);
    assert!(storage.get_token_data_by_resource_server().await.unwrap().is_empty());
    app.logout().await.unwrap();

    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_revocation_is_told_and_the_rest_goes_on() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    let app = town.app(&Desk::default(), &storage).build().unwrap();
    town.transfer(&app);
    town.let_revocations_fail();
    let error = app.logout().await.unwrap_err();
    let failures = &LogoutError::from_error(&error).unwrap().failures;
    let servers: Vec<_> = failures.iter().map(|(server, _)| server.as_str()).collect();
    assert_eq!(servers, [AUTH, TRANSFER]);
    assert!(error.to_string().starts_with(
        "logged out here, but the tokens for auth.globus.org, transfer.api.globus.org could not be revoked: POST"
    ));
    assert_eq!(stored(&storage, TRANSFER).await, None);
    let tried = town.log();
    assert!(tried.contains(&"revoke stored-refresh-transfer.api.globus.org".to_owned()), "{tried:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_to_log_out_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let storage = JsonTokenStorage::new(folder.path().join("app/tokens.json"));
    let app = Town::new().app(&Desk::default(), &storage).build().unwrap();
    app.logout().await.unwrap();
    app.sweep().await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
