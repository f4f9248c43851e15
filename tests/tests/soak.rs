//! Ten thousand requests of 64 tasks: neither connections nor memory pile up, in the SDK or in the emulator. In a process
//! of its own, because memory is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::time::Duration;

use globus::{core::config::Sources, prelude::*};
use globus_emulator::Emulator;
use tokio::task::JoinSet;

const TASKS: usize = 64;
const REQUESTS: usize = 10_000;
const ROUNDS: usize = 5;

/// The bytes that this process holds in memory.
#[cfg(target_os = "linux")]
fn held() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[cfg(not(target_os = "linux"))]
fn held() -> usize {
    0
}

/// Asks so often, with all tasks at once.
async fn ask(transfer: &TransferClient, requests: usize) {
    let mut asking = JoinSet::new();
    for _ in 0..TASKS {
        let transfer = transfer.clone();
        asking.spawn(async move {
            for _ in 0..requests / TASKS {
                transfer.task_list().limit(1).send().await.unwrap();
            }
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_piles_up() {
    let emulator = Emulator::builder().start().await.unwrap();
    let config = [Service::Auth, Service::Transfer].iter().fold(Config::builder(), |config, service| {
        config.service_url(*service, emulator.service_url(service.as_str()))
    });
    let config = config.sources(Sources::empty()).build().unwrap();
    let account = ConfidentialAppAuthClient::builder(emulator.client_id(), emulator.client_secret());
    let account = account.config(config.clone()).build().unwrap();
    let authorizer = ClientCredentialsAuthorizer::new(account, scope::transfer::ALL).unwrap();
    let transfer: TransferClient =
        TransferClient::builder().config(config).authorizer(authorizer).build().unwrap();

    // The token is got once.
    ask(&transfer, TASKS).await;
    emulator.forget_requests();
    let round = async || {
        ask(&transfer, REQUESTS / ROUNDS).await;
        assert_eq!(emulator.requests().len(), REQUESTS / ROUNDS / TASKS * TASKS);
        // The journal is kept on purpose.
        emulator.forget_requests();
        assert!(emulator.open_connections() <= 2 * TASKS, "{} connections", emulator.open_connections());
    };
    // The first rounds fill pools, buffers and what the allocator keeps, which stay.
    for _ in 0..ROUNDS {
        round().await;
    }
    let before = held();
    for _ in 0..ROUNDS {
        round().await;
    }
    // A kilobyte that is kept of each request would be told.
    let grown = held().saturating_sub(before);
    assert!(grown < REQUESTS * 1024, "{grown} bytes more than before");

    drop(transfer);
    let closed = async {
        while emulator.open_connections() > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed).await.expect("connections outlive their client");
}
