//! One request, from its parts to its answer.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    BaseClient, Error, Field, IntoId, Response, Result, RetryPolicy, client, encode,
    retry::Idempotency,
    transport::{self, Body, BodySource},
};

/// Makes one request of any shape, for what the SDK has no method for: a new operation of a service, a parameter
/// that only one deployment knows.
///
/// Authorization, retry, errors and paging are those of every other request of the client.
///
/// ```no_run
/// # async fn example(client: globus_core::BaseClient) -> globus_core::Result<()> {
/// use http::Method;
/// let document: serde_json::Value =
///     client.call(Method::GET, "/v0.10/task_list").query("limit", "5").send().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Call(pub(crate) Box<Parts>);

/// What a request is made of. In a box: a call travels through many hands before it is sent.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) client: BaseClient,
    pub(crate) method: Method,
    pub(crate) template: Cow<'static, str>,
    pub(crate) idempotency: Idempotency,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) confidential: bool,
    path: String,
    query: Vec<(Cow<'static, str>, String)>,
    content: Content,
    headers: HeaderMap,
    timeout: Field<Duration>,
    /// The first thing that was wrong with a value that the caller gave. Told when the request is sent, so that
    /// building one needs no error handling.
    problem: Option<Arc<str>>,
}

#[derive(Clone)]
enum Content {
    Empty,
    /// A document that grows member by member.
    Members(Map<String, Value>),
    Json(Bytes),
    Form(Vec<(Cow<'static, str>, String)>),
    Other(Option<HeaderValue>, Body),
}

impl Call {
    pub(crate) fn of_operation(client: BaseClient, method: Method, template: &'static str) -> Self {
        let idempotency = Idempotency::of(&method);
        Self(Box::new(Parts {
            client,
            idempotency,
            method,
            template: Cow::Borrowed(template),
            retry: None,
            confidential: false,
            path: String::with_capacity(template.len() + 40),
            query: Vec::new(),
            content: Content::Empty,
            headers: HeaderMap::new(),
            timeout: Field::Absent,
            problem: None,
        }))
    }

    pub(crate) fn raw(client: BaseClient, method: Method, path: &str) -> Self {
        let mut call = Self::of_operation(client, method, "");
        call.0.template = Cow::Owned(path.to_owned());
        let trailing_slash = path.len() > 1 && path.ends_with('/');
        for segment in path.trim_matches('/').split('/') {
            call.segment("path", segment);
        }
        if trailing_slash {
            call.0.path.push('/');
        }
        call
    }

    /// Adds a query parameter; a second one of the same name is sent too.
    pub fn query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.0.query.push((name.into(), value.into()));
        self
    }

    /// Sets a query parameter, in place of any of the same name.
    pub fn with_query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.set_query(name.into(), value.into());
        self
    }

    /// Sends a JSON document.
    pub fn json(mut self, document: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(document) {
            Ok(bytes) => self.0.content = Content::Json(bytes.into()),
            // A document may refuse to be written: its own line says why.
            Err(error) => self.problem(format!("the document cannot be sent: {error}")),
        }
        self
    }

    /// Sends form fields.
    pub fn form<N, V>(mut self, fields: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Cow<'static, str>>,
        V: Into<String>,
    {
        self.0.content =
            Content::Form(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Sends bytes as they are, without a `Content-Type` unless one is set with [`Call::with_header`].
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.0.content = Content::Other(None, body.into());
        self
    }

    /// Sends a JSON document that is written while it is sent, and again for every retry.
    pub fn json_stream(mut self, source: Arc<dyn BodySource>) -> Self {
        self.0.content =
            Content::Other(Some(HeaderValue::from_static("application/json")), Body::Stream(source));
        self
    }

    /// Sets a header, in place of the client's own of that name.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        match client::header(name, value) {
            Ok((name, value)) => {
                self.0.headers.insert(name, value);
            }
            Err(error) => self.problem(error.to_string()),
        }
        self
    }

    /// Limits one attempt, from connecting to the last byte of the answer (for [`Call::send_streaming`]: to its first);
    /// `None` sets no limit. Default: the client's.
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.0.timeout = timeout.into().into();
        self
    }

    /// Tries again as this policy says. Default: the client's.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.0.retry = Some(policy);
        self
    }

    /// Promises that sending the request twice does its work once, so that it may be retried after any failure.
    pub fn idempotent(mut self) -> Self {
        self.0.idempotency = Idempotency::Idempotent;
        self
    }

    /// Says that body and answer hold secrets: the body goes only to `https` or loopback addresses, no redirect is
    /// followed, and an answer that cannot be read is not kept in the error.
    pub fn confidential(mut self) -> Self {
        self.0.confidential = true;
        self
    }

    /// Sends the request and reads the answer as a `T`.
    ///
    /// An answer without a body reads as `null`.
    ///
    /// # Errors
    /// Any of [`ErrorKind`](crate::ErrorKind).
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let answer = self.execute().await?;
        answer.decode(&self)
    }

    /// Sends the request; gives the answer with its status, headers and raw body.
    ///
    /// # Errors
    /// Any of [`ErrorKind`](crate::ErrorKind).
    pub async fn send_full<T: DeserializeOwned>(self) -> Result<Response<T>> {
        let answer = self.execute().await?;
        let document = answer.decode(&self)?;
        Ok(Response::new(answer, document))
    }

    /// Gives the longest that one attempt may take.
    pub(crate) fn time_limit(&self) -> Option<Duration> {
        match self.0.timeout {
            Field::Absent => self.0.client.0.timeout,
            Field::Null => None,
            Field::Value(timeout) => Some(timeout),
        }
    }

    /// Tells what is wrong with a value that the caller gave.
    pub(crate) fn check_problem(&self) -> Result<()> {
        match &self.0.problem {
            None => Ok(()),
            Some(problem) => {
                Err(Error::invalid_input(&**problem).with_call(&self.0.method, self.0.template.clone()))
            }
        }
    }

    /// Gives the HTTP request without sending it. Needs neither a runtime nor a network; credentials are added
    /// only when a request is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when a value that the caller gave cannot be sent.
    pub fn to_request(&self) -> Result<transport::Request> {
        self.check_problem()?;
        // Joined to the address that was read once: host and port need no second reading. A path of escaped segments
        // cannot be taken for anything but a path.
        let path = self.0.path.strip_prefix('/').unwrap_or(&self.0.path);
        let mut text = Cow::Borrowed(path);
        if !self.0.query.is_empty() {
            let mut whole = String::with_capacity(path.len() + 24 * self.0.query.len());
            whole.push_str(path);
            whole.push('?');
            encode::push_pairs(&mut whole, &self.0.query);
            text = Cow::Owned(whole);
        }
        let url = self.0.client.base_url().join(&text).map_err(|error| {
            Error::invalid_input(format!("not an address: {error}"))
                .with_call(&self.0.method, self.0.template.clone())
        })?;
        let mut request = transport::Request::new(self.0.method.clone(), url);
        // With room for what follows here and in the transport: a clone would be full, and grow at once.
        let base = &self.0.client.0.headers;
        request.headers = HeaderMap::with_capacity(base.len() + self.0.headers.len() + 3);
        request.headers.extend(base.iter().map(|(name, value)| (name.clone(), value.clone())));
        let (content_type, body) = match &self.0.content {
            Content::Empty => (None, Body::Empty),
            Content::Members(members) => (Some(JSON), Body::Bytes(json_bytes(members))),
            Content::Json(bytes) => (Some(JSON), Body::Bytes(bytes.clone())),
            Content::Form(fields) => {
                let mut text = String::new();
                encode::push_pairs(&mut text, fields);
                (Some(HeaderValue::from_static("application/x-www-form-urlencoded")), text.into())
            }
            Content::Other(content_type, body) => (content_type.clone(), body.clone()),
        };
        if let Some(value) = content_type {
            request.headers.insert(CONTENT_TYPE, value);
        }
        for (name, value) in &self.0.headers {
            request.headers.insert(name, value.clone());
        }
        request.body = body;
        Ok(request)
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn json_bytes(members: &Map<String, Value>) -> Bytes {
    // Writing a map with text keys into memory cannot fail.
    serde_json::to_vec(members).unwrap_or_default().into()
}

/// The parts that `request!` and hand-written operations put a request together with.
#[doc(hidden)]
impl Call {
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.0.problem.get_or_insert_with(|| problem.into().into());
    }

    /// Adds a part of the path that comes from the operation itself.
    pub fn literal(&mut self, segment: &'static str) {
        self.0.path.push('/');
        self.0.path.push_str(segment);
    }

    /// Adds a part of the path that comes from the caller.
    pub fn segment(&mut self, name: &str, value: &str) {
        if let Err(problem) = encode::push_segment(&mut self.0.path, value) {
            self.problem(format!("{name} {problem}"));
        }
    }

    pub fn id_argument<T: fmt::Display>(&mut self, id: impl IntoId<T>) -> String {
        match id.into_id() {
            Ok(id) => id.to_string(),
            Err(invalid) => {
                self.problem(invalid.to_string());
                // Only a placeholder: the request will not be sent.
                "invalid".to_owned()
            }
        }
    }

    pub fn text_argument(&mut self, name: &str, text: impl Into<String>) -> String {
        let text = text.into();
        if text.is_empty() {
            self.problem(format!("{name} is empty"));
        }
        text
    }

    pub fn set_query(&mut self, name: Cow<'static, str>, value: String) {
        match self.0.query.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.query.push((name, value)),
        }
    }

    pub fn clear_query(&mut self, name: &str) {
        self.0.query.retain(|(known, _)| known != name);
    }

    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.0.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn replace_queries(&mut self, pairs: Vec<(Cow<'static, str>, String)>) {
        self.0.query = pairs;
    }

    pub fn set_scalar<T: ToString>(&mut self, name: &'static str, value: Option<T>) {
        match value {
            Some(value) => self.set_query(name.into(), value.to_string()),
            None => self.clear_query(name),
        }
    }

    pub fn set_flag(&mut self, name: &'static str, style: encode::Flag, value: Option<bool>) {
        self.set_scalar(name, value.map(|value| style.text(value)));
    }

    pub fn set_text(&mut self, name: &'static str, value: impl Into<String>) {
        let value = self.text_argument(name, value);
        self.set_query(name.into(), value);
    }

    pub fn set_id<T: fmt::Display>(&mut self, name: &'static str, id: impl IntoId<T>) {
        let value = self.id_argument(id);
        self.set_query(name.into(), value);
    }

    /// Joins the values with commas; none at all send nothing.
    pub fn set_joined<S: Into<String>>(&mut self, name: &'static str, values: impl IntoIterator<Item = S>) {
        let values = self.list_argument(name, values);
        self.set_scalar(name, (!values.is_empty()).then(|| values.join(",")));
    }

    /// Repeats the parameter for each value; none at all send nothing.
    pub fn set_repeated<S: Into<String>>(&mut self, name: &'static str, values: impl IntoIterator<Item = S>) {
        let values = self.list_argument(name, values);
        self.clear_query(name);
        self.0.query.extend(values.into_iter().map(|value| (name.into(), value)));
    }

    fn list_argument<S: Into<String>>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = S>,
    ) -> Vec<String> {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if let Some(position) = values.iter().position(String::is_empty) {
            self.problem(format!("{name}[{position}] is empty"));
        }
        values
    }

    pub fn member(&mut self, name: &'static str, value: impl Serialize) {
        let value = match serde_json::to_value(value) {
            Ok(value) => value,
            Err(error) => return self.problem(format!("{name} cannot be written as JSON: {error}")),
        };
        if !matches!(self.0.content, Content::Members(_)) {
            self.0.content = Content::Members(Map::new());
        }
        if let Content::Members(members) = &mut self.0.content {
            members.insert(name.to_owned(), value);
        }
    }
}

/// Shows which request it is, and no value of it.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.0.method)
            .field("path", &self.0.template)
            .field("query", &self.0.query.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("problem", &self.0.problem)
            .finish_non_exhaustive()
    }
}
