//! Apps: somebody logs in through the page of the emulator, and the program goes on from there.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use globus::{
    auth::{
        AuthClient, AuthLoginClient, LoginError, OAuthTokenResponse,
        login::{LoginFlowManager, LoginRequest},
        storage::{JsonTokenStorage, MemoryTokenStorage, TokenStorage},
    },
    core::{Clock, SystemClock, test_util::ManualClock},
    prelude::*,
};
use globus_emulator::CollectionSetup;
use serde_json::json;

use crate::{
    lab::{Lab, swift},
    login::{HERE, NATIVE, press},
};

/// Presses a button on the page that a login shows, and remembers the logins.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    decision: Arc<Mutex<&'static str>>,
    logins: Arc<Mutex<Vec<LoginRequest>>>,
}

impl Person {
    pub(crate) fn who_says(decision: &'static str) -> Self {
        Self { decision: Arc::new(Mutex::new(decision)), logins: Arc::default() }
    }

    pub(crate) fn says(&self, decision: &'static str) {
        *self.decision.lock().unwrap() = decision;
    }

    pub(crate) fn logins(&self) -> usize {
        self.logins.lock().unwrap().len()
    }

    pub(crate) fn asked(&self) -> String {
        let logins = self.logins.lock().unwrap();
        logins.last().unwrap().scopes().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

#[async_trait]
impl LoginFlowManager for Person {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> globus::Result<OAuthTokenResponse> {
        self.logins.lock().unwrap().push(request.clone());
        let (url, flow) = request.begin(client, Some(HERE))?;
        let decision = *self.decision.lock().unwrap();
        let callback = press(url, decision).await;
        client.finish(flow, callback).send().await
    }
}

/// One run of a program, and the time that it goes by: an id token must be of about now.
pub(crate) struct Run {
    pub(crate) app: UserApp,
    transfer: TransferClient,
    clock: ManualClock,
}

impl Run {
    pub(crate) fn begin(lab: &Lab, person: &Person, storage: impl TokenStorage + 'static) -> Self {
        let clock = ManualClock::at(SystemClock.now());
        let client = NativeAppAuthClient::builder(NATIVE)
            .config(lab.config.clone())
            .clock(clock.clone())
            .retry(swift())
            .build()
            .unwrap();
        let app = UserApp::for_client("e2e", client)
            .config(lab.config.clone())
            .token_storage(storage)
            .login_flow_manager(person.clone())
            .build()
            .unwrap();
        let transfer = TransferClient::builder().app(&app).retry(swift()).build().unwrap();
        Self { app, transfer, clock }
    }

    async fn let_pass(&self, lab: &Lab, time: Duration) {
        lab.let_pass(time).await;
        self.clock.advance(time);
    }
}

fn file(folder: &Path) -> JsonTokenStorage {
    JsonTokenStorage::new(folder.join("app/tokens.json"))
}

#[tokio::test]
async fn somebody_logs_in_once_and_every_later_run_goes_on_for_weeks() {
    let lab = Lab::with(|emulator| emulator.rotate_refresh_tokens(true)).await;
    let (folder, person) = (tempfile::tempdir().unwrap(), Person::who_says("allow"));
    let first = Run::begin(&lab, &person, file(folder.path()));
    first.transfer.task_list().send().await.unwrap();
    assert_eq!(person.asked(), format!("openid {}", scope::transfer::ALL));

    let second = Run::begin(&lab, &person, file(folder.path()));
    let auth =
        AuthClient::builder().app(&second.app).app_scopes([Scope::new("openid").unwrap()]).build().unwrap();
    let me = auth.userinfo().send().await.unwrap().sub;
    for _ in 0..4 {
        second.let_pass(&lab, Duration::from_secs(3 * 86_400)).await;
        first.clock.advance(Duration::from_secs(3 * 86_400));
        second.transfer.task_list().send().await.unwrap();
        first.transfer.task_list().send().await.unwrap();
    }
    assert_eq!(person.logins(), 1);
    let stored = file(folder.path()).get_token_data_by_resource_server().await.unwrap();
    assert!(stored.values().all(|token| token.identity_id == Some(me) && token.refresh_token.is_some()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = folder.path().join("app/tokens.json").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_collection_that_needs_a_consent_gets_it_in_the_middle_of_the_work() {
    let (folder, directory, person) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Person::who_says("allow"));
    std::fs::write(directory.path().join("a.txt"), "a").unwrap();
    let lab =
        Lab::with(|emulator| emulator.collection_with(CollectionSetup::mapped("storage", directory.path())))
            .await;
    let storage: CollectionId = lab.emulator.collection_id("storage").unwrap().into();
    let run = Run::begin(&lab, &person, file(folder.path()));
    run.app.login().await.unwrap();
    let listing = run.transfer.operation_ls(storage).path("/").send().await.unwrap();
    assert_eq!(listing.data[0].name, "a.txt");
    let needed = scope::transfer::all_with_data_access([storage]);
    assert_eq!(person.asked(), format!("openid {needed}"));
    assert_eq!(person.logins(), 2);

    // The next run knows before it asks: the consent is there.
    let next = Run::begin(&lab, &person, file(folder.path()));
    next.app.add_scope_requirements(scope::transfer::RESOURCE_SERVER, [needed]).unwrap();
    assert!(!next.app.login_required().await.unwrap());
    next.transfer.operation_ls(storage).path("/").send().await.unwrap();
    assert_eq!(person.logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_for_a_fresh_login_gets_one_for_all_calls() {
    let lab = Lab::open().await;
    let person = Person::who_says("allow");
    let storage = MemoryTokenStorage::new();
    let run = Run::begin(&lab, &person, storage.clone());
    run.transfer.task_list().send().await.unwrap();
    let token = storage.get_token_data(scope::auth::RESOURCE_SERVER).await.unwrap().unwrap();
    let demand = json!({"path_prefix": "/transfer/v0.10/task_list", "session_message": "Show who you are.",
        "session_required_identities": [token.identity_id.unwrap().to_string()]});
    lab.control("POST", "requirements", Some(&demand)).await;
    let calls = (0..10).map(|_| {
        let transfer = run.transfer.clone();
        tokio::spawn(async move { transfer.task_list().send().await })
    });
    let calls: Vec<_> = calls.collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(person.logins(), 2);
    let asked = person.logins.lock().unwrap().last().unwrap().authorization_parameters().clone();
    assert_eq!(asked.session_message.as_deref(), Some("Show who you are."));
}

#[tokio::test]
async fn a_logout_ends_what_the_login_began() {
    let lab = Lab::open().await;
    let (folder, person) = (tempfile::tempdir().unwrap(), Person::who_says("allow"));
    let run = Run::begin(&lab, &person, file(folder.path()));
    run.app.login().await.unwrap();
    let stored = file(folder.path()).get_token_data(scope::transfer::RESOURCE_SERVER).await.unwrap().unwrap();
    run.app.logout().await.unwrap();
    assert!(file(folder.path()).get_token_data_by_resource_server().await.unwrap().is_empty());
    let old: TransferClient = lab.client(AccessTokenAuthorizer::new(stored.access_token));
    assert!(old.task_list().send().await.unwrap_err().is_unauthorized());
    let refused = run.app.login_client().oauth2_refresh_token(stored.refresh_token.unwrap()).send().await;
    assert_eq!(globus::auth::oauth_error(&refused.unwrap_err()), Some("invalid_grant"));
    run.transfer.task_list().send().await.unwrap();
    assert_eq!(person.logins(), 2);
}

#[tokio::test]
async fn a_login_that_is_declined_leaves_nothing_behind() {
    let lab = Lab::open().await;
    let (folder, person) = (tempfile::tempdir().unwrap(), Person::who_says("deny"));
    let run = Run::begin(&lab, &person, file(folder.path()));
    let error = run.transfer.task_list().send().await.unwrap_err();
    assert!(matches!(LoginError::from_error(&error), Some(LoginError::Denied { .. })), "{error}");
    assert!(!folder.path().join("app/tokens.json").exists());
}

#[tokio::test]
async fn a_service_account_needs_three_lines() {
    let directory = tempfile::tempdir().unwrap();
    let lab =
        Lab::with(|emulator| emulator.collection_with(CollectionSetup::mapped("storage", directory.path())))
            .await;
    let storage: CollectionId = lab.emulator.collection_id("storage").unwrap().into();
    let app = ClientApp::builder("e2e", lab.emulator.client_id(), lab.emulator.client_secret())
        .config(lab.config.clone())
        .token_storage(MemoryTokenStorage::new())
        .auto_redrive_gares(true)
        .build()
        .unwrap();
    let transfer = TransferClient::builder().app(&app).build().unwrap();
    transfer.operation_ls(storage).path("/").send().await.unwrap();
    assert_eq!(lab.count("POST /auth/v2/oauth2/token 200").await, 2, "one for Transfer, one to consent");
    app.logout().await.unwrap();
    assert_eq!(lab.count("POST /auth/v2/oauth2/token/revoke 200").await, 1);
}
