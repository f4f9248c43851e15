//! Timing two ways of doing the same work, so that what the machine does meanwhile meets both.

use std::{
    fs,
    future::Future,
    time::{Duration, Instant},
};

/// Runs both in turns, `rounds` times each and the order swapped every time, and gives the times of each.
pub(crate) async fn in_turns<A, B>(
    rounds: usize,
    mut ours: impl FnMut() -> A,
    mut bare: impl FnMut() -> B,
) -> Result<Pair, String>
where
    A: Future<Output = Result<(), String>>,
    B: Future<Output = Result<(), String>>,
{
    // Once each without counting: connections open, caches warm.
    ours().await?;
    bare().await?;
    let mut pair = Pair { ours: Vec::new(), bare: Vec::new() };
    for round in 0..rounds {
        for turn in 0..2 {
            let start = Instant::now();
            if (round + turn) % 2 == 0 {
                ours().await?;
                pair.ours.push(start.elapsed());
            } else {
                bare().await?;
                pair.bare.push(start.elapsed());
            }
        }
    }
    Ok(pair)
}

/// The times of both ways.
pub(crate) struct Pair {
    ours: Vec<Duration>,
    bare: Vec<Duration>,
}

impl Pair {
    /// Gives the median time of ours and of the bare way.
    pub(crate) fn medians(&self) -> (Duration, Duration) {
        (median(&self.ours), median(&self.bare))
    }

    /// Gives the median of the ratios ours/bare of each round.
    pub(crate) fn ratio(&self) -> f64 {
        let mut ratios: Vec<f64> = self
            .ours
            .iter()
            .zip(&self.bare)
            .map(|(ours, bare)| ours.as_secs_f64() / bare.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    }
}

pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

/// Reads how much memory the process has needed at most so far, in bytes.
pub(crate) fn peak_memory() -> Result<u64, String> {
    status("VmHWM:")
}

/// Reads how much memory the process needs now, in bytes.
pub(crate) fn memory() -> Result<u64, String> {
    status("VmRSS:")
}

fn status(name: &str) -> Result<u64, String> {
    let text =
        fs::read_to_string("/proc/self/status").map_err(|error| format!("/proc/self/status: {error}"))?;
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).ok_or_else(|| format!("no {name} there"))?;
    let kilobytes: u64 =
        line.trim().trim_end_matches(" kB").trim().parse().map_err(|_| format!("not a size: {line}"))?;
    Ok(kilobytes * 1024)
}
