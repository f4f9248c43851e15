//! What every service client is made of.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, USER_AGENT},
};
use url::Url;

use crate::{
    Authorizer, AuthorizerProvider, Call, Clock, Config, Error, ErrorKind, Field, Result, RetryPolicy,
    Service, SystemClock, Transport, config::Sources, scope::Scope, transport::HttpTransport,
};

/// Is what a client of one Globus service is: which service, who asks for which tokens there, and how to make the
/// client from its connection.
///
/// The builder of every client comes from here: [`ClientBuilder`].
pub trait ServiceClient: Sized {
    /// Names the service, for its address and its error dialect.
    const SERVICE: Service;

    /// Names the resource server whose tokens the service takes.
    const RESOURCE_SERVER: &'static str;

    /// Lists the scopes that the client needs unless told otherwise.
    fn default_scopes() -> Vec<Scope>;

    /// Makes the client.
    fn from_base(base: BaseClient) -> Self;

    /// Gives the connection to the service.
    fn base(&self) -> &BaseClient;

    /// Starts to set up a client.
    fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new()
    }
}

/// Holds the connection to one service: its address, the transport, who asks, and how failures are retried.
///
/// Cheap to clone; clones share everything, the pool of connections included.
#[derive(Clone)]
pub struct BaseClient(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) service: Service,
    pub(crate) base_url: Url,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) authorizer: Option<Arc<dyn Authorizer>>,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Option<Duration>,
    pub(crate) headers: HeaderMap,
    pub(crate) clock: Arc<dyn Clock>,
}

impl BaseClient {
    /// Starts a request of any shape, for what the SDK has no method for. See [`Call`].
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::raw(self.clone(), method, path)
    }

    /// Starts the request of an operation that is declared with `request!`.
    #[doc(hidden)]
    pub fn operation(&self, method: Method, template: &'static str) -> Call {
        Call::of_operation(self.clone(), method, template)
    }

    /// Names the service.
    #[must_use]
    pub fn service(&self) -> Service {
        self.0.service
    }

    /// Gives the address that paths are joined to; ends in `/`.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.0.base_url
    }

    /// Gives who requests are made as, if anybody.
    #[must_use]
    pub fn authorizer(&self) -> Option<&Arc<dyn Authorizer>> {
        self.0.authorizer.as_ref()
    }

    /// Gives the clock that the client goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }
}

/// For operations that lead to another place, and for apps.
#[doc(hidden)]
impl BaseClient {
    /// Asks the same way at another address, and without credentials: they are meant for this one.
    #[must_use]
    pub fn elsewhere(&self, url: Url) -> Self {
        self.with_target(url, None)
    }

    /// Asks the same way at the same address, as somebody else.
    #[must_use]
    pub fn authorized_by(&self, authorizer: impl Authorizer + 'static) -> Self {
        self.with_target(self.0.base_url.clone(), Some(Arc::new(authorizer)))
    }

    fn with_target(&self, base_url: Url, authorizer: Option<Arc<dyn Authorizer>>) -> Self {
        let Inner { service, base_url: _, transport, authorizer: _, retry, timeout, headers, clock } =
            &*self.0;
        let mut headers = headers.clone();
        headers.remove(AUTHORIZATION);
        Self(Arc::new(Inner {
            service: *service,
            base_url,
            transport: transport.clone(),
            authorizer,
            retry: retry.clone(),
            timeout: *timeout,
            headers,
            clock: clock.clone(),
        }))
    }
}

impl fmt::Debug for BaseClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BaseClient")
            .field("service", &self.0.service)
            .field("base_url", &self.0.base_url.as_str())
            .field("authorizer", &self.0.authorizer)
            .field("transport", &self.0.transport)
            .finish_non_exhaustive()
    }
}

/// Sets up a client of one service. Everything is optional: what is not given comes from the environment, the
/// configuration files, and the defaults (see [`Config`]).
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder<C> {
    config: Option<Config>,
    base_url: Option<String>,
    authorizer: Option<Arc<dyn Authorizer>>,
    provider: Option<Arc<dyn AuthorizerProvider>>,
    scopes: Option<Vec<Scope>>,
    resource_server: Option<String>,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    timeout: Field<Duration>,
    app_name: Option<String>,
    headers: Vec<(String, String)>,
    client_info: Vec<String>,
    clock: Arc<dyn Clock>,
    client: PhantomData<fn() -> C>,
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("config", &self.config)
            .field("base_url", &self.base_url)
            .field("authorizer", &self.authorizer)
            .field("app", &self.provider)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl<C: ServiceClient> ClientBuilder<C> {
    pub(crate) fn new() -> Self {
        Self {
            config: None,
            base_url: None,
            authorizer: None,
            provider: None,
            scopes: None,
            resource_server: None,
            transport: None,
            retry: RetryPolicy::default(),
            timeout: Field::Absent,
            app_name: None,
            headers: Vec::new(),
            client_info: Vec::new(),
            clock: Arc::new(SystemClock),
            client: PhantomData,
        }
    }

    /// Makes requests as this authorizer says. Without one, and without an app, they go out without credentials.
    pub fn authorizer(mut self, authorizer: impl Authorizer + 'static) -> Self {
        self.authorizer = Some(Arc::new(authorizer));
        self
    }

    /// Makes requests as this app does: it gives the authorizer, the configuration, and learns which scopes the
    /// client needs. One app serves any number of clients.
    pub fn app(mut self, app: &(impl AuthorizerProvider + Clone + 'static)) -> Self {
        self.provider = Some(Arc::new(app.clone()));
        self
    }

    /// Asks the app for these scopes instead of the client's default ones. Without an app, does nothing.
    pub fn app_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes = Some(scopes.into_iter().collect());
        self
    }

    /// Asks the app for a token of this resource server instead of the service's own: for clients of one flow or one
    /// endpoint. Without an app, does nothing.
    pub fn resource_server(mut self, resource_server: impl Into<String>) -> Self {
        self.resource_server = Some(resource_server.into());
        self
    }

    /// Uses this configuration instead of the environment's.
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Asks the service at this address, e.g. `https://transfer.api.globus.org/`, whatever the configuration says.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sends requests through this transport: to share one pool of connections among clients, or a replay in tests.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Tries failed requests again as this policy says (default: [`RetryPolicy::default`]).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Limits one attempt of a request, from connecting to the last byte of the answer. Default: the
    /// configuration's, 60 s; `None` sets no limit.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into().into();
        self
    }

    /// Adds the name of the application to the `User-Agent` header. Default: the app's, if there is one.
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.app_name = Some(name.into());
        self
    }

    /// Sends this header with every request, in place of the SDK's own of that name.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Names a further product in `X-Globus-Client-Info`.
    pub fn client_info(mut self, product: &str, version: &str) -> Self {
        self.client_info.push(format!("product={product},version={version}"));
        self
    }

    /// Goes by this clock instead of the system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the client. Opens no connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a configuration value is wrong, [`ErrorKind::InvalidInput`] when a header, the
    /// application's name or the base URL cannot be used.
    pub fn build(self) -> Result<C> {
        let config = match (self.config, &self.provider) {
            (Some(config), _) => config,
            (None, Some(provider)) => provider.config(),
            (None, None) => Config::from_env()?,
        };
        let base_url = match self.base_url {
            Some(text) => Config::builder()
                .sources(Sources::empty())
                .service_url(C::SERVICE, text)
                .build()?
                .service_url(C::SERVICE)?
                .clone(),
            None => config.service_url(C::SERVICE)?.clone(),
        };
        let authorizer = match (self.authorizer, &self.provider) {
            (Some(authorizer), _) => Some(authorizer),
            (None, Some(provider)) => {
                let scopes = self.scopes.unwrap_or_else(C::default_scopes);
                let resource_server = self.resource_server.as_deref().unwrap_or(C::RESOURCE_SERVER);
                Some(provider.authorizer_for(resource_server, &scopes)?)
            }
            (None, None) => None,
        };
        let app_name = self.app_name.or_else(|| self.provider.as_ref()?.app_name());
        let transport = self.transport.unwrap_or_else(|| {
            Arc::new(HttpTransport::builder().tls_verify(config.tls_verify().clone()).build())
        });
        Ok(C::from_base(BaseClient(Arc::new(Inner {
            service: C::SERVICE,
            base_url,
            transport,
            authorizer,
            retry: self.retry,
            timeout: match self.timeout {
                Field::Absent => config.http_timeout(),
                Field::Null => None,
                Field::Value(timeout) => Some(timeout),
            },
            headers: base_headers(app_name.as_deref(), &self.client_info, &self.headers)?,
            clock: self.clock,
        }))))
    }
}

fn base_headers(
    app_name: Option<&str>,
    products: &[String],
    extra: &[(String, String)],
) -> Result<HeaderMap> {
    let version = env!("CARGO_PKG_VERSION");
    let agent = match app_name {
        Some(app) => format!("globus-sdk-rust/{version}/{app}"),
        None => format!("globus-sdk-rust/{version}"),
    };
    let mut info = format!("product=rust-sdk,version={version}");
    for product in products {
        info.push(';');
        info.push_str(product);
    }
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, header_value("the application's name", &agent)?);
    headers.insert(
        HeaderName::from_static("x-globus-client-info"),
        header_value("X-Globus-Client-Info", &info)?,
    );
    for (name, value) in extra {
        let (name, value) = header(name, value)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Reads a header that a caller gave.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::invalid_input(format!("{name:?} is not a header name")))?;
    let value = header_value(name, value)?;
    Ok((parsed, value))
}

/// Says where the bad character is, not what the value was: it may be a secret.
fn header_value(name: &str, value: &str) -> Result<HeaderValue> {
    let bad =
        value.char_indices().find(|(_, character)| !(matches!(character, ' '..='~') || *character == '\t'));
    match bad {
        Some((position, character)) => Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "the value of {name} has {character:?} at byte {position}: only printable ASCII can be sent in a header"
            ),
        )),
        None => HeaderValue::from_str(value)
            .map_err(|_| Error::invalid_input(format!("the value of {name} cannot be sent in a header"))),
    }
}
