//! Logging in: when, for what, and how often.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use globus_auth::{
    AuthLoginClient, ErrorKind, OAuthTokenResponse, Result,
    gare::AuthorizationParameters,
    login::{LoginFlowManager, LoginRequest},
    storage::{MemoryTokenStorage, TokenData, TokenStorage},
};
use globus_core::scope;
use tokio::time::timeout;

use super::town::{ADA, AUTH, Desk, GROUPS, GROUPS_ALL, Office, Town, asked, crowd, logged_in, stored};
use crate::common::{TRANSFER, TRANSFER_ALL, noon};

#[tokio::test(start_paused = true)]
async fn the_first_call_logs_in_and_the_next_run_finds_the_login() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    assert!(app.login_required().await.unwrap());
    town.transfer(&app).call().await.unwrap();
    assert_eq!(asked(&desk.last()), ["openid", TRANSFER_ALL]);
    assert!(desk.last().refresh_tokens());
    assert!(desk.last().prefill_named_grant().unwrap().starts_with("My App"));
    assert!(!app.login_required().await.unwrap());
    for resource_server in [AUTH, TRANSFER] {
        let token = stored(&storage, resource_server).await.unwrap();
        assert_eq!(token.identity_id, Some(ADA.parse().unwrap()));
        assert!(token.refresh_token.is_some());
    }

    let next_run = town.app(&desk, &storage).build().unwrap();
    town.transfer(&next_run).call().await.unwrap();
    next_run.login().await.unwrap();
    assert_eq!(desk.logins(), 1);
    next_run.force_login().await.unwrap();
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_login_is_for_all_clients_of_the_app() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).scope_requirements(GROUPS, GROUPS_ALL).build().unwrap();
    let transfer = town.transfer(&app);
    app.login().await.unwrap();
    transfer.call().await.unwrap();
    assert_eq!(asked(&desk.last()), ["openid", GROUPS_ALL, TRANSFER_ALL]);
    assert_eq!(desk.logins(), 1);
    let servers: Vec<String> = app.scope_requirements().into_keys().collect();
    assert_eq!(servers, [AUTH, GROUPS, TRANSFER]);
    assert!(app.authorizer(GROUPS).unwrap().authorization_header().await.unwrap().is_some());
    let error = app.authorizer("search.api.globus.org").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("needs no scope at search.api.globus.org"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn more_scopes_take_another_login_that_loses_none() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    // The login of a program that does more at Transfer, and other things too.
    let wider = format!("{TRANSFER_ALL} urn:globus:auth:scope:transfer.api.globus.org:gcp_install");
    logged_in(&storage, &wider).await;
    town.honour_stored(&wider);
    let elsewhere = TokenData::new("elsewhere", "x", "Ag", noon().as_second());
    storage.store_token_data(vec![elsewhere.clone()]).await.unwrap();

    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 0);

    app.add_scope_requirements(AUTH, "openid email").unwrap();
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 0, "Transfer's token is as good as before");
    app.authorizer(AUTH).unwrap().authorization_header().await.unwrap();
    assert_eq!(
        asked(&desk.last()),
        ["email", "openid", TRANSFER_ALL, "urn:globus:auth:scope:transfer.api.globus.org:gcp_install"]
    );
    let token = stored(&storage, TRANSFER).await.unwrap();
    assert_eq!(token.scope, wider);
    assert_eq!(stored(&storage, "elsewhere").await, Some(elsewhere));

    // What is required already takes none.
    app.add_scope_requirements(AUTH, "email").unwrap();
    app.authorizer(AUTH).unwrap().authorization_header().await.unwrap();
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_makes_one_login() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).scope_requirements(GROUPS, GROUPS_ALL).build().unwrap();
    let (transfer, groups) = (town.transfer(&app), app.authorizer(GROUPS).unwrap());
    let other = tokio::spawn(async move { groups.authorization_header().await });
    assert!(crowd(&transfer, 200).await.iter().all(Result::is_ok));
    other.await.unwrap().unwrap();
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_shares_a_login_that_was_declined() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    desk.decline(true);
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    for answer in crowd(&transfer, 50).await {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().ends_with("no credential for the request: the user said no"), "{error}");
    }
    assert_eq!(desk.logins(), 1);
    // Whoever comes later may ask again.
    desk.decline(false);
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_goes_on_when_the_call_that_began_it_leaves() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    let first = {
        let transfer = transfer.clone();
        tokio::spawn(async move { transfer.call().await })
    };
    tokio::time::sleep(Duration::from_secs(5)).await;
    let second = tokio::spawn(async move { transfer.call().await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    first.abort();
    second.await.unwrap().unwrap();
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_nobody_waits_for_is_over() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    assert!(timeout(Duration::from_secs(10), transfer.call()).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(stored(&storage, TRANSFER).await, None);
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_lacks_what_is_required_is_not_stored() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town
        .office(&app, &format!("{TRANSFER_ALL} urn:globus:auth:scope:transfer.api.globus.org:gcp_install"));
    desk.leave_out("urn:globus:auth:scope:transfer.api.globus.org:gcp_install");
    let error = transfer.call().await.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "the token for transfer.api.globus.org lacks the scopes \
             urn:globus:auth:scope:transfer.api.globus.org:gcp_install"
        ),
        "{error}"
    );
    assert_eq!(stored(&storage, AUTH).await, None);

    let wrong = town.app(&desk, &storage).scope_requirements(GROUPS, "openid").build().unwrap();
    let error = wrong.login().await.unwrap_err();
    assert!(
        error.to_string().starts_with("Globus Auth gave no token for groups.api.globus.org, but for auth")
    );
}

/// Asks Globus something with the app's own clients, before anybody has logged in.
#[derive(Clone, Debug, Default)]
struct Curious(Arc<Mutex<Option<Office>>>);

#[async_trait]
impl LoginFlowManager for Curious {
    async fn run_login_flow(&self, _: &AuthLoginClient, _: &LoginRequest) -> Result<OAuthTokenResponse> {
        let office = self.0.lock().unwrap().clone().unwrap();
        Err(office.call().await.unwrap_err())
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_does_not_wait_for_itself() {
    let (town, storage) = (Town::new(), MemoryTokenStorage::new());
    let curious = Curious::default();
    let app = town.app(&Desk::default(), &storage).login_flow_manager(curious.clone()).build().unwrap();
    let transfer = town.transfer(&app);
    *curious.0.lock().unwrap() = Some(transfer.clone());
    let error = timeout(Duration::from_secs(100), transfer.call()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("no token for transfer.api.globus.org is stored"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_program_may_run_the_login_itself() {
    let (town, desk, storage) = (Town::new(), Desk::default(), MemoryTokenStorage::new());
    let app = town.app(&desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    let request = app.login_request(AuthorizationParameters::default()).await.unwrap();
    let (url, _) = request.begin(app.login_client(), None).unwrap();
    assert!(url.query_pairs().any(|(name, value)| name == "access_type" && value == "offline"));
    let scopes = scope::serialize(request.scopes()).unwrap();
    let form = [("grant_type", "login"), ("offline", "true"), ("scope", scopes.as_str())];
    let tokens = app.login_client().oauth2_token(form).send().await.unwrap();
    app.store_token_response(&tokens).await.unwrap();
    transfer.call().await.unwrap();
    assert_eq!(desk.logins(), 0);
}
