//! What the browser brings back from a login.

use std::{borrow::Cow, time::Duration};

use globus_core::{Error, Secret};
use url::{Url, form_urlencoded};

use crate::error;

/// Says why a login brought no tokens, where it was not Globus Auth that refused the code.
///
/// It lies beneath the error of the call; [`LoginError::from_error`] finds it there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Globus Auth said no, or the user did.
    #[error("the login was not granted: {error}{}", described(description.as_deref()))]
    Denied {
        /// Globus Auth's word for it, e.g. `access_denied`.
        error: String,
        /// What it says beyond that.
        description: Option<String>,
    },
    /// The address that came back belongs to another login, perhaps a forged one.
    #[error("the answer belongs to another login: its state is not the one that this login was begun with")]
    StateMismatch,
    /// The address that came back does not say which login it belongs to.
    #[error("the answer does not say which login it belongs to: it has no state")]
    StateMissing,
    /// The address that came back has neither a code nor an error.
    #[error("the answer has neither a code nor an error")]
    CodeMissing,
    /// The address that came back has a parameter twice.
    #[error("the answer has the parameter {name} more than once")]
    Repeated {
        /// The parameter's name.
        name: &'static str,
    },
    /// The login was begun by a client with another id.
    #[error("the login was begun by another client")]
    OtherClient,
    /// The input ended before there was a code: nobody is at the terminal, or they gave up.
    #[error("the login was given up: the input ended before there was a code")]
    InputEnded,
    /// The address of the login could not be shown, or its code not be read.
    #[error("nobody can be asked to log in: {problem}")]
    Terminal {
        /// What went wrong.
        problem: String,
    },
    /// A login needs a browser on this machine, and there is none, or it would not start.
    #[error("no browser can be opened for the login: {reason}")]
    NoBrowser {
        /// Why not.
        reason: String,
    },
    /// There is neither a browser on this machine nor a terminal.
    #[error("nobody can be asked to log in: no browser ({browser}) and no terminal ({terminal})")]
    NoTerminal {
        /// Why no browser can be opened.
        browser: String,
        /// What is missing of a terminal.
        terminal: String,
    },
    /// This machine would not let the program wait for the browser's answer.
    #[error("the browser's answer cannot be waited for on this machine: {problem}")]
    Listen {
        /// What went wrong.
        problem: String,
    },
    /// Nobody ended the login in time.
    #[error("the login was not completed within {} s: begin it again", after.as_secs())]
    TimedOut {
        /// The time that there was.
        after: Duration,
    },
}

impl LoginError {
    /// Finds the reason beneath the error of a call.
    #[must_use]
    pub fn from_error(error: &Error) -> Option<&Self> {
        error::beneath(error)
    }
}

fn described(description: Option<&str>) -> String {
    description.map_or_else(String::new, |description| format!(" ({description})"))
}

/// Takes the code out of the address, or the query of it, that the browser was sent to.
pub(crate) fn code(callback: &str, expected_state: &Secret) -> Result<Secret, LoginError> {
    let query = query(callback.trim());
    let find = |name: &'static str| {
        let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value);
        if found.next().is_some() { Err(LoginError::Repeated { name }) } else { Ok(value) }
    };
    let (code, state, error) = (find("code")?, find("state")?, find("error")?);
    let state = state.map(|state| Secret::new(state.into_owned()));
    if state.as_ref().is_some_and(|state| state != expected_state) {
        return Err(LoginError::StateMismatch);
    }
    if let Some(error) = error {
        let description = find("error_description")?.map(|text| printable(&text));
        return Err(LoginError::Denied { error: printable(&error), description });
    }
    match (code.filter(|code| !code.is_empty()), state) {
        (None, _) => Err(LoginError::CodeMissing),
        (Some(_), None) => Err(LoginError::StateMissing),
        (Some(code), Some(_)) => Ok(Secret::new(code.into_owned())),
    }
}

/// Gives the query of an address, of a path with a query, or a query itself.
fn query(callback: &str) -> Cow<'_, str> {
    if let Ok(url) = Url::parse(callback) {
        return url.query().unwrap_or_default().to_owned().into();
    }
    let callback = callback.split('#').next().unwrap_or_default();
    match callback.split_once('?') {
        Some((path, query)) if path.is_empty() || path.starts_with('/') => query.into(),
        _ => callback.into(),
    }
}

/// Keeps a text from outside on one line, and from playing tricks on a terminal.
fn printable(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(callback: &str) -> Result<String, LoginError> {
        code(callback, &Secret::new("S1")).map(|code| code.expose().to_owned())
    }

    #[test]
    fn takes_the_code_from_every_form_of_the_answer() {
        for callback in [
            "http://127.0.0.1:8080/?code=C%2B1&state=S1",
            "https://portal.example.org/callback?state=S1&code=C%2B1#top",
            "myapp://done?code=C%2B1&state=S1",
            "/callback?code=C%2B1&state=S1",
            "?code=C%2B1&state=S1",
            "code=C%2B1&state=S1&session=a?b",
            " code=C%2B1&state=S1\n",
        ] {
            assert_eq!(read(callback).as_deref(), Ok("C+1"), "{callback}");
        }
    }

    #[test]
    fn an_answer_to_another_login_is_refused() {
        assert_eq!(read("?code=C&state=S2"), Err(LoginError::StateMismatch));
        assert_eq!(read("?code=C&state="), Err(LoginError::StateMismatch));
        assert_eq!(read("?error=access_denied&state=S2"), Err(LoginError::StateMismatch));
        assert_eq!(read("?code=C"), Err(LoginError::StateMissing));
        assert_eq!(read("?code=C&state=S1&state=S2"), Err(LoginError::Repeated { name: "state" }));
        assert_eq!(read("?code=C&code=D&state=S1"), Err(LoginError::Repeated { name: "code" }));
        assert_eq!(read("?state=S1"), Err(LoginError::CodeMissing));
        assert_eq!(read("?code=&state=S1"), Err(LoginError::CodeMissing));
        assert_eq!(read("EifMVryV"), Err(LoginError::CodeMissing));
        assert_eq!(read(""), Err(LoginError::CodeMissing));
    }

    #[test]
    fn says_why_the_login_was_not_granted() {
        let denied =
            read("?error=access_denied&error_description=You%20said%0A%1B[31mno&state=S1").unwrap_err();
        assert_eq!(denied.to_string(), "the login was not granted: access_denied (You said [31mno)");
        // Without a state nothing is given away either.
        assert_eq!(
            read("?error=server_error"),
            Err(LoginError::Denied { error: "server_error".into(), description: None })
        );
    }
}
