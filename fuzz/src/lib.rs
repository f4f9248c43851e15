//! What the fuzz targets share. Each target in `src/bin` feeds one parser with whatever libFuzzer makes up; `cargo xtask
//! fuzz` builds and runs them.

use globus_auth::NativeAppAuthClient;
use globus_core::test_util::{ManualClock, ReplayTransport, Reply};

/// A client that is given these answers.
///
/// # Panics
/// When the client cannot be made, which no input can bring about.
#[must_use]
pub fn client(replies: impl IntoIterator<Item = Reply>) -> NativeAppAuthClient {
    let noon = "2026-01-31T12:00:00Z".parse().expect("a time");
    NativeAppAuthClient::builder("61338d24-54d5-408f-a10d-66c06b59f6d2")
        .base_url("https://auth.example.org/")
        .transport(ReplayTransport::new(replies))
        .clock(ManualClock::at(noon))
        .build()
        .expect("a client")
}

/// Runs what needs a runtime.
///
/// # Panics
/// When there can be no runtime.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}
