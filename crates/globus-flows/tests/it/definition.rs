//! Definitions are read and written without loss, and composed as they would be written by hand.

use globus_flows::{
    NewFlow,
    definition::{
        Action, AwaitWebInput, Catch, Choice, CreateWebInput, Definition, ExpressionEval, Fail, Pass, Rule,
        State, Wait,
    },
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every state type with every property.
pub(crate) fn whole() -> Value {
    json!({
        "Comment": "all of it",
        "StartAt": "Act",
        "States": {
            "Act": {
                "Type": "Action", "Comment": "c", "ActionUrl": "https://a.example.org/", "ActionScope": "s",
                "Handler": {"Type": "RegisteredAPI", "Id": "x"},
                "Parameters": {"a": 1, "b.$": "$.b", "c.=": "1 + 1", "__Private_Parameters": ["a"]},
                "InputPath": "$.in", "ResultPath": "$.out", "WaitTime": 60,
                "ExceptionOnActionFailure": false, "RunAs": "Flow",
                "Catch": [{"ErrorEquals": ["ActionTimeout"], "Next": "Pick", "ResultPath": "$.e"}, {"ErrorEquals": ["States.ALL"], "Next": "Bad"}],
                "Next": "Pick",
            },
            "Pick": {
                "Type": "Choice", "Comment": "c", "Default": "Bad",
                "Choices": [
                    {"Variable": "$.a", "NumericGreaterThan": 1.5, "Next": "Nap"},
                    {"And": [{"Variable": "$.a", "IsPresent": true}, {"Not": {"Variable": "$.b", "StringMatches": "x*"}}], "Next": "Eval"},
                    {"Or": [{"Variable": "$.a", "BooleanEqualsPath": "$.b"}], "Next": "Ask"},
                    {"Variable": "$.t", "TimestampLessThan": "2026-01-01T00:00:00Z", "Next": "Set"},
                ],
            },
            "Nap": {"Type": "Wait", "Seconds": 60, "Next": "Nap2"},
            "Nap2": {"Type": "Wait", "SecondsPath": "$.s", "Next": "Nap3"},
            "Nap3": {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "Nap4"},
            "Nap4": {"Type": "Wait", "TimestampPath": "$.t", "End": true},
            "Eval": {"Type": "ExpressionEval", "Parameters": {"x.=": "a"}, "ResultPath": "$.x", "End": true},
            "Set": {"Type": "Pass", "InputPath": "$.i", "Result": {"n": 1}, "Parameters": {}, "ResultPath": "$.r", "End": true},
            "Ask": {"Type": "CreateWebInput", "Parameters": {"InputType": "Selection"}, "ResultPath": "$.q", "Catch": [], "Next": "Await"},
            "Await": {"Type": "AwaitWebInput", "InputPath": "$.q", "ResultPath": "$.a", "End": true},
            "Bad": {"Type": "Fail", "Error": "E", "Cause": "because"},
            "Worse": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"},
        },
    })
}

#[test]
fn nothing_of_a_definition_is_lost() {
    let definition = Definition::from_value(&whole()).unwrap();
    assert_eq!(definition.to_value(), whole());
    let known = definition.states.values().all(|state| !matches!(state, State::Unknown(_)));
    assert!(known && definition.extra().is_empty(), "{definition:?}");
    let State::Action(action) = &definition.states["Act"] else { panic!("{definition:?}") };
    assert!(
        action.extra().is_empty() && action.wait_time == Some(60) && action.run_as.as_deref() == Some("Flow")
    );
    assert_eq!(definition.next_of("Act"), ["Pick", "Bad"]);
    assert_eq!(definition.next_of("Pick"), ["Nap", "Eval", "Ask", "Set", "Bad"]);
    assert!(definition.next_of("Bad").is_empty() && definition.next_of("nobody").is_empty());
}

#[test]
fn what_is_new_is_kept() {
    let mut document = whole();
    document["Version"] = json!("2");
    document["States"]["Act"]["Retry"] = json!([{"MaxAttempts": 3}]);
    document["States"]["Pick"]["Choices"][0]["Note"] = json!("n");
    document["States"]["Pick"]["Choices"][1] = json!({"Xor": [], "Next": "Nap"});
    document["States"]["Map"] = json!({"Type": "Map", "Iterator": {}, "Next": "Bad"});
    document["States"]["Odd"] = json!({"Typ": 1});
    let definition = Definition::from_value(&document).unwrap();
    assert_eq!(definition.to_value(), document);
    assert_eq!(definition.next_of("Map"), ["Bad"]);
    assert_eq!(definition.states["Map"].state_type(), "Map");
}

#[test]
fn what_is_no_definition_says_where() {
    for (path, value, expected) in [
        ("/StartAt", json!(1), "invalid type: integer `1`, expected a string"),
        ("/States", json!([]), "expected a map"),
        ("/States/Act", json!(7), "a state must be an object"),
        ("/States/Act/WaitTime", json!("long"), "Action state: invalid type: string"),
        ("/States/Pick/Choices", json!(null), "Choice state: "),
    ] {
        let mut document = whole();
        *document.pointer_mut(path).unwrap() = value;
        let error = Definition::from_value(&document).unwrap_err().to_string();
        assert!(error.contains("no definition of a flow") && error.contains(expected), "{error}");
    }
    assert!(Definition::from_value(&json!({"States": {}})).unwrap_err().to_string().contains("StartAt"));
}

#[test]
fn parameters_are_given_one_by_one_or_together() {
    let id = "6a1d5d5e-1f44-4c6a-9d6c-4c1b8f0e55d1";
    let given = serde_json::Map::from_iter([("c".to_owned(), json!([1]))]);
    let action = Action::registered_api(id.parse().unwrap())
        .parameter("a", 1)
        .parameters([("b.$", "$.b"), ("a", "two")])
        .parameters(given)
        .end();
    let written = Definition::new("A").state("A", action).to_value();
    assert_eq!(
        written["States"]["A"],
        json!({"Type": "Action", "Handler": {"Type": "RegisteredAPI", "Id": id}, "End": true,
            "Parameters": {"a": "two", "b.$": "$.b", "c": [1]}})
    );
}

#[test]
fn code_composes_what_a_hand_writes() {
    let definition = Definition::new("Act")
        .comment("c")
        .state(
            "Act",
            Action::new("https://a.example.org/")
                .action_scope("s")
                .parameter("a", 1)
                .parameter("b.$", "$.b")
                .private_parameters(["a"])
                .result_path("$.out")
                .wait_time(60)
                .exception_on_action_failure(false)
                .run_as("User")
                .catch(Catch::new(["ActionTimeout"], "Pick").result_path("$.e"))
                .catch(Catch::all("Bad"))
                .next("Pick"),
        )
        .state(
            "Pick",
            Choice::new([
                Rule::numeric_greater_than("$.a", 2).next("Nap"),
                Rule::all_of([Rule::is_present("$.a", true), Rule::not(Rule::string_matches("$.b", "x*"))])
                    .next("Ask"),
                Rule::any_of([Rule::boolean_equals_at("$.a", "$.b"), Rule::compare("$.a", "IsNull", true)])
                    .next("Eval"),
            ])
            .default("Bad"),
        )
        .state("Nap", Wait::for_seconds(60).next("Eval"))
        .state("Eval", ExpressionEval::new("$.x").parameter("x.=", "a + 1").end())
        .state("Ask", CreateWebInput::new("$.q").parameter("InputType", "Selection").next("Answer"))
        .state("Answer", AwaitWebInput::new("$.q.web_input_id").catch(Catch::all("Bad")).next("Set"))
        .state("Set", Pass::new().result(json!({"n": 1})).end())
        .state("Bad", Fail::new().error("E").cause("because"));
    let written = json!({
        "Comment": "c",
        "StartAt": "Act",
        "States": {
            "Act": {
                "Type": "Action", "ActionUrl": "https://a.example.org/", "ActionScope": "s",
                "Parameters": {"a": 1, "b.$": "$.b", "__Private_Parameters": ["a"]}, "ResultPath": "$.out", "WaitTime": 60,
                "ExceptionOnActionFailure": false, "RunAs": "User",
                "Catch": [{"ErrorEquals": ["ActionTimeout"], "Next": "Pick", "ResultPath": "$.e"}, {"ErrorEquals": ["States.ALL"], "Next": "Bad"}],
                "Next": "Pick",
            },
            "Pick": {
                "Type": "Choice", "Default": "Bad",
                "Choices": [
                    {"Variable": "$.a", "NumericGreaterThan": 2, "Next": "Nap"},
                    {"And": [{"Variable": "$.a", "IsPresent": true}, {"Not": {"Variable": "$.b", "StringMatches": "x*"}}], "Next": "Ask"},
                    {"Or": [{"Variable": "$.a", "BooleanEqualsPath": "$.b"}, {"Variable": "$.a", "IsNull": true}], "Next": "Eval"},
                ],
            },
            "Nap": {"Type": "Wait", "Seconds": 60, "Next": "Eval"},
            "Eval": {"Type": "ExpressionEval", "ResultPath": "$.x", "Parameters": {"x.=": "a + 1"}, "End": true},
            "Ask": {"Type": "CreateWebInput", "ResultPath": "$.q", "Parameters": {"InputType": "Selection"}, "Next": "Answer"},
            "Answer": {"Type": "AwaitWebInput", "Parameters": {"web_input_id.$": "$.q.web_input_id"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad"}], "Next": "Set"},
            "Set": {"Type": "Pass", "Result": {"n": 1}, "End": true},
            "Bad": {"Type": "Fail", "Error": "E", "Cause": "because"},
        },
    });
    assert_eq!(definition.to_value(), written);
    let flow = serde_json::to_value(NewFlow::new("t", &definition)).unwrap();
    assert_eq!(flow["definition"], written);
}

/// Any JSON, not too deep.
pub(crate) fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z$.]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[A-Z][a-z]{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any state: a known type or another word, and members that may be known ones.
pub(crate) fn any_state() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just("Action"),
        Just("Pass"),
        Just("ExpressionEval"),
        Just("Choice"),
        Just("Wait"),
        Just("Fail"),
        Just("CreateWebInput"),
        Just("AwaitWebInput"),
        Just("Parallel"),
    ];
    let name = prop_oneof![
        Just("Next".to_owned()),
        Just("End".to_owned()),
        Just("Parameters".to_owned()),
        Just("Choices".to_owned()),
        Just("Catch".to_owned()),
        Just("Handler".to_owned()),
        Just("Comment".to_owned()),
        "[A-Z][a-z]{0,6}",
    ];
    (kind, prop::collection::btree_map(name, anything(), 0..5)).prop_map(|(kind, members)| {
        let mut state: Map<String, Value> = members.into_iter().collect();
        state.insert("Type".to_owned(), kind.into());
        Value::Object(state)
    })
}

/// Leaves out what is `null`, which no valid definition has where a property is known.
fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_null(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(without_null).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_can_be_read_is_written_as_it_was(states in prop::collection::btree_map("[A-Z]{1,3}", any_state(), 0..5)) {
        let states: Map<String, Value> = states.into_iter().collect();
        let document = without_null(&json!({"StartAt": "A", "States": states}));
        if let Ok(definition) = Definition::from_value(&document) {
            prop_assert_eq!(definition.to_value(), document);
        }
    }

    #[test]
    fn nothing_panics(document in anything()) {
        let _ = Definition::from_value(&document);
    }
}
