//! The client of the service.

use globus_core::{Authorizer, BaseClient, ClientBuilder, Result, Scope, Service, ServiceClient, scope};

/// Talks to Globus Auth about users, and about what developers have registered.
///
/// Cheap to clone; clones share everything, the pool of connections included. Tokens come from the login clients,
/// [`NativeAppAuthClient`](crate::NativeAppAuthClient) and
/// [`ConfidentialAppAuthClient`](crate::ConfidentialAppAuthClient).
///
/// ```no_run
/// # async fn example(token: globus_auth::Secret) -> globus_auth::Result<()> {
/// use globus_auth::{AccessTokenAuthorizer, AuthClient};
///
/// let auth = AuthClient::new(AccessTokenAuthorizer::new(token))?;
/// println!("{:?}", auth.userinfo().send().await?.preferred_username);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct AuthClient {
    base: BaseClient,
}

impl AuthClient {
    /// Makes a client whose requests are made as the authorizer says; everything else comes from the environment
    /// and the configuration files, and is what it is by default.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when the environment or a configuration file has a value that
    /// cannot be used.
    pub fn new(authorizer: impl Authorizer + 'static) -> Result<Self> {
        Self::builder().authorizer(authorizer).build()
    }

    /// Starts to set up a client: another address, retry policy, transport and so on.
    pub fn builder() -> ClientBuilder<Self> {
        <Self as ServiceClient>::builder()
    }

    /// Gives the connection to the service, to call what this crate has no method for.
    ///
    /// ```no_run
    /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
    /// let clients: serde_json::Value =
    ///     auth.base().call("GET".parse().unwrap(), "/v2/api/clients").send().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn base(&self) -> &BaseClient {
        &self.base
    }
}

/// An app that logs users in is asked for `openid`, `profile` and `email`; see
/// [`ClientBuilder::app_scopes`] for more.
impl ServiceClient for AuthClient {
    const SERVICE: Service = Service::Auth;
    const RESOURCE_SERVER: &'static str = scope::auth::RESOURCE_SERVER;

    fn default_scopes() -> Vec<Scope> {
        [scope::auth::OPENID, scope::auth::PROFILE, scope::auth::EMAIL]
            .into_iter()
            .flat_map(Scope::new)
            .collect()
    }

    fn from_base(base: BaseClient) -> Self {
        Self { base }
    }

    fn base(&self) -> &BaseClient {
        &self.base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_who_the_user_is() {
        let scopes: Vec<_> = AuthClient::default_scopes().iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["openid", "profile", "email"]);
        assert_eq!(AuthClient::RESOURCE_SERVER, "auth.globus.org");
    }
}
