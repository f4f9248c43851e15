//! Ways to log somebody in: how they get to the page of Globus Auth, and how its answer gets back.
//!
//! A [`LoginFlowManager`] does the whole of it, from the [`LoginRequest`] to the tokens. Web applications, where the
//! two halves of a login are two requests of the browser, use [`LoginRequest::begin`] and the client's
//! [`finish`](crate::ConfidentialAppAuthClient::finish) instead.

mod request;

use std::fmt;

use async_trait::async_trait;
use globus_core::Result;

pub use self::request::LoginRequest;
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
