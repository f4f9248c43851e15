//! Requirements errors and consents, from the outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod combine;
mod consents;
mod errors;
mod forms;
mod parameters;
mod properties;
mod table;
