//! The main job of Globus, from one command: log in, list, transfer, wait for the verdict, check.
//!
//! ```text
//! cargo run -p globus --example quickstart                        # this repository's own source tree
//! cargo run -p globus --example quickstart -- SRC_DIR DST_DIR     # your directories
//! ```
//!
//! Without more, a Globus emulator runs inside the program: no account, no network. With these variables set, the
//! same program works on the real service, with a service account and two collections that it may use:
//!
//! ```text
//! GLOBUS_CLIENT_ID, GLOBUS_CLIENT_SECRET
//! GLOBUS_SOURCE_COLLECTION, GLOBUS_DESTINATION_COLLECTION
//! GLOBUS_SOURCE_PATH, GLOBUS_DESTINATION_PATH                     (default: /~/ and /~/quickstart/)
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling what it does is what an example is for"
)]

#[path = "quickstart/place.rs"]
mod place;

use std::{error::Error, process::ExitCode};

use globus::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use crate::place::Place;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("quickstart: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let place = Place::choose(std::env::args().skip(1)).await?;
    let (source, destination) = (&place.source, &place.destination);

    // On the real service, `ClientCredentials::from_env()?.authorizer(scope::transfer::ALL)?` does the first two.
    let auth = place.auth_client()?;
    let authorizer = ClientCredentialsAuthorizer::new(auth, scope::transfer::ALL)?;
    let transfer = TransferClient::builder().config(place.config()?).authorizer(authorizer).build()?;

    let listing = transfer.operation_ls(source.collection).path(&source.path).send().await?;
    println!("\n{} has {} entries:", source.name, listing.data.len());
    for entry in listing.data.iter().take(8) {
        println!("  {:>10}  {}", entry.size.unwrap_or(0), entry.name);
    }
    if listing.data.len() > 8 {
        println!("  … and {} more", listing.data.len() - 8);
    }

    let mut data = TransferData::new(source.collection, destination.collection)
        .label("quickstart")
        .verify_checksum(true)
        .notify(Notify::None);
    for directory in place::LEFT_OUT {
        data.add_filter_rule(FilterRule::exclude(directory).directories());
    }
    data.push(TransferItem::new(&source.path, &destination.path).recursive(true));
    let submitted = transfer.submit_transfer(data).send().await?;
    println!("\n{} → {}: task {}", source.name, destination.name, submitted.task_id);

    let bar = ProgressBar::no_length()
        .with_style(ProgressStyle::with_template("  {bar:32} {pos}/{len} files  {msg}")?);
    let outcome = transfer
        .task_wait(submitted.task_id)
        .on_progress({
            let bar = bar.clone();
            move |task| show(&bar, task)
        })
        .send()
        .await;
    bar.finish();

    // A task that failed, or stopped, is an error: it cannot be taken for a success.
    let done = outcome?;
    println!(
        "\nsucceeded: {} files and {} directories, {} bytes, {} faults",
        done.files_transferred(),
        done.task.directories.unwrap_or(0),
        done.bytes_transferred(),
        done.task.faults.unwrap_or(0),
    );

    println!("{}", place.compare(&transfer).await?);
    place.close().await?;
    Ok(())
}

fn show(bar: &ProgressBar, task: &Task) {
    bar.set_length(task.files.unwrap_or(0));
    bar.set_position(task.files_transferred.unwrap_or(0) + task.files_skipped.unwrap_or(0));
    bar.set_message(format!("{} bytes, {}", task.bytes_transferred.unwrap_or(0), task.status));
}
