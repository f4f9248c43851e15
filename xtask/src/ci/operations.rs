//! Every operation says in its documentation what it does, how it fails, with which scope, where the service describes
//! it, and shows a call.
//!
//! Operations are the rows of `request!`, and the methods of clients that give one of their builders. Other methods of
//! clients that talk to a service are held to the same, but for the page: what they do is the SDK's own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::shape::tables;
use crate::source::{code, group, is_name};
use crate::workspace::{Workspace, has_extension, refuse_any};

const CRATES: [&str; 3] = ["globus-auth", "globus-flows", "globus-transfer"];

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let mut crates: BTreeMap<&str, Vec<File>> = BTreeMap::new();
    for path in workspace.files()? {
        let of = CRATES.iter().find(|name| path.starts_with(&format!("crates/{name}/src/")));
        if let Some(name) = of.filter(|_| has_extension(&path, "rs")) {
            crates.entry(name).or_default().push(File::new(&path, workspace.read(&path)?));
        }
    }
    let (mut operations, mut problems) = (0, Vec::new());
    for name in CRATES {
        let methods = methods(crates.get(name).map_or(&[], Vec::as_slice));
        if !methods.iter().any(|method| method.served) {
            problems.push(format!("{name}: no operation found"));
        }
        operations += methods.len();
        problems.extend(lacks(&methods));
    }
    refuse_any("operations whose documentation lacks something", &problems)?;
    Ok(format!("{operations} operations are documented whole"))
}

/// A source file, and the same without comments and literals, byte by byte.
#[derive(Debug)]
struct File {
    path: String,
    source: String,
    code: String,
}

impl File {
    fn new(path: &str, source: String) -> Self {
        let code = code(&source);
        Self { path: path.to_owned(), source, code }
    }

    /// The lines of documentation before an item that begins at `at`.
    fn doc(&self, at: usize) -> Vec<&str> {
        // Between two items there are attributes and comments only, and none of them has one of these.
        let start = self.code[..at].rfind(['{', '}', ';']).map_or(0, |end| end + 1);
        let lines = self.source[start..at].lines().filter_map(|line| line.trim_start().strip_prefix("///"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect()
    }

    /// Each `impl` of a type itself: the type's name, and where its body is.
    fn impls(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        let starts = self.code.match_indices("impl").filter(|(at, _)| {
            let before = self.code[..*at].rsplit('\n').next().unwrap_or_default();
            before.trim().is_empty() && self.code[at + 4..].starts_with([' ', '<'])
        });
        starts.filter_map(|(at, _)| {
            let head = &self.code[at + 4..];
            let body = head.find('{')?;
            let head = &head[..body];
            let name = match head.trim_start().strip_prefix('<') {
                // The parameters of the implementation come first.
                Some(generic) => generic.split_once("> ")?.1,
                None => head,
            };
            let open = at + 4 + body;
            let of_itself = !head.contains(" for ");
            of_itself.then(|| (first_name(name), &self.code[open..open + group(&self.code[open..])], open))
        })
    }
}

/// A method that talks to a service.
#[derive(Debug)]
struct Method<'a> {
    path: &'a str,
    name: &'a str,
    doc: Vec<&'a str>,
    /// Whether the service has it, or only the SDK.
    served: bool,
}

/// What one crate's clients can do.
fn methods(files: &[File]) -> Vec<Method<'_>> {
    let mut found = Vec::new();
    let mut builders = BTreeSet::new();
    for file in files {
        // A builder of an operation that the table has no form for: client, method, builder.
        for (at, word) in file.code.match_indices("__request_builder!(") {
            builders.extend(file.code[at + word.len()..].split(',').nth(2).map(first_name));
        }
        for table in tables(&file.code) {
            let offset = table.as_ptr() as usize - file.code.as_ptr() as usize;
            let client = table.split_once("impl ").map_or("", |(_, rest)| first_name(rest));
            for (at, name, signature) in functions(table, "fn ") {
                builders.extend(signature.split_once("->").map(|(_, builder)| first_name(builder)));
                if is_client(client) {
                    found.push(Method { path: &file.path, name, doc: file.doc(offset + at), served: true });
                }
            }
        }
    }
    // What can be sent or followed is a request too, though none of the service's own.
    let mut requests = BTreeSet::new();
    for (name, body, _) in files.iter().flat_map(File::impls) {
        let mut methods = functions(body, "pub async fn ").chain(functions(body, "pub fn "));
        if !is_client(name) && methods.any(|(_, name, _)| ["send", "next", "start"].contains(&name)) {
            requests.insert(name);
        }
    }
    for file in files {
        for (_, body, open) in file.impls().filter(|(name, ..)| is_client(name)) {
            let plain = functions(body, "pub fn ").map(|function| (false, function));
            let waiting = functions(body, "pub async fn ").map(|function| (true, function));
            for (waits, (at, name, signature)) in plain.chain(waiting) {
                let gives = signature.split_once("->").map_or("", |(_, gives)| gives);
                let any = |of: &BTreeSet<&str>| gives.split(|c| !is_name(c)).any(|word| of.contains(word));
                let served = any(&builders);
                if waits || served || any(&requests) {
                    found.push(Method { path: &file.path, name, doc: file.doc(open + at), served });
                }
            }
        }
    }
    found
}

/// Whether methods of a type with this name are what users call a service with.
fn is_client(name: &str) -> bool {
    name.contains("Client") && !name.ends_with("Builder") || name == "CollectionFiles"
}

/// The functions in a piece of code: where each begins, its name, and its signature.
fn functions<'a>(code: &'a str, start: &'static str) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
    let starts = code.match_indices(start).filter(|(at, _)| !code[..*at].ends_with(is_name));
    starts.map(move |(at, _)| {
        let rest = &code[at + start.len()..];
        (at, first_name(rest), &rest[..rest.find('{').unwrap_or(rest.len())])
    })
}

/// The name that code begins with; in a macro, that of the variable.
fn first_name(code: &str) -> &str {
    let code = code.trim_start().trim_start_matches('$');
    &code[..code.find(|c| !is_name(c)).unwrap_or(code.len())]
}

/// What the documentation of each method lacks, in one line each.
fn lacks(methods: &[Method<'_>]) -> Vec<String> {
    let names: BTreeSet<&str> = methods.iter().map(|method| method.name).collect();
    let missing = methods.iter().filter_map(|method| {
        let lacks = method.lacks(&names);
        let said = format!("{}: `{}` lacks {}", method.path, method.name, lacks.join(", "));
        (!lacks.is_empty()).then_some(said)
    });
    missing.collect()
}

impl Method<'_> {
    fn lacks(&self, operations: &BTreeSet<&str>) -> Vec<&'static str> {
        let mut lacks = Vec::new();
        let mut need = |there: bool, what| {
            if !there {
                lacks.push(what);
            }
        };
        need(
            self.doc.first().is_some_and(|line| begins_with_verb(line)),
            "a first line that begins with a verb",
        );
        need(self.doc.iter().any(|line| line.starts_with("```")), "an example");
        need(self.names_scope(), "a line `Scope: …` that links the scope, or says `none`");
        need(
            self.names_errors(operations),
            "a section `# Errors` that links what to test, or an operation with one",
        );
        let mut page =
            self.doc.iter().filter(|line| line.starts_with("Service: <https://") && line.ends_with('>'));
        need(!self.served || page.next().is_some(), "a line `Service: <https://…>`");
        lacks
    }

    fn names_scope(&self) -> bool {
        let mut lines = self.doc.iter().skip_while(|line| !line.starts_with("Scope: "));
        // The sentence may go on in the next line.
        let text: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).copied().collect();
        let text = text.join(" ");
        text.starts_with("Scope: none") || links(&text).next().is_some()
    }

    fn names_errors(&self, operations: &BTreeSet<&str>) -> bool {
        let section = self.doc.iter().skip_while(|line| **line != "# Errors").skip(1);
        let section = section.take_while(|line| !line.starts_with("# ") && !line.starts_with("Service: "));
        let text = section.copied().collect::<Vec<_>>().join(" ");
        links(&text).any(|name| {
            let last = name.rsplit("::").next().unwrap_or_default();
            let predicate = last.starts_with("is_")
                || ["needs_consent", "status", "messages", "oauth_error"].contains(&last);
            predicate || name.contains("ErrorKind::") || name.ends_with("Error") || operations.contains(last)
        })
    }
}

/// The names in the links of a text: what stands in ``[`…`]``.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("[`").filter_map(|(at, _)| text[at + 2..].split_once("`]").map(|(name, _)| name))
}

/// Whether a line says what something does: "Gives …", "Lists …".
fn begins_with_verb(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default().trim_end_matches(',');
    let lower = word.chars().skip(1).all(|c| c.is_ascii_lowercase());
    lower
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.ends_with('s')
        && !["This", "As", "Its"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
        globus_core::request! {
            /// # Tasks
            impl TransferClient {
                /// Lists tasks.
                ///
                /// ```no_run
                /// transfer.task_list();
                /// ```
                ///
                /// Scope: [`ALL`](scope::ALL).
                ///
                /// # Errors
                /// [`is_not_found`](Error::is_not_found) when there are none.
                ///
                /// Service: <https://docs.globus.org/api/transfer/task/>
                #[doc(alias = "task; list {}")]
                fn task_list() -> TaskList => TaskPage {
                    GET "v0.10" / "task_list";
                }
            }
        }
    "#;

    const HELPERS: &str = r"
        impl<T: Copy> Wait<T> { pub async fn send(self) -> Result<()> { body(); } }
        impl Display for OtherClient { fn fmt(&self) {} }
        impl TransferClient {
            /// Makes a client.
            pub fn new() -> Self { Self }
            /// Waits for a task.
            pub fn task_wait(&self) -> Wait<u8> { Wait }
            /// Lists tasks again.
            pub fn again(&self) -> TaskList { self.task_list() }
            /// Looks.
            pub async fn exists(&self) -> Result<bool> { Ok(true) }
        }
    ";

    fn found(source: &str) -> Vec<String> {
        lacks(&methods(&[File::new("a.rs", source.to_owned())]))
    }

    #[test]
    fn an_operation_that_says_everything_passes() {
        assert_eq!(found(WHOLE), Vec::<String>::new());
    }

    #[test]
    fn each_part_is_missed_by_its_name() {
        for (part, instead, lack) in [
            ("Lists tasks.", "The tasks.", "verb"),
            ("```", "", "an example"),
            ("Scope: [`ALL`](scope::ALL).", "Needs [`ALL`](scope::ALL).", "`Scope: …`"),
            ("Scope: [`ALL`](scope::ALL).", "Scope: all of it.", "`Scope: …`"),
            ("# Errors", "# Failures", "`# Errors`"),
            ("[`is_not_found`](Error::is_not_found)", "As [`Task`]: 404", "`# Errors`"),
            ("Service: <", "See <", "`Service: <https://…>`"),
        ] {
            assert!(WHOLE.contains(part), "{part}");
            let problems = found(&WHOLE.replace(part, instead));
            assert_eq!(problems.len(), 1, "{part}: {problems:?}");
            assert!(
                problems[0].starts_with("a.rs: `task_list` lacks ") && problems[0].contains(lack),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn errors_may_be_those_of_another_operation() {
        let named = |name: &str| found(&WHOLE.replace("is_not_found", name));
        assert_eq!(named("TransferClient::task_list"), Vec::<String>::new());
        assert_eq!(named("TransferClient::no_such").len(), 1);
    }

    #[test]
    fn methods_of_clients_that_talk_to_a_service_are_found() {
        let source = format!("{WHOLE}{HELPERS}");
        let file = [File::new("a.rs", source)];
        let found: Vec<_> = methods(&file).iter().map(|method| (method.name, method.served)).collect();
        assert_eq!(found, [("task_list", true), ("task_wait", false), ("again", true), ("exists", false)]);
    }

    #[test]
    fn a_table_of_what_users_do_not_see_is_left_out() {
        assert!(methods(&[File::new("a.rs", WHOLE.replace("TransferClient", "Runs"))]).is_empty());
    }
}
