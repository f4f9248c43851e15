//! The one error type of the SDK.

mod api;
mod decode;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::{Method, StatusCode};
use serde_json::Value;

pub use self::api::{ApiError, SubError};
pub(crate) use self::decode::describe as describe_decode_failure;

/// The result of everything that can fail in the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says what went wrong, where, and what the service said about it.
///
/// Test it with the predicates (`is_not_found`, `is_permission_denied`, …) rather than with its text. `Display` is
/// one line with the method, the path template, the status, the code, the message and the request id; it never
/// holds a query value, a body or a token. What lies beneath is in the `source()` chain.
///
/// ```
/// # fn handle(error: globus_core::Error) {
/// if error.is_not_found() {
///     println!("nothing there");
/// } else if let Some(api) = error.api() {
///     println!("{} {:?} (request {:?})", api.status(), api.code(), api.request_id());
/// }
/// # }
/// ```
///
/// Cheap to clone, so that all who waited for one thing can be told why it failed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    call: Option<CallContext>,
    api: Option<Box<ApiError>>,
    body: Option<bytes::Bytes>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    attempts: u32,
    never_sent: bool,
    retry_after: Option<Duration>,
    requirement: Option<Arc<Value>>,
}

/// Where an error happened.
#[derive(Debug, Clone)]
pub(crate) struct CallContext {
    pub(crate) method: Method,
    pub(crate) template: Cow<'static, str>,
}

/// Says at which step something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A configuration value is wrong: an environment variable, a configuration file, a builder.
    Config,
    /// The caller gave a value that no request can be made of. Nothing was sent.
    InvalidInput,
    /// No credential could be had for the call: a token could not be got or refreshed, or none may be sent there.
    Auth,
    /// The service could not be reached. Nothing was sent.
    Connect,
    /// Time ran out.
    Timeout,
    /// The connection broke while the request was under way.
    Io,
    /// The service answered with an error.
    Api,
    /// The service answered with success, but not with the document that was expected.
    Decode,
    /// Work on the service's side ended without success: a task failed, stalled or was stopped.
    Outcome,
}

impl Error {
    /// Makes an error of one kind, with a line that says what and where.
    ///
    /// For the crates of the SDK and for implementors of [`Transport`](crate::Transport),
    /// [`Authorizer`](crate::Authorizer) and their like.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            call: None,
            api: None,
            body: None,
            source: None,
            attempts: 0,
            never_sent: matches!(kind, ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::Connect),
            retry_after: None,
            requirement: None,
        }))
    }

    /// Says that the caller gave a value that no request can be made of.
    #[must_use]
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// Adds what lies beneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    pub(crate) fn from_api(api: ApiError) -> Self {
        let mut error = Self::new(ErrorKind::Api, String::new());
        error.0.api = Some(Box::new(api));
        error
    }

    pub(crate) fn with_body(mut self, body: bytes::Bytes) -> Self {
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_call(mut self, method: &Method, template: Cow<'static, str>) -> Self {
        self.0.call.get_or_insert_with(|| CallContext { method: method.clone(), template });
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// Records whether it is certain that no byte of the request reached the service.
    #[must_use]
    pub fn with_never_sent(mut self, never_sent: bool) -> Self {
        self.0.never_sent = never_sent;
        self
    }

    /// Adds what a login has to bring before the work can go on, where it was no answer with an error that said it: a
    /// Globus Auth requirements document.
    #[must_use]
    pub fn with_requirement(mut self, requirement: Value) -> Self {
        self.0.requirement = Some(Arc::new(requirement));
        self
    }

    /// Says at which step it went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Gives what the service said, when it answered with an error.
    ///
    /// Looks through errors about credentials: when a token could not be refreshed, this is what Globus Auth said.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_deref().or_else(|| self.inner_error()?.api())
    }

    fn inner_error(&self) -> Option<&Self> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// Gives the HTTP status of the answer, when there was one with an error.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.api().map(ApiError::status)
    }

    /// Gives the service's own word for the error, e.g. `ExternalError.MkdirFailed.Exists`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.api()?.code()
    }

    /// Gives the service's id of the request, for their support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.api()?.request_id()
    }

    /// Gives the body that could not be understood, or the body of an error answer, as it came.
    ///
    /// It may hold secrets: do not log it blindly.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.0.body.as_deref().or_else(|| self.api().map(ApiError::raw_body))
    }

    /// Counts how often the request was tried; 0 when it never got that far.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Gives how long the service asked to wait before the next try (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// True when the service's code is `prefix`, or begins with `prefix` and a dot.
    ///
    /// Codes of Globus Transfer are dotted, the general part first, and may gain suffixes.
    #[must_use]
    pub fn is_code(&self, prefix: &str) -> bool {
        self.api().is_some_and(|api| api.is_code(prefix))
    }

    /// True when the thing that was asked for is not there (404), or the caller may not know that it is.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// True when the caller may not do this (403), also when only a consent or a fresher login is missing.
    #[must_use]
    pub fn is_permission_denied(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN) || self.is_code("EndpointPermissionDenied")
    }

    /// True when there was no credential, or the service did not accept it (401).
    ///
    /// The SDK has already tried a fresh token, where the authorizer can get one.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == ErrorKind::Auth || self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// True when the request clashes with what is there already (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT)
    }

    /// True when the service wants fewer requests (429). Safe to send again after [`Error::retry_after`].
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// True when time ran out, on the way or (408, 504) at the service.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
            || matches!(self.status(), Some(StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT))
    }

    /// True when the service could not be reached, so that nothing was sent. Always safe to send again.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == ErrorKind::Connect
    }

    /// True when it is certain that no byte of the request reached the service.
    #[must_use]
    pub fn is_never_sent(&self) -> bool {
        self.0.never_sent
    }

    /// Gives what a login has to bring before work that has stopped can go on, as a run of a flow says it: a Globus Auth
    /// requirements document. That of a call that was refused is in [`Error::api`].
    ///
    /// `globus_auth::gare::Gare::from_error` reads both.
    #[must_use]
    pub fn requirement(&self) -> Option<&Value> {
        self.0.requirement.as_deref()
    }

    /// True when the user has to consent to more before the same call can succeed, or the work that has stopped go on.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        let code = self.requirement().and_then(|requirement| requirement.get("code")?.as_str());
        code == Some("ConsentRequired") || self.api().is_some_and(ApiError::needs_consent)
    }

    /// True when the same request may succeed later without anybody doing anything: a broken connection, a
    /// time-out, 429, 500, 502, 503 or 504, unless the failure is the storage's own
    /// (codes with `ExternalError` or `EndpointError`).
    ///
    /// Says nothing about whether a second try could do the work twice: see [`RetryPolicy`](crate::RetryPolicy).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Io => true,
            ErrorKind::Api => self.0.api.as_deref().is_some_and(ApiError::is_transient),
            ErrorKind::Auth => self.inner_error().is_some_and(Self::is_retryable),
            ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::Decode | ErrorKind::Outcome => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(call) = &self.0.call {
            write!(f, "{} {}: ", call.method, call.template)?;
        }
        match &self.0.api {
            Some(api) => api.fmt(f)?,
            None => f.write_str(&self.0.message)?,
        }
        if self.0.attempts > 1 {
            write!(f, " ({} attempts)", self.0.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.to_string());
        if let Some(api) = &self.0.api {
            debug.field("api", api);
        }
        if let Some(body) = &self.0.body {
            debug.field("body_bytes", &body.len());
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<crate::InvalidId> for Error {
    fn from(invalid: crate::InvalidId) -> Self {
        Self::invalid_input(invalid.to_string())
    }
}

impl From<crate::scope::ScopeError> for Error {
    fn from(invalid: crate::scope::ScopeError) -> Self {
        Self::invalid_input(format!("scope: {invalid}"))
    }
}

impl From<crate::config::ConfigError> for Error {
    fn from(invalid: crate::config::ConfigError) -> Self {
        Self::new(ErrorKind::Config, invalid.to_string()).with_source(invalid)
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Timeout => std::io::ErrorKind::TimedOut,
            ErrorKind::InvalidInput | ErrorKind::Config => std::io::ErrorKind::InvalidInput,
            ErrorKind::Decode => std::io::ErrorKind::InvalidData,
            _ if error.is_not_found() => std::io::ErrorKind::NotFound,
            _ if error.is_permission_denied() || error.is_unauthorized() => {
                std::io::ErrorKind::PermissionDenied
            }
            _ => std::io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_pointer_and_can_travel() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_is_one_line_that_says_what_and_where() {
        let error = Error::new(ErrorKind::Connect, "could not connect to transfer.api.globus.org")
            .with_call(&Method::GET, "/v0.10/task/{task_id}".into())
            .with_attempts(6);
        assert_eq!(
            error.to_string(),
            "GET /v0.10/task/{task_id}: could not connect to transfer.api.globus.org (6 attempts)"
        );
        assert!(error.is_connect() && error.is_never_sent() && error.is_retryable());
    }

    #[test]
    fn a_clone_says_the_same_down_to_the_source() {
        let beneath = std::io::Error::other("reset by peer");
        let error = Error::new(ErrorKind::Io, "the connection broke").with_source(beneath).with_attempts(2);
        let copy = error.clone();
        assert_eq!(copy.to_string(), error.to_string());
        assert_eq!((copy.kind(), copy.attempts()), (ErrorKind::Io, 2));
        assert_eq!(copy.source().unwrap().to_string(), "reset by peer");
    }

    #[test]
    fn work_that_stopped_says_what_it_needs() {
        let error = Error::new(ErrorKind::Outcome, "the run waits");
        assert!(error.requirement().is_none() && !error.needs_consent());
        for (code, consent) in [("ConsentRequired", true), ("AuthorizationRequired", false)] {
            let requirement = serde_json::json!({"code": code, "authorization_parameters": {}});
            let error = error.clone().with_requirement(requirement.clone());
            assert_eq!((error.requirement(), error.needs_consent()), (Some(&requirement), consent));
        }
    }

    #[test]
    fn looks_through_credential_errors() {
        let api = ApiError::parse(
            crate::config::Service::Auth,
            StatusCode::BAD_REQUEST,
            &http::HeaderMap::new(),
            bytes::Bytes::from_static(br#"{"error":"invalid_grant"}"#),
        );
        let error =
            Error::new(ErrorKind::Auth, "could not refresh the token").with_source(Error::from_api(api));
        assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST));
        assert!(error.is_unauthorized() && !error.is_retryable());
    }
}
