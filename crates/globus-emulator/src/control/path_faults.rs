//! Faults of the storage: which paths fail, for tasks and for file operations, and how often.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlError;
use crate::PathFault;
use crate::server::body::JsonBody;
use crate::state::State;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/path_faults", get(list).post(add).delete(clear))
}

/// A fault as a test writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    code: String,
    times: Option<u32>,
}

/// Reads one fault or a list of faults. The message says which and what is wrong with it.
fn read(body: Value) -> Result<Vec<PathFault>, String> {
    let written = match body {
        Value::Array(list) => list,
        one => vec![one],
    };
    let read_one = |fault: Value| {
        let Written { path, code, times } =
            serde_json::from_value(fault).map_err(|error| error.to_string())?;
        if times == Some(0) {
            return Err("times must be at least 1".to_owned());
        }
        let fault = PathFault { path, code, times };
        fault.problem().map_or(Ok(fault), Err)
    };
    let numbered = written.into_iter().enumerate();
    numbered
        .map(|(index, fault)| read_one(fault).map_err(|what| format!("fault {}: {what}", index + 1)))
        .collect()
}

fn shown(state: &State) -> Json<Value> {
    let faults = state.transfer.faults().list();
    let faults: Vec<Value> = faults
        .iter()
        .map(|fault| json!({"path": fault.path, "code": fault.code, "times": fault.times}))
        .collect();
    Json(json!({ "path_faults": faults }))
}

async fn list(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    shown(&state)
}

/// Adds one fault, or a list of them: all or none.
async fn add(
    Shared(state): Shared<Arc<State>>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let faults = read(body?).map_err(ControlError::bad)?;
    state.transfer.faults().add(&faults);
    Ok((StatusCode::CREATED, shown(&state)))
}

async fn clear(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    state.transfer.faults().clear();
    shown(&state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_fault_is_wrong() {
        let good = json!({"path": "*", "code": "TIMEOUT"});
        assert_eq!(read(good.clone()).unwrap(), [PathFault::new("*", "TIMEOUT")]);
        for (bad, part) in [
            (json!({"path": "*", "code": "timeout"}), "timeout"),
            (json!({"path": "*", "code": "TIMEOUT", "times": 0}), "times must be"),
            (json!({"code": "TIMEOUT"}), "path"),
            (json!({"path": "*", "code": "TIMEOUT", "tmies": 1}), "tmies"),
        ] {
            let message = read(json!([good, bad])).unwrap_err();
            assert!(message.starts_with("fault 2: ") && message.contains(part), "{message}");
        }
    }
}
