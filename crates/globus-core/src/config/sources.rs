//! Where configuration comes from, besides code.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::ini::{self, Entries};
use super::{ConfigError, Origin, values};

/// The environment variables and files that a [`ConfigBuilder`](super::ConfigBuilder) reads.
///
/// The default is those of the process. Tests make their own instead, because a process' variables are shared by all of
/// its threads:
/// ```
/// use globus_core::config::{Config, Sources};
///
/// let sources = Sources::empty().with_variable("GLOBUS_SDK_ENVIRONMENT", "preview");
/// let config = Config::builder().sources(sources).build()?;
/// assert_eq!(config.environment_name(), "preview");
/// # Ok::<(), globus_core::config::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Sources {
    process_variables: bool,
    /// In front of those of the process.
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    system_file: Option<PathBuf>,
}

impl fmt::Debug for Sources {
    /// Prints the names of variables only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("process_variables", &self.process_variables)
            .field("variables", &self.variables.keys())
            .field("home", &self.home)
            .field("system_file", &self.system_file)
            .finish()
    }
}

impl Default for Sources {
    fn default() -> Self {
        Self::process()
    }
}

impl Sources {
    /// Reads the variables of the process, `.globus.cfg` in the home directory, and `/etc/globus.cfg`.
    pub fn process() -> Self {
        Self {
            process_variables: true,
            variables: BTreeMap::new(),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            system_file: Some("/etc/globus.cfg".into()),
        }
    }

    /// Reads nothing.
    pub fn empty() -> Self {
        Self { process_variables: false, variables: BTreeMap::new(), home: None, system_file: None }
    }

    /// Adds a variable, which hides one of the process.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Adds variables, which hide those of the process.
    pub fn with_variables<N: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.variables.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Sets the home directory, in which `.globus.cfg` is looked for.
    pub fn with_home(mut self, directory: impl Into<PathBuf>) -> Self {
        self.home = Some(directory.into());
        self
    }

    /// Sets the system's file.
    pub fn with_system_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.system_file = Some(path.into());
        self
    }

    /// Reads the files.
    pub(super) fn load(self) -> Result<Settings, ConfigError> {
        let home_file = self.home.as_ref().map(|home| home.join(".globus.cfg"));
        let mut files = Vec::new();
        for path in [home_file, self.system_file.clone()].into_iter().flatten() {
            if let Some(text) = read(&path)? {
                let entries = ini::read(&text).map_err(|error| ConfigError::Syntax {
                    path: path.clone(),
                    line: error.line,
                    problem: error.problem,
                })?;
                files.push((path, entries));
            }
        }
        Ok(Settings { sources: self, files })
    }

    fn variable(&self, name: &str) -> Result<Option<String>, VarError> {
        match self.variables.get(name) {
            Some(value) => Ok(Some(value.clone())),
            None if self.process_variables => match std::env::var(name) {
                Ok(value) => Ok(Some(value)),
                Err(VarError::NotPresent) => Ok(None),
                Err(error) => Err(error),
            },
            None => Ok(None),
        }
    }
}

/// Variables and the content of files.
pub(super) struct Settings {
    sources: Sources,
    /// The first is asked first.
    files: Vec<(PathBuf, Entries)>,
}

/// A value as it was found: without blanks around it.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// What an empty value of a setting says.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Blank {
    IsNotSet,
    IsAValue,
}

impl Settings {
    /// Finds a setting that may differ between environments.
    pub(super) fn find(
        &self,
        environment: &str,
        option: &str,
        blank: Blank,
    ) -> Result<Option<Found>, ConfigError> {
        self.find_in(&[ini::environment(environment), ini::general()], option, blank)
    }

    /// Finds a setting that cannot differ between environments.
    pub(super) fn find_general(&self, option: &str, blank: Blank) -> Result<Option<Found>, ConfigError> {
        self.find_in(&[ini::general()], option, blank)
    }

    fn find_in(&self, sections: &[String], option: &str, blank: Blank) -> Result<Option<Found>, ConfigError> {
        let name = variable(option);
        let origin = Origin::Variable(name.clone());
        let in_variable = self
            .sources
            .variable(&name)
            .map_err(|_| values::wrong(&origin, "is not valid Unicode"))?
            .map(|value| Found { text: value.trim().to_owned(), origin });

        let in_files = self.files.iter().flat_map(|(path, entries)| {
            sections.iter().filter_map(move |section| {
                let entry = entries.get(&(section.clone(), option.to_owned()))?;
                let origin =
                    Origin::File { path: path.clone(), line: entry.line, option: entry.option.clone() };
                Some(Found { text: entry.value.clone(), origin })
            })
        });

        let mut candidates = in_variable.into_iter().chain(in_files);
        Ok(candidates.find(|found| blank == Blank::IsAValue || !found.text.is_empty()))
    }
}

/// Names the environment variable of an option.
pub(super) fn variable(option: &str) -> String {
    format!("GLOBUS_SDK_{}", option.to_ascii_uppercase())
}

/// Reads a file that may be missing.
fn read(path: &PathBuf) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => {
            let problem = match source.kind() {
                io::ErrorKind::InvalidData => "is not valid UTF-8".to_owned(),
                _ => format!("cannot be read: {source}"),
            };
            Err(ConfigError::File { path: path.clone(), problem, source: Arc::new(source) })
        }
    }
}
