//! The programs of this workspace that take part.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;

#[derive(Debug)]
pub(super) struct Programs {
    pub(super) emulator: PathBuf,
    /// Makes our requests, and reads samples: `tests/examples/conformance`.
    pub(super) ours: PathBuf,
}

impl Programs {
    pub(super) fn build(workspace: &Workspace) -> Result<Self> {
        let built = |package: &str, kind: &str, name: &str| {
            let format = ["--message-format", "json-render-diagnostics"];
            let told =
                workspace.cargo().args(["build", "--quiet", "--package", package, kind, name]).args(format);
            executable(&told.output()?, name).with_context(|| format!("cargo built no {name}"))
        };
        Ok(Self {
            emulator: built("globus-emulator", "--bin", "globus-emulator")?,
            ours: built("globus-e2e", "--example", "conformance")?,
        })
    }
}

/// Finds in what cargo told where a program is.
fn executable(told: &str, name: &str) -> Option<PathBuf> {
    let artifacts = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut paths = artifacts
        .filter(|artifact| artifact["target"]["name"] == name)
        .filter_map(|artifact| artifact["executable"].as_str().map(PathBuf::from));
    paths.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_libraries() {
        let told = r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"y"},"executable":"/t/y"}
            {"reason":"compiler-artifact","target":{"name":"x"},"executable":"/t/x"}
            {"reason":"build-finished","success":true}"#;
        assert_eq!(executable(told, "x"), Some("/t/x".into()));
        assert_eq!(executable(told, "z"), None);
    }
}
