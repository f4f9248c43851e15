//! Tests of the token storages, on real files, with real processes, and against the Python SDK.

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
