//! Definitions and inputs, checked here and by the emulator: what one refuses the other refuses.

use globus_flows::{
    Error, ErrorKind, Flow, NewFlow, RunDefinition,
    definition::{self, Action, Definition, Findings, Pass},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    common::flow_document,
    definition::{any_state, anything, whole},
    emulator,
};

const HELLO: &str = "https://actions.globus.org/hello_world";

/// A definition of one state.
fn one(state: &Value) -> Value {
    json!({"StartAt": "A", "States": {"A": state}})
}

/// A definition that starts with a choice of this rule, and ends either way.
fn choice(rule: &Value) -> Value {
    json!({"StartAt": "A", "States": {
        "A": {"Type": "Choice", "Choices": [rule], "Default": "B"},
        "B": {"Type": "Pass", "End": true},
    }})
}

fn action(members: &Value) -> Value {
    let mut state =
        json!({"Type": "Action", "ActionUrl": HELLO, "Parameters": {"echo_string": "x"}, "End": true});
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => state.as_object_mut().unwrap().remove(name),
            _ => state.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    one(&state)
}

fn findings(definition: &Value) -> Vec<String> {
    let found = definition::validate(definition, None).err();
    found.iter().flatten().map(ToString::to_string).collect()
}

/// Definitions that are wrong, the place of the finding, and a part of its words.
#[expect(clippy::too_many_lines, reason = "a table: a row for each rule")]
fn wrong() -> Vec<(Value, &'static str, &'static str)> {
    let mut rows = vec![
        (json!([]), "", "an object; it is a list"),
        (json!({"States": {"A": {"Type": "Pass", "End": true}}}), "", "StartAt is missing"),
        (json!({"StartAt": "A"}), "", "States is missing"),
        (json!({"StartAt": "A", "States": {}}), ".States", "there must be a state"),
        (
            json!({"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}),
            ".StartAt",
            "no state \"B\"",
        ),
        (
            json!({"StartAt": 1, "States": {"A": {"Type": "Pass", "End": true}}}),
            ".StartAt",
            "text; it is a number",
        ),
        (
            json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}, "Version": "1"}),
            ".Version",
            "no such member",
        ),
        (
            json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "B": {"Type": "Pass", "End": true}}}),
            ".States.B",
            "no state leads here",
        ),
        (one(&json!(7)), ".States.A", "an object; it is a number"),
        (one(&json!({"End": true})), ".States.A", "Type is missing"),
        (one(&json!({"Type": "Parallel", "End": true})), ".States.A.Type", "no type of state \"Parallel\""),
        (one(&json!({"Type": "Pass", "End": true, "Retry": []})), ".States.A.Retry", "no such property"),
        (one(&json!({"Type": "Pass", "End": true, "Comment": null})), ".States.A.Comment", "it is null"),
        (one(&json!({"Type": "Pass"})), ".States.A", "either a \"Next\" state or \"End\": true"),
        (one(&json!({"Type": "Pass", "Next": "A", "End": true})), ".States.A", "either a \"Next\" state"),
        (one(&json!({"Type": "Pass", "End": "yes"})), ".States.A.End", "true or false"),
        (one(&json!({"Type": "Pass", "Next": "B"})), ".States.A.Next", "no state \"B\""),
        (
            one(&json!({"Type": "Pass", "End": true, "InputPath": "a.b"})),
            ".States.A.InputPath",
            "begins with `$`",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "ResultPath": "$.a[*]"})),
            ".States.A.ResultPath",
            "one place",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "ResultPath": "$._context.x"})),
            ".States.A.ResultPath",
            "cannot be written",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"a": {"b.$": "x"}}})),
            ".States.A.Parameters.a['b.$']",
            "begins with `$`",
        ),
        (
            one(&json!({"Type": "ExpressionEval", "End": true, "ResultPath": "$.x"})),
            ".States.A",
            "Parameters is missing",
        ),
        (
            one(&json!({"Type": "ExpressionEval", "End": true, "Parameters": {"a.=": "1"}})),
            ".States.A",
            "ResultPath is missing",
        ),
        (
            one(
                &json!({"Type": "ExpressionEval", "End": true, "ResultPath": "$.x", "Parameters": {"a": [{"b.=": "1 +"}]}}),
            ),
            ".States.A.Parameters.a[0]['b.=']",
            "a value was expected, at character 4",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"__Private_Parameters": "a"}})),
            ".States.A.Parameters.__Private_Parameters",
            "a list of names",
        ),
        (one(&json!({"Type": "Wait", "End": true})), ".States.A", "one of Seconds"),
        (
            one(&json!({"Type": "Wait", "End": true, "Seconds": 1, "SecondsPath": "$.s"})),
            ".States.A",
            "one of Seconds",
        ),
        (one(&json!({"Type": "Wait", "End": true, "Seconds": -1})), ".States.A.Seconds", "at most 31536000"),
        (
            one(&json!({"Type": "Wait", "End": true, "Timestamp": "tomorrow"})),
            ".States.A.Timestamp",
            "RFC 3339",
        ),
        (one(&json!({"Type": "Fail", "Error": "e", "ErrorPath": "$.e"})), ".States.A", "Error or ErrorPath"),
        (one(&json!({"Type": "Fail", "End": true})), ".States.A.End", "no such property"),
        (action(&json!({"ActionUrl": null})), ".States.A", "ActionUrl or Handler"),
        (action(&json!({"Parameters": null})), ".States.A", "Parameters or InputPath"),
        (action(&json!({"InputPath": "$.a"})), ".States.A", "Parameters or InputPath"),
        (action(&json!({"ActionUrl": "ftp://x"})), ".States.A.ActionUrl", "https://"),
        (action(&json!({"WaitTime": "long"})), ".States.A.WaitTime", "whole number"),
        (
            action(&json!({"ExceptionOnActionFailure": 1})),
            ".States.A.ExceptionOnActionFailure",
            "true or false",
        ),
        (action(&json!({"Catch": {}})), ".States.A.Catch", "a list of catchers"),
        (
            action(&json!({"Catch": [{"ErrorEquals": [], "Next": "A"}]})),
            ".States.A.Catch[0].ErrorEquals",
            "name of an error",
        ),
        (action(&json!({"Catch": [{"ErrorEquals": ["x"]}]})), ".States.A.Catch[0]", "Next is missing"),
        (
            action(&json!({"Catch": [{"ErrorEquals": ["x"], "Next": "Z"}]})),
            ".States.A.Catch[0].Next",
            "no state \"Z\"",
        ),
        (
            action(&json!({"ActionUrl": null, "Handler": {"Type": "RegisteredAPI", "Id": "x"}})),
            ".States.A.Handler.Id",
            "id of a registered API",
        ),
        (
            action(&json!({"ActionUrl": null, "Handler": {"Type": "ActionProvider"}})),
            ".States.A.Handler",
            "Url is missing",
        ),
        (
            json!({"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": []}}}),
            ".States.A.Choices",
            "must be a rule",
        ),
    ];
    rows.extend(more_wrong());
    for (rule, place, words) in [
        (json!({"Variable": "$.a", "IsPresent": true}), "", "Next is missing"),
        (json!({"Next": "B"}), "", "And, Or, Not, or a Variable"),
        (json!({"Variable": "$.a", "Next": "B"}), "", "exactly one operator; this one has 0"),
        (
            json!({"Variable": "$.a", "IsNull": true, "IsString": true, "Next": "B"}),
            "",
            "exactly one operator; this one has 2",
        ),
        (json!({"Variable": "$.a", "Equals": 1, "Next": "B"}), ".Equals", "no operator \"Equals\""),
        (json!({"NumericEquals": 1, "Next": "B"}), "", "Variable is missing"),
        (
            json!({"Variable": "$.a", "NumericEquals": "1", "Next": "B"}),
            ".NumericEquals",
            "a number; it is a text",
        ),
        (
            json!({"Variable": "$.a", "StringEqualsPath": "b", "Next": "B"}),
            ".StringEqualsPath",
            "begins with `$`",
        ),
        (json!({"Variable": "$.a", "TimestampEquals": "noon", "Next": "B"}), ".TimestampEquals", "RFC 3339"),
        (json!({"And": [], "Next": "B"}), ".And", "must be a rule"),
        (json!({"Or": {}, "Next": "B"}), ".Or", "a list of rules"),
        (json!({"And": [{"Variable": "$.a"}], "Next": "B"}), ".And[0]", "this one has 0"),
        (
            json!({"Or": [{"Variable": "a", "IsNull": true}], "Next": "B"}),
            ".Or[0].Variable",
            "begins with `$`",
        ),
        (
            json!({"And": [{"Variable": "$.a", "IsNull": true}], "Variable": "$.a", "IsNull": true, "Next": "B"}),
            "",
            "one of And, Or, Not",
        ),
        (json!({"Not": [], "Next": "B"}), ".Not", "an object; it is a list"),
        (json!({"Variable": "$.a", "IsPresent": "yes", "Next": "B"}), ".IsPresent", "true or false"),
        (json!({"Variable": "$.a", "IsPresentPath": "$.b", "Next": "B"}), ".IsPresentPath", "no operator"),
        (json!({"Variable": "$.a", "BooleanEquals": 1, "Next": "B"}), ".BooleanEquals", "true or false"),
        (json!({"Variable": "$.a", "StringMatches": 1, "Next": "B"}), ".StringMatches", "text"),
        (json!({"Variable": "$.a", "IsNull": true, "Next": "Z"}), ".Next", "no state \"Z\""),
        (
            json!({"Not": {"Variable": "$.a", "IsNull": true, "Next": "B"}, "Next": "B"}),
            ".Not.Next",
            "only the outermost",
        ),
    ] {
        let place: &'static str = Box::leak(format!(".States.A.Choices[0]{place}").into_boxed_str());
        rows.push((choice(&rule), place, words));
    }
    rows
}

/// The same, for what properties hold.
#[expect(clippy::too_many_lines, reason = "a table: a row for each rule")]
fn more_wrong() -> Vec<(Value, &'static str, &'static str)> {
    let long = "A".repeat(129);
    let place: &'static str = Box::leak(format!(".States.{long}").into_boxed_str());
    let handler = |handler: Value| action(&json!({"ActionUrl": null, "Handler": handler}));
    let choose = |more: Value| {
        let mut definition = choice(&json!({"Variable": "$.a", "IsNull": true, "Next": "B"}));
        let choice = definition["States"]["A"].as_object_mut().unwrap();
        more.as_object()
            .unwrap()
            .iter()
            .for_each(|(name, value)| drop(choice.insert(name.clone(), value.clone())));
        definition
    };
    let circle = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "End": true},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "Next": "B"},
    }});
    vec![
        (
            json!({"StartAt": &long, "States": {&long: {"Type": "Pass", "End": true}}}),
            place,
            "this one has 129",
        ),
        (json!({"StartAt": "", "States": {"": {"Type": "Pass", "End": true}}}), ".States['']", "1 to 128"),
        (json!({"StartAt": "A", "States": []}), ".States", "an object; it is a list"),
        (json!({"StartAt": "A", "Comment": 1, "States": {"A": {"Type": "Fail"}}}), ".Comment", "text"),
        (circle.clone(), ".States.B", "no state leads here"),
        (circle, ".States.C", "no state leads here"),
        (one(&json!({"Type": 1, "End": true})), ".States.A.Type", "text"),
        (one(&json!({"Type": "Pass", "Next": 7})), ".States.A.Next", "text"),
        (one(&json!({"Type": "Pass", "End": true, "Result": 7})), ".States.A.Result", "an object"),
        (one(&json!({"Type": "Pass", "End": true, "Catch": []})), ".States.A.Catch", "no such property"),
        (
            one(&json!({"Type": "Pass", "End": true, "ResultPath": "x"})),
            ".States.A.ResultPath",
            "begins with `$`",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"a": 1, "a.$": "$.b"}})),
            ".States.A.Parameters['a.$']",
            "given twice",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"x": [{"a.=": "1", "a": 1}]}})),
            ".States.A.Parameters.x[0]['a.=']",
            "given twice",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"a.=": 1}})),
            ".States.A.Parameters['a.=']",
            "text; it is a number",
        ),
        (
            one(&json!({"Type": "Pass", "End": true, "Parameters": {"__Private_Parameters": [1]}})),
            ".States.A.Parameters.__Private_Parameters",
            "a list of names",
        ),
        (one(&json!({"Type": "Wait", "End": true, "Seconds": 1.5})), ".States.A.Seconds", "whole number"),
        (one(&json!({"Type": "Wait", "End": true, "Seconds": 31_536_001})), ".States.A.Seconds", "at most"),
        (
            one(&json!({"Type": "Wait", "End": true, "SecondsPath": "s"})),
            ".States.A.SecondsPath",
            "begins with",
        ),
        (one(&json!({"Type": "Fail", "CausePath": "$.a.", "Error": "e"})), ".States.A.CausePath", "a name"),
        (one(&json!({"Type": "Fail", "Cause": 1})), ".States.A.Cause", "text"),
        (
            one(&json!({"Type": "AwaitWebInput", "InputPath": "$.q", "Seconds": 1, "End": true})),
            ".States.A.Seconds",
            "no such property",
        ),
        (one(&json!({"Type": "CreateWebInput", "Parameters": {}})), ".States.A", "either a \"Next\" state"),
        (action(&json!({"Parameters": []})), ".States.A.Parameters", "an object"),
        (action(&json!({"WaitTime": 0})), ".States.A.WaitTime", "at least 1"),
        (action(&json!({"RunAs": ""})), ".States.A.RunAs", "the name of a role"),
        (action(&json!({"RunAs": 7})), ".States.A.RunAs", "text"),
        (action(&json!({"ActionScope": 7})), ".States.A.ActionScope", "text"),
        (action(&json!({"Catch": [7]})), ".States.A.Catch[0]", "an object"),
        (
            action(&json!({"Catch": [{"ErrorEquals": [1], "Next": "A"}]})),
            ".States.A.Catch[0].ErrorEquals",
            "name of an error",
        ),
        (
            action(&json!({"Catch": [{"ErrorEquals": ["x"], "Next": "A", "ResultPath": "$.a[*]"}]})),
            ".States.A.Catch[0].ResultPath",
            "one place",
        ),
        (
            action(&json!({"Catch": [{"ErrorEquals": ["x"], "Next": "A", "Retry": 1}]})),
            ".States.A.Catch[0].Retry",
            "no such member",
        ),
        (handler(json!("transfer")), ".States.A.Handler", "a handle begins with"),
        (handler(json!(7)), ".States.A.Handler", "a handle or an object"),
        (handler(json!({"Url": HELLO})), ".States.A.Handler", "Type is missing"),
        (handler(json!({"Type": "Lambda"})), ".States.A.Handler.Type", "ActionProvider or RegisteredAPI"),
        (handler(json!({"Type": "ActionProvider", "Url": "ftp://x"})), ".States.A.Handler.Url", "https://"),
        (
            handler(json!({"Type": "ActionProvider", "Url": HELLO, "Id": "x"})),
            ".States.A.Handler.Id",
            "no such member",
        ),
        (choose(json!({"Default": "Z"})), ".States.A.Default", "no state \"Z\""),
        (choose(json!({"Next": "B"})), ".States.A.Next", "no such property"),
        (choose(json!({"Choices": {}})), ".States.A.Choices", "a list of rules"),
    ]
}

/// Definitions that are sound.
fn sound() -> Vec<Value> {
    vec![
        one(&json!({"Type": "Pass", "End": true})),
        one(
            &json!({"Type": "Pass", "End": true, "Parameters": {"a.$": "$.b[0]['c d']", "b.=": "x + 1", "c": [1, null]}}),
        ),
        one(&json!({"Type": "Wait", "End": true, "Timestamp": "2026-05-04T15:22:33.5+02:00"})),
        one(&json!({"Type": "Fail"})),
        one(&json!({"Type": "Fail", "ErrorPath": "$.e", "Cause": "c"})),
        action(
            &json!({"RunAs": "Flow", "WaitTime": 60, "ExceptionOnActionFailure": false, "ResultPath": "$.x"}),
        ),
        action(&json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A", "ResultPath": "$.e"}]})),
        choice(
            &json!({"And": [{"Variable": "$.a", "IsPresent": true}, {"Not": {"Variable": "$.a", "StringMatches": "x*"}}], "Next": "B"}),
        ),
        choice(&json!({"Variable": "$.a", "NumericLessThanEqualsPath": "$.b", "Next": "B"})),
    ]
}

#[test]
fn every_rule_says_where_it_is_broken() {
    for (definition, place, words) in wrong() {
        let found = findings(&definition);
        let place = format!("$.definition{place}: ");
        assert!(
            found.iter().any(|finding| finding.starts_with(&place) && finding.contains(words)),
            "{definition}: {place}{words}: {found:?}"
        );
    }
}

#[test]
fn what_is_sound_passes() {
    for definition in sound() {
        assert!(findings(&definition).is_empty(), "{definition}: {:?}", findings(&definition));
    }
    let emulated = action(&json!({"ActionUrl": "http://127.0.0.1:4000/hello"}));
    assert!(findings(&emulated).is_empty());
    assert!(!findings(&action(&json!({"ActionUrl": "http://example.org/hello"}))).is_empty());
}

#[tokio::test]
async fn the_emulator_judges_alike() {
    let emulator = emulator::start().await;
    let flows = emulator::ada(&emulator).await;
    for (definition, ..) in wrong() {
        let judged = flows.validate_flow(definition.clone()).send().await;
        assert!(judged.is_err(), "only refused here: {definition}: {:?}", findings(&definition));
    }
    for definition in sound() {
        if let Err(error) = flows.validate_flow(definition.clone()).send().await {
            panic!("only refused by the emulator: {definition}: {error}");
        }
    }
    emulator.stop().await;
}

#[test]
fn everything_is_found_at_once() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Wait", "Seconds": "x", "Next": "nowhere"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "a", "IsNull": 1, "Next": "B"}]},
    }});
    let found = definition::validate(&definition, Some(&json!({"type": 7}))).unwrap_err();
    let places: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(
        places,
        [
            "$.definition.States.A.Seconds",
            "$.definition.States.B.Choices[0].Variable",
            "$.definition.States.B.Choices[0].IsNull",
            "$.definition.States.A.Next",
            "$.definition.States.B",
            "$.input_schema.type",
        ]
    );
    let text = found.to_string();
    assert!(
        text.starts_with("6 findings: $.definition.States.A.Seconds: this must be") && !text.contains('\n')
    );
    let error = Error::from(found);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<Findings>().unwrap().as_slice().len(), 6);
}

#[test]
fn what_nothing_supplies_is_found() {
    let schema = |names: &[&str], open: bool| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        json!({"type": "object", "properties": properties, "additionalProperties": open})
    };
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "ExpressionEval", "Parameters": {"n.=": "a + 1"}, "ResultPath": "$.x", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.c", "IsPresent": true, "Next": "A"}], "Default": "C"},
        "C": {"Type": "Wait", "SecondsPath": "$.d.e", "Next": "D"},
        "D": {"Type": "Pass", "Parameters": {"y.$": "$.x.n", "z.$": "$._context.run_id"}, "Next": "E"},
        "E": {"Type": "Pass", "Parameters": {"old.=": "x", "new.=": "y or nobody"}, "End": true},
    }});
    let judge = |schema: &Value| -> Vec<String> {
        let found = definition::validate(&definition, Some(schema)).err();
        found.iter().flatten().map(|finding| finding.path.clone()).collect()
    };
    let after_d = "$.definition.States.E.Parameters['old.=']";
    assert_eq!(judge(&schema(&["a", "d"], false)), [after_d]);
    assert_eq!(judge(&schema(&["d"], false)), ["$.definition.States.A.Parameters['n.=']", after_d]);
    assert_eq!(judge(&schema(&["a"], false)), ["$.definition.States.C.SecondsPath", after_d]);
    // An input that may hold anything supplies anything, until it is replaced.
    assert_eq!(judge(&schema(&[], true)), [after_d]);
    assert_eq!(judge(&json!({"additionalProperties": false, "patternProperties": {"a": {}}})), [after_d]);

    // What a catcher writes is there after an error only, and replaces everything without a path.
    let caught = |path: &Value| {
        let mut catcher = json!({"ErrorEquals": ["States.ALL"], "Next": "B"});
        if path.is_string() {
            catcher["ResultPath"] = path.clone();
        }
        json!({"StartAt": "A", "States": {
            "A": {"Type": "Action", "ActionUrl": HELLO, "InputPath": "$.a", "ResultPath": "$.out", "Catch": [catcher], "End": true},
            "B": {"Type": "Fail", "CausePath": "$.error.Cause"},
        }})
    };
    let closed = schema(&["a"], false);
    assert!(definition::validate(&caught(&json!("$.error")), Some(&closed)).is_ok());
    assert!(definition::validate(&caught(&json!(null)), Some(&closed)).is_ok());
    assert!(definition::validate(&caught(&json!("$.other")), Some(&closed)).is_err());

    // A role needs the token that the input brings.
    let role = action(&json!({"RunAs": "Robot"}));
    let found = definition::validate(&role, Some(&schema(&[], false))).unwrap_err();
    assert_eq!(found.as_slice()[0].path, "$.definition.States.A.RunAs");
    assert!(definition::validate(&role, Some(&schema(&["_tokens"], false))).is_ok());
    assert!(definition::validate(&role, Some(&json!({}))).is_ok());
}

#[test]
fn documents_check_themselves() {
    let broken = Definition::new("A").state("A", Action::new(HELLO).parameter("a.=", "(").next("B"));
    let found = broken.validate().unwrap_err();
    assert_eq!(found.as_slice().len(), 2, "{found}");
    let flow = NewFlow::new("t", &broken).input_schema(json!({"type": "nothing"}));
    assert_eq!(flow.validate().unwrap_err().as_slice().len(), 3);
    let good = Definition::new("A").state("A", Pass::new().end());
    assert_eq!(good.validate(), Ok(()));
    assert_eq!(NewFlow::new("t", good).validate(), Ok(()));
    let too_long = NewFlow::new("t", "x").validate().unwrap_err();
    assert_eq!(too_long.as_slice().len(), 1, "{too_long}");
}

#[test]
fn inputs_are_held_against_the_schema() {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["source", "count"],
        "additionalProperties": false,
        "propertyOrder": ["source", "count"],
        "properties": {
            "source": {
                "type": "object",
                "format": "globus-collection",
                "required": ["id", "path"],
                "properties": {"id": {"type": "string", "format": "uuid"}, "path": {"type": "string"}},
            },
            "count": {"type": "integer", "minimum": 1},
            "when": {"type": "string", "format": "date-time"},
            "to": {"type": "string", "format": "email"},
        },
    });
    let good = json!({"source": {"id": "1d0c1c6e-0d0b-4b9a-9a53-5a5c1f9b7f10", "path": "/"}, "count": 1, "when": "2026-05-04T15:22:33Z", "to": "ada@example.org"});
    definition::validate_input(&schema, &good).unwrap();
    let bad = json!({"source": {"id": "hunter2"}, "count": 0, "when": "noon", "to": "nobody", "more": 1});
    let found = definition::validate_input(&schema, &bad).unwrap_err();
    let mut places: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["$", "$.count", "$.source", "$.source.id", "$.to", "$.when"], "{found}");
    assert!(!found.to_string().contains("hunter2") && !found.to_string().contains("nobody"), "{found}");
    assert_eq!(definition::validate_input(&schema, &json!([])).unwrap_err().as_slice()[0].path, "$");
    for (schema, line) in [
        (json!({"additionalProperties": false}), "$: the schema admits no members here"),
        (json!({"properties": {"a": false}}), "$.a: the schema admits nothing here"),
    ] {
        let found = definition::validate_input(&schema, &json!({"a": 1})).unwrap_err();
        assert_eq!(found.as_slice()[0].to_string(), line);
    }
    let unusable = definition::validate_input(&json!({"type": 1}), &json!({})).unwrap_err();
    assert!(unusable.to_string().contains("schema cannot be used"), "{unusable}");

    let mut document = flow_document();
    document["input_schema"] = schema.clone();
    let flow: Flow = serde_json::from_value(document.clone()).unwrap();
    assert!(flow.validate_input(&good).is_ok() && flow.validate_input(&bad).is_err());
    document["input_schema"] = Value::Null;
    let unknown: Flow = serde_json::from_value(document).unwrap();
    assert!(unknown.validate_input(&bad).is_ok() && unknown.validate_input(&json!(1)).is_err());
    let run: RunDefinition = serde_json::from_value(
        json!({"flow_id": crate::common::FLOW, "definition": {}, "input_schema": schema}),
    )
    .unwrap();
    assert!(run.validate_input(&good).is_ok() && run.validate_input(&bad).is_err());
}

/// What may look like an expression or a path.
fn scribble() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c0-9 .()\\[\\]{}'\"`$*+,:<=>!?@é\n\\\\-]{0,40}", ".{0,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        states in prop::collection::btree_map("[A-Z]{1,2}", any_state(), 0..5),
        definition in anything(),
        schema in anything(),
        input in anything(),
    ) {
        let states: serde_json::Map<String, Value> = states.into_iter().collect();
        let _ = definition::validate(&json!({"StartAt": "A", "States": states}), Some(&schema));
        let _ = definition::validate(&definition, Some(&schema));
        let _ = definition::validate_input(&schema, &input);
    }

    #[test]
    fn no_text_is_too_odd(text in scribble()) {
        let state = json!({"Type": "ExpressionEval", "Parameters": {"a.=": text, "b.$": text}, "ResultPath": text, "End": true});
        let _ = definition::validate(&one(&state), None);
    }

    /// What is wrong in one member is found wherever a state has it.
    #[test]
    fn an_unknown_member_is_found(name in "[a-z]{1,8}") {
        let mut document = whole();
        document["States"]["Nap"][&name] = json!(1);
        let found = findings(&document);
        prop_assert!(found.iter().any(|finding| finding.contains(&name)), "{:?}", found);
    }
}

/// Flows in the way of the service's documentation, with schemas that name all of their input.
#[test]
fn flows_of_the_documentation_are_sound() {
    let collection = json!({"type": "object", "format": "globus-collection", "required": ["id", "path"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "path": {"type": "string"},
    }});
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["source", "destination"], "properties": {
        "source": collection, "destination": collection, "principal": {"type": "object", "format": "globus-principal"},
    }});
    for (name, flow) in crate::common::documented_flows() {
        if let Err(found) = definition::validate(&flow, Some(&schema)) {
            panic!("{name}: {found}");
        }
        // Every state that is taken away is missed.
        let names: Vec<String> = flow["States"].as_object().unwrap().keys().cloned().collect();
        for state in names {
            let mut broken = flow.clone();
            broken["States"].as_object_mut().unwrap().remove(&state);
            assert!(definition::validate(&broken, Some(&schema)).is_err(), "{name} without {state}");
        }
    }
}
