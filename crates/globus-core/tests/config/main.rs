//! Configuration.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may, as tests may")]

mod environments;
mod files;
mod values;
