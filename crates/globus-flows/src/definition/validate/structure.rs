//! What each state must have, may have and must not have.

use globus_core::Timestamp;
use serde_json::{Map, Value};

use super::{Place, Report, choices, expression, input, path};

/// The most characters of a state's name.
const LONGEST_NAME: usize = 128;
/// The most seconds that a state waits: a year.
const LONGEST_WAIT: u64 = 31_536_000;
/// How deep parameters and rules may be nested.
pub(super) const DEEPEST: usize = 100;
/// What begins a handle of an API that Globus hosts.
const HANDLE: &str = "urn:globus:flows:handle:";

/// What a property holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Patience,
    Role,
    Seconds,
    Moment,
    Object,
    Parameters,
    Path,
    Result,
    Url,
    Handler,
    Choices,
    Catch,
}

use Kind::{
    Catch, Choices, Flag, Handler, Moment, Object, Parameters, Path, Patience, Result, Role, Seconds, Text,
    Url,
};

/// A property of a state: its name, what it holds, and whether it is required.
type Property = (&'static str, Kind, bool);

/// The properties of each type of state, besides `Type` and `Comment`.
const TYPES: [(&str, &[Property]); 8] = [
    (
        "Action",
        &[
            ("ActionUrl", Url, false),
            ("ActionScope", Text, false),
            ("Handler", Handler, false),
            ("Parameters", Parameters, false),
            ("InputPath", Path, false),
            ("ResultPath", Result, false),
            ("WaitTime", Patience, false),
            ("ExceptionOnActionFailure", Flag, false),
            ("RunAs", Role, false),
            ("Catch", Catch, false),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
    (
        "Pass",
        &[
            ("Parameters", Parameters, false),
            ("InputPath", Path, false),
            ("Result", Object, false),
            ("ResultPath", Result, false),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
    (
        "ExpressionEval",
        &[
            ("Parameters", Parameters, true),
            ("ResultPath", Result, true),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
    ("Choice", &[("Choices", Choices, true), ("Default", Text, false)]),
    (
        "Wait",
        &[
            ("Seconds", Seconds, false),
            ("SecondsPath", Path, false),
            ("Timestamp", Moment, false),
            ("TimestampPath", Path, false),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
    (
        "Fail",
        &[
            ("Error", Text, false),
            ("ErrorPath", Path, false),
            ("Cause", Text, false),
            ("CausePath", Path, false),
        ],
    ),
    (
        "CreateWebInput",
        &[
            ("Parameters", Parameters, false),
            ("InputPath", Path, false),
            ("ResultPath", Result, false),
            ("Catch", Catch, false),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
    (
        "AwaitWebInput",
        &[
            ("Parameters", Parameters, false),
            ("InputPath", Path, false),
            ("ResultPath", Result, false),
            ("Catch", Catch, false),
            ("Next", Text, false),
            ("End", Flag, false),
        ],
    ),
];

/// Checks a definition member by member.
pub(super) fn definition(report: &mut Report, definition: &Value, at: &Place) {
    let Some(members) = object(report, definition, at) else { return };
    unknown(report, members, &["Comment", "StartAt", "States"], at);
    if let Some(comment) = members.get("Comment") {
        text(report, comment, &at.member("Comment"));
    }
    match members.get("StartAt") {
        Some(start) => {
            text(report, start, &at.member("StartAt"));
        }
        None => missing(report, "StartAt", at),
    }
    let Some(states) = members.get("States") else { return missing(report, "States", at) };
    let at = at.member("States");
    let Some(states) = object(report, states, &at) else { return };
    if states.is_empty() {
        report.add(&at, "there must be a state");
    }
    for (name, value) in states {
        let at = at.member(name);
        let length = name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) {
            report.add(
                &at,
                format!("the name of a state has 1 to {LONGEST_NAME} characters, this one has {length}"),
            );
        }
        report.state.clone_from(name);
        state(report, value, &at);
    }
}

fn state(report: &mut Report, value: &Value, at: &Place) {
    let Some(members) = object(report, value, at) else { return };
    let Some(kind) = members.get("Type") else { return missing(report, "Type", at) };
    let Some(kind) = text(report, kind, &at.member("Type")) else { return };
    let Some((kind, properties)) = TYPES.iter().find(|(known, _)| *known == kind) else {
        let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
        return report.add(
            &at.member("Type"),
            format!("there is no type of state {kind:?}; there are {}", known.join(", ")),
        );
    };
    for (name, value) in members {
        let at = at.member(name);
        match (name.as_str(), properties.iter().find(|(known, ..)| known == name)) {
            ("Type", _) => {}
            ("Comment", _) => {
                text(report, value, &at);
            }
            (_, Some((_, held, _))) => property(report, *held, value, &at),
            (_, None) => report.add(&at, format!("a state of type {kind} has no such property")),
        }
    }
    for (name, _, required) in *properties {
        if *required && !members.contains_key(*name) {
            missing(report, name, at);
        }
    }
    together(report, kind, members, at);
}

/// Checks what properties say together.
fn together(report: &mut Report, kind: &str, members: &Map<String, Value>, at: &Place) {
    let given = |names: &[&str]| names.iter().filter(|name| members.contains_key(**name)).count();
    match kind {
        "Action" => {
            if given(&["ActionUrl", "Handler"]) != 1 {
                report.add(at, "an Action has either ActionUrl or Handler");
            }
            if given(&["Parameters", "InputPath"]) != 1 {
                report.add(at, "an Action has either Parameters or InputPath");
            }
            if members.contains_key("ActionScope") && members.contains_key("Handler") {
                report
                    .add(&at.member("ActionScope"), "goes with ActionUrl; a Handler has a Scope of its own");
            }
        }
        "Wait" if given(&["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]) != 1 => {
            report.add(at, "a Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath");
        }
        "Fail" => {
            for (constant, path) in [("Error", "ErrorPath"), ("Cause", "CausePath")] {
                if given(&[constant, path]) == 2 {
                    report.add(at, format!("a Fail has {constant} or {path}, not both"));
                }
            }
        }
        _ => {}
    }
    if !matches!(kind, "Choice" | "Fail") {
        let ends = members.get("End") == Some(&Value::Bool(true));
        if ends == members.contains_key("Next") {
            report.add(at, r#"a state has either a "Next" state or "End": true"#);
        }
    }
}

fn property(report: &mut Report, kind: Kind, value: &Value, at: &Place) {
    match kind {
        Text => {
            text(report, value, at);
        }
        Flag => {
            if !value.is_boolean() {
                wrong(report, "true or false", value, at);
            }
        }
        Patience => {
            if value.as_u64().is_none_or(|seconds| seconds == 0) {
                wrong(report, "a whole number of seconds, at least 1", value, at);
            }
        }
        Role => {
            if text(report, value, at).is_some_and(str::is_empty) {
                report.add(at, "an Action runs as \"User\", \"Flow\" or the name of a role");
            }
        }
        Seconds => {
            if value.as_u64().is_none_or(|seconds| seconds > LONGEST_WAIT) {
                wrong(report, &format!("a whole number of seconds, at most {LONGEST_WAIT}"), value, at);
            }
        }
        Moment => {
            if value.as_str().is_none_or(|moment| moment.parse::<Timestamp>().is_err()) {
                wrong(report, "a moment as RFC 3339 writes it, 2026-05-04T15:22:33Z, say", value, at);
            }
        }
        Object => {
            object(report, value, at);
        }
        Parameters => {
            if object(report, value, at).is_some() {
                parameters(report, value, at, 0);
            }
        }
        Path => read_path(report, value, at),
        Result => result_path(report, value, at),
        Url => {
            if let Some(address) = text(report, value, at)
                && !is_address(address)
            {
                report.add(at, "the address of an action provider begins with https://");
            }
        }
        Handler => handler(report, value, at),
        Choices => choices::check(report, value, at),
        Catch => catch(report, value, at),
    }
}

fn is_address(address: &str) -> bool {
    if let Some(rest) = address.strip_prefix("https://") {
        return !rest.is_empty();
    }
    // The emulator's action providers, on this machine.
    address.strip_prefix("http://").is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        let host =
            host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
        matches!(host, "127.0.0.1" | "localhost" | "[::1]")
    })
}

fn handler(report: &mut Report, value: &Value, at: &Place) {
    if let Some(handle) = value.as_str() {
        if !handle.starts_with(HANDLE) {
            report.add(at, format!("a handle begins with {HANDLE}"));
        }
        return;
    }
    let Some(members) = value.as_object() else { return wrong(report, "a handle or an object", value, at) };
    let Some(kind) = members.get("Type") else { return missing(report, "Type", at) };
    let required = match kind.as_str() {
        Some("ActionProvider") => {
            unknown(report, members, &["Type", "Url", "Scope"], at);
            if let Some(scope) = members.get("Scope") {
                text(report, scope, &at.member("Scope"));
            }
            "Url"
        }
        Some("RegisteredAPI") => {
            unknown(report, members, &["Type", "Id"], at);
            "Id"
        }
        _ => return wrong(report, "ActionProvider or RegisteredAPI", kind, &at.member("Type")),
    };
    match members.get(required) {
        None => missing(report, required, at),
        Some(url) if required == "Url" => property(report, Url, url, &at.member("Url")),
        Some(id) => {
            if !id.as_str().is_some_and(input::is_uuid) {
                wrong(report, "the id of a registered API", id, &at.member("Id"));
            }
        }
    }
}

fn catch(report: &mut Report, value: &Value, at: &Place) {
    let Some(catchers) = value.as_array() else { return wrong(report, "a list of catchers", value, at) };
    for (number, catcher) in catchers.iter().enumerate() {
        let at = at.index(number);
        let Some(members) = object(report, catcher, &at) else { continue };
        unknown(report, members, &["ErrorEquals", "Next", "ResultPath"], &at);
        match members.get("ErrorEquals") {
            None => missing(report, "ErrorEquals", &at),
            Some(errors) => {
                let names = errors.as_array().filter(|names| !names.is_empty());
                if names.is_none_or(|names| !names.iter().all(Value::is_string)) {
                    wrong(report, "a list with the name of an error", errors, &at.member("ErrorEquals"));
                }
            }
        }
        match members.get("Next") {
            None => missing(report, "Next", &at),
            Some(next) => {
                text(report, next, &at.member("Next"));
            }
        }
        if let Some(path) = members.get("ResultPath") {
            result_path(report, path, &at.member("ResultPath"));
        }
    }
}

/// Checks parameters: the end of a name says what its value is.
fn parameters(report: &mut Report, value: &Value, at: &Place, depth: usize) {
    if depth > DEEPEST {
        return report.add(at, format!("parameters are nested more than {DEEPEST} deep"));
    }
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                parameters(report, item, &at.index(number), depth + 1);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let at = at.member(name);
                if is_given_twice(name, members) {
                    report.add(&at, "this parameter is given twice");
                }
                if name == "__Private_Parameters" {
                    let names = value.as_array();
                    if names.is_none_or(|names| !names.iter().all(Value::is_string)) {
                        wrong(report, "a list of names of parameters", value, &at);
                    }
                } else if name.ends_with(".$") {
                    read_path(report, value, &at);
                } else if name.ends_with(".=") {
                    let Some(source) = text(report, value, &at) else { continue };
                    match expression::parse(source) {
                        Ok(keys) => keys.into_iter().for_each(|key| report.read(&at, key)),
                        Err(problem) => report.add(&at, format!("this is no expression: {problem}")),
                    }
                } else {
                    parameters(report, value, &at, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// Tells whether a parameter is there with another end of its name too.
fn is_given_twice(name: &str, members: &Map<String, Value>) -> bool {
    if let Some(base) = name.strip_suffix(".$") {
        return members.contains_key(base);
    }
    let given = |base: &str| members.contains_key(base) || members.contains_key(&format!("{base}.$"));
    name.strip_suffix(".=").is_some_and(given)
}

/// Checks a path at which a state reads.
pub(super) fn read_path(report: &mut Report, value: &Value, at: &Place) {
    let Some(source) = text(report, value, at) else { return };
    match path::parse(source) {
        Ok(path) => {
            if let Some(key) = path.first {
                report.read(at, key);
            }
        }
        Err(problem) => report.add(at, problem),
    }
}

/// Checks a path at which a state writes.
fn result_path(report: &mut Report, value: &Value, at: &Place) {
    let Some(source) = text(report, value, at) else { return };
    match path::parse(source) {
        Ok(path) if !path.single => {
            report.add(at, "a result goes to one place: this path may lead to several");
        }
        Ok(path) if path.first.as_deref() == Some("_context") => {
            report.add(at, "`$._context` is the service's, and cannot be written");
        }
        Ok(_) => {}
        Err(problem) => report.add(at, problem),
    }
}

pub(super) fn text<'v>(report: &mut Report, value: &'v Value, at: &Place) -> Option<&'v str> {
    let found = value.as_str();
    if found.is_none() {
        wrong(report, "text", value, at);
    }
    found
}

pub(super) fn object<'v>(
    report: &mut Report,
    value: &'v Value,
    at: &Place,
) -> Option<&'v Map<String, Value>> {
    let found = value.as_object();
    if found.is_none() {
        wrong(report, "an object", value, at);
    }
    found
}

pub(super) fn missing(report: &mut Report, name: &str, at: &Place) {
    report.add(at, format!("{name} is missing"));
}

pub(super) fn wrong(report: &mut Report, expected: &str, found: &Value, at: &Place) {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    report.add(at, format!("this must be {expected}; it is {found}"));
}

fn unknown(report: &mut Report, members: &Map<String, Value>, known: &[&str], at: &Place) {
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        report.add(&at.member(name), format!("there is no such member; there are {}", known.join(", ")));
    }
}
