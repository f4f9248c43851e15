//! Documents that the service would refuse are refused before anything is sent, in one line that says what and where.

use globus_core::{ErrorKind, Result, Timestamp, test_util::ReplayTransport};
use globus_transfer::{
    DeleteData, FilterRule, TransferData, TransferItem, access::NewAccessRule, bookmarks::NewBookmark,
    collections::NewSharedEndpoint, v2,
};
use serde_json::json;

use crate::common::{DESTINATION, SOURCE, TASK, client, ok, replay as replay_of};

fn good() -> TransferData {
    TransferData::new(SOURCE, DESTINATION).with_items([("/a", "/b")])
}

fn problem(result: Result<()>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.is_never_sent());
    error.to_string()
}

#[test]
fn says_what_and_where() {
    let with = |source: &str, destination: &str| {
        let mut data = good();
        data.add_item(source, destination);
        data
    };
    let with_item = |item: TransferItem| {
        let mut data = good();
        data.push(item);
        data
    };
    let with_rule = |rule: FilterRule| {
        let mut data = good();
        data.add_filter_rule(rule);
        data
    };
    let rows = [
        (TransferData::new(SOURCE, DESTINATION), "the transfer has no items: add at least one"),
        (with("", "/x"), "item 2: the source path is empty"),
        (with("/x", ""), "item 2: the destination path is empty"),
        (with("/x\r\ny", "/x"), "item 2: the source path has a CR LF at byte 2"),
        (with("/x", "/\0"), "item 2: the destination path has a NUL at byte 1"),
        (
            TransferData::new("laptop", DESTINATION).with_items([("/a", "/b")]),
            "source_endpoint: \"laptop\" is not a collection id: expected a UUID such as \
             ddb59aef-6d04-11e5-ba46-22000b92c6ec",
        ),
        (
            TransferData::new(SOURCE, "archive").with_items([("/a", "/b")]),
            "destination_endpoint: \"archive\" is not a collection id: expected a UUID such as \
             ddb59aef-6d04-11e5-ba46-22000b92c6ec",
        ),
        (
            good().submission_id("7"),
            "submission_id: \"7\" is not a submission id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec",
        ),
        (good().label("ü".repeat(129)), "the label has 129 characters: at most 128 are allowed"),
        (good().label(" x"), "the label begins or ends with a blank"),
        (good().label("x\ty "), "the label begins or ends with a blank"),
        (good().label("a\nb"), "the label has a line break at byte 1"),
        (
            with_item(TransferItem::new("/a", "/b").external_checksum("d41d8cd9 ")),
            "item 2: the external checksum is not made of hexadecimal digits",
        ),
        (
            with_item(TransferItem::new("/a", "/b").external_checksum("")),
            "item 2: the external checksum is not made of hexadecimal digits",
        ),
        (
            with_item(TransferItem::new("/a/", "/b/").recursive(true).external_checksum("D41d")),
            "item 2: an external checksum is that of a file, and the item is marked as something else",
        ),
        (
            with_rule(FilterRule::exclude("tmp/").directories()),
            "the filter rule \"tmp/\" has a / in it: rules are about names, not about paths",
        ),
        (with_rule(FilterRule::include("")), "a filter rule has an empty name, which fits nothing"),
        (good().extra("DATA", 1), "extra: DATA is made of the items: add items instead"),
        (good().extra("submission_id", 1), "extra: set the submission id with its own setter"),
    ];
    for (data, expected) in rows {
        assert_eq!(problem(data.validate()), expected);
    }
    assert_eq!(problem(DeleteData::new(SOURCE).validate()), "the deletion has no items: add at least one");
    assert_eq!(
        problem(DeleteData::new(SOURCE).with_items(["/a", ""]).validate()),
        "item 2: the path is empty"
    );
    let broken = DeleteData::new("x").with_items(["/a"]);
    assert!(problem(broken.validate()).starts_with("endpoint: \"x\" is not a collection id"));
}

#[test]
fn what_the_service_takes_passes() {
    assert!(good().label("ü".repeat(128)).validate().is_ok());
    assert!(good().label("").validate().is_ok());
    assert!(DeleteData::new(SOURCE).with_items(["/a\nb", "/\r"]).validate().is_ok());
    assert!(good().label("a b\tc").validate().is_ok());
    assert!(DeleteData::new(SOURCE).with_items(["/a"]).validate().is_ok());
}

#[test]
fn filter_rules_need_something_that_may_be_a_directory() {
    let with = |items: Vec<TransferItem>| {
        let mut data = TransferData::new(SOURCE, DESTINATION).with_items(items);
        data.add_filter_rule(FilterRule::exclude("*.tmp"));
        data
    };
    let file = || TransferItem::new("/a", "/b").recursive(false);
    let expected = "the filter rules need an item that is a directory, but every item is marked as a file or symbolic link";
    assert_eq!(problem(with(vec![file()]).validate()), expected);
    let mut links = with(vec![file()]);
    links.add_symlink_item("/l", "/l");
    assert_eq!(problem(links.validate()), expected);
    assert!(with(vec![file(), TransferItem::new("/a", "/b").recursive(true)]).validate().is_ok());
    assert!(with(vec![file(), TransferItem::new("/a", "/b")]).validate().is_ok());
    assert!(with(vec![file(), TransferItem::new("/a", "/b").recursive(None)]).validate().is_ok());
}

#[tokio::test]
async fn nothing_is_sent() {
    let replay = ReplayTransport::default();
    let error = client(&replay).submit_transfer(good().label(" x")).send().await.unwrap_err();
    assert_eq!(error.to_string(), "POST /v0.10/transfer: the label begins or ends with a blank");
    let error = client(&replay).submit_delete(DeleteData::new(SOURCE)).send_full().await.unwrap_err();
    assert_eq!(error.to_string(), "POST /v0.10/delete: the deletion has no items: add at least one");
    let error = client(&replay).submit_transfer(good()).with_header("x", "\n").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(replay.requests().is_empty());
}

/// Paths of documents that are no submissions.
#[test]
fn paths_of_other_documents() {
    let client = client(&ReplayTransport::default());
    let rule = |path: &str| {
        client.add_endpoint_acl_rule(SOURCE, NewAccessRule::for_anonymous(path, "r")).to_request()
    };
    let bookmark = |path: &str| client.create_bookmark(NewBookmark::new("b", SOURCE, path)).to_request();
    let share =
        |path: &str| client.create_shared_endpoint(NewSharedEndpoint::new(SOURCE, path, "s")).to_request();
    let newer =
        |path: &str| client.v2().create_bookmark(v2::NewBookmark::new("b", SOURCE, path)).to_request();
    let moved = |path: &str| client.v2().update_bookmark(TASK, v2::BookmarkUpdate::new(path)).to_request();
    assert!(rule("/a/").is_ok() && bookmark("/~/").is_ok() && share("/~/s/").is_ok() && newer("/").is_ok());
    for (request, expected) in [
        (rule("a/"), "path \"a/\" does not begin with the / of the collection's root"),
        (rule("~/a/"), "path \"~/a/\" does not begin with the / of the collection's root"),
        (rule(""), "path is empty"),
        (rule("/a\0/"), "path has a NUL at byte 2"),
        (bookmark(""), "path is empty"),
        (share("/\r\n"), "host_path has a CR LF at byte 1"),
        (newer(""), "path is empty"),
        (moved("\0"), "path has a NUL at byte 0"),
    ] {
        let error = request.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[test]
fn labels_of_tasks() {
    let client = client(&ReplayTransport::default());
    let relabel = |label: &str| client.update_task(TASK).label(label).to_request();
    assert!(relabel("run 7").is_ok() && relabel("").is_ok());
    for (label, expected) in [
        ("x".repeat(129).as_str(), "the label has 129 characters: at most 128 are allowed"),
        ("a\r", "the label has a line break at byte 1"),
        (" a", "the label begins or ends with a blank"),
    ] {
        let error = relabel(label).unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().ends_with(expected), "{error}");
    }
}

/// But for what may be under way already: the answer to that tells the task.
#[tokio::test]
async fn a_deadline_has_to_be_ahead() {
    let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let replay = ReplayTransport::default();
    let expected = "POST /v0.10/transfer: the deadline 2020-01-01T00:00:00Z has passed";
    let error = client(&replay).submit_transfer(good().deadline(past)).send().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidInput, expected));
    assert_eq!(client(&replay).prepare(good().deadline(past)).await.unwrap_err().to_string(), expected);
    assert!(replay.requests().is_empty());

    let replay = replay_of([ok(&json!({"code": "Duplicate", "task_id": TASK}))]);
    let again = good().deadline(past).submission_id(TASK);
    assert!(client(&replay).submit_transfer(again).send().await.unwrap().is_duplicate());
    assert!(good().deadline(past).validate().is_ok(), "it takes a clock to tell");
}

#[test]
fn the_first_problem_is_told() {
    let mut data = TransferData::new(SOURCE, DESTINATION);
    for n in 1..=100 {
        data.add_item(if n == 40 || n == 70 { "" } else { "/a" }, "/b");
    }
    assert_eq!(problem(data.validate()), "item 40: the source path is empty");
}
