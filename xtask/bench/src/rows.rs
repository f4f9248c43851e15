//! The rows: what is measured.

mod many;

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use globus::{
    auth::{AccessTokenAuthorizer, ClientCredentialsAuthorizer, ConfidentialAppAuthClient},
    transfer::{FileList, TransferClient, TransferData},
};
use tokio::runtime::Runtime;

use crate::{
    bare,
    measure::{self, in_turns},
    python::Python,
    server::{ENTRIES, PAGES, Server, TASKS_PER_PAGE},
    table::{Limit, Row, mebibytes, per_second, print_head, seconds},
};

const SOURCE: &str = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
const DESTINATION: &str = "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01";
const ITEMS: u32 = 1_000_000;
/// How many requests a profile is taken of.
const PROFILED: u32 = 10_000;

type Make = fn(&Runtime, &Server, Option<&Python>) -> Result<Vec<Row>, String>;

/// Runs all rows whose name contains `only`; says whether each reached what it must.
pub(crate) fn all(only: &str, python: Option<&str>) -> Result<bool, String> {
    let server = Server::start().map_err(bare::text)?;
    let python = python.map(|path| Python::new(path, server.url())).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(bare::text)?;
    let rows: [(&str, Make); 10] = [
        ("small GETs, one connection", small_gets_in_line),
        ("small GETs, 64 tasks", small_gets_at_once),
        ("listing", listing),
        ("task pages", task_pages),
        ("submission", submission),
        ("expired token", expired_token),
        ("events", many::events),
        ("walk", many::walk),
        ("walk far away", many::walk_far_away),
        ("wait on 1,000 tasks", many::wait),
    ];
    print_head();
    let mut reached = true;
    for (_, make) in rows.iter().filter(|(name, _)| name.contains(only)) {
        for row in make(&runtime, &server, python.as_ref())? {
            row.print();
            reached &= row.reached();
        }
    }
    Ok(reached)
}

fn client(url: &str) -> Result<TransferClient, String> {
    TransferClient::builder()
        .base_url(url)
        .authorizer(AccessTokenAuthorizer::new("t"))
        .build()
        .map_err(bare::text)
}

fn bare_client() -> Result<reqwest::Client, String> {
    // What goes over the wire, and what is promised about time, is the same on both sides.
    let headers = [
        ("accept", "application/json"),
        ("user-agent", "globus-sdk-rust/0.1.0"),
        ("x-globus-client-info", "product=rust-sdk,version=0.1.0"),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.parse(), value.parse()));
    let headers = headers.filter_map(|(name, value)| Some((name.ok()?, value.ok()?))).collect();
    reqwest::Client::builder()
        .default_headers(headers)
        .timeout(Duration::from_secs(60))
        .tcp_nodelay(true)
        .build()
        .map_err(bare::text)
}

fn small_gets_in_line(
    runtime: &Runtime,
    server: &Server,
    python: Option<&Python>,
) -> Result<Vec<Row>, String> {
    const COUNT: u64 = 1_000;
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let url = format!("{}v0.10/submission_id", server.url());
    let pair = runtime.block_on(in_turns(
        81,
        async || {
            for _ in 0..COUNT {
                ours.get_submission_id().send().await.map_err(bare::text)?;
            }
            Ok(())
        },
        async || {
            for _ in 0..COUNT {
                bare::get::<bare::SubmissionId>(&bare, &url).await?;
            }
            Ok(())
        },
    ))?;
    let (our_time, bare_time) = pair.medians();
    Ok(vec![Row {
        name: "small typed GETs, one connection".to_owned(),
        ours: per_second(COUNT, our_time),
        bare: per_second(COUNT, bare_time),
        python: python.map_or_else(|| Ok("–".to_owned()), Python::small_gets)?,
        ratio: 1.0 / pair.ratio(),
        limit: Limit::AtLeast(0.95),
    }])
}

/// How many tasks ask at once.
const TASKS: u64 = 64;

async fn our_gets(client: &TransferClient, each: u64) -> Result<(), String> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let client = client.clone();
        tasks.spawn(async move {
            for _ in 0..each {
                client.get_submission_id().send().await.map_err(bare::text)?;
            }
            Ok(())
        });
    }
    tasks.join_all().await.into_iter().collect()
}

async fn bare_gets(client: &reqwest::Client, url: &Arc<str>, each: u64) -> Result<(), String> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let (client, url) = (client.clone(), Arc::clone(url));
        tasks.spawn(async move {
            for _ in 0..each {
                bare::get::<bare::SubmissionId>(&client, &url).await?;
            }
            Ok(())
        });
    }
    tasks.join_all().await.into_iter().collect()
}

fn small_gets_at_once(runtime: &Runtime, server: &Server, _: Option<&Python>) -> Result<Vec<Row>, String> {
    const EACH: u64 = 50;
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let url: Arc<str> = format!("{}v0.10/submission_id", server.url()).into();
    let pair = runtime.block_on(in_turns(
        121,
        async || our_gets(&ours, EACH).await,
        async || bare_gets(&bare, &url, EACH).await,
    ))?;
    let (our_time, bare_time) = pair.medians();
    Ok(vec![Row {
        name: "small typed GETs, 64 tasks, one core".to_owned(),
        ours: per_second(TASKS * EACH, our_time),
        bare: per_second(TASKS * EACH, bare_time),
        python: "–".to_owned(),
        ratio: 1.0 / pair.ratio(),
        limit: Limit::AtLeast(0.95),
    }])
}

fn listing(runtime: &Runtime, server: &Server, python: Option<&Python>) -> Result<Vec<Row>, String> {
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let pair = runtime.block_on(in_turns(
        9,
        async || our_listing(&ours).await.map(drop),
        async || bare_listing(&bare, server.url()).await.map(drop),
    ))?;
    let (our_time, bare_time) = pair.medians();
    let python = python.map(Python::listing).transpose()?;
    let our_peak = peak_of("our-listing", server.url())?;
    let bare_peak = peak_of("bare-listing", server.url())?;
    let name = format!("listing of {ENTRIES} entries");
    Ok(vec![
        Row {
            name: format!("{name}, time"),
            ours: seconds(our_time),
            bare: seconds(bare_time),
            python: python.as_ref().map_or_else(|| "–".to_owned(), |figures| seconds(figures.time)),
            ratio: pair.ratio(),
            limit: Limit::AtMost(1.1),
        },
        Row {
            name: format!("{name}, peak memory"),
            ours: mebibytes(our_peak),
            bare: mebibytes(bare_peak),
            python: python.as_ref().map_or_else(|| "–".to_owned(), |figures| mebibytes(figures.peak)),
            ratio: ratio(our_peak, bare_peak),
            limit: Limit::AtMost(1.1),
        },
    ])
}

async fn our_listing(client: &TransferClient) -> Result<FileList, String> {
    let list = client.operation_ls(SOURCE).path("/~/data/").send().await.map_err(bare::text)?;
    if list.data.len() == ENTRIES as usize { Ok(list) } else { Err(format!("{} entries", list.data.len())) }
}

async fn bare_listing(client: &reqwest::Client, url: &str) -> Result<bare::FileList, String> {
    let url = format!("{url}v0.10/operation/endpoint/{SOURCE}/ls?path=%2F~%2Fdata%2F");
    let list: bare::FileList = bare::get(client, &url).await?;
    if list.data.len() == ENTRIES as usize { Ok(list) } else { Err(format!("{} entries", list.data.len())) }
}

fn task_pages(runtime: &Runtime, server: &Server, python: Option<&Python>) -> Result<Vec<Row>, String> {
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let pair = runtime.block_on(in_turns(
        21,
        async || {
            let mut tasks = ours.task_list().limit(100).items();
            let mut seen = 0;
            while let Some(task) = tasks.next().await {
                std::hint::black_box(task.map_err(bare::text)?.task_id);
                seen += 1;
            }
            if seen == PAGES * TASKS_PER_PAGE { Ok(()) } else { Err(format!("{seen} tasks")) }
        },
        async || {
            let (mut seen, mut total) = (0, 1);
            while seen < total {
                let url = format!("{}v0.10/task_list?limit=100&offset={seen}", server.url());
                let page: bare::TaskList = bare::get(&bare, &url).await?;
                seen += page.data.len() as u64;
                total = page.total;
                for task in page.data {
                    std::hint::black_box(task.task_id);
                }
            }
            if seen == PAGES * TASKS_PER_PAGE { Ok(()) } else { Err(format!("{seen} tasks")) }
        },
    ))?;
    let (our_time, bare_time) = pair.medians();
    Ok(vec![Row {
        name: format!("walking {PAGES} pages of {TASKS_PER_PAGE} tasks"),
        ours: seconds(our_time),
        bare: seconds(bare_time),
        python: python.map_or_else(|| Ok("–".to_owned()), |python| python.task_pages().map(seconds))?,
        ratio: pair.ratio(),
        limit: Limit::AtMost(1.05),
    }])
}

fn paths() -> impl Iterator<Item = (String, String)> {
    (0..ITEMS).map(|n| {
        (
            format!("/~/data/run_{:03}/sample_{n:07}.fastq.gz", n % 1000),
            format!("/archive/2026/run_{:03}/sample_{n:07}.fastq.gz", n % 1000),
        )
    })
}

fn submission(runtime: &Runtime, server: &Server, python: Option<&Python>) -> Result<Vec<Row>, String> {
    let (ours, bare) = (client(server.url())?, bare_client()?);
    let pair = runtime.block_on(in_turns(
        7,
        async || our_submission(&ours).await,
        async || bare_submission(&bare, server.url()).await,
    ))?;
    let (our_time, bare_time) = pair.medians();
    let python = python.map(Python::submission).transpose()?;
    let before = server.submitted_bytes();
    let (items, peak) = two_figures(&work("our-submission", server.url())?)?;
    let sent = server.submitted_bytes() - before;
    Ok(vec![
        Row {
            name: format!("building and submitting {ITEMS} items, time"),
            ours: seconds(our_time),
            bare: seconds(bare_time),
            python: python.as_ref().map_or_else(|| "–".to_owned(), |figures| seconds(figures.time)),
            ratio: pair.ratio(),
            limit: Limit::AtMost(1.1),
        },
        Row {
            name: format!("… peak memory beside the items ({} sent)", mebibytes(sent)),
            ours: mebibytes(peak),
            bare: mebibytes(items),
            python: python.as_ref().map_or_else(|| "–".to_owned(), |figures| mebibytes(figures.peak)),
            ratio: ratio(peak, items),
            limit: Limit::AtMost(1.2),
        },
    ])
}

async fn our_submission(client: &TransferClient) -> Result<(), String> {
    let mut data = TransferData::new(SOURCE, DESTINATION);
    for (source, destination) in paths() {
        data.add_item(source, destination);
    }
    let accepted = client.submit_transfer(data).send().await.map_err(bare::text)?;
    std::hint::black_box(accepted.task_id);
    Ok(())
}

async fn bare_submission(client: &reqwest::Client, url: &str) -> Result<(), String> {
    let id: bare::SubmissionId = bare::get(client, &format!("{url}v0.10/submission_id")).await?;
    std::hint::black_box(id.value);
    let items = paths().collect();
    let request = client
        .post(format!("{url}v0.10/transfer"))
        .header("authorization", "Bearer t")
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap(bare::Submission::new(items)));
    let body = request.send().await.map_err(bare::text)?.bytes().await.map_err(bare::text)?;
    let accepted: bare::Accepted = serde_json::from_slice(&body).map_err(bare::text)?;
    std::hint::black_box(accepted.task_id);
    Ok(())
}

fn expired_token(_: &Runtime, server: &Server, _: Option<&Python>) -> Result<Vec<Row>, String> {
    const CALLS: u64 = 1_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(bare::text)?;
    let before = server.token_requests();
    let start = Instant::now();
    runtime.block_on(async {
        let auth = ConfidentialAppAuthClient::builder("0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d", "secret")
            .base_url(server.url())
            .build()
            .map_err(bare::text)?;
        let authorizer =
            ClientCredentialsAuthorizer::new(auth, globus::core::scope::transfer::ALL).map_err(bare::text)?;
        let client = TransferClient::builder()
            .base_url(server.url())
            .authorizer(authorizer)
            .build()
            .map_err(bare::text)?;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..CALLS {
            let client = client.clone();
            tasks.spawn(async move { client.get_submission_id().send().await.map(drop).map_err(bare::text) });
        }
        tasks.join_all().await.into_iter().collect::<Result<(), String>>()
    })?;
    let time = start.elapsed();
    let requests = server.token_requests() - before;
    Ok(vec![Row {
        name: format!("{CALLS} calls at once on an expired token"),
        ours: format!("{requests} token request"),
        bare: seconds(time),
        python: "–".to_owned(),
        #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
        ratio: requests as f64,
        limit: Limit::AtMost(1.0),
    }])
}

/// Does one piece of work in this process and tells its figures, in bytes.
pub(crate) fn worker(work: &str, url: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(bare::text)?;
    match work {
        "our-listing" => {
            let list = runtime.block_on(async { our_listing(&client(url)?).await })?;
            println!("{}", measure::peak_memory()?);
            drop(list);
        }
        "bare-listing" => {
            let list = runtime.block_on(async { bare_listing(&bare_client()?, url).await })?;
            println!("{}", measure::peak_memory()?);
            drop(list);
        }
        "our-submission" => {
            let client = client(url)?;
            // Connections, buffers and the program itself are there before the items are.
            runtime.block_on(client.get_submission_id().send()).map_err(bare::text)?;
            let before = measure::memory()?;
            let mut data = TransferData::new(SOURCE, DESTINATION);
            for (source, destination) in paths() {
                data.add_item(source, destination);
            }
            let items = measure::memory()?.saturating_sub(before);
            runtime.block_on(client.submit_transfer(data).send()).map_err(bare::text)?;
            let peak = measure::peak_memory()?.saturating_sub(before);
            println!("{items} {peak}");
        }
        "our-gets" => {
            let client = client(url)?;
            runtime.block_on(our_gets(&client, u64::from(PROFILED) / TASKS))?;
            println!("{}", cpu_time()?);
        }
        "bare-gets" => {
            let url = format!("{url}v0.10/submission_id").into();
            runtime.block_on(bare_gets(&bare_client()?, &url, u64::from(PROFILED) / TASKS))?;
            println!("{}", cpu_time()?);
        }
        "serve" => {
            println!("{}", Server::start().map_err(bare::text)?.url());
            std::thread::park();
        }
        other => return Err(format!("no such work: {other}")),
    }
    Ok(())
}

/// Reads how long this thread has been on a processor, in nanoseconds.
fn cpu_time() -> Result<u64, String> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").map_err(bare::text)?;
    text.split(' ').next().and_then(|word| word.parse().ok()).ok_or_else(|| format!("not a time: {text}"))
}

/// Runs [`worker`] in a process of its own, whose memory is nobody else's.
fn work(work: &str, url: &str) -> Result<String, String> {
    let program = std::env::current_exe().map_err(bare::text)?;
    let output = Command::new(program).args(["--worker", work, url]).output().map_err(bare::text)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{work}: {}", String::from_utf8_lossy(&output.stdout)))
    }
}

fn peak_of(name: &str, url: &str) -> Result<u64, String> {
    let text = work(name, url)?;
    text.parse().map_err(|_| format!("{name} said {text:?}"))
}

fn two_figures(text: &str) -> Result<(u64, u64), String> {
    let wrong = || format!("not two figures: {text:?}");
    let (first, second) = text.split_once(' ').ok_or_else(wrong)?;
    Ok((first.parse().map_err(|_| wrong())?, second.parse().map_err(|_| wrong())?))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of sizes needs no more")]
fn ratio(ours: u64, bare: u64) -> f64 {
    ours as f64 / bare.max(1) as f64
}

/// What one run of a piece of work took.
pub(crate) struct Figures {
    pub(crate) time: Duration,
    pub(crate) peak: u64,
}
