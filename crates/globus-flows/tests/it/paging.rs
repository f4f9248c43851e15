//! However the service cuts a list into pages, it is the same list.

use globus_core::test_util::{ReplayTransport, Reply};
use proptest::prelude::*;

use crate::common::{page, replayed};

/// The pages of this list, `size` flows each; after page `n` come `gaps[n]` empty pages that lead on.
fn replies(titles: &[String], size: usize, gaps: &[usize]) -> Vec<Reply> {
    let mut pages: Vec<Vec<&str>> = Vec::new();
    for (number, chunk) in titles.chunks(size).enumerate() {
        pages.push(chunk.iter().map(String::as_str).collect());
        pages.extend(std::iter::repeat_n(Vec::new(), gaps.get(number).copied().unwrap_or(0)));
    }
    if pages.is_empty() {
        pages.push(Vec::new());
    }
    let last = pages.len() - 1;
    pages
        .iter()
        .enumerate()
        .map(|(number, titles)| {
            let marker = (number < last).then(|| format!("marker {number}"));
            Reply::json(200, page(titles, marker.as_deref()).to_string())
        })
        .collect()
}

async fn walk(replies: Vec<Reply>) -> (Vec<String>, ReplayTransport) {
    let replay = ReplayTransport::new(replies);
    let found = replayed(&replay).list_flows().filter_title("t").items().try_collect().await.unwrap();
    (found.into_iter().map(|flow| flow.title).collect(), replay)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn page_size_one_gives_what_one_big_page_gives(
        count in 0_usize..12,
        size in 1_usize..14,
        gaps in prop::collection::vec(0_usize..3, 0..12),
    ) {
        let titles: Vec<String> = (0..count).map(|number| format!("flow {number}")).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (big, _) = runtime.block_on(walk(replies(&titles, 100, &[])));
        for (size, gaps) in [(1, &gaps[..]), (size, &gaps[..]), (size, &[])] {
            let pages = replies(&titles, size, gaps);
            let asked = pages.len();
            let (found, replay) = runtime.block_on(walk(pages));
            prop_assert_eq!(&found, &big);
            let requests = replay.requests();
            prop_assert_eq!(requests.len(), asked);
            for (number, request) in requests.iter().enumerate() {
                let marker = request.url.query_pairs().find(|(name, _)| name == "marker").map(|(_, value)| value.into_owned());
                prop_assert_eq!(marker, number.checked_sub(1).map(|before| format!("marker {before}")));
            }
        }
        prop_assert_eq!(big, titles);
    }
}

#[tokio::test]
async fn a_last_page_may_still_have_a_marker() {
    let mut last = page(&["a"], Some("m"));
    last["has_next_page"] = false.into();
    let (found, replay) = walk(vec![Reply::json(200, last.to_string())]).await;
    assert_eq!((found.len(), replay.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_marker_without_has_next_page_leads_on() {
    let mut first = page(&["a"], Some("m"));
    first.as_object_mut().unwrap().remove("has_next_page");
    let replies = vec![Reply::json(200, first.to_string()), Reply::json(200, page(&["b"], None).to_string())];
    assert_eq!(walk(replies).await.0, ["a", "b"]);
}

#[tokio::test]
async fn an_error_ends_the_walk_once_and_keeps_what_came_before() {
    let replay = ReplayTransport::new([
        Reply::json(200, page(&["a"], Some("m")).to_string()),
        Reply::json(403, r#"{"error":{"code":"MISSING_SCOPE","detail":"no"}}"#),
    ]);
    let mut items = replayed(&replay).list_flows().items();
    assert_eq!(items.next().await.unwrap().unwrap().title, "a");
    assert!(items.next().await.unwrap().unwrap_err().is_permission_denied());
    assert!(items.next().await.is_none());
    assert_eq!(replay.requests().len(), 2);
}

#[tokio::test]
async fn a_walk_goes_on_where_it_stopped() {
    let replay = ReplayTransport::new([
        Reply::json(200, page(&["a", "b"], Some("m")).to_string()),
        Reply::json(200, page(&["c", "d"], None).to_string()),
    ]);
    let flows = replayed(&replay);
    let mut items = flows.list_flows().items();
    for _ in 0..3 {
        items.next().await.unwrap().unwrap();
    }
    let cursor = items.cursor().unwrap();
    let again = ReplayTransport::new([Reply::json(200, page(&["c", "d"], None).to_string())]);
    let rest = replayed(&again).list_flows().items().resume_from(cursor).try_collect().await.unwrap();
    assert_eq!(rest.iter().map(|flow| flow.title.as_str()).collect::<Vec<_>>(), ["d"]);
    assert_eq!(again.requests()[0].url.query(), Some("marker=m"));
}
