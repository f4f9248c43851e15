//! Our half of `cargo xtask conformance`: the same calls as the official Python SDK's, for a recorder to compare, and
//! the official sample documents read with our types.
#![allow(clippy::print_stdout, reason = "it speaks to the script that started it")]

mod cases;
mod samples;

use std::{error::Error, process::ExitCode};

const USAGE: &str = "usage: conformance cases | requests URL | samples";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cases"] => cases::names().for_each(|name| println!("{name}")),
        ["requests", url] => requests(url).await?,
        ["samples"] => samples::read_all().await?,
        _ => {
            println!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the call of every case, each to an address of its own: `URL/NAME/`.
async fn requests(url: &str) -> Result<(), Box<dyn Error>> {
    let url = url.trim_end_matches('/');
    for name in cases::names() {
        let clients = cases::Clients::at(&format!("{url}/{name}/"), None)?;
        // What the recorder answers need not make sense: only what was asked is compared.
        if let Err(error) = cases::run(name, &clients).await {
            println!("{name}\t{error}");
        }
    }
    Ok(())
}
