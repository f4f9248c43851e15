//! File names on the wire: JSON strings are Unicode, file names are bytes.
//!
//! A name that is not UTF-8 is shown as U+FFFD followed by its bytes read as Latin-1, and read back the same
//! way. Names that really begin with U+FFFD take the same form, so that every name survives the round trip.

use std::ffi::{OsStr, OsString};

/// Marks a name whose characters are bytes.
const MARK: char = '\u{FFFD}';

/// Writes a file name as text.
pub(crate) fn to_text(name: &OsStr) -> String {
    match name.to_str() {
        Some(text) if !text.starts_with(MARK) => text.to_owned(),
        _ => {
            let mut text = String::from(MARK);
            text.extend(bytes(name).iter().copied().map(char::from));
            text
        }
    }
}

/// Reads a file name from text.
pub(crate) fn from_text(text: &str) -> OsString {
    let latin: Option<Vec<u8>> =
        text.strip_prefix(MARK).and_then(|rest| rest.chars().map(|c| u8::try_from(c).ok()).collect());
    match latin {
        Some(bytes) if !bytes.is_empty() => from_bytes(bytes),
        _ => OsString::from(text),
    }
}

#[cfg(unix)]
fn bytes(name: &OsStr) -> &[u8] {
    std::os::unix::ffi::OsStrExt::as_bytes(name)
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    match String::from_utf8(bytes) {
        Ok(text) => OsString::from(text),
        Err(error) => OsString::from(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn undecodable_bytes_are_latin_1_behind_the_mark() {
        let name = from_bytes(b"caf\xe9.txt".to_vec());
        assert_eq!(to_text(&name), "\u{FFFD}caf\u{e9}.txt");
        assert_eq!(from_text("\u{FFFD}caf\u{e9}.txt"), name);
    }

    #[test]
    fn ordinary_unicode_is_left_alone() {
        assert_eq!(to_text(OsStr::new("café")), "café");
        assert_eq!(from_text("café"), OsStr::new("café"));
        assert_eq!(from_text("\u{FFFD}漢"), OsStr::new("\u{FFFD}漢"));
    }

    proptest! {
        #[test]
        fn every_name_survives(raw in proptest::collection::vec(any::<u8>(), 1..20)) {
            let name = from_bytes(raw);
            prop_assert_eq!(from_text(&to_text(&name)), name);
        }

        #[test]
        fn every_text_survives_unless_it_is_marked(text in "[^\u{FFFD}/]{1,10}") {
            prop_assert_eq!(to_text(&from_text(&text)), text);
        }
    }
}
