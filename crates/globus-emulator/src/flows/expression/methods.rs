//! The methods that expressions can call: those of strings, lists and dicts that change nothing.

use super::Fault;
use super::eval::LONGEST_TEXT;
use super::value::Value;

/// What says that a value has no parts.
pub(super) fn not_subscriptable(value: &Value) -> Fault {
    Fault::of_type(format!("'{}' object is not subscriptable", value.type_name()))
}

/// Calls a method.
pub(super) fn call(
    receiver: &Value,
    name: &str,
    arguments: &[Value],
    named: &[(&str, Value)],
) -> Result<Value, Fault> {
    let found = match receiver {
        Value::Text(text) => of_text(text, name, arguments, named)?,
        Value::List(items) | Value::Tuple(items) => {
            no_keywords(name, named, of_items(items, name, arguments)?)?
        }
        Value::Dict(dict) => {
            let found = match (name, arguments) {
                ("get", [key]) => Some(dict.get(key)?.cloned().unwrap_or(Value::None)),
                ("get", [key, default]) => Some(dict.get(key)?.unwrap_or(default).clone()),
                ("keys", []) => Some(dict.entries().iter().map(|(key, _)| key.clone()).collect()),
                ("values", []) => Some(dict.entries().iter().map(|(_, value)| value.clone()).collect()),
                ("items", []) => {
                    let pair = |(key, value): &(Value, Value)| Value::tuple(vec![key.clone(), value.clone()]);
                    Some(dict.entries().iter().map(pair).collect())
                }
                _ => None,
            };
            no_keywords(name, named, found)?
        }
        Value::Float(number) if name == "is_integer" && arguments.is_empty() => {
            Some(Value::Bool(number.fract() == 0.0))
        }
        _ => None,
    };
    found.ok_or_else(|| unknown(receiver, name, arguments))
}

impl FromIterator<Value> for Value {
    fn from_iter<T: IntoIterator<Item = Value>>(items: T) -> Value {
        Value::list(items.into_iter().collect())
    }
}

fn no_keywords(name: &str, named: &[(&str, Value)], found: Option<Value>) -> Result<Option<Value>, Fault> {
    match named.first() {
        Some((keyword, _)) if found.is_some() => {
            Err(Fault::of_type(format!("{name}() got an unexpected keyword argument '{keyword}'")))
        }
        _ => Ok(found),
    }
}

fn unknown(receiver: &Value, name: &str, arguments: &[Value]) -> Fault {
    const CHANGING: [&str; 9] =
        ["append", "extend", "insert", "remove", "pop", "sort", "reverse", "update", "clear"];
    const TEXT: [&str; 2] = ["format", "format_map"];
    let of = receiver.type_name();
    if matches!(receiver, Value::Text(_)) && TEXT.contains(&name) {
        return Fault::unsupported(format!("the method {name} cannot be called"));
    }
    if CHANGING.contains(&name) && matches!(receiver, Value::List(_) | Value::Dict(_)) {
        return Fault::unsupported(format!("{of}.{name}() would change a value, which no expression can"));
    }
    let known = match receiver {
        Value::Text(_) => TEXT_METHODS.contains(&name),
        Value::List(_) | Value::Tuple(_) => ["index", "count"].contains(&name),
        Value::Dict(_) => ["get", "keys", "values", "items"].contains(&name),
        _ => false,
    };
    if known {
        let types: Vec<&str> = arguments.iter().map(Value::type_name).collect();
        return Fault::of_type(format!("{of}.{name}() does not take ({})", types.join(", ")));
    }
    if let Value::Dict(dict) = receiver
        && let Some(value) = dict.named(name)
    {
        return Fault::of_type(format!("'{}' object is not callable", value.type_name()));
    }
    Fault::new("AttributeError", format!("'{of}' object has no attribute '{name}'"))
}

fn of_items(items: &[Value], name: &str, arguments: &[Value]) -> Result<Option<Value>, Fault> {
    match (name, arguments) {
        ("count", [wanted]) => Ok(Some(int(items.iter().filter(|item| item.equals(wanted)).count()))),
        ("index", [wanted]) => match items.iter().position(|item| item.equals(wanted)) {
            Some(at) => Ok(Some(int(at))),
            None => Err(Fault::of_value(format!("{} is not in list", wanted.repr()?))),
        },
        _ => Ok(None),
    }
}

fn int(number: usize) -> Value {
    Value::Int(i128::try_from(number).unwrap_or(i128::MAX))
}

const TEXT_METHODS: [&str; 39] = [
    "split",
    "rsplit",
    "splitlines",
    "partition",
    "rpartition",
    "strip",
    "lstrip",
    "rstrip",
    "startswith",
    "endswith",
    "lower",
    "upper",
    "casefold",
    "title",
    "capitalize",
    "swapcase",
    "replace",
    "join",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "isdigit",
    "isdecimal",
    "isnumeric",
    "isalpha",
    "isalnum",
    "isspace",
    "islower",
    "isupper",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "removeprefix",
    "removesuffix",
    "isascii",
    "istitle",
];

fn of_text(
    text: &str,
    name: &str,
    arguments: &[Value],
    named: &[(&str, Value)],
) -> Result<Option<Value>, Fault> {
    if matches!(name, "split" | "rsplit") {
        return split(text, name == "rsplit", arguments, named).map(Some);
    }
    if name == "splitlines" {
        let keep = match (arguments, named) {
            ([], []) => false,
            ([keep], []) | ([], [("keepends", keep)]) => keep.is_true(),
            _ => return Ok(None),
        };
        return Ok(Some(lines(text, keep)));
    }
    let found = match (name, arguments) {
        ("partition", [Value::Text(separator)]) => Some(partition(text, separator, false)?),
        ("rpartition", [Value::Text(separator)]) => Some(partition(text, separator, true)?),
        ("strip" | "lstrip" | "rstrip", [] | [Value::None | Value::Text(_)]) => {
            let unwanted = |c: char| match arguments.first() {
                Some(Value::Text(characters)) => characters.contains(c),
                _ => is_space(c),
            };
            Some(Value::text(match name {
                "strip" => text.trim_matches(unwanted),
                "lstrip" => text.trim_start_matches(unwanted),
                _ => text.trim_end_matches(unwanted),
            }))
        }
        ("startswith" | "endswith", [affix]) => {
            Some(Value::Bool(has_affix(text, affix, name == "startswith")?))
        }
        ("removeprefix", [Value::Text(affix)]) => {
            Some(Value::text(text.strip_prefix(&**affix).unwrap_or(text)))
        }
        ("removesuffix", [Value::Text(affix)]) => {
            Some(Value::text(text.strip_suffix(&**affix).unwrap_or(text)))
        }
        ("lower" | "casefold", []) => Some(Value::text(text.to_lowercase())),
        ("upper", []) => Some(Value::text(text.to_uppercase())),
        ("title", []) => Some(Value::text(title(text))),
        ("capitalize", []) => {
            let mut rest = text.chars();
            let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
            Some(Value::text(first + &rest.as_str().to_lowercase()))
        }
        ("swapcase", []) => {
            let swap = |c: char| -> String {
                if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
            };
            Some(Value::text(text.chars().map(swap).collect::<String>()))
        }
        ("replace", [Value::Text(old), Value::Text(new)]) => Some(replace(text, old, new, None)?),
        ("replace", [Value::Text(old), Value::Text(new), count]) => match count.as_int() {
            Some(count) => Some(replace(text, old, new, usize::try_from(count).ok())?),
            None => None,
        },
        ("join", [parts]) => Some(join(text, parts)?),
        ("find" | "rfind" | "index" | "rindex" | "count", [Value::Text(part)]) => {
            Some(search(text, name, part)?)
        }
        ("zfill", [width]) => width.as_int().map(|width| zfill(text, width)).transpose()?,
        ("ljust" | "rjust" | "center", [width]) => {
            width.as_int().map(|width| pad(text, name, width, " ")).transpose()?
        }
        ("ljust" | "rjust" | "center", [width, Value::Text(fill)]) if fill.chars().count() == 1 => {
            width.as_int().map(|width| pad(text, name, width, fill)).transpose()?
        }
        (_, []) => test(text, name).map(Value::Bool),
        _ => None,
    };
    no_keywords(name, named, found)
}

/// The methods that answer yes or no.
fn test(text: &str, name: &str) -> Option<bool> {
    let all = |wanted: fn(char) -> bool| !text.is_empty() && text.chars().all(wanted);
    let cased = |other: fn(char) -> bool| {
        text.chars().any(|c| c.is_lowercase() || c.is_uppercase()) && !text.chars().any(other)
    };
    Some(match name {
        "isdigit" | "isdecimal" | "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(is_space),
        "isascii" => text.is_ascii(),
        "islower" => cased(char::is_uppercase),
        "isupper" => cased(char::is_lowercase),
        "istitle" => text == title(text) && text.chars().any(char::is_alphabetic),
        _ => return None,
    })
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn split(text: &str, from_right: bool, arguments: &[Value], named: &[(&str, Value)]) -> Result<Value, Fault> {
    let name = if from_right { "rsplit" } else { "split" };
    let refused = || Fault::of_type(format!("str.{name}() takes a separator and a number of splits"));
    let mut separator = arguments.first().cloned();
    let mut most = arguments.get(1).cloned();
    for (keyword, value) in named {
        let place = match *keyword {
            "sep" => &mut separator,
            "maxsplit" => &mut most,
            _ => return Err(refused()),
        };
        if place.replace(value.clone()).is_some() {
            return Err(refused());
        }
    }
    if arguments.len() > 2 {
        return Err(refused());
    }
    let most = match most {
        None => usize::MAX,
        Some(most) => usize::try_from(most.as_int().ok_or_else(refused)?).unwrap_or(usize::MAX),
    };
    let parts: Vec<String> = match separator {
        None | Some(Value::None) if from_right => rsplit_spaces(text, most),
        None | Some(Value::None) => split_spaces(text, most),
        Some(Value::Text(separator)) => {
            if separator.is_empty() {
                return Err(Fault::of_value("empty separator"));
            }
            let parts = most.saturating_add(1);
            if from_right {
                let mut parts: Vec<_> = text.rsplitn(parts, &*separator).map(str::to_owned).collect();
                parts.reverse();
                parts
            } else {
                text.splitn(parts, &*separator).map(str::to_owned).collect()
            }
        }
        Some(other) => {
            return Err(Fault::of_type(format!("must be str or None, not {}", other.type_name())));
        }
    };
    Ok(parts.into_iter().map(Value::text).collect())
}

fn split_spaces(text: &str, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            parts.push(rest.to_owned());
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(rest[..end].to_owned());
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

fn rsplit_spaces(text: &str, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            parts.push(rest.to_owned());
            break;
        }
        let start =
            rest.char_indices().rev().find(|(_, c)| is_space(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        parts.push(rest[start..].to_owned());
        rest = rest[..start].trim_end_matches(is_space);
    }
    parts.reverse();
    parts
}

fn lines(text: &str, keep: bool) -> Value {
    let is_break = |c: char| "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}".contains(c);
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, end) = match rest.char_indices().find(|(_, c)| is_break(*c)) {
            None => (rest, rest.len()),
            Some((at, '\r')) if rest[at..].starts_with("\r\n") => (&rest[..at], at + 2),
            Some((at, c)) => (&rest[..at], at + c.len_utf8()),
        };
        lines.push(Value::text(if keep { &rest[..end] } else { line }));
        rest = &rest[end..];
    }
    Value::list(lines)
}

fn partition(text: &str, separator: &str, from_right: bool) -> Result<Value, Fault> {
    if separator.is_empty() {
        return Err(Fault::of_value("empty separator"));
    }
    let found = if from_right { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match found {
        Some((before, after)) => [before, separator, after],
        None if from_right => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::tuple(parts.into_iter().map(Value::text).collect()))
}

fn has_affix(text: &str, affix: &Value, at_start: bool) -> Result<bool, Fault> {
    let one = |affix: &str| if at_start { text.starts_with(affix) } else { text.ends_with(affix) };
    let name = if at_start { "startswith" } else { "endswith" };
    match affix {
        Value::Text(affix) => Ok(one(affix)),
        Value::Tuple(affixes) => affixes.iter().try_fold(false, |found, affix| match affix {
            Value::Text(affix) => Ok(found || one(affix)),
            other => Err(Fault::of_type(format!(
                "tuple for {name} must only contain str, not {}",
                other.type_name()
            ))),
        }),
        other => Err(Fault::of_type(format!(
            "{name} first arg must be str or a tuple of str, not {}",
            other.type_name()
        ))),
    }
}

fn title(text: &str) -> String {
    let mut inside = false;
    let mut titled = String::with_capacity(text.len());
    for c in text.chars() {
        if inside {
            titled.extend(c.to_lowercase());
        } else {
            titled.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    titled
}

fn replace(text: &str, old: &str, new: &str, most: Option<usize>) -> Result<Value, Fault> {
    let count = most.unwrap_or(usize::MAX);
    let found = if old.is_empty() { text.chars().count() + 1 } else { text.matches(old).count() };
    fits(text.len().saturating_add(found.min(count).saturating_mul(new.len())))?;
    Ok(Value::text(text.replacen(old, new, count)))
}

fn fits(length: usize) -> Result<(), Fault> {
    if length > LONGEST_TEXT {
        return Err(Fault::limit(format!("a string is longer than {LONGEST_TEXT} bytes")));
    }
    Ok(())
}

fn join(separator: &str, parts: &Value) -> Result<Value, Fault> {
    let parts = super::operators::items(parts).map_err(|_| Fault::of_type("can only join an iterable"))?;
    let mut joined = String::new();
    for (at, part) in parts.iter().enumerate() {
        let Value::Text(part) = part else {
            return Err(Fault::of_type(format!(
                "sequence item {at}: expected str instance, {} found",
                part.type_name()
            )));
        };
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
        fits(joined.len())?;
    }
    Ok(Value::text(joined))
}

fn search(text: &str, name: &str, part: &str) -> Result<Value, Fault> {
    if name == "count" {
        let count = if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() };
        return Ok(int(count));
    }
    let found = if name.starts_with('r') { text.rfind(part) } else { text.find(part) };
    match found {
        Some(at) => Ok(int(text[..at].chars().count())),
        None if name.ends_with("find") => Ok(Value::Int(-1)),
        None => Err(Fault::of_value("substring not found")),
    }
}

/// How many characters a text lacks to have this width.
fn lacking(text: &str, width: i128) -> Result<usize, Fault> {
    let width = usize::try_from(width.max(0)).unwrap_or(usize::MAX);
    let lacking = width.saturating_sub(text.chars().count());
    fits(lacking.saturating_add(text.len()))?;
    Ok(lacking)
}

fn zfill(text: &str, width: i128) -> Result<Value, Fault> {
    let zeros = "0".repeat(lacking(text, width)?);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = &text[..text.len() - digits.len()];
    Ok(Value::text(format!("{sign}{zeros}{digits}")))
}

fn pad(text: &str, name: &str, width: i128, fill: &str) -> Result<Value, Fault> {
    let lacking = lacking(text, width)?;
    let left = match name {
        "ljust" => 0,
        "rjust" => lacking,
        // Python gives the odd one to the left where the width is odd.
        _ => lacking / 2 + (lacking & usize::try_from(width).unwrap_or_default() & 1),
    };
    Ok(Value::text(format!("{}{text}{}", fill.repeat(left), fill.repeat(lacking - left))))
}
