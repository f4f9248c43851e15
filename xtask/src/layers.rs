//! Which crate may depend on which: the layers of `docs/architecture.md`, read from what cargo knows.

mod signatures;

use std::collections::BTreeMap;

use anyhow::Result;

use crate::metadata::{Dependency, Kind, Metadata, Package};
use crate::workspace::{Workspace, refuse_any};

const CORE: &str = "globus-core";
const UMBRELLA: &str = "globus";
const EMULATOR: &str = "globus-emulator";
/// Holds the SDK beside bare reqwest, so it names reqwest.
const BENCH: &str = "globus-bench";

/// Foreign crates with one home: nobody else names them, not even for tests.
const HOMES: [(&str, &str); 4] =
    [("reqwest", CORE), ("rustls", CORE), ("rustls-platform-verifier", CORE), ("oauth2", "globus-auth")];

pub(crate) fn run(workspace: &Workspace) -> Result<String> {
    let metadata = workspace.members()?;
    let mut broken = violations(&metadata);
    broken.extend(signatures::run(workspace)?);
    refuse_any("the layers are broken", &broken)?;
    Ok(format!("{} members keep the layers", metadata.members().len()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Core,
    Service,
    Umbrella,
    Emulator,
    /// Suites and developer commands; never published.
    Private,
}

impl Layer {
    /// Crates under `crates/` are for users, everything else is for the workspace itself.
    fn of(package: &Package) -> Self {
        let in_crates = package.manifest_path.replace('\\', "/").contains("/crates/");
        match package.name.as_str() {
            CORE => Self::Core,
            UMBRELLA => Self::Umbrella,
            EMULATOR => Self::Emulator,
            _ if in_crates => Self::Service,
            _ => Self::Private,
        }
    }
}

/// Every broken rule, in one line each.
fn violations(metadata: &Metadata) -> Vec<String> {
    let members = metadata.members();
    let layers: BTreeMap<&str, Layer> =
        members.iter().map(|(name, package)| (*name, Layer::of(package))).collect();
    let mut broken = Vec::new();
    for (name, package) in &members {
        let layer = layers[name];
        broken.extend(publication(package, layer));
        broken.extend(shared_values(package, members.get(CORE).copied()));
        for dependency in &package.dependencies {
            let target = layers.get(dependency.name.as_str()).copied();
            let rule = match target {
                Some(target) => member_rule(package, layer, dependency, target),
                None => foreign_rule(package, layer, dependency),
            };
            broken.extend(rule.map(|rule| format!("{name} depends on {}: {rule}", dependency.name)));
        }
    }
    broken
}

/// What is wrong with a dependency on another member, if anything.
fn member_rule(package: &Package, layer: Layer, dependency: &Dependency, target: Layer) -> Option<String> {
    let dev = dependency.kind == Kind::Dev;
    if dev && dependency.name == package.name {
        // How a crate turns on its own features for its own tests.
        return requirement_rule(package, layer, dependency);
    }
    let rule = match (layer, target) {
        (_, Layer::Private) => "suites and developer commands are nobody's dependency",
        (Layer::Core, _) => "globus-core stands on no member",
        (Layer::Emulator, _) => "the emulator shares no code with the SDK",
        (Layer::Service | Layer::Umbrella, Layer::Emulator) if !dev => {
            "the SDK may use the emulator in tests and examples only"
        }
        (Layer::Service, Layer::Service | Layer::Umbrella) if !dev => {
            "a service crate stands on globus-core only"
        }
        _ => return requirement_rule(package, layer, dependency),
    };
    Some(rule.to_owned())
}

/// A release needs exact pins between its crates, and deadlocks on a dev-dependency that names a version.
fn requirement_rule(package: &Package, layer: Layer, dependency: &Dependency) -> Option<String> {
    if layer == Layer::Private {
        return None;
    }
    if dependency.kind == Kind::Dev {
        return (dependency.req != "*").then(|| {
            format!(
                "a dev-dependency between members names a path and no version, and this one asks for {}",
                dependency.req
            )
        });
    }
    let pin = format!("={}", package.version);
    (dependency.req != pin).then(|| format!("the requirement must be {pin}, and is {}", dependency.req))
}

/// What is wrong with a dependency on a crate of somebody else, if anything.
fn foreign_rule(package: &Package, layer: Layer, dependency: &Dependency) -> Option<String> {
    if let Some((_, home)) = HOMES
        .iter()
        .find(|(name, home)| *name == dependency.name && *home != package.name && package.name != BENCH)
    {
        return Some(format!("only {home} names it"));
    }
    (layer == Layer::Umbrella && dependency.kind != Kind::Dev)
        .then(|| "the umbrella re-exports members and has no logic of its own".to_owned())
}

fn publication(package: &Package, layer: Layer) -> Option<String> {
    match (layer, package.is_published()) {
        (Layer::Private, true) => {
            Some(format!("{} is not for users: it needs `publish = false`", package.name))
        }
        (Layer::Private, false) | (_, true) => None,
        (_, false) => Some(format!("{} is for users: it must not be `publish = false`", package.name)),
    }
}

/// One version, one licence and one Rust version for all: that of globus-core.
fn shared_values(package: &Package, core: Option<&Package>) -> Option<String> {
    let Some(core) = core else {
        return Some(format!("there is no member named {CORE}"));
    };
    let shared = package.version == core.version
        && package.license == core.license
        && package.rust_version == core.rust_version;
    (!shared).then(|| {
        format!(
            "{} must take version, license and rust-version from the workspace, as {CORE} does",
            package.name
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NORMAL: Option<&str> = None;
    const DEV: Option<&str> = Some("dev");
    const BUILD: Option<&str> = Some("build");

    fn dependency(name: &str, req: &str, kind: Option<&str>) -> Value {
        json!({"name": name, "req": req, "kind": kind})
    }

    fn package(name: &str, directory: &str, dependencies: &[Value]) -> Value {
        json!({
            "id": name, "name": name, "version": "0.1.0", "license": "Apache-2.0", "rust_version": "1.89",
            "source": null, "manifest_path": format!("/w/{directory}/Cargo.toml"),
            "publish": if directory.starts_with("crates") { Value::Null } else { json!([]) },
            "dependencies": dependencies,
        })
    }

    /// A workspace that keeps every rule.
    fn sound() -> Value {
        let pin = |name| dependency(name, "=0.1.0", NORMAL);
        let packages = json!([
            package("globus-core", "crates/globus-core", &[dependency("reqwest", "^0.13", NORMAL)]),
            package(
                "globus-auth",
                "crates/globus-auth",
                &[
                    pin("globus-core"),
                    dependency("oauth2", "^5", NORMAL),
                    dependency("globus-transfer", "*", DEV)
                ]
            ),
            package("globus-transfer", "crates/globus-transfer", &[pin("globus-core")]),
            package(
                "globus",
                "crates/globus",
                &[
                    pin("globus-auth"),
                    pin("globus-transfer"),
                    dependency("globus-emulator", "*", DEV),
                    dependency("tokio", "^1", DEV)
                ]
            ),
            package("globus-emulator", "crates/globus-emulator", &[dependency("axum", "^0.8", NORMAL)]),
            package("globus-e2e", "tests", &[pin("globus"), pin("globus-emulator")]),
        ]);
        let members: Vec<&Value> =
            packages.as_array().unwrap().iter().map(|package| &package["id"]).collect();
        json!({"workspace_members": members, "resolve": null, "packages": packages})
    }

    fn broken(metadata: &Value) -> Vec<String> {
        violations(&Metadata::parse(&metadata.to_string()).unwrap())
    }

    /// The workspace with one more dependency must break exactly one rule, in these words.
    fn breaks(name: &str, (on, req, kind): (&str, &str, Option<&str>), words: &str) {
        let added = dependency(on, req, kind);
        let mut metadata = sound();
        let packages = metadata["packages"].as_array_mut().unwrap();
        let package = packages.iter_mut().find(|package| package["name"] == name).unwrap();
        package["dependencies"].as_array_mut().unwrap().push(added.clone());
        let found = broken(&metadata);
        assert_eq!(found.len(), 1, "{name} with {added}: {found:?}");
        assert!(
            found[0].starts_with(&format!("{name} depends on ")) && found[0].contains(words),
            "{found:?}"
        );
    }

    #[test]
    fn a_sound_workspace_passes() {
        assert_eq!(broken(&sound()), Vec::<String>::new());
    }

    #[test]
    fn services_stand_on_core_only() {
        breaks("globus-transfer", ("globus-auth", "=0.1.0", NORMAL), "globus-core only");
        breaks("globus-transfer", ("globus", "=0.1.0", NORMAL), "globus-core only");
        breaks("globus-transfer", ("globus-auth", "=0.1.0", BUILD), "globus-core only");
    }

    #[test]
    fn a_crate_may_turn_on_its_own_features_for_tests() {
        let mut metadata = sound();
        let own = dependency("globus-core", "*", DEV);
        metadata["packages"][0]["dependencies"].as_array_mut().unwrap().push(own);
        assert_eq!(broken(&metadata), Vec::<String>::new());
        breaks("globus-core", ("globus-core", "=0.1.0", DEV), "names a path and no version");
    }

    #[test]
    fn core_stands_on_no_member() {
        breaks("globus-core", ("globus-auth", "=0.1.0", NORMAL), "no member");
        breaks("globus-core", ("globus-auth", "*", DEV), "no member");
    }

    #[test]
    fn foreign_crates_have_one_home() {
        breaks("globus-auth", ("reqwest", "^0.13", NORMAL), "only globus-core");
        breaks("globus-e2e", ("reqwest", "^0.13", DEV), "only globus-core");
        breaks("globus-emulator", ("rustls", "^0.23", NORMAL), "only globus-core");
        breaks("globus-core", ("oauth2", "^5", NORMAL), "only globus-auth");
    }

    #[test]
    fn the_emulator_and_the_sdk_keep_apart() {
        breaks("globus-emulator", ("globus-core", "=0.1.0", NORMAL), "no code with the SDK");
        breaks("globus-emulator", ("globus-core", "*", DEV), "no code with the SDK");
        breaks("globus", ("globus-emulator", "=0.1.0", NORMAL), "tests and examples only");
        breaks("globus-transfer", ("globus-emulator", "=0.1.0", NORMAL), "tests and examples only");
    }

    #[test]
    fn the_umbrella_has_no_logic() {
        breaks("globus", ("serde", "^1", NORMAL), "no logic");
    }

    #[test]
    fn nobody_depends_on_a_suite() {
        breaks("globus-transfer", ("globus-e2e", "*", DEV), "nobody's dependency");
    }

    #[test]
    fn pins_are_exact_and_dev_dependencies_path_only() {
        breaks("globus", ("globus-core", "^0.1", NORMAL), "must be =0.1.0");
        breaks("globus-transfer", ("globus-auth", "=0.1.0", DEV), "names a path and no version");
    }

    #[test]
    fn publication_follows_the_directory() {
        let mut metadata = sound();
        metadata["packages"][5]["publish"] = Value::Null;
        assert!(broken(&metadata)[0].contains("needs `publish = false`"));
        let mut metadata = sound();
        metadata["packages"][1]["publish"] = json!([]);
        assert!(broken(&metadata)[0].contains("must not be `publish = false`"));
    }

    #[test]
    fn values_are_shared() {
        for (key, value) in [("version", "0.2.0"), ("license", "MIT"), ("rust_version", "1.90")] {
            let mut metadata = sound();
            metadata["packages"][4][key] = json!(value);
            let found = broken(&metadata);
            assert_eq!(found.len(), 1, "{key}: {found:?}");
            assert!(found[0].contains("from the workspace"), "{found:?}");
        }
    }
}
