//! The error documents of Globus Flows.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::Gare;
use crate::auth::verify::Denied;
use crate::server::body::BodyFault;

/// An answer of Flows that is not a success.
#[derive(Debug)]
pub(crate) struct FlowsError {
    status: StatusCode,
    error: Value,
    /// Members beside `error`.
    root: Map<String, Value>,
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// Where: member names and list positions from the top of the body.
    pub(crate) loc: Vec<Value>,
    pub(crate) msg: String,
    pub(crate) kind: &'static str,
    /// More about it, for programs.
    pub(crate) ctx: Option<Value>,
}

impl Invalid {
    pub(crate) fn new(loc: &[Value], msg: impl Into<String>, kind: &'static str) -> Invalid {
        Invalid { loc: loc.to_vec(), msg: msg.into(), kind, ctx: None }
    }

    pub(crate) fn with_context(mut self, ctx: Value) -> Invalid {
        self.ctx = Some(ctx);
        self
    }

    fn path(&self) -> String {
        let mut path = String::from("$");
        for step in &self.loc {
            match step {
                Value::String(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                other => {
                    path.push('.');
                    path.push_str(&other.to_string());
                }
            }
        }
        path
    }
}

impl FlowsError {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> FlowsError {
        let error = json!({"code": code, "detail": detail.into()});
        FlowsError { status, error, root: Map::new() }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> FlowsError {
        FlowsError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> FlowsError {
        FlowsError::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
    }

    /// Something that the caller may see, but not do this with.
    pub(crate) fn missing_permission(kind: &str, id: &str, operation: &str) -> FlowsError {
        FlowsError::forbidden(format!(
            "You do not have the necessary permissions on {kind} {id}. Missing permissions: {operation}."
        ))
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> FlowsError {
        FlowsError::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
    }

    /// Adds a member beside `error`.
    pub(crate) fn with(mut self, name: &str, value: Value) -> FlowsError {
        self.root.insert(name.to_owned(), value);
        self
    }

    /// A body that is JSON, but not what it should be. Every fault is listed.
    pub(crate) fn invalid(faults: &[Invalid]) -> FlowsError {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.path(), fault.msg)).collect();
        let errors = if faults.len() == 1 { "error" } else { "errors" };
        let message = format!("{} validation {errors} in body. {}", faults.len(), lines.join(" ; "));
        let detail = documents(faults);
        FlowsError {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            error: json!({"code": "UNPROCESSABLE_ENTITY", "message": message, "detail": detail}),
            root: Map::new(),
        }
    }
}

impl FlowsError {
    /// The same where the service has another status for it.
    pub(crate) fn invalid_as_bad_request(faults: &[Invalid]) -> FlowsError {
        let mut invalid = FlowsError::invalid(faults);
        invalid.status = StatusCode::BAD_REQUEST;
        invalid.error["code"] = "BAD_REQUEST".into();
        invalid
    }

    /// An input of a run that breaks the schema of its flow.
    pub(crate) fn invalid_input(faults: &[Invalid]) -> FlowsError {
        let errors = if faults.len() == 1 { "error" } else { "errors" };
        let message = format!("Input failed schema validation with {} {errors}.", faults.len());
        let error = json!({"code": "FLOW_INPUT_ERROR", "message": message, "detail": documents(faults)});
        FlowsError { status: StatusCode::BAD_REQUEST, error, root: Map::new() }
    }
}

impl FlowsError {
    /// A flow whose states read what nothing supplies.
    pub(crate) fn failed_analysis(faults: &[Invalid], definition: &Value) -> FlowsError {
        let states: BTreeSet<&str> =
            faults.iter().filter_map(|fault| fault.loc.iter().rev().nth(1)?.as_str()).collect();
        let mut by_type: BTreeMap<String, usize> = BTreeMap::new();
        for name in states {
            let kind = definition["States"][name]["Type"].as_str().unwrap_or_default();
            *by_type.entry(kind.to_lowercase()).or_default() += 1;
        }
        let parts: Vec<String> = by_type
            .iter()
            .map(|(kind, count)| format!("{count} {kind} {}", if *count == 1 { "state" } else { "states" }))
            .collect();
        let message = format!("This flow contains errors in {}.", parts.join(" and "));
        let error =
            json!({"code": "FLOW_VALIDATION_FAILED", "message": message, "detail": documents(faults)});
        FlowsError { status: StatusCode::UNPROCESSABLE_ENTITY, error, root: Map::new() }
    }
}

fn documents(faults: &[Invalid]) -> Vec<Value> {
    let document = |fault: &Invalid| {
        let mut document = json!({"loc": fault.loc, "msg": fault.msg, "type": fault.kind});
        if let Some(ctx) = &fault.ctx {
            document["ctx"] = ctx.clone();
        }
        document
    };
    faults.iter().map(document).collect()
}

impl From<Gare> for FlowsError {
    /// The demand stands at the root, where clients look for it; `error` says the same in the service's words.
    fn from(gare: Gare) -> FlowsError {
        let code = match &*gare.code {
            "ConsentRequired" => "CONSENT_REQUIRED",
            _ => "AUTHENTICATION_POLICY_REQUIRED",
        };
        FlowsError { root: gare.members(), ..FlowsError::new(Gare::STATUS, code, gare.message) }
    }
}

impl From<Denied> for FlowsError {
    fn from(denied: Denied) -> FlowsError {
        match denied {
            Denied::Missing | Denied::Invalid => FlowsError::new(
                StatusCode::UNAUTHORIZED,
                "AUTHENTICATION_ERROR",
                "Expired or invalid Bearer token",
            ),
            Denied::MissingScope { needed } => FlowsError::new(
                StatusCode::FORBIDDEN,
                "MISSING_SCOPE",
                format!("This action requires the following scope: {}", needed.join(" or ")),
            ),
        }
    }
}

impl From<BodyFault> for FlowsError {
    fn from(fault: BodyFault) -> FlowsError {
        let code = match fault.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
            _ => "BAD_REQUEST",
        };
        FlowsError::new(fault.status(), code, fault.to_string())
    }
}

impl IntoResponse for FlowsError {
    fn into_response(self) -> Response {
        let mut body = self.root;
        body.insert("error".to_owned(), self.error);
        body.insert("debug_id".to_owned(), Uuid::new_v4().to_string().into());
        (self.status, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_in_the_message() {
        let faults = [
            Invalid::new(&["definition".into(), "States".into()], "field required", "value_error.missing"),
            Invalid::new(&["keywords".into(), 2.into()], "str type expected", "type_error.str"),
        ];
        let error = FlowsError::invalid(&faults).error;
        assert_eq!(
            error["message"],
            "2 validation errors in body. $.definition.States: field required ; $.keywords.2: str type expected"
        );
        assert_eq!(error["detail"][1]["loc"], json!(["keywords", 2]));
        let one = FlowsError::invalid(&faults[..1]).error;
        assert!(one["message"].as_str().unwrap().starts_with("1 validation error in body."));
    }
}
