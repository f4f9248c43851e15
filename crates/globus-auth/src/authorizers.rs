//! Who requests are made as.

mod client_credentials;
mod fixed;
mod header;
mod refresh_token;
mod renewing;

pub use self::{
    client_credentials::ClientCredentialsAuthorizer,
    fixed::{AccessTokenAuthorizer, BasicAuthorizer, NullAuthorizer},
    refresh_token::RefreshTokenAuthorizer,
    renewing::{HookResult, OnRefresh, RenewalError},
};
pub(crate) use self::{
    header::bearer,
    renewing::{EARLY, Renewing, TokenSource, failed as renewal_failed, the_one},
};
