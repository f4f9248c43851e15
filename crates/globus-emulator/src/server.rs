//! One port, a path prefix per service, and what every request goes through.

pub(crate) mod body;
mod broken;
pub(crate) mod host;
pub(crate) mod in_process;
mod observe;
mod path;
mod request_id;
pub(crate) mod text;
mod wire;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, middleware};
use http::{StatusCode, Uri};
use serde_json::json;

use crate::state::State;
use crate::{auth, control, flows, groups, https, transfer};

pub(crate) use request_id::RequestId;
pub(crate) use wire::{Line, Listener};

/// The most bytes of a request to any service but Transfer.
const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// The most bytes of a request to Transfer: a submission may name a great many files.
const TRANSFER_BODY_LIMIT: usize = 64 * 1024 * 1024;

/// All services under their prefixes.
pub(crate) fn router(state: Arc<State>) -> Router {
    let service = |routes: Router<Arc<State>>, body_limit: usize| {
        routes.layer(DefaultBodyLimit::max(body_limit)).with_state(Arc::clone(&state))
    };
    // `nest_service` and not `nest`: what a service does not know must reach its own fallback, `/auth/` too.
    Router::new()
        .nest_service("/auth", service(auth::router(&state), BODY_LIMIT))
        .nest_service("/transfer", service(transfer::router(&state), TRANSFER_BODY_LIMIT))
        .nest_service("/flows", service(flows::router(&state), BODY_LIMIT))
        .nest_service("/groups", service(groups::router(&state), BODY_LIMIT))
        .nest_service("/https", https::router().with_state(Arc::clone(&state)))
        .nest_service("/actions", service(flows::actions::api::router(), BODY_LIMIT))
        .nest_service("/_emulator", service(control::router(), BODY_LIMIT))
        .fallback(no_such_service)
        .layer(middleware::from_fn(path::readable))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), host::local_names_only))
        .layer(middleware::from_fn_with_state(state, observe::observe))
}

async fn no_such_service(uri: Uri) -> Response {
    let message = format!(
        "{} belongs to no service: this emulator has /auth/, /transfer/, /flows/, /groups/, /actions/, /https/ and /_emulator/",
        uri.path()
    );
    (StatusCode::NOT_FOUND, Json(json!({"code": "NotFound", "message": message}))).into_response()
}
