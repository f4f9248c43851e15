//! Runs of flows, from their start to their verdict, with files that really move.

use std::time::Duration;

use globus::{
    auth::ClientApp,
    flows::{
        FlowsClient, NewFlow, NewRun, RunError, RunHandle, RunStatus, RunUpdate, RunsUpdate,
        SpecificFlowClient, WebInputStatus,
        definition::{
            Action, AwaitWebInput, Catch, Choice, CreateWebInput, Definition, Fail, Pass, Rule, Wait,
        },
    },
};
use serde_json::json;

use crate::lab::{Lab, NOBODY};

/// A service account and the flows it owns.
struct Owner {
    lab: Lab,
    app: ClientApp,
    flows: FlowsClient,
}

impl Owner {
    async fn open() -> Self {
        let lab = Lab::open().await;
        let app = ClientApp::for_client("runs", lab.account())
            .config(lab.config.clone())
            .token_storage(globus::auth::storage::MemoryTokenStorage::new())
            .build()
            .unwrap();
        let flows = lab.flows();
        Self { lab, app, flows }
    }

    /// Creates a flow; gives the client for its runs, made from the app.
    async fn flow(&self, definition: &Definition) -> SpecificFlowClient {
        let flow = self.flows.create_flow(NewFlow::new("a flow", definition)).send().await.unwrap();
        SpecificFlowClient::builder(flow.id).app(&self.app).build().unwrap()
    }
}

async fn wait(run: &RunHandle) -> Result<globus::flows::runs::RunSucceeded, RunError> {
    let often = Duration::from_millis(100);
    run.wait().poll_interval(often, often).timeout(Duration::from_secs(30)).send().await
}

/// Copies `source` of the laptop to `destination` of the archive.
fn copy() -> Definition {
    Definition::new("Copy")
        .state(
            "Copy",
            Action::new("https://transfer.actions.globus.org/transfer/")
                .parameter("source_endpoint.$", "$.from")
                .parameter("destination_endpoint.$", "$.to")
                .parameter(
                    "DATA",
                    json!([{"source_path.$": "$.source", "destination_path.$": "$.destination"}]),
                )
                .result_path("$.copied")
                .wait_time(60)
                .catch(Catch::all("Broken").result_path("$.error"))
                .next("Check"),
        )
        .state(
            "Check",
            Choice::new([Rule::string_equals("$.copied.status", "SUCCEEDED").next("Done")]).default("Broken"),
        )
        .state("Done", Pass::new().end())
        .state("Broken", Fail::new().error("CopyFailed").cause("the copy is not there"))
}

#[tokio::test]
async fn a_run_moves_a_file_and_tells_what_it_did() {
    let owner = Owner::open().await;
    owner.lab.write("in/data.bin", b"observed");
    let flow = owner.flow(&copy()).await;
    let input = json!({
        "from": owner.lab.laptop(), "to": owner.lab.archive(), "source": "/in/data.bin", "destination": "/out/data.bin",
    });
    assert_eq!(flow.validate_run(input.clone()).send().await.unwrap().message, "validation successful");
    let run = flow.start(NewRun::new(&input).label("Night 7").tags(["night"])).await.unwrap();
    let done = wait(&run).await.unwrap();
    assert_eq!(done.output().unwrap()["copied"]["status"], "SUCCEEDED");
    assert_eq!(std::fs::read(owner.lab.archive_path("out/data.bin")).unwrap(), b"observed");

    let log = run.logs().try_collect().await.unwrap();
    let codes: Vec<&str> = log.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!((codes.first(), codes.last()), (Some(&"FlowStarted"), Some(&"FlowSucceeded")));
    assert!(codes.contains(&"ActionStarted") && codes.contains(&"ActionCompleted"), "{codes:?}");

    let document = owner.flows.get_run(run.run_id()).include_flow_description(true).send().await.unwrap();
    assert_eq!(
        (document.label.as_deref(), document.tags.as_slice()),
        (Some("Night 7"), &["night".to_owned()][..])
    );
    assert!(document.flow_description.is_some() && document.extra().is_empty(), "{:?}", document.extra());
    let started_with = owner.flows.get_run_definition(run.run_id()).send().await.unwrap();
    assert_eq!(started_with.definition, copy().to_value());
    let listed =
        owner.flows.list_runs().filter_flow_id([flow.flow_id()]).items().try_collect().await.unwrap();
    assert_eq!(listed.len(), 1);
    let renamed =
        owner.flows.update_run(run.run_id(), RunUpdate::new().label("Night 8")).send().await.unwrap();
    assert_eq!(renamed.label.as_deref(), Some("Night 8"));
    let many = RunsUpdate::new([run.run_id()]).add_tags(["published"]).remove_tags(["night"]);
    owner.flows.update_runs(many).send().await.unwrap();
    assert_eq!(run.get().send().await.unwrap().tags, ["published"]);
    run.delete().send().await.unwrap();
    let gone = run.get().send().await.unwrap_err();
    assert!(gone.is_not_found(), "{gone}");
}

#[tokio::test]
async fn a_run_that_fails_says_where() {
    let owner = Owner::open().await;
    let flow = owner.flow(&copy()).await;
    let input = json!({
        "from": owner.lab.laptop(), "to": NOBODY, "source": "/in/data.bin", "destination": "/out/data.bin",
    });
    let run = flow.start(input).await.unwrap();
    let error = wait(&run).await.unwrap_err();
    let RunError::Failed(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.state_name(), Some("Broken"), "{failed:?}");
    assert!(error.to_string().contains("the copy is not there"), "{error}");
}

#[tokio::test]
async fn a_run_is_cancelled() {
    let owner = Owner::open().await;
    let nap = Definition::new("Nap").state("Nap", Wait::for_seconds(86_400).end());
    let flow = owner.flow(&nap).await;
    let run = flow.start(json!({})).await.unwrap();
    assert_eq!(run.get().send().await.unwrap().status, RunStatus::Active);
    assert!(run.delete().send().await.unwrap_err().is_conflict());
    run.cancel().send().await.unwrap();
    let error = wait(&run).await.unwrap_err();
    assert!(matches!(&error, RunError::Failed(failed) if failed.is_canceled()), "{error}");
}

#[tokio::test]
async fn a_question_is_asked_and_answered() {
    let owner = Owner::open().await;
    let me = format!("urn:globus:auth:identity:{}", owner.lab.account().client_id());
    let ask = Definition::new("Ask")
        .state(
            "Ask",
            CreateWebInput::new("$.question")
                .parameter("InputType", "Selection")
                .parameter("Context", json!({"PresentationStyle": "Text", "Title": "Publish?", "Text": "Run 7"}))
                .parameter(
                    "Options",
                    json!([{"Value": "yes", "Label": "Approve", "Description": "Do it"}, {"Value": "no", "Label": "Refuse", "Description": "Leave it"}]),
                )
                .parameter("RespondentUrns", json!([me]))
                .next("Answer"),
        )
        .state("Answer", AwaitWebInput::new("$.question.web_input_id").result_path("$.answer").next("Done"))
        .state("Done", Pass::new().end());
    let flow = owner.flow(&ask).await;
    let run = flow.start(json!({})).await.unwrap();
    let mut asked = Vec::new();
    for _ in 0..100 {
        asked =
            owner.flows.list_web_inputs().filter_run_ids([run.run_id()]).items().try_collect().await.unwrap();
        if !asked.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let question = owner.flows.get_web_input(asked[0].id).send().await.unwrap();
    assert_eq!((question.title(), &question.status), (Some("Publish?"), &WebInputStatus::Open));
    let approve = question.option("Approve").unwrap().option_id.clone();
    owner.flows.respond_to_web_input(question.id, approve.as_str()).send().await.unwrap();
    let done = wait(&run).await.unwrap();
    assert_eq!(done.output().unwrap()["answer"]["response"], "yes");
    let again = owner.flows.respond_to_web_input(question.id, approve).send().await.unwrap_err();
    assert!(again.is_conflict(), "{again}");
}

#[tokio::test]
async fn what_the_service_would_refuse_is_told_with_its_place() {
    let owner = Owner::open().await;
    let lost = Definition::new("Copy").state("Copy", Pass::new().next("Nobody"));
    let error = owner.flows.validate_flow(&lost).send().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 422, "{error}");
    assert!(error.to_string().contains("Nobody"), "{error}");
    assert!(owner.flows.validate_flow(copy()).send().await.is_ok());
}
