//! What the documents that are sent are made of.

use globus_core::Field;
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

    /// Sets a member within another, which is an object.
    fn within(&mut self, object: &str, name: &str, value: impl Into<Value>);

    /// Sets a list of identities and groups within a member.
    fn principals_within<P: Into<Principal>>(
        &mut self,
        object: &str,
        name: &str,
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
        match checked(name, everybody, principals) {
            Ok(list) => self.set(name, list),
            Err(problem) => self.refuse(name, problem),
        }
    }

    fn within(&mut self, object: &str, name: &str, value: impl Into<Value>) {
        let mut members = self.get(object).and_then(Value::as_object).cloned().unwrap_or_default();
        members.insert(name.to_owned(), value.into());
        self.set(object, members);
    }

    fn principals_within<P: Into<Principal>>(
        &mut self,
        object: &str,
        name: &str,
        principals: impl IntoIterator<Item = P>,
    ) {
        let place = format!("{object}.{name}");
        match checked(&place, None, principals) {
            Ok(list) => {
                // What was wrong with an earlier list does not matter any more.
                self.field(&place, Field::<()>::Absent);
                self.within(object, name, list);
            }
            Err(problem) => self.refuse(place, problem),
        }
    }
}

/// Writes principals that may stand in a list, or says which one may not.
fn checked<P: Into<Principal>>(
    name: &str,
    everybody: Option<&Principal>,
    principals: impl IntoIterator<Item = P>,
) -> Result<Vec<String>, String> {
    let list: Vec<Principal> = principals.into_iter().map(Into::into).collect();
    if list.len() > MOST_PRINCIPALS {
        return Err(format!(
            "{name} has {} principals, and at most {MOST_PRINCIPALS} are allowed",
            list.len()
        ));
    }
    for (at, principal) in list.iter().enumerate() {
        let twice = list[..at].contains(principal).then_some("is there twice");
        if let Some(problem) = twice.or_else(|| unfit(principal, everybody)) {
            return Err(format!("{name}[{at}]: \"{principal}\" {problem}"));
        }
    }
    Ok(list.iter().map(Principal::to_string).collect())
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
