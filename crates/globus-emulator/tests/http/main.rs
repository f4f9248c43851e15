//! The emulator over plain HTTP, as any client sees it.

#![cfg(test)]

mod api;
mod authorize;
#[cfg(unix)]
mod binary;
mod checks;
mod client;
mod control;
mod dependent;
mod developers;
mod flow_actions;
mod flow_apis;
mod flow_examples;
mod flow_in_flow;
mod flow_roles;
mod flow_runs;
mod flow_services;
mod flow_web_inputs;
mod flows;
mod groups;
mod https;
mod lab;
mod oidc;
mod remote;
mod reset;
mod server;
mod sessions;
mod settings;
mod token;
mod token_info;
