//! `ci`: every check, in order, in one target directory. The hosted workflow and `.ci/run` call this.

mod examples;
mod files;
mod packaging;
mod readme;
mod shape;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{layers, licences, msrv};

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// Cheap checks first; then the builds, ordered so that each finds the most of the one before.
const STEPS: [Step; 11] = [
    Step {
        name: "fmt",
        about: "the code is formatted",
        run: fmt,
    },
    Step {
        name: "layers",
        about: "crates depend only on what their layer allows",
        run: layers::run,
    },
    Step {
        name: "licences",
        about: "licences, bans, sources and the crate budget hold",
        run: licences::run,
    },
    Step {
        name: "msrv",
        about: "nothing asks for a newer Rust",
        run: msrv::run,
    },
    Step {
        name: "files",
        about: "files are short, and nothing is left undone in them",
        run: files::run,
    },
    Step {
        name: "shape",
        about: "every operation has a row in a request-shape test",
        run: shape::run,
    },
    Step {
        name: "clippy",
        about: "no warning with any set of features",
        run: clippy,
    },
    Step {
        name: "test",
        about: "the command of the README passes",
        run: test,
    },
    Step {
        name: "doc",
        about: "the documentation builds without a warning",
        run: doc,
    },
    Step {
        name: "examples",
        about: "examples that need no arguments run",
        run: examples::run,
    },
    Step {
        name: "packaging",
        about: "every crate packs",
        run: packaging::run,
    },
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
    if let Some(unknown) = only
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        bail!("no step `{unknown}`: `cargo xtask ci --list` names them");
    }
    Ok(STEPS
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
        .collect())
}

fn run_steps(workspace: &Workspace, steps: &[&Step]) -> Result<()> {
    let mut times = Vec::new();
    for step in steps {
        println!("== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)(workspace);
        let time = seconds(start.elapsed());
        outcome.with_context(|| format!("ci stopped at `{}` after {time}", step.name))?;
        println!("== {}: passed in {time}\n", step.name);
        times.push(format!("{} {time}", step.name));
    }
    println!("ci passed: {}", times.join(", "));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn fmt(workspace: &Workspace) -> Result<()> {
    workspace.cargo().args(["fmt", "--all", "--check"]).run()
}

/// The features together, by default and without; then the SDK crates as a user would take them alone.
fn clippy(workspace: &Workspace) -> Result<()> {
    let clippy = |args: &[&str]| {
        let all = ["clippy"]
            .into_iter()
            .chain(args.iter().copied())
            .chain(["--", "-D", "warnings"]);
        workspace.cargo().args(all).run()
    };
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--workspace", "--all-targets", "--no-default-features"])?;
    let metadata = workspace.members()?;
    for package in metadata.publish_order()? {
        clippy(&["--package", &package.name, "--no-default-features"])?;
    }
    clippy(&[
        "--package",
        "globus-core",
        "--no-default-features",
        "--features",
        "native-tls",
    ])
}

fn test(workspace: &Workspace) -> Result<()> {
    let command = readme::test_command(&workspace.read("README.md")?)?;
    workspace.cargo().args(command.iter().map(String::as_str)).run()
}

/// Builds the documentation; any warning is an error.
pub(crate) fn doc(workspace: &Workspace) -> Result<()> {
    workspace
        .cargo()
        .args(["doc", "--workspace", "--no-deps", "--all-features"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
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
        let fine = Step {
            name: "fine",
            about: "",
            run: |_| Ok(()),
        };
        let broken = Step {
            name: "broken",
            about: "",
            run: |_| bail!("it broke"),
        };
        let never = Step {
            name: "never",
            about: "",
            run: |_| panic!("ran after a failure"),
        };
        let error = run_steps(&Workspace::at("."), &[&fine, &broken, &never]).unwrap_err();
        let line = format!("{error:#}");
        assert!(
            line.starts_with("ci stopped at `broken` after 0.0 s") && line.ends_with(": it broke"),
            "{line}"
        );
    }
}
