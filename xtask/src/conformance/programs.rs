//! The programs of this workspace that take part.

use std::path::PathBuf;

use anyhow::Result;

use crate::artifacts;
use crate::workspace::Workspace;

#[derive(Debug)]
pub(super) struct Programs {
    pub(super) emulator: PathBuf,
    /// Makes our requests, and reads samples: `tests/examples/conformance`.
    pub(super) ours: PathBuf,
}

impl Programs {
    pub(super) fn build(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            emulator: artifacts::build(workspace, "globus-emulator", "--bin", "globus-emulator")?,
            ours: artifacts::build(workspace, "globus-e2e", "--example", "conformance")?,
        })
    }
}
