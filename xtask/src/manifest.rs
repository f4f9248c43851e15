//! The root `Cargo.toml`: the values that every crate shares.

use anyhow::{Context, Result};
use semver::Version;
use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::workspace::Workspace;

pub(crate) const FILE: &str = "Cargo.toml";

#[derive(Debug)]
pub(crate) struct Manifest(DocumentMut);

impl Manifest {
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        Self::parse(&workspace.read(FILE)?)
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(Self(text.parse().context("cannot read Cargo.toml")?))
    }

    /// The text of a key of `[workspace.package]`.
    pub(crate) fn shared(&self, key: &str) -> Result<&str> {
        let item =
            self.0.get("workspace").and_then(|item| item.get("package")).and_then(|item| item.get(key));
        item.and_then(Item::as_str).with_context(|| format!("Cargo.toml has no workspace.package.{key}"))
    }

    /// The version of every crate.
    pub(crate) fn version(&self) -> Result<Version> {
        let text = self.shared("version")?;
        Version::parse(text).with_context(|| format!("workspace.package.version `{text}` is not a version"))
    }

    /// Sets the shared version and every pin between members.
    pub(crate) fn set_version(&mut self, target: &Version) -> Result<()> {
        set(
            self.table("package")?
                .get_mut("version")
                .context("Cargo.toml has no workspace.package.version")?,
            target,
        );
        for (_, dependency) in self.table("dependencies")?.iter_mut() {
            let Some(dependency) = dependency.as_table_like_mut().filter(|table| table.contains_key("path"))
            else {
                continue;
            };
            if let Some(pin) = dependency.get_mut("version") {
                set(pin, &format!("={target}"));
            }
        }
        Ok(())
    }

    fn table(&mut self, key: &str) -> Result<&mut dyn TableLike> {
        let item = self.0.get_mut("workspace").and_then(|item| item.get_mut(key));
        item.and_then(Item::as_table_like_mut).with_context(|| format!("Cargo.toml has no [workspace.{key}]"))
    }

    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}

/// Replaces a value and keeps the space and comments around it.
fn set(item: &mut Item, text: &impl ToString) {
    let mut value = Value::from(text.to_string());
    if let Some(old) = item.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let mut manifest = Manifest::parse("[workspace]\n").unwrap();
        assert_eq!(
            manifest.shared("rust-version").unwrap_err().to_string(),
            "Cargo.toml has no workspace.package.rust-version"
        );
        let error = manifest.set_version(&Version::new(1, 0, 0)).unwrap_err();
        assert_eq!(error.to_string(), "Cargo.toml has no [workspace.package]");
        let odd = Manifest::parse("[workspace.package]\nversion = \"soon\"\n").unwrap();
        assert!(odd.version().unwrap_err().to_string().contains("`soon`"));
    }

    #[test]
    fn only_pins_of_members_move() {
        let text = "[workspace.package]\nversion = \"1.0.0\" # shared\n\n[workspace.dependencies]\n\
            a = { path = \"a\", version = \"=1.0.0\" }\nb = { path = \"b\" }\nc = \"1.0.0\"\n";
        let mut manifest = Manifest::parse(text).unwrap();
        manifest.set_version(&Version::new(1, 1, 0)).unwrap();
        let moved = text.replacen("1.0.0", "1.1.0", 1).replace("=1.0.0", "=1.1.0");
        assert_eq!(manifest.text(), moved);
    }
}
