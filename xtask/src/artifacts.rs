//! Programs of the workspace, built so that they can be run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;

/// Builds a program (`kind` is `--bin` or `--example`), and says where it is.
pub(crate) fn build(workspace: &Workspace, package: &str, kind: &str, name: &str) -> Result<PathBuf> {
    let format = ["--message-format", "json-render-diagnostics"];
    let told = workspace.cargo().args(["build", "--quiet", "--package", package, kind, name]).args(format);
    executable(&told.output()?, kind.trim_start_matches('-'), name)
        .with_context(|| format!("cargo built no {name}"))
}

/// Finds in what cargo told where a program is.
pub(crate) fn executable(told: &str, kind: &str, name: &str) -> Option<PathBuf> {
    told.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name && message["target"]["kind"][0] == kind)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_messages() {
        let told = r#"{"reason":"compiler-artifact","target":{"name":"x","kind":["lib"]},"executable":null}
            {"reason":"compiler-artifact","target":{"name":"x","kind":["bin"]},"executable":"/t/bin"}
            {"reason":"compiler-artifact","target":{"name":"x","kind":["example"]},"executable":"/t/example"}
            not json
            {"reason":"build-finished","success":true}"#;
        assert_eq!(executable(told, "example", "x"), Some("/t/example".into()));
        assert_eq!(executable(told, "bin", "x"), Some("/t/bin".into()));
        assert_eq!(executable(told, "bin", "y"), None);
    }
}
