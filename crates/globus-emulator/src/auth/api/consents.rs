//! The consents of an identity.

use std::sync::Arc;

use axum::{Json, extract};
use http::HeaderMap;
use serde_json::{Value, json};

use super::super::error::AuthError;
use super::super::fields::Fields;
use super::super::verify::Denied;
use super::asker::Asker;
use super::identities::find;
use crate::state::State;

const VIEW_CONSENTS: &str = "urn:globus:auth:scope:auth.globus.org:view_consents";

/// `GET /v2/api/identities/{id}/consents`: one's own, those given to the asking client unless `all` is wanted.
pub(super) async fn list(
    extract::State(state): extract::State<Arc<State>>,
    extract::Path(id): extract::Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, AuthError> {
    let asker = Asker::any(&state, &headers)?;
    let (client, may_see_all) = match &asker {
        Asker::Token(caller) => (caller.client_id, caller.has_scope(VIEW_CONSENTS)),
        Asker::Client(client) => (client.id, true),
    };
    let tables = state.auth.tables();
    let identity = find(&tables, &id)?.id;
    if !asker.identities().contains(&identity) {
        return Err(AuthError::forbidden("Consents can be seen by the identity that gave them"));
    }
    let all = fields.flag("all")?;
    if all && !may_see_all {
        return Err(Denied::MissingScope { needed: vec![VIEW_CONSENTS.to_owned()] }.into());
    }
    let client = (!all).then_some(client);
    Ok(Json(json!({"consents": tables.consents.documents(identity, client)})))
}
