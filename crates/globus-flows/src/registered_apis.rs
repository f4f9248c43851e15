//! Registered APIs: calls of other services that flows can make as they make actions.

mod models;
mod requests;

use globus_core::request;

pub use self::{
    models::{
        ApiDestination, DataTemplates, RegisteredApi, RegisteredApiId, RegisteredApiPage, RegisteredApiRole,
        RegisteredApiRoles, RegisteredApiStatus, RegisteredApiTarget,
    },
    requests::{NewRegisteredApi, RegisteredApiUpdate},
};
use crate::FlowsClient;

request! {
    /// # Registered APIs
    impl FlowsClient {
        /// Lists registered APIs.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use globus_flows::RegisteredApiRole;
        ///
        /// let mut apis = flows.list_registered_apis().filter_roles([RegisteredApiRole::Viewer]).items();
        /// while let Some(api) = apis.next().await {
        ///     println!("{}", api?.name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Entries of the list are short: id, name, description and times.
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope. Status 400 or 422 when a
        /// filter, the order or the marker makes no sense to the service.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Registered-APIs/paths/~1registered_apis/get>
        fn list_registered_apis() -> ListRegisteredApis => RegisteredApiPage {
            GET "registered_apis";
            query {
                /// Lists APIs in which the caller has one of these roles: [`RegisteredApiRole`]s, or their words. Service
                /// default: those that the caller owns.
                filter_roles: joined;
                /// Orders by these fields, the first one first, each with `ASC` or `DESC` after it: `id`, `name`,
                /// `created_timestamp`, `updated_timestamp`. Default: the service's order.
                orderby: repeated;
                /// Gives this many a page. Default: as many as the service likes.
                per_page: number u32;
                /// Begins at this place, which an earlier page gave as [`RegisteredApiPage::marker`]. `items` and `pages`
                /// set it themselves.
                marker: text;
            }
            paged Marker of RegisteredApi;
        }

        /// Gives a registered API whole.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// let api = flows.get_registered_api("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d").send().await?;
        /// println!("{:?}", api.target);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL), and any role in it.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such API, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Registered-APIs/paths/~1registered_apis~1{registered_api_id}/get>
        fn get_registered_api(registered_api_id: id RegisteredApiId) -> GetRegisteredApi => RegisteredApi {
            GET "registered_apis" / registered_api_id;
        }

        /// Registers an API, which the caller then owns. Needs a subscription.
        ///
        /// ```no_run
        /// # async fn example(
        /// #     flows: globus_flows::FlowsClient,
        /// #     subscription: globus_core::SubscriptionId,
        /// # ) -> globus_flows::Result<()> {
        /// use globus_flows::NewRegisteredApi;
        /// use serde_json::json;
        ///
        /// let target = json!({
        ///     "type": "openapi",
        ///     "openapi_version": "3.1",
        ///     "destination": {"method": "get", "url": "https://lab.example.org/samples/{id}"},
        ///     "specification": {"operationId": "sample", "responses": {"200": {"description": "a sample"}}},
        /// });
        /// let api = flows
        ///     .create_registered_api(NewRegisteredApi::new("Samples", "Looks up a sample", target, subscription))
        ///     .send()
        ///     .await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Sending this twice registers two, so it is not tried again once it may have reached the service.
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when a member is no JSON
        /// object or the subscription no id. Status 400 when the service cannot use it:
        /// [`messages`](globus_core::ApiError::messages) has a line for each fault;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the subscription.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Registered-APIs/paths/~1registered_apis/post>
        fn create_registered_api(api: document NewRegisteredApi) -> CreateRegisteredApi => RegisteredApi {
            POST "registered_apis";
            with document api;
        }

        /// Changes a registered API: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RegisteredApiId) -> globus_flows::Result<()> {
        /// use globus_flows::RegisteredApiUpdate;
        ///
        /// flows.update_registered_api(id, RegisteredApiUpdate::new().name("Samples, all")).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL), and the role of
        /// administrator or owner.
        ///
        /// # Errors
        /// As [`create_registered_api`](FlowsClient::create_registered_api), and
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such API, or the caller may not see it.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Registered-APIs/paths/~1registered_apis~1{registered_api_id}/patch>
        fn update_registered_api(
            registered_api_id: id RegisteredApiId, update: document RegisteredApiUpdate
        ) -> UpdateRegisteredApi => RegisteredApi {
            PATCH "registered_apis" / registered_api_id;
            with document update;
        }

        /// Deletes a registered API; gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RegisteredApiId) -> globus_flows::Result<()> {
        /// let gone = flows.delete_registered_api(id).send().await?;
        /// println!("deleted for good at {:?}", gone.scheduled_deletion_timestamp);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL), and the role of owner.
        ///
        /// # Errors
        /// As [`get_registered_api`](FlowsClient::get_registered_api).
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Registered-APIs/paths/~1registered_apis~1{registered_api_id}/delete>
        fn delete_registered_api(registered_api_id: id RegisteredApiId) -> DeleteRegisteredApi => RegisteredApi {
            DELETE "registered_apis" / registered_api_id;
        }
    }
}
