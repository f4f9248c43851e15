//! Action states, and what catches their errors.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Checker;
use super::state::{path, reference};

pub(super) fn check(checker: &mut Checker<'_>, state: &Map<String, Value>) {
    if state.contains_key("Parameters") == state.contains_key("InputPath") {
        checker.value_error("a state of type 'Action' has either Parameters or InputPath");
    }
    if state.contains_key("ActionUrl") == state.contains_key("Handler") {
        checker.value_error("a state of type 'Action' has either ActionUrl or Handler");
    }
    if let Some(url) = state.get("ActionUrl") {
        self::url(&mut checker.at("ActionUrl"), url);
    }
    if let Some(handler) = state.get("Handler") {
        self::handler(&mut checker.at("Handler"), handler);
    }
    if let Some(seconds) = state.get("WaitTime") {
        let mut checker = checker.at("WaitTime");
        match seconds.as_i64() {
            Some(1..) => {}
            Some(_) => checker.value_error("WaitTime is at least 1 second"),
            None => checker.wrong_type(seconds, "value is not a valid integer", "type_error.integer"),
        }
    }
    if let Some(raises) = state.get("ExceptionOnActionFailure").filter(|raises| !raises.is_boolean()) {
        let msg = "value could not be parsed to a boolean";
        checker.at("ExceptionOnActionFailure").wrong_type(raises, msg, "type_error.bool");
    }
    if let Some(role) = state.get("RunAs") {
        let mut checker = checker.at("RunAs");
        if checker.text(role).is_some_and(str::is_empty) {
            checker.value_error("RunAs is \"User\", \"Flow\" or the name of a role");
        }
    }
}

fn url(checker: &mut Checker<'_>, url: &Value) {
    let Some(text) = checker.text(url) else { return };
    // The service takes https only. Providers under test run on this machine.
    if let Err(why) = crate::flows::http_client::check(text) {
        checker
            .fault(format!("string does not match regex \"^https://.+$\": {why}"), "value_error.str.regex");
    }
}

fn handler(checker: &mut Checker<'_>, handler: &Value) {
    if let Some(handle) = handler.as_str() {
        if !handle.starts_with("urn:globus:flows:handle:") {
            checker.value_error(format!(
                "{handle:?} is not a handle such as urn:globus:flows:handle:globus:x.y"
            ));
        }
        return;
    }
    let Some(members) = checker.object(handler) else { return };
    match members.get("Type").and_then(Value::as_str) {
        Some("ActionProvider") => {
            checker.known(members, &["Type", "Url", "Scope"]);
            match members.get("Url") {
                Some(url) => self::url(&mut checker.at("Url"), url),
                None => checker.missing("Url"),
            }
            if let Some(scope) = members.get("Scope") {
                checker.at("Scope").text(scope);
            }
        }
        Some("RegisteredAPI") => {
            checker.known(members, &["Type", "Id"]);
            match members.get("Id") {
                Some(id) if id.as_str().is_some_and(|id| Uuid::parse_str(id).is_ok()) => {}
                Some(id) => checker.at("Id").wrong_type(id, "value is not a valid uuid", "type_error.uuid"),
                None => checker.missing("Id"),
            }
        }
        _ => checker.value_error("the Type of a Handler is 'ActionProvider' or 'RegisteredAPI'"),
    }
}

pub(super) fn catchers(checker: &mut Checker<'_>, catchers: &Value, states: &Map<String, Value>) {
    for (index, catcher) in checker.list(catchers).into_iter().flatten().enumerate() {
        let mut checker = checker.at(index);
        let Some(members) = checker.object(catcher) else { continue };
        checker.known(members, &["ErrorEquals", "Next", "ResultPath"]);
        match members.get("ErrorEquals") {
            None => checker.missing("ErrorEquals"),
            Some(names) => {
                let mut checker = checker.at("ErrorEquals");
                let names = checker.list(names);
                if names.is_some_and(Vec::is_empty) {
                    checker.value_error("ErrorEquals has at least one name");
                }
                for (index, name) in names.into_iter().flatten().enumerate() {
                    checker.at(index).text(name);
                }
            }
        }
        match members.get("Next") {
            None => checker.missing("Next"),
            Some(next) => reference(&mut checker.at("Next"), next, states),
        }
        if let Some(result) = members.get("ResultPath") {
            path(&mut checker.at("ResultPath"), result, true);
        }
    }
}
