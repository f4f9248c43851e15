//! The provider that evaluates expressions.

use serde_json::{Map, Value, json};

use super::Stage;
use crate::flows::expression;
use crate::flows::path::Path;

/// Evaluates one expression, or a list of them, each over its arguments.
pub(super) fn evaluate(body: &Value) -> Stage {
    let one = [body.clone()];
    let expressions = match body.get("expressions").and_then(Value::as_array) {
        Some(list) => &list[..],
        None if body.get("expression").is_some() => &one,
        None => return Stage::failure("BadActionRequest", "expression or expressions is required"),
    };
    let mut details = json!({});
    for entry in expressions {
        if let Err(text) = evaluate_into(entry, &mut details) {
            return Stage::failure("ExpressionFailed", text);
        }
    }
    Stage::Succeeded(details)
}

fn evaluate_into(entry: &Value, details: &mut Value) -> Result<(), String> {
    let text = entry.get("expression").and_then(Value::as_str).unwrap_or_default();
    let arguments = entry.get("arguments").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let expression = expression::parse(text).map_err(|fault| format!("{text}: {fault}"))?;
    let value = expression::evaluate(&expression, &arguments, &json!({}))
        .map_err(|fault| format!("{text}: {fault}"))?;
    let path = entry.get("result_path").and_then(Value::as_str).unwrap_or("result");
    let path = if path.starts_with('$') { path.to_owned() } else { format!("$.{path}") };
    let path = Path::parse_writable(&path).map_err(|fault| fault.to_string())?;
    path.write(details, value).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_where_they_are_wanted() {
        let body = json!({"expression": "x + 1", "arguments": {"x": 2}});
        assert_eq!(evaluate(&body), Stage::Succeeded(json!({"result": 3})));
        let body = json!({"expressions": [
            {"expression": "1", "result_path": "$.a.b"},
            {"expression": "'x' * 2", "result_path": "c"},
        ]});
        assert_eq!(evaluate(&body), Stage::Succeeded(json!({"a": {"b": 1}, "c": "xx"})));
        for body in
            [json!({}), json!({"expression": "y"}), json!({"expression": "1", "result_path": "$.a[*]"})]
        {
            assert!(matches!(evaluate(&body), Stage::Failed(_)), "{body}");
        }
    }
}
