//! Changelog fragments (`.changelog/*.md`), one file per change, and the changelog that they become.

use std::fs;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

mod section;

use crate::workspace::{Workspace, has_extension};

pub(crate) use section::{add, section};

pub(crate) const CHANGELOG: &str = "CHANGELOG.md";
const DIRECTORY: &str = ".changelog";
const FENCE: &str = "+++";
const BREAKING: &str = "**Breaking:** ";

/// The groups of Keep a Changelog, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Added,
    Changed,
    Removed,
    Fixed,
    Security,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Added, Self::Changed, Self::Removed, Self::Fixed, Self::Security];

    fn title(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Removed => "Removed",
            Self::Fixed => "Fixed",
            Self::Security => "Security",
        }
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.title().to_lowercase() == word).with_context(|| {
            format!("`{word}` is no kind of change: added, changed, fixed, removed or security")
        })
    }
}

/// How much of the version a set of changes moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Fix,
    Feature,
    Breaking,
}

/// One change, as a user reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    kind: Kind,
    crates: Vec<String>,
    breaking: bool,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    kind: Kind,
    #[serde(default)]
    crates: Vec<String>,
    breaking: Option<bool>,
}

impl Fragment {
    /// A change of `crates` (none: of the project as a whole). What is removed breaks its users
    /// unless `breaking` says otherwise.
    pub(crate) fn new(kind: Kind, crates: Vec<String>, breaking: Option<bool>, text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            bail!("a fragment needs a text: what changes for a user");
        }
        if text.lines().any(|line| line.starts_with('#')) {
            bail!("a fragment is one entry of a list and has no headings");
        }
        if crates.iter().any(|name| name.is_empty() || name.contains(['`', '"', '\\'])) {
            bail!("`{}` is not a list of crate names", crates.join(","));
        }
        if breaking == Some(true) && !matches!(kind, Kind::Changed | Kind::Removed) {
            bail!("only `changed` and `removed` break users; this one is `{}`", kind.title().to_lowercase());
        }
        let breaking = breaking.unwrap_or(kind == Kind::Removed);
        Ok(Self { kind, crates, breaking, text: text.to_owned() })
    }

    fn parse(file: &str) -> Result<Self> {
        let rest = file.strip_prefix(FENCE).with_context(|| format!("the first line must be {FENCE}"))?;
        let (front, text) = rest
            .split_once(&format!("\n{FENCE}"))
            .with_context(|| format!("no line {FENCE} ends the front matter"))?;
        let front: FrontMatter = toml_edit::de::from_str(front).context("cannot read the front matter")?;
        Self::new(front.kind, front.crates, front.breaking, text)
    }

    fn file(&self) -> String {
        let kind = self.kind.title().to_lowercase();
        let crates: Vec<String> = self.crates.iter().map(|name| format!("\"{name}\"")).collect();
        let breaking = if self.breaking == (self.kind == Kind::Removed) {
            String::new()
        } else {
            format!("breaking = {}\n", self.breaking)
        };
        format!(
            "{FENCE}\nkind = \"{kind}\"\ncrates = [{}]\n{breaking}{FENCE}\n{}\n",
            crates.join(", "),
            self.text
        )
    }

    /// The entry of the list, further lines set under the first.
    fn entry(&self) -> String {
        let names: Vec<String> = self.crates.iter().map(|name| format!("`{name}`")).collect();
        let crates = if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
        let breaking = if self.breaking { BREAKING } else { "" };
        let mut lines = self.text.lines();
        let mut entry = format!("- {breaking}{crates}{}", lines.next().unwrap_or_default().trim_end());
        for line in lines {
            entry.push('\n');
            if !line.trim().is_empty() {
                entry.push_str("  ");
                entry.push_str(line.trim_end());
            }
        }
        entry
    }

    pub(crate) fn weight(&self) -> Weight {
        match (self.breaking, self.kind) {
            (true, _) => Weight::Breaking,
            (false, Kind::Added) => Weight::Feature,
            (false, _) => Weight::Fix,
        }
    }
}

/// A fragment and the file that it is in, relative to the root.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) file: String,
    pub(crate) fragment: Fragment,
}

/// Every fragment, in the order of the file names.
///
/// # Errors
/// A file that is not a fragment, or that names a crate which is not in `members`.
pub(crate) fn fragments(workspace: &Workspace, members: &[&str]) -> Result<Vec<Written>> {
    let directory = workspace.path(DIRECTORY);
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if has_extension(&name, "md") {
            names.push(name);
        }
    }
    names.sort();
    let mut written = Vec::new();
    for name in names {
        let file = format!("{DIRECTORY}/{name}");
        let fragment =
            Fragment::parse(&workspace.read(&file)?.replace("\r\n", "\n")).with_context(|| file.clone())?;
        if let Some(stranger) = fragment.crates.iter().find(|name| !members.contains(&name.as_str())) {
            bail!("{file}: there is no crate `{stranger}`");
        }
        written.push(Written { file, fragment });
    }
    Ok(written)
}

/// Writes a new fragment beside the others and returns its path, relative to the root.
pub(crate) fn write_new(workspace: &Workspace, fragment: &Fragment) -> Result<String> {
    let metadata = workspace.members()?;
    let members = metadata.members();
    if let Some(stranger) = fragment.crates.iter().find(|name| !members.contains_key(name.as_str())) {
        bail!("there is no crate `{stranger}`");
    }
    fs::create_dir_all(workspace.path(DIRECTORY)).with_context(|| format!("cannot make {DIRECTORY}"))?;
    let slug = slug(&fragment.text);
    let mut free = format!("{DIRECTORY}/{slug}.md");
    let mut number = 1;
    while workspace.exists(&free) {
        number += 1;
        free = format!("{DIRECTORY}/{slug}-{number}.md");
    }
    workspace.write(&free, &fragment.file())?;
    Ok(free)
}

/// The first words of the text, as a file name.
fn slug(text: &str) -> String {
    let lower: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let words: Vec<&str> = lower.split_whitespace().take(6).collect();
    if words.is_empty() { "change".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_survives_its_file() {
        for (kind, breaking) in
            [(Kind::Removed, None), (Kind::Removed, Some(false)), (Kind::Changed, Some(true))]
        {
            let fragment = Fragment::new(kind, vec!["globus".to_owned()], breaking, "One.\n\nTwo.").unwrap();
            assert_eq!(Fragment::parse(&fragment.file()).unwrap(), fragment, "{}", fragment.file());
        }
    }

    #[test]
    fn a_bad_fragment_is_refused() {
        for (file, words) in [
            ("Just a text.\n", "first line"),
            ("+++\nkind = \"added\"\n", "ends the front matter"),
            ("+++\nkind = \"shiny\"\n+++\nText.\n", "front matter"),
            ("+++\nkind = \"added\"\nauthor = \"me\"\n+++\nText.\n", "front matter"),
            ("+++\nkind = \"added\"\n+++\n\n", "needs a text"),
            ("+++\nkind = \"added\"\n+++\n# Title\n", "no headings"),
            ("+++\nkind = \"fixed\"\nbreaking = true\n+++\nText.\n", "break users"),
        ] {
            let error = Fragment::parse(file).expect_err(file).to_string();
            assert!(error.contains(words), "{file:?}: {error}");
        }
    }

    #[test]
    fn slugs_are_plain_file_names() {
        assert_eq!(
            slug("`operation_ls` follows symlinks: at last, really and truly"),
            "operation-ls-follows-symlinks-at-last"
        );
        assert_eq!(slug("…"), "change");
    }
}
