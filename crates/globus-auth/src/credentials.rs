//! The id and secret of a service account, and where they come from.

mod chain;

use std::{env::VarError, fmt};

use globus_core::{ClientId, Error, ErrorKind, IntoId, InvalidId, Result, Secret, scope::IntoScopes};

pub use self::chain::Credentials;
use crate::{ClientCredentialsAuthorizer, ConfidentialAppAuthClient};

/// Holds the id and secret of a registered client.
///
/// ```no_run
/// # fn example() -> globus_core::Result<()> {
/// use globus_auth::ClientCredentials;
/// use globus_core::scope;
///
/// let credentials = ClientCredentials::from_env()?;
/// let authorizer = credentials.authorizer(scope::transfer::ALL)?;
/// // … and `TransferClient::new(authorizer)?` is ready for work.
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    client_id: ClientId,
    client_secret: Secret,
    source: CredentialsSource,
}

/// Says where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsSource {
    /// The program gave them.
    Code,
    /// Two variables of the environment.
    Environment {
        /// The name of the one with the client id.
        client_id: &'static str,
        /// The name of the one with the secret.
        client_secret: &'static str,
    },
    /// Somebody logged in to an app, which kept the login.
    StoredLogin {
        /// The name of the app.
        app_name: String,
    },
}

impl fmt::Display for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("the program"),
            Self::Environment { client_id, client_secret } => write!(f, "{client_id} and {client_secret}"),
            Self::StoredLogin { app_name } => write!(f, "the stored login of {app_name:?}"),
        }
    }
}

/// The pairs of variables, in the order in which they are looked at: the SDK's own, then those of the `globus` command.
const PAIRS: [(&str, &str); 2] =
    [("GLOBUS_CLIENT_ID", "GLOBUS_CLIENT_SECRET"), ("GLOBUS_CLI_CLIENT_ID", "GLOBUS_CLI_CLIENT_SECRET")];

/// Says why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// None of the variables is set.
    #[error(
        "no client credentials: set {} and {} (or {} and {})", PAIRS[0].0, PAIRS[0].1, PAIRS[1].0, PAIRS[1].1
    )]
    NotSet,
    /// One variable of a pair is set, the other one is not, or is empty.
    #[error("{set} is set, but {missing} is not (or is empty): set both or neither")]
    HalfSet {
        /// The variable that is set.
        set: &'static str,
        /// The variable that is missing.
        missing: &'static str,
    },
    /// None of the variables is set, and nobody has logged in to the app.
    #[error(
        "nobody to work as: no login of {app_name:?} is stored, and no client credentials are set ({} and {})",
        PAIRS[0].0, PAIRS[0].1
    )]
    NoLogin {
        /// The name of the app.
        app_name: String,
    },
    /// A variable has bytes that are no text. Which ones is not said: they may be a secret.
    #[error("{variable} is not valid Unicode")]
    NotText {
        /// The variable.
        variable: &'static str,
    },
    /// The client id is not a UUID.
    #[error("{variable}: {source}")]
    ClientId {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        source: InvalidId,
    },
}

impl From<CredentialsError> for Error {
    fn from(error: CredentialsError) -> Self {
        Self::new(ErrorKind::Config, error.to_string()).with_source(error)
    }
}

impl ClientCredentials {
    /// Takes an id and a secret.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the id is not a UUID or the secret is empty.
    pub fn new(client_id: impl IntoId<ClientId>, client_secret: impl Into<Secret>) -> Result<Self> {
        let (client_id, client_secret) = (client_id.into_id()?, client_secret.into());
        if client_secret.is_empty() {
            return Err(Error::invalid_input("the client secret is empty"));
        }
        Ok(Self { client_id, client_secret, source: CredentialsSource::Code })
    }

    /// Reads `GLOBUS_CLIENT_ID` and `GLOBUS_CLIENT_SECRET`; if neither is set, `GLOBUS_CLI_CLIENT_ID` and
    /// `GLOBUS_CLI_CLIENT_SECRET`, the variables of the `globus` command.
    ///
    /// Blanks around the values do not matter. An empty variable counts as not set.
    ///
    /// # Errors
    /// [`CredentialsError::NotSet`] when there are none, [`CredentialsError::HalfSet`] when half a pair is there: the
    /// error names the missing variable, and the other pair is not looked at.
    pub fn from_env() -> Result<Self, CredentialsError> {
        Self::look_up(|name| std::env::var(name))
    }

    /// Reads the same variables as [`from_env`](Self::from_env), from wherever the caller says.
    ///
    /// ```
    /// use globus_auth::ClientCredentials;
    ///
    /// let credentials = ClientCredentials::from_lookup(|name| match name {
    ///     "GLOBUS_CLIENT_ID" => Some("6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c".into()),
    ///     "GLOBUS_CLIENT_SECRET" => Some("c2VjcmV0".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(credentials.source().to_string(), "GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET");
    /// # Ok::<(), globus_auth::CredentialsError>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, CredentialsError> {
        Self::look_up(|name| lookup(name).ok_or(VarError::NotPresent))
    }

    fn look_up(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, CredentialsError> {
        let read = |variable: &'static str| match lookup(variable).map(Secret::new) {
            Ok(value) => Ok(Some(Secret::new(value.expose().trim())).filter(|value| !value.is_empty())),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(CredentialsError::NotText { variable }),
        };
        for (id_variable, secret_variable) in PAIRS {
            let (client_id, client_secret) = match (read(id_variable)?, read(secret_variable)?) {
                (None, None) => continue,
                (Some(client_id), Some(client_secret)) => (client_id, client_secret),
                (Some(_), None) => {
                    return Err(CredentialsError::HalfSet { set: id_variable, missing: secret_variable });
                }
                (None, Some(_)) => {
                    return Err(CredentialsError::HalfSet { set: secret_variable, missing: id_variable });
                }
            };
            let client_id = client_id
                .expose()
                .into_id()
                .map_err(|source| CredentialsError::ClientId { variable: id_variable, source })?;
            let source =
                CredentialsSource::Environment { client_id: id_variable, client_secret: secret_variable };
            return Ok(Self { client_id, client_secret, source });
        }
        Err(CredentialsError::NotSet)
    }

    /// Gives the client id.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Gives the secret.
    #[must_use]
    pub fn client_secret(&self) -> &Secret {
        &self.client_secret
    }

    /// Says where the credentials come from.
    #[must_use]
    pub fn source(&self) -> &CredentialsSource {
        &self.source
    }

    /// Makes the client that they are for, with the configuration of the environment.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a configuration value is wrong.
    pub fn client(&self) -> Result<ConfidentialAppAuthClient> {
        ConfidentialAppAuthClient::new(self.client_id, self.client_secret.clone())
    }

    /// Makes an authorizer for these scopes, with the configuration of the environment. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a configuration value is wrong, [`ErrorKind::InvalidInput`] when there is no scope,
    /// or a text is none.
    pub fn authorizer(&self, scopes: impl IntoScopes) -> Result<ClientCredentialsAuthorizer> {
        ClientCredentialsAuthorizer::new(self.client()?, scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c";

    fn read(variables: &[(&str, &str)]) -> Result<ClientCredentials, CredentialsError> {
        ClientCredentials::from_lookup(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_first_whole_pair_wins_and_is_named() {
        let own = [("GLOBUS_CLIENT_ID", ID), ("GLOBUS_CLIENT_SECRET", " own\n")];
        let cli = [("GLOBUS_CLI_CLIENT_ID", ID), ("GLOBUS_CLI_CLIENT_SECRET", "cli")];
        let both = read(&[own, cli].concat()).unwrap();
        assert_eq!(both.client_secret().expose(), "own");
        assert_eq!(both.source().to_string(), "GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET");
        let empty = [("GLOBUS_CLIENT_ID", ""), ("GLOBUS_CLIENT_SECRET", " ")];
        let second = read(&[empty, cli].concat()).unwrap();
        assert_eq!(second.client_secret().expose(), "cli");
        assert_eq!(second.source().to_string(), "GLOBUS_CLI_CLIENT_ID and GLOBUS_CLI_CLIENT_SECRET");
        assert_eq!(second.client_id().to_string(), ID);
    }

    #[test]
    fn half_a_pair_names_what_is_missing() {
        let cli = [("GLOBUS_CLI_CLIENT_ID", ID), ("GLOBUS_CLI_CLIENT_SECRET", "cli")];
        let rows = [
            (vec![("GLOBUS_CLIENT_ID", ID)], "GLOBUS_CLIENT_ID", "GLOBUS_CLIENT_SECRET"),
            (vec![("GLOBUS_CLIENT_SECRET", "s"), cli[0], cli[1]], "GLOBUS_CLIENT_SECRET", "GLOBUS_CLIENT_ID"),
            (vec![cli[0], ("GLOBUS_CLI_CLIENT_SECRET", "")], cli[0].0, cli[1].0),
        ];
        for (variables, set, missing) in rows {
            let error = read(&variables).unwrap_err();
            assert_eq!(error, CredentialsError::HalfSet { set, missing });
            assert_eq!(
                error.to_string(),
                format!("{set} is set, but {missing} is not (or is empty): set both or neither")
            );
        }
    }

    #[test]
    fn errors_become_configuration_errors_and_show_no_secret() {
        let error = Error::from(read(&[]).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(
            error.to_string(),
            "no client credentials: set GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET \
             (or GLOBUS_CLI_CLIENT_ID and GLOBUS_CLI_CLIENT_SECRET)"
        );
        let swapped =
            read(&[("GLOBUS_CLIENT_ID", "my-app"), ("GLOBUS_CLIENT_SECRET", "hunter2")]).unwrap_err();
        assert!(
            swapped.to_string().starts_with("GLOBUS_CLIENT_ID: \"my-app\" is not a client id"),
            "{swapped}"
        );
        let found = read(&[("GLOBUS_CLIENT_ID", ID), ("GLOBUS_CLIENT_SECRET", "hunter2")]).unwrap();
        assert!(!format!("{found:?}").contains("hunter2"));
        assert!(ClientCredentials::new(ID, "").is_err());
    }
}
