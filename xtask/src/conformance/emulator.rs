//! An emulator for the time of one script.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The longest that it may take to start.
const START: Duration = Duration::from_secs(20);

/// What the ready file says.
#[derive(Debug, Deserialize)]
struct Ready {
    services: BTreeMap<String, String>,
    client_id: String,
    client_secret: String,
}

/// A running emulator with the collections `lab` and `archive`, and `vault`, which wants a `data_access` consent. Ends when it is dropped.
#[derive(Debug)]
pub(super) struct Emulator {
    child: Child,
    ready_file: PathBuf,
    ready: Ready,
    home: PathBuf,
}

impl Emulator {
    /// Starts one in `room`, which is emptied first.
    pub(super) fn start(program: &Path, room: &Path) -> Result<Self> {
        empty(room)?;
        let directory = |name: &str| {
            let path = room.join(name);
            fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
            Ok::<_, anyhow::Error>(path)
        };
        let (lab, archive) = (directory("lab")?, directory("archive")?);
        let (vault, home) = (directory("vault")?, directory("home")?);
        let ready_file = room.join("ready.json");
        let child = Command::new(program)
            .arg("--collection")
            .arg(format!("lab={}", lab.display()))
            .arg("--collection")
            .arg(format!("archive={}", archive.display()))
            .arg("--mapped-collection")
            .arg(format!("vault={}", vault.display()))
            .args(["--stream-access-point", "cluster", "--stream-access-point", "detector"])
            .arg("--ready-file")
            .arg(&ready_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut child = Ending(Some(child));
        let ready = child.wait_for(&ready_file)?;
        let Some(child) = child.0.take() else { bail!("the emulator is gone") };
        Ok(Self { child, ready_file, ready, home })
    }

    /// An empty home directory.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// What points the official clients at it.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let urls = self.ready.services.iter();
        let urls =
            urls.map(|(name, url)| (format!("GLOBUS_SDK_SERVICE_URL_{}", name.to_uppercase()), url.clone()));
        urls.chain([
            ("GLOBUS_CLI_CLIENT_ID".to_owned(), self.ready.client_id.clone()),
            ("GLOBUS_CLI_CLIENT_SECRET".to_owned(), self.ready.client_secret.clone()),
            ("CONFORMANCE_EMULATOR".to_owned(), self.ready_file.display().to_string()),
        ])
        .collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A process that is ended unless it is taken out.
struct Ending(Option<Child>);

impl Ending {
    fn wait_for(&mut self, ready_file: &Path) -> Result<Ready> {
        let start = Instant::now();
        loop {
            match fs::read(ready_file) {
                Ok(bytes) => {
                    return serde_json::from_slice(&bytes)
                        .with_context(|| format!("cannot read {}", ready_file.display()));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read {}", ready_file.display()));
                }
            }
            if let Some(status) = self.0.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the emulator ended ({status}) before it was ready");
            }
            if start.elapsed() > START {
                bail!("the emulator was not ready after {START:?}");
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // That it has ended already is just as well.
    let _ = child.kill();
    let _ = child.wait();
}

/// Makes an empty directory, whatever was there.
pub(super) fn empty(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot empty {}", directory.display()));
        }
        _ => {}
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_at_once_is_not_waited_for() {
        let room = tempfile::tempdir().unwrap();
        let error = Emulator::start(Path::new("false"), &room.path().join("x")).unwrap_err().to_string();
        assert!(error.starts_with("the emulator ended"), "{error}");
    }
}
