//! The client of one flow.

use std::time::Duration;

use globus_core::{
    Authorizer, AuthorizerProvider, BaseClient, ClientBuilder, Clock, CollectionId, Config, FlowId, IntoId,
    InvalidId, Result, RetryPolicy, RunId, Service, ServiceClient, request, service_client,
    transport::Transport,
};

use crate::{
    runs::{NewRun, Run, RunValidation},
    scopes,
};

/// Starts and resumes runs of one flow, with tokens for that flow's own scope.
///
/// Made from an app, it asks the app for that scope; to move files of mapped collections, name them with
/// [`data_access`](SpecificFlowClientBuilder::data_access). Everything else about flows and runs is with
/// [`FlowsClient`](crate::FlowsClient). Cheap to clone.
///
/// ```no_run
/// # async fn example(token: impl globus_core::Authorizer + 'static) -> globus_flows::Result<()> {
/// use globus_flows::SpecificFlowClient;
/// use serde_json::json;
///
/// let flow = SpecificFlowClient::new("1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10", token)?;
/// let run = flow.run_flow(json!({"source": "/in", "destination": "/out"})).send().await?;
/// println!("{} is {}", run.run_id, run.status);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SpecificFlowClient {
    flow_id: FlowId,
    runs: Runs,
}

service_client! {
    /// The connection: requests of any flow, which the client makes those of one. The resource server is always replaced
    /// by the flow's id.
    struct Runs {
        service: Service::Flows,
        resource_server: scopes::RESOURCE_SERVER,
        default_scopes: Vec::new(),
    }
}

impl Runs {
    fn base(&self) -> &BaseClient {
        &self.base
    }
}

impl SpecificFlowClient {
    /// Makes a client of this flow that asks as `authorizer` says, with tokens for the flow's own scope
    /// ([`scopes::user`]).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id is none,
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when a configuration value is wrong.
    pub fn new(flow_id: impl IntoId<FlowId>, authorizer: impl Authorizer + 'static) -> Result<Self> {
        Self::builder(flow_id).authorizer(authorizer).build()
    }

    /// Starts to set up a client of this flow.
    pub fn builder(flow_id: impl IntoId<FlowId>) -> SpecificFlowClientBuilder {
        SpecificFlowClientBuilder {
            flow_id: flow_id.into_id(),
            collections: Vec::new(),
            connection: <Runs as ServiceClient>::builder(),
        }
    }

    /// Gives the flow's id.
    #[must_use]
    pub fn flow_id(&self) -> FlowId {
        self.flow_id
    }

    /// Gives the connection to the service, for requests of any shape.
    #[must_use]
    pub fn base(&self) -> &BaseClient {
        &self.runs.base
    }

    /// Starts a run with this input, a JSON object that fits the flow's input schema.
    ///
    /// ```no_run
    /// # async fn example(flow: globus_flows::SpecificFlowClient) -> globus_flows::Result<()> {
    /// use globus_flows::{NewRun, RunStatus};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Input { source: String }
    ///
    /// let input = Input { source: "/in".to_owned() };
    /// let run = flow.run_flow(NewRun::new(&input).label("Night 7").notify_on([RunStatus::Failed])).send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Sending it twice starts two runs, so it is not tried again once it may have reached the service.
    ///
    /// Scope: the flow's own, [`user`](crate::scopes::user), or, for a flow without actions, [`RUN`](scopes::RUN); and
    /// the role of starter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when a member is over its
    /// limit. Status 400 with the code `FLOW_INPUT_ERROR` when the input does not fit the schema:
    /// [`messages`](globus_core::ApiError::messages) has a line for each fault.
    /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope or the role;
    /// [`is_not_found`](crate::Error::is_not_found) when there is no such flow, or the caller may not see it.
    ///
    /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1flows~1{flow_id}~1run/post>
    #[doc(alias = "flows start")]
    pub fn run_flow(&self, run: impl Into<NewRun>) -> RunFlow {
        self.runs.run_flow(self.flow_id, run)
    }

    /// Checks whether a run could be started so, and starts none.
    ///
    /// ```no_run
    /// # async fn example(flow: globus_flows::SpecificFlowClient) -> globus_flows::Result<()> {
    /// flow.validate_run(serde_json::json!({"source": "/in"})).send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: the flow's own, [`user`](crate::scopes::user), and the role of starter.
    ///
    /// # Errors
    /// As [`run_flow`](SpecificFlowClient::run_flow).
    ///
    /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1flows~1{flow_id}~1validate_run/post>
    #[doc(alias = "flows run validate")]
    pub fn validate_run(&self, run: impl Into<NewRun>) -> ValidateRun {
        self.runs.validate_run(self.flow_id, run)
    }

    /// Lets an inactive run go on, once the token has what the run waits for: see [`Run::requirement`].
    ///
    /// ```no_run
    /// # async fn example(flow: globus_flows::SpecificFlowClient, id: globus_flows::RunId) -> globus_flows::Result<()> {
    /// let run = flow.resume_run(id).send().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: the flow's own, [`user`](crate::scopes::user). Only the run's owner may.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) when there is no such run, or the caller may not see it;
    /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope, or for a run of somebody else.
    ///
    /// Service: <https://globusonline.github.io/globus-flows/#tag/Runs/paths/~1runs~1{run_id}~1resume/post>
    #[doc(alias = "flows run resume")]
    pub fn resume_run(&self, run_id: impl IntoId<RunId>) -> ResumeRun {
        self.runs.resume_run(run_id)
    }
}

request! {
    impl Runs {
        /// Sends what [`SpecificFlowClient::run_flow`] describes.
        fn run_flow(flow_id: id FlowId, run: document NewRun) -> RunFlow => Run {
            POST "flows" / flow_id / "run";
            with document run;
        }

        /// Sends what [`SpecificFlowClient::validate_run`] describes.
        fn validate_run(flow_id: id FlowId, run: document NewRun) -> ValidateRun => RunValidation {
            POST "flows" / flow_id / "validate_run";
            idempotent;
            with document run;
        }

        /// Sends what [`SpecificFlowClient::resume_run`] describes.
        fn resume_run(run_id: id RunId) -> ResumeRun => Run {
            POST "runs" / run_id / "resume";
            idempotent;
        }
    }
}

/// Resumes a run through this connection.
pub(crate) fn resume(base: &BaseClient, run_id: RunId) -> ResumeRun {
    Runs { base: base.clone() }.resume_run(run_id)
}

/// Sets up a [`SpecificFlowClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SpecificFlowClientBuilder {
    flow_id: Result<FlowId, InvalidId>,
    collections: Vec<CollectionId>,
    connection: ClientBuilder<Runs>,
}

/// Adds setters that are those of [`ClientBuilder`].
macro_rules! connection_setters {
    ($($(#[$doc:meta])* $name:ident($value:ident: $Type:ty);)+) => {
        impl SpecificFlowClientBuilder {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $value: $Type) -> Self {
                    self.connection = self.connection.$name($value);
                    self
                }
            )+
        }
    };
}

connection_setters! {
    /// Makes requests as this authorizer says: with tokens for the flow's own scope.
    authorizer(authorizer: impl Authorizer + 'static);
    /// Makes requests as this app does, and asks it for the flow's own scope.
    app(app: &(impl AuthorizerProvider + Clone + 'static));
    /// Uses this configuration instead of the environment's.
    config(config: Config);
    /// Asks the service at this address, whatever the configuration says.
    base_url(url: impl Into<String>);
    /// Sends requests through this transport.
    transport(transport: impl Transport + 'static);
    /// Tries failed requests again as this policy says (default: [`RetryPolicy::default`]).
    retry(policy: RetryPolicy);
    /// Limits one attempt of a request. Default: the configuration's, 60 s; `None` sets no limit.
    timeout(timeout: impl Into<Option<Duration>>);
    /// Adds the name of the application to the `User-Agent` header.
    app_name(name: impl Into<String>);
    /// Goes by this clock instead of the system's.
    clock(clock: impl Clock + 'static);
}

impl SpecificFlowClientBuilder {
    /// Asks the app for access to files of these collections too, for runs that move them. Without an app, does nothing.
    ///
    /// Name mapped collections only: for guest collections, those on Globus Connect Personal and high-assurance ones
    /// there is no such scope, and Globus Auth would refuse the login.
    #[doc(alias = "add_app_transfer_data_access_scope")]
    pub fn data_access(mut self, collections: impl IntoIterator<Item = CollectionId>) -> Self {
        self.collections.extend(collections);
        self
    }

    /// Makes the client. Opens no connection.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id is none or the base URL cannot be used,
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when a configuration value is wrong.
    pub fn build(self) -> Result<SpecificFlowClient> {
        let flow_id = self.flow_id?;
        let scope = if self.collections.is_empty() {
            scopes::user(flow_id)
        } else {
            scopes::user_with_data_access(flow_id, self.collections)
        };
        let connection =
            self.connection.resource_server(scopes::resource_server(flow_id)).app_scopes([scope]);
        Ok(SpecificFlowClient { flow_id, runs: connection.build()? })
    }
}
