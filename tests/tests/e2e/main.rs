//! The umbrella crate against the emulator, as a program uses both.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod app;
mod auth;
mod bad_input;
mod bad_service;
mod errors;
mod expressions;
mod faults;
mod files;
mod flows;
mod inactive;
mod lab;
mod login;
#[cfg(unix)]
mod names;
mod operations;
mod paging;
mod runs;
mod sharing;
mod socket;
mod submission;
mod transfer;
mod volume;
mod waiting;
