//! The Globus SDK for Rust.
#[cfg(feature = "auth")]
pub use globus_auth as auth;
pub use globus_core as core;
#[cfg(feature = "flows")]
pub use globus_flows as flows;
#[cfg(feature = "transfer")]
pub use globus_transfer as transfer;
