//! Faults on demand: which requests go wrong, how, and how often.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The longest that an answer can be held back: ten minutes.
const MOST_DELAY_MS: u64 = 600_000;

/// A rule as a test writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Only requests of this method.
    method: Option<String>,
    /// Only paths that begin so, such as `/transfer/v0.10/task`. Empty means all.
    #[serde(default)]
    path_prefix: String,
    /// The status to answer with.
    status: Option<u16>,
    /// The body to answer with: a string as it is, anything else as JSON.
    #[serde(default)]
    body: Value,
    #[serde(default)]
    headers: Map<String, Value>,
    /// For how many requests. Default: one.
    times: Option<u64>,
    /// Close the connection instead of answering.
    #[serde(default)]
    drop_connection: bool,
    /// Wait before anything else.
    #[serde(default)]
    delay_ms: u64,
    /// Let the service do its work first, and lose its answer.
    #[serde(default)]
    after_handling: bool,
}

/// What is to happen to a request.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// `None` leaves the answer to the service.
    pub(crate) status: Option<StatusCode>,
    pub(crate) body: String,
    pub(crate) headers: HeaderMap,
    pub(crate) drop_connection: bool,
    pub(crate) delay: Duration,
    pub(crate) after_handling: bool,
}

/// A fault, and the requests that it is for.
#[derive(Debug)]
pub(crate) struct Rule {
    method: Option<Method>,
    path_prefix: String,
    times: u64,
    fault: Fault,
}

/// The rules that are not used up, in the order in which they apply.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    pub(crate) fn add(&mut self, rules: Vec<Rule>) {
        self.rules.extend(rules);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Uses the first rule that fits, once.
    pub(crate) fn take(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let fits = |rule: &Rule| {
            rule.method.as_ref().is_none_or(|wanted| wanted == method) && path.starts_with(&rule.path_prefix)
        };
        let index = self.rules.iter().position(fits)?;
        let rule = &mut self.rules[index];
        rule.times -= 1;
        if rule.times == 0 { Some(self.rules.remove(index).fault) } else { Some(rule.fault.clone()) }
    }

    /// Lists the rules with the number of requests that each is still good for.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.rules
            .iter()
            .map(|rule| {
                json!({
                    "method": rule.method.as_ref().map(Method::as_str),
                    "path_prefix": rule.path_prefix,
                    "times": rule.times,
                    "status": rule.fault.status.map(|status| status.as_u16()),
                    "drop_connection": rule.fault.drop_connection,
                    "delay_ms": u64::try_from(rule.fault.delay.as_millis()).unwrap_or(u64::MAX),
                    "after_handling": rule.fault.after_handling,
                })
            })
            .collect()
    }
}

/// Reads one rule or a list of rules. The message says which rule and what is wrong with it.
pub(crate) fn read(body: Value) -> Result<Vec<Rule>, String> {
    let written = match body {
        Value::Array(list) => list,
        one => vec![one],
    };
    written
        .into_iter()
        .enumerate()
        .map(|(index, rule)| {
            serde_json::from_value::<Written>(rule)
                .map_err(|error| error.to_string())
                .and_then(rule_of)
                .map_err(|what| format!("rule {}: {what}", index + 1))
        })
        .collect()
}

fn rule_of(written: Written) -> Result<Rule, String> {
    let method = written
        .method
        .map(|name| {
            Method::from_bytes(name.to_ascii_uppercase().as_bytes())
                .map_err(|_| format!("{name:?} is not a method"))
        })
        .transpose()?;
    let status = written
        .status
        .map(|status| match StatusCode::from_u16(status) {
            Ok(code) if (200..600).contains(&status) => Ok(code),
            _ => Err(format!("status must be from 200 to 599, not {status}")),
        })
        .transpose()?;
    if status.is_some() && written.drop_connection {
        return Err("status and drop_connection exclude each other".to_owned());
    }
    if status.is_none() && !written.drop_connection {
        if written.delay_ms == 0 {
            return Err("nothing would happen: give status, drop_connection or delay_ms".to_owned());
        }
        if written.after_handling {
            return Err("after_handling needs status or drop_connection".to_owned());
        }
    }
    if status.is_none() && !(written.body.is_null() && written.headers.is_empty()) {
        return Err("body and headers need a status".to_owned());
    }
    if written.delay_ms > MOST_DELAY_MS {
        return Err(format!("delay_ms is at most {MOST_DELAY_MS}"));
    }
    let times = written.times.unwrap_or(1);
    if times == 0 {
        return Err("times must be at least 1".to_owned());
    }
    let (body, content_type) = match written.body {
        Value::Null => (String::new(), None),
        Value::String(text) => (text, Some("text/plain; charset=utf-8")),
        json => (json.to_string(), Some("application/json")),
    };
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in written.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let (Ok(parsed), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) else {
            return Err(format!("{name:?} is not a usable header"));
        };
        headers.insert(parsed, value);
    }
    Ok(Rule {
        method,
        path_prefix: written.path_prefix,
        times,
        fault: Fault {
            status,
            body,
            headers,
            drop_connection: written.drop_connection,
            delay: Duration::from_millis(written.delay_ms),
            after_handling: written.after_handling,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: Value) -> Faults {
        let mut faults = Faults::default();
        faults.add(read(rules).unwrap());
        faults
    }

    #[test]
    fn the_first_fitting_rule_is_used_up_first() {
        let mut faults = faults(json!([
            {"method": "post", "path_prefix": "/transfer", "status": 503, "times": 2},
            {"path_prefix": "/transfer/v0.10", "status": 429},
        ]));
        let mut status =
            |method: Method, path: &str| faults.take(&method, path).and_then(|fault| fault.status);
        assert_eq!(status(Method::GET, "/auth"), None);
        assert_eq!(status(Method::POST, "/transfer/v0.10/x"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status(Method::GET, "/transfer/v0.10/x"), Some(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(status(Method::GET, "/transfer/v0.10/x"), None);
        assert_eq!(status(Method::POST, "/transfer"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status(Method::POST, "/transfer"), None);
    }

    #[test]
    fn bodies_and_headers_are_as_written() {
        let mut faults = faults(json!([
            {"status": 502, "body": "<html>", "headers": {"Content-Type": "text/html", "Retry-After": 2}},
            {"status": 500, "body": {"code": "X"}},
        ]));
        let html = faults.take(&Method::GET, "/").unwrap();
        assert_eq!(html.body, "<html>");
        assert_eq!(html.headers["content-type"], "text/html");
        assert_eq!(html.headers["retry-after"], "2");
        let json = faults.take(&Method::GET, "/").unwrap();
        assert_eq!(json.body, r#"{"code":"X"}"#);
        assert_eq!(json.headers["content-type"], "application/json");
    }

    #[test]
    fn says_which_rule_is_wrong() {
        for (rule, part) in [
            (json!({}), "nothing would happen"),
            (json!({"status": 99}), "status must be"),
            (json!({"status": 500, "drop_connection": true}), "exclude each other"),
            (json!({"delay_ms": 5, "after_handling": true}), "after_handling needs"),
            (json!({"delay_ms": 5, "body": "x"}), "need a status"),
            (json!({"delay_ms": 600_001}), "at most"),
            (json!({"status": 500, "times": 0}), "times must be"),
            (json!({"status": 500, "tmies": 1}), "tmies"),
            (json!({"status": 500, "method": "G T"}), "not a method"),
            (json!({"status": 500, "headers": {"a b": "c"}}), "not a usable header"),
            (json!(7), "invalid type"),
        ] {
            let message = read(json!([{"status": 500}, rule])).unwrap_err();
            assert!(message.starts_with("rule 2: ") && message.contains(part), "{message}");
        }
    }
}
