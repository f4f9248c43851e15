//! `release publish`: what the registry lacks goes there, in the order of dependencies; then the tag.

use anyhow::{Result, bail};
use semver::Version;

use super::tag;
use super::verify::unready;
use crate::manifest::Manifest;
use crate::metadata::Metadata;
use crate::workspace::{Workspace, refuse_any};

pub(crate) fn run(workspace: &Workspace, execute: bool) -> Result<()> {
    let version = Manifest::read(workspace)?.version()?;
    let mut problems = unready(workspace, &version)?;
    if !workspace.program("git").args(["status", "--porcelain"]).output()?.trim().is_empty() {
        problems.push("the working tree has changes that are not committed".to_owned());
    }
    refuse_any(&format!("{version} is not ready to publish"), &problems)?;
    publish(&workspace.members()?, &version, &mut Outside { workspace }, execute)
}

/// What lies outside the workspace: the registry, and the tags of the repository.
trait World {
    fn is_published(&mut self, name: &str, version: &Version) -> Result<bool>;
    /// Publishes, and waits until the registry offers it.
    fn publish(&mut self, name: &str) -> Result<()>;
    /// The commit that the tag names, if there is such a tag.
    fn tagged(&mut self, tag: &str) -> Result<Option<String>>;
    fn head(&mut self) -> Result<String>;
    fn tag(&mut self, tag: &str) -> Result<()>;
}

fn publish(metadata: &Metadata, version: &Version, world: &mut impl World, execute: bool) -> Result<()> {
    let tag = tag(version);
    let tagged = world.tagged(&tag)?;
    if let Some(commit) = &tagged
        && *commit != world.head()?
    {
        bail!("{tag} is a tag already, of commit {commit}, which is not this one");
    }
    for package in metadata.publish_order()? {
        let name = &package.name;
        if world.is_published(name, version)? {
            println!("{name} {version} is published");
        } else if execute {
            world.publish(name)?;
        } else {
            println!("{name} {version} would be published");
        }
    }
    match (tagged, execute) {
        (Some(_), _) => println!("{tag} is a tag of this commit"),
        (None, true) => {
            world.tag(&tag)?;
            println!("tagged {tag}: `git push origin {tag}`");
        }
        (None, false) => println!("{tag} would be tagged; `--execute` does all this"),
    }
    Ok(())
}

struct Outside<'a> {
    workspace: &'a Workspace,
}

impl World for Outside<'_> {
    fn is_published(&mut self, name: &str, version: &Version) -> Result<bool> {
        let spec = format!("{name}@{version}");
        match self.workspace.cargo().args(["info", "--registry", "crates-io", &spec]).answer()? {
            Ok(_) => Ok(true),
            // Any other complaint, such as a network that is down, is not a "no".
            Err(complaint) if complaint.contains("could not find") => Ok(false),
            Err(complaint) => bail!("cannot ask the registry for {spec}: {}", complaint.trim()),
        }
    }

    fn publish(&mut self, name: &str) -> Result<()> {
        self.workspace.cargo().args(["publish", "--package", name]).run()
    }

    fn tagged(&mut self, tag: &str) -> Result<Option<String>> {
        let listed = self.workspace.program("git").args(["tag", "--list", tag]).output()?;
        if listed.trim().is_empty() {
            return Ok(None);
        }
        let commit = self.workspace.program("git").args(["rev-list", "-n", "1", tag]).output()?;
        Ok(Some(commit.trim().to_owned()))
    }

    fn head(&mut self) -> Result<String> {
        Ok(self.workspace.program("git").args(["rev-parse", "HEAD"]).output()?.trim().to_owned())
    }

    fn tag(&mut self, tag: &str) -> Result<()> {
        self.workspace.program("git").args(["tag", "--annotate", tag, "--message", tag]).run()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A registry and a repository in memory, and what was done to them.
    #[derive(Default)]
    struct Fake {
        published: Vec<String>,
        refuses: Option<String>,
        tag_of: Option<String>,
        done: Vec<String>,
    }

    impl World for Fake {
        fn is_published(&mut self, name: &str, _: &Version) -> Result<bool> {
            Ok(self.published.iter().any(|published| published == name))
        }

        fn publish(&mut self, name: &str) -> Result<()> {
            if self.refuses.as_deref() == Some(name) {
                bail!("the registry is away");
            }
            self.published.push(name.to_owned());
            self.done.push(format!("publish {name}"));
            Ok(())
        }

        fn tagged(&mut self, _: &str) -> Result<Option<String>> {
            Ok(self.tag_of.clone())
        }

        fn head(&mut self) -> Result<String> {
            Ok("head".to_owned())
        }

        fn tag(&mut self, tag: &str) -> Result<()> {
            self.tag_of = Some("head".to_owned());
            self.done.push(format!("tag {tag}"));
            Ok(())
        }
    }

    fn metadata() -> Metadata {
        let package = |name: &str, publish: serde_json::Value, on: &[&str]| {
            let on: Vec<_> = on.iter().map(|name| json!({"name": name, "req": "*", "kind": null})).collect();
            json!({"id": name, "name": name, "version": "0.1.0", "license": "MIT", "rust_version": null,
                   "source": null, "manifest_path": "", "publish": publish, "dependencies": on})
        };
        let json = json!({
            "workspace_members": ["a-umbrella", "b-service", "c-core", "d-suite"], "resolve": null,
            "packages": [
                package("a-umbrella", json!(null), &["b-service", "serde"]),
                package("b-service", json!(null), &["c-core"]),
                package("c-core", json!(null), &[]),
                package("d-suite", json!([]), &["a-umbrella"]),
            ],
        });
        Metadata::parse(&json.to_string()).unwrap()
    }

    fn publish_with(world: &mut Fake, execute: bool) -> Result<()> {
        publish(&metadata(), &Version::new(0, 1, 0), world, execute)
    }

    const ALL: [&str; 4] = ["publish c-core", "publish b-service", "publish a-umbrella", "tag v0.1.0"];

    #[test]
    fn dependencies_go_first_and_the_tag_last() {
        let mut world = Fake::default();
        publish_with(&mut world, true).unwrap();
        assert_eq!(world.done, ALL);
    }

    #[test]
    fn a_dry_run_does_nothing() {
        let mut world = Fake::default();
        publish_with(&mut world, false).unwrap();
        assert_eq!(world.done, Vec::<String>::new());
    }

    #[test]
    fn an_interrupted_release_goes_on_and_then_rests() {
        let mut world = Fake { refuses: Some("b-service".to_owned()), ..Fake::default() };
        assert!(publish_with(&mut world, true).unwrap_err().to_string().contains("away"));
        assert_eq!(world.done, ALL[..1]);
        world.refuses = None;
        publish_with(&mut world, true).unwrap();
        assert_eq!(world.done, ALL);
        publish_with(&mut world, true).unwrap();
        assert_eq!(world.done, ALL);
    }

    #[test]
    fn a_tag_of_another_commit_stops_it_before_anything_is_published() {
        let mut world = Fake { tag_of: Some("older".to_owned()), ..Fake::default() };
        assert!(publish_with(&mut world, true).unwrap_err().to_string().contains("older"));
        assert_eq!(world.done, Vec::<String>::new());
    }

    #[test]
    fn members_that_wait_for_each_other_have_no_order() {
        let mut metadata = metadata();
        let circle = metadata.packages[0].dependencies[0].clone();
        metadata.packages[2]
            .dependencies
            .push(crate::metadata::Dependency { name: "a-umbrella".to_owned(), ..circle });
        let error = metadata.publish_order().unwrap_err().to_string();
        assert!(error.contains("a-umbrella, b-service, c-core"), "{error}");
    }
}
