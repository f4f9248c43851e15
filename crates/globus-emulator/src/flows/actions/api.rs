//! The Action Provider interface of the emulator's own providers, at `/actions/…`.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Extract};
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
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
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
            let body = body.map_err(|fault| bad(fault.to_string()))?;
            return run(&state, hosted, &caller, &headers, body).await;
        }
        (Method::GET, ["actions"]) => {
            let Query(query) = query.map_err(|rejection| bad(rejection.body_text()))?;
            return list(&state, hosted, &caller, &query);
        }
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
    if verb != "status" && !action.is_managed_by(&caller) {
        let text = format!("Action {id} may be watched, and not managed, by you");
        return Err(Fault::new(StatusCode::FORBIDDEN, "ForbiddenRequest", text));
    }
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

fn bad(text: String) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "BadActionRequest", text)
}

fn find(state: &State, hosted: &Hosted, caller: &Caller, id: &str) -> Result<Arc<Action>, Fault> {
    let action = state.flows.actions.actions().get(id).cloned();
    action
        .filter(|action| action.hosted.path == hosted.path && action.is_monitored_by(caller))
        .ok_or_else(|| Fault::not_found(id))
}

impl Action {
    fn is_of(&self, caller: &Caller) -> bool {
        caller.identity_set.contains(&self.creator)
    }

    fn is_managed_by(&self, caller: &Caller) -> bool {
        self.is_of(caller) || names(&self.request, "manage_by", caller)
    }

    fn is_monitored_by(&self, caller: &Caller) -> bool {
        self.is_managed_by(caller) || names(&self.request, "monitor_by", caller)
    }
}

/// Whether a list of principals in a request or an option names the caller.
pub(super) fn names(document: &Value, list: &str, caller: &Caller) -> bool {
    let urns = caller.who().urns();
    let entries = document.get(list).and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(Value::as_str)
        .any(|entry| entry == "all_authenticated_users" || urns.iter().any(|urn| entry == urn))
}

/// The members that a request may have besides `request_id` and `body`: whether they are lists of texts.
const MORE: [(&str, bool); 6] = [
    ("label", false),
    ("deadline", false),
    ("release_after", false),
    ("manage_by", true),
    ("monitor_by", true),
    ("allowed_clients", true),
];
/// The longest label, in characters.
const LONGEST_LABEL: usize = 64;

/// Finds what is wrong with a request, apart from its body.
fn request_fault(request: &Value) -> Option<String> {
    let Some(members) = request.as_object() else { return Some("a request must be an object".to_owned()) };
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        if name == "request_id" || name == "body" {
            continue;
        }
        let fits = match MORE.iter().find(|(known, _)| known == name) {
            None => return Some(format!("a request has no member {name:?}")),
            Some((_, false)) => value.is_string(),
            Some((_, true)) => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        };
        if !fits {
            return Some(format!("{name} is not what it should be"));
        }
    }
    let label = request.get("label").and_then(Value::as_str);
    let length = label.map(|label| label.chars().count());
    length
        .filter(|length| !(1..=LONGEST_LABEL).contains(length))
        .map(|length| format!("label has {length} characters, and not 1 to {LONGEST_LABEL}"))
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
    if let Some(fault) = request_fault(&request) {
        return Err(refused(fault));
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
    {
        let mut actions = state.flows.actions.actions();
        if actions.contains_key(&action.id) {
            let text = format!("The action {} exists already", action.id);
            return Err(Fault::new(StatusCode::CONFLICT, "ActionConflict", text));
        }
        actions.insert(action.id.clone(), action.clone());
    }
    work(state, &action).await;
    Ok((StatusCode::ACCEPTED, Json(action.document())).into_response())
}

/// Lists actions by what the caller is to them (`roles`), and by their `status`.
fn list(
    state: &State,
    hosted: &Hosted,
    caller: &Caller,
    query: &[(String, String)],
) -> Result<Response, Fault> {
    let wanted = |name: &str, default: &'static str, known: &[&str]| {
        let given = query.iter().filter(|(key, _)| key == name).flat_map(|(_, value)| value.split(','));
        let mut values: Vec<String> = given.map(|value| value.trim().to_lowercase()).collect();
        if values.is_empty() {
            values.push(default.to_owned());
        }
        match values.iter().find(|value| !known.contains(&value.as_str())) {
            Some(wrong) => Err(bad(format!("{name} has {}, and not {wrong:?}", known.join(", ")))),
            None => Ok(values),
        }
    };
    let roles = wanted("roles", "creator_id", &["creator_id", "manage_by", "monitor_by"])?;
    let statuses = wanted("status", "active", &["active", "inactive", "succeeded", "failed"])?;
    let actions = state.flows.actions.actions();
    let fitting = actions.values().filter(|action| {
        action.hosted.path == hosted.path
            && roles.iter().any(|role| match role.as_str() {
                "creator_id" => action.is_of(caller),
                list => names(&action.request, list, caller),
            })
            && statuses.iter().any(|status| status.eq_ignore_ascii_case(action.progress().stage.name()))
    });
    let documents: Vec<Value> = fitting.map(|action| action.document()).collect();
    Ok(Json(json!({"actions": documents, "limit": documents.len(), "has_next_page": false, "marker": null}))
        .into_response())
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
