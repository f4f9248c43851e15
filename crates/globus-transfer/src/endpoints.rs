//! Endpoints and collections: finding them, and what they are like.
//!
//! The two share one document and one id space; paths and names of the service say "endpoint" for both.

mod consent;
mod models;

use globus_core::{CollectionId, IdentityId, request};

pub use self::consent::{Preflight, PreflightProblem, ProblemKind, Side};
pub use self::models::{
    ActivityNotificationPolicy, EffectiveRole, Endpoint, EndpointPage, EntityType, NetworkUse, Server,
    TransferDirection, TransferUse,
};
use crate::TransferClient;

globus_core::open_enum! {
    /// Says among which collections to search.
    pub enum SearchScope {
        /// The user's own, and everybody's public ones.
        All = "all",
        /// Those that the user owns.
        MyEndpoints = "my-endpoints",
        /// Those on Globus Connect Personal that the user owns.
        MyGcpEndpoints = "my-gcp-endpoints",
        /// Those that the user administers.
        AdministeredByMe = "administered-by-me",
        /// Those that the user used recently.
        RecentlyUsed = "recently-used",
        /// Those that running tasks of the user use.
        InUse = "in-use",
        /// Guest collections that the user owns.
        SharedByMe = "shared-by-me",
        /// Guest collections of others to which the user has access.
        SharedWithMe = "shared-with-me",
        /// As `all`, without guest collections to which the user has no access.
        HideNoPermissions = "hide-no-permissions",
    }
}

request! {
    /// # Endpoints and collections
    impl TransferClient {
        /// Describes an endpoint or collection.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let collection = transfer.get_endpoint("ddb59aef-6d04-11e5-ba46-22000b92c6ec").send().await?;
        /// println!("{:?} {:?}", collection.display_name, collection.entity_type);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none, with the code `EndpointDeleted` when
        /// there was one, [`is_permission_denied`](globus_core::Error::is_permission_denied) when the user may not
        /// know about it.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoints_and_collections/#get_endpoint_or_collection_by_id>
        #[doc(alias = "endpoint show")]
        #[doc(alias = "collection")]
        fn get_endpoint(endpoint_id: id CollectionId) -> GetEndpoint => Endpoint {
            GET "v0.10" / "endpoint" / endpoint_id;
        }

        /// Searches for endpoints and collections, best matches first.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::endpoints::SearchScope;
        ///
        /// let mut found = transfer.endpoint_search().filter_scope(SearchScope::MyEndpoints).items();
        /// while let Some(collection) = found.try_next().await? {
        ///     println!("{} {:?}", collection.id, collection.display_name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// With the scope `all`, which is the default, a `filter_fulltext` has to be given. The service lets a search
        /// see the first 1,000 results.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`status`](globus_core::Error::status) 400 when the filters do not go together.
        ///
        /// Service: <https://docs.globus.org/api/transfer/endpoint_and_collection_search/>
        #[doc(alias = "endpoint search")]
        fn endpoint_search() -> EndpointSearch => EndpointPage {
            GET "v0.10" / "endpoint_search";
            query {
                /// Looks for these words, all of them, at the beginning of words of the names, description, organization,
                /// department, keywords and owner.
                filter_fulltext: text;
                /// Searches among these. Service default: `all`.
                filter_scope: word SearchScope;
                /// Gives those that this identity owns. Not with the scopes that say whose they are.
                filter_owner_id: id IdentityId;
                /// Gives guest collections of this mapped collection or endpoint.
                filter_host_endpoint: id CollectionId;
                /// Gives only those that hold no data themselves (true), or only those that do (false). Not with
                /// `filter_entity_type`.
                filter_non_functional: digit_flag;
                /// Gives those of this type.
                filter_entity_type: word EntityType;
                /// Gives at most this many a page. Most: 100. [`items`](Self::items) asks for 100 unless told otherwise;
                /// a single page has as many as the service likes.
                limit: number u32;
                /// Leaves out this many at the beginning. Service default: 0.
                offset: number u64;
            }
            paged HasNext(100) of Endpoint;
        }
    }
}
