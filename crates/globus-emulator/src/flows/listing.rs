//! Lists of the Flows service: filters, order, and markers that lead from page to page.

use std::cmp::Ordering;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::FlowsError;

const DEFAULT_PAGE: usize = 20;
const MOST_PER_PAGE: usize = 100;

/// A listing as it was asked for. A marker carries it on to the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listing {
    parameters: Vec<(String, String)>,
    /// The sort keys of the last row of the page before.
    after: Option<Vec<String>>,
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) limit: usize,
    /// Where the next page starts, if there is one.
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// The document of the page, whose rows are under `name`.
    pub(crate) fn document(&self, name: &str, row: impl FnMut(&T) -> Value) -> Value {
        json!({
            name: self.rows.iter().map(row).collect::<Vec<_>>(),
            "limit": self.limit,
            "has_next_page": self.marker.is_some(),
            "marker": self.marker,
        })
    }
}

/// The query of a request, as axum gives it.
pub(crate) type RawQuery = Result<Query<Vec<(String, String)>>, QueryRejection>;

impl Listing {
    /// Reads the query of a request.
    pub(crate) fn from_request(query: RawQuery) -> Result<Listing, FlowsError> {
        let Query(parameters) = query.map_err(|rejection| FlowsError::bad_request(rejection.body_text()))?;
        Listing::from_query(parameters).map_err(FlowsError::bad_request)
    }

    /// Reads the query. A marker stands for the whole query that led to it.
    pub(crate) fn from_query(parameters: Vec<(String, String)>) -> Result<Listing, String> {
        let is_marker = |name: &str| name == "marker" || name == "pagination_token";
        let marker = parameters.iter().find(|(name, value)| is_marker(name) && !value.is_empty());
        // The official command sends `filter_roles` also when it has none to ask for.
        let is_filter = |name: &str| name.starts_with("filter_") && name != "filter_roles";
        let empty = parameters.iter().find(|(name, value)| is_filter(name) && value.trim().is_empty());
        match marker {
            None => match empty {
                Some((name, _)) => Err(format!("{name} is empty: leave it out to see everything")),
                None => Ok(Listing { parameters, after: None }),
            },
            Some((_, marker)) => URL_SAFE_NO_PAD
                .decode(marker)
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok())
                .ok_or_else(unknown_marker),
        }
    }

    /// Adds to the query what it does not say itself.
    pub(crate) fn with_default(mut self, name: &str, value: &str) -> Listing {
        if self.values(name).next().is_none() {
            self.parameters.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Picks the page out of all rows that fit. Each row has an `id`, by which the order becomes total.
    pub(crate) fn page<T>(
        &self,
        rows: impl Iterator<Item = T>,
        fields: &[&str],
        default: (&str, bool),
        key: impl Fn(&T, &str) -> String,
    ) -> Result<Page<T>, String> {
        let order = self.order(fields, default)?;
        let limit = self.limit()?;
        let keys = |row: &T| -> Vec<String> { order.iter().map(|(field, _)| key(row, field)).collect() };
        let mut matching: Vec<(Vec<String>, T)> = rows.map(|row| (keys(&row), row)).collect();
        let compare = |left: &[String], right: &[String]| {
            let by_key = order.iter().zip(left.iter().zip(right)).map(|((_, descending), (left, right))| {
                if *descending { right.cmp(left) } else { left.cmp(right) }
            });
            by_key.fold(Ordering::Equal, Ordering::then)
        };
        matching.sort_by(|(left, _), (right, _)| compare(left, right));
        if let Some(after) = &self.after {
            if after.len() != order.len() {
                return Err(unknown_marker());
            }
            matching.retain(|(keys, _)| compare(keys, after).is_gt());
        } else {
            let skipped = (self.number("page", 1)?.max(1) - 1).saturating_mul(limit).min(matching.len());
            matching.drain(..skipped);
        }
        let more = matching.len() > limit;
        matching.truncate(limit);
        let marker = matching.last().filter(|_| more).and_then(|(keys, _)| {
            let next = Listing { parameters: self.parameters.clone(), after: Some(keys.clone()) };
            serde_json::to_vec(&next).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
        });
        Ok(Page { rows: matching.into_iter().map(|(_, row)| row).collect(), limit, marker })
    }

    /// The values of a parameter, which may be repeated and joined by commas.
    pub(crate) fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = self.parameters.iter().filter(move |(key, _)| key == name);
        of_name.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Whether one of the texts contains one of the values, in any case; true without values.
    pub(crate) fn text_fits(&self, name: &str, texts: &[&str]) -> bool {
        let mut wanted = self.values(name).map(str::to_lowercase).peekable();
        wanted.peek().is_none()
            || wanted.any(|wanted| texts.iter().any(|text| text.to_lowercase().contains(&wanted)))
    }

    /// Whether a value is among those that are wanted; true when none are.
    pub(crate) fn is_wanted(&self, name: &str, value: &str) -> bool {
        let mut wanted = self.values(name).peekable();
        wanted.peek().is_none() || wanted.any(|wanted| wanted.eq_ignore_ascii_case(value))
    }

    /// Whether a time lies in the range `from,to`, of which either side may be empty; true without a range.
    pub(crate) fn time_fits(&self, name: &str, time: Option<Timestamp>) -> Result<bool, String> {
        let Some((_, range)) = self.parameters.iter().find(|(key, value)| key == name && !value.is_empty())
        else {
            return Ok(true);
        };
        let (from, to) = range.split_once(',').unwrap_or((range, ""));
        let bound = |text: &str| match text.trim() {
            "" => Ok(None),
            text => read_time(text).map(Some).ok_or_else(|| format!("{name} takes times, not {text:?}")),
        };
        let (from, to) = (bound(from)?, bound(to)?);
        let Some(time) = time else { return Ok(false) };
        Ok(from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to))
    }

    fn number(&self, name: &str, default: usize) -> Result<usize, String> {
        match self.values(name).next() {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("{name} must be a whole number, not {text:?}")),
        }
    }

    fn limit(&self) -> Result<usize, String> {
        let limit = self.number("per_page", DEFAULT_PAGE)?;
        if (1..=MOST_PER_PAGE).contains(&limit) {
            Ok(limit)
        } else {
            Err(format!("per_page must be from 1 to {MOST_PER_PAGE}, not {limit}"))
        }
    }

    /// Reads `orderby`, which may have several fields and may be repeated. The id comes last, so that the
    /// order is total.
    fn order<'a>(
        &self,
        fields: &[&'a str],
        default: (&'a str, bool),
    ) -> Result<Vec<(&'a str, bool)>, String> {
        let mut order = Vec::new();
        for text in self.values("orderby") {
            let (field, direction) = text.split_once(char::is_whitespace).unwrap_or((text, "ASC"));
            let known = fields.iter().find(|known| **known == field);
            let field = known.ok_or_else(|| format!("orderby does not know the field {field:?}"))?;
            let descending = match direction.trim().to_ascii_uppercase().as_str() {
                "ASC" => false,
                "DESC" => true,
                _ => return Err(format!("orderby takes ASC or DESC, not {direction:?}")),
            };
            order.push((*field, descending));
        }
        if order.is_empty() {
            order.push(default);
        }
        order.push(("id", false));
        Ok(order)
    }
}

/// Reads a time; a date alone is its midnight, and a time without an offset is in UTC.
fn read_time(text: &str) -> Option<Timestamp> {
    let text = text.replacen(' ', "T", 1);
    text.parse().or_else(|_| format!("{text}Z").parse()).or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

fn unknown_marker() -> String {
    "The marker is not one that this service gave".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(query: &[(&str, &str)]) -> Listing {
        Listing::from_query(query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()).unwrap()
    }

    #[test]
    fn ranges_of_time_are_open_at_the_end() {
        let time = "2026-05-04T12:00:00Z".parse().ok();
        for (range, expected) in [
            ("2026-05-04T12:00:00Z,", true),
            ("2026-05-04,2026-05-05", true),
            ("2026-05-04 12:00:00", true),
            (",2026-05-04T12:00:00+00:00", false),
            (",2026-05-04T12:00:01", true),
            ("2026-05-05", false),
        ] {
            assert_eq!(listing(&[("at", range)]).time_fits("at", time), Ok(expected), "{range}");
        }
        assert_eq!(listing(&[("at", "2026-05-04,")]).time_fits("at", None), Ok(false));
        assert_eq!(listing(&[]).time_fits("at", None), Ok(true));
        assert!(listing(&[("at", "noon")]).time_fits("at", time).is_err());
    }
}
