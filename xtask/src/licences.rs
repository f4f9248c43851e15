//! Licences, bans and sources of every dependency, and how many crates a user takes.
//!
//! `deny.toml` is the only list: the hosted workflow holds cargo-deny against it, this module does
//! the part that needs no database, so that it runs everywhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use crate::metadata::{Metadata, Package};
use crate::workspace::{Workspace, refuse_any};

/// The most crates that a user may take with the default features, a tenth above what it was when set.
const BUDGETS: [(&str, usize); 3] = [("globus-core", 118), ("globus-transfer", 120), ("globus", 155)];

/// One platform for everyone, so that the count does not depend on who counts.
const COUNTED_PLATFORM: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn run(workspace: &Workspace) -> Result<String> {
    let policy = Policy::parse(&workspace.read("deny.toml")?)?;
    let metadata = workspace.metadata()?;
    let mut problems = policy.licence_problems(&metadata);
    problems.extend(policy.ban_problems(&metadata)?);
    problems.extend(policy.source_problems(&metadata));
    for (name, budget) in BUDGETS {
        let count = crates_taken(workspace, name)?;
        println!("{name} takes {count} crates, of at most {budget}");
        if count > budget {
            problems.push(format!("{name} takes {count} crates, more than its budget of {budget}"));
        }
    }
    refuse_any("dependencies break deny.toml or the budget", &problems)?;
    Ok(format!("{} packages keep deny.toml", metadata.packages.len()))
}

/// The part of `deny.toml` that is checked here.
#[derive(Debug, Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    name: String,
    /// The packages that may depend on it all the same.
    #[serde(default)]
    wrappers: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

impl Policy {
    fn parse(text: &str) -> Result<Self> {
        let policy: Self = toml_edit::de::from_str(text).context("cannot read deny.toml")?;
        for licence in &policy.licenses.allow {
            Licensee::parse(licence)
                .with_context(|| format!("deny.toml allows `{licence}`, which SPDX does not know"))?;
        }
        Ok(policy)
    }

    fn licence_problems(&self, metadata: &Metadata) -> Vec<String> {
        let allowed: Vec<Licensee> =
            self.licenses.allow.iter().filter_map(|licence| Licensee::parse(licence).ok()).collect();
        metadata.packages.iter().filter_map(|package| licence_problem(package, &allowed)).collect()
    }

    fn ban_problems(&self, metadata: &Metadata) -> Result<Vec<String>> {
        let resolve = metadata.resolve.as_ref().context("`cargo metadata` resolved no dependencies")?;
        let names: BTreeMap<&str, &str> =
            metadata.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
        let mut problems = Vec::new();
        for ban in &self.bans.deny {
            let mut parents = BTreeSet::new();
            for node in &resolve.nodes {
                if node.dependencies.iter().any(|id| names.get(id.as_str()) == Some(&ban.name.as_str())) {
                    parents.extend(names.get(node.id.as_str()).copied());
                }
            }
            parents.retain(|parent| !ban.wrappers.iter().any(|wrapper| wrapper == parent));
            problems.extend(
                parents
                    .iter()
                    .map(|parent| format!("{parent} depends on {}, which deny.toml bans there", ban.name)),
            );
        }
        Ok(problems)
    }

    fn source_problems(&self, metadata: &Metadata) -> Vec<String> {
        let known = |source: &str| {
            let url = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
            url.is_some_and(|url| self.sources.allow_registry.iter().any(|allowed| allowed == url))
        };
        metadata
            .packages
            .iter()
            .filter_map(|package| {
                let source = package.source.as_deref().filter(|source| !known(source))?;
                Some(format!("{} {} comes from {source}", package.name, package.version))
            })
            .collect()
    }
}

fn licence_problem(package: &Package, allowed: &[Licensee]) -> Option<String> {
    let shown = format!("{} {}", package.name, package.version);
    let Some(text) = &package.license else {
        return Some(format!("{shown} names no licence"));
    };
    // Lax: crates published long ago wrote `MIT/Apache-2.0`.
    let expression = match Expression::parse_mode(text, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some(format!("{shown} has a licence that is not SPDX, `{text}`: {}", error.reason));
        }
    };
    let satisfied = expression.evaluate(|asked| allowed.iter().any(|licence| licence.satisfies(asked)));
    (!satisfied).then(|| format!("{shown} is under `{text}`, which deny.toml does not allow"))
}

/// How many crates of others and of ours a user of `name` compiles, itself not counted.
fn crates_taken(workspace: &Workspace, name: &str) -> Result<usize> {
    let tree = workspace
        .cargo()
        .args(["tree", "--package", name, "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--no-dedupe", "--target", COUNTED_PLATFORM])
        .output()?;
    Ok(count_crates(&tree))
}

/// Counts the different lines below the first; a workspace path or `(proc-macro)` after the version is no difference.
fn count_crates(tree: &str) -> usize {
    let package = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mut lines = tree.lines();
    let root = lines.next().map(package);
    let taken: BTreeSet<String> =
        lines.map(package).filter(|line| !line.is_empty() && Some(line) != root.as_ref()).collect();
    taken.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        [bans]
        deny = [{ name = "banned", wrappers = ["keeper"] }]
        [sources]
        allow-registry = ["https://example.org/index"]
    "#;

    fn package(name: &str, licence: Option<&str>, source: &str) -> serde_json::Value {
        json!({"id": name, "name": name, "version": "1.0.0", "license": licence, "rust_version": null,
               "source": source, "manifest_path": "/x/Cargo.toml", "publish": null, "dependencies": []})
    }

    fn metadata(licence: Option<&str>, source: &str, parents_of_banned: &[&str]) -> Metadata {
        let node = |name: &str, dependencies: &[&str]| json!({"id": name, "dependencies": dependencies});
        let mut packages = vec![package("banned", licence, source)];
        let mut nodes = vec![node("banned", &[])];
        for parent in parents_of_banned {
            packages.push(package(parent, licence, source));
            nodes.push(node(parent, &["banned"]));
        }
        let json = json!({"packages": packages, "workspace_members": [], "resolve": {"nodes": nodes}});
        Metadata::parse(&json.to_string()).unwrap()
    }

    const REGISTRY: &str = "registry+https://example.org/index";

    #[test]
    fn licences_are_evaluated_as_expressions() {
        let policy = Policy::parse(POLICY).unwrap();
        let check = |licence| policy.licence_problems(&metadata(licence, REGISTRY, &[]));
        for fine in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT AND Apache-2.0",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR ISC",
        ] {
            assert_eq!(check(Some(fine)), Vec::<String>::new(), "{fine}");
        }
        for refused in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(check(Some(refused))[0].contains("does not allow"), "{refused}");
        }
        assert!(check(Some("Homegrown"))[0].contains("not SPDX"));
        assert!(check(None)[0].contains("names no licence"));
    }

    #[test]
    fn an_unknown_word_in_the_allow_list_is_refused() {
        let error = Policy::parse(&POLICY.replace("\"MIT\"", "\"MITT\"")).unwrap_err();
        assert!(error.to_string().contains("MITT"), "{error}");
    }

    #[test]
    fn only_wrappers_may_take_a_banned_crate() {
        let policy = Policy::parse(POLICY).unwrap();
        let check = |parents| policy.ban_problems(&metadata(Some("MIT"), REGISTRY, parents)).unwrap();
        assert_eq!(check(&["keeper"]), Vec::<String>::new());
        assert_eq!(check(&["keeper", "thief"]), ["thief depends on banned, which deny.toml bans there"]);
    }

    #[test]
    fn sources_are_known_registries() {
        let policy = Policy::parse(POLICY).unwrap();
        let check = |source| policy.source_problems(&metadata(Some("MIT"), source, &[]));
        assert_eq!(check(REGISTRY), Vec::<String>::new());
        for refused in ["registry+https://elsewhere.example/index", "git+https://example.org/index"] {
            assert_eq!(check(refused).len(), 1, "{refused}");
        }
    }

    #[test]
    fn crates_are_counted_once_and_without_the_root() {
        let tree =
            "me v0.1.0 (/w/me)\na v1.0.0\nb v1.0.0 (proc-macro)\na v1.0.0\na v2.0.0\nme v0.1.0 (/w/me)\n\n";
        assert_eq!(count_crates(tree), 3);
    }
}
