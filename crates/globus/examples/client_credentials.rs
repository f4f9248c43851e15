//! A service account works in its own name: nobody logs in, and nothing has to be renewed by hand.
//!
//! ```text
//! cargo run -p globus --example client_credentials            # an emulator inside the program: no account, no network
//! cargo run -p globus --example client_credentials -- live    # the real service, with GLOBUS_CLIENT_ID and _SECRET
//! ```
#![allow(clippy::print_stdout, reason = "telling what it does is what an example is for")]

#[path = "support/local.rs"]
mod local;

use std::env;

use globus::{
    auth::{AuthClient, storage::MemoryTokenStorage},
    prelude::*,
};
use globus_emulator::Emulator;

use crate::local::{Anything, Local};

const NAME: &str = "client credentials example";

#[tokio::main]
async fn main() -> Anything<()> {
    if env::args().nth(1).as_deref() == Some("live") {
        return work(&ClientApp::from_env(NAME)?).await;
    }
    let local = Local::start(Emulator::builder()).await?;
    let credentials = local.credentials()?;
    let app = ClientApp::builder(NAME, credentials.client_id(), credentials.client_secret().clone());
    work(&app.config(local.config()?).token_storage(MemoryTokenStorage::new()).build()?).await
}

async fn work(app: &ClientApp) -> Anything<()> {
    // Each client says which scopes it needs. Tokens come when they are needed, and are renewed before they expire.
    let auth = AuthClient::builder().app(app).build()?;
    let me = auth.userinfo().send().await?;
    println!("{} is known to services as {}", app.client_id(), me.preferred_username.unwrap_or_default());

    let transfer = TransferClient::builder().app(app).build()?;
    let tasks = transfer.task_list().limit(10).send().await?;
    println!("its last tasks: {}", tasks.data.len());
    Ok(())
}
