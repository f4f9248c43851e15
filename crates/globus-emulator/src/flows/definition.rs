//! What a flow definition must look like.

mod action;
mod choices;
pub(crate) mod graph;
mod state;

use serde_json::{Map, Value};

use super::error::Invalid;

/// The faults of one part of a definition, each with its place.
pub(crate) struct Checker<'a> {
    loc: Vec<Value>,
    faults: &'a mut Vec<Invalid>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(loc: &[Value], faults: &'a mut Vec<Invalid>) -> Checker<'a> {
        Checker { loc: loc.to_vec(), faults }
    }

    /// The same, one step further down.
    fn at(&mut self, step: impl Into<Value>) -> Checker<'_> {
        let mut loc = self.loc.clone();
        loc.push(step.into());
        Checker { loc, faults: self.faults }
    }

    fn fault(&mut self, msg: impl Into<String>, kind: &'static str) {
        self.faults.push(Invalid::new(&self.loc, msg, kind));
    }

    fn value_error(&mut self, msg: impl Into<String>) {
        self.fault(msg, "value_error");
    }

    fn missing(&mut self, name: &str) {
        self.at(name).fault("field required", "value_error.missing");
    }

    fn object<'v>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.wrong_type(value, "value is not a valid dict", "type_error.dict");
        }
        object
    }

    fn list<'v>(&mut self, value: &'v Value) -> Option<&'v Vec<Value>> {
        let list = value.as_array();
        if list.is_none() {
            self.wrong_type(value, "value is not a valid list", "type_error.list");
        }
        list
    }

    fn text<'v>(&mut self, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.wrong_type(value, "str type expected", "type_error.str");
        }
        text
    }

    fn wrong_type(&mut self, value: &Value, msg: &str, kind: &'static str) {
        if value.is_null() {
            self.fault("none is not an allowed value", "type_error.none.not_allowed");
        } else {
            self.fault(msg, kind);
        }
    }

    /// Refuses members that are not among these.
    fn known(&mut self, members: &Map<String, Value>, known: &[&str]) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.at(name.as_str()).fault("extra fields not permitted", "value_error.extra");
        }
    }
}

/// Finds what is wrong with a definition. `loc` is where it stands in the body.
pub(crate) fn check(definition: &Value, loc: &[Value], faults: &mut Vec<Invalid>) {
    let before = faults.len();
    let mut checker = Checker::new(loc, faults);
    let Some(definition) = checker.object(definition) else { return };
    checker.known(definition, &["StartAt", "States", "Comment"]);
    if let Some(comment) = definition.get("Comment") {
        checker.at("Comment").text(comment);
    }
    let states = match definition.get("States") {
        None => {
            checker.missing("States");
            None
        }
        Some(states) => {
            let mut checker = checker.at("States");
            let states = checker.object(states);
            if states.is_some_and(Map::is_empty) {
                checker.value_error("a flow must have at least one state");
            }
            states.filter(|states| !states.is_empty())
        }
    };
    match (definition.get("StartAt"), states) {
        (None, _) => checker.missing("StartAt"),
        (Some(start), states) => {
            let mut checker = checker.at("StartAt");
            let start = checker.text(start);
            if let (Some(start), Some(states)) = (start, states)
                && !states.contains_key(start)
            {
                checker.value_error(format!("unknown state: {start:?} is not one of States"));
            }
        }
    }
    let Some(states) = states else { return };
    for (name, definition) in states {
        state::check(&mut checker.at("States").at(name.as_str()), name, definition, states);
    }
    // What is out of reach can be told only when every step is sound.
    if faults.len() == before
        && let Some(start) = definition.get("StartAt").and_then(Value::as_str)
    {
        let unreachable = graph::unreachable(start, states);
        if !unreachable.is_empty() {
            let msg = format!("unreachable state(s): {}", unreachable.join(", "));
            let loc = [loc, &["States".into()]].concat();
            faults.push(Invalid::new(&loc, msg, "value_error"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(definition: &Value) -> Vec<(Vec<Value>, &'static str)> {
        let mut faults = Vec::new();
        check(definition, &["definition".into()], &mut faults);
        faults.into_iter().map(|fault| (fault.loc, fault.kind)).collect()
    }

    fn loc(steps: &[&str]) -> Vec<Value> {
        std::iter::once("definition").chain(steps.iter().copied()).map(Value::from).collect()
    }

    #[test]
    fn a_sound_definition_has_no_fault() {
        assert_eq!(
            faults(&json!({"Comment": "c", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})),
            []
        );
    }

    #[test]
    fn every_fault_is_found_where_it_is() {
        for (definition, steps, kind) in [
            (json!([]), &[][..], "type_error.dict"),
            (json!({"StartAt": "A"}), &["States"], "value_error.missing"),
            (json!({"StartAt": "A", "States": {}}), &["States"], "value_error"),
            (json!({"StartAt": "A", "States": []}), &["States"], "type_error.dict"),
            (json!({"States": {"A": {"Type": "Pass", "End": true}}}), &["StartAt"], "value_error.missing"),
            (
                json!({"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}),
                &["StartAt"],
                "value_error",
            ),
            (
                json!({"StartAt": 1, "States": {"A": {"Type": "Pass", "End": true}}}),
                &["StartAt"],
                "type_error.str",
            ),
            (
                json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}, "Version": "1"}),
                &["Version"],
                "value_error.extra",
            ),
            (
                json!({"StartAt": "A", "States": {"A": {}}}),
                &["States", "A"],
                "value_error.discriminated_union.missing_discriminator",
            ),
            (
                json!({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
                &["States", "A"],
                "value_error.discriminated_union.invalid_discriminator",
            ),
            (json!({"StartAt": "A", "States": {"A": 1}}), &["States", "A"], "type_error.dict"),
        ] {
            assert_eq!(faults(&definition), [(loc(steps), kind)], "{definition}");
        }
    }

    /// A state as the only one of a flow; the next of those that need one is itself.
    fn of_state(state: &Value) -> Vec<(Vec<Value>, &'static str)> {
        faults(&json!({"StartAt": "A", "States": {"A": state}}))
    }

    #[test]
    fn every_type_of_state_has_a_sound_form() {
        let end = json!({"Type": "Pass", "End": true});
        for state in [
            json!({"Type": "Action", "ActionUrl": "https://actions.globus.org/hello_world", "Parameters": {"a.$": "$.b",
                "c.=": "d + 1", "__Private_Parameters": ["a"]}, "ResultPath": "$.r", "WaitTime": 5, "RunAs": "Flow",
                "ExceptionOnActionFailure": false, "Comment": "c", "ActionScope": "s", "Next": "End",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End", "ResultPath": "$.e"}]}),
            json!({"Type": "Action", "Handler": {"Type": "ActionProvider", "Url": "http://127.0.0.1:5/x", "Scope": "s"},
                "InputPath": "$.a", "Next": "End"}),
            json!({"Type": "Action", "Handler": {"Type": "RegisteredAPI", "Id": "6a1d5d5e-1f44-4c6a-9d6c-4c1b8f0e55d1"},
                "InputPath": "$.a", "Next": "End"}),
            json!({"Type": "Action", "Handler": "urn:globus:flows:handle:globus:groups.list", "InputPath": "$", "Next": "End"}),
            json!({"Type": "Pass", "Parameters": {"x": [1, {"y.=": "1"}]}, "InputPath": "$.a[0]", "Next": "End"}),
            json!({"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$", "Next": "End"}),
            json!({"Type": "ExpressionEval", "Parameters": {"x.=": "`$.a`"}, "ResultPath": "$.x", "Next": "End"}),
            json!({"Type": "Choice", "Default": "End", "Choices": [
                {"And": [{"Variable": "$.a", "IsPresent": true}, {"Not": {"Variable": "$.a", "NumericEquals": 1.5}}], "Next": "End"},
                {"Or": [{"Variable": "$.a", "TimestampLessThan": "2026-01-02T03:04:05Z"}], "Next": "End"}]}),
            json!({"Type": "Wait", "Seconds": 0, "Next": "End"}),
            json!({"Type": "Wait", "TimestampPath": "$.when", "Next": "End"}),
            json!({"Type": "Wait", "Timestamp": "2026-01-02T03:04:05+01:00", "Next": "End"}),
            json!({"Type": "CreateWebInput", "Parameters": {"InputType": "Selection"}, "ResultPath": "$.w", "Next": "End"}),
            json!({"Type": "AwaitWebInput", "InputPath": "$.w", "Next": "End",
                "Catch": [{"ErrorEquals": ["Flows.WebInputExpired"], "Next": "End"}]}),
        ] {
            let definition = json!({"StartAt": "A", "States": {"A": state, "End": end}});
            assert_eq!(faults(&definition), [], "{state}");
        }
        assert_eq!(of_state(&json!({"Type": "Fail", "Error": "E", "CausePath": "$.c"})), []);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of everything that can be wrong")]
    fn every_fault_of_a_state_is_found_where_it_is() {
        let pass = |more: Value| {
            let mut state = json!({"Type": "Pass", "End": true});
            state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            state
        };
        let action = |more: Value| {
            let mut state =
                json!({"Type": "Action", "ActionUrl": "https://a.example/x", "Parameters": {}, "End": true});
            let members = state.as_object_mut().unwrap();
            members.extend(more.as_object().unwrap().clone());
            members.retain(|_, value| *value != "-");
            state
        };
        let choice = |rule: Value| json!({"Type": "Choice", "Choices": [rule]});
        for (state, steps, kind) in [
            (json!({"Type": "Pass"}), json!([]), "value_error"),
            (pass(json!({"Next": "A"})), json!([]), "value_error"),
            (pass(json!({"End": "yes"})), json!(["End"]), "type_error.bool"),
            (json!({"Type": "Pass", "Next": "Z"}), json!(["Next"]), "value_error"),
            (pass(json!({"Colour": 1})), json!(["Colour"]), "value_error.extra"),
            (pass(json!({"Comment": 1})), json!(["Comment"]), "type_error.str"),
            (pass(json!({"Comment": null})), json!(["Comment"]), "type_error.none.not_allowed"),
            (pass(json!({"Parameters": []})), json!(["Parameters"]), "type_error.dict"),
            (pass(json!({"Parameters": {"a.$": "b"}})), json!(["Parameters", "a.$"]), "value_error"),
            (pass(json!({"Parameters": {"a.$": 1}})), json!(["Parameters", "a.$"]), "value_error"),
            (
                pass(json!({"Parameters": {"x": [{"a.=": "1 +"}]}})),
                json!(["Parameters", "x", 0, "a.="]),
                "value_error",
            ),
            (pass(json!({"Parameters": {"a": 1, "a.=": "1"}})), json!(["Parameters", "a.="]), "value_error"),
            (
                pass(json!({"Parameters": {"__Private_Parameters": "a"}})),
                json!(["Parameters", "__Private_Parameters"]),
                "type_error.list",
            ),
            (pass(json!({"InputPath": "a"})), json!(["InputPath"]), "value_error"),
            (pass(json!({"ResultPath": "$.a[*]"})), json!(["ResultPath"]), "value_error"),
            (pass(json!({"ResultPath": "$._context.a"})), json!(["ResultPath"]), "value_error"),
            (pass(json!({"Result": 1})), json!(["Result"]), "type_error.dict"),
            (pass(json!({"Catch": []})), json!(["Catch"]), "value_error.extra"),
            (action(json!({"InputPath": "$.a"})), json!([]), "value_error"),
            (action(json!({"Parameters": "-"})), json!([]), "value_error"),
            (action(json!({"ActionUrl": "-"})), json!([]), "value_error"),
            (action(json!({"Handler": "urn:globus:flows:handle:x"})), json!([]), "value_error"),
            (
                action(json!({"ActionUrl": "http://example.org/x"})),
                json!(["ActionUrl"]),
                "value_error.str.regex",
            ),
            (
                action(json!({"ActionUrl": "-", "Handler": {"Type": "Other"}})),
                json!(["Handler"]),
                "value_error",
            ),
            (
                action(json!({"ActionUrl": "-", "Handler": {"Type": "RegisteredAPI", "Id": "x"}})),
                json!(["Handler", "Id"]),
                "type_error.uuid",
            ),
            (action(json!({"WaitTime": 0})), json!(["WaitTime"]), "value_error"),
            (action(json!({"WaitTime": "5"})), json!(["WaitTime"]), "type_error.integer"),
            (
                action(json!({"ExceptionOnActionFailure": 1})),
                json!(["ExceptionOnActionFailure"]),
                "type_error.bool",
            ),
            (action(json!({"RunAs": ""})), json!(["RunAs"]), "value_error"),
            (
                action(json!({"Catch": [{"ErrorEquals": [], "Next": "A"}]})),
                json!(["Catch", 0, "ErrorEquals"]),
                "value_error",
            ),
            (
                action(json!({"Catch": [{"ErrorEquals": ["x"], "Next": "Z"}]})),
                json!(["Catch", 0, "Next"]),
                "value_error",
            ),
            (
                action(json!({"Catch": [{"ErrorEquals": ["x"]}]})),
                json!(["Catch", 0, "Next"]),
                "value_error.missing",
            ),
            (
                action(json!({"Catch": [{"ErrorEquals": ["x"], "Next": "A", "Retry": 1}]})),
                json!(["Catch", 0, "Retry"]),
                "value_error.extra",
            ),
            (
                json!({"Type": "ExpressionEval", "End": true, "ResultPath": "$.a"}),
                json!(["Parameters"]),
                "value_error.missing",
            ),
            (
                json!({"Type": "ExpressionEval", "End": true, "Parameters": {}}),
                json!(["ResultPath"]),
                "value_error.missing",
            ),
            (json!({"Type": "Choice"}), json!(["Choices"]), "value_error.missing"),
            (json!({"Type": "Choice", "Choices": []}), json!(["Choices"]), "value_error"),
            (
                choice(json!({"Variable": "$.a", "NumericEquals": 1})),
                json!(["Choices", 0, "Next"]),
                "value_error.missing",
            ),
            (choice(json!({"Variable": "$.a", "Next": "A"})), json!(["Choices", 0]), "value_error"),
            (
                choice(json!({"Variable": "$.a", "IsNull": true, "IsPresent": true, "Next": "A"})),
                json!(["Choices", 0]),
                "value_error",
            ),
            (
                choice(json!({"NumericEquals": 1, "Next": "A"})),
                json!(["Choices", 0, "Variable"]),
                "value_error.missing",
            ),
            (
                choice(json!({"Variable": "$.a", "NumericEquals": "1", "Next": "A"})),
                json!(["Choices", 0, "NumericEquals"]),
                "value_error",
            ),
            (
                choice(json!({"Variable": "$.a", "NumericEqualsPath": "b", "Next": "A"})),
                json!(["Choices", 0, "NumericEqualsPath"]),
                "value_error",
            ),
            (
                choice(json!({"Variable": "$.a", "TimestampEquals": "noon", "Next": "A"})),
                json!(["Choices", 0, "TimestampEquals"]),
                "value_error",
            ),
            (choice(json!({"And": [], "Next": "A"})), json!(["Choices", 0, "And"]), "value_error"),
            (
                choice(json!({"Not": {"Variable": "$.a", "IsNull": true, "Next": "A"}, "Next": "A"})),
                json!(["Choices", 0, "Not", "Next"]),
                "value_error.extra",
            ),
            (
                choice(json!({"Variable": "$.a", "Between": 1, "Next": "A"})),
                json!(["Choices", 0, "Between"]),
                "value_error.extra",
            ),
            (json!({"Type": "Wait", "End": true}), json!([]), "value_error"),
            (
                json!({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": true}),
                json!([]),
                "value_error",
            ),
            (json!({"Type": "Wait", "Seconds": -1, "End": true}), json!(["Seconds"]), "value_error"),
            (json!({"Type": "Wait", "Timestamp": "noon", "End": true}), json!(["Timestamp"]), "value_error"),
            (json!({"Type": "Fail", "Error": "a", "ErrorPath": "$.a"}), json!([]), "value_error"),
            (json!({"Type": "Fail", "End": true}), json!(["End"]), "value_error.extra"),
        ] {
            let mut expected: Vec<Value> = loc(&["States", "A"]);
            expected.extend(steps.as_array().unwrap().iter().cloned());
            let found = of_state(&state);
            assert!(found.contains(&(expected, kind)), "{state}: {found:?}");
        }
    }

    #[test]
    fn states_out_of_reach_are_named() {
        let pass = |next: &str| json!({"Type": "Pass", "Next": next});
        let definition = json!({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "End": true}, "B": pass("C"), "C": pass("B")}});
        let mut faults = Vec::new();
        check(&definition, &[], &mut faults);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].msg, "unreachable state(s): B, C");
    }

    proptest::proptest! {
        /// Whatever is sent as a definition, there is an answer, and what is sound can be followed.
        #[test]
        fn no_definition_makes_it_panic(definition in arbitrary(4)) {
            let found = faults(&definition);
            if found.is_empty() {
                proptest::prop_assert!(graph::possibilities(&definition) >= 1);
            }
            let _ = graph::missing_inputs(&definition, &json!({"additionalProperties": false}), &[]);
        }
    }

    /// JSON in which the words of definitions turn up often, and often where they belong.
    fn arbitrary(depth: u32) -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        const NAMES: [&str; 34] = [
            "A",
            "B",
            "StartAt",
            "States",
            "Type",
            "Next",
            "End",
            "Parameters",
            "InputPath",
            "ResultPath",
            "Result",
            "Catch",
            "ActionUrl",
            "Handler",
            "WaitTime",
            "RunAs",
            "Choices",
            "Default",
            "And",
            "Or",
            "Not",
            "Variable",
            "NumericEquals",
            "IsPresent",
            "Seconds",
            "SecondsPath",
            "Timestamp",
            "Error",
            "CausePath",
            "ErrorEquals",
            "x.$",
            "x.=",
            "Url",
            "__Private_Parameters",
        ];
        const WORDS: [&str; 20] = [
            "A",
            "B",
            "Pass",
            "Action",
            "Choice",
            "Wait",
            "Fail",
            "ExpressionEval",
            "CreateWebInput",
            "AwaitWebInput",
            "$.a",
            "$",
            "$.a[*]",
            "a + 1",
            "1 +",
            "https://a.example/x",
            "States.ALL",
            "2026-01-02T03:04:05Z",
            "",
            "é",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            proptest::sample::select(&WORDS[..]).prop_map(Value::from),
        ];
        let name = proptest::sample::select(&NAMES[..]).prop_map(str::to_owned);
        let value = leaf.prop_recursive(depth, 64, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(name.clone(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        (value.clone(), value.clone(), value, any::<bool>()).prop_map(|(a, b, whole, shaped)| {
            let merge = |kind: &str, mut state: Value| {
                if let Some(members) = state.as_object_mut() {
                    members.insert("Type".to_owned(), kind.into());
                    members.entry("Next").or_insert_with(|| "B".into());
                }
                state
            };
            if shaped {
                json!({"StartAt": "A", "States": {"A": merge("Choice", a), "B": merge("Action", b)}})
            } else {
                whole
            }
        })
    }
}
