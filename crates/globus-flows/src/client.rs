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
    ///
    /// | To | Methods |
    /// |---|---|
    /// | make and change flows | [`validate_flow`](Self::validate_flow), [`create_flow`](Self::create_flow), [`update_flow`](Self::update_flow), [`delete_flow`](Self::delete_flow) |
    /// | find flows and runs | [`list_flows`](Self::list_flows), [`get_flow`](Self::get_flow), [`list_runs`](Self::list_runs), [`get_run`](Self::get_run) |
    /// | start and resume a run | [`SpecificFlowClient`](crate::SpecificFlowClient) |
    /// | learn what became of it | [`run_wait`](Self::run_wait), [`handle`](Self::handle), [`get_run_logs`](Self::get_run_logs) |
    /// | stop it, change it, delete its record | [`cancel_run`](Self::cancel_run), [`update_run`](Self::update_run), [`delete_run`](Self::delete_run) |
    /// | answer what runs ask | [`list_web_inputs`](Self::list_web_inputs), [`respond_to_web_input`](Self::respond_to_web_input) |
    /// | call other APIs from flows | [`list_registered_apis`](Self::list_registered_apis) and its neighbours |
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
