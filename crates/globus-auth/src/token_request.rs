//! Requests to the token endpoints: forms with secrets in them, and tokens in the answer.

use std::{borrow::Cow, fmt, marker::PhantomData, sync::Arc, time::Duration};

use globus_core::{
    BaseClient, Call, Clock, Error, IntoId, Response, Result, RetryPolicy, Secret,
    scope::{self, IntoScopes},
    transport,
};
use http::Method;

use self::answer::TokenAnswer;
use crate::{OAuthDependentTokenResponse, PolicyId, TokenIntrospection};

/// Keeps the trait out of reach: nobody else need implement it.
pub(crate) mod answer {
    use globus_core::{Secret, Timestamp};
    use serde::de::DeserializeOwned;

    /// Is what a token request is answered with.
    pub trait TokenAnswer: Sized {
        /// The form it has on the wire.
        type Document: DeserializeOwned;

        /// Makes it from that form, the time at which it came, and what its id token has to be marked with.
        fn received(document: Self::Document, now: Timestamp, nonce: Option<Secret>) -> Self;
    }
}

/// Is a request to Globus Auth about tokens: set what is optional, then send it.
///
/// The form goes only to `https` or loopback addresses, and follows no redirect. It is sent again only when the
/// first try did not reach Globus Auth or was not taken (429): a code, or a refresh token, may be used up by a
/// request whose answer was lost. Requests that use nothing up are tried again after any passing failure.
#[must_use = "a request does nothing until it is sent"]
pub struct TokenRequest<T> {
    call: Call,
    fields: Vec<(Cow<'static, str>, Secret)>,
    problem: Option<Error>,
    clock: Arc<dyn Clock>,
    /// What the id token of the answer has to be marked with.
    nonce: Option<Secret>,
    answer: PhantomData<fn() -> T>,
}

impl<T> TokenRequest<T> {
    pub(crate) fn new(base: &BaseClient, path: &str) -> Self {
        Self {
            call: base.call(Method::POST, path).confidential(),
            fields: Vec::new(),
            problem: None,
            clock: Arc::clone(base.clock()),
            nonce: None,
            answer: PhantomData,
        }
    }

    /// Sets a field of the form that the SDK has no setter for, in place of any of the same name.
    pub fn param(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Secret>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name, value)),
        }
        self
    }

    /// Sets a field that has to say something.
    pub(crate) fn required(mut self, name: &'static str, value: Secret) -> Self {
        if value.is_empty() {
            self = self.problem(Error::invalid_input(format!("{name} is empty")));
        }
        self.param(name, value)
    }

    pub(crate) fn scope_field(self, scopes: impl IntoScopes) -> Self {
        match scopes.into_scopes().and_then(|scopes| scope::serialize(&scopes)) {
            Ok(scopes) => self.param("scope", scopes),
            Err(error) => self.problem(error.into()),
        }
    }

    /// Keeps the first thing that is wrong with the request, to be told when it is sent.
    pub(crate) fn problem(mut self, problem: Error) -> Self {
        self.problem.get_or_insert(problem);
        self
    }

    pub(crate) fn nonce(mut self, nonce: Option<Secret>) -> Self {
        self.nonce = nonce;
        self
    }

    /// Says that the request uses nothing up.
    pub(crate) fn idempotent(mut self) -> Self {
        self.call = self.call.idempotent();
        self
    }

    /// Limits one attempt of this request; `None` sets no limit. Default: the client's.
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call = self.call.with_timeout(timeout);
        self
    }

    /// Tries this request again as the policy says. Default: the client's.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.call = self.call.with_retry(policy);
        self
    }

    /// Sets a header of this request, in place of the client's own of that name.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.call = self.call.with_header(name, value);
        self
    }

    /// Gives the HTTP request without sending it, and without credentials. Needs no runtime.
    ///
    /// # Errors
    /// What is wrong with the values given, as `send` would say.
    pub fn to_request(&self) -> Result<transport::Request> {
        self.clone().into_call()?.to_request()
    }

    fn into_call(self) -> Result<Call> {
        match self.problem {
            Some(problem) => Err(problem),
            None => {
                Ok(self.call.form(self.fields.iter().map(|(name, value)| (name.clone(), value.expose()))))
            }
        }
    }
}

impl<T: TokenAnswer> TokenRequest<T> {
    /// Sends the request.
    ///
    /// # Errors
    /// [`is_unauthorized`](Error::is_unauthorized) when Globus Auth does not know the client or its secret.
    /// [`oauth_error`](crate::oauth_error) says `invalid_grant` when a code or refresh token is wrong, used up or
    /// expired (400 or 401). An answer that cannot be read is not kept in the error, because it may hold tokens.
    pub async fn send(self) -> Result<T> {
        self.send_full().await.map(Response::into_data)
    }

    /// Sends the request; gives the answer with its status, headers and raw body, which holds the tokens.
    ///
    /// # Errors
    /// As `send`.
    pub async fn send_full(self) -> Result<Response<T>> {
        let (clock, nonce) = (Arc::clone(&self.clock), self.nonce.clone());
        let answer = self.into_call()?.send_full::<T::Document>().await?;
        Ok(answer.map(|document| T::received(document, clock.now(), nonce)))
    }
}

impl TokenRequest<OAuthDependentTokenResponse> {
    /// Asks for refresh tokens too, to work in the caller's name after the caller's own token has expired. Default:
    /// false.
    pub fn refresh_tokens(mut self, wanted: bool) -> Self {
        self.fields.retain(|(name, _)| name != "access_type");
        if wanted { self.param("access_type", "offline") } else { self }
    }

    /// Asks only for tokens with these scopes. Default: for all dependent scopes that the caller agreed to.
    pub fn scope(self, scopes: impl IntoScopes) -> Self {
        self.scope_field(scopes)
    }
}

impl TokenRequest<TokenIntrospection> {
    /// Asks for more: `identity_set`, `identity_set_detail`, `session_info`. Default: nothing more.
    pub fn include<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.param("include", names.join(","))
    }

    /// Asks whether the user meets these authentication policies; see [`TokenIntrospection::policy_evaluations`].
    /// Default: about none.
    pub fn authentication_policies(mut self, ids: impl IntoIterator<Item: IntoId<PolicyId>>) -> Self {
        let mut list = Vec::new();
        for (position, id) in ids.into_iter().enumerate() {
            match id.into_id() {
                Ok(id) => list.push(id.to_string()),
                Err(invalid) => {
                    let problem = format!("authentication_policies[{position}]: {invalid}");
                    self = self.problem(Error::invalid_input(problem));
                }
            }
        }
        self.param("authentication_policies", list.join(","))
    }
}

// Derived, these would ask the same of `T`.
impl<T> Clone for TokenRequest<T> {
    fn clone(&self) -> Self {
        Self {
            call: self.call.clone(),
            fields: self.fields.clone(),
            problem: self.problem.clone(),
            clock: Arc::clone(&self.clock),
            nonce: self.nonce.clone(),
            answer: PhantomData,
        }
    }
}

impl<T> fmt::Debug for TokenRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("call", &self.call)
            .field("fields", &self.fields.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}
