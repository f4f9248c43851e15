//! A few threads that work through a growing heap of units.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Scope;

use crate::transfer::task::lock;

/// Work that comes in units, which may bring further units to light.
pub(super) trait Work: Send + Sync {
    type Unit: Send;

    /// Does one unit and records what became of it.
    fn process(&self, unit: Self::Unit) -> Outcome<Self::Unit>;
}

/// What became of a unit.
#[derive(Debug)]
pub(super) enum Outcome<U> {
    /// It is done; these came to light and are next.
    Done(Vec<U>),
    /// It failed and is for the next attempt.
    Again(U),
    /// It has to wait, as has everything else: nobody is to go on, nothing is lost.
    Hold(U),
    /// All is over: nobody is to go on.
    Stop,
}

struct Pool<'w, W: Work> {
    work: &'w W,
    most_threads: usize,
    heap: Mutex<Heap<W::Unit>>,
    changed: Condvar,
}

struct Heap<U> {
    ready: VecDeque<U>,
    again: VecDeque<U>,
    busy: usize,
    threads: usize,
    stop: bool,
    hold: bool,
}

/// Works on all units in their order, what comes to light first; returns those that failed, and those that were
/// not begun when work was put on hold.
pub(super) fn run<W: Work>(work: &W, units: VecDeque<W::Unit>, most_threads: usize) -> VecDeque<W::Unit> {
    let pool = Pool {
        work,
        most_threads,
        heap: Mutex::new(Heap {
            ready: units,
            again: VecDeque::new(),
            busy: 0,
            threads: 1,
            stop: false,
            hold: false,
        }),
        changed: Condvar::new(),
    };
    // This thread works, too: a small task needs no other.
    std::thread::scope(|scope| pool.serve(scope));
    let mut heap = pool.heap.into_inner().unwrap_or_else(PoisonError::into_inner);
    if heap.hold {
        heap.again.append(&mut heap.ready);
    }
    heap.again
}

impl<W: Work> Pool<'_, W> {
    fn serve<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        while let Some(unit) = self.next(scope) {
            let mut busy = Busy { pool: self, outcome: Outcome::Stop };
            busy.outcome = self.work.process(unit);
        }
    }

    /// Waits for a unit; `None` when all are done. Calls another thread when there is enough for two.
    fn next<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> Option<W::Unit> {
        let mut heap = lock(&self.heap);
        loop {
            if heap.stop {
                return None;
            }
            if let Some(unit) = heap.ready.pop_front() {
                heap.busy += 1;
                if !heap.ready.is_empty() && heap.threads < self.most_threads {
                    heap.threads += 1;
                    scope.spawn(|| self.serve(scope));
                }
                return Some(unit);
            }
            if heap.busy == 0 {
                return None;
            }
            heap = self.changed.wait(heap).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A unit under way. Its end is noted even if the work panics, or the other threads would wait for ever.
struct Busy<'p, 'w, W: Work> {
    pool: &'p Pool<'w, W>,
    outcome: Outcome<W::Unit>,
}

impl<W: Work> Drop for Busy<'_, '_, W> {
    fn drop(&mut self) {
        let mut heap = lock(&self.pool.heap);
        heap.busy -= 1;
        match std::mem::replace(&mut self.outcome, Outcome::Stop) {
            Outcome::Done(found) => {
                for unit in found.into_iter().rev() {
                    heap.ready.push_front(unit);
                }
            }
            Outcome::Again(unit) => heap.again.push_back(unit),
            Outcome::Hold(unit) => {
                heap.again.push_back(unit);
                heap.stop = true;
                heap.hold = true;
            }
            Outcome::Stop => heap.stop = true,
        }
        drop(heap);
        self.pool.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Every number brings its predecessors to light, those divisible by seven fail, 1000 ends all.
    #[derive(Default)]
    struct Numbers {
        done: AtomicUsize,
    }

    impl Work for Numbers {
        type Unit = u32;

        fn process(&self, unit: u32) -> Outcome<u32> {
            self.done.fetch_add(1, Ordering::Relaxed);
            match unit {
                1000 => Outcome::Stop,
                2000 => panic!("as asked"),
                3000 => Outcome::Hold(3000),
                0 => Outcome::Done(Vec::new()),
                n if n % 7 == 0 => Outcome::Again(n),
                n => Outcome::Done(vec![n - 1; 2]),
            }
        }
    }

    #[test]
    fn does_everything_and_returns_what_failed() {
        for threads in [1, 2, 8] {
            let work = Numbers::default();
            let left = run(&work, VecDeque::from([10, 3]), threads);
            // 10 leads to two 9s, four 8s, eight 7s, which fail; 3 leads to 2, 4, 8 of 2, 1, 0.
            assert_eq!(left, vec![7; 8]);
            assert_eq!(work.done.load(Ordering::Relaxed), (1 + 2 + 4 + 8) + (1 + 2 + 4 + 8));
        }
    }

    #[test]
    fn the_order_is_kept_by_one_thread() {
        struct Order(Mutex<Vec<u32>>);
        impl Work for Order {
            type Unit = u32;
            fn process(&self, unit: u32) -> Outcome<u32> {
                self.0.lock().unwrap().push(unit);
                Outcome::Done(if unit == 1 { vec![10, 11] } else { Vec::new() })
            }
        }
        let work = Order(Mutex::default());
        run(&work, VecDeque::from([1, 2]), 1);
        assert_eq!(*work.0.lock().unwrap(), [1, 10, 11, 2]);
    }

    #[test]
    fn stopping_leaves_the_rest() {
        let work = Numbers::default();
        assert!(run(&work, VecDeque::from([1000, 0, 0, 0]), 1).is_empty());
        assert_eq!(work.done.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn holding_loses_nothing() {
        let work = Numbers::default();
        assert_eq!(run(&work, VecDeque::from([7, 3000, 0, 1, 2]), 1), [7, 3000, 0, 1, 2]);
        assert_eq!(work.done.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_panic_ends_all_threads() {
        let units: VecDeque<u32> = std::iter::once(2000).chain(std::iter::repeat_n(12, 50)).collect();
        let run = || run(&Numbers::default(), units, 4);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    }
}
