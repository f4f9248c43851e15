//! What big documents cost, in time and memory, next to the least that would do: `cargo bench -p globus-transfer`.
//!
//! Every measurement is a process of its own, because a process never gives back its peak of memory. Memory is told
//! on Linux only.
#![expect(clippy::print_stdout, reason = "this is a program for the terminal")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails should stop")]

use std::{env, fmt::Write as _, fs, future::poll_fn, hint::black_box, process::Command, time::Instant};

use globus_core::{Timestamp, transport::Body};
use globus_transfer::{FileList, FileType, TransferClient, TransferData};
use serde::{Deserialize, Serialize};

const ENTRIES: usize = 100_000;
const ITEMS: usize = 1_000_000;
const ROUNDS: usize = 3;
const RUNS: usize = 5;
const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

const MEASUREMENTS: [(&str, fn()); 4] = [
    ("listing of 100,000 entries, bare struct", bare_listing),
    ("listing of 100,000 entries, FileList", sdk_listing),
    ("transfer of 1,000,000 items, bare", bare_transfer),
    ("transfer of 1,000,000 items, TransferData", sdk_transfer),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(name) = arguments.first().and_then(|argument| argument.strip_prefix("--measure=")) {
        let (_, measure) = MEASUREMENTS.iter().find(|(known, _)| *known == name).unwrap();
        measure();
    } else if arguments.iter().any(|argument| argument == "--bench") {
        compare();
    }
}

/// Runs every measurement in turn, several times, and shows the best of each.
fn compare() {
    let mut best = [(u128::MAX, u64::MAX); MEASUREMENTS.len()];
    for _ in 0..ROUNDS {
        for ((name, _), best) in MEASUREMENTS.iter().zip(&mut best) {
            let output =
                Command::new(env::current_exe().unwrap()).arg(format!("--measure={name}")).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let (micros, kib) = text.trim().split_once(' ').unwrap();
            best.0 = best.0.min(micros.parse().unwrap());
            best.1 = best.1.min(kib.parse().unwrap());
        }
    }
    for ((name, _), (micros, kib)) in MEASUREMENTS.iter().zip(best) {
        println!("{name:<45} {:>5} ms {:>7} KiB at most", micros / 1_000, kib);
    }
    println!(
        "{:<45} {:>17} KiB of paths",
        "",
        items().map(|(a, b)| a.len() + b.len()).sum::<usize>() / 1_024
    );
}

/// Prints how long the work took at best, in microseconds, and by how much its first run let the peak of memory grow,
/// in KiB.
fn measured<T>(work: impl Fn() -> T) {
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS:");
    drop(black_box(work()));
    let kib = status("VmHWM:").saturating_sub(before);
    let micros = (0..RUNS).map(|_| {
        let start = Instant::now();
        let result = black_box(work());
        let micros = start.elapsed().as_micros();
        drop(result);
        micros
    });
    println!("{} {kib}", micros.min().unwrap_or_default());
}

fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn listing() -> String {
    let mut text = format!(
        r#"{{"DATA_TYPE":"file_list","endpoint":"{ID}","path":"/~/runs/","length":{ENTRIES},"total":{ENTRIES},"DATA":["#
    );
    for n in 0..ENTRIES {
        let comma = if n == 0 { "" } else { ", " };
        write!(
            text,
            r#"{comma}{{"DATA_TYPE": "file", "group": "staff", "last_modified": "2025-03-{:02} 09:15:{:02}+00:00", "link_group": null, "link_last_modified": null, "link_size": null, "link_target": null, "link_user": null, "name": "frame_{n:08}.h5", "permissions": "0644", "size": {n}, "type": "file", "user": "ada"}}"#,
            n % 28 + 1,
            n % 60,
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}

#[expect(dead_code, reason = "only the cost of reading them counts")]
#[derive(Deserialize)]
struct BareList {
    #[serde(rename = "DATA")]
    data: Vec<BareEntry>,
    endpoint: String,
    path: String,
    length: u64,
    total: u64,
}

#[expect(dead_code, reason = "only the cost of reading them counts")]
#[derive(Deserialize)]
struct BareEntry {
    name: String,
    #[serde(rename = "type")]
    file_type: FileType,
    size: Option<u64>,
    #[serde(deserialize_with = "globus_core::time::lenient")]
    last_modified: Option<Timestamp>,
    permissions: Option<String>,
    user: Option<String>,
    group: Option<String>,
    link_target: Option<String>,
    link_size: Option<u64>,
    link_user: Option<String>,
    link_group: Option<String>,
    #[serde(deserialize_with = "globus_core::time::lenient")]
    link_last_modified: Option<Timestamp>,
}

fn bare_listing() {
    let text = listing();
    measured(|| serde_json::from_str::<BareList>(&text).unwrap());
}

fn sdk_listing() {
    let text = listing();
    measured(|| serde_json::from_str::<FileList>(&text).unwrap());
}

fn items() -> impl Iterator<Item = (String, String)> {
    (0..ITEMS).map(|n| {
        let path = format!("experiment/2026-01-31/run_{:04}/frame_{n:08}.h5", n / 1_000);
        (format!("/~/{path}"), format!("/archive/{path}"))
    })
}

#[derive(Serialize)]
struct BareItem<'a> {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    source_path: &'a str,
    destination_path: &'a str,
}

fn bare_transfer() {
    measured(|| {
        let items: Vec<(Box<str>, Box<str>)> = items().map(|(a, b)| (a.into(), b.into())).collect();
        let mut piece = Vec::with_capacity(70 * 1024);
        let mut sent = 0;
        write!(
            Text(&mut piece),
            r#"{{"DATA_TYPE":"transfer","source_endpoint":"{ID}","destination_endpoint":"{ID}","DATA":["#
        )
        .unwrap();
        for (position, (source_path, destination_path)) in items.iter().enumerate() {
            if position > 0 {
                piece.push(b',');
            }
            let item = BareItem { data_type: "transfer_item", source_path, destination_path };
            serde_json::to_writer(&mut piece, &item).unwrap();
            if piece.len() >= 64 * 1024 {
                sent += black_box(&piece).len();
                piece.clear();
            }
        }
        piece.extend_from_slice(b"]}");
        sent += black_box(&piece).len();
        (items, sent)
    });
}

/// Writes formatted text into bytes.
struct Text<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn sdk_transfer() {
    let client = TransferClient::builder().base_url("https://transfer.example.org/").build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    measured(|| {
        let mut data = TransferData::new(ID, ID).submission_id(ID);
        data.extend(items());
        let request = client.submit_transfer(data).to_request().unwrap();
        let Body::Stream(source) = &request.body else { unreachable!("a million items are streamed") };
        let mut stream = source.stream();
        let mut sent = 0;
        runtime.block_on(async {
            while let Some(piece) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
                sent += black_box(piece.unwrap()).len();
            }
        });
        (request, sent)
    });
}
