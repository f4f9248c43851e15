//! Registered APIs: documents that say how a flow calls an API.

pub(crate) mod call;
mod target;
mod template;

use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::{FlowsError, Invalid};
use super::input::Reader;
use super::listing::{Listing, RawQuery};
use super::{ALL, MANAGE_FLOWS, require, schema};
use crate::auth::Caller;
use crate::auth::principals::identity_urn;
use crate::server::body::JsonBody;
use crate::state::State;
use crate::time;

const ROLES: [&str; 3] = ["owner", "administrator", "viewer"];

/// A registered API.
#[derive(Debug, Clone)]
pub(crate) struct RegisteredApi {
    id: Uuid,
    name: String,
    description: String,
    target: Value,
    data_templates: Value,
    state_input_schema: Value,
    subscription_id: Option<Uuid>,
    owners: Vec<String>,
    administrators: Vec<String>,
    viewers: Vec<String>,
    created: Timestamp,
    updated: Timestamp,
}

pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/registered_apis", get(list).post(create))
        .route("/registered_apis/{id}", get(show).patch(update).delete(delete))
}

impl RegisteredApi {
    /// Whether the caller has a role, or a higher one.
    fn is(&self, caller: &Caller, role: &str) -> bool {
        let urns = caller.who().urns();
        let among = |list: &[String]| list.iter().any(|entry| urns.contains(entry));
        among(&self.owners)
            || role != "owner" && among(&self.administrators)
            || role == "viewer" && among(&self.viewers)
    }

    fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "created_timestamp": time::micros(self.created),
            "updated_timestamp": time::micros(self.updated),
        })
    }

    fn document(&self) -> Value {
        let mut document = self.summary();
        let more = json!({
            "roles": {"owners": self.owners, "administrators": self.administrators, "viewers": self.viewers},
            "target": self.target,
            "data_templates": self.data_templates,
            "state_input_schema": self.state_input_schema,
            "status": "ACTIVE",
            "subscription_id": self.subscription_id,
            "edited_timestamp": time::micros(self.updated),
            "scheduled_deletion_timestamp": null,
        });
        if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
            document.extend(more);
        }
        document
    }

    fn sort_key(&self, field: &str) -> String {
        match field {
            "name" => self.name.clone(),
            "created_timestamp" => time::micros(self.created),
            "updated_timestamp" => time::micros(self.updated),
            _ => self.id.to_string(),
        }
    }

    /// Writes what a document gives over what is there.
    fn change(&mut self, members: &Map<String, Value>) -> Result<(), Vec<Invalid>> {
        let mut reader = Reader::new(members);
        let name = reader.text("name", 1, 128);
        let description = reader.text("description", 0, 4096);
        let subscription = reader.id("subscription_id");
        let mut faults = reader.into_faults();
        for (member, place) in [
            ("data_templates", &mut self.data_templates),
            ("state_input_schema", &mut self.state_input_schema),
        ] {
            match members.get(member) {
                Some(value @ (Value::Object(_) | Value::Null)) => *place = value.clone(),
                Some(_) => faults.push(wrong(&[member], "value is not a valid dict", "type_error.dict")),
                None => {}
            }
        }
        if let Err(why) = schema::check(&self.state_input_schema)
            && self.state_input_schema.is_object()
        {
            faults.push(wrong(
                &["state_input_schema"],
                &format!("this is not a JSON Schema: {why}"),
                "value_error",
            ));
        }
        if faults.is_empty() {
            check_templates(&self.data_templates, &mut faults);
        }
        if let Some(target) = members.get("target") {
            target::check(target, &mut faults);
            self.target = target.clone();
        }
        match members.get("roles") {
            None | Some(Value::Null) => {}
            Some(Value::Object(roles)) => {
                let mut reader = Reader::new(roles);
                for (member, role, place) in [
                    ("owners", "Owner", &mut self.owners),
                    ("administrators", "Administrator", &mut self.administrators),
                    ("viewers", "Viewer", &mut self.viewers),
                ] {
                    if let Some(list) = reader.principals(member, role, None) {
                        *place = list;
                    }
                }
                faults.extend(reader.into_faults().into_iter().map(|mut fault| {
                    fault.loc.insert(0, "roles".into());
                    fault
                }));
            }
            Some(_) => faults.push(wrong(&["roles"], "value is not a valid dict", "type_error.dict")),
        }
        self.name = name.unwrap_or_else(|| std::mem::take(&mut self.name));
        self.description = description.unwrap_or_else(|| std::mem::take(&mut self.description));
        self.subscription_id = subscription.or(self.subscription_id);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn wrong(steps: &[&str], msg: &str, kind: &'static str) -> Invalid {
    let loc: Vec<Value> = steps.iter().map(|step| Value::from(*step)).collect();
    Invalid::new(&loc, msg, kind)
}

/// Finds what is wrong with the templates of requests and answers.
fn check_templates(templates: &Value, faults: &mut Vec<Invalid>) {
    let at = |steps: &[&str]| -> Vec<Value> {
        std::iter::once("data_templates").chain(steps.iter().copied()).map(Value::from).collect()
    };
    if let Some(request) = templates.get("request").filter(|request| !request.is_null()) {
        match request.get("template") {
            Some(template) => template::check(template, &at(&["request", "template"]), faults),
            None => faults.push(Invalid::new(
                &at(&["request", "template"]),
                "field required",
                "value_error.missing",
            )),
        }
    }
    let answers = match templates.get("response") {
        None | Some(Value::Null) => return,
        Some(Value::Object(answers)) => answers,
        Some(_) => {
            let msg = "value is not a valid dict";
            return faults.push(Invalid::new(&at(&["response"]), msg, "type_error.dict"));
        }
    };
    for (status, answer) in answers {
        let class = status.strip_suffix("XX").or_else(|| status.strip_suffix("xx"));
        let known = status == "default"
            || class.is_some_and(|class| matches!(class, "1" | "2" | "3" | "4" | "5"))
            || status.parse().is_ok_and(|code: u16| (100..600).contains(&code));
        if !known {
            let msg = "answers are named by a status such as 404, by a class such as 4XX, or default";
            faults.push(Invalid::new(&at(&["response", status]), msg, "value_error"));
        }
        if !["success", "failure"].iter().any(|kind| answer["type"] == *kind) {
            let msg = "unexpected value; permitted: 'success', 'failure'";
            faults.push(Invalid::new(&at(&["response", status, "type"]), msg, "value_error.const"));
        }
        let loc = at(&["response", status, "template"]);
        match answer.get("template") {
            Some(template) => template::check(template, &loc, faults),
            None => faults.push(Invalid::new(&loc, "field required", "value_error.missing")),
        }
    }
}

async fn list(
    Extract(state): Extract<Arc<State>>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let listing = Listing::from_request(query)?.with_default("filter_roles", "owner");
    if let Some(wrong) = listing.values("filter_roles").find(|role| !ROLES.contains(role)) {
        return Err(FlowsError::bad_request(format!("there is no role {wrong:?}")));
    }
    let apis = state.flows.registered_apis();
    let rows = apis.values().filter(|api| listing.values("filter_roles").any(|role| api.is(&caller, role)));
    let fields = &["id", "name", "created_timestamp", "updated_timestamp"];
    let page = listing.page(rows, fields, ("created_timestamp", true), |api, field| api.sort_key(field));
    let page = page.map_err(FlowsError::bad_request)?;
    Ok(Json(page.document("registered_apis", |api| api.summary())))
}

async fn create(
    Extract(state): Extract<Arc<State>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), FlowsError> {
    let caller = require(&state, &headers, &[MANAGE_FLOWS, ALL])?;
    let body = body?;
    let members = members(&body)?;
    let required = ["name", "description", "target", "subscription_id"];
    let missing: Vec<Invalid> = required
        .into_iter()
        .filter(|name| !members.contains_key(*name))
        .map(|name| wrong(&[name], "field required", "value_error.missing"))
        .collect();
    if !missing.is_empty() {
        return Err(FlowsError::invalid_as_bad_request(&missing));
    }
    let now = state.clock.now();
    let mut api = RegisteredApi {
        id: Uuid::new_v4(),
        name: String::new(),
        description: String::new(),
        target: Value::Null,
        data_templates: json!({}),
        state_input_schema: json!({}),
        subscription_id: None,
        owners: vec![identity_urn(caller.identity_id)],
        administrators: Vec::new(),
        viewers: Vec::new(),
        created: now,
        updated: now,
    };
    api.change(members).map_err(|faults| FlowsError::invalid_as_bad_request(&faults))?;
    let document = api.document();
    state.flows.registered_apis().insert(api.id, api);
    Ok((StatusCode::CREATED, Json(document)))
}

fn members(body: &Value) -> Result<&Map<String, Value>, FlowsError> {
    body.as_object().ok_or_else(|| {
        FlowsError::invalid_as_bad_request(&[wrong(&[], "value is not a valid dict", "type_error.dict")])
    })
}

/// Finds the API that a state names. Whoever knows its id may use it.
pub(crate) fn of_handler(state: &State, handler: &Value) -> Option<Result<RegisteredApi, String>> {
    if let Some(handle) = handler.as_str() {
        return Some(Err(format!(
            "The emulator has none of the APIs that Globus registered, {handle} among them: register it, and name its Id"
        )));
    }
    if handler.get("Type").and_then(Value::as_str) != Some("RegisteredAPI") {
        return None;
    }
    let id = handler.get("Id").and_then(Value::as_str).unwrap_or_default();
    let found = Uuid::parse_str(id).ok().and_then(|id| state.flows.registered_apis().get(&id).cloned());
    Some(found.ok_or_else(|| format!("There is no Registered API {id}")))
}

/// Finds an API with which the caller may do this, and who that is.
fn find(
    state: &State,
    headers: &HeaderMap,
    id: &str,
    role: &str,
) -> Result<(RegisteredApi, Caller), FlowsError> {
    let caller = require(state, headers, &[MANAGE_FLOWS, ALL])?;
    let api = Uuid::parse_str(id).ok().and_then(|id| state.flows.registered_apis().get(&id).cloned());
    let api = api
        .filter(|api| api.is(&caller, "viewer"))
        .ok_or_else(|| FlowsError::not_found(format!("No Registered API exists with id value {id}")))?;
    if api.is(&caller, role) {
        return Ok((api, caller));
    }
    let operation = if role == "owner" { "DELETE" } else { "UPDATE" };
    Err(FlowsError::missing_permission("registered API", id, operation))
}

async fn show(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    Ok(Json(find(&state, &headers, &id, "viewer")?.0.document()))
}

async fn update(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    let (mut api, caller) = find(&state, &headers, &id, "administrator")?;
    let before = api.clone();
    api.change(members(&body?)?).map_err(|faults| FlowsError::invalid_as_bad_request(&faults))?;
    // Administrators say who sees it, and owners who else has a part in it.
    let takes_part = api.owners != before.owners || api.administrators != before.administrators;
    if takes_part && !before.is(&caller, "owner") {
        return Err(FlowsError::missing_permission("registered API", &id, "UPDATE_ROLES"));
    }
    api.updated = state.clock.now();
    let document = api.document();
    state.flows.registered_apis().insert(api.id, api);
    Ok(Json(document))
}

async fn delete(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let (api, _) = find(&state, &headers, &id, "owner")?;
    state.flows.registered_apis().remove(&api.id);
    Ok(Json(api.document()))
}
