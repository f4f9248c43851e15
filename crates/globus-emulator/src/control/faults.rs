//! Faults on demand: which requests go wrong, how, and how often.

use std::time::Duration;

use axum::body::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Lets requests go wrong. What goes wrong is said first, then for which requests and how often.
///
/// ```
/// use std::time::Duration;
/// use globus_emulator::RequestFault;
/// use http::{Method, StatusCode};
///
/// // The next two submissions are made, but their answers are lost:
/// let lost = RequestFault::drop_connection().method(Method::POST).path("/transfer/v0.10/transfer")
///     .after_handling().times(2);
/// // Every third request to Transfer is turned away for a second:
/// let busy = RequestFault::rate_limited().path("/transfer/").retry_after(Duration::from_secs(1)).every(3).always();
/// // One answer that no client can read:
/// let page = RequestFault::html_error(StatusCode::BAD_GATEWAY);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a fault does nothing until it is given to an emulator"]
pub struct RequestFault {
    pub(crate) method: Option<Method>,
    pub(crate) path_prefix: String,
    /// `None`: without end.
    pub(crate) times: Option<u64>,
    pub(crate) every: u64,
    pub(crate) damage: Damage,
    pub(crate) delay: Duration,
    pub(crate) after_handling: bool,
}

/// What happens to the answer.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    /// Nothing: it is only late.
    None,
    Replaced(Replacement),
    /// The connection closes, and nothing is sent.
    Dropped,
    /// The same, with a reset.
    Reset,
    /// The connection closes after so many bytes of the body.
    Truncated(usize),
}

/// An answer that takes the place of the service's own.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    retry_after: Option<RetryAfter>,
}

#[derive(Debug, Clone, Copy)]
enum RetryAfter {
    Seconds(u64),
    /// An HTTP date, so far from the time of the answer.
    Date(SignedDuration),
}

impl Replacement {
    /// The headers, with what they say about time.
    pub(crate) fn headers_at(&self, now: Timestamp) -> HeaderMap {
        let mut headers = self.headers.clone();
        let text = self.retry_after.map(|wait| match wait {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Date(after) => {
                let at = now.saturating_add(after).unwrap_or(now);
                at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
            }
        });
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::RETRY_AFTER, value);
        }
        headers
    }
}

impl RequestFault {
    fn new(damage: Damage) -> Self {
        RequestFault {
            method: None,
            path_prefix: String::new(),
            times: Some(1),
            every: 1,
            damage,
            delay: Duration::ZERO,
            after_handling: false,
        }
    }

    /// Answers with this status, and no body unless [`body`](Self::body) or [`json`](Self::json) gives one.
    pub fn status(status: StatusCode) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        RequestFault::new(Damage::Replaced(Replacement { status, headers, body, retry_after: None }))
    }

    /// Answers that the service is down for maintenance: 503, `ServiceUnavailable`.
    pub fn maintenance() -> Self {
        let message = "The service is down for scheduled maintenance";
        RequestFault::status(StatusCode::SERVICE_UNAVAILABLE)
            .json(&json!({ "code": "ServiceUnavailable", "message": message }))
    }

    /// Answers that there were too many requests: 429. [`retry_after`](Self::retry_after) says when to come back.
    pub fn rate_limited() -> Self {
        let message = "Too many requests: slow down";
        RequestFault::status(StatusCode::TOO_MANY_REQUESTS)
            .json(&json!({ "code": "ClientError.TooManyRequests", "message": message }))
    }

    /// Answers with a page of HTML, as a proxy in front of the service does.
    pub fn html_error(status: StatusCode) -> Self {
        let page =
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
        RequestFault::status(status).body("text/html; charset=utf-8", page)
    }

    /// Closes the connection instead of answering.
    pub fn drop_connection() -> Self {
        RequestFault::new(Damage::Dropped)
    }

    /// Resets the connection instead of answering.
    pub fn reset_connection() -> Self {
        RequestFault::new(Damage::Reset)
    }

    /// Breaks the service's answer off: the connection closes after so many bytes of its body.
    pub fn truncate(bytes: usize) -> Self {
        RequestFault::new(Damage::Truncated(bytes))
    }

    /// Does nothing but wait, up to ten minutes, before the service is asked.
    pub fn delay(delay: Duration) -> Self {
        RequestFault::new(Damage::None).after(delay)
    }

    /// Waits first, up to ten minutes.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay.min(MOST_DELAY);
        self
    }

    /// Gives the answer a body. Nothing happens to answers that are not replaced.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        if let Damage::Replaced(answer) = &mut self.damage {
            answer.body = body.into();
            answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        self
    }

    /// Gives the answer a JSON document.
    pub fn json(self, document: &Value) -> Self {
        self.body("application/json", document.to_string())
    }

    /// Gives the answer a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Damage::Replaced(answer) = &mut self.damage {
            answer.headers.insert(name, value);
        }
        self
    }

    /// Lets the answer say `Retry-After` in whole seconds.
    pub fn retry_after(self, wait: Duration) -> Self {
        self.wait(RetryAfter::Seconds(wait.as_secs()))
    }

    /// Lets the answer say `Retry-After` as a date, this far from the time at which it is sent.
    pub fn retry_after_date(self, wait: Duration) -> Self {
        self.wait(RetryAfter::Date(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)))
    }

    fn wait(mut self, wait: RetryAfter) -> Self {
        if let Damage::Replaced(answer) = &mut self.damage {
            answer.retry_after = Some(wait);
        }
        self
    }

    /// Only for requests of this method. Default: all.
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only for paths that begin so, such as `/transfer/v0.10/task`. Default: all.
    pub fn path(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
        self
    }

    /// So many times. Default: once. Zero counts as once.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times.max(1));
        self
    }

    /// Until it is taken back.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Only every so many of the requests that it is for, beginning with the one of that number. Default: each.
    /// Zero counts as one.
    pub fn every(mut self, count: u64) -> Self {
        self.every = count.max(1);
        self
    }

    /// Lets the service do its work first: only its answer is lost.
    pub fn after_handling(mut self) -> Self {
        self.after_handling = true;
        self
    }

    fn show(&self) -> Value {
        let status = match &self.damage {
            Damage::Replaced(answer) => Some(answer.status.as_u16()),
            _ => None,
        };
        let truncate_after = match self.damage {
            Damage::Truncated(bytes) => Some(bytes),
            _ => None,
        };
        json!({
            "method": self.method.as_ref().map(Method::as_str),
            "path_prefix": self.path_prefix,
            "times": self.times.map_or_else(|| json!("always"), Value::from),
            "every": self.every,
            "status": status,
            "drop_connection": matches!(self.damage, Damage::Dropped),
            "reset_connection": matches!(self.damage, Damage::Reset),
            "truncate_after": truncate_after,
            "delay_ms": u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX),
            "after_handling": self.after_handling,
        })
    }
}

/// The longest that an answer can be held back.
pub(super) const MOST_DELAY: Duration = Duration::from_secs(600);

/// A fault that is not used up.
#[derive(Debug)]
struct Rule {
    fault: RequestFault,
    /// Requests that it was for so far.
    seen: u64,
}

/// The faults that are not used up, in the order in which they apply.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    pub(crate) fn add(&mut self, faults: Vec<RequestFault>) {
        self.rules.extend(faults.into_iter().map(|fault| Rule { fault, seen: 0 }));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Uses the first fault that is for this request and due, once.
    pub(crate) fn take(&mut self, method: &Method, path: &str) -> Option<RequestFault> {
        let index = self.rules.iter_mut().position(|rule| {
            let fault = &rule.fault;
            let fits = fault.method.as_ref().is_none_or(|wanted| wanted == method)
                && path.starts_with(&fault.path_prefix);
            rule.seen += u64::from(fits);
            fits && rule.seen.is_multiple_of(fault.every)
        })?;
        let fault = &mut self.rules[index].fault;
        match &mut fault.times {
            Some(1) => Some(self.rules.remove(index).fault),
            Some(times) => {
                *times -= 1;
                Some(fault.clone())
            }
            None => Some(fault.clone()),
        }
    }

    /// Lists the faults with the number of requests that each is still good for.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.rules.iter().map(|rule| rule.fault.show()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::written::read;

    fn faults(rules: Value) -> Faults {
        let mut faults = Faults::default();
        faults.add(read(rules).unwrap());
        faults
    }

    fn status_of(fault: &RequestFault) -> Option<u16> {
        match &fault.damage {
            Damage::Replaced(answer) => Some(answer.status.as_u16()),
            _ => None,
        }
    }

    #[test]
    fn the_first_fitting_rule_is_used_up_first() {
        let mut faults = faults(json!([
            {"method": "post", "path_prefix": "/transfer", "status": 503, "times": 2},
            {"path_prefix": "/transfer/v0.10", "status": 429},
        ]));
        let mut status = |method: Method, path: &str| faults.take(&method, path).as_ref().and_then(status_of);
        assert_eq!(status(Method::GET, "/auth"), None);
        assert_eq!(status(Method::POST, "/transfer/v0.10/x"), Some(503));
        assert_eq!(status(Method::GET, "/transfer/v0.10/x"), Some(429));
        assert_eq!(status(Method::GET, "/transfer/v0.10/x"), None);
        assert_eq!(status(Method::POST, "/transfer"), Some(503));
        assert_eq!(status(Method::POST, "/transfer"), None);
    }

    #[test]
    fn every_third_and_without_end() {
        let mut faults = faults(json!([
            {"status": 500, "every": 3, "times": 2},
            {"path_prefix": "/a", "status": 501, "every": 2, "times": "always"},
        ]));
        let hits: Vec<_> = (0..12)
            .map(|_| faults.take(&Method::GET, "/a").as_ref().and_then(status_of).unwrap_or(200))
            .collect();
        assert_eq!(hits, [200, 501, 500, 200, 501, 500, 200, 501, 200, 501, 200, 501]);
        assert_eq!(faults.list().len(), 1);
        assert_eq!(faults.list()[0]["times"], "always");
        faults.clear();
        assert!(faults.take(&Method::GET, "/a").is_none());
    }

    #[test]
    fn bodies_and_headers_are_as_written() {
        let mut faults = faults(json!([
            {"status": 502, "body": "<html>", "headers": {"Content-Type": "text/html", "Retry-After": 2}},
            {"status": 500, "body": {"code": "X"}},
            {"answer": "rate_limit", "retry_after": 3},
            {"answer": "maintenance", "retry_after_date": 60},
            {"answer": "html_error"},
        ]));
        let now: Timestamp = "2026-01-31T23:59:30Z".parse().unwrap();
        let mut answer = || match faults.take(&Method::GET, "/").unwrap().damage {
            Damage::Replaced(answer) => {
                let headers = answer.headers_at(now);
                let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
                let body = String::from_utf8(answer.body.to_vec()).unwrap();
                (answer.status.as_u16(), text("content-type").unwrap(), text("retry-after"), body)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(answer(), (502, "text/html".to_owned(), Some("2".to_owned()), "<html>".to_owned()));
        assert_eq!(answer(), (500, "application/json".to_owned(), None, r#"{"code":"X"}"#.to_owned()));
        let busy = answer();
        assert_eq!((busy.0, busy.2.as_deref()), (429, Some("3")));
        assert!(busy.3.contains("TooManyRequests"));
        let maintenance = answer();
        assert_eq!((maintenance.0, maintenance.2.as_deref()), (503, Some("Sun, 01 Feb 2026 00:00:30 GMT")));
        let page = answer();
        assert_eq!((page.0, page.1.as_str()), (502, "text/html; charset=utf-8"));
        assert!(page.3.starts_with("<html>"));
    }
}
