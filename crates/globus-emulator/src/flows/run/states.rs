//! What each type of state does.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Status;
use super::engine::{Machine, Next, Raised};
use crate::flows::web_input::{self, Draft, Outcome};
use crate::flows::{choice, parameters};
use crate::time;

impl Machine {
    /// Takes one step.
    pub(super) async fn step(&mut self, name: &str, step: &Value) -> Result<Next, Raised> {
        let kind = step["Type"].as_str().unwrap_or_default();
        let (input, shown) = match kind {
            "Action" | "Pass" | "ExpressionEval" | "CreateWebInput" | "AwaitWebInput" => self.input(step)?,
            _ => (Value::Null, parameters::public(&self.data)),
        };
        let details = json!({"state_name": name, "state_type": kind, "input": shown});
        self.log(&format!("{kind}Started"), &format!("State {name} of type {kind} started"), details.clone());
        self.show(Status::Active, activity(kind, name, &[]), None);
        let (output, next) = match kind {
            "Pass" | "ExpressionEval" => {
                let result = if kind == "Pass" { step.get("Result").cloned() } else { None };
                let nothing_given =
                    result.is_none() && step.get("Parameters").or(step.get("InputPath")).is_none();
                let output = result.unwrap_or(input);
                // A Pass that is given nothing hands on what it got.
                if !nothing_given || step.get("ResultPath").is_some() {
                    self.write(step.get("ResultPath"), output.clone())?;
                }
                let output = if step.get("Parameters").is_some() { shown } else { output };
                (seen(step, &output), next(step))
            }
            "Choice" => {
                let chosen = self.choose(step)?;
                (parameters::public(&self.data), Next::State(chosen))
            }
            "Wait" => {
                self.wait(step).await?;
                (parameters::public(&self.data), next(step))
            }
            "Fail" => return Err(self.failure(step)?),
            "Action" => {
                let output = self.act(name, step, input).await?;
                self.write(step.get("ResultPath"), output.clone())?;
                (seen(step, &output), next(step))
            }
            "CreateWebInput" => {
                let output = self.create_web_input(&input)?;
                self.write(step.get("ResultPath"), output.clone())?;
                (seen(step, &output), next(step))
            }
            "AwaitWebInput" => {
                let output = self.await_web_input(name, &input).await?;
                self.write(step.get("ResultPath"), output.clone())?;
                (seen(step, &output), next(step))
            }
            other => {
                return Err(Raised::new("States.Runtime", format!("There is no type of state {other:?}")));
            }
        };
        let details = json!({"state_name": name, "state_type": kind, "output": output});
        self.log(&format!("{kind}Completed"), &format!("State {name} of type {kind} completed"), details);
        Ok(next)
    }

    /// The input of a state, and what others may see of it.
    fn input(&self, step: &Value) -> Result<(Value, Value), Raised> {
        if let Some(given) = step.get("Parameters") {
            let values = self.evaluate(given)?;
            let shown = parameters::shown(given, &values);
            return Ok((values, shown));
        }
        let value = match step.get("InputPath") {
            Some(path) => self.read(path)?,
            None => self.data.clone(),
        };
        let shown = parameters::public(&value);
        Ok((value, shown))
    }

    fn choose(&self, step: &Value) -> Result<String, Raised> {
        for rule in step["Choices"].as_array().into_iter().flatten() {
            let holds = choice::holds(rule, self.members(), &self.run.context)
                .map_err(|fault| Raised::new("States.Runtime", fault.to_string()))?;
            if holds {
                return Ok(rule["Next"].as_str().unwrap_or_default().to_owned());
            }
        }
        let default = step.get("Default").and_then(Value::as_str);
        default.map(str::to_owned).ok_or_else(|| {
            Raised::new("States.NoChoiceMatched", "No rule of the Choice state holds, and it has no Default")
        })
    }

    async fn wait(&self, step: &Value) -> Result<(), Raised> {
        let wrong =
            |what: &str, value: &Value| Raised::new("States.Runtime", format!("{value} is not {what}"));
        let given = |constant: &str, path: &str| match (step.get(constant), step.get(path)) {
            (Some(value), _) => Ok(Some(value.clone())),
            (None, Some(path)) => self.read(path).map(Some),
            (None, None) => Ok(None),
        };
        let until = if let Some(seconds) = given("Seconds", "SecondsPath")? {
            let number = seconds.as_i64().filter(|seconds| (0..=31_536_000).contains(seconds));
            let number = number.ok_or_else(|| wrong("a number of seconds from 0 to 31536000", &seconds))?;
            self.state.clock.now().saturating_add(SignedDuration::from_secs(number)).unwrap_or(Timestamp::MAX)
        } else {
            let time = given("Timestamp", "TimestampPath")?.unwrap_or(Value::Null);
            let parsed = time.as_str().and_then(|text| text.parse().ok());
            parsed.ok_or_else(|| wrong("a time such as 2026-05-04T15:22:33Z", &time))?
        };
        self.state.clock.reach(until).await;
        Ok(())
    }

    fn failure(&self, step: &Value) -> Result<Raised, Raised> {
        let given = |constant: &str, path: &str| match (step.get(constant), step.get(path)) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(at)) => match self.read(at)? {
                text @ Value::String(_) => Ok(text),
                other => {
                    let cause = format!("{path} leads to {other}, and not to a text");
                    Err(Raised::new("States.Runtime", cause))
                }
            },
            (None, None) => Ok(Value::Null),
        };
        let error = given("Error", "ErrorPath")?;
        let cause = given("Cause", "CausePath")?;
        let name = error.as_str().unwrap_or("States.Fail").to_owned();
        Ok(Raised { info: json!({"Error": error, "Cause": cause}), name })
    }

    fn create_web_input(&self, input: &Value) -> Result<Value, Raised> {
        let draft = Draft::read(input).map_err(|fault| Raised::new("States.Runtime", fault))?;
        let id = web_input::create(&self.state, &self.run, draft);
        Ok(json!({"web_input_id": id}))
    }

    async fn await_web_input(&self, name: &str, input: &Value) -> Result<Value, Raised> {
        let id = input.get("web_input_id").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        let id =
            id.ok_or_else(|| Raised::new("States.Runtime", "web_input_id is not the id of a web input"))?;
        self.show(Status::Active, activity("AwaitWebInput", name, &[]), Some(id));
        loop {
            let mut changed = std::pin::pin!(self.run.changed.notified());
            changed.as_mut().enable();
            let flow = self.run.flow_id;
            match web_input::outcome(&self.state, id, flow) {
                None => {
                    let cause = format!("This flow has no web input {id}");
                    return Err(Raised::new("States.Runtime", cause));
                }
                Some(Outcome::Answered(answer)) => {
                    return Ok(json!({"web_input_id": id, "response": answer}));
                }
                Some(Outcome::Expired(time)) => {
                    let cause = format!("Nobody answered the web input {id} before {}", time::micros(time));
                    let mut raised = Raised::new("Flows.WebInputExpired", cause);
                    // Flows look at the response, whether somebody answered or not.
                    raised.info["web_input_id"] = id.to_string().into();
                    raised.info["response"] = Value::Null;
                    return Err(raised);
                }
                Some(Outcome::Open(until)) => tokio::select! {
                    () = changed => {}
                    () = self.state.clock.reach(until) => {}
                },
            }
        }
    }
}

/// What a run shows while a state is under way.
pub(super) fn activity(kind: &str, name: &str, statuses: &[&Value]) -> Value {
    json!({
        "code": format!("{kind}Started"),
        "description": format!("State {name} of type {kind} started"),
        "state_name": name,
        "action_statuses": statuses,
    })
}

/// What others may see of the result of a state: nothing if it goes where nobody looks.
pub(super) fn seen(step: &Value, output: &Value) -> Value {
    let path = step.get("ResultPath").and_then(Value::as_str).unwrap_or_default();
    if parameters::is_hidden_path(path) { json!({}) } else { parameters::public(output) }
}

fn next(step: &Value) -> Next {
    step.get("Next").and_then(Value::as_str).map_or(Next::End, |next| Next::State(next.to_owned()))
}
