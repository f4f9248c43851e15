//! Globus Groups, as far as programs read it: which groups there are for somebody, and who is in them. Groups are made
//! by who sets the emulator up.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::groups::{Group, GroupRole};
use crate::auth::verify::{self, Caller, Denied};
use crate::auth::{Gare, Tables, requirements};
use crate::state::State;

/// The name of the service in Globus Auth.
const RESOURCE_SERVER: &str = "groups.api.globus.org";
const ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
const VIEW_MINE: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";

/// What a membership can be. Those of the emulator are all active.
const STATUSES: [&str; 7] = ["active", "invited", "pending", "rejected", "removed", "left", "declined"];

/// The routes of the service, mounted at `/groups`.
pub(crate) fn router(state: &Arc<State>) -> Router<Arc<State>> {
    Router::new()
        .route("/v2/groups/my_groups", get(my_groups))
        .route("/v2/groups/{id}", get(get_group))
        .route("/v2/groups/{id}/policies", get(get_policies))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), requirements::enforce::<GroupsError>))
}

/// An answer that is not a success.
#[derive(Debug)]
struct GroupsError {
    status: StatusCode,
    members: Map<String, Value>,
}

impl GroupsError {
    fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> GroupsError {
        let mut members = Map::new();
        members.insert("code".to_owned(), code.into());
        members.insert("detail".to_owned(), detail.into().into());
        GroupsError { status, members }
    }
}

impl From<Denied> for GroupsError {
    fn from(denied: Denied) -> GroupsError {
        match denied {
            Denied::Missing | Denied::Invalid => GroupsError::new(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "A live token for Groups is needed",
            ),
            Denied::MissingScope { needed } => {
                let detail = format!("The token needs one of the scopes {}", needed.join(", "));
                GroupsError::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
            }
        }
    }
}

impl From<Gare> for GroupsError {
    fn from(gare: Gare) -> GroupsError {
        let mut error = GroupsError::new(Gare::STATUS, &gare.code, gare.message.clone());
        error.members.extend(gare.members());
        error
    }
}

impl IntoResponse for GroupsError {
    fn into_response(self) -> Response {
        (self.status, Json(Value::Object(self.members))).into_response()
    }
}

#[derive(Deserialize)]
struct MyGroups {
    statuses: Option<String>,
}

async fn my_groups(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Query(query): Query<MyGroups>,
) -> Result<Json<Value>, GroupsError> {
    let caller = verify::require(&state, &headers, RESOURCE_SERVER, &[VIEW_MINE, ALL])?;
    let wanted = words("statuses", query.statuses.as_deref().unwrap_or("active"), &STATUSES)?;
    let tables = state.auth.tables();
    let mine = tables
        .groups
        .all()
        .filter(|group| wanted.contains(&"active") && group.membership(&caller.identity_set).is_some());
    let documents = mine.map(|group| {
        let mut document = group.document();
        document["my_memberships"] = group.membership_documents(&tables, Some(&caller.identity_set)).into();
        document
    });
    Ok(Json(documents.collect()))
}

#[derive(Deserialize)]
struct Include {
    include: Option<String>,
}

async fn get_group(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<Include>,
) -> Result<Json<Value>, GroupsError> {
    let caller = verify::require(&state, &headers, RESOURCE_SERVER, &[ALL])?;
    let known = ["memberships", "my_memberships", "policies", "allowed_actions", "child_ids"];
    let include = words("include", query.include.as_deref().unwrap_or_default(), &known)?;
    let tables = state.auth.tables();
    let (group, role) = of_the_caller(&tables, &caller, &id)?;
    let mut document = group.document();
    for name in include {
        document[name] = match name {
            // Members see themselves; who is in the group is shown to those who run it.
            "memberships" => {
                let own = Some(&*caller.identity_set).filter(|_| role == GroupRole::Member);
                group.membership_documents(&tables, own).into()
            }
            "my_memberships" => group.membership_documents(&tables, Some(&caller.identity_set)).into(),
            "policies" => policies(),
            "child_ids" => json!([]),
            // Nothing about a group can be changed over HTTP.
            _ => json!({}),
        };
    }
    Ok(Json(document))
}

async fn get_policies(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, GroupsError> {
    let caller = verify::require(&state, &headers, RESOURCE_SERVER, &[ALL])?;
    of_the_caller(&state.auth.tables(), &caller, &id)?;
    Ok(Json(policies()))
}

fn policies() -> Value {
    json!({
        "is_high_assurance": false,
        "authentication_assurance_timeout": 28800,
        "group_visibility": "private",
        "group_members_visibility": "managers",
        "join_requests": false,
        "signup_fields": [],
    })
}

/// Finds a group that the caller is in: others are nobody else's business.
fn of_the_caller<'a>(
    tables: &'a Tables,
    caller: &Caller,
    id: &str,
) -> Result<(&'a Group, GroupRole), GroupsError> {
    let group = Uuid::parse_str(id).ok().and_then(|id| tables.groups.get(id)).ok_or_else(|| {
        GroupsError::new(StatusCode::NOT_FOUND, "GROUP_NOT_FOUND", format!("There is no group '{id}'"))
    })?;
    let membership = group.membership(&caller.identity_set).ok_or_else(|| {
        GroupsError::new(StatusCode::FORBIDDEN, "FORBIDDEN", format!("You may not see the group '{id}'"))
    })?;
    Ok((group, membership.role))
}

/// Reads a list of words that are separated by commas.
fn words<'a>(name: &str, text: &'a str, known: &[&str]) -> Result<Vec<&'a str>, GroupsError> {
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    match words.iter().find(|word| !known.contains(word)) {
        None => Ok(words),
        Some(other) => {
            let detail = format!("{name}: {other:?} is none of {}", known.join(", "));
            Err(GroupsError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail))
        }
    }
}

async fn no_such_route(uri: Uri) -> GroupsError {
    let detail = format!("The emulator has no Groups resource at {}", uri.path());
    GroupsError::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
}

async fn wrong_method(method: Method, uri: Uri) -> GroupsError {
    let detail =
        format!("{} does not take {method}: groups are made when the emulator is set up", uri.path());
    GroupsError::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail)
}
