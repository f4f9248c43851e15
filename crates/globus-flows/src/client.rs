//! The client of the service.

use globus_core::{Scope, Service, service_client};

use crate::scopes;

service_client! {
    /// Talks to Globus Flows.
    ///
    /// Cheap to clone; clones share everything, the pool of connections included.
    ///
    /// ```no_run
    /// # use globus_core::Authorizer;
    /// # fn example(authorizer: impl Authorizer + 'static) -> globus_core::Result<()> {
    /// use globus_flows::FlowsClient;
    /// let flows = FlowsClient::new(authorizer)?;
    /// # Ok(()) }
    /// ```
    pub struct FlowsClient {
        service: Service::Flows,
        resource_server: scopes::RESOURCE_SERVER,
        default_scopes: Scope::new(scopes::ALL).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use globus_core::ServiceClient;

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
