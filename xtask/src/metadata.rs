//! The part of `cargo metadata` that the checks read.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use semver::Version;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    /// Absent when asked for members only.
    pub(crate) resolve: Option<Resolve>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) license: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: String,
    /// `Some` and empty for `publish = false`.
    pub(crate) publish: Option<Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) req: String,
    #[serde(default)]
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Normal,
    Dev,
    Build,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)?.as_deref() {
            None => Ok(Self::Normal),
            Some("dev") => Ok(Self::Dev),
            Some("build") => Ok(Self::Build),
            Some(other) => Err(serde::de::Error::unknown_variant(other, &["dev", "build"])),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    /// The ids of the packages that it depends on, whatever the kind.
    pub(crate) dependencies: Vec<String>,
}

impl Metadata {
    pub(crate) fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("cannot read what `cargo metadata` said")
    }

    /// The packages of the workspace, by name.
    pub(crate) fn members(&self) -> BTreeMap<&str, &Package> {
        let ids: BTreeSet<&String> = self.workspace_members.iter().collect();
        self.packages
            .iter()
            .filter(|package| ids.contains(&package.id))
            .map(|package| (package.name.as_str(), package))
            .collect()
    }

    /// The members that go to the registry, each after the members that it depends on.
    pub(crate) fn publish_order(&self) -> Result<Vec<&Package>> {
        let members = self.members();
        let mut waiting: Vec<&Package> =
            members.values().copied().filter(|package| package.is_published()).collect();
        let mut order: Vec<&Package> = Vec::new();
        while !waiting.is_empty() {
            let (ready, blocked): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(|package| {
                package
                    .dependencies
                    .iter()
                    .filter(|dependency| {
                        dependency.kind != Kind::Dev && members.contains_key(dependency.name.as_str())
                    })
                    .all(|dependency| order.iter().any(|done| done.name == dependency.name))
            });
            if ready.is_empty() {
                let names: Vec<&str> = blocked.iter().map(|package| package.name.as_str()).collect();
                bail!(
                    "no order to publish in: {} wait for each other or for an unpublished member",
                    names.join(", ")
                );
            }
            order.extend(ready);
            waiting = blocked;
        }
        Ok(order)
    }
}

impl Package {
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }
}
