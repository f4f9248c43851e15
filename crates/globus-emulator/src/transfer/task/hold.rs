//! What keeps a task from going on: managers and pause rules that stop it, and credentials that have lapsed.

use jiff::{SignedDuration, Timestamp};

use super::{End, PATIENCE, Progress, Status, Task, describe, later};

/// Trouble that only the user can end: the task becomes inactive.
const LAPSES: [&str; 2] = ["NO_CREDENTIALS", "INVALID_SERVICE_CREDENTIAL"];
/// How long a paused task waits for the end of the pause.
const PATIENCE_WHILE_PAUSED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The sides of a task that a manager answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sides {
    Source,
    Destination,
    Both,
}

impl Sides {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Sides::Source => "SOURCE",
            Sides::Destination => "DESTINATION",
            Sides::Both => "BOTH",
        }
    }

    /// Reads the name of a side, in any case.
    pub(crate) fn from_name(name: &str) -> Option<Sides> {
        [Sides::Source, Sides::Destination, Sides::Both]
            .into_iter()
            .find(|sides| sides.as_str().eq_ignore_ascii_case(name))
    }

    fn source(self) -> bool {
        self != Sides::Destination
    }

    fn destination(self) -> bool {
        self != Sides::Source
    }
}

/// Who holds a task: the message of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The manager of the source, who paused this very task.
    pub(crate) source_message: Option<String>,
    /// The manager of the destination.
    pub(crate) destination_message: Option<String>,
    /// A pause rule of one of the collections.
    rule: Option<String>,
}

/// Why a task is inactive, which says when it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lapse {
    /// The storage has no credentials at this path.
    Path(String),
    /// A consent or a login is missing.
    Login,
    /// A test asked for it.
    Asked,
}

impl Hold {
    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused_by_admin() || self.rule.is_some()
    }

    fn is_paused_by_admin(&self) -> bool {
        self.source_message.is_some() || self.destination_message.is_some()
    }

    /// The `nice_status` of a task that is held so.
    pub(crate) fn nice_status(&self) -> Option<&'static str> {
        match self {
            hold if hold.is_paused_by_admin() => Some("PAUSED_BY_ADMIN"),
            hold if hold.is_paused() => Some("PAUSED"),
            _ => None,
        }
    }

    fn message(&self) -> &str {
        let messages = [&self.source_message, &self.destination_message, &self.rule];
        messages.into_iter().find_map(Option::as_deref).unwrap_or_default()
    }
}

impl Task {
    /// Stops the task until it is resumed; `false` when it has ended.
    pub(crate) fn pause(&self, sides: Sides, message: &str, now: Timestamp) -> bool {
        self.hold(now, |hold| {
            if sides.source() {
                hold.source_message = Some(message.to_owned());
            }
            if sides.destination() {
                hold.destination_message = Some(message.to_owned());
            }
        })
    }

    /// Takes back what managers of these sides paused; `false` when the task has ended.
    pub(crate) fn resume(&self, sides: Sides, now: Timestamp) -> bool {
        self.hold(now, |hold| {
            if sides.source() {
                hold.source_message = None;
            }
            if sides.destination() {
                hold.destination_message = None;
            }
        })
    }

    /// Ends the task in the name of a manager; `false` when it has ended before.
    pub(crate) fn cancel_by_admin(&self, sides: Sides, message: &str, now: Timestamp) -> bool {
        let named = self.update(|progress| {
            progress.canceled_by_admin = Some((sides, message.to_owned()));
        });
        named.is_some() && self.finish(End::Canceled, now)
    }

    /// Stops the task, or lets it go on, as the pause rules of its collections say.
    pub(crate) fn follow_rules(&self, message: Option<String>, now: Timestamp) {
        self.hold(now, |hold| hold.rule = message);
    }

    /// Makes the task inactive: it waits until its user has done something about it.
    pub(crate) fn lapse(&self, code: &str, details: &str, lapse: Lapse, now: Timestamp) -> bool {
        self.update(|progress| {
            progress.fault(code, details, now);
            progress.status = Status::Inactive;
            progress.lapse = Some(lapse);
        })
        .is_some()
    }

    /// Lets an inactive task go on; `false` when it has ended.
    pub(crate) fn revive(&self, now: Timestamp) -> bool {
        self.update(|progress| {
            if progress.status == Status::Inactive {
                progress.status = Status::Active;
                progress.trouble = None;
                progress.lapse = None;
                progress.extend(now, PATIENCE);
            }
        })
        .is_some()
    }

    fn hold(&self, now: Timestamp, change: impl FnOnce(&mut Hold)) -> bool {
        self.update(|progress| {
            let before = progress.hold.is_paused();
            change(&mut progress.hold);
            match (before, progress.hold.is_paused()) {
                (false, true) => {
                    let message = progress.hold.message().to_owned();
                    progress.event("PAUSED", message, false, now);
                    progress.extend(now, PATIENCE_WHILE_PAUSED);
                }
                (true, false) => {
                    progress.event("UNPAUSED", "The task goes on", false, now);
                    progress.extend(now, PATIENCE);
                }
                _ => {}
            }
        })
        .is_some()
    }
}

impl Progress {
    /// Whether somebody or something keeps the task from going on.
    pub(crate) fn is_held(&self) -> bool {
        self.status == Status::Inactive || self.hold.is_paused()
    }

    /// Moves the deadline, unless the client chose it.
    fn extend(&mut self, now: Timestamp, by: SignedDuration) {
        if !self.deadline_is_fixed {
            self.deadline = later(now, by);
        }
    }

    /// The one word for how a task that has not ended is doing.
    pub(super) fn nice_status(&self) -> &str {
        match (self.hold.nice_status(), &self.trouble) {
            (Some(paused), _) => paused,
            (None, Some(code)) => code,
            (None, None) if self.queued => "Queued",
            (None, None) => "OK",
        }
    }
}

/// What people read instead of the word.
pub(super) fn short_description(nice_status: &str) -> String {
    match nice_status {
        "OK" | "Queued" => nice_status.to_owned(),
        code => describe(code),
    }
}

/// Whether a failure means that the task has to wait for its user.
pub(crate) fn is_lapse(code: &str) -> bool {
    LAPSES.contains(&code)
}
