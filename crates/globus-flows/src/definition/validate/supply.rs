//! Whether what a state reads can be there: given by the input, or written by a state before.
//!
//! Only the members at the top of the run's state are followed, and only findings that are certain are told: a read is
//! wrong when on no way to it anything can have supplied the member.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::{Place, Report, path, reach};

/// The members that may be at the top of the run's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Supply {
    keys: BTreeSet<String>,
    /// Whether there may be any others.
    anything: bool,
}

impl Supply {
    fn anything() -> Self {
        Self { keys: BTreeSet::new(), anything: true }
    }

    fn of<'a>(keys: impl IntoIterator<Item = &'a String>) -> Self {
        Self { keys: keys.into_iter().cloned().collect(), anything: false }
    }

    /// Takes in what another way supplies; tells whether anything was new.
    fn join(&mut self, other: &Self) -> bool {
        let before = (self.keys.len(), self.anything);
        self.keys.extend(other.keys.iter().cloned());
        self.anything |= other.anything;
        before != (self.keys.len(), self.anything)
    }

    /// What is there after a result was written: `whole` when it takes the place of everything.
    fn written(&self, result_path: Option<&Value>, whole: impl FnOnce() -> Self) -> Self {
        let key = result_path.and_then(Value::as_str).map(path::parse);
        match key {
            None | Some(Ok(path::Path { first: None, .. })) => whole(),
            Some(Ok(path::Path { first: Some(key), .. })) => {
                let mut after = self.clone();
                after.keys.insert(key);
                after
            }
            Some(Err(_)) => Self::anything(),
        }
    }
}

/// Checks what states read.
pub(super) fn check(report: &mut Report, definition: &Value, schema: Option<&Value>, at: &Place) {
    let input = given(schema);
    roles(report, definition, &input, at);
    let Some(states) = definition.get("States").and_then(Value::as_object) else { return };
    let Some(start) = definition.get("StartAt").and_then(Value::as_str) else { return };
    let mut before: BTreeMap<&str, Supply> = BTreeMap::from([(start, input)]);
    let mut waiting = VecDeque::from([start]);
    while let Some(name) = waiting.pop_front() {
        let (Some(state), Some(supply)) = (states.get(name), before.get(name).cloned()) else { continue };
        let after = after(state, &supply);
        for way in reach::ways(state, at) {
            let supply = match way.catcher {
                Some(catcher) => &supply.written(catcher.get("ResultPath"), Supply::anything),
                None => &after,
            };
            let known = before.contains_key(way.next);
            if before.entry(way.next).or_default().join(supply) || !known {
                waiting.push_back(way.next);
            }
        }
    }
    for read in std::mem::take(&mut report.reads) {
        // A state that is never reached is a finding of its own.
        let Some(supply) = before.get(read.state.as_str()) else { continue };
        if !supply.anything && !supply.keys.contains(&read.key) && read.key != "_context" {
            let message = format!(
                "nothing supplies {:?}: neither the input, as its schema describes it, nor a state before",
                read.key
            );
            report.add(&read.at, message);
        }
    }
}

/// What is there after a state.
fn after(state: &Value, before: &Supply) -> Supply {
    let has = |name: &str| state.get(name).is_some();
    let result_path = state.get("ResultPath");
    match state.get("Type").and_then(Value::as_str) {
        Some("Choice" | "Wait" | "Fail") => before.clone(),
        Some("Pass")
            if !has("Parameters") && !has("InputPath") && !has("Result") && result_path.is_none() =>
        {
            before.clone()
        }
        Some("Pass" | "ExpressionEval") => before.written(result_path, || made(state)),
        _ => before.written(result_path, Supply::anything),
    }
}

/// What a state makes of nothing but its own members.
fn made(state: &Value) -> Supply {
    let members = |name: &str| state.get(name).and_then(Value::as_object);
    if let Some(parameters) = members("Parameters").filter(|_| state.get("Result").is_none()) {
        let names = parameters.keys().filter(|name| *name != "__Private_Parameters");
        let keys = names.map(|name| {
            let plain = name.strip_suffix(".$").or_else(|| name.strip_suffix(".="));
            plain.unwrap_or(name).to_owned()
        });
        return Supply { keys: keys.collect(), anything: false };
    }
    match members("Result") {
        Some(result) if state.get("Parameters").is_none() && state.get("InputPath").is_none() => {
            Supply::of(result.keys())
        }
        _ => Supply::anything(),
    }
}

/// What an input has, as far as its schema says: everything that it names, where it admits nothing else.
fn given(schema: Option<&Value>) -> Supply {
    const OPEN: [&str; 9] =
        ["$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "patternProperties"];
    let Some(schema) = schema.and_then(Value::as_object) else { return Supply::anything() };
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    if !closed || OPEN.iter().any(|word| schema.contains_key(*word)) {
        return Supply::anything();
    }
    let nothing = Map::new();
    Supply::of(schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing).keys())
}

/// Checks that the input can bring a token for each role that actions run as.
fn roles(report: &mut Report, definition: &Value, input: &Supply, at: &Place) {
    if input.anything || input.keys.contains("_tokens") {
        return;
    }
    let at = at.member("States");
    for (name, state) in definition.get("States").and_then(Value::as_object).into_iter().flatten() {
        let role = state.get("RunAs").and_then(Value::as_str);
        if let Some(role) = role.filter(|role| !matches!(*role, "User" | "Flow")) {
            let message = format!(
                "the role {role:?} acts with a token that the input brings as `_tokens`, which its schema does not admit"
            );
            report.add(&at.member(name).member("RunAs"), message);
        }
    }
}
