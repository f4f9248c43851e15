//! The states of a definition: which members each type has, and what they must be.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Checker, action, choices};
use crate::flows::error::Invalid;
use crate::flows::expression;
use crate::flows::parameters::{Given, PRIVATE};
use crate::flows::path::Path;

/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 31_536_000;
/// The deepest parameters.
const DEEPEST: usize = 64;

/// A type of state: what it must have, what it may have besides.
struct Kind {
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    /// It says what comes next.
    goes_on: bool,
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "Action",
        required: &[],
        optional: &[
            "Parameters",
            "InputPath",
            "ResultPath",
            "Catch",
            "ActionUrl",
            "ActionScope",
            "Handler",
            "WaitTime",
            "ExceptionOnActionFailure",
            "RunAs",
        ],
        goes_on: true,
    },
    Kind {
        name: "Pass",
        required: &[],
        optional: &["Parameters", "InputPath", "ResultPath", "Result"],
        goes_on: true,
    },
    Kind { name: "ExpressionEval", required: &["Parameters", "ResultPath"], optional: &[], goes_on: true },
    Kind { name: "Choice", required: &["Choices"], optional: &["Default"], goes_on: false },
    Kind {
        name: "Wait",
        required: &[],
        optional: &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        goes_on: true,
    },
    Kind {
        name: "Fail",
        required: &[],
        optional: &["Error", "ErrorPath", "Cause", "CausePath"],
        goes_on: false,
    },
    Kind {
        name: "CreateWebInput",
        required: &[],
        optional: &["Parameters", "InputPath", "ResultPath", "Catch"],
        goes_on: true,
    },
    Kind {
        name: "AwaitWebInput",
        required: &[],
        optional: &["Parameters", "InputPath", "ResultPath", "Catch"],
        goes_on: true,
    },
];

type States = Map<String, Value>;

pub(super) fn check(checker: &mut Checker<'_>, name: &str, state: &Value, states: &States) {
    if !(1..=128).contains(&name.chars().count()) {
        checker.value_error("a state name has 1 to 128 characters");
    }
    let Some(state) = checker.object(state) else { return };
    let kind = match state.get("Type").map(Value::as_str) {
        None => {
            checker.faults.push(
                Invalid::new(
                    &checker.loc,
                    "Discriminator 'type' is missing in value",
                    "value_error.discriminated_union.missing_discriminator",
                )
                .with_context(json!({"discriminator_key": "type"})),
            );
            return;
        }
        Some(kind) => KINDS.iter().find(|known| Some(known.name) == kind).ok_or(kind.unwrap_or("?")),
    };
    let kind = match kind {
        Ok(kind) => kind,
        Err(unknown) => {
            let allowed: Vec<String> = KINDS.iter().map(|kind| format!("'{}'", kind.name)).collect();
            let allowed = allowed.join(", ");
            checker.fault(
                format!(
                    "No match for discriminator 'type' and value '{unknown}' (allowed values: {allowed})"
                ),
                "value_error.discriminated_union.invalid_discriminator",
            );
            return;
        }
    };
    let common: &[&str] =
        if kind.goes_on { &["Type", "Comment", "Next", "End"] } else { &["Type", "Comment"] };
    checker.known(state, &[common, kind.required, kind.optional].concat());
    for required in kind.required.iter().filter(|name| !state.contains_key(**name)) {
        checker.missing(required);
    }
    if kind.goes_on {
        goes_on(checker, kind.name, state, states);
    }
    let optional =
        |name: &str| state.get(name).filter(|_| [kind.required, kind.optional].concat().contains(&name));
    for (name, value) in state {
        if name == "Comment"
            || ["Error", "Cause", "ActionScope"].contains(&name.as_str()) && optional(name).is_some()
        {
            checker.at(name.as_str()).text(value);
        }
        if optional(name).is_some() && name.ends_with("Path") {
            let writes = name == "ResultPath";
            self::path(&mut checker.at(name.as_str()), value, writes);
        }
    }
    if let Some(parameters) = optional("Parameters") {
        let mut checker = checker.at("Parameters");
        if checker.object(parameters).is_some() {
            self::parameters(&mut checker, parameters, 0);
        }
    }
    if let Some(result) = optional("Result") {
        checker.at("Result").object(result);
    }
    if let Some(catchers) = optional("Catch") {
        action::catchers(&mut checker.at("Catch"), catchers, states);
    }
    match kind.name {
        "Action" => action::check(checker, state),
        "Choice" => choices::check(checker, state, states),
        "Wait" => wait(checker, state),
        "Fail" => {
            for (constant, path) in [("Error", "ErrorPath"), ("Cause", "CausePath")] {
                if state.contains_key(constant) && state.contains_key(path) {
                    checker.value_error(format!("{constant} and {path} exclude each other"));
                }
            }
        }
        _ => {}
    }
}

/// `Next` or `End`, one of them.
fn goes_on(checker: &mut Checker<'_>, kind: &str, state: &Map<String, Value>, states: &States) {
    let ends = match state.get("End") {
        None => false,
        Some(Value::Bool(ends)) => *ends,
        Some(other) => {
            checker.at("End").wrong_type(other, "value could not be parsed to a boolean", "type_error.bool");
            return;
        }
    };
    if ends == state.contains_key("Next") {
        checker.value_error(format!(
            "A state of type '{kind}' must be defined as either terminal (\"End\": true) or transitional (\"Next\": \
             \"NextStateId\")"
        ));
    } else if let Some(next) = state.get("Next") {
        reference(&mut checker.at("Next"), next, states);
    }
}

/// The name of another state.
pub(super) fn reference(checker: &mut Checker<'_>, name: &Value, states: &States) {
    if let Some(name) = checker.text(name)
        && !states.contains_key(name)
    {
        checker.value_error(format!("unknown state: {name:?} is not one of States"));
    }
}

/// A path, which is written to if `writes`.
pub(super) fn path(checker: &mut Checker<'_>, value: &Value, writes: bool) {
    if let Some(text) = checker.text(value) {
        let path = if writes { Path::parse_writable(text) } else { Path::parse(text) };
        if let Err(fault) = path {
            checker.value_error(fault.to_string());
        }
    }
}

fn parameters(checker: &mut Checker<'_>, value: &Value, depth: usize) {
    if depth > DEEPEST {
        return checker.value_error(format!("parameters are nested more than {DEEPEST} levels deep"));
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                parameters(&mut checker.at(index), item, depth + 1);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let mut checker = checker.at(name.as_str());
                let given = Given::of(name);
                if name == PRIVATE {
                    for (index, name) in checker.list(value).into_iter().flatten().enumerate() {
                        checker.at(index).text(name);
                    }
                    continue;
                }
                if given.base() != name && members.contains_key(given.base()) {
                    checker.value_error(format!("the parameter {:?} is given twice", given.base()));
                }
                match (given, value.as_str()) {
                    (Given::Reference(_), Some(text)) => {
                        if let Err(fault) = Path::parse(text) {
                            checker.value_error(fault.to_string());
                        }
                    }
                    (Given::Expression(_), Some(text)) => {
                        if let Err(fault) = expression::parse(text) {
                            checker.value_error(format!("the expression cannot be read: {fault}"));
                        }
                    }
                    (Given::Reference(_), None) => {
                        checker.value_error("the value of a '.$' parameter is a JSONPath");
                    }
                    (Given::Expression(_), None) => {
                        checker.value_error("the value of a '.=' parameter is an expression");
                    }
                    (Given::Constant(_), _) => parameters(&mut checker, value, depth + 1),
                }
            }
        }
        _ => {}
    }
}

fn wait(checker: &mut Checker<'_>, state: &Map<String, Value>) {
    let timers = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
    if timers.iter().filter(|name| state.contains_key(**name)).count() != 1 {
        checker.value_error(format!("a state of type 'Wait' has exactly one of {}", timers.join(", ")));
    }
    if let Some(seconds) = state.get("Seconds") {
        let mut checker = checker.at("Seconds");
        match seconds.as_i64() {
            Some(seconds) if (0..=LONGEST_WAIT).contains(&seconds) => {}
            Some(_) => checker.value_error(format!("Seconds are from 0 to {LONGEST_WAIT}")),
            None => checker.wrong_type(seconds, "value is not a valid integer", "type_error.integer"),
        }
    }
    if let Some(time) = state.get("Timestamp") {
        let mut checker = checker.at("Timestamp");
        if let Some(text) = checker.text(time)
            && text.parse::<Timestamp>().is_err()
        {
            checker.value_error(format!("{text:?} is not a time such as 2026-05-04T15:22:33Z"));
        }
    }
}
