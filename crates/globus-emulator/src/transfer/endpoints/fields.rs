//! The members of an endpoint document that can be set, and what may stand in them.

use serde_json::{Map, Value};

use crate::fs::CollectionPath;
use crate::transfer::collections::{Kind, name_fault};

/// What may stand in a member.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// A display name, which is never empty.
    Name,
    /// A text of at most this many characters, or nothing.
    Text(usize),
    /// A path of the collection, or nothing.
    Path,
    /// Where it is on the earth, or nothing.
    Location,
    Flag,
    /// A whole number within these bounds, or nothing.
    Number(i64, i64),
    /// One of these words, or nothing.
    Word(&'static [&'static str]),
    /// A document, or nothing.
    Document,
    /// About which tasks on guest collections people get mail, or nothing.
    Notices,
}

/// On which collections a member can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// On Globus Connect Personal and its guest collections.
    Both,
    /// On Globus Connect Personal alone.
    Personal,
    /// By who sets the emulator up.
    Setup,
}

const FIELDS: &[(&str, Shape, On)] = &[
    ("display_name", Shape::Name, On::Both),
    ("description", Shape::Text(4096), On::Both),
    ("organization", Shape::Text(1024), On::Both),
    ("department", Shape::Text(1024), On::Both),
    ("keywords", Shape::Text(1024), On::Both),
    ("contact_email", Shape::Text(1024), On::Both),
    ("contact_info", Shape::Text(1024), On::Both),
    ("info_link", Shape::Text(2048), On::Both),
    ("owner_string", Shape::Text(1024), On::Both),
    ("default_directory", Shape::Path, On::Both),
    ("force_encryption", Shape::Flag, On::Both),
    ("disable_verify", Shape::Flag, On::Both),
    ("force_verify", Shape::Flag, On::Both),
    ("acl_max_expiration_period_mins", Shape::Number(1, 100 * 366 * 1440), On::Both),
    ("guest_collection_activity_notification_policy", Shape::Notices, On::Both),
    ("public", Shape::Flag, On::Personal),
    ("user_message", Shape::Text(4096), On::Personal),
    ("user_message_link", Shape::Text(2048), On::Personal),
    ("authentication_timeout_mins", Shape::Number(0, 100 * 366 * 1440), On::Personal),
    ("network_use", Shape::Word(&["normal", "minimal", "aggressive", "custom"]), On::Personal),
    ("location", Shape::Location, On::Personal),
    ("max_concurrency", Shape::Number(1, 64), On::Personal),
    ("preferred_concurrency", Shape::Number(1, 64), On::Personal),
    ("max_parallelism", Shape::Number(1, 64), On::Personal),
    ("preferred_parallelism", Shape::Number(1, 64), On::Personal),
    ("disable_anonymous_writes", Shape::Flag, On::Setup),
    ("gcp_paused", Shape::Flag, On::Setup),
    ("mfa_required", Shape::Flag, On::Setup),
    ("auto_delete_timeout", Shape::Number(1, 36_600), On::Setup),
    ("skip_auto_delete", Shape::Flag, On::Setup),
    ("requester_pays", Shape::Flag, On::Setup),
    ("restrict_transfers_to_high_assurance", Shape::Word(&["inbound", "outbound", "all"]), On::Setup),
    ("preserve_modtime", Shape::Word(&["inbound", "outbound", "all"]), On::Setup),
    ("associated_flow_policy", Shape::Document, On::Setup),
];

/// Checks a member that a collection begins with.
pub(crate) fn check(name: &str, value: &Value, kind: Kind) -> Result<(), String> {
    let Some((_, shape, on)) = FIELDS.iter().find(|(field, ..)| *field == name) else {
        return Err(format!("there is no member '{name}' that can be set"));
    };
    if *on == On::Personal && kind.is_guest() {
        return Err(format!("'{name}' cannot be set on a guest collection"));
    }
    fits(name, value, *shape)
}

/// Takes the members that can be set out of a document that a client sent. The others are left alone, as the
/// service does; what is for the mapped collection alone is refused on a guest collection, unless it is there
/// already with this value.
pub(crate) fn read(
    document: &Map<String, Value>,
    kind: Kind,
    present: impl Fn(&str) -> Value,
) -> Result<Map<String, Value>, String> {
    let mut taken = Map::new();
    for (name, value) in document {
        let Some((_, shape, on)) = FIELDS.iter().find(|(field, ..)| field == name) else { continue };
        match on {
            On::Setup => continue,
            On::Personal if kind.is_guest() && present(name) != *value => {
                return Err(format!("'{name}' cannot be set on a guest collection"));
            }
            On::Personal if kind.is_guest() => continue,
            On::Personal | On::Both => {}
        }
        fits(name, value, *shape)?;
        taken.insert(name.clone(), value.clone());
    }
    let network_use = taken.get("network_use").cloned().unwrap_or_else(|| present("network_use"));
    let tuned = TUNING.iter().find(|name| taken.get(**name).is_some_and(|value| !value.is_null()));
    match tuned {
        Some(name) if network_use != "custom" => {
            Err(format!("Invalid '{name}': it needs network_use 'custom'"))
        }
        _ => Ok(taken),
    }
}

fn fits(name: &str, value: &Value, shape: Shape) -> Result<(), String> {
    let expected = match (shape, value) {
        (Shape::Name, Value::String(text)) => match name_fault(text) {
            None => return Ok(()),
            Some(fault) => return Err(format!("Invalid '{name}': {fault}")),
        },
        (Shape::Name, _) => "a text".to_owned(),
        (Shape::Flag, Value::Bool(_)) | (Shape::Document, Value::Object(_)) => return Ok(()),
        (Shape::Flag, _) => "true or false".to_owned(),
        (_, Value::Null) => return Ok(()),
        (Shape::Text(most), Value::String(text)) if text.chars().count() <= most => return Ok(()),
        (Shape::Text(most), _) => format!("a text of at most {most} characters"),
        (Shape::Path, Value::String(text)) if text.is_empty() => return Ok(()),
        (Shape::Path, Value::String(text)) => match CollectionPath::parse(text) {
            Ok(_) => return Ok(()),
            Err(error) => return Err(format!("Invalid '{name}': {error}")),
        },
        (Shape::Path, _) => "a path".to_owned(),
        (Shape::Location, Value::String(text)) if is_location(text) => return Ok(()),
        (Shape::Location, _) => "'Automatic', or latitude and longitude in degrees: '41.9,-87.6'".to_owned(),
        (Shape::Number(least, most), Value::Number(number))
            if number.as_i64().is_some_and(|number| (least..=most).contains(&number)) =>
        {
            return Ok(());
        }
        (Shape::Number(least, most), _) => format!("a whole number from {least} to {most}"),
        (Shape::Word(words), Value::String(text)) if words.contains(&text.as_str()) => return Ok(()),
        (Shape::Word(words), _) => format!("one of {}", words.join(", ")),
        (Shape::Document, _) => "a document".to_owned(),
        (Shape::Notices, Value::Object(members)) if members.iter().all(is_notice) => return Ok(()),
        (Shape::Notices, _) => {
            "lists of SUCCEEDED and FAILED in 'status', of source and destination in 'transfer_use'"
                .to_owned()
        }
    };
    Err(format!("Invalid '{name}': expected {expected}"))
}

fn is_location(text: &str) -> bool {
    let degrees =
        |text: &str, most: f64| text.trim().parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most);
    text == "Automatic"
        || text.split_once(',').is_some_and(|(lat, long)| degrees(lat, 90.0) && degrees(long, 180.0))
}

/// The members that tune transfers: for what is neither `normal` nor any other named use of the network.
const TUNING: [&str; 4] =
    ["max_concurrency", "preferred_concurrency", "max_parallelism", "preferred_parallelism"];

/// Whether a member says about which tasks, or for which side of them.
fn is_notice((name, value): (&String, &Value)) -> bool {
    let words = match name.as_str() {
        "status" => ["SUCCEEDED", "FAILED"],
        "transfer_use" => ["source", "destination"],
        _ => return false,
    };
    let known = |word: &Value| word.as_str().is_some_and(|word| words.contains(&word));
    value.as_array().is_some_and(|given| given.iter().all(known))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_have_their_shapes() {
        for (name, good, bad) in [
            ("display_name", json!("lab"), json!(null)),
            ("display_name", json!("x"), json!(" ")),
            ("description", json!(null), json!(1)),
            ("public", json!(false), json!(null)),
            ("max_concurrency", json!(64), json!(65)),
            ("network_use", json!("minimal"), json!("some")),
            ("location", json!("Automatic"), json!("Chicago")),
            ("location", json!("41.9, -87.6"), json!("91,0")),
            ("location", json!(null), json!("1,2,3")),
            ("default_directory", json!("/~/runs"), json!("/../runs")),
            ("default_directory", json!(""), json!("a\u{0}b")),
            ("guest_collection_activity_notification_policy", json!({"status": []}), json!([])),
            (
                "guest_collection_activity_notification_policy",
                json!({"status": ["FAILED"], "transfer_use": ["source"]}),
                json!({"status": ["ACTIVE"]}),
            ),
        ] {
            assert_eq!(check(name, &good, Kind::Personal), Ok(()), "{name}");
            let error = check(name, &bad, Kind::Personal).unwrap_err();
            assert!(error.contains(name), "{error}");
        }
        assert!(check("id", &json!("x"), Kind::Personal).is_err());
        assert!(check("public", &json!(true), Kind::PersonalGuest).is_err());
    }

    #[test]
    fn guest_collections_have_fewer_members() {
        let sent = json!({"display_name": "a", "public": true, "id": "ignored", "mfa_required": true});
        let sent = sent.as_object().unwrap();
        let names =
            |kind| -> Vec<String> { read(sent, kind, |_| json!(true)).unwrap().keys().cloned().collect() };
        assert_eq!(names(Kind::Personal), ["display_name", "public"]);
        assert_eq!(names(Kind::PersonalGuest), ["display_name"]);
        let error = read(sent, Kind::PersonalGuest, |_| json!(false)).unwrap_err();
        assert!(error.contains("public"), "{error}");
    }
}
