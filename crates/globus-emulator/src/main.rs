//! The `globus-emulator` command: a local Globus until it is told to stop, or for as long as another command runs.

mod shell;

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use clap::Parser;
use globus_emulator::{Account, CollectionSetup, Emulator, EmulatorBuilder, GroupSetup};
use serde_json::{Map, Value, json};
use tokio::process::{Child, Command};

const SERVICES: [&str; 4] = ["auth", "transfer", "flows", "groups"];

/// Run a local Globus: Auth, Transfer, Flows and Groups over HTTP, with directories of this machine as collections.
///
/// With a COMMAND, runs it with an environment that points the Globus SDKs and the `globus` command at the emulator, and
/// ends with it. Without one, prints that environment as shell lines and runs until Ctrl-C or SIGTERM.
///
/// Collections are there by name: the id of `lab` is in `$GLOBUS_COLLECTION_LAB`.
#[derive(Parser)]
#[command(name = "globus-emulator", version)]
struct Options {
    /// Serve a directory as a collection (may be repeated)
    #[arg(long, value_name = "NAME=DIR")]
    collection: Vec<String>,

    /// Serve a directory as a mapped collection, whose files need a consent of their own (may be repeated)
    #[arg(long, value_name = "NAME=DIR")]
    mapped_collection: Vec<String>,

    /// Have a stream access point for tunnels (may be repeated)
    #[arg(long, value_name = "NAME")]
    stream_access_point: Vec<String>,

    /// Listen on this address; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,

    /// Register a confidential client (may be repeated); without it one is generated
    #[arg(long, value_name = "ID:SECRET")]
    client: Vec<String>,

    /// Register a redirect URI for the confidential clients (may be repeated)
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,

    /// Add somebody who may log in, such as ada@example.org; more usernames are linked identities (may be repeated)
    #[arg(long, value_name = "USERNAME[,USERNAME]...")]
    user: Vec<String>,

    /// Have a group with these members, which permissions and roles may name (may be repeated)
    #[arg(long, value_name = "NAME=USERNAME[,USERNAME]...")]
    group: Vec<String>,

    /// Add the accounts, clients, groups, projects, policies and collections of this file, in JSON
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,

    /// Approve every login at once instead of showing a page
    #[arg(long)]
    approve_logins: bool,

    /// Let access tokens live this long; default: 172800, 48 hours
    #[arg(long, value_name = "SECONDS")]
    token_lifetime: Option<String>,

    /// Give a new refresh token at every refresh, and invalidate the old one
    #[arg(long)]
    rotate_refresh_tokens: bool,

    /// When ready, write addresses, client and collections to this file, as JSON
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,

    /// Allow --listen to name an address that other machines can reach
    #[arg(long)]
    allow_non_loopback: bool,

    /// Log every request to stderr
    #[arg(long, short)]
    verbose: bool,

    /// Run this for as long as it takes, with the environment that points at the emulator; `bash`, say
    #[arg(last = true)]
    command: Vec<OsString>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.verbose {
        tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).init();
    }
    match run(options) {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(io::stderr(), "globus-emulator: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> Result<ExitCode, String> {
    let (ready_file, command) = (options.ready_file.clone(), options.command.clone());
    let builder = builder(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        // A file of an earlier run must not look like this one.
        if let Some(file) = &ready_file {
            remove(file)?;
        }
        let mut signals = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let emulator = builder.start().await.map_err(|error| error.to_string())?;
        let variables = emulator.variables();
        if command.is_empty() {
            // Whoever started the program may have closed its output: it serves all the same.
            let mut stdout = io::stdout().lock();
            let _ = stdout.write_all(shell::exports(&variables).as_bytes()).and_then(|()| stdout.flush());
        }
        if let Some(file) = &ready_file {
            write_ready_file(file, &emulator)
                .map_err(|error| format!("cannot write ready file {}: {error}", file.display()))?;
        }
        let code = if let Some((program, arguments)) = command.split_first() {
            let mut command = Command::new(program);
            run_command(command.args(arguments).envs(variables), &mut signals)
                .await
                .map_err(|error| format!("cannot run {}: {error}", program.display()))
        } else {
            signals.stop().await;
            Ok(ExitCode::SUCCESS)
        };
        emulator.stop().await;
        ready_file.as_deref().map_or(Ok(()), remove)?;
        code
    })
}

/// Runs a command to its end, and passes on how it ended. It ends when it wants to: Ctrl-C reaches it from the terminal,
/// and may mean little to it; SIGTERM is passed on.
async fn run_command(command: &mut Command, signals: &mut Signals) -> io::Result<ExitCode> {
    let mut child = command.kill_on_drop(true).spawn()?;
    loop {
        tokio::select! {
            status = child.wait() => return status.map(code_of),
            () = signals.terminate() => terminate(&child),
        }
    }
}

#[cfg(unix)]
fn terminate(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
        // It may have ended just now.
        let _ = kill(nix::unistd::Pid::from_raw(id), Signal::SIGTERM);
    }
}

#[cfg(not(unix))]
fn terminate(_: &Child) {}

/// The exit code of a command, as shells tell it: 128 and the signal, if one has ended it.
fn code_of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or_else(|| signal.map(|signal: i32| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

fn builder(options: Options) -> Result<EmulatorBuilder, String> {
    let listen: SocketAddr = options.listen.parse().map_err(|_| {
        format!("--listen {:?}: write an IP address and a port, such as 127.0.0.1:8080", options.listen)
    })?;
    let mut builder = Emulator::builder()
        .listen(listen)
        .allow_non_loopback(options.allow_non_loopback)
        .approve_logins(options.approve_logins)
        .rotate_refresh_tokens(options.rotate_refresh_tokens);
    for text in &options.collection {
        let (name, directory) = named_directory("--collection", text)?;
        builder = builder.collection(name, directory);
    }
    for text in &options.mapped_collection {
        let (name, directory) = named_directory("--mapped-collection", text)?;
        builder = builder.collection_with(CollectionSetup::mapped(name, directory));
    }
    for name in options.stream_access_point {
        builder = builder.stream_access_point(name);
    }
    for text in &options.client {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => {
                builder = builder.client(id, secret);
            }
            // What stands after the colon is not repeated: it may be a secret.
            _ => return Err("--client: write ID:SECRET, both halves are needed".to_owned()),
        }
    }
    for uri in options.redirect_uri {
        builder = builder.redirect_uri(uri);
    }
    for usernames in options.user {
        let mut usernames = usernames.split(',');
        let account = Account::new(usernames.next().unwrap_or_default());
        builder = builder.account(usernames.fold(account, Account::linked));
    }
    for text in &options.group {
        let (name, usernames) = text
            .split_once('=')
            .filter(|(name, usernames)| !name.is_empty() && !usernames.is_empty())
            .ok_or_else(|| format!("--group {text:?}: write NAME=USERNAME, such as lab=ada@example.org"))?;
        builder = builder.group(usernames.split(',').fold(GroupSetup::new(name), GroupSetup::member));
    }
    if let Some(file) = &options.seed {
        builder = builder.seed(read_seed(file)?);
    }
    if let Some(text) = options.token_lifetime {
        let seconds = text
            .parse()
            .map_err(|_| format!("--token-lifetime {text:?}: write a whole number of seconds"))?;
        builder = builder.token_lifetime(Duration::from_secs(seconds));
    }
    Ok(builder)
}

fn named_directory<'a>(option: &str, text: &'a str) -> Result<(&'a str, &'a str), String> {
    text.split_once('=')
        .filter(|(name, directory)| !name.is_empty() && !directory.is_empty())
        .ok_or_else(|| format!("{option} {text:?}: write NAME=DIR, such as lab=/data/lab"))
}

fn read_seed(file: &Path) -> Result<Value, String> {
    let bytes = fs::read(file).map_err(|error| format!("cannot read --seed {}: {error}", file.display()))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("--seed {}: {error}", file.display()))
}

/// Ctrl-C and SIGTERM, which do not end the program by themselves any more.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for SIGTERM.
    async fn terminate(&mut self) {
        self.terminate.recv().await;
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn stop(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }

    /// There is no such signal.
    async fn terminate(&mut self) {
        // Listening keeps Ctrl-C from ending the program before the command.
        loop {
            self.stop().await;
        }
    }
}

/// Writes the file in one step: whoever sees it sees all of it. Only its owner may read it, because of the secret.
fn write_ready_file(file: &Path, emulator: &Emulator) -> io::Result<()> {
    let services: Map<String, Value> =
        SERVICES.iter().map(|name| ((*name).to_owned(), emulator.service_url(name).into())).collect();
    let collections: Map<String, Value> = emulator
        .collections()
        .iter()
        .map(|collection| (collection.name.clone(), json!({"id": collection.id, "path": collection.root})))
        .collect();
    let points: Map<String, Value> =
        emulator.stream_access_points().into_iter().map(|(name, id)| (name, json!(id))).collect();
    let document = json!({
        "services": services,
        "client_id": emulator.client_id(),
        "client_secret": emulator.client_secret(),
        "collections": collections,
        "stream_access_points": points,
    });
    let mut name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = file.with_file_name(name);
    remove(&temporary).map_err(io::Error::other)?;
    let written = write_private(&temporary, format!("{document:#}\n").as_bytes())
        .and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_private(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    opened.write_all(content)?;
    opened.sync_all()
}

fn remove(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", file.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Options::command().debug_assert();
    }
}
