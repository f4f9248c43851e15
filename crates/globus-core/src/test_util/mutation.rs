//! Takes a document apart, member by member: what may be missing, null or new must not keep it from being read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that finds a fault should stop")]

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Checks that `T` reads the fixture, and its mutations:
/// - with an unknown member in every object: reads, and keeps it at the top;
/// - with each text replaced by a word from the future: fails only for `strict` members;
/// - without each member, and with `null` in its place: fails only for `required` members;
/// - and that everything that was read is written again.
///
/// Members are written as paths: `/DATA/0/type`.
///
/// ```
/// # use globus_core::{Extra, test_util::mutation};
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Task {
///     task_id: String,
///     label: Option<String>,
///     #[serde(flatten)]
///     extra: Extra,
/// }
/// mutation::check::<Task>(&serde_json::json!({"task_id": "x", "label": "y"}), &["/task_id"], &[]);
/// ```
///
/// # Panics
/// When `T` does not do what is expected, which is what a test wants.
pub fn check<T: DeserializeOwned + Serialize>(fixture: &Value, required: &[&str], strict: &[&str]) {
    let reads = |document: &Value| serde_json::from_str::<T>(&document.to_string());
    let read = reads(fixture).unwrap_or_else(|error| panic!("{error}\n{fixture:#}"));
    same(&serde_json::to_value(&read).unwrap(), fixture, "");

    let mut members = Vec::new();
    collect(fixture, "", &mut members);

    for object in std::iter::once("").chain(members.iter().map(String::as_str)) {
        let mut changed = fixture.clone();
        let Some(Value::Object(target)) = changed.pointer_mut(object) else { continue };
        target.insert("new_member".to_owned(), json!({"deep": [1, null]}));
        let read = reads(&changed).unwrap_or_else(|error| panic!("unknown member in {object:?}: {error}"));
        let written = serde_json::to_value(&read).unwrap();
        let kept = written.pointer(&format!("{object}/new_member"));
        assert_eq!(kept, Some(&json!({"deep": [1, null]})), "unknown member in {object:?} is lost");
    }

    let mut failed = Failures::default();
    for member in &members {
        if fixture.pointer(member).is_some_and(Value::is_string) {
            let mut changed = fixture.clone();
            *changed.pointer_mut(member).unwrap() = json!("word_from_the_future");
            if reads(&changed).is_err() {
                failed.strict.insert(member.clone());
            }
        }
        let mut changed = fixture.clone();
        *changed.pointer_mut(member).unwrap() = Value::Null;
        if reads(&changed).is_err() {
            failed.null.insert(member.clone());
        }
        let (parent, name) = member.rsplit_once('/').unwrap();
        let mut changed = fixture.clone();
        let Some(Value::Object(object)) = changed.pointer_mut(parent) else { continue };
        object.remove(name);
        if reads(&changed).is_err() {
            failed.missing.insert(member.clone());
        }
    }
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(failed.missing, set(required), "required members");
    // An item of a list cannot be null, but it cannot be missing either.
    let null: BTreeSet<_> = failed.null.into_iter().filter(|member| !is_item(member)).collect();
    assert_eq!(null, set(required), "members that may not be null");
    assert_eq!(failed.strict, set(strict), "members that take no words from the future");
}

fn is_item(member: &str) -> bool {
    member.rsplit('/').next().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

#[derive(Default)]
struct Failures {
    strict: BTreeSet<String>,
    null: BTreeSet<String>,
    missing: BTreeSet<String>,
}

fn collect(value: &Value, at: &str, members: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let member = format!("{at}/{name}");
                collect(value, &member, members);
                members.push(member);
            }
        }
        Value::Array(list) => {
            for (position, value) in list.iter().enumerate() {
                let member = format!("{at}/{position}");
                collect(value, &member, members);
                members.push(member);
            }
        }
        _ => {}
    }
}

/// Checks that what is written is what was read: times in another form, and absent members as `null`.
fn same(written: &Value, read: &Value, at: &str) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (name, value) in read {
                let found = written.get(name).unwrap_or_else(|| panic!("{at}/{name} is lost"));
                same(found, value, &format!("{at}/{name}"));
            }
            for (name, value) in written {
                assert!(
                    read.contains_key(name)
                        || value.is_null()
                        || value == &json!([])
                        || value == &json!(false),
                    "{at}/{name} appeared: {value}"
                );
            }
        }
        (Value::Array(written), Value::Array(read)) => {
            assert_eq!(written.len(), read.len(), "{at}");
            for (position, (written, read)) in written.iter().zip(read).enumerate() {
                same(written, read, &format!("{at}/{position}"));
            }
        }
        (Value::String(written), Value::String(read)) => {
            let time = |text: &str| text.parse::<crate::Timestamp>().ok();
            assert!(
                written == read || time(read).is_some() && time(written) == time(read),
                "{at}: {written} is not {read}"
            );
        }
        _ => assert_eq!(written, read, "{at}"),
    }
}
