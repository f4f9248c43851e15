//! Mail that is not sent: it is kept in an outbox that tests can read.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State as Extract;
use axum::routing::{MethodRouter, get};
use axum::{Json, http::StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Stage, lock};
use crate::flows::run::{Run, Status};
use crate::state::State;
use crate::time;

/// The most mails that are kept; the oldest go first.
const MOST_MAILS: usize = 1000;

/// A mail.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    time: Timestamp,
    to: String,
    from: Option<String>,
    subject: String,
    body: String,
    mimetype: String,
}

impl Mail {
    fn document(&self) -> Value {
        json!({
            "time": time::micros(self.time),
            "to": self.to,
            "from": self.from,
            "subject": self.subject,
            "body": self.body,
            "mimetype": self.mimetype,
        })
    }
}

/// The control room's door to the outbox.
pub(crate) fn outbox() -> MethodRouter<Arc<State>> {
    get(async |Extract(state): Extract<Arc<State>>| {
        let mails: Vec<Value> = lock(&state.flows.actions.outbox).iter().map(Mail::document).collect();
        Json(json!({"mails": mails}))
    })
    .delete(async |Extract(state): Extract<Arc<State>>| {
        lock(&state.flows.actions.outbox).clear();
        StatusCode::NO_CONTENT
    })
}

fn post(state: &State, mail: Mail) {
    let mut outbox = lock(&state.flows.actions.outbox);
    if outbox.len() >= MOST_MAILS {
        outbox.remove(0);
    }
    outbox.push(mail);
}

/// Fills in the template and posts the mail.
pub(super) fn notify(state: &State, body: &Value) -> Stage {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let empty = serde_json::Map::new();
    let variables = body.get("body_variables").and_then(Value::as_object).unwrap_or(&empty);
    let variables: BTreeMap<&str, String> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let content = match fill_in(&text("body_template"), &variables) {
        Ok(content) => content,
        Err(name) => {
            return Stage::failure(
                "BadActionRequest",
                format!("body_variables has no {name:?}, which the template uses"),
            );
        }
    };
    post(
        state,
        Mail {
            time: state.clock.now(),
            to: text("destination"),
            from: body.get("sender").and_then(Value::as_str).map(str::to_owned),
            subject: text("subject"),
            body: content,
            mimetype: body.get("body_mimetype").and_then(Value::as_str).unwrap_or("text/plain").to_owned(),
        },
    );
    Stage::Succeeded(
        json!({"message": "the mail was put into the outbox", "destination": text("destination")}),
    )
}

/// Tells the owner of a run to which status it came.
pub(crate) fn tell_owner(state: &State, run: &Run, status: Status) {
    let to =
        run.context["email"].as_str().or(run.context["username"].as_str()).unwrap_or_default().to_owned();
    let title = &run.flow_title;
    post(
        state,
        Mail {
            time: state.clock.now(),
            to,
            from: None,
            subject: format!("Run {} of {title} is {}", run.id, status.as_str()),
            body: format!("The run {} of the flow {title} is {}.", run.id, status.as_str()),
            mimetype: "text/plain".to_owned(),
        },
    );
}

/// Replaces `$name` and `${name}`; `$$` is a dollar. Fails with the name that is missing.
fn fill_in(template: &str, variables: &BTreeMap<&str, String>) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            filled.push('$');
            rest = after;
            continue;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = match braced {
            Some(found) => found,
            None => after.split_at(after.find(|c| !is_part(c)).unwrap_or(after.len())),
        };
        if name.is_empty() {
            filled.push('$');
        } else {
            filled.push_str(variables.get(name).ok_or(name)?);
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let variables = BTreeMap::from([("Name", "Ada".to_owned()), ("n", "5".to_owned())]);
        for (template, expected) in [
            ("Dear $Name, ${n}th of $n.", Ok("Dear Ada, 5th of 5.")),
            ("$$5 $ x", Ok("$5 $ x")),
            ("${unknown}", Err("unknown")),
            ("", Ok("")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(fill_in(template, &variables), expected, "{template}");
        }
    }
}
