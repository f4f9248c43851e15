//! The rules of Choice states.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Checker;
use super::state::{path, reference};
use crate::flows::choice::{Family, Operator};

/// How deep rules may be nested.
const DEEPEST: usize = 32;

pub(super) fn check(checker: &mut Checker<'_>, state: &Map<String, Value>, states: &Map<String, Value>) {
    if let Some(default) = state.get("Default") {
        reference(&mut checker.at("Default"), default, states);
    }
    let Some(rules) = state.get("Choices") else { return };
    let mut checker = checker.at("Choices");
    let rules = checker.list(rules);
    if rules.is_some_and(Vec::is_empty) {
        checker.value_error("a state of type 'Choice' has at least one rule");
    }
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let mut checker = checker.at(index);
        match rule.get("Next") {
            None if rule.is_object() => checker.missing("Next"),
            None => {}
            Some(next) => reference(&mut checker.at("Next"), next, states),
        }
        self::rule(&mut checker, rule, 0);
    }
}

fn rule(checker: &mut Checker<'_>, rule: &Value, depth: usize) {
    if depth > DEEPEST {
        return checker.value_error(format!("rules are nested more than {DEEPEST} levels deep"));
    }
    let Some(members) = checker.object(rule) else { return };
    let is_common = |name: &str| name == "Comment" || name == "Next" && depth == 0;
    let mut operators = 0;
    for (name, value) in members.iter().filter(|(name, _)| !is_common(name)) {
        let mut checker = checker.at(name.as_str());
        match name.as_str() {
            "And" | "Or" => {
                operators += 1;
                let rules = checker.list(value);
                if rules.is_some_and(Vec::is_empty) {
                    checker.value_error(format!("{name} has at least one rule"));
                }
                for (index, rule) in rules.into_iter().flatten().enumerate() {
                    self::rule(&mut checker.at(index), rule, depth + 1);
                }
            }
            "Not" => {
                operators += 1;
                self::rule(&mut checker, value, depth + 1);
            }
            "Variable" => path(&mut checker, value, false),
            _ => match Operator::parse(name) {
                Some(operator) => {
                    operators += 1;
                    operand(&mut checker, operator, value);
                }
                None => checker.fault("extra fields not permitted", "value_error.extra"),
            },
        }
    }
    let joins = ["And", "Or", "Not"].iter().any(|name| members.contains_key(*name));
    match (operators, joins, members.contains_key("Variable")) {
        (1, true, false) | (1, false, true) => {}
        (1, false, false) => checker.missing("Variable"),
        _ => {
            checker
                .value_error("a rule has exactly one operator, and a Variable unless it joins other rules");
        }
    }
}

fn operand(checker: &mut Checker<'_>, operator: Operator<'_>, value: &Value) {
    if operator.by_path {
        return path(checker, value, false);
    }
    let (fits, what) = match operator.family {
        Family::Text | Family::Pattern => (value.is_string(), "a string"),
        Family::Number => (value.is_number(), "a number"),
        Family::Flag | Family::Test => (value.is_boolean(), "true or false"),
        Family::Time => (
            value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            "a time such as 2026-05-04T15:22:33Z",
        ),
    };
    if !fits {
        checker.value_error(format!("the operator compares with {what}"));
    }
}
