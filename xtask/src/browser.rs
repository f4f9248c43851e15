//! `e2e-browser`: Chromium logs in at the emulator's pages, with real clicks.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::artifacts;
use crate::workspace::Workspace;

/// What the program is called on the systems that have it.
const NAMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

const HOW: &str = "no Chromium on the PATH: install it (on Debian `apt-get install chromium`; root needs no more than \
                   to run this again), or give it with --chromium PATH";

/// Runs it with the browser at `given`, or one from the PATH, or one that is installed for it.
///
/// With `if_available`, a machine that has no browser and can have none is no failure.
pub(crate) fn run(workspace: &Workspace, given: Option<PathBuf>, if_available: bool) -> Result<()> {
    let found = match given {
        Some(path) if works(&path) => Some(path),
        Some(path) => bail!("{} is no browser that starts", path.display()),
        None => find().or_else(install),
    };
    let Some(browser) = found else {
        if if_available {
            println!("e2e-browser skipped: {HOW}");
            return Ok(());
        }
        bail!(HOW);
    };
    let program = artifacts::build(workspace, "globus-e2e", "--example", "browser")?;
    let portal = artifacts::build(workspace, "globus", "--example", "web_login")?;
    let room = workspace.path("target/e2e-browser");
    std::fs::create_dir_all(&room).with_context(|| format!("cannot make {}", room.display()))?;
    let status = Command::new(&program)
        .args([browser, room, portal])
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !status.success() {
        bail!("the login in the browser failed ({status})");
    }
    Ok(())
}

fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    candidates(&path).find(|candidate| candidate.is_file() && works(candidate))
}

fn candidates(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    let directories: Vec<PathBuf> = env::split_paths(path).collect();
    NAMES.into_iter().flat_map(move |name| {
        directories.iter().map(move |directory| directory.join(name)).collect::<Vec<_>>()
    })
}

/// Some systems have a script of that name which only says how to get the browser.
fn works(program: &Path) -> bool {
    let version = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    version.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

/// Debian's package, where this may install one.
fn install() -> Option<PathBuf> {
    let user = Command::new("id").arg("-u").output().ok()?;
    if user.stdout.trim_ascii() != b"0" {
        return None;
    }
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends", "chromium"]] {
        println!("$ apt-get {}", words.join(" "));
        let apt = Command::new("apt-get")
            .args(words)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        if !apt.ok()?.success() {
            return None;
        }
    }
    find()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_looked_for_in_every_directory() {
        let path = env::join_paths(["/a", "/b"]).unwrap();
        let all: Vec<PathBuf> = candidates(&path).collect();
        assert_eq!(all.len(), 8);
        assert_eq!(all[..3], ["/a/chromium", "/b/chromium", "/a/google-chrome"].map(PathBuf::from));
    }

    #[test]
    fn a_program_that_says_no_version_is_no_browser() {
        assert!(!works(Path::new("/no/such/program")));
        assert!(!works(Path::new("false")));
        let workspace = Workspace::at(".");
        let error = run(&workspace, Some("/no/such/program".into()), true).unwrap_err().to_string();
        assert_eq!(error, "/no/such/program is no browser that starts");
    }
}
