//! Tests of the token storages, on real files, with real processes, and against the Python SDK.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "this is a test, and its processes talk to it on standard output"
)]

mod apps;
mod child;
mod contract;
mod environment;
mod failures;
mod fixture;
mod json;
mod processes;
mod python;
#[cfg(feature = "sqlite")]
mod sqlite;
