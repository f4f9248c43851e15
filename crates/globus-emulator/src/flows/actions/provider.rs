//! How a flow talks to an action provider.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::api;
use super::hosted::Hosted;
use crate::flows::{self, http_client};
use crate::server::in_process::{self, Depth};
use crate::state::State;

/// An action provider.
#[derive(Debug, Clone)]
pub(crate) enum Provider {
    /// One of the emulator's own.
    Here(&'static Hosted),
    /// A flow of the emulator.
    Flow(Uuid),
    /// One at a URL.
    There(String),
}

/// What a provider answered that is not a success, or why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProviderFault {
    status: Option<StatusCode>,
    body: Value,
}

impl ProviderFault {
    pub(crate) fn new(description: impl Into<String>) -> ProviderFault {
        ProviderFault {
            status: None,
            body: json!({"code": "ActionUnableToRun", "description": description.into()}),
        }
    }

    /// The error as a document.
    pub(crate) fn document(&self) -> Value {
        match self.status {
            Some(status) => json!({"status_code": status.as_u16(), "error": self.body}),
            None => self.body.clone(),
        }
    }

    /// The error in words.
    pub(crate) fn text(&self) -> String {
        let of_flows = || self.body.get("error")?.get("detail");
        match self.body.get("description").or_else(of_flows).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => self.document().to_string(),
        }
    }
}

impl Provider {
    /// Finds the provider of an Action state.
    pub(crate) fn of_state(state: &State, step: &Value) -> Result<Provider, ProviderFault> {
        let url = match (step.get("ActionUrl"), step.get("Handler")) {
            (Some(url), _) => url.as_str(),
            (None, Some(handler)) => handler.get("Url").and_then(Value::as_str),
            (None, None) => None,
        };
        match url {
            Some(url) => Provider::at(state, url),
            None => Err(ProviderFault::new("The state names no action provider")),
        }
    }

    /// Finds the provider at a URL.
    pub(crate) fn at(state: &State, url: &str) -> Result<Provider, ProviderFault> {
        let own = url.strip_prefix(&state.local_url("actions"));
        if let Some(hosted) = own.and_then(Hosted::at_path).filter(|(_, rest)| rest.is_empty()) {
            return Ok(Provider::Here(hosted.0));
        }
        if let Some(hosted) = Hosted::at_url(url) {
            return Ok(Provider::Here(hosted));
        }
        if let Some(flow) = flow_at(state, url) {
            return Ok(Provider::Flow(flow));
        }
        let url = http_client::destination(state, url).map_err(ProviderFault::new)?;
        Ok(Provider::There(url.trim_end_matches('/').to_owned()))
    }

    /// Returns the scope that the provider asks for, which a state may name itself.
    pub(crate) async fn scope(&self, state: &Arc<State>, step: &Value) -> Result<String, ProviderFault> {
        let named = step.get("ActionScope").or_else(|| step.get("Handler")?.get("Scope"));
        if let Some(scope) = named.and_then(Value::as_str) {
            return Ok(scope.to_owned());
        }
        let described = self.call(state, Method::GET, "/", None, None).await;
        let described = described.map_err(|fault| match self {
            Provider::Flow(id) => ProviderFault::new(format!(
                "who has no token does not see the flow {id}: make it public, or name its scope as ActionScope"
            )),
            _ => fault,
        })?;
        let scope = described.get("globus_auth_scope").and_then(Value::as_str);
        scope
            .map(str::to_owned)
            .ok_or_else(|| ProviderFault::new("The provider does not name its globus_auth_scope"))
    }

    /// Starts an action for a run that so many others stand above.
    pub(crate) async fn run(
        &self,
        state: &Arc<State>,
        depth: usize,
        token: &str,
        request: &Value,
    ) -> Result<Value, ProviderFault> {
        let status = match self {
            Provider::Flow(id) => {
                let (path, router) = (format!("/flows/{id}/run"), ("/flows", flows::router(state)));
                let depth = Depth(depth + 1);
                let (token, request) = (Some(token), Some(request));
                let answer =
                    in_process::call_below(depth, state, router, Method::POST, &path, token, request).await;
                success(answer)?
            }
            _ => self.call(state, Method::POST, "/run", Some(token), Some(request)).await?,
        };
        let complete =
            status.get("action_id").is_some_and(Value::is_string) && status.get("status").is_some();
        if complete {
            Ok(status)
        } else {
            Err(ProviderFault::new("The provider's answer is no action status"))
        }
    }

    pub(crate) async fn status(
        &self,
        state: &Arc<State>,
        token: &str,
        id: &str,
    ) -> Result<Value, ProviderFault> {
        self.call(state, Method::GET, &format!("/{id}/status"), Some(token), None).await
    }

    /// Tells the provider that what it waited for may be there. Not every provider can be told.
    pub(crate) async fn resume(
        &self,
        state: &Arc<State>,
        token: &str,
        id: &str,
    ) -> Result<Value, ProviderFault> {
        match self.call(state, Method::POST, &format!("/{id}/resume"), Some(token), Some(&json!({}))).await {
            Ok(status) => Ok(status),
            Err(_) => self.status(state, token, id).await,
        }
    }

    /// Asks the provider to stop. That is advice: what it makes of it does not matter to the run.
    pub(crate) async fn cancel(&self, state: &Arc<State>, token: &str, id: &str) {
        let _ = self.call(state, Method::POST, &format!("/{id}/cancel"), Some(token), Some(&json!({}))).await;
    }

    /// Lets the provider forget the action. What a run of another flow did is still to be seen.
    pub(crate) async fn release(&self, state: &Arc<State>, token: &str, id: &str) {
        if matches!(self, Provider::Flow(_)) {
            return;
        }
        let _ =
            self.call(state, Method::POST, &format!("/{id}/release"), Some(token), Some(&json!({}))).await;
    }

    async fn call(
        &self,
        state: &Arc<State>,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, ProviderFault> {
        let (status, body) = match self {
            Provider::Here(hosted) => {
                let path = format!("/{}{}", hosted.path, path.trim_end_matches('/'));
                in_process::call(state, ("/actions", api::router()), method, &path, token, body).await
            }
            Provider::Flow(id) => {
                let path = format!("/flows/{id}{}", path.trim_end_matches('/'));
                in_process::call(state, ("/flows", flows::router(state)), method, &path, token, body).await
            }
            Provider::There(url) => http_client::call(method, &format!("{url}{path}"), token, body)
                .await
                .map_err(ProviderFault::new)?,
        };
        success((status, body))
    }
}

fn success((status, body): (StatusCode, Value)) -> Result<Value, ProviderFault> {
    if status.is_success() { Ok(body) } else { Err(ProviderFault { status: Some(status), body }) }
}

/// Finds the flow that a URL is of, in any of the names of the service.
fn flow_at(state: &State, url: &str) -> Option<Uuid> {
    let services =
        ["https://flows.globus.org/", "https://flows.automate.globus.org/", &state.local_url("flows")];
    let path = services.into_iter().find_map(|service| url.strip_prefix(service))?;
    Uuid::parse_str(path.strip_prefix("flows/")?.trim_end_matches('/')).ok()
}
