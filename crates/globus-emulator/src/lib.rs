//! A local Globus: Auth, Transfer and Flows over HTTP, with real directories and real copies.

mod auth;
mod builder;
mod clock;
mod control;
mod emulator;
mod flows;
mod fs;
mod random;
mod server;
mod state;
mod time;
mod transfer;

pub use builder::{CollectionConfig, EmulatorBuilder, StartError};
pub use emulator::Emulator;
pub use transfer::{Fault, TransferSettings};
