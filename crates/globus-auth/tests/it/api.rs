//! The service client: requests, documents, and what is more than one of them.

mod documents;
mod emulator;
mod identity_map;
mod replay;
mod shape;

use globus_auth::AuthClient;
use globus_core::test_util::ReplayTransport;

pub(crate) const ADA: &str = "7a1b2c3d-1111-4222-8333-944445555666";
pub(crate) const BOB: &str = "9c3d4e5f-5555-4666-8777-d88889999000";
pub(crate) const PROVIDER: &str = "d1e2f3a4-4444-4555-8666-c77778888999";
pub(crate) const GROUP: &str = "c1a5d0b2-9f7e-4a63-8a0e-6f2b1c3d4e5f";
pub(crate) const PROJECT: &str = "d6e7f8a9-bbbb-4ccc-8ddd-344445555666";
pub(crate) const POLICY: &str = "e7f8a9b0-cccc-4ddd-8eee-455556666777";
pub(crate) const CLIENT: &str = "0c1f3a52-6f3e-4c7b-9a11-5d0f6a7b8c9d";
pub(crate) const CREDENTIAL: &str = "f8a9b0c1-dddd-4eee-8fff-566667777888";
pub(crate) const SCOPE: &str = "a3b4c5d6-8888-4999-8aaa-011112222333";

/// A client that replays these answers.
pub(crate) fn replayed(replay: &ReplayTransport) -> AuthClient {
    AuthClient::builder().base_url("https://auth.example.org/").transport(replay.clone()).build().unwrap()
}

/// A client that is never asked.
pub(crate) fn idle() -> AuthClient {
    replayed(&ReplayTransport::default())
}
