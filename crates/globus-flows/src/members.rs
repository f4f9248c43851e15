//! What the documents that are sent are made of.

use std::{collections::BTreeMap, fmt};

use globus_core::IntoId;
use serde::{Serialize, Serializer, ser};
use serde_json::{Map, Value};

use crate::Principal;

/// The most principals in a list.
const MOST_PRINCIPALS: usize = 16;

/// The members that were set, and what is wrong with them.
#[derive(Clone, Default)]
pub(crate) struct Members {
    values: Map<String, Value>,
    problems: BTreeMap<String, String>,
}

impl Members {
    /// Sets a member; what was wrong with an earlier value does not matter then.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>, problem: Option<String>) {
        let name = name.into();
        match problem {
            Some(problem) => self.problems.insert(name.clone(), problem),
            None => self.problems.remove(&name),
        };
        self.values.insert(name, value.into());
    }

    pub(crate) fn text(&mut self, name: &str, text: String, least: usize, most: usize) {
        let length = text.chars().count();
        let problem = (length < least).then(|| format!("{name} is empty")).or_else(|| {
            (length > most).then(|| format!("{name} has {length} characters, and at most {most} are allowed"))
        });
        self.set(name, text, problem);
    }

    pub(crate) fn object(&mut self, name: &str, value: Value) {
        let problem =
            (!value.is_object()).then(|| format!("{name} must be a JSON object, and is {}", kind(&value)));
        self.set(name, value, problem);
    }

    pub(crate) fn id<T: fmt::Display>(&mut self, name: &str, id: impl IntoId<T>) {
        match id.into_id() {
            Ok(id) => self.set(name, id.to_string(), None),
            Err(invalid) => self.set(name, Value::Null, Some(invalid.to_string())),
        }
    }

    pub(crate) fn principals<P: Into<Principal>>(
        &mut self,
        name: &str,
        everybody: Option<&Principal>,
        principals: impl IntoIterator<Item = P>,
    ) {
        let list: Vec<Principal> = principals.into_iter().map(Into::into).collect();
        let problem = (list.len() > MOST_PRINCIPALS)
            .then(|| {
                format!("{name} has {} principals, and at most {MOST_PRINCIPALS} are allowed", list.len())
            })
            .or_else(|| {
                list.iter().enumerate().find_map(|(at, principal)| {
                    let problem = if list[..at].contains(principal) {
                        Some("is there twice")
                    } else {
                        unfit(principal, everybody)
                    };
                    problem.map(|problem| format!("{name}[{at}]: \"{principal}\" {problem}"))
                })
            });
        let list: Vec<String> = list.iter().map(Principal::to_string).collect();
        self.set(name, list, problem);
    }
}

/// Says why a principal cannot be in a list.
fn unfit(principal: &Principal, everybody: Option<&Principal>) -> Option<&'static str> {
    match principal {
        word @ (Principal::Public | Principal::AllAuthenticatedUsers) if everybody != Some(word) => {
            Some("cannot have this role")
        }
        // A new kind of URN is for the service to judge.
        Principal::Unknown(text) if !text.as_str().starts_with("urn:") => Some(
            "is not a principal: expected urn:globus:auth:identity:… or urn:globus:groups:id:… with a UUID",
        ),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.problems.is_empty() {
            return self.values.serialize(serializer);
        }
        let problems: Vec<&str> = self.problems.values().map(String::as_str).collect();
        Err(ser::Error::custom(problems.join("; ")))
    }
}

/// Names the members: a definition may hold what no log should show.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
