//! The functions that expressions can call.

use super::ast::Expr;
use super::eval::Evaluator;
use super::value::Value;
use super::{Fault, number};

const NAMES: [&str; 9] =
    ["pathsplit", "is_present", "getattr", "str", "len", "int", "float", "rand", "randint"];

pub(super) fn is_function(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function.
pub(super) fn call(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: &[Value],
    named: &[(&str, Value)],
) -> Result<Value, Fault> {
    let default = match (name, named) {
        (_, []) => None,
        ("getattr", [("default", value)]) => Some(value),
        (_, [(other, _), ..]) => {
            return Err(Fault::of_type(format!("{name}() got an unexpected keyword argument '{other}'")));
        }
    };
    match (name, arguments) {
        ("pathsplit", [Value::Text(path)]) => {
            let (directory, last) = pathsplit(path);
            Ok(Value::list(vec![Value::text(directory), Value::text(last)]))
        }
        ("is_present", [Value::Text(path)]) => Ok(Value::Bool(look_up(evaluator, path)?.is_some())),
        ("getattr", [Value::Text(path)]) => {
            Ok(look_up(evaluator, path)?.or_else(|| default.cloned()).unwrap_or(Value::None))
        }
        ("getattr", [Value::Text(path), fallback]) if default.is_none() => {
            Ok(look_up(evaluator, path)?.unwrap_or_else(|| fallback.clone()))
        }
        ("str", []) => Ok(Value::text("")),
        ("str", [value]) => Ok(Value::text(value.to_text()?)),
        ("len", [value]) => length(value),
        ("int", []) => Ok(Value::Int(0)),
        ("int", [value]) => int(value),
        ("int", [Value::Text(text), base]) => int_of_base(text, base),
        ("float", []) => Ok(Value::Float(0.0)),
        ("float", [value]) => float(value),
        ("rand", []) => Ok(Value::Float(random())),
        ("randint", [top]) => match top.as_int().filter(|top| *top > 0) {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "any number below it will do"
            )]
            Some(top) => Ok(Value::Int((random() * top as f64) as i128)),
            None => Err(Fault::of_value("randint() takes a whole number above 0")),
        },
        _ if is_function(name) => {
            let types: Vec<&str> = arguments.iter().map(Value::type_name).collect();
            Err(Fault::of_type(format!("{name}() does not take ({})", types.join(", "))))
        }
        _ => Err(Fault::new("NameError", format!("function '{name}' is not defined"))),
    }
}

/// Splits the last name off a path. `/~/` is a root, and is never split.
fn pathsplit(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let (directory, last) = path.split_at(at);
    let bare = directory.trim_end_matches('/');
    if bare.is_empty() || bare == "/~" { (directory, last) } else { (bare, last) }
}

/// Finds what a text such as `a.b[0]` refers to.
fn look_up(evaluator: &mut Evaluator<'_>, path: &str) -> Result<Option<Value>, Fault> {
    let expression = super::parse(path)?;
    if !is_reference(&expression) {
        return Err(Fault::of_value(format!("'{path}' is not a reference such as 'a.b[0]'")));
    }
    match evaluator.run(&expression) {
        Ok(value) => Ok(Some(value)),
        Err(fault)
            if matches!(
                fault.kind,
                "NameError" | "AttributeError" | "KeyError" | "IndexError" | "TypeError"
            ) =>
        {
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn is_reference(expression: &Expr) -> bool {
    match expression {
        Expr::Name(_) | Expr::Path(_) => true,
        Expr::Attribute(inner, _) => is_reference(inner),
        Expr::Index(inner, index) => {
            let negative =
                |index: &Expr| matches!(index, Expr::Unary(_, inner) if matches!(**inner, Expr::Constant(_)));
            is_reference(inner) && (matches!(**index, Expr::Constant(_)) || negative(index))
        }
        _ => false,
    }
}

fn length(value: &Value) -> Result<Value, Fault> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(items) | Value::Tuple(items) => items.len(),
        Value::Dict(dict) => dict.entries().len(),
        other => return Err(Fault::of_type(format!("object of type '{}' has no len()", other.type_name()))),
    };
    Ok(Value::Int(i128::try_from(length).unwrap_or(i128::MAX)))
}

fn int(value: &Value) -> Result<Value, Fault> {
    let invalid = |text: &str| {
        let mut quoted = String::new();
        super::text::repr(text, &mut quoted);
        Fault::of_value(format!("invalid literal for int() with base 10: {quoted}"))
    };
    match value {
        Value::Float(number) if number.is_nan() => {
            Err(Fault::of_value("cannot convert float NaN to integer"))
        }
        Value::Float(number) if number.is_infinite() => {
            Err(Fault::new("OverflowError", "cannot convert float infinity to integer"))
        }
        Value::Float(number) if number.abs() >= 1.7e38 => Err(Fault::limit("a number is too large")),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
        Value::Float(number) => Ok(Value::Int(number.trunc() as i128)),
        Value::Text(text) => number::read_int(text).map(Value::Int).ok_or_else(|| invalid(text)),
        other => other.as_int().map(Value::Int).ok_or_else(|| {
            Fault::of_type(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                other.type_name()
            ))
        }),
    }
}

fn int_of_base(text: &str, base: &Value) -> Result<Value, Fault> {
    let radix =
        base.as_int().and_then(|base| u32::try_from(base).ok()).filter(|base| (2..=36).contains(base));
    let radix = radix.ok_or_else(|| Fault::of_value("int() base must be >= 2 and <= 36"))?;
    let trimmed = text.trim().to_ascii_lowercase();
    let (sign, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, trimmed.strip_prefix('+').unwrap_or(&trimmed)),
    };
    let prefix = match radix {
        16 => "0x",
        8 => "0o",
        2 => "0b",
        _ => "",
    };
    let digits = digits.strip_prefix(prefix).unwrap_or(digits).replace('_', "");
    i128::from_str_radix(&digits, radix)
        .ok()
        .filter(|_| !digits.starts_with(['+', '-']))
        .map(|number| Value::Int(sign * number))
        .ok_or_else(|| Fault::of_value(format!("invalid literal for int() with base {radix}: '{text}'")))
}

fn float(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Text(text) => number::read_float(text)
            .map(Value::Float)
            .ok_or_else(|| Fault::of_value(format!("could not convert string to float: '{text}'"))),
        other => other.as_float().map(Value::Float).ok_or_else(|| {
            Fault::of_type(format!(
                "float() argument must be a string or a real number, not '{}'",
                other.type_name()
            ))
        }),
    }
}

/// A number from 0 up to 1.
fn random() -> f64 {
    // The first 48 bits of a version 4 UUID are random, and few enough for a float to hold.
    let bits = uuid::Uuid::new_v4().as_u128() >> 80;
    #[expect(clippy::cast_precision_loss, reason = "48 bits fit")]
    let number = bits as f64;
    number / 281_474_976_710_656.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_before_its_last_name() {
        for (path, expected) in [
            ("/foo/bar/x", ("/foo/bar", "x")),
            ("/x", ("/", "x")),
            ("/~/path", ("/~/", "path")),
            ("/~/a/b", ("/~/a", "b")),
            ("/~/", ("/~/", "")),
            ("/a/b/", ("/a/b", "")),
            ("x", ("", "x")),
            ("", ("", "")),
        ] {
            assert_eq!(pathsplit(path), expected, "{path}");
        }
    }

    #[test]
    fn random_numbers_are_in_range() {
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&random()));
        }
    }
}
