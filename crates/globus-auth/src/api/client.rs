//! The client of the service.

use globus_core::{Scope, Service, scope, service_client};

service_client! {
    /// Talks to Globus Auth about users, and about what developers have registered.
    ///
    /// Cheap to clone; clones share everything, the pool of connections included. Tokens come from the login clients,
    /// [`NativeAppAuthClient`](crate::NativeAppAuthClient) and
    /// [`ConfidentialAppAuthClient`](crate::ConfidentialAppAuthClient). An app that logs users in is asked for `openid`,
    /// `profile` and `email`; see [`ClientBuilder::app_scopes`](globus_core::ClientBuilder::app_scopes) for more.
    ///
    /// ```no_run
    /// # async fn example(token: globus_auth::Secret) -> globus_auth::Result<()> {
    /// use globus_auth::{AccessTokenAuthorizer, AuthClient};
    ///
    /// let auth = AuthClient::new(AccessTokenAuthorizer::new(token))?;
    /// println!("{:?}", auth.userinfo().send().await?.preferred_username);
    /// # Ok(()) }
    /// ```
    pub struct AuthClient {
        service: Service::Auth,
        resource_server: scope::auth::RESOURCE_SERVER,
        default_scopes: [scope::auth::OPENID, scope::auth::PROFILE, scope::auth::EMAIL]
            .into_iter()
            .flat_map(Scope::new)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use globus_core::ServiceClient;

    use super::*;

    #[test]
    fn asks_who_the_user_is() {
        let scopes: Vec<_> = AuthClient::default_scopes().iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["openid", "profile", "email"]);
        assert_eq!(AuthClient::RESOURCE_SERVER, "auth.globus.org");
    }
}
