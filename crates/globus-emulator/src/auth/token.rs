//! `POST /v2/oauth2/token`: the grants.

use std::sync::Arc;

use axum::Json;
use axum::extract;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Tables;
use super::client_auth::authenticate;
use super::clients::{Client, DEPENDENT};
use super::dependent;
use super::error::AuthError;
use super::fields::Fields;
use super::grants::{self, Holder};
use super::logins::Approved;
use super::oidc;
use crate::state::State;

type TokenAnswer = ([(HeaderName, HeaderValue); 2], Json<Value>);

/// Answers with tokens, which no cache may keep.
pub(crate) async fn token(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<TokenAnswer, AuthError> {
    let mut tables = state.auth.tables();
    let client = authenticate(&tables, &headers, &fields)?;
    let grant_type = fields.required("grant_type")?;
    if KNOWN_GRANTS.contains(&grant_type) && !client.grant_types().contains(&grant_type) {
        return Err(AuthError::oauth(
            StatusCode::BAD_REQUEST,
            "unauthorized_client",
            format!("Client {} may not use the grant_type {grant_type}.", client.id),
        ));
    }
    let document = match grant_type {
        "authorization_code" => authorization_code(&state, &mut tables, &headers, &client, &fields),
        "client_credentials" => client_credentials(&state, &mut tables, &headers, &client, &fields),
        "refresh_token" => refresh_token(&state, &mut tables, &client, &fields),
        DEPENDENT => return dependent::grant(&state, &mut tables, &client, &fields).map(uncached),
        other => Err(AuthError::oauth(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            format!("Unknown grant_type {other:?}."),
        )),
    }?;
    Ok(uncached(Value::Object(document)))
}

/// The grants that there are.
const KNOWN_GRANTS: [&str; 4] = ["authorization_code", "client_credentials", "refresh_token", DEPENDENT];

fn uncached(document: Value) -> TokenAnswer {
    let no_cache = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (no_cache, Json(document))
}

fn client_credentials(
    state: &State,
    tables: &mut Tables,
    headers: &HeaderMap,
    client: &Client,
    fields: &Fields,
) -> Result<Map<String, Value>, AuthError> {
    let request = grants::read_scopes(&tables.scopes, fields.required("scope")?)
        .map_err(|problem| problem.into_error(client.id))?;
    let holder =
        Holder { client: client.id, identity: client.id, session: None, offline: false, state: None };
    let mut document = grants::give_tokens(state, tables, holder, &request.granted);
    oidc::add_id_token(state, tables, headers, None, &mut document)?;
    Ok(document)
}

fn authorization_code(
    state: &State,
    tables: &mut Tables,
    headers: &HeaderMap,
    client: &Client,
    fields: &Fields,
) -> Result<Map<String, Value>, AuthError> {
    let now = state.clock.now();
    let code = fields.required("code")?;
    let redirect_uri = fields.required("redirect_uri")?;
    // A code that was sent to the wrong client stays good for the right one.
    let belongs = |approved: &Approved| approved.login.client == client.id;
    if !tables.codes.peek(code, now).is_some_and(belongs) {
        return Err(AuthError::invalid_grant("The code is unknown, used or too old, or another client's."));
    }
    let Some(Approved { login, identity, session }) = tables.codes.take(code, now) else {
        return Err(AuthError::invalid_grant("The code is unknown, used or too old, or another client's."));
    };
    if login.redirect_uri != redirect_uri {
        return Err(AuthError::invalid_grant(
            "The redirect_uri is not the one that the code was asked for with.",
        ));
    }
    match (&login.challenge, fields.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if verifier_matches(verifier, challenge) => {}
        (Some(_), Some(_)) => return Err(AuthError::invalid_grant("The code_verifier is wrong.")),
        (Some(_), None) => return Err(AuthError::invalid_grant("The code_verifier is missing.")),
        (None, Some(_)) => {
            return Err(AuthError::invalid_grant(
                "A code_verifier is given, but there was no code_challenge.",
            ));
        }
    }
    let holder = Holder {
        client: client.id,
        identity,
        session: Some(session),
        offline: login.offline,
        state: login.state.as_deref(),
    };
    let mut document = grants::give_tokens(state, tables, holder, &login.granted);
    oidc::add_id_token(state, tables, headers, login.nonce.as_deref(), &mut document)?;
    Ok(document)
}

fn refresh_token(
    state: &State,
    tables: &mut Tables,
    client: &Client,
    fields: &Fields,
) -> Result<Map<String, Value>, AuthError> {
    grants::refresh(state, tables, client.id, fields.required("refresh_token")?).ok_or_else(|| {
        AuthError::invalid_grant("The refresh token is unknown, revoked or too old, or another client's.")
    })
}

/// Checks a PKCE verifier of 43 to 128 unreserved characters against its S256 challenge.
fn verifier_matches(verifier: &str, challenge: &str) -> bool {
    let well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    well_formed && bool::from(digest.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkce_follows_the_example_of_rfc_7636() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifier_matches(verifier, challenge));
        assert!(!verifier_matches(&verifier.replace('d', "e"), challenge));
        assert!(!verifier_matches("short", &URL_SAFE_NO_PAD.encode(Sha256::digest(b"short"))));
    }
}
