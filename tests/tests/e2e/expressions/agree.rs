//! Whether the SDK, which checks expressions, and the emulator, which evaluates them, read one alike. They share no code.

use globus_emulator::expression;
use serde_json::json;

use super::definition;

/// What Python has and the language perhaps not: the emulator does without, and the SDK holds nobody up for it. How the
/// emulator says it.
const PERHAPS: [&str; 3] =
    ["strings are not part of the expression language", "sets are not part", "cannot be written by name"];
/// What the SDK sees at once, and the emulator when it gets there. How the SDK says it.
const LATER: [&str; 3] =
    ["there is no function", "cannot be called", "only functions and methods can be called"];

/// Says what the SDK finds wrong with an expression.
pub(crate) fn found(text: &str) -> Option<String> {
    let eval =
        json!({"Type": "ExpressionEval", "Parameters": {"x.=": text}, "ResultPath": "$.y", "End": true});
    let findings = definition::validate(&json!({"StartAt": "A", "States": {"A": eval}}), None).err()?;
    let of_expression = findings.iter().find(|finding| finding.path.ends_with("Parameters['x.=']"));
    Some(of_expression.unwrap_or_else(|| panic!("{text:?}: {findings}")).message.clone())
}

/// Says how the two differ over an expression.
pub(crate) fn disagreement(text: &str) -> Option<String> {
    let says = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
    match (found(text), expression::check(text)) {
        (None, Ok(())) | (Some(_), Err(_)) => None,
        // How deep and how long an expression may be is each one's own, and so are the rarer forms of paths.
        (Some(found), Ok(())) if says(&found, &LATER) || says(&found, &["nested more than", "path"]) => None,
        (None, Err(fault)) if fault.kind() == "LimitExceeded" || says(&fault.to_string(), &PERHAPS) => None,
        (None, Err(fault)) if says(&fault.to_string(), &["JSONPath"]) => None,
        (found, checked) => Some(format!("{text:?}: the SDK says {found:?}, the emulator {checked:?}")),
    }
}
