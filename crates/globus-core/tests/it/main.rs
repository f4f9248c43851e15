//! The behaviour of the crate as its users see it.
#![allow(missing_docs, reason = "these are tests")]
#![allow(unreachable_pub, reason = "operations are declared as in a service crate, where they are public")]

mod common;
mod documents;
mod requests;
