//! Around every request: its name, the faults that a test asked for, a journal entry, a log line.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};

use super::broken::{Broken, Noted, Notes};
use super::{Line, RequestId};
use crate::control::{Damage, Entry, KEPT_OF_BODY, Replacement, RequestFault};
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
    let notes = Notes::default();
    let shown = (!of_control).then(|| (request.uri().query().map(str::to_owned), request.headers().clone()));
    if !of_control {
        request = request.map(|body| Noted::of(body, notes.clone(), KEPT_OF_BODY));
    }
    let mut response = match fault {
        None => next.run(request).await,
        Some(fault) => with_fault(&state, fault, request, next).await,
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
    if let Some((query, headers)) = shown {
        let (time, body, status) = (state.clock.now(), notes.take(), status.as_u16());
        let entry = Entry { time, method, path, query, headers, body, status, request_id: id.0, injected };
        state.control.record(entry);
    }
    response
}

async fn with_fault(state: &State, fault: RequestFault, request: Request, next: Next) -> Response {
    if !fault.delay.is_zero() {
        tokio::time::sleep(fault.delay).await;
    }
    let line = request.extensions().get::<ConnectInfo<Line>>().cloned();
    let answer = if fault.after_handling || matches!(fault.damage, Damage::None | Damage::Truncated(_)) {
        Some(next.run(request).await)
    } else {
        None
    };
    match (fault.damage, answer) {
        (Damage::Replaced(replacement), _) => replaced(state, replacement),
        (Damage::Truncated(bytes), Some(answer)) => truncated(answer, bytes).await,
        (Damage::None, Some(answer)) => answer,
        (Damage::Reset, _) => {
            if let Some(ConnectInfo(line)) = line {
                line.reset();
            }
            Response::new(Broken::at_once())
        }
        _ => Response::new(Broken::at_once()),
    }
}

fn replaced(state: &State, replacement: Replacement) -> Response {
    let headers = replacement.headers_at(state.clock.now());
    let mut response = Response::new(Body::from(replacement.body));
    *response.status_mut() = replacement.status;
    *response.headers_mut() = headers;
    response
}

/// Sends the beginning of an answer.
async fn truncated(answer: Response, bytes: usize) -> Response {
    let (mut parts, body) = answer.into_parts();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(whole) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Broken::after(bytes, &whole))
        }
        Err(_) => Response::new(Broken::at_once()),
    }
}
