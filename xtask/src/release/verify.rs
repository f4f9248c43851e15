//! `release verify`: what the registry would get is built as a user would build it.

use anyhow::{Result, bail};
use semver::{Version, VersionReq};
use toml_edit::DocumentMut;

use crate::changelog::{self, CHANGELOG};
use crate::manifest::Manifest;
use crate::workspace::{Workspace, has_extension, refuse_any};
use crate::{ci, layers, licences, msrv};

pub(crate) fn run(workspace: &Workspace, allow_dirty: bool) -> Result<()> {
    let version = Manifest::read(workspace)?.version()?;
    refuse_any(&format!("{version} is not ready"), &unready(workspace, &version)?)?;
    for check in [layers::run, licences::run, msrv::run, ci::doc] {
        println!("{}", check(workspace)?);
    }
    let mut package = workspace.cargo().args(["package", "--workspace"]);
    for member in private_members(workspace)? {
        package = package.args(["--exclude", &member]);
    }
    if allow_dirty {
        package = package.args(["--allow-dirty"]);
    }
    package.run()?;
    println!("{version} is ready: `cargo xtask release publish` says what it would do");
    Ok(())
}

/// What `prepare` has left to do, in one line each.
pub(super) fn unready(workspace: &Workspace, version: &Version) -> Result<Vec<String>> {
    let metadata = workspace.members()?;
    let members: Vec<&str> = metadata.members().into_keys().collect();
    let mut problems = Vec::new();
    for written in changelog::fragments(workspace, &members)? {
        problems.push(format!("{} waits for `cargo xtask release prepare`", written.file));
    }
    if changelog::section(&workspace.read(CHANGELOG)?, version).is_none() {
        problems.push(format!("{CHANGELOG} has no section {version}"));
    }
    for file in workspace.files()?.iter().filter(|file| has_extension(file, "md") && *file != CHANGELOG) {
        problems.extend(stale_lines(file, &workspace.read(file)?, &members, version));
    }
    Ok(problems)
}

/// Lines such as `globus = "0.1"` in a document that a user would copy, and that `version` does not match.
fn stale_lines(file: &str, text: &str, members: &[&str], version: &Version) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Ok(line) = line.trim().parse::<DocumentMut>() else {
            continue;
        };
        for (name, item) in line.iter().filter(|(name, _)| members.contains(name)) {
            let asked = item.as_str().or_else(|| item.get("version").and_then(|version| version.as_str()));
            let Some(asked) = asked else { continue };
            if !VersionReq::parse(asked).is_ok_and(|asked| asked.matches(version)) {
                problems.push(format!("{file}:{}: {name} \"{asked}\" does not take {version}", number + 1));
            }
        }
    }
    problems
}

/// The members that never go to the registry.
pub(crate) fn private_members(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = workspace.members()?;
    let members = metadata.members();
    let private: Vec<String> = members
        .values()
        .filter(|package| !package.is_published())
        .map(|package| package.name.clone())
        .collect();
    if private.len() == members.len() {
        bail!("no member is to be published");
    }
    Ok(private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_to_copy_must_take_the_version() {
        let text = "# Use\n\n```toml\nglobus = \"0.1\"\nglobus-core = { version = \"0.2\", features = [] }\n\
                    globus = { path = \"x\" }\nserde = \"9\"\n```\nglobus = is prose\n";
        let stale = stale_lines("README.md", text, &["globus", "globus-core"], &Version::new(0, 2, 3));
        assert_eq!(stale, ["README.md:4: globus \"0.1\" does not take 0.2.3"]);
    }
}
