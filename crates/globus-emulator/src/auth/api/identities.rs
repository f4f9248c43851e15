//! Identities and the providers that people log in with.

use std::sync::Arc;

use axum::{Json, extract};
use http::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Tables;
use super::super::error::AuthError;
use super::super::fields::Fields;
use super::super::identities::{Identity, is_username};
use super::super::input::query_ids;
use super::super::providers::Provider;
use super::asker::Asker;
use crate::state::State;

/// `GET /v2/api/identities?ids=…` or `?usernames=…`. Those that do not exist are missing from the answer, unless
/// they are to be made.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    Asker::any(&state, &headers)?;
    let mut tables = state.auth.tables();
    let provision = fields.flag("provision")?;
    let found: Vec<Identity> = match (fields.get("ids"), fields.get("usernames")) {
        (Some(_), None) => {
            let ids = query_ids(&fields.list("ids"))?;
            ids.into_iter().filter_map(|id| tables.identity(id)).collect()
        }
        (None, Some(_)) => {
            let names = fields.list("usernames");
            if let Some(name) = names.iter().find(|name| !is_username(name)) {
                return Err(AuthError::bad_request(format!("{name:?} is not a username: write name@domain")));
            }
            let find = |name: &str| {
                tables
                    .identity_named(name)
                    .or_else(|| provision.then(|| tables.accounts.provision(name).cloned()).flatten())
            };
            names.into_iter().filter_map(find).collect()
        }
        _ => return Err(AuthError::bad_request("Give either ids or usernames")),
    };
    let mut document = json!({"identities": found.iter().map(Identity::document).collect::<Vec<_>>()});
    include_providers(&tables, &fields, &found, &mut document);
    Ok(Json(document))
}

/// `GET /v2/api/identities/{id}`
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    Asker::any(&state, &headers)?;
    let tables = state.auth.tables();
    let identity = find(&tables, &id)?;
    let mut document = json!({"identity": identity.document()});
    include_providers(&tables, &fields, &[identity], &mut document);
    Ok(Json(document))
}

pub(super) fn find(tables: &Tables, id: &str) -> Result<Identity, AuthError> {
    Uuid::parse_str(id)
        .ok()
        .and_then(|id| tables.identity(id))
        .ok_or_else(|| AuthError::not_found(format!("There is no identity {id:?}")))
}

fn include_providers(tables: &Tables, fields: &Fields, identities: &[Identity], document: &mut Value) {
    if fields.list("include").contains(&"identity_provider") {
        let used = |id: Uuid| identities.iter().any(|identity| identity.provider == id);
        let all = tables.accounts.providers();
        let providers: Vec<Value> =
            all.iter().filter(|provider| used(provider.id)).map(Provider::document).collect();
        document["included"] = json!({"identity_providers": providers});
    }
}

/// `GET /v2/api/identity_providers?ids=…` or `?domains=…`
pub(super) async fn providers(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    Asker::any(&state, &headers)?;
    let ids = query_ids(&fields.list("ids"))?;
    let domains = fields.list("domains");
    if ids.is_empty() == domains.is_empty() {
        return Err(AuthError::bad_request("Give either ids or domains"));
    }
    let wanted = |provider: &&Provider| {
        ids.contains(&provider.id)
            || domains.iter().any(|domain| domain.eq_ignore_ascii_case(&provider.domain))
    };
    let all = state.auth.tables().accounts.providers();
    let found: Vec<Value> = all.iter().filter(wanted).map(Provider::document).collect();
    Ok(Json(json!({"identity_providers": found})))
}
