//! Who may use the control room: programs on this machine, and no web page that is open on it.

use std::net::IpAddr;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

use super::ControlError;
use crate::server::{Line, host};

pub(super) async fn local_only(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.peer.ip());
    match refusal(peer, request.method(), request.headers()) {
        None => next.run(request).await,
        Some(message) => {
            ControlError { status: StatusCode::FORBIDDEN, message: message.to_owned() }.into_response()
        }
    }
}

fn refusal(peer: Option<IpAddr>, method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    // Without a peer there was no connection: the router was called in this process.
    if peer.is_some_and(|peer| !peer.to_canonical().is_loopback()) {
        return Some("the control room answers this machine only");
    }
    // A web page can make a browser send a simple request anywhere; it always says where it comes from.
    if *method != Method::GET && headers.contains_key(header::ORIGIN) {
        return Some("the control room does not take requests from web pages");
    }
    if !host::is_local(headers) {
        return Some("the control room answers to localhost and loopback addresses only");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn this_machine_may() {
        for host in ["localhost", "localhost:80", "127.0.0.1:5", "[::1]:5"] {
            let headers = headers(&[("host", host)]);
            assert_eq!(refusal("127.0.0.1".parse().ok(), &Method::POST, &headers), None, "{host}");
        }
        assert_eq!(refusal("::ffff:127.0.0.1".parse().ok(), &Method::GET, &HeaderMap::new()), None);
    }

    #[test]
    fn others_may_not() {
        let none = HeaderMap::new();
        assert!(refusal("192.0.2.1".parse().ok(), &Method::GET, &none).is_some());
        assert!(refusal(None, &Method::GET, &headers(&[("host", "rebound.example.org")])).is_some());
        assert!(refusal(None, &Method::POST, &headers(&[("origin", "http://localhost")])).is_some());
    }
}
