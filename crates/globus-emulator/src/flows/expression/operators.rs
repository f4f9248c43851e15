//! What the signs mean: arithmetic, comparisons, subscripts.

use super::ast::{Binary, Compare, Unary};
use super::eval::{LONGEST_TEXT, MOST_ITEMS};
use super::value::{Value, int_to_float};
use super::{Fault, methods};

/// What `-`, `+` and `~` make of a value.
pub(super) fn unary(operator: Unary, value: &Value) -> Result<Value, Fault> {
    let symbol = match operator {
        Unary::Minus => "-",
        Unary::Plus => "+",
        Unary::Invert => "~",
        Unary::Not => return Ok(Value::Bool(!value.is_true())),
    };
    match (operator, value, value.as_int()) {
        (Unary::Minus, _, Some(number)) => number.checked_neg().map(Value::Int).ok_or_else(too_large),
        (Unary::Plus, _, Some(number)) => Ok(Value::Int(number)),
        (Unary::Invert, _, Some(number)) => Ok(Value::Int(!number)),
        (Unary::Minus, Value::Float(number), _) => Ok(Value::Float(-number)),
        (Unary::Plus, Value::Float(number), _) => Ok(Value::Float(*number)),
        _ => Err(Fault::of_type(format!("bad operand type for unary {symbol}: '{}'", value.type_name()))),
    }
}

/// What an operator makes of two values.
pub(super) fn binary(operator: Binary, left: &Value, right: &Value) -> Result<Value, Fault> {
    let unsupported = || {
        let name = if operator == Binary::Power { "** or pow()" } else { operator.symbol() };
        Fault::of_type(format!(
            "unsupported operand type(s) for {name}: '{}' and '{}'",
            left.type_name(),
            right.type_name()
        ))
    };
    match (operator, left, right) {
        (Binary::Add, Value::Text(left), Value::Text(right)) => {
            within(left.len() + right.len(), LONGEST_TEXT)?;
            return Ok(Value::text([&**left, right].concat()));
        }
        (Binary::Add, Value::List(left), Value::List(right)) => {
            within(left.len() + right.len(), MOST_ITEMS)?;
            return Ok(Value::list([&left[..], right].concat()));
        }
        (Binary::Add, Value::Tuple(left), Value::Tuple(right)) => {
            within(left.len() + right.len(), MOST_ITEMS)?;
            return Ok(Value::tuple([&left[..], right].concat()));
        }
        (Binary::Multiply, sequence @ (Value::Text(_) | Value::List(_) | Value::Tuple(_)), count)
        | (Binary::Multiply, count, sequence @ (Value::Text(_) | Value::List(_) | Value::Tuple(_))) => {
            let count = count.as_int().ok_or_else(|| {
                Fault::of_type(format!("can't multiply sequence by non-int of type '{}'", count.type_name()))
            })?;
            return repeat(sequence, usize::try_from(count.max(0)).map_err(|_| too_large())?);
        }
        (Binary::Modulo, Value::Text(_), _) => {
            return Err(Fault::unsupported("strings cannot be formatted with %"));
        }
        (Binary::BitOr, Value::Dict(left), Value::Dict(right)) => {
            let mut merged = (**left).clone();
            for (key, value) in right.entries() {
                merged.set(key.clone(), value.clone())?;
            }
            return Ok(Value::Dict(merged.into()));
        }
        _ => {}
    }
    if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
        let both_bool = matches!((left, right), (Value::Bool(_), Value::Bool(_)));
        return integers(operator, a, b, both_bool);
    }
    match (left.as_float(), right.as_float()) {
        (Some(a), Some(b)) => floats(operator, a, b).ok_or_else(unsupported)?,
        _ => Err(unsupported()),
    }
}

fn within(size: usize, most: usize) -> Result<(), Fault> {
    if size > most {
        return Err(Fault::limit(format!("a value has more than {most} characters or items")));
    }
    Ok(())
}

fn repeat(sequence: &Value, count: usize) -> Result<Value, Fault> {
    Ok(match sequence {
        Value::Text(text) => {
            within(text.len().saturating_mul(count), LONGEST_TEXT)?;
            Value::text(text.repeat(if text.is_empty() { 0 } else { count }))
        }
        Value::Tuple(items) => {
            within(items.len().saturating_mul(count), MOST_ITEMS)?;
            Value::tuple(repeated(items, count))
        }
        Value::List(items) => {
            within(items.len().saturating_mul(count), MOST_ITEMS)?;
            Value::list(repeated(items, count))
        }
        other => other.clone(),
    })
}

fn repeated(items: &[Value], count: usize) -> Vec<Value> {
    items.iter().cycle().take(items.len().saturating_mul(count)).cloned().collect()
}

fn too_large() -> Fault {
    Fault::limit("a number is too large: whole numbers have 128 bits here")
}

fn division_by_zero(what: &str) -> Fault {
    Fault::new("ZeroDivisionError", what)
}

fn integers(operator: Binary, left: i128, right: i128, both_bool: bool) -> Result<Value, Fault> {
    let bits = |value: i128| Ok(if both_bool { Value::Bool(value != 0) } else { Value::Int(value) });
    let number = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide if right == 0 => return Err(division_by_zero("division by zero")),
        Binary::Divide => return Ok(Value::Float(int_to_float(left) / int_to_float(right))),
        Binary::FloorDivide | Binary::Modulo if right == 0 => {
            return Err(division_by_zero("integer division or modulo by zero"));
        }
        Binary::FloorDivide => left.checked_div(right).and_then(|quotient| {
            let rounds_up = left % right != 0 && (left < 0) != (right < 0);
            quotient.checked_sub(i128::from(rounds_up))
        }),
        Binary::Modulo => left
            .checked_rem(right)
            .map(|rest| if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }),
        Binary::Power if right < 0 => {
            if left == 0 {
                return Err(division_by_zero("0.0 cannot be raised to a negative power"));
            }
            return Ok(Value::Float(int_to_float(left).powf(int_to_float(right))));
        }
        Binary::Power => match left {
            0 | 1 => Some(if right == 0 { 1 } else { left }),
            -1 => Some(if right % 2 == 0 { 1 } else { -1 }),
            _ => u32::try_from(right).ok().and_then(|exponent| left.checked_pow(exponent)),
        },
        Binary::BitAnd => return bits(left & right),
        Binary::BitOr => return bits(left | right),
        Binary::BitXor => return bits(left ^ right),
        Binary::ShiftLeft | Binary::ShiftRight if right < 0 => {
            return Err(Fault::of_value("negative shift count"));
        }
        Binary::ShiftLeft => u32::try_from(right)
            .ok()
            .filter(|by| left == 0 || *by < left.unsigned_abs().leading_zeros())
            .map(|by| if left == 0 { 0 } else { left << by }),
        Binary::ShiftRight => Some(left >> right.min(127)),
    };
    number.map(Value::Int).ok_or_else(too_large)
}

/// `None`: there is no such operation on floats.
fn floats(operator: Binary, left: f64, right: f64) -> Option<Result<Value, Fault>> {
    let number = match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide if right == 0.0 => return Some(Err(division_by_zero("float division by zero"))),
        Binary::Divide => left / right,
        Binary::FloorDivide if right == 0.0 => {
            return Some(Err(division_by_zero("float floor division by zero")));
        }
        Binary::Modulo if right == 0.0 => return Some(Err(division_by_zero("float modulo"))),
        Binary::FloorDivide => {
            let rest = modulo(left, right);
            ((left - rest) / right).round()
        }
        Binary::Modulo => modulo(left, right),
        Binary::Power if left == 0.0 && right < 0.0 => {
            return Some(Err(division_by_zero("0.0 cannot be raised to a negative power")));
        }
        Binary::Power if left < 0.0 && right.fract() != 0.0 => {
            return Some(Err(Fault::unsupported("complex numbers are not part of the expression language")));
        }
        Binary::Power => {
            let power = left.powf(right);
            if power.is_infinite() && left.is_finite() && right.is_finite() {
                return Some(Err(Fault::new("OverflowError", "(34, 'Numerical result out of range')")));
            }
            power
        }
        _ => return None,
    };
    Some(Ok(Value::Float(number)))
}

fn modulo(left: f64, right: f64) -> f64 {
    let rest = left % right;
    if rest != 0.0 && (rest < 0.0) != (right < 0.0) { rest + right } else { rest }
}

/// Whether a comparison holds.
pub(super) fn compare(operator: Compare, left: &Value, right: &Value) -> Result<bool, Fault> {
    use std::cmp::Ordering;
    let order = |symbol, wanted: fn(Ordering) -> bool| Ok(left.order(right, symbol)?.is_some_and(wanted));
    match operator {
        Compare::Equal => Ok(left.equals(right)),
        Compare::NotEqual => Ok(!left.equals(right)),
        Compare::Less => order("<", Ordering::is_lt),
        Compare::LessEqual => order("<=", Ordering::is_le),
        Compare::Greater => order(">", Ordering::is_gt),
        Compare::GreaterEqual => order(">=", Ordering::is_ge),
        Compare::In => contains(right, left),
        Compare::NotIn => contains(right, left).map(|found| !found),
        Compare::Is => Ok(is(left, right)),
        Compare::IsNot => Ok(!is(left, right)),
    }
}

/// `is` tells apart what `==` does not: `1 is True` is false. It is meant for `None`, `True` and `False`.
fn is(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right) && left.equals(right)
}

fn contains(container: &Value, value: &Value) -> Result<bool, Fault> {
    match (container, value) {
        (Value::Text(text), Value::Text(part)) => Ok(text.contains(&**part)),
        (Value::Text(_), other) => Err(Fault::of_type(format!(
            "'in <string>' requires string as left operand, not {}",
            other.type_name()
        ))),
        (Value::List(items) | Value::Tuple(items), value) => Ok(items.iter().any(|item| item.equals(value))),
        (Value::Dict(dict), key) => Ok(dict.get(key)?.is_some()),
        (other, _) => {
            Err(Fault::of_type(format!("argument of type '{}' is not iterable", other.type_name())))
        }
    }
}

/// What a `for` goes through.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::List(items) | Value::Tuple(items) => Ok(items.to_vec()),
        Value::Dict(dict) => Ok(dict.entries().iter().map(|(key, _)| key.clone()).collect()),
        Value::Text(text) => Ok(text.chars().map(|c| Value::text(c.to_string())).collect()),
        other => Err(Fault::of_type(format!("'{}' object is not iterable", other.type_name()))),
    }
}

/// `value[index]`
pub(super) fn index(value: &Value, index: &Value) -> Result<Value, Fault> {
    let position = |length: usize| {
        let asked = index.as_int().ok_or_else(|| {
            let of = if matches!(value, Value::Text(_)) { "string" } else { value.type_name() };
            Fault::of_type(format!("{of} indices must be integers or slices, not {}", index.type_name()))
        })?;
        let length = i128::try_from(length).unwrap_or(i128::MAX);
        let at = if asked < 0 { asked + length } else { asked };
        usize::try_from(at).ok().filter(|at| i128::try_from(*at).is_ok_and(|at| at < length)).ok_or_else(
            || {
                let of = if matches!(value, Value::Text(_)) { "string" } else { value.type_name() };
                Fault::new("IndexError", format!("{of} index out of range"))
            },
        )
    };
    match value {
        Value::Dict(dict) => {
            let found = dict.get(index)?;
            found.cloned().ok_or_else(|| Fault::new("KeyError", index.repr().unwrap_or_default()))
        }
        Value::List(items) | Value::Tuple(items) => Ok(items[position(items.len())?].clone()),
        Value::Text(text) => {
            let at = position(text.chars().count())?;
            Ok(Value::text(text.chars().nth(at).map(String::from).unwrap_or_default()))
        }
        other => Err(Fault::of_type(format!("'{}' object is not subscriptable", other.type_name()))),
    }
}

/// `value[from:to:step]`
pub(super) fn slice(value: &Value, bounds: &[Option<Value>; 3]) -> Result<Value, Fault> {
    let picked = |length: usize| -> Result<Vec<usize>, Fault> {
        let bound = |bound: &Option<Value>| match bound {
            None | Some(Value::None) => Ok(None),
            Some(value) => value.as_int().map(Some).ok_or_else(|| {
                Fault::of_type("slice indices must be integers or None or have an __index__ method")
            }),
        };
        let length = i128::try_from(length).unwrap_or(i128::MAX);
        let step = bound(&bounds[2])?.unwrap_or(1);
        if step == 0 {
            return Err(Fault::of_value("slice step cannot be zero"));
        }
        let clamp = |at: i128| {
            let at = if at < 0 { at.saturating_add(length) } else { at };
            if step > 0 { at.clamp(0, length) } else { at.clamp(-1, length - 1) }
        };
        let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
        let mut at = bound(&bounds[0])?.map_or(first, clamp);
        let end = bound(&bounds[1])?.map_or(last, clamp);
        let mut positions = Vec::new();
        while (step > 0 && at < end) || (step < 0 && at > end) {
            positions.extend(usize::try_from(at).ok());
            at = at.saturating_add(step);
        }
        Ok(positions)
    };
    match value {
        Value::Text(text) => {
            let characters: Vec<char> = text.chars().collect();
            Ok(Value::text(
                picked(characters.len())?.into_iter().map(|at| characters[at]).collect::<String>(),
            ))
        }
        Value::List(items) => {
            Ok(Value::list(picked(items.len())?.into_iter().map(|at| items[at].clone()).collect()))
        }
        Value::Tuple(items) => {
            Ok(Value::tuple(picked(items.len())?.into_iter().map(|at| items[at].clone()).collect()))
        }
        other => Err(methods::not_subscriptable(other)),
    }
}
