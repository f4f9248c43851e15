//! Sending: credentials, attempts, retries, and what is told about them.

use std::{net::IpAddr, pin::pin, time::Duration};

use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug, debug_span, info};
use url::{Host, Url};

use crate::{
    ApiError, Call, Error, ErrorKind, Result,
    response::Answer,
    retry::{Decision, retry_after},
    transport::{self, ResponseBody, TransportError, follow, is_redirect},
};

impl Call {
    /// Sends the request, with retries, and reads the whole answer.
    pub(crate) async fn execute(&self) -> Result<Answer> {
        let mut attempts = 0;
        let transport::Response { status, headers, body, .. } = self.traced(true, &mut attempts).await?;
        Ok(Answer { status, headers, body: body.read_already(), attempts })
    }

    /// Sends the request, with retries, and gives the answer before its body is read.
    ///
    /// # Errors
    /// Any of [`ErrorKind`]. A failure while the body is read is not retried: it shows in the body.
    pub async fn send_streaming(self) -> Result<transport::Response> {
        self.traced(false, &mut 0).await
    }

    async fn traced(&self, whole: bool, attempts: &mut u32) -> Result<transport::Response> {
        let span = debug_span!(
            "globus_call",
            service = self.0.client.service().as_str(),
            method = %self.0.method,
            path = %self.0.template,
        );
        // Pinned here, what follows is wrapped by its address: these futures are too large to be moved about.
        let attempts = pin!(self.attempts(whole, attempts));
        let tried = attempts.instrument(span).await;
        tried.map_err(|error| error.with_call(&self.0.method, self.0.template.clone()))
    }

    /// Tries until there is an answer or no hope; with `whole`, an answer counts only once its body is read.
    async fn attempts(&self, whole: bool, attempt: &mut u32) -> Result<transport::Response> {
        let start = Instant::now();
        let mut authorization = None;
        *attempt = 1;
        match self.attempt(&mut authorization, whole).await {
            Ok(answer) => {
                answered(1, &answer);
                Ok(answer)
            }
            // In a box, as all that is rare: most calls need no room for it.
            Err(error) => Box::pin(self.more_attempts(error, authorization, start, whole, attempt)).await,
        }
    }

    /// Tries again after a failure, as often as that makes sense.
    async fn more_attempts(
        &self,
        mut error: Error,
        mut authorization: Option<HeaderValue>,
        start: Instant,
        whole: bool,
        attempts: &mut u32,
    ) -> Result<transport::Response> {
        let policy = self.0.retry.as_ref().unwrap_or(&self.0.client.0.retry);
        let mut remedies = Remedies::default();
        loop {
            let attempt = *attempts;
            error = error.with_attempts(attempt);
            if !self.remedied(&error, authorization.as_ref(), &mut remedies).await? {
                let status = error.status().map(|status| status.as_u16());
                match policy.decide(self.0.idempotency, &error, attempt, start.elapsed()) {
                    Decision::RetryAfter(delay) => {
                        let delay_ms = millis(delay);
                        info!(attempt, kind = ?error.kind(), status, request_id = error.request_id(), delay_ms, "retrying");
                        tokio::time::sleep(delay).await;
                    }
                    Decision::GiveUp(reason) => {
                        debug!(attempt, kind = ?error.kind(), status, request_id = error.request_id(), reason, "not retrying");
                        return Err(error);
                    }
                }
            }
            *attempts += 1;
            match self.attempt(&mut authorization, whole).await {
                Ok(answer) => {
                    answered(*attempts, &answer);
                    return Ok(answer);
                }
                Err(next) => error = next,
            }
        }
    }

    /// Lets the authorizer do what it can about a refusal, each thing once; says whether another try makes sense.
    async fn remedied(
        &self,
        error: &Error,
        used: Option<&HeaderValue>,
        remedies: &mut Remedies,
    ) -> Result<bool> {
        // The status of a token that could not be had is not the service's: nothing went there.
        let (Some(authorizer), ErrorKind::Api) = (&self.0.client.0.authorizer, error.kind()) else {
            return Ok(false);
        };
        let attempt = error.attempts();
        match error.status() {
            Some(StatusCode::UNAUTHORIZED) if !remedies.token => {
                remedies.token = authorizer.handle_missing_authorization(used).await?;
                if remedies.token {
                    info!(attempt, status = 401, "retrying with a new token");
                }
                Ok(remedies.token)
            }
            // With 403 a service also says that a login would help.
            Some(StatusCode::FORBIDDEN) if !remedies.login => {
                remedies.login = authorizer.handle_authorization_requirement(error, used).await?;
                if remedies.login {
                    info!(attempt, status = 403, "retrying after a login");
                }
                Ok(remedies.login)
            }
            _ => Ok(false),
        }
    }

    /// Tries once; leaves behind which credential it was tried with.
    async fn attempt(
        &self,
        authorization: &mut Option<HeaderValue>,
        whole: bool,
    ) -> Result<transport::Response> {
        self.check_problem()?;
        *authorization = match &self.0.client.0.authorizer {
            Some(authorizer) => match authorizer.ready_header() {
                Some(header) => Some(header),
                None => authorizer.authorization_header().await.map_err(no_credential)?,
            },
            None => None,
        };
        // The request is made after the wait for its credential and given away before the wait for its answer:
        // nothing large is kept in between.
        let request = self.authorized(authorization)?;
        let answer = self.0.client.0.transport.send(request);
        let exchange = pin!(self.exchange(answer, authorization.as_ref(), whole));
        // No limit is a limit so far away that nobody meets it.
        match timeout(self.time_limit().unwrap_or(Duration::MAX), exchange).await {
            Ok(done) => done,
            Err(_) => Err(too_late(self.0.client.base_url())),
        }
    }

    /// Makes the request with the header that says who asks, if that may go to its address.
    fn authorized(&self, authorization: &mut Option<HeaderValue>) -> Result<transport::Request> {
        let mut request = self.to_request()?;
        // An authorizer that gives none takes the caller's away; without one the caller's stays.
        if self.0.client.0.authorizer.is_none() {
            *authorization = request.headers.get(AUTHORIZATION).cloned();
        }
        if (authorization.is_some() || self.0.confidential) && !is_safe_for_secrets(&request.url) {
            return Err(insecure(&request.url));
        }
        authorize(&mut request, authorization.as_ref());
        Ok(request)
    }

    async fn exchange(
        &self,
        answer: impl Future<Output = Result<transport::Response, TransportError>>,
        authorization: Option<&HeaderValue>,
        whole: bool,
    ) -> Result<transport::Response> {
        let inner = &*self.0.client.0;
        let mut response = answer.await?;
        // A body with secrets goes nowhere else.
        if is_redirect(response.status) && !self.0.confidential {
            response = Box::pin(self.redirect(response, authorization)).await?;
        }
        if response.status.as_u16() < 400 {
            if whole {
                response.body = response.body.bytes().await?.into();
            }
            return Ok(response);
        }
        let transport::Response { status, headers, body, .. } = response;
        let wait = retry_after(&headers, &*inner.clock);
        // An error whose body breaks off is still that error.
        let body = Box::pin(read_error_body(body)).await;
        Err(Error::from_api(ApiError::parse(inner.service, status, &headers, body)).with_retry_after(wait))
    }

    /// Goes where the answer points to. Redirects are rare: the request is made once more for one, and not kept for
    /// none.
    async fn redirect(
        &self,
        response: transport::Response,
        authorization: Option<&HeaderValue>,
    ) -> Result<transport::Response> {
        let mut request = self.to_request()?;
        authorize(&mut request, authorization);
        Ok(follow(&*self.0.client.0.transport, request, response).await?)
    }
}

/// What has been done about refusals of this call.
#[derive(Default)]
struct Remedies {
    token: bool,
    login: bool,
}

fn answered(attempt: u32, answer: &transport::Response) {
    debug!(attempt, status = answer.status.as_u16(), "answered");
}

fn no_credential(error: Error) -> Error {
    let message = format!("no credential for the request: {error}");
    Error::new(ErrorKind::Auth, message).with_source(error).with_never_sent(true)
}

fn authorize(request: &mut transport::Request, authorization: Option<&HeaderValue>) {
    match authorization {
        Some(value) => request.headers.insert(AUTHORIZATION, value.clone()),
        None => request.headers.remove(AUTHORIZATION),
    };
}

/// Reads what can be read of an error's body.
async fn read_error_body(mut body: ResponseBody) -> bytes::Bytes {
    let mut all = bytes::BytesMut::new();
    while let Ok(Some(chunk)) = body.chunk().await {
        all.extend_from_slice(&chunk);
    }
    all.freeze()
}

/// True for addresses that credentials may be sent to: `https`, or this machine.
fn is_safe_for_secrets(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
}

fn insecure(url: &Url) -> Error {
    let host = url.host_str().unwrap_or("an unknown host");
    Error::new(ErrorKind::Auth, format!("refused to send credentials to {host} over plain http: use https"))
        .with_never_sent(true)
}

fn too_late(url: &Url) -> Error {
    let host = transport::place(url);
    Error::new(ErrorKind::Timeout, format!("no complete answer from {host} in time"))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
