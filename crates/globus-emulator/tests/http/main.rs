//! The emulator over plain HTTP, as any client sees it.

#![cfg(test)]

mod api;
mod authorize;
#[cfg(unix)]
mod binary;
mod client;
mod control;
mod dependent;
mod developers;
mod flows;
mod https;
mod oidc;
mod remote;
mod server;
mod sessions;
mod settings;
mod token;
mod token_info;
