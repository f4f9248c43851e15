//! What a flow definition must look like.

use serde_json::{Map, Value};

use super::error::Invalid;

const TYPES: [&str; 8] =
    ["Action", "Pass", "ExpressionEval", "Choice", "Wait", "Fail", "CreateWebInput", "AwaitWebInput"];

/// Finds what is wrong with a definition. `loc` is where it stands in the body.
pub(crate) fn check(definition: &Value, loc: &[Value], faults: &mut Vec<Invalid>) {
    let at = |steps: &[&str]| -> Vec<Value> {
        loc.iter().cloned().chain(steps.iter().map(|step| Value::from(*step))).collect()
    };
    let mut fault = |steps: &[&str], msg: String, kind| faults.push(Invalid::new(&at(steps), msg, kind));
    let Some(definition) = definition.as_object() else {
        fault(&[], "value is not a valid dict".to_owned(), "type_error.dict");
        return;
    };
    for name in definition.keys() {
        if !["StartAt", "States", "Comment"].contains(&name.as_str()) {
            fault(&[name], "extra fields not permitted".to_owned(), "value_error.extra");
        }
    }
    if definition.get("Comment").is_some_and(|comment| !comment.is_string()) {
        fault(&["Comment"], "str type expected".to_owned(), "type_error.str");
    }
    let states = match definition.get("States") {
        None => {
            fault(&["States"], "field required".to_owned(), "value_error.missing");
            None
        }
        Some(Value::Object(states)) if !states.is_empty() => Some(states),
        Some(Value::Object(_)) => {
            fault(&["States"], "a flow must have at least one state".to_owned(), "value_error");
            None
        }
        Some(_) => {
            fault(&["States"], "value is not a valid dict".to_owned(), "type_error.dict");
            None
        }
    };
    match (definition.get("StartAt"), states) {
        (None, _) => fault(&["StartAt"], "field required".to_owned(), "value_error.missing"),
        (Some(Value::String(start)), Some(states)) if !states.contains_key(start) => {
            fault(&["StartAt"], format!("unknown state: {start:?} is not one of States"), "value_error");
        }
        (Some(Value::String(_)), _) => {}
        (Some(_), _) => fault(&["StartAt"], "str type expected".to_owned(), "type_error.str"),
    }
    for (name, state) in states.into_iter().flatten() {
        check_state(name, state, &mut |steps, msg, kind| {
            fault(&[&["States", name], steps].concat(), msg, kind);
        });
    }
}

fn check_state(name: &str, state: &Value, fault: &mut dyn FnMut(&[&str], String, &'static str)) {
    if !(1..=128).contains(&name.chars().count()) {
        fault(&[], "a state name has 1 to 128 characters".to_owned(), "value_error");
    }
    let Some(state) = state.as_object() else {
        fault(&[], "value is not a valid dict".to_owned(), "type_error.dict");
        return;
    };
    match state.get("Type").map(Value::as_str) {
        None => fault(
            &[],
            "Discriminator 'type' is missing in value".to_owned(),
            "value_error.discriminated_union.missing_discriminator",
        ),
        Some(Some(kind)) if TYPES.contains(&kind) => {}
        Some(kind) => {
            let allowed: Vec<String> = TYPES.iter().map(|name| format!("'{name}'")).collect();
            let msg = format!(
                "No match for discriminator 'type' and value '{}' (allowed values: {})",
                kind.unwrap_or("?"),
                allowed.join(", ")
            );
            fault(&[], msg, "value_error.discriminated_union.invalid_discriminator");
        }
    }
}

/// Returns the definition without the parameters that it marks as private.
pub(crate) fn without_private_parameters(definition: &Value) -> Value {
    match definition {
        Value::Object(members) => {
            let private: Vec<&str> = match members.get("__Private_Parameters") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            let hidden = |name: &str| {
                name == "__Private_Parameters" || private.contains(&name.strip_suffix(".$").unwrap_or(name))
            };
            let visible: Map<String, Value> = members
                .iter()
                .filter(|(name, _)| !hidden(name))
                .map(|(name, value)| (name.clone(), without_private_parameters(value)))
                .collect();
            Value::Object(visible)
        }
        Value::Array(items) => items.iter().map(without_private_parameters).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(definition: &Value) -> Vec<(Vec<Value>, &'static str)> {
        let mut faults = Vec::new();
        check(definition, &["definition".into()], &mut faults);
        faults.into_iter().map(|fault| (fault.loc, fault.kind)).collect()
    }

    fn loc(steps: &[&str]) -> Vec<Value> {
        std::iter::once("definition").chain(steps.iter().copied()).map(Value::from).collect()
    }

    #[test]
    fn a_sound_definition_has_no_fault() {
        assert_eq!(
            faults(&json!({"Comment": "c", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})),
            []
        );
    }

    #[test]
    fn every_fault_is_found_where_it_is() {
        for (definition, steps, kind) in [
            (json!([]), &[][..], "type_error.dict"),
            (json!({"StartAt": "A"}), &["States"], "value_error.missing"),
            (json!({"StartAt": "A", "States": {}}), &["States"], "value_error"),
            (json!({"StartAt": "A", "States": []}), &["States"], "type_error.dict"),
            (json!({"States": {"A": {"Type": "Pass"}}}), &["StartAt"], "value_error.missing"),
            (json!({"StartAt": "B", "States": {"A": {"Type": "Pass"}}}), &["StartAt"], "value_error"),
            (json!({"StartAt": 1, "States": {"A": {"Type": "Pass"}}}), &["StartAt"], "type_error.str"),
            (
                json!({"StartAt": "A", "States": {"A": {"Type": "Pass"}}, "Version": "1"}),
                &["Version"],
                "value_error.extra",
            ),
            (
                json!({"StartAt": "A", "States": {"A": {}}}),
                &["States", "A"],
                "value_error.discriminated_union.missing_discriminator",
            ),
            (
                json!({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
                &["States", "A"],
                "value_error.discriminated_union.invalid_discriminator",
            ),
            (json!({"StartAt": "A", "States": {"A": 1}}), &["States", "A"], "type_error.dict"),
        ] {
            assert_eq!(faults(&definition), [(loc(steps), kind)], "{definition}");
        }
    }

    #[test]
    fn private_parameters_go_with_their_references() {
        let definition = json!({"States": {"A": {"Parameters": {
            "open": 1, "key": "k", "token.$": "$.t", "__Private_Parameters": ["key", "token"],
        }}}});
        assert_eq!(
            without_private_parameters(&definition),
            json!({"States": {"A": {"Parameters": {"open": 1}}}})
        );
    }
}
