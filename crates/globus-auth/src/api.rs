//! The service itself: who people are, and what is registered with Globus Auth.
//!
//! [`AuthClient`] has a method for each operation, under the names of the Python SDK. A method takes what is required
//! and gives a builder: set what is optional, then `send().await`. Where the service wraps a document
//! (`{"project": {…}}`), the document itself is what you get; `send_full` keeps the answer whole.
//!
//! ```no_run
//! # async fn example(authorizer: globus_auth::AccessTokenAuthorizer) -> globus_auth::Result<()> {
//! use globus_auth::{AuthClient, api::{clients::NewClient, projects::NewProject}};
//!
//! let auth = AuthClient::new(authorizer)?;
//! let me = auth.userinfo().send().await?;
//! let project = NewProject::new("Data Portal", "ops@example.edu").admin_ids([me.sub]);
//! let project = auth.create_project(project).send().await?;
//! let client = auth.create_client(NewClient::confidential("portal", project.id)).send().await?;
//! let secret = auth.create_client_credential(client.id, "production").send().await?;
//! # Ok(()) }
//! ```
//!
//! - [`userinfo`](mod@userinfo): who is logged in. [`identities`]: who others are. [`openid`]: how ID tokens are signed.
//! - [`projects`], [`clients`], [`scopes`], [`policies`]: what developers register. These need
//!   [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator of the project who has
//!   authenticated within the last 30 minutes: the error says so, and [`Gare::from_error`](crate::gare::Gare::from_error)
//!   says what a new login has to ask for.
//! - [`consents`](mod@consents): what a user has allowed.

mod client;
pub mod clients;
pub mod consents;
pub(crate) mod document;
pub mod identities;
pub mod openid;
pub mod policies;
pub mod projects;
pub mod scopes;
pub mod userinfo;

pub use client::AuthClient;
