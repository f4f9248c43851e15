//! Globus Auth for Rust: who asks, with which token, and how somebody logs in.
//!
//! # Apps
//! An [app] sees to all of it. This one is of a service account: register a client with a secret at
//! <https://app.globus.org/settings/developers>, and put its id and secret into `GLOBUS_CLIENT_ID` and
//! `GLOBUS_CLIENT_SECRET`.
//!
//! ```no_run
//! # fn main() -> globus_auth::Result<()> {
//! use globus_auth::{AuthClient, ClientApp};
//!
//! let app = ClientApp::from_env("my service")?;
//! let auth = AuthClient::builder().app(&app).build()?;
//! # Ok(()) }
//! ```
//!
//! And this one of whoever runs the program, which needs an id only. It asks them to log in when that is needed, and
//! finds the login again at the next start:
//!
//! ```no_run
//! # fn main() -> globus_auth::Result<()> {
//! use globus_auth::{AuthClient, UserApp};
//!
//! let app = UserApp::new("my tool", "61338d24-54d5-408f-a10d-66c06b59f6d2")?;
//! let auth = AuthClient::builder().app(&app).build()?;
//! # Ok(()) }
//! ```
//!
//! # A login by hand
//! What an app does can also be done step by step:
//!
//! ```no_run
//! use globus_auth::{NativeAppAuthClient, RefreshTokenAuthorizer};
//! use globus_core::{Authorizer, scope};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
//!     let (url, flow) = client.oauth2_start_flow(scope::transfer::ALL).refresh_tokens(true).begin()?;
//!     println!("Log in here:\n{url}\nand paste the code:");
//!
//!     let mut code = String::new();
//!     std::io::stdin().read_line(&mut code)?;
//!     let tokens = client.oauth2_exchange_code_for_tokens(flow, code).send().await?;
//!
//!     let token = tokens.by_resource_server(scope::transfer::RESOURCE_SERVER).ok_or("no token for Transfer")?;
//!     let refresh_token = token.refresh_token.clone().ok_or("no refresh token")?;
//!     let authorizer = RefreshTokenAuthorizer::new(refresh_token, client)
//!         .with_access_token(token.access_token.clone(), token.expires_at)?;
//!     println!("ready: {}", authorizer.authorization_header().await?.is_some());
//!     Ok(())
//! }
//! ```
//!
//! When the browser comes back to the program itself, give the whole address to
//! [`finish`](NativeAppAuthClient::finish), which also checks that it belongs to this login.
//!
//! # Users, and what developers register
//! [`AuthClient`] asks Globus Auth itself: who the user is, who others are, what a user has consented to, and the
//! projects, clients, scopes and policies of developers. See [`api`]. [`IdentityMap`] looks up many identities at once.
//!
//! # Services of one's own
//! A [`TokenVerifier`] checks the tokens that callers come with;
//! [`oauth2_get_dependent_tokens`](ConfidentialAppAuthClient::oauth2_get_dependent_tokens) gets the tokens to go on in their
//! name.
//!
//! # Authorizers
//! | | Sends | When it expires |
//! |---|---|---|
//! | [`NullAuthorizer`] | nothing | |
//! | [`BasicAuthorizer`] | an id and a secret | |
//! | [`AccessTokenAuthorizer`] | a token | 401 |
//! | [`RefreshTokenAuthorizer`] | a token | is renewed with a refresh token |
//! | [`ClientCredentialsAuthorizer`] | a token | is renewed with the client's id and secret |
//!
//! # Secrets
//! Tokens, codes and client secrets are [`Secret`]s: no log, error or debug output shows them. They are sent only to
//! `https` addresses and to this machine, and never follow a redirect.
//!
//! # Features
//! `rustls` (on by default) or `native-tls`: who does TLS. `sqlite`: token storage in an SQLite database
//! (`storage::SqliteTokenStorage`), SQLite included.

pub mod api;
pub mod app;
mod authorizers;
mod client;
pub mod consents;
mod credentials;
mod error;
mod flight;
mod flow;
pub mod gare;
mod id_token;
mod identity_map;
mod introspection;
pub mod login;
pub mod storage;
mod token_request;
mod tokens;
mod verifier;

pub use globus_core::{ClientId, Error, ErrorKind, PolicyId, Result, Secret, Timestamp};

#[doc(inline)]
pub use crate::{
    api::AuthClient,
    app::{ClientApp, GlobusApp, UserApp},
    authorizers::{
        AccessTokenAuthorizer, BasicAuthorizer, ClientCredentialsAuthorizer, HookResult, NullAuthorizer,
        OnRefresh, RefreshTokenAuthorizer, RenewalError,
    },
    client::{AuthLoginClient, ConfidentialAppAuthClient, LoginClientBuilder, NativeAppAuthClient},
    credentials::{ClientCredentials, Credentials, CredentialsError, CredentialsSource},
    error::oauth_error,
    flow::{AuthorizationFlow, FlowState, LoginError},
    id_token::{IdToken, IdTokenDecoder, IdTokenError},
    identity_map::{IdentityKey, IdentityMap},
    introspection::{PolicyEvaluation, SessionAuthentication, SessionInfo, TokenIntrospection, TokenStatus},
    token_request::TokenRequest,
    tokens::{OAuthDependentTokenResponse, OAuthToken, OAuthTokenResponse},
    verifier::{TokenVerifier, TokenVerifierError},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
