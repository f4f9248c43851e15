//! What can be wrong with a configuration.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Service, UnknownEnvironment};

/// An error in a configuration, with the place to mend.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value is wrong.
    #[error("{origin}: {problem}")]
    #[non_exhaustive]
    Value {
        /// Where the value stands.
        origin: Origin,
        /// What is wrong with it.
        problem: String,
    },
    /// The environment's name is none that the SDK knows.
    #[error("{origin}: {error}")]
    #[non_exhaustive]
    UnknownEnvironment {
        /// Where the name stands.
        origin: Origin,
        /// The name, and those that are known.
        error: UnknownEnvironment,
    },
    /// A service has no URL.
    #[error("no URL for the service {service}: {}", why(*service, environment.as_deref()))]
    #[non_exhaustive]
    NoServiceUrl {
        /// The service.
        service: Service,
        /// What is wrong with the environment; `None` if the service has no common URL in any.
        environment: Option<Box<ConfigError>>,
    },
    /// A configuration file cannot be read.
    #[error("{}: {problem}", path.display())]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// What fails.
        problem: String,
        /// The system's error, shared so that this error can be cloned.
        source: Arc<io::Error>,
    },
    /// A line of a configuration file is not understood.
    #[error("{}:{line}: {problem}", path.display())]
    #[non_exhaustive]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of CA certificates, named in code, cannot be used.
    #[error("{}: {problem}", path.display())]
    #[non_exhaustive]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// The place where a configured value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A setter of [`ConfigBuilder`](super::ConfigBuilder), by name.
    Code(String),
    /// An environment variable, by name.
    Variable(String),
    /// An option in a file.
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The option, as it is spelled there.
        option: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(setter) => write!(f, "ConfigBuilder::{setter}"),
            Self::Variable(name) => f.write_str(name),
            Self::File { path, line, option } => write!(f, "{}:{line}: {option}", path.display()),
        }
    }
}

fn why(service: Service, environment: Option<&ConfigError>) -> String {
    let variable = service.url_variable();
    match environment {
        Some(error) => format!("{error}; set {variable} to use the service in this environment"),
        None => {
            format!("every endpoint has its own; give the client the endpoint's address, or set {variable}")
        }
    }
}
