//! Much at once: everything arrives, nothing twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use globus::prelude::*;
use globus_emulator::{RequestFault, TransferSettings};
use http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::lab::{Lab, swift, tree};

fn digests(root: &Path) -> BTreeMap<String, String> {
    let digest = |content: Vec<u8>| format!("{:x?}", Sha256::digest(content));
    tree(root).into_iter().map(|(name, content)| (name, digest(content))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_in_two_hundred_folders_arrive_whole() {
    let lab = Lab::open().await;
    for number in 0..10_000_u32 {
        let name = format!("run/{:03}/part {number}.bin", number % 200);
        let content = number.to_le_bytes().repeat(1 + number as usize % 24);
        lab.write(&name, content);
    }
    let data = lab.data([("/run/", "/backup/")]).verify_checksum(true);
    let submitted = lab.transfer.submit_transfer(data).send().await.unwrap();
    let done = lab.wait(submitted.task_id).timeout(Duration::from_secs(120)).send().await.unwrap();
    assert_eq!((done.task.files_transferred, done.task.directories), (Some(10_000), Some(201)));
    let (sent, arrived) = (digests(&lab.laptop_path("run")), digests(&lab.archive_path("backup")));
    assert_eq!(sent.len(), 10_000);
    assert!(sent == arrived, "the copies differ");
    let listed =
        lab.transfer.task_successful_transfers(submitted.task_id).items().try_collect().await.unwrap();
    let told: BTreeSet<_> = listed.iter().filter_map(|copy| copy.destination_path.clone()).collect();
    assert_eq!((listed.len(), told.len()), (10_000, 10_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_submissions_make_a_thousand_tasks_though_every_second_answer_is_lost() {
    let settings = TransferSettings::default().pending_tasks(2000).active_tasks(16);
    let lab = Lab::with_transfer(settings).await;
    lab.write("a", "x");
    let lost = RequestFault::drop_connection().after_handling();
    lab.emulator.add_fault(lost.path("/transfer/v0.10/transfer").every(2).always());
    let mut submitting = JoinSet::new();
    for worker in 0..20 {
        let (transfer, stubborn) = (lab.transfer.clone(), swift().with_max_retries(100));
        let documents: Vec<_> =
            (0..50).map(|number| lab.data([("/a", format!("/{worker}/{number}").as_str())])).collect();
        submitting.spawn(async move {
            let mut submitted = Vec::new();
            for data in documents {
                let retry = stubborn.clone();
                submitted.push(transfer.submit_transfer(data).with_retry(retry).send().await.unwrap());
            }
            submitted
        });
    }
    let submitted: Vec<_> = submitting.join_all().await.into_iter().flatten().collect();
    let told: BTreeSet<TaskId> = submitted.iter().map(|submitted| submitted.task_id).collect();
    let duplicates = submitted.iter().filter(|submitted| submitted.is_duplicate()).count();
    let made = lab
        .emulator
        .requests()
        .iter()
        .filter(|request| request["path"] == "/transfer/v0.10/transfer")
        .count();
    assert_eq!((submitted.len(), told.len()), (1000, 1000));
    assert!(duplicates > 300 && made > 1500, "{duplicates} duplicates in {made} requests");
    let listed = lab.transfer.task_list().limit(1000).items().try_collect().await.unwrap();
    assert_eq!(listed.iter().map(|task| task.task_id).collect::<BTreeSet<_>>(), told);
}

/// Resets, broken answers, silence, and every status that passes by itself, all the time.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_transfers_survive_a_service_in_trouble() {
    const RUNS: usize = 500;
    let lab = Lab::with_transfer(TransferSettings::default().pending_tasks(RUNS).active_tasks(32)).await;
    for number in 0..RUNS {
        lab.write(&format!("in/{number}"), format!("content {number}"));
    }
    let every = |count: u64, fault: RequestFault| {
        lab.emulator.add_fault(fault.path("/transfer/").every(count).always());
    };
    every(17, RequestFault::reset_connection());
    every(19, RequestFault::reset_connection().after_handling());
    every(23, RequestFault::truncate(7));
    every(29, RequestFault::drop_connection().after_handling());
    every(31, RequestFault::status(StatusCode::INTERNAL_SERVER_ERROR));
    every(37, RequestFault::html_error(StatusCode::BAD_GATEWAY).after_handling());
    every(41, RequestFault::maintenance());
    every(43, RequestFault::rate_limited().retry_after(Duration::ZERO));
    every(47, RequestFault::status(StatusCode::UNAUTHORIZED));
    every(97, RequestFault::delay(Duration::from_secs(60)));

    let authorizer = ClientCredentialsAuthorizer::new(lab.account(), scope::transfer::ALL).unwrap();
    let transfer: TransferClient = TransferClient::builder()
        .config(lab.config.clone())
        .authorizer(authorizer)
        .retry(swift().with_max_retries(50))
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let lab = Arc::new(lab);
    let mut working = JoinSet::new();
    for worker in 0..20 {
        let (lab, transfer) = (lab.clone(), transfer.clone());
        working.spawn(async move {
            let mut tasks = Vec::new();
            for number in (worker..RUNS).step_by(20) {
                let data = lab.data([(format!("/in/{number}").as_str(), format!("/out/{number}").as_str())]);
                let submitted = transfer.submit_transfer(data).send().await.unwrap();
                let often = Duration::from_millis(50);
                let wait = transfer.task_wait(submitted.task_id).poll_interval(often, often);
                wait.timeout(Duration::from_secs(60)).send().await.unwrap();
                tasks.push(submitted.task_id);
            }
            tasks
        });
    }
    let tasks: BTreeSet<TaskId> = working.join_all().await.into_iter().flatten().collect();
    assert_eq!(tasks.len(), RUNS);
    for number in 0..RUNS {
        let arrived = std::fs::read_to_string(lab.archive_path(&format!("out/{number}"))).unwrap();
        assert_eq!(arrived, format!("content {number}"));
    }
    let requests = lab.emulator.requests();
    for status in [500, 502, 503, 429, 401] {
        let met =
            requests.iter().filter(|request| request["status"] == status && request["injected"] == true);
        assert!(met.count() >= 10, "{status} was hardly met");
    }
    lab.emulator.clear_faults();
    let listed = lab.transfer.task_list().limit(1000).items().try_collect().await.unwrap();
    assert_eq!(listed.iter().map(|task| task.task_id).collect::<BTreeSet<_>>(), tasks);
}
