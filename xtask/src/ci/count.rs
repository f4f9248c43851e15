//! How many tests ran, from what `cargo test` prints.

use anyhow::{Result, bail};

/// The sums over all `test result:` lines.
#[derive(Debug, Default)]
pub(super) struct Count {
    suites: usize,
    passed: usize,
    ignored: usize,
}

impl Count {
    pub(super) fn add(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        self.suites += 1;
        for part in result.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse::<usize>().unwrap_or(0),
                Some((number, "ignored")) => self.ignored += number.parse::<usize>().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// The sums in words.
    ///
    /// # Errors
    /// No test ran: a command that tests nothing must not pass.
    pub(super) fn finding(&self) -> Result<String> {
        if self.passed == 0 {
            bail!("no test ran");
        }
        Ok(format!(
            "{} tests passed and {} were ignored, in {} suites",
            self.passed, self.ignored, self.suites
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut count = Count::default();
        for line in [
            "running 2 tests",
            "test a ... ok",
            "test result: ok. 61 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.49s",
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s; merged doctests",
        ] {
            count.add(line);
        }
        assert_eq!(count.finding().unwrap(), "65 tests passed and 2 were ignored, in 2 suites");
        assert!(Count::default().finding().is_err());
    }
}
