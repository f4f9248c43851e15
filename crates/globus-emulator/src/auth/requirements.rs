//! Scripted demands: a test says which requests have to be answered with one, and what fulfils it.

use std::sync::Arc;

use axum::extract::{OriginalUri, Request, State as Extract};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Tables;
use super::caller::{Caller, SessionRequirement};
use super::gare::Gare;
use super::scopes::{self, Scope};
use super::verify;
use crate::state::State;
use crate::time;

/// A demand that stands until somebody fulfils it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: Uuid,
    pub(crate) method: Option<Method>,
    pub(crate) path_prefix: String,
    /// The scopes to be consented to, as written and as read.
    pub(crate) scopes: Vec<String>,
    pub(crate) parsed: Vec<Scope>,
    pub(crate) session: SessionRequirement,
    /// The error code, where it is not the usual one.
    pub(crate) code: Option<String>,
    /// Only what was done after this counts.
    pub(crate) since: Timestamp,
    /// Whether it stands for every caller for ever, instead of until the first one fulfils it.
    pub(crate) keep: bool,
}

/// All demands that still stand.
#[derive(Debug, Default)]
pub(crate) struct Requirements {
    rules: Vec<Rule>,
}

impl Requirements {
    pub(crate) fn add(&mut self, rules: Vec<Rule>) {
        self.rules.extend(rules);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn list(&self) -> Vec<Value> {
        self.rules.iter().map(Rule::document).collect()
    }
}

impl Rule {
    fn fits(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|own| own == method) && path.starts_with(&self.path_prefix)
    }

    fn is_fulfilled(&self, tables: &Tables, caller: &Caller, now: Timestamp) -> bool {
        let mut done = caller.authentications(tables);
        done.retain(|(_, done)| done.time >= self.since);
        tables.consents.cover(caller.client_id, caller.identity_id, &self.parsed, self.since)
            && (!self.is_about_session()
                || !done.is_empty() && self.session.is_met(tables, &caller.identity_set, &done, now))
    }

    /// Tells whether it wants a login, and not only consent.
    fn is_about_session(&self) -> bool {
        let SessionRequirement { identities, domains, policies, mfa, .. } = &self.session;
        let wants = *mfa || !identities.is_empty() || !domains.is_empty() || !policies.is_empty();
        wants || self.scopes.is_empty()
    }

    fn gare(&self) -> Gare {
        let mut parameters = self.session.parameters();
        let usual = if self.scopes.is_empty() { "AuthorizationRequired" } else { "ConsentRequired" };
        if !self.scopes.is_empty() {
            parameters.insert("required_scopes".to_owned(), self.scopes.clone().into());
        }
        if self.is_about_session() {
            // What was proved before does not count, so people have to prove it again.
            parameters.insert("prompt".to_owned(), "login".into());
        }
        let message = self.session.message.as_deref().unwrap_or("This request has to be authorized anew");
        Gare::new(self.code.as_deref().unwrap_or(usual), message, parameters)
    }

    fn document(&self) -> Value {
        json!({
            "id": self.id,
            "method": self.method.as_ref().map(Method::as_str),
            "path_prefix": self.path_prefix,
            "code": self.gare().code,
            "authorization_parameters": self.gare().parameters,
            "since": time::micros(self.since),
            "keep": self.keep,
        })
    }
}

/// The layer of a service that answers with the demands that are made of its callers, in its own error document.
///
/// Requests without a good token pass: the service itself turns them away.
pub(crate) async fn enforce<E: From<Gare> + IntoResponse>(
    Extract(state): Extract<Arc<State>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let demand = demand(&state, request.method(), uri.path(), request.headers());
    match demand {
        Some(gare) => E::from(gare).into_response(),
        None => next.run(request).await,
    }
}

/// Returns the first demand on this request that its caller does not fulfil, and forgets those that it does.
fn demand(state: &State, method: &Method, path: &str, headers: &http::HeaderMap) -> Option<Gare> {
    let mut tables = state.auth.tables();
    if tables.requirements.rules.is_empty() {
        return None;
    }
    let now = state.clock.now();
    let caller = verify::caller(&tables, verify::bearer(headers)?, now)?;
    let mut unmet = None;
    let mut fulfilled = Vec::new();
    for rule in tables.requirements.rules.iter().filter(|rule| rule.fits(method, path)) {
        if !rule.is_fulfilled(&tables, &caller, now) {
            unmet = Some(rule.gare());
            break;
        }
        if !rule.keep {
            fulfilled.push(rule.id);
        }
    }
    tables.requirements.rules.retain(|rule| !fulfilled.contains(&rule.id));
    unmet
}

/// Reads one rule or a list of them.
pub(crate) fn read(tables: &Tables, now: Timestamp, body: &Value) -> Result<Vec<Rule>, String> {
    match body {
        Value::Array(rules) => rules.iter().map(|rule| read_rule(tables, rule, now)).collect(),
        rule => Ok(vec![read_rule(tables, rule, now)?]),
    }
}

const MEMBERS: [&str; 10] = [
    "method",
    "path_prefix",
    "code",
    "keep",
    "required_scopes",
    "session_required_identities",
    "session_required_single_domain",
    "session_required_policies",
    "session_required_mfa",
    "session_message",
];

fn read_rule(tables: &Tables, rule: &Value, now: Timestamp) -> Result<Rule, String> {
    let members = rule.as_object().ok_or("a requirement must be an object")?;
    if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(format!("a requirement has no member {name:?}; it has {}", MEMBERS.join(", ")));
    }
    let text = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} must be text")),
    };
    let flag = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!("{name} must be true or false")),
    };
    let texts = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(ToOwned::to_owned))
            .collect::<Option<Vec<String>>>()
            .ok_or_else(|| format!("{name} must be a list of texts")),
        Some(_) => Err(format!("{name} must be a list of texts")),
    };
    let method = text("method")?
        .map(|method| method.parse().map_err(|_| format!("method {method:?} is not an HTTP method")))
        .transpose()?;
    let scopes = texts("required_scopes")?;
    let mut parsed = Vec::new();
    for scope in &scopes {
        let read = scopes::parse(scope).map_err(|fault| format!("required_scopes: {scope:?}: {fault}"))?;
        parsed.extend(read);
    }
    let identity = |wanted: String| {
        tables
            .find_identity(&wanted)
            .map(|identity| identity.id)
            .ok_or_else(|| format!("session_required_identities: there is no identity {wanted:?}"))
    };
    let policy = |wanted: String| {
        Uuid::parse_str(&wanted)
            .ok()
            .filter(|id| tables.policies.get(*id).is_some())
            .ok_or_else(|| format!("session_required_policies: there is no policy {wanted:?}"))
    };
    let session = SessionRequirement {
        identities: texts("session_required_identities")?
            .into_iter()
            .map(identity)
            .collect::<Result<_, _>>()?,
        domains: texts("session_required_single_domain")?,
        policies: texts("session_required_policies")?.into_iter().map(policy).collect::<Result<_, _>>()?,
        mfa: flag("session_required_mfa")?,
        within: None,
        message: text("session_message")?,
    };
    Ok(Rule {
        id: Uuid::new_v4(),
        method,
        path_prefix: text("path_prefix")?.unwrap_or_default(),
        scopes,
        parsed,
        session,
        code: text("code")?,
        since: now,
        keep: flag("keep")?,
    })
}
