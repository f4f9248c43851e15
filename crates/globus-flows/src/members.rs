//! What the documents that are sent are made of.

use serde_json::Value;

pub(crate) use globus_core::__private::Members;

use crate::Principal;

/// The most principals in a list.
const MOST_PRINCIPALS: usize = 16;

/// The members that documents of flows have.
pub(crate) trait FlowMembers {
    /// Sets a member that must be a JSON object.
    fn object(&mut self, name: &str, value: Value);

    /// Sets a list of principals; `everybody` is the word that it may have beside identities and groups.
    fn principals<P: Into<Principal>>(
        &mut self,
        name: &str,
        everybody: Option<&Principal>,
        principals: impl IntoIterator<Item = P>,
    );
}

impl FlowMembers for Members {
    fn object(&mut self, name: &str, value: Value) {
        if value.is_object() {
            self.set(name, value);
        } else {
            self.refuse(name, format!("{name} must be a JSON object, and is {}", kind(&value)));
        }
    }

    fn principals<P: Into<Principal>>(
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
        match problem {
            Some(problem) => self.refuse(name, problem),
            None => self.set(name, list.iter().map(Principal::to_string).collect::<Vec<_>>()),
        }
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
