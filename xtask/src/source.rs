//! Rust source without the parts that are not code.

/// The source with comments and the contents of literals blanked, every line and byte where it was.
pub(crate) fn code(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + block_comment(rest)
        } else if let Some(hashes) = raw_string(bytes, at) {
            // The opening `r##"` and the closing `"##` stay.
            let open = hashes + 2;
            let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
            let body = rest.get(open..).unwrap_or_default();
            let length = body.windows(closing.len()).position(|w| w == closing).unwrap_or(body.len());
            out.extend_from_slice(&rest[..open]);
            blank(&body[..length], &mut out);
            let tail = closing.len().min(body.len() - length);
            out.extend_from_slice(&body[length..length + tail]);
            at += open + length + tail;
            continue;
        } else if rest[0] == b'"' {
            let length = quoted(&rest[1..], b'"');
            out.push(b'"');
            blank(&rest[1..=length], &mut out);
            at += 1 + length;
            if at < bytes.len() {
                out.push(b'"');
                at += 1;
            }
            continue;
        } else if let Some(length) = char_literal(rest) {
            at + length
        } else {
            out.push(rest[0]);
            at += 1;
            continue;
        };
        blank(&bytes[at..end], &mut out);
        at = end;
    }
    // Blanks replace whole characters byte for byte, and everything else is copied.
    String::from_utf8_lossy(&out).into_owned()
}

fn blank(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().map(|b| if *b == b'\n' { b'\n' } else { b' ' }));
}

/// The length of a block comment, nested ones included.
fn block_comment(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The number of `#` of a raw string that starts at `at` with its `r`.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let prefixed = at > 0 && matches!(bytes[at - 1], b'b' | b'c') && (at < 2 || !is_name(&bytes[at - 2]));
    if bytes[at] != b'r' || (at > 0 && is_name(&bytes[at - 1]) && !prefixed) {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// The length of what stands before the closing `quote`.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// The length of a character literal; a lifetime is none.
fn char_literal(bytes: &[u8]) -> Option<usize> {
    if bytes[0] != b'\'' {
        return None;
    }
    if bytes.get(1) == Some(&b'\\') {
        return Some((quoted(&bytes[1..], b'\'') + 2).min(bytes.len()));
    }
    let first = std::str::from_utf8(&bytes[1..bytes.len().min(5)])
        .unwrap_or_else(|error| std::str::from_utf8(&bytes[1..=error.valid_up_to()]).unwrap_or_default())
        .chars()
        .next()?;
    (bytes.get(1 + first.len_utf8()) == Some(&b'\'')).then_some(2 + first.len_utf8())
}

/// Whether a character can be part of a name.
pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a bracketed group that starts with `code`, brackets included.
pub(crate) fn group(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, b) in code.bytes().enumerate() {
        match b {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Splits code into what ships and what is under `#[cfg(test)]`.
pub(crate) fn split_tests(code: &str) -> (String, String) {
    let (mut ships, mut tests) = (String::new(), String::new());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        ships.push_str(&rest[..start]);
        let item = &rest[start..];
        let body = item.find(['{', ';']).unwrap_or(item.len());
        let length = if item[body..].starts_with('{') {
            body + group(&item[body..])
        } else {
            (body + 1).min(item.len())
        };
        tests.push_str(&item[..length]);
        rest = &item[length..];
    }
    ships.push_str(rest);
    (ships, tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (source, expected) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x // y \" z"); g"#, r#"f("           "); g"#),
            (r##"f(r#"a " b"#) g"##, r##"f(r#"     "#) g"##),
            (r#"f(br"a\") g"#, r#"f(br"  ") g"#),
            ("var\"x\"", "var\" \""),
            ("'{' '\\'' 'é' &'a str", "           "),
            ("\"open", "\"    "),
        ] {
            let found = code(source);
            if source.starts_with('\'') {
                assert_eq!(found.trim_end_matches("&'a str").trim(), "", "{source}: {found}");
                assert!(found.ends_with("&'a str"));
            } else {
                assert_eq!(found, expected, "{source}");
            }
        }
    }

    #[test]
    fn tests_are_split_off() {
        let (ships, tests) =
            split_tests("a;\n#[cfg(test)]\nmod tests { fn x() {} }\nb;\n#[cfg(test)]\nmod more;\nc;");
        assert_eq!(ships, "a;\n\nb;\n\nc;");
        assert!(tests.contains("fn x()") && tests.contains("mod more;"));
    }
}
