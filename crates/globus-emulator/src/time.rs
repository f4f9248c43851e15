//! How the services write points in time.

use jiff::Timestamp;

/// Writes `2026-05-04T15:22:33.123456+00:00`, the way of Auth and Flows.
pub(crate) fn micros(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_microseconds_and_an_offset() {
        let time: Timestamp = "2026-05-04T15:22:33.1234567Z".parse().unwrap();
        assert_eq!(micros(time), "2026-05-04T15:22:33.123456+00:00");
        assert_eq!(micros(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000000+00:00");
    }
}
