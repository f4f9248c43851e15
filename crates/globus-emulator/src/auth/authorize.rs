//! `/v2/oauth2/authorize`: the page that asks whether an application may act for somebody.

use std::sync::Arc;

use axum::extract;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::Tables;
use super::caller::SessionRequirement;
use super::clients::Client;
use super::error::AuthError;
use super::fields::Fields;
use super::grants::{self, ScopeProblem};
use super::logins::{self, Login};
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
pub(crate) enum Outcome {
    /// Ask the person.
    Ask(Box<Login>),
    /// Nobody has to be asked.
    Silent { login: Box<Login>, chosen: Uuid },
    /// Send the browser back with an OAuth error.
    SendBack { redirect_uri: String, state: Option<String>, error: &'static str, description: String },
}

/// What somebody decided about a login.
pub(crate) enum Decision {
    /// Go on as this identity, proved with more than one factor or not.
    Allow {
        chosen: Uuid,
        mfa: bool,
    },
    Deny,
}

/// `GET /v2/oauth2/authorize`
pub(crate) async fn ask(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    fields: Result<Fields, AuthError>,
) -> Response {
    let mut tables = state.auth.tables();
    let checked = match fields {
        Ok(fields) => check(&state, &tables, &state.public_url(&headers, "auth"), &fields),
        Err(_) => Err(request_failure("A parameter is repeated or cannot be read.")),
    };
    match checked {
        Err(error) => pages::error(&state, &error),
        Ok(Outcome::SendBack { redirect_uri, state, error, description }) => {
            found(&failure(&redirect_uri, state.as_deref(), error, &description))
        }
        Ok(Outcome::Silent { login, chosen }) => {
            found(&decided(&state, &mut tables, *login, &Decision::Allow { chosen, mfa: false }))
        }
        Ok(Outcome::Ask(login)) => {
            let page_login = login.clone();
            let request = tables.logins.put(*login, state.clock.now());
            pages::consent(&tables, &page_login, &request)
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
    let decision = if fields.get("decision") == Some("allow") {
        let chosen = fields.get("identity").and_then(|id| Uuid::parse_str(id).ok());
        let Some(chosen) = chosen.filter(|id| login.choices.contains(id)) else {
            return pages::error(&state, &request_failure("This identity cannot be chosen here."));
        };
        Decision::Allow { chosen, mfa: fields.get("mfa").is_some() }
    } else {
        Decision::Deny
    };
    found(&decided(&state, &mut tables, login, &decision))
}

/// Carries a decision out. Returns where the browser is sent: with a code or with an error.
pub(crate) fn decided(state: &State, tables: &mut Tables, login: Login, decision: &Decision) -> String {
    match *decision {
        Decision::Allow { chosen, mfa } => {
            let redirect_uri = login.redirect_uri.clone();
            let echoed = login.state.clone();
            let now = state.clock.now();
            let approved = login.approve(tables, chosen, mfa, now);
            let code = tables.codes.put(approved, now);
            let parameters = [("code", Some(&*code)), ("state", echoed.as_deref())];
            redirect::with_parameters(&redirect_uri, &parameters)
        }
        Decision::Deny => {
            failure(&login.redirect_uri, login.state.as_deref(), "access_denied", "The request was denied.")
        }
    }
}

pub(crate) fn failure(redirect_uri: &str, state: Option<&str>, error: &str, description: &str) -> String {
    let parameters = [("error", Some(error)), ("error_description", Some(description)), ("state", state)];
    redirect::with_parameters(redirect_uri, &parameters)
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
pub(crate) fn check(
    state: &State,
    tables: &Tables,
    auth_base: &str,
    fields: &Fields,
) -> Result<Outcome, PageError> {
    let id = fields.get("client_id").ok_or_else(|| request_failure("Missing client_id parameter."))?;
    let client = Uuid::parse_str(id)
        .ok()
        .and_then(|id| tables.clients.get(id))
        .ok_or_else(|| request_failure("Invalid client_id parameter value."))?;
    let redirect_uri =
        fields.get("redirect_uri").ok_or_else(|| request_failure("Missing redirect_uri parameter."))?;
    if !redirect::is_allowed(client, redirect_uri, auth_base) {
        return Err(request_failure("Mismatching redirect URI."));
    }
    let scope = fields.get("scope").ok_or_else(|| request_failure("Missing scope parameter."))?;
    let request = grants::read_scopes(&tables.scopes, scope).map_err(|problem| match problem {
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
    let invalid = |description: String| send_back("invalid_request", description);
    match fields.get("response_type") {
        Some("code") => {}
        Some(other) => {
            return send_back("unsupported_response_type", format!("Unsupported response_type {other:?}."));
        }
        None => return invalid("Missing response_type parameter.".to_owned()),
    }
    let offline = match fields.get("access_type") {
        None | Some("online") => request.offline,
        Some("offline") => true,
        Some(other) => return invalid(format!("access_type must be online or offline, not {other:?}.")),
    };
    let challenge = match challenge(client, fields) {
        Ok(challenge) => challenge,
        Err(description) => return invalid(description.to_owned()),
    };
    let prompt = fields.get("prompt");
    if let Some(other) = prompt.filter(|prompt| !matches!(*prompt, "login" | "none" | "consent")) {
        return invalid(format!("prompt must be login or none, not {other:?}."));
    }
    let mfa = match fields.get("session_required_mfa").map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return invalid("session_required_mfa must be true or false.".to_owned()),
    };
    let requirement = requirement(tables, fields, mfa)?;
    let choices = logins::choices(tables, client, &request.granted, &requirement);
    let Some(first) = choices.first().copied() else {
        return Err(identity_missing(&requirement));
    };
    let login = Box::new(Login {
        client: client.id,
        redirect_uri: redirect_uri.to_owned(),
        granted: request.granted,
        offline,
        state: echoed.clone(),
        nonce: fields.get("nonce").map(ToOwned::to_owned),
        challenge,
        requirement,
        anew: prompt == Some("login"),
        label: fields.get("prefill_named_grant").map(ToOwned::to_owned),
        choices,
    });
    if tables.settings.approve_logins {
        return Ok(Outcome::Silent { login, chosen: first });
    }
    if prompt == Some("none") {
        return match login.silent_choice(tables, state.clock.now()) {
            Some(chosen) => Ok(Outcome::Silent { login, chosen }),
            None => send_back("interaction_required", "A person has to log in or to decide.".to_owned()),
        };
    }
    Ok(Outcome::Ask(login))
}

/// Reads what the session has to be.
fn requirement(tables: &Tables, fields: &Fields, mfa: bool) -> Result<SessionRequirement, PageError> {
    let mut identities = Vec::new();
    for wanted in fields.list("session_required_identities") {
        let person = tables.accounts.find(wanted).ok_or_else(|| PageError {
            code: "REQUIRED_IDENTITY_MISSING",
            message: format!("The identity {wanted} is not in your account."),
        })?;
        identities.push(person.id);
    }
    let mut policies = Vec::new();
    for wanted in fields.list("session_required_policies") {
        let policy = Uuid::parse_str(wanted).ok().and_then(|id| tables.policies.get(id));
        let policy = policy.ok_or_else(|| request_failure(format!("There is no policy {wanted}.")))?;
        policies.push(policy.id);
    }
    let domains = fields.list("session_required_single_domain");
    Ok(SessionRequirement {
        identities,
        domains: domains.into_iter().map(ToOwned::to_owned).collect(),
        policies,
        mfa,
        within: None,
        message: fields.get("session_message").map(ToOwned::to_owned),
    })
}

fn identity_missing(requirement: &SessionRequirement) -> PageError {
    let message = if requirement.identities.len() > 1 {
        "No account has all of the required identities.".to_owned()
    } else if requirement.domains.is_empty() {
        "No identity of your account may be used here.".to_owned()
    } else {
        format!("No identity of your account is from {}.", requirement.domains.join(" or "))
    };
    PageError { code: "REQUIRED_IDENTITY_MISSING", message }
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
