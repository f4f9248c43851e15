//! The events of a task, as they come.

use globus_core::{
    Error, Feed, IntoId, InvalidId, Result, RetryPolicy, TaskId,
    polling::{Growing, Polling, follow},
};
use http::StatusCode;

use super::models::TaskEvent;
use crate::TransferClient;

/// How many events are asked for at a time: the most that the service gives.
const PAGE: u32 = 1000;

impl TransferClient {
    /// Gives what happened to a task, oldest first, and what happens while it goes on; ends with the task.
    ///
    /// ```no_run
    /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
    /// let mut events = transfer.task_events("8b3a7c1e-6a61-11f0-8b6d-0affc0000001");
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{:?} {} {:?}", event.time, event.code, event.details);
    /// }
    /// println!("ended");
    /// # Ok(()) }
    /// ```
    ///
    /// Gives each event once. Looks in the rhythm of [`task_wait`](Self::task_wait), and at once while there is more. It
    /// goes on while the task is paused or inactive, and says nothing about how the task ended but what the last events
    /// say. To read what there is now and no more, newest first, see [`task_event_list`](Self::task_event_list).
    ///
    /// The service may refuse to list more than the newest 1,000 events: then those before them are left out.
    ///
    /// # Errors
    /// When reading fails for a reason that does not pass, or for ten minutes; nothing comes after it.
    /// [`is_not_found`](Error::is_not_found) when the user has no such task.
    ///
    /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
    #[doc(alias = "task event-list")]
    pub fn task_events(&self, task_id: impl IntoId<TaskId>) -> Feed<Result<TaskEvent>> {
        let events = Events {
            client: self.clone(),
            task_id: task_id.into_id(),
            given: 0,
            total: 0,
            page: u64::from(PAGE),
            asked: None,
            leads_back: true,
        };
        follow(&Polling::default(), events)
    }
}

/// The list of a task's events, in which the newest is the first: an event has its number from the end.
struct Events {
    client: TransferClient,
    task_id: Result<TaskId, InvalidId>,
    /// How many have been given: the oldest.
    given: u64,
    /// How many there were at the last look.
    total: u64,
    /// How many a page has.
    page: u64,
    /// Where the last page began, and how many there were then, if what is to be given next was not on it.
    asked: Option<(u64, u64)>,
    /// Whether the service lists what is before the newest page.
    leads_back: bool,
}

impl Events {
    fn task_id(&self) -> Result<TaskId> {
        self.task_id.clone().map_err(Error::from)
    }
}

impl Growing for Events {
    type Entry = TaskEvent;

    async fn read(&mut self) -> Result<(Vec<TaskEvent>, bool)> {
        let offset = if self.leads_back { self.total.saturating_sub(self.given + self.page) } else { 0 };
        let mut request = self.client.task_event_list(self.task_id()?).limit(PAGE);
        if offset > 0 {
            request = request.offset(offset);
        }
        let page = match request.with_retry(RetryPolicy::never()).send().await {
            Err(error) if offset > 0 && error.status() == Some(StatusCode::BAD_REQUEST) => {
                self.leads_back = false;
                return Ok((Vec::new(), true));
            }
            page => page?,
        };
        let length = u64::try_from(page.data.len()).unwrap_or(u64::MAX);
        self.total = page.total.unwrap_or(0).max(offset + length);
        self.given = self.given.min(self.total);
        let older = self.total - offset - length;
        if older > self.given {
            // There are more than a page, or some have come in the meantime: the next page begins further back. If that
            // was it already, those before it cannot be had.
            let asked = Some((offset, self.total));
            if self.leads_back && self.asked != asked {
                self.asked = asked;
                self.page = self.page.min(length.max(1));
                return Ok((Vec::new(), true));
            }
            self.given = older;
        }
        self.asked = None;
        let known = usize::try_from(self.given - older).unwrap_or(usize::MAX);
        let new = page.data.into_iter().rev().skip(known).collect();
        self.given = self.given.max(self.total - offset);
        Ok((new, offset > 0))
    }

    async fn has_ended(&mut self) -> Result<bool> {
        let task = self.client.get_task(self.task_id()?).with_retry(RetryPolicy::never());
        Ok(task.send().await?.status.is_final())
    }
}
