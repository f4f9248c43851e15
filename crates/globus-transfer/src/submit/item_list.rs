//! Lists of files: items that come from a text, a line each.

use std::{
    fmt,
    io::{self, BufRead},
};

use globus_core::Error;
use serde_json::{Map, Value};

use crate::files::path::complaint;

use super::{
    draft::Kind,
    items::{ItemOptions, Items, Shape},
    wire::ReadItem,
};

/// How many bad lines an error tells; it counts the others.
const TOLD: usize = 100;

/// Reads a list of files: what a transfer or a deletion is about, a line for each item.
///
/// ```
/// use globus_transfer::{TransferData, submit::ItemList};
///
/// let (from, to) = ("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "ddb59af0-6d04-11e5-ba46-22000b92c6ec");
/// let list = "a.h5\nraw/\traw-2026/\ttrue\n";
/// let mut data = TransferData::new(from, to);
/// data.add_item_list(ItemList::tsv().source_base("/~/runs/").destination_base("/archive/"), list.as_bytes())?;
/// assert_eq!(data.len(), 2);
///
/// let wrong = "a.h5\nb.h5\t\nc.h5\tc.h5\tperhaps\n";
/// let error = data.add_item_list(ItemList::tsv(), wrong.as_bytes()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "2 bad lines: line 2: the destination path is empty; line 3: recursive is \"perhaps\", which is neither true nor false"
/// );
/// assert_eq!(data.len(), 2);
/// # Ok::<(), globus_transfer::submit::ItemListError>(())
/// ```
///
/// The whole list is read, and every bad line told, before anything of it is added. Empty lines are passed over; a
/// carriage return at the end of a line does not belong to it.
///
/// | Format | A line |
/// |---|---|
/// | [`tsv`](Self::tsv) | `source⇥destination`, then optionally `⇥recursive` (`true`, `false` or nothing), `⇥checksum`, `⇥algorithm` |
/// | [`json_lines`](Self::json_lines) | `{"source_path": …, "destination_path": …, "recursive": …, "external_checksum": …, "checksum_algorithm": …}`, `["source", "destination"]`, or `"path"` |
/// | [`nul`](Self::nul) | a path, ended by a NUL byte, as `find -print0` writes them |
///
/// A single path is the same path on both sides. Of a deletion every line is a single path. Names that have line breaks
/// in them can be given as JSON or ended by NUL bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a list does nothing until it is added to a document"]
pub struct ItemList {
    format: Format,
    source_base: String,
    destination_base: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Tsv,
    JsonLines,
    Nul,
}

impl ItemList {
    /// Reads lines of columns, separated by tabs.
    pub fn tsv() -> Self {
        Self::new(Format::Tsv)
    }

    /// Reads lines of JSON.
    pub fn json_lines() -> Self {
        Self::new(Format::JsonLines)
    }

    /// Reads paths that are each ended by a NUL byte; the last one may lack it.
    pub fn nul() -> Self {
        Self::new(Format::Nul)
    }

    fn new(format: Format) -> Self {
        Self { format, source_base: String::new(), destination_base: String::new() }
    }

    /// Puts a directory in front of source paths (of a deletion: of paths) that begin neither with `/` nor with `~`.
    /// Default: none.
    pub fn source_base(mut self, directory: impl Into<String>) -> Self {
        self.source_base = as_base(directory.into());
        self
    }

    /// Puts a directory in front of destination paths that begin neither with `/` nor with `~`. Default: none.
    pub fn destination_base(mut self, directory: impl Into<String>) -> Self {
        self.destination_base = as_base(directory.into());
        self
    }

    pub(super) fn read(&self, kind: Kind, mut input: impl BufRead) -> Result<Items, ItemListError> {
        let end = if self.format == Format::Nul { 0 } else { b'\n' };
        let mut items = Items::default();
        let mut bad = BadLines::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            match input.read_until(end, &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return Err(ItemListError::Unreadable { line: number, error }),
            }
            if line.last() == Some(&end) {
                line.pop();
            }
            if number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
                line.drain(..3);
            }
            if let Err(problem) = self.read_line(kind, &line, &mut items) {
                bad.add(number, problem);
            }
        }
        if bad.count == 0 { Ok(items) } else { Err(ItemListError::BadLines(bad)) }
    }

    fn read_line(&self, kind: Kind, line: &[u8], items: &mut Items) -> Result<(), String> {
        let text =
            std::str::from_utf8(line).map_err(|error| format!("byte {} is no UTF-8", error.valid_up_to()))?;
        let text = match self.format {
            Format::Nul => text,
            Format::Tsv | Format::JsonLines => text.strip_suffix('\r').unwrap_or(text),
        };
        if text.is_empty() {
            return Ok(());
        }
        match self.format {
            Format::Tsv => self.read_columns(kind, text, items),
            Format::JsonLines => self.read_json(kind, text, items),
            Format::Nul => self.add(kind, text, text, Shape::Detect, ItemOptions::default(), items),
        }
    }

    fn read_columns(&self, kind: Kind, text: &str, items: &mut Items) -> Result<(), String> {
        let columns: Vec<&str> = text.split('\t').collect();
        let most = if kind == Kind::Delete { 1 } else { 5 };
        if columns.len() > most {
            return Err(format!("there are {} columns, and at most {most} are read", columns.len()));
        }
        let column = |position: usize| columns.get(position).copied().filter(|text| !text.is_empty());
        let shape = match column(2) {
            None => Shape::Detect,
            Some("true") => Shape::Directory,
            Some("false") => Shape::File,
            Some(other) => return Err(format!("recursive is {other:?}, which is neither true nor false")),
        };
        let options = ItemOptions {
            external_checksum: column(3).map(Into::into),
            checksum_algorithm: column(4).map(Into::into),
            extra: None,
        };
        let destination = columns.get(1).copied().unwrap_or(columns[0]);
        self.add(kind, columns[0], destination, shape, options, items)
    }

    fn read_json(&self, kind: Kind, text: &str, items: &mut Items) -> Result<(), String> {
        let value: Value = serde_json::from_str(text).map_err(|error| no_json(&error))?;
        let none = ItemOptions::default();
        match (value, kind) {
            (Value::String(path), _) => self.add(kind, &path, &path, Shape::Detect, none, items),
            (Value::Array(pair), Kind::Transfer) => match pair.as_slice() {
                [Value::String(source), Value::String(destination)] => {
                    self.add(kind, source, destination, Shape::Detect, none, items)
                }
                _ => Err("an array has to be two paths".to_owned()),
            },
            (Value::Object(members), _) => self.read_object(kind, members, items),
            (_, Kind::Transfer) => Err("expected an object, an array of two paths, or a path".to_owned()),
            (_, Kind::Delete) => Err("expected a path, or an object with one".to_owned()),
        }
    }

    fn read_object(
        &self,
        kind: Kind,
        mut members: Map<String, Value>,
        items: &mut Items,
    ) -> Result<(), String> {
        let bases: &[(&str, &str)] = match kind {
            Kind::Transfer => {
                &[("source_path", &self.source_base), ("destination_path", &self.destination_base)]
            }
            Kind::Delete => &[("path", &self.source_base)],
        };
        for (name, base) in bases {
            match members.get_mut(*name) {
                // What is empty is told as such, whatever stands in front of it.
                Some(Value::String(path)) if !path.is_empty() => *path = joined(base, path),
                Some(_) => {}
                None => return Err(format!("{name} is missing")),
            }
        }
        let item: ReadItem =
            serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())?;
        // A misspelt member of a file list would be lost without a word.
        if let Some(name) = item.extra.keys().next() {
            return Err(format!("there is no member {name:?}"));
        }
        item.store(items)
    }

    fn add(
        &self,
        kind: Kind,
        source: &str,
        destination: &str,
        shape: Shape,
        options: ItemOptions,
        items: &mut Items,
    ) -> Result<(), String> {
        let names: &[(&str, &str)] = match kind {
            Kind::Transfer => &[("source path", source), ("destination path", destination)],
            Kind::Delete => &[("path", source)],
        };
        for (name, path) in names {
            if let Some(complaint) = complaint(path) {
                return Err(format!("the {name} {complaint}"));
            }
        }
        let source = joined(&self.source_base, source);
        let destination = match kind {
            Kind::Transfer => joined(&self.destination_base, destination),
            Kind::Delete => String::new(),
        };
        let options = (options != ItemOptions::default()).then(|| Box::new(options));
        items.push(&source, &destination, shape, options).map_err(str::to_owned)
    }
}

/// Says what is wrong with a line; which line it is, is said elsewhere.
fn no_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
    format!("no JSON: {problem} at column {}", error.column())
}

fn as_base(mut directory: String) -> String {
    if !directory.is_empty() && !directory.ends_with('/') {
        directory.push('/');
    }
    directory
}

fn joined(base: &str, path: &str) -> String {
    if path.starts_with(['/', '~']) { path.to_owned() } else { format!("{base}{path}") }
}

/// Says why a file list was not taken. Nothing of it was added.
///
/// Converts into [`Error`], of the kind [`InvalidInput`](crate::ErrorKind::InvalidInput).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ItemListError {
    /// Lines cannot be understood.
    #[error("{0}")]
    BadLines(BadLines),
    /// The list cannot be read any further.
    #[error("line {line} cannot be read: {error}")]
    Unreadable {
        /// The line, from 1.
        line: u64,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl From<ItemListError> for Error {
    fn from(error: ItemListError) -> Self {
        Self::invalid_input(error.to_string()).with_source(error)
    }
}

/// Holds the lines of a file list that cannot be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadLines {
    first: Vec<BadLine>,
    count: u64,
}

impl BadLines {
    fn add(&mut self, line: u64, problem: String) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push(BadLine { line, problem });
        }
    }

    /// Gives the bad lines, in their order: up to 100.
    #[must_use]
    pub fn lines(&self) -> &[BadLine] {
        &self.first
    }

    /// Counts all bad lines.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bad line{}", self.count, if self.count == 1 { "" } else { "s" })?;
        for (position, BadLine { line, problem }) in self.first.iter().enumerate() {
            write!(f, "{} line {line}: {problem}", if position == 0 { ":" } else { ";" })?;
        }
        let untold = self.count - self.first.len() as u64;
        if untold > 0 { write!(f, "; and {untold} more") } else { Ok(()) }
    }
}

/// Names a line of a file list, and says what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The line, from 1; of a list with NUL bytes, the path.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submit::items::Place;

    fn read(list: &ItemList, kind: Kind, text: &[u8]) -> Result<Vec<(String, String, Shape)>, String> {
        let items = list.read(kind, text).map_err(|error| error.to_string())?;
        let mut place = Place::default();
        let mut found = Vec::new();
        while let Some(item) = items.next(&mut place) {
            found.push((item.source.to_owned(), item.destination.to_owned(), item.shape));
        }
        Ok(found)
    }

    fn row(source: &str, destination: &str, shape: Shape) -> (String, String, Shape) {
        (source.to_owned(), destination.to_owned(), shape)
    }

    #[test]
    fn columns() {
        let list = ItemList::tsv().source_base("/s").destination_base("/d/");
        let text = "\u{feff}a b\t'c'\r\n\n~/x\t/y\tfalse\tabc\tSHA256\ndir\tdir\ttrue";
        assert_eq!(
            read(&list, Kind::Transfer, text.as_bytes()).unwrap(),
            [
                row("/s/a b", "/d/'c'", Shape::Detect),
                row("~/x", "/y", Shape::File),
                row("/s/dir", "/d/dir", Shape::Directory),
            ]
        );
        assert_eq!(
            read(&list, Kind::Transfer, b"d/\td/\ttrue\tab\nf\tf\t\txyz").unwrap_err(),
            "2 bad lines: line 1: an external checksum is that of a file, and the item is marked as something else; \
             line 2: the external checksum is not made of hexadecimal digits"
        );
        assert_eq!(read(&ItemList::tsv(), Kind::Transfer, b"/a").unwrap(), [row("/a", "/a", Shape::Detect)]);
        assert_eq!(read(&list, Kind::Delete, b"a\n/b").unwrap().len(), 2);
        assert_eq!(
            read(&list, Kind::Delete, b"a\tb").unwrap_err(),
            "1 bad line: line 1: there are 2 columns, and at most 1 are read"
        );
    }

    #[test]
    fn json() {
        let list = ItemList::json_lines().source_base("/s");
        let text = "{\"source_path\":\"a\\nb\",\"destination_path\":\"/c\",\"recursive\":true}\n[\"x\",\"/y\"]\n\"/z\"\n";
        assert_eq!(
            read(&list, Kind::Transfer, text.as_bytes()).unwrap(),
            [
                row("/s/a\nb", "/c", Shape::Directory),
                row("/s/x", "/y", Shape::Detect),
                row("/z", "/z", Shape::Detect),
            ]
        );
        let wrong = "{\"source_path\":\"a\"}\n{\"source_path\":\"a\",\"destination_path\":\"b\",\"recursve\":true}\n\n7\n{\n[\"a\"]\n\
                     {\"source_path\":\"\",\"destination_path\":\"b\"}";
        let error = read(&list, Kind::Transfer, wrong.as_bytes()).unwrap_err();
        assert!(error.starts_with("6 bad lines: line 1: destination_path is missing; line 2: there is no member \"recursve\"; line 4: expected"), "{error}");
        assert!(
            error.contains("line 5: no JSON: EOF while parsing an object at column 1;")
                && error.contains("line 6: an array has to be two paths"),
            "{error}"
        );
        assert!(error.contains("line 7: source_path is empty"), "{error}");
        let error = read(&list, Kind::Delete, b"\"a\\u0000b\"").unwrap_err();
        assert_eq!(error, "1 bad line: line 1: the path has a NUL at byte 1");
        let paths = "{\"path\":\"a\"}\n\"/b\"";
        assert_eq!(
            read(&list, Kind::Delete, paths.as_bytes()).unwrap(),
            [row("/s/a", "", Shape::Detect), row("/b", "", Shape::Detect)]
        );
    }

    #[test]
    fn nul() {
        let list = ItemList::nul().source_base("/s/").destination_base("/d/");
        assert_eq!(
            read(&list, Kind::Transfer, b"a\tb\0\0 c\n").unwrap(),
            [row("/s/a\tb", "/d/a\tb", Shape::Detect), row("/s/ c\n", "/d/ c\n", Shape::Detect)]
        );
        let error = read(&list, Kind::Transfer, b"a\0b\r\nc\0\xff").unwrap_err();
        assert_eq!(
            error,
            "2 bad lines: line 2: the source path has a CR LF at byte 1; line 3: byte 0 is no UTF-8"
        );
    }

    #[test]
    fn many_bad_lines_are_counted() {
        let text = "\t\n".repeat(250);
        let Err(ItemListError::BadLines(bad)) = ItemList::tsv().read(Kind::Transfer, text.as_bytes()) else {
            panic!("taken")
        };
        assert_eq!((bad.count(), bad.lines().len(), bad.lines()[99].line), (250, 100, 100));
        assert!(bad.to_string().ends_with("; and 150 more"));
    }

    #[test]
    fn a_list_that_breaks_off_is_not_taken() {
        struct Broken;
        impl io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("torn"))
            }
        }
        let input = io::BufReader::new(io::Read::chain(&b"/a\n/b"[..], Broken));
        let error = ItemList::tsv().read(Kind::Transfer, input).unwrap_err();
        assert_eq!(error.to_string(), "line 2 cannot be read: torn");
    }
}
