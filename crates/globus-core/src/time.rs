//! Points in time, and the clock that tells them.

use std::{
    fmt,
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Marks a point in time, to the nanosecond, in UTC.
///
/// Reads every form that the services write (`2021-09-02T18:04:47+00:00`, a space instead of the `T`, `Z`,
/// fractions of a second, and no offset at all, which means UTC) and writes `2021-09-02T18:04:47Z`.
///
/// ```
/// use globus_core::Timestamp;
/// let time: Timestamp = "2020-09-23 18:53:12+00:00".parse()?;
/// assert_eq!(time.to_string(), "2020-09-23T18:53:12Z");
/// assert_eq!(time.as_second(), 1_600_887_192);
/// # Ok::<(), globus_core::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Makes the time that is this many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the year would not be between −9999 and 9999.
    pub fn from_second(seconds: i64) -> Result<Self, InvalidTimestamp> {
        jiff::Timestamp::from_second(seconds)
            .map(Self)
            .map_err(|_| InvalidTimestamp { text: seconds.to_string() })
    }

    /// Gives whole seconds since 1970-01-01T00:00:00Z, rounded towards it.
    #[must_use]
    pub fn as_second(self) -> i64 {
        self.0.as_second()
    }

    /// Adds a duration; stays at the last time there is instead of going past it.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let step = jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX);
        Self(self.0.checked_add(step).unwrap_or(jiff::Timestamp::MAX))
    }

    /// Gives the time from `earlier` to `self`; zero when `earlier` is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }
}

/// Takes the operating system's form. What lies before the year −9999 or after 9999 is the first or the last time there
/// is.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use globus_core::Timestamp;
///
/// let tomorrow = Timestamp::from(SystemTime::now() + Duration::from_secs(24 * 3600));
/// ```
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let beyond = if time < SystemTime::UNIX_EPOCH { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::try_from(time).unwrap_or(beyond))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        time.0.into()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Says that a text is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time (expected e.g. 2026-01-31T12:00:00Z)")]
pub struct InvalidTimestamp {
    text: String,
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(seconds) = common_form(text.as_bytes())
            && let Ok(time) = jiff::Timestamp::from_second(seconds)
        {
            return Ok(Self(time));
        }
        let invalid = || InvalidTimestamp { text: text.to_owned() };
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(time));
        }
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| invalid())?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| Self(zoned.timestamp())).map_err(|_| invalid())
    }
}

/// Reads the one layout that listings are full of, `YYYY-MM-DD?HH:MM:SS+00:00`, without the general parser:
/// a directory of 100,000 files has 100,000 of these.
fn common_form(text: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b' ', rest @ ..] = text else {
        return None;
    };
    let [h1, h2, b':', i1, i2, b':', s1, s2, b'+', b'0', b'0', b':', b'0', b'0'] = rest else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0_i64, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + i64::from(**digit - b'0'))
        })
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[i1, i2])?, number(&[s1, s2])?);
    // Anything that needs a calendar to be judged goes the long way.
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) && !day_exists(year, month, day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn day_exists(year: i64, month: i64, day: i64) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=days).contains(&day)
}

/// Counts days in the proleptic Gregorian calendar, with years that begin in March so that the leap day is last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2026-01-31T12:00:00+00:00")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Reads a time that a storage system made up, for `#[serde(deserialize_with)]`: what is not a time becomes
/// `None`, so that one file with a broken clock does not hide a whole directory.
///
/// # Errors
/// When the document itself is broken.
pub fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    struct Anything;
    impl de::Visitor<'_> for Anything {
        type Value = Option<Timestamp>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time or null")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.parse().ok())
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
            Ok(Timestamp::from_second(seconds).ok())
        }

        fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
            Ok(i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()))
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Anything)
}

/// Tells the time. Tests put their own clock in its place, so that expiry and back-off need no waiting.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Gives the time that it is now.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// Tells the time of the operating system: the clock that everything uses unless given another.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that asks the operating system")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_the_services_write() {
        for (text, expected) in [
            ("2021-09-02T18:04:47+00:00", "2021-09-02T18:04:47Z"),
            ("2020-09-23 18:53:12+00:00", "2020-09-23T18:53:12Z"),
            ("2020-09-23T18:53:12Z", "2020-09-23T18:53:12Z"),
            ("2026-05-04T15:22:33.123456+00:00", "2026-05-04T15:22:33.123456Z"),
            ("2026-05-04T15:22:33.123456", "2026-05-04T15:22:33.123456Z"),
            ("2026-05-04 15:22:33", "2026-05-04T15:22:33Z"),
            ("2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00Z"),
            ("2024-02-29T00:00:00+02:00", "2024-02-28T22:00:00Z"),
            ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn the_operating_system_has_the_same_times() {
        for seconds in [-1, 0, 1_600_887_192] {
            let time = Timestamp::from_second(seconds).unwrap();
            assert_eq!(Timestamp::from(SystemTime::from(time)), time);
        }
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(
            Timestamp::from(epoch + Duration::from_millis(1500)).to_string(),
            "1970-01-01T00:00:01.5Z"
        );
        let far = Duration::from_secs(20_000 * 366 * 86_400);
        assert_eq!(epoch.checked_add(far).map(|time| Timestamp::from(time).0), Some(jiff::Timestamp::MAX));
        assert_eq!(epoch.checked_sub(far).map(|time| Timestamp::from(time).0), Some(jiff::Timestamp::MIN));
    }

    #[test]
    fn refuses_what_is_no_time_and_says_so() {
        for text in [
            "",
            "yesterday",
            "2023-02-29T00:00:00+00:00",
            "2023-13-01T00:00:00+00:00",
            "2023-01-01T25:00:00+00:00",
        ] {
            let error = text.parse::<Timestamp>().unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn the_short_way_agrees_with_the_calendar() {
        let mut day = jiff::civil::date(1896, 1, 1);
        while day.year() < 2105 {
            let text = format!("{day}T13:14:15+00:00");
            let long: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(common_form(text.as_bytes()), Some(long.as_second()), "{text}");
            day = day.tomorrow().unwrap();
        }
    }

    #[test]
    fn a_broken_clock_is_no_time() {
        #[derive(Deserialize)]
        struct File {
            #[serde(default, deserialize_with = "lenient")]
            modified: Option<Timestamp>,
        }
        for text in [r#"{"modified":"??"}"#, r#"{"modified":null}"#, "{}", r#"{"modified":false}"#] {
            assert_eq!(serde_json::from_str::<File>(text).unwrap().modified, None, "{text}");
        }
        let file: File = serde_json::from_str(r#"{"modified":"2020-09-23 18:53:12+00:00"}"#).unwrap();
        assert_eq!(file.modified.unwrap().as_second(), 1_600_887_192);
    }

    #[test]
    fn arithmetic_stays_in_bounds() {
        let time: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let later = time.saturating_add(Duration::from_secs(90));
        assert_eq!(later.since(time), Duration::from_secs(90));
        assert_eq!(time.since(later), Duration::ZERO);
        assert!(time.saturating_add(Duration::MAX) > later);
    }
}
