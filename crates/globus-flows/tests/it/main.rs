//! The behaviour of the crate as its users see it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod common;
mod definition;
mod documents;
mod documents_runs;
mod emulator;
mod limits;
mod paging;
mod picture;
mod replay;
mod shape;
mod shape_runs;
mod sockets;
mod specific;
#[cfg(feature = "validate")]
mod validate;
mod waiting;
