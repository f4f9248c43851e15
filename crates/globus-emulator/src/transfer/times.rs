//! Times as the service writes and reads them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// Writes the time of a task, event or rule: `2021-09-02T18:04:47+00:00`.
pub(crate) fn task_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Writes the time of a file: `2020-09-23 18:53:12+00:00`.
pub(crate) fn file_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S+00:00").to_string()
}

/// Reads a time: a date, or date and time with `T` or a space between; UTC unless it names an offset.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        for text in [
            "2021-01-02T03:04:05Z",
            "2021-01-02T03:04:05+00:00",
            "2021-01-02 03:04:05+00:00",
            "2021-01-02 03:04:05",
            "2021-01-02T03:04:05",
            "2021-01-02T05:04:05+02:00",
            "2021-01-02 03:04:05.000000",
            " 2021-01-02T03:04:05 ",
        ] {
            let time = parse(text).expect(text);
            assert_eq!(task_time(time), "2021-01-02T03:04:05+00:00", "{text}");
        }
        assert_eq!(file_time(parse("2021-01-02").unwrap()), "2021-01-02 00:00:00+00:00");
        for text in ["", "soon", "2021-13-01", "12:00", "2021-01-02T25:00:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
