//! The table that a run prints.

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: String,
    pub(crate) bare: String,
    pub(crate) python: String,
    /// The ratio, and what it must reach.
    pub(crate) ratio: f64,
    pub(crate) limit: Limit,
}

/// What a ratio must reach.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    pub(crate) fn reached(&self) -> bool {
        match self.limit {
            Limit::AtLeast(least) => self.ratio >= least,
            Limit::AtMost(most) => self.ratio <= most,
        }
    }

    pub(crate) fn print(&self) {
        let (sign, limit) = match self.limit {
            Limit::AtLeast(least) => ("≥", least),
            Limit::AtMost(most) => ("≤", most),
        };
        let verdict = if self.reached() { "ok" } else { "MISSED" };
        println!(
            "| {:<44} | {:>16} | {:>16} | {:>16} | {:>6.3} | {sign} {limit:<5} | {verdict} |",
            self.name, self.ours, self.bare, self.python, self.ratio
        );
    }
}

pub(crate) fn print_head() {
    println!(
        "| {:<44} | {:>16} | {:>16} | {:>16} | {:>6} | {:<7} |    |",
        "what", "this SDK", "bare reqwest", "Python SDK", "ratio", "limit"
    );
    println!(
        "|{}|{}:|{}:|{}:|{}:|{}|----|",
        "-".repeat(46),
        "-".repeat(17),
        "-".repeat(17),
        "-".repeat(17),
        "-".repeat(7),
        "-".repeat(9)
    );
}

/// Writes a rate.
pub(crate) fn per_second(count: u64, time: std::time::Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    let rate = count as f64 / time.as_secs_f64();
    format!("{rate:.0}/s")
}

/// Writes a size.
pub(crate) fn mebibytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let size = bytes as f64 / (1024.0 * 1024.0);
    format!("{size:.1} MiB")
}

/// Writes a time.
pub(crate) fn seconds(time: std::time::Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
