//! Credentials as the value of an `Authorization` header.

use base64::{Engine, engine::general_purpose::STANDARD};
use globus_core::{Error, Result, Secret};
use http::HeaderValue;

/// Writes `Bearer <token>`.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue> {
    let text = token.expose();
    if text.is_empty() {
        return Err(Error::invalid_input("the access token is empty"));
    }
    // A line break at the end of a token that was read from a file is the usual case.
    if let Some((position, character)) =
        text.char_indices().find(|(_, character)| !character.is_ascii_graphic())
    {
        return Err(Error::invalid_input(format!(
            "the access token has {character:?} at byte {position}: a token is printable ASCII without blanks"
        )));
    }
    sensitive(&Secret::new(format!("Bearer {text}")))
}

/// Writes `Basic base64(username:password)`, both as they are: Globus Auth wants no percent-encoding.
pub(crate) fn basic(username: &str, password: &Secret) -> Result<HeaderValue> {
    if username.is_empty() || password.is_empty() {
        let which = if username.is_empty() { "username" } else { "password" };
        return Err(Error::invalid_input(format!("the {which} for Basic authentication is empty")));
    }
    if username.contains(':') {
        return Err(Error::invalid_input(
            "the username for Basic authentication has a colon, which would end it",
        ));
    }
    let pair = Secret::new(format!("{username}:{}", password.expose()));
    sensitive(&Secret::new(format!("Basic {}", STANDARD.encode(pair.expose()))))
}

fn sensitive(text: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.expose())
        .map_err(|_| Error::invalid_input("the credential cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}
