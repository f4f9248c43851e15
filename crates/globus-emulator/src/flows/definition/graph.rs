//! How the states of a sound definition hang together: what is reached, in how many ways, and what each reads.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::flows::error::Invalid;
use crate::flows::expression;
use crate::flows::parameters::Given;
use crate::flows::path::Path;

/// How many steps are taken to count the ways through a flow.
const MOST_STEPS: usize = 100_000;

type States = Map<String, Value>;

/// The states that may come right after one.
fn successors(state: &Value) -> Vec<&str> {
    let rules = state["Choices"].as_array().into_iter().flatten();
    let catchers = state["Catch"].as_array().into_iter().flatten();
    let nexts = rules.chain(catchers).map(|part| &part["Next"]);
    let mut found: Vec<&str> =
        nexts.chain([&state["Next"], &state["Default"]]).filter_map(Value::as_str).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The names of states that no way leads to.
pub(super) fn unreachable(start: &str, states: &States) -> Vec<String> {
    let mut reached = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        for next in states.get(name).map(successors).unwrap_or_default() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    states.keys().filter(|name| !reached.contains(name.as_str())).cloned().collect()
}

/// Counts the ways through a flow that pass no state twice. Stops counting where there are too many.
pub(crate) fn possibilities(definition: &Value) -> usize {
    let Some(states) = definition["States"].as_object() else { return 0 };
    let mut count = 0;
    let mut steps = 0;
    // Each entry: a state on the present way, and what comes after it that was not tried.
    let start = definition["StartAt"].as_str().unwrap_or_default();
    let mut way: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut on_way = BTreeSet::new();
    let mut entering = Some(start);
    loop {
        if let Some(name) = entering.take() {
            steps += 1;
            let state = states.get(name).unwrap_or(&Value::Null);
            let next = successors(state);
            // A Choice without a default may also come to nothing.
            if state["End"] == true || next.is_empty() {
                count += 1;
            }
            on_way.insert(name);
            way.push((name, next));
        }
        if steps >= MOST_STEPS {
            return count.max(1);
        }
        match way.last_mut() {
            None => return count.max(1),
            Some((name, untried)) => match untried.pop() {
                Some(next) if on_way.contains(next) => {}
                Some(next) => entering = Some(next),
                None => {
                    on_way.remove(*name);
                    way.pop();
                }
            },
        }
    }
}

/// Finds what states read though nothing supplies it: no state before, and no input that the schema allows.
///
/// Where an input may have members that the schema does not name, or a state replaces everything, nothing can be
/// said.
pub(crate) fn missing_inputs(definition: &Value, schema: &Value, loc: &[Value]) -> Vec<Invalid> {
    let Some(states) = definition["States"].as_object() else { return Vec::new() };
    if schema["additionalProperties"] != false
        || ["$ref", "allOf", "anyOf", "oneOf", "patternProperties"]
            .iter()
            .any(|name| schema.get(name).is_some())
    {
        return Vec::new();
    }
    let mut supplied: BTreeSet<String> =
        schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
    supplied.insert("_context".to_owned());
    for state in states.values() {
        match written(state) {
            Some(names) => supplied.extend(names),
            None => return Vec::new(),
        }
    }
    let mut faults = Vec::new();
    for (name, state) in states {
        for (field, root) in read(state) {
            if !supplied.contains(&root) {
                let loc = [loc, &["States".into(), name.as_str().into(), field.as_str().into()]].concat();
                let msg = format!("nothing in the flow or its input_schema supplies $.{root}");
                let fault = Invalid::new(&loc, msg, "InvalidAccessPath");
                faults.push(fault.with_context(json!({"field_name": field})));
            }
        }
    }
    faults
}

/// The members of the state of the run that a state writes; `None` when it may write any.
fn written(state: &Value) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut note = |path: &Value| {
        let path = path.as_str().and_then(|path| Path::parse(path).ok());
        match path.as_ref().and_then(Path::root) {
            Some(root) => {
                names.push(root.to_owned());
                true
            }
            None => false,
        }
    };
    let writes = match state["Type"].as_str() {
        Some("Pass") => {
            ["Parameters", "InputPath", "Result", "ResultPath"].iter().any(|name| state.get(name).is_some())
        }
        Some("Choice" | "Wait" | "Fail") => false,
        _ => true,
    };
    // What ends the run may leave whatever it likes.
    if writes && state["End"] != true && !note(&state["ResultPath"]) {
        return None;
    }
    for catcher in state["Catch"].as_array().into_iter().flatten() {
        if !note(&catcher["ResultPath"]) {
            return None;
        }
    }
    Some(names)
}

/// What a state reads: the field that says so, and the member of the state of the run.
fn read(state: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut note = |field: &str, text: &str| {
        if let Some(root) = Path::parse(text).ok().as_ref().and_then(Path::root) {
            found.push((field.to_owned(), root.to_owned()));
        }
    };
    for (name, value) in state.as_object().into_iter().flatten() {
        if name.ends_with("Path") && name != "ResultPath" {
            note(name, value.as_str().unwrap_or_default());
        }
    }
    in_parameters(&state["Parameters"], &mut found);
    found
}

fn in_parameters(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_parameters(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match (Given::of(name), value.as_str()) {
                    (Given::Reference(_), Some(text)) => {
                        if let Some(root) = Path::parse(text).ok().as_ref().and_then(Path::root) {
                            found.push(("Parameters".to_owned(), root.to_owned()));
                        }
                    }
                    (Given::Expression(_), Some(text)) => {
                        if let Ok(expression) = expression::parse(text) {
                            expression
                                .names(&mut |name| found.push(("Parameters".to_owned(), name.to_owned())));
                        }
                    }
                    _ => in_parameters(value, found),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_counted_without_going_round() {
        let one = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
        assert_eq!(possibilities(&one), 1);
        let three = json!({"StartAt": "A", "States": {
            "A": {"Type": "Choice", "Choices": [{"Next": "B"}, {"Next": "C"}], "Default": "D"},
            "B": {"Type": "Pass", "Next": "D"}, "C": {"Type": "Wait", "Next": "D"},
            "D": {"Type": "Pass", "End": true}}});
        assert_eq!(possibilities(&three), 3);
        let round = json!({"StartAt": "A", "States": {
            "A": {"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "D"},
            "B": {"Type": "Pass", "Next": "A"}, "D": {"Type": "Pass", "End": true}}});
        assert_eq!(possibilities(&round), 1);
    }

    #[test]
    fn a_great_many_ways_are_not_counted_for_ever() {
        let mut states = Map::new();
        for level in 0..40 {
            let next = |side: &str| json!({"Next": format!("{side}{}", level + 1)});
            for side in ["a", "b"] {
                states.insert(
                    format!("{side}{level}"),
                    json!({"Type": "Choice", "Choices": [next("a"), next("b")]}),
                );
            }
        }
        for side in ["a", "b"] {
            states.insert(format!("{side}40"), json!({"Type": "Pass", "End": true}));
        }
        assert!(possibilities(&json!({"StartAt": "a0", "States": states})) >= 1);
    }

    #[test]
    fn what_nothing_supplies_is_found() {
        let schema = json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false});
        let wait = |path: &str| {
            json!({"StartAt": "P", "States": {
            "P": {"Type": "Pass", "Parameters": {"x.=": "a + 1"}, "ResultPath": "$.made", "Next": "W"},
            "W": {"Type": "Wait", "SecondsPath": path, "End": true}}})
        };
        assert_eq!(missing_inputs(&wait("$.a"), &schema, &[]), []);
        assert_eq!(missing_inputs(&wait("$.made.x"), &schema, &[]), []);
        assert_eq!(missing_inputs(&wait("$._context.token_info.exp"), &schema, &[]), []);
        assert_eq!(missing_inputs(&wait("$.gone"), &json!({}), &[]), []);
        let faults = missing_inputs(&wait("$.gone"), &schema, &[]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].loc, ["States", "W", "SecondsPath"].map(Value::from));
    }
}
