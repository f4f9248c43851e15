//! Clients: registered in a project, made from a template, or children of another client.

use std::sync::Arc;

use axum::{Json, extract};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::Tables;
use super::super::clients::{Client, ClientType, Credential};
use super::super::error::AuthError;
use super::super::fields::Fields;
use super::super::input::{Input, path_id, set};
use super::super::redirect;
use super::asker::{Asker, Developer};
use super::projects::administered;
use crate::server::body::JsonBody;
use crate::state::State;

/// `GET /v2/api/clients`: one's own, those of a project, or the one that has a host name.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    Developer(asker): Developer,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    if let Some(fqdn) = fields.get("fqdn") {
        let client = tables.clients.all().find(|client| client.fqdns.iter().any(|own| own == fqdn));
        let client =
            client.ok_or_else(|| AuthError::not_found(format!("No client has the host name {fqdn:?}")))?;
        see(&state, &tables, &asker, client)?;
        return Ok(Json(json!({"client": client.document(&tables.scopes)})));
    }
    let project = match fields.get("project_id") {
        Some(id) => Some(administered(&state, &tables, &asker, path_id("project", id)?)?.id),
        None => None,
    };
    let own: Vec<Value> = tables
        .clients
        .all()
        .filter(|client| asker.owns(&tables, client))
        .filter(|client| project.is_none() || client.project == project)
        .map(|client| client.document(&tables.scopes))
        .collect();
    Ok(Json(json!({"clients": own})))
}

/// `GET /v2/api/clients/{id}`
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let tables = state.auth.tables();
    let client = find(&tables, &id)?;
    see(&state, &tables, &asker, client)?;
    Ok(Json(json!({"client": client.document(&tables.scopes)})))
}

/// `POST /v2/api/clients`: in a project, as a child of the asking client, or, without any authentication, as an
/// instance of a template.
pub(super) async fn create(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let body = body.0?;
    let input = Input::read(&body, "client")?;
    let document = if input.has("template_id") {
        create_instance(&state, &input)?
    } else {
        create_registered(&state, &headers, &input)?
    };
    Ok((StatusCode::CREATED, Json(document)))
}

/// Makes an instance of a template, the way the official command line does at its first login.
fn create_instance(state: &State, input: &Input<'_>) -> Result<Value, AuthError> {
    let mut tables = state.auth.tables();
    let wanted: String = input.required("template_id")?;
    let template = Uuid::parse_str(&wanted).ok().and_then(|id| tables.clients.get(id));
    let template = template
        .filter(|client| client.is_template)
        .ok_or_else(|| AuthError::not_found(format!("There is no template client {wanted:?}")))?;
    let mut client =
        Client::new(Uuid::new_v4(), input.required_text("name")?, ClientType::ConfidentialClient);
    client.parent = Some(template.id);
    client.is_instance = true;
    let credential = Credential::new("Auto-created at client creation", random_secret(), state.clock.now());
    let document = json!({
        "client": client.document(&tables.scopes),
        "included": {"client_credential": credential.document(client.id, true)},
    });
    client.credentials.push(credential);
    tables.clients.insert(client);
    Ok(document)
}

fn create_registered(state: &State, headers: &HeaderMap, input: &Input<'_>) -> Result<Value, AuthError> {
    let asker = Asker::developer(state, headers)?;
    let mut tables = state.auth.tables();
    let client_type = match (input.get::<bool>("public_client")?, input.get("client_type")?) {
        (Some(true), None) => ClientType::PublicInstalledClient,
        (Some(false), None) => ClientType::HybridConfidentialClientResourceServer,
        (None, Some(client_type)) => client_type,
        _ => {
            return Err(AuthError::bad_request("client needs either public_client or client_type"));
        }
    };
    let mut client = Client::new(Uuid::new_v4(), input.required_text("name")?, client_type);
    match &asker {
        Asker::Client(parent) => {
            if input.has("project") {
                return Err(AuthError::bad_request("client.project cannot be given for a child client"));
            }
            client.parent = Some(parent.id);
        }
        Asker::Token(_) => {
            let project = input.required("project")?;
            client.project = Some(administered(state, &tables, &asker, project)?.id);
        }
    }
    change(&tables, &mut client, input)?;
    let document = json!({"client": client.document(&tables.scopes)});
    tables.clients.insert(client);
    Ok(document)
}

/// `PUT /v2/api/clients/{id}`: changes what is given.
pub(super) async fn update(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let mut client = managed(&state, &tables, &asker, &id)?.clone();
    let body = body.0?;
    let input = Input::read(&body, "client")?;
    input.fixed(&["project", "public_client", "client_type", "parent_client"])?;
    set(&mut client.name, input.text("name")?);
    change(&tables, &mut client, &input)?;
    let document = client.document(&tables.scopes);
    tables.clients.insert(client);
    Ok(Json(json!({"client": document})))
}

/// `DELETE /v2/api/clients/{id}`. Its scopes and its tokens end with it.
pub(super) async fn delete(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
) -> Result<Json<Value>, AuthError> {
    let mut tables = state.auth.tables();
    let client = managed(&state, &tables, &asker, &id)?;
    let id = client.id;
    let document = client.document(&tables.scopes);
    tables.clients.remove(id);
    tables.scopes.forget_of(id);
    tables.tokens.revoke_client(id);
    Ok(Json(json!({"client": document})))
}

/// `POST /v2/api/clients/{id}/fqdns`: a host name that scopes may be named after. The service wants a DNS record
/// as proof that it is the client's; here nobody else having it is enough.
pub(super) async fn add_fqdn(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    Developer(asker): Developer,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), AuthError> {
    let mut tables = state.auth.tables();
    let mut client = managed(&state, &tables, &asker, &id)?.clone();
    let body = body.0?;
    let fqdn =
        body["fqdn"].as_str().ok_or_else(|| AuthError::bad_request("The body must be {\"fqdn\": …}"))?;
    if !is_host_name(fqdn) {
        return Err(AuthError::bad_request(format!("fqdn {fqdn:?} is not a host name")));
    }
    if tables.clients.all().any(|other| other.id != client.id && other.fqdns.iter().any(|own| own == fqdn)) {
        return Err(AuthError::conflict(format!("Another client has the host name {fqdn}")));
    }
    if !client.fqdns.iter().any(|own| own == fqdn) {
        client.fqdns.push(fqdn.to_owned());
    }
    let document = json!({"fqdns": client.fqdns});
    tables.clients.insert(client);
    Ok((StatusCode::CREATED, Json(document)))
}

/// Finds a client that the asker may manage. Only a client itself, authenticated or not so, may learn whether
/// others exist.
pub(super) fn managed<'a>(
    state: &State,
    tables: &'a Tables,
    asker: &Asker,
    id: &str,
) -> Result<&'a Client, AuthError> {
    let client = find(tables, id)?;
    asker.manages(tables, state.clock.now(), client)?;
    Ok(client)
}

pub(super) fn find<'a>(tables: &'a Tables, id: &str) -> Result<&'a Client, AuthError> {
    let client = tables.clients.get(path_id("client", id)?);
    client.ok_or_else(|| AuthError::not_found(format!("There is no client {id:?}")))
}

fn see(state: &State, tables: &Tables, asker: &Asker, client: &Client) -> Result<(), AuthError> {
    if client.visible { Ok(()) } else { asker.manages(tables, state.clock.now(), client) }
}

/// A secret that looks like the service's: the base64 text of 32 bytes.
pub(super) fn random_secret() -> String {
    let bytes: Vec<u8> = [Uuid::new_v4(), Uuid::new_v4()].iter().flat_map(|id| *id.as_bytes()).collect();
    STANDARD.encode(bytes)
}

/// Reads what may change.
fn change(tables: &Tables, client: &mut Client, input: &Input<'_>) -> Result<(), AuthError> {
    if let Some(uris) = input.get::<Vec<String>>("redirect_uris")? {
        if let Some(bad) = uris.iter().find(|uri| redirect::parse(uri).is_none()) {
            return Err(AuthError::bad_request(format!(
                "client.redirect_uris: {bad:?} is not an absolute URI without a fragment"
            )));
        }
        client.redirect_uris = uris;
    }
    match input.get::<String>("visibility")?.as_deref() {
        None => {}
        Some("public") => client.visible = true,
        Some("private") => client.visible = false,
        Some(other) => {
            return Err(AuthError::bad_request(format!(
                "client.visibility must be public or private, not {other:?}"
            )));
        }
    }
    if let Some(links) = input.get::<Map<String, Value>>("links")? {
        let link = |name: &str| links.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        client.links = match (link("privacy_policy"), link("terms_and_conditions")) {
            (Some(privacy), Some(terms)) => Some((privacy, terms)),
            (None, None) => None,
            _ => {
                return Err(AuthError::bad_request(
                    "client.links needs both privacy_policy and terms_and_conditions, or neither",
                ));
            }
        };
    }
    for (name, field) in
        [("required_idp", &mut client.required_idp), ("preselect_idp", &mut client.preselect_idp)]
    {
        if let Some(given) = input.get::<Option<Uuid>>(name)? {
            let known = |id: Uuid| tables.accounts.providers().iter().any(|provider| provider.id == id);
            if given.is_some_and(|id| !known(id)) {
                return Err(AuthError::bad_request(format!(
                    "client.{name}: there is no such identity provider"
                )));
            }
            *field = given;
        }
    }
    set(&mut client.prompt_for_named_grant, input.get("prompt_for_named_grant")?);
    set(&mut client.userinfo_from_effective_identity, input.get("userinfo_from_effective_identity")?);
    Ok(())
}

/// Tells whether this is a host name with a domain.
fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && text.len() <= 253 && text.split('.').all(is_label)
}
