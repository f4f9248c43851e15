//! The emulator over plain HTTP, as any client sees it.

#![cfg(test)]

mod api;
mod authorize;
#[cfg(unix)]
mod binary;
mod client;
mod control;
mod flows;
mod oidc;
mod server;
mod settings;
mod token;
mod token_info;
