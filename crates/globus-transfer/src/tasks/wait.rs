//! Waiting for a task to end, with a verdict.

use std::{fmt, time::Duration};

use globus_core::{
    Error, Feed, IntoId, InvalidId, RetryPolicy, TaskId,
    polling::{Polling, Seen, Watch},
};

use super::{
    models::Task,
    progress::{Pace, Progress},
    stall::{StallPolicy, StallWatch},
    verdict::{Judge, Judgement, Succeeded, TaskError},
};
use crate::{TransferClient, tasks::GetTask};

/// # Waiting for a task
impl TransferClient {
    /// Waits until a task has ended, and gives the verdict.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> Result<(), globus_transfer::Error> {
    /// use std::time::Duration;
    /// use globus_transfer::TaskError;
    ///
    /// let waiting = transfer
    ///     .task_wait("8b3a7c1e-6a61-11f0-8b6d-0affc0000001")
    ///     .timeout(Duration::from_secs(3600))
    ///     .on_progress(|task| println!("{:?} bytes", task.bytes_transferred));
    /// match waiting.send().await {
    ///     Ok(done) => println!("{:?} files, {} skipped", done.task.files_transferred, done.skipped_errors()),
    ///     Err(TaskError::Failed(failed)) => println!("{:?} {:?}", failed.cause(), failed.decisive_event()),
    ///     Err(TaskError::Inactive(stopped)) => println!("{:?}: {:?}", stopped.reason(), stopped.message()),
    ///     Err(TaskError::Stalled(stalled)) => println!("{}", stalled.reason),
    ///     Err(TaskError::TimedOut(late)) => println!("still {:?}", late.task.nice_status),
    ///     Err(other) => return Err(other.into()),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Only a task that succeeded is `Ok`. Looks at once, then after half a second, then ever less often, at last every
    /// 30 seconds: one request each time. A look that fails for a passing reason (a broken connection, a time-out, 429,
    /// 5xx) does not end the wait, unless all looks fail for [`max_outage`](TaskWait::max_outage); nor does a task that
    /// the service does not know yet in the first 5 seconds. A task that runs on without hope is given up as the
    /// [`StallPolicy`] says. A status from the future counts as not ended, so a wait that must end needs a
    /// [`timeout`](TaskWait::timeout).
    ///
    /// Dropping the future ends the wait, not the task: see [`cancel_task`](TransferClient::cancel_task). To wait for
    /// many tasks with few requests, see [`task_set`](TransferClient::task_set).
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    ///
    /// # Errors
    /// A [`TaskError`]: the task failed, needs its owner, stalled, or has not ended in time; or looking at it failed, as
    /// [`get_task`](TransferClient::get_task) does.
    #[doc(alias = "wait")]
    #[doc(alias = "task wait")]
    pub fn task_wait(&self, task_id: impl IntoId<TaskId>) -> TaskWait {
        TaskWait { task_id: task_id.into_id(), options: WaitOptions::new(self.clone()), on_progress: None }
    }
}

/// What the wait for one task and the wait for many have in common.
#[derive(Debug, Clone)]
pub(super) struct WaitOptions {
    pub(super) judge: Judge,
    pub(super) polling: Polling,
}

impl WaitOptions {
    pub(super) fn new(client: TransferClient) -> Self {
        Self {
            judge: Judge { client, stall: StallPolicy::default(), cancel_on_stall: false },
            polling: Polling::default(),
        }
    }
}

/// Adds the setters that the wait for one task and the wait for many have in common.
macro_rules! wait_setters {
    ($Wait:ident) => {
        impl $Wait {
            /// Gives up after this long, with a last look at the end of it; `None`, the default, waits as long as it
            /// takes.
            ///
            /// The last look may take up to 10 seconds more.
            pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
                self.options.polling.set_timeout(timeout.into());
                self
            }

            /// Looks this often: at first after `shortest`, each time half as long again, at last every `longest`.
            /// Default: half a second to 30 seconds.
            ///
            /// Less than a tenth of a second counts as that, and a `longest` below `shortest` as `shortest`.
            #[doc(alias = "polling_interval")]
            pub fn poll_interval(mut self, shortest: Duration, longest: Duration) -> Self {
                self.options.polling.set_interval(shortest, longest);
                self
            }

            /// Gives up with the last error when all looks since this long ago have failed. Default: 10 minutes; zero
            /// gives up at the first error.
            pub fn max_outage(mut self, outage: Duration) -> Self {
                self.options.polling.set_max_outage(outage);
                self
            }

            /// Says when a task that runs on without hope is given up. Default: [`StallPolicy::default`].
            pub fn stall(mut self, policy: StallPolicy) -> Self {
                self.options.judge.stall = policy;
                self
            }

            /// Cancels a task that is given up as stalled, instead of letting it run on. Default: false.
            pub fn cancel_on_stall(mut self, cancel: bool) -> Self {
                self.options.judge.cancel_on_stall = cancel;
                self
            }
        }
    };
}
pub(super) use wait_setters;

type OnProgress = Box<dyn FnMut(&Task) + Send>;

/// Is a wait for a task, made by [`TransferClient::task_wait`]: set what is optional, then send it.
#[must_use = "a wait does nothing until it is sent"]
pub struct TaskWait {
    task_id: Result<TaskId, InvalidId>,
    options: WaitOptions,
    on_progress: Option<OnProgress>,
}

wait_setters!(TaskWait);

impl TaskWait {
    /// Calls this with the task's document after each look that succeeded, the last one included.
    pub fn on_progress(mut self, progress: impl FnMut(&Task) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(progress));
        self
    }

    /// Waits.
    ///
    /// # Errors
    /// [`TaskError`]: the task failed, stopped, stalled, or has not ended in time; or looking at it failed.
    pub async fn send(self) -> Result<Succeeded, TaskError> {
        let mut waiting = Waiting::new(self)?;
        loop {
            if let Judgement::Ended(verdict) = waiting.next().await {
                return verdict;
            }
        }
    }

    /// Tells how the task gets on, look by look: a stream that ends with the task.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> Result<(), globus_transfer::TaskError> {
    /// let mut progress = transfer.task_wait("8b3a7c1e-6a61-11f0-8b6d-0affc0000001").progress();
    /// while let Some(now) = progress.try_next().await? {
    ///     println!("{} files, {} bytes, {:?} to go", now.files, now.bytes, now.time_left);
    /// }
    /// println!("succeeded");
    /// # Ok(()) }
    /// ```
    ///
    /// The last item of a task that succeeded is its end. Any other verdict is an error, and the last item.
    pub fn progress(self) -> Feed<Result<Progress, TaskError>> {
        enum State {
            New(Box<TaskWait>),
            Running(Box<Waiting>, Pace),
            Ended,
        }
        Feed::of(State::New(Box::new(self)), |state| async move {
            let (mut waiting, mut pace) = match state {
                State::New(wait) => match Waiting::new(*wait) {
                    Ok(waiting) => (Box::new(waiting), Pace::default()),
                    Err(error) => return Some((Err(error), State::Ended)),
                },
                State::Running(waiting, pace) => (waiting, pace),
                State::Ended => return None,
            };
            Some(match waiting.next().await {
                Judgement::Running(task) => {
                    let progress = pace.progress(task);
                    (Ok(progress), State::Running(waiting, pace))
                }
                Judgement::Ended(Ok(done)) => (Ok(pace.progress(done.task)), State::Ended),
                Judgement::Ended(Err(error)) => (Err(error), State::Ended),
            })
        })
    }
}

/// A wait under way.
struct Waiting {
    look: GetTask,
    options: WaitOptions,
    watch: Watch<Task>,
    stall: StallWatch,
    on_progress: Option<OnProgress>,
}

impl Waiting {
    fn new(wait: TaskWait) -> Result<Self, TaskError> {
        let task_id = wait.task_id.map_err(Error::from)?;
        let look = wait.options.judge.client.get_task(task_id).with_retry(RetryPolicy::never());
        Ok(Self {
            look,
            watch: Watch::new(&wait.options.polling),
            options: wait.options,
            stall: StallWatch::default(),
            on_progress: wait.on_progress,
        })
    }

    /// Looks once more, when it is time.
    async fn next(&mut self) -> Judgement {
        match self.watch.next(|| self.look.clone().send()).await {
            Seen::Now(task) => {
                if let Some(progress) = &mut self.on_progress {
                    progress(&task);
                }
                self.options.judge.judge(task, &mut self.stall).await
            }
            Seen::TooLate(task) => Judgement::Ended(Err(self.options.judge.timed_out(task).await)),
            Seen::Failed(error) => Judgement::Ended(Err(error.into())),
        }
    }
}

impl fmt::Debug for TaskWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWait")
            .field("task_id", &self.task_id)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
