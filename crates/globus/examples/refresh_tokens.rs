//! A program that logs somebody in once, and finds the login again at every start, for as long as it is used now and then.
//!
//! ```text
//! cargo run -p globus --example refresh_tokens                  # an emulator inside the program: no account, no network
//! cargo run -p globus --example refresh_tokens -- CLIENT_ID     # the real service, with a native application of yours
//! ```
//!
//! On the real service, run it twice: the second time it asks nothing.
#![allow(clippy::print_stdout, reason = "telling what it does is what an example is for")]

#[path = "support/local.rs"]
mod local;

use std::{env, fs, time::Duration};

use globus::{
    auth::{login::CommandLineLoginFlowManager, storage::JsonTokenStorage},
    prelude::*,
};
use globus_emulator::Emulator;

use crate::local::{Anything, Local, obedient_terminal};

const NAME: &str = "refresh tokens example";

#[tokio::main]
async fn main() -> Anything<()> {
    if let Some(client_id) = env::args().nth(1) {
        return work(&UserApp::new(NAME, client_id)?).await;
    }
    // Its tokens are about to expire from the beginning, and each refresh token is good once.
    let emulator = Emulator::builder().token_lifetime(Duration::from_secs(30)).rotate_refresh_tokens(true);
    let local = Local::start(emulator).await?;
    let folder = env::temp_dir().join(format!("globus-refresh-tokens-{}", std::process::id()));
    let start = |terminal: CommandLineLoginFlowManager| {
        let app = UserApp::builder(NAME, Local::NATIVE_CLIENT).config(local.config()?);
        app.token_storage(JsonTokenStorage::new(folder.join("tokens.json")))
            .login_flow_manager(terminal)
            .build()
    };
    work(&start(obedient_terminal()?)?).await?;
    println!("\nand at the next start, with nobody at the terminal:");
    work(&start(CommandLineLoginFlowManager::with_io(std::io::empty(), std::io::sink()))?).await?;
    Ok(fs::remove_dir_all(folder)?)
}

/// What the program does whenever it is started.
async fn work(app: &UserApp) -> Anything<()> {
    let transfer = TransferClient::builder().app(app).build()?;
    println!("login required: {}", app.login_required().await?);

    // Logs in if need be; from then on tokens are renewed before they expire, and each renewal is stored.
    for _ in 0..3 {
        let tasks = transfer.task_list().limit(1).send().await?;
        println!("{} tasks", tasks.total.unwrap_or(0));
    }
    let token = app.token_storage().get_token_data(scope::transfer::RESOURCE_SERVER).await?;
    let expires = Timestamp::from_second(token.ok_or("nothing was stored")?.expires_at_seconds)?;
    println!("a token until {expires}, and a refresh token to go on with");
    Ok(())
}
