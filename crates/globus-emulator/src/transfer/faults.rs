//! Failures that tests put into the way of tasks.

use std::sync::{Mutex, PoisonError};

use super::glob::{Glob, Syntax};
use super::settings::PathFault;

/// The faults that can still happen.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<Vec<Armed>>);

#[derive(Debug)]
struct Armed {
    path: Glob,
    code: String,
    left: Option<u32>,
}

impl Faults {
    pub(crate) fn new(faults: &[PathFault]) -> Faults {
        let armed = faults.iter().map(|fault| Armed {
            path: Glob::new(&fault.path, Syntax::Shell),
            code: fault.code.clone(),
            left: fault.times,
        });
        Faults(Mutex::new(armed.collect()))
    }

    /// Returns the code of a fault that happens at this path now, and counts it.
    pub(crate) fn strike(&self, path: &str) -> Option<String> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter_mut().find(|fault| fault.left != Some(0) && fault.path.matches(path))?;
        if let Some(left) = &mut fault.left {
            *left -= 1;
        }
        Some(fault.code.clone())
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
