//! Failures that tests put into the way of tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::glob::{Glob, Syntax};
use super::settings::PathFault;

/// The faults that can still happen.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<Vec<Armed>>);

#[derive(Debug)]
struct Armed {
    pattern: String,
    path: Glob,
    code: String,
    left: Option<u32>,
}

impl Armed {
    fn new(fault: &PathFault) -> Armed {
        Armed {
            pattern: fault.path.clone(),
            path: Glob::new(&fault.path, Syntax::Shell),
            code: fault.code.clone(),
            left: fault.times,
        }
    }
}

impl Faults {
    pub(crate) fn new(faults: &[PathFault]) -> Faults {
        Faults(Mutex::new(faults.iter().map(Armed::new).collect()))
    }

    /// Whether a fault would happen at this path now.
    pub(crate) fn strikes(&self, path: &str) -> bool {
        self.lock().iter().any(|fault| fault.left != Some(0) && fault.path.matches(path))
    }

    /// Returns the code of a fault that happens at this path now, and counts it.
    pub(crate) fn strike(&self, path: &str) -> Option<String> {
        let mut faults = self.lock();
        let fault = faults.iter_mut().find(|fault| fault.left != Some(0) && fault.path.matches(path))?;
        if let Some(left) = &mut fault.left {
            *left -= 1;
        }
        Some(fault.code.clone())
    }

    /// Adds faults to those that are there.
    pub(crate) fn add(&self, faults: &[PathFault]) {
        self.lock().extend(faults.iter().map(Armed::new));
    }

    /// Takes all faults away.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The faults that can still happen: path, code, and how often.
    pub(crate) fn list(&self) -> Vec<PathFault> {
        let faults = self.lock();
        let left = faults.iter().filter(|fault| fault.left != Some(0));
        left.map(|fault| PathFault {
            path: fault.pattern.clone(),
            code: fault.code.clone(),
            times: fault.left,
        })
        .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_happen_as_often_as_they_should() {
        let faults = Faults::new(&[PathFault::new("/a/*", "AUTH").times(2), PathFault::new("/a/b", "CLOCK")]);
        assert_eq!(faults.strike("/c"), None);
        assert_eq!(faults.strike("/a/b").as_deref(), Some("AUTH"));
        assert_eq!(faults.strike("/a/b/c").as_deref(), Some("AUTH"));
        assert_eq!(faults.strike("/a/b").as_deref(), Some("CLOCK"));
        assert_eq!(faults.strike("/a/b").as_deref(), Some("CLOCK"));
        assert_eq!(faults.strike("/a/b/c"), None);
    }
}
