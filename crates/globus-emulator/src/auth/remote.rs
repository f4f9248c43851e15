//! What tests do to Auth from outside: by the control room or by the methods of the emulator.

use http::Uri;
use serde_json::{Value, json};

use super::Tables;
use super::authorize::{self, Decision, Outcome};
use super::fields::Fields;
use crate::state::State;
use crate::time;

/// How somebody answers a login page that nobody sees.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// Who logs in, by id or username; `None` stands for the first who may.
    pub(crate) identity: Option<String>,
    pub(crate) deny: bool,
    pub(crate) mfa: bool,
}

/// Answers the login at an authorize URL. Returns where the browser would be sent.
pub(crate) fn answer_login(state: &State, url: &str, answer: &Answer) -> Result<String, String> {
    let (base, query) = url.split_once('?').ok_or("the URL has no parameters")?;
    let auth_base = base
        .strip_suffix("v2/oauth2/authorize")
        .filter(|base| base.starts_with("http://") && base.ends_with("/auth/"))
        .ok_or("the URL is not that of the authorize page of an emulator")?;
    // The query is read by the same code that reads that of a request.
    let uri: Uri = format!("/?{query}").parse().map_err(|_| "the URL is not well formed")?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri)
        .map_err(|fault| format!("the parameters cannot be read: {}", fault.body_text()))?;
    let fields = Fields::new(pairs.0);
    if let Some(name) = fields.repeated() {
        return Err(format!("parameter {name:?} is given more than once"));
    }
    let mut tables = state.auth.tables();
    let outcome = authorize::check(state, &tables, auth_base, &fields)
        .map_err(|error| format!("{}: {}", error.code, error.message))?;
    let (login, chosen) = match outcome {
        Outcome::SendBack { redirect_uri, state, error, description } => {
            return Ok(authorize::failure(&redirect_uri, state.as_deref(), error, &description));
        }
        Outcome::Silent { login, chosen } => (login, chosen),
        Outcome::Ask(login) => {
            let first = login.choices.first().copied().unwrap_or_default();
            (login, first)
        }
    };
    if answer.deny {
        return Ok(authorize::decided(state, &mut tables, *login, &Decision::Deny));
    }
    let chosen = match &answer.identity {
        None => chosen,
        Some(wanted) => tables
            .accounts
            .find(wanted)
            .map(|person| person.id)
            .filter(|id| login.choices.contains(id))
            .ok_or_else(|| format!("{wanted:?} cannot be chosen in this login"))?,
    };
    let decision = Decision::Allow { chosen, mfa: answer.mfa };
    Ok(authorize::decided(state, &mut tables, *login, &decision))
}

/// Everything that Auth remembers, apart from secrets and the values of tokens and codes.
pub(crate) fn dump(state: &State, tables: &Tables) -> Value {
    let now = state.clock.now();
    let accounts: Vec<Value> = tables
        .accounts
        .accounts()
        .map(|set| set.into_iter().map(super::Identity::document).collect::<Value>())
        .collect();
    let consents: Vec<Value> = tables
        .accounts
        .accounts()
        .flatten()
        .map(|person| person.id)
        .chain(tables.clients.all().map(|client| client.id))
        .flat_map(|identity| tables.consents.documents(identity, None))
        .collect();
    let tokens: Vec<Value> = tables
        .tokens
        .live(now)
        .map(|token| {
            json!({
                "kind": token.kind.as_str(),
                "client": token.client,
                "identity": token.identity,
                "resource_server": token.resource_server,
                "scopes": token.scopes,
                "session": token.session,
                "issued": time::micros(token.issued),
                "expires": time::micros(token.expires),
            })
        })
        .collect();
    json!({
        "settings": settings(tables),
        "accounts": accounts,
        "clients": tables.clients.all().map(|client| client.document(&tables.scopes)).collect::<Vec<_>>(),
        "groups": tables.groups.all().map(|group| group.dump(tables)).collect::<Vec<_>>(),
        "projects": tables.projects.all().map(|project| project.document(tables)).collect::<Vec<_>>(),
        "policies": tables.policies.all().map(super::policies::Policy::document).collect::<Vec<_>>(),
        "scopes": tables.scopes.all().map(super::scopes::ScopeRecord::document).collect::<Vec<_>>(),
        "sessions": tables.sessions.all().map(super::sessions::Session::document).collect::<Vec<_>>(),
        "consents": consents,
        "tokens": tokens,
        "requirements": tables.requirements.list(),
    })
}

/// The settings that may change while the emulator runs.
pub(crate) fn settings(tables: &Tables) -> Value {
    json!({
        "token_lifetime_seconds": tables.settings.token_lifetime.as_secs(),
        "rotate_refresh_tokens": tables.settings.rotate_refresh_tokens,
        "approve_logins": tables.settings.approve_logins,
    })
}
