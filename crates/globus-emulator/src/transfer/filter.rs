//! The filter language of `ls`, `task_list` and `event_list`: clauses `field:value` joined by `/`, all of which
//! must hold; several filters of one request are alternatives.

use jiff::Timestamp;

use super::glob::{Glob, Syntax};
use super::times;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any of some words.
    Word,
    /// Names: exact, `~` with wildcards, `!` not.
    Text,
    /// The same, but wildcards match in upper and lower case.
    TextIgnoringCase,
    /// `>n`, `<n`, `>=n`, `<=n`, `=n` or `n`.
    Number,
    /// `start,end`; either may be blank.
    Time,
    /// `0` or `1`.
    Flag,
}

/// The fields that a list can be filtered by.
pub(crate) type Fields = &'static [(&'static str, Kind)];

/// The value of a field of one entry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Time(Timestamp),
    Flag(bool),
    /// The entry has no value there: only negative patterns hold.
    Missing,
}

/// The filters of one request.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    alternatives: Vec<Vec<(&'static str, Test)>>,
}

#[derive(Debug)]
enum Test {
    Words(Vec<String>),
    Text { positive: Vec<Pattern>, negative: Vec<Pattern> },
    Number(Vec<(Comparison, u64)>),
    Time { start: Option<Timestamp>, end: Option<Timestamp> },
    Flag(bool),
}

#[derive(Debug)]
enum Pattern {
    Exact(String),
    Wild(Glob),
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Filter {
    /// Reads the filter parameters of a request. Blank ones count as not given.
    pub(crate) fn parse<'a>(
        parameters: impl IntoIterator<Item = &'a str>,
        fields: Fields,
    ) -> Result<Filter, String> {
        let mut alternatives = Vec::new();
        for parameter in parameters {
            if parameter.trim().is_empty() {
                continue;
            }
            let clauses = parameter.split('/').filter(|clause| !clause.is_empty());
            alternatives.push(clauses.map(|clause| parse_clause(clause, fields)).collect::<Result<_, _>>()?);
        }
        Ok(Filter { alternatives })
    }

    /// Whether an entry passes; `value` looks up its fields.
    pub(crate) fn matches<'a>(&self, value: impl Fn(&'static str) -> Value<'a>) -> bool {
        self.alternatives.is_empty()
            || self
                .alternatives
                .iter()
                .any(|clauses| clauses.iter().all(|(field, test)| test.holds(value(field))))
    }
}

fn parse_clause(clause: &str, fields: Fields) -> Result<(&'static str, Test), String> {
    let Some((name, value)) = clause.split_once(':') else {
        return Err(format!("Invalid filter clause '{clause}': expected 'field:value'"));
    };
    let Some((field, kind)) = fields.iter().find(|(field, _)| *field == name.trim()) else {
        let known: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
        return Err(format!("Invalid filter field '{name}': expected one of {}", known.join(", ")));
    };
    let invalid = |expected: &str| format!("Invalid value '{value}' for filter field '{field}': {expected}");
    let test = match kind {
        Kind::Word => Test::Words(value.split(',').map(|word| word.trim().to_owned()).collect()),
        Kind::Text => parse_patterns(value, false),
        Kind::TextIgnoringCase => parse_patterns(value, true),
        Kind::Number => Test::Number(
            value
                .split(',')
                .map(parse_number)
                .collect::<Option<_>>()
                .ok_or_else(|| invalid("expected a number with <, >, <=, >= or = before it"))?,
        ),
        Kind::Time => {
            let (start, end) = value.split_once(',').unwrap_or((value, ""));
            let bound = |value: &str| match value.trim() {
                "" => Ok(None),
                value => {
                    times::parse(value).map(Some).ok_or_else(|| invalid("expected 'start,end' in ISO 8601"))
                }
            };
            Test::Time { start: bound(start)?, end: bound(end)? }
        }
        Kind::Flag => Test::Flag(super::query::parse_flag(value).ok_or_else(|| invalid("expected 0 or 1"))?),
    };
    Ok((field, test))
}

fn parse_patterns(text: &str, ignore_case: bool) -> Test {
    let mut positive = Vec::new();
    let mut negative = Vec::new();
    for value in text.split(',') {
        let (side, value) = match value.strip_prefix('!') {
            Some(rest) => (&mut negative, rest),
            None => (&mut positive, value),
        };
        side.push(match value.strip_prefix('~') {
            Some(pattern) => {
                let glob = Glob::new(pattern, Syntax::Wildcard);
                Pattern::Wild(if ignore_case { glob.ignoring_case() } else { glob })
            }
            None => Pattern::Exact(value.strip_prefix('=').unwrap_or(value).to_owned()),
        });
    }
    Test::Text { positive, negative }
}

fn parse_number(text: &str) -> Option<(Comparison, u64)> {
    let text = text.trim();
    for (sign, comparison) in [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        (">", Comparison::More),
        ("<", Comparison::Less),
        ("=", Comparison::Equal),
        ("", Comparison::Equal),
    ] {
        if let Some(number) = text.strip_prefix(sign) {
            return Some((comparison, number.trim().parse().ok()?));
        }
    }
    None
}

impl Test {
    fn holds(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Test::Words(words), Value::Text(text)) => words.iter().any(|word| word == text),
            (Test::Text { positive, negative }, Value::Text(text)) => {
                (positive.is_empty() || positive.iter().any(|pattern| pattern.matches(text)))
                    && !negative.iter().any(|pattern| pattern.matches(text))
            }
            (Test::Text { positive, .. }, Value::Missing) => positive.is_empty(),
            (Test::Number(tests), Value::Number(number)) => {
                tests.iter().any(|(comparison, bound)| comparison.holds(number, *bound))
            }
            (Test::Time { start, end }, Value::Time(time)) => {
                start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end)
            }
            (Test::Time { start: None, end: None }, Value::Missing) => true,
            (Test::Flag(wanted), Value::Flag(flag)) => *wanted == flag,
            _ => false,
        }
    }
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Exact(exact) => exact == text,
            Pattern::Wild(glob) => glob.matches(text),
        }
    }
}

impl Comparison {
    fn holds(self, number: u64, bound: u64) -> bool {
        match self {
            Comparison::Less => number < bound,
            Comparison::AtMost => number <= bound,
            Comparison::Equal => number == bound,
            Comparison::AtLeast => number >= bound,
            Comparison::More => number > bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields = &[
        ("name", Kind::Text),
        ("label", Kind::TextIgnoringCase),
        ("type", Kind::Word),
        ("size", Kind::Number),
        ("last_modified", Kind::Time),
        ("is_error", Kind::Flag),
    ];

    /// An entry `Run.csv`, a file of 100 bytes of 2021-06-01.
    fn passes(filters: &[&str]) -> bool {
        let filter = Filter::parse(filters.iter().copied(), FIELDS).unwrap();
        filter.matches(|field| match field {
            "name" | "label" => Value::Text("Run.csv"),
            "type" => Value::Text("file"),
            "size" => Value::Number(100),
            "last_modified" => Value::Time(times::parse("2021-06-01T12:00:00Z").unwrap()),
            "is_error" => Value::Flag(true),
            _ => Value::Missing,
        })
    }

    #[test]
    fn one_clause() {
        for (filter, expected) in [
            ("", true),
            ("type:file", true),
            ("type:dir", false),
            ("type:dir,file", true),
            ("name:Run.csv", true),
            ("name:=Run.csv", true),
            ("name:run.csv", false),
            ("name:a,Run.csv", true),
            ("name:~*.csv", true),
            ("name:~*.CSV", false),
            ("name:~R??.csv", true),
            ("name:~[R]un.csv", false),
            ("name:!Run.csv", false),
            ("name:!=Run.csv", false),
            ("name:!other", true),
            ("name:!~*.csv", false),
            ("name:!~*.txt", true),
            ("name:~R*,!~*.csv", false),
            ("name:~R*,!~*.txt", true),
            ("name:~X*,!~*.txt", false),
            ("label:~*.CSV", true),
            ("label:RUN.CSV", false),
            ("size:100", true),
            ("size:=100", true),
            ("size:>99", true),
            ("size:>100", false),
            ("size:>=100", true),
            ("size:<100", false),
            ("size:<=100", true),
            ("size:<101", true),
            ("size:<10,>90", true),
            ("last_modified:2021-01-01,", true),
            ("last_modified:,2021-01-01", false),
            ("last_modified:2021-06-01,2021-06-02", true),
            ("last_modified:2021-06-01 12:00:00,2021-06-01T12:00:00Z", true),
            ("last_modified:2021-06-02", false),
            ("last_modified:,", true),
            ("is_error:1", true),
            ("is_error:0", false),
        ] {
            assert_eq!(passes(&[filter]), expected, "{filter}");
        }
    }

    #[test]
    fn clauses_are_anded_and_parameters_ored() {
        assert!(passes(&["type:file/size:>5"]));
        assert!(!passes(&["type:file/size:>500"]));
        assert!(passes(&["type:dir", "name:~*.csv"]));
        assert!(!passes(&["type:dir", "name:~*.txt"]));
        assert!(passes(&["", "type:file"]));
    }

    #[test]
    fn missing_values_pass_only_negations() {
        let holds = |text: &str| Filter::parse([text], FIELDS).unwrap().matches(|_| Value::Missing);
        assert!(holds("label:!a") && holds("label:!~*") && holds("last_modified:,"));
        assert!(!holds("label:~*") && !holds("size:>=0") && !holds("last_modified:2021-01-01,"));
    }

    #[test]
    fn mistakes_are_named() {
        for (filter, says) in [
            ("nonsense", "'field:value'"),
            ("colour:red", "colour"),
            ("size:big", "size"),
            ("size:>", "size"),
            ("size:-1", "size"),
            ("last_modified:yesterday,", "last_modified"),
            ("is_error:maybe", "is_error"),
        ] {
            let error = Filter::parse([filter], FIELDS).unwrap_err();
            assert!(error.contains(says), "{filter}: {error}");
        }
    }
}
