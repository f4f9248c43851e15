//! A list that grows, read until it grows no more.

use std::collections::VecDeque;

use super::{Polling, Rhythm};
use crate::{Feed, Result};

/// Is a list to which the service adds while work goes on.
pub trait Growing: Send + 'static {
    /// What it is a list of.
    type Entry: Send + 'static;

    /// Reads on where the last read ended: entries that have not been read yet, in their order, and whether there are
    /// more of them.
    fn read(&mut self) -> impl Future<Output = Result<(Vec<Self::Entry>, bool)>> + Send;

    /// Asks whether the work has ended, so that nothing is added any more.
    fn has_ended(&mut self) -> impl Future<Output = Result<bool>> + Send;

    /// Tells whether nothing comes after this entry.
    fn is_last(_entry: &Self::Entry) -> bool {
        false
    }
}

/// Gives what is in the list, and what is added while the work goes on; ends with the work.
///
/// Looks at once while there is more, and then as often as the [`Polling`] says. Gives one error at most, as its last.
pub fn follow<G: Growing>(polling: &Polling, list: G) -> Feed<Result<G::Entry>> {
    let follow = Follow { list, rhythm: polling.start(), ready: VecDeque::new(), found: false, ended: false };
    Feed::of(Some(follow), |follow| async move {
        let mut follow = follow?;
        follow.rhythm.begin();
        match follow.next().await {
            Ok(Some(entry)) => Some((Ok(entry), Some(follow))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
}

struct Follow<G: Growing> {
    list: G,
    rhythm: Rhythm,
    ready: VecDeque<G::Entry>,
    /// Whether the list has ever been read.
    found: bool,
    ended: bool,
}

impl<G: Growing> Follow<G> {
    async fn next(&mut self) -> Result<Option<G::Entry>> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                self.ended |= G::is_last(&entry);
                return Ok(Some(entry));
            }
            if self.ended {
                return Ok(None);
            }
            match self.look().await {
                Ok(()) => self.rhythm.saw(),
                Err(error) => {
                    let settling = !self.found && self.rhythm.is_settling(&error);
                    if !self.rhythm.forgives(&error) && !settling {
                        return Err(error);
                    }
                    self.rhythm.tick().await;
                }
            }
        }
    }

    /// Reads what is new; where there is nothing, pauses, or sees that nothing will come.
    async fn look(&mut self) -> Result<()> {
        let (new, more) = self.list.read().await?;
        self.found = true;
        if more || !new.is_empty() {
            self.ready.extend(new);
            return Ok(());
        }
        if !self.list.has_ended().await? {
            self.rhythm.tick().await;
            return Ok(());
        }
        // What came between the two questions.
        loop {
            let (rest, more) = self.list.read().await?;
            self.ready.extend(rest);
            if !more {
                self.ended = true;
                return Ok(());
            }
        }
    }
}
