//! The dependent token grant: a resource server trades the token that it was called with for tokens of the
//! services that it uses in turn.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;
use super::clients::Client;
use super::error::AuthError;
use super::fields::Fields;
use super::grants::{self, Grant, Holder};
use super::tokens::Kind;
use crate::state::State;

/// Returns one token document for each service that the person allowed this resource server to use.
pub(crate) fn grant(
    state: &State,
    tables: &mut Tables,
    client: &Client,
    fields: &Fields,
) -> Result<Value, AuthError> {
    let now = state.clock.now();
    let value = fields.required("token")?;
    let token = tables
        .tokens
        .active(value, now)
        .filter(|token| token.kind == Kind::Access && is_server_of(tables, client, &token.resource_server))
        .ok_or_else(|| {
            AuthError::invalid_grant(
                "The token is unknown, revoked or too old, or for another resource server.",
            )
        })?
        .clone();
    let offline = match fields.get("access_type") {
        None | Some("online") => false,
        Some("offline") => true,
        Some(other) => {
            let why = format!("access_type must be online or offline, not {other:?}.");
            return Err(AuthError::invalid_request(why));
        }
    };

    let consented = tables.consents.all_below(&token.consents);
    let has = |name: &str| consented.iter().any(|(_, consented)| consented == name);
    let wanted = wanted(tables, &token.scopes, fields, client.id)?;
    let missing: Vec<String> = wanted.required.iter().filter(|name| !has(name)).cloned().collect();
    if !missing.is_empty() {
        return Err(AuthError::dependent_consent_required(&missing));
    }

    let mut grants: Vec<Grant> = Vec::new();
    for (consent, name) in consented {
        if wanted.only.as_ref().is_some_and(|only| !only.contains(&name)) {
            continue;
        }
        if let Some(scope) = tables.scopes.find(&name) {
            grants::add(&mut grants, &scope.resource_server, name, consent, scope.allows_refresh_token);
        }
    }
    tables.consents.touch(&token.consents, now);
    let holder =
        Holder { client: client.id, identity: token.identity, session: token.session, offline, state: None };
    let documents: Vec<Value> =
        grants.into_iter().map(|grant| Value::Object(grants::issue(state, tables, holder, grant))).collect();
    Ok(json!(documents))
}

/// Tells whether a client is the resource server of this name: by its own id, or because a scope of it is there.
pub(crate) fn is_server_of(tables: &Tables, client: &Client, resource_server: &str) -> bool {
    client.id.to_string() == resource_server
        || tables.scopes.of(client.id).any(|scope| scope.resource_server == resource_server)
}

/// Which scopes the caller asks for.
struct Wanted {
    /// Those that must have been consented to.
    required: Vec<String>,
    /// Those that tokens are given for; `None` means all that were consented to.
    only: Option<Vec<String>>,
}

fn wanted(tables: &Tables, scopes: &[String], fields: &Fields, client: Uuid) -> Result<Wanted, AuthError> {
    if let Some(text) = fields.get("scope") {
        let request =
            grants::read_scopes(&tables.scopes, text).map_err(|problem| problem.into_error(client))?;
        let names = |optional: bool| {
            let granted = request.granted.iter().filter(move |root| optional || !root.scope.optional);
            granted.map(|root| root.scope.name.clone()).collect()
        };
        return Ok(Wanted { required: names(false), only: Some(names(true)) });
    }
    let required = scopes
        .iter()
        .filter_map(|name| tables.scopes.find(name))
        .flat_map(|scope| scope.dependents.iter().filter(|dependent| !dependent.optional))
        .filter_map(|dependent| tables.scopes.by_id(dependent.scope))
        .map(|scope| scope.scope_string.clone())
        .collect();
    Ok(Wanted { required, only: None })
}

impl AuthError {
    /// The person has not allowed the resource server to use these scopes.
    fn dependent_consent_required(scopes: &[String]) -> AuthError {
        let description = "User must approve your client using scopes. See 'unapproved_scopes'.";
        let detail = format!("User hasn't approved the following scopes: {}", scopes.join(", "));
        AuthError::oauth(StatusCode::FORBIDDEN, "dependent_consent_required", description)
            .with_errors("DEPENDENT_CONSENT_REQUIRED", "Dependent Consent Required", &detail)
            .with_error_member("unapproved_scopes", json!(scopes))
    }
}
