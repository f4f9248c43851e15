//! From text to tokens.

use super::{Fault, text};

/// A word, a sign or a literal of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Int(i128),
    Float(f64),
    Text(String),
    /// What stands between backticks.
    Path(String),
    Name(String),
    Sign(&'static str),
}

/// Longest first, so that `**` is not read as two stars.
const SIGNS: [&str; 38] = [
    "...", "**=", "//=", "<<=", ">>=", ":=", "->", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "+=",
    "-=", "*=", "/=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{",
    "}", ",",
];
const SINGLE: [&str; 4] = [":", ".", "=", ";"];

/// Splits an expression into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut lexer = Lexer { rest: text, tokens: Vec::new(), open: 0 };
    while lexer.next()? {}
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
    /// How many brackets are open: within them, lines may break.
    open: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<bool, Fault> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\u{c}']);
        let Some(first) = self.rest.chars().next() else { return Ok(false) };
        if matches!(first, '\n' | '\r') {
            if self.open == 0 {
                return Err(Fault::syntax("a line may break within brackets only"));
            }
            self.rest = self.rest.trim_start_matches(['\n', '\r']);
        } else if first == '#' {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = &self.rest[end..];
        } else if first == '`' {
            self.path()?;
        } else if let Some((prefix, quote)) = text_start(self.rest) {
            self.text(prefix, quote)?;
        } else if first.is_alphabetic() || first == '_' {
            let name = self.take(|c| c.is_alphanumeric() || c == '_');
            self.tokens.push(Token::Name(name.to_owned()));
        } else if first.is_ascii_digit()
            || (first == '.' && self.rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            self.number()?;
        } else {
            self.sign(first)?;
        }
        Ok(true)
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn path(&mut self) -> Result<(), Fault> {
        let (path, rest) =
            self.rest[1..].split_once('`').ok_or_else(|| Fault::syntax("a backtick is never closed"))?;
        self.tokens.push(Token::Path(path.to_owned()));
        self.rest = rest;
        Ok(())
    }

    fn text(&mut self, prefix: &str, quote: char) -> Result<(), Fault> {
        let raw = match prefix.to_ascii_lowercase().as_str() {
            "" | "u" => false,
            "r" => true,
            _ => {
                return Err(Fault::unsupported(format!(
                    "{prefix}-strings are not part of the expression language"
                )));
            }
        };
        let body = &self.rest[prefix.len()..];
        let triple: String = [quote; 3].iter().collect();
        let delimiter = if body.starts_with(&triple) { triple } else { quote.to_string() };
        let body = &body[delimiter.len()..];
        let mut from = 0;
        loop {
            let unclosed = || Fault::syntax("a string is never closed");
            let rest = &body[from..];
            let found = rest.find(['\\', quote, '\n']).ok_or_else(unclosed)?;
            let at = &rest[found..];
            if let Some(after) = at.strip_prefix('\\') {
                let skipped = after.chars().next().ok_or_else(unclosed)?;
                from += found + 1 + skipped.len_utf8();
            } else if at.starts_with(&delimiter) {
                let content = &body[..from + found];
                let value = if raw { content.to_owned() } else { text::unescape(content)? };
                self.tokens.push(Token::Text(value));
                self.rest = &at[delimiter.len()..];
                return Ok(());
            } else if at.starts_with('\n') && delimiter.len() == 1 {
                return Err(unclosed());
            } else {
                from += found + 1;
            }
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        let malformed = |text: &str| Fault::syntax(format!("{text} is not a number"));
        let lower = self.rest.get(..2).unwrap_or_default().to_ascii_lowercase();
        let radix = match lower.as_str() {
            "0x" => 16,
            "0o" => 8,
            "0b" => 2,
            _ => 10,
        };
        let text = if radix == 10 {
            let digits = |c: char| c.is_ascii_digit() || c == '_';
            let start = self.rest;
            self.take(digits);
            if self.rest.starts_with('.') {
                self.rest = &self.rest[1..];
                self.take(digits);
            }
            if self.rest.starts_with(['e', 'E']) {
                let exponent = self.rest[1..].trim_start_matches(['+', '-']);
                if exponent.starts_with(|c: char| c.is_ascii_digit()) && self.rest.len() - exponent.len() <= 2
                {
                    self.rest = exponent;
                    self.take(digits);
                }
            }
            &start[..start.len() - self.rest.len()]
        } else {
            self.rest = &self.rest[2..];
            self.take(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if self.rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Err(malformed(&format!("{text}{}", self.rest.chars().next().unwrap_or_default())));
        }
        let inner = if radix == 10 { text } else { text.strip_prefix('_').unwrap_or(text) };
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_digit(radix));
        let between_digits =
            |at: usize| is_digit(inner[..at].chars().next_back()) && is_digit(inner[at + 1..].chars().next());
        if inner.is_empty() || inner.match_indices('_').any(|(at, _)| !between_digits(at)) {
            return Err(malformed(text));
        }
        let digits = inner.replace('_', "");
        let token = if radix == 10 && digits.contains(['.', 'e', 'E']) {
            Token::Float(digits.parse().map_err(|_| malformed(text))?)
        } else {
            if radix == 10
                && digits.len() > 1
                && digits.starts_with('0')
                && digits.contains(|digit| digit != '0')
            {
                return Err(malformed(text));
            }
            if !digits.chars().all(|digit| digit.is_digit(radix)) {
                return Err(malformed(text));
            }
            Token::Int(
                i128::from_str_radix(&digits, radix).map_err(|_| Fault::limit("a number is too large"))?,
            )
        };
        self.tokens.push(token);
        Ok(())
    }

    fn sign(&mut self, first: char) -> Result<(), Fault> {
        let sign = SIGNS.iter().chain(&SINGLE).copied().find(|sign| self.rest.starts_with(sign));
        let sign = sign.ok_or_else(|| Fault::syntax(format!("{first:?} has no place in an expression")))?;
        match sign {
            "(" | "[" | "{" => self.open += 1,
            ")" | "]" | "}" => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.tokens.push(Token::Sign(sign));
        self.rest = &self.rest[sign.len()..];
        Ok(())
    }
}

/// The letters before a string, and its quotation mark, if a string starts here.
fn text_start(rest: &str) -> Option<(&str, char)> {
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    let quote = rest[letters..].chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    (letters <= 2 && rest[..letters].chars().all(|c| "rRuUbBfFtT".contains(c)))
        .then_some((&rest[..letters], quote))
}
