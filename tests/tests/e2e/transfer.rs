//! Collections, files, and tasks that go well.

use globus::{
    prelude::*,
    transfer::{
        endpoints::SearchScope,
        files::ResultCode,
        tasks::{TaskCode, TaskType},
    },
};

use crate::lab::{Lab, NOBODY, tree};

#[tokio::test]
async fn from_a_service_account_to_a_listing() {
    let lab = Lab::open().await;
    lab.write("runs/1.csv", "12345");
    lab.write("runs/.hidden", "");
    let listing =
        lab.transfer.operation_ls(lab.laptop()).path("/runs/").show_hidden(false).send().await.unwrap();
    let names: Vec<_> = listing.data.iter().map(|entry| (entry.name.as_str(), entry.size)).collect();
    assert_eq!(names, [("1.csv", Some(5))]);
    assert_eq!(
        lab.requests().await,
        [
            "POST /auth/v2/oauth2/token 200".to_owned(),
            format!("GET /transfer/v0.10/operation/endpoint/{}/ls 200", lab.laptop())
        ]
    );
}

#[tokio::test]
async fn directories_and_files_are_made_renamed_and_looked_at() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    let made = transfer.operation_mkdir(laptop, "/größe 1").send().await.unwrap();
    assert_eq!(made.code, Some(ResultCode::DirectoryCreated));
    lab.write("größe 1/a+b%20c.txt", "abc");
    let renamed =
        transfer.operation_rename(laptop, "/größe 1/a+b%20c.txt", "/größe 1/✓&d=e.txt").send().await.unwrap();
    assert_eq!(renamed.code, Some(ResultCode::FileRenamed));
    assert!(lab.laptop_path("größe 1/✓&d=e.txt").exists());
    let file = transfer.operation_stat(laptop, "/größe 1/✓&d=e.txt").send().await.unwrap();
    assert_eq!((file.name.as_str(), file.file_type, file.size), ("✓&d=e.txt", FileType::File, Some(3)));
    let directory = transfer.operation_stat(laptop, "/größe 1").send().await.unwrap();
    assert!(directory.is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_tree_arrives_as_it_is() {
    let lab = Lab::open().await;
    for number in 0..40_u32 {
        let content: Vec<u8> = (0..number * 331).map(|byte| (byte % 251) as u8).collect();
        lab.write(&format!("runs/{}/täglich {number}/data.bin", number % 7), content);
    }
    lab.write("runs/empty", "");
    let data = lab.data([("/runs/", "/2026/runs/")]).label("run 7").verify_checksum(true);
    let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
    let done = lab.wait(submitted.task_id).send().await.unwrap();
    assert_eq!(done.task.status, TaskStatus::Succeeded);
    assert_eq!(done.task.files_transferred, Some(41));
    assert_eq!(done.skipped_errors(), 0);
    let (sent, arrived) = (tree(&lab.laptop_path("runs")), tree(&lab.archive_path("2026/runs")));
    assert_eq!(sent.len(), 41);
    assert!(sent == arrived, "the copies differ");

    let task_id = submitted.task_id;
    let copied = lab.transfer.task_successful_transfers(task_id).items().try_collect().await.unwrap();
    assert_eq!(copied.len(), 41);
    let one_by_one = lab.transfer.task_event_list(task_id).limit(1).items().try_collect().await.unwrap();
    let codes: Vec<_> = one_by_one.iter().map(|event| event.code.clone()).collect();
    assert_eq!((codes.first(), codes.last()), (Some(&TaskCode::Succeeded), Some(&TaskCode::Started)));

    // Where everything is there already, nothing is copied.
    let again = lab.data([("/runs/", "/2026/runs/")]).sync_level(SyncLevel::Checksum);
    let submitted = lab.transfer.submit_transfer(again).send().await.unwrap();
    let done = lab.wait(submitted.task_id).send().await.unwrap();
    assert_eq!((done.task.files_transferred, done.task.files_skipped), (Some(0), Some(41)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_away_what_it_names_and_no_more() {
    let lab = Lab::open().await;
    lab.write("old/deep/1", "x");
    lab.write("new/2", "y");
    let data = DeleteData::new(lab.laptop()).recursive(true).with_items(["/old/"]);
    let submitted = lab.transfer.submit_delete(data).send().await.unwrap();
    let done = lab.wait(submitted.task_id).send().await.unwrap();
    assert_eq!(done.task.task_type, Some(TaskType::Delete));
    assert_eq!(tree(&lab.laptop_path("")), [("new/2".to_owned(), b"y".to_vec())]);
}

#[tokio::test]
async fn collections_are_found_by_name() {
    let lab = Lab::open().await;
    let search = |words: &str| {
        lab.transfer
            .endpoint_search()
            .filter_scope(SearchScope::All)
            .filter_fulltext(words)
            .items()
            .try_collect()
    };
    let found = search("arch").await.unwrap();
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [lab.archive()]);
    assert!(search("nowhere").await.unwrap().is_empty());
    let described = lab.transfer.get_endpoint(lab.archive()).send().await.unwrap();
    assert_eq!(described.display_name.as_deref(), Some("archive"));
    assert!(lab.transfer.get_endpoint(NOBODY).send().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn what_has_no_method_is_called_by_hand() {
    let lab = Lab::open().await;
    let call = lab.transfer.base().call(http::Method::GET, "/v0.10/endpoint_search");
    let found: serde_json::Value =
        call.query("filter_scope", "my-endpoints").query("limit", "1").send().await.unwrap();
    assert_eq!(found["DATA"].as_array().unwrap().len(), 1);
}
