//! `ci`: every check, in order, in one target directory. The hosted workflow and `.ci/run` call this.

mod count;
mod examples;
mod files;
mod links;
mod operations;
mod packaging;
mod readme;
pub(crate) mod shape;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{fuzz, layers, licences, msrv};

/// A check; what it returns is one line of what it found.
type Check = fn(&Workspace) -> Result<String>;

struct Step {
    name: &'static str,
    about: &'static str,
    run: Check,
}

const fn step(name: &'static str, about: &'static str, run: Check) -> Step {
    Step { name, about, run }
}

/// Cheap checks first; then the builds, each of which finds much of the one before in the target directory.
const STEPS: [Step; 14] = [
    step("fmt", "the code is formatted", fmt),
    step("layers", "crates depend only on what their layer allows", layers::run),
    step("licences", "licences, bans, sources and the crate budget hold", licences::run),
    step("msrv", "nothing asks for a newer Rust", msrv::run),
    step("files", "files are short, and nothing is left undone in them", files::run),
    step("links", "links between the documents lead somewhere", links::run),
    step("clippy", "no warning with any set of features", clippy),
    step("test", "the command of the README passes", test),
    step("doc", "the documentation builds without a warning", doc),
    step("shape", "every operation has a row in a request-shape test, and meets the emulator", shape::run),
    step("operations", "every operation is documented whole", operations::run),
    step("fuzz", "the fuzz targets compile", fuzz::check),
    step("examples", "examples that need no arguments run", examples::run),
    step("packaging", "every crate packs", packaging::run),
];

/// Prints the names of the steps.
pub(crate) fn list() {
    for step in &STEPS {
        println!("{:<10} {}", step.name, step.about);
    }
}

/// Runs the steps named in `only`, or all when it is empty, and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    run_steps(workspace, &chosen(only)?)
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        bail!("no step `{unknown}`: `cargo xtask ci --list` names them");
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

fn run_steps(workspace: &Workspace, steps: &[&Step]) -> Result<()> {
    let mut passed = Vec::new();
    for step in steps {
        println!("== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)(workspace);
        let time = seconds(start.elapsed());
        let found = outcome.with_context(|| format!("ci stopped at `{}` after {time}", step.name))?;
        println!("== {}: passed in {time}: {found}\n", step.name);
        passed.push(format!("{:<10} {time:>8}  {found}", step.name));
    }
    println!("ci passed:\n  {}", passed.join("\n  "));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn fmt(workspace: &Workspace) -> Result<String> {
    workspace.cargo().args(["fmt", "--all", "--check"]).run()?;
    Ok("no difference".to_owned())
}

/// The features together, by default and without; then the SDK crates as a user would take them alone.
fn clippy(workspace: &Workspace) -> Result<String> {
    let mut runs = 0;
    let mut clippy = |args: &[&str]| {
        runs += 1;
        let all = ["clippy"].into_iter().chain(args.iter().copied()).chain(["--", "-D", "warnings"]);
        workspace.cargo().args(all).run()
    };
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--workspace", "--all-targets", "--no-default-features"])?;
    for package in workspace.members()?.publish_order()? {
        clippy(&["--package", &package.name, "--no-default-features"])?;
    }
    clippy(&["--package", "globus-core", "--no-default-features", "--features", "native-tls"])?;
    Ok(format!("{runs} sets of features without a warning"))
}

fn test(workspace: &Workspace) -> Result<String> {
    let command = readme::test_command(&workspace.read("README.md")?)?;
    let mut count = count::Count::default();
    workspace.cargo().args(command.iter().map(String::as_str)).run_with(|line| count.add(line))?;
    count.finding()
}

/// Builds the documentation; any warning is an error.
pub(crate) fn doc(workspace: &Workspace) -> Result<String> {
    workspace
        .cargo()
        .args(["doc", "--workspace", "--no-deps", "--all-features"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok("no warning".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        chosen(&only).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn steps_keep_their_order() {
        assert_eq!(names(&[]).len(), STEPS.len());
        assert_eq!(names(&["doc", "fmt"]), ["fmt", "doc"]);
        let error = chosen(&["shiny".to_owned()]).err().unwrap();
        assert!(error.to_string().contains("no step `shiny`"));
    }

    #[test]
    fn the_first_failure_stops_the_rest() {
        let fine = step("fine", "", |_| Ok(String::new()));
        let broken = step("broken", "", |_| bail!("it broke"));
        let never = step("never", "", |_| panic!("ran after a failure"));
        let error = run_steps(&Workspace::at("."), &[&fine, &broken, &never]).unwrap_err();
        let line = format!("{error:#}");
        assert!(
            line.starts_with("ci stopped at `broken` after 0.0 s") && line.ends_with(": it broke"),
            "{line}"
        );
    }
}
