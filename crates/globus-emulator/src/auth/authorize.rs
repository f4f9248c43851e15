//! `/v2/oauth2/authorize`: the page that asks whether an application may act for somebody.

use std::sync::Arc;

use axum::extract;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::Tables;
use super::clients::Client;
use super::codes::{Approved, Login};
use super::error::AuthError;
use super::fields::Fields;
use super::grants::{self, ScopeProblem};
use super::identities::Identity;
use super::pages;
use super::redirect;
use crate::state::State;

/// A fault that is shown to the person at the browser, because nothing says where else to send it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What comes of a request to log in.
enum Outcome {
    /// Ask the person.
    Ask { login: Login, message: Option<String> },
    /// Send the browser back with an OAuth error.
    SendBack { redirect_uri: String, state: Option<String>, error: &'static str, description: String },
}

/// `GET /v2/oauth2/authorize`
pub(crate) async fn ask(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Result<Fields, AuthError>,
) -> Response {
    let checked = match fields {
        Ok(fields) => check(&state, &headers, &fields),
        Err(_) => Err(request_failure("A parameter is repeated or cannot be read.")),
    };
    match checked {
        Err(error) => pages::error(&state, &error),
        Ok(Outcome::SendBack { redirect_uri, state, error, description }) => {
            let parameters = [
                ("error", Some(error)),
                ("error_description", Some(&*description)),
                ("state", state.as_deref()),
            ];
            found(&redirect::with_parameters(&redirect_uri, &parameters))
        }
        Ok(Outcome::Ask { login, message }) => {
            let mut tables = state.auth.tables();
            let first = login.identities.first().copied();
            if let (true, Some(identity)) = (state.auth.settings.approve_logins, first) {
                return approve(&state, &mut tables, login, identity);
            }
            let Some(client) = tables.clients.get(login.client).cloned() else {
                return pages::error(&state, &request_failure("Invalid client_id parameter value."));
            };
            let people: Vec<Identity> =
                login.identities.iter().filter_map(|id| tables.people.get(id).cloned()).collect();
            let page_login = login.clone();
            let request = tables.logins.put(login, state.clock.now());
            pages::consent(&client, &page_login, &people, message.as_deref(), &request)
        }
    }
}

/// `POST /v2/oauth2/authorize`: what the person decided. Only the page itself knows the `request` value, so
/// no other page can decide for them.
pub(crate) async fn decide(
    extract::State(state): extract::State<Arc<State>>,
    fields: Result<Fields, AuthError>,
) -> Response {
    let mut tables = state.auth.tables();
    let now = state.clock.now();
    let fields = fields.unwrap_or_default();
    let Some(login) = fields.get("request").and_then(|request| tables.logins.take(request, now)) else {
        let message = "This page was answered before, or is too old. Start the login again.";
        return pages::error(&state, &request_failure(message));
    };
    let identity = fields.get("identity").and_then(|id| Uuid::parse_str(id).ok());
    let identity = identity.filter(|id| login.identities.contains(id));
    match (fields.get("decision"), identity) {
        (Some("allow"), Some(identity)) => approve(&state, &mut tables, login, identity),
        (Some("allow"), None) => {
            pages::error(&state, &request_failure("This identity cannot be chosen here."))
        }
        _ => {
            let parameters = [
                ("error", Some("access_denied")),
                ("error_description", Some("The request was denied.")),
                ("state", login.state.as_deref()),
            ];
            found(&redirect::with_parameters(&login.redirect_uri, &parameters))
        }
    }
}

/// Sends the browser back with a code.
fn approve(state: &State, tables: &mut Tables, login: Login, identity: Uuid) -> Response {
    let redirect_uri = login.redirect_uri.clone();
    let echoed = login.state.clone();
    let code = tables.codes.put(Approved { login, identity }, state.clock.now());
    let parameters = [("code", Some(&*code)), ("state", echoed.as_deref())];
    found(&redirect::with_parameters(&redirect_uri, &parameters))
}

fn found(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (
            StatusCode::FOUND,
            [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn request_failure(message: impl Into<String>) -> PageError {
    PageError { code: "OAUTH_AUTH_REQUEST_FAILURE", message: message.into() }
}

/// Checks the request in the service's order: client, redirect URI, scopes, then what may be sent back.
fn check(state: &State, headers: &HeaderMap, fields: &Fields) -> Result<Outcome, PageError> {
    let tables = state.auth.tables();
    let id = fields.get("client_id").ok_or_else(|| request_failure("Missing client_id parameter."))?;
    let client = Uuid::parse_str(id)
        .ok()
        .and_then(|id| tables.clients.get(id))
        .ok_or_else(|| request_failure("Invalid client_id parameter value."))?
        .clone();
    let redirect_uri =
        fields.get("redirect_uri").ok_or_else(|| request_failure("Missing redirect_uri parameter."))?;
    if !redirect::is_allowed(&client, redirect_uri, &state.public_url(headers, "auth")) {
        return Err(request_failure("Mismatching redirect URI."));
    }
    let scope = fields.get("scope").ok_or_else(|| request_failure("Missing scope parameter."))?;
    let request = grants::read_scopes(state, scope).map_err(|problem| match problem {
        ScopeProblem::Malformed(why) => request_failure(format!("Malformed scope: {why}.")),
        ScopeProblem::Unknown(names) => PageError {
            code: "UNKNOWN_SCOPE_ERROR",
            message: grants::unknown_scopes_message(client.id, &names),
        },
    })?;

    let echoed = fields.get("state").map(ToOwned::to_owned);
    let send_back = |error, description: String| {
        let redirect_uri = redirect_uri.to_owned();
        Ok(Outcome::SendBack { redirect_uri, state: echoed.clone(), error, description })
    };
    match fields.get("response_type") {
        Some("code") => {}
        Some(other) => {
            return send_back("unsupported_response_type", format!("Unsupported response_type {other:?}."));
        }
        None => return send_back("invalid_request", "Missing response_type parameter.".to_owned()),
    }
    let offline = match fields.get("access_type") {
        None | Some("online") => request.offline,
        Some("offline") => true,
        Some(other) => {
            return send_back(
                "invalid_request",
                format!("access_type must be online or offline, not {other:?}."),
            );
        }
    };
    let challenge = match challenge(&client, fields) {
        Ok(challenge) => challenge,
        Err(description) => return send_back("invalid_request", description.to_owned()),
    };
    if fields.get("prompt") == Some("none") && !state.auth.settings.approve_logins {
        return send_back("interaction_required", "Nobody is logged in; a person has to decide.".to_owned());
    }
    let identities = choosable(&tables, fields)?;
    let login = Login {
        client: client.id,
        redirect_uri: redirect_uri.to_owned(),
        granted: request.granted,
        offline,
        state: echoed,
        nonce: fields.get("nonce").map(ToOwned::to_owned),
        challenge,
        identities,
    };
    Ok(Outcome::Ask { login, message: fields.get("session_message").map(ToOwned::to_owned) })
}

/// Reads the PKCE challenge. A public client must send one, because it has no secret.
fn challenge(client: &Client, fields: &Fields) -> Result<Option<String>, &'static str> {
    match (fields.get("code_challenge"), fields.get("code_challenge_method")) {
        (None, None) if client.is_public() => Err("Missing code_challenge parameter."),
        (None, None) => Ok(None),
        (None, Some(_)) => Err("code_challenge_method is given without a code_challenge."),
        (Some(challenge), Some("S256")) => {
            let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if challenge.len() == 43 && challenge.bytes().all(base64url) {
                Ok(Some(challenge.to_owned()))
            } else {
                Err("code_challenge is not the base64url text of a SHA-256 digest.")
            }
        }
        (Some(_), _) => Err("code_challenge_method must be S256."),
    }
}

/// Returns who may log in, best first, given what the session has to look like.
fn choosable(tables: &Tables, fields: &Fields) -> Result<Vec<Uuid>, PageError> {
    let missing = |message: String| PageError { code: "REQUIRED_IDENTITY_MISSING", message };
    let required = fields.list("session_required_identities");
    if !required.is_empty() {
        return required
            .into_iter()
            .map(|wanted| {
                tables
                    .people
                    .values()
                    .find(|person| {
                        person.username.eq_ignore_ascii_case(wanted) || person.id.to_string() == wanted
                    })
                    .map(|person| person.id)
                    .ok_or_else(|| missing(format!("The identity {wanted} is not in your account.")))
            })
            .collect();
    }
    let domains = fields.list("session_required_single_domain");
    let people: Vec<Uuid> = tables
        .login_order
        .iter()
        .filter_map(|id| tables.people.get(id))
        .filter(|person| {
            let domain = person.username.rsplit('@').next().unwrap_or_default();
            domains.is_empty() || domains.iter().any(|wanted| wanted.eq_ignore_ascii_case(domain))
        })
        .map(|person| person.id)
        .collect();
    if people.is_empty() {
        return Err(missing(format!("No identity of your account is from {}.", domains.join(" or "))));
    }
    Ok(people)
}
