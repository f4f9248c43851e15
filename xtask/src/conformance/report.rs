//! What the checks said: a line for each, and their number.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Counts checks, and prints each.
#[derive(Debug, Default)]
pub(super) struct Report {
    passed: usize,
    failed: usize,
}

/// A line of a script of `tests/conformance`.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Passed(&'a str),
    Failed(&'a str, &'a str),
    Note(&'a str),
    /// The script has made all of its checks.
    End,
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut words = text.splitn(3, '\t');
        match (words.next()?, words.next(), words.next()) {
            ("ok", Some(name), None) => Some(Self::Passed(name)),
            ("FAIL", Some(name), Some(reason)) => Some(Self::Failed(name, reason)),
            ("note", Some(text), None) => Some(Self::Note(text)),
            ("end", None, None) => Some(Self::End),
            _ => None,
        }
    }
}

impl Report {
    pub(super) fn passed(&self) -> usize {
        self.passed
    }

    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    pub(super) fn pass(&mut self, area: &str, name: &str) {
        self.passed += 1;
        println!("ok    {area}: {name}");
    }

    pub(super) fn fail(&mut self, area: &str, name: &str, reason: &str) {
        self.failed += 1;
        println!("FAIL  {area}: {name}: {reason}");
    }

    /// Runs a script and takes what it says. One that does not come to its end counts as a failed check.
    pub(super) fn take(&mut self, area: &str, script: &mut Command) -> Result<()> {
        let mut child = script
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", script.get_program().display()))?;
        let mut ended = false;
        if let Some(out) = child.stdout.take() {
            for line in BufReader::new(out).lines() {
                ended |= self.take_line(area, &line.context("a script does not write UTF-8")?);
            }
        }
        let status = child.wait()?;
        if !(status.success() && ended) {
            self.fail(area, "the script itself", &format!("it did not come to its end ({status})"));
        }
        Ok(())
    }

    /// Takes one line; gives whether it is the last one.
    fn take_line(&mut self, area: &str, text: &str) -> bool {
        match Line::read(text) {
            Some(Line::Passed(name)) => self.pass(area, name),
            Some(Line::Failed(name, reason)) => self.fail(area, name, reason),
            Some(Line::Note(text)) => println!("      {area}: {text}"),
            Some(Line::End) => return true,
            None => self.fail(area, "a line that makes no sense", text),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(lines: &str) -> Report {
        let mut report = Report::default();
        report.take("area", Command::new("printf").arg(lines)).unwrap();
        report
    }

    #[test]
    fn checks_are_counted() {
        let report = taking("ok\tone\nFAIL\ttwo\twhy\nnote\tthree\nok\tfour\nend\n");
        assert_eq!((report.passed(), report.failed()), (2, 1));
    }

    #[test]
    fn a_script_that_stops_early_or_talks_nonsense_fails() {
        assert_eq!(taking("ok\tone\n").failed(), 1);
        assert_eq!(taking("hello\nend\n").failed(), 1);
        assert_eq!(taking("ok\nFAIL\tname\nend\n").failed(), 2);
        let mut report = Report::default();
        report.take("area", Command::new("sh").args(["-c", "echo end; exit 3"])).unwrap();
        assert_eq!(report.failed(), 1);
    }
}
