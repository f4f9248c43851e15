//! Flows: creating, finding, changing and deleting them.

mod models;
mod requests;

use globus_core::{FlowId, request};
use serde_json::Value;

pub use self::{
    models::{Flow, FlowAnalysis, FlowPage, FlowRole, FlowValidation},
    requests::{FlowUpdate, NewFlow},
};
use crate::FlowsClient;

request! {
    /// # Flows
    impl FlowsClient {
        /// Creates a flow, which the caller then owns.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use globus_flows::NewFlow;
        /// use serde_json::json;
        ///
        /// let definition = json!({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": true}}});
        /// let schema = json!({"type": "object", "required": ["run"], "properties": {"run": {"type": "integer"}}});
        /// let flow = flows.create_flow(NewFlow::new("Nightly", definition).input_schema(schema)).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Titles need not be unique: sending this twice makes two flows, so it is not tried again once it may have
        /// reached the service. Without a subscription, the service keeps one flow for each user, for 30 days.
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when a member is over
        /// its limit. [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the right to
        /// use the subscription. With status 422, the definition, the schema or a principal is wrong:
        /// [`messages`](globus_core::ApiError::messages) has a line for each fault.
        /// [`is_conflict`](crate::Error::is_conflict) when the scope of an action cannot be found out.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows/post>
        #[doc(alias = "flows create")]
        fn create_flow(flow: document NewFlow) -> CreateFlow => Flow {
            POST "flows";
            with document flow;
        }

        /// Gives a flow.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// let flow = flows.get_flow("1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10").send().await?;
        /// println!("{}: {:?}", flow.title, flow.definition);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`VIEW_FLOWS`](crate::scopes::VIEW_FLOWS), [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or
        /// [`ALL`](crate::scopes::ALL), and any role in the flow.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such flow, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope, or when a high-assurance
        /// flow wants a fresher login.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows~1{flow_id}/get>
        #[doc(alias = "flows show")]
        fn get_flow(flow_id: id FlowId) -> GetFlow => Flow {
            GET "flows" / flow_id;
        }

        /// Lists flows.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use globus_flows::FlowRole;
        ///
        /// let mut found = flows
        ///     .list_flows()
        ///     .filter_roles([FlowRole::FlowOwner, FlowRole::FlowStarter])
        ///     .filter_fulltext("sequencing")
        ///     .orderby(["title ASC", "created_at DESC"])
        ///     .items();
        /// while let Some(flow) = found.next().await {
        ///     println!("{}", flow?.title);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// `send` gives one page; `items` and `pages` walk over all of them. Without a filter by role, the service lists
        /// the flows that the caller owns. Different filters must all fit.
        ///
        /// Scope: [`VIEW_FLOWS`](crate::scopes::VIEW_FLOWS), [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or
        /// [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope. Status 400 when a filter,
        /// the order or the marker makes no sense to the service.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows/get>
        #[doc(alias = "flows list")]
        fn list_flows() -> ListFlows => FlowPage {
            GET "flows";
            query {
                /// Lists flows in which the caller has one of these roles: [`FlowRole`]s, or their words.
                /// Default: flows that the caller owns.
                filter_roles: joined;
                /// Lists flows with this text in title, subtitle, description, id, owner or administrators. Upper and
                /// lower case are the same; commas separate texts of which one is enough.
                filter_fulltext: text;
                /// Lists flows with this text in the title; commas separate texts of which one is enough.
                filter_title: text;
                /// Lists flows with this text in the subtitle; commas separate texts of which one is enough.
                filter_subtitle: text;
                /// Lists flows with this text in the description; commas separate texts of which one is enough.
                filter_description: text;
                /// Lists flows that have a keyword with one of these texts in it.
                filter_keywords: joined;
                /// Lists flows with this text in their scope; commas separate texts of which one is enough.
                filter_scope_string: text;
                /// Orders by these fields, the first one first, each with `ASC` or `DESC` after it: `id`,
                /// `scope_string`, `flow_owners`, `flow_administrators`, `title`, `created_at`, `updated_at`.
                /// Default: the newest first.
                orderby: repeated;
                /// Gives this many flows a page, at most 100. Default: 20.
                per_page: number u32;
                /// Begins at this place, which an earlier page gave as [`FlowPage::marker`]; filters are then those of
                /// that page. `items` and `pages` set it themselves.
                marker: text;
            }
            paged Marker of Flow;
        }

        /// Changes a flow: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::FlowId) -> globus_flows::Result<()> {
        /// use globus_flows::{FlowUpdate, Principal};
        ///
        /// let update = FlowUpdate::new().title("Nightly, faster").flow_starters([Principal::AllAuthenticatedUsers]);
        /// let flow = flows.update_flow(id, update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Lists are replaced as a whole. Runs that have started keep the definition they started with.
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL), and the role of
        /// administrator or owner.
        ///
        /// # Errors
        /// As [`create_flow`](FlowsClient::create_flow), and [`is_not_found`](crate::Error::is_not_found) when there is
        /// no such flow, or the caller may not see it.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows~1{flow_id}/put>
        #[doc(alias = "flows update")]
        fn update_flow(flow_id: id FlowId, update: document FlowUpdate) -> UpdateFlow => Flow {
            PUT "flows" / flow_id;
            with document update;
        }

        /// Deletes a flow; gives it as it was, with [`Flow::deleted`] set.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::FlowId) -> globus_flows::Result<()> {
        /// let gone = flows.delete_flow(id).send().await?;
        /// assert!(gone.deleted);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL), and the role of
        /// administrator or owner.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such flow, or the caller may not see it; after
        /// a broken connection this may mean that an earlier try deleted it.
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows~1{flow_id}/delete>
        #[doc(alias = "flows delete")]
        fn delete_flow(flow_id: id FlowId) -> DeleteFlow => Flow {
            DELETE "flows" / flow_id;
        }

        /// Checks a definition as creating a flow would, and creates none.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use serde_json::json;
        ///
        /// let definition = json!({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": true}}});
        /// let valid = flows.validate_flow(definition).input_schema(json!({"type": "object"})).send().await?;
        /// println!("{:?} {:?}", valid.scopes, valid.number_of_possibilities());
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_FLOWS`](crate::scopes::MANAGE_FLOWS) or [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// With status 422, the definition or the schema is wrong: [`messages`](globus_core::ApiError::messages) has a
        /// line for each fault. [`is_conflict`](crate::Error::is_conflict) when the scope of an action cannot be found
        /// out; [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Flows/paths/~1flows~1validate/post>
        #[doc(alias = "flows validate")]
        fn validate_flow(definition: document Value) -> ValidateFlow => FlowValidation {
            POST "flows" / "validate";
            idempotent;
            with json { "definition" = definition; }
            json {
                /// Checks the definition against inputs that fit this JSON Schema. Default: any input.
                input_schema: any Value;
            }
        }
    }
}
