//! Faults as tests write them over HTTP.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::faults::{Damage, MOST_DELAY, RequestFault};

/// A rule. Everything is optional, but something has to go wrong.
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
    /// An answer that is known by name.
    answer: Option<Answer>,
    /// `Retry-After` in seconds.
    retry_after: Option<u64>,
    /// `Retry-After` as a date, so many seconds from then.
    retry_after_date: Option<u64>,
    /// Close the connection instead of answering.
    #[serde(default)]
    drop_connection: bool,
    /// Reset the connection instead of answering.
    #[serde(default)]
    reset_connection: bool,
    /// Close the connection after so many bytes of the service's answer.
    truncate_after: Option<usize>,
    /// Wait before anything else.
    #[serde(default)]
    delay_ms: u64,
    /// Let the service do its work first, and lose its answer.
    #[serde(default)]
    after_handling: bool,
    /// For how many requests, or `"always"`. Default: one.
    times: Option<Times>,
    /// Only every so many of these requests.
    every: Option<u64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Maintenance,
    RateLimit,
    HtmlError,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "times must be a number or \"always\"")]
enum Times {
    Number(u64),
    Always(Always),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Always {
    Always,
}

/// Reads one rule or a list of rules. The message says which rule and what is wrong with it.
pub(crate) fn read(body: Value) -> Result<Vec<RequestFault>, String> {
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
                .and_then(fault_of)
                .map_err(|what| format!("rule {}: {what}", index + 1))
        })
        .collect()
}

fn fault_of(written: Written) -> Result<RequestFault, String> {
    let delay = Duration::from_millis(written.delay_ms);
    if delay > MOST_DELAY {
        return Err(format!("delay_ms is at most {}", MOST_DELAY.as_millis()));
    }
    let mut fault = damage(&written)?.after(delay);
    if matches!(fault.damage, Damage::None) {
        if delay.is_zero() {
            return Err(
                "nothing would happen: give status, answer, drop_connection, reset_connection, truncate_after or delay_ms"
                    .to_owned(),
            );
        }
        if written.after_handling {
            return Err("after_handling needs an answer to lose".to_owned());
        }
    }
    fault = answer_members(fault, &written)?;
    fault.path_prefix = written.path_prefix;
    fault.after_handling = written.after_handling;
    if let Some(name) = written.method {
        let method = Method::from_bytes(name.to_ascii_uppercase().as_bytes());
        fault.method = Some(method.map_err(|_| format!("{name:?} is not a method"))?);
    }
    match written.times {
        None => {}
        Some(Times::Number(0)) => return Err("times must be at least 1".to_owned()),
        Some(Times::Number(times)) => fault.times = Some(times),
        Some(Times::Always(Always::Always)) => fault.times = None,
    }
    match written.every {
        None => {}
        Some(0) => return Err("every must be at least 1".to_owned()),
        Some(every) => fault.every = every,
    }
    Ok(fault)
}

fn damage(written: &Written) -> Result<RequestFault, String> {
    let mut damages = Vec::new();
    if let Some(status) = written.status {
        damages.push(match StatusCode::from_u16(status) {
            Ok(code) if (200..600).contains(&status) => RequestFault::status(code),
            _ => return Err(format!("status must be from 200 to 599, not {status}")),
        });
    }
    damages.extend(written.answer.map(|answer| match answer {
        Answer::Maintenance => RequestFault::maintenance(),
        Answer::RateLimit => RequestFault::rate_limited(),
        Answer::HtmlError => RequestFault::html_error(StatusCode::BAD_GATEWAY),
    }));
    damages.extend(written.drop_connection.then(RequestFault::drop_connection));
    damages.extend(written.reset_connection.then(RequestFault::reset_connection));
    damages.extend(written.truncate_after.map(RequestFault::truncate));
    if damages.len() > 1 {
        return Err(
            "status, answer, drop_connection, reset_connection and truncate_after exclude each other"
                .to_owned(),
        );
    }
    Ok(damages.pop().unwrap_or_else(|| RequestFault::delay(Duration::ZERO)))
}

fn answer_members(mut fault: RequestFault, written: &Written) -> Result<RequestFault, String> {
    let given = !written.body.is_null()
        || !written.headers.is_empty()
        || written.retry_after.is_some()
        || written.retry_after_date.is_some();
    if given && !matches!(fault.damage, Damage::Replaced(_)) {
        return Err("body, headers and retry_after need a status or an answer".to_owned());
    }
    fault = match &written.body {
        Value::Null => fault,
        Value::String(text) => fault.body("text/plain; charset=utf-8", text.clone()),
        json => fault.json(json),
    };
    for (name, value) in &written.headers {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let (Ok(parsed), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&text)) else {
            return Err(format!("{name:?} is not a usable header"));
        };
        if parsed == header::RETRY_AFTER
            && (written.retry_after.is_some() || written.retry_after_date.is_some())
        {
            return Err("Retry-After is given twice".to_owned());
        }
        fault = fault.header(parsed, value);
    }
    match (written.retry_after, written.retry_after_date) {
        (None, None) => Ok(fault),
        (Some(seconds), None) => Ok(fault.retry_after(Duration::from_secs(seconds))),
        (None, Some(seconds)) => Ok(fault.retry_after_date(Duration::from_secs(seconds))),
        (Some(_), Some(_)) => Err("retry_after and retry_after_date exclude each other".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_which_rule_is_wrong() {
        for (rule, part) in [
            (json!({}), "nothing would happen"),
            (json!({"status": 99}), "status must be"),
            (json!({"status": 500, "drop_connection": true}), "exclude each other"),
            (json!({"truncate_after": 5, "reset_connection": true}), "exclude each other"),
            (json!({"delay_ms": 5, "after_handling": true}), "after_handling needs"),
            (json!({"delay_ms": 5, "body": "x"}), "need a status"),
            (json!({"drop_connection": true, "retry_after": 5}), "need a status"),
            (json!({"delay_ms": 600_001}), "at most"),
            (json!({"status": 500, "times": 0}), "times must be"),
            (json!({"status": 500, "times": "ever"}), "\"always\""),
            (json!({"status": 500, "every": 0}), "every must be"),
            (json!({"status": 500, "tmies": 1}), "tmies"),
            (json!({"status": 500, "method": "G T"}), "not a method"),
            (json!({"status": 500, "headers": {"a b": "c"}}), "not a usable header"),
            (json!({"status": 500, "headers": {"Retry-After": "5"}, "retry_after": 5}), "given twice"),
            (json!({"status": 500, "retry_after": 5, "retry_after_date": 5}), "exclude each other"),
            (json!({"answer": "nonsense"}), "nonsense"),
            (json!(7), "invalid type"),
        ] {
            let message = read(json!([{"status": 500}, rule])).unwrap_err();
            assert!(message.starts_with("rule 2: ") && message.contains(part), "{message}");
        }
    }
}
