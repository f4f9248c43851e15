//! Web inputs: questions that a run asks people, and their answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Extract};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::{FlowsError, Invalid};
use super::listing::{Listing, RawQuery};
use super::run::Run;
use super::{ALL, WEB_INPUT_RESPOND, WEB_INPUT_VIEW, check_policy, require};
use crate::auth::Caller;
use crate::auth::principals::{identity_urn, is_principal};
use crate::server::body::JsonBody;
use crate::state::State;
use crate::time;

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct WebInput {
    id: Uuid,
    flow: (Uuid, String),
    run: (Uuid, Option<String>),
    /// The policy of the run, for when the flow is gone.
    policy: Option<Uuid>,
    draft: Draft,
    created: Timestamp,
    edited: Timestamp,
    /// Until when it can be answered.
    expires: Timestamp,
    /// When it was answered, and how.
    answer: Option<(Timestamp, Value)>,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// Nobody has answered yet; they may until then.
    Open(Timestamp),
    Answered(Value),
    Expired(Timestamp),
}

/// What a flow says of a question.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    context: Value,
    title: String,
    options: Vec<Choice>,
    respondents: Vec<String>,
    viewers: Vec<String>,
}

/// One of the possible answers.
#[derive(Debug, Clone)]
struct Choice {
    id: Uuid,
    /// What the run gets.
    value: Value,
    label: String,
    description: String,
}

impl Draft {
    /// Reads the parameters of a `CreateWebInput` state.
    pub(crate) fn read(input: &Value) -> Result<Draft, String> {
        let kind = input.get("InputType").and_then(Value::as_str).unwrap_or("Selection");
        if kind != "Selection" {
            return Err(format!("InputType {kind:?} is not Selection"));
        }
        let context =
            input.get("Context").filter(|context| context.is_object()).ok_or("Context is required")?;
        let title = context.get("Title").and_then(Value::as_str).unwrap_or_default().to_owned();
        let shown = match context.get("PresentationStyle").and_then(Value::as_str) {
            Some("Table") => {
                let rows =
                    context.get("Rows").and_then(Value::as_array).ok_or("Context.Rows must be a list")?;
                let row = |row: &Value| json!({"field": row["Field"], "value": row["Value"]});
                json!({"title": title, "presentation_style": "table", "rows": rows.iter().map(row).collect::<Vec<_>>()})
            }
            Some("Text") | None => {
                json!({"title": title, "presentation_style": "text", "text": context["Text"]})
            }
            Some(other) => return Err(format!("PresentationStyle {other:?} is neither Table nor Text")),
        };
        let options = input.get("Options").and_then(Value::as_array).filter(|options| !options.is_empty());
        let options = options.ok_or("Options must be a list with at least one option")?;
        let text = |option: &Value, name: &str| {
            option.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let options = options.iter().map(|option| {
            let value = option.get("Value").ok_or("An option has no Value")?.clone();
            let label = match text(option, "Label") {
                label if label.is_empty() => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                label => label,
            };
            Ok(Choice { id: Uuid::new_v4(), value, label, description: text(option, "Description") })
        });
        let urns = |name: &str| -> Result<Vec<String>, String> {
            match input.get(name) {
                None | Some(Value::Null) => Ok(Vec::new()),
                Some(Value::Array(list)) => {
                    let wrong =
                        |entry| format!("{name} holds {entry}, which is neither an identity nor a group");
                    list.iter().map(|entry| principal(entry).ok_or_else(|| wrong(entry))).collect()
                }
                Some(_) => Err(format!("{name} must be a list")),
            }
        };
        let options = options.collect::<Result<_, String>>()?;
        let (respondents, viewers) = (urns("RespondentUrns")?, urns("ViewerUrns")?);
        Ok(Draft { context: shown, title, options, respondents, viewers })
    }
}

/// Reads who may see or answer a question.
fn principal(entry: &Value) -> Option<String> {
    let text = entry.as_str()?;
    if matches!(text, "public" | "all_authenticated_users") {
        return Some(text.to_owned());
    }
    // The service's own examples write groups so.
    let urn = match text.strip_prefix("urn:globus:group:id:") {
        Some(id) => format!("urn:globus:groups:id:{id}"),
        None => text.to_owned(),
    };
    is_principal(&urn).then(|| urn.to_ascii_lowercase())
}

/// Asks a question.
pub(crate) fn create(state: &State, run: &Run, draft: Draft) -> Uuid {
    let now = state.clock.now();
    let id = Uuid::new_v4();
    let label = run.progress().metadata.label.clone();
    let input = WebInput {
        id,
        flow: (run.flow_id, run.flow_title.clone()),
        run: (run.id, label),
        policy: run.policy(None),
        draft,
        created: now,
        edited: now,
        expires: now.saturating_add(state.flows.web_input_lifetime).unwrap_or(Timestamp::MAX),
        answer: None,
    };
    state.flows.web_inputs().insert(id, input);
    id
}

/// Looks what became of a question of a flow; `None` if the flow has no such question.
pub(crate) fn outcome(state: &State, id: Uuid, flow: Uuid) -> Option<Outcome> {
    let inputs = state.flows.web_inputs();
    let input = inputs.get(&id).filter(|input| input.flow.0 == flow)?;
    Some(match &input.answer {
        Some((_, value)) => Outcome::Answered(value.clone()),
        None if input.expires <= state.clock.now() => Outcome::Expired(input.expires),
        None => Outcome::Open(input.expires),
    })
}

impl WebInput {
    /// When it was closed: by an answer, or because its time is over.
    fn closed(&self, now: Timestamp) -> Option<Timestamp> {
        let expired = || Some(self.expires).filter(|expires| *expires <= now);
        self.answer.as_ref().map(|(time, _)| *time).or_else(expired)
    }

    /// What the caller is to the question.
    fn roles(&self, caller: &Caller) -> Vec<&'static str> {
        let urns = caller.who().urns();
        let among = |list: &[String]| {
            list.iter()
                .any(|entry| urns.contains(entry) || entry == "all_authenticated_users" || entry == "public")
        };
        let responds = among(&self.draft.respondents);
        let mut roles = Vec::new();
        if among(&self.draft.viewers) {
            roles.push("viewer");
        }
        if responds {
            roles.push("respondent");
        }
        roles
    }

    fn status(&self, now: Timestamp) -> &'static str {
        if self.closed(now).is_some() { "closed" } else { "open" }
    }

    fn summary(&self, roles: &[&str], now: Timestamp) -> Value {
        json!({
            "id": self.id,
            "status": self.status(now),
            "user_roles": roles,
            "input_type": "selection",
            "title": self.draft.title,
            "flow": {"id": self.flow.0, "title": self.flow.1},
            "run": {"id": self.run.0, "label": self.run.1},
            "created_timestamp": time::micros(self.created),
            "edited_timestamp": time::micros(self.edited),
            "closed_timestamp": self.closed(now).map(time::micros),
        })
    }

    fn document(&self, roles: &[&str], now: Timestamp) -> Value {
        let options: Vec<Value> = self
            .draft
            .options
            .iter()
            .map(|option| json!({"option_id": option.id, "label": option.label, "description": option.description}))
            .collect();
        let one_of: Vec<Value> = self
            .draft
            .options
            .iter()
            .map(|option| json!({"const": option.id, "title": option.label, "description": option.description}))
            .collect();
        let mut document = self.summary(roles, now);
        document["input_schema"] = json!({
            "$schema": "http://json-schema.org/draft-07/schema",
            "title": "Please select an option",
            "type": "string",
            "oneOf": one_of,
        });
        document["context"] = self.draft.context.clone();
        document["options"] = options.into();
        document["roles"] =
            json!({"viewer_urns": self.draft.viewers, "respondent_urns": self.draft.respondents});
        document["creator_urn"] = identity_urn(self.flow.0).into();
        document
    }

    fn sort_key(&self, field: &str, now: Timestamp) -> String {
        match field {
            "created_timestamp" => time::micros(self.created),
            "edited_timestamp" => time::micros(self.edited),
            "closed_timestamp" => self.closed(now).map(time::micros).unwrap_or_default(),
            _ => self.id.to_string(),
        }
    }
}

const FIELDS: &[&str] = &["created_timestamp", "edited_timestamp", "closed_timestamp"];
/// The most ids that a list may be filtered by.
const MOST_IDS: usize = 10;

pub(crate) async fn list(
    Extract(state): Extract<Arc<State>>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[WEB_INPUT_VIEW, ALL])?;
    let listing = Listing::from_request(query)?.with_default("filter_states", "open");
    for name in ["filter_flow_ids", "filter_run_ids"] {
        if listing.values(name).count() > MOST_IDS {
            return Err(FlowsError::bad_request(format!("{name} takes at most {MOST_IDS} ids")));
        }
        if let Some(wrong) = listing.values(name).find(|id| Uuid::parse_str(id).is_err()) {
            return Err(FlowsError::bad_request(format!("{name} takes ids, not {wrong:?}")));
        }
    }
    for (name, known) in [("filter_states", ["open", "closed"]), ("filter_roles", ["viewer", "respondent"])] {
        if let Some(wrong) = listing.values(name).find(|value| !known.contains(value)) {
            return Err(FlowsError::bad_request(format!("{name} does not know {wrong:?}")));
        }
    }
    let now = state.clock.now();
    let inputs = state.flows.web_inputs();
    let rows = inputs.values().map(|input| (input, input.roles(&caller))).filter(|(input, roles)| {
        roles.iter().any(|role| listing.is_wanted("filter_roles", role))
            && listing.is_wanted("filter_states", input.status(now))
            && listing.is_wanted("filter_flow_ids", &input.flow.0.to_string())
            && listing.is_wanted("filter_run_ids", &input.run.0.to_string())
    });
    let page = listing
        .page(rows, FIELDS, ("created_timestamp", true), |(input, _), field| input.sort_key(field, now));
    let page = page.map_err(FlowsError::bad_request)?;
    let summaries: Vec<Value> = page.rows.iter().map(|(input, roles)| input.summary(roles, now)).collect();
    Ok(Json(json!({"web_input_summaries": summaries, "marker": page.marker})))
}

fn find(state: &State, caller: &Caller, id: &str) -> Result<(WebInput, Vec<&'static str>), FlowsError> {
    let found = Uuid::parse_str(id).ok().and_then(|id| state.flows.web_inputs().get(&id).cloned());
    let (input, roles) = found
        .map(|input| {
            let roles = input.roles(caller);
            (input, roles)
        })
        .filter(|(_, roles)| !roles.is_empty())
        .ok_or_else(|| FlowsError::not_found(format!("No Web Input exists with id value {id}")))?;
    let policy =
        state.flows.flows().get(&input.flow.0).map_or(input.policy, |flow| flow.authentication_policy_id);
    // Whoever has to log in again is told for what.
    check_policy(state, policy, caller)
        .map_err(|demand| demand.with("web_input_summary", input.summary(&roles, state.clock.now())))?;
    Ok((input, roles))
}

pub(crate) async fn show(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[WEB_INPUT_VIEW, ALL])?;
    let (input, roles) = find(&state, &caller, &id)?;
    Ok(Json(input.document(&roles, state.clock.now())))
}

pub(crate) async fn respond(
    Extract(state): Extract<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, FlowsError> {
    let caller = require(&state, &headers, &[WEB_INPUT_RESPOND, ALL])?;
    let (input, roles) = find(&state, &caller, &id)?;
    if !roles.contains(&"respondent") {
        let text = format!(
            "You do not have the necessary permissions on web input {id}. Missing permissions: RESPOND."
        );
        return Err(FlowsError::forbidden(text));
    }
    let body = body?;
    let loc = ["response".into(), "value".into()];
    let value = body.get("response").and_then(|response| response.get("value"));
    let value = match value {
        Some(Value::String(text)) => text,
        Some(_) => {
            return Err(FlowsError::invalid(&[Invalid::new(&loc, "str type expected", "type_error.str")]));
        }
        None => {
            return Err(FlowsError::invalid(&[Invalid::new(&loc, "field required", "value_error.missing")]));
        }
    };
    let option = input.draft.options.iter().find(|option| option.id.to_string() == *value);
    let option = option.ok_or_else(|| {
        let text = format!("'{value}' is not a registered option id for this input.");
        FlowsError::new(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", text)
    })?;
    {
        let now = state.clock.now();
        let mut inputs = state.flows.web_inputs();
        let stored = inputs.get_mut(&input.id).filter(|stored| stored.closed(now).is_none());
        let stored = stored.ok_or_else(|| {
            FlowsError::new(
                StatusCode::CONFLICT,
                "STATE_CONFLICT",
                format!("Web Input {id} is already closed."),
            )
        })?;
        stored.answer = Some((now, option.value.clone()));
        stored.edited = now;
    }
    if let Some(run) = state.flows.runs().get(&input.run.0) {
        run.changed.notify_waiters();
    }
    Ok(Json(json!({"status": "ok"})))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, list: &Value) -> Result<Draft, String> {
        let mut input = json!({"Context": {"Title": "T", "Text": "?"}, "Options": [{"Value": "yes"}]});
        input[name] = list.clone();
        Draft::read(&input)
    }

    #[test]
    fn groups_are_known_by_both_of_their_names() {
        let id = "0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f";
        let urn = format!("urn:globus:groups:id:{id}");
        for text in [urn.clone(), format!("urn:globus:group:id:{id}"), urn.replace(id, &id.to_uppercase())] {
            assert_eq!(draft("RespondentUrns", &json!([text])).unwrap().respondents, [urn.as_str()]);
        }
    }

    #[test]
    fn whom_nobody_is_cannot_be_asked() {
        for list in [json!(["ada"]), json!([5]), json!("public"), json!(["urn:globus:groups:id:x"])] {
            let fault = draft("ViewerUrns", &list).unwrap_err();
            assert!(fault.starts_with("ViewerUrns "), "{fault}");
        }
        assert_eq!(draft("ViewerUrns", &json!(["public"])).unwrap().viewers, ["public"]);
    }
}
