//! The reader of configuration files.
//!
//! Errors must name the line of a value, which no INI crate keeps; and what the Python SDK reads of the format is a
//! few lines of code.

use std::collections::BTreeMap;

/// An option's value, and where it stands.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: String,
    pub(super) line: usize,
    /// The option, as it is spelled there.
    pub(super) option: String,
}

/// What is wrong in which line.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) problem: String,
}

/// Section and option, both in their one canonical spelling, to the value.
pub(super) type Entries = BTreeMap<(String, String), Entry>;

/// Reads the sections that hold settings of the SDK. The lines of others, such as the CLI's `[cli]`, are their owner's
/// business and may have any form.
pub(super) fn read(text: &str) -> Result<Entries, SyntaxError> {
    let mut entries = Entries::new();
    let mut section = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let (number, line) = (index + 1, line.trim());
        let error = |problem: String| Err(SyntaxError { line: number, problem });
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let Some(name) = header.strip_suffix(']') else {
                return error("a section header must end with `]`".to_owned());
            };
            section = Some(Section::named(name));
            continue;
        }
        let name = match &section {
            Some(Section::Ours(name)) => name,
            Some(Section::Foreign) => continue,
            None => {
                return error("an option before the first section; write `[general]` above it".to_owned());
            }
        };
        let (option, value) = line.split_once(['=', ':']).unwrap_or_default();
        let option = option.trim_end();
        if option.is_empty() {
            return error("neither `option = value` nor `[section]`".to_owned());
        }
        let entry = Entry { value: value.trim_start().to_owned(), line: number, option: option.to_owned() };
        if let Some(earlier) = entries.insert((name.clone(), canonical(option)), entry) {
            return error(format!("{option} is already set in line {}", earlier.line));
        }
    }
    Ok(entries)
}

enum Section {
    Ours(String),
    Foreign,
}

impl Section {
    fn named(name: &str) -> Self {
        let mut words = name.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("general"), None, _) => Self::Ours(general()),
            (Some("environment"), Some("default"), None) => Self::Ours(environment("production")),
            (Some("environment"), Some(name), None) => Self::Ours(environment(name)),
            _ => Self::Foreign,
        }
    }
}

/// Names the section for all environments.
pub(super) fn general() -> String {
    "general".to_owned()
}

/// Names the section of one environment.
pub(super) fn environment(name: &str) -> String {
    format!("environment {name}")
}

/// Gives an option the spelling that it has in variables; version 1 of the Python SDK spelled some otherwise.
fn canonical(option: &str) -> String {
    let option = option.to_ascii_lowercase();
    match option.strip_suffix("_service") {
        _ if option == "ssl_verify" => "verify_ssl".to_owned(),
        Some(service) => format!("service_url_{service}"),
        None => option,
    }
}
