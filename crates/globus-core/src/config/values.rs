//! From text to values.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::{CaBundle, ConfigError, Origin, TlsVerify};

const TRUE: [&str; 6] = ["y", "yes", "t", "true", "on", "1"];
const FALSE: [&str; 6] = ["n", "no", "f", "false", "off", "0"];

/// Makes the error of a value.
pub(super) fn wrong(origin: &Origin, problem: impl Into<String>) -> ConfigError {
    ConfigError::Value { origin: origin.clone(), problem: problem.into() }
}

/// Reads the URL of a service. The URL stays out of errors: it may hold a password.
pub(super) fn service_url(text: &str, origin: &Origin) -> Result<Url, ConfigError> {
    let mut url = Url::parse(text).map_err(|error| {
        wrong(origin, format!("is not an absolute URL such as https://example.org/: {error}"))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(origin, "the URL must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(origin, "the URL must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(origin, "the URL must not have a query (`?`) or fragment (`#`)"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Reads a number of seconds, -1 for no timeout.
pub(super) fn http_timeout(text: &str, origin: &Origin) -> Result<Option<Duration>, ConfigError> {
    let explain =
        |problem: &str| wrong(origin, format!("{text:?} is {problem} (use e.g. 60, or -1 for no timeout)"));
    let seconds: f64 = text.parse().map_err(|_| explain("not a number of seconds"))?;
    #[expect(clippy::float_cmp, reason = "only -1 itself means none")]
    if seconds == -1.0 {
        return Ok(None);
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(timeout) if !timeout.is_zero() => Ok(Some(timeout)),
        _ => Err(explain("not a possible number of seconds")),
    }
}

/// Refuses a timeout of zero, with which no request could succeed.
pub(super) fn positive(timeout: Option<Duration>, origin: &Origin) -> Result<Option<Duration>, ConfigError> {
    if timeout.is_some_and(|timeout| timeout.is_zero()) {
        return Err(wrong(origin, "a timeout of zero lets no request succeed (use None for no timeout)"));
    }
    Ok(timeout)
}

/// Reads a boolean, or the path of a CA file.
pub(super) fn tls_verify(text: &str, origin: &Origin) -> Result<TlsVerify, ConfigError> {
    let word = text.to_ascii_lowercase();
    if TRUE.contains(&word.as_str()) {
        return Ok(TlsVerify::On);
    }
    if FALSE.contains(&word.as_str()) {
        return Ok(TlsVerify::Off);
    }
    if matches!(Path::new(text).try_exists(), Ok(false)) {
        let booleans = [TRUE, FALSE].concat().join(", ");
        return Err(wrong(
            origin,
            format!("{text:?} is neither a boolean ({booleans}) nor the path of a file"),
        ));
    }
    match CaBundle::read(text) {
        Ok(bundle) => Ok(TlsVerify::CaFile(bundle)),
        Err(error) => Err(wrong(origin, error.to_string())),
    }
}
