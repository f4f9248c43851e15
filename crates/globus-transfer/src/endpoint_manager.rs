//! What those do who look after collections for others: see everybody's tasks there, pause and cancel them.
//!
//! Reading needs the role `activity_monitor` on the collection or its host, acting the role `activity_manager`; see
//! [`crate::roles`]. The collection has to be under a subscription. Without such a role anywhere, every operation fails
//! with an error for which [`is_permission_denied`](crate::Error::is_permission_denied) is true, on one's own tasks
//! too.

mod admin;
mod pause_rules;
mod tasks;

use globus_core::{CollectionId, request};

pub use self::{
    admin::{
        AdminCancel, EndpointManagerCancelStatus, EndpointManagerCancelTasks, EndpointManagerPauseTasks,
        EndpointManagerResumeTasks, TaskIds,
    },
    pause_rules::{
        EndpointManagerCreatePauseRule, EndpointManagerDeletePauseRule, EndpointManagerGetPauseRule,
        EndpointManagerPauseRuleList, EndpointManagerUpdatePauseRule,
    },
    tasks::{
        EndpointManagerGetTask, EndpointManagerTaskEventList, EndpointManagerTaskList,
        EndpointManagerTaskPauseInfo, EndpointManagerTaskSkippedErrors,
        EndpointManagerTaskSuccessfulTransfers, ManagedTaskPage,
    },
};
use crate::{TransferClient, access::AccessRuleList, collections::EndpointList, endpoints::Endpoint};

request! {
    /// # Endpoint manager: collections
    impl TransferClient {
        /// Lists the endpoints and collections that the user has the role `activity_monitor` or a higher one on.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// for collection in transfer.endpoint_manager_monitored_endpoints().items().try_collect().await? {
        ///     println!("{} {:?}", collection.id, collection.display_name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when there are none.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_monitored_endpoints_and_collections>
        fn endpoint_manager_monitored_endpoints() -> EndpointManagerMonitoredEndpoints => EndpointList {
            GET "v0.10" / "endpoint_manager" / "monitored_endpoints";
            query {
                /// Gives at most this many a page. Most: 1,000. [`items`](Self::items) asks for 1,000 unless told
                /// otherwise; a single page has as many as the service likes.
                limit: number u32;
                /// Leaves out this many at the beginning. Service default: 0.
                offset: number u64;
            }
            paged OffsetTotal(1000) of Endpoint;
        }

        /// Lists the guest collections on a mapped collection or endpoint.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let guests = transfer.endpoint_manager_hosted_endpoint_list("9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02");
        /// println!("{}", guests.send().await?.data.len());
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` there. The list comes whole.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when it is a guest collection itself,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection or endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_hosted_collection_list>
        fn endpoint_manager_hosted_endpoint_list(endpoint_id: id CollectionId) -> EndpointManagerHostedEndpointList => EndpointList {
            GET "v0.10" / "endpoint_manager" / "endpoint" / endpoint_id / "hosted_endpoint_list";
        }

        /// Describes an endpoint or collection, a private one too.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let id = "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01";
        /// println!("{:?}", transfer.endpoint_manager_get_endpoint(id).send().await?.owner_string);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` there. [`Endpoint::in_use`] is `None`.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection or endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#mc_get_endpoint_or_collection>
        fn endpoint_manager_get_endpoint(endpoint_id: id CollectionId) -> EndpointManagerGetEndpoint => Endpoint {
            GET "v0.10" / "endpoint_manager" / "endpoint" / endpoint_id;
        }

        /// Lists the permissions on a guest collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let rules = transfer.endpoint_manager_acl_list("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01").send().await?;
        /// println!("{}", rules.data.len());
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` there. The list comes whole.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_guest_collection_access_list_as_admin>
        fn endpoint_manager_acl_list(endpoint_id: id CollectionId) -> EndpointManagerAclList => AccessRuleList {
            GET "v0.10" / "endpoint_manager" / "endpoint" / endpoint_id / "access_list";
        }
    }
}
