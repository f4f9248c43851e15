//! The ground that every Globus service client stands on: one crate that talks HTTP rightly.
//!
//! Most people want the crate of a service (`globus-transfer`, `globus-flows`, `globus-auth`), or `globus`, which is
//! all of them. This crate holds what those share: the [`Transport`], [`Config`], [`Error`], [`RetryPolicy`],
//! [`Pager`], [`Scope`], and [`BaseClient`], through which an operation that the SDK does not know yet
//! can be called by hand.
//!
//! The runtime is tokio, with IO and timers on (`enable_all`, as `#[tokio::main]` does it): every attempt has a limit of
//! time.

// The macros of this crate name it by its name from outside, also when they are used inside.
extern crate self as globus_core;

mod authorizer;
mod call;
mod client;
pub mod config;
mod document;
mod encode;
mod error;
mod execute;
mod feed;
mod id;
mod open_enum;
mod paging;
#[doc(hidden)]
pub mod polling;
mod request;
mod response;
mod retry;
pub mod scope;
mod secret;
mod service_client;
#[cfg(feature = "test-util")]
pub mod test_util;
pub mod time;
pub mod transport;

pub use crate::{
    authorizer::{Authorizer, AuthorizerProvider},
    call::Call,
    client::{BaseClient, ClientBuilder, ServiceClient},
    config::{Config, Environment, Service},
    document::{Extra, Field},
    error::{ApiError, Error, ErrorKind, Result, SubError},
    feed::Feed,
    id::{
        ClientId, CollectionId, FlowId, GroupId, IdentityId, IntoId, InvalidId, PolicyId, RunId,
        SubmissionId, SubscriptionId, TaskId,
    },
    open_enum::UnknownValue,
    paging::{Cursor, Page, PageInfo, Pager, Pages},
    response::Response,
    retry::RetryPolicy,
    scope::Scope,
    secret::Secret,
    time::{Clock, InvalidTimestamp, SystemClock, Timestamp},
    transport::{HttpTransport, Transport},
};

#[doc(hidden)]
pub mod __private {
    pub use http::Method;
    pub use serde::{self, Deserialize, Deserializer, Serialize, Serializer};
    pub use uuid::Uuid;

    pub use crate::{
        document::{Members, or_default, read_known},
        encode::Flag,
        open_enum::deserialize_word,
        paging::PageStyle,
    };
}
