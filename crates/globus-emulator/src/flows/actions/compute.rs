//! The provider of Globus Compute: it runs the functions that somebody gave the emulator, and no others.

use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Action, Stage, lock};
use crate::flows::expression;
use crate::server::body::JsonBody;
use crate::state::State;

/// The most seconds that a function takes.
const LONGEST: u64 = 31_536_000;

type Native = dyn Fn(&[Value], &Map<String, Value>) -> Result<Value, String> + Send + Sync;

/// What stands in for a function that is registered with Globus Compute.
#[derive(Clone)]
pub(crate) struct Function {
    work: Work,
    /// How long it takes, on the emulator's clock.
    seconds: i64,
}

#[derive(Clone)]
enum Work {
    Native(Arc<Native>),
    /// An expression over `args` and `kwargs`.
    Expression(String),
    Output(Value),
    Exception(String),
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("seconds", &self.seconds).finish_non_exhaustive()
    }
}

impl Function {
    pub(crate) fn native(
        function: impl Fn(&[Value], &Map<String, Value>) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Function {
        Function { work: Work::Native(Arc::new(function)), seconds: 0 }
    }

    /// Reads a function as the control room takes it, with its id.
    fn read(document: &Value) -> Result<(Uuid, Function), String> {
        let members = document.as_object().ok_or("a function must be an object")?;
        let known = ["function_id", "expression", "output", "exception", "seconds"];
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("a function has no member {name:?}; it has {}", known.join(", ")));
        }
        let id = members.get("function_id").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        let id = id.ok_or("function_id must be a UUID")?;
        let text = |name: &str, value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| format!("{name} must be text"))
        };
        let work = match (members.get("expression"), members.get("output"), members.get("exception")) {
            (Some(value), None, None) => {
                let source = text("expression", value)?;
                expression::parse(&source).map_err(|fault| format!("expression: {fault}"))?;
                Work::Expression(source)
            }
            (None, Some(value), None) => Work::Output(value.clone()),
            (None, None, Some(value)) => Work::Exception(text("exception", value)?),
            _ => return Err("a function has one of expression, output and exception".to_owned()),
        };
        let seconds = match members.get("seconds") {
            None => 0,
            Some(value) => value
                .as_u64()
                .filter(|seconds| *seconds <= LONGEST)
                .and_then(|seconds| i64::try_from(seconds).ok())
                .ok_or_else(|| format!("seconds must be a whole number up to {LONGEST}"))?,
        };
        Ok((id, Function { work, seconds }))
    }

    fn call(&self, args: &[Value], kwargs: &Map<String, Value>) -> Result<Value, String> {
        match &self.work {
            Work::Native(function) => function(args, kwargs),
            Work::Expression(source) => {
                let names = Map::from_iter([
                    ("args".to_owned(), Value::from(args)),
                    ("kwargs".to_owned(), Value::Object(kwargs.clone())),
                ]);
                expression::parse(source)
                    .and_then(|expression| expression::evaluate(&expression, &names, &Value::Null))
                    .map_err(|fault| fault.to_string())
            }
            Work::Output(value) => Ok(value.clone()),
            Work::Exception(text) => Err(text.clone()),
        }
    }
}

/// The control room's door to the functions, and to what they were called with.
pub(crate) fn functions() -> MethodRouter<Arc<State>> {
    get(async |Extract(state): Extract<Arc<State>>| Json(shown(&state))).post(add).delete(
        async |Extract(state): Extract<Arc<State>>| {
            state.flows.actions.forget_functions();
            StatusCode::NO_CONTENT
        },
    )
}

fn shown(state: &State) -> Value {
    let ids: Vec<Uuid> = lock(&state.flows.actions.functions).keys().copied().collect();
    json!({"functions": ids, "calls": state.flows.actions.calls.list()})
}

/// Takes one function, or a list of them: all or none.
async fn add(Extract(state): Extract<Arc<State>>, JsonBody(body): JsonBody) -> Response {
    let refused = |status: StatusCode, text: String| (status, Json(json!({"error": text}))).into_response();
    let read = match body {
        Ok(Value::Array(all)) => all.iter().map(Function::read).collect::<Result<Vec<_>, _>>(),
        Ok(one) => Function::read(&one).map(|one| vec![one]),
        Err(fault) => return refused(fault.status(), fault.to_string()),
    };
    match read {
        Ok(functions) => {
            lock(&state.flows.actions.functions).extend(functions);
            (StatusCode::CREATED, Json(shown(&state))).into_response()
        }
        Err(text) => refused(StatusCode::BAD_REQUEST, text),
    }
}

/// The id of an action follows from its group of tasks.
pub(super) fn action_id(request: &Value) -> String {
    let given = request["body"]["task_group_id"].as_str().map(str::to_owned);
    format!("tg_{}", given.unwrap_or_else(|| Uuid::new_v4().to_string()))
}

/// A task of an action: a function, and what it is called with.
struct Task {
    function: Function,
    id: Uuid,
    endpoint: Value,
    args: Vec<Value>,
    kwargs: Map<String, Value>,
}

/// Reads the tasks of an action. The older interface has the same under shorter names.
fn tasks(state: &State, body: &Value) -> Result<Vec<Task>, Stage> {
    let wrong = |text: String| Stage::failure("BadActionRequest", text);
    let functions = lock(&state.flows.actions.functions);
    let given = body["tasks"].as_array().into_iter().flatten();
    given
        .enumerate()
        .map(|(index, task)| {
            let id = task.get("function_id").or_else(|| task.get("function")).and_then(Value::as_str);
            let id = id.and_then(|id| Uuid::parse_str(id).ok());
            let id = id.ok_or_else(|| wrong(format!("tasks[{index}] has no function_id")))?;
            let endpoint = [body.get("endpoint_id"), task.get("endpoint_id"), task.get("endpoint")];
            let endpoint = endpoint.into_iter().flatten().find(|endpoint| endpoint.is_string()).cloned();
            let endpoint = endpoint.ok_or_else(|| wrong("endpoint_id is required".to_owned()))?;
            let function = functions.get(&id).cloned().ok_or_else(|| {
                let text = format!(
                    "The emulator has no function {id}: it runs those that were given to it, with \
                     Emulator::add_function or at /_emulator/functions"
                );
                Stage::failure("FunctionNotFound", text)
            })?;
            let args = task["args"].as_array().cloned().unwrap_or_default();
            let kwargs = task["kwargs"].as_object().cloned().unwrap_or_default();
            Ok(Task { function, id, endpoint, args, kwargs })
        })
        .collect()
}

/// Starts the tasks of an action when their time has come.
pub(super) fn work(state: &Arc<State>, action: &Arc<Action>) -> Stage {
    let tasks = match tasks(state, action.body()) {
        Ok(tasks) => tasks,
        Err(failed) => return failed,
    };
    let details = json!({"task_count": tasks.len()});
    let seconds = tasks.iter().map(|task| task.function.seconds).max().unwrap_or(0);
    let done = action.start_time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    // Each action is worked on once, however often it is asked for.
    let starts = state.clock.now() >= done && action.progress().task.replace("started".to_owned()).is_none();
    if starts {
        let (state, action) = (state.clone(), action.clone());
        let background = state.clone();
        background.spawn(async move {
            let reached = call_all(&state, tasks).await;
            action.reach(reached, state.clock.now());
        });
    }
    Stage::Active(details)
}

async fn call_all(state: &Arc<State>, tasks: Vec<Task>) -> Stage {
    let (mut outputs, mut results) = (Vec::new(), Vec::new());
    let mut failure = None;
    for task in tasks {
        let called = json!({"function_id": task.id, "endpoint_id": task.endpoint, "args": task.args, "kwargs": task.kwargs});
        let worker = tokio::task::spawn_blocking(move || task.function.call(&task.args, &task.kwargs));
        let ended = worker.await.unwrap_or_else(|_| Err("the function panicked".to_owned()));
        let mut noted = called;
        let mut result = json!({"task_id": Uuid::new_v4()});
        let (name, value) = match ended {
            Ok(output) => ("output", output),
            Err(text) => {
                failure.get_or_insert_with(|| text.clone());
                ("exception", Value::String(text))
            }
        };
        noted[name] = value.clone();
        result[name] = value.clone();
        outputs.push(if name == "output" { value } else { Value::Null });
        results.push(result);
        state.flows.actions.calls.add(state.clock.now(), "call", &noted);
    }
    match failure {
        None => Stage::Succeeded(json!({"result": outputs, "results": results})),
        Some(text) => Stage::Failed(json!({"code": "TaskFailed", "description": text, "results": results})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_read_or_refused() {
        let id = "0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f";
        let read = |document: Value| Function::read(&document).map(|(_, function)| function);
        let doubled = read(json!({"function_id": id, "expression": "args[0] * kwargs['by']"})).unwrap();
        let kwargs = Map::from_iter([("by".to_owned(), json!(3))]);
        assert_eq!(doubled.call(&[json!(2)], &kwargs), Ok(json!(6)));
        assert!(doubled.call(&[], &kwargs).unwrap_err().contains("IndexError"));
        let fixed = read(json!({"function_id": id, "output": null, "seconds": 5})).unwrap();
        assert_eq!((fixed.call(&[], &kwargs), fixed.seconds), (Ok(Value::Null), 5));
        for wrong in [
            json!(5),
            json!({"expression": "1"}),
            json!({"function_id": "x", "expression": "1"}),
            json!({"function_id": id}),
            json!({"function_id": id, "expression": "1 +"}),
            json!({"function_id": id, "expression": 1}),
            json!({"function_id": id, "expression": "1", "output": 1}),
            json!({"function_id": id, "output": 1, "seconds": -1}),
            json!({"function_id": id, "output": 1, "code": "x"}),
        ] {
            assert!(Function::read(&wrong).is_err(), "{wrong}");
        }
    }
}
