//! `Parameters`: constants, references (`.$`) and expressions (`.=`), and what of them is private.

use serde_json::{Map, Value};

use super::expression;
use super::path::Path;

/// The member that lists the private parameters.
pub(crate) const PRIVATE: &str = "__Private_Parameters";
/// What members of the state begin with that nobody gets to see.
const HIDDEN_PREFIX: &str = "_private";
/// The tokens that are given to a run for its roles.
const TOKENS: &str = "_tokens";

/// How the value of a parameter is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given<'a> {
    Constant(&'a str),
    Reference(&'a str),
    Expression(&'a str),
}

impl<'a> Given<'a> {
    /// Reads the name of a parameter.
    pub(crate) fn of(name: &'a str) -> Given<'a> {
        match (name.strip_suffix(".$"), name.strip_suffix(".=")) {
            (Some(base), _) => Given::Reference(base),
            (_, Some(base)) => Given::Expression(base),
            _ => Given::Constant(name),
        }
    }

    /// The name without the suffix.
    pub(crate) fn base(self) -> &'a str {
        match self {
            Given::Constant(base) | Given::Reference(base) | Given::Expression(base) => base,
        }
    }
}

/// Why parameters have no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParameterFault {
    #[error("{name}: {fault}")]
    Reference { name: String, fault: String },
    #[error("{name}: {fault}")]
    Expression { name: String, fault: String },
}

impl ParameterFault {
    /// The name by which a `Catch` knows it.
    pub(crate) fn error_name(&self) -> &'static str {
        match self {
            ParameterFault::Reference { .. } => "States.ParameterPathFailure",
            ParameterFault::Expression { .. } => "States.IntrinsicFailure",
        }
    }
}

/// Evaluates parameters over the state of a run.
pub(crate) fn evaluate(
    parameters: &Value,
    state: &Map<String, Value>,
    context: &Value,
) -> Result<Value, ParameterFault> {
    match parameters {
        Value::Object(members) => {
            let mut values = Map::new();
            let private = private_names(members);
            for (name, value) in members.iter().filter(|(name, _)| *name != PRIVATE) {
                let given = Given::of(name);
                let value = match (given, value.as_str()) {
                    (Given::Reference(_), Some(text)) => {
                        let found = Path::parse(text).and_then(|path| path.read(state, context));
                        found.map_err(|fault| ParameterFault::Reference {
                            name: name.clone(),
                            fault: fault.to_string(),
                        })?
                    }
                    (Given::Expression(_), Some(text)) => {
                        let found = expression::parse(text)
                            .and_then(|expression| expression::evaluate(&expression, state, context));
                        found.map_err(|fault| ParameterFault::Expression {
                            name: name.clone(),
                            // An expression may hold what it is to keep to itself.
                            fault: if private.contains(&given.base()) {
                                "the private expression cannot be evaluated".to_owned()
                            } else {
                                format!("{fault} in {text}")
                            },
                        })?
                    }
                    _ => evaluate(value, state, context)?,
                };
                values.insert(given.base().to_owned(), value);
            }
            Ok(Value::Object(values))
        }
        Value::Array(items) => items.iter().map(|item| evaluate(item, state, context)).collect(),
        constant => Ok(constant.clone()),
    }
}

/// Returns evaluated parameters as others may see them: without those that are private.
pub(crate) fn shown(parameters: &Value, evaluated: &Value) -> Value {
    match (parameters, evaluated) {
        (Value::Object(given), Value::Object(values)) => {
            let private = private_names(given);
            let member = |name: &str| {
                let found = given.iter().find(|(given, _)| Given::of(given).base() == name);
                found.map_or(&Value::Null, |(_, value)| value)
            };
            let seen =
                values.iter().filter(|(name, _)| !private.contains(&name.as_str()) && !is_hidden(name));
            Value::Object(seen.map(|(name, value)| (name.clone(), shown(member(name), value))).collect())
        }
        (Value::Array(given), Value::Array(values)) if given.len() == values.len() => {
            given.iter().zip(values).map(|(given, value)| shown(given, value)).collect()
        }
        (_, evaluated) => public(evaluated),
    }
}

/// The texts among evaluated parameters that nobody gets to see, longest first.
pub(crate) fn secrets(parameters: &Value, evaluated: &Value) -> Vec<String> {
    fn within(value: &Value, found: &mut Vec<String>) {
        match value {
            // Shorter ones turn up everywhere, and tell nothing.
            Value::String(text) if text.chars().count() >= 4 => {
                found.push(text.clone());
                // As it stands in JSON, where that differs.
                found.extend(serde_json::to_string(text).ok().map(|json| json.trim_matches('"').to_owned()));
            }
            Value::Array(items) => items.iter().for_each(|item| within(item, found)),
            Value::Object(members) => members.values().for_each(|value| within(value, found)),
            _ => {}
        }
    }
    fn search(parameters: &Value, evaluated: &Value, found: &mut Vec<String>) {
        match (parameters, evaluated) {
            (Value::Object(given), Value::Object(values)) => {
                let private = private_names(given);
                for (name, value) in values {
                    if private.contains(&name.as_str()) || is_hidden(name) {
                        within(value, found);
                    } else if let Some((_, given)) =
                        given.iter().find(|(given, _)| Given::of(given).base() == name)
                    {
                        search(given, value, found);
                    }
                }
            }
            (Value::Array(given), Value::Array(values)) if given.len() == values.len() => {
                given.iter().zip(values).for_each(|(given, value)| search(given, value, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    search(parameters, evaluated, &mut found);
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found
}

/// Returns the definition without the parameters that it marks as private.
pub(crate) fn without_private(definition: &Value) -> Value {
    match definition {
        Value::Object(members) => {
            let private = private_names(members);
            let seen = members
                .iter()
                .filter(|(name, _)| *name != PRIVATE && !private.contains(&Given::of(name).base()));
            Value::Object(seen.map(|(name, value)| (name.clone(), without_private(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_private).collect(),
        other => other.clone(),
    }
}

/// Returns a value without the members that nobody gets to see: `_private…`, and tokens.
pub(crate) fn public(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let seen = members.iter().filter(|(name, _)| !is_hidden(name));
            Value::Object(seen.map(|(name, value)| (name.clone(), public(value))).collect())
        }
        Value::Array(items) => items.iter().map(public).collect(),
        other => other.clone(),
    }
}

/// Whether a path leads through a member that nobody gets to see.
pub(crate) fn is_hidden_path(path: &str) -> bool {
    path.split(['.', '[', ']', '\'', '"']).any(|part| part.starts_with(HIDDEN_PREFIX))
}

fn is_hidden(name: &str) -> bool {
    name.starts_with(HIDDEN_PREFIX) || name == PRIVATE || name == TOKENS
}

fn private_names(members: &Map<String, Value>) -> Vec<&str> {
    let names = members.get(PRIVATE).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(|name| Given::of(name).base()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn constants_references_and_expressions_become_values() {
        let state = json!({"a": {"b": 2}, "_private_key": "k"});
        let parameters = json!({
            "constant": {"list": [1, {"deep.$": "$.a.b"}]},
            "reference.$": "$.a",
            "expression.=": "a.b * 2",
            "run.$": "$._context.run_id",
            "key.$": "$._private_key",
            "__Private_Parameters": ["key"],
        });
        let context = json!({"run_id": "r"});
        let values = evaluate(&parameters, state.as_object().unwrap(), &context).unwrap();
        let expected = json!({
            "constant": {"list": [1, {"deep": 2}]}, "reference": {"b": 2}, "expression": 4, "run": "r", "key": "k",
        });
        assert_eq!(values, expected);
        let mut seen = expected;
        seen.as_object_mut().unwrap().remove("key");
        assert_eq!(shown(&parameters, &values), seen);
    }

    #[test]
    fn what_is_missing_has_the_name_that_a_catch_knows() {
        let state = Map::new();
        let fault = |parameters: Value| evaluate(&parameters, &state, &Value::Null).unwrap_err();
        assert_eq!(fault(json!({"x.$": "$.nothing"})).error_name(), "States.ParameterPathFailure");
        assert_eq!(fault(json!({"a": [{"x.=": "nothing"}]})).error_name(), "States.IntrinsicFailure");
        assert!(fault(json!({"x.=": "1 +"})).to_string().starts_with("x.=: SyntaxError"));
    }

    #[test]
    fn what_is_private_is_hidden_at_every_level() {
        let value = json!({"a": 1, "_private_b": 2, "c": [{"_private": 3, "d": 4}], "_tokens": {"r": "t"}});
        assert_eq!(public(&value), json!({"a": 1, "c": [{"d": 4}]}));
        let parameters = json!({"outer": {"key.=": "1 + 1", "__Private_Parameters": ["key.="], "open": 1}});
        assert_eq!(without_private(&parameters), json!({"outer": {"open": 1}}));
        let evaluated = json!({"outer": {"key": 2, "open": 1}});
        assert_eq!(shown(&parameters, &evaluated), json!({"outer": {"open": 1}}));
    }
}
