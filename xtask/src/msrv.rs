//! No dependency asks for a newer Rust than the workspace promises, and the documents promise the same.

use anyhow::{Result, bail};
use semver::Version;

use crate::manifest::Manifest;
use crate::metadata::Metadata;
use crate::workspace::{Workspace, refuse_any};

/// Documents that may name the Rust version.
const DOCUMENTS: [&str; 4] =
    ["README.md", "CONTRIBUTING.md", "docs/architecture.md", ".github/workflows/ci.yml"];

pub(crate) fn run(workspace: &Workspace) -> Result<String> {
    let promised = parse(Manifest::read(workspace)?.shared("rust-version")?)?;
    let mut problems = too_new(&workspace.metadata()?, &promised)?;
    for document in DOCUMENTS {
        if workspace.exists(document) {
            problems.extend(disagreements(document, &workspace.read(document)?, &promised));
        }
    }
    refuse_any("the minimum supported Rust version is broken", &problems)?;
    Ok(format!("every dependency builds with Rust {}.{}", promised.major, promised.minor))
}

fn too_new(metadata: &Metadata, promised: &Version) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let Some(asked) = &package.rust_version else {
            continue;
        };
        if parse(asked)? > *promised {
            problems.push(format!(
                "{} {} asks for Rust {asked}, the workspace promises {}.{}",
                package.name, package.version, promised.major, promised.minor
            ));
        }
    }
    Ok(problems)
}

/// Lines about Rust that name a version other than the promised one.
fn disagreements(document: &str, text: &str, promised: &Version) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        if !["rust", "msrv", "toolchain"].iter().any(|word| lower.contains(word)) {
            continue;
        }
        let words =
            line.split(|c: char| !(c.is_ascii_digit() || c == '.')).map(|word| word.trim_matches('.'));
        for word in words.filter(|word| is_rust_version(word)) {
            if parse(word).is_ok_and(|named| (named.major, named.minor) != (promised.major, promised.minor)) {
                problems.push(format!(
                    "{document}:{}: names Rust {word}, Cargo.toml promises {}.{}",
                    number + 1,
                    promised.major,
                    promised.minor
                ));
            }
        }
    }
    problems
}

/// `1.89` and `1.89.0`, not `1`, `1.0` or `2.1`.
fn is_rust_version(word: &str) -> bool {
    word.strip_prefix("1.").and_then(|rest| rest.split('.').next()).is_some_and(|minor| minor.len() >= 2)
}

/// Reads `1`, `1.89` or `1.89.0`.
fn parse(text: &str) -> Result<Version> {
    let full = match text.split('.').count() {
        1 => format!("{text}.0.0"),
        2 => format!("{text}.0"),
        _ => text.to_owned(),
    };
    match Version::parse(&full) {
        Ok(version) => Ok(version),
        Err(error) => bail!("`{text}` is not a Rust version: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(rust_version: &str) -> Metadata {
        Metadata::parse(&format!(
            r#"{{"packages": [{{"id": "a", "name": "a", "version": "1.0.0", "license": "MIT", "source": null,
                "rust_version": {rust_version}, "manifest_path": "a/Cargo.toml", "publish": null, "dependencies": []}}],
                "workspace_members": ["a"], "resolve": null}}"#
        ))
        .unwrap()
    }

    #[test]
    fn a_dependency_that_asks_for_more_is_named() {
        let promised = parse("1.89").unwrap();
        for fine in ["null", r#""1.89""#, r#""1.89.0""#, r#""1.9""#, r#""1""#] {
            assert_eq!(too_new(&metadata(fine), &promised).unwrap(), Vec::<String>::new(), "{fine}");
        }
        for newer in [r#""1.90""#, r#""1.89.1""#, r#""2""#] {
            assert_eq!(too_new(&metadata(newer), &promised).unwrap().len(), 1, "{newer}");
        }
        assert!(too_new(&metadata(r#""soon""#), &promised).is_err());
    }

    #[test]
    fn documents_must_agree() {
        let promised = parse("1.89").unwrap();
        let text = "Needs Rust 1.89 or newer.\nMSRV: 1.89.0.\nversion 1.90 of something else\nuses rust edition 2024, HTTP/1.1\n";
        assert_eq!(disagreements("README.md", text, &promised), Vec::<String>::new());
        let wrong = disagreements("README.md", "ok\nrustup toolchain install 1.88.0\n", &promised);
        assert_eq!(wrong, ["README.md:2: names Rust 1.88.0, Cargo.toml promises 1.89"]);
    }
}
