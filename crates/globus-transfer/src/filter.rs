//! Filters of listings and task lists.

use globus_core::Timestamp;

/// Says which entries of a list to give: the clauses of one `filter` parameter, all of which an entry has to meet.
///
/// ```
/// use globus_transfer::Filter;
/// let filter = Filter::new().field("type", "TRANSFER").any_of("status", ["ACTIVE", "INACTIVE"]);
/// assert_eq!(filter.to_string(), "type:TRANSFER/status:ACTIVE,INACTIVE");
/// ```
///
/// A text is taken as it is: `"name:~*.csv/size:>1024"` is a filter too. In a value `~` begins a pattern (`*` is any
/// run of characters), `!` negates, `<`, `>` and `=` compare numbers, and a comma separates alternatives; see
/// <https://docs.globus.org/api/transfer/file_operations/#dir_listing_filtering>.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    problem: Option<String>,
}

impl Filter {
    /// Makes a filter that everything meets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps entries whose field has this value.
    ///
    /// The service's grammar has no way to write a `/` in a value: a filter with one is refused before it is sent,
    /// because it would mean something else.
    #[must_use]
    pub fn field(self, name: &str, value: impl AsRef<str>) -> Self {
        self.any_of(name, [value])
    }

    /// Keeps entries whose field has one of these values. Without any, the filter is refused before it is sent.
    #[must_use]
    pub fn any_of<S: AsRef<str>>(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        if !self.text.is_empty() {
            self.text.push('/');
        }
        self.text.push_str(name);
        let before = self.text.len();
        for (position, value) in values.into_iter().enumerate() {
            let value = value.as_ref();
            if value.contains('/') {
                self.problem.get_or_insert_with(|| {
                    format!("filter: the value {value:?} of {name} has a `/`, which separates clauses and cannot be part of a value")
                });
            }
            self.text.push(if position == 0 { ':' } else { ',' });
            self.text.push_str(value);
        }
        if self.text.len() == before {
            self.problem.get_or_insert_with(|| format!("filter: no value is given for {name}"));
        }
        self
    }

    /// Keeps entries whose time is not before `from` and not after `to`, to the second; `None` leaves that side
    /// open.
    ///
    /// ```
    /// use globus_transfer::Filter;
    /// let from = "2026-01-31T12:00:00Z".parse()?;
    /// let filter = Filter::new().between("request_time", Some(from), None);
    /// assert_eq!(filter.to_string(), "request_time:2026-01-31T12:00:00Z,");
    /// # Ok::<(), globus_core::InvalidTimestamp>(())
    /// ```
    #[must_use]
    pub fn between(self, name: &str, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        let side = |time: Option<Timestamp>| {
            time.and_then(|time| Timestamp::from_second(time.as_second()).ok())
                .map_or_else(String::new, |time| time.to_string())
        };
        self.any_of(name, [side(from), side(to)])
    }
}

/// Shows the text that is sent.
impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Filter {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Filter {
    fn from(text: String) -> Self {
        Self { text, problem: None }
    }
}

impl From<&Self> for Filter {
    fn from(filter: &Self) -> Self {
        filter.clone()
    }
}

/// Holds filters of which an entry has to meet one: each is a `filter` parameter of its own.
///
/// Made from a [`Filter`], a text, or an array or `Vec` of either.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters(Vec<Filter>);

impl Filters {
    /// Lets entries that meet this filter pass too.
    pub(crate) fn or(mut self, filter: &str) -> Self {
        self.0.push(filter.into());
        self
    }

    /// Gives the values to send, or says what is wrong with one.
    pub(crate) fn into_values(self) -> Result<Vec<String>, String> {
        self.0.into_iter().map(|filter| filter.problem.map_or(Ok(filter.text), Err)).collect()
    }
}

impl<F: Into<Filter>> From<F> for Filters {
    fn from(filter: F) -> Self {
        Self(vec![filter.into()])
    }
}

impl<F: Into<Filter>, const N: usize> From<[F; N]> for Filters {
    fn from(filters: [F; N]) -> Self {
        Self(filters.map(Into::into).into())
    }
}

impl<F: Into<Filter>> From<Vec<F>> for Filters {
    fn from(filters: Vec<F>) -> Self {
        Self(filters.into_iter().map(Into::into).collect())
    }
}

/// Adds the setter `filter` to a builder. `Filters` repeats the parameter, `Filter` sends one.
macro_rules! filter_setter {
    ($Builder:ident, $Filters:ty, $(#[$doc:meta])+) => {
        impl $Builder {
            $(#[$doc])+
            pub fn filter(mut self, filter: impl Into<$Filters>) -> Self {
                let filters: $crate::Filters = filter.into().into();
                match filters.into_values() {
                    Ok(values) => {
                        let values = values.into_iter().filter(|value| !value.is_empty());
                        self.call.set_repeated("filter", values);
                    }
                    Err(problem) => self.call.problem(problem),
                }
                self
            }
        }
    };
}
pub(crate) use filter_setter;

#[cfg(test)]
mod tests {
    use super::*;

    fn values(filters: impl Into<Filters>) -> Result<Vec<String>, String> {
        filters.into().into_values()
    }

    #[test]
    fn one_or_many_of_any_form() {
        assert_eq!(values("type:dir"), Ok(vec!["type:dir".to_owned()]));
        assert_eq!(
            values(["type:dir", "name:~*.csv"]),
            Ok(vec!["type:dir".to_owned(), "name:~*.csv".to_owned()])
        );
        let filter = Filter::new().field("name", "~*.txt").field("size", ">5");
        assert_eq!(values(&filter), Ok(vec!["name:~*.txt/size:>5".to_owned()]));
        assert_eq!(
            values(vec![filter, "type:dir".into()]),
            Ok(vec!["name:~*.txt/size:>5".to_owned(), "type:dir".to_owned()])
        );
    }

    #[test]
    fn a_value_cannot_smuggle_in_a_clause() {
        let problem = values(Filter::new().field("label", "a/b")).unwrap_err();
        assert!(problem.contains(r#""a/b" of label"#), "{problem}");
    }

    #[test]
    fn a_clause_needs_a_value() {
        let problem =
            values(Filter::new().field("type", "dir").any_of("name", Vec::<String>::new())).unwrap_err();
        assert_eq!(problem, "filter: no value is given for name");
        assert_eq!(values(Filter::new().field("label", "")).unwrap(), ["label:"]);
    }

    #[test]
    fn times_are_whole_seconds() {
        let time = "2026-01-31T12:00:00.75Z".parse().unwrap();
        let filter = Filter::new().between("completion_time", None, Some(time));
        assert_eq!(filter.to_string(), "completion_time:,2026-01-31T12:00:00Z");
    }
}
