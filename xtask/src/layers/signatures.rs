//! No public signature names a crate that a user should not have to know.
//!
//! Read from the source, because what a compiler knows of this is not in a stable form. It counts on
//! the lint `unreachable_pub`: what is `pub` without more is public. A header of an `impl` counts as
//! public, whosever it is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::source::{code, group, is_name, split_tests};
use crate::workspace::{Workspace, has_extension};

/// Crates whose major version must be free to move without ours.
const HIDDEN: [&str; 2] = ["reqwest", "oauth2"];

pub(super) fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let mut crates: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in workspace.files()? {
        let Some((name, path)) = file.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        if path.starts_with("src/") && has_extension(path, "rs") {
            let (ships, _) = split_tests(&code(&workspace.read(&file)?));
            crates.entry(name.to_owned()).or_default().push((file, ships));
        }
    }
    Ok(crates.values().flat_map(|files| exposed(files)).collect())
}

/// The public signatures of one crate that name a hidden crate, in one line each.
fn exposed(files: &[(String, String)]) -> Vec<String> {
    let aliases: BTreeSet<&str> =
        files.iter().flat_map(|(_, code)| aliases(code, &HIDDEN.into_iter().collect())).collect();
    let mut problems = Vec::new();
    for (file, code) in files {
        let mut hidden: BTreeSet<&str> = HIDDEN.into_iter().collect();
        hidden.extend(&aliases);
        hidden.extend(imports(code));
        // An alias of an imported name hides just as well.
        hidden.extend(self::aliases(code, &hidden));
        for signature in signatures(code) {
            if let Some(word) = names(signature).find(|word| hidden.contains(word)) {
                let shown = signature.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
                problems
                    .push(format!("{file}: `{word}` of a crate that users should not see is in `{shown}`"));
            }
        }
    }
    problems
}

/// The names in a piece of code.
fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !is_name(c)).filter(|word| !word.is_empty())
}

/// Each place where `keyword` begins a piece of code; the code from there on.
fn after<'a>(code: &'a str, keyword: &'static str) -> impl Iterator<Item = &'a str> {
    code.match_indices(keyword)
        .filter(move |(at, _)| {
            !code[..*at].ends_with(is_name) && code[at + keyword.len()..].starts_with(char::is_whitespace)
        })
        .map(|(at, _)| &code[at..])
}

/// What a file calls the things that it imports from hidden crates.
fn imports(code: &str) -> BTreeSet<&str> {
    let from_hidden = |path: &str| names(path).next().is_some_and(|first| HIDDEN.contains(&first));
    let mut found = BTreeSet::new();
    for statement in after(code, "use") {
        let statement = &statement["use".len()..statement.find(';').unwrap_or(statement.len())];
        for leaf in statement.split([',', '{', '}']) {
            if from_hidden(statement) || from_hidden(leaf) {
                found.extend(names(leaf).last().filter(|name| *name != "_" && *name != "self"));
            }
        }
    }
    found
}

/// Names of `type` items that stand for something hidden.
fn aliases<'a>(code: &'a str, hidden: &BTreeSet<&str>) -> BTreeSet<&'a str> {
    after(code, "type")
        .filter_map(|item| {
            let item = &item[..item.find(';')?];
            let (name, target) = item.split_once('=')?;
            names(target).any(|word| hidden.contains(word)).then(|| names(name).nth(1)).flatten()
        })
        .collect()
}

/// The parts of a file that users see in documentation.
fn signatures(code: &str) -> Vec<&str> {
    let mut found: Vec<&str> = after(code, "pub").filter_map(public_part).collect();
    let headers = code.match_indices("impl").filter(|(at, word)| {
        let line = code[..*at].rsplit('\n').next().unwrap_or_default().trim();
        (line.is_empty() || line == "unsafe") && code[at + word.len()..].starts_with([' ', '<'])
    });
    found.extend(headers.map(|(at, _)| up_to(&code[at..], &['{', ';'])));
    found
}

/// Of an item that starts with `pub`: a trait or an enum whole, of anything else what stands before its body.
fn public_part(item: &str) -> Option<&str> {
    let kind = names(item).skip(1).find(|word| !["async", "unsafe", "extern"].contains(word))?;
    Some(match kind {
        "enum" | "trait" => {
            let head = up_to(item, &['{', ';']);
            &item[..head.len() + group(&item[head.len()..])]
        }
        "struct" => &item[..item.find(['{', '(', ';']).unwrap_or(item.len())],
        "use" | "type" | "static" => up_to(item, &[';']),
        "mod" => return None,
        "fn" | "const" => up_to(item, &['{', ';', '=']),
        // A field.
        _ => up_to(item, &[',', ';']),
    })
}

/// The code before the first of `ends` that is in no bracket, or before the bracket that closes too much.
fn up_to<'a>(code: &'a str, ends: &[char]) -> &'a str {
    let mut depth = 0_i32;
    let mut before = ' ';
    for (at, c) in code.char_indices() {
        if depth == 0 && ends.contains(&c) {
            return &code[..at];
        }
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' || before == '=' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return &code[..at];
        }
        before = c;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(source: &str) -> Vec<String> {
        exposed(&[("a.rs".to_owned(), split_tests(&code(source)).0)])
    }

    #[test]
    fn what_users_see_is_checked() {
        for source in [
            "pub fn send(&self) -> reqwest::Response { x() }",
            "pub async fn send<T>(&self, f: fn(T) -> u8, body: Option<reqwest::Body>) {}",
            "pub struct A { pub client: Vec<u8, reqwest::Client> }",
            "pub struct A(u8, pub reqwest::Client);",
            "pub enum E { Http(reqwest::Error) }",
            "pub trait T { fn f(&self) -> reqwest::Client; }",
            "pub type C = reqwest::Client;",
            "pub use reqwest::Client;",
            "pub use reqwest;",
            "pub const C: Option<oauth2::ClientId> = None;",
            "impl From<reqwest::Error> for Error { }",
            "use reqwest::Client;\npub fn f(c: Client) {}",
            "use reqwest::{header::{A, B as C}, D};\npub fn f(c: C) {}",
            "use {std::fmt, reqwest::Client as Http};\npub fn f(c: &Http) {}",
            "use reqwest as http;\npub fn f(c: http::Client) {}",
            "type Http = reqwest::Client;\npub fn f(c: &Http) {}",
            "use reqwest::Client;\ntype Http = Client;\npub fn f(c: &Http) {}",
        ] {
            assert!(!problems(source).is_empty(), "{source}");
        }
    }

    #[test]
    fn what_users_do_not_see_is_free() {
        for source in [
            "pub struct A { client: reqwest::Client }",
            "pub struct A(reqwest::Client);",
            "pub(crate) fn f() -> reqwest::Client { x() }",
            "fn f() -> reqwest::Client { x() }",
            "pub fn f() -> u8 { let c: reqwest::Client = x(); 1 }",
            "/// Uses `reqwest::Client`.\npub fn f() {}",
            "impl A { fn f(c: reqwest::Client) {} }",
            "use reqwest::Client;\npub fn f(c: Clients) {}",
            "use std::fmt;\npub mod reqwest_like { fn f() -> reqwest::Client {} }",
            "pub struct A { pub x: u8, client: reqwest::Client }",
            "#[cfg(test)]\nmod tests { pub fn f() -> reqwest::Client {} }",
        ] {
            assert_eq!(problems(source), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn an_alias_counts_in_the_whole_crate() {
        let files = [
            ("a.rs".to_owned(), "pub(crate) type Http = reqwest::Client;".to_owned()),
            ("b.rs".to_owned(), "pub fn f(c: Http) {}".to_owned()),
        ];
        assert_eq!(
            exposed(&files),
            ["b.rs: `Http` of a crate that users should not see is in `pub fn f(c: Http)`"]
        );
    }
}
