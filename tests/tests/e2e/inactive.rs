//! Runs that stop until their owner has consented or logged in: what they need is brought, and they go on.

use std::time::Duration;

use globus::{
    auth::{LoginError, gare::Gare, storage::MemoryTokenStorage},
    flows::{
        NewFlow, RunError, RunHandle, RunSucceeded, SpecificFlowClient,
        definition::{Action, Definition},
    },
    prelude::*,
};
use globus_emulator::{Account, CollectionSetup, Requirement};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    app::{Person, Run},
    lab::Lab,
};

/// A mapped collection with one file, and somebody with two identities.
struct Storage {
    lab: Lab,
    id: CollectionId,
    _directory: TempDir,
}

impl Storage {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.txt"), "a").unwrap();
        let setup = CollectionSetup::mapped("storage", directory.path());
        let ada = Account::new("ada@uni.example.edu").linked("ada@lab.example.org");
        let lab = Lab::with(|emulator| emulator.account(ada).collection_with(setup)).await;
        let id = lab.emulator.collection_id("storage").unwrap().into();
        Self { lab, id, _directory: directory }
    }

    /// A flow that lists the collection, and the client for its runs.
    async fn flow(&self, app: &GlobusApp) -> SpecificFlowClient {
        let list = Action::new("https://transfer.actions.globus.org/ls")
            .parameter("endpoint_id", self.id.to_string())
            .parameter("path", "/")
            .result_path("$.found");
        let definition = Definition::new("List").state("List", list.end());
        let flows = FlowsClient::builder().app(app).build().unwrap();
        let flow = flows.create_flow(NewFlow::new("List", definition)).send().await.unwrap();
        SpecificFlowClient::builder(flow.id).app(app).build().unwrap()
    }
}

async fn wait(run: &RunHandle) -> Result<RunSucceeded, RunError> {
    let often = Duration::from_millis(100);
    run.wait().poll_interval(often, often).timeout(Duration::from_secs(30)).send().await
}

/// What the documentation says: brings what the run waits for, as often as it takes. Counts how often that was.
async fn see_through(app: &GlobusApp, run: &RunHandle) -> globus::Result<(RunSucceeded, usize)> {
    let mut stops = 0;
    loop {
        match wait(run).await {
            Ok(done) => break Ok((done, stops)),
            Err(stopped @ RunError::Inactive(_)) => {
                stops += 1;
                app.login_for(stopped).await?;
                run.resume().send().await?;
            }
            Err(other) => break Err(other.into()),
        }
    }
}

#[tokio::test]
async fn a_user_consents_and_the_run_goes_on() {
    let storage = Storage::open().await;
    let person = Person::who_says("allow");
    let app = Run::begin(&storage.lab, &person, MemoryTokenStorage::new()).app;
    let flow = storage.flow(&app).await;
    let run = flow.start(json!({})).await.unwrap();
    let logins = person.logins();

    let stopped = wait(&run).await.unwrap_err();
    let RunError::Inactive(inactive) = &stopped else { panic!("{stopped}") };
    let gare = Gare::from_value(&inactive.requirement().unwrap()).unwrap();
    let needed = format!(
        "{}[{}]",
        globus::flows::scopes::user(flow.flow_id()),
        scope::transfer::all_with_data_access([storage.id])
    );
    assert_eq!(gare.authorization_parameters.scopes().unwrap()[0].to_string(), needed);

    let (done, stops) = see_through(&app, &run).await.unwrap();
    assert_eq!(done.output().unwrap()["found"]["details"]["DATA"][0]["name"], "a.txt");
    assert_eq!((stops, person.logins() - logins), (1, 1));
    assert!(person.asked().contains(&needed), "{}", person.asked());
    let log = run.logs().try_collect().await.unwrap();
    assert!(log.iter().any(|entry| entry.code == "FlowResumed"), "{log:?}");

    // The next run need not stop for it.
    let (_, stops) = see_through(&app, &flow.start(json!({})).await.unwrap()).await.unwrap();
    assert_eq!((stops, person.logins() - logins), (0, 1));
}

#[tokio::test]
async fn a_user_logs_in_as_somebody_else_and_the_run_goes_on() {
    let storage = Storage::open().await;
    let person = Person::who_says("allow");
    let app = Run::begin(&storage.lab, &person, MemoryTokenStorage::new()).app;
    let flow = storage.flow(&app).await;
    // Asked for beforehand, the consent is there when the run begins.
    let flow =
        SpecificFlowClient::builder(flow.flow_id()).app(&app).data_access([storage.id]).build().unwrap();
    let demand = Requirement::new()
        .path_prefix("/transfer/v0.10/operation/")
        .identity("ada@lab.example.org")
        .message("Show your laboratory's identity.");
    storage.lab.emulator.require(demand).unwrap();
    let run = flow.start(json!({})).await.unwrap();
    let logins = person.logins();

    let stopped = wait(&run).await.unwrap_err();
    let gare = Gare::from_error(&Error::from(stopped)).unwrap();
    assert!(gare.authorization_parameters.session_required_identities.is_some(), "{gare}");
    assert_eq!(
        gare.authorization_parameters.session_message.as_deref(),
        Some("Show your laboratory's identity.")
    );
    let (done, stops) = see_through(&app, &run).await.unwrap();
    assert!(done.output().unwrap()["found"]["details"]["DATA"].is_array());
    assert_eq!((stops, person.logins() - logins), (1, 1));
}

#[tokio::test]
async fn a_service_account_consents_by_itself() {
    let storage = Storage::open().await;
    let app = ClientApp::for_client("runs", storage.lab.account())
        .config(storage.lab.config.clone())
        .token_storage(MemoryTokenStorage::new())
        .build()
        .unwrap();
    let flow = storage.flow(&app).await;
    let (_, stops) = see_through(&app, &flow.start(json!({})).await.unwrap()).await.unwrap();
    assert_eq!(stops, 1);

    // What a session must have, it cannot bring: the verdict comes back.
    storage.lab.emulator.require(Requirement::new().path_prefix("/transfer/").mfa()).unwrap();
    let run = flow.start(json!({})).await.unwrap();
    let error = see_through(&app, &run).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outcome, "{error}");
    assert!(error.requirement().is_some());
}

#[tokio::test]
async fn a_user_who_declines_leaves_the_run_where_it_is() {
    let storage = Storage::open().await;
    let person = Person::who_says("allow");
    let app = Run::begin(&storage.lab, &person, MemoryTokenStorage::new()).app;
    let flow = storage.flow(&app).await;
    let run = flow.start(json!({})).await.unwrap();
    person.says("deny");
    let error = see_through(&app, &run).await.unwrap_err();
    assert!(matches!(LoginError::from_error(&error), Some(LoginError::Denied { .. })), "{error}");
    assert!(matches!(wait(&run).await, Err(RunError::Inactive(_))));
    person.says("allow");
    see_through(&app, &run).await.unwrap();
}
