//! The documents that start and change a run, checked member by member.

use serde_json::{Map, Value};

use super::Metadata;
use super::as_action::renamed;
use crate::flows::error::Invalid;
use crate::flows::input::Reader;

/// The longest label, in characters.
const LONGEST_LABEL: usize = 64;
const STATUSES: [&str; 3] = ["INACTIVE", "FAILED", "SUCCEEDED"];

/// What a document gives of a run's metadata.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) label: Option<String>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) managers: Option<Vec<String>>,
    pub(super) monitors: Option<Vec<String>>,
}

impl Changes {
    /// Writes what is given over what is there.
    pub(super) fn apply(self, metadata: &mut Metadata) {
        if self.label.is_some() {
            metadata.label = self.label;
        }
        for (given, place) in [
            (self.tags, &mut metadata.tags),
            (self.managers, &mut metadata.managers),
            (self.monitors, &mut metadata.monitors),
        ] {
            if let Some(given) = given {
                *place = given;
            }
        }
    }

    /// Adds to lists, or takes away from them.
    pub(super) fn merge(self, metadata: &mut Metadata, remove: bool) {
        for (given, place) in [
            (self.tags, &mut metadata.tags),
            (self.managers, &mut metadata.managers),
            (self.monitors, &mut metadata.monitors),
        ] {
            for entry in given.into_iter().flatten() {
                let at = place.iter().position(|other| *other == entry);
                match (at, remove) {
                    (Some(at), true) => drop(place.remove(at)),
                    (None, false) => place.push(entry),
                    _ => {}
                }
            }
        }
    }
}

/// Reads label, tags, managers and monitors. `loc` is where they stand in the body.
pub(super) fn changes(members: &Map<String, Value>, loc: &[Value]) -> Result<Changes, Vec<Invalid>> {
    let mut reader = Reader::new(members);
    let tags = reader.strings("tags").map(|tags| {
        let collapse = |tag: &String| tag.split_whitespace().collect::<Vec<_>>().join(" ");
        tags.iter().map(collapse).filter(|tag| !tag.is_empty()).collect()
    });
    let changes = Changes {
        label: reader.nullable_text("label", 1, LONGEST_LABEL),
        tags,
        managers: reader.principals("run_managers", "RunManager", None),
        monitors: reader.principals("run_monitors", "RunMonitor", None),
    };
    let mut faults = reader.into_faults();
    if faults.is_empty() {
        return Ok(changes);
    }
    for fault in &mut faults {
        fault.loc = [loc, &fault.loc].concat();
    }
    Err(faults)
}

/// The document that starts a run.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) request_id: Option<String>,
    pub(super) input: Value,
    pub(super) changes: Changes,
    pub(super) notified_of: Vec<String>,
}

/// Reads it, or lists everything that is wrong with it.
pub(super) fn start(body: &Value) -> Result<Start, Vec<Invalid>> {
    let Some(members) = body.as_object() else {
        return Err(vec![Invalid::new(&[], "value is not a valid dict", "type_error.dict")]);
    };
    let members = &renamed(members);
    let mut faults = Vec::new();
    let request_id = match members.get("request_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) => {
            faults.push(Invalid::new(&["request_id".into()], "str type expected", "type_error.str"));
            None
        }
    };
    let input = match members.get("body") {
        Some(input) if input.is_object() => input.clone(),
        Some(_) => {
            faults.push(Invalid::new(&["body".into()], "value is not a valid dict", "type_error.dict"));
            Value::Null
        }
        None => {
            faults.push(Invalid::new(&["body".into()], "field required", "value_error.missing"));
            Value::Null
        }
    };
    let notified_of = match members.get("activity_notification_policy") {
        None | Some(Value::Null) => default_statuses(),
        Some(policy) => policy_statuses(policy, &mut faults),
    };
    match changes(members, &[]) {
        Ok(changes) if faults.is_empty() => Ok(Start { request_id, input, changes, notified_of }),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

/// What the owner is told of when nobody says.
fn default_statuses() -> Vec<String> {
    vec!["INACTIVE".to_owned()]
}

fn policy_statuses(policy: &Value, faults: &mut Vec<Invalid>) -> Vec<String> {
    let name = "activity_notification_policy";
    let Some(members) = policy.as_object() else {
        faults.push(Invalid::new(&[name.into()], "value is not a valid dict", "type_error.dict"));
        return Vec::new();
    };
    let Some(given) = members.get("status") else { return default_statuses() };
    let Some(statuses) = given.as_array() else {
        faults.push(Invalid::new(
            &[name.into(), "status".into()],
            "value is not a valid list",
            "type_error.list",
        ));
        return Vec::new();
    };
    let mut known = Vec::new();
    for (index, status) in statuses.iter().enumerate() {
        match status.as_str().filter(|status| STATUSES.contains(status)) {
            Some(status) => known.push(status.to_owned()),
            None => faults.push(Invalid::new(
                &[name.into(), "status".into(), index.into()],
                format!("unexpected value; permitted: {}", STATUSES.join(", ")),
                "value_error.const",
            )),
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_is_listed() {
        let body = json!({"label": "x".repeat(65), "tags": "a", "run_managers": ["me"],
            "activity_notification_policy": {"status": ["GONE"]}});
        let faults = start(&body).unwrap_err();
        let locs: Vec<Value> = faults.iter().map(|fault| fault.loc.clone().into()).collect();
        assert_eq!(
            locs,
            [
                json!(["body"]),
                json!(["activity_notification_policy", "status", 0]),
                json!(["tags"]),
                json!(["label"]),
                json!(["run_managers", 0]),
            ]
        );
    }

    #[test]
    fn the_owner_is_told_what_the_policy_says() {
        let told_of = |policy: Value| start(&json!({"body": {}, "activity_notification_policy": policy}));
        assert_eq!(told_of(json!({})).unwrap().notified_of, ["INACTIVE"]);
        assert_eq!(told_of(Value::Null).unwrap().notified_of, ["INACTIVE"]);
        assert_eq!(told_of(json!({"status": ["FAILED"]})).unwrap().notified_of, ["FAILED"]);
        assert!(told_of(json!({"status": []})).unwrap().notified_of.is_empty());
        for (policy, loc) in [
            (json!(["FAILED"]), json!(["activity_notification_policy"])),
            (json!({"status": "FAILED"}), json!(["activity_notification_policy", "status"])),
            (json!({"status": ["ACTIVE"]}), json!(["activity_notification_policy", "status", 0])),
        ] {
            assert_eq!(Value::from(told_of(policy).unwrap_err()[0].loc.clone()), loc);
        }
    }

    #[test]
    fn tags_lose_their_blanks() {
        let start = start(&json!({"body": {}, "tags": [" a  b ", ""]})).unwrap();
        assert_eq!(start.changes.tags, Some(vec!["a b".to_owned()]));
        assert_eq!(start.notified_of, ["INACTIVE"]);
    }
}
