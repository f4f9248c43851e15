//! One port, a path prefix per service.

use std::sync::Arc;

use axum::Router;

use crate::state::State;
use crate::{auth, control, flows, transfer};

/// All services under their prefixes.
pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new()
        .nest("/auth", auth::router())
        .nest("/transfer", transfer::router())
        .nest("/flows", flows::router())
        .nest("/_emulator", control::router())
        .with_state(state)
}
