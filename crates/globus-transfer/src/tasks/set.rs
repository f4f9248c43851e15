//! Many tasks as one: waiting with few requests, reporting, cancelling.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::Duration,
};

use globus_core::{
    Error, Feed, IntoId, InvalidId, Result, RetryPolicy, TaskId,
    polling::{Rhythm, out_of_time},
};

use super::{
    models::Task,
    report::TaskReport,
    stall::{StallPolicy, StallWatch},
    verdict::{Judgement, Succeeded, TaskError},
    wait::{WaitOptions, wait_setters},
};
use crate::{Filter, TransferClient, files::OperationResult};

/// How many tasks one request asks about: their ids have to fit into an address.
const TASKS_A_LOOK: usize = 100;

/// # Waiting for many tasks
impl TransferClient {
    /// Takes several tasks together, to wait for them, to report on them and to cancel them as one.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient, ids: Vec<globus_transfer::TaskId>) -> globus_transfer::Result<()> {
    /// let outcome = transfer.task_set(ids)?.wait().send().await;
    /// println!("{} succeeded", outcome.succeeded.len());
    /// for (task_id, error) in &outcome.failed {
    ///     println!("{task_id}: {error}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when an id is none.
    pub fn task_set(&self, task_ids: impl IntoIterator<Item = impl IntoId<TaskId>>) -> Result<TaskSet> {
        let ids: Result<Vec<TaskId>, InvalidId> = task_ids.into_iter().map(IntoId::into_id).collect();
        Ok(TaskSet::new(self.clone(), ids?))
    }
}

/// Holds tasks that are looked after together.
#[derive(Debug, Clone)]
pub struct TaskSet {
    client: TransferClient,
    ids: Vec<TaskId>,
}

impl TaskSet {
    /// Takes each task once: submissions that were accepted before give one again.
    pub(crate) fn new(client: TransferClient, mut ids: Vec<TaskId>) -> Self {
        let mut seen = HashSet::with_capacity(ids.len());
        ids.retain(|id| seen.insert(*id));
        Self { client, ids }
    }

    /// Gives the tasks, each once.
    #[must_use]
    pub fn task_ids(&self) -> &[TaskId] {
        &self.ids
    }

    /// Waits for all of them: one request a look for each hundred tasks that have not ended.
    pub fn wait(&self) -> TaskSetWait {
        TaskSetWait { ids: self.ids.clone(), options: WaitOptions::new(self.client.clone()) }
    }

    /// Cancels all of them, one after the other, and tells of each how that went. A task that has ended already is no
    /// error.
    pub async fn cancel(&self) -> Vec<(TaskId, Result<OperationResult>)> {
        let mut results = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            results.push((*id, self.client.cancel_task(id).send().await));
        }
        results
    }

    /// Tells of each task what became of its files, as [`task_report`](TransferClient::task_report) does.
    ///
    /// # Errors
    /// The first one's that cannot be told.
    pub async fn report(&self) -> Result<Vec<TaskReport>> {
        let mut reports = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            reports.push(self.client.task_report(id).send().await?);
        }
        Ok(reports)
    }
}

/// Is a wait for several tasks, made by [`TaskSet::wait`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "a wait does nothing until it is sent"]
pub struct TaskSetWait {
    ids: Vec<TaskId>,
    options: WaitOptions,
}

wait_setters!(TaskSetWait);

/// Tells how several tasks ended.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SetOutcome {
    /// The tasks that succeeded, in the order in which that was seen.
    pub succeeded: Vec<Succeeded>,
    /// The others, each with its verdict.
    pub failed: Vec<(TaskId, TaskError)>,
}

impl SetOutcome {
    /// Gives the tasks that succeeded, if all did.
    ///
    /// # Errors
    /// The first verdict that is another.
    pub fn into_result(self) -> Result<Vec<Succeeded>, TaskError> {
        match self.failed.into_iter().next() {
            None => Ok(self.succeeded),
            Some((_, error)) => Err(error),
        }
    }

    /// Counts what the tasks that succeeded left out because of errors.
    #[must_use]
    pub fn skipped_errors(&self) -> u64 {
        self.succeeded.iter().map(Succeeded::skipped_errors).sum()
    }
}

impl TaskSetWait {
    /// Waits for all tasks.
    pub async fn send(self) -> SetOutcome {
        let mut outcome = SetOutcome::default();
        let mut verdicts = self.verdicts();
        while let Some((task_id, verdict)) = verdicts.next().await {
            match verdict {
                Ok(done) => outcome.succeeded.push(done),
                Err(error) => outcome.failed.push((task_id, error)),
            }
        }
        outcome
    }

    /// Gives the verdict on each task as soon as it is seen.
    pub fn verdicts(self) -> Feed<(TaskId, Result<Succeeded, TaskError>)> {
        let rhythm = self.options.polling.start();
        let waiting = self.ids.into_iter().map(|id| (id, Waiting::default())).collect();
        let watch = SetWatch { options: self.options, rhythm, waiting, ready: VecDeque::new() };
        Feed::of(watch, |mut watch| async move {
            let next = watch.next().await?;
            Some((next, watch))
        })
    }
}

#[derive(Default)]
struct Waiting {
    stall: StallWatch,
    last_task: Option<Box<Task>>,
}

struct SetWatch {
    options: WaitOptions,
    rhythm: Rhythm,
    waiting: BTreeMap<TaskId, Waiting>,
    ready: VecDeque<(TaskId, Result<Succeeded, TaskError>)>,
}

impl SetWatch {
    async fn next(&mut self) -> Option<(TaskId, Result<Succeeded, TaskError>)> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.waiting.is_empty() {
                return None;
            }
            self.rhythm.tick().await;
            let ids: Vec<TaskId> = self.waiting.keys().copied().collect();
            let mut error_now = None;
            for ids in ids.chunks(TASKS_A_LOOK) {
                match self.rhythm.look(look(&self.options.judge.client, ids)).await {
                    Ok(tasks) => {
                        self.rhythm.saw();
                        self.judge(ids, tasks).await;
                    }
                    Err(error) if self.rhythm.forgives(&error) => {
                        error_now = Some(error);
                        break;
                    }
                    Err(error) => {
                        self.give_up(&error);
                        break;
                    }
                }
            }
            if self.rhythm.is_over() {
                self.time_is_up(error_now).await;
            }
        }
    }

    async fn judge(&mut self, asked: &[TaskId], tasks: Vec<Task>) {
        let mut tasks: BTreeMap<TaskId, Task> = tasks.into_iter().map(|task| (task.task_id, task)).collect();
        for id in asked {
            let Some(waiting) = self.waiting.get_mut(id) else { continue };
            let Some(task) = tasks.remove(id) else {
                // The list leaves out what the user has not, or not yet.
                if self.rhythm.is_new() && waiting.last_task.is_none() {
                    continue;
                }
                let look = self.options.judge.client.get_task(id).with_retry(RetryPolicy::never());
                match look.send().await {
                    Ok(task) => {
                        tasks.insert(*id, task);
                    }
                    Err(error) => {
                        if error.is_retryable() {
                            continue;
                        }
                        self.waiting.remove(id);
                        self.ready.push_back((*id, Err(error.into())));
                        continue;
                    }
                }
                let Some(task) = tasks.remove(id) else { continue };
                self.judge_one(*id, task).await;
                continue;
            };
            self.judge_one(*id, task).await;
        }
    }

    async fn judge_one(&mut self, id: TaskId, task: Task) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        match self.options.judge.judge(Box::new(task), &mut waiting.stall).await {
            Judgement::Running(task) => waiting.last_task = Some(task),
            Judgement::Ended(verdict) => {
                self.waiting.remove(&id);
                self.ready.push_back((id, verdict));
            }
        }
    }

    fn give_up(&mut self, error: &Error) {
        for id in std::mem::take(&mut self.waiting).into_keys() {
            self.ready.push_back((id, Err(error.clone().into())));
        }
    }

    async fn time_is_up(&mut self, error: Option<Error>) {
        let error = error.unwrap_or_else(out_of_time);
        for (id, waiting) in std::mem::take(&mut self.waiting) {
            let verdict = match waiting.last_task {
                Some(task) => self.options.judge.timed_out(task).await,
                None => error.clone().into(),
            };
            self.ready.push_back((id, Err(verdict)));
        }
    }
}

/// Looks at up to [`TASKS_A_LOOK`] tasks with one request.
async fn look(client: &TransferClient, ids: &[TaskId]) -> Result<Vec<Task>> {
    let filter = Filter::new()
        .any_of("task_id", ids.iter().map(ToString::to_string))
        // What the list gives without being asked may be narrower.
        .any_of("type", ["TRANSFER", "DELETE"]);
    let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let list = client.task_list().filter(filter).limit(count).with_retry(RetryPolicy::never());
    Ok(list.send().await?.data)
}

/// Tells of those of these tasks that the service shows whether they have ended.
pub(crate) async fn ended(client: &TransferClient, ids: &[TaskId]) -> Result<HashMap<TaskId, bool>> {
    let mut ended = HashMap::new();
    for ids in ids.chunks(TASKS_A_LOOK) {
        let tasks = look(client, ids).await?;
        ended.extend(tasks.iter().map(|task| (task.task_id, task.status.is_final())));
    }
    Ok(ended)
}
