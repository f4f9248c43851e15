//! What services ask for, brought by a login.

use globus_auth::{
    Error, ErrorKind,
    gare::{AuthorizationParameters, Gare},
    storage::MemoryTokenStorage,
};
use serde_json::{Value, json};

use super::town::{Desk, Town, asked, crowd, logged_in};
use crate::common::TRANSFER_ALL;

const DATA_ACCESS: &str = "https://auth.globus.org/scopes/1b7d1f6a-1f0a-4a8e-8d3c-0a2b3c4d5e6f/data_access";

fn mfa(message: &str) -> (u16, Value) {
    let parameters = json!({"session_required_mfa": true, "session_required_identities": ["ada"],
        "session_message": message});
    (
        403,
        json!({"code": "AuthorizationRequired", "message": message, "authorization_parameters": parameters}),
    )
}

fn consent() -> (u16, Value) {
    let scope = format!("{TRANSFER_ALL}[*{DATA_ACCESS}]");
    (403, json!({"code": "ConsentRequired", "message": "consent", "required_scopes": [scope]}))
}

async fn begin(town: &Town, desk: &Desk) -> (globus_auth::UserApp, super::town::Office) {
    let storage = MemoryTokenStorage::new();
    logged_in(&storage, TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    let app = town.app(desk, &storage).build().unwrap();
    let transfer = town.transfer(&app);
    (app, transfer)
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_logs_in_as_the_service_asks_and_is_made_again() {
    let (town, desk) = (Town::new(), Desk::default());
    let (_app, transfer) = begin(&town, &desk).await;
    town.answer_next([mfa("second factor"), consent()]);
    transfer.call().await.unwrap_err();
    let request = desk.last();
    assert_eq!(asked(&request), ["openid", TRANSFER_ALL]);
    assert_eq!(request.authorization_parameters().session_required_mfa, Some(true));
    assert_eq!(request.authorization_parameters().session_message.as_deref(), Some("second factor"));
    assert_eq!(desk.logins(), 1, "one round for each call");

    town.answer_next([consent()]);
    transfer.call().await.unwrap();
    assert_eq!(asked(&desk.last()), ["openid", &format!("{TRANSFER_ALL}[*{DATA_ACCESS}]")]);
    assert_eq!(town.log().last().unwrap(), "GET task_list access-4");
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_refused_for_the_same_share_a_login() {
    let (town, desk) = (Town::new(), Desk::default());
    let (_app, transfer) = begin(&town, &desk).await;
    town.answer_next((0..20).map(|n| mfa(&format!("request {n}"))));
    assert!(crowd(&transfer, 20).await.iter().all(Result::is_ok));
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_under_way_during_the_login_takes_no_other() {
    let (town, desk) = (Town::new(), Desk::default());
    let (app, transfer) = begin(&town, &desk).await;
    let used = app.authorizer(crate::common::TRANSFER).unwrap().authorization_header().await.unwrap();
    town.answer_next([mfa("first")]);
    transfer.call().await.unwrap();
    let refusal = || {
        let error = Town::new();
        error.answer_next([mfa("late")]);
        error
    };
    let other = refusal();
    let (_, elsewhere) = begin(&other, &Desk::absent()).await;
    let late = elsewhere.call().await.unwrap_err();
    let authorizer = app.authorizer(crate::common::TRANSFER).unwrap();
    assert!(authorizer.handle_authorization_requirement(&late, used.as_ref()).await.unwrap());
    assert_eq!(desk.logins(), 1);
    // A call that was made after the login needs one of its own.
    let now = authorizer.authorization_header().await.unwrap();
    assert!(authorizer.handle_authorization_requirement(&late, now.as_ref()).await.unwrap());
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn different_demands_take_a_login_each_one_after_the_other() {
    let (town, desk) = (Town::new(), Desk::default());
    let (_app, transfer) = begin(&town, &desk).await;
    town.answer_next([mfa("m"), consent(), mfa("m"), consent()]);
    assert!(crowd(&transfer, 4).await.iter().all(Result::is_ok));
    assert_eq!(desk.logins(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_where_nobody_is() {
    let (town, desk) = (Town::new(), Desk::absent());
    let (_app, transfer) = begin(&town, &desk).await;
    town.answer_next([mfa("m")]);
    let error = transfer.call().await.unwrap_err();
    assert!(Gare::from_error(&error).is_some());
    assert_eq!(desk.logins(), 0);

    let storage = MemoryTokenStorage::new();
    logged_in(&storage, TRANSFER_ALL).await;
    let there = Desk::default();
    let app = town.app(&there, &storage).auto_redrive_gares(false).build().unwrap();
    town.answer_next([mfa("m")]);
    assert_eq!(town.transfer(&app).call().await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(there.logins(), 0);
    // By hand it goes all the same.
    app.login_with(Gare::from_error(&error).unwrap()).await.unwrap();
    assert_eq!(there.last().authorization_parameters().session_required_mfa, Some(true));
    app.login_for(error).await.unwrap();
    assert_eq!(
        (there.logins(), there.last().authorization_parameters().session_required_mfa),
        (2, Some(true))
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_is_logged_in_for_or_given_back() {
    let (town, desk) = (Town::new(), Desk::default());
    let (app, _) = begin(&town, &desk).await;
    let stopped =
        |document: Value| Error::new(ErrorKind::Outcome, "the run waits").with_requirement(document);
    let needed = format!("{TRANSFER_ALL}[*{DATA_ACCESS}]");
    let consent =
        json!({"code": "ConsentRequired", "authorization_parameters": {"required_scopes": [needed]}});
    app.login_for(stopped(consent.clone())).await.unwrap();
    assert_eq!(asked(&desk.last()), ["openid", &needed]);
    let hopeless = app.login_for(stopped(json!({"code": "ActionInactive"}))).await.unwrap_err();
    assert_eq!((hopeless.kind(), desk.logins()), (ErrorKind::Outcome, 1));

    // A service account brings consents, and no session.
    let service = globus_auth::ClientApp::for_client("My Service", town.confidential())
        .config(Town::config())
        .token_storage(MemoryTokenStorage::new())
        .build()
        .unwrap();
    service.login_for(stopped(consent)).await.unwrap();
    let session = json!({"code": "x", "authorization_parameters": {"session_required_mfa": true}});
    assert_eq!(service.login_for(stopped(session)).await.unwrap_err().to_string(), "the run waits");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_tells_why_the_call_did() {
    let (town, desk) = (Town::new(), Desk::default());
    let (_app, transfer) = begin(&town, &desk).await;
    desk.decline(true);
    town.answer_next([mfa("m")]);
    let error = transfer.call().await.unwrap_err();
    assert_eq!(error.to_string(), "GET /v0.10/task_list: the user said no");
    // An ordinary refusal is none of this.
    town.answer_next([(403, json!({"code": "PermissionDenied", "message": "no"}))]);
    assert!(transfer.call().await.unwrap_err().is_code("PermissionDenied"));
    assert_eq!(desk.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_account_brings_consents_only() {
    let town = Town::new();
    let storage = MemoryTokenStorage::new();
    let builder = || {
        globus_auth::ClientApp::for_client("My Service", town.confidential())
            .config(Town::config())
            .token_storage(storage.clone())
    };
    let app = builder().auto_redrive_gares(true).build().unwrap();
    let transfer = town.transfer(&app);
    town.answer_next([consent()]);
    transfer.call().await.unwrap();
    let requests = town.log();
    assert_eq!(requests[0], format!("client_credentials {TRANSFER_ALL}"));
    assert_eq!(requests[2], format!("client_credentials {TRANSFER_ALL}[*{DATA_ACCESS}]"));

    town.answer_next([mfa("m")]);
    transfer.call().await.unwrap_err();
    let quiet = builder().build().unwrap();
    town.answer_next([consent()]);
    town.transfer(&quiet).call().await.unwrap_err();
    let requests = town.log();
    assert!(requests.iter().all(|line| line.starts_with("GET")), "{requests:?}");

    let scopes = AuthorizationParameters::default().with_required_scopes(["not[a scope"]);
    assert_eq!(app.login_with(scopes).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}
