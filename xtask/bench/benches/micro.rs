//! Small steps, one by one: building requests, and reading documents.
//!
//! `cargo bench -p globus-bench --bench micro`
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use globus::transfer::{FileList, Filter, Task, TaskEvent, TransferClient, TransferData};

const COLLECTION: &str = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
const TASK: &str = include_str!("task.json");

fn client() -> TransferClient {
    TransferClient::builder().base_url("https://transfer.api.globus.org/").build().unwrap()
}

fn requests(criterion: &mut Criterion) {
    let transfer = client();
    let mut group = criterion.benchmark_group("request");
    group.bench_function("get_task", |bencher| {
        bencher.iter(|| transfer.get_task(black_box(COLLECTION)).to_request().unwrap());
    });
    group.bench_function("operation_ls with six parameters", |bencher| {
        bencher.iter(|| {
            transfer
                .operation_ls(black_box(COLLECTION))
                .path("/~/runs 2026/")
                .show_hidden(false)
                .limit(1000)
                .offset(5000)
                .orderby(["name ASC", "size DESC"])
                .filter(Filter::new().field("type", "file"))
                .to_request()
                .unwrap()
        });
    });
    group.bench_function("transfer of one item", |bencher| {
        bencher.iter(|| {
            let mut data = TransferData::new(COLLECTION, COLLECTION).label("nightly");
            data.add_item("/~/one.bin", "/backup/one.bin");
            transfer.submit_transfer(data).to_request().unwrap()
        });
    });
    group.finish();
}

fn documents(criterion: &mut Criterion) {
    let entry = r#"{"DATA_TYPE":"file","name":"sample_0000001.fastq.gz","type":"file","size":4099,"last_modified":"2025-03-01 09:15:02+00:00","permissions":"0644","user":"ada","group":"lab","link_target":null,"link_size":null,"link_user":null,"link_group":null,"link_last_modified":null}"#;
    let listing = format!(
        r#"{{"DATA_TYPE":"file_list","endpoint":"{COLLECTION}","path":"/~/","length":1000,"total":1000,"DATA":[{}]}}"#,
        vec![entry; 1000].join(",")
    );
    let mut group = criterion.benchmark_group("document");
    group.throughput(Throughput::Bytes(TASK.len() as u64));
    group.bench_function("task", |bencher| {
        bencher.iter(|| serde_json::from_str::<Task>(black_box(TASK)).unwrap());
    });
    group.throughput(Throughput::Bytes(listing.len() as u64));
    group.bench_function("listing of 1000 entries", |bencher| {
        bencher.iter(|| serde_json::from_str::<FileList>(black_box(&listing)).unwrap());
    });
    let failed = r#"{"DATA_TYPE":"event","code":"ENDPOINT_ERROR","description":"endpoint error","details":"Error (open)\nEndpoint: lab (9b0d)\nServer: 10.0.0.1:2811\nFile: /data/x\nMessage: Fatal FTP response\n---\nDetails: 550 Disk quota exceeded","is_error":true,"time":"2025-07-26T20:11:09+00:00"}"#;
    let started = r#"{"DATA_TYPE":"event","code":"STARTED","description":"started","details":"{\"concurrency\": 2, \"parallelism\": 4}","is_error":false,"time":"2025-07-26T20:11:04+00:00"}"#;
    let events = format!("[{}]", vec![format!("{failed},{started}"); 500].join(","));
    group.throughput(Throughput::Bytes(events.len() as u64));
    group.bench_function("1000 events, with their causes and details", |bencher| {
        bencher.iter(|| {
            let events: Vec<TaskEvent> = serde_json::from_str(black_box(&events)).unwrap();
            let faults = events.iter().filter(|event| event.fault().is_some()).count();
            let details = events.iter().filter(|event| event.details_json().is_some()).count();
            assert_eq!((faults, details), (500, 500));
        });
    });
    group.finish();
}

criterion_group!(micro, requests, documents);
criterion_main!(micro);
