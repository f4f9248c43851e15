//! The behaviour of the crate as its users see it.
#![allow(missing_docs, reason = "these are tests")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![allow(unreachable_pub, reason = "operations are declared as in a service crate, where they are public")]

mod calls;
mod common;
mod documents;
mod paging;
mod polling;
mod proxy;
mod requests;
mod sockets;
#[cfg(feature = "rustls")]
mod tls;
