//! Scopes.

#![allow(clippy::unwrap_used, reason = "helpers of tests may, as tests may")]

mod hostile;
mod properties;
mod services;
mod values;
