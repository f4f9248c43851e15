//! Runs: what became of a flow that was started.

mod batch;
mod handle;
mod models;
mod requests;
mod stop;
mod verdict;

use globus_core::{RunId, request};

pub use self::{
    batch::RunsUpdate,
    handle::{RunHandle, RunWait},
    models::{
        FlowDescription, Run, RunDefinition, RunLogEntry, RunLogPage, RunPage, RunRole, RunSearch, RunStatus,
        RunValidation, RunsReceipt,
    },
    requests::{NewRun, RunUpdate},
    verdict::{RunError, RunFailed, RunInactive, RunSucceeded, RunTimedOut},
};
use crate::FlowsClient;

request! {
    /// # Runs
    ///
    /// A run is started, and resumed, with a token for its flow: see [`SpecificFlowClient`](crate::SpecificFlowClient).
    impl FlowsClient {
        /// Lists runs.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// use globus_flows::{RunRole, RunStatus};
        ///
        /// let mut failed = flows
        ///     .list_runs()
        ///     .filter_flow_id(["1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10"])
        ///     .filter_roles([RunRole::RunOwner, RunRole::FlowRunMonitor])
        ///     .filter_status([RunStatus::Failed])
        ///     .items();
        /// while let Some(run) = failed.next().await {
        ///     println!("{:?}", run?.label);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// `send` gives one page; `items` and `pages` walk over all of them. Without a filter by role, the service lists
        /// the runs that the caller started. Different filters must all fit.
        ///
        /// Scope: [`RUN_STATUS`](crate::scopes::RUN_STATUS), [`RUN_MANAGE`](crate::scopes::RUN_MANAGE) or
        /// [`ALL`](crate::scopes::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope. Status 400 when a filter, the
        /// order or the marker makes no sense to the service.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs/get>
        #[doc(alias = "flows run list")]
        fn list_runs() -> ListRuns => RunPage {
            GET "runs";
            query {
                /// Lists runs of these flows: ids, or their texts.
                filter_flow_id: joined;
                /// Lists runs in which the caller has one of these roles: [`RunRole`]s, or their words. Default: runs
                /// that the caller started.
                filter_roles: joined;
                /// Lists runs with one of these statuses: [`RunStatus`]es, or their words.
                filter_status: joined;
                /// Lists runs with this text in the label; commas separate texts of which one is enough.
                filter_label: text;
                /// Lists runs of flows with this text in the title; commas separate texts of which one is enough.
                filter_flow_title: text;
                /// Lists runs that started in a span of time: `from,to`, each RFC 3339 or empty, without `to` itself.
                filter_start_time: text;
                /// Lists runs that ended in a span of time: `from,to`, each RFC 3339 or empty, without `to` itself.
                filter_completion_time: text;
                /// Orders by these fields, the first one first, each with `ASC` or `DESC` after it: `id`, `start_time`,
                /// `completion_time`, `status`, `label`. Default: the newest first.
                orderby: repeated;
                /// Gives this many runs a page, at most 100. Default: 20.
                per_page: number u32;
                /// Begins at this place, which an earlier page gave as [`RunPage::marker`]; filters are then those of
                /// that page. `items` and `pages` set it themselves.
                marker: text;
            }
            paged Marker of Run;
        }

        /// Gives a run.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient) -> globus_flows::Result<()> {
        /// let run = flows.get_run("4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607").send().await?;
        /// println!("{} {:?}", run.status, run.description());
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`RUN_STATUS`](crate::scopes::RUN_STATUS), [`RUN_MANAGE`](crate::scopes::RUN_MANAGE),
        /// [`ALL`](crate::scopes::ALL) or the flow's own scope, and any role in the run.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such run, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope, or when a high-assurance flow
        /// wants a fresher login.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}/get>
        #[doc(alias = "flows run show")]
        fn get_run(run_id: id RunId) -> GetRun => Run {
            GET "runs" / run_id;
            query {
                /// Adds the flow in short, as [`Run::flow_description`]. Service default: no.
                include_flow_description: python_flag;
            }
        }

        /// Gives the definition that a run started with.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
        /// let started_with = flows.get_run_definition(id).send().await?;
        /// println!("{}", started_with.definition["StartAt"]);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`RUN_STATUS`](crate::scopes::RUN_STATUS), [`RUN_MANAGE`](crate::scopes::RUN_MANAGE) or
        /// [`ALL`](crate::scopes::ALL), and any role in the run.
        ///
        /// # Errors
        /// As [`get_run`](FlowsClient::get_run).
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}~1definition/get>
        #[doc(alias = "flows run show-definition")]
        fn get_run_definition(run_id: id RunId) -> GetRunDefinition => RunDefinition {
            GET "runs" / run_id / "definition";
        }

        /// Lists what happened in a run, the oldest first.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
        /// let mut log = flows.get_run_logs(id).limit(100).items();
        /// while let Some(entry) = log.next().await {
        ///     let entry = entry?;
        ///     println!("{} {} {:?}", entry.time, entry.code, entry.state_name());
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Private parameters, and members of the state whose names begin with `_private`, are cut out.
        ///
        /// Scope: [`RUN_STATUS`](crate::scopes::RUN_STATUS), [`RUN_MANAGE`](crate::scopes::RUN_MANAGE),
        /// [`ALL`](crate::scopes::ALL) or the flow's own scope, and any role in the run.
        ///
        /// # Errors
        /// As [`get_run`](FlowsClient::get_run). Status 400 when the limit or the marker makes no sense to the service.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}~1log/get>
        #[doc(alias = "flows run show-logs")]
        fn get_run_logs(run_id: id RunId) -> GetRunLogs => RunLogPage {
            GET "runs" / run_id / "log";
            query {
                /// Gives this many entries a page, 1 to 100. Default: 10.
                limit: number u32;
                /// Gives the newest entry first. Service default: the oldest.
                reverse_order: python_flag;
                /// Begins at this place, which an earlier page gave as [`RunLogPage::marker`]. `items` and `pages` set it
                /// themselves.
                marker: text;
            }
            paged Marker of RunLogEntry;
        }

        /// Changes label, tags, managers or monitors of a run: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
        /// use globus_flows::RunUpdate;
        ///
        /// let run = flows.update_run(id, RunUpdate::new().tags(["published"])).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`RUN_MANAGE`](crate::scopes::RUN_MANAGE) or [`ALL`](crate::scopes::ALL), and the role of manager or
        /// owner.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when a member is over its
        /// limit. [`is_not_found`](crate::Error::is_not_found) when there is no such run, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role. Status 422 when a
        /// principal is wrong.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}/put>
        #[doc(alias = "flows run update")]
        fn update_run(run_id: id RunId, update: document RunUpdate) -> UpdateRun => Run {
            PUT "runs" / run_id;
            with document update;
        }

        /// Changes tags, managers or monitors of many runs, or cancels them.
        ///
        /// ```no_run
        /// # async fn example(
        /// #     flows: globus_flows::FlowsClient,
        /// #     ids: Vec<globus_flows::RunId>,
        /// # ) -> globus_flows::Result<()> {
        /// use globus_flows::RunsUpdate;
        ///
        /// flows.update_runs(RunsUpdate::new(ids).add_tags(["bad beam"]).cancel()).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// The service takes the change, and may make it later: see [`get_run`](FlowsClient::get_run) for what became of it.
        ///
        /// Scope: [`RUN_MANAGE`](crate::scopes::RUN_MANAGE) or [`ALL`](crate::scopes::ALL), and the role of manager or
        /// owner in each run.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when an id or a principal
        /// is none. [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role. Status 422
        /// when the service cannot use the document: [`messages`](globus_core::ApiError::messages) has a line for each
        /// fault.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1batch~1runs/post>
        fn update_runs(update: document RunsUpdate) -> UpdateRuns => RunsReceipt {
            POST "batch" / "runs";
            with document update;
        }

        /// Cancels a run. The service may take a moment: the run has ended once its status says so.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
        /// flows.cancel_run(id).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`RUN_MANAGE`](crate::scopes::RUN_MANAGE), [`ALL`](crate::scopes::ALL) or the flow's own scope, and
        /// the role of manager or owner.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such run, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}~1cancel/post>
        #[doc(alias = "flows run cancel")]
        fn cancel_run(run_id: id RunId) -> CancelRun => Run {
            POST "runs" / run_id / "cancel";
            idempotent;
        }

        /// Deletes what the service keeps of a run that has ended; gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(flows: globus_flows::FlowsClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
        /// let gone = flows.delete_run(id).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// The service deletes it by itself after 90 days at most.
        ///
        /// Scope: [`RUN_MANAGE`](crate::scopes::RUN_MANAGE), [`ALL`](crate::scopes::ALL) or the flow's own scope, and
        /// the role of manager or owner.
        ///
        /// # Errors
        /// [`is_conflict`](crate::Error::is_conflict) while the run has not ended.
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such run, or the caller may not see it;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role.
        ///
        /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}~1release/post>
        #[doc(alias = "flows run delete")]
        #[doc(alias = "release")]
        fn delete_run(run_id: id RunId) -> DeleteRun => Run {
            POST "runs" / run_id / "release";
        }
    }
}
