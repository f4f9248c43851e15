//! Flows and runs as pictures.

use globus_flows::{RunLogEntry, definition::Definition, picture::Picture};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::definition::{any_state, whole};

/// A flow that copies, looks at what came of it, tries again, and gives up.
fn retrying() -> Definition {
    let definition = json!({"StartAt": "Copy", "States": {
        "Copy": {
            "Type": "Action", "ActionUrl": "https://transfer.actions.globus.org/transfer/", "Parameters": {"a": 1}, "ResultPath": "$.copy",
            "Catch": [{"ErrorEquals": ["ActionTimeout", "States.ALL"], "Next": "Pause", "ResultPath": "$.e"}],
            "Next": "Whole?",
        },
        "Whole?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.copy.details.files", "NumericGreaterThanEquals": 3, "Next": "Done"},
                {"Not": {"Or": [{"Variable": "$.tries", "IsPresent": false}, {"Variable": "$.a", "StringEqualsPath": "$.b"}]}, "Next": "Pause"},
            ],
            "Default": "Give up",
        },
        "Pause": {"Type": "Wait", "Seconds": 90, "Next": "Copy"},
        "Done": {"Type": "Pass", "End": true},
        "Give up": {"Type": "Fail", "Error": "Incomplete", "Cause": "not <whole> & \"sound\""},
    }});
    Definition::from_value(&definition).unwrap()
}

fn entry(second: u32, code: &str, details: &Value) -> RunLogEntry {
    let document = json!({
        "time": format!("2026-05-04T15:{:02}:{:02}Z", second / 60, second % 60),
        "code": code,
        "description": format!("{code} happened"),
        "details": details,
    });
    serde_json::from_value(document).unwrap()
}

fn step(second: u32, code: &str, state: &str) -> RunLogEntry {
    entry(second, code, &json!({"state_name": state, "state_type": "x"}))
}

/// A run whose first copy ran into an error, whose second was not enough, and that gave up.
fn log() -> Vec<RunLogEntry> {
    vec![
        entry(0, "FlowStarted", &json!({})),
        step(0, "ActionStarted", "Copy"),
        step(10, "ActionPolled", "Copy"),
        step(30, "WaitStarted", "Pause"),
        step(120, "WaitCompleted", "Pause"),
        step(120, "ActionStarted", "Copy"),
        step(200, "ActionCompleted", "Copy"),
        step(200, "ChoiceStarted", "Whole?"),
        step(201, "ChoiceCompleted", "Whole?"),
        step(201, "FailStarted", "Give up"),
        entry(
            201,
            "FlowFailed",
            &json!({"state_name": "Give up", "error": "Incomplete", "cause": "not <whole>"}),
        ),
    ]
}

#[test]
fn a_flow_becomes_mermaid() {
    let text = Picture::new(&retrying()).title("Copy: \"twice\"").to_mermaid();
    let expected = [
        r#"title: "Copy: \"twice\"""#,
        "flowchart TD",
        "start((start))",
        r#"s0["<b>Copy</b><br/>Action: transfer"]:::state"#,
        r#"s1{{"<b>Whole?</b><br/>Choice"}}:::state"#,
        r#"s2["<b>Pause</b><br/>Wait: 1 min 30 s"]:::state"#,
        r#"s4[["<b>Give up</b><br/>Fail: Incomplete"]]:::state"#,
        "finish(((end)))",
        "start --> s0",
        "s0 --> s1",
        r#"s0 -.->|"ActionTimeout or any error"| s2"#,
        r#"s1 -->|"copy.details.files ≥ 3"| s3"#,
        r#"s1 -->|"not (tries is not present or a = b)"| s2"#,
        r#"s1 -->|"otherwise"| s4"#,
        "s2 --> s0",
        "s3 --> finish",
    ];
    for line in expected {
        assert!(text.lines().any(|found| found.trim() == line), "{line}\n{text}");
    }
}

#[test]
fn a_run_is_drawn_over_its_flow() {
    for log in [log(), log().into_iter().rev().collect::<Vec<_>>()] {
        let picture = Picture::new(&retrying()).run(&log);
        let text = picture.to_mermaid();
        for line in [
            r#"s0["<b>Copy</b><br/>Action: transfer<br/>1 min 50 s, 2 times"]:::done"#,
            r#"s1{{"<b>Whole?</b><br/>Choice<br/>1 s"}}:::done"#,
            r#"s2["<b>Pause</b><br/>Wait: 1 min 30 s<br/>1 min 30 s"]:::done"#,
            r#"s4[["<b>Give up</b><br/>Fail: Incomplete<br/>failed, 0 ms"]]:::failed"#,
            r#"s3["<b>Done</b><br/>Pass"]:::idle"#,
            r#"s0 ==>|"ActionTimeout or any error"| s2"#,
            "start ==> s0",
            "s2 ==> s0",
            r#"s1 -->|"copy.details.files ≥ 3"| s3"#,
            "s3 --> finish",
        ] {
            assert!(text.lines().any(|found| found.trim() == line), "{line}\n{text}");
        }
        let svg = picture.to_svg();
        assert!(svg.contains("<title>Give up: Incomplete: not &lt;whole&gt;</title>"), "{svg}");
        assert_eq!(svg.matches("edge taken").count() + svg.matches("edge error taken").count(), 5);
    }
}

#[test]
fn a_run_that_goes_on_fails_early_or_is_cancelled_is_drawn() {
    let story = |log: &[RunLogEntry]| Picture::new(&retrying()).run(log).to_mermaid();
    let text = story(&log()[..8]);
    assert!(text.contains(r#"s1{{"<b>Whole?</b><br/>Choice<br/>running"}}:::running"#), "{text}");
    let text = story(&log()[..4]);
    assert!(text.contains("error caught, 30 s\"]:::caught"), "{text}");

    // An error before the state could begin.
    let mut early = log()[..9].to_vec();
    early.push(entry(
        202,
        "FlowFailed",
        &json!({"state_name": "Done", "error": "States.ParameterPathFailure"}),
    ));
    let text = story(&early);
    assert!(text.contains(r#"s3["<b>Done</b><br/>Pass<br/>failed"]:::failed"#), "{text}");
    assert!(text.contains(r#"s1 ==>|"copy.details.files ≥ 3"| s3"#), "{text}");

    // One that waits for somebody, until it is resumed.
    let mut waiting = log()[..2].to_vec();
    waiting.push(step(20, "ActionInactive", "Copy"));
    waiting.push(entry(20, "FlowInactive", &json!({"code": "ConsentRequired"})));
    assert!(story(&waiting).contains("waiting\"]:::waiting"), "{}", story(&waiting));
    waiting.push(entry(30, "FlowResumed", &json!({})));
    assert!(story(&waiting).contains("running\"]:::running"), "{}", story(&waiting));
    for (status, class) in [("INACTIVE", ":::waiting"), ("ACTIVE", ":::running")] {
        let details = json!({"state_name": "Copy", "state_type": "Action", "output": {"status": status}});
        waiting.push(entry(40, "ActionPolled", &details));
        assert!(story(&waiting).contains(class), "{}", story(&waiting));
    }
    assert!(story(&[step(0, "AwaitWebInputStarted", "Copy")]).contains("waiting\"]:::waiting"));

    let mut cancelled = log()[..2].to_vec();
    cancelled.push(entry(65, "FlowCanceled", &json!({})));
    assert!(story(&cancelled).contains("cancelled, 1 min 5 s\"]:::canceled"));

    let mut done = log()[..9].to_vec();
    done.extend([
        step(202, "PassStarted", "Done"),
        step(203, "PassCompleted", "Done"),
        entry(203, "FlowSucceeded", &json!({})),
    ]);
    assert!(story(&done).contains("s3 ==> finish"));
    assert!(story(&[]).contains("s0[\"<b>Copy</b><br/>Action: transfer\"]:::idle"));
}

#[test]
fn svg_holds_the_whole_flow() {
    let svg = Picture::new(&retrying()).title("A & B").to_svg();
    for part in
        ["<title>A &amp; B</title>", ">Copy<", ">Action: transfer<", ">Give up<", ">otherwise<", "edge error"]
    {
        assert!(svg.contains(part), "{part}\n{svg}");
    }
    assert_eq!(svg.matches("<path class=\"edge").count(), 8);
    let whole = Picture::new(&Definition::from_value(&whole()).unwrap()).to_svg();
    assert!(whole.contains(">Worse<") && whole.contains("Action: a.example.org"), "{whole}");
}

#[test]
fn what_is_missing_or_strange_is_drawn_too() {
    let document = json!({"StartAt": "nowhere", "States": {
        "a\"]\n--> <b>": {"Type": "Action", "Next": "gone", "Handler": "urn:globus:flows:handle:globus:groups.show"},
        "new": {"Type": "Map", "Next": "new", "End": true},
        "odd": {},
    }});
    let picture = Picture::new(&Definition::from_value(&document).unwrap());
    let text = picture.to_mermaid();
    assert!(text.contains(r#"s0["<b>nowhere</b><br/>no such state"]:::missing"#), "{text}");
    assert!(
        text.contains("a#34;#93;#10;-- #60;b#62;") || text.contains("a#34;#93;#10;--#62; #60;b#62;"),
        "{text}"
    );
    assert!(text.contains("Action: groups.show"), "{text}");
    let svg = picture.to_svg();
    assert!(svg.contains("&lt;b&gt;") && svg.contains("missing"), "{svg}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_definition_can_be_drawn(
        states in prop::collection::btree_map(".{1,3}", any_state(), 0..6),
        entries in prop::collection::vec(("(Flow|Pass|Action)(Started|Completed|Failed|Succeeded|Canceled)", "[A-C]"), 0..12),
    ) {
        let states: Map<String, Value> = states.into_iter().collect();
        if let Ok(definition) = Definition::from_value(&json!({"StartAt": "A", "States": states})) {
            let log: Vec<RunLogEntry> =
                (0..).zip(&entries).map(|(second, (code, state))| step(second, code, state)).collect();
            let picture = Picture::new(&definition).run(&log);
            prop_assert!(picture.to_mermaid().starts_with("flowchart TD"));
            let svg = picture.to_svg();
            prop_assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf\""));
        }
    }
}

/// The pictures of the guide are what the code draws. `GLOBUS_DRAW=1` draws them again.
#[test]
fn the_guide_shows_what_is_drawn() {
    let flow = Definition::from_value(&crate::common::documented_flows()["move"]).unwrap();
    let planned = Picture::new(&flow).title("Move");
    let run = Picture::new(&retrying()).title("A run that gave up").run(&log());
    for (name, picture) in [("flow.svg", planned), ("run.svg", run)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide").join(name);
        if std::env::var_os("GLOBUS_DRAW").is_some() {
            std::fs::write(&path, picture.to_svg()).unwrap();
        }
        let shown = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        assert_eq!(shown, picture.to_svg(), "{} is not what is drawn: see above", path.display());
    }
}
