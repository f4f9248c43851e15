//! `fuzz`: feeds the parsers with whatever libFuzzer makes up, on the stable compiler.
//!
//! The targets are the programs of `fuzz/`, which is no member of the workspace. The flags below are what cargo-fuzz would
//! set; only the address sanitizer is missing, which needs a nightly compiler and finds what `unsafe` code does wrong.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

const MANIFEST: &str = "fuzz/Cargo.toml";

/// Tells libFuzzer which branches an input takes, and what is compared with what.
const INSTRUMENTATION: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Runs each target, or the one that is named, for so many seconds.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>, seconds: u32) -> Result<()> {
    let targets = targets(workspace)?;
    let chosen: Vec<&String> =
        targets.iter().filter(|target| only.is_none_or(|only| only == *target)).collect();
    if chosen.is_empty() {
        bail!("no target `{}`: there are {}", only.unwrap_or_default(), targets.join(", "));
    }
    let host = host(workspace)?;
    for target in &chosen {
        let corpus = workspace.path(format!("fuzz/corpus/{target}"));
        let artifacts = workspace.path(format!("fuzz/artifacts/{target}"));
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        // With a target named, the flags are not for build scripts.
        let build =
            ["run", "--quiet", "--locked", "--manifest-path", MANIFEST, "--target-dir", "target/fuzz"];
        let limits = [format!("-max_total_time={seconds}"), "-timeout=20".to_owned()];
        let places = [format!("-artifact_prefix={}/", artifacts.display()), corpus.display().to_string()];
        workspace
            .cargo()
            .args(build)
            .args(["--target", &host, "--bin", target, "--"])
            .args(limits.iter().chain(&places).map(String::as_str))
            .env("RUSTFLAGS", INSTRUMENTATION)
            .run()
            .with_context(|| {
                format!("`{target}` found something; the input is in {}", artifacts.display())
            })?;
    }
    println!("{} targets ran for {seconds} s each and found nothing", chosen.len());
    Ok(())
}

/// Checks that all targets compile.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    workspace
        .cargo()
        .args(["check", "--locked", "--manifest-path", MANIFEST, "--target-dir", "target"])
        .run()?;
    Ok(format!("{} targets compile", targets(workspace)?.len()))
}

/// Names the programs of `fuzz/`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let files = workspace.files()?;
    let named = |file: &String| Some(file.strip_prefix("fuzz/src/bin/")?.strip_suffix(".rs")?.to_owned());
    let targets: Vec<String> = files.iter().filter_map(named).collect();
    if targets.is_empty() {
        bail!("there is no target in fuzz/src/bin");
    }
    Ok(targets)
}

/// The platform that this machine compiles for by itself.
fn host(workspace: &Workspace) -> Result<String> {
    let told = workspace.program("rustc").args(["-vV"]).output()?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what its host is")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_not_there_is_told() {
        let workspace = Workspace::find().unwrap();
        assert!(targets(&workspace).unwrap().contains(&"scope".to_owned()));
        let error = run(&workspace, Some("nothing"), 1).unwrap_err().to_string();
        assert!(error.starts_with("no target `nothing`: there are "), "{error}");
    }
}
