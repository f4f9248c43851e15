//! Links between the documents of the repository lead somewhere: to a file that is there, and to a heading in it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::workspace::{Workspace, has_extension, refuse_any};

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let mut documents = BTreeMap::new();
    for path in workspace.files()?.into_iter().filter(|path| has_extension(path, "md")) {
        let text = prose(&workspace.read(&path)?);
        documents.insert(path, text);
    }
    let headings: BTreeMap<&str, BTreeSet<String>> =
        documents.iter().map(|(path, text)| (path.as_str(), anchors(text))).collect();
    let (mut count, mut problems) = (0, Vec::new());
    for (path, text) in &documents {
        for link in links(text).filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { resolve(path, file) };
            if !workspace.exists(&target) {
                problems.push(format!("{path}: `{link}`: there is no {target}"));
            } else if !anchor.is_empty()
                && headings.get(target.as_str()).is_some_and(|has| !has.contains(anchor))
            {
                problems.push(format!("{path}: `{link}`: {target} has no such heading"));
            }
        }
    }
    refuse_any("links that lead nowhere", &problems)?;
    Ok(format!("{count} links lead somewhere"))
}

/// The text without blocks of code.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut out = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// What stands in the brackets of `[…](…)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("](").filter_map(|(at, _)| text[at + 2..].split_once(')').map(|(link, _)| link))
}

/// The headings of a document, as links name them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings =
        text.lines().filter_map(|line| line.strip_prefix('#')).map(|line| line.trim_start_matches('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// The path that a relative one means, seen from a file.
fn resolve(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(documents: &[(&str, &str)]) -> Result<String> {
        let directory = tempfile::tempdir()?;
        let workspace = Workspace::at(directory.path());
        workspace.program("git").args(["init", "--quiet"]).run()?;
        for (path, text) in documents {
            let path = workspace.path(path);
            std::fs::create_dir_all(path.parent().unwrap())?;
            std::fs::write(path, text)?;
        }
        run(&workspace)
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let guide =
            "# Guide\n[a](../README.md#try-it-now) [b](#guide) [c](https://example.org/#x) [d](sub/b.svg)\n";
        let found = check(&[
            ("README.md", "## Try `it`, now!\n[guide](docs/guide.md)\n```\n[no](link.md)\n```\n"),
            ("docs/guide.md", guide),
            ("docs/sub/b.svg", ""),
        ]);
        assert_eq!(found.unwrap(), "4 links lead somewhere");
    }

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let error =
            check(&[("README.md", "# A\n[x](gone.md) [y](#b) [z](docs/../README.md#c)\n")]).unwrap_err();
        let lines = error.to_string();
        for line in [
            "README.md: `gone.md`: there is no gone.md",
            "README.md: `#b`: README.md has no such heading",
            "README.md: `docs/../README.md#c`: README.md has no such heading",
        ] {
            assert!(lines.contains(line), "{lines}");
        }
    }
}
