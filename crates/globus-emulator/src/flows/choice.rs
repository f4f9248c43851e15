//! Choice rules: comparisons of values of the state, joined by And, Or and Not.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::path::{Path, PathFault};

/// What kind of values an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    /// `StringMatches`, whose pattern has `*`.
    Pattern,
    Number,
    Flag,
    Time,
    /// `IsPresent` and its like, which take `true` or `false`.
    Test,
}

/// An operator, read from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator<'a> {
    pub(crate) family: Family,
    relation: &'a str,
    /// The value is found by a path.
    pub(crate) by_path: bool,
}

const RELATIONS: [&str; 5] = ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
const TESTS: [&str; 6] = ["IsPresent", "IsNull", "IsString", "IsNumeric", "IsBoolean", "IsTimestamp"];

impl<'a> Operator<'a> {
    /// Reads the name of an operator; there are 39 of them.
    pub(crate) fn parse(name: &'a str) -> Option<Operator<'a>> {
        if TESTS.contains(&name) {
            return Some(Operator { family: Family::Test, relation: name, by_path: false });
        }
        if name == "StringMatches" {
            return Some(Operator { family: Family::Pattern, relation: name, by_path: false });
        }
        let (name, by_path) = name.strip_suffix("Path").map_or((name, false), |name| (name, true));
        let families = [
            ("String", Family::Text),
            ("Numeric", Family::Number),
            ("Boolean", Family::Flag),
            ("Timestamp", Family::Time),
        ];
        let (relation, family) =
            families.into_iter().find_map(|(prefix, family)| Some((name.strip_prefix(prefix)?, family)))?;
        let known = RELATIONS.contains(&relation) && (family != Family::Flag || relation == "Equals");
        known.then_some(Operator { family, relation, by_path })
    }

    fn holds(self, left: &Value, right: &Value) -> bool {
        use std::cmp::Ordering;
        let order = match self.family {
            Family::Pattern => {
                return matches!((left, right), (Value::String(left), Value::String(right)) if matches(left, right));
            }
            Family::Test => return self.test(left) == right.as_bool(),
            Family::Text => left.as_str().zip(right.as_str()).map(|(left, right)| left.cmp(right)),
            Family::Flag => left.as_bool().zip(right.as_bool()).map(|(left, right)| left.cmp(&right)),
            Family::Time => time(left).zip(time(right)).map(|(left, right)| left.cmp(&right)),
            Family::Number => numbers(left, right),
        };
        order.is_some_and(|order| match self.relation {
            "LessThan" => order == Ordering::Less,
            "LessThanEquals" => order != Ordering::Greater,
            "GreaterThan" => order == Ordering::Greater,
            "GreaterThanEquals" => order != Ordering::Less,
            _ => order == Ordering::Equal,
        })
    }

    fn test(self, value: &Value) -> Option<bool> {
        Some(match self.relation {
            "IsPresent" => true,
            "IsNull" => value.is_null(),
            "IsString" => value.is_string(),
            "IsNumeric" => value.is_number(),
            "IsBoolean" => value.is_boolean(),
            "IsTimestamp" => time(value).is_some(),
            _ => return None,
        })
    }
}

fn numbers(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Whether a text matches a pattern in which `*` stands for anything, and `\*` for a star.
fn matches(text: &str, pattern: &str) -> bool {
    let mut parts: Vec<String> = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match (c, parts.last_mut()) {
            ('*', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(characters.next()),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some((last, middle)) = rest.split_last() else { return text == first };
    let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match left.find(part.as_str()) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last.as_str())
}

/// Why no rule could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChoiceFault {
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error("a rule of the Choice state cannot be read")]
    Malformed,
}

/// Tells whether a rule holds.
pub(crate) fn holds(rule: &Value, state: &Map<String, Value>, context: &Value) -> Result<bool, ChoiceFault> {
    let rule = rule.as_object().ok_or(ChoiceFault::Malformed)?;
    if let Some(rules) = rule.get("And").and_then(Value::as_array) {
        for rule in rules {
            if !holds(rule, state, context)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let Some(rules) = rule.get("Or").and_then(Value::as_array) {
        for rule in rules {
            if holds(rule, state, context)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(rule) = rule.get("Not") {
        return holds(rule, state, context).map(|held| !held);
    }
    let read = |path: &Value| {
        let path = path.as_str().ok_or(ChoiceFault::Malformed)?;
        Ok::<_, ChoiceFault>(Path::parse(path)?.read(state, context)?)
    };
    let variable = rule.get("Variable").ok_or(ChoiceFault::Malformed)?;
    let found = rule.iter().find_map(|(name, value)| Some((Operator::parse(name)?, value)));
    let (operator, value) = found.ok_or(ChoiceFault::Malformed)?;
    match (read(variable), operator.relation) {
        (Err(ChoiceFault::Path(PathFault::Missing(_))), "IsPresent") => Ok(value == false),
        (Err(fault), _) => Err(fault),
        (Ok(left), _) if operator.by_path => Ok(operator.holds(&left, &read(value)?)),
        (Ok(left), _) => Ok(operator.holds(&left, value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(rule: &Value) -> Result<bool, ChoiceFault> {
        let state = json!({
            "s": "abc", "t": "abd", "n": 5, "f": 5.5, "b": true, "z": null, "when": "2026-01-02T03:04:05Z",
            "later": "2026-01-02T05:04:05+01:00",
        });
        holds(rule, state.as_object().unwrap(), &Value::Null)
    }

    #[test]
    fn there_are_39_operators() {
        let mut names: Vec<String> = TESTS.iter().map(ToString::to_string).collect();
        names.push("StringMatches".to_owned());
        for family in ["String", "Numeric", "Timestamp", "Boolean"] {
            for relation in RELATIONS {
                names.extend([format!("{family}{relation}"), format!("{family}{relation}Path")]);
            }
        }
        assert_eq!(names.iter().filter(|name| Operator::parse(name).is_some()).count(), 39);
        for name in ["StringMatchesPath", "IsPresentPath", "BooleanLessThan", "Equals", "And", ""] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }

    #[test]
    fn every_family_compares() {
        for (variable, operator, value, expected) in [
            ("s", "StringEquals", json!("abc"), true),
            ("s", "StringLessThanPath", json!("$.t"), true),
            ("t", "StringGreaterThanEquals", json!("abc"), true),
            ("s", "StringMatches", json!("a*c"), true),
            ("s", "StringMatches", json!("a\\*c"), false),
            ("n", "NumericEquals", json!(5.0), true),
            ("n", "NumericLessThanPath", json!("$.f"), true),
            ("f", "NumericGreaterThan", json!(6), false),
            ("n", "NumericLessThanEquals", json!(5), true),
            ("b", "BooleanEquals", json!(true), true),
            ("b", "BooleanEqualsPath", json!("$.b"), true),
            ("when", "TimestampEqualsPath", json!("$.later"), false),
            ("when", "TimestampLessThan", json!("2026-01-02T03:04:05.001Z"), true),
            ("later", "TimestampGreaterThanPath", json!("$.when"), true),
            ("n", "StringEquals", json!("5"), false),
            ("s", "NumericEquals", json!(1), false),
            ("z", "IsNull", json!(true), true),
            ("z", "IsPresent", json!(true), true),
            ("gone", "IsPresent", json!(true), false),
            ("gone", "IsPresent", json!(false), true),
            ("s", "IsString", json!(true), true),
            ("n", "IsNumeric", json!(false), false),
            ("b", "IsBoolean", json!(true), true),
            ("when", "IsTimestamp", json!(true), true),
            ("s", "IsTimestamp", json!(false), true),
        ] {
            let rule = json!({"Variable": format!("$.{variable}"), operator: value});
            assert_eq!(check(&rule), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn rules_are_joined_lazily() {
        let yes = json!({"Variable": "$.n", "NumericEquals": 5});
        let no = json!({"Variable": "$.n", "NumericEquals": 6});
        let missing = json!({"Variable": "$.gone", "NumericEquals": 6});
        assert_eq!(check(&json!({"And": [yes, no, missing]})), Ok(false));
        assert_eq!(check(&json!({"Or": [no, yes, missing]})), Ok(true));
        assert_eq!(check(&json!({"Not": {"And": [yes, yes]}})), Ok(false));
        assert!(matches!(check(&missing), Err(ChoiceFault::Path(PathFault::Missing(_)))));
    }

    #[test]
    fn stars_stand_for_anything() {
        for (text, pattern, expected) in [
            ("log-2026.txt", "log-*.txt", true),
            ("log-2026.csv", "log-*.txt", false),
            ("a*b", "a\\*b", true),
            ("aXb", "a\\*b", false),
            ("", "*", true),
            ("abab", "ab*ab", true),
            ("aba", "ab*ba", false),
            ("abcbc", "*b*c", true),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }
}
