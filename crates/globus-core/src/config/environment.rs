//! The environments of Globus, its services, and where they are.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An installation of Globus: the production one, the preview of the next version, or one of Globus' own for tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// The one that everybody uses; the default.
    #[default]
    Production,
    /// The preview of what comes to production next.
    Preview,
    /// For tests inside Globus.
    Sandbox,
    /// For tests inside Globus.
    Integration,
    /// For tests inside Globus.
    Test,
    /// For tests inside Globus.
    Staging,
}

impl Environment {
    /// Lists all environments.
    pub const ALL: &'static [Self] =
        &[Self::Production, Self::Preview, Self::Sandbox, Self::Integration, Self::Test, Self::Staging];

    /// Gives the name, as in `GLOBUS_SDK_ENVIRONMENT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Preview => "preview",
            Self::Sandbox => "sandbox",
            Self::Integration => "integration",
            Self::Test => "test",
            Self::Staging => "staging",
        }
    }

    /// Gives the base URL of a service, which ends with `/`; `None` for [`Service::GlobusConnectServer`], which is at
    /// another address for each endpoint.
    #[must_use]
    pub fn service_url(self, service: Service) -> Option<Url> {
        let name = service.as_str();
        let host = match (service, self) {
            (Service::GlobusConnectServer, _) => return None,
            // Hosts outside of the scheme.
            (Service::Nexus, Self::Production) => "nexus.api.globusonline.org".to_owned(),
            (Service::Flows | Service::Timer | Service::Actions, Self::Production) => {
                format!("{name}.automate.globus.org")
            }
            (Service::Flows | Service::Timer | Service::Actions, _) => {
                format!("{self}.{name}.automate.globus.org")
            }
            (Service::Auth | Service::App, _) => format!("{name}.{}", self.domain()),
            _ => format!("{name}.api.{}", self.domain()),
        };
        Url::parse(&format!("https://{host}/")).ok()
    }

    fn domain(self) -> String {
        match self {
            Self::Production => "globus.org".to_owned(),
            Self::Preview => "preview.globus.org".to_owned(),
            _ => format!("{self}.globuscs.info"),
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Environment> for String {
    fn from(environment: Environment) -> Self {
        environment.as_str().to_owned()
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(name: &str) -> Result<Self, UnknownEnvironment> {
        let known = Self::ALL.iter().copied().find(|known| known.as_str() == name);
        known.ok_or_else(|| UnknownEnvironment { name: name.to_owned() })
    }
}

/// The error of a name that is no [`Environment`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown environment {name:?} (known are {})", known_names())]
#[non_exhaustive]
pub struct UnknownEnvironment {
    /// The name.
    pub name: String,
}

pub(super) fn known_names() -> String {
    Environment::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ")
}

/// A service of Globus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Globus Auth: logins, tokens, identities.
    Auth,
    /// Globus Transfer.
    Transfer,
    /// Globus Flows.
    Flows,
    /// Globus Timers (`timer` in names).
    Timer,
    /// Globus Groups.
    Groups,
    /// Globus Search.
    Search,
    /// Globus Compute.
    Compute,
    /// The web app.
    App,
    /// Nexus, the predecessor of Globus Groups.
    Nexus,
    /// The action providers that Globus runs for flows.
    Actions,
    /// The manager of a Globus Connect Server endpoint.
    GlobusConnectServer,
}

impl Service {
    /// Lists all services.
    pub const ALL: &'static [Self] = &[
        Self::Auth,
        Self::Transfer,
        Self::Flows,
        Self::Timer,
        Self::Groups,
        Self::Search,
        Self::Compute,
        Self::App,
        Self::Nexus,
        Self::Actions,
        Self::GlobusConnectServer,
    ];

    /// Gives the name, such as `transfer`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Transfer => "transfer",
            Self::Flows => "flows",
            Self::Timer => "timer",
            Self::Groups => "groups",
            Self::Search => "search",
            Self::Compute => "compute",
            Self::App => "app",
            Self::Nexus => "nexus",
            Self::Actions => "actions",
            Self::GlobusConnectServer => "globus_connect_server",
        }
    }

    /// Gives the name of the environment variable that sets the service's URL, such as
    /// `GLOBUS_SDK_SERVICE_URL_TRANSFER`.
    #[must_use]
    pub fn url_variable(self) -> String {
        super::sources::variable(&self.option())
    }

    /// Gives the name of the option in files that sets the service's URL.
    pub(super) fn option(self) -> String {
        format!("service_url_{self}")
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
