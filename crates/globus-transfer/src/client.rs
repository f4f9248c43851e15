//! The client of the service.

use globus_core::{
    Authorizer, BaseClient, ClientBuilder, CollectionId, Result, Scope, Service, ServiceClient, scope,
};

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
#[derive(Clone, Debug)]
pub struct TransferClient {
    base: BaseClient,
}

impl TransferClient {
    /// Makes a client whose requests are made as the authorizer says; everything else comes from the environment
    /// and the configuration files, and is what it is by default.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when the environment or a configuration file has a value that
    /// cannot be used.
    pub fn new(authorizer: impl Authorizer + 'static) -> Result<Self> {
        Self::builder().authorizer(authorizer).build()
    }

    /// Starts to set up a client: another address, retry policy, transport and so on.
    pub fn builder() -> ClientBuilder<Self> {
        <Self as ServiceClient>::builder()
    }

    /// Gives the connection to the service, to call what this crate has no method for.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// use http::Method;
    /// let tasks: serde_json::Value =
    ///     transfer.base().call(Method::GET, "/v0.10/task_list").query("limit", "5").send().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn base(&self) -> &BaseClient {
        &self.base
    }
}

impl ServiceClient for TransferClient {
    const SERVICE: Service = Service::Transfer;
    const RESOURCE_SERVER: &'static str = scope::transfer::RESOURCE_SERVER;

    fn default_scopes() -> Vec<Scope> {
        vec![scope::transfer::all_with_data_access(None::<CollectionId>)]
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
    fn asks_for_the_scope_of_the_whole_service() {
        let scopes: Vec<_> = TransferClient::default_scopes().iter().map(ToString::to_string).collect();
        assert_eq!(scopes, ["urn:globus:auth:scope:transfer.api.globus.org:all"]);
        assert_eq!(TransferClient::RESOURCE_SERVER, "transfer.api.globus.org");
    }
}
