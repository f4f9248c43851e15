//! How Python writes strings: escapes, and what `repr` makes of them.

use std::fmt::Write as _;

use super::Fault;

/// Resolves the escapes of a string literal.
pub(super) fn unescape(content: &str) -> Result<String, Fault> {
    let mut text = String::with_capacity(content.len());
    let mut rest = content.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            None | Some('\n') => {}
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('a') => text.push('\u{7}'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('v') => text.push('\u{b}'),
            Some(c @ ('\\' | '\'' | '"')) => text.push(c),
            Some(first @ '0'..='7') => {
                let mut code = first.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = rest.clone().next().and_then(|c| c.to_digit(8)) else { break };
                    code = code * 8 + digit;
                    rest.next();
                }
                text.push(character(code)?);
            }
            Some('x') => text.push(coded(&mut rest, 2)?),
            Some('u') => text.push(coded(&mut rest, 4)?),
            Some('U') => text.push(coded(&mut rest, 8)?),
            Some('N') => return Err(Fault::unsupported("characters cannot be written by name")),
            Some(other) => {
                text.push('\\');
                text.push(other);
            }
        }
    }
    Ok(text)
}

fn coded(rest: &mut std::str::Chars<'_>, digits: usize) -> Result<char, Fault> {
    let truncated = || Fault::syntax("an escape of a string is cut short");
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + rest.next().and_then(|c| c.to_digit(16)).ok_or_else(truncated)?;
    }
    character(code)
}

fn character(code: u32) -> Result<char, Fault> {
    char::from_u32(code).ok_or_else(|| Fault::syntax(format!("there is no character {code:#x}")))
}

/// Writes a string as `repr` does.
pub(super) fn repr(text: &str, into: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    into.push(quote);
    for c in text.chars() {
        match c {
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\\' => into.push_str("\\\\"),
            c if c == quote => {
                into.push('\\');
                into.push(c);
            }
            c if c.is_control() => {
                let code = u32::from(c);
                let _ = write!(into, "\\x{code:02x}");
            }
            c => into.push(c),
        }
    }
    into.push(quote);
}
