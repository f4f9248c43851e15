//! A real browser logs in: Chromium visits the pages of the emulator and presses their buttons, and the SDK gets tokens.
//!
//! `cargo xtask e2e-browser` finds the browser and runs this.
#![allow(clippy::print_stdout, reason = "a person reads how far it got")]

mod chromium;

use std::{
    env,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use globus::{
    auth::{
        AuthClient, AuthLoginClient, LoginError, OAuthTokenResponse,
        login::{CommandLineLoginFlowManager, LocalServerLoginFlowManager, LoginFlowManager, LoginRequest},
    },
    prelude::*,
};
use globus_emulator::Emulator;
use url::Url;

use crate::chromium::{Anything, Chromium, Profile};

/// The native application that the service's own tutorials use.
const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";

type Shared = Arc<Mutex<Chromium>>;

#[tokio::main]
async fn main() -> Anything<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(program), Some(room), Some(portal)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(
            "give the browser, a directory for its profile, and the example of a web application".into()
        );
    };
    let profile = Profile::new(&room)?;
    let browser = Arc::new(Mutex::new(Chromium::start(&program, profile.path())?));
    let emulator = Emulator::builder()
        .user("ada@uni.example.edu", "Ada")
        .user("bob@uni.example.edu", "Bob")
        .start()
        .await?;
    let config = Config::builder()
        .service_url(Service::Auth, emulator.service_url("auth"))
        .service_url(Service::Transfer, emulator.service_url("transfer"))
        .build()?;
    let client = NativeAppAuthClient::builder(NATIVE).config(config.clone()).build()?.into();

    somebody_agrees(&browser, &client, &config).await?;
    println!("passed: a login in the browser, agreed to");
    somebody_declines(&browser, &client).await?;
    println!("passed: a login in the browser, declined");
    somebody_pastes_the_code(&browser, &client, &config).await?;
    println!("passed: a code from the page, pasted");
    somebody_uses_a_portal(&browser, &portal)?;
    println!("passed: a web application, into and out of");
    Ok(())
}

/// Opens the address of a login, lets `visit` do with the page what a user does, and then waits for this text.
fn browser(
    browser: &Shared,
    visit: fn(&mut Chromium, &chromium::Tab) -> Anything<()>,
    ending: &'static str,
) -> (LocalServerLoginFlowManager, std::sync::mpsc::Receiver<Anything<()>>) {
    let browser = Arc::clone(browser);
    let (sender, ended) = std::sync::mpsc::channel();
    let open = move |url: &Url| {
        let mut browser = browser.lock().unwrap_or_else(PoisonError::into_inner);
        let mut visit = || {
            let tab = browser.open(url.as_str())?;
            browser.wait_for(&tab, "Allow access?")?;
            visit(&mut browser, &tab)?;
            browser.wait_for(&tab, ending)
        };
        let visited = visit();
        let failed = visited.as_ref().err().map(|error| io::Error::other(error.to_string()));
        // Who asked is gone when the login failed.
        let _ = sender.send(visited);
        failed.map_or(Ok(()), Err)
    };
    let manager = LocalServerLoginFlowManager::new()
        .timeout(Duration::from_secs(120))
        .browser(open)
        .notices(io::sink());
    (manager, ended)
}

fn request() -> globus::Result<LoginRequest> {
    LoginRequest::new(["openid", "profile", "email", scope::transfer::ALL])
}

/// As Bob, who is not the one that the page offers first.
async fn somebody_agrees(shared: &Shared, client: &AuthLoginClient, config: &Config) -> Anything<()> {
    let agree = |browser: &mut Chromium, tab: &chromium::Tab| {
        browser.click(tab, "label:nth-of-type(2) input[name=identity]")?;
        browser.click(tab, "button[value=allow]")
    };
    let (manager, ended) = browser(shared, agree, "Login successful");
    let tokens = manager.run_login_flow(client, &request()?).await?;
    ended.recv()??;
    expect(&who(&tokens, config).await?, "bob@uni.example.edu")?;

    let token = tokens.by_resource_server(scope::transfer::RESOURCE_SERVER).ok_or("no token for Transfer")?;
    let authorizer = AccessTokenAuthorizer::new(token.access_token.clone());
    let transfer = TransferClient::builder().config(config.clone()).authorizer(authorizer).build()?;
    transfer.task_list().send().await?;
    Ok(())
}

async fn somebody_declines(shared: &Shared, client: &AuthLoginClient) -> Anything<()> {
    let decline = |browser: &mut Chromium, tab: &chromium::Tab| browser.click(tab, "button[value=deny]");
    let (manager, ended) = browser(shared, decline, "Login failed");
    match manager.run_login_flow(client, &request()?).await {
        Ok(_) => return Err("a login that was declined gave tokens".into()),
        Err(error) => match LoginError::from_error(&error) {
            Some(LoginError::Denied { error, .. }) => expect(error, "access_denied")?,
            _ => return Err(error.into()),
        },
    }
    ended.recv()?
}

async fn somebody_pastes_the_code(
    shared: &Shared,
    client: &AuthLoginClient,
    config: &Config,
) -> Anything<()> {
    let (input, mut keyboard) = io::pipe()?;
    let (output, screen) = io::pipe()?;
    let terminal = CommandLineLoginFlowManager::with_io(BufReader::new(input), screen);
    let browser = Arc::clone(shared);
    let user = std::thread::spawn(move || -> Anything<()> {
        let mut lines = io::BufRead::lines(BufReader::new(output));
        let url = lines.find_map(|line| line.ok().filter(|line| line.starts_with("http")));
        let mut browser = browser.lock().unwrap_or_else(PoisonError::into_inner);
        let tab = browser.open(&url.ok_or("no address was shown")?)?;
        browser.wait_for(&tab, "Allow access?")?;
        browser.click(&tab, "button[value=allow]")?;
        browser.wait_for(&tab, "Copy this code")?;
        let code = browser.text(&tab, "#code")?;
        // What else is shown would fill the pipe, if nobody took it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(writeln!(keyboard, "{code}")?)
    });
    let tokens = terminal.run_login_flow(client, &request()?).await?;
    user.join().map_err(|_| "the user panicked")??;
    expect(&who(&tokens, config).await?, "ada@uni.example.edu")
}

/// Runs the example `web_login`: the browser keeps its cookie through redirects, and loses the session with a button.
fn somebody_uses_a_portal(shared: &Shared, portal: &Path) -> Anything<()> {
    let portal = Command::new(portal).arg("emulator").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut portal = Portal(portal);
    let said = portal.0.stdout.take().ok_or("the portal says nothing")?;
    let mut said = io::BufRead::lines(BufReader::new(said));
    let address = said.find_map(|line| line.ok()?.strip_prefix("open ").map(ToOwned::to_owned));
    let address = address.ok_or("the portal did not say where it is")?;

    let mut browser = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let tab = browser.open(&address)?;
    browser.wait_for(&tab, "Log in with Globus")?;
    browser.click(&tab, "a[href='/login']")?;
    browser.wait_for(&tab, "Allow access?")?;
    browser.click(&tab, "button[value=allow]")?;
    browser.wait_for(&tab, "You have 0 recent tasks")?;
    browser.click(&tab, "form[action='/logout'] button")?;
    browser.wait_for(&tab, "You are logged out")?;
    let tab = browser.open(&address)?;
    browser.wait_for(&tab, "Log in with Globus")
}

/// The program, which ends when this does.
struct Portal(Child);

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks Globus Auth whose tokens they are.
async fn who(tokens: &OAuthTokenResponse, config: &Config) -> Anything<String> {
    let token = tokens.by_resource_server(scope::auth::RESOURCE_SERVER).ok_or("no token for Auth")?;
    let authorizer = AccessTokenAuthorizer::new(token.access_token.clone());
    let auth = AuthClient::builder().config(config.clone()).authorizer(authorizer).build()?;
    Ok(auth.userinfo().send().await?.preferred_username.unwrap_or_default())
}

fn expect(found: &str, expected: &str) -> Anything<()> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} is not {expected:?}").into()) }
}
