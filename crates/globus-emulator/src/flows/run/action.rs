//! Action states: providers that are started, asked and told, registered APIs that are called, and the tokens for both.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Status;
use super::engine::{Machine, Raised, Running};
use super::states::{activity, seen};
use crate::flows::actions::provider::{Provider, ProviderFault};
use crate::flows::http_client::{self, Outgoing};
use crate::flows::parameters;
use crate::flows::registered_api::{self, RegisteredApi};

/// How long an action may take when its state does not say.
const PATIENCE: i64 = 300;
/// How soon an action is asked for its status, and how seldom in the end.
const FIRST_POLL: Duration = Duration::from_millis(20);
const LAST_POLL: Duration = Duration::from_secs(2);
/// The same for a run of another flow, each of which may wait for the next.
const LAST_POLL_OF_RUNS: Duration = Duration::from_millis(50);

impl Machine {
    /// Takes an action, and gives its result.
    pub(super) async fn act(&mut self, name: &str, step: &Value, body: Value) -> Result<Value, Raised> {
        let api = step.get("Handler").and_then(|handler| registered_api::of_handler(&self.state, handler));
        let private =
            step.get("Parameters").map(|given| parameters::secrets(given, &body)).unwrap_or_default();
        let result = match api {
            _ if !body.is_object() => {
                Err(Raised::new("ActionUnableToRun", "The input of an action must be an object"))
            }
            None => self.act_at_provider(name, step, body).await,
            Some(Ok(api)) => self.call_api(name, step, &api, &body).await,
            Some(Err(fault)) => Err(unable(&ProviderFault::new(fault))),
        };
        result.map_err(|raised| {
            // Who refuses an input may repeat it, and what is private of it is nobody's business.
            let raised = raised.without(&private);
            self.log_failure(name, &raised);
            raised
        })
    }

    fn log_failure(&self, name: &str, raised: &Raised) {
        let (code, what) = match &*raised.name {
            "ActionUnableToRun" => ("ActionUnableToRun", "was unable to run"),
            "ActionFailedException" => ("ActionFailed", "failed"),
            "ActionTimeout" => ("ActionTimeout", "took too long"),
            _ => return,
        };
        let info = parameters::public(&raised.info);
        let details = json!({"state_name": name, "state_type": "Action", "error": info["Error"], "cause": info["Cause"]});
        self.log(code, &format!("State {name} of type Action {what}"), details);
    }

    /// Until when an action may take.
    fn deadline(&self, step: &Value) -> Timestamp {
        let patience = step.get("WaitTime").and_then(Value::as_i64).unwrap_or(PATIENCE);
        self.state.clock.now().saturating_add(SignedDuration::from_secs(patience)).unwrap_or(Timestamp::MAX)
    }

    /// Calls a registered API. Its answer is the result.
    async fn call_api(
        &mut self,
        name: &str,
        step: &Value,
        api: &RegisteredApi,
        body: &Value,
    ) -> Result<Value, Raised> {
        let unable = |fault: String| unable(&ProviderFault::new(fault));
        let request = api.request(body).map_err(unable)?;
        let url = http_client::destination(&self.state, &request.url).map_err(unable)?;
        let token = match api.scope() {
            Some(scope) => Some(self.token_for(name, scope, step).await?),
            None => None,
        };
        let outgoing = Outgoing {
            method: request.method,
            url: &url,
            token: token.as_deref(),
            headers: &request.headers,
            body: request.body.as_ref(),
        };
        let deadline = self.deadline(step);
        let (status, body) = tokio::select! {
            answer = http_client::send(outgoing) => answer.map_err(unable)?,
            () = self.state.clock.reach(deadline) => {
                let cause = json!({"state_name": name, "description": "The API did not answer in time"});
                return Err(Raised::with("ActionTimeout", &cause));
            }
        };
        match api.answer(status, body) {
            Ok(result) => Ok(result),
            Err(failure) if failure.exception == "ActionFailedException" && !raises(step) => {
                Ok(failure.cause)
            }
            Err(failure) => Err(Raised::with(&failure.exception, &failure.cause)),
        }
    }

    /// Starts an action, waits for its end, and gives its last status.
    async fn act_at_provider(&mut self, name: &str, step: &Value, body: Value) -> Result<Value, Raised> {
        let provider = Provider::of_state(&self.state, step).map_err(|fault| unable(&fault))?;
        let scope = provider.scope(&self.state, step).await.map_err(|fault| unable(&fault))?;
        let mut resumed = self.run.progress().resumed;
        let mut token = self.token_for(name, &scope, step).await?;
        let request = {
            let metadata = self.run.progress().metadata.clone();
            let mut request = json!({
                "request_id": Uuid::new_v4(),
                "body": body,
                "manage_by": metadata.managers,
                "monitor_by": metadata.monitors,
            });
            if let Some(label) = metadata.label {
                request["label"] = label.into();
            }
            request
        };
        let mut status = provider
            .run(&self.state, self.run.depth, &token, &request)
            .await
            .map_err(|fault| unable(&fault))?;
        let id = status["action_id"].as_str().unwrap_or_default().to_owned();
        self.action = Some(Running { provider: provider.clone(), id: id.clone(), token: token.clone() });

        let deadline = self.deadline(step);
        let mut pause = FIRST_POLL;
        let last_pause = if matches!(provider, Provider::Flow(_)) { LAST_POLL_OF_RUNS } else { LAST_POLL };
        let mut was_inactive = false;
        loop {
            status["state_name"] = name.into();
            let is_inactive = status["status"] == "INACTIVE";
            if is_inactive && !was_inactive {
                self.log_status(
                    "ActionInactive",
                    &format!("State {name} of type Action waits"),
                    name,
                    step,
                    &status,
                );
            }
            was_inactive = is_inactive;
            match status["status"].as_str() {
                Some("SUCCEEDED" | "FAILED") => break,
                Some("INACTIVE") => self.show(Status::Inactive, self.inactivity(name, step, &status), None),
                _ => self.show(Status::Active, activity("Action", name, &[&seen(step, &status)]), None),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.run.changed.notified() => {}
                () = self.state.clock.reach(deadline) => {
                    provider.cancel(&self.state, &token, &id).await;
                    self.action = None;
                    return Err(Raised::with("ActionTimeout", &status));
                }
            }
            pause = (pause * 2).min(last_pause);
            let now_resumed = self.run.progress().resumed;
            let answer = if now_resumed > resumed {
                resumed = now_resumed;
                token = self.token_for(name, &scope, step).await?;
                if let Some(action) = &mut self.action {
                    action.token.clone_from(&token);
                }
                provider.resume(&self.state, &token, &id).await
            } else {
                provider.status(&self.state, &token, &id).await
            };
            // A provider that cannot be asked now may answer next time.
            let Ok(mut answer) = answer else { continue };
            answer["state_name"] = name.into();
            // Who is asked often would fill the log with the same answer.
            if answer != status {
                status = answer;
                self.log_status(
                    "ActionPolled",
                    &format!("State {name} of type Action was polled"),
                    name,
                    step,
                    &status,
                );
            }
        }
        self.action = None;
        provider.release(&self.state, &token, &id).await;
        if raises(step) && status["status"] == "FAILED" {
            return Err(Raised::with("ActionFailedException", &status));
        }
        Ok(status)
    }

    fn log_status(&self, code: &str, description: &str, name: &str, step: &Value, status: &Value) {
        let details = json!({"state_name": name, "state_type": "Action", "output": seen(step, status)});
        self.log(code, description, details);
    }

    /// The token for an action. Where consent is missing, the run waits until it is resumed with it.
    async fn token_for(&self, name: &str, scope: &str, step: &Value) -> Result<String, Raised> {
        loop {
            let (gare, resumed) = match step.get("RunAs").and_then(Value::as_str).unwrap_or("User") {
                "User" => {
                    let (caller, resumed) = {
                        let progress = self.run.progress();
                        (progress.caller.clone(), progress.resumed)
                    };
                    match caller.acting(&self.state, &self.run.flow_scope, scope) {
                        Ok(acting) => return Ok(acting.token(&self.state)),
                        Err(gare) => (gare, resumed),
                    }
                }
                "Flow" => {
                    return crate::auth::own_token(&self.state, self.run.flow_id, scope).ok_or_else(|| {
                        Raised::new("NoTokenException", format!("The flow cannot have {scope}"))
                    });
                }
                role => {
                    let token = self.run.input.get("_tokens").and_then(|tokens| tokens.get(role));
                    return token.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                        Raised::new(
                            "NoTokenException",
                            format!("The input has no token for the role {role:?}"),
                        )
                    });
                }
            };
            let required = format!("{}[{scope}]", self.run.flow_scope);
            let details = json!({
                "code": "ConsentRequired",
                "description": gare.message,
                "state_name": name,
                "required_scope": required,
                "action_statuses": [],
            });
            self.show(Status::Inactive, details, None);
            self.resumed_after(resumed).await;
            self.show(Status::Active, activity("Action", name, &[]), None);
        }
    }

    async fn resumed_after(&self, resumed: u64) {
        loop {
            let mut changed = std::pin::pin!(self.run.changed.notified());
            changed.as_mut().enable();
            if self.run.progress().resumed > resumed {
                return;
            }
            changed.await;
        }
    }

    /// What a run says whose action waits for somebody.
    fn inactivity(&self, name: &str, step: &Value, status: &Value) -> Value {
        let of_action = &status["details"];
        let mut details = json!({
            "code": of_action.get("code").cloned().unwrap_or_else(|| "ActionInactive".into()),
            "description": of_action.get("description").cloned().unwrap_or_else(|| "The action waits".into()),
            "state_name": name,
            "action_statuses": [seen(step, status)],
        });
        if let Some(scope) = of_action.get("required_scope").and_then(Value::as_str) {
            details["required_scope"] = format!("{}[{scope}]", self.run.flow_scope).into();
        }
        if let Some(parameters) = of_action.get("authorization_parameters") {
            details["code"] = "AuthorizationParameters".into();
            details["authorization_parameters"] = parameters.clone();
        }
        details
    }
}

fn unable(fault: &ProviderFault) -> Raised {
    Raised::with("ActionUnableToRun", &fault.document())
}

/// Whether a failure of the action is an error of the state.
fn raises(step: &Value) -> bool {
    step.get("ExceptionOnActionFailure").and_then(Value::as_bool).unwrap_or(true)
}
