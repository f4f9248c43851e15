//! Data templates: JSON in which `{"$T_ref": "$.a.b"}` stands for a value of the data.

use serde_json::{Map, Value};

use crate::flows::error::Invalid;
use crate::flows::path::Path;

/// What a reference is written as.
const REFERENCE: &str = "$T_ref";
/// What the names of everything begin with that is not to be copied.
const PREFIX: &str = "$T_";

/// Finds what is wrong with a template. `loc` is where it stands in the body.
pub(super) fn check(template: &Value, loc: &[Value], faults: &mut Vec<Invalid>) {
    match template {
        Value::Object(members) => {
            for (name, value) in members {
                let loc = [loc, &[name.as_str().into()]].concat();
                if name == REFERENCE {
                    let fault = match value.as_str().map(Path::parse) {
                        _ if members.len() > 1 => Some(format!("{REFERENCE} stands alone in its object")),
                        None => Some(format!("the value of {REFERENCE} is a JSONPath")),
                        Some(Err(fault)) => Some(fault.to_string()),
                        Some(Ok(_)) => None,
                    };
                    faults.extend(fault.map(|msg| Invalid::new(&loc, msg, "value_error")));
                } else if name.starts_with(PREFIX) {
                    let msg = format!("the emulator knows {REFERENCE}, and not {name}");
                    faults.push(Invalid::new(&loc, msg, "value_error"));
                } else {
                    check(value, &loc, faults);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check(item, &[loc, &[index.into()]].concat(), faults);
            }
        }
        _ => {}
    }
}

/// Fills in a template. A reference to what is not there leaves out the member that it would have been; `None` when
/// that is the whole template.
pub(super) fn fill_in(template: &Value, data: &Map<String, Value>) -> Option<Value> {
    let reference = template.get(REFERENCE).and_then(Value::as_str);
    if let Some(path) = reference {
        return Path::parse(path).and_then(|path| path.read(data, &Value::Null)).ok();
    }
    Some(match template {
        Value::Object(members) => {
            let filled =
                members.iter().filter_map(|(name, value)| Some((name.clone(), fill_in(value, data)?)));
            Value::Object(filled.collect())
        }
        Value::Array(items) => items.iter().filter_map(|item| fill_in(item, data)).collect(),
        constant => constant.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_become_values_and_what_is_missing_is_left_out() {
        let data = json!({"id": 7, "deep": {"list": [1, 2]}});
        let filled = |template: Value| fill_in(&template, data.as_object().unwrap());
        assert_eq!(filled(json!({"$T_ref": "$"})), Some(data.clone()));
        let template = json!({"path": {"id": {"$T_ref": "$.id"}}, "query": {"of": {"$T_ref": "$.gone"}},
            "body": [{"$T_ref": "$.deep.list[1]"}, {"$T_ref": "$.gone"}, "constant"]});
        let expected = json!({"path": {"id": 7}, "query": {}, "body": [2, "constant"]});
        assert_eq!(filled(template), Some(expected));
        assert_eq!(filled(json!({"$T_ref": "$.gone"})), None);
    }

    #[test]
    fn what_cannot_be_read_is_found_where_it_is() {
        for (template, loc) in [
            (json!({"a": {"$T_ref": "b"}}), json!(["t", "a", "$T_ref"])),
            (json!([{"$T_ref": 5}]), json!(["t", 0, "$T_ref"])),
            (json!({"$T_ref": "$", "b": 1}), json!(["t", "$T_ref"])),
            (json!({"$T_each": "$.a"}), json!(["t", "$T_each"])),
        ] {
            let mut faults = Vec::new();
            check(&template, &["t".into()], &mut faults);
            assert_eq!(faults.len(), 1, "{template}");
            assert_eq!(json!(faults[0].loc), loc);
        }
        let mut faults = Vec::new();
        check(&json!({"a": [{"$T_ref": "$.a[0]"}, 1, null]}), &[], &mut faults);
        assert_eq!(faults, []);
    }
}
