//! Logins under way: pages that wait for an answer, and codes that wait for their exchange.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::random;

/// How long a page may wait for its answer, and a code for its exchange.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// More logins than this at a time are not people; the oldest make room.
const MOST_WAITING: usize = 1000;

/// Entries that are handed out under a random name, for one use within [`LIFETIME`].
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    entries: HashMap<String, (Timestamp, T)>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Waiting { entries: HashMap::new() }
    }
}

impl<T> Waiting<T> {
    /// Keeps an entry and returns the name that it can be taken by.
    pub(crate) fn put(&mut self, entry: T, now: Timestamp) -> String {
        self.entries.retain(|_, (since, _)| now.duration_since(*since) < LIFETIME);
        if self.entries.len() >= MOST_WAITING {
            let oldest =
                self.entries.iter().min_by_key(|(_, (since, _))| *since).map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                self.entries.remove(&oldest);
            }
        }
        let name = random::alphanumeric(30);
        self.entries.insert(name.clone(), (now, entry));
        name
    }

    /// Looks at an entry that is not too old.
    pub(crate) fn peek(&self, name: &str, now: Timestamp) -> Option<&T> {
        let (since, entry) = self.entries.get(name)?;
        (now.duration_since(*since) < LIFETIME).then_some(entry)
    }

    /// Takes an entry that is not too old; it cannot be taken again.
    pub(crate) fn take(&mut self, name: &str, now: Timestamp) -> Option<T> {
        let (since, entry) = self.entries.remove(name)?;
        (now.duration_since(since) < LIFETIME).then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn is_for_one_use() {
        let mut waiting = Waiting::default();
        let name = waiting.put("entry", START);
        assert_eq!(waiting.peek(&name, START), Some(&"entry"));
        assert_eq!(waiting.take(&name, START), Some("entry"));
        assert_eq!(waiting.take(&name, START), None);
    }

    #[test]
    fn grows_too_old() {
        let mut waiting = Waiting::default();
        let name = waiting.put((), START);
        let late = START + LIFETIME;
        assert_eq!(waiting.peek(&name, late), None);
        assert_eq!(waiting.take(&name, late), None);
    }

    #[test]
    fn keeps_the_newest_when_there_are_too_many() {
        let mut waiting = Waiting::default();
        let first = waiting.put(0, START);
        let mut last = String::new();
        for number in 1..=MOST_WAITING {
            last = waiting.put(number, START + SignedDuration::from_millis(i64::try_from(number).unwrap()));
        }
        assert_eq!(waiting.entries.len(), MOST_WAITING);
        assert_eq!(waiting.peek(&first, START), None);
        assert!(waiting.peek(&last, START).is_some());
    }
}
