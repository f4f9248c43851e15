//! Streams that helpers give.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

/// Gives one thing after the other, and does the work for each when it is asked for: nothing runs in between.
///
/// A [`Stream`] too, for those who have `futures` at hand.
#[must_use = "a feed does nothing until it is asked for something"]
pub struct Feed<T>(Pin<Box<dyn Stream<Item = T> + Send>>);

impl<T> Feed<T> {
    /// Gives what a step makes of a state, until it makes nothing more.
    #[doc(hidden)]
    pub fn of<S, F>(state: S, step: impl FnMut(S) -> F + Send + 'static) -> Self
    where
        S: Send + 'static,
        F: Future<Output = Option<(T, S)>> + Send + 'static,
        T: Send + 'static,
    {
        Self(Box::pin(stream::unfold(state, step).fuse()))
    }

    /// Gives the next one; `None` at the end.
    pub async fn next(&mut self) -> Option<T> {
        self.0.next().await
    }

    /// Gives all that are left.
    pub async fn collect(self) -> Vec<T> {
        self.0.collect().await
    }
}

impl<T, E> Feed<Result<T, E>> {
    /// Gives the next one; `None` at the end.
    ///
    /// # Errors
    /// The next one's.
    pub async fn try_next(&mut self) -> Result<Option<T>, E> {
        self.0.try_next().await
    }

    /// Gives all that are left.
    ///
    /// # Errors
    /// The first one's that is an error.
    pub async fn try_collect(self) -> Result<Vec<T>, E> {
        self.0.try_collect().await
    }
}

impl<T> Stream for Feed<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}
