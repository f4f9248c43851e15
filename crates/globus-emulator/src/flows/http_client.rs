//! Calls to action providers and APIs of others.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{self, Body};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio_rustls::rustls;

use crate::state::State;

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer.
const LARGEST_ANSWER: usize = 2 * 1024 * 1024;

type Sender = Client<HttpsConnector<HttpConnector>, Body>;

/// `None`: this machine has no certificates to trust.
static CLIENT: LazyLock<Option<Sender>> = LazyLock::new(|| {
    let provider = rustls::crypto::ring::default_provider();
    let connector = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(provider);
    let connector = connector.ok()?.https_or_http().enable_http1().build();
    Some(Client::builder(TokioExecutor::new()).build(connector))
});

/// Checks that tokens may be sent to a URL: by `https`, or to this machine.
pub(crate) fn check(url: &str) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|_| format!("{url} is not a URL"))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if here => Ok(()),
        _ => Err(format!("{url} is neither https nor on this machine")),
    }
}

/// Returns where a request to a URL goes: services of Globus are those of the emulator, and nothing else of Globus is
/// ever called.
pub(crate) fn destination(state: &State, url: &str) -> Result<String, String> {
    check(url)?;
    let uri: Uri = url.parse().map_err(|_| format!("{url} is not a URL"))?;
    let host = uri.host().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let Some(service) = stand_in(&host)? else { return Ok(url.to_owned()) };
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    Ok(format!("{}{}", state.local_url(service), path.trim_start_matches('/')))
}

/// The service of the emulator that answers for a host of Globus; `None` for a host of somebody else.
fn stand_in(host: &str) -> Result<Option<&'static str>, String> {
    Ok(Some(match host {
        "auth.globus.org" => "auth",
        "transfer.api.globus.org" => "transfer",
        "flows.globus.org" | "flows.automate.globus.org" => "flows",
        "groups.api.globus.org" => "groups",
        other if other == "globus.org" || other.ends_with(".globus.org") => {
            return Err(format!(
                "{host} belongs to Globus, and the emulator has nothing that stands in for it there"
            ));
        }
        _ => return Ok(None),
    }))
}

/// A request to somebody else.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) headers: &'a [(HeaderName, HeaderValue)],
    pub(crate) body: Option<&'a Value>,
}

/// Sends a request and reads the answer, which must be JSON if there is any. Gives up after half a minute.
pub(crate) async fn call(
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<(StatusCode, Value), String> {
    let exchange = send(Outgoing { method, url, token, headers: &[], body });
    tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| format!("{url} does not answer"))?
}

/// The same, for as long as it takes.
pub(crate) async fn send(outgoing: Outgoing<'_>) -> Result<(StatusCode, Value), String> {
    let client = CLIENT.as_ref().ok_or("this machine has no certificates to trust")?;
    let url = outgoing.url;
    let mut request =
        Request::builder().method(outgoing.method).uri(url).header(header::ACCEPT, "application/json");
    for (name, value) in outgoing.headers {
        request = request.header(name, value);
    }
    if let Some(token) = outgoing.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let content = outgoing.body.map(Value::to_string);
    if content.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let request =
        request.body(content.map_or_else(Body::empty, Body::from)).map_err(|error| error.to_string())?;
    let response =
        client.request(request).await.map_err(|error| format!("{url} cannot be reached: {error}"))?;
    let status = response.status();
    let bytes = body::to_bytes(Body::new(response.into_body()), LARGEST_ANSWER)
        .await
        .map_err(|error| format!("The answer of {url} cannot be read: {error}"))?;
    if bytes.is_empty() {
        return Ok((status, Value::Null));
    }
    let value =
        serde_json::from_slice(&bytes).map_err(|_| format!("The answer of {url} ({status}) is not JSON"))?;
    Ok((status, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_over_https_or_stay_here() {
        for url in
            ["https://example.org/x", "http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]:5/x"]
        {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for url in
            ["http://example.org/x", "ftp://localhost/x", "example.org", "http://127.0.0.1.example.org/", ""]
        {
            assert!(check(url).is_err(), "{url}");
        }
    }
    #[test]
    fn no_request_leaves_for_globus() {
        for (host, service) in [
            ("auth.globus.org", "auth"),
            ("transfer.api.globus.org", "transfer"),
            ("flows.globus.org", "flows"),
            ("groups.api.globus.org", "groups"),
        ] {
            assert_eq!(stand_in(host), Ok(Some(service)));
        }
        assert_eq!(stand_in("globus.org.example.org"), Ok(None));
        assert_eq!(stand_in("myglobus.org"), Ok(None));
        for host in ["globus.org", "search.api.globus.org", "g-1.a2.data.globus.org"] {
            assert!(stand_in(host).unwrap_err().contains(host));
        }
    }
}
