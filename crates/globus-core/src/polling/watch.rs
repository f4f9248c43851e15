//! One piece of work, looked at until it has ended.

use super::{Polling, Rhythm};
use crate::{Error, Result};

/// Looks at one piece of work, as often as the [`Polling`] says, through failures that pass.
#[derive(Debug)]
pub struct Watch<T> {
    rhythm: Rhythm,
    last: Option<Box<T>>,
    /// Whether the time is up: the look that has just been was the last.
    over: bool,
}

/// What a look found.
#[derive(Debug)]
pub enum Seen<T> {
    /// The work as it is now.
    Now(Box<T>),
    /// The time is up: the work as it was at the last look that succeeded.
    TooLate(Box<T>),
    /// Looking failed for good.
    Failed(Error),
}

impl<T: Clone> Watch<T> {
    /// Begins.
    #[must_use]
    pub fn new(polling: &Polling) -> Self {
        Self { rhythm: polling.start(), last: None, over: false }
    }

    /// Looks once more, when it is time. A look that fails for a passing reason is followed by another, and so is one
    /// that does not find work that was just begun.
    pub async fn next<F>(&mut self, look: impl Fn() -> F) -> Seen<T>
    where
        F: Future<Output = Result<T>>,
    {
        loop {
            if self.over
                && let Some(last) = self.last.take()
            {
                return Seen::TooLate(last);
            }
            self.rhythm.tick().await;
            match self.rhythm.look(look()).await {
                Ok(now) => {
                    self.rhythm.saw();
                    let now = Box::new(now);
                    self.last = Some(now.clone());
                    self.over = self.rhythm.is_over();
                    return Seen::Now(now);
                }
                Err(error) => {
                    let settling = self.last.is_none() && self.rhythm.is_settling(&error);
                    if !self.rhythm.forgives(&error) && !settling {
                        return Seen::Failed(error);
                    }
                    if self.rhythm.is_over() {
                        self.over = true;
                        if self.last.is_none() {
                            return Seen::Failed(error);
                        }
                    }
                }
            }
        }
    }
}
