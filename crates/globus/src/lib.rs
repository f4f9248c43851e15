//! The Globus SDK for Rust: Auth, Transfer and Flows behind one import.
//!
//! ```no_run
//! use globus::prelude::*;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // A service account, from GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET.
//!     let app = ClientApp::from_env("my service")?;
//!     let transfer = TransferClient::builder().app(&app).build()?;
//!
//!     let mut data =
//!         TransferData::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc", "31ce9ba0-176d-45a5-add3-f37d233ba47d");
//!     data.add_item("/share/godata/", "/~/godata/");
//!
//!     let submitted = transfer.submit_transfer(data).send().await?;
//!     let done = transfer.task_wait(submitted.task_id).send().await?; // a failed task is an Err
//!     println!("copied {} files", done.files_transferred());
//!     Ok(())
//! }
//! ```
//!
//! # What is where
//! - [`auth`]: logins, tokens, and the authorizers that clients make requests with.
//! - [`transfer`]: collections, listings, transfers and their tasks.
//! - [`flows`]: research automation.
//! - [`core`]: what they share: errors, configuration, retry, paging, scopes.
//! - [`prelude`]: what most programs need, with one `use`.
//!
//! A method of a client takes what is required and gives a builder: set what is optional, then `.send().await`. Lists
//! have `.items()`, which walks over all pages. Names are those of the Python SDK.
//!
//! # Features
//! | feature | default | |
//! |---|---|---|
//! | `auth`, `transfer`, `flows` | on | one for each service |
//! | `validate` | off | flows and their inputs checked before they are sent |
//! | `rustls` | on | TLS by rustls, with the platform's trust store |
//! | `native-tls` | off | TLS by the operating system's library |
//! | `test-util` | off | a replay transport and a clock to turn by hand, for tests |
//!
//! # Without an account
//! The crate `globus-emulator` is a local Globus over directories of your machine, as a command and as a library for
//! tests: the same programs run against it and against the service.

#[doc(inline)]
#[cfg(feature = "auth")]
pub use globus_auth as auth;
#[doc(inline)]
pub use globus_core as core;
#[doc(inline)]
#[cfg(feature = "flows")]
pub use globus_flows as flows;
#[doc(inline)]
#[cfg(feature = "transfer")]
pub use globus_transfer as transfer;

#[doc(no_inline)]
pub use globus_core::{Config, Error, ErrorKind, Result};

/// What most programs need, with one `use`.
///
/// ```
/// use globus::prelude::*;
/// ```
pub mod prelude {
    #[cfg(feature = "auth")]
    pub use globus_auth::{
        AccessTokenAuthorizer, ClientApp, ClientCredentials, ClientCredentialsAuthorizer,
        ConfidentialAppAuthClient, GlobusApp, NativeAppAuthClient, RefreshTokenAuthorizer, UserApp,
    };
    pub use globus_core::{
        CollectionId, Config, Environment, Error, ErrorKind, FlowId, Pager, RetryPolicy, Scope, Service,
        TaskId, Timestamp, scope,
    };
    #[cfg(feature = "flows")]
    pub use globus_flows::{FlowsClient, SpecificFlowClient};
    #[cfg(feature = "transfer")]
    pub use globus_transfer::{
        DeleteData, FileType, FilterRule, Notify, SyncLevel, Task, TaskError, TaskStatus, TransferClient,
        TransferData, TransferItem,
    };
}
