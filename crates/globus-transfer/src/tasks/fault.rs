//! What went wrong with a file, in words that a program can act on.

use serde_json::Value;

use super::{codes::TaskCode, models::TaskEvent};

/// Says what kind of thing went wrong.
///
/// From the service's code; where that says nothing (`ENDPOINT_ERROR`, `UNKNOWN`), from what the storage wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultCause {
    /// There is no such file or directory.
    NotFound,
    /// The storage does not permit it.
    PermissionDenied,
    /// A quota is used up.
    Quota,
    /// The storage is full.
    NoSpace,
    /// A connection could not be made, broke or took too long.
    Connection,
    /// Globus Connect Personal is not connected, or paused.
    Offline,
    /// Checksums differ.
    Checksum,
    /// The file changed while it was copied.
    Changed,
    /// There is a directory where a file should be, or the other way round.
    WrongKind,
    /// There is something already.
    Exists,
    /// The path is none for that storage, or means several things.
    InvalidPath,
    /// A credential, a consent or a fresh login is missing.
    Credentials,
    /// The collection has too much to do.
    Busy,
    /// A limit was exceeded.
    Limit,
    /// It is paused.
    Paused,
    /// It was cancelled.
    Canceled,
    /// It met its deadline.
    Expired,
    /// None of these, or it cannot be told.
    Other,
}

impl FaultCause {
    /// Reads the cause from the code and, where that says nothing, from the text.
    #[must_use]
    pub fn of(code: &TaskCode, text: Option<&str>) -> Self {
        match code {
            TaskCode::FileNotFound => Self::NotFound,
            TaskCode::PermissionDenied | TaskCode::AclChanged => Self::PermissionDenied,
            TaskCode::QuotaExceeded => Self::Quota,
            TaskCode::NoSpaceLeft => Self::NoSpace,
            TaskCode::ConnectFailed
            | TaskCode::ConnectionBroken
            | TaskCode::ConnectionReset
            | TaskCode::Timeout => Self::Connection,
            TaskCode::GcNotConnected | TaskCode::GcPaused | TaskCode::NoPhysicals => Self::Offline,
            TaskCode::VerifyChecksum | TaskCode::ExternalChecksumMismatch => Self::Checksum,
            TaskCode::FileSizeChanged => Self::Changed,
            TaskCode::IsADirectory
            | TaskCode::IsAFile
            | TaskCode::NotADirectory
            | TaskCode::NotAFile
            | TaskCode::NotASymlink => Self::WrongKind,
            TaskCode::InvalidPathName | TaskCode::InvalidSymlink | TaskCode::AmbiguousPath => {
                Self::InvalidPath
            }
            TaskCode::Auth
            | TaskCode::NoCredentials
            | TaskCode::InvalidServiceCredential
            | TaskCode::GsiDnMismatch
            | TaskCode::Clock => Self::Credentials,
            TaskCode::EndpointTooBusy => Self::Busy,
            TaskCode::LimitExceeded => Self::Limit,
            TaskCode::Paused | TaskCode::PausedByAdmin => Self::Paused,
            TaskCode::Canceled => Self::Canceled,
            TaskCode::Expired => Self::Expired,
            _ => text.map_or(Self::Other, Self::of_text),
        }
    }

    /// Reads the cause from what the storage wrote.
    fn of_text(text: &str) -> Self {
        const WORDS: [(&str, FaultCause); 22] = [
            ("no such file", FaultCause::NotFound),
            ("not found", FaultCause::NotFound),
            ("does not exist", FaultCause::NotFound),
            ("permission denied", FaultCause::PermissionDenied),
            ("access denied", FaultCause::PermissionDenied),
            ("not allowed", FaultCause::PermissionDenied),
            ("read-only file system", FaultCause::PermissionDenied),
            ("quota", FaultCause::Quota),
            ("no space left", FaultCause::NoSpace),
            ("disk full", FaultCause::NoSpace),
            ("checksum", FaultCause::Checksum),
            ("is a directory", FaultCause::WrongKind),
            ("not a directory", FaultCause::WrongKind),
            ("file exists", FaultCause::Exists),
            ("already exists", FaultCause::Exists),
            ("path exists", FaultCause::Exists),
            ("consent", FaultCause::Credentials),
            ("credential", FaultCause::Credentials),
            ("authenticat", FaultCause::Credentials),
            ("timed out", FaultCause::Connection),
            ("timeout", FaultCause::Connection),
            ("connection", FaultCause::Connection),
        ];
        let text = text.to_ascii_lowercase();
        WORDS.iter().find(|(words, _)| text.contains(words)).map_or(Self::Other, |(_, cause)| *cause)
    }
}

/// Tells what went wrong, as far as the service's text says it. The text stays where it was, in
/// [`TaskEvent::details`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault<'a> {
    /// The kind of thing.
    pub cause: FaultCause,
    /// What was being done, e.g. `make directories`.
    pub operation: Option<&'a str>,
    /// The collection, by name and id.
    pub endpoint: Option<&'a str>,
    /// The server of the collection.
    pub server: Option<&'a str>,
    /// The file or directory.
    pub path: Option<&'a str>,
    /// What the storage itself wrote.
    pub message: Option<&'a str>,
}

impl<'a> Fault<'a> {
    pub(super) fn of(event: &'a TaskEvent) -> Self {
        let text = event.details.as_deref();
        let line = |name: &str| {
            text?.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        let first = text.and_then(|text| text.lines().next());
        let operation = first
            .and_then(|first| Some(first.split_once('(')?.1.split_once(')')?.0))
            .filter(|_| first.is_some_and(|first| first.starts_with("Error")));
        let words = text.or(event.description.as_deref());
        Self {
            cause: FaultCause::of(&event.code, words),
            operation,
            endpoint: line("Endpoint"),
            server: line("Server"),
            path: text.and_then(|text| path(text, "File").or_else(|| path(text, "Path"))),
            message: line("Details").or_else(|| line("Message")),
        }
    }
}

/// Reads the path in a fault. It ends where one of the members begins that come after it, and not with the line: a name
/// may have line breaks.
fn path<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let is_next = |line: &str| {
        let next = ["Command:", "Message:", "Details:"];
        line.trim_end() == "---" || next.iter().any(|member| line.starts_with(member))
    };
    let mut lines = text.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some((start, line))
    });
    let start = lines
        .find_map(|(at, line)| line.strip_prefix(name)?.starts_with(':').then_some(at + name.len() + 1))?;
    let end = lines.find(|(_, line)| is_next(line)).map_or(text.len(), |(at, _)| at);
    let path = &text[start..end];
    let path = path.strip_suffix('\n').map_or(path, |path| path.strip_suffix('\r').unwrap_or(path));
    Some(path.strip_prefix(' ').unwrap_or(path))
}

/// Holds what an event says about itself: JSON, or words for people.
///
/// The service writes either as a text; both are read, and an object of its own too. Reads like a `str`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventDetails(Box<str>);

impl EventDetails {
    /// Gives the text as it came; of an object, its JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the text as JSON; `None` when it is none. Words are no JSON, a number alone is.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.0).ok()
    }
}

impl std::ops::Deref for EventDetails {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EventDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for EventDetails {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for EventDetails {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text.into(),
            other => other.to_string().into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: &str, details: &Value) -> TaskEvent {
        serde_json::from_value(serde_json::json!({"code": code, "details": details, "is_error": true}))
            .unwrap()
    }

    #[test]
    fn the_storages_words_are_read() {
        let text = "Error (make directories)\nEndpoint: ada laptop (9b0d)\nServer: 10.0.0.1:2811\nFile: /foo/\n\
                    Command: MKD /foo\nMessage: Fatal FTP response\n---\nDetails: 550 Command failed : Permission denied";
        let event = event("ENDPOINT_ERROR", &text.into());
        let fault = event.fault().unwrap();
        assert_eq!(fault.cause, FaultCause::PermissionDenied);
        assert_eq!(fault.operation, Some("make directories"));
        assert_eq!((fault.path, fault.server), (Some("/foo/"), Some("10.0.0.1:2811")));
        assert_eq!(fault.message, Some("550 Command failed : Permission denied"));
        assert_eq!(event.details.as_deref(), Some(text));
    }

    #[test]
    fn a_path_is_read_whole() {
        let path = |text: &str| event("UNKNOWN", &text.into()).fault().unwrap().path.map(str::to_owned);
        assert_eq!(path("Error (list)\nFile: /a \nb\nMessage: no").as_deref(), Some("/a \nb"));
        assert_eq!(path("Error (list)\nFile:  /~/\nServer: x\r\n---\n").as_deref(), Some(" /~/\nServer: x"));
        assert_eq!(path("Path: /a\n\n").as_deref(), Some("/a\n"));
        assert_eq!(path("File:").as_deref(), Some(""));
        assert_eq!(path("Files: /a"), None);
    }

    #[test]
    fn the_code_comes_before_the_words() {
        let cause = |code: &str, text: &str| FaultCause::of(&TaskCode::from(code), Some(text));
        assert_eq!(cause("FILE_NOT_FOUND", "quota"), FaultCause::NotFound);
        assert_eq!(cause("UNKNOWN", "Disk quota exceeded"), FaultCause::Quota);
        assert_eq!(cause("BRAND_NEW", "No space left on device"), FaultCause::NoSpace);
        assert_eq!(cause("UNKNOWN", "hm"), FaultCause::Other);
        assert_eq!(FaultCause::of(&TaskCode::EndpointError, None), FaultCause::Other);
    }

    #[test]
    fn details_come_in_three_forms() {
        let read = |details: Value| event("STARTED", &details).details;
        let number = |details: &EventDetails| details.json().and_then(|json| json["concurrency"].as_u64());
        let as_text = read("{\n \"concurrency\": 2\n}".into()).unwrap();
        let as_object = read(serde_json::json!({"concurrency": 2})).unwrap();
        assert_eq!((number(&as_text), number(&as_object)), (Some(2), Some(2)));
        assert_eq!(as_object.as_str(), r#"{"concurrency":2}"#);
        let words = read("Canceled by the task owner".into()).unwrap();
        assert_eq!((words.json(), &*words), (None, "Canceled by the task owner"));
        assert!(read(Value::Null).is_none());
    }
}
