//! Every operation that `request!` declares has a row in a request-shape test of its crate, and is called at the emulator.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::source::{code, group, is_name, split_tests};
use crate::workspace::{Workspace, has_extension, refuse_any};

/// Where the SDK meets the emulator.
const MEETINGS: &str = "tests/tests/e2e/";

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let mut crates: BTreeMap<String, Sources> = BTreeMap::new();
    let mut meetings = String::new();
    for file in workspace.files()? {
        if file.starts_with(MEETINGS) && has_extension(&file, "rs") {
            meetings.push_str(&code(&workspace.read(&file)?));
        }
        let Some((name, path)) = file.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        if has_extension(path, "rs") {
            crates.entry(name.to_owned()).or_default().take(path, &file, &workspace.read(&file)?);
        }
    }
    let operations: usize = crates.values().map(|sources| sources.operations.len()).sum();
    let mut problems: Vec<String> = crates.values().flat_map(|sources| sources.problems(&meetings)).collect();
    if operations == 0 {
        problems
            .push("no crate declares an operation with `request!`: has the macro another name?".to_owned());
    }
    refuse_any("operations without a test", &problems)?;
    Ok(format!("{operations} operations have a row, and are called at the emulator"))
}

/// What one crate declares, and the code of its tests.
#[derive(Debug, Default)]
struct Sources {
    operations: Vec<Operation>,
    /// Files with a `request!` in which no operation could be read.
    unreadable: Vec<String>,
    tests: String,
}

#[derive(Debug)]
struct Operation {
    method: String,
    file: String,
}

impl Sources {
    /// Sorts one file in; `path` is relative to the crate.
    fn take(&mut self, path: &str, file: &str, source: &str) {
        let code = code(source);
        if path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/") {
            self.tests.push_str(&code);
        } else if path.starts_with("src/") {
            let (ships, tests) = split_tests(&code);
            self.tests.push_str(&tests);
            for table in tables(&ships) {
                let methods = methods(table);
                if methods.is_empty() {
                    self.unreadable.push(file.to_owned());
                }
                self.operations
                    .extend(methods.into_iter().map(|method| Operation { method, file: file.to_owned() }));
            }
        }
    }

    fn problems(&self, meetings: &str) -> Vec<String> {
        let unreadable =
            self.unreadable.iter().map(|file| format!("{file}: no operation found in its `request!`"));
        let rows = self.without_call(&self.tests, "no test of the crate has a row for it");
        let called = self.without_call(meetings, &format!("nothing in {MEETINGS}"));
        unreadable.chain(rows).chain(called).collect()
    }

    /// Where two clients have a method of one name, there must be two calls.
    fn without_call(&self, tests: &str, lack: &str) -> Vec<String> {
        let mut missing = Vec::new();
        let mut declared: BTreeMap<&str, usize> = BTreeMap::new();
        for Operation { method, file } in &self.operations {
            let before = declared.entry(method).or_default();
            *before += 1;
            if calls(tests, method) < *before {
                missing.push(format!("{file}: {lack} that calls `.{method}(…)`"));
            }
        }
        missing
    }
}

/// Counts the calls of a method.
fn calls(tests: &str, method: &str) -> usize {
    let word = format!(".{method}");
    tests.match_indices(&word).filter(|(at, _)| tests[at + word.len()..].starts_with('(')).count()
}

/// The operations that code declares, without its tests.
pub(crate) fn operations(source: &str) -> Vec<String> {
    let (ships, _) = split_tests(&code(source));
    tables(&ships).into_iter().flat_map(methods).collect()
}

/// The bodies of each `request! { … }`.
pub(super) fn tables(code: &str) -> Vec<&str> {
    let mut tables = Vec::new();
    for (at, word) in code.match_indices("request!") {
        let body = code[at + word.len()..].trim_start();
        if !code[..at].ends_with(is_name) && body.starts_with(['{', '(']) {
            tables.push(&body[..group(body)]);
        }
    }
    tables
}

/// The names after `fn` in a table.
fn methods(table: &str) -> Vec<String> {
    table
        .match_indices("fn ")
        .filter(|(at, _)| !table[..*at].ends_with(is_name))
        .map(|(at, word)| table[at + word.len()..].trim_start().chars().take_while(|c| is_name(*c)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
        globus_core::request! {
            /// # Tasks
            impl TransferClient {
                /// Lists tasks; `fn not_this() -> X`.
                fn task_list() -> TaskList => TaskPage {
                    GET \"v0.10\" / \"task_list\";
                    query { /// Words.
                        filter: text; }
                }
                fn get_task(task_id: id TaskId) -> GetTask => Task { GET \"task\" / task_id; }
            }
        }
        impl TransferClient { fn by_hand(&self) {} }
        my_request! { impl Other { fn other() -> A => B {} } }
        #[cfg(test)]
        mod tests { request! { impl X { fn only_in_tests() -> A => B {} } } fn f() { row(client.get_task(id)); } }
    ";

    /// Calls of all that the tests declare.
    const MET: &str = "lab.task_list(); lab.get_task(id); a.get(); b.get();";

    fn sources(source: &str, tests: &str) -> Sources {
        let mut sources = Sources::default();
        sources.take("src/tasks.rs", "crates/a/src/tasks.rs", source);
        sources.take("tests/shape.rs", "crates/a/tests/shape.rs", tests);
        sources
    }

    #[test]
    fn an_operation_is_found_with_its_row() {
        let sources = sources(SOURCE, "row(client.task_list().filter(\"x\"))");
        assert_eq!(
            sources.operations.iter().map(|o| o.method.as_str()).collect::<Vec<_>>(),
            ["task_list", "get_task"]
        );
        assert_eq!(sources.problems(MET), Vec::<String>::new());
    }

    #[test]
    fn an_operation_without_a_row_is_named() {
        let missing =
            ["crates/a/src/tasks.rs: no test of the crate has a row for it that calls `.task_list(…)`"];
        for tests in [
            "",
            "// client.task_list()",
            "\"client.task_list()\"",
            "client.task_list_all()",
            "fn task_list() {}",
        ] {
            assert_eq!(sources(SOURCE, tests).problems(MET), missing, "{tests}");
        }
    }

    #[test]
    fn a_name_that_two_clients_share_needs_two_rows() {
        let twice =
            "request! { impl A { fn get() -> G => D {} } } request! { impl B { fn get() -> H => D {} } }";
        assert_eq!(sources(twice, "a.get()").problems(MET).len(), 1);
        assert_eq!(sources(twice, "a.get(); b.get()").problems(MET), Vec::<String>::new());
    }

    #[test]
    fn a_table_that_cannot_be_read_is_a_problem() {
        let found = sources("request! { struct TaskList; }", "").problems(MET);
        assert_eq!(found, ["crates/a/src/tasks.rs: no operation found in its `request!`"]);
    }

    #[test]
    fn an_operation_that_the_emulator_never_sees_is_named() {
        let sources = sources(SOURCE, "client.task_list()");
        let lacks = ["crates/a/src/tasks.rs: nothing in tests/tests/e2e/ that calls `.task_list(…)`"];
        assert_eq!(sources.problems("lab.get_task(id);"), lacks);
    }
}
