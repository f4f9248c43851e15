//! Measures the SDK beside bare reqwest and serde doing the same work, in one run.
//!
//! `cargo xtask bench` builds this with optimisation and runs it. Each row tells what ours took, what the bare way
//! took, the ratio, and what the ratio must reach; a row that misses it makes the command fail.
#![allow(clippy::print_stdout, reason = "the table is the result")]

mod bare;
mod measure;
mod python;
mod rows;
mod server;
mod table;

use std::process::ExitCode;

use clap::Parser;

/// What the command line says.
#[derive(Parser)]
#[command(about = "Measures the SDK beside bare reqwest and serde, and beside the Python SDK")]
struct Arguments {
    /// Measures the official Python SDK too: a python that has `globus-sdk`.
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    /// Runs the rows whose names contain this only.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Measures memory in a process of its own (used by the command itself).
    #[arg(long, num_args = 2, value_names = ["WORK", "URL"], hide = true)]
    worker: Option<Vec<String>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.worker {
        Some(words) => rows::worker(&words[0], &words[1]).map(|()| true),
        None => rows::all(&arguments.only, arguments.python.as_deref()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            println!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}
