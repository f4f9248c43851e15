//! The client of the service.

use globus_core::{CollectionId, Service, scope, service_client};

service_client! {
    /// Talks to Globus Transfer.
    ///
    /// Cheap to clone; clones share everything, the pool of connections included.
    ///
    /// ```no_run
    /// # use globus_core::Authorizer;
    /// # fn example(authorizer: impl Authorizer + 'static) -> globus_core::Result<()> {
    /// use globus_transfer::TransferClient;
    /// let transfer = TransferClient::new(authorizer)?;
    /// # Ok(()) }
    /// ```
    pub struct TransferClient {
        service: Service::Transfer,
        resource_server: scope::transfer::RESOURCE_SERVER,
        default_scopes: vec![scope::transfer::all_with_data_access(None::<CollectionId>)],
    }
}

#[cfg(test)]
mod tests {
    use globus_core::ServiceClient;

    use super::*;

    #[test]
    fn asks_for_the_scope_of_the_whole_service() {
        let scopes: Vec<_> = TransferClient::default_scopes().iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["urn:globus:auth:scope:transfer.api.globus.org:all"]);
        assert_eq!(TransferClient::RESOURCE_SERVER, "transfer.api.globus.org");
    }
}
