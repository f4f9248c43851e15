//! Many threads, calls that are cancelled at any moment, tokens that expire, and refresh tokens that are good once.

use std::time::{Duration, Instant};

use globus_auth::{
    ClientApp,
    storage::{JsonTokenStorage, TokenStorage},
};
use tokio::time::timeout;

use super::town::{Desk, LIFE, Office, Town, logged_in, stored};
use crate::common::{TRANSFER, TRANSFER_ALL};

const TASKS: u64 = 32;

/// Makes calls for a second, and leaves many of them; now and then, everything expires.
async fn work(town: Town, office: Office, task: u64) {
    let (begin, mut round) = (Instant::now(), task);
    while begin.elapsed() < Duration::from_secs(1) {
        round += 1;
        // From at once to later than it takes.
        let patience = Duration::from_micros(round * 7_919 % 4_000);
        if let Ok(answer) = timeout(patience, office.call()).await {
            answer.unwrap();
        }
        if task == 0 {
            town.let_pass(LIFE);
        }
    }
}

async fn stress(town: &Town, offices: Vec<Office>) {
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let office = offices[usize::try_from(task).unwrap() % offices.len()].clone();
            tokio::spawn(work(town.clone(), office, task))
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_survives_calls_that_are_cancelled_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (town, desk) = (Town::new(), Desk::default());
    town.answer_after(Duration::from_millis(1));
    let open = || JsonTokenStorage::new(folder.path().join("tokens.json"));
    logged_in(&open(), TRANSFER_ALL).await;
    town.honour_stored(TRANSFER_ALL);
    // Two programs with the same login.
    let apps = [(); 2].map(|()| town.app(&desk, &open()).build().unwrap());
    let offices: Vec<Office> = apps.iter().map(|app| town.transfer(app)).collect();
    stress(&town, offices.clone()).await;

    assert_eq!(desk.logins(), 0);
    town.let_pass(LIFE);
    for office in offices {
        office.call().await.unwrap();
    }
    let refreshes = town.log().iter().filter(|line| line.starts_with("refresh ")).count();
    assert!(refreshes > 10, "only {refreshes} refreshes");
    assert!(stored(&open(), TRANSFER).await.unwrap().refresh_token.is_some());
    // Nobody holds the lock.
    drop(timeout(Duration::from_secs(1), open().lock()).await.unwrap().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_service_account_survives_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new();
    town.answer_after(Duration::from_millis(1));
    let app = ClientApp::for_client("My Service", town.confidential())
        .config(Town::config())
        .token_storage(JsonTokenStorage::new(folder.path().join("tokens.json")))
        .build()
        .unwrap();
    stress(&town, vec![town.transfer(&app)]).await;
    town.transfer(&app).call().await.unwrap();
}
