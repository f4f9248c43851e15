//! Every crate packs, from what git holds, without a registry account.

use anyhow::Result;

use crate::release::verify::private_members;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let mut package =
        workspace.cargo().args(["package", "--workspace", "--no-verify", "--allow-dirty", "--quiet"]);
    for member in private_members(workspace)? {
        package = package.args(["--exclude", &member]);
    }
    package.run()?;
    Ok("every published crate".to_owned())
}
