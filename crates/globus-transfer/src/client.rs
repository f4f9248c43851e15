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
    ///
    /// | To | Methods |
    /// |---|---|
    /// | find collections | [`endpoint_search`](Self::endpoint_search), [`get_endpoint`](Self::get_endpoint), [`find_bookmark`](Self::find_bookmark) |
    /// | look at files | [`operation_ls`](Self::operation_ls), [`walk`](Self::walk), [`stat`](Self::stat), [`exists`](Self::exists) |
    /// | make directories, rename | [`mkdir_all`](Self::mkdir_all), [`operation_rename`](Self::operation_rename) |
    /// | know beforehand that it will work | [`preflight`](Self::preflight), [`scope_for`](Self::scope_for) |
    /// | copy and delete | [`submit_transfer`](Self::submit_transfer), [`submit_delete`](Self::submit_delete), [`submit`](Self::submit), [`submit_all`](Self::submit_all) |
    /// | learn what became of it | [`task_wait`](Self::task_wait), [`task_set`](Self::task_set), [`task_report`](Self::task_report), [`task_list`](Self::task_list), [`task_event_list`](Self::task_event_list) |
    /// | stop or change it | [`cancel_task`](Self::cancel_task), [`update_task`](Self::update_task) |
    /// | read and write files without a task | [`https`](Self::https) |
    /// | share | [`create_shared_endpoint`](Self::create_shared_endpoint), [`ensure_acl_rule`](Self::ensure_acl_rule), [`sync_acl_rules`](Self::sync_acl_rules), [`add_endpoint_role`](Self::add_endpoint_role) |
    /// | look after the tasks of others | [`endpoint_manager_task_list`](Self::endpoint_manager_task_list) and its neighbours |
    /// | call what has no method | [`base`](Self::base) |
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
