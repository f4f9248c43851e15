//! The client of the service.

use globus_core::{Authorizer, BaseClient, ClientBuilder, Result, Scope, Service, ServiceClient};

use crate::scopes;

/// Asks Globus Flows.
///
/// Cheap to clone; clones share connections and tokens. Its operations are listed below; one that the SDK does not
/// know yet can be called through [`FlowsClient::base`].
#[derive(Clone, Debug)]
pub struct FlowsClient {
    base: BaseClient,
}

impl FlowsClient {
    /// Makes a client that asks as `authorizer` says; everything else comes from the environment and the defaults.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when a configuration value is wrong.
    pub fn new(authorizer: impl Authorizer + 'static) -> Result<Self> {
        Self::builder().authorizer(authorizer).build()
    }

    /// Starts to set up a client.
    pub fn builder() -> ClientBuilder<Self> {
        <Self as ServiceClient>::builder()
    }

    /// Gives the connection to the service, for requests of any shape.
    ///
    /// ```no_run
    /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
    /// let runs: serde_json::Value = flows.base().call("GET".parse().unwrap(), "/runs").send().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn base(&self) -> &BaseClient {
        &self.base
    }
}

impl ServiceClient for FlowsClient {
    const SERVICE: Service = Service::Flows;
    const RESOURCE_SERVER: &'static str = scopes::RESOURCE_SERVER;

    fn default_scopes() -> Vec<Scope> {
        Scope::new(scopes::ALL).into_iter().collect()
    }

    fn from_base(base: BaseClient) -> Self {
        Self { base }
    }

    fn base(&self) -> &BaseClient {
        &self.base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_the_one_scope_of_the_service() {
        assert_eq!(
            FlowsClient::default_scopes(),
            [Scope::parse("https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all")
                .unwrap()]
        );
        assert_eq!(FlowsClient::RESOURCE_SERVER, "flows.globus.org");
    }
}
