//! Habits that no compiler checks: short files, reasons beside exceptions, nothing left undone.

use anyhow::Result;

use crate::changelog;
use crate::source::{code, group, is_name};
use crate::workspace::{Workspace, refuse_any};

/// The most lines in a file; 400 is the aim.
const MOST_LINES: usize = 700;

/// Files in which a mark of unfinished work counts; prose may talk about such marks.
const CODE: [&str; 6] = ["rs", "toml", "yml", "sh", "py", "run"];

// In pieces, so that this file does not hold what it looks for.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
const UNDONE: [&str; 2] = [concat!("to", "do!"), concat!("unimplement", "ed!")];
/// What an ignored test must not be left at, without the brackets.
const BARE: [&str; 2] = ["ignore", "ignore = \"\""];
const OUTSIDE: &str = concat!("../", "shared");

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let files = workspace.files()?;
    let mut problems = Vec::new();
    let mut seen = 0;
    for file in files {
        // What is not text has nothing to say here.
        let Ok(bytes) = std::fs::read(workspace.path(&file)) else {
            continue;
        };
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        problems.extend(problems_of(&file, &text));
        seen += 1;
    }
    let metadata = workspace.members()?;
    let members: Vec<&str> = metadata.members().into_keys().collect();
    let fragments = changelog::fragments(workspace, &members)?;
    refuse_any("files break the habits of CONTRIBUTING.md", &problems)?;
    Ok(format!("{seen} files and {} changelog fragments are in order", fragments.len()))
}

fn problems_of(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let at = |offset: usize| format!("{file}:{}", text[..offset].matches('\n').count() + 1);
    if let Some(offset) = text.find(OUTSIDE) {
        problems.push(format!("{}: names `{OUTSIDE}`, which nobody else has", at(offset)));
    }
    let kind = file.rsplit(['.', '/']).next().unwrap_or_default();
    if CODE.contains(&kind) {
        for mark in MARKS {
            problems.extend(
                words(text, mark).map(|offset| format!("{}: {mark}: finish it or open an issue", at(offset))),
            );
        }
    }
    if kind != "rs" {
        return problems;
    }
    let lines = text.lines().count();
    let counted = (file.starts_with("crates/") && file.contains("/src/")) || file.starts_with("xtask/src/");
    if counted && lines > MOST_LINES {
        problems
            .push(format!("{file}: {lines} lines, the most is {MOST_LINES}: give a subject its own file"));
    }
    let code = code(text);
    for undone in UNDONE {
        problems.extend(words(&code, undone).map(|offset| format!("{}: {undone} is not done", at(offset))));
    }
    for attribute in ["allow(", "expect("] {
        for (offset, _) in code.match_indices(attribute).filter(|(offset, _)| {
            let before = code[..*offset].trim_end();
            before.ends_with("#[") || before.ends_with("#![")
        }) {
            let inside = &code[offset..offset + group(&code[offset..])];
            if !inside.contains("reason =") {
                problems.push(format!("{}: `{attribute}…)` needs `reason = \"…\"`", at(offset)));
            }
        }
    }
    for bare in BARE.map(|bare| format!("#[{bare}]")) {
        problems.extend(
            code.match_indices(&bare)
                .map(|(offset, _)| format!("{}: `{bare}` must say what the test needs", at(offset))),
        );
    }
    problems
}

/// Where `word` stands with no letter, digit or underscore around it.
fn words(text: &str, word: &str) -> impl Iterator<Item = usize> {
    text.match_indices(word).map(|(offset, _)| offset).filter(move |offset| {
        !text[..*offset].ends_with(is_name) && !text[offset + word.len()..].starts_with(is_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line must be the one problem of its file.
    fn one(file: &str, line: &str, words: &str) {
        let found = problems_of(file, &format!("fn fine() {{}}\n{line}\n"));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].starts_with(&format!("{file}:2: ")) && found[0].contains(words), "{found:?}");
    }

    #[test]
    fn each_habit_is_checked() {
        let [later, broken] = MARKS;
        let [left, missing] = UNDONE;
        one("crates/a/src/lib.rs", &format!("// {later}: more"), "finish it");
        one("Cargo.toml", &format!("# {broken} later"), "finish it");
        one(".ci/run", &format!("# {later}"), "finish it");
        one("tests/src/lib.rs", &format!("fn f() {{ {left}() }}"), "not done");
        one("tests/src/lib.rs", &format!("fn f() {{ {missing}() }}"), "not done");
        for lint in ["allow(dead_code)", "expect(\n    dead_code,\n)"] {
            one("crates/a/src/lib.rs", &format!("#[{lint}]"), "reason");
            one("crates/a/src/lib.rs", &format!("#![{lint}]"), "reason");
        }
        for bare in BARE {
            one("crates/a/src/lib.rs", &format!("#[{bare}]"), "what the test needs");
        }
        one("docs/guide.md", &format!("See {OUTSIDE}/notes."), "nobody else has");
    }

    #[test]
    fn what_only_looks_like_a_problem_passes() {
        let [later, _] = MARKS;
        let [left, _] = UNDONE;
        let ([bare, _], lint) = (BARE, "allow(x)");
        let text = format!(
            "#[allow(dead_code, reason = \"x\")]\n#[ignore = \"needs a network\"]\n\
             const A: &str = \"{left} #[{bare}] #[{lint}]\";\n// {later}S is a plural\nfn f() {{ allow(1) }}\n"
        );
        assert_eq!(problems_of("crates/a/src/lib.rs", &text), Vec::<String>::new());
        assert_eq!(problems_of("docs/guide.md", &format!("no {later} here")), Vec::<String>::new());
    }

    #[test]
    fn long_files_are_named() {
        let long = "\n".repeat(MOST_LINES + 1);
        assert!(problems_of("crates/a/src/b.rs", &long)[0].contains("701 lines"));
        assert_eq!(problems_of("crates/a/src/b.rs", &long[1..]), Vec::<String>::new());
        assert_eq!(problems_of("crates/a/tests/b.rs", &long), Vec::<String>::new());
    }
}
