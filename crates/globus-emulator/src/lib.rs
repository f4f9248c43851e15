//! A local Globus: Auth, Transfer, Flows and the reading half of Groups over HTTP, with real directories and real copies.
//!
//! It is for tests and for trying things out without an account, a network or a container: the Globus SDKs and
//! the `globus` command line talk to it as they talk to the service. Accounts, clients and consents are made up,
//! tokens expire, collections are directories of this machine, and what is transferred is really copied.
//!
//! ```
//! use globus_emulator::Emulator;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let data = tempfile::tempdir()?;
//! let emulator = Emulator::builder().collection("lab", data.path()).start().await?;
//!
//! // What a client needs to know:
//! let transfer = emulator.service_url("transfer");
//! assert!(transfer.starts_with("http://127.0.0.1:") && transfer.ends_with("/transfer/"));
//! let (id, secret) = (emulator.client_id(), emulator.client_secret());
//! assert!(!id.is_empty() && !secret.is_empty());
//! assert!(emulator.collection_id("lab").is_some());
//!
//! emulator.stop().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Pointing clients at it
//! One port serves everything: `/auth/`, `/transfer/`, `/flows/`, `/groups/`, `/actions/` and `/_emulator/`. The official
//! SDKs and this one read the addresses from `GLOBUS_SDK_SERVICE_URL_AUTH`, `…_TRANSFER`, `…_FLOWS` and `…_GROUPS`. The command
//! `globus-emulator --collection lab=/data -- bash` runs a shell, or what else stands there, with these variables and
//! those of a client and of the collections; without a command it prints them as lines for a shell. In a program they
//! are [`Emulator::variables`].
//!
//! It does not set `GLOBUS_SDK_ENVIRONMENT`: that variable says which Globus the *other* services are at, and
//! it chooses the file in which tokens are kept, so it is the user's to set. Set it to a name that does not exist,
//! such as `local`, and the official Python SDK refuses every service that the emulator does not have, instead of
//! calling the real one.
//!
//! # What it has
//! - **Auth**: every resource of its public API. [`Account`]s with linked identities, sessions and policies, a login
//!   page for people, the authorization code (with PKCE), refresh token, client credentials and dependent token
//!   grants, `id_token`s with published keys, consents that can be taken back, projects, clients, credentials and
//!   scopes. A [`Requirement`] lets any request be answered with a demand for a login or a consent.
//! - **Transfer**: see [`TransferSettings`].
//! - **Flows**: definitions are validated as the service does it, and runs execute for real: every type of state,
//!   references and expressions, errors and what catches them, consents and resuming, web inputs, roles, the log. A
//!   run that never ends is ended after 10,000 states.
//! - **Groups**: [`GroupSetup`]s, whose members get what permissions and roles give to the group. Programs read them as
//!   from the service: `my_groups`, one group, its policies.
//! - **Action providers**, under `/actions/` and under the URLs that Globus has them at: those of Transfer, hello
//!   world, expressions, waiting for a choice, mail, and Search, of which requests are only recorded. Providers of
//!   others are called by their `https` URL, or by a URL of this machine.
//! - **`/_emulator/`**, for tests, from this machine only:
//!
//! | Request | Effect |
//! |---|---|
//! | `GET health`, `GET info` | tells that it runs, and what it serves |
//! | `GET clock`, `POST clock` `{"advance_seconds": 3600}` | moves the time that tokens and codes expire by |
//! | `GET`, `DELETE journal` | lists or forgets the last 10,000 requests, without their secrets |
//! | `GET`, `DELETE faults` | lists or forgets the faults that are still due |
//! | `GET state`, `POST seed`, `POST reset` | shows what Auth remembers, adds to it, takes it back to the start |
//! | `GET`, `POST settings` | changes the lifetime of tokens, their rotation, and whether logins are approved at once |
//! | `POST tokens/expire`, `DELETE sessions`, `DELETE consents` | ends tokens, forgets logins, takes consents back |
//! | `POST logins` | answers the login at an authorize URL, see [`Emulator::answer_login`] |
//! | `GET`, `POST`, `DELETE requirements` | lists, makes or forgets demands, see [`Requirement`] |
//! | `POST faults`, one rule or a list | lets matching requests go wrong |
//! | `GET`, `POST`, `DELETE path_faults` | lets paths fail, for tasks and for file operations |
//! | `GET`, `DELETE outbox` | lists or forgets the mail that flows sent, which goes nowhere else |
//! | `GET`, `DELETE search` | lists or forgets what flows ingested into Search and deleted from it |
//! | `GET tasks`, `GET tasks/ID` | lists the tasks of everybody |
//! | `POST tasks/ID/pause`, `resume`, `cancel` | does what a manager of a collection can do |
//! | `POST tasks/ID/lapse`, `revive` | lets the credentials of a task lapse and be renewed |
//!
//! A rule says for which requests it is (`method`, `path_prefix`), how often (`times`, a number or `"always"`, default
//! 1; `every`, only each so many of them), and what happens: `status` (with `body` and `headers`), `answer`
//! (`"maintenance"`, `"rate_limit"`, `"html_error"`), `retry_after` or `retry_after_date` in seconds,
//! `drop_connection`, `reset_connection`, `truncate_after` so many bytes, `delay_ms`. With `after_handling` the service
//! does its work first, and only its answer is lost. The first rule that fits a request is used. In a program,
//! [`RequestFault`] and [`PathFault`] are the same.
//!
//! # What it is not
//! A place for secrets. Whoever reaches the port can log in as anybody, so it listens on the loopback interface
//! unless told otherwise, and then answers to `localhost` and loopback addresses only, which keeps web pages with
//! a name of their own for this machine out. The key that it signs `id_token`s with is published in its source.

mod auth;
mod builder;
mod clock;
mod control;
mod emulator;
pub mod expression;
mod flows;
mod fs;
mod groups;
mod https;
mod random;
mod requirement;
mod seed;
mod server;
mod state;
mod time;
mod transfer;
mod variables;

pub use auth::groups::GroupSetup;
pub use builder::{Account, CollectionConfig, EmulatorBuilder, StartError};
pub use control::RequestFault;
pub use emulator::Emulator;
pub use requirement::{ControlError, Requirement};
pub use transfer::{CollectionSetup, PathFault, TransferSettings};
