//! Globus Flows.

use std::sync::Arc;

use axum::Router;

use crate::state::State;

/// What the Flows service remembers.
#[derive(Debug, Default)]
pub(crate) struct Store {}

/// The routes of the Flows service, mounted at `/flows`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
}
