//! Which stored logins will do.

use globus_auth::{
    ClientApp, GlobusApp, UserApp,
    storage::{MemoryTokenStorage, TokenData, TokenStorage, TokenValidationError, Unprepared},
};
use globus_core::{Error, Secret};

use super::town::{ADA, AUTH, BOB, Desk, LIFE, Town, logged_in, stored};
use crate::common::{TRANSFER, TRANSFER_ALL, noon};

const DATA_ACCESS: &str = "https://auth.globus.org/scopes/1b7d1f6a-1f0a-4a8e-8d3c-0a2b3c4d5e6f/data_access";

/// An app that never logs anybody in.
fn quiet(town: &Town, storage: &MemoryTokenStorage) -> UserApp {
    let never = |_: GlobusApp, error: Error| async move { Err(error) };
    town.app(&Desk::default(), storage).token_validation_error_handler(never).build().unwrap()
}

fn token(scope: &str, expires_in: i64, refresh_token: Option<&str>) -> TokenData {
    TokenData::new(TRANSFER, scope, "stored-transfer.api.globus.org", noon().as_second() + expires_in)
        .with_refresh_token(refresh_token.map(Secret::new))
        .with_identity_id(Some(ADA.parse().unwrap()))
}

#[tokio::test(start_paused = true)]
async fn each_reason_has_a_line_of_its_own() {
    let rows = [
        (None, "no token for transfer.api.globus.org is stored"),
        (
            Some(token(TRANSFER_ALL, 0, None)),
            "the token for transfer.api.globus.org has expired at 2026-01-31T12:00:00Z, and there is no refresh \
             token to renew it",
        ),
        (
            Some(token("transfer", 100, Some("r"))),
            "the token for transfer.api.globus.org lacks the scopes \
             urn:globus:auth:scope:transfer.api.globus.org:all",
        ),
        (
            Some(token(TRANSFER_ALL, 100, None)),
            "transfer.api.globus.org does not accept the stored token, and there is no refresh token to renew it \
             (2 attempts)",
        ),
        (
            Some(token(TRANSFER_ALL, 0, Some("r"))),
            "the token could not be refreshed: POST /v2/oauth2/token: 400 Bad Request: invalid_grant",
        ),
    ];
    for (record, expected) in rows {
        let (town, storage) = (Town::new(), MemoryTokenStorage::new());
        storage.store_token_data(record.into_iter().collect()).await.unwrap();
        let app = quiet(&town, &storage);
        let error = town.transfer(&app).call().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("GET /v0.10/task_list: no credential for the request: {expected}")
        );
        assert!(error.is_unauthorized());
        assert!(app.login_required().await.unwrap(), "{expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn refresh_tokens_may_be_demanded_or_left_alone() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    storage.store_token_data(vec![token(TRANSFER_ALL, 3_600, None)]).await.unwrap();
    // By default, what is there is used while it is valid.
    let app = town.app(&desk, &storage).build().unwrap();
    town.transfer(&app).call().await.unwrap();
    assert_eq!(desk.logins(), 0);

    let demanding = town.app(&desk, &storage).request_refresh_tokens(true).build().unwrap();
    town.transfer(&demanding).call().await.unwrap();
    assert_eq!(desk.logins(), 1);
    assert!(desk.last().refresh_tokens());
    assert!(stored(&storage, TRANSFER).await.unwrap().refresh_token.is_some());

    let modest = town.app(&desk, &MemoryTokenStorage::new()).request_refresh_tokens(false).build().unwrap();
    let transfer = town.transfer(&modest);
    transfer.call().await.unwrap();
    assert!(!desk.last().refresh_tokens());
    town.let_pass(LIFE);
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_scopes_depend_on_is_looked_up_once() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    town.consent(TRANSFER_ALL, DATA_ACCESS);
    let scope = format!("{TRANSFER_ALL}[*{DATA_ACCESS}]");
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.office(&app, &scope);
    transfer.call().await.unwrap();
    transfer.call().await.unwrap();
    assert!(!app.login_required().await.unwrap());
    let log = town.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("GET consents")).count(), 1, "{log:?}");
    assert_eq!(desk.logins(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_missing_consent_takes_one_login_and_no_more() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let scope = format!("{TRANSFER_ALL}[*{DATA_ACCESS}]");
    let silent = quiet(&town, &storage);
    let error = town.office(&silent, &scope).call().await.unwrap_err();
    let Some(TokenValidationError::MissingConsents { missing, .. }) =
        TokenValidationError::from_error(&error)
    else {
        panic!("{error}")
    };
    assert_eq!(missing.as_slice(), std::slice::from_ref(&scope));

    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.office(&app, &scope);
    transfer.call().await.unwrap();
    assert_eq!(super::town::asked(&desk.last()), ["openid", &scope]);
    // Globus Auth grants what is optional only where it makes sense: the service will say if it is needed.
    for _ in 0..3 {
        transfer.call().await.unwrap();
    }
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_login_of_somebody_else_is_not_stored_beside() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    app.login().await.unwrap();
    town.come(BOB);
    let error = app.force_login().await.unwrap_err();
    assert_eq!(error.to_string(), format!("the stored tokens are of identity {ADA}, but {BOB} logged in"));
    assert_eq!(stored(&storage, AUTH).await.unwrap().identity_id, Some(ADA.parse().unwrap()));
    transfer.call().await.unwrap();

    app.logout().await.unwrap();
    app.login().await.unwrap();
    assert_eq!(stored(&storage, AUTH).await.unwrap().identity_id, Some(BOB.parse().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_do_as_it_likes() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town
        .app(&desk, &storage)
        .token_validation_error_handler(|app: GlobusApp, error: Error| async move {
            assert!(matches!(
                TokenValidationError::from_error(&error),
                Some(TokenValidationError::MissingToken { .. })
            ));
            app.force_login().await
        })
        .build()
        .unwrap();
    town.transfer(&app).call().await.unwrap();
    assert_eq!(desk.logins(), 1);
    // One that does nothing is not asked for ever.
    let idle = |_: GlobusApp, _: Error| async { Ok(()) };
    let app =
        town.app(&desk, &MemoryTokenStorage::new()).token_validation_error_handler(idle).build().unwrap();
    let error = town.transfer(&app).call().await.unwrap_err();
    assert!(TokenValidationError::from_error(&error).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_long_job_is_told_before_it_starts() {
    let day = std::time::Duration::from_secs(86_400);
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let app = quiet(&town, &storage);
    town.office(&app, TRANSFER_ALL);
    let error = app.check(day, TRANSFER_ALL).await.unwrap_err();
    assert!(TokenValidationError::from_error(&error).is_some(), "{error}");

    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    assert_eq!(app.check(day * 30, TRANSFER_ALL).await.unwrap(), None);
    let error = app.check(day, "elsewhere").await.unwrap_err();
    assert_eq!(error.to_string(), "no token has the scope elsewhere");
    let scope = format!("{TRANSFER_ALL}[*{DATA_ACCESS}]");
    let error = app.check(day, &scope).await.unwrap_err();
    assert_eq!(error.to_string(), format!("the user has not consented to all of {scope}"));
    town.consent(TRANSFER_ALL, DATA_ACCESS);
    assert!(app.check(day, &scope).await.is_ok());

    storage.store_token_data(vec![token(TRANSFER_ALL, 3_600, None)]).await.unwrap();
    let until = app.check(day / 48, TRANSFER_ALL).await.unwrap().unwrap();
    assert_eq!(until.as_second(), noon().as_second() + 3_600);
    let error = app.check(day, TRANSFER_ALL).await.unwrap_err();
    assert!(Unprepared::from_error(&error).is_some());
    assert!(error.to_string().starts_with("the token for transfer.api.globus.org expires at"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_account_checks_by_asking() {
    let day = std::time::Duration::from_secs(86_400);
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let builder = ClientApp::for_client("My Service", town.confidential()).config(Town::config());
    let app = builder.token_storage(storage).build().unwrap();
    for requests in [1, 0] {
        assert_eq!(app.check(day * 30, TRANSFER_ALL).await.unwrap(), None);
        assert_eq!(town.log().len(), requests);
    }
}
