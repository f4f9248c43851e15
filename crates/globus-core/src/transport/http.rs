//! The transport over reqwest.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ::http::{HeaderValue, Method, header::CONTENT_LENGTH};

use super::{
    Body, Request, Response, ResponseBody, Transport, TransportError, TransportErrorKind, body::HttpBody,
};
use crate::config::TlsVerify;

/// Sends requests over HTTP/1.1 with one pool of connections, kept open between requests.
///
/// Takes proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, understands gzip, and verifies
/// certificates against the platform's trust store unless told otherwise. Cheap to clone: clones share the pool.
/// The trust store is read at the first request to an `https` address, not before.
#[derive(Clone)]
pub struct HttpTransport(Arc<Inner>);

struct Inner {
    settings: HttpTransportBuilder,
    plain: OnceLock<Result<reqwest::Client, String>>,
    secure: OnceLock<Result<reqwest::Client, String>>,
}

/// Sets up an [`HttpTransport`].
#[derive(Debug, Clone)]
pub struct HttpTransportBuilder {
    tls_verify: TlsVerify,
    connect_timeout: Option<Duration>,
    pool_max_idle_per_host: usize,
}

impl HttpTransportBuilder {
    /// Verifies certificates this way (default: against the platform's trust store).
    #[must_use]
    pub fn tls_verify(mut self, verify: TlsVerify) -> Self {
        self.tls_verify = verify;
        self
    }

    /// Gives up connecting after this long (default 10 s); `None` leaves it to the request's own time limit.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = timeout.into();
        self
    }

    /// Keeps at most this many unused connections to one host (default 100): those of a burst of calls are there for the next one.
    #[must_use]
    pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
        self.pool_max_idle_per_host = connections;
        self
    }

    /// Makes the transport. Opens no connection.
    #[must_use]
    pub fn build(self) -> HttpTransport {
        HttpTransport(Arc::new(Inner { settings: self, plain: OnceLock::new(), secure: OnceLock::new() }))
    }

    fn client(&self) -> reqwest::ClientBuilder {
        let mut client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(self.pool_max_idle_per_host)
            .tcp_nodelay(true)
            // Retries are made above. With room for none, no copy of the request is kept for one.
            .retry(reqwest::retry::never().max_retries_per_request(0));
        if !proxy_is_set() {
            // Else every request would be held against rules that are not there.
            client = client.no_proxy();
        }
        if let Some(timeout) = self.connect_timeout {
            client = client.connect_timeout(timeout);
        }
        client
    }

    #[cfg(feature = "rustls")]
    fn secure_client(&self) -> Result<reqwest::Client, String> {
        let tls = super::tls::client_config(&self.tls_verify)?;
        self.client().tls_backend_preconfigured(tls).build().map_err(|error| chain(&error))
    }

    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    fn secure_client(&self) -> Result<reqwest::Client, String> {
        let client = match &self.tls_verify {
            TlsVerify::On => self.client(),
            TlsVerify::Off => self.client().danger_accept_invalid_certs(true),
            TlsVerify::CaFile(bundle) => {
                let certificates =
                    reqwest::Certificate::from_pem_bundle(bundle.pem()).map_err(|error| chain(&error))?;
                self.client().tls_certs_only(certificates)
            }
        };
        client.build().map_err(|error| chain(&error))
    }

    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    #[expect(clippy::unused_self, reason = "with TLS it reads the settings")]
    fn secure_client(&self) -> Result<reqwest::Client, String> {
        Err("globus-core was built without TLS: turn on its feature `rustls` or `native-tls`".to_owned())
    }

    /// Plain HTTP goes to loopback and test servers: such a client needs no trust store, and no time to read one.
    fn plain_client(&self) -> Result<reqwest::Client, String> {
        #[cfg(feature = "rustls")]
        let client = self.client().tls_backend_preconfigured(super::tls::no_roots()?);
        #[cfg(not(feature = "rustls"))]
        let client = self.client();
        client.build().map_err(|error| chain(&error))
    }
}

/// Tells whether the environment may name a proxy. Other systems than Linux keep proxies elsewhere too.
fn proxy_is_set() -> bool {
    const VARIABLES: [&str; 6] =
        ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    cfg!(any(windows, target_os = "macos")) || VARIABLES.iter().any(|name| std::env::var_os(name).is_some())
}

impl HttpTransport {
    /// Starts to set up a transport.
    #[must_use]
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder {
            tls_verify: TlsVerify::On,
            connect_timeout: Some(Duration::from_secs(10)),
            pool_max_idle_per_host: 100,
        }
    }

    fn client(&self, request: &Request) -> Result<&reqwest::Client, TransportError> {
        let (client, kind) = match request.url.scheme() {
            "https" => {
                (self.0.secure.get_or_init(|| self.0.settings.secure_client()), TransportErrorKind::Connect)
            }
            "http" => {
                (self.0.plain.get_or_init(|| self.0.settings.plain_client()), TransportErrorKind::Connect)
            }
            other => {
                let message = format!("{other}: is not an address that can be asked (use https)");
                return Err(TransportError::new(TransportErrorKind::Request, message));
            }
        };
        client.as_ref().map_err(|problem| TransportError::new(kind, problem.clone()))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpTransport").field(&self.0.settings).finish()
    }
}

impl Default for HttpTransport {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// As `#[async_trait]` would write it, but for one thing: the request is handed over at once, not kept in the future.
impl Transport for HttpTransport {
    fn send<'a, 'b>(&'a self, request: Request) -> Pin<Box<dyn Future<Output = Sent> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let pending = self.start(request);
        Box::pin(async move {
            let mut response = pending?.await.map_err(convert)?;
            let headers = std::mem::take(response.headers_mut());
            Ok(Response { status: response.status(), headers, body: ResponseBody::from_http(response) })
        })
    }
}

type Sent = Result<Response, TransportError>;

impl HttpTransport {
    /// Prepares the request; nothing happens before the future is polled.
    fn start(
        &self,
        request: Request,
    ) -> Result<impl Future<Output = reqwest::Result<reqwest::Response>> + Send + use<>, TransportError> {
        let client = self.client(&request)?;
        // Some proxies refuse a POST that does not say how long it is.
        let says_length = !matches!(request.method, Method::GET | Method::HEAD);
        let mut outgoing = reqwest::Request::new(request.method, request.url);
        *outgoing.headers_mut() = request.headers;
        *outgoing.body_mut() = match request.body {
            Body::Empty if says_length => {
                outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                None
            }
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream(source) => Some(reqwest::Body::wrap(HttpBody::new(&*source))),
        };
        Ok(client.execute(outgoing))
    }
}

/// Sorts an error of the HTTP library. The address is cut from it: a query may hold what no log should show.
pub(super) fn convert(error: reqwest::Error) -> TransportError {
    let place = error.url().map_or_else(|| "the service".to_owned(), place);
    let error = error.without_url();
    let (kind, message) = if error.is_connect() && error.is_timeout() {
        (TransportErrorKind::ConnectTimeout, format!("connecting to {place} took too long"))
    } else if error.is_timeout() {
        (TransportErrorKind::Timeout, format!("no complete answer from {place} in time"))
    } else if error.is_connect() {
        (TransportErrorKind::Connect, format!("could not connect to {place}: {}", root_cause(&error)))
    } else if error.is_builder() || request_body_failed(&error) {
        (TransportErrorKind::Request, format!("the request cannot be sent: {}", root_cause(&error)))
    } else if error.is_body() || error.is_decode() {
        (TransportErrorKind::Io, format!("the answer of {place} was cut short: {}", root_cause(&error)))
    } else {
        (TransportErrorKind::Io, format!("the connection to {place} broke: {}", root_cause(&error)))
    };
    TransportError::new(kind, message).with_source(error)
}

/// Names a server for messages: host, and port where it is not the usual one.
pub(crate) fn place(url: &url::Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "the service".to_owned(),
    }
}

fn request_body_failed(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<TransportError>().is_some_and(|error| error.kind == TransportErrorKind::Request)
    })
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
