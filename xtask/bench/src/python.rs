//! The same work with the official Python SDK, where there is one at hand.

use std::{process::Command, time::Duration};

use crate::{rows::Figures, table::per_second};

const SCRIPT: &str = include_str!("python.py");

/// A python with `globus-sdk`.
pub(crate) struct Python {
    path: String,
    url: String,
}

impl Python {
    /// Checks that it is one.
    pub(crate) fn new(path: &str, url: &str) -> Result<Self, String> {
        let python = Self { path: path.to_owned(), url: url.to_owned() };
        python.run("version").map(|_| python)
    }

    fn run(&self, work: &str) -> Result<(f64, f64), String> {
        let output = Command::new(&self.path)
            .args(["-c", SCRIPT, work, &self.url])
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .map_err(|error| format!("{}: {error}", self.path))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let numbers: Vec<f64> = said.split(' ').filter_map(|word| word.parse().ok()).collect();
        if let (true, [first, second]) = (output.status.success(), numbers.as_slice()) {
            return Ok((*first, *second));
        }
        let error = String::from_utf8_lossy(&output.stderr);
        Err(format!("{} (globus-sdk, {work}): {}", self.path, error.lines().last().unwrap_or("no word")))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of bytes")]
    fn figures(&self, work: &str) -> Result<Figures, String> {
        let (time, peak) = self.run(work)?;
        Ok(Figures { time: Duration::from_secs_f64(time), peak: peak as u64 })
    }

    pub(crate) fn small_gets(&self) -> Result<String, String> {
        let (time, _) = self.run("small_gets")?;
        Ok(per_second(1_000, Duration::from_secs_f64(time)))
    }

    pub(crate) fn listing(&self) -> Result<Figures, String> {
        self.figures("listing")
    }

    pub(crate) fn task_pages(&self) -> Result<Duration, String> {
        Ok(self.figures("task_pages")?.time)
    }

    pub(crate) fn submission(&self) -> Result<Figures, String> {
        self.figures("submission")
    }
}
