//! The behaviour of the crate as its users see it.
#![allow(missing_docs, reason = "these are tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod api;
mod app;
mod common;
mod documents;
mod emulator;
mod flow;
mod id_token;
mod login;
mod redaction;
mod renewal;
mod shapes;
mod sockets;
mod verifier;
