//! One run, from its start to its verdict.

use std::{fmt, time::Duration};

use globus_core::{
    BaseClient, Error, Feed, IntoId, InvalidId, Result, RetryPolicy, RunId, ServiceClient,
    polling::{Growing, Polling, Seen, Watch, follow, within},
};
use tokio::time::Instant;

use super::{
    CancelRun, DeleteRun, GetRun, GetRunLogs,
    models::{Run, RunLogEntry, RunStatus},
    requests::NewRun,
    stop::Stop,
    verdict::{RunError, RunFailed, RunInactive, RunSucceeded, RunTimedOut},
};
use crate::{FlowsClient, SpecificFlowClient, specific::ResumeRun};

/// How many entries of the log a failure tells.
const ENTRIES: u32 = 10;
/// How many entries of the log are asked for at a time: the most that the service gives.
const LOG_PAGE: u32 = 100;

/// Follows one run: waits for it, reads its log as it grows, cancels it.
///
/// Made by [`SpecificFlowClient::start`] and [`SpecificFlowClient::handle`], with tokens of the flow, or by
/// [`FlowsClient::handle`]. Cheap to clone; nothing happens to the run when it is dropped.
///
/// ```no_run
/// # async fn example(flow: globus_flows::SpecificFlowClient) -> Result<(), globus_flows::Error> {
/// use globus_flows::RunError;
/// use serde_json::json;
///
/// let run = flow.start(json!({"source": "/in"})).await?;
/// match run.wait().send().await {
///     Ok(done) => println!("{:?}", done.output()),
///     Err(RunError::Failed(failed)) => println!("failed in {:?}: {:?}", failed.state_name(), failed.cause()),
///     Err(RunError::Inactive(stopped)) => println!("log in for {:?}, then resume", stopped.requirement()),
///     Err(other) => return Err(other.into()),
/// }
/// # Ok(()) }
/// ```
///
/// Whoever can log in for it has an app do so, and lets the run go on, as often as it takes:
///
/// ```no_run
/// # struct App;
/// # impl App { async fn login_for(&self, _: globus_flows::Error) -> globus_flows::Result<()> { Ok(()) } }
/// # async fn example(app: App, run: globus_flows::RunHandle) -> globus_flows::Result<()> {
/// use globus_flows::RunError;
///
/// let done = loop {
///     match run.wait().send().await {
///         Ok(done) => break done,
///         Err(stopped @ RunError::Inactive(_)) => {
///             app.login_for(stopped.into()).await?; // `login_for` of `globus_auth::UserApp`
///             run.resume().send().await?;
///         }
///         Err(other) => return Err(other.into()),
///     }
/// };
/// println!("{:?}", done.output());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RunHandle {
    flows: FlowsClient,
    run_id: RunId,
    stop: Stop,
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunHandle").field(&self.run_id).finish()
    }
}

impl SpecificFlowClient {
    /// Starts a run and gives what follows it: [`run_flow`](SpecificFlowClient::run_flow) and
    /// [`handle`](SpecificFlowClient::handle) in one.
    ///
    /// ```no_run
    /// # async fn example(flow: globus_flows::SpecificFlowClient) -> Result<(), globus_flows::Error> {
    /// let run = flow.start(serde_json::json!({"source": "/in"})).await?;
    /// println!("{}", run.run_id());
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: that of [`run_flow`](SpecificFlowClient::run_flow).
    ///
    /// # Errors
    /// As [`run_flow`](SpecificFlowClient::run_flow).
    pub async fn start(&self, run: impl Into<NewRun>) -> Result<RunHandle> {
        let run = self.run_flow(run).send().await?;
        Ok(handle(self.base(), run.run_id))
    }

    /// Gives what follows a run of this flow, with tokens of the flow.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id is none.
    pub fn handle(&self, run_id: impl IntoId<RunId>) -> Result<RunHandle> {
        Ok(handle(self.base(), run_id.into_id()?))
    }
}

/// # Following a run
impl FlowsClient {
    /// Gives what follows a run, with the scopes of this client.
    ///
    /// Scope: [`RUN_STATUS`](crate::scopes::RUN_STATUS), [`RUN_MANAGE`](crate::scopes::RUN_MANAGE) or
    /// [`ALL`](crate::scopes::ALL). Resuming wants a token of the flow: see [`SpecificFlowClient::handle`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the id is none.
    pub fn handle(&self, run_id: impl IntoId<RunId>) -> Result<RunHandle> {
        Ok(handle(self.base(), run_id.into_id()?))
    }

    /// Waits until a run has ended, and gives the verdict: see [`RunHandle::wait`].
    ///
    /// ```no_run
    /// # async fn example(flows: globus_flows::FlowsClient) -> Result<(), globus_flows::Error> {
    /// let done = flows.run_wait("4f1c2b3a-5d6e-4f70-8a91-b2c3d4e5f607").send().await?;
    /// println!("{:?}", done.output());
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: that of [`get_run`](FlowsClient::get_run).
    ///
    /// # Errors
    /// A [`RunError`]: the run failed, needs its owner, or has not ended in time; or looking at it failed, as
    /// [`get_run`](FlowsClient::get_run) does.
    pub fn run_wait(&self, run_id: impl IntoId<RunId>) -> RunWait {
        RunWait::new(self.clone(), run_id.into_id(), Stop::default())
    }
}

fn handle(base: &BaseClient, run_id: RunId) -> RunHandle {
    RunHandle { flows: FlowsClient::from_base(base.clone()), run_id, stop: Stop::default() }
}

impl RunHandle {
    /// Gives the run's id.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Looks at the run now. See [`FlowsClient::get_run`].
    pub fn get(&self) -> GetRun {
        self.flows.get_run(self.run_id)
    }

    /// Cancels the run. See [`FlowsClient::cancel_run`].
    pub fn cancel(&self) -> CancelRun {
        self.flows.cancel_run(self.run_id)
    }

    /// Lets the run go on after its owner has done what it waited for. See [`SpecificFlowClient::resume_run`].
    ///
    /// It may take a moment until the service has seen that. While the run still shows what it waited for, a
    /// [`wait`](RunHandle::wait) with this handle goes on for up to 30 seconds.
    pub fn resume(&self) -> ResumeRun {
        self.stop.resumed();
        crate::specific::resume(self.flows.base(), self.run_id)
    }

    /// Deletes what the service keeps of the run. See [`FlowsClient::delete_run`].
    pub fn delete(&self) -> DeleteRun {
        self.flows.delete_run(self.run_id)
    }

    /// Waits until the run has ended, and gives the verdict.
    ///
    /// Only a run that succeeded is `Ok`. Looks at once, then after half a second, then ever less often, at last every
    /// 30 seconds: one request each time. A look that fails for a passing reason (a broken connection, a time-out, 429,
    /// 5xx) does not end the wait, unless all looks fail for [`max_outage`](RunWait::max_outage). A run that waits for
    /// its owner ends the wait, unless told [otherwise](RunWait::while_inactive). A status from the future counts as not
    /// ended, so a wait that must end needs a [`timeout`](RunWait::timeout).
    ///
    /// Dropping the future ends the wait, not the run.
    pub fn wait(&self) -> RunWait {
        RunWait::new(self.flows.clone(), Ok(self.run_id), self.stop.clone())
    }

    /// Tells how the run gets on, look by look: short for `wait().progress()`.
    pub fn progress(&self) -> Feed<Result<Run, RunError>> {
        self.wait().progress()
    }

    /// Gives the run's log from its beginning, and what is added while it goes on; ends with the run.
    ///
    /// ```no_run
    /// # async fn example(run: globus_flows::RunHandle) -> globus_flows::Result<()> {
    /// let mut log = run.logs();
    /// while let Some(entry) = log.try_next().await? {
    ///     println!("{} {}", entry.code, entry.state_name().unwrap_or("-"));
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Looks in the rhythm of [`wait`](RunHandle::wait), and at once while there is more. It goes on while the run waits
    /// for its owner.
    ///
    /// # Errors
    /// When reading the log fails for a reason that does not pass, or for ten minutes; nothing comes after it.
    pub fn logs(&self) -> Feed<Result<RunLogEntry>> {
        let log = Log { flows: self.flows.clone(), run_id: self.run_id, marker: None, seen: 0 };
        follow(&Polling::default(), log)
    }
}

/// A log that is read while it grows.
struct Log {
    flows: FlowsClient,
    run_id: RunId,
    /// Where the page begins that is read; `None` for the first.
    marker: Option<String>,
    /// How many entries of that page have been given.
    seen: usize,
}

impl Growing for Log {
    type Entry = RunLogEntry;

    async fn read(&mut self) -> Result<(Vec<RunLogEntry>, bool)> {
        let mut request: GetRunLogs = self.flows.get_run_logs(self.run_id).limit(LOG_PAGE);
        if let Some(marker) = &self.marker {
            request = request.marker(marker.as_str());
        }
        let page = request.with_retry(RetryPolicy::never()).send().await?;
        let new: Vec<RunLogEntry> = page.entries.into_iter().skip(self.seen).collect();
        // A marker that leads to its own page leads to nothing more.
        let next = page
            .marker
            .filter(|marker| page.has_next_page != Some(false) && Some(marker) != self.marker.as_ref());
        let more = next.is_some();
        match next {
            Some(marker) => {
                self.marker = Some(marker);
                self.seen = 0;
            }
            None => self.seen += new.len(),
        }
        Ok((new, more))
    }

    async fn has_ended(&mut self) -> Result<bool> {
        let run = self.flows.get_run(self.run_id).with_retry(RetryPolicy::never());
        Ok(run.send().await?.status.is_terminal())
    }

    fn is_last(entry: &RunLogEntry) -> bool {
        entry.is_last()
    }
}

/// Is a wait for a run, made by [`RunHandle::wait`]: set what is optional, then send it.
#[derive(Debug)]
#[must_use = "a wait does nothing until it is sent"]
pub struct RunWait {
    flows: FlowsClient,
    run_id: Result<RunId, InvalidId>,
    polling: Polling,
    while_inactive: bool,
    stop: Stop,
}

impl RunWait {
    fn new(flows: FlowsClient, run_id: Result<RunId, InvalidId>, stop: Stop) -> Self {
        Self { flows, run_id, polling: Polling::default(), while_inactive: false, stop }
    }

    /// Gives up after this long, with a last look at the end of it; `None`, the default, waits as long as it takes.
    ///
    /// The last look may take up to 10 seconds more.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.polling.set_timeout(timeout.into());
        self
    }

    /// Looks this often: at first after `shortest`, each time half as long again, at last every `longest`. Default: half
    /// a second to 30 seconds.
    ///
    /// Less than a tenth of a second counts as that, and a `longest` below `shortest` as `shortest`.
    pub fn poll_interval(mut self, shortest: Duration, longest: Duration) -> Self {
        self.polling.set_interval(shortest, longest);
        self
    }

    /// Gives up with the last error when all looks since this long ago have failed. Default: 10 minutes; zero gives up at
    /// the first error.
    pub fn max_outage(mut self, outage: Duration) -> Self {
        self.polling.set_max_outage(outage);
        self
    }

    /// Goes on waiting while the run waits for its owner: for those who cannot help it. Default: false.
    pub fn while_inactive(mut self, wait: bool) -> Self {
        self.while_inactive = wait;
        self
    }

    /// Waits.
    ///
    /// # Errors
    /// [`RunError`]: the run failed, waits for its owner, or has not ended in time; or looking at it failed.
    pub async fn send(self) -> Result<RunSucceeded, RunError> {
        let mut waiting = Waiting::new(self)?;
        loop {
            if let Look::Ended(verdict) = waiting.next().await {
                return verdict;
            }
        }
    }

    /// Tells how the run gets on, look by look: a stream that ends with the run.
    ///
    /// The last item of a run that succeeded is its end. Any other verdict is an error, and the last item.
    pub fn progress(self) -> Feed<Result<Run, RunError>> {
        enum State {
            New(Box<RunWait>),
            Running(Box<Waiting>),
            Ended,
        }
        Feed::of(State::New(Box::new(self)), |state| async move {
            let mut waiting = match state {
                State::New(wait) => match Waiting::new(*wait) {
                    Ok(waiting) => Box::new(waiting),
                    Err(error) => return Some((Err(error), State::Ended)),
                },
                State::Running(waiting) => waiting,
                State::Ended => return None,
            };
            Some(match waiting.next().await {
                Look::Running(run) => (Ok(*run), State::Running(waiting)),
                Look::Ended(Ok(done)) => (Ok(*done.run), State::Ended),
                Look::Ended(Err(error)) => (Err(error), State::Ended),
            })
        })
    }
}

/// What a look found.
enum Look {
    Running(Box<Run>),
    Ended(Result<RunSucceeded, RunError>),
}

/// A wait under way.
struct Waiting {
    flows: FlowsClient,
    run_id: RunId,
    while_inactive: bool,
    stop: Stop,
    watch: Watch<Run>,
}

impl Waiting {
    fn new(wait: RunWait) -> Result<Self, RunError> {
        Ok(Self {
            run_id: wait.run_id.map_err(Error::from)?,
            flows: wait.flows,
            while_inactive: wait.while_inactive,
            stop: wait.stop,
            watch: Watch::new(&wait.polling),
        })
    }

    /// Looks once more, when it is time.
    async fn next(&mut self) -> Look {
        let look = self.flows.get_run(self.run_id).with_retry(RetryPolicy::never());
        match self.watch.next(|| look.clone().send()).await {
            Seen::Now(run) => self.judge(run).await,
            Seen::TooLate(run) => Look::Ended(Err(RunError::TimedOut(Box::new(RunTimedOut { run })))),
            Seen::Failed(error) => Look::Ended(Err(error.into())),
        }
    }

    async fn judge(&self, run: Box<Run>) -> Look {
        match run.status {
            RunStatus::Succeeded => Look::Ended(Ok(RunSucceeded { run })),
            RunStatus::Failed | RunStatus::Ended => {
                let log = self.last_entries().await;
                Look::Ended(Err(RunError::Failed(Box::new(RunFailed { run, log }))))
            }
            RunStatus::Inactive if !self.while_inactive && !self.stop.is_past(&run) => {
                Look::Ended(Err(RunError::Inactive(Box::new(RunInactive { run }))))
            }
            _ => Look::Running(run),
        }
    }

    /// Gives the newest entries of the log; none when they cannot be had soon: the verdict does not hang on them.
    async fn last_entries(&self) -> Vec<RunLogEntry> {
        let log = self.flows.get_run_logs(self.run_id).reverse_order(true).limit(ENTRIES);
        let log = log.with_retry(RetryPolicy::never());
        within(Some(Instant::now()), log.send()).await.map(|page| page.entries).unwrap_or_default()
    }
}
