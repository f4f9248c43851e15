//! Under which names the emulator answers.
//!
//! A web page can point a name of its own at this machine and then read what the emulator says as if it came
//! from the page's own server, log in, and reach the collections. So an emulator that is for this machine only
//! does not answer to other names than this machine's.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use crate::state::State;

pub(super) async fn local_names_only(
    Extract(state): Extract<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if !state.address.ip().is_loopback() || is_local(request.headers()) {
        return next.run(request).await;
    }
    let message = "This emulator is for this machine only and answers to localhost and loopback addresses. \
                   To reach it under another name, let it listen on another address";
    (StatusCode::MISDIRECTED_REQUEST, Json(json!({"code": "MisdirectedRequest", "message": message})))
        .into_response()
}

/// Tells whether a request was sent to this machine by one of its own names. One without `Host` is not from a
/// browser.
pub(crate) fn is_local(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).is_none_or(|host| host.to_str().is_ok_and(is_local_name))
}

fn is_local_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_names_are_local() {
        for local in ["localhost", "LOCALHOST:80", "127.0.0.1:5", "127.1.2.3", "[::1]:5"] {
            assert!(is_local_name(local), "{local}");
        }
        for other in
            ["", "example.org", "localhost.example.org", "192.0.2.1:80", "127.0.0.1.example.org", "a b"]
        {
            assert!(!is_local_name(other), "{other}");
        }
    }
}
