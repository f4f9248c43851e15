//! Finding the typed reason beneath an error.

use std::error::Error as StdError;

use globus_core::Error;

/// Gives the first error of this type beneath another one.
pub(crate) fn beneath<'a, E: StdError + 'static>(error: &'a Error) -> Option<&'a E> {
    std::iter::successors(error.source(), |error: &&'a (dyn StdError + 'static)| (*error).source())
        .find_map(|error| error.downcast_ref())
}
