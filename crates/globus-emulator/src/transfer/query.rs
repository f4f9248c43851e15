//! Query parameters, in all the spellings that clients use.

use std::cmp::Ordering;
use std::collections::HashSet;

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;

use super::filter::{Fields, Filter};
use super::reply::TransferError;

/// The query of a request. A blank parameter counts as not given.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = TransferError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, TransferError> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(pairs)| Query(pairs))
            .map_err(|error| TransferError::bad_request(format!("Invalid query: {error}")))
    }
}

impl Query {
    /// Returns a parameter; the last one when it is given several times.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Returns every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Returns every parameter that is given, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = self.0.iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns a boolean parameter, in any of the forms `1`, `0`, `true`, `False` …
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, TransferError> {
        self.get(name)
            .map(|text| {
                parse_flag(text).ok_or_else(|| {
                    TransferError::bad_request(format!(
                        "Invalid value '{text}' for '{name}': expected 0 or 1"
                    ))
                })
            })
            .transpose()
    }

    /// Returns a number of at least `least`.
    pub(crate) fn number(&self, name: &str, least: usize) -> Result<Option<usize>, TransferError> {
        self.get(name)
            .map(|text| {
                text.parse().ok().filter(|number| *number >= least).ok_or_else(|| {
                    TransferError::bad_request(format!(
                        "Invalid value '{text}' for '{name}': expected a whole number of at least {least}"
                    ))
                })
            })
            .transpose()
    }

    /// Returns the id of something.
    pub(crate) fn id(&self, name: &str) -> Result<Option<Uuid>, TransferError> {
        self.get(name)
            .map(|text| {
                Uuid::parse_str(text).map_err(|_| {
                    TransferError::bad_request(format!(
                        "Invalid value '{text}' for '{name}': expected a UUID"
                    ))
                })
            })
            .transpose()
    }

    /// Returns `limit` and `offset`. A larger limit than `most` is lowered to it.
    pub(crate) fn page(&self, default: usize, most: usize) -> Result<Page, TransferError> {
        Ok(Page {
            limit: self.number("limit", 1)?.unwrap_or(default).min(most),
            offset: self.number("offset", 0)?.unwrap_or(0),
        })
    }

    /// Returns the members that the client wants to see.
    pub(crate) fn fields(&self) -> Option<HashSet<&str>> {
        self.get("fields")
            .map(|text| text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
    }

    /// Reads the `filter` parameters.
    pub(crate) fn filter(&self, fields: Fields) -> Result<Filter, TransferError> {
        Filter::parse(self.all("filter"), fields).map_err(TransferError::bad_request)
    }

    /// Reads `orderby`: pairs of a field and whether it is ascending.
    pub(crate) fn order(
        &self,
        allowed: &'static [&'static str],
    ) -> Result<Vec<(&'static str, Direction)>, TransferError> {
        let keys = self.all("orderby").flat_map(|text| text.split(','));
        keys.map(|key| {
            let mut words = key.split_whitespace();
            let name = words.next().unwrap_or_default();
            let direction = match words.next().map(str::to_ascii_uppercase).as_deref() {
                None | Some("ASC") => Some(Direction::Ascending),
                Some("DESC") => Some(Direction::Descending),
                Some(_) => None,
            };
            let field = allowed.iter().find(|field| **field == name);
            match (field, direction, words.next()) {
                (Some(field), Some(direction), None) => Ok((*field, direction)),
                _ => Err(TransferError::bad_request(format!(
                    "Invalid orderby '{key}': expected 'field', 'field ASC' or 'field DESC' with one of the fields {}",
                    allowed.join(", ")
                ))),
            }
        })
        .collect()
    }
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

/// The direction of a sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    pub(crate) fn apply(self, ordering: Ordering) -> Ordering {
        match self {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        }
    }
}

/// Reads a boolean.
pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query(pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
    }

    #[test]
    fn flags_in_every_spelling() {
        for (text, expected) in [("1", true), ("true", true), ("True", true), ("0", false), ("False", false)]
        {
            assert_eq!(query(&[("show_hidden", text)]).flag("show_hidden").unwrap(), Some(expected));
        }
        assert_eq!(query(&[("show_hidden", "")]).flag("show_hidden").unwrap(), None);
        assert!(query(&[("show_hidden", "yes")]).flag("show_hidden").is_err());
    }

    #[test]
    fn pages_are_bounded() {
        let page = |pairs: &[(&str, &str)]| query(pairs).page(10, 1000);
        assert_eq!(page(&[]).unwrap(), Page { limit: 10, offset: 0 });
        assert_eq!(page(&[("limit", "5000"), ("offset", "3")]).unwrap(), Page { limit: 1000, offset: 3 });
        for bad in [("limit", "0"), ("limit", "-1"), ("limit", "x"), ("offset", "-1")] {
            assert!(page(&[bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn orders() {
        let order = |text: &str| query(&[("orderby", text)]).order(&["name", "size"]);
        assert_eq!(
            order("size DESC,name").unwrap(),
            [("size", Direction::Descending), ("name", Direction::Ascending)]
        );
        for bad in ["colour", "size sideways", "size DESC really", ","] {
            assert!(order(bad).is_err(), "{bad}");
        }
    }
}
