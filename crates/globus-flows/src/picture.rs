//! Pictures: a flow as a diagram, and a run drawn over it.
//!
//! ```
//! use globus_flows::{definition::{Definition, Pass, Wait}, picture::Picture};
//!
//! let definition = Definition::new("Nap")
//!     .state("Nap", Wait::for_seconds(60).next("Work"))
//!     .state("Work", Pass::new().end());
//! let picture = Picture::new(&definition).title("Nap, then work");
//! assert!(picture.to_mermaid().contains("s0 --> s1"));
//! assert!(picture.to_svg().starts_with("<svg"));
//! ```
//!
//! With the log of a run, the picture says what ran, how often and how long, and where it failed:
//!
//! ```no_run
//! # async fn example(flows: globus_flows::FlowsClient, run_id: globus_flows::RunId) -> Result<(), Box<dyn std::error::Error>> {
//! use globus_flows::{definition::Definition, picture::Picture};
//!
//! let ran = flows.get_run_definition(run_id).send().await?;
//! let log = flows.get_run_logs(run_id).items().try_collect().await?;
//! let picture = Picture::new(&Definition::from_value(&ran.definition)?).run(&log);
//! std::fs::write("run.svg", picture.to_svg())?;
//! # Ok(()) }
//! ```

mod graph;
mod layout;
mod mermaid;
mod svg;
mod trace;

use std::time::Duration;

use self::{
    graph::{Graph, Node},
    trace::{Fate, Trace, Visits},
};
use crate::{RunLogEntry, definition::Definition};

/// Draws a flow, and what a run did in it.
///
/// Boxes are states, boxes with cut corners are choices. Solid lines are ways that the flow takes, with what a choice
/// asks for; dashed lines are taken after errors. With a [`run`](Picture::run), states that ran are green, the one that
/// failed red, one whose error was caught yellow, one that still runs blue, one that waits for somebody orange; thick lines
/// are ways that were taken.
#[derive(Debug, Clone)]
#[must_use = "a picture does nothing until it is drawn"]
pub struct Picture {
    graph: Graph,
    title: Option<String>,
    trace: Option<Trace>,
}

impl Picture {
    /// Draws a flow. Ways to states that do not exist are drawn too, as are states that nothing leads to.
    pub fn new(definition: &Definition) -> Self {
        Self { graph: Graph::of(definition), title: None, trace: None }
    }

    /// Puts this line above the picture.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Draws what a run did over the flow, from the entries of its log, oldest or newest first.
    ///
    /// The log may be that of a run under way. States of which it tells and that the definition lacks are left out.
    pub fn run<'a>(mut self, log: impl IntoIterator<Item = &'a RunLogEntry>) -> Self {
        self.trace = Some(Trace::of(log));
        self
    }

    /// Gives the picture as a Mermaid flowchart, which wikis and code hosts draw where it stands in their pages.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// Gives the picture as an SVG document, with nothing outside of it: to be written to a file or into a page.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }

    fn visits(&self, node: &Node) -> Option<&Visits> {
        self.trace.as_ref()?.states.get(node.name.as_str())
    }

    /// Tells whether the run went from one state to another.
    fn is_taken(&self, from: &Node, to: &Node) -> bool {
        self.trace.as_ref().is_some_and(|trace| trace.took(from.place(), to.place()))
    }

    /// Gives the class of a state's colours.
    fn class(&self, node: &Node) -> &'static str {
        match (self.visits(node).map(|visits| visits.fate), &self.trace) {
            (Some(Fate::Done), _) => "done",
            (Some(Fate::Caught), _) => "caught",
            (Some(Fate::Failed), _) => "failed",
            (Some(Fate::Canceled), _) => "canceled",
            (Some(Fate::Waiting), _) => "waiting",
            (Some(Fate::Running), _) => "running",
            (None, Some(_)) => "idle",
            (None, None) => "state",
        }
    }

    /// Says what a run did in a state: how long, how often, and how it went when it did not go well.
    fn story(&self, node: &Node) -> Option<String> {
        let visits = self.visits(node)?;
        let fate = match visits.fate {
            Fate::Done => None,
            Fate::Caught => Some("error caught"),
            Fate::Failed => Some("failed"),
            Fate::Canceled => Some("cancelled"),
            Fate::Waiting => Some("waiting"),
            Fate::Running => Some("running"),
        };
        let often = (visits.count > 1).then(|| format!("{} times", visits.count));
        let parts = [fate.map(str::to_owned), visits.time.map(words), often];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// The class of colours, fill, line and text: what both kinds of pictures draw with.
const COLOURS: [(&str, &str, &str, &str); 9] = [
    ("state", "#eef3fb", "#4a6fa5", "#1b2a41"),
    ("done", "#e5f4e8", "#2e7d32", "#12361a"),
    ("caught", "#fff5d6", "#b58100", "#4a3500"),
    ("failed", "#fde7e7", "#c62828", "#5c1010"),
    ("canceled", "#f3e8fb", "#7b3fa0", "#3a1a50"),
    ("waiting", "#fdeadb", "#d2601a", "#5a2600"),
    ("running", "#e3effd", "#1565c0", "#0b3160"),
    ("idle", "#f5f5f5", "#9e9e9e", "#6b6b6b"),
    ("missing", "#ffffff", "#c62828", "#c62828"),
];

/// Gives a time in words: two units at most.
fn words(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    match seconds {
        0 => format!("{millis} ms"),
        1..10 if millis >= 100 => format!("{seconds}.{} s", millis / 100),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn times_are_short() {
        for (millis, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (1_250, "1.2 s"),
            (59_900, "59 s"),
            (61_000, "1 min 1 s"),
            (7_260_000, "2 h 1 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(super::words(Duration::from_millis(millis)), text);
        }
    }
}
