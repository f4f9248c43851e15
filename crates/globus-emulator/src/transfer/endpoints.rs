//! Endpoints: the documents of collections, and the search for them.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::get;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Caller;
use super::collections::{Collection, legacy_username};
use super::query::Query;
use super::reply::{Document, TransferError};
use crate::auth::verify;
use crate::state::State;

/// Of how many matches a search gives the first ones.
const MOST_FOUND: usize = 1000;
/// The most matches on one page.
const MOST_PER_PAGE: usize = 100;
/// What the owner of a collection may do.
const OWNER_ROLES: [&str; 4] = ["administrator", "access_manager", "activity_manager", "activity_monitor"];
/// The entity type of a directory of this machine.
const ENTITY_TYPE: &str = "GCP_mapped_collection";

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/endpoint/{id}", get(get_endpoint)).route("/endpoint_search", get(endpoint_search))
}

async fn get_endpoint(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Document, TransferError> {
    let collection = state.transfer.collection(&id)?;
    let in_use = state.transfer.tasks.collections_in_use(caller.identity_id, state.clock.now());
    let document = endpoint(collection, &caller, in_use.contains(&collection.id));
    Document::new(&document, query.fields().as_ref())
}

async fn endpoint_search(
    Shared(state): Shared<Arc<State>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Document, TransferError> {
    let search = Search::read(&query)?;
    let page = query.page(MOST_PER_PAGE, MOST_PER_PAGE)?;
    if page.offset >= MOST_FOUND {
        return Err(TransferError::bad_request(format!("offset must be less than {MOST_FOUND}")));
    }
    let in_use = state.transfer.tasks.collections_in_use(caller.identity_id, state.clock.now());
    let recent = match search.scope {
        Scope::RecentlyUsed => state.transfer.tasks.collections_used(caller.identity_id),
        _ => HashSet::new(),
    };
    let mut found: Vec<(usize, &Arc<Collection>)> = state
        .transfer
        .collections
        .iter()
        .filter(|collection| search.scope.includes(collection, &caller, &in_use, &recent))
        .filter(|collection| search.passes(collection, &caller))
        .filter_map(|collection| Some((search.rank(collection, &caller)?, collection)))
        .collect();
    found.sort_by_cached_key(|(rank, collection)| (Reverse(*rank), collection.name.to_lowercase()));
    found.truncate(MOST_FOUND);
    let has_next_page = found.len() > page.offset + page.limit;
    let data: Vec<Value> = found
        .into_iter()
        .skip(page.offset)
        .take(page.limit)
        .map(|(rank, collection)| {
            let mut document = endpoint(collection, &caller, in_use.contains(&collection.id));
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
        let id = |name: &str| {
            query
                .get(name)
                .map(|text| {
                    Uuid::parse_str(text).map_err(|_| {
                        TransferError::bad_request(format!(
                            "Invalid value '{text}' for '{name}': expected a UUID"
                        ))
                    })
                })
                .transpose()
        };
        let owner = id("filter_owner_id")?;
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
            host: id("filter_host_endpoint")?,
            non_functional,
            entity_type,
        })
    }

    fn passes(&self, collection: &Collection, caller: &verify::Caller) -> bool {
        self.owner.is_none_or(|owner| owner == collection.owner(caller))
            // Directories of this machine have no host and always work.
            && self.host.is_none()
            && self.non_functional != Some(true)
            && self.entity_type.as_deref().is_none_or(|wanted| wanted == ENTITY_TYPE)
    }

    /// How many terms the display name has, or `None` unless every term begins a word somewhere.
    fn rank(&self, collection: &Collection, caller: &verify::Caller) -> Option<usize> {
        let name = words(&collection.name);
        let mut elsewhere = words(&caller.username);
        elsewhere.extend(words(&collection.canonical_name(collection.owner(caller))));
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

    fn includes(
        self,
        collection: &Collection,
        caller: &verify::Caller,
        in_use: &HashSet<Uuid>,
        recent: &HashSet<Uuid>,
    ) -> bool {
        match self {
            Scope::All | Scope::HideNoPermissions => true,
            Scope::Mine | Scope::MineOnGcp | Scope::AdministeredByMe => {
                collection.owner(caller) == caller.identity_id
            }
            Scope::RecentlyUsed => recent.contains(&collection.id),
            Scope::InUse => in_use.contains(&collection.id),
            // Only guest collections are shared, and directories of this machine are mapped ones.
            Scope::SharedByMe | Scope::SharedWithMe => false,
        }
    }
}

/// The whole document of a collection.
fn endpoint(collection: &Collection, caller: &verify::Caller, in_use: bool) -> Value {
    let owner = collection.owner(caller);
    let roles: &[&str] = if owner == caller.identity_id { &OWNER_ROLES } else { &[] };
    let mut document = json!({
        "DATA_TYPE": "endpoint",
        "id": collection.id,
        "entity_type": ENTITY_TYPE,
        "display_name": collection.name,
        "public": true,
        "owner_id": owner,
        "owner_string": caller.username,
        "username": legacy_username(owner),
        "name": collection.id,
        "canonical_name": collection.canonical_name(owner),
        "subscription_admin_verified": false,
        "force_encryption": false,
        "disable_verify": false,
        "force_verify": false,
        "disable_anonymous_writes": false,
        "mfa_required": false,
        "non_functional": false,
        "acl_available": false,
        "acl_editable": false,
        "in_use": in_use,
        "my_effective_roles": roles,
        "gcp_connected": true,
        "gcp_paused": false,
        "is_globus_connect": true,
        "network_use": "normal",
        "high_assurance": false,
        "requester_pays": false,
        "french_english_bilingual": false,
        "shareable": true,
        "activated": false,
        "expires_in": -1,
        "s3_owner_activated": false,
        "is_go_storage": false,
    });
    let server = json!({
        "DATA_TYPE": "server",
        "id": collection.id.as_fields().0 >> 1,
        "hostname": null,
        "port": null,
        "scheme": null,
        "subject": null,
        "uri": null,
        "is_connected": true,
        "is_paused": false,
        "incoming_data_port_start": null,
        "incoming_data_port_end": null,
        "outgoing_data_port_start": null,
        "outgoing_data_port_end": null,
    });
    document["DATA"] = json!([server]);
    for name in WITHOUT_VALUE {
        document[name] = Value::Null;
    }
    document
}

/// Members that the document of a directory of this machine has, without a value.
const WITHOUT_VALUE: [&str; 49] = [
    "description",
    "organization",
    "department",
    "keywords",
    "contact_email",
    "contact_info",
    "info_link",
    "user_message",
    "user_message_link",
    "default_directory",
    "subscription_id",
    "host_endpoint",
    "host_endpoint_id",
    "host_endpoint_display_name",
    "host_path",
    "mapped_collection_id",
    "mapped_collection_display_name",
    "non_functional_endpoint_id",
    "non_functional_endpoint_display_name",
    "gcs_manager_url",
    "gcs_version",
    "https_server",
    "tlsftp_server",
    "globus_connect_setup_key",
    "acl_max_expiration_period_mins",
    "authentication_timeout_mins",
    "authentication_assurance_timeout",
    "authentication_policy_id",
    "location",
    "max_concurrency",
    "preferred_concurrency",
    "max_parallelism",
    "preferred_parallelism",
    "last_accessed_time",
    "auto_delete_timeout",
    "skip_auto_delete",
    "restrict_transfers_to_high_assurance",
    "preserve_modtime",
    "guest_collection_activity_notification_policy",
    "associated_flow_policy",
    "sharing_target_endpoint",
    "sharing_target_root_path",
    "local_user_info_available",
    "expire_time",
    "myproxy_server",
    "myproxy_dn",
    "oauth_server",
    "s3_url",
    "storage_type",
];
