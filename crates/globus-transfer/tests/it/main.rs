//! The behaviour of the crate as its users see it.
#![allow(missing_docs, reason = "these are tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod access;
mod activation;
mod body;
mod common;
mod documents;
mod documents_more;
mod emulator;
mod events;
mod helpers;
mod https;
mod https_sockets;
mod lists;
mod preflight;
mod queue;
mod shape;
mod shape_more;
mod sockets;
mod submission;
mod submit;
mod task_set;
mod tunnels;
mod v2;
mod validation;
mod verdicts;
mod wait;
mod walk;

use globus_core::test_util::mutation;
