//! Runs the examples of the umbrella that need nothing but the machine they run on.

use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::artifacts;
use crate::workspace::{Workspace, refuse_any};

/// Examples that run here.
const RUN: [&str; 7] = [
    "client_credentials",
    "flow",
    "native_login",
    "quickstart",
    "refresh_tokens",
    "resource_server",
    "web_login",
];

/// Examples that a person runs, with arguments or with an account. They are still compiled by `test` and `clippy`.
const BY_HAND: [&str; 0] = [];

const DIRECTORY: &str = "crates/globus/examples";

/// The longest that one example may take, once built.
const TIME: Duration = Duration::from_secs(60);

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    refuse_any(
        "the tables in xtask/src/ci/examples.rs are not true",
        &unsorted(&present(workspace)?, &RUN, &BY_HAND),
    )?;
    let built = workspace
        .cargo()
        // The same selection as the test command, so that nothing is built twice.
        .args(["build", "--workspace", "--examples", "--message-format", "json-render-diagnostics"])
        .output()?;
    for name in RUN {
        let path = artifacts::executable(&built, "example", name)
            .with_context(|| format!("cargo built no example `{name}`"))?;
        println!("$ {}", path.display());
        let child = Command::new(&path)
            .current_dir(workspace.path("."))
            // Some talk with whoever sits at a terminal. Nobody does here.
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start example `{name}`"))?;
        let status = wait(child, TIME).with_context(|| format!("example `{name}`"))?;
        if !status.success() {
            bail!("example `{name}` failed ({status})");
        }
    }
    Ok(format!("{} examples ran", RUN.len()))
}

/// The names of the examples that are there.
fn present(workspace: &Workspace) -> Result<Vec<String>> {
    let directory = workspace.path(DIRECTORY);
    let entries = fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_example =
            path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file();
        if let Some(stem) = path.file_stem().filter(|_| is_example) {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Examples in no table, and words in a table that are no example.
fn unsorted(present: &[String], run: &[&str], by_hand: &[&str]) -> Vec<String> {
    let listed = || run.iter().chain(by_hand);
    let missing = listed().filter(|name| !present.iter().any(|there| there == *name));
    let new = present.iter().filter(|there| !listed().any(|name| there == name));
    missing
        .map(|name| format!("there is no example `{name}` in {DIRECTORY}"))
        .chain(new.map(|name| format!("{DIRECTORY}/{name} is new: does it run here or by hand?")))
        .collect()
}

/// Waits for the program, and stops it when it takes longer than `limit`.
fn wait(mut child: Child, limit: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("took longer than {} s and was stopped", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_in_a_table() {
        let present = ["quickstart".to_owned(), "sync".to_owned()];
        assert_eq!(unsorted(&present, &["quickstart"], &["sync"]), Vec::<String>::new());
        assert!(unsorted(&present, &["quickstart"], &[])[0].contains("sync is new"));
        assert!(unsorted(&present[..1], &["quickstart", "gone"], &[])[0].contains("no example `gone`"));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_stopped() {
        let child = Command::new("sleep").arg("30").spawn().unwrap();
        let start = Instant::now();
        assert!(wait(child, Duration::from_millis(50)).unwrap_err().to_string().contains("was stopped"));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
