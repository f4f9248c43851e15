//! Files and collections with what takes more than one request: walks, HTTPS, queues, what is hopeless.

use std::{fs, time::Duration};

use globus::{
    prelude::*,
    transfer::{
        CollectionPath, StallPolicy, Submission, TransferQueue,
        https::CollectionFiles,
        submit::{ItemList, SplitLimits},
        tasks::{FaultCause, StallReason},
    },
};
use globus_emulator::{CollectionSetup, TransferSettings};

use crate::lab::{Lab, tree};

/// Names that have been somebody's trouble.
const ODD: [&str; 8] =
    ["with space", "quo'te\"s", "ü (NFC)", "u\u{308} (NFD)", "100%25", "a#b?c", "a+b&c=d", "-leading dash"];

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_finds_all_that_is_there() {
    let lab = Lab::open().await;
    for (number, name) in ODD.iter().enumerate() {
        lab.write(&format!("deep/{name}/{}/{name}", number % 3), "x");
    }
    lab.write("deep/.hidden/x", "x");
    let walk = || lab.transfer.walk(lab.laptop(), "/deep");
    let (found, failed) = walk().start().collect().await;
    assert!(failed.is_empty(), "{failed:?}");
    let mut files: Vec<&str> = found
        .iter()
        .filter(|found| !found.entry.is_dir())
        .map(|found| found.path.strip_prefix("/deep/").unwrap())
        .collect();
    files.sort_unstable();
    let expected = tree(&lab.laptop_path("deep"));
    assert_eq!(files, expected.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>());

    let (found, _) = walk().filter("name:~*space*").show_hidden(false).start().collect().await;
    assert_eq!(
        found.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(),
        ["/deep/with space/0/with space"]
    );
    let (found, failed) = lab.transfer.walk(lab.laptop(), "/nowhere").start().collect().await;
    assert_eq!((found.len(), failed.len(), failed[0].error.is_not_found()), (0, 1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn directories_are_made_and_found() {
    let lab = Lab::open().await;
    let laptop = lab.laptop();
    assert!(!lab.transfer.exists(laptop, "/a/b/c").await.unwrap());
    assert_eq!(lab.transfer.mkdir_all(laptop, "/a/b/c").await.unwrap(), ["/a/", "/a/b/", "/a/b/c"]);
    assert!(lab.transfer.mkdir_all(laptop, "/a/b/c").await.unwrap().is_empty());
    assert!(lab.transfer.exists(laptop, "/a/b/c").await.unwrap());
    lab.write("a/file", "12345");
    assert_eq!(lab.transfer.stat(laptop, "/a/file").await.unwrap().unwrap().size, Some(5));
    let error = lab.transfer.mkdir_all(laptop, "/a/file").await.unwrap_err();
    assert!(error.is_code("ExternalError.MkdirFailed.Exists"), "{error}");
    assert!(lab.transfer.mkdir_all(laptop, "/a/file/below").await.is_err());
}

/// The way to the files of a collection, with a token of its own, and with consent to all that the collection asks for.
async fn files(lab: &Lab, collection: CollectionId) -> CollectionFiles {
    let scope = lab.transfer.scope_for([collection]).await.unwrap();
    let consenting = ClientCredentialsAuthorizer::new(lab.account(), scope).unwrap();
    let transfer: TransferClient = lab.client(consenting);
    let endpoint = transfer.get_endpoint(collection).send().await.unwrap();
    assert!(endpoint.needs_data_access());
    let token = ClientCredentialsAuthorizer::new(lab.account(), endpoint.https_scope()).unwrap();
    transfer.https(&endpoint, token).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_and_go_over_https() {
    let directory = tempfile::tempdir().unwrap();
    let server = CollectionSetup::mapped("server", directory.path());
    let lab = Lab::with(|emulator| emulator.collection_with(server)).await;
    let collection: CollectionId = lab.emulator.collection_id("server").unwrap().into();
    // Before there is a consent, the preflight says what is missing, and one login brings it.
    let place = CollectionPath::new(collection, "/in/").unwrap();
    let preflight = lab.transfer.preflight(&place, &place).await.unwrap();
    let missing = preflight.missing_consent().unwrap().to_string();
    assert!(
        missing.contains(&format!("[*https://auth.globus.org/scopes/{collection}/data_access]")),
        "{missing}"
    );

    let files = files(&lab, collection).await;
    let here = tempfile::tempdir().unwrap();
    let big: Vec<u8> = (0..300_000_u32).map(|byte| (byte % 251) as u8).collect();
    for name in ODD {
        fs::create_dir_all(here.path().join("up").join(name)).unwrap();
        fs::write(here.path().join("up").join(name).join(name), &big).unwrap();
    }
    let report = files.upload_tree(here.path().join("up"), "/in").send().await.unwrap();
    assert_eq!((report.files, report.failed.len()), (8, 0), "{:?}", report.failed);
    let report = files.download_tree("/in", here.path().join("down")).send().await.unwrap();
    assert_eq!((report.files, report.bytes, report.failed.len()), (8, 8 * 300_000, 0), "{:?}", report.failed);
    assert!(tree(&here.path().join("up")) == tree(&here.path().join("down")), "the copies differ");

    let path = format!("/in/{0}/{0}", ODD[0]);
    let done = files.download(&path, here.path().join("one")).part_size(10_000).send().await.unwrap();
    assert_eq!((done.bytes, fs::read(here.path().join("one")).unwrap() == big), (300_000, true));
    let part = files.get(&path).range(1000, 10).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(part, big[1000..1010]);
    files.delete(&path).await.unwrap();
    assert!(files.head(&path).await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_document_goes_through_a_small_service() {
    let lab = Lab::with_transfer(TransferSettings::default().pending_tasks(4)).await;
    let numbers: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    for number in &numbers {
        lab.write(&format!("raw/{number}"), number);
    }
    let list = numbers.join("\n");
    let mut data = TransferData::new(lab.laptop(), lab.archive());
    let bases = ItemList::tsv().source_base("/raw").destination_base("/copies/");
    assert_eq!(data.add_item_list(bases, list.as_bytes()).unwrap(), 60);
    let parts = Submission::transfer(data).split(SplitLimits::default().max_items(5));
    assert_eq!(parts.len(), 12);
    let queue = TransferQueue::new(lab.transfer.clone());
    let tasks = queue.submit_all(&parts).await.unwrap();
    let often = Duration::from_millis(100);
    let outcome = tasks.wait().poll_interval(often, often).timeout(Duration::from_secs(30)).send().await;
    assert_eq!((outcome.succeeded.len(), outcome.failed.len()), (12, 0), "{:?}", outcome.failed);
    assert!(tree(&lab.laptop_path("raw")) == tree(&lab.archive_path("copies")), "the copies differ");

    // All of it again, as after a crash: the tasks are the same.
    let stored = serde_json::to_string(&parts).unwrap();
    let parts: Vec<Submission> = serde_json::from_str(&stored).unwrap();
    let again = lab.transfer.submit_all(parts).await.unwrap();
    assert_eq!(again.task_ids(), tasks.task_ids());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hopeless_is_given_up_and_cancelled() {
    let lab = Lab::open().await;
    lab.write("there", "x");
    let data = lab.data([("/gone", "/gone"), ("/there", "/there")]);
    let task_id = lab.transfer.submit_transfer(data).send().await.unwrap().task_id;
    let policy = StallPolicy::default().hopeless_for(Duration::from_millis(300));
    let error = lab.wait(task_id).stall(policy).cancel_on_stall(true).send().await.unwrap_err();
    let TaskError::Stalled(stalled) = &error else { panic!("{error:?}") };
    assert!(matches!(stalled.reason, StallReason::Hopeless(_)));
    assert!(stalled.cancelled.as_ref().unwrap().is_ok());
    let verdict = lab.wait(task_id).send().await.unwrap_err();
    let TaskError::Failed(failed) = &verdict else { panic!("{verdict:?}") };
    assert_eq!(failed.cause(), FaultCause::Canceled);
    assert_eq!(failed.decisive_event().unwrap().fault().unwrap().cause, FaultCause::NotFound);
    let report = lab.transfer.task_report(task_id).send().await.unwrap();
    assert_eq!(report.failed.len(), 1, "{report:?}");
    assert!(report.failed[0].path.contains("gone"), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_sees_what_is_missing() {
    let lab = Lab::open().await;
    lab.write("a", "x");
    let place = |collection: CollectionId, path: &str| CollectionPath::new(collection, path).unwrap();
    let (from, to) = (place(lab.laptop(), "/a"), place(lab.archive(), "/new/dir/"));
    let clear = lab.transfer.preflight(&from, &to).await.unwrap();
    assert!(clear.is_clear(), "{clear:?}");
    let nobody = place(crate::lab::NOBODY.parse().unwrap(), "/x");
    let problems = lab.transfer.preflight(&place(lab.laptop(), "/gone"), &nobody).await.unwrap().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].to_string().starts_with("source globus://"), "{}", problems[0]);
}
