//! What lies beneath an error.

use std::error::Error as StdError;

use globus_core::Error;

/// Gives the first error of this type beneath another one.
pub(crate) fn beneath<'a, E: StdError + 'static>(error: &'a Error) -> Option<&'a E> {
    std::iter::successors(error.source(), |error: &&'a (dyn StdError + 'static)| (*error).source())
        .find_map(|error| error.downcast_ref())
}

/// Gives the word that OAuth2 has for what Globus Auth refused, e.g. `invalid_grant`: a code or refresh token that is
/// wrong, used up, revoked or too old, so that somebody has to log in again.
///
/// Looks through errors about credentials, so it can be asked of any call that a renewing authorizer made fail.
///
/// ```
/// fn explain(error: &globus_core::Error) {
///     if globus_auth::oauth_error(error) == Some("invalid_grant") {
///         eprintln!("please log in again");
///     }
/// }
/// ```
#[must_use]
pub fn oauth_error(error: &Error) -> Option<&str> {
    error.api()?.json()?.get("error")?.as_str()
}
