//! The client of a program that cannot keep a secret.

use globus_core::{ClientId, IntoId, Result, scope::IntoScopes};

use super::{
    builder::LoginClientBuilder,
    login::{AuthLoginClient, login_methods},
};
use crate::AuthorizationFlow;

/// Logs people in to a program that they run themselves: a command, a desktop application, a notebook.
///
/// Such a program cannot keep a secret, so it has an id only. Register it at
/// <https://app.globus.org/settings/developers> as a "thick client". Cheap to clone.
///
/// ```no_run
/// # async fn example() -> globus_core::Result<()> {
/// use globus_auth::NativeAppAuthClient;
///
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let (url, flow) = client.oauth2_start_flow("openid profile email").begin()?;
/// println!("Log in here: {url}\nand paste the code:");
///
/// let mut code = String::new();
/// std::io::stdin().read_line(&mut code).expect("a terminal");
/// let tokens = client.oauth2_exchange_code_for_tokens(flow, code).send().await?;
/// println!("{} tokens", tokens.tokens().len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct NativeAppAuthClient(AuthLoginClient);

impl NativeAppAuthClient {
    /// Makes a client with the configuration of the environment. Opens no connection.
    ///
    /// # Errors
    /// As [`LoginClientBuilder::build`].
    pub fn new(client_id: impl IntoId<ClientId>) -> Result<Self> {
        Self::builder(client_id).build()
    }

    /// Starts to set up a client.
    pub fn builder(client_id: impl IntoId<ClientId>) -> LoginClientBuilder<Self> {
        LoginClientBuilder::new(client_id, None, Self)
    }

    /// Starts to log somebody in, for these scopes.
    ///
    /// Always with PKCE: only who began the login can use its code. Unless told otherwise, Globus Auth shows the code
    /// on a page of its own, for the user to copy.
    pub fn oauth2_start_flow(&self, scopes: impl IntoScopes) -> AuthorizationFlow {
        AuthorizationFlow::new(self.0.clone(), scopes)
    }

    fn login(&self) -> &AuthLoginClient {
        &self.0
    }
}

login_methods!(NativeAppAuthClient);

impl From<NativeAppAuthClient> for AuthLoginClient {
    fn from(client: NativeAppAuthClient) -> Self {
        client.0
    }
}

impl From<&NativeAppAuthClient> for AuthLoginClient {
    fn from(client: &NativeAppAuthClient) -> Self {
        client.0.clone()
    }
}
