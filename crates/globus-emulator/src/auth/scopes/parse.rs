//! The grammar of scope strings: `name`, `*name`, `name[dependency *dependency]`.

use super::{Scope, merge_into};

/// Deeper nesting than any real request has; keeps hostile input from using up the stack.
const MOST_LEVELS: usize = 32;

/// What is wrong with a scope string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScopeFault {
    #[error("no scope is given")]
    Empty,
    #[error("unexpected {found:?} at character {at}")]
    Unexpected { found: char, at: usize },
    #[error("the scope string ends in the middle of a scope")]
    Unfinished,
    #[error("scope {0:?} depends on itself")]
    Cycle(String),
    #[error("scopes are nested more than {MOST_LEVELS} levels deep")]
    TooDeep,
}

/// Reads a list of scopes separated by blanks. It has at least one scope.
pub(crate) fn parse(text: &str) -> Result<Vec<Scope>, ScopeFault> {
    let mut parser = Parser { rest: text.chars().enumerate().collect::<Vec<_>>().into_iter().peekable() };
    let mut above = Vec::new();
    let scopes = parser.list(&mut above)?;
    match parser.rest.next() {
        Some((at, found)) => Err(ScopeFault::Unexpected { found, at }),
        None if scopes.is_empty() => Err(ScopeFault::Empty),
        None => Ok(scopes),
    }
}

struct Parser {
    rest: std::iter::Peekable<std::vec::IntoIter<(usize, char)>>,
}

impl Parser {
    /// Reads scopes up to the end or to a closing bracket, which stays.
    fn list(&mut self, above: &mut Vec<String>) -> Result<Vec<Scope>, ScopeFault> {
        if above.len() >= MOST_LEVELS {
            return Err(ScopeFault::TooDeep);
        }
        let mut scopes = Vec::new();
        loop {
            while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
            match self.rest.peek() {
                None | Some((_, ']')) => return Ok(scopes),
                Some(_) => merge_into(&mut scopes, self.scope(above)?),
            }
        }
    }

    fn scope(&mut self, above: &mut Vec<String>) -> Result<Scope, ScopeFault> {
        let optional = self.rest.next_if(|(_, c)| *c == '*').is_some();
        let mut name = String::new();
        while let Some((_, c)) = self.rest.next_if(|(_, c)| !c.is_whitespace() && !"*[]".contains(*c)) {
            name.push(c);
        }
        if name.is_empty() {
            return Err(self.unexpected());
        }
        if above.contains(&name) {
            return Err(ScopeFault::Cycle(name));
        }
        let mut dependencies = Vec::new();
        if self.rest.next_if(|(_, c)| *c == '[').is_some() {
            above.push(name);
            dependencies = self.list(above)?;
            name = above.pop().unwrap_or_default();
            if dependencies.is_empty() || self.rest.peek().is_none() {
                return Err(self.unexpected());
            }
            self.rest.next();
        }
        match self.rest.peek() {
            None | Some((_, ']')) => {}
            Some((_, c)) if c.is_whitespace() => {}
            Some(_) => return Err(self.unexpected()),
        }
        Ok(Scope { name, optional, dependencies })
    }

    fn unexpected(&mut self) -> ScopeFault {
        match self.rest.peek() {
            Some(&(at, found)) => ScopeFault::Unexpected { found, at },
            None => ScopeFault::Unfinished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(scopes: &[Scope]) -> String {
        let write_one = |scope: &Scope| {
            let star = if scope.optional { "*" } else { "" };
            let inner = if scope.dependencies.is_empty() {
                String::new()
            } else {
                format!("[{}]", write(&scope.dependencies))
            };
            format!("{star}{}{inner}", scope.name)
        };
        scopes.iter().map(write_one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reads_what_is_well_formed() {
        for (text, expected) in [
            ("foo", "foo"),
            (" foo  bar ", "foo bar"),
            ("foo[bar *baz]", "foo[bar *baz]"),
            ("foo[bar[baz]]", "foo[bar[baz]]"),
            ("foo[ bar ]", "foo[bar]"),
            ("*foo", "*foo"),
            ("foo[bar] foo[baz]", "foo[bar baz]"),
            ("foo[*bar] foo[bar]", "foo[bar]"),
            ("foo foo", "foo"),
        ] {
            assert_eq!(parse(text).map(|scopes| write(&scopes)), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not() {
        for text in [
            "",
            "  ",
            "foo*",
            "* foo",
            "**foo",
            "foo [bar]",
            "foo[]",
            "[foo]",
            "foo[[bar]]",
            "foo[bar]baz",
            "foo[bar",
            "foo]",
            "*",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("foo[bar[foo]]"), Err(ScopeFault::Cycle("foo".to_owned())));
    }

    #[test]
    fn hostile_nesting_is_refused() {
        let levels: Vec<String> = (0..100_000).map(|level| format!("s{level}")).collect();
        assert_eq!(parse(&levels.join("[")), Err(ScopeFault::TooDeep));
    }
}
