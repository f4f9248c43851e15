//! The last requests, without bodies, queries and tokens.

use std::collections::VecDeque;

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::time;

const KEPT: usize = 10_000;

/// One request that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) request_id: String,
    /// Whether a fault had a hand in the answer.
    pub(crate) injected: bool,
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
        self.entries
            .iter()
            .map(|entry| {
                json!({
                    "time": time::micros(entry.time),
                    "method": entry.method.as_str(),
                    "path": entry.path,
                    "status": entry.status,
                    "request_id": entry.request_id,
                    "injected": entry.injected,
                })
            })
            .collect()
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
