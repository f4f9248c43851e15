//! What happened in a run.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::time;

/// The most entries of a run, as the machinery under the service has it.
const MOST_ENTRIES: usize = 25_000;
/// The most bytes that the details of all entries take.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    time: Timestamp,
    code: String,
    description: String,
    details: Value,
}

impl Entry {
    pub(crate) fn document(&self) -> Value {
        json!({
            "time": time::micros(self.time),
            "code": self.code,
            "description": self.description,
            "details": self.details,
        })
    }
}

/// The log of a run, oldest entry first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Log {
    /// Adds an entry. Returns it as the details that a run shows while it is under way.
    pub(crate) fn add(&mut self, time: Timestamp, code: &str, description: String, details: Value) {
        self.bytes = self.bytes.saturating_add(weight(&details));
        self.entries.push(Entry { time, code: code.to_owned(), description, details });
    }

    /// Tells that nothing more should be added: a run that comes here must end.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= MOST_ENTRIES || self.bytes >= MOST_BYTES
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// About how many bytes a value takes.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 24 + text.len(),
        Value::Array(items) => 24 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            24 + members.iter().map(|(name, value)| 24 + name.len() + weight(value)).sum::<usize>()
        }
        _ => 24,
    }
}
