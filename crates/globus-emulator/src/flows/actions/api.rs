//! The Action Provider interface of the emulator's own providers, at `/actions/…`.

use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::hosted::Hosted;
use super::{Action, Stage, web_option, work};
use crate::auth::Caller;
use crate::auth::verify::{self, Denied};
use crate::flows::schema;
use crate::server::body::JsonBody;
use crate::state::State;

/// The routes of the providers, mounted at `/actions`.
pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/weboption/option/{suffix}", get(web_option::choose))
        .route("/weboption/landing_page/{suffix}", get(web_option::landing_page))
        .route("/{*path}", any(answer))
        .fallback(async || {
            Fault::new(StatusCode::NOT_FOUND, "ActionProviderNotFound", "There is no provider here")
        })
}

/// An answer that is not a success.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    code: &'static str,
    description: String,
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, description: impl Into<String>) -> Fault {
        Fault { status, code, description: description.into() }
    }

    fn not_found(id: &str) -> Fault {
        Fault::new(StatusCode::NOT_FOUND, "ActionNotFound", format!("No action with id {id}"))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"code": self.code, "description": self.description}))).into_response()
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Fault {
        match denied {
            Denied::Missing | Denied::Invalid => {
                Fault::new(StatusCode::UNAUTHORIZED, "UnauthorizedRequest", "Expired or invalid Bearer token")
            }
            Denied::MissingScope { needed } => {
                let text = format!("The token lacks the scope {}", needed.join(" or "));
                Fault::new(StatusCode::FORBIDDEN, "ForbiddenRequest", text)
            }
        }
    }
}

async fn answer(
    Extract(state): Extract<Arc<State>>,
    method: Method,
    Path(path): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Fault> {
    let (hosted, rest) = Hosted::at_path(&path).ok_or_else(|| {
        Fault::new(StatusCode::NOT_FOUND, "ActionProviderNotFound", format!("There is no provider at {path}"))
    })?;
    if rest.is_empty() && method == Method::GET {
        return Ok(Json(hosted.description()).into_response());
    }
    let caller = authorized(&state, &headers, hosted)?;
    let steps: Vec<&str> = rest.split('/').collect();
    let (id, verb) = match (method, &steps[..]) {
        (Method::POST, ["run" | "actions"]) => {
            let body = body.map_err(|fault| {
                Fault::new(StatusCode::BAD_REQUEST, "BadActionRequest", fault.to_string())
            })?;
            return run(&state, hosted, &caller, &headers, body).await;
        }
        (Method::GET, ["actions"]) => return Ok(list(&state, hosted, &caller)),
        (Method::GET, [id, "status"] | ["actions", id]) => (id, "status"),
        (
            Method::POST,
            ["actions", id, verb @ ("cancel" | "resume" | "release")]
            | [id, verb @ ("cancel" | "resume" | "release")],
        ) => (id, *verb),
        (Method::DELETE, ["actions", id]) => (id, "release"),
        (method, _) => {
            let text = format!("{path} does not take {method}");
            return Err(Fault::new(StatusCode::NOT_FOUND, "ActionProviderNotFound", text));
        }
    };
    let action = find(&state, hosted, &caller, id)?;
    let document = match verb {
        "cancel" => cancel(&state, &action).await?,
        "resume" => {
            let token = verify::bearer(&headers).unwrap_or_default().to_owned();
            action.progress().token = token;
            work(&state, &action).await;
            action.document()
        }
        "release" => {
            if !action.progress().stage.is_final() {
                let text = format!("Action {id} has not ended");
                return Err(Fault::new(StatusCode::CONFLICT, "ActionConflict", text));
            }
            state.flows.actions.actions().remove(*id);
            action.document()
        }
        _ => {
            work(&state, &action).await;
            action.document()
        }
    };
    Ok(Json(document).into_response())
}

fn authorized(state: &State, headers: &HeaderMap, hosted: &Hosted) -> Result<Caller, Denied> {
    let server = state.auth.tables().scopes.find(hosted.scope).map(|scope| scope.resource_server.clone());
    verify::require(state, headers, &server.unwrap_or_default(), &[hosted.scope])
}

fn find(state: &State, hosted: &Hosted, caller: &Caller, id: &str) -> Result<Arc<Action>, Fault> {
    let action = state.flows.actions.actions().get(id).cloned();
    action
        .filter(|action| action.hosted.path == hosted.path && caller.identity_set.contains(&action.creator))
        .ok_or_else(|| Fault::not_found(id))
}

async fn run(
    state: &Arc<State>,
    hosted: &'static Hosted,
    caller: &Caller,
    headers: &HeaderMap,
    request: Value,
) -> Result<Response, Fault> {
    let refused = |text: String| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, "RequestValidationError", text);
    let request_id = request.get("request_id").and_then(Value::as_str).unwrap_or_default();
    if request_id.is_empty() {
        return Err(refused("request_id is required".to_owned()));
    }
    let body = request.get("body").filter(|body| body.is_object());
    let body = body.ok_or_else(|| refused("body must be an object".to_owned()))?;
    let faults = schema::faults(&hosted.input_schema(), body).map_err(refused)?;
    if !faults.is_empty() {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
        return Err(refused(lines.join(" ; ")));
    }
    let before = state
        .flows
        .actions
        .actions()
        .values()
        .find(|action| {
            action.hosted.path == hosted.path
                && action.creator == caller.identity_id
                && action.request["request_id"] == request_id
        })
        .cloned();
    if let Some(action) = before {
        if action.request != request {
            let text = format!("request_id {request_id} was used for another request");
            return Err(Fault::new(StatusCode::CONFLICT, "ActionConflict", text));
        }
        return Ok(Json(action.document()).into_response());
    }
    let token = verify::bearer(headers).unwrap_or_default().to_owned();
    let action = Arc::new(Action::new(hosted, caller, request, token, state.clock.now()));
    web_option::check(state, &action)
        .map_err(|text| Fault::new(StatusCode::CONFLICT, "ActionConflict", text))?;
    state.flows.actions.actions().insert(action.id.clone(), action.clone());
    work(state, &action).await;
    Ok((StatusCode::ACCEPTED, Json(action.document())).into_response())
}

fn list(state: &State, hosted: &Hosted, caller: &Caller) -> Response {
    let actions = state.flows.actions.actions();
    let own = actions
        .values()
        .filter(|action| action.hosted.path == hosted.path && caller.identity_set.contains(&action.creator));
    let documents: Vec<Value> = own.map(|action| action.document()).collect();
    Json(json!({"actions": documents, "limit": documents.len(), "has_next_page": false, "marker": null}))
        .into_response()
}

async fn cancel(state: &Arc<State>, action: &Arc<Action>) -> Result<Value, Fault> {
    if action.progress().stage.is_final() {
        let text = format!("Action {} has ended", action.id);
        return Err(Fault::new(StatusCode::CONFLICT, "ActionConflict", text));
    }
    super::transfer::cancel(state, action).await;
    action.reach(Stage::failure("ActionCanceled", "The action was canceled"), state.clock.now());
    Ok(action.document())
}
