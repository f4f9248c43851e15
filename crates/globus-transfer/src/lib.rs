//! Globus Transfer for Rust: collections, listings, transfers and their tasks.
//!
//! ```no_run
//! # use globus_core::Authorizer;
//! # async fn example(authorizer: impl Authorizer + 'static) -> Result<(), globus_transfer::TaskError> {
//! use globus_transfer::{SyncLevel, TransferClient, TransferData};
//!
//! let transfer = TransferClient::new(authorizer)?;
//!
//! let (laptop, archive) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
//! let mut data = TransferData::new(laptop, archive).label("nightly").sync_level(SyncLevel::Checksum);
//! data.add_item("/~/runs/", "/backup/runs/");
//!
//! let submitted = transfer.submit_transfer(data).send().await?;
//! let done = transfer.task_wait(submitted.task_id).send().await?;
//! println!("{:?} files, {} skipped", done.task.files_transferred, done.skipped_errors());
//! # Ok(()) }
//! ```
//!
//! - [`TransferClient`] has a method for each operation, under the names of the Python SDK. A method takes what is
//!   required and gives a builder: set what is optional, then `send().await`.
//! - [`endpoints`]: finding collections. [`files`]: listing and small file operations. [`submit`]: transfers and
//!   deletions. [`tasks`]: what becomes of them, and [`TransferClient::task_wait`], which ends in a verdict.
//! - [`https`]: files without tasks. [`local`]: Globus Connect on this machine.
//! - [`bookmarks`]: places with a name. [`tunnels`]: streams instead of files. [`v2`]: what the newer API has another
//!   form of.
//! - For those who look after collections: [`collections`]: changing and sharing them. [`access`]: permissions.
//!   [`roles`]: who manages what. [`endpoint_manager`]: everybody's tasks. [`pause`]: why nothing moves.
//! - Legacy: [`activation`].
//! - An operation without a method here is called with [`TransferClient::base`].
//!
//! Every call needs a token with the scope `urn:globus:auth:scope:transfer.api.globus.org:all`; touching files on a
//! mapped collection also needs the user's consent to its `data_access` scope, and says so with an error for which
//! [`Error::needs_consent`] is true.

pub mod access;
pub mod activation;
pub mod bookmarks;
mod client;
pub mod collections;
mod document;
pub mod endpoint_manager;
pub mod endpoints;
pub mod files;
mod filter;
pub mod https;
pub mod local;
mod parts;
pub mod pause;
pub mod roles;
pub mod submit;
pub mod tasks;
pub mod tunnels;
pub mod v2;

pub use globus_core::{
    CollectionId, Error, ErrorKind, Feed, Pager, PolicyId, Result, SubmissionId, SubscriptionId, TaskId,
    Timestamp,
};

#[doc(inline)]
pub use crate::{
    client::TransferClient,
    endpoints::{Endpoint, EntityType},
    files::{CollectionPath, FileEntry, FileList, FileType},
    filter::{Filter, Filters},
    submit::{
        DeleteData, FilterRule, Notify, Submission, SubmissionCode, SubmissionResult, SyncLevel,
        TransferData, TransferItem, TransferQueue,
    },
    tasks::{StallPolicy, Succeeded, Task, TaskError, TaskEvent, TaskSet, TaskStatus},
};

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
