//! `release prepare`: fragments become a changelog section, and the version moves.

use std::fs;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use jiff::civil::Date;
use semver::Version;

use crate::changelog::{self, CHANGELOG, Weight, Written};
use crate::manifest::{self, Manifest};
use crate::workspace::Workspace;

/// The version asked for: in full, or as a step from the last release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Exactly(Version),
    Step(Step),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Patch,
    Minor,
    Major,
}

impl FromStr for Request {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "patch" => Self::Step(Step::Patch),
            "minor" => Self::Step(Step::Minor),
            "major" => Self::Step(Step::Major),
            _ => Self::Exactly(
                Version::parse(word)
                    .with_context(|| format!("`{word}` is neither a version nor patch, minor or major"))?,
            ),
        })
    }
}

pub(crate) fn run(workspace: &Workspace, request: &Request, date: Option<Date>) -> Result<()> {
    let last = last_release(workspace)?;
    prepare(workspace, request, last.as_ref(), date.unwrap_or_else(today))
}

/// Does the work in an order in which every prefix of it can be repeated: changelog, manifest, lock
/// file, and the fragments last, because until then they are what is to be done.
fn prepare(workspace: &Workspace, request: &Request, last: Option<&Version>, date: Date) -> Result<()> {
    let mut manifest = Manifest::read(workspace)?;
    let current = manifest.version()?;
    let target = target(request, last, &current)?;
    let metadata = workspace.members()?;
    let members: Vec<&str> = metadata.members().into_keys().collect();
    let fragments = changelog::fragments(workspace, &members)?;
    let text = workspace.read(CHANGELOG)?;
    let section = changelog::section(&text, &target);
    if fragments.is_empty() && section.is_none() {
        bail!("nothing to release: .changelog has no fragment and {CHANGELOG} no section {target}");
    }
    if let Some(last) = last {
        let written = section.and_then(|section| section.weight());
        check_step(
            last,
            &target,
            fragments.iter().map(|written| written.fragment.weight()).chain(written).max(),
        )?;
    }

    write_if_changed(workspace, CHANGELOG, &text, &changelog::add(&text, &target, date, &fragments))?;
    let old = manifest.text();
    manifest.set_version(&target)?;
    write_if_changed(workspace, manifest::FILE, &old, &manifest.text())?;
    workspace.cargo().args(["update", "--workspace", "--offline", "--quiet"]).output()?;
    delete(workspace, &fragments)?;
    println!("prepared {target}: look through {CHANGELOG}, commit, then `cargo xtask release verify`");
    Ok(())
}

/// The version that the request means.
fn target(request: &Request, last: Option<&Version>, current: &Version) -> Result<Version> {
    let target = match (request, last) {
        (Request::Exactly(version), _) => version.clone(),
        // Counted from the last release and not from Cargo.toml, so that the second call of an
        // interrupted `prepare minor` means the same version as the first.
        (Request::Step(step), Some(last)) => match step {
            Step::Patch => Version::new(last.major, last.minor, last.patch + 1),
            Step::Minor => Version::new(last.major, last.minor + 1, 0),
            Step::Major => Version::new(last.major + 1, 0, 0),
        },
        (Request::Step(_), None) => {
            bail!("no tag names a last release to count from: give the version in full")
        }
    };
    if let Some(last) = last.filter(|last| target <= **last) {
        bail!("{target} is not after the last release, {last}");
    }
    if target < *current {
        bail!("{target} is before {current}, the version in Cargo.toml");
    }
    Ok(target)
}

/// Refuses a step that promises more compatibility than the changes keep.
fn check_step(last: &Version, target: &Version, weight: Option<Weight>) -> Result<()> {
    let step = if target.major != last.major {
        Step::Major
    } else if target.minor != last.minor {
        Step::Minor
    } else {
        Step::Patch
    };
    let unstable = last.major == 0;
    let needed = match weight {
        Some(Weight::Breaking) if unstable => Step::Minor,
        Some(Weight::Breaking) => Step::Major,
        Some(Weight::Feature) if !unstable => Step::Minor,
        _ => Step::Patch,
    };
    if step < needed {
        bail!(
            "from {last} to {target} is too small a step: the changes need {}",
            match needed {
                Step::Patch => "a patch",
                Step::Minor => "a new minor version",
                Step::Major => "a new major version",
            }
        );
    }
    Ok(())
}

fn write_if_changed(workspace: &Workspace, file: &str, old: &str, new: &str) -> Result<()> {
    if old == new { Ok(()) } else { workspace.write(file, new) }
}

fn delete(workspace: &Workspace, fragments: &[Written]) -> Result<()> {
    for written in fragments {
        fs::remove_file(workspace.path(&written.file))
            .with_context(|| format!("cannot delete {}", written.file))?;
    }
    Ok(())
}

/// The highest version that a tag names.
fn last_release(workspace: &Workspace) -> Result<Option<Version>> {
    let tags = workspace.program("git").args(["tag", "--list", "v*"]).output()?;
    Ok(tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix('v')?).ok()).max())
}

#[expect(clippy::disallowed_methods, reason = "the one clock of xtask: the date of a release")]
fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"[workspace]
resolver = "3"
members = ["crates/*"]

[workspace.package]
version = "0.1.0" # shared
edition = "2024"

[workspace.dependencies]
# Members.
one = { path = "crates/one", version = "=0.1.0", default-features = false }
other = { version = "1" }
"#;

    const ADDED: &str = "+++\nkind = \"added\"\ncrates = [\"one\"]\n+++\nA feature.\n";
    const REMOVED: &str = "+++\nkind = \"removed\"\ncrates = [\"two\"]\n+++\nA method.\n";

    /// A workspace of two crates with the given fragments.
    fn temporary(fragments: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let directory = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("Cargo.toml", ROOT);
        put("CHANGELOG.md", "# Changelog\n");
        for (name, dependency) in [("one", ""), ("two", "\n[dependencies]\none.workspace = true\n")] {
            let package =
                format!("[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n");
            put(&format!("crates/{name}/Cargo.toml"), &(package + dependency));
            put(&format!("crates/{name}/src/lib.rs"), "");
        }
        for (name, text) in fragments {
            put(&format!(".changelog/{name}.md"), text);
        }
        let workspace = Workspace::at(directory.path());
        (directory, workspace)
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn prepare_at(workspace: &Workspace, request: &str, last: Option<&str>) -> Result<()> {
        prepare(
            workspace,
            &request.parse().unwrap(),
            last.map(version).as_ref(),
            jiff::civil::date(2026, 3, 1),
        )
    }

    /// Everything that `prepare` is to change, in one text.
    fn state(workspace: &Workspace) -> String {
        let fragments = fs::read_dir(workspace.path(".changelog")).unwrap().count();
        let files = ["Cargo.toml", "Cargo.lock", "CHANGELOG.md"].map(|file| workspace.read(file).unwrap());
        format!("{}{fragments} fragments", files.join("\n"))
    }

    #[test]
    fn everything_moves_together() {
        let (_kept, workspace) = temporary(&[("a", ADDED), ("b", REMOVED)]);
        prepare_at(&workspace, "minor", Some("0.1.0")).unwrap();
        let manifest = workspace.read("Cargo.toml").unwrap();
        assert_eq!(manifest, ROOT.replace("0.1.0", "0.2.0"));
        assert_eq!(
            workspace.read("CHANGELOG.md").unwrap(),
            "# Changelog\n\n## [0.2.0] - 2026-03-01\n\n### Added\n\n- `one`: A feature.\n\n\
             ### Removed\n\n- **Breaking:** `two`: A method.\n"
        );
        assert!(workspace.read("Cargo.lock").unwrap().contains("name = \"one\"\nversion = \"0.2.0\""));
        assert_eq!(fs::read_dir(workspace.path(".changelog")).unwrap().count(), 0);
    }

    #[test]
    fn a_second_call_changes_nothing() {
        let (_kept, workspace) = temporary(&[("a", ADDED)]);
        prepare_at(&workspace, "minor", Some("0.1.0")).unwrap();
        let first = state(&workspace);
        prepare_at(&workspace, "minor", Some("0.1.0")).unwrap();
        assert_eq!(state(&workspace), first);
    }

    #[test]
    fn an_interrupted_call_goes_on() {
        let (_kept, whole) = temporary(&[("a", ADDED), ("b", REMOVED)]);
        prepare_at(&whole, "minor", Some("0.1.0")).unwrap();
        for stopped_after in ["CHANGELOG.md", "Cargo.toml", "Cargo.lock", ".changelog/a.md"] {
            let (_kept, workspace) = temporary(&[("a", ADDED), ("b", REMOVED)]);
            for done in ["CHANGELOG.md", "Cargo.toml", "Cargo.lock"] {
                workspace.write(done, &whole.read(done).unwrap()).unwrap();
                if done == stopped_after {
                    break;
                }
            }
            if stopped_after == ".changelog/a.md" {
                fs::remove_file(workspace.path(stopped_after)).unwrap();
            }
            prepare_at(&workspace, "minor", Some("0.1.0")).unwrap();
            assert_eq!(state(&workspace), state(&whole), "stopped after {stopped_after}");
        }
    }

    #[test]
    fn nothing_is_touched_when_the_step_is_too_small() {
        let (_kept, workspace) = temporary(&[("b", REMOVED)]);
        let error = prepare_at(&workspace, "patch", Some("0.1.0")).unwrap_err().to_string();
        assert!(error.contains("from 0.1.0 to 0.1.1 is too small a step"), "{error}");
        assert_eq!(workspace.read("Cargo.toml").unwrap(), ROOT);
        assert_eq!(workspace.read("CHANGELOG.md").unwrap(), "# Changelog\n");
        assert!(workspace.exists(".changelog/b.md"));
    }

    #[test]
    fn a_section_that_breaks_users_counts_after_its_fragments_are_gone() {
        let (_kept, workspace) = temporary(&[("b", REMOVED)]);
        prepare_at(&workspace, "0.2.0", Some("0.1.0")).unwrap();
        let moved = workspace.read("CHANGELOG.md").unwrap().replace("[0.2.0]", "[0.1.1]");
        workspace.write("CHANGELOG.md", &moved).unwrap();
        workspace.write("Cargo.toml", ROOT).unwrap();
        assert!(
            prepare_at(&workspace, "patch", Some("0.1.0")).unwrap_err().to_string().contains("too small")
        );
    }

    #[test]
    fn the_first_release_is_named_in_full() {
        let (_kept, workspace) = temporary(&[("a", ADDED)]);
        assert!(prepare_at(&workspace, "minor", None).unwrap_err().to_string().contains("in full"));
        prepare_at(&workspace, "0.1.0", None).unwrap();
        assert_eq!(workspace.read("Cargo.toml").unwrap(), ROOT);
        assert!(workspace.read("CHANGELOG.md").unwrap().contains("## [0.1.0]"));
    }

    #[test]
    fn bad_requests_are_refused() {
        let (_kept, workspace) = temporary(&[]);
        let refused = |request: &str, last| prepare_at(&workspace, request, last).unwrap_err().to_string();
        assert!(refused("0.2.0", None).contains("nothing to release"));
        assert!(refused("0.0.9", None).contains("before 0.1.0"));
        assert!(refused("0.1.0", Some("0.1.0")).contains("not after the last release"));
        assert!("soon".parse::<Request>().unwrap_err().to_string().contains("`soon`"));
        let (_kept, workspace) = temporary(&[("c", &ADDED.replace("one", "three"))]);
        let error = prepare_at(&workspace, "0.2.0", None).unwrap_err().to_string();
        assert_eq!(error, ".changelog/c.md: there is no crate `three`");
    }

    #[test]
    fn steps_are_weighed_by_the_rules_of_semver() {
        let fits =
            |last: &str, target: &str, weight| check_step(&version(last), &version(target), weight).is_ok();
        assert!(fits("0.1.0", "0.1.1", Some(Weight::Feature)));
        assert!(!fits("0.1.0", "0.1.1", Some(Weight::Breaking)));
        assert!(fits("0.1.0", "0.2.0", Some(Weight::Breaking)));
        assert!(!fits("1.1.0", "1.1.1", Some(Weight::Feature)));
        assert!(fits("1.1.0", "1.2.0", Some(Weight::Feature)));
        assert!(!fits("1.1.0", "1.2.0", Some(Weight::Breaking)));
        assert!(fits("1.1.0", "2.0.0", Some(Weight::Breaking)));
        assert!(fits("0.9.0", "1.0.0", Some(Weight::Breaking)));
    }
}
