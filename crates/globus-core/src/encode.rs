//! How values become text in paths, queries and forms.

use std::{borrow::Cow, fmt::Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but letters, digits and `_ . - ~`: what the services' own clients escape.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// Adds `/` and one path segment, escaped.
///
/// Says what is wrong with a value that is no segment: an empty one would change which resource is meant, and `.`
/// and `..` would climb to another one.
pub(crate) fn push_segment(path: &mut String, value: &str) -> Result<(), &'static str> {
    match value {
        "" => Err("is empty"),
        "." | ".." => Err("is a dot segment, which would lead to another resource"),
        _ => {
            path.push('/');
            let _ = write!(path, "{}", utf8_percent_encode(value, ESCAPED));
            Ok(())
        }
    }
}

/// Adds `name=value` pairs in form encoding: a space is `+`.
pub(crate) fn push_pairs(text: &mut String, pairs: &[(Cow<'static, str>, String)]) {
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            text.push('&');
        }
        push_form(text, name);
        text.push('=');
        push_form(text, value);
    }
}

fn push_form(text: &mut String, value: &str) {
    for (position, word) in value.split(' ').enumerate() {
        if position > 0 {
            text.push('+');
        }
        let _ = write!(text, "{}", utf8_percent_encode(word, ESCAPED));
    }
}

/// Says how an operation writes a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
#[expect(clippy::exhaustive_enums, reason = "for the request! macro only")]
pub enum Flag {
    /// `1` and `0`.
    Digit,
    /// `true` and `false`.
    Word,
    /// `True` and `False`.
    Python,
}

impl Flag {
    #[doc(hidden)]
    #[must_use]
    pub const fn text(self, value: bool) -> &'static str {
        match (self, value) {
            (Self::Digit, true) => "1",
            (Self::Digit, false) => "0",
            (Self::Word, true) => "true",
            (Self::Word, false) => "false",
            (Self::Python, true) => "True",
            (Self::Python, false) => "False",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_add_a_segment_or_a_query() {
        for (value, expected) in [
            ("plain_1.2-3~4", "/plain_1.2-3~4"),
            ("a/b", "/a%2Fb"),
            ("a?b=c&d", "/a%3Fb%3Dc%26d"),
            ("%2e%2e", "/%252e%252e"),
            ("a b", "/a%20b"),
            ("ü", "/%C3%BC"),
            ("...", "/..."),
            ("\r\n", "/%0D%0A"),
        ] {
            let mut path = String::new();
            push_segment(&mut path, value).unwrap();
            assert_eq!(path, expected);
            let url = url::Url::parse(&format!("https://h{path}/end")).unwrap();
            assert_eq!(url.path(), format!("{expected}/end"));
        }
        for value in ["", ".", ".."] {
            assert!(push_segment(&mut String::new(), value).is_err(), "{value}");
        }
    }

    #[test]
    fn queries_are_form_encoded() {
        let mut text = String::new();
        push_pairs(
            &mut text,
            &[
                ("filter[a]".into(), "name:~*.txt".into()),
                ("orderby".into(), "size DESC".into()),
                ("e".into(), String::new()),
            ],
        );
        assert_eq!(text, "filter%5Ba%5D=name%3A~%2A.txt&orderby=size+DESC&e=");
    }
}
