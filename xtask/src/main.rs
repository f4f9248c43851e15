//! Every developer command of the workspace: what runs here runs in CI.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks there")]

mod artifacts;
mod browser;
mod changelog;
mod ci;
mod cli;
mod conformance;
mod fuzz;
mod layers;
mod licences;
mod manifest;
mod metadata;
mod msrv;
mod release;
mod source;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
