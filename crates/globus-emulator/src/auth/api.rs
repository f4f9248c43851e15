//! `/v2/api`: identities, their consents, and instances of template clients.

use std::sync::Arc;

use axum::{Json, extract};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;
use super::client_auth::basic;
use super::clients::{Client, Template};
use super::error::AuthError;
use super::fields::Fields;
use super::identities::Identity;
use super::providers::Provider;
use super::verify::{self, Caller, Denied};
use crate::random;
use crate::server::body::JsonBody;
use crate::state::State;
use crate::time;

const VIEW_CONSENTS: &str = "urn:globus:auth:scope:auth.globus.org:view_consents";

/// Who asks: the holder of a token, or a client in its own name.
enum Asker {
    Token(Caller),
    Client(Client),
}

fn asker(state: &State, headers: &HeaderMap) -> Result<Asker, AuthError> {
    if let Some(client) = basic(&state.auth.tables(), headers) {
        return client.map(Asker::Client);
    }
    Ok(Asker::Token(verify::require(state, headers, "auth.globus.org", &[])?))
}

/// `GET /v2/api/identities?ids=…` or `?usernames=…`. Those that do not exist are missing from the answer.
pub(crate) async fn identities(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    asker(&state, &headers)?;
    let tables = state.auth.tables();
    let found: Vec<Identity> = match (fields.get("ids"), fields.get("usernames")) {
        (Some(_), None) => {
            let ids = fields.list("ids").into_iter().map(|id| {
                Uuid::parse_str(id).map_err(|_| AuthError::bad_request(format!("{id:?} is not a UUID")))
            });
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            ids.into_iter().filter_map(|id| tables.identity(id)).collect()
        }
        (None, Some(_)) => {
            let names = fields.list("usernames");
            if let Some(name) = names.iter().find(|name| !name.contains('@')) {
                return Err(AuthError::bad_request(format!("{name:?} is not a username: it has no @domain")));
            }
            names.into_iter().filter_map(|name| tables.identity_named(name)).collect()
        }
        _ => return Err(AuthError::bad_request("Give either ids or usernames")),
    };
    let mut document = json!({"identities": found.iter().map(Identity::document).collect::<Vec<_>>()});
    if fields.list("include").contains(&"identity_provider") {
        document["included"] = json!({"identity_providers": providers(&tables, &found)});
    }
    Ok(Json(document))
}

/// `GET /v2/api/identities/{id}`
pub(crate) async fn identity(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    asker(&state, &headers)?;
    let identity = find(&state.auth.tables(), &id)?;
    Ok(Json(json!({"identity": identity.document()})))
}

fn find(tables: &Tables, id: &str) -> Result<Identity, AuthError> {
    Uuid::parse_str(id)
        .ok()
        .and_then(|id| tables.identity(id))
        .ok_or_else(|| AuthError::not_found(format!("There is no identity {id:?}")))
}

fn providers(tables: &Tables, identities: &[Identity]) -> Vec<Value> {
    let used = |id: Uuid| identities.iter().any(|identity| identity.provider == id);
    let all = tables.accounts.providers();
    all.iter().filter(|provider| used(provider.id)).map(Provider::document).collect()
}

/// `GET /v2/api/identities/{id}/consents`: one's own, those given to the asking client unless `all` is wanted.
pub(crate) async fn consents(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let (identity, client, may_see_all) = match asker(&state, &headers)? {
        Asker::Token(caller) => {
            let all = caller.scopes.iter().any(|scope| scope == VIEW_CONSENTS);
            (caller.identity_id, caller.client_id, all)
        }
        Asker::Client(client) => (client.id, client.id, true),
    };
    let tables = state.auth.tables();
    if find(&tables, &id)?.id != identity {
        return Err(AuthError::forbidden("Consents can be seen by the identity that gave them"));
    }
    let all = match fields.get("all").map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(AuthError::bad_request("all must be true or false")),
    };
    if all && !may_see_all {
        return Err(Denied::MissingScope { needed: vec![VIEW_CONSENTS.to_owned()] }.into());
    }
    let client = (!all).then_some(client);
    Ok(Json(json!({"consents": tables.consents.documents(identity, client)})))
}

/// `POST /v2/api/clients`: makes an instance of a template client, the way the official command line does
/// at its first login. Nobody has to be authenticated for it.
pub(crate) async fn create_client(
    extract::State(state): extract::State<Arc<State>>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let body = body.0?;
    let text = |name: &str| body["client"][name].as_str();
    let Some(template) = text("template_id") else {
        return Err(AuthError::bad_request(
            "client.template_id is missing: only instances of templates can be made",
        ));
    };
    let name = text("name").ok_or_else(|| AuthError::bad_request("client.name is missing"))?;
    let mut tables = state.auth.tables();
    let template = Uuid::parse_str(template)
        .ok()
        .and_then(|id| tables.clients.get(id))
        .filter(|client| client.template == Template::Itself)
        .ok_or_else(|| AuthError::not_found(format!("There is no template client {template:?}")))?
        .id;
    let secret = random::alphanumeric(44);
    let mut client = Client::confidential(Uuid::new_v4(), secret.clone());
    name.clone_into(&mut client.name);
    client.template = Template::InstanceOf(template);
    let document = json!({
        "client": client_document(&client),
        "included": {"client_credential": {
            "id": Uuid::new_v4(),
            "name": "Auto-created at client creation",
            "created": time::micros(state.clock.now()),
            "client": client.id,
            "secret": secret,
        }},
    });
    tables.clients.insert(client);
    Ok((StatusCode::CREATED, Json(document)))
}

/// `GET /v2/api/clients/{id}`, by the client itself.
pub(crate) async fn client(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    let client = itself(&state.auth.tables(), &headers, &id)?;
    Ok(Json(json!({"client": client_document(&client)})))
}

/// `DELETE /v2/api/clients/{id}`, by the client itself. Its tokens end with it.
pub(crate) async fn delete_client(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let client = itself(&tables, &headers, &id)?;
    tables.clients.remove(client.id);
    tables.tokens.revoke_client(client.id);
    Ok(Json(json!({"client": client_document(&client)})))
}

fn itself(tables: &Tables, headers: &HeaderMap, id: &str) -> Result<Client, AuthError> {
    let client = basic(tables, headers).unwrap_or_else(|| Err(AuthError::unauthenticated()))?;
    if Uuid::parse_str(id).ok() == Some(client.id) {
        Ok(client)
    } else {
        Err(AuthError::forbidden("A client can see and change only itself"))
    }
}

fn client_document(client: &Client) -> Value {
    let public = client.is_public();
    let parent = match client.template {
        Template::InstanceOf(template) => Some(template),
        Template::Itself | Template::None => None,
    };
    let (client_type, grant_types) = if public {
        ("public_installed_client", vec!["authorization_code", "refresh_token"])
    } else {
        ("confidential_client", vec!["authorization_code", "client_credentials", "refresh_token"])
    };
    json!({
        "id": client.id,
        "name": client.name,
        "public_client": public,
        "client_type": client_type,
        "visibility": "private",
        "project": null,
        "parent_client": parent,
        "grant_types": grant_types,
        "redirect_uris": client.redirect_uris,
        "scopes": [],
        "fqdns": [],
        "links": {"privacy_policy": null, "terms_and_conditions": null},
        "required_idp": null,
        "preselect_idp": null,
        "userinfo_from_effective_identity": true,
        "prompt_for_named_grant": false,
    })
}
