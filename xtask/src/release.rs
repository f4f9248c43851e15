//! One version for every crate, from the first fragment to the tag. Each command can be called again
//! after it was interrupted, and goes on where it stopped.

pub(crate) mod prepare;
pub(crate) mod publish;
pub(crate) mod verify;

use semver::Version;

fn tag(version: &Version) -> String {
    format!("v{version}")
}
