//! The clients that ask Globus Auth for tokens.

mod builder;
mod confidential;
mod login;
mod native;

pub(crate) use self::login::Kind;
pub use self::{
    builder::LoginClientBuilder, confidential::ConfidentialAppAuthClient, login::AuthLoginClient,
    native::NativeAppAuthClient,
};
