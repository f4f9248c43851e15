//! Which scopes the actions of a flow need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::actions::provider::Provider;
use super::error::FlowsError;
use super::flow::Flow;
use super::registered_api;
use crate::auth::clients::Client;
use crate::auth::scopes::{ScopeRecord, flow_user};
use crate::state::State;

/// The scopes by whom actions run as.
pub(crate) type Scopes = BTreeMap<String, BTreeSet<String>>;

/// Asks every provider of a definition for its scope.
pub(crate) async fn scopes(state: &Arc<State>, definition: &Value) -> Result<Scopes, FlowsError> {
    let mut scopes = Scopes::new();
    let mut asked: BTreeMap<String, String> = BTreeMap::new();
    let states = definition["States"].as_object().into_iter().flat_map(Map::iter);
    for (name, step) in states.filter(|(_, step)| step["Type"] == "Action") {
        let failed = |text: String| FlowsError::new(StatusCode::CONFLICT, "SCOPE_RESOLUTION_FAILED", text);
        let role = step.get("RunAs").and_then(Value::as_str).unwrap_or("User");
        if let Some(api) = step.get("Handler").and_then(|handler| registered_api::of_handler(state, handler))
        {
            let api =
                api.map_err(|fault| failed(format!("The handler of state {name} is not known: {fault}")))?;
            // What needs no authentication needs no consent.
            if let Some(scope) = api.scope() {
                scopes.entry(role.to_owned()).or_default().insert(scope.to_owned());
            }
            continue;
        }
        let Some(url) =
            step.get("ActionUrl").or_else(|| step.get("Handler")?.get("Url")).and_then(Value::as_str)
        else {
            continue;
        };
        let own =
            step.get("ActionScope").or_else(|| step.get("Handler")?.get("Scope")).and_then(Value::as_str);
        let scope = match (own, asked.get(url)) {
            (Some(own), _) => own.to_owned(),
            (None, Some(known)) => known.clone(),
            (None, None) => {
                let failed = |fault: super::actions::provider::ProviderFault| {
                    failed(format!(
                        "The scope of {url}, which state {name} calls, is not known: {}",
                        fault.text()
                    ))
                };
                let provider = Provider::at(state, url).map_err(failed)?;
                let scope = provider.scope(state, step).await.map_err(failed)?;
                asked.insert(url.to_owned(), scope.clone());
                scope
            }
        };
        scopes.entry(role.to_owned()).or_default().insert(scope);
    }
    Ok(scopes)
}

/// Makes the identity and the scopes of a flow known to Auth.
pub(crate) fn register(state: &State, flow: &Flow, scopes: &Scopes) {
    let id = flow.id;
    {
        let mut tables = state.auth.tables();
        tables.clients.insert(Client::public(id, &flow.title));
        tables.scopes.forget_of(id);
        for scope in scopes.values().flatten() {
            if tables.scopes.find(scope).is_none() {
                tables.scopes.register(of_stranger(scope));
            }
        }
    }
    let mut records = vec![("User".to_owned(), flow_user(id))];
    records.extend(flow.role_scopes());
    for (role, text) in records {
        let record = ScopeRecord::new(id, id.to_string(), text).advertised();
        let uses = scopes.get(&role).into_iter().flatten();
        state.auth.register_scope(uses.fold(record, |record, scope| record.depends_on(scope, false)));
    }
}

/// Lets Auth forget them.
pub(crate) fn forget(state: &State, flow: Uuid) {
    state.auth.forget_scopes_of(flow);
    state.auth.tables().clients.remove(flow);
}

/// A scope of somebody whom the emulator does not know: the text says whose it is.
fn of_stranger(scope: &str) -> ScopeRecord {
    let rest = scope.strip_prefix("https://auth.globus.org/scopes/").unwrap_or(scope);
    let server = rest.split('/').next().unwrap_or(rest);
    let owner =
        Uuid::parse_str(server).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_URL, server.as_bytes()));
    ScopeRecord::new(owner, server, scope)
}
