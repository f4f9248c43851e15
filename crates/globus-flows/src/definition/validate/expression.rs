//! Expressions: the part of Python's grammar that the service evaluates.
//!
//! What is read is not kept: an expression is sound or not, and reads members of the run's state. Parsers of the whole
//! language exist as crates, but they ask for a newer Rust or are no longer maintained; and the paths in backticks are no
//! Python.

mod lexer;

use lexer::{Token, Tokens};

/// How deep an expression may be nested.
const DEEPEST: usize = 100;
/// The functions that expressions can call.
const FUNCTIONS: [&str; 9] =
    ["pathsplit", "is_present", "getattr", "str", "len", "int", "float", "rand", "randint"];
/// Words of the language that begin nothing that the service evaluates.
const REFUSED: [&str; 4] = ["lambda", "await", "yield", "async"];
/// Words of Python that are no names.
const WORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Checks an expression, and names the members of the run's state without which it cannot be evaluated: not those that
/// only one of its branches reads.
///
/// # Errors
/// What is wrong, and at which character.
pub(super) fn parse(source: &str) -> Result<Vec<String>, String> {
    let tokens = lexer::read(source)?;
    let mut parser = Parser { tokens, reads: Vec::new(), depth: 0 };
    if parser.tokens.is_done() {
        return Err("it is empty".to_owned());
    }
    parser.several()?;
    if !parser.tokens.is_done() {
        return Err(parser.unexpected("an operator or the end"));
    }
    let mut keys: Vec<String> =
        parser.reads.into_iter().filter(|read| read.always).map(|read| read.key).collect();
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

struct Reading {
    key: String,
    /// Whether every evaluation reads it.
    always: bool,
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    reads: Vec<Reading>,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// One expression, or several with commas between them, where a tuple needs no parentheses.
    fn several(&mut self) -> Result<(), String> {
        self.expression()?;
        while self.operators(&[","]) {
            if self.tokens.is_done() || self.peek_operator("]") || self.peek_operator(")") {
                break;
            }
            self.expression()?;
        }
        Ok(())
    }

    /// `a if b else c`, or what is in it.
    fn expression(&mut self) -> Result<(), String> {
        self.deeper(|parser| {
            let start = parser.reads.len();
            parser.binary(0)?;
            if parser.word("if") {
                parser.only_sometimes(start);
                parser.binary(0)?;
                if !parser.word("else") {
                    return Err(parser.unexpected("`else`"));
                }
                let start = parser.reads.len();
                parser.expression()?;
                parser.only_sometimes(start);
            }
            Ok(())
        })
    }

    /// Operators that bind at least as strongly as `least`.
    fn binary(&mut self, least: u8) -> Result<(), String> {
        self.deeper(|parser| {
            if parser.peek_word("not") && least <= 3 {
                parser.tokens.advance();
                parser.binary(3)?;
            } else {
                parser.unary()?;
            }
            while let Some((strength, words)) = parser.operator() {
                if strength < least {
                    break;
                }
                for _ in 0..words {
                    parser.tokens.advance();
                }
                let start = parser.reads.len();
                // Powers bind to the right, and their exponents may have a sign.
                parser.binary(if strength == 12 { 11 } else { strength + 1 })?;
                if strength <= 2 {
                    parser.only_sometimes(start);
                }
            }
            Ok(())
        })
    }

    /// Finds the operator that comes next: how strongly it binds, and of how many tokens it is.
    fn operator(&self) -> Option<(u8, usize)> {
        Some(match self.tokens.peek()? {
            Token::Name("or") => (1, 1),
            Token::Name("and") => (2, 1),
            Token::Name("not") if self.tokens.second() == Some(Token::Name("in")) => (4, 2),
            Token::Name("is") if self.tokens.second() == Some(Token::Name("not")) => (4, 2),
            Token::Name("in" | "is") | Token::Operator("==" | "!=" | "<" | "<=" | ">" | ">=") => (4, 1),
            Token::Operator("|") => (5, 1),
            Token::Operator("^") => (6, 1),
            Token::Operator("&") => (7, 1),
            Token::Operator("<<" | ">>") => (8, 1),
            Token::Operator("+" | "-") => (9, 1),
            Token::Operator("*" | "/" | "//" | "%") => (10, 1),
            Token::Operator("**") => (12, 1),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<(), String> {
        if self.operators(&["-", "+", "~"]) {
            return self.binary(11);
        }
        self.primary()
    }

    /// A value, and what is taken out of it or called on it.
    fn primary(&mut self) -> Result<(), String> {
        self.value()?;
        loop {
            if self.operators(&["."]) {
                let name = self.name("a name")?;
                if self.peek_operator("(") {
                    if name.starts_with('_') || matches!(name, "format" | "format_map") {
                        return Err(format!("the method `{name}` cannot be called"));
                    }
                    self.tokens.advance();
                    self.arguments()?;
                }
            } else if self.operators(&["["]) {
                self.subscript()?;
            } else if self.peek_operator("(") {
                return Err(self.unexpected("an operator: only functions and methods can be called"));
            } else {
                return Ok(());
            }
        }
    }

    /// Takes a name, which no word of the language is.
    fn name(&mut self, expected: &str) -> Result<&'a str, String> {
        match self.tokens.peek() {
            Some(Token::Name(name)) if !WORDS.contains(&name) => {
                self.tokens.advance();
                Ok(name)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn value(&mut self) -> Result<(), String> {
        let Some(token) = self.tokens.peek() else { return Err(self.unexpected("a value")) };
        match token {
            Token::Text => {
                while self.tokens.peek() == Some(Token::Text) {
                    self.tokens.advance();
                }
            }
            Token::Path(path) => {
                let path = super::path::parse(path)?;
                self.reads.extend(path.first.map(|key| Reading { key, always: true }));
                self.tokens.advance();
            }
            Token::Number | Token::Name("True" | "False" | "None") => self.tokens.advance(),
            Token::Name(word) if REFUSED.contains(&word) => {
                return Err(format!("`{word}` is not part of the language"));
            }
            Token::Name(word) if WORDS.contains(&word) => return Err(self.unexpected("a value")),
            Token::Name(name) => {
                self.tokens.advance();
                if !self.operators(&["("]) {
                    self.reads.push(Reading { key: name.to_owned(), always: true });
                } else if FUNCTIONS.contains(&name) {
                    return self.arguments();
                } else {
                    return Err(format!("there is no function `{name}`; there are {}", FUNCTIONS.join(", ")));
                }
            }
            Token::Operator("[") => {
                self.tokens.advance();
                return self.items("]");
            }
            Token::Operator("(") => {
                self.tokens.advance();
                return self.items(")");
            }
            Token::Operator("{") => {
                self.tokens.advance();
                return self.braces();
            }
            Token::Operator(_) => return Err(self.unexpected("a value")),
        }
        Ok(())
    }

    /// What a list or a tuple holds, or the comprehension that makes it; also one value in parentheses.
    fn items(&mut self, close: &'static str) -> Result<(), String> {
        let start = self.reads.len();
        let mut first = true;
        while !self.operators(&[close]) {
            self.expression()?;
            if first && self.peek_word("for") {
                self.comprehension(start)?;
                return self.expect(close);
            }
            first = false;
            if !self.operators(&[","]) {
                return self.expect(close);
            }
        }
        Ok(())
    }

    /// A dictionary or a set, or the comprehension that makes it.
    fn braces(&mut self) -> Result<(), String> {
        let start = self.reads.len();
        let (mut first, mut pairs) = (true, true);
        while !self.operators(&["}"]) {
            self.expression()?;
            if first {
                pairs = self.peek_operator(":");
            }
            if pairs {
                self.expect(":")?;
                self.expression()?;
            }
            if first && self.peek_word("for") {
                self.comprehension(start)?;
                return self.expect("}");
            }
            first = false;
            if !self.operators(&[","]) {
                return self.expect("}");
            }
        }
        Ok(())
    }

    /// `for x in xs if …`, once or several times. What was read since `start` is evaluated for each item.
    fn comprehension(&mut self, start: usize) -> Result<(), String> {
        self.only_sometimes(start);
        let mut targets: Vec<&'a str> = Vec::new();
        let mut outermost = true;
        while self.word("for") {
            self.targets(&mut targets)?;
            if !self.word("in") {
                return Err(self.unexpected("`in`"));
            }
            let here = self.reads.len();
            self.binary(0)?;
            if !outermost {
                self.only_sometimes(here);
            }
            outermost = false;
            while self.word("if") {
                let here = self.reads.len();
                self.binary(0)?;
                self.only_sometimes(here);
            }
        }
        // The items are the comprehension's own. What is read outside of it was read before.
        let inside = self.reads.split_off(start);
        self.reads.extend(inside.into_iter().filter(|read| !targets.contains(&read.key.as_str())));
        Ok(())
    }

    /// The names that the items of a comprehension are given: `x`, `k, v` or `(a, [b, c])`.
    fn targets(&mut self, found: &mut Vec<&'a str>) -> Result<(), String> {
        loop {
            if self.operators(&["("]) {
                self.deeper(|parser| parser.targets(found))?;
                self.expect(")")?;
            } else if self.operators(&["["]) {
                self.deeper(|parser| parser.targets(found))?;
                self.expect("]")?;
            } else {
                found.push(self.name("the name of an item")?);
            }
            if !self.operators(&[","]) || self.peek_word("in") {
                return Ok(());
            }
        }
    }

    /// What stands in the brackets after a value: an index, a key or a slice.
    fn subscript(&mut self) -> Result<(), String> {
        let mut colons = 0;
        let mut given = false;
        loop {
            if self.operators(&["]"]) {
                return if given || colons > 0 { Ok(()) } else { Err(self.unexpected("an index or a key")) };
            }
            if colons < 2 && self.operators(&[":"]) {
                (colons, given) = (colons + 1, false);
            } else if given {
                return Err(self.unexpected("`]`"));
            } else if colons == 0 {
                self.several()?;
                given = true;
            } else {
                self.expression()?;
                given = true;
            }
        }
    }

    /// What a function or a method is given, after the parenthesis.
    fn arguments(&mut self) -> Result<(), String> {
        let mut named: Vec<&str> = Vec::new();
        while !self.operators(&[")"]) {
            if self.tokens.second() == Some(Token::Operator("=")) {
                let name = self.name("the name of an argument")?;
                if named.contains(&name) {
                    return Err(format!("the argument `{name}` is given twice"));
                }
                named.push(name);
                self.tokens.advance();
                self.expression()?;
            } else if named.is_empty() {
                let start = self.reads.len();
                self.expression()?;
                if self.peek_word("for") {
                    self.comprehension(start)?;
                }
            } else {
                return Err(self.unexpected("a named argument, as after another one,"));
            }
            if !self.operators(&[","]) {
                return self.expect(")");
            }
        }
        Ok(())
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        // Two levels of the parser are one of the expression.
        if self.depth >= 2 * DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        self.depth += 1;
        let done = inner(self);
        self.depth -= 1;
        done
    }

    fn only_sometimes(&mut self, start: usize) {
        self.reads[start..].iter_mut().for_each(|read| read.always = false);
    }

    fn peek_word(&self, word: &str) -> bool {
        matches!(self.tokens.peek(), Some(Token::Name(name)) if name == word)
    }

    fn peek_operator(&self, operator: &str) -> bool {
        matches!(self.tokens.peek(), Some(Token::Operator(found)) if found == operator)
    }

    /// Takes the word, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.peek_word(word);
        if found {
            self.tokens.advance();
        }
        found
    }

    /// Takes one of these operators, if it comes next.
    fn operators(&mut self, wanted: &[&str]) -> bool {
        let found = wanted.iter().any(|operator| self.peek_operator(operator));
        if found {
            self.tokens.advance();
        }
        found
    }

    fn expect(&mut self, operator: &'static str) -> Result<(), String> {
        if self.operators(&[operator]) { Ok(()) } else { Err(self.unexpected(&format!("`{operator}`"))) }
    }

    fn unexpected(&self, expected: &str) -> String {
        format!("{expected} was expected, at character {}", self.tokens.place())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn expressions_name_what_they_read() {
        for (source, reads) in [
            ("1", ""),
            ("a", "a"),
            ("a.b.c + d['x'][0]", "a d"),
            ("_context.run_id", "_context"),
            ("`$.x.y[0].z` + 1", "x"),
            ("source.path.rpartition('/')[2] if not Types.src_dir else 'DEFAULT'", "Types"),
            ("x or y", "x"),
            ("x and y or z", "x"),
            ("-2 ** -n", "n"),
            ("not a in b", "a b"),
            ("a not in b and c is not None", "a b"),
            ("1 < n <= 3 != 4", "n"),
            ("[f.name for f in ls.details.DATA if f.size > most]", "ls"),
            ("[(a, b) for a in xs for (b, c) in ys]", "xs"),
            ("{'k': v, **1}", "?"),
            ("{'k': v, 'l': [1, 2,]}", "v"),
            ("{k: v for k, v in pairs}", "pairs"),
            ("{a, b}", "a b"),
            ("(a, b)[0]", "a b"),
            ("()", ""),
            ("xs[1:n] + xs[:] + xs[::2] + xs[-1:]", "n xs"),
            ("getattr('a.b', default=c)", "c"),
            ("is_present('a.b')", ""),
            ("'a' 'b' r'\\d' \"it's\" '''x'''", ""),
            ("0x1f + 1_000 + 1.5e-3 + .5 + 0b1 + 0o7 + 1.", ""),
            ("', '.join(x.name for x in xs)", "xs"),
            ("( a +\n b )", "a b"),
            ("f'{a} and more'", ""),
            ("pathsplit(p)[1].lower()", "p"),
            ("a if b else c if d else e", "b"),
            ("x<<2|y&3^~z", "x y z"),
            ("a, b", "a b"),
            ("a[b, c]", "a b c"),
            ("[a for a, (b, [c]) in xs if b]", "xs"),
            ("a in'abc' # a comment", "a"),
            ("1..real + 0x_1f.real + 00", ""),
            ("'\\x41\\u00fc' r'\\x'", ""),
        ] {
            match parse(source) {
                Ok(found) => {
                    let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
                    found.sort_unstable();
                    let mut expected: Vec<&str> = reads.split_whitespace().collect();
                    expected.sort_unstable();
                    assert_eq!(found, expected, "{source}");
                }
                Err(error) => assert_eq!(reads, "?", "{source}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_no_expression_says_where() {
        for (source, message) in [
            ("", "empty"),
            ("  ", "empty"),
            ("a +", "character 4"),
            ("a b", "character 3"),
            ("(a", "`)` was expected, at character 3"),
            ("[1, 2", "`]`"),
            ("{'a': 1, 2}", "`:`"),
            ("a[", "character 3"),
            ("a[]", "character 4"),
            ("a[1:2:3:4]", "`]`"),
            ("a.", "a name"),
            ("a if b", "`else`"),
            ("1 + not a", "character 5"),
            ("lambda x: x", "`lambda` is not part"),
            ("open('f')", "no function `open`"),
            ("a.__class__()", "`__class__` cannot be called"),
            ("'{}'.format(a)", "`format` cannot be called"),
            ("a(1)(2)", "no function `a`"),
            ("len(a)(1)", "only functions and methods"),
            ("'a", "not closed"),
            ("`$.a", "not closed"),
            ("`a`", "begins with `$`"),
            ("a := 1", "character 3"),
            ("a = 1", "character 3"),
            ("a; b", "character 2"),
            ("a\nb", "character 2"),
            ("[x for in xs]", "name of an item"),
            ("[x for x xs]", "`in`"),
            ("1abc", "number"),
            ("5j", "number"),
            ("0x", "number"),
            ("b'bytes'", "bytes"),
            ("a ? b", "character 3"),
            ("f(x", "no function"),
            ("import os", "character 1"),
            ("a.class", "a name"),
            ("len(a=1, 2)", "a named argument"),
            ("len(a=1, a=2)", "given twice"),
            ("len(None=1)", "the name of an argument"),
            ("[x for class in xs]", "name of an item"),
            ("0777", "number"),
            ("1_.5", "number"),
            ("'\\x4'", "no character"),
            ("'\\ud800'", "no character"),
            ("\u{b2}", "means nothing"),
            ("a\u{a0}+ b", "means nothing"),
        ] {
            let error = parse(source).unwrap_err();
            assert!(error.contains(message), "{source}: {error}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        for (open, close) in
            [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("len(", ")"), ("1 if 1 else ", "")]
        {
            let source = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            assert!(parse(&source).unwrap_err().contains("nested"), "{open}");
            let source = format!("{}1{}", open.repeat(30), close.repeat(30));
            assert_eq!(parse(&source), Ok(Vec::new()), "{open}");
        }
        assert!(parse(&format!("1{}", " + 1".repeat(50_000))).is_ok());
        assert!(parse(&format!("a{}", ".b[0]".repeat(50_000))).is_ok());
    }
}
