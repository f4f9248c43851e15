//! Walking lists, in all seven styles.

use globus_core::{
    Cursor, Pager,
    test_util::{ReplayTransport, Reply},
};
use serde_json::{Value, json};

use crate::common::{Toy, Toys, toys};

fn page(ids: std::ops::Range<u32>, more: impl std::borrow::Borrow<Value>) -> Reply {
    let data: Vec<Value> = ids.map(|id| json!({"id": id, "name": null})).collect();
    let mut page = json!({"DATA": data});
    page.as_object_mut().unwrap().extend(more.borrow().as_object().unwrap().clone());
    Reply::json(200, page.to_string())
}

fn asked(replay: &ReplayTransport) -> Vec<String> {
    replay.requests().iter().map(|request| request.url.query().unwrap_or("").to_owned()).collect()
}

async fn ids(pager: Pager<Toy>) -> Vec<u32> {
    pager.try_collect().await.unwrap().into_iter().map(|toy| toy.id).collect()
}

type Walk = fn(&Toys) -> Pager<Toy>;

/// Style, pages, queries asked: every walk gives 0 to 4.
#[tokio::test]
async fn every_style_walks_to_the_end() {
    let rows: Vec<(&str, Walk, Vec<Reply>, Vec<&str>)> = vec![
        (
            "offset and total",
            |toys| toys.by_total().items(),
            vec![
                page(0..2, json!({"total": 5})),
                page(2..4, json!({"total": 5})),
                page(4..5, json!({"total": 5})),
            ],
            vec!["limit=1000", "limit=1000&offset=2", "limit=1000&offset=4"],
        ),
        (
            "the caller's limit and offset",
            |toys| toys.by_total().limit(2).offset(10).filter("a").items(),
            vec![
                page(0..2, json!({"total": 15})),
                page(2..4, json!({"total": 15})),
                page(4..5, json!({"total": 15})),
            ],
            vec!["limit=2&offset=10&filter=a", "limit=2&offset=12&filter=a", "limit=2&offset=14&filter=a"],
        ),
        (
            "has next page",
            |toys| toys.by_has_next().items(),
            vec![page(0..3, json!({"has_next_page": true})), page(3..5, json!({"has_next_page": false}))],
            vec!["limit=100", "limit=100&offset=3"],
        ),
        (
            "marker, through an empty page",
            |toys| toys.by_marker().items(),
            vec![
                page(0..2, json!({"has_next_page": true, "marker": "a b"})),
                page(0..0, json!({"has_next_page": true, "marker": "c"})),
                page(2..5, json!({"has_next_page": false, "marker": "d"})),
            ],
            vec!["", "marker=a+b", "marker=c"],
        ),
        (
            "marker without has_next_page",
            |toys| toys.by_marker().items(),
            vec![page(0..2, json!({"marker": "a"})), page(2..5, json!({"marker": null}))],
            vec!["", "marker=a"],
        ),
        (
            "nullable marker",
            |toys| toys.by_nullable().items(),
            vec![page(0..2, json!({"next_marker": "100"})), page(2..5, json!({"next_marker": null}))],
            vec!["", "marker=100"],
        ),
        (
            "next token",
            |toys| toys.by_token().items(),
            vec![page(0..2, json!({"next_token": "t"})), page(2..5, json!({"next_token": null}))],
            vec!["", "next_token=t"],
        ),
        (
            "last key",
            |toys| toys.by_last_key().items(),
            vec![
                page(0..2, json!({"has_next_page": true, "last_key": "complete,2024"})),
                page(2..5, json!({"has_next_page": false, "last_key": "x"})),
            ],
            vec!["", "last_key=complete%2C2024"],
        ),
        (
            "JSON:API",
            |toys| toys.by_json_api().items(),
            vec![
                page(0..2, json!({"next": "https://h/v2/json_api?page%5Bmarker%5D=m&filter=x#f"})),
                page(2..5, json!({"next": null})),
            ],
            vec!["", "page%5Bmarker%5D=m&filter=x"],
        ),
    ];
    for (name, walk, pages, queries) in rows {
        let replay = ReplayTransport::new(pages);
        assert_eq!(ids(walk(&toys(&replay))).await, [0, 1, 2, 3, 4], "{name}");
        assert_eq!(asked(&replay), queries, "{name}");
    }
}

#[tokio::test]
async fn a_stale_marker_ends_the_walk() {
    let rows: [(Walk, Value); 4] = [
        (|toys| toys.by_marker().items(), json!({"has_next_page": true, "marker": null})),
        (|toys| toys.by_nullable().items(), json!({"next_marker": ""})),
        (|toys| toys.by_has_next().items(), json!({})),
        (|toys| toys.by_total().items(), json!({})),
    ];
    for (walk, more) in rows {
        let replay = ReplayTransport::new([page(0..2, more)]);
        assert_eq!(ids(walk(&toys(&replay))).await, [0, 1]);
    }
    let replay =
        ReplayTransport::new([page(0..2, json!({"marker": "a"})), page(2..4, json!({"marker": "a"}))]);
    assert_eq!(ids(toys(&replay).by_marker().items()).await, [0, 1, 2, 3]);
    // An offset that does not move would be asked for for ever.
    let replay = ReplayTransport::new([page(0..0, json!({"has_next_page": true}))]);
    assert_eq!(ids(toys(&replay).by_has_next().items()).await, [0; 0]);
    let replay = ReplayTransport::new([page(0..2, json!({"total": 9})), page(0..0, json!({"total": 9}))]);
    assert_eq!(ids(toys(&replay).by_total().items()).await, [0, 1]);
}

#[tokio::test]
async fn an_error_ends_the_walk_once_and_keeps_what_came_before() {
    let replay = ReplayTransport::new([
        page(0..2, json!({"marker": "a"})),
        Reply::json(403, "{}"),
        page(2..3, json!({})),
    ]);
    let mut pager = toys(&replay).by_marker().items();
    assert_eq!(pager.next().await.unwrap().unwrap().id, 0);
    assert_eq!(pager.next().await.unwrap().unwrap().id, 1);
    assert!(pager.next().await.unwrap().unwrap_err().is_permission_denied());
    assert!(pager.next().await.is_none());
    assert!(pager.next().await.is_none());
}

#[tokio::test]
async fn nothing_is_asked_before_it_is_wanted() {
    let replay = ReplayTransport::new([page(0..2, json!({"marker": "a"})), page(2..3, json!({}))]);
    let mut pager = toys(&replay).by_marker().items();
    assert!(replay.requests().is_empty());
    pager.next().await.unwrap().unwrap();
    pager.next().await.unwrap().unwrap();
    assert_eq!(replay.requests().len(), 1);
}

/// From every place in the list, resumed from a cursor that was stored as text, the rest is the rest.
#[tokio::test]
async fn a_walk_can_be_resumed_anywhere() {
    let walks: [Walk; 2] = [|toys| toys.by_total().limit(2).items(), |toys| toys.by_marker().items()];
    for walk in walks {
        let served = |from: u32| {
            [0_u32, 2, 4].into_iter().filter(move |start| *start >= from).map(|start| {
                let end = (start + 2).min(5);
                let marker = (end < 5).then(|| end.to_string());
                page(start..end, json!({"total": 5, "marker": marker}))
            })
        };
        for taken in 0..5_u32 {
            let replay = ReplayTransport::new(served(0));
            let mut pager = walk(&toys(&replay));
            for expected in 0..taken {
                assert_eq!(pager.next().await.unwrap().unwrap().id, expected);
            }
            let stored = serde_json::to_string(&pager.cursor().unwrap()).unwrap();
            let cursor: Cursor = serde_json::from_str(&stored).unwrap();
            let page_start = taken / 2 * 2;
            let replay = ReplayTransport::new(served(page_start));
            let rest = ids(walk(&toys(&replay)).resume_from(cursor)).await;
            assert_eq!(rest, (taken..5).collect::<Vec<_>>(), "after {taken}: {stored}");
        }
    }
    let replay = ReplayTransport::new([page(0..1, json!({}))]);
    let mut pager = toys(&replay).by_marker().items();
    pager.next().await.unwrap().unwrap();
    assert_eq!(pager.cursor(), None, "nothing is left");
}

#[tokio::test]
async fn pages_come_whole() {
    let replay = ReplayTransport::new([page(0..2, json!({"marker": "a"})), page(2..3, json!({}))]);
    let mut pages = toys(&replay).by_marker().pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().len());
    }
    assert_eq!(sizes, [2, 1]);
}
