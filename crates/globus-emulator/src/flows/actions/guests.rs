//! The providers that create guest collections: of a Globus Connect Server, and of a Globus Connect Personal.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Action, Stage, transfer};
use crate::auth::principals::identity_urn;
use crate::auth::verify;
use crate::auth::{Caller, Gare};
use crate::server::in_process;
use crate::state::State;
use crate::transfer::create_server_guest;

/// What may be said of a new collection besides where it is.
const DETAILS: [&str; 8] = [
    "description",
    "public",
    "default_directory",
    "organization",
    "department",
    "keywords",
    "contact_email",
    "info_link",
];

/// For whom the action creates: the person, at Transfer.
fn at_transfer(state: &State, action: &Action) -> Result<Caller, Stage> {
    let token = action.progress().token.clone();
    let caller = verify::holder_of(state, &token)
        .ok_or_else(|| Stage::failure("UnauthorizedRequest", "Expired or invalid Bearer token"))?;
    let acting = caller.acting(state, action.hosted.scope, super::hosted::TRANSFER);
    acting.map_err(|gare: Gare| {
        let scope = format!("{}[{}]", action.hosted.scope, super::hosted::TRANSFER);
        Stage::Inactive(json!({
            "code": "ConsentRequired",
            "description": gare.message,
            "required_scope": scope,
            "resolution_url": null,
        }))
    })
}

fn text<'a>(body: &'a Value, names: &[&str]) -> Result<&'a str, Stage> {
    let found = names.iter().find_map(|name| body.get(name)?.as_str());
    found.ok_or_else(|| Stage::failure("BadActionRequest", format!("{} is required", names[0])))
}

fn details(body: &Value) -> Map<String, Value> {
    DETAILS
        .iter()
        .filter_map(|name| {
            Some(((*name).to_owned(), body.get(name).filter(|value| !value.is_null())?.clone()))
        })
        .collect()
}

/// Creates one on a mapped collection of a Globus Connect Server, and says what its manager says.
pub(super) async fn of_server(state: &Arc<State>, action: &Action) -> Stage {
    match try_server(state, action).await {
        Ok(reached) | Err(reached) => reached,
    }
}

async fn try_server(state: &Arc<State>, action: &Action) -> Result<Stage, Stage> {
    let body = action.body();
    let caller = at_transfer(state, action)?;
    let host = text(body, &["mapped_collection_id"])?;
    let path = text(body, &["collection_base_path"])?;
    let name = text(body, &["display_name"])?;
    let made = create_server_guest(state, &caller, host, path, name, &details(body)).await;
    let made = made.map_err(|refusal| transfer::refused(action, refusal.into_document()))?;
    let credential = Uuid::new_v5(&made.id, caller.identity_id.as_bytes());
    let mut document = json!({
        "DATA_TYPE": "collection#1.9.0",
        "id": made.id,
        "collection_type": "guest",
        "display_name": name,
        "mapped_collection_id": host,
        "collection_base_path": path,
        "https_url": crate::https::base_url(state, &made),
        "identity_id": caller.identity_id,
        "owner_urn": identity_urn(caller.identity_id),
        "user_credential_id": credential,
        "high_assurance": made.high_assurance.is_some(),
        "public": made.is_public(),
    });
    if let Value::Object(members) = &mut document {
        members.extend(details(body));
    }
    Ok(Stage::Succeeded(document))
}

/// Creates one on a Globus Connect Personal, and says what Transfer says.
pub(super) async fn of_personal(state: &Arc<State>, action: &Action) -> Stage {
    match try_personal(state, action).await {
        Ok(reached) | Err(reached) => reached,
    }
}

async fn try_personal(state: &Arc<State>, action: &Action) -> Result<Stage, Stage> {
    let body = action.body();
    let caller = at_transfer(state, action)?;
    // The names of this provider's members are not documented: those of its neighbour and of Transfer are taken.
    let host = text(body, &["mapped_collection_id", "host_endpoint", "host_endpoint_id"])?;
    let path = text(body, &["collection_base_path", "host_path", "path"])?;
    let mut document = Value::Object(details(body));
    document["DATA_TYPE"] = "shared_endpoint".into();
    document["host_endpoint"] = host.into();
    document["host_path"] = path.into();
    document["display_name"] = text(body, &["display_name"])?.into();
    let transfer = ("/transfer", crate::transfer::router(state));
    let token = caller.token(state);
    let (status, answer) = in_process::call(
        state,
        transfer,
        Method::POST,
        "/v0.10/shared_endpoint",
        Some(&token),
        Some(&document),
    )
    .await;
    if status.is_success() { Ok(Stage::Succeeded(answer)) } else { Err(transfer::refused(action, answer)) }
}
