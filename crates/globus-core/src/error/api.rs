//! What a service says when it answers with an error: one reading of all the dialects.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::config::Service;

/// Holds an error answer of a service: status, code, messages, request id, sub-errors, headers and raw body.
#[derive(Clone)]
pub struct ApiError {
    status: StatusCode,
    code: Option<String>,
    messages: Vec<String>,
    request_id: Option<String>,
    errors: Vec<SubError>,
    headers: HeaderMap,
    body: Bytes,
    document: Option<Value>,
}

/// Holds one of the errors that an answer lists.
#[derive(Clone, Debug)]
pub struct SubError {
    code: Option<String>,
    message: Option<String>,
    document: Map<String, Value>,
}

impl SubError {
    /// Gives the service's word for this error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Gives the message of this error.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Gives the whole document of this error.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    fn read(document: &Map<String, Value>, message_members: &[&str]) -> Self {
        Self {
            code: text(document, "code"),
            message: message_members.iter().find_map(|member| text(document, member)),
            document: document.clone(),
        }
    }
}

impl ApiError {
    /// Reads an error answer. Never fails: what cannot be read is kept raw.
    pub(crate) fn parse(service: Service, status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        let kind = ContentKind::of(headers);
        let document: Option<Value> =
            (kind != ContentKind::Other).then(|| serde_json::from_slice(&body).ok()).flatten();
        let mut error = Self {
            status,
            code: None,
            messages: Vec::new(),
            request_id: None,
            errors: Vec::new(),
            headers: headers.clone(),
            body,
            document: None,
        };
        if let Some(Value::Object(root)) = &document {
            error.read(service, kind, root);
        }
        error.document = document;
        error
    }

    fn read(&mut self, service: Service, kind: ContentKind, root: &Map<String, Value>) {
        match (service, root.get("error")) {
            (Service::Flows, Some(Value::Object(inner))) => self.read_flows(inner, root),
            (Service::Timer, _) if self.read_timers(root) => {}
            _ => self.read_common(kind, root),
        }
        if service == Service::Auth {
            self.request_id = the_one(self.errors.iter().map(|error| text(&error.document, "id")));
        }
    }

    /// JSON:API, with the id of the request in `meta`, then the Globus shape (`code` + `message`), then anything with `errors[]` or a root that says more.
    fn read_common(&mut self, kind: ContentKind, root: &Map<String, Value>) {
        let listed: Option<Vec<&Map<String, Value>>> = match root.get("errors") {
            Some(Value::Array(list)) if !list.is_empty() => list.iter().map(Value::as_object).collect(),
            _ => None,
        };
        let json_api = kind == ContentKind::JsonApi && listed.is_some();
        let members: &[&str] = if json_api { &["detail", "title"] } else { &["message", "detail", "title"] };
        let globus = root.get("code").is_some_and(Value::is_string)
            && root.get("message").is_some_and(Value::is_string)
            && root.get("request_id").is_none_or(Value::is_string);
        self.errors = listed
            .unwrap_or_else(|| vec![root])
            .into_iter()
            .map(|error| SubError::read(error, members))
            .collect();
        if globus && !json_api {
            self.code = text(root, "code");
            self.messages = text(root, "message").into_iter().collect();
            self.request_id = text(root, "request_id");
            return;
        }
        self.request_id =
            root.get("meta").and_then(Value::as_object).and_then(|meta| text(meta, "request_id"));
        self.code = (!json_api)
            .then(|| text(root, "code"))
            .flatten()
            .or_else(|| the_one(self.errors.iter().map(|error| error.code.clone())));
        self.messages = self.errors.iter().filter_map(|error| error.message.clone()).collect();
        if self.messages.is_empty() {
            // Plain OAuth2: {"error": "invalid_grant", "error_description": "…"}.
            self.messages =
                text(root, "error_description").or_else(|| text(root, "error")).into_iter().collect();
        }
    }

    /// Flows: `{"error": {"code", "detail": text or [{"loc", "msg"}], "message"?}, "debug_id"}`.
    fn read_flows(&mut self, inner: &Map<String, Value>, root: &Map<String, Value>) {
        self.code = text(inner, "code");
        self.messages = match inner.get("detail") {
            Some(Value::String(detail)) => vec![detail.clone()],
            Some(Value::Array(details)) => details.iter().filter_map(validation_message).collect(),
            _ => text(inner, "message").into_iter().collect(),
        };
        self.request_id = text(root, "debug_id");
        self.errors = vec![SubError::read(inner, &["detail", "message"])];
    }

    /// Timers: `{"error": {"code", "detail"}}`, or the web framework's `{"detail": [{"loc", "msg"}]}`.
    fn read_timers(&mut self, root: &Map<String, Value>) -> bool {
        if let Some(Value::Object(inner)) = root.get("error") {
            self.code = text(inner, "code");
            self.messages = text(inner, "detail").into_iter().collect();
            self.errors = vec![SubError::read(inner, &["detail"])];
            return true;
        }
        if let Some(Value::Array(details)) = root.get("detail") {
            self.messages = details.iter().filter_map(validation_message).collect();
            self.errors = details
                .iter()
                .filter_map(Value::as_object)
                .map(|detail| SubError::read(detail, &["msg"]))
                .collect();
            return true;
        }
        false
    }

    /// Gives the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Gives the service's own word for the error; when it lists several, only a word that all of them share.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// True when the code is `prefix`, or begins with `prefix` and a dot.
    #[must_use]
    pub fn is_code(&self, prefix: &str) -> bool {
        self.code()
            .and_then(|code| code.strip_prefix(prefix))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Gives every message of the answer.
    #[must_use]
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// Gives the messages in one line, joined by `; `; none when the service said nothing that can be read.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        (!self.messages.is_empty()).then(|| self.messages.join("; "))
    }

    /// Gives the service's id of the request, for their support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Lists the errors of the answer; the root document itself where the service lists none.
    #[must_use]
    pub fn errors(&self) -> &[SubError] {
        &self.errors
    }

    /// Gives the headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Gives the body as it came.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        &self.body
    }

    /// Gives the body as JSON, when it says that it is and can be read.
    #[must_use]
    pub fn json(&self) -> Option<&Value> {
        self.document.as_ref()
    }

    /// True when the user has to consent to more: Transfer's and Flows' `ConsentRequired`, Auth's
    /// `DEPENDENT_CONSENT_REQUIRED`.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        self.is_code("ConsentRequired")
            || self.code() == Some("DEPENDENT_CONSENT_REQUIRED")
            || self.oauth_error() == Some("dependent_consent_required")
    }

    /// True when the failure is the storage's own (Transfer codes with `ExternalError` or `EndpointError`):
    /// asking again at once does not help.
    #[must_use]
    pub fn is_storage_failure(&self) -> bool {
        let storage = |code: &str| code.contains("ExternalError") || code.contains("EndpointError");
        self.code().is_some_and(storage) || self.errors.iter().filter_map(SubError::code).any(storage)
    }

    /// OAuth's word for the error, which is no code of Globus: `invalid_grant`.
    fn oauth_error(&self) -> Option<&str> {
        self.document.as_ref()?.get("error")?.as_str().filter(|word| !word.contains(char::is_whitespace))
    }

    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 500 | 502 | 503 | 504) && !self.is_storage_failure()
    }
}

/// `404 Not Found: ClientError.NotFound: No such endpoint (request id ZJJXZkYJj)`, on one line.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        if let Some(reason) = self.status.canonical_reason() {
            write!(f, " {reason}")?;
        }
        let message = self.message();
        if let Some(code) =
            self.code().or_else(|| self.oauth_error()).filter(|code| Some(*code) != message.as_deref())
        {
            write!(f, ": {code}")?;
        }
        match message {
            Some(message) => {
                let mut words = message.split_whitespace();
                write!(f, ": {}", words.next().unwrap_or_default())?;
                words.try_for_each(|word| write!(f, " {word}"))?;
            }
            None if self.document.is_none() && !self.body.is_empty() => {
                let kind = self
                    .headers
                    .get(CONTENT_TYPE)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or("no content type");
                write!(f, ": the answer is no JSON document ({kind}, {} bytes)", self.body.len())?;
            }
            None => {}
        }
        if let Some(id) = self.request_id() {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("messages", &self.messages)
            .field("request_id", &self.request_id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What the answer says of its body. Some proxies and old services leave the header out: then the body decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ContentKind {
    Json,
    JsonApi,
    Other,
}

impl ContentKind {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Self::Json;
        };
        let essence = value
            .to_str()
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/vnd.api+json" => Self::JsonApi,
            "application/json" => Self::Json,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

fn text(document: &Map<String, Value>, member: &str) -> Option<String> {
    document.get(member)?.as_str().map(str::to_owned)
}

/// Gives the value that all share that have one, if they agree.
fn the_one(mut values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = values.by_ref().flatten().next()?;
    values.flatten().all(|value| value == first).then_some(first)
}

/// `msg: a.b.0` for `{"loc": ["a", "b", 0], "msg": "…"}`.
fn validation_message(detail: &Value) -> Option<String> {
    if let Value::String(message) = detail {
        return Some(message.clone());
    }
    let message = detail.get("msg")?.as_str()?;
    let place = match detail.get("loc") {
        Some(Value::String(path)) => path.clone(),
        Some(Value::Array(steps)) => {
            let steps: Vec<String> = steps
                .iter()
                .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
                .collect();
            steps.join(".")
        }
        _ => String::new(),
    };
    Some(if place.is_empty() { message.to_owned() } else { format!("{message}: {place}") })
}

#[cfg(test)]
mod tests;
