//! Wildcard patterns, matched against a whole name.

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    tokens: Vec<Token>,
    ignore_case: bool,
}

/// Which characters are special besides `*` and `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Nothing else.
    Wildcard,
    /// `[abc]`, `[a-z]`, `[!abc]`.
    Shell,
    /// The classes, and a backslash that takes away the special meaning of the next character.
    ShellWithEscapes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    AnyRun,
    AnyOne,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    pub(crate) fn new(pattern: &str, syntax: Syntax) -> Glob {
        let chars: Vec<char> = pattern.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '*' if tokens.last() == Some(&Token::AnyRun) => {}
                '*' => tokens.push(Token::AnyRun),
                '?' => tokens.push(Token::AnyOne),
                '\\' if syntax == Syntax::ShellWithEscapes && at < chars.len() => {
                    tokens.push(Token::Literal(chars[at]));
                    at += 1;
                }
                '[' if syntax != Syntax::Wildcard => match class(&chars[at..]) {
                    Some((token, used)) => {
                        tokens.push(token);
                        at += used;
                    }
                    // Never closed: an ordinary bracket.
                    None => tokens.push(Token::Literal('[')),
                },
                c => tokens.push(Token::Literal(c)),
            }
        }
        Glob { tokens, ignore_case: false }
    }

    /// Makes the pattern match in upper and lower case.
    pub(crate) fn ignoring_case(mut self) -> Glob {
        self.ignore_case = true;
        self
    }

    /// Whether the pattern has anything special.
    pub(crate) fn is_special(&self) -> bool {
        self.tokens.iter().any(|token| !matches!(token, Token::Literal(_)))
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut token, mut at) = (0, 0);
        // Where to go on when the last run must take one more character.
        let mut again: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.tokens.get(token) {
                Some(Token::AnyRun) => {
                    again = Some((token, at));
                    token += 1;
                }
                Some(one) if self.fits(one, text[at]) => {
                    token += 1;
                    at += 1;
                }
                _ => match again {
                    Some((run, from)) => {
                        again = Some((run, from + 1));
                        token = run + 1;
                        at = from + 1;
                    }
                    None => return false,
                },
            }
        }
        self.tokens[token..].iter().all(|token| *token == Token::AnyRun)
    }

    fn fits(&self, token: &Token, c: char) -> bool {
        match token {
            Token::AnyRun => false,
            Token::AnyOne => true,
            Token::Literal(literal) => {
                *literal == c || (self.ignore_case && literal.to_lowercase().eq(c.to_lowercase()))
            }
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// Reads what follows a `[`; returns the class and the number of characters used, the `]` included.
fn class(chars: &[char]) -> Option<(Token, usize)> {
    let negated = matches!(chars.first(), Some('!' | '^'));
    let start = usize::from(negated);
    // A `]` right at the start is a member.
    let end = start + 1 + chars.get(start + 1..)?.iter().position(|c| *c == ']')?;
    let mut ranges = Vec::new();
    let mut at = start;
    while at < end {
        if at + 2 < end && chars[at + 1] == '-' {
            ranges.push((chars[at], chars[at + 2]));
            at += 3;
        } else {
            ranges.push((chars[at], chars[at]));
            at += 1;
        }
    }
    Some((Token::Class { negated, ranges }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_and_names() {
        for (pattern, yes, no) in [
            ("*", &["", "a", ".hidden"][..], &[][..]),
            ("*.txt", &["a.txt", ".txt"], &["a.txt2", "txt", "a.TXT"]),
            ("a?c", &["abc", "aéc"], &["ac", "abbc"]),
            ("a*b*c", &["abc", "aXbYc", "abbcc"], &["ab", "acb"]),
            ("[abc]x", &["ax", "cx"], &["dx", "x", "[abc]x"]),
            ("[!abc]x", &["dx", "éx"], &["ax", "x"]),
            ("[a-c0]", &["b", "0"], &["d", "-"]),
            ("[]]", &["]"], &["[", ""]),
            ("[ab", &["[ab"], &["a"]),
            ("", &[""], &["a"]),
        ] {
            let glob = Glob::new(pattern, Syntax::Shell);
            for name in yes {
                assert!(glob.matches(name), "{pattern} should match {name}");
            }
            for name in no {
                assert!(!glob.matches(name), "{pattern} should not match {name}");
            }
        }
    }

    #[test]
    fn the_syntax_decides_what_is_special() {
        assert!(Glob::new("[a]", Syntax::Wildcard).matches("[a]"));
        assert!(Glob::new(r"\*", Syntax::Shell).matches(r"\abc"));
        let escaped = Glob::new(r"a\*b\[", Syntax::ShellWithEscapes);
        assert!(escaped.matches("a*b[") && !escaped.matches("axb["));
        assert!(!escaped.is_special());
        assert!(Glob::new(r"a\", Syntax::ShellWithEscapes).matches(r"a\"));
    }

    #[test]
    fn case_can_be_ignored() {
        let glob = Glob::new("*Größe", Syntax::Wildcard).ignoring_case();
        assert!(glob.matches("die GRößE"));
        assert!(!Glob::new("a", Syntax::Wildcard).matches("A"));
    }

    #[test]
    fn many_stars_stay_fast() {
        let glob = Glob::new(&"a*".repeat(40), Syntax::Wildcard);
        assert!(!glob.matches(&format!("{}b", "a".repeat(39))));
        assert!(glob.matches(&"a".repeat(2000)));
    }

    proptest! {
        #[test]
        fn never_panics_and_star_matches_all(pattern in "[a\\[\\]!^*?\\\\-]{0,12}", name in "[a\\[\\]!*-]{0,12}") {
            for syntax in [Syntax::Wildcard, Syntax::Shell, Syntax::ShellWithEscapes] {
                Glob::new(&pattern, syntax).matches(&name);
                prop_assert!(Glob::new("*", syntax).matches(&name));
            }
        }
    }
}
