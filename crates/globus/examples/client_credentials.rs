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

use globus::{auth::AuthClient, prelude::*};
use globus_emulator::Emulator;

use crate::local::{Anything, Local};

#[tokio::main]
async fn main() -> Anything<()> {
    if env::args().nth(1).as_deref() == Some("live") {
        return work(ClientCredentials::from_env()?, Config::from_env()?).await;
    }
    let local = Local::start(Emulator::builder()).await?;
    work(local.credentials()?, local.config()?).await
}

async fn work(credentials: ClientCredentials, config: Config) -> Anything<()> {
    println!("{} (from {})", credentials.client_id(), credentials.source());
    let (id, secret) = (credentials.client_id(), credentials.client_secret().clone());
    let account = ConfidentialAppAuthClient::builder(id, secret).config(config.clone()).build()?;

    // An authorizer for each service. It gets a token when one is first needed, and a new one before that expires.
    let openid = ClientCredentialsAuthorizer::new(account.clone(), "openid profile email")?;
    let auth = AuthClient::builder().config(config.clone()).authorizer(openid).build()?;
    let me = auth.userinfo().send().await?;
    println!("known to services as {}", me.preferred_username.unwrap_or_default());

    // With the configuration of the environment, `credentials.authorizer(scope::transfer::ALL)?` does it.
    let authorizer = ClientCredentialsAuthorizer::new(account, scope::transfer::ALL)?;
    let transfer = TransferClient::builder().config(config).authorizer(authorizer).build()?;
    let tasks = transfer.task_list().limit(10).send().await?;
    println!("its last tasks: {}", tasks.data.len());
    Ok(())
}
