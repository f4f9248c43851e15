//! References into the state of a run: `$.a.b[0]`.

use std::fmt;

use serde_json::{Map, Value};

/// How deep a path may lead.
const MOST_STEPS: usize = 100;

/// A path, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(i64),
    /// `[*]` or `.*`: all items.
    All,
    /// `[from:to]`.
    Range(Option<i64>, Option<i64>),
}

/// Why a path cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathFault {
    #[error("'{0}' is not a JSONPath: it must start with '$.'")]
    Start(String),
    #[error("'{0}' is not a JSONPath: {1}")]
    Malformed(String, String),
    #[error("'{0}' does not name a single place, which a ResultPath must")]
    NotSingle(String),
    #[error("'{0}' cannot be written to: $._context is read-only")]
    ReadOnly(String),
    #[error("The path '{0}' could not be found in the state of the run")]
    Missing(String),
    #[error("The path '{0}' leads through a value that is not an object")]
    Blocked(String),
}

impl Path {
    /// Reads a path.
    pub(crate) fn parse(text: &str) -> Result<Path, PathFault> {
        let malformed = |why: &str| PathFault::Malformed(text.to_owned(), why.to_owned());
        let mut rest = text.strip_prefix('$').ok_or_else(|| PathFault::Start(text.to_owned()))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() >= MOST_STEPS {
                return Err(malformed("it has too many steps"));
            }
            if let Some(after) = rest.strip_prefix('.') {
                if after.starts_with('.') {
                    return Err(malformed("'..' is not supported"));
                }
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let name = &after[..end];
                if name.is_empty()
                    || name.chars().any(|c| c.is_whitespace() || "]()'\"?@,:*".contains(c)) && name != "*"
                {
                    return Err(malformed(
                        "a name is missing or has characters that must be quoted in brackets",
                    ));
                }
                steps.push(if name == "*" { Step::All } else { Step::Name(name.to_owned()) });
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let (step, after) =
                    bracket(after).ok_or_else(|| malformed("what is in brackets cannot be read"))?;
                steps.push(step);
                rest = after;
            } else {
                return Err(PathFault::Start(text.to_owned()));
            }
        }
        Ok(Path { text: text.to_owned(), steps })
    }

    /// Reads a path that names one place which may be written to.
    pub(crate) fn parse_writable(text: &str) -> Result<Path, PathFault> {
        let path = Path::parse(text)?;
        if path.steps.iter().any(|step| matches!(step, Step::All | Step::Range(..))) {
            return Err(PathFault::NotSingle(text.to_owned()));
        }
        if path.root() == Some("_context") {
            return Err(PathFault::ReadOnly(text.to_owned()));
        }
        Ok(path)
    }

    /// The member of the state that the path starts with; `None` when it is the state itself.
    pub(crate) fn root(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether the path names the whole state.
    pub(crate) fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    /// Finds the value. A path with `*` or a range gives the list of all that it matches.
    pub(crate) fn read(&self, state: &Map<String, Value>, context: &Value) -> Result<Value, PathFault> {
        let missing = || PathFault::Missing(self.text.clone());
        let Some((first, rest)) = self.steps.split_first() else { return Ok(Value::Object(state.clone())) };
        let several = self.steps.iter().any(|step| matches!(step, Step::All | Step::Range(..)));
        let mut found: Vec<&Value> = match first {
            Step::Name(name) if name == "_context" => vec![context],
            Step::Name(name) => state.get(name).into_iter().collect(),
            Step::All => state.values().collect(),
            Step::Index(_) | Step::Range(..) => Vec::new(),
        };
        for step in rest {
            found = found.into_iter().flat_map(|value| step.of(value)).collect();
        }
        if several {
            return Ok(found.into_iter().cloned().collect());
        }
        found.first().map(|value| (*value).clone()).ok_or_else(missing)
    }

    /// Puts a value at the path. Objects that are missing on the way are made.
    pub(crate) fn write(&self, state: &mut Value, value: Value) -> Result<(), PathFault> {
        let blocked = || PathFault::Blocked(self.text.clone());
        let mut place = state;
        for step in &self.steps {
            place = match (step, place) {
                (Step::Name(name), Value::Object(members)) => {
                    members.entry(name.as_str()).or_insert(Value::Null)
                }
                (Step::Name(name), place @ Value::Null) => {
                    *place = Value::Object(Map::new());
                    place.as_object_mut().ok_or_else(blocked)?.entry(name.as_str()).or_insert(Value::Null)
                }
                (Step::Index(index), Value::Array(items)) => {
                    let index = position(*index, items.len()).ok_or_else(blocked)?;
                    items.get_mut(index).ok_or_else(blocked)?
                }
                _ => return Err(blocked()),
            };
        }
        *place = value;
        Ok(())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Step {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Step::Name(name), Value::Object(members)) => members.get(name).into_iter().collect(),
            (Step::Index(index), Value::Array(items)) => {
                position(*index, items.len()).and_then(|index| items.get(index)).into_iter().collect()
            }
            (Step::All, Value::Array(items)) => items.iter().collect(),
            (Step::All, Value::Object(members)) => members.values().collect(),
            (Step::Range(from, to), Value::Array(items)) => {
                let bound = |at: &Option<i64>, default| match at {
                    None => default,
                    Some(at) if *at < 0 => {
                        items.len().saturating_sub(at.unsigned_abs().try_into().unwrap_or(usize::MAX))
                    }
                    Some(at) => usize::try_from(*at).unwrap_or(usize::MAX).min(items.len()),
                };
                let (from, to) = (bound(from, 0), bound(to, items.len()));
                items.get(from..to.max(from)).unwrap_or_default().iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    if index < 0 {
        length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
    } else {
        usize::try_from(index).ok()
    }
}

/// Reads what follows an opening bracket; returns what follows the closing one.
fn bracket(text: &str) -> Option<(Step, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, rest) = text[1..].split_once(quote)?;
        return Some((Step::Name(name.to_owned()), rest.strip_prefix(']')?));
    }
    let (inner, rest) = text.split_once(']')?;
    let inner = inner.trim();
    let step = if inner == "*" {
        Step::All
    } else if let Some((from, to)) = inner.split_once(':') {
        let bound =
            |text: &str| if text.trim().is_empty() { Some(None) } else { text.trim().parse().ok().map(Some) };
        Step::Range(bound(from)?, bound(to)?)
    } else {
        Step::Index(inner.parse().ok()?)
    };
    Some((step, rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(path: &str) -> Result<Value, PathFault> {
        let state = json!({"a": {"b": [{"c": 1}, {"c": 2}], "x y": true}, "n": null, "b-c": 3});
        Path::parse(path)?.read(state.as_object().unwrap(), &json!({"run_id": "r"}))
    }

    #[test]
    fn finds_what_is_there() {
        for (path, expected) in [
            ("$.a.b[0].c", json!(1)),
            ("$.a.b[-1].c", json!(2)),
            ("$['a'][\"x y\"]", json!(true)),
            ("$.n", json!(null)),
            ("$.b-c", json!(3)),
            ("$.a.b[*].c", json!([1, 2])),
            ("$.a.b[1:].c", json!([2])),
            ("$.a.b[:-1].c", json!([1])),
            ("$.nothing[*]", json!([])),
            ("$._context.run_id", json!("r")),
        ] {
            assert_eq!(read(path), Ok(expected), "{path}");
        }
        assert!(read("$").unwrap().is_object());
    }

    #[test]
    fn says_what_is_missing_or_malformed() {
        for path in ["$.a.c", "$.a.b[2]", "$.n.x", "$.a.b.c", "$._context.x", "$[0]"] {
            assert_eq!(read(path), Err(PathFault::Missing(path.to_owned())), "{path}");
        }
        for path in ["", "a", "a.b", "$a", "$.", "$..a", "$.a[", "$.a[x]", "$.a['x]", "$.a b", "$.a[?(@.b)]"]
        {
            assert!(matches!(read(path), Err(PathFault::Start(_) | PathFault::Malformed(..))), "{path}");
        }
    }

    #[test]
    fn writes_and_makes_what_is_missing() {
        let write = |path: &str, state: Value| {
            let mut state = state;
            Path::parse_writable(path)?.write(&mut state, json!(1)).map(|()| state)
        };
        assert_eq!(write("$.a.b.c", json!({})), Ok(json!({"a": {"b": {"c": 1}}})));
        assert_eq!(write("$.a", json!({"a": {"b": 2}, "k": 0})), Ok(json!({"a": 1, "k": 0})));
        assert_eq!(write("$", json!({"a": 2})), Ok(json!(1)));
        assert_eq!(write("$.a[1].b", json!({"a": [0, {}]})), Ok(json!({"a": [0, {"b": 1}]})));
        for (path, state) in
            [("$.a.b", json!({"a": "text"})), ("$.a[3]", json!({"a": []})), ("$.a[0]", json!({}))]
        {
            assert_eq!(write(path, state), Err(PathFault::Blocked(path.to_owned())));
        }
        assert!(matches!(Path::parse_writable("$.a[*]"), Err(PathFault::NotSingle(_))));
        assert!(matches!(Path::parse_writable("$._context.a"), Err(PathFault::ReadOnly(_))));
    }
}
