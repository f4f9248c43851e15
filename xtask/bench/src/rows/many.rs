//! Rows of what takes many requests: walks, waits, events.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::{SOURCE, bare_client, client, ratio};
use crate::{
    bare,
    measure::in_turns,
    python::Python,
    server::{EVENT_PAGES, EVENTS_PER_PAGE, FAR_AWAY, Server, TREE_DIRECTORIES},
    table::{Limit, Row, seconds},
};

/// How many requests a second the service takes from a user.
const SERVICE_RATE: f64 = 20.0;
const TASK: &str = "e9d24a40-6a61-11f0-8b6d-0affc0000001";

/// Events page by page, with their times, words and details read.
pub(super) fn events(runtime: &Runtime, server: &Server, _: Option<&Python>) -> Result<Vec<Row>, String> {
    const COUNT: u64 = EVENT_PAGES * EVENTS_PER_PAGE;
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let pair = runtime.block_on(in_turns(
        9,
        async || {
            let mut events = ours.task_event_list(TASK).items();
            let mut seen = 0;
            while let Some(event) = events.next().await {
                std::hint::black_box(event.map_err(bare::text)?.code);
                seen += 1;
            }
            if seen == COUNT { Ok(()) } else { Err(format!("{seen} events")) }
        },
        async || {
            let (mut seen, mut total) = (0, 1);
            while seen < total {
                let url = format!("{}v0.10/task/{TASK}/event_list?limit=1000&offset={seen}", server.url());
                let page: bare::EventList = bare::get(&bare, &url).await?;
                seen += page.data.len() as u64;
                total = page.total;
                for event in page.data {
                    std::hint::black_box(event.code);
                }
            }
            if seen == COUNT { Ok(()) } else { Err(format!("{seen} events")) }
        },
    ))?;
    let (our_time, bare_time) = pair.medians();
    Ok(vec![Row {
        name: format!("reading {COUNT} events of a task"),
        ours: seconds(our_time),
        bare: seconds(bare_time),
        python: "–".to_owned(),
        ratio: pair.ratio(),
        limit: Limit::AtMost(1.1),
    }])
}

/// What the latency of each request leaves of the rate that the service allows.
pub(super) fn walk_far_away(
    runtime: &Runtime,
    server: &Server,
    _: Option<&Python>,
) -> Result<Vec<Row>, String> {
    let start = Instant::now();
    let (found, failed) = runtime.block_on(client(server.url())?.walk(SOURCE, "/far").start().collect());
    let time = start.elapsed();
    if found.len() as u64 != TREE_DIRECTORIES * 3 - 1 || !failed.is_empty() {
        return Err(format!("{} entries, {} failures", found.len(), failed.len()));
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let at_best = Duration::from_secs_f64(TREE_DIRECTORIES as f64 / SERVICE_RATE);
    Ok(vec![Row {
        name: format!("walk of {TREE_DIRECTORIES} directories, {} each", seconds(FAR_AWAY)),
        ours: seconds(time),
        bare: format!("{} at 20/s", seconds(at_best)),
        python: "–".to_owned(),
        ratio: time.as_secs_f64() / at_best.as_secs_f64(),
        limit: Limit::AtMost(1.1),
    }])
}

/// One request a directory, no matter how many are under way.
pub(super) fn walk(runtime: &Runtime, server: &Server, _: Option<&Python>) -> Result<Vec<Row>, String> {
    let client = client(server.url())?;
    let before = server.tree_requests();
    let start = Instant::now();
    let walk = client.walk(SOURCE, "/tree").requests_per_second(1e6).start();
    let (found, failed) = runtime.block_on(walk.collect());
    let time = start.elapsed();
    let entries = TREE_DIRECTORIES * 3 - 1;
    if found.len() as u64 != entries || !failed.is_empty() {
        return Err(format!("{} entries, {} failures", found.len(), failed.len()));
    }
    Ok(vec![Row {
        name: format!("walk of {TREE_DIRECTORIES} directories, requests ({})", seconds(time)),
        ours: (server.tree_requests() - before).to_string(),
        bare: TREE_DIRECTORIES.to_string(),
        python: "–".to_owned(),
        ratio: ratio(server.tree_requests() - before, TREE_DIRECTORIES),
        limit: Limit::AtMost(1.0),
    }])
}

/// Requests for many tasks, beside one for each task.
pub(super) fn wait(runtime: &Runtime, server: &Server, _: Option<&Python>) -> Result<Vec<Row>, String> {
    const COUNT: u64 = 1_000;
    let client = client(server.url())?;
    let before = server.task_looks();
    let ids = (0..COUNT).map(|n| format!("e9d24a40-6a61-11f0-8b6d-{n:012}"));
    let often = Duration::from_millis(100);
    let waiting = client.task_set(ids).map_err(bare::text)?.wait().poll_interval(often, often);
    let outcome = runtime.block_on(waiting.send());
    if outcome.succeeded.len() as u64 != COUNT {
        return Err(format!("{} of {COUNT} tasks succeeded", outcome.succeeded.len()));
    }
    let looks = server.task_looks() - before;
    Ok(vec![Row {
        name: format!("wait on {COUNT} tasks, requests"),
        ours: looks.to_string(),
        bare: COUNT.to_string(),
        python: "–".to_owned(),
        ratio: ratio(looks, COUNT),
        limit: Limit::AtMost(0.1),
    }])
}
