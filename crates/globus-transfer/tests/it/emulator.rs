//! The whole way, against the emulator: another reading of the same service, with real directories and real copies.

use std::{fs, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use globus_core::{Authorizer, Error, ErrorKind, Result, RetryPolicy};
use globus_emulator::{Emulator, PathFault, TransferSettings};
use globus_transfer::{
    CollectionId, DeleteData, Endpoint, EntityType, FileType, Filter, FilterRule, StallPolicy, Succeeded,
    SyncLevel, TaskError, TaskId, TaskStatus, TransferClient, TransferData, TransferItem,
    endpoints::SearchScope,
    files::ResultCode,
    submit::SubmitConflict,
    tasks::{FaultCause, TaskCode, TaskType},
};
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

#[derive(Debug)]
struct Token(HeaderValue);

#[async_trait]
impl Authorizer for Token {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(self.0.clone()))
    }
}

/// An emulator with two collections, and a client that may use them.
struct Lab {
    emulator: Emulator,
    laptop: TempDir,
    archive: TempDir,
    transfer: TransferClient,
}

impl Lab {
    async fn open() -> Self {
        Self::with(TransferSettings::default().retry_interval(Duration::from_millis(50))).await
    }

    async fn with(settings: TransferSettings) -> Self {
        let (laptop, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let emulator = Emulator::builder()
            .collection("laptop", laptop.path())
            .collection("archive", archive.path())
            .transfer_settings(settings)
            .start()
            .await
            .unwrap();
        let token = Token(token(&emulator).await);
        let transfer = TransferClient::builder()
            .base_url(emulator.service_url("transfer"))
            .authorizer(token)
            .build()
            .unwrap();
        Self { emulator, laptop, archive, transfer }
    }

    fn id(&self, name: &str) -> CollectionId {
        self.emulator.collection_id(name).unwrap().into()
    }

    fn data(&self) -> TransferData {
        TransferData::new(self.id("laptop"), self.id("archive"))
    }

    async fn wait(&self, task_id: TaskId) -> Result<Succeeded, TaskError> {
        let bounds = (Duration::from_millis(100), Duration::from_millis(300));
        let waiting = self.transfer.task_wait(task_id).poll_interval(bounds.0, bounds.1);
        waiting.timeout(Duration::from_secs(20)).send().await
    }

    async fn run(&self, data: TransferData) -> Result<Succeeded, TaskError> {
        let task_id = self.transfer.submit_transfer(data).send().await?.task_id;
        self.wait(task_id).await
    }

    /// Lets requests go wrong.
    async fn fault(&self, rule: Value) {
        let url = format!("http://{}/_emulator/", self.emulator.address());
        let control = TransferClient::builder().base_url(url).build().unwrap();
        let _: Value = control.base().call(Method::POST, "faults").json(&rule).send().await.unwrap();
    }
}

/// Gets a token as a service account does.
async fn token(emulator: &Emulator) -> HeaderValue {
    let auth = TransferClient::builder().base_url(emulator.service_url("auth")).build().unwrap();
    let secret = STANDARD.encode(format!("{}:{}", emulator.client_id(), emulator.client_secret()));
    let scope = "urn:globus:auth:scope:transfer.api.globus.org:all";
    let answer: Value = auth
        .base()
        .call(Method::POST, "/v2/oauth2/token")
        .with_header("authorization", &format!("Basic {secret}"))
        .form([("grant_type", "client_credentials"), ("scope", scope)])
        .send()
        .await
        .unwrap();
    HeaderValue::from_str(&format!("Bearer {}", answer["access_token"].as_str().unwrap())).unwrap()
}

fn write(root: &Path, name: &str, content: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_are_found_and_described() {
    let lab = Lab::open().await;
    let laptop: Endpoint = lab.transfer.get_endpoint(lab.id("laptop")).send().await.unwrap();
    assert_eq!(laptop.display_name.as_deref(), Some("laptop"));
    assert!(laptop.entity_type.is_some_and(|entity_type| !matches!(entity_type, EntityType::Unknown(_))));
    let search =
        |words: &str| lab.transfer.endpoint_search().filter_scope(SearchScope::All).filter_fulltext(words);
    let found = search("arch").limit(1).items().try_collect().await.unwrap();
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [lab.id("archive")]);
    assert!(search("nowhere").items().try_collect().await.unwrap().is_empty());
    let unknown = lab.transfer.get_endpoint("00000000-0000-4000-8000-000000000000").send().await.unwrap_err();
    assert!(unknown.is_not_found() && unknown.is_code("EndpointNotFound"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_listed_made_and_renamed() {
    let lab = Lab::open().await;
    write(lab.laptop.path(), "runs/größe 1.csv", "12345");
    write(lab.laptop.path(), "runs/b.txt", "");
    write(lab.laptop.path(), "runs/.hidden", "x");
    let (client, laptop) = (&lab.transfer, lab.id("laptop"));

    let names = |list: &globus_transfer::FileList| -> Vec<String> {
        list.data.iter().map(|file| file.name.clone()).collect()
    };
    let all = client.operation_ls(laptop).path("/runs/").send().await.unwrap();
    assert_eq!(names(&all), [".hidden", "b.txt", "größe 1.csv"]);
    assert_eq!(all.endpoint, Some(laptop));
    assert!(all.data.iter().all(|file| file.file_type == FileType::File && file.last_modified.is_some()));
    let some = client.operation_ls(laptop).path("/runs").show_hidden(false).orderby(["name DESC"]).limit(1);
    assert_eq!(names(&some.send().await.unwrap()), ["größe 1.csv"]);
    let filter = Filter::new().field("name", "~*.csv").field("size", ">4");
    let filtered = client.operation_ls(laptop).path("/runs/").filter(filter).send().await.unwrap();
    assert_eq!(names(&filtered), ["größe 1.csv"]);
    let either = client
        .operation_ls(laptop)
        .path("/runs/")
        .filter(["name:b.txt", "name:.hidden"])
        .send()
        .await
        .unwrap();
    assert_eq!(names(&either), [".hidden", "b.txt"]);

    let made = client.operation_mkdir(laptop, "/done").send().await.unwrap();
    assert_eq!(made.code, Some(ResultCode::DirectoryCreated));
    let again = client.operation_mkdir(laptop, "/done").send().await.unwrap_err();
    assert!(again.is_code("ExternalError.MkdirFailed.Exists"), "{again}");
    assert_eq!(again.attempts(), 1);
    let renamed = client.operation_rename(laptop, "/runs/b.txt", "/done/c.txt").send().await.unwrap();
    assert_eq!(renamed.code, Some(ResultCode::FileRenamed));
    assert!(lab.laptop.path().join("done/c.txt").exists());

    #[expect(deprecated, reason = "it is offered still")]
    let link = client.operation_symlink(laptop, "/done", "/latest").send().await.unwrap_err();
    assert!(link.is_code("NotSupported") && link.is_conflict(), "{link}");

    let found = client.operation_stat(laptop, "/done").send().await.unwrap();
    assert!(found.is_dir());
    assert!(client.operation_stat(laptop, "/runs/b.txt").send().await.unwrap_err().is_not_found());
    assert!(client.operation_ls(laptop).path("/nowhere/").send().await.unwrap_err().is_not_found());
    let file = client.operation_ls(laptop).path("/done/c.txt").send().await.unwrap_err();
    assert!(file.is_code("ExternalError.DirListingFailed.NotDirectory"), "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_copies_and_says_what() {
    let lab = Lab::open().await;
    write(lab.laptop.path(), "runs/1.csv", "12345");
    write(lab.laptop.path(), "runs/deep/2.csv", "678");
    write(lab.laptop.path(), "runs/deep/2.tmp", "no");
    write(lab.laptop.path(), "log.txt", "hello");
    let mut data = lab.data().label("run 7").sync_level(SyncLevel::Checksum).verify_checksum(true);
    data.add_item("/runs/", "/backup/runs/");
    data.push(TransferItem::new("/log.txt", "/backup/log.txt").recursive(false));
    data.add_filter_rule(FilterRule::exclude("*.tmp").files());

    let done = lab.run(data.clone()).await.unwrap();
    assert_eq!(done.task.status, TaskStatus::Succeeded);
    assert_eq!(done.task.task_type, Some(TaskType::Transfer));
    assert_eq!(done.task.label.as_deref(), Some("run 7"));
    assert_eq!(done.task.sync_level, Some(SyncLevel::Checksum));
    assert_eq!((done.files_transferred(), done.bytes_transferred(), done.skipped_errors()), (3, 13, 0));
    assert_eq!(fs::read_to_string(lab.archive.path().join("backup/runs/deep/2.csv")).unwrap(), "678");
    assert!(!lab.archive.path().join("backup/runs/deep/2.tmp").exists());

    let task_id = done.task.task_id;
    let copied = lab.transfer.task_successful_transfers(task_id).items().try_collect().await.unwrap();
    let mut paths: Vec<_> = copied.iter().map(|file| file.destination_path.as_deref().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/backup/log.txt", "/backup/runs/1.csv", "/backup/runs/deep/2.csv"]);
    let events = lab.transfer.task_event_list(task_id).items().try_collect().await.unwrap();
    assert_eq!(events.first().unwrap().code, TaskCode::Succeeded);
    assert_eq!(events.last().unwrap().code, TaskCode::Started);
    assert!(events.last().unwrap().details_json().is_some());

    // Another task with the same items: nothing has changed, so nothing is copied.
    assert_eq!(lab.run(data.clone()).await.unwrap().task.task_id, task_id, "one document is one task");
    let again = lab.run(data.without_submission_id()).await.unwrap();
    assert_ne!(again.task.task_id, task_id);
    assert_eq!((again.task.files_transferred, again.task.files_skipped), (Some(0), Some(3)));

    let filter = Filter::new().field("type", "TRANSFER").field("status", "SUCCEEDED");
    let tasks = lab.transfer.task_list().filter(filter).limit(1).items().try_collect().await.unwrap();
    let mut found: Vec<_> = tasks.iter().map(|task| task.task_id).collect();
    found.sort_unstable();
    let mut expected = [task_id, again.task.task_id];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_items_arrive_as_they_were_added() {
    let lab = Lab::open().await;
    let mut data = lab.data();
    for n in 0..3_000 {
        write(lab.laptop.path(), &format!("raw/größe \"{n}\".h5"), "");
        data.add_item(format!("/raw/größe \"{n}\".h5"), format!("/raw/größe \"{n}\".h5"));
    }
    let done = lab.run(data).await.unwrap();
    assert_eq!(done.task.files_transferred, Some(3_000));
    assert_eq!(fs::read_dir(lab.archive.path().join("raw")).unwrap().count(), 3_000);
}

/// The service has made the task, but nobody heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_task() {
    let lab = Lab::open().await;
    write(lab.laptop.path(), "a", "x");
    lab.fault(
        json!({"path_prefix": "/transfer/v0.10/transfer", "drop_connection": true, "after_handling": true}),
    )
    .await;
    let data = lab.data().with_items([("/a", "/a")]);
    let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
    assert!(submitted.is_duplicate());
    lab.wait(submitted.task_id).await.unwrap();

    lab.fault(
        json!({"path_prefix": "/transfer/v0.10/transfer", "drop_connection": true, "after_handling": true}),
    )
    .await;
    let data = Arc::new(lab.data().with_items([("/a", "/b")]));
    let lost =
        lab.transfer.submit_transfer(data.clone()).with_retry(RetryPolicy::never()).send().await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Io);
    let id = data.current_submission_id();
    assert!(id.is_some());
    let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
    assert!(submitted.is_duplicate());
    assert_eq!(submitted.submission_id, id);
    assert_eq!(lab.transfer.task_list().items().try_collect().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_deletes_and_a_failed_one_is_no_success() {
    let lab = Lab::open().await;
    write(lab.archive.path(), "old/1", "x");
    let archive = lab.id("archive");
    let data = DeleteData::new(archive).recursive(true).with_items(["/old/"]);
    let submitted = lab.transfer.submit_delete(data.clone()).send().await.unwrap();
    let done = lab.wait(submitted.task_id).await.unwrap();
    assert_eq!(done.task.task_type, Some(TaskType::Delete));
    assert_eq!(done.task.source_endpoint_id, Some(archive));
    assert!(!lab.archive.path().join("old").exists());

    let submitted = lab.transfer.submit_delete(data.without_submission_id()).send().await.unwrap();
    let error = lab.wait(submitted.task_id).await.unwrap_err();
    let TaskError::Failed(failed) = &error else { panic!("{error:?}") };
    assert_eq!(failed.code(), Some(&TaskCode::FileNotFound));
    assert!(failed.events.iter().any(|event| event.code == TaskCode::FileNotFound && event.is_error));
    assert_eq!(Error::from(error).kind(), ErrorKind::Outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn skipped_errors_are_counted_and_listed() {
    let lab = Lab::open().await;
    write(lab.laptop.path(), "a", "x");
    let data = lab.data().skip_source_errors(true).with_items([("/a", "/a"), ("/gone", "/gone")]);
    let done = lab.run(data).await.unwrap();
    assert_eq!(done.skipped_errors(), 1);
    let skipped = lab.transfer.task_skipped_errors(done.task.task_id).items().try_collect().await.unwrap();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].source_path.as_deref(), Some("/gone"));
    assert_eq!(skipped[0].error_code, Some(TaskCode::FileNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hopeless_task_times_out_and_is_cancelled() {
    let lab = Lab::open().await;
    let data = lab.data().with_items([("/gone", "/gone")]);
    let task_id = lab.transfer.submit_transfer(data.clone()).send().await.unwrap().task_id;
    let waiting = lab.transfer.task_wait(task_id).timeout(Duration::from_secs(1)).send().await;
    let TaskError::TimedOut(late) = waiting.unwrap_err() else { panic!("did not time out") };
    assert_eq!(late.task.status, TaskStatus::Active);
    assert_eq!(late.task.nice_status, Some(TaskCode::FileNotFound));
    assert!(late.task.faults > Some(0));
    let fault = late.events[0].fault().unwrap();
    assert_eq!(fault.cause, FaultCause::NotFound, "{:?}", late.events);

    let again = data.clone().without_submission_id();
    let conflict = lab.transfer.submit_transfer(again).send().await.unwrap_err();
    assert_eq!(SubmitConflict::from_error(&conflict), Some(SubmitConflict::IdenticalPaths), "{conflict}");
    let in_the_way = lab.transfer.tasks_in_the_way(data).await.unwrap();
    assert_eq!(in_the_way.iter().map(|task| task.task_id).collect::<Vec<_>>(), [task_id]);

    let at_once = StallPolicy::default().hopeless_for(Duration::ZERO);
    let given_up = lab.transfer.task_wait(task_id).stall(at_once).send().await.unwrap_err();
    assert!(matches!(given_up, TaskError::Stalled(_)), "{given_up}");

    let updated = lab.transfer.update_task(task_id).label("hopeless").send().await.unwrap();
    assert_eq!(updated.code, Some(ResultCode::Updated));
    assert_eq!(lab.transfer.cancel_task(task_id).send().await.unwrap().code, Some(ResultCode::Canceled));
    let error = lab.wait(task_id).await.unwrap_err();
    let TaskError::Failed(failed) = error else { panic!("{error:?}") };
    assert_eq!(failed.code(), Some(&TaskCode::Canceled));
    assert_eq!(failed.task.label.as_deref(), Some("hopeless"));
    assert_eq!(lab.transfer.cancel_task(task_id).send().await.unwrap().code, Some(ResultCode::TaskComplete));
    assert!(lab.transfer.update_task(task_id).label("late").send().await.unwrap_err().is_conflict());
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_and_passing_faults_are_waited_out() {
    let settings = TransferSettings::default()
        .retry_interval(Duration::from_millis(50))
        .file_delay(Duration::from_millis(150))
        .workers(1)
        .fault(PathFault::new("*/flaky", "CONNECTION_RESET").times(1));
    let lab = Lab::with(settings).await;
    for name in ["1", "2", "3", "flaky"] {
        write(lab.laptop.path(), &format!("raw/{name}"), name);
    }
    let data = lab.data().with_items([("/raw/", "/raw/")]);
    let task_id = lab.transfer.submit_transfer(data).send().await.unwrap().task_id;
    lab.fault(json!({"path_prefix": "/transfer/v0.10/task/", "status": 503, "times": 2})).await;
    let (sender, seen) = std::sync::mpsc::channel();
    let done = lab
        .transfer
        .task_wait(task_id)
        .poll_interval(Duration::from_millis(100), Duration::from_millis(100))
        .on_progress(move |task| sender.send(task.files_transferred.unwrap()).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(done.task.files_transferred, Some(4));
    assert_eq!(done.task.faults, Some(1));
    let seen: Vec<u64> = seen.iter().collect();
    assert!(seen.len() > 2 && seen.is_sorted() && seen.last() == Some(&4), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_as_they_come() {
    let settings = TransferSettings::default()
        .retry_interval(Duration::from_millis(50))
        .fault(PathFault::new("*/flaky", "CONNECTION_RESET").times(3));
    let lab = Lab::with(settings).await;
    write(lab.laptop.path(), "raw/flaky", "x");
    let data = lab.data().with_items([("/raw/", "/raw/"), ("/late", "/late")]);
    let task_id = lab.transfer.submit_transfer(data).send().await.unwrap().task_id;
    let mut events = lab.transfer.task_events(task_id);
    let mut told = Vec::new();
    // The task goes on until the file is there, and the stream with it.
    while !told.contains(&"FILE_NOT_FOUND".to_owned()) {
        told.push(events.try_next().await.unwrap().unwrap().code.to_string());
    }
    write(lab.laptop.path(), "late", "y");
    lab.fault(json!({"path_prefix": "/transfer/v0.10/task/", "status": 503, "times": 2})).await;
    told.extend(events.try_collect().await.unwrap().iter().map(|event| event.code.to_string()));
    let mut listed = lab.transfer.task_event_list(task_id).items().try_collect().await.unwrap();
    listed.reverse();
    assert_eq!(told, listed.iter().map(|event| event.code.to_string()).collect::<Vec<_>>());
    assert_eq!((told[0].as_str(), told.last().unwrap().as_str()), ("STARTED", "SUCCEEDED"));
    assert_eq!(told.iter().filter(|code| *code == "CONNECTION_RESET").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_told() {
    let lab = Lab::open().await;
    let anonymous = TransferClient::builder().base_url(lab.emulator.service_url("transfer")).build().unwrap();
    let error = anonymous.task_list().send().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
}
