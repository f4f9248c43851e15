//! Who a program works as, when there are several it could be.

use std::env::VarError;

use globus_core::{AuthorizerProvider, Result};

use super::{ClientCredentials, CredentialsError, CredentialsSource};
use crate::{ClientApp, GlobusApp, UserApp};

/// Says who a program works as: a service account, or the person whose login is stored.
///
/// For programs that run both in jobs and at people's terminals. The first that there is wins:
///
/// 1. what the program was told, say by its own options: see [`choose`](Self::choose);
/// 2. `GLOBUS_CLIENT_ID` and `GLOBUS_CLIENT_SECRET`, then `GLOBUS_CLI_CLIENT_ID` and `GLOBUS_CLI_CLIENT_SECRET`: see
///    [`ClientCredentials::from_env`];
/// 3. a stored login of the app, perhaps one that the Python SDK stored.
///
/// ```no_run
/// # async fn example() -> globus_auth::Result<()> {
/// use globus_auth::{AuthClient, Credentials, UserApp};
///
/// let login = UserApp::new("my tool", "61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let credentials = Credentials::from_env(&login).await?;
/// eprintln!("working as {}", credentials.source());
/// let auth = AuthClient::builder().app(credentials.app()).build()?;
/// println!("{}", auth.userinfo().send().await?.sub);
/// # Ok(()) }
/// ```
///
/// Nobody is asked to log in to find out; [`UserApp::login`](GlobusApp::login) does that.
#[derive(Debug, Clone)]
pub struct Credentials {
    app: GlobusApp,
    source: CredentialsSource,
}

impl Credentials {
    /// Takes the service account of the environment, or else the login that this app has stored.
    ///
    /// # Errors
    /// As [`choose`](Self::choose).
    pub async fn from_env(login: &UserApp) -> Result<Self> {
        Self::choose(None, login).await
    }

    /// Takes the service account that the program was told of, or else that of the environment, or else the login that
    /// this app has stored. The app of a service account has the name and configuration of this one.
    ///
    /// # Errors
    /// Beneath the error, [`CredentialsError::NoLogin`] when there is none of them, and another [`CredentialsError`] when
    /// the environment has half a pair, or a wrong one: then no login is looked for. A
    /// [`StorageError`](crate::storage::StorageError) when the stored logins cannot be read.
    pub async fn choose(explicit: Option<ClientCredentials>, login: &UserApp) -> Result<Self> {
        Self::look_up(explicit, login, |name| std::env::var(name)).await
    }

    async fn look_up(
        explicit: Option<ClientCredentials>,
        login: &UserApp,
        lookup: impl Fn(&str) -> Result<String, VarError>,
    ) -> Result<Self> {
        let account = match explicit {
            Some(account) => Some(account),
            None => match ClientCredentials::look_up(lookup) {
                Err(CredentialsError::NotSet) => None,
                account => Some(account?),
            },
        };
        if let Some(account) = account {
            let (id, secret) = (account.client_id, account.client_secret);
            let app = ClientApp::builder(login.name(), id, secret);
            let app = app.config(AuthorizerProvider::config(login)).build()?;
            return Ok(Self { app: app.into(), source: account.source });
        }
        let app_name = login.name().to_owned();
        if login.token_storage().get_token_data_by_resource_server().await?.is_empty() {
            return Err(CredentialsError::NoLogin { app_name }.into());
        }
        let source = CredentialsSource::StoredLogin { app_name };
        Ok(Self { app: login.clone().into(), source })
    }

    /// Gives the app to make clients from.
    #[must_use]
    pub fn app(&self) -> &GlobusApp {
        &self.app
    }

    /// Says where the credentials come from.
    #[must_use]
    pub fn source(&self) -> &CredentialsSource {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use globus_core::{
        ErrorKind,
        config::{Config, Sources},
    };

    use super::*;
    use crate::storage::{MemoryTokenStorage, TokenData, TokenStorage};

    const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    const ACCOUNT: &str = "6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c";
    const OTHER: &str = "0c6e4a5f-5d3a-4d3c-9a55-9a3a4cf2c1d1";

    fn login(storage: &MemoryTokenStorage) -> UserApp {
        let config = Config::builder().sources(Sources::empty()).build().unwrap();
        UserApp::builder("my tool", NATIVE).config(config).token_storage(storage.clone()).build().unwrap()
    }

    async fn found(
        explicit: Option<&str>,
        variables: &[(&str, &str)],
        storage: &MemoryTokenStorage,
    ) -> Result<(String, String)> {
        let explicit = explicit.map(|id| ClientCredentials::new(id, "told").unwrap());
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        };
        let credentials = Credentials::look_up(explicit, &login(storage), lookup).await?;
        assert_eq!(credentials.app().name(), "my tool");
        Ok((credentials.app().client_id().to_string(), credentials.source().to_string()))
    }

    #[tokio::test]
    async fn the_first_that_there_is_wins_and_is_named() {
        let variables = [("GLOBUS_CLI_CLIENT_ID", ACCOUNT), ("GLOBUS_CLI_CLIENT_SECRET", "s")];
        let storage = MemoryTokenStorage::new();
        let error = found(None, &[], &storage).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let beneath = error.source().and_then(|error| error.downcast_ref::<CredentialsError>());
        assert_eq!(beneath, Some(&CredentialsError::NoLogin { app_name: "my tool".to_owned() }));

        storage.store_token_data(vec![TokenData::new("x", "y", "token", 1_900_000_000)]).await.unwrap();
        for (explicit, variables, id, source) in [
            (Some(OTHER), &variables[..], OTHER, "the program"),
            (None, &variables[..], ACCOUNT, "GLOBUS_CLI_CLIENT_ID and GLOBUS_CLI_CLIENT_SECRET"),
            (None, &[], NATIVE, "the stored login of \"my tool\""),
        ] {
            let found = found(explicit, variables, &storage).await.unwrap();
            assert_eq!(found, (id.to_owned(), source.to_owned()));
        }
    }

    #[tokio::test]
    async fn half_a_pair_is_no_reason_to_take_a_login() {
        let storage = MemoryTokenStorage::new();
        storage.store_token_data(vec![TokenData::new("x", "y", "token", 1_900_000_000)]).await.unwrap();
        let error = found(None, &[("GLOBUS_CLIENT_ID", ACCOUNT)], &storage).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "GLOBUS_CLIENT_ID is set, but GLOBUS_CLIENT_SECRET is not (or is empty): set both or neither"
        );
        // What the program was told stands all the same.
        assert!(found(Some(OTHER), &[("GLOBUS_CLIENT_ID", ACCOUNT)], &storage).await.is_ok());
    }
}
