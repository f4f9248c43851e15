//! The words of an expression.

/// One word of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Number,
    Text,
    /// A path in backticks, without them.
    Path(&'a str),
    Operator(&'static str),
}

/// The longer ones first.
const OPERATORS: [&str; 32] = [
    "**", "//", "<<", ">>", "==", "!=", "<=", ">=", ":=", "+", "-", "*", "/", "%", "<", ">", "=", "(", ")",
    "[", "]", "{", "}", ".", ",", ":", "|", "&", "^", "~", "@", ";",
];

/// The words of an expression, and the one that comes next.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    source: &'a str,
    /// Each with the byte at which it begins.
    words: Vec<(Token<'a>, usize)>,
    next: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.words.get(self.next).map(|(token, _)| *token)
    }

    pub(super) fn second(&self) -> Option<Token<'a>> {
        self.words.get(self.next + 1).map(|(token, _)| *token)
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    pub(super) fn is_done(&self) -> bool {
        self.next >= self.words.len()
    }

    /// The character at which the next word begins, from 1.
    pub(super) fn place(&self) -> usize {
        place(self.source, self.words.get(self.next).map_or(self.source.len(), |(_, at)| *at))
    }
}

fn place(source: &str, byte: usize) -> usize {
    source[..byte].chars().count() + 1
}

/// Takes an expression apart.
pub(super) fn read(source: &str) -> Result<Tokens<'_>, String> {
    let end = source.trim_end().len();
    let mut words = Vec::new();
    let mut open = 0_usize;
    let mut at = source.len() - source.trim_start().len();
    while at < end {
        let rest = &source[at..end];
        let Some(first) = rest.chars().next() else { break };
        if matches!(first, '\n' | '\r') && open == 0 {
            return Err(format!("a new line needs brackets around it, at character {}", place(source, at)));
        }
        if matches!(first, ' ' | '\t' | '\u{c}' | '\n' | '\r') {
            at += first.len_utf8();
            continue;
        }
        if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (token, length) = token(rest).map_err(|problem| match problem {
            Some(problem) => format!("{problem}, at character {}", place(source, at)),
            None => format!("{first:?} means nothing here, at character {}", place(source, at)),
        })?;
        match token {
            Token::Operator("(" | "[" | "{") => open += 1,
            Token::Operator(")" | "]" | "}") => open = open.saturating_sub(1),
            _ => {}
        }
        words.push((token, at));
        at += length;
    }
    Ok(Tokens { source, words, next: 0 })
}

/// Reads one word, and its length in bytes. Fails with what is wrong, or with nothing to say.
fn token(rest: &str) -> Result<(Token<'_>, usize), Option<&'static str>> {
    let first = rest.chars().next();
    if let Some(inner) = rest.strip_prefix('`') {
        let end = inner.find('`').ok_or(Some("this path is not closed"))?;
        return Ok((Token::Path(&inner[..end]), end + 2));
    }
    let second_is_digit = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if first.is_some_and(|c| c.is_ascii_digit()) || (first == Some('.') && second_is_digit) {
        return number(rest).map(|length| (Token::Number, length)).ok_or(Some("this is no number"));
    }
    let begins_a_name = first.is_some_and(|c| c.is_alphabetic() || c == '_');
    let word = if begins_a_name { word(rest) } else { 0 };
    if rest[word..].starts_with(['\'', '"'])
        && let Some(prefix) = Prefix::of(&rest[..word])
    {
        return match prefix {
            Prefix::Text { raw } => Ok((Token::Text, word + text(&rest[word..], raw)?)),
            Prefix::Bytes => Err(Some("bytes are not part of the language")),
            Prefix::Unknown => Err(Some("this text has an unknown prefix")),
        };
    }
    if word > 0 {
        return Ok((Token::Name(&rest[..word]), word));
    }
    let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)).ok_or(None)?;
    Ok((Token::Operator(operator), operator.len()))
}

/// Finds the length of the name that begins here.
fn word(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

/// The letters before a text.
enum Prefix {
    Text {
        /// Escapes mean nothing.
        raw: bool,
    },
    Bytes,
    Unknown,
}

impl Prefix {
    /// Reads the letters before a quotation mark; `None` when they are a word of their own, as in `a in'abc'`.
    fn of(letters: &str) -> Option<Self> {
        Some(match letters.to_ascii_lowercase().as_str() {
            "" | "u" | "f" => Self::Text { raw: false },
            "r" | "rf" | "fr" => Self::Text { raw: true },
            "b" | "rb" | "br" => Self::Bytes,
            word if word.len() <= 2 && word.chars().all(|c| "rubft".contains(c)) => Self::Unknown,
            _ => return None,
        })
    }
}

/// Finds the length of the text that begins here.
fn text(rest: &str, raw: bool) -> Result<usize, Option<&'static str>> {
    let quote = if rest.starts_with("'''") || rest.starts_with("\"\"\"") { &rest[..3] } else { &rest[..1] };
    let mut at = quote.len();
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with(quote) {
            return Ok(at + quote.len());
        }
        let mut characters = here.chars();
        let first = characters.next();
        if first == Some('\n') && quote.len() == 1 {
            break;
        }
        at += first.map_or(1, char::len_utf8);
        if first == Some('\\') {
            if !raw {
                escape(&here[1..])?;
            }
            at += characters.next().map_or(0, char::len_utf8);
        }
    }
    Err(Some("this text is not closed"))
}

/// Checks what follows a backslash, where it is the number of a character.
fn escape(rest: &str) -> Result<(), Option<&'static str>> {
    let digits = match rest.as_bytes().first() {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        _ => return Ok(()),
    };
    let number = rest.get(1..=digits).filter(|number| number.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = number.and_then(|number| u32::from_str_radix(number, 16).ok());
    match number.and_then(char::from_u32) {
        Some(_) => Ok(()),
        None => Err(Some("this text has an escape that is no character")),
    }
}

/// Finds the length of the number that begins here.
fn number(rest: &str) -> Option<usize> {
    let base = match rest.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    let end = if base == 10 {
        decimal(rest)?
    } else {
        let begin = 2 + usize::from(rest[2..].starts_with('_'));
        begin + digits(&rest[begin..], base)?
    };
    // A name that follows at once would be read as a part of the number.
    (!rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(end)
}

fn decimal(rest: &str) -> Option<usize> {
    let whole = if rest.starts_with('.') { 0 } else { digits(rest, 10)? };
    let mut end = whole;
    if rest[end..].starts_with('.') {
        end += 1 + digits(&rest[end + 1..], 10).unwrap_or(0);
    }
    if let Some(exponent) = rest[end..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        end += digits(&exponent[sign..], 10).map_or(0, |length| 1 + sign + length);
    }
    let is_whole = end == whole;
    // Once, a leading zero made a number octal.
    let octal = rest.starts_with('0') && rest[..end].contains(|c: char| matches!(c, '1'..='9'));
    (!(is_whole && octal)).then_some(end)
}

/// Finds the length of digits with single underscores between them.
fn digits(rest: &str, base: u32) -> Option<usize> {
    let end = rest.find(|c: char| !(c.is_digit(base) || c == '_')).unwrap_or(rest.len());
    let written = &rest[..end];
    let apart = written.starts_with('_') || written.ends_with('_') || written.contains("__");
    (!written.is_empty() && !apart).then_some(end)
}
