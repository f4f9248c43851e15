//! `/_emulator/`: what a test asks of the emulator itself.

use std::sync::Arc;

use axum::Router;

use crate::state::State;

/// What the control room remembers.
#[derive(Debug, Default)]
pub(crate) struct Store {}

/// The routes of the control room, mounted at `/_emulator`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
}
