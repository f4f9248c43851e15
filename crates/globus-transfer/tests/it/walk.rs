//! Walks: complete, paced, and not stopped by one bad directory.

use std::time::Duration;

use globus_transfer::files::{WalkCursor, WalkItem};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::common::{Answers, Asked, SOURCE, refusal};

fn entry(name: &str, kind: &str) -> Value {
    json!({"DATA_TYPE": "file", "name": name, "type": kind, "size": 1})
}

fn listing(entries: &[Value]) -> (u16, Value) {
    (200, json!({"DATA_TYPE": "file_list", "DATA": entries, "length": entries.len(), "total": entries.len()}))
}

/// 1 + 6 + 36 + 216 = 259 directories with two files each.
fn tree(asked: &Asked) -> (u16, Value) {
    let path = asked.query("path").unwrap();
    let depth = path.trim_matches('/').split('/').count();
    let mut entries = vec![entry("b.txt", "file"), entry("a.txt", "file")];
    if depth < 4 {
        entries.extend((0..6).map(|n| entry(&format!("d{n}"), "dir")));
    }
    listing(&entries)
}

#[tokio::test(start_paused = true)]
async fn a_walk_is_bound_by_the_rate_and_not_by_the_latency() {
    let service = Answers::new(tree).latency(Duration::from_millis(150));
    let start = Instant::now();
    let (found, failed) = service.client().walk(SOURCE, "/r").start().collect().await;
    let elapsed = start.elapsed().as_secs_f64();
    assert_eq!((found.len(), failed.len()), (259 * 2 + 258, 0));
    // 259 requests at 18 a second, less what may go out at the beginning.
    assert!((12.0..15.0).contains(&elapsed), "{elapsed} s");

    let times = service.times.lock().unwrap().clone();
    assert_eq!(times.len(), 259);
    for (position, first) in times.iter().enumerate() {
        let window =
            times[position..].iter().filter(|time| time.duration_since(*first).as_secs_f64() < 10.0).count();
        assert!(window <= 200, "{window} requests in 10 s");
    }
    let mut paths: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), found.len());
    assert!(found.iter().any(|found| found.path == "/r/d5/d5/d5/a.txt" && found.depth == 4));
}

#[tokio::test(start_paused = true)]
async fn a_bad_directory_stops_nothing_else() {
    let service = Answers::new(|asked| match asked.query("path").unwrap() {
        "/r/d1" => (403, refusal("EndpointPermissionDenied", "no")),
        _ => tree(asked),
    });
    let (found, failed) = service.client().walk(SOURCE, "/r").start().collect().await;
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].path.as_str(), failed[0].depth), ("/r/d1", 2));
    assert!(failed[0].error.is_permission_denied());
    assert_eq!(found.iter().filter(|found| !found.entry.is_dir()).count(), (259 - 43) * 2);

    let missing = Answers::new(|_| (404, refusal("ClientError.NotFound", "no")));
    let (found, failed) = missing.client().walk(SOURCE, "/r").start().collect().await;
    assert_eq!((found.len(), failed.len()), (0, 1));
    let (_, failed) = missing.client().walk("here", "/r").start().collect().await;
    assert!(failed[0].error.to_string().contains("not a collection id"), "{}", failed[0].error);
}

#[tokio::test(start_paused = true)]
async fn depth_filters_and_accounts() {
    let service = Answers::new(tree);
    let (found, _) = service.client().walk(SOURCE, "/r").max_depth(1).start().collect().await;
    assert_eq!((found.len(), service.lines().len()), (8, 1));
    let walk = service.client().walk(SOURCE, "/r/").max_depth(2).start();
    assert_eq!(walk.collect().await.0.len(), 8 + 6 * 8);

    let filtering = Answers::new(|asked| {
        let filters: Vec<&str> = asked
            .query
            .iter()
            .filter(|(name, _)| name == "filter")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(filters, ["name:~*.txt", "size:>5", "type:dir"], "the service picks");
        assert_eq!(asked.query("show_hidden"), Some("0"));
        assert_eq!(asked.query("local_user"), Some("ada"));
        assert_eq!(asked.query("orderby"), Some("name"));
        tree(asked)
    });
    let walk = filtering.client().walk(SOURCE, "/r").filter(["name:~*.txt", "size:>5"]);
    let (found, failed) = walk.show_hidden(false).local_user("ada").start().collect().await;
    assert!(failed.is_empty());
    assert_eq!(found.len(), 259 * 2, "directories are walked, and not given");
}

#[tokio::test(start_paused = true)]
async fn links_are_given_and_not_followed() {
    let service = Answers::new(|_| {
        let link = json!({"name": "up", "type": "dir", "link_target": ".."});
        listing(&[link, entry("x", "file")])
    });
    let (found, _) = service.client().walk(SOURCE, "/~/").start().collect().await;
    assert_eq!(found.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), ["/~/up", "/~/x"]);
}

#[tokio::test(start_paused = true)]
async fn a_huge_directory_is_listed_in_parts() {
    let service = Answers::new(|asked| {
        let offset: usize = asked.query("offset").map_or(0, |offset| offset.parse().unwrap());
        let entries: Vec<Value> =
            (offset..(offset + 10).min(25)).map(|n| entry(&n.to_string(), "file")).collect();
        (200, json!({"DATA": entries, "total": 25}))
    });
    let (found, _) = service.client().walk(SOURCE, "/").start().collect().await;
    assert_eq!((found.len(), service.lines().len()), (25, 3));
    assert_eq!(found[24].path, "/24");
}

/// Wherever it is left, going on finds the rest, and nothing twice.
#[tokio::test(start_paused = true)]
async fn a_walk_goes_on_where_it_was_left() {
    let walk = |service: &Answers| service.client().walk(SOURCE, "/r").concurrency(3);
    for left_after in [0, 1, 2, 5, 9, 40, 300, 775, 776] {
        let service = Answers::new(|asked| {
            let (status, mut answer) = tree(asked);
            // By name, as a service lists them.
            let mut entries = answer["DATA"].as_array().unwrap().clone();
            entries.sort_by_key(|entry| entry["name"].as_str().unwrap().to_owned());
            let offset: usize = asked.query("offset").map_or(0, |offset| offset.parse().unwrap());
            let limit: usize = asked.query("limit").map_or(usize::MAX, |limit| limit.parse().unwrap());
            answer["total"] = entries.len().into();
            answer["DATA"] = entries.into_iter().skip(offset).take(limit).collect();
            (status, answer)
        });
        let mut paths = Vec::new();
        let mut first = walk(&service).start();
        for _ in 0..left_after {
            let Some(WalkItem::Entry(found)) = first.next().await else { panic!("{left_after}") };
            paths.push(found.path);
        }
        let stored = serde_json::to_string(&first.cursor()).unwrap();
        drop(first);
        let cursor: WalkCursor = serde_json::from_str(&stored).unwrap();
        let (rest, failed) = walk(&service).resume_from(cursor).collect().await;
        assert!(failed.is_empty());
        paths.extend(rest.into_iter().map(|found| found.path));
        assert_eq!(paths.len(), 776, "left after {left_after}");
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), 776, "left after {left_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn slow_walks_are_slow() {
    let service = Answers::new(tree);
    let start = Instant::now();
    let walk = service.client().walk(SOURCE, "/r").max_depth(2).requests_per_second(0.5).start();
    assert_eq!(walk.collect().await.0.len(), 56);
    assert_eq!(start.elapsed().as_secs(), 12);
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let walk = service.client().walk(SOURCE, "/r").max_depth(1).requests_per_second(rate).start();
        assert_eq!(walk.collect().await.0.len(), 8);
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_is_lazy_and_can_be_spawned() {
    let service = Answers::new(tree);
    let mut walk = service.client().walk(SOURCE, "/r").start();
    assert!(service.lines().is_empty());
    assert!(matches!(
        tokio::spawn(async move { walk.next().await }).await.unwrap(),
        Some(WalkItem::Entry(_))
    ));
}
