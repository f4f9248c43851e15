//! The search for collections.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State as Shared;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::document::Viewer;
use crate::state::State;
use crate::transfer::Caller;
use crate::transfer::access;
use crate::transfer::collections::{Collection, Kind};
use crate::transfer::query::Query;
use crate::transfer::reply::{Document, TransferError};
use crate::transfer::roles::{Role, Roles};

/// Of how many matches a search gives the first ones.
const MOST_FOUND: usize = 1000;
/// The most matches on one page.
const MOST_PER_PAGE: usize = 100;

/// Answers `GET /endpoint_search`.
pub(super) async fn endpoint_search(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let search = Search::read(&query)?;
    let page = query.page(MOST_PER_PAGE, MOST_PER_PAGE)?;
    if page.offset >= MOST_FOUND {
        return Err(TransferError::bad_request(format!("offset must be less than {MOST_FOUND}")));
    }
    let looking = Looking {
        viewer: Viewer::new(&state, &caller),
        me: caller.identity_id,
        recent: match search.scope {
            Scope::RecentlyUsed => state.transfer.tasks.collections_used(caller.identity_id),
            _ => HashSet::new(),
        },
        now: state.clock.now(),
    };
    let mut found: Vec<(usize, String, Arc<Collection>)> = state
        .transfer
        .collections
        .all()
        .into_iter()
        .filter(|collection| {
            looking.includes(search.scope, collection) && search.passes(collection, caller.identity_id)
        })
        .filter_map(|collection| {
            let rank = search.rank(&collection, &looking)?;
            Some((rank, collection.name().to_lowercase(), collection))
        })
        .collect();
    found.sort_by(|a, b| (Reverse(a.0), &a.1, a.2.id).cmp(&(Reverse(b.0), &b.1, b.2.id)));
    found.truncate(MOST_FOUND);
    let has_next_page = found.len() > page.offset + page.limit;
    let data: Vec<Value> = found
        .into_iter()
        .skip(page.offset)
        .take(page.limit)
        .map(|(rank, _, collection)| {
            let mut document = looking.viewer.document(&collection);
            document["_rank"] = json!(1.0 + f64::from(u32::try_from(rank).unwrap_or(u32::MAX)));
            document
        })
        .collect();
    let list = json!({
        "DATA_TYPE": "endpoint_list",
        "limit": page.limit,
        "offset": page.offset,
        "has_next_page": has_next_page,
        "DATA": data,
    });
    Document::list(&list, query.fields().as_ref())
}

/// Who searches.
struct Looking<'a> {
    viewer: Viewer<'a>,
    me: Uuid,
    /// The collections of the caller's tasks, where these are looked for.
    recent: HashSet<Uuid>,
    now: Timestamp,
}

impl Looking<'_> {
    fn includes(&self, scope: Scope, collection: &Collection) -> bool {
        let who = self.viewer.who;
        let guest = collection.kind.is_guest();
        let owned = collection.owner.is_none_or(|owner| who.is(owner));
        let known = || collection.is_public() || !Roles::of(collection, who).is_empty();
        match scope {
            Scope::All => known(),
            Scope::HideNoPermissions => {
                known() && (!guest || access::has_any_right(collection, who, self.now))
            }
            Scope::Mine => owned,
            Scope::MineOnGcp => owned && collection.kind.is_personal(),
            Scope::AdministeredByMe => Roles::of(collection, who).have(Role::Administrator),
            Scope::RecentlyUsed => self.recent.contains(&collection.id),
            Scope::InUse => self.viewer.uses(collection.id),
            Scope::SharedByMe => guest && owned,
            Scope::SharedWithMe => guest && !owned && access::has_rule(collection, who, self.now),
        }
    }
}

/// What a search asks for.
struct Search {
    scope: Scope,
    terms: Vec<String>,
    owner: Option<Uuid>,
    host: Option<Uuid>,
    non_functional: Option<bool>,
    entity_type: Option<String>,
}

impl Search {
    fn read(query: &Query) -> Result<Search, TransferError> {
        let scope = match query.get("filter_scope") {
            None => Scope::All,
            Some(name) => Scope::from_name(name).ok_or_else(|| {
                TransferError::bad_request(format!("Invalid value '{name}' for 'filter_scope'"))
            })?,
        };
        let text = query.get("filter_fulltext");
        if scope == Scope::All && text.is_none() {
            return Err(TransferError::bad_request("filter_fulltext is required with filter_scope 'all'"));
        }
        let owner = query.id("filter_owner_id")?;
        if owner.is_some() && matches!(scope, Scope::Mine | Scope::MineOnGcp | Scope::SharedByMe) {
            return Err(TransferError::bad_request("filter_owner_id cannot be used with this filter_scope"));
        }
        let non_functional = query.flag("filter_non_functional")?;
        let entity_type = query.get("filter_entity_type").map(str::to_owned);
        if non_functional.is_some() && entity_type.is_some() {
            return Err(TransferError::bad_request(
                "filter_non_functional and filter_entity_type cannot be used together",
            ));
        }
        Ok(Search {
            scope,
            terms: text.map(words).unwrap_or_default(),
            owner,
            host: query.id("filter_host_endpoint")?,
            non_functional,
            entity_type,
        })
    }

    fn passes(&self, collection: &Collection, me: Uuid) -> bool {
        let hosts = || collection.host().into_iter().chain(collection.server()).map(|host| host.id);
        self.owner.is_none_or(|owner| owner == collection.owner.unwrap_or(me))
            && self.host.is_none_or(|wanted| hosts().any(|host| host == wanted))
            && self.non_functional.is_none_or(|wanted| wanted == (collection.kind == Kind::Server))
            && self.entity_type.as_deref().is_none_or(|wanted| wanted == collection.kind.as_str())
    }

    /// How many terms the display name has, or `None` unless every term begins a word somewhere.
    fn rank(&self, collection: &Collection, looking: &Looking<'_>) -> Option<usize> {
        let name = words(&collection.name());
        let mut elsewhere = words(&looking.viewer.owner_string(collection));
        elsewhere.extend(words(&collection.canonical_name(collection.owner.unwrap_or(looking.me))));
        {
            let changing = collection.read();
            for member in ["description", "organization", "department", "keywords"] {
                elsewhere.extend(words(changing.text(member).unwrap_or_default()));
            }
        }
        let begins =
            |words: &[String], term: &String| words.iter().any(|word| word.starts_with(term.as_str()));
        let hits = self.terms.iter().filter(|term| begins(&name, term)).count();
        let all = self.terms.iter().all(|term| begins(&name, term) || begins(&elsewhere, term));
        all.then_some(hits)
    }
}

/// Cuts a text into lower-case words: everything but letters and digits separates.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Among which collections a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Mine,
    MineOnGcp,
    AdministeredByMe,
    RecentlyUsed,
    InUse,
    SharedByMe,
    SharedWithMe,
    HideNoPermissions,
}

impl Scope {
    fn from_name(name: &str) -> Option<Scope> {
        Some(match name {
            "all" => Scope::All,
            "my-endpoints" => Scope::Mine,
            "my-gcp-endpoints" => Scope::MineOnGcp,
            "administered-by-me" => Scope::AdministeredByMe,
            "recently-used" => Scope::RecentlyUsed,
            "in-use" => Scope::InUse,
            "shared-by-me" => Scope::SharedByMe,
            "shared-with-me" => Scope::SharedWithMe,
            "hide-no-permissions" => Scope::HideNoPermissions,
            _ => return None,
        })
    }
}
