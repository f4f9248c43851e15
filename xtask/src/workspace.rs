//! The workspace on disk, and the programs that run in it.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::metadata::Metadata;

/// The root directory of a workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the workspace that the current directory is in.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Program::cargo(Path::new("."))
            .args(["locate-project", "--workspace", "--message-format", "plain"])
            .output()?;
        let root = Path::new(manifest.trim())
            .parent()
            .with_context(|| format!("cargo names no workspace manifest: {manifest:?}"))?;
        Ok(Self::at(root))
    }

    /// Takes `root` as it is.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn exists(&self, relative: &str) -> bool {
        self.path(relative).exists()
    }

    pub(crate) fn read(&self, relative: impl AsRef<Path>) -> Result<String> {
        let path = self.path(relative);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Replaces a file in one step, so that an interrupted command leaves the old or the new one.
    pub(crate) fn write(&self, relative: &str, text: &str) -> Result<()> {
        let path = self.path(relative);
        let mut half = path.clone().into_os_string();
        half.push(".new");
        fs::write(&half, text)
            .and_then(|()| fs::rename(&half, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// The text files of the repository: tracked ones, and new ones that git does not ignore.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let listed = self
            .program("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|name| !name.is_empty() && self.path(name).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// What cargo knows of members and dependencies, with all features.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        let json = self.cargo().args(["metadata", "--format-version", "1", "--all-features"]).output()?;
        Metadata::parse(&json)
    }

    /// What cargo knows of the members alone; needs no registry.
    pub(crate) fn members(&self) -> Result<Metadata> {
        let json =
            self.cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).output()?;
        Metadata::parse(&json)
    }

    pub(crate) fn cargo(&self) -> Program {
        Program::cargo(&self.root)
    }

    pub(crate) fn program(&self, name: &str) -> Program {
        Program::new(name, name, &self.root)
    }
}

/// A program about to run, and the words to show for it.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    shown: String,
}

impl Program {
    fn new(path: impl AsRef<OsStr>, shown: &str, directory: &Path) -> Self {
        let mut command = Command::new(path);
        command.current_dir(directory);
        Self { command, shown: shown.to_owned() }
    }

    fn cargo(directory: &Path) -> Self {
        // Under `cargo xtask` this is the very cargo that was called, toolchain included.
        let path = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(path, "cargo", directory)
    }

    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        for arg in args {
            self.command.arg(arg);
            self.shown.push(' ');
            self.shown.push_str(arg);
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self.shown = format!("{name}={value:?} {}", self.shown);
        self
    }

    /// Runs it in the open; a status other than success is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        println!("$ {}", self.shown);
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it in the open, and shows each line of its standard output to `see` too.
    pub(crate) fn run_with(mut self, mut see: impl FnMut(&str)) -> Result<()> {
        println!("$ {}", self.shown);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", self.shown))?;
        if let Some(out) = child.stdout.take() {
            for line in BufReader::new(out).split(b'\n') {
                let line = line.with_context(|| format!("cannot read what `{}` says", self.shown))?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                see(&line);
            }
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it quietly and returns what it said on standard output.
    pub(crate) fn output(self) -> Result<String> {
        let shown = self.shown.clone();
        match self.answer()? {
            Ok(text) => Ok(text),
            Err(complaint) => bail!("`{shown}` failed: {}", complaint.trim()),
        }
    }

    /// Runs it quietly: its standard output, or its standard error when it refused.
    pub(crate) fn answer(mut self) -> Result<Result<String, String>> {
        let output = self
            .command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start `{}`", self.shown))?;
        if !output.status.success() {
            return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let text = String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` did not answer in UTF-8", self.shown))?;
        Ok(Ok(text))
    }
}

/// An error with every problem on its own line, or nothing.
pub(crate) fn refuse_any(what: &str, problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{what}:\n  {}", problems.join("\n  "))
}

/// Whether a path, written with `/`, ends in this extension.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}
