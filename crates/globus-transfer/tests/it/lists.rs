//! Lists that come in pages: a small page size gives what one big page gives.

use globus_core::test_util::{ReplayTransport, Reply};
use serde_json::{Value, json};

use crate::common::{SOURCE, TASK, client, ok, replay};

fn queries(replay: &ReplayTransport) -> Vec<String> {
    replay.requests().iter().map(|request| request.url.query().unwrap_or("").to_owned()).collect()
}

fn task(label: &str) -> Value {
    json!({"DATA_TYPE": "task", "task_id": TASK, "status": "ACTIVE", "label": label})
}

#[tokio::test]
async fn tasks_until_the_total() {
    let page = |items: Value, offset: u64| {
        ok(&json!({"DATA": items, "length": 2, "limit": 2, "offset": offset, "total": 3}))
    };
    let replay = replay([page(json!([task("a"), task("b")]), 0), page(json!([task("c")]), 2)]);
    let tasks =
        client(&replay).task_list().limit(2).filter("type:TRANSFER").items().try_collect().await.unwrap();
    let labels: Vec<_> = tasks.iter().map(|task| task.label.as_deref().unwrap()).collect();
    assert_eq!(labels, ["a", "b", "c"]);
    assert_eq!(
        queries(&replay),
        ["limit=2&filter=type%3ATRANSFER", "limit=2&filter=type%3ATRANSFER&offset=2"]
    );
}

#[tokio::test]
async fn events_by_a_thousand() {
    let event = json!({"DATA_TYPE": "event", "code": "STARTED"});
    let replay = replay([ok(&json!({"DATA": [event], "total": 1}))]);
    assert_eq!(client(&replay).task_event_list(TASK).items().try_collect().await.unwrap().len(), 1);
    assert_eq!(queries(&replay), ["limit=1000"]);
}

#[tokio::test]
async fn searches_while_there_is_a_next_page() {
    let page = |more: bool| ok(&json!({"DATA": [{"id": SOURCE}], "has_next_page": more}));
    let replay = replay([page(true), page(false)]);
    let found = client(&replay).endpoint_search().filter_fulltext("x").items().try_collect().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(queries(&replay), ["filter_fulltext=x&limit=100", "filter_fulltext=x&limit=100&offset=1"]);
}

/// Two releases of another client read one page and stopped.
#[tokio::test]
async fn file_lists_while_there_is_a_next_marker() {
    let pages = || -> Vec<Reply> {
        let page = |path: &str, next: Value| {
            ok(
                &json!({"DATA": [{"source_path": path, "error_code": "FILE_NOT_FOUND"}], "marker": 0, "next_marker": next}),
            )
        };
        vec![page("/a", json!(100)), page("/b", json!("200")), page("/c", Value::Null)]
    };
    let expected = ["", "marker=100", "marker=200"];

    let transport = replay(pages());
    let files = client(&transport).task_successful_transfers(TASK).items().try_collect().await.unwrap();
    let paths: Vec<_> = files.into_iter().map(|file| file.source_path.unwrap()).collect();
    assert_eq!(paths, ["/a", "/b", "/c"]);
    assert_eq!(queries(&transport), expected);

    let transport = replay(pages());
    assert_eq!(client(&transport).task_skipped_errors(TASK).items().try_collect().await.unwrap().len(), 3);
    assert_eq!(queries(&transport), expected);
}
