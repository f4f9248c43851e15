//! Submitting many tasks without overrunning the service.

use std::{sync::Arc, time::Duration};

use globus_core::{Result, TaskId};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use super::{Submission, SubmissionResult, SubmitConflict};
use crate::{
    TransferClient,
    tasks::{TaskSet, ended},
};

/// The most tasks that the service lets a user have waiting.
const MOST_PENDING: usize = 100;
/// The most tasks of one kind that the service works on at a time for one user.
const MOST_ACTIVE: usize = 3;
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Submits transfers and deletions one after the other, and waits for room when the service has enough of them.
///
/// ```no_run
/// # async fn example(transfer: globus_transfer::TransferClient, documents: Vec<globus_transfer::TransferData>) -> globus_transfer::Result<()> {
/// use globus_transfer::TransferQueue;
///
/// let queue = TransferQueue::new(transfer);
/// for data in documents {
///     // Waits as long as it takes for a place: the next document can be made in the meantime, and no sooner.
///     queue.submit(data).await?;
/// }
/// let outcome = queue.tasks().await.wait().send().await;
/// println!("{} of {} succeeded", outcome.succeeded.len(), outcome.succeeded.len() + outcome.failed.len());
/// # Ok(()) }
/// ```
///
/// The service works on 3 transfers and 3 deletions of a user at a time, lets 100 tasks wait, and refuses more. The
/// queue counts the tasks that it submitted and that have not ended; when the service refuses one because of others, it
/// waits for room all the same. Clones are the same queue, and share its places fairly.
#[derive(Debug, Clone)]
pub struct TransferQueue {
    client: TransferClient,
    most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    submitted: Vec<TaskId>,
    unfinished: Vec<Place>,
    next_look: Option<Instant>,
    interval: Duration,
}

/// The place of a task that has not ended.
#[derive(Debug)]
struct Place {
    task_id: TaskId,
    /// Whether the service has shown the task. It may not do so at once.
    seen: bool,
}

impl TransferQueue {
    /// Makes an empty queue with 100 places.
    #[must_use]
    pub fn new(client: TransferClient) -> Self {
        Self { client, most: MOST_PENDING, state: Arc::default() }
    }

    /// Lets at most this many tasks of the queue be under way. Default: 100, what the service takes. Zero counts as one.
    ///
    /// Fewer leave places to other programs of the user, and let what is submitted late be decided late.
    #[must_use]
    pub fn max_pending(mut self, tasks: usize) -> Self {
        self.most = tasks.max(1);
        self
    }

    /// Lets only as many tasks be under way as the service works on at a time: 3. None waits at the service.
    #[must_use]
    pub fn only_active(self) -> Self {
        self.max_pending(MOST_ACTIVE)
    }

    /// Waits for a place, and submits. Who came first is first.
    ///
    /// # Errors
    /// As [`TransferClient::submit_transfer`], but for having too many tasks. The submission can be submitted again.
    pub async fn submit(&self, submission: impl Into<Submission>) -> Result<SubmissionResult> {
        let submission = submission.into();
        // Held while waiting: the others stand in line behind it.
        let mut state = self.state.lock().await;
        loop {
            while state.unfinished.len() >= self.most {
                self.look(&mut state).await?;
            }
            match self.client.submit(&submission).send().await {
                Ok(accepted) => {
                    // One that the service had already takes no second place.
                    if !(accepted.is_duplicate() && state.submitted.contains(&accepted.task_id)) {
                        state.submitted.push(accepted.task_id);
                        state.unfinished.push(Place { task_id: accepted.task_id, seen: false });
                    }
                    return Ok(accepted);
                }
                Err(error) if SubmitConflict::from_error(&error) == Some(SubmitConflict::TooManyPending) => {
                    self.look(&mut state).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for places, and submits all, in their order.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// The first one's. What was submitted before stays, and is among [`tasks`](Self::tasks): the same submissions
    /// can be submitted again, and make no task twice.
    pub async fn submit_all(
        &self,
        submissions: impl IntoIterator<Item = impl Into<Submission>>,
    ) -> Result<TaskSet> {
        let mut ids = Vec::new();
        for submission in submissions {
            ids.push(self.submit(submission).await?.task_id);
        }
        Ok(TaskSet::new(self.client.clone(), ids))
    }

    /// Gives the tasks that the queue submitted, ended or not.
    pub async fn tasks(&self) -> TaskSet {
        TaskSet::new(self.client.clone(), self.state.lock().await.submitted.clone())
    }

    /// Looks which tasks have ended, when it is time.
    async fn look(&self, state: &mut State) -> Result<()> {
        if let Some(next) = state.next_look {
            sleep_until(next).await;
        }
        let before = state.unfinished.len();
        let ids: Vec<TaskId> = state.unfinished.iter().map(|place| place.task_id).collect();
        match ended(&self.client, &ids).await {
            Ok(ended) => state.unfinished.retain_mut(|place| match ended.get(&place.task_id) {
                Some(ended) => {
                    place.seen = true;
                    !ended
                }
                // One that was there and is gone has been removed since it ended.
                None => !place.seen,
            }),
            // Not to know for a while is no reason to give up a place in the line.
            Err(error) if error.is_retryable() => {}
            Err(error) => return Err(error),
        }
        let moved = state.unfinished.len() < before;
        let interval = if moved { SHORTEST } else { (state.interval * 3 / 2).clamp(SHORTEST, LONGEST) };
        state.interval = interval;
        state.next_look = Some(Instant::now() + interval);
        Ok(())
    }
}

/// # Submitting many
impl TransferClient {
    /// Submits several, and waits for places where the service has enough: a [`TransferQueue`] for once.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient, data: globus_transfer::TransferData) -> globus_transfer::Result<()> {
    /// use globus_transfer::{Submission, submit::SplitLimits};
    ///
    /// let parts = Submission::transfer(data).split(SplitLimits::default());
    /// let outcome = transfer.submit_all(parts).await?.wait().send().await;
    /// # Ok(()) }
    /// ```
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL), and on mapped collections `data_access` too: see
    /// [`all_with_data_access`](globus_core::scope::transfer::all_with_data_access).
    ///
    /// # Errors
    /// Those of [`submit`](TransferClient::submit), for the first submission that is refused: what was submitted before
    /// goes on.
    pub async fn submit_all(
        &self,
        submissions: impl IntoIterator<Item = impl Into<Submission>>,
    ) -> Result<TaskSet> {
        TransferQueue::new(self.clone()).submit_all(submissions).await
    }
}
