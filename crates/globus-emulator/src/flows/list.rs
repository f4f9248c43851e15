//! `GET /flows`: which flows, in which order.

use super::flow::{Flow, Role};
use super::listing::{Listing, Page};
use crate::auth::principals::Who;
use crate::time;

const FIELDS: &[&str] = &[
    "id",
    "scope_string",
    "flow_owner",
    "flow_owners",
    "flow_administrators",
    "title",
    "created_at",
    "updated_at",
];

/// Picks the page out of all flows.
pub(crate) fn page<'a>(
    listing: &Listing,
    flows: impl Iterator<Item = &'a Flow>,
    who: Who<'_>,
) -> Result<Page<&'a Flow>, String> {
    let roles = wanted_roles(listing)?;
    let matching = flows.filter(|flow| roles.fit(flow, who) && text_fits(listing, flow));
    listing.page(matching, FIELDS, ("created_at", true), |flow, field| sort_key(flow, field))
}

fn wanted_roles(listing: &Listing) -> Result<Roles, String> {
    let role = |name: &str| Role::parse(name).ok_or_else(|| format!("there is no role {name:?}"));
    let any_of = listing.values("filter_roles").map(role).collect::<Result<Vec<_>, _>>()?;
    match (any_of.is_empty(), listing.values("filter_role").next()) {
        (false, Some(_)) => Err("filter_role and filter_roles exclude each other".to_owned()),
        (false, None) => Ok(Roles::AnyOf(any_of)),
        (true, Some(least)) => Ok(Roles::AtLeast(role(least)?)),
        (true, None) => Ok(Roles::AnyOf(vec![Role::Owner])),
    }
}

fn text_fits(listing: &Listing, flow: &Flow) -> bool {
    let (id, scope) = (flow.id.to_string(), flow.scope());
    let keywords: Vec<&str> = flow.keywords.iter().map(String::as_str).collect();
    let mut all: Vec<&str> = vec![&flow.title, &flow.subtitle, &flow.owner, &flow.description, &id];
    all.extend(flow.administrators.iter().map(String::as_str));
    listing.text_fits("filter_scope_string", &[&scope])
        && listing.text_fits("filter_title", &[&flow.title])
        && listing.text_fits("filter_subtitle", &[&flow.subtitle])
        && listing.text_fits("filter_description", &[&flow.description])
        && listing.text_fits("filter_keywords", &keywords)
        && listing.text_fits("filter_fulltext", &all)
}

/// Which roles the caller must hold.
enum Roles {
    AnyOf(Vec<Role>),
    /// The deprecated filter: this role or a higher one.
    AtLeast(Role),
}

impl Roles {
    fn fit(&self, flow: &Flow, who: Who<'_>) -> bool {
        let held = flow.roles(who);
        match self {
            Roles::AnyOf(wanted) => wanted.iter().any(|role| held.contains(role)),
            Roles::AtLeast(least) if *least <= Role::Owner => {
                held.iter().any(|role| *role >= *least && *role <= Role::Owner)
            }
            Roles::AtLeast(role) => held.contains(role),
        }
    }
}

fn sort_key(flow: &Flow, field: &str) -> String {
    match field {
        "scope_string" => flow.scope(),
        "flow_owner" | "flow_owners" => flow.owner.clone(),
        "flow_administrators" => flow.administrators.join(","),
        "title" => flow.title.clone(),
        "created_at" => time::micros(flow.created_at),
        "updated_at" => time::micros(flow.updated_at),
        _ => flow.id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

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
        let page = super::page(&listing(query)?, flows.iter(), Who { identities: &[OWNER], groups: &[] })?;
        Ok(page.rows.iter().map(|flow| flow.title.clone()).collect())
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
        assert_eq!(ok(&[("filter_role", "flow_viewer")]).len(), 3);
        assert_eq!(ok(&[("filter_roles", "")]), ok(&[]));
    }

    #[test]
    fn each_filter_looks_at_its_own_member() {
        let mut flows = flows(&["one", "two"]);
        flows[0].id = Uuid::from_u128(77);
        flows[0].subtitle = "Under".to_owned();
        flows[0].description = "About".to_owned();
        flows[0].keywords = vec!["beam line".to_owned(), "x-ray".to_owned()];
        flows[0].administrators =
            vec!["urn:globus:groups:id:0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f".to_owned()];
        let (id, scope) = (flows[0].id.to_string(), flows[0].scope());
        for (name, text) in [
            ("filter_title", "ONE"),
            ("filter_subtitle", "under"),
            ("filter_description", "about,nothing"),
            ("filter_keywords", "BEAM"),
            ("filter_scope_string", scope.as_str()),
            ("filter_fulltext", "under"),
            ("filter_fulltext", "about"),
            ("filter_fulltext", id.as_str()),
            ("filter_fulltext", "9a61-6f6f6f0f6f6f"),
        ] {
            assert_eq!(titles(&[(name, text)], &flows), Ok(vec!["one".to_owned()]), "{name} {text}");
        }
        // Keywords are none of the full text, and all filters must fit.
        assert_eq!(titles(&[("filter_fulltext", "x-ray")], &flows), Ok(Vec::new()));
        assert_eq!(titles(&[("filter_title", "two"), ("filter_keywords", "beam")], &flows), Ok(Vec::new()));
    }

    #[test]
    fn markers_lead_through_all_pages_even_when_flows_change() {
        let mut flows = flows(&["a", "b", "c", "d", "e"]);
        let first = listing(&[("per_page", "2"), ("orderby", "title ASC")]).unwrap();
        let page = super::page(&first, flows.iter(), Who { identities: &[OWNER], groups: &[] }).unwrap();
        assert_eq!(page.rows.len(), 2);
        let marker = page.marker.unwrap();
        flows.remove(0);
        // The service ignores whatever else is sent with a marker.
        let second = listing(&[("marker", &marker), ("per_page", "100")]).unwrap();
        let page = super::page(&second, flows.iter(), Who { identities: &[OWNER], groups: &[] }).unwrap();
        assert_eq!(page.rows.iter().map(|flow| flow.title.as_str()).collect::<Vec<_>>(), ["c", "d"]);
        let third = listing(&[("marker", &page.marker.unwrap())]).unwrap();
        let page = super::page(&third, flows.iter(), Who { identities: &[OWNER], groups: &[] }).unwrap();
        assert_eq!((page.rows.len(), page.marker), (1, None));
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
            ("filter_keywords", ""),
            ("marker", "nonsense"),
        ] {
            assert!(titles(&[query], &[]).is_err(), "{query:?}");
        }
    }
}
