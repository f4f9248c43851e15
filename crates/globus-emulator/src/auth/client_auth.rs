//! Which application is asking, and whether it proved it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use uuid::Uuid;

use super::Tables;
use super::clients::Client;
use super::error::AuthError;
use super::fields::Fields;

/// Finds the client of a request to the token endpoint and its kin: `Authorization: Basic`, or `client_id`
/// in the form, with `client_secret` unless the client is public.
pub(crate) fn authenticate(
    tables: &Tables,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Client, AuthError> {
    if let Some(client) = basic(tables, headers) {
        let client = client?;
        let named = fields.get("client_id");
        if named.is_some_and(|id| Uuid::parse_str(id).ok() != Some(client.id)) {
            return Err(AuthError::invalid_request(
                "The client_id parameter and the Authorization header name different clients.",
            ));
        }
        return Ok(client);
    }
    let id = fields.get("client_id").ok_or_else(|| {
        AuthError::invalid_client(
            "Authenticate with HTTP Basic auth, or send the client_id of a public client.",
        )
    })?;
    let client = Uuid::parse_str(id).ok().and_then(|id| tables.clients.get(id));
    match (client, fields.get("client_secret")) {
        (Some(client), Some(secret)) if client.secret_matches(secret) => Ok(client.clone()),
        (Some(client), None) if client.is_public() => Ok(client.clone()),
        (Some(client), None) => Err(AuthError::invalid_client(&format!(
            "Client {} is confidential and must authenticate with its secret.",
            client.id
        ))),
        (Some(_), Some(_)) => Err(AuthError::invalid_client("The client secret is wrong.")),
        (None, _) => Err(AuthError::invalid_client("There is no client with this client_id.")),
    }
}

/// Checks the `Authorization: Basic` header. `None` when there is no such header.
pub(crate) fn basic(tables: &Tables, headers: &HeaderMap) -> Option<Result<Client, AuthError>> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let client =
        STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| {
            let (id, secret) = text.split_once(':')?;
            let client = tables.clients.get(Uuid::parse_str(id).ok()?)?;
            client.secret_matches(secret).then(|| client.clone())
        });
    Some(client.ok_or_else(AuthError::basic_auth_failed))
}
