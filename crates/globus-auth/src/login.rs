//! Ways to log somebody in: how they get to the page of Globus Auth, and how its answer gets back.
//!
//! A [`LoginFlowManager`] does the whole of it, from the [`LoginRequest`] to the tokens:
//!
//! | | The user | Needs |
//! |---|---|---|
//! | [`AutomaticLoginFlowManager`] | one of the next two, as the machine allows | |
//! | [`LocalServerLoginFlowManager`] | agrees in a browser that opens by itself | a browser on this machine |
//! | [`CommandLineLoginFlowManager`] | opens an address in any browser, and pastes a code | a terminal |
//! | your own [`LoginFlowManager`] | | |
//!
//! ```no_run
//! use globus_auth::{NativeAppAuthClient, login::*};
//! use globus_core::scope;
//!
//! # async fn example() -> globus_auth::Result<()> {
//! let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?.into();
//! let request = LoginRequest::new(scope::transfer::ALL)?.with_refresh_tokens(true);
//! let tokens = AutomaticLoginFlowManager::new().run_login_flow(&client, &request).await?;
//! # Ok(()) }
//! ```
//!
//! # Web applications
//! Where the two halves of a login are two requests of the browser, perhaps to two processes, no manager is needed:
//! [`begin`](crate::AuthorizationFlow::begin) (or [`LoginRequest::begin`]) gives the address to redirect to and a
//! [`FlowState`](crate::FlowState) to keep in the session, and
//! [`finish`](crate::ConfidentialAppAuthClient::finish) ends the login with the address that the browser came back to.

mod automatic;
mod command_line;
mod local_server;
mod request;
mod surroundings;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use globus_core::Result;

pub use self::{
    automatic::AutomaticLoginFlowManager, command_line::CommandLineLoginFlowManager,
    local_server::LocalServerLoginFlowManager, request::LoginRequest,
};
use crate::{AuthLoginClient, OAuthTokenResponse};

/// Logs somebody in, by whatever means.
///
/// For a way of one's own, begin the login with [`LoginRequest::begin`], bring the user to the address that it gives,
/// and end it with [`AuthLoginClient::finish`], or with [`AuthLoginClient::oauth2_exchange_code_for_tokens`] when the
/// user copies the code.
///
/// ```
/// use async_trait::async_trait;
/// use globus_auth::{AuthLoginClient, OAuthTokenResponse, Result, login::{LoginFlowManager, LoginRequest}};
///
/// /// Shows addresses in a window of the application.
/// #[derive(Debug)]
/// struct Window;
///
/// # impl Window {
/// #     async fn show(&self, url: &url::Url) -> Result<String> { Ok(url.to_string()) }
/// # }
/// #[async_trait]
/// impl LoginFlowManager for Window {
///     async fn run_login_flow(
///         &self,
///         client: &AuthLoginClient,
///         request: &LoginRequest,
///     ) -> Result<OAuthTokenResponse> {
///         let (url, flow) = request.begin(client, Some("http://127.0.0.1:8910/"))?;
///         // The address that the window is sent to in the end.
///         let callback = self.show(&url).await?;
///         client.finish(flow, callback).send().await
///     }
/// }
/// ```
#[async_trait]
pub trait LoginFlowManager: fmt::Debug + Send + Sync {
    /// Logs somebody in: gives them the address of the login, waits for the answer, and exchanges it for tokens.
    ///
    /// # Errors
    /// A [`LoginError`](crate::LoginError) beneath, when the user declined, or nobody could be asked. When Globus Auth
    /// refuses the code, [`oauth_error`](crate::oauth_error) says why.
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse>;

    /// Says whether somebody is there who can be asked at once, so that it makes sense to begin a login in the middle
    /// of other work. Default: true.
    fn is_interactive(&self) -> bool {
        true
    }
}

#[async_trait]
impl<M: LoginFlowManager + ?Sized> LoginFlowManager for Arc<M> {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        (**self).run_login_flow(client, request).await
    }

    fn is_interactive(&self) -> bool {
        (**self).is_interactive()
    }
}
