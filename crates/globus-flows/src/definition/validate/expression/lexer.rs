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
        if first.is_whitespace() {
            at += first.len_utf8();
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
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    if rest[word..].starts_with(['\'', '"']) {
        let prefix = rest[..word].to_ascii_lowercase();
        return match prefix.as_str() {
            "" | "r" | "u" | "f" | "rf" | "fr" => Ok((Token::Text, word + text(&rest[word..])?)),
            "b" | "rb" | "br" => Err(Some("bytes are not part of the language")),
            _ => Err(Some("this text has an unknown prefix")),
        };
    }
    if word > 0 {
        return Ok((Token::Name(&rest[..word]), word));
    }
    let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)).ok_or(None)?;
    Ok((Token::Operator(operator), operator.len()))
}

/// Finds the length of the text that begins here.
fn text(rest: &str) -> Result<usize, Option<&'static str>> {
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
            at += characters.next().map_or(0, char::len_utf8);
        }
    }
    Err(Some("this text is not closed"))
}

/// Finds the length of the number that begins here.
fn number(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    // A word of a number goes on after the sign of an exponent.
    let is_based = matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) && bytes[0] == b'0';
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let in_exponent = !is_based && end > 0 && matches!(bytes[end - 1], b'e' | b'E');
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.')
            || (in_exponent && matches!(byte, b'+' | b'-'))
        {
            end += 1;
        } else {
            break;
        }
    }
    let written = &rest[..end];
    let apart = written.starts_with('_') || written.ends_with('_') || written.contains("__");
    let digits = written.replace('_', "");
    let sound = if is_based {
        let base = match bytes[1] {
            b'x' | b'X' => 16,
            b'o' | b'O' => 8,
            _ => 2,
        };
        digits.len() > 2 && digits[2..].chars().all(|c| c.is_digit(base))
    } else {
        digits.parse::<f64>().is_ok()
    };
    (sound && !apart).then_some(end)
}
