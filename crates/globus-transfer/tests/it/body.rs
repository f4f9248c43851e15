//! The bytes of a submission, against a rendering that knows nothing of how they are made.

use globus_core::transport::Body;
use globus_transfer::{
    DeleteData, FilterRule, Notify, SyncLevel, TransferData, TransferItem, submit::RecursiveSymlinks,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::common::{DESTINATION, SOURCE, SUBMISSION, silent};

fn bytes(body: &Body) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(body.to_bytes()).unwrap().to_vec()
}

fn transfer_body(data: TransferData) -> Body {
    silent().submit_transfer(data.submission_id(SUBMISSION)).to_request().unwrap().body
}

fn transfer_json(data: TransferData) -> Value {
    serde_json::from_slice(&bytes(&transfer_body(data))).unwrap()
}

#[derive(Debug, Clone)]
struct GivenItem {
    source: String,
    destination: String,
    symlink: bool,
    recursive: Option<bool>,
    checksum: Option<String>,
    algorithm: Option<String>,
    extra: Option<(String, i64)>,
}

impl GivenItem {
    fn json(&self) -> Value {
        let mut item = Map::new();
        let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
        set("DATA_TYPE", if self.symlink { "transfer_symlink_item" } else { "transfer_item" }.into());
        set("source_path", self.source.clone().into());
        set("destination_path", self.destination.clone().into());
        if !self.symlink {
            self.recursive.map(|recursive| set("recursive", recursive.into()));
            self.checksum.clone().map(|checksum| set("external_checksum", checksum.into()));
            self.algorithm.clone().map(|algorithm| set("checksum_algorithm", algorithm.into()));
            self.extra.clone().map(|(name, value)| set(&name, value.into()));
        }
        Value::Object(item)
    }

    fn add_to(&self, data: &mut TransferData) {
        if self.symlink {
            data.add_symlink_item(&self.source, &self.destination);
            return;
        }
        let mut item = TransferItem::new(&self.source, &self.destination).recursive(self.recursive);
        if let Some(checksum) = &self.checksum {
            item = item.external_checksum(checksum);
        }
        if let Some(algorithm) = &self.algorithm {
            item = item.checksum_algorithm(algorithm);
        }
        if let Some((name, value)) = &self.extra {
            item = item.extra(name, *value);
        }
        data.push(item);
    }
}

/// Paths of every kind of character but NUL and CR, some long enough that few fill a chunk.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[^\r\0]{1,40}",
        1 => ("[^\r\0]{1,4}", 1_000..5_000_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn item() -> impl Strategy<Value = GivenItem> {
    let checksum = prop::option::weighted(0.2, "[0-9a-fA-F]{1,10}");
    let algorithm = prop::option::weighted(0.2, "[^\r\n]{0,10}");
    let extra =
        prop::option::weighted(0.1, (prop_oneof!["[a-z]{1,5}", Just("recursive".to_owned())], any::<i64>()));
    (path(), path(), prop::bool::weighted(0.1), any::<Option<bool>>(), checksum, algorithm, extra).prop_map(
        |(source, destination, symlink, recursive, checksum, algorithm, extra)| GivenItem {
            source,
            destination,
            symlink,
            recursive,
            // A directory has none.
            checksum: checksum.filter(|_| recursive != Some(true)),
            algorithm,
            extra,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_transfer_is_written_as_plain_json_would_be(items in prop::collection::vec(item(), 1..60)) {
        let mut data = TransferData::new(SOURCE, DESTINATION).label("x \"y\" ü");
        for item in &items {
            item.add_to(&mut data);
        }
        let expected = json!({
            "DATA_TYPE": "transfer",
            "source_endpoint": SOURCE,
            "destination_endpoint": DESTINATION,
            "submission_id": SUBMISSION,
            "label": "x \"y\" ü",
            "DATA": items.iter().map(GivenItem::json).collect::<Vec<_>>(),
        });
        let body = transfer_body(data);
        let first = bytes(&body);
        prop_assert_eq!(serde_json::from_slice::<Value>(&first).unwrap(), expected);
        // What is sent again for a retry is the same.
        prop_assert_eq!(bytes(&body), first);
    }
}

#[test]
fn many_items_are_streamed_in_pieces() {
    let pairs = || (0..20_000).map(|n| (format!("/~/run/{n:06}.h5"), format!("/archive/run/{n:06}.h5")));
    let mut data = TransferData::new(SOURCE, DESTINATION);
    data.extend(pairs());
    let Body::Stream(source) = transfer_body(data) else { panic!("not a stream") };
    assert_eq!(source.len(), None);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut sizes = Vec::new();
    let mut whole = Vec::new();
    runtime.block_on(async {
        let mut stream = source.stream();
        while let Some(piece) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
            let piece = piece.unwrap();
            sizes.push(piece.len());
            whole.extend_from_slice(&piece);
        }
    });
    let (last, full) = sizes.split_last().unwrap();
    assert!(full.len() > 20 && *last > 0);
    assert!(full.iter().all(|size| (64 * 1024..68 * 1024).contains(size)), "{full:?}");
    let written: Value = serde_json::from_slice(&whole).unwrap();
    let expected: Vec<_> = pairs()
        .map(|(source, destination)| {
            json!({"DATA_TYPE": "transfer_item", "source_path": source, "destination_path": destination})
        })
        .collect();
    assert_eq!(written["DATA"].as_array().unwrap(), &expected);
}

#[test]
fn a_small_document_is_one_piece_of_known_length() {
    let data = TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")]);
    assert!(matches!(transfer_body(data), Body::Bytes(_)));
}

#[test]
fn every_member_of_a_transfer() {
    let mut data = TransferData::new(SOURCE, DESTINATION)
        .label("nightly")
        .deadline("2026-01-31T12:00:00Z".parse::<globus_transfer::Timestamp>().unwrap())
        .sync_level(SyncLevel::Checksum)
        .verify_checksum(true)
        .preserve_timestamp(true)
        .encrypt_data(false)
        .delete_destination_extra(false)
        .skip_source_errors(true)
        .fail_on_quota_errors(true)
        .recursive_symlinks(RecursiveSymlinks::Keep)
        .source_local_user("ada")
        .destination_local_user("bob")
        .store_base_path_info(true)
        .notify(Notify::Failures)
        .extra("perf_cc", 4)
        .with_items([("/a/", "/b/")]);
    data.add_filter_rule(FilterRule::include("*.txt")).add_filter_rule(FilterRule::exclude("*").files());
    let expected = json!({
        "DATA_TYPE": "transfer",
        "source_endpoint": SOURCE,
        "destination_endpoint": DESTINATION,
        "submission_id": SUBMISSION,
        "label": "nightly",
        "deadline": "2026-01-31T12:00:00Z",
        "sync_level": 3,
        "verify_checksum": true,
        "preserve_timestamp": true,
        "encrypt_data": false,
        "delete_destination_extra": false,
        "skip_source_errors": true,
        "fail_on_quota_errors": true,
        "recursive_symlinks": "keep",
        "source_local_user": "ada",
        "destination_local_user": "bob",
        "store_base_path_info": true,
        "notify_on_succeeded": false,
        "notify_on_failed": true,
        "notify_on_inactive": true,
        "perf_cc": 4,
        "filter_rules": [
            {"DATA_TYPE": "filter_rule", "method": "include", "name": "*.txt"},
            {"DATA_TYPE": "filter_rule", "method": "exclude", "type": "file", "name": "*"},
        ],
        "DATA": [{"DATA_TYPE": "transfer_item", "source_path": "/a/", "destination_path": "/b/"}],
    });
    assert_eq!(transfer_json(data), expected);
}

#[test]
fn every_member_of_a_deletion() {
    let data = DeleteData::new(SOURCE)
        .label("clean up")
        .deadline("2026-01-31T12:00:00Z".parse::<globus_transfer::Timestamp>().unwrap())
        .recursive(true)
        .ignore_missing(true)
        .interpret_globs(true)
        .local_user("ada")
        .store_base_path_info(false)
        .notify(Notify::None)
        .submission_id(SUBMISSION)
        .extra("x", json!({"y": null}))
        .with_items(["/a/", "/b\"\\"]);
    let body = silent().submit_delete(data).to_request().unwrap().body;
    let expected = json!({
        "DATA_TYPE": "delete",
        "endpoint": SOURCE,
        "submission_id": SUBMISSION,
        "label": "clean up",
        "deadline": "2026-01-31T12:00:00Z",
        "recursive": true,
        "ignore_missing": true,
        "interpret_globs": true,
        "local_user": "ada",
        "store_base_path_info": false,
        "notify_on_succeeded": false,
        "notify_on_failed": false,
        "notify_on_inactive": false,
        "x": {"y": null},
        "DATA": [{"DATA_TYPE": "delete_item", "path": "/a/"}, {"DATA_TYPE": "delete_item", "path": "/b\"\\"}],
    });
    assert_eq!(serde_json::from_slice::<Value>(&bytes(&body)).unwrap(), expected);
}

#[test]
fn what_is_not_set_or_taken_back_is_left_out() {
    let data = TransferData::new(SOURCE, DESTINATION)
        .verify_checksum(true)
        .verify_checksum(None)
        .extra("label", "first")
        .label("second")
        .with_items([("/a", "/b")]);
    let written = transfer_json(data);
    let names: Vec<_> = written.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["DATA", "DATA_TYPE", "destination_endpoint", "label", "source_endpoint", "submission_id"]
    );
    assert_eq!(written["label"], "second");
}

#[test]
fn sync_levels_are_numbers() {
    for (level, number) in [
        (SyncLevel::Exists, 0),
        (SyncLevel::Size, 1),
        (SyncLevel::Mtime, 2),
        (SyncLevel::Checksum, 3),
        (SyncLevel::Other(9), 9),
        (SyncLevel::from(2), 2),
    ] {
        let data = TransferData::new(SOURCE, DESTINATION).sync_level(level).with_items([("/a", "/b")]);
        assert_eq!(transfer_json(data)["sync_level"], number);
        assert_eq!(SyncLevel::from(number).as_number(), number);
    }
    let by_number = TransferData::new(SOURCE, DESTINATION).sync_level(1).with_items([("/a", "/b")]);
    assert_eq!(transfer_json(by_number)["sync_level"], 1);
    assert_eq!(SyncLevel::from(3), SyncLevel::Checksum);
}
