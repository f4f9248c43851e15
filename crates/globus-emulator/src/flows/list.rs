//! `GET /flows`: which flows, in which order, from where on.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::flow::{Flow, Role};
use crate::time;

const DEFAULT_PAGE: usize = 20;
const MOST_PER_PAGE: usize = 100;

/// A listing as it was asked for. A marker carries it on to the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listing {
    parameters: Vec<(String, String)>,
    /// The sort keys of the last flow of the page before.
    after: Option<Vec<String>>,
}

/// One page of flows.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) flows: Vec<&'a Flow>,
    pub(crate) limit: usize,
    /// Where the next page starts, if there is one.
    pub(crate) marker: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Key {
    Id,
    Scope,
    Owner,
    Administrators,
    Title,
    Created,
    Updated,
}

impl Listing {
    /// Reads the query. A marker stands for the whole query that led to it.
    pub(crate) fn from_query(parameters: Vec<(String, String)>) -> Result<Listing, String> {
        let marker = parameters.iter().find(|(name, value)| name == "marker" && !value.is_empty());
        match marker {
            None => Ok(Listing { parameters, after: None }),
            Some((_, marker)) => URL_SAFE_NO_PAD
                .decode(marker)
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok())
                .ok_or_else(|| "The marker is not one that this service gave".to_owned()),
        }
    }

    /// Picks the page out of all flows.
    pub(crate) fn page<'a>(
        &self,
        flows: impl Iterator<Item = &'a Flow>,
        identity: Uuid,
    ) -> Result<Page<'a>, String> {
        let order = self.order()?;
        let limit = self.limit()?;
        let roles = self.roles()?;
        let mut matching: Vec<(Vec<String>, &Flow)> = flows
            .filter(|flow| roles.fit(flow, identity) && self.text_fits(flow))
            .map(|flow| (sort_keys(&order, flow), flow))
            .collect();
        let compare = |left: &[String], right: &[String]| {
            let by_key = order.iter().zip(left.iter().zip(right)).map(|((_, descending), (left, right))| {
                if *descending { right.cmp(left) } else { left.cmp(right) }
            });
            by_key.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        matching.sort_by(|(left, _), (right, _)| compare(left, right));
        if let Some(after) = &self.after {
            if after.len() != order.len() {
                return Err("The marker is not one that this service gave".to_owned());
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
        Ok(Page { flows: matching.into_iter().map(|(_, flow)| flow).collect(), limit, marker })
    }

    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = self.parameters.iter().filter(move |(key, _)| key == name);
        of_name.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
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
    fn order(&self) -> Result<Vec<(Key, bool)>, String> {
        let mut order = Vec::new();
        for text in self.values("orderby") {
            let (field, direction) = text.split_once(char::is_whitespace).unwrap_or((text, "ASC"));
            let key = match field {
                "id" => Key::Id,
                "scope_string" => Key::Scope,
                "flow_owner" | "flow_owners" => Key::Owner,
                "flow_administrators" => Key::Administrators,
                "title" => Key::Title,
                "created_at" => Key::Created,
                "updated_at" => Key::Updated,
                _ => return Err(format!("orderby does not know the field {field:?}")),
            };
            let descending = match direction.trim().to_ascii_uppercase().as_str() {
                "ASC" => false,
                "DESC" => true,
                _ => return Err(format!("orderby takes ASC or DESC, not {direction:?}")),
            };
            order.push((key, descending));
        }
        if order.is_empty() {
            order.push((Key::Created, true));
        }
        order.push((Key::Id, false));
        Ok(order)
    }

    fn roles(&self) -> Result<Roles, String> {
        let role = |name: &str| Role::parse(name).ok_or_else(|| format!("there is no role {name:?}"));
        let any_of = self.values("filter_roles").map(role).collect::<Result<Vec<_>, _>>()?;
        match (any_of.is_empty(), self.values("filter_role").next()) {
            (false, Some(_)) => Err("filter_role and filter_roles exclude each other".to_owned()),
            (false, None) => Ok(Roles::AnyOf(any_of)),
            (true, Some(least)) => Ok(Roles::AtLeast(role(least)?)),
            (true, None) => Ok(Roles::AnyOf(vec![Role::Owner])),
        }
    }

    fn text_fits(&self, flow: &Flow) -> bool {
        let fits = |name: &str, texts: &[&str]| {
            let mut wanted = self.values(name).map(str::to_lowercase).peekable();
            wanted.peek().is_none()
                || wanted.any(|wanted| texts.iter().any(|text| text.to_lowercase().contains(&wanted)))
        };
        let list = |texts: &'_ [String]| texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
        let keywords = list(&flow.keywords);
        let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let (id, scope) = (flow.id.to_string(), flow.scope());
        let mut all: Vec<&str> = vec![&flow.title, &flow.subtitle, &flow.owner, &flow.description, &id];
        all.extend(flow.administrators.iter().map(String::as_str));
        fits("filter_scope_string", &[&scope])
            && fits("filter_title", &[&flow.title])
            && fits("filter_subtitle", &[&flow.subtitle])
            && fits("filter_description", &[&flow.description])
            && fits("filter_keywords", &keywords)
            && fits("filter_fulltext", &all)
    }
}

/// Which roles the caller must hold.
enum Roles {
    AnyOf(Vec<Role>),
    /// The deprecated filter: this role or a higher one.
    AtLeast(Role),
}

impl Roles {
    fn fit(&self, flow: &Flow, identity: Uuid) -> bool {
        let held = flow.roles(Some(identity));
        match self {
            Roles::AnyOf(wanted) => wanted.iter().any(|role| held.contains(role)),
            Roles::AtLeast(least) if *least <= Role::Owner => {
                held.iter().any(|role| *role >= *least && *role <= Role::Owner)
            }
            Roles::AtLeast(role) => held.contains(role),
        }
    }
}

fn sort_keys(order: &[(Key, bool)], flow: &Flow) -> Vec<String> {
    order
        .iter()
        .map(|(key, _)| match key {
            Key::Id => flow.id.to_string(),
            Key::Scope => flow.scope(),
            Key::Owner => flow.owner.clone(),
            Key::Administrators => flow.administrators.join(","),
            Key::Title => flow.title.clone(),
            Key::Created => time::micros(flow.created_at),
            Key::Updated => time::micros(flow.updated_at),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::flow::tests::{OWNER, flow};
    use super::*;

    fn flows(titles: &[&str]) -> Vec<Flow> {
        let with_title = |(number, title): (usize, &&str)| Flow {
            id: Uuid::from_u128(number as u128 + 1),
            title: (*title).to_owned(),
            ..flow()
        };
        titles.iter().enumerate().map(with_title).collect()
    }

    fn listing(query: &[(&str, &str)]) -> Result<Listing, String> {
        Listing::from_query(query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn titles(query: &[(&str, &str)], flows: &[Flow]) -> Result<Vec<String>, String> {
        let page = listing(query)?.page(flows.iter(), OWNER)?;
        Ok(page.flows.iter().map(|flow| flow.title.clone()).collect())
    }

    #[test]
    fn orders_and_filters() {
        let flows = flows(&["b lab", "a", "C Lab"]);
        let ok = |query: &[(&str, &str)]| titles(query, &flows).unwrap();
        assert_eq!(ok(&[("orderby", "title")]), ["C Lab", "a", "b lab"]);
        assert_eq!(ok(&[("orderby", "title DESC")]), ["b lab", "a", "C Lab"]);
        assert_eq!(ok(&[("orderby", "created_at ASC"), ("orderby", "id DESC")]), ["C Lab", "a", "b lab"]);
        assert_eq!(ok(&[("filter_title", "LAB"), ("orderby", "id")]), ["b lab", "C Lab"]);
        assert_eq!(ok(&[("filter_title", "zzz,a"), ("filter_fulltext", "lab")]).len(), 2);
        assert_eq!(ok(&[("filter_roles", "flow_viewers,run_manager")]), Vec::<String>::new());
        assert_eq!(ok(&[("filter_role", "flow_viewer"), ("filter_keywords", "")]).len(), 3);
    }

    #[test]
    fn markers_lead_through_all_pages_even_when_flows_change() {
        let mut flows = flows(&["a", "b", "c", "d", "e"]);
        let first = listing(&[("per_page", "2"), ("orderby", "title ASC")]).unwrap();
        let page = first.page(flows.iter(), OWNER).unwrap();
        assert_eq!(page.flows.len(), 2);
        let marker = page.marker.unwrap();
        flows.remove(0);
        // The service ignores whatever else is sent with a marker.
        let second = listing(&[("marker", &marker), ("per_page", "100")]).unwrap();
        let page = second.page(flows.iter(), OWNER).unwrap();
        assert_eq!(page.flows.iter().map(|flow| flow.title.as_str()).collect::<Vec<_>>(), ["c", "d"]);
        let third = listing(&[("marker", &page.marker.unwrap())]).unwrap();
        let page = third.page(flows.iter(), OWNER).unwrap();
        assert_eq!((page.flows.len(), page.marker), (1, None));
    }

    #[test]
    fn bad_queries_are_refused() {
        for query in [
            ("per_page", "0"),
            ("per_page", "101"),
            ("per_page", "many"),
            ("page", "-1"),
            ("orderby", "colour"),
            ("orderby", "title UP"),
            ("filter_roles", "king"),
            ("marker", "nonsense"),
        ] {
            assert!(titles(&[query], &[]).is_err(), "{query:?}");
        }
    }
}
