//! Configuration: which Globus, at which addresses, and how to talk to it.
//!
//! Each setting comes from the first of these that has it:
//! 1. code: the setters of [`ConfigBuilder`];
//! 2. environment variables;
//! 3. the user's file `~/.globus.cfg`;
//! 4. the system's file `/etc/globus.cfg`;
//! 5. the default.
//!
//! | Setting | Variable | In files | Default |
//! |---|---|---|---|
//! | environment | `GLOBUS_SDK_ENVIRONMENT` | `environment` | `production` |
//! | address of a service | `GLOBUS_SDK_SERVICE_URL_<SERVICE>` | `service_url_<service>` or `<service>_service` | the environment's |
//! | TLS verification | `GLOBUS_SDK_VERIFY_SSL`: a boolean or a CA file | `verify_ssl` or `ssl_verify` | on |
//! | HTTP timeout | `GLOBUS_SDK_HTTP_TIMEOUT`: seconds, -1 for none | `http_timeout` | 60 s |
//!
//! The services are those of [`Service`]. Variables and file options for an address or the timeout that are empty count
//! as not set; an empty environment or TLS verification is an error, because it is so in the Python SDK.
//!
//! # Files
//! The format is that of version 1 of the Python SDK:
//! ```ini
//! [general]
//! environment = preview
//! http_timeout = 120
//!
//! # Only in this environment, before [general]. `default` is another name for `production`.
//! [environment preview]
//! transfer_service = https://transfer.example.org/
//! ```
//! Other sections and options are ignored. The whole of `~/.globus.cfg` comes before the whole of `/etc/globus.cfg`.
//!
//! # Examples
//! ```
//! use std::time::Duration;
//! use globus_core::config::{Config, Service, Sources};
//!
//! # fn main() -> Result<(), globus_core::config::ConfigError> {
//! let config = Config::builder()
//!     .service_url(Service::Transfer, "http://localhost:8080/transfer")
//!     .http_timeout(Duration::from_secs(10))
//!     # .sources(Sources::empty())
//!     .build()?;
//!
//! assert_eq!(config.service_url(Service::Transfer)?.as_str(), "http://localhost:8080/transfer/");
//! assert_eq!(config.service_url(Service::Groups)?.as_str(), "https://groups.api.globus.org/");
//! # Ok(())
//! # }
//! ```

mod environment;
mod error;
mod ini;
mod sources;
mod tls;
mod values;

pub use environment::{Environment, Service, UnknownEnvironment};
pub use error::{ConfigError, Origin};
pub use sources::Sources;
pub use tls::{CaBundle, TlsVerify};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use sources::{Blank, Settings};

const DEFAULT_HTTP_TIMEOUT: Duration = Duration::from_secs(60);

/// The configuration that clients share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Config {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    environment_name: String,
    environment: Result<Environment, ConfigError>,
    service_urls: BTreeMap<Service, Url>,
    tls_verify: TlsVerify,
    http_timeout: Option<Duration>,
}

impl Config {
    /// Starts a configuration; what is not set in code comes from environment variables and files.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// Reads the configuration from environment variables and files.
    ///
    /// # Errors
    /// As [`ConfigBuilder::build`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().build()
    }

    /// Gives the environment.
    ///
    /// # Errors
    /// [`ConfigError::UnknownEnvironment`] if its name is none that the SDK knows. Such a configuration can still be
    /// built: see [`service_url`](Self::service_url).
    pub fn environment(&self) -> Result<Environment, ConfigError> {
        self.inner.environment.clone()
    }

    /// Gives the name of the environment, be it known or not.
    #[must_use]
    pub fn environment_name(&self) -> &str {
        &self.inner.environment_name
    }

    /// Gives the base URL of a service. Its path ends with `/`.
    ///
    /// An environment of unknown name works for every service that has a URL of its own. So the name `local`, say, makes
    /// sure that nothing talks to the real Globus by accident.
    ///
    /// # Errors
    /// [`ConfigError::NoServiceUrl`] if no URL was configured, and either the environment's name is unknown or the
    /// service is [`Service::GlobusConnectServer`], which is at another address for each endpoint.
    pub fn service_url(&self, service: Service) -> Result<&Url, ConfigError> {
        self.inner.service_urls.get(&service).ok_or_else(|| {
            let environment = self.inner.environment.as_ref().err().map(|error| Box::new(error.clone()));
            ConfigError::NoServiceUrl { service, environment }
        })
    }

    /// Tells how the certificates of servers are checked.
    #[must_use]
    pub fn tls_verify(&self) -> &TlsVerify {
        &self.inner.tls_verify
    }

    /// Gives the time that one HTTP request may take, `None` for as long as it likes. Default 60 s.
    #[must_use]
    pub fn http_timeout(&self) -> Option<Duration> {
        self.inner.http_timeout
    }
}

/// Makes a [`Config`]. Begin with [`Config::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ConfigBuilder {
    environment: Option<String>,
    /// Read when they are set, so that no password in a wrong URL is kept.
    service_urls: BTreeMap<Service, Result<Url, ConfigError>>,
    tls_verify: Option<TlsVerify>,
    #[expect(clippy::option_option, reason = "not set, set to a time, and set to none are three things")]
    http_timeout: Option<Option<Duration>>,
    sources: Sources,
}

impl ConfigBuilder {
    /// Sets the environment: an [`Environment`] or a name.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// Sets the base URL of a service: absolute, `http` or `https`, without user, query and fragment. A `/` is added to
    /// its end if there is none.
    pub fn service_url(mut self, service: Service, url: impl Into<String>) -> Self {
        let origin = Origin::Code(format!("service_url(Service::{service:?})"));
        self.service_urls.insert(service, values::service_url(&url.into(), &origin));
        self
    }

    /// Sets how the certificates of servers are checked: `true`, `false`, or a [`TlsVerify`].
    pub fn tls_verify(mut self, verify: impl Into<TlsVerify>) -> Self {
        self.tls_verify = Some(verify.into());
        self
    }

    /// Sets the time that one HTTP request may take; `None` is as long as it likes.
    pub fn http_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.http_timeout = Some(timeout.into());
        self
    }

    /// Sets where variables and files are read from: [`Sources::empty`] for nothing but code. Default: this process.
    pub fn sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// Reads what was not set in code from environment variables and files, and makes the configuration.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the variable, the line of the file, or the setter with the wrong value; also if a
    /// file exists that cannot be read. An environment of unknown name is no error yet.
    pub fn build(self) -> Result<Config, ConfigError> {
        let settings = self.sources.load()?;
        let (environment_name, origin) = environment_name(self.environment, &settings)?;
        let environment =
            environment_name.parse().map_err(|error| ConfigError::UnknownEnvironment { origin, error });

        let mut service_urls = BTreeMap::new();
        for &service in Service::ALL {
            let configured = match self.service_urls.get(&service) {
                Some(url) => Some(url.clone()?),
                None => settings
                    .find(&environment_name, &service.option(), Blank::IsNotSet)?
                    .map(|found| values::service_url(&found.text, &found.origin))
                    .transpose()?,
            };
            let computed =
                || environment.as_ref().ok().and_then(|known: &Environment| known.service_url(service));
            if let Some(url) = configured.or_else(computed) {
                service_urls.insert(service, url);
            }
        }

        let tls_verify = match self.tls_verify {
            Some(verify) => verify,
            None => match settings.find(&environment_name, "verify_ssl", Blank::IsAValue)? {
                Some(found) => values::tls_verify(&found.text, &found.origin)?,
                None => TlsVerify::On,
            },
        };

        let http_timeout = match self.http_timeout {
            Some(timeout) => values::positive(timeout, &Origin::Code("http_timeout".to_owned()))?,
            None => match settings.find(&environment_name, "http_timeout", Blank::IsNotSet)? {
                Some(found) => values::http_timeout(&found.text, &found.origin)?,
                None => Some(DEFAULT_HTTP_TIMEOUT),
            },
        };

        let inner = Inner { environment_name, environment, service_urls, tls_verify, http_timeout };
        Ok(Config { inner: Arc::new(inner) })
    }
}

fn environment_name(in_code: Option<String>, settings: &Settings) -> Result<(String, Origin), ConfigError> {
    let (name, origin) = match in_code {
        Some(name) => (name, Origin::Code("environment".to_owned())),
        None => match settings.find_general("environment", Blank::IsAValue)? {
            Some(found) => (found.text, found.origin),
            None => (Environment::default().to_string(), Origin::Code("environment".to_owned())),
        },
    };
    if name.is_empty() {
        return Err(values::wrong(&origin, format!("is empty (use {})", environment::known_names())));
    }
    Ok((name, origin))
}
