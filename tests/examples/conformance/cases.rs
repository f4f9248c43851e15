//! The table of calls. Each name is `service.method` or `service.method.variant`, as in `tests/conformance/table.py`
//! and its neighbours, which have the same calls for the official SDK.

mod auth;
mod collections;
mod developers;
mod flows;
mod transfer;
mod tunnels;
mod v2;

use globus::{
    auth::{AuthClient, AuthorizationFlow},
    core::{
        HttpTransport, Result, ServiceClient, Transport, config::Sources, test_util::ReplayTransport,
        transport::Request,
    },
    flows::{FlowsClient, SpecificFlowClient},
    prelude::*,
};

/// Ids that both tables use.
pub(crate) const A: &str = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc";
pub(crate) const B: &str = "31ce9ba0-176d-45a5-add3-f37d233ba47d";
pub(crate) const C: &str = "c1f5d7b0-6a61-41f0-9d3e-0242ac120002";
/// A secret, a token and a PKCE verifier that both tables use.
pub(crate) const SECRET: &str = "c2VjcmV0LW9mLXRoZS1hcHA=";
pub(crate) const TOKEN: &str = "AgExampleToken";
pub(crate) const VERIFIER: &str = "0123456789-0123456789-0123456789-0123456789";

pub(crate) struct Clients {
    pub(crate) transfer: TransferClient,
    pub(crate) flows: FlowsClient,
    pub(crate) flow: SpecificFlowClient,
    pub(crate) auth: AuthClient,
    pub(crate) native: NativeAppAuthClient,
    pub(crate) confidential: ConfidentialAppAuthClient,
}

impl Clients {
    /// Clients of services at this address, over this transport instead of the network's where there is one.
    pub(crate) fn at(url: &str, transport: Option<&ReplayTransport>) -> Result<Self> {
        let config = Config::builder().sources(Sources::empty());
        let config = [Service::Auth, Service::Transfer, Service::Flows]
            .into_iter()
            .fold(config, |config, service| config.service_url(service, url))
            .build()?;
        let mut native = NativeAppAuthClient::builder(A).config(config.clone()).retry(RetryPolicy::never());
        let mut confidential =
            ConfidentialAppAuthClient::builder(A, SECRET).config(config.clone()).retry(RetryPolicy::never());
        if let Some(transport) = transport {
            native = native.transport(transport.clone());
            confidential = confidential.transport(transport.clone());
        }
        let mut flow = SpecificFlowClient::builder(A)
            .config(config.clone())
            .authorizer(AccessTokenAuthorizer::new(TOKEN))
            .retry(RetryPolicy::never());
        if let Some(transport) = transport {
            flow = flow.transport(transport.clone());
        }
        Ok(Self {
            flow: flow.build()?,
            transfer: service(&config, transport)?,
            flows: service(&config, transport)?,
            auth: service(&config, transport)?,
            native: native.build()?,
            confidential: confidential.build()?,
        })
    }
}

fn service<S: ServiceClient>(config: &Config, transport: Option<&ReplayTransport>) -> Result<S> {
    let builder = S::builder()
        .config(config.clone())
        .authorizer(AccessTokenAuthorizer::new(TOKEN))
        .retry(RetryPolicy::never());
    match transport {
        Some(transport) => builder.transport(transport.clone()),
        None => builder,
    }
    .build()
}

/// Declares cases: a name, and the request that it sends.
macro_rules! cases {
    ($clients:ident; $($name:literal => $request:expr,)*) => {
        pub(super) const NAMES: &[&str] = &[$($name),*];

        pub(super) async fn run(
            name: &str,
            $clients: &$crate::cases::Clients,
        ) -> Option<globus::core::Result<()>> {
            Some(match name {
                $($name => Box::pin($request.send()).await.map(drop),)*
                _ => return None,
            })
        }
    };
}
use cases;

/// Puts the tables together.
macro_rules! tables {
    ($($table:ident),*) => {
        /// Names all cases.
        pub(crate) fn names() -> impl Iterator<Item = &'static str> {
            [$($table::NAMES),*].into_iter().flatten().copied()
        }

        /// Makes the call of a case.
        pub(crate) async fn run(name: &str, clients: &Clients) -> Result<()> {
            $(if let Some(done) = $table::run(name, clients).await {
                return done;
            })*
            Err(Error::invalid_input(format!("there is no case {name}")))
        }
    };
}
tables!(transfer, tunnels, v2, collections, flows, auth, developers);

/// Opens the address of a login, as a browser does.
pub(crate) struct Open(pub(crate) AuthorizationFlow);

impl Open {
    pub(crate) async fn send(self) -> Result<()> {
        let (url, _) = self.0.begin()?;
        HttpTransport::default().send(Request::new(http::Method::GET, url)).await?;
        Ok(())
    }
}
