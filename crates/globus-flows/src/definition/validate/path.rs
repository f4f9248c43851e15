//! Paths into the state of a run: JSONPath, as Goessner describes it.

/// What is known of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The member at the top of the run's state, where the path names one.
    pub(super) first: Option<String>,
    /// Whether the path leads to one place: neither wildcards, slices, unions nor filters.
    pub(super) single: bool,
}

/// Reads a path.
pub(super) fn parse(source: &str) -> Result<Path, String> {
    let Some(rest) = source.strip_prefix('$') else {
        return Err("a path begins with `$`".to_owned());
    };
    let mut reader = Reader { source, rest, path: Path { first: None, single: true }, steps: 0 };
    while !reader.rest.is_empty() {
        reader.step()?;
        reader.steps += 1;
    }
    Ok(reader.path)
}

struct Reader<'a> {
    source: &'a str,
    rest: &'a str,
    path: Path,
    steps: usize,
}

impl Reader<'_> {
    fn step(&mut self) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix("..") {
            (self.rest, self.path.single) = (rest, false);
            if self.rest.starts_with('[') { self.bracket() } else { self.name(false) }
        } else if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            self.name(true)
        } else if self.rest.starts_with('[') {
            self.bracket()
        } else {
            Err(self.fault("`.` or `[` was expected"))
        }
    }

    fn name(&mut self, direct: bool) -> Result<(), String> {
        let end = self.rest.find(['.', '[']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name == "*" {
            self.path.single = false;
        } else if name.is_empty() {
            return Err(self.fault("a name was expected"));
        } else if let Some(odd) =
            name.find(|c: char| c.is_whitespace() || c.is_control() || "'\"`](){}*,?@\\".contains(c))
        {
            self.rest = &self.rest[odd..];
            return Err(self.fault("such a name is written in brackets: ['…']"));
        } else if direct {
            self.found(name.to_owned());
        }
        self.rest = rest;
        Ok(())
    }

    fn found(&mut self, name: String) {
        if self.steps == 0 {
            self.path.first = Some(name);
        }
    }

    /// Reads what is in brackets: names, numbers, slices, `*`, or a filter.
    fn bracket(&mut self) -> Result<(), String> {
        self.rest = self.rest[1..].trim_start();
        if self.rest.starts_with("?(") || self.rest.starts_with('(') {
            self.path.single = false;
            self.skip_filter()?;
        } else {
            let mut parts = 0;
            loop {
                self.part(parts == 0)?;
                parts += 1;
                let Some(rest) = self.rest.strip_prefix(',') else { break };
                (self.rest, self.path.single) = (rest.trim_start(), false);
                if self.steps == 0 {
                    self.path.first = None;
                }
            }
        }
        match self.rest.strip_prefix(']') {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.fault("`]` was expected")),
        }
    }

    fn part(&mut self, alone: bool) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix('*') {
            (self.rest, self.path.single) = (rest.trim_start(), false);
        } else if self.rest.starts_with(['\'', '"']) {
            let name = self.quoted()?;
            if alone {
                self.found(name);
            }
        } else {
            let end = self
                .rest
                .find(|c: char| !(c.is_ascii_digit() || c == '-' || c == ':' || c == ' '))
                .unwrap_or(self.rest.len());
            let (numbers, rest) = self.rest.split_at(end);
            let colons = numbers.matches(':').count();
            let sound = numbers.split(':').all(|number| {
                let number = number.trim();
                (number.is_empty() && colons > 0) || number.parse::<i64>().is_ok()
            });
            if !sound || colons > 2 {
                return Err(self.fault("a name in quotes, a number or `*` was expected"));
            }
            self.path.single &= colons == 0;
            self.rest = rest;
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut name = String::new();
        let mut characters = self.rest.char_indices();
        let quote = characters.next().map(|(_, quote)| quote);
        while let Some((index, c)) = characters.next() {
            if Some(c) == quote {
                self.rest = self.rest[index + c.len_utf8()..].trim_start();
                return Ok(name);
            }
            match (c, c == '\\') {
                (_, true) => name.extend(characters.next().map(|(_, escaped)| escaped)),
                (c, false) => name.push(c),
            }
        }
        Err(self.fault("this quote is not closed"))
    }

    /// Skips a filter up to its last parenthesis.
    fn skip_filter(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        let mut quote = None;
        for (index, c) in self.rest.char_indices() {
            match (quote, c) {
                (Some(open), c) if open == c => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => {
                    depth -= 1;
                    if depth == 0 {
                        self.rest = self.rest[index + 1..].trim_start();
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(self.fault("this parenthesis is not closed"))
    }

    fn fault(&self, what: &str) -> String {
        let place = self.source[..self.source.len() - self.rest.len()].chars().count() + 1;
        format!("this is no path: {what}, at character {place}")
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn paths_are_read() {
        for (source, first, single) in [
            ("$", None, true),
            ("$.a", Some("a"), true),
            ("$.a.b[0].c", Some("a"), true),
            ("$['a b'].c", Some("a b"), true),
            (r"$['a\'b']", Some("a'b"), true),
            ("$[\"a\"][-1]", Some("a"), true),
            ("$.été-1", Some("été-1"), true),
            ("$.a[*].b", Some("a"), false),
            ("$.a[1:3]", Some("a"), false),
            ("$.a[0,1]", Some("a"), false),
            ("$['a','b']", None, false),
            ("$.*", None, false),
            ("$..b", None, false),
            ("$.a[?(@.b == ')]')].c", Some("a"), false),
            ("$.a[(@.length-1)]", Some("a"), false),
        ] {
            let path = parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
            assert_eq!((path.first.as_deref(), path.single), (first, single), "{source}");
        }
    }

    #[test]
    fn what_is_no_path_says_where() {
        for (source, place) in [
            ("a", "begins with `$`"),
            ("", "begins with `$`"),
            ("$a", "character 2"),
            ("$.", "character 3"),
            ("$.a.", "character 5"),
            ("$.a b", "character 4"),
            ("$.a[", "character 5"),
            ("$.a[x]", "character 5"),
            ("$.a[0", "character 6"),
            ("$.a['b", "character 5"),
            ("$.a[?(@.b]", "character 5"),
            ("$.a[1:2:3:4]", "character 5"),
            ("$...a", "character 4"),
        ] {
            let error = parse(source).unwrap_err();
            assert!(error.contains(place), "{source}: {error}");
        }
    }
}
