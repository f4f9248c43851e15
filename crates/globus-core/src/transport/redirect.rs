//! Following redirects: methods, bodies and credentials.

use ::http::{
    HeaderMap, Method, StatusCode,
    header::{
        AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, PROXY_AUTHORIZATION,
    },
};
use url::Url;

use super::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// How many redirects are followed before the chain counts as a loop.
const MAX_REDIRECTS: usize = 30;

/// Goes where an answer redirects to, if it does; `request` is what was answered.
///
/// 301 and 302 turn a POST into a GET without a body, 303 everything but HEAD; 307 and 308 keep both. Credentials
/// go only to the scheme, host and port that they were meant for. A redirect without a usable `Location` is the
/// answer.
pub(crate) async fn follow(
    transport: &dyn Transport,
    mut request: Request,
    mut response: Response,
) -> Result<Response, TransportError> {
    for _ in 0..MAX_REDIRECTS {
        let Some(next) = redirected(&request, &response) else { return Ok(response) };
        request = next;
        response = transport.send(request.clone()).await?;
    }
    let message =
        format!("gave up after {MAX_REDIRECTS} redirects: the service sends this request in circles");
    Err(TransportError::new(TransportErrorKind::Io, message))
}

pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Gives the request that a redirect asks for.
fn redirected(request: &Request, response: &Response) -> Option<Request> {
    if !is_redirect(response.status) {
        return None;
    }
    let mut next = request.clone();
    next.url = target(&request.url, &response.headers)?;
    if !same_origin(&request.url, &next.url) {
        for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            next.headers.remove(name);
        }
    }
    let becomes_get = match response.status.as_u16() {
        301 | 302 => request.method == Method::POST,
        303 => request.method != Method::HEAD,
        _ => false,
    };
    if becomes_get {
        next.method = Method::GET;
        next.body = Body::Empty;
        for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
            next.headers.remove(name);
        }
    }
    Some(next)
}

fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let mut next = url.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    if !matches!(next.scheme(), "http" | "https") {
        return None;
    }
    if next.fragment().is_none() {
        next.set_fragment(url.fragment());
    }
    Some(next)
}

/// True when two addresses share scheme, host and port: what credentials for one may go to the other.
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}
