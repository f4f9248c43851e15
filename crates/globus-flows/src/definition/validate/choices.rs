//! The rules of choices.

use globus_core::Timestamp;
use serde_json::Value;

use super::{
    Place, Report,
    structure::{DEEPEST, missing, object, read_path, text, wrong},
};

/// What the operand of an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Text,
    Number,
    Flag,
    Moment,
    Path,
}

/// Finds what an operator compares with; `None` when there is no such operator.
fn operand(operator: &str) -> Option<Operand> {
    const ORDER: [&str; 5] = ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    if matches!(operator, "IsPresent" | "IsNull" | "IsString" | "IsNumeric" | "IsBoolean" | "IsTimestamp") {
        return Some(Operand::Flag);
    }
    if operator == "StringMatches" {
        return Some(Operand::Text);
    }
    let (comparison, with_path) = match operator.strip_suffix("Path") {
        Some(comparison) => (comparison, true),
        None => (operator, false),
    };
    let families = [("String", Operand::Text), ("Numeric", Operand::Number), ("Timestamp", Operand::Moment)];
    let found = if comparison == "BooleanEquals" {
        Some(Operand::Flag)
    } else {
        families
            .into_iter()
            .find(|(family, _)| comparison.strip_prefix(family).is_some_and(|order| ORDER.contains(&order)))
            .map(|(_, operand)| operand)
    };
    found.map(|operand| if with_path { Operand::Path } else { operand })
}

/// Checks the rules of a choice.
pub(super) fn check(report: &mut Report, value: &Value, at: &Place) {
    let Some(rules) = value.as_array() else { return wrong(report, "a list of rules", value, at) };
    if rules.is_empty() {
        report.add(at, "there must be a rule");
    }
    for (number, found) in rules.iter().enumerate() {
        let at = at.index(number);
        if let Some(members) = found.as_object() {
            match members.get("Next") {
                Some(next) => {
                    text(report, next, &at.member("Next"));
                }
                None => missing(report, "Next", &at),
            }
        }
        rule(report, found, &at, 0);
    }
}

fn rule(report: &mut Report, value: &Value, at: &Place, depth: usize) {
    if depth > DEEPEST {
        return report.add(at, format!("rules are nested more than {DEEPEST} deep"));
    }
    let Some(members) = object(report, value, at) else { return };
    if depth > 0 && members.contains_key("Next") {
        report.add(&at.member("Next"), "only the outermost rule says where the run goes on");
    }
    if let Some(comment) = members.get("Comment") {
        text(report, comment, &at.member("Comment"));
    }
    let joined: Vec<&str> =
        ["And", "Or", "Not"].into_iter().filter(|name| members.contains_key(*name)).collect();
    let operators: Vec<&String> = members
        .keys()
        .filter(|name| !matches!(name.as_str(), "Next" | "Comment" | "Variable" | "And" | "Or" | "Not"))
        .collect();
    match joined.as_slice() {
        [] => comparison(report, members, &operators, at),
        [name] if operators.is_empty() && !members.contains_key("Variable") => {
            let (inner, at) = (&members[*name], at.member(name));
            if *name == "Not" {
                return rule(report, inner, &at, depth + 1);
            }
            match inner.as_array() {
                Some(rules) if !rules.is_empty() => {
                    for (number, inner) in rules.iter().enumerate() {
                        rule(report, inner, &at.index(number), depth + 1);
                    }
                }
                Some(_) => report.add(&at, "there must be a rule"),
                None => wrong(report, "a list of rules", inner, &at),
            }
        }
        _ => report.add(at, "a rule is one of And, Or, Not, or a Variable with an operator"),
    }
}

fn comparison(
    report: &mut Report,
    members: &serde_json::Map<String, Value>,
    operators: &[&String],
    at: &Place,
) {
    let [operator] = operators else {
        if members.contains_key("Variable") || !operators.is_empty() {
            let found = operators.len();
            return report.add(at, format!("a rule has exactly one operator; this one has {found}"));
        }
        return report.add(at, "a rule is one of And, Or, Not, or a Variable with an operator");
    };
    let operator = operator.as_str();
    match members.get("Variable") {
        None => missing(report, "Variable", at),
        // What may be absent is what this operator asks for.
        Some(variable) if operator == "IsPresent" => {
            let mut aside = Report::default();
            read_path(&mut aside, variable, &at.member("Variable"));
            report.found.append(&mut aside.found);
        }
        Some(variable) => read_path(report, variable, &at.member("Variable")),
    }
    let (at, value) = (at.member(operator), &members[operator]);
    let Some(expected) = operand(operator) else {
        return report.add(&at, format!("there is no operator {operator:?}"));
    };
    let (fits, words) = match expected {
        Operand::Path => return read_path(report, value, &at),
        Operand::Text => (value.is_string(), "text"),
        Operand::Number => (value.is_number(), "a number"),
        Operand::Flag => (value.is_boolean(), "true or false"),
        Operand::Moment => (
            value.as_str().is_some_and(|moment| moment.parse::<Timestamp>().is_ok()),
            "a moment as RFC 3339 writes it",
        ),
    };
    if !fits {
        wrong(report, words, value, &at);
    }
}

#[cfg(test)]
mod tests {
    use super::{Operand, operand};

    #[test]
    fn there_are_39_operators() {
        let mut known = 0;
        for family in ["String", "Numeric", "Timestamp", "Boolean"] {
            for order in
                ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals", "Matches"]
            {
                for path in ["", "Path"] {
                    known += usize::from(operand(&format!("{family}{order}{path}")).is_some());
                }
            }
        }
        for test in ["Present", "Null", "String", "Numeric", "Boolean", "Timestamp"] {
            known += usize::from(operand(&format!("Is{test}")) == Some(Operand::Flag));
            assert_eq!(operand(&format!("Is{test}Path")), None);
        }
        assert_eq!(known, 39);
        assert_eq!(operand("NumericEqualsPath"), Some(Operand::Path));
        assert_eq!(operand("StringMatchesPath"), None);
    }
}
