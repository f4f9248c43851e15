//! The providers of Transfer: each calls the emulator's Transfer as any client does, with the token it was given.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::hosted::{Operation, TRANSFER, Work};
use super::{Action, Stage};
use crate::server::in_process;
use crate::server::text::in_url;
use crate::state::State;

/// Works on an action of Transfer.
pub(super) async fn work(state: &Arc<State>, action: &Arc<Action>, operation: Operation) -> Stage {
    let task = action.progress().task.clone();
    if let Some(task) = task {
        return follow(state, action, &task).await;
    }
    match operation {
        Operation::Transfer | Operation::Delete => submit(state, action, operation).await,
        Operation::Ls => ls(state, action).await,
        Operation::Stat => stat(state, action).await,
        Operation::Mkdir => mkdir(state, action).await,
        Operation::CollectionInfo => {
            let answer =
                call(state, action, Method::GET, &format!("endpoint/{}", endpoint(action)), None).await;
            done(action, answer)
        }
        Operation::ManagePermission => manage_permission(state, action).await,
    }
}

/// Cancels the task of an action, if it has one.
pub(super) async fn cancel(state: &Arc<State>, action: &Arc<Action>) {
    let task = action.progress().task.clone();
    if let (Work::Transfer(_), Some(task)) = (action.hosted.work, task) {
        call(state, action, Method::POST, &format!("task/{task}/cancel"), None).await;
    }
}

type Answer = (StatusCode, Value);

async fn call(
    state: &Arc<State>,
    action: &Action,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Answer {
    let token = action.progress().token.clone();
    let path = format!("/v0.10/{path}");
    let transfer = ("/transfer", crate::transfer::router(state));
    in_process::call(state, transfer, method, &path, Some(&token), body).await
}

/// What Transfer's answer makes of an action that is done at once.
fn done(action: &Action, (status, document): Answer) -> Stage {
    if status.is_success() { Stage::Succeeded(without_links(document)) } else { refused(action, document) }
}

fn without_links(mut document: Value) -> Value {
    if let Some(members) = document.as_object_mut() {
        members.remove("task_link");
    }
    document
}

/// A refusal that somebody can lift makes the action wait; any other is its end.
pub(super) fn refused(action: &Action, document: Value) -> Stage {
    let description =
        document.get("message").cloned().unwrap_or_else(|| "Transfer refused the request".into());
    let parameters = document.get("authorization_parameters");
    let scopes = document
        .get("required_scopes")
        .or_else(|| parameters?.get("required_scopes"))
        .and_then(Value::as_array)
        .filter(|scopes| !scopes.is_empty());
    if let Some(scopes) = scopes {
        let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
        let scopes = scopes.join(" ");
        // Who has another scope than Transfer's uses Transfer's below it.
        let own = action.hosted.scope;
        let required = if own == TRANSFER { scopes } else { format!("{own}[{scopes}]") };
        return Stage::Inactive(json!({
            "code": "ConsentRequired",
            "description": description,
            "required_scope": required,
            "resolution_url": null,
        }));
    }
    if let Some(parameters) = parameters {
        return Stage::Inactive(json!({
            "code": document.get("code"),
            "description": description,
            "authorization_parameters": parameters,
        }));
    }
    let mut document = document;
    if let Some(members) = document.as_object_mut() {
        members.insert("description".to_owned(), description);
    }
    Stage::Failed(document)
}

fn endpoint(action: &Action) -> String {
    // A UUID: the schema of the provider has seen to that.
    action.body()["endpoint_id"].as_str().unwrap_or_default().to_owned()
}

/// Writes a query.
fn query(pairs: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&in_url(value));
    }
    text
}

async fn ls(state: &Arc<State>, action: &Action) -> Stage {
    let names = ["path", "limit", "offset", "orderby", "filter", "show_hidden", "local_user"];
    let pairs: Vec<(&str, String)> = names
        .into_iter()
        .filter_map(|name| {
            let value = action.body().get(name).filter(|value| !value.is_null())?;
            Some((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        })
        .collect();
    let path = format!("operation/endpoint/{}/ls{}", endpoint(action), query(&pairs));
    done(action, call(state, action, Method::GET, &path, None).await)
}

async fn stat(state: &Arc<State>, action: &Action) -> Stage {
    let asked = action.body()["path"].as_str().unwrap_or_default().to_owned();
    let path = format!("operation/endpoint/{}/stat{}", endpoint(action), query(&[("path", asked)]));
    let (status, document) = call(state, action, Method::GET, &path, None).await;
    // That there is nothing is an answer: flows look at its code.
    if status == StatusCode::NOT_FOUND && document["code"] == "NotFound" {
        return Stage::Succeeded(document);
    }
    done(action, (status, document))
}

async fn mkdir(state: &Arc<State>, action: &Action) -> Stage {
    let body = json!({"DATA_TYPE": "mkdir", "path": action.body()["path"]});
    let path = format!("operation/endpoint/{}/mkdir", endpoint(action));
    done(action, call(state, action, Method::POST, &path, Some(&body)).await)
}

async fn manage_permission(state: &Arc<State>, action: &Action) -> Stage {
    let body = action.body();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let all = format!("endpoint/{}/access", endpoint(action));
    let of_one =
        || match text("rule_id").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')) {
            Some(id) if !id.is_empty() => Ok(format!("{all}/{id}")),
            _ => Err(Stage::failure("BadActionRequest", "rule_id is required")),
        };
    let rule = || {
        let names = ["path", "principal_type", "principal", "permissions", "notify_email", "notify_message"];
        let mut rule: Map<String, Value> =
            names.into_iter().filter_map(|name| Some((name.to_owned(), body.get(name)?.clone()))).collect();
        rule.insert("DATA_TYPE".to_owned(), "access".into());
        Value::Object(rule)
    };
    let answer = match text("operation") {
        Some("CREATE") => call(state, action, Method::POST, &all, Some(&rule())).await,
        Some("LIST") => call(state, action, Method::GET, &format!("{all}_list"), None).await,
        operation => {
            let path = match of_one() {
                Ok(path) => path,
                Err(refusal) => return refusal,
            };
            match operation {
                Some("UPDATE") => call(state, action, Method::PUT, &path, Some(&rule())).await,
                Some("DELETE") => call(state, action, Method::DELETE, &path, None).await,
                _ => call(state, action, Method::GET, &path, None).await,
            }
        }
    };
    done(action, answer)
}

async fn submit(state: &Arc<State>, action: &Action, operation: Operation) -> Stage {
    let (kind, item) = match operation {
        Operation::Transfer => ("transfer", "transfer_item"),
        _ => ("delete", "delete_item"),
    };
    let mut document = action.body().clone();
    // The same submission for the same action, however often it is tried.
    let submission = Uuid::new_v5(&Uuid::NAMESPACE_OID, action.id.as_bytes());
    document["DATA_TYPE"] = kind.into();
    document["submission_id"] = submission.to_string().into();
    if document.get("label").is_none_or(Value::is_null) {
        document["label"] = format!("For Action id {}", action.id).into();
    }
    for entry in document["DATA"].as_array_mut().into_iter().flatten() {
        entry["DATA_TYPE"] = item.into();
    }
    let (status, answer) = call(state, action, Method::POST, kind, Some(&document)).await;
    match answer.get("task_id").and_then(Value::as_str) {
        Some(task) if status.is_success() => {
            action.progress().task = Some(task.to_owned());
            follow(state, action, task).await
        }
        _ => refused(action, answer),
    }
}

async fn follow(state: &Arc<State>, action: &Action, task: &str) -> Stage {
    let (status, mut document) = call(state, action, Method::GET, &format!("task/{task}"), None).await;
    if !status.is_success() {
        return refused(action, document);
    }
    document["event_list"] = json!([]);
    match document["status"].as_str() {
        Some("SUCCEEDED") => Stage::Succeeded(document),
        Some("FAILED") => Stage::Failed(document),
        Some("INACTIVE") => {
            let description = document.get("nice_status_short_description").cloned();
            Stage::Inactive(json!({"code": "TaskInactive", "description": description, "task": document}))
        }
        _ => Stage::Active(document),
    }
}
