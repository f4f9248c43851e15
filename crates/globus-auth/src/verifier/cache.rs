//! What is remembered for a while, in bounded memory.

use std::collections::{BTreeSet, HashMap};

use globus_core::Timestamp;

use super::Key;

pub(super) struct Cache<T> {
    capacity: usize,
    entries: HashMap<Key, (T, Timestamp)>,
    /// The same, by when their time is up.
    by_end: BTreeSet<(Timestamp, Key)>,
}

impl<T: Clone> Cache<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, entries: HashMap::new(), by_end: BTreeSet::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Gives what is remembered and whose time is not up.
    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<T> {
        self.entries.get(key).filter(|(_, end)| now < *end).map(|(value, _)| value.clone())
    }

    /// Remembers something until its time is up. What ends first makes room.
    pub(super) fn insert(&mut self, key: Key, value: T, end: Timestamp, now: Timestamp) {
        if self.capacity == 0 || end <= now {
            return;
        }
        if let Some((_, old)) = self.entries.insert(key, (value, end)) {
            self.by_end.remove(&(old, key));
        }
        self.by_end.insert((end, key));
        while self.by_end.first().is_some_and(|(end, _)| *end <= now || self.entries.len() > self.capacity) {
            if let Some((_, key)) = self.by_end.pop_first() {
                self.entries.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn key(byte: u8) -> Key {
        [byte; 32]
    }

    #[test]
    fn remembers_until_the_time_is_up() {
        let mut cache = Cache::new(9);
        cache.insert(key(1), "a", at(10), at(0));
        assert_eq!((cache.get(&key(1), at(9)), cache.get(&key(1), at(10))), (Some("a"), None));
        assert_eq!(cache.get(&key(2), at(0)), None);
        // Later answers replace earlier ones, also when they end sooner.
        cache.insert(key(1), "b", at(5), at(0));
        assert_eq!((cache.get(&key(1), at(4)), cache.get(&key(1), at(5))), (Some("b"), None));
        assert_eq!((cache.len(), cache.by_end.len()), (1, 1));
        cache.insert(key(2), "c", at(0), at(0));
        assert_eq!(cache.len(), 1);
    }

    #[test]
    fn never_holds_more_than_it_may() {
        let mut cache = Cache::new(3);
        for byte in 0..200 {
            cache.insert(key(byte), byte, at(1000 + i64::from(byte)), at(0));
            assert!(cache.len() <= 3 && cache.by_end.len() == cache.len());
        }
        assert_eq!((cache.get(&key(196), at(0)), cache.get(&key(197), at(0))), (None, Some(197)));
        // What is over goes when the next one comes.
        cache.insert(key(1), 1, at(9000), at(8000));
        assert_eq!(cache.len(), 1);
        let mut none = Cache::new(0);
        none.insert(key(1), 1, at(9), at(0));
        assert_eq!(none.len(), 0);
    }
}
