//! Somebody logs in to a program that they run themselves, and the program lists their tasks.
//!
//! ```text
//! cargo run -p globus --example native_login                  # an emulator inside the program: no account, no network
//! cargo run -p globus --example native_login -- CLIENT_ID     # the real service, with a native application of yours
//! ```
#![allow(clippy::print_stdout, reason = "telling what it does is what an example is for")]

#[path = "support/local.rs"]
mod local;

use std::env;

use globus::{
    auth::login::{CommandLineLoginFlowManager, LoginFlowManager, LoginRequest},
    prelude::*,
};
use globus_emulator::Emulator;

use crate::local::{Anything, Local, obedient_terminal};

#[tokio::main]
async fn main() -> Anything<()> {
    if let Some(client_id) = env::args().nth(1) {
        return log_in(&client_id, Config::from_env()?, CommandLineLoginFlowManager::new()).await;
    }
    let local = Local::start(Emulator::builder()).await?;
    let terminal = CommandLineLoginFlowManager::new();
    // In a terminal the login is yours to click through; elsewhere somebody obedient does it.
    let terminal = if terminal.is_interactive() { terminal } else { obedient_terminal()? };
    log_in(Local::NATIVE_CLIENT, local.config()?, terminal).await
}

async fn log_in(client_id: &str, config: Config, terminal: CommandLineLoginFlowManager) -> Anything<()> {
    let client = NativeAppAuthClient::builder(client_id).config(config.clone()).build()?;

    // The login shows an address, and reads the code that the user gets there.
    let request = LoginRequest::new(["openid", "profile", scope::transfer::ALL])?;
    let tokens = terminal.run_login_flow(&client.into(), &request).await?;

    // One token for each service. It works for two days; then somebody has to log in again.
    let token = tokens.by_resource_server(scope::transfer::RESOURCE_SERVER).ok_or("no token for Transfer")?;
    println!("\nlogged in until {}", token.expires_at);

    let authorizer = AccessTokenAuthorizer::new(token.access_token.clone());
    let transfer = TransferClient::builder().config(config).authorizer(authorizer).build()?;
    let tasks = transfer.task_list().limit(10).send().await?;
    println!("your last tasks: {}", tasks.data.len());
    for task in tasks.data {
        println!("  {} {}", task.status, task.label.unwrap_or_default());
    }
    Ok(())
}
