//! Around every request: its name, the faults that a test asked for, a journal entry, a log line.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode};

use super::RequestId;
use crate::control::{Entry, Fault};
use crate::state::State;

/// The prefix that neither faults nor the journal touch: a test must be able to take a fault back.
const CONTROL: &str = "/_emulator";

pub(crate) async fn observe(
    Extract(state): Extract<Arc<State>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::random();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    // The path only: queries may carry codes.
    let path = request.uri().path().to_owned();
    let of_control = path == CONTROL || path.strip_prefix(CONTROL).is_some_and(|rest| rest.starts_with('/'));
    let started = Instant::now();

    let fault = if of_control { None } else { state.control.take_fault(&method, &path) };
    let injected = fault.is_some();
    let mut response = match fault {
        None => next.run(request).await,
        Some(fault) => with_fault(fault, request, next).await,
    };
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert("x-request-id", value);
    }
    let took = started.elapsed();
    let status = response.status();
    tracing::info!(
        %method,
        path,
        status = status.as_u16(),
        request_id = id.0,
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        injected,
        "request"
    );
    if !of_control {
        journal(&state, method, path, status, id, injected);
    }
    response
}

fn journal(state: &State, method: Method, path: String, status: StatusCode, id: RequestId, injected: bool) {
    let status = status.as_u16();
    state.control.record(Entry { time: state.clock.now(), method, path, status, request_id: id.0, injected });
}

async fn with_fault(fault: Fault, request: Request, next: Next) -> Response {
    if !fault.delay.is_zero() {
        tokio::time::sleep(fault.delay).await;
    }
    let replaces = fault.drop_connection || fault.status.is_some();
    if !replaces {
        return next.run(request).await;
    }
    if fault.after_handling {
        let answer = next.run(request).await;
        drop(answer);
    }
    if fault.drop_connection {
        return lost();
    }
    let mut response = Response::new(Body::from(fault.body));
    *response.status_mut() = fault.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = fault.headers;
    response
}

/// A response whose body fails before its first byte. The server then closes the connection without having
/// sent anything.
fn lost() -> Response {
    Response::new(Body::new(Lost))
}

struct Lost;

impl http_body::Body for Lost {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }
}
