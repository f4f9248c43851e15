//! Python's values, as far as JSON and expressions have them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::{Fault, number, text};

/// How deep lists and dicts may be nested when they are compared or written.
const DEEPEST: usize = 200;

/// A value. Lists and dicts are shared: copying one is cheap, and nothing changes them.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Arc<str>),
    List(Arc<Vec<Value>>),
    Tuple(Arc<Vec<Value>>),
    Dict(Arc<Dict>),
}

/// A dict, in the order in which its keys were first set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dict {
    entries: Vec<(Value, Value)>,
    index: HashMap<String, usize>,
}

impl Dict {
    pub(super) fn set(&mut self, key: Value, value: Value) -> Result<(), Fault> {
        let hash = key.hash_text()?;
        if let Some(at) = self.index.get(&hash) {
            self.entries[*at].1 = value;
        } else {
            self.index.insert(hash, self.entries.len());
            self.entries.push((key, value));
        }
        Ok(())
    }

    pub(super) fn get(&self, key: &Value) -> Result<Option<&Value>, Fault> {
        Ok(self.index.get(&key.hash_text()?).map(|at| &self.entries[*at].1))
    }

    pub(super) fn named(&self, name: &str) -> Option<&Value> {
        self.index.get(&format!("s{name}")).map(|at| &self.entries[*at].1)
    }

    pub(super) fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }
}

impl Value {
    pub(super) fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub(super) fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    pub(super) fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Arc::new(items))
    }

    /// The name of the type, as Python's messages give it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Text(_) => "str",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Dict(_) => "dict",
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(items) | Value::Tuple(items) => !items.is_empty(),
            Value::Dict(dict) => !dict.entries.is_empty(),
        }
    }

    /// A whole number: an int, or a bool, which is one.
    pub(super) fn as_int(&self) -> Option<i128> {
        match self {
            Value::Bool(value) => Some(i128::from(*value)),
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_float(&self) -> Option<f64> {
        match self {
            Value::Float(number) => Some(*number),
            other => other.as_int().map(int_to_float),
        }
    }

    /// How big the value is, for the limits.
    pub(super) fn weight(&self) -> usize {
        match self {
            Value::Text(text) => text.len() / 16 + 1,
            Value::List(items) | Value::Tuple(items) => items.len() + 1,
            Value::Dict(dict) => dict.entries.len() + 1,
            _ => 1,
        }
    }

    /// A text that is equal for keys that are equal.
    fn hash_text(&self) -> Result<String, Fault> {
        Ok(match self {
            Value::None => "n".to_owned(),
            Value::Text(text) => format!("s{text}"),
            Value::Float(number) if number.fract() != 0.0 || number.abs() >= 1e38 || number.is_nan() => {
                format!("f{number:e}")
            }
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e38 fits")]
            Value::Float(number) => format!("i{}", *number as i128),
            Value::Bool(_) | Value::Int(_) => format!("i{}", self.as_int().unwrap_or_default()),
            Value::Tuple(items) => {
                let mut text = String::from("t");
                for item in items.iter() {
                    let part = item.hash_text()?;
                    let _ = write!(text, "{}:{part}", part.len());
                }
                text
            }
            Value::List(_) | Value::Dict(_) => {
                return Err(Fault::of_type(format!("unhashable type: '{}'", self.type_name())));
            }
        })
    }

    /// Whether `==` holds.
    pub(super) fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::List(left), Value::List(right)) | (Value::Tuple(left), Value::Tuple(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right.iter()).all(|(left, right)| left.equals(right))
            }
            (Value::Dict(left), Value::Dict(right)) => {
                let same = |(key, value): &(Value, Value)| matches!(right.get(key), Ok(Some(other)) if value.equals(other));
                left.entries.len() == right.entries.len() && left.entries.iter().all(same)
            }
            _ => self.numeric_order(other) == Some(Ordering::Equal),
        }
    }

    /// Compares as `<` and `>` do. `Ok(None)` is a comparison with `nan`.
    pub(super) fn order(&self, other: &Value, symbol: &str) -> Result<Option<Ordering>, Fault> {
        match (self, other) {
            (Value::Text(left), Value::Text(right)) => Ok(Some(left.cmp(right))),
            (Value::List(left), Value::List(right)) | (Value::Tuple(left), Value::Tuple(right)) => {
                for (left, right) in left.iter().zip(right.iter()) {
                    if !left.equals(right) {
                        return left.order(right, symbol);
                    }
                }
                Ok(Some(left.len().cmp(&right.len())))
            }
            _ if self.as_float().is_some() && other.as_float().is_some() => Ok(self.numeric_order(other)),
            _ => Err(Fault::of_type(format!(
                "'{symbol}' not supported between instances of '{}' and '{}'",
                self.type_name(),
                other.type_name()
            ))),
        }
    }

    fn numeric_order(&self, other: &Value) -> Option<Ordering> {
        match (self.as_int(), other.as_int()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            (Some(left), None) => int_and_float(left, other.as_float()?),
            (None, Some(right)) => int_and_float(right, self.as_float()?).map(Ordering::reverse),
            (None, None) => self.as_float()?.partial_cmp(&other.as_float()?),
        }
    }

    /// What `str()` gives.
    pub(super) fn to_text(&self) -> Result<String, Fault> {
        match self {
            Value::Text(text) => Ok(text.to_string()),
            other => other.repr(),
        }
    }

    /// What `repr()` gives.
    pub(crate) fn repr(&self) -> Result<String, Fault> {
        let mut text = String::new();
        self.write_repr(&mut text, 0)?;
        Ok(text)
    }

    fn write_repr(&self, into: &mut String, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match self {
            Value::None => into.push_str("None"),
            Value::Bool(true) => into.push_str("True"),
            Value::Bool(false) => into.push_str("False"),
            Value::Int(number) => {
                let _ = write!(into, "{number}");
            }
            Value::Float(number) => into.push_str(&number::float_repr(*number)),
            Value::Text(text) => text::repr(text, into),
            Value::List(items) | Value::Tuple(items) => {
                let round = matches!(self, Value::Tuple(_));
                into.push(if round { '(' } else { '[' });
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        into.push_str(", ");
                    }
                    item.write_repr(into, depth + 1)?;
                }
                if round && items.len() == 1 {
                    into.push(',');
                }
                into.push(if round { ')' } else { ']' });
            }
            Value::Dict(dict) => {
                into.push('{');
                for (at, (key, value)) in dict.entries.iter().enumerate() {
                    if at > 0 {
                        into.push_str(", ");
                    }
                    key.write_repr(into, depth + 1)?;
                    into.push_str(": ");
                    value.write_repr(into, depth + 1)?;
                }
                into.push('}');
            }
        }
        Ok(())
    }

    pub(crate) fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::None,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => Value::Int(number.into()),
                (None, Some(number)) => Value::Int(number.into()),
                (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::text(text.as_str()),
            Json::Array(items) => Value::list(items.iter().map(Value::from_json).collect()),
            Json::Object(members) => {
                let mut dict = Dict::default();
                for (name, value) in members {
                    dict.index.insert(format!("s{name}"), dict.entries.len());
                    dict.entries.push((Value::text(name.as_str()), Value::from_json(value)));
                }
                Value::Dict(Arc::new(dict))
            }
        }
    }

    /// Writes the value as JSON, the way of Python's `json`: tuples are lists, keys that are no text become one.
    pub(crate) fn to_json(&self) -> Result<Json, Fault> {
        self.json_at(0)
    }

    fn json_at(&self, depth: usize) -> Result<Json, Fault> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        Ok(match self {
            Value::None => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(number) => {
                let number = i64::try_from(*number)
                    .map(Number::from)
                    .or_else(|_| u64::try_from(*number).map(Number::from))
                    .map_err(|_| Fault::limit(format!("{number} is too large for a number of 64 bits")))?;
                Json::Number(number)
            }
            Value::Float(number) => Json::Number(Number::from_f64(*number).ok_or_else(|| {
                Fault::of_value(format!("{} has no form in JSON", number::float_repr(*number)))
            })?),
            Value::Text(text) => Json::String(text.to_string()),
            Value::List(items) | Value::Tuple(items) => {
                Json::Array(items.iter().map(|item| item.json_at(depth + 1)).collect::<Result<_, _>>()?)
            }
            Value::Dict(dict) => {
                let mut members = Map::new();
                for (key, value) in &dict.entries {
                    let name = match key {
                        Value::Text(text) => text.to_string(),
                        Value::None => "null".to_owned(),
                        Value::Bool(value) => value.to_string(),
                        Value::Int(_) | Value::Float(_) => key.repr()?,
                        _ => {
                            return Err(Fault::of_type(format!(
                                "keys must be str, int, float, bool or None, not {}",
                                key.type_name()
                            )));
                        }
                    };
                    members.insert(name, value.json_at(depth + 1)?);
                }
                Json::Object(members)
            }
        })
    }
}

fn too_deep() -> Fault {
    Fault::limit(format!("a value is nested more than {DEEPEST} levels deep"))
}

#[expect(clippy::cast_precision_loss, reason = "Python rounds to the nearest float, too")]
pub(super) fn int_to_float(number: i128) -> f64 {
    number as f64
}

/// Compares exactly: a float may lie between two ints that look alike as floats.
fn int_and_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= 1.7e38 {
        return Some(Ordering::Less);
    }
    if float <= -1.7e38 {
        return Some(Ordering::Greater);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    let whole = float.trunc() as i128;
    Some(int.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}
