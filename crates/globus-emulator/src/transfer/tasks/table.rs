//! All tasks of the service.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use http::StatusCode;
use jiff::Timestamp;
use uuid::Uuid;

use crate::transfer::reply::TransferError;
use crate::transfer::task::{Task, TaskType, lock};

/// The tasks, found by id, owner and submission.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<Index>);

#[derive(Debug, Default)]
struct Index {
    by_id: HashMap<Uuid, Arc<Task>>,
    /// Oldest first.
    by_owner: HashMap<Uuid, Vec<Arc<Task>>>,
    /// Owner and submission id; kept when the task has ended.
    by_submission: HashMap<(Uuid, Uuid), Arc<Task>>,
    /// Those that had not ended when last looked at.
    pending: HashMap<Uuid, Vec<Arc<Task>>>,
}

/// What became of a submission.
#[derive(Debug)]
pub(crate) enum Accepted {
    /// A new task, to be started.
    Now(Arc<Task>),
    /// The task of an earlier submission with the same id.
    Before(Arc<Task>),
}

impl Tasks {
    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<Task>> {
        self.index().by_id.get(&id).cloned()
    }

    /// All tasks of a user, oldest first.
    pub(crate) fn of(&self, owner: Uuid) -> Vec<Arc<Task>> {
        self.index().by_owner.get(&owner).cloned().unwrap_or_default()
    }

    /// Forgets all tasks.
    pub(crate) fn clear(&self) {
        *self.index() = Index::default();
    }

    /// The tasks of all users, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Task>> {
        let mut all: Vec<Arc<Task>> = self.index().by_id.values().cloned().collect();
        all.sort_by_key(|task| task.request_time);
        all
    }

    /// Finds the task of a submission.
    pub(crate) fn submitted(&self, owner: Uuid, submission_id: Uuid) -> Option<Arc<Task>> {
        self.index().by_submission.get(&(owner, submission_id)).cloned()
    }

    /// Takes a new task in. Of several submissions with one id at the same time, one wins.
    pub(crate) fn accept(
        &self,
        task: Arc<Task>,
        most_pending: usize,
        now: Timestamp,
    ) -> Result<Accepted, TransferError> {
        let mut index = self.index();
        let key = (task.owner, task.submission_id);
        if let Some(earlier) = index.by_submission.get(&key) {
            return Ok(Accepted::Before(earlier.clone()));
        }
        let pending = index.pending.entry(task.owner).or_default();
        pending.retain(|task| task.is_pending(now));
        if pending.len() >= most_pending {
            return Err(TransferError::new(
                StatusCode::CONFLICT,
                "ClientError.Conflict.TooManyPendingJobs",
                format!("You have {most_pending} pending tasks, which is the limit"),
            ));
        }
        if pending.iter().any(|other| other.fingerprint == task.fingerprint) {
            let kind = match task.kind() {
                TaskType::Transfer => "transfer",
                TaskType::Delete => "delete",
            };
            return Err(TransferError::conflict(format!(
                "A {kind} with identical paths has not yet completed"
            )));
        }
        pending.push(task.clone());
        index.by_id.insert(task.id, task.clone());
        index.by_owner.entry(task.owner).or_default().push(task.clone());
        index.by_submission.insert(key, task.clone());
        Ok(Accepted::Now(task))
    }

    /// The collections that unfinished tasks of a user touch.
    pub(crate) fn collections_in_use(&self, owner: Uuid, now: Timestamp) -> HashSet<Uuid> {
        let index = self.index();
        let pending = index.pending.get(&owner).into_iter().flatten();
        pending.filter(|task| task.is_pending(now)).flat_map(|task| task.collections()).collect()
    }

    /// The collections that any task of a user touched.
    pub(crate) fn collections_used(&self, owner: Uuid) -> HashSet<Uuid> {
        let index = self.index();
        let tasks = index.by_owner.get(&owner).into_iter().flatten();
        tasks.flat_map(|task| task.collections()).collect()
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.0)
    }
}
