//! A python with the official SDK and command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result, bail};

/// `responses` is what the sample answers of the SDK are wrapped in.
const PACKAGES: [&str; 3] = ["globus-sdk", "globus-cli", "responses"];

/// Services that the emulator does not have. The clients get an address at which nothing listens.
const ELSEWHERE: [&str; 5] = ["APP", "COMPUTE", "GROUPS", "SEARCH", "TIMER"];
const NOWHERE: &str = "http://127.0.0.1:9/";

/// An interpreter.
#[derive(Debug)]
pub(super) struct Python(PathBuf);

impl Python {
    /// Takes one that has the packages.
    pub(super) fn at(path: PathBuf) -> Result<Self> {
        let python = Self(path);
        python
            .versions()
            .with_context(|| format!("--python {} needs {}", python.0.display(), PACKAGES.join(", ")))?;
        Ok(python)
    }

    /// Makes one in `directory`, or brings the one that is there up to date, from PyPI.
    pub(super) fn install(directory: &Path) -> Result<Self> {
        let python = Self(directory.join("bin/python"));
        if !python.0.exists() {
            said(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
        }
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"];
        said(Command::new(&python.0).args(pip).args(PACKAGES))?;
        Ok(python)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Names the packages with their versions.
    pub(super) fn versions(&self) -> Result<String> {
        let names = PACKAGES.map(|name| format!("{name:?}")).join(", ");
        let code = format!(
            "from importlib.metadata import version; print(', '.join(f'{{n}} {{version(n)}}' for n in [{names}]))"
        );
        Ok(said(Command::new(&self.0).args(["-c", &code]))?.trim().to_owned())
    }

    /// Gives those of the methods that the official client of a service has.
    pub(super) fn has(&self, service: &str, methods: &[String]) -> Result<Vec<String>> {
        let code = "import sys, globus_sdk; client = getattr(globus_sdk, sys.argv[1].capitalize() + 'Client'); \
                    print('\\n'.join(name for name in sys.argv[2:] if hasattr(client, name)))";
        let told = said(Command::new(&self.0).args(["-c", code, service]).args(methods))?;
        Ok(told.split_whitespace().map(str::to_owned).collect())
    }

    /// A script, in an environment from which nothing leads to the real service.
    pub(super) fn script(&self, script: &Path, home: &Path, variables: &[(String, String)]) -> Command {
        let mut command = Command::new(&self.0);
        command.env_clear();
        for kept in ["PATH", "TMPDIR"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        for service in ELSEWHERE {
            command.env(format!("GLOBUS_SDK_SERVICE_URL_{service}"), NOWHERE);
        }
        command
            // An environment that does not exist: a service without an address is an error then.
            .env("GLOBUS_SDK_ENVIRONMENT", "local")
            .env("GLOBUS_CLI_INTERACTIVE", "0")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("HOME", home)
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .arg(script);
        command
    }
}

/// Tells whether `pip` failed because nobody answered. It has no other way to say so than these words; what it does not
/// say so is a failure.
pub(super) fn is_unreachable(error: &Error) -> bool {
    let said = format!("{error:#}");
    let words = [
        "NewConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "NameResolutionError",
        "ProxyError",
    ];
    words.iter().any(|word| said.contains(word))
}

/// Runs a program quietly; gives what it prints.
fn said(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_see_nothing_of_this_machines_globus() {
        let python = Python("python3".into());
        let variables = [("GLOBUS_SDK_SERVICE_URL_AUTH".to_owned(), "http://127.0.0.1:1/".to_owned())];
        let script = python.script(Path::new("x.py"), Path::new("/home/nobody"), &variables);
        let variable = |name: &str| {
            let found = script.get_envs().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value?.to_str().map(str::to_owned))
        };
        assert_eq!(variable("GLOBUS_SDK_ENVIRONMENT").as_deref(), Some("local"));
        assert_eq!(variable("HOME").as_deref(), Some("/home/nobody"));
        assert_eq!(variable("GLOBUS_SDK_SERVICE_URL_GROUPS").as_deref(), Some(NOWHERE));
        assert_eq!(variable("GLOBUS_SDK_SERVICE_URL_AUTH").as_deref(), Some("http://127.0.0.1:1/"));
        assert_eq!(variable("HTTPS_PROXY"), None);
    }

    #[test]
    fn only_a_network_that_is_not_there_is_unreachable() {
        let error = |said: &str| anyhow::anyhow!("pip failed: {said}");
        let refused = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/x/ \
                       ERROR: Could not find a version that satisfies the requirement x (from versions: none)";
        assert!(is_unreachable(&error(refused)));
        assert!(!is_unreachable(&error("ERROR: No matching distribution found for globus-sdk")));
        assert!(!is_unreachable(&error("cannot start python3")));
    }

    #[test]
    fn a_python_without_the_packages_is_told() {
        let error = Python::at("false".into()).unwrap_err().to_string();
        assert_eq!(error, "--python false needs globus-sdk, globus-cli, responses");
    }
}
