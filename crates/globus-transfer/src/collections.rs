//! Managing endpoints and collections: changing, sharing and deleting them.
//!
//! These operations are for Globus Connect Personal. Collections on Globus Connect Server are managed by the server's
//! own manager, whose address is [`Endpoint::gcs_manager_url`](crate::Endpoint::gcs_manager_url).

mod models;
mod requests;

use globus_core::{CollectionId, request};

pub(crate) use self::requests::endpoint_document;
pub use self::{
    models::{EndpointCreated, EndpointList, ServerList, SharedEndpoint, SharedEndpointPage},
    requests::{EndpointUpdate, NewSharedEndpoint, Subscription},
};
use crate::{TransferClient, endpoints::Server, files::OperationResult, pause::PauseRuleList};

request! {
    /// # Managing endpoints and collections
    impl TransferClient {
        /// Changes a collection on Globus Connect Personal.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::collections::EndpointUpdate;
        ///
        /// let update = EndpointUpdate::new().display_name("lab share").description("Runs of 2026").contact_email(None);
        /// transfer.update_endpoint("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01", update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `administrator` there.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not change it, or it is
        /// on Globus Connect Server,
        /// [`is_conflict`](globus_core::Error::is_conflict) when another one has that name,
        /// [`status`](globus_core::Error::status) 400 when it cannot have that member.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/#update_collection_by_id>
        #[doc(alias = "endpoint update")]
        #[doc(alias = "gcp update mapped")]
        fn update_endpoint(endpoint_id: id CollectionId, update: document EndpointUpdate) -> UpdateEndpoint => OperationResult {
            PUT "v0.10" / "endpoint" / endpoint_id;
            with document update;
        }

        /// Deletes a collection on Globus Connect Personal. The files stay; guest collections on it are lost.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.delete_endpoint("5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `administrator` there.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none, with the code `EndpointDeleted` when it
        /// has been deleted before,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not delete it, or it is
        /// on Globus Connect Server.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/#delete_collection_by_id>
        #[doc(alias = "endpoint delete")]
        fn delete_endpoint(endpoint_id: id CollectionId) -> DeleteEndpoint => OperationResult {
            DELETE "v0.10" / "endpoint" / endpoint_id;
        }

        /// Puts a mapped collection on Globus Connect Personal under a subscription, or takes it from under one.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::collections::Subscription;
        ///
        /// let collection = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
        /// transfer.set_subscription_id(collection, Subscription::Default).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `administrator` there, and membership in the group of the subscription.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 400 when the user has several subscriptions and said
        /// [`Default`](Subscription::Default),
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not do so,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/#associate_collection_subscription>
        #[doc(alias = "gcp set-subscription-id")]
        #[doc(alias = "managed")]
        fn set_subscription_id(collection_id: id CollectionId, subscription_id: document Subscription) -> SetSubscriptionId => OperationResult {
            PUT "v0.10" / "endpoint" / collection_id / "subscription";
            with json { "subscription_id" = subscription_id; }
        }

        /// Says whether a collection on Globus Connect Personal is verified by an administrator of its subscription.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let collection = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
        /// transfer.set_subscription_admin_verified(collection, true).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Only administrators of the subscription may say so.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user is no administrator of the
        /// subscription,
        /// [`status`](globus_core::Error::status) 400 when the collection is under no subscription,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/#set_subscription_admin_verified>
        #[doc(alias = "gcp set-subscription-admin-verified")]
        fn set_subscription_admin_verified(
            collection_id: id CollectionId, verified: document bool
        ) -> SetSubscriptionAdminVerified => OperationResult {
            PUT "v0.10" / "endpoint" / collection_id / "subscription_admin_verified";
            with json { "subscription_admin_verified" = verified; }
        }

        /// Makes a guest collection on Globus Connect Personal: shares a directory of a mapped collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::collections::NewSharedEndpoint;
        ///
        /// let laptop = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02";
        /// let share = NewSharedEndpoint::new(laptop, "/~/shared/", "lab share").description("Runs of 2026");
        /// println!("{}", transfer.create_shared_endpoint(share).send().await?.id);
        /// # Ok(()) }
        /// ```
        ///
        /// The mapped collection has to be the user's own, and under a subscription. Not retried when it may have
        /// reached the service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_conflict`](globus_core::Error::is_conflict) when there is an equal one,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not share there,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such mapped collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/gcp_management/#create_guest_collection>
        #[doc(alias = "gcp create guest")]
        fn create_shared_endpoint(collection: document NewSharedEndpoint) -> CreateSharedEndpoint => EndpointCreated {
            POST "v0.10" / "shared_endpoint";
            with document collection;
        }

        /// Lists the guest collections on a mapped collection or endpoint that the user administers, or manages the
        /// permissions of.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mine = transfer.my_shared_endpoint_list("9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02").send().await?;
        /// println!("{}", mine.data.len());
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection or endpoint,
        /// [`is_conflict`](globus_core::Error::is_conflict) when it hosts no guest collections.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_my_guest_collection_list>
        #[doc(alias = "endpoint my-shared-endpoint-list")]
        fn my_shared_endpoint_list(endpoint_id: id CollectionId) -> MySharedEndpointList => EndpointList {
            GET "v0.10" / "endpoint" / endpoint_id / "my_shared_endpoint_list";
        }

        /// Lists the ids of all guest collections on a mapped collection or endpoint.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let mut guests = transfer.get_shared_endpoint_list("9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02").items();
        /// while let Some(guest) = guests.try_next().await? {
        ///     println!("{}", guest.id);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection or endpoint,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user does not administer it,
        /// [`is_conflict`](globus_core::Error::is_conflict) when it hosts no guest collections.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_guest_collection_list>
        #[doc(alias = "shared_endpoint_list")]
        fn get_shared_endpoint_list(endpoint_id: id CollectionId) -> GetSharedEndpointList => SharedEndpointPage {
            GET "v0.10" / "endpoint" / endpoint_id / "shared_endpoint_list";
            query {
                /// Gives at most this many a page. Service default and most: 1,000.
                max_results: number u32;
                /// Gives the page that this token leads to.
                next_token: text;
            }
            paged NextToken of SharedEndpoint;
        }

        /// Lists the pause rules that hold for the user on an endpoint or collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let rules = transfer.my_effective_pause_rule_list("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?;
        /// for rule in &rules.data {
        ///     println!("{:?}", rule.message);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole. The rules are told without who made them.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint or collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_collection_pause_rules>
        fn my_effective_pause_rule_list(endpoint_id: id CollectionId) -> MyEffectivePauseRuleList => PauseRuleList {
            GET "v0.10" / "endpoint" / endpoint_id / "my_effective_pause_rule_list";
        }

        /// Lists the servers of an endpoint.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// for server in transfer.endpoint_server_list("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?.data {
        ///     println!("{:?} {:?}", server.id, server.uri);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// The list comes whole.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such endpoint.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_endpoint_or_collection_server_list>
        #[doc(alias = "endpoint server list")]
        fn endpoint_server_list(endpoint_id: id CollectionId) -> EndpointServerList => ServerList {
            GET "v0.10" / "endpoint" / endpoint_id / "server_list";
        }

        /// Describes a server of an endpoint.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let server = transfer.get_endpoint_server("ddb59aef-6d04-11e5-ba46-22000b92c6ec", 575).send().await?;
        /// println!("{:?}", server.hostname);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none, with the code
        /// `ClientError.NotFound.ServerNotFound` when it is the server that is missing.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_server_by_id>
        fn get_endpoint_server(endpoint_id: id CollectionId, server_id: number u64) -> GetEndpointServer => Server {
            GET "v0.10" / "endpoint" / endpoint_id / "server" / server_id;
        }
    }
}
