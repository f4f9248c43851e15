//! Conditions and ranges of HTTP: what of a file is to be sent, if anything.

use http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::fs::Entry;

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    text: String,
    modified: Timestamp,
}

impl Tag {
    pub(super) fn of(entry: &Entry) -> Tag {
        let text = format!("\"{:x}-{:x}\"", entry.size, entry.modified.as_nanosecond());
        Tag { text, modified: entry.modified }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The time of the last change, as HTTP writes it.
    pub(super) fn date(&self) -> String {
        self.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Whether a list of tags has this one. Tags of the emulator are strong.
    fn is_in(&self, list: &str) -> bool {
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag == self.text)
    }

    /// The same, where a weak comparison will do.
    fn is_weakly_in(&self, list: &str) -> bool {
        let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        list.split(',').map(strong).any(|tag| tag == "*" || tag == self.text)
    }

    fn is_newer_than(&self, date: &str) -> Option<bool> {
        let date = DateTimeParser::new().parse_timestamp(date).ok()?;
        Some(self.modified.as_second() > date.as_second())
    }
}

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    /// From the first byte on, up to the second one.
    Part(u64, u64),
    NotModified,
    /// A condition does not hold.
    Failed,
    OutOfRange,
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Reads the conditions of a request to read, in the order that HTTP demands.
pub(super) fn judge(headers: &HeaderMap, tag: &Tag, size: u64) -> Asked {
    match (text(headers, header::IF_MATCH), text(headers, header::IF_UNMODIFIED_SINCE)) {
        (Some(list), _) if !tag.is_in(list) => return Asked::Failed,
        (None, Some(date)) if tag.is_newer_than(date) == Some(true) => return Asked::Failed,
        _ => {}
    }
    match (text(headers, header::IF_NONE_MATCH), text(headers, header::IF_MODIFIED_SINCE)) {
        (Some(list), _) if tag.is_weakly_in(list) => return Asked::NotModified,
        (None, Some(date)) if tag.is_newer_than(date) == Some(false) => return Asked::NotModified,
        _ => {}
    }
    let same =
        text(headers, header::IF_RANGE).is_none_or(|wanted| wanted == tag.text || wanted == tag.date());
    match text(headers, header::RANGE) {
        Some(range) if same => range_of(range, size),
        _ => Asked::All,
    }
}

/// Reads a range. What is no range of bytes, or more than one, is passed over, as HTTP allows.
fn range_of(text: &str, size: u64) -> Asked {
    let Some(range) = text.strip_prefix("bytes=").filter(|range| !range.contains(',')) else {
        return Asked::All;
    };
    let Some((first, last)) = range.trim().split_once('-') else { return Asked::All };
    let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.is_empty() => (first, size),
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), size),
        _ => return Asked::All,
    };
    if start < end { Asked::Part(start, end) } else { Asked::OutOfRange }
}

/// Whether the conditions of a request to write hold; `there` is the file that is there already.
pub(super) fn may_write(headers: &HeaderMap, there: Option<&Tag>) -> bool {
    let matches = text(headers, header::IF_MATCH).is_none_or(|list| there.is_some_and(|tag| tag.is_in(list)));
    let differs =
        text(headers, header::IF_NONE_MATCH).is_none_or(|list| !there.is_some_and(|tag| tag.is_in(list)));
    matches && differs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> Tag {
        Tag { text: "\"a\"".to_owned(), modified: "2026-01-31T12:00:00.5Z".parse().unwrap() }
    }

    fn judged(pairs: &[(&'static str, &str)]) -> Asked {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        judge(&headers, &tag(), 10)
    }

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes=0-3", Asked::Part(0, 4)),
            ("bytes=4-", Asked::Part(4, 10)),
            ("bytes=9-99", Asked::Part(9, 10)),
            ("bytes=-3", Asked::Part(7, 10)),
            ("bytes=-30", Asked::Part(0, 10)),
            ("bytes=10-", Asked::OutOfRange),
            ("bytes=-0", Asked::OutOfRange),
            ("bytes=3-1", Asked::All),
            ("bytes=0-1,3-4", Asked::All),
            ("lines=1-2", Asked::All),
            ("bytes=x", Asked::All),
        ] {
            assert_eq!(judged(&[("range", range)]), expected, "{range}");
        }
        assert_eq!(judge(&HeaderMap::new(), &tag(), 0), Asked::All);
    }

    #[test]
    fn conditions() {
        let date = "Sat, 31 Jan 2026 12:00:00 GMT";
        assert_eq!(tag().date(), date);
        for (pairs, expected) in [
            (&[("if-none-match", "\"a\"")][..], Asked::NotModified),
            (&[("if-none-match", "W/\"b\", W/\"a\"")], Asked::NotModified),
            (&[("if-none-match", "\"b\""), ("if-modified-since", date)], Asked::All),
            (&[("if-modified-since", date)], Asked::NotModified),
            (&[("if-modified-since", "Sat, 31 Jan 2026 11:59:59 GMT")], Asked::All),
            (&[("if-modified-since", "yesterday")], Asked::All),
            (&[("if-match", "\"b\"")], Asked::Failed),
            (&[("if-match", "\"a\""), ("range", "bytes=0-0")], Asked::Part(0, 1)),
            (&[("if-unmodified-since", "Sat, 31 Jan 2026 11:59:59 GMT")], Asked::Failed),
            (&[("if-range", "\"a\""), ("range", "bytes=0-0")], Asked::Part(0, 1)),
            (&[("if-range", "\"b\""), ("range", "bytes=0-0")], Asked::All),
            (&[("if-range", date), ("range", "bytes=0-0")], Asked::Part(0, 1)),
        ] {
            assert_eq!(judged(pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn writing() {
        let may = |name: &'static str, value: &str, there: Option<&Tag>| {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]);
            may_write(&headers, there)
        };
        assert!(may("if-none-match", "*", None) && !may("if-none-match", "*", Some(&tag())));
        assert!(may("if-match", "\"a\"", Some(&tag())) && !may("if-match", "\"a\"", None));
        assert!(!may("if-match", "\"b\"", Some(&tag())));
    }
}
