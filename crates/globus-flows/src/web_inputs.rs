//! Web inputs: questions that a run asks people.

mod models;

use globus_core::request;
use serde_json::{Value, json};

pub use self::models::{
    PresentationStyle, WebInput, WebInputContext, WebInputId, WebInputOption, WebInputPage, WebInputReceipt,
    WebInputReference, WebInputRole, WebInputRoles, WebInputRow, WebInputStatus,
};
use crate::FlowsClient;

request! {
    /// # Web inputs
    impl FlowsClient {
        /// Lists the questions that the caller may see or answer.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use globus_flows::WebInputRole;
        ///
        /// let mut open = flows.list_web_inputs().filter_roles([WebInputRole::Respondent]).items();
        /// while let Some(question) = open.next().await {
        ///     println!("{:?}", question?.title());
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Entries of the list are short: [`WebInput::options`] and [`WebInput::context`] come with
        /// [`get_web_input`](FlowsClient::get_web_input).
        ///
        /// Scope: [`WEB_INPUT_VIEW`](crate::scopes::WEB_INPUT_VIEW) or [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope. Status 400 or 422 when a
        /// filter, the order or the marker makes no sense to the service.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Web-Inputs/paths/~1web_inputs/get>
        fn list_web_inputs() -> ListWebInputs => WebInputPage {
            GET "web_inputs";
            query {
                /// Lists questions in which the caller has one of these roles: [`WebInputRole`]s, or their words.
                /// Service default: both.
                filter_roles: joined;
                /// Lists questions with one of these statuses: [`WebInputStatus`]es, or their words. Service default:
                /// open ones.
                filter_states: joined;
                /// Lists questions of these flows, at most 10.
                filter_flow_ids: joined;
                /// Lists questions of these runs, at most 10.
                filter_run_ids: joined;
                /// Orders by these fields, the first one first, each with `ASC` or `DESC` after it:
                /// `created_timestamp`, `edited_timestamp`, `closed_timestamp`. Default: the service's order.
                orderby: joined;
                /// Gives this many a page. Default: as many as the service likes.
                per_page: number u32;
                /// Begins at this place, which an earlier page gave as [`WebInputPage::marker`]. `items` and `pages` set
                /// it themselves.
                marker: text;
            }
            paged NullableMarker of WebInput;
        }

        /// Gives a question with its options.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::WebInputId) -> globus_flows::Result<()> {
        /// let question = flows.get_web_input(id).send().await?;
        /// for option in &question.options {
        ///     println!("{}: {:?}", option.option_id, option.label);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`WEB_INPUT_VIEW`](crate::scopes::WEB_INPUT_VIEW) or [`ALL`](crate::scopes::ALL), and a role in it:
        /// who asked has none by that alone.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such question, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope, or when a high-assurance flow
        /// wants a fresher login.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Web-Inputs/paths/~1web_inputs~1{web_input_id}/get>
        fn get_web_input(web_input_id: id WebInputId) -> GetWebInput => WebInput {
            GET "web_inputs" / web_input_id;
        }

        /// Answers a question: for a selection, with the id of the option.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::WebInputId) -> globus_flows::Result<()> {
        /// let question = flows.get_web_input(id).send().await?;
        /// if let Some(approve) = question.option("Approve") {
        ///     flows.respond_to_web_input(id, approve.option_id.as_str()).send().await?;
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// A question is answered once, so this is not tried again after it may have reached the service.
        ///
        /// Scope: [`WEB_INPUT_RESPOND`](crate::scopes::WEB_INPUT_RESPOND) or [`ALL`](crate::scopes::ALL), and the role
        /// of respondent.
        ///
        /// # Errors
        /// [`is_conflict`](crate::Error::is_conflict) when it has been answered or has run out of time;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role;
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such question, or the caller may not see it.
        /// Status 422 when there is no such option.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Web-Inputs/paths/~1web_inputs~1{web_input_id}~1respond/post>
        fn respond_to_web_input(web_input_id: id WebInputId, value: document Value) -> RespondToWebInput => WebInputReceipt {
            POST "web_inputs" / web_input_id / "respond";
            with json { "response" = json!({"value": value}); }
        }
    }
}
