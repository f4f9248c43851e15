//! `conformance`: the official clients against the emulator, our requests beside theirs, their samples with our types.
//!
//! Needs PyPI, so it is no part of `ci`. Nothing of it can reach the real service: the official clients run in an
//! environment of their own, in which the services that the emulator does not have lead nowhere.

mod coverage;
mod emulator;
mod programs;
mod python;
mod report;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use emulator::Emulator;
use programs::Programs;
use python::Python;
use report::Report;

/// Runs every check, and says how many passed.
///
/// With `if_available`, a machine that cannot reach PyPI is no failure.
pub(crate) fn run(workspace: &Workspace, python: Option<PathBuf>, if_available: bool) -> Result<()> {
    let room = workspace.path("target/conformance");
    std::fs::create_dir_all(&room).with_context(|| format!("cannot make {}", room.display()))?;
    let python = match python {
        Some(path) => Python::at(path)?,
        None => match Python::install(&room.join("venv")) {
            Err(error) if if_available && python::is_unreachable(&error) => {
                println!("conformance skipped: PyPI cannot be reached: {error:#}");
                return Ok(());
            }
            installed => installed?,
        },
    };
    println!("{}", python.versions()?);
    let programs = Programs::build(workspace)?;
    let script = |name: &str| workspace.path("tests/conformance").join(name);

    // Which methods of the official clients succeed, written down by the scripts.
    let driven = room.join("driven.txt");
    std::fs::write(&driven, "").with_context(|| format!("cannot write {}", driven.display()))?;
    let driven = ("CONFORMANCE_DRIVEN".to_owned(), driven.display().to_string());

    let mut report = Report::default();
    let areas = [
        ("auth", "sdk_auth.py"),
        ("sdk", "sdk.py"),
        ("transfer", "sdk_transfer.py"),
        ("sharing", "sdk_collections.py"),
        ("v2", "sdk_v2.py"),
        ("flows", "sdk_flows.py"),
        ("login", "cli_login.py"),
        ("cli", "cli.py"),
        ("cli-sharing", "cli_collections.py"),
        ("cli-flows", "cli_flows.py"),
    ];
    for (area, name) in areas {
        let emulator = Emulator::start(&programs.emulator, &room.join(area))?;
        let variables: Vec<_> = emulator.variables().into_iter().chain([driven.clone()]).collect();
        report.take(area, &mut python.script(&script(name), emulator.home(), &variables))?;
    }
    for (area, name) in [("requests", "compare.py"), ("samples", "samples.py"), ("coverage", "coverage.py")] {
        let home = room.join(area);
        emulator::empty(&home)?;
        let variables = [driven.clone()];
        report.take(area, python.script(&script(name), &home, &variables).arg(&programs.ours))?;
    }
    share_logins(workspace, &python, &mut report)?;
    coverage::check(workspace, &programs, &python, &mut report)?;

    println!("{} passed, {} failed", report.passed(), report.failed());
    if report.failed() > 0 {
        bail!("the official clients and this SDK differ");
    }
    Ok(())
}

/// Token files and logins are used by both SDKs, in both directions.
fn share_logins(workspace: &Workspace, python: &Python, report: &mut Report) -> Result<()> {
    let python = python.path().to_str().context("the path of the python is not UTF-8")?;
    let tests = ["test", "--quiet", "--package", "globus-auth", "--all-features", "--test", "storage"];
    let tests = workspace.cargo().args(tests).args(["--", "--ignored", "python"]);
    match tests.env("GLOBUS_PYTHON", python).run() {
        Ok(()) => report.pass("storage", "both SDKs use the same files and logins"),
        Err(error) => report.fail("storage", "both SDKs use the same files and logins", &error.to_string()),
    }
    Ok(())
}
