//! `OpenID` Connect: who logged in, as a signed token and as a document.

use std::sync::{Arc, OnceLock};

use axum::{Json, extract};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA512, RsaKeyPair};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};
use uuid::Uuid;

use super::Tables;
use super::error::AuthError;
use super::verify::{self, Caller};
use crate::state::State;

/// The key that every emulator signs with. It is published with the source and protects nothing: making one
/// at each start would take longer than the whole start may.
const KEY: &[u8] = include_bytes!("id_token_key.der");
const VIEW_IDENTITY_SET: &str = "urn:globus:auth:scope:auth.globus.org:view_identity_set";

fn key() -> Result<&'static RsaKeyPair, AuthError> {
    static PARSED: OnceLock<Option<RsaKeyPair>> = OnceLock::new();
    PARSED.get_or_init(|| RsaKeyPair::from_der(KEY).ok()).as_ref().ok_or_else(cannot_sign)
}

fn cannot_sign() -> AuthError {
    AuthError::api(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Could not sign the id_token")
}

/// Adds an `id_token` to a token response if `openid` is among the scopes that it grants.
pub(crate) fn add_id_token(
    state: &State,
    tables: &Tables,
    headers: &HeaderMap,
    nonce: Option<&str>,
    document: &mut Map<String, Value>,
) -> Result<(), AuthError> {
    let token = std::iter::once(&*document)
        .chain(
            document
                .get("other_tokens")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_object),
        )
        .find(|token| token.get("resource_server").is_some_and(|server| server == "auth.globus.org"));
    let Some(access_token) = token.and_then(|token| token.get("access_token")).and_then(Value::as_str) else {
        return Ok(());
    };
    let now = state.clock.now();
    let Some(access) = tables
        .tokens
        .active(access_token, now)
        .filter(|token| token.scopes.iter().any(|scope| scope == "openid"))
    else {
        return Ok(());
    };
    let caller = verify::caller(tables, access_token, now).ok_or_else(AuthError::unauthenticated)?;
    let issued = now.as_second();
    let mut claims = claims(tables, &caller);
    claims.insert("iss".to_owned(), issuer(state, headers).into());
    claims.insert("aud".to_owned(), access.client.to_string().into());
    claims.insert("iat".to_owned(), issued.into());
    claims.insert("exp".to_owned(), (issued + ID_TOKEN_SECONDS).into());
    claims.insert("at_hash".to_owned(), at_hash(access_token).into());
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    document.insert("id_token".to_owned(), sign(&claims)?.into());
    Ok(())
}

const ID_TOKEN_SECONDS: i64 = 172_800;

fn sign(claims: &Map<String, Value>) -> Result<String, AuthError> {
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"RS512"}"#);
    let claims = serde_json::to_string(claims).map_err(|_| cannot_sign())?;
    let mut token = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let key = key()?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .map_err(|_| cannot_sign())?;
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    Ok(token)
}

/// Half of the SHA-512 digest of the access token, as `OpenID` Connect has it for RS512.
fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha512::digest(access_token.as_bytes())[..32])
}

/// What is said about an identity to somebody with these scopes.
fn claims(tables: &Tables, caller: &Caller) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), caller.identity_id.to_string().into());
    let Some(identity) = tables.identity(caller.identity_id) else { return claims };
    let done = caller.authentications(tables);
    let last = |id: Uuid| done.iter().find(|(who, _)| *who == id).map(|(_, done)| done.time);
    if caller.has_scope("profile") {
        claims.insert("preferred_username".to_owned(), identity.username.clone().into());
        claims.insert("name".to_owned(), identity.name.clone().into());
        claims.insert("organization".to_owned(), identity.organization.clone().into());
        claims.insert("identity_provider".to_owned(), identity.provider.to_string().into());
        claims.insert("identity_provider_display_name".to_owned(), identity.provider_name.clone().into());
        let last = done.iter().map(|(_, done)| done.time.as_second()).max();
        claims.insert("last_authentication".to_owned(), last.into());
    }
    if caller.has_scope("email") {
        claims.insert("email".to_owned(), identity.email.clone().into());
    }
    if caller.has_scope(VIEW_IDENTITY_SET) {
        let set = caller.identity_set.iter().filter_map(|id| tables.identity(*id));
        let set: Vec<Value> = set.map(|identity| identity.set_entry(last(identity.id))).collect();
        claims.insert("identity_set".to_owned(), set.into());
    }
    claims
}

/// `GET|POST /v2/oauth2/userinfo`
pub(crate) async fn userinfo(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Result<Json<Value>, AuthError> {
    let caller = verify::require(&state, &headers, "auth.globus.org", &["openid"])?;
    Ok(Json(Value::Object(claims(&state.auth.tables(), &caller))))
}

/// `GET /jwk.json`
pub(crate) async fn jwk() -> Result<Json<Value>, AuthError> {
    let public: PublicKeyComponents<Vec<u8>> = key()?.public().into();
    Ok(Json(json!({"keys": [{
        "kty": "RSA",
        "alg": "RS512",
        "use": "sig",
        "n": URL_SAFE_NO_PAD.encode(public.n),
        "e": URL_SAFE_NO_PAD.encode(public.e),
    }]})))
}

/// `GET /.well-known/openid-configuration`, with URLs as the sender of the request sees them.
pub(crate) async fn configuration(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
) -> Json<Value> {
    let base = state.public_url(&headers, "auth");
    Json(json!({
        "issuer": issuer(&state, &headers),
        "authorization_endpoint": format!("{base}v2/oauth2/authorize"),
        "token_endpoint": format!("{base}v2/oauth2/token"),
        "userinfo_endpoint": format!("{base}v2/oauth2/userinfo"),
        "revocation_endpoint": format!("{base}v2/oauth2/token/revoke"),
        "introspection_endpoint": format!("{base}v2/oauth2/token/introspect"),
        "jwks_uri": format!("{base}jwk.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:globus:auth:grant_type:dependent_token",
        ],
        "id_token_signing_alg_values_supported": ["RS512"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [
            "at_hash", "aud", "email", "exp", "name", "nonce", "preferred_username", "iat", "iss", "sub",
        ],
        "subject_types_supported": ["public"],
    }))
}

/// The emulator's own name as an issuer, without the slash at the end.
pub(crate) fn issuer(state: &State, headers: &HeaderMap) -> String {
    state.public_url(headers, "auth").trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_signature_holds() {
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), "me".into());
        let token = sign(&claims).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public =
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, key().unwrap().public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).unwrap();
        assert!(public.verify(b"something else", &signature).is_err());
    }
}
