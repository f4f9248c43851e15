//! The last requests, without tokens and other secrets.

use std::collections::VecDeque;

use http::{HeaderMap, Method, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::redact;
use crate::time;

const KEPT: usize = 10_000;
/// How much of a body is kept.
pub(crate) const KEPT_OF_BODY: usize = 16 * 1024;

/// One request that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    /// The first [`KEPT_OF_BODY`] bytes of what the service read.
    pub(crate) body: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) request_id: String,
    /// Whether a fault had a hand in the answer.
    pub(crate) injected: bool,
}

impl Entry {
    fn show(&self) -> Value {
        let of_header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let shown = if *name == header::AUTHORIZATION || *name == header::COOKIE {
                let scheme = value.to_str().ok().and_then(|value| value.split_once(' '));
                scheme.map_or("[redacted]".to_owned(), |(scheme, _)| format!("{scheme} [redacted]"))
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), shown.into())
        };
        let headers: Map<String, Value> = self.headers.iter().map(of_header).collect();
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form =
            content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        json!({
            "time": time::micros(self.time),
            "method": self.method.as_str(),
            "path": self.path,
            "query": self.query.as_deref().map(redact::form),
            "headers": headers,
            "body": redact::body(&self.body, is_form),
            "status": self.status,
            "request_id": self.request_id,
            "injected": self.injected,
        })
    }
}

/// The newest [`KEPT`] entries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
}

impl Journal {
    pub(crate) fn record(&mut self, entry: Entry) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        self.entries.iter().map(Entry::show).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest() {
        let mut journal = Journal::default();
        for number in 0..=KEPT {
            journal.record(Entry {
                time: Timestamp::UNIX_EPOCH,
                method: Method::GET,
                path: format!("/{number}"),
                query: None,
                headers: HeaderMap::new(),
                body: Vec::new(),
                status: 200,
                request_id: String::new(),
                injected: false,
            });
        }
        let list = journal.list();
        assert_eq!(list.len(), KEPT);
        assert_eq!(list[0]["path"], "/1");
        assert_eq!(list[KEPT - 1]["path"], format!("/{KEPT}"));
    }
}
