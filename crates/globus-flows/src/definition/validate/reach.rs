//! Where states lead: to states that exist, and to all of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Place, Report};

/// One way from a state to another.
pub(super) struct Way<'a> {
    pub(super) next: &'a str,
    pub(super) at: Place,
    /// The catcher that leads there, for ways that errors take.
    pub(super) catcher: Option<&'a Map<String, Value>>,
}

/// Names the ways out of a state.
pub(super) fn ways<'a>(state: &'a Value, at: &Place) -> Vec<Way<'a>> {
    let mut found = Vec::new();
    let mut add = |holder: &'a Value, name: &str, at: &Place, catcher| {
        if let Some(next) = holder.get(name).and_then(Value::as_str) {
            found.push(Way { next, at: at.member(name), catcher });
        }
    };
    let list = |name: &str| state.get(name).and_then(Value::as_array).into_iter().flatten().enumerate();
    add(state, "Next", at, None);
    for (number, rule) in list("Choices") {
        add(rule, "Next", &at.member("Choices").index(number), None);
    }
    add(state, "Default", at, None);
    for (number, catcher) in list("Catch") {
        add(catcher, "Next", &at.member("Catch").index(number), catcher.as_object());
    }
    found
}

/// Checks that every state that is named exists, and that the run can come to every state.
pub(super) fn check(report: &mut Report, definition: &Value, at: &Place) {
    let Some(states) = definition.get("States").and_then(Value::as_object) else { return };
    let start = definition.get("StartAt").and_then(Value::as_str);
    if let Some(start) = start.filter(|start| !states.contains_key(*start)) {
        report.add(&at.member("StartAt"), format!("there is no state {start:?}"));
    }
    let at = at.member("States");
    for (name, state) in states {
        for way in ways(state, &at.member(name)) {
            if !states.contains_key(way.next) {
                report.add(&way.at, format!("there is no state {:?}", way.next));
            }
        }
    }
    // Without a beginning nothing can be said about what is reached from it.
    let Some(start) = start.filter(|start| states.contains_key(*start)) else { return };
    let mut reached = BTreeSet::from([start]);
    let mut waiting = vec![start];
    while let Some(name) = waiting.pop() {
        for way in states.get(name).map(|state| ways(state, &at)).unwrap_or_default() {
            if reached.insert(way.next) {
                waiting.push(way.next);
            }
        }
    }
    for name in states.keys().filter(|name| !reached.contains(name.as_str())) {
        report.add(&at.member(name), "no state leads here");
    }
}
