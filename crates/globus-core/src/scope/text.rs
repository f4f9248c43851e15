//! The grammar: from text to the edges of a graph.

use super::ScopeError;
use super::graph::Graph;

const BAD_NAME: &str = "a name has no blank, control character, `*`, `[` or `]`";

/// An open bracket.
struct Open<'t> {
    /// The scope whose dependencies stand in it.
    name: &'t str,
    at: usize,
    empty: bool,
}

/// Adds the scopes of `text` to the graph, as dependencies of `parent` if there is one, else at the top level.
pub(super) fn read<'t>(
    graph: &mut Graph<'t>,
    parent: Option<&'t str>,
    text: &'t str,
) -> Result<(), ScopeError> {
    let error = |at, problem| Err(ScopeError::syntax(text, at, problem));
    let mut open: Vec<Open<'t>> = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '[' if text[..at].ends_with('[') => return error(at, "a second `[` without a scope between"),
            '[' if text[..at].ends_with(char::is_whitespace) => {
                return error(at, "`[` must follow the name of a scope directly, without a blank");
            }
            '[' => return error(at, "`[` without the name of a scope before it"),
            ']' => {
                match open.pop() {
                    None => return error(at, "`]` without a `[` before it"),
                    Some(Open { at: opened, empty: true, .. }) => return error(opened, "empty brackets"),
                    Some(_) => at += 1,
                }
                if !text[at..].starts_with(|c: char| c == ']' || c.is_whitespace()) && at < text.len() {
                    return error(at, "`]` must be followed by a blank, another `]` or the end");
                }
            }
            blank if blank.is_whitespace() => at += blank.len_utf8(),
            _ => {
                let optional = next == '*';
                let start = at + usize::from(optional);
                let end = text[start..].find(ends_name).map_or(text.len(), |len| start + len);
                let name = &text[start..end];
                if name.is_empty() {
                    return error(at, "`*` must be followed by the name of a scope directly");
                }
                if text[end..].starts_with('*') {
                    return error(end, "`*` must stand before a name, after a blank or a `[`");
                }
                if let Some(bad) = name.find(char::is_control) {
                    return error(start + bad, BAD_NAME);
                }
                if let Some(bracket) = open.last_mut() {
                    bracket.empty = false;
                }
                match open.last().map(|bracket| bracket.name).or(parent) {
                    Some(parent) => graph.add_dependency(parent, name, optional),
                    None => graph.add_top_level(name, optional),
                }
                at = end;
                if text[at..].starts_with('[') {
                    open.push(Open { name, at, empty: true });
                    at += 1;
                }
            }
        }
    }
    match open.last() {
        Some(bracket) => error(bracket.at, "`[` is never closed"),
        None => Ok(()),
    }
}

/// Refuses what is not a plain name.
pub(super) fn check_name(name: &str) -> Result<(), ScopeError> {
    if name.is_empty() {
        return Err(ScopeError::name(name, 0, "a name has at least one character"));
    }
    match name.find(|c: char| ends_name(c) || c.is_control()) {
        Some(at) => Err(ScopeError::name(name, at, BAD_NAME)),
        None => Ok(()),
    }
}

/// Splits canonical text into its top-level scopes.
pub(super) fn split_top_level(text: &str) -> std::str::Split<'_, impl FnMut(char) -> bool> {
    let mut depth = 0_usize;
    text.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        depth == 0 && c == ' '
    })
}

fn ends_name(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '[' | ']')
}
