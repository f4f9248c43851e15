//! Every operation that `request!` declares has a row in a request-shape test of its crate.

use std::collections::BTreeMap;

use anyhow::Result;

use super::source::{code, group, split_tests};
use crate::workspace::{Workspace, has_extension, refuse_any};

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let mut crates: BTreeMap<String, Sources> = BTreeMap::new();
    for file in workspace.files()? {
        let Some((name, path)) = file.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        if has_extension(path, "rs") {
            crates
                .entry(name.to_owned())
                .or_default()
                .take(path, &file, &workspace.read(&file)?);
        }
    }
    let operations: usize = crates.values().map(|sources| sources.operations.len()).sum();
    let mut problems: Vec<String> = crates.values().flat_map(Sources::without_row).collect();
    if operations == 0 {
        problems
            .push("no crate declares an operation with `request!`: has the macro another name?".to_owned());
    }
    refuse_any("operations without a request-shape row", &problems)?;
    println!("{operations} operations have a row");
    Ok(())
}

/// What one crate declares, and the text of its tests.
#[derive(Debug, Default)]
struct Sources {
    operations: Vec<Operation>,
    tests: String,
}

#[derive(Debug, PartialEq)]
struct Operation {
    name: String,
    file: String,
}

impl Sources {
    /// Sorts one file in; `path` is relative to the crate.
    fn take(&mut self, path: &str, file: &str, source: &str) {
        let code = code(source);
        let is_test = path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/");
        if is_test {
            self.tests.push_str(&code);
        } else if path.starts_with("src/") {
            let (ships, tests) = split_tests(&code);
            self.tests.push_str(&tests);
            self.operations
                .extend(declared(&ships).into_iter().map(|name| Operation {
                    name,
                    file: file.to_owned(),
                }));
        }
    }

    /// A row calls the client's method, which is the operation's name in snake case.
    fn without_row(&self) -> Vec<String> {
        self.operations
            .iter()
            .filter_map(|operation| {
                let method = snake(&operation.name);
                let called = self
                    .tests
                    .match_indices(&format!(".{method}"))
                    .any(|(at, found)| {
                        self.tests[at + found.len()..]
                            .trim_start()
                            .starts_with(['(', ':'])
                    });
                (!called).then(|| {
                    format!(
                        "{}: {} has no row that calls `.{method}(…)`",
                        operation.file, operation.name
                    )
                })
            })
            .collect()
    }
}

/// The names after `pub struct` in each `request! { … }`.
fn declared(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, word) in code.match_indices("request!") {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let body = code[at + word.len()..].trim_start();
        if code[..at].ends_with(is_name) || !body.starts_with(['{', '(']) {
            continue;
        }
        for declaration in body[..group(body)].split("pub struct ").skip(1) {
            names.push(
                declaration
                    .trim_start()
                    .chars()
                    .take_while(|c| is_name(*c))
                    .collect(),
            );
        }
    }
    names
}

/// `TaskEventList` to `task_event_list`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
        globus_core::request! {
            /// Request of `request! { pub struct NotThis }`.
            pub struct TaskList() for TransferClient;
            GET [\"task_list\"] => TaskPage;
            query { /// Words.
                filter: String, }
        }
        pub struct Task { x: u8 }
        request! { pub struct GetTask(task_id: TaskId) for TransferClient; }
        my_request! { pub struct Other }
        #[cfg(test)]
        mod tests { request! { pub struct OnlyInTests } fn f() { row(client.get_task(id)); } }
    ";

    fn without_row(tests: &str) -> Vec<String> {
        let mut sources = Sources::default();
        sources.take("src/tasks.rs", "crates/a/src/tasks.rs", SOURCE);
        sources.take("tests/shape.rs", "crates/a/tests/shape.rs", tests);
        assert_eq!(
            sources
                .operations
                .iter()
                .map(|operation| &operation.name)
                .collect::<Vec<_>>(),
            ["TaskList", "GetTask"]
        );
        sources.without_row()
    }

    #[test]
    fn an_operation_is_found_with_its_row() {
        assert_eq!(
            without_row("row(client.task_list().filter(\"x\"))"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_operation_without_a_row_is_named() {
        let expected = ["crates/a/src/tasks.rs: TaskList has no row that calls `.task_list(…)`"];
        for tests in [
            "",
            "// client.task_list()",
            "\"client.task_list()\"",
            "client.task_list_all()",
            "fn task_list() {}",
        ] {
            assert_eq!(without_row(tests), expected, "{tests}");
        }
    }

    #[test]
    fn names_become_methods() {
        assert_eq!(snake("TaskEventList"), "task_event_list");
        assert_eq!(snake("Ls"), "ls");
    }
}
