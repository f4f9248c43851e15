//! Runs: every type of state, errors and who catches them, limits, the log, lists.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::encode;
use crate::lab::Lab;

const HELLO: &str = "https://actions.globus.org/hello_world";

fn code(document: &Value) -> &str {
    document["error"]["code"].as_str().unwrap()
}

#[tokio::test]
async fn states_work_on_the_data_of_the_run() {
    let lab = Lab::start().await;
    let flow = lab
        .flow(
            "Made",
            json!({
            "Made": {"Type": "Pass", "Parameters": {"sum.=": "a + b", "who.$": "$._context.username"},
                "ResultPath": "$.made", "Next": "Fixed"},
            "Fixed": {"Type": "Pass", "Result": {"x": [1]}, "ResultPath": "$.fixed.deep", "Next": "Eval"},
            "Eval": {"Type": "ExpressionEval", "Parameters": {"n.=": "len(fixed.deep.x) + made.sum"},
                "ResultPath": "$.eval", "Next": "Pick"},
            "Pick": {"Type": "Choice", "Default": "Wrong", "Choices": [
                {"Variable": "$.eval.n", "NumericGreaterThan": 100, "Next": "Wrong"},
                {"Variable": "$.eval.n", "NumericEqualsPath": "$.wanted", "Next": "Copy"}]},
            "Copy": {"Type": "Pass", "InputPath": "$.fixed.deep.x[0]", "ResultPath": "$.copy", "Next": "End"},
            "Wrong": {"Type": "Fail", "Error": "Wrong", "Cause": "way"},
            "End": {"Type": "Pass", "End": true}}),
        )
        .await;
    let output = lab.output(&flow, json!({"a": 1, "b": 2, "wanted": 4})).await;
    assert_eq!(
        output,
        json!({
            "a": 1, "b": 2, "wanted": 4, "made": {"sum": 3, "who": output["made"]["who"]},
            "fixed": {"deep": {"x": [1]}}, "eval": {"n": 4}, "copy": 1,
        })
    );
    assert!(output["made"]["who"].as_str().unwrap().ends_with("@clients.auth.globus.org"));
    let failed = lab.run(&flow, json!({"a": 100, "b": 2, "wanted": 4})).await;
    assert_eq!(failed["status"], "FAILED");
    let details = &failed["details"];
    assert_eq!((&details["code"], &details["details"]["error"]), (&json!("FlowFailed"), &json!("Wrong")));
    assert_eq!(details["details"]["state_name"], "Wrong");
    assert!(failed["completion_time"].is_string());
}

#[tokio::test]
async fn a_run_shows_what_it_was_asked_and_what_it_did() {
    let lab = Lab::start().await;
    let flow = lab.flow("A", json!({"A": {"Type": "Pass", "End": true}})).await;
    let path = format!("/flows/flows/{}/run", flow.id);
    let body = json!({"body": {"x": 1, "_private_key": "secret"}, "label": "run 7", "tags": ["  lab   a "],
        "run_monitors": ["urn:globus:groups:id:c1a5d0b2-9f7e-4a63-8a0e-6f2b1c3d4e5f"]});
    let run = lab.server.json("POST", &path, &flow.token, &body).await.expect(201);
    assert_eq!((&run["label"], &run["tags"]), (&json!("run 7"), &json!(["lab a"])));
    assert_eq!(run["user_roles"], json!(["run_owner", "flow_run_manager"]));
    assert_eq!(run["details"]["details"], json!({"input": {"x": 1}}));
    let id = run["run_id"].as_str().unwrap();
    let done = lab.until(id, &["SUCCEEDED"]).await;
    assert_eq!(done["details"]["output"], json!({"x": 1}));
    assert_eq!(lab.codes(id).await, ["FlowStarted", "PassStarted", "PassCompleted", "FlowSucceeded"]);
    let log = lab.log(id).await;
    assert_eq!(log[1]["details"], json!({"state_name": "A", "state_type": "Pass", "input": {"x": 1}}));

    let reverse = format!("/flows/runs/{id}/log?limit=3&reverse_order=True");
    let page = lab.server.get_with(&reverse, &lab.token).await.expect(200);
    assert_eq!(
        (&page["entries"][0]["code"], &page["has_next_page"]),
        (&json!("FlowSucceeded"), &json!(true))
    );
    let next = format!("/flows/flows/{}/runs/{id}/log?marker={}", flow.id, page["marker"].as_str().unwrap());
    let page = lab.server.get_with(&next, &lab.token).await.expect(200);
    assert_eq!((&page["entries"][0]["code"], &page["has_next_page"]), (&json!("FlowStarted"), &json!(false)));
    for query in ["limit=0", "limit=101", "marker=x", "reverse_order=perhaps"] {
        let reply = lab.server.get_with(&format!("/flows/runs/{id}/log?{query}"), &lab.token).await;
        assert_eq!(code(&reply.expect(400)), "BAD_REQUEST", "{query}");
    }

    let definition =
        lab.server.get_with(&format!("/flows/runs/{id}/definition"), &lab.token).await.expect(200);
    assert_eq!(definition["definition"]["StartAt"], "A");
    let described = format!("/flows/runs/{id}?include_flow_description=True");
    let described = lab.server.get_with(&described, &lab.token).await.expect(200);
    assert_eq!(described["flow_description"]["title"], "Flow");
    let changed = json!({"label": "x", "tags": []});
    let changed =
        lab.server.json("PUT", &format!("/flows/runs/{id}"), &lab.token, &changed).await.expect(200);
    assert_eq!((&changed["label"], &changed["tags"]), (&json!("x"), &json!([])));
}

#[tokio::test]
async fn an_input_must_fit_the_schema_of_its_flow() {
    let lab = Lab::start().await;
    let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    let flow = lab
        .flow_with(&json!({"input_schema": schema,
            "definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}))
        .await;
    for verb in ["run", "validate_run"] {
        let path = format!("/flows/flows/{}/{verb}", flow.id);
        let refused =
            lab.server.json("POST", &path, &flow.token, &json!({"body": {"n": "x"}})).await.expect(400);
        assert_eq!(code(&refused), "FLOW_INPUT_ERROR");
        assert_eq!(refused["error"]["message"], "Input failed schema validation with 1 error.");
        let expected =
            json!([{"loc": ["$.n"], "msg": "'x' is not of type 'integer'", "type": "InvalidActionInput"}]);
        assert_eq!(refused["error"]["detail"], expected);
        let refused = lab.server.json("POST", &path, &flow.token, &json!({"label": "x"})).await.expect(422);
        assert_eq!(refused["error"]["detail"][0]["loc"], json!(["body"]));
        let missing =
            lab.server.json("POST", &path, &lab.token, &json!({"body": {"n": 1}})).await.expect(403);
        assert_eq!(code(&missing), "MISSING_SCOPE");
    }
    let path = format!("/flows/flows/{}/validate_run", flow.id);
    let fine = lab.server.json("POST", &path, &flow.token, &json!({"body": {"n": 1}})).await.expect(200);
    assert_eq!(fine, json!({"message": "validation successful"}));
    assert_eq!(lab.server.get_with("/flows/runs", &lab.token).await.expect(200)["runs"], json!([]));
}

#[tokio::test]
async fn errors_are_caught_by_name() {
    let lab = Lab::start().await;
    let action = |more: Value| {
        let mut state = json!({"Type": "Action", "ActionUrl": HELLO, "Parameters": {"sleep_time": 0}, "ResultPath": "$.r",
            "Next": "Done"});
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        state
    };
    let catch = |name: &str| {
        json!([{"ErrorEquals": ["Other"], "Next": "Wrong"},
        {"ErrorEquals": [name], "Next": "Caught", "ResultPath": "$.caught"}])
    };
    for (state, name, part) in [
        // What the provider does not take.
        (
            action(json!({"Parameters": {"sleep_time": "x"}, "Catch": catch("ActionUnableToRun")})),
            "ActionUnableToRun",
            "422",
        ),
        // What is not there.
        (
            action(json!({"Parameters": {"a.$": "$.gone"}, "Catch": catch("States.ALL")})),
            "States.ParameterPathFailure",
            "$.gone",
        ),
        (
            action(json!({"Parameters": {"a.=": "1 / 0"}, "Catch": catch("States.All")})),
            "States.IntrinsicFailure",
            "ZeroDivision",
        ),
        // A result that cannot be written.
        (
            action(json!({"ResultPath": "$.text.below", "Catch": catch("States.ResultPathMatchFailure")})),
            "States.ResultPathMatchFailure",
            "$.text.below",
        ),
        // A provider that says no, a role without a token.
        (
            action(
                json!({"ActionUrl": "https://actions.globus.org/expression_eval", "Parameters": {"expression": "1 +"},
            "Catch": catch("ActionFailedException")}),
            ),
            "ActionFailedException",
            "SyntaxError",
        ),
        (
            action(json!({"RunAs": "Curator", "Catch": catch("NoTokenException")})),
            "NoTokenException",
            "Curator",
        ),
    ] {
        let end = json!({"Type": "Pass", "End": true});
        let fail = json!({"Type": "Fail", "Error": "Uncaught"});
        let caught = json!({"A": state, "Done": fail, "Wrong": fail, "Caught": end});
        let flow = lab.flow("A", caught).await;
        let output = lab.output(&flow, json!({"text": "x"})).await;
        assert_eq!(output["caught"]["Error"], name, "{output}");
        assert!(output["caught"]["Cause"].as_str().unwrap().contains(part), "{output}");

        let mut uncaught = state.clone();
        uncaught.as_object_mut().unwrap().remove("Catch");
        let flow = lab.flow("A", json!({"A": uncaught, "Done": end})).await;
        let failed = lab.run(&flow, json!({"text": "x"})).await;
        assert_eq!(
            (&failed["status"], &failed["details"]["details"]["error"]),
            (&json!("FAILED"), &json!(name))
        );
        assert_eq!(lab.codes(failed["run_id"].as_str().unwrap()).await.last().unwrap(), "FlowFailed");
    }
}

#[tokio::test]
async fn a_failure_is_no_error_where_the_flow_says_so() {
    let lab = Lab::start().await;
    let flow = lab
        .flow(
            "A",
            json!({"A": {"Type": "Action", "ActionUrl": "https://actions.globus.org/expression_eval",
            "Parameters": {"expression": "nothing"}, "ExceptionOnActionFailure": false, "End": true}}),
        )
        .await;
    let output = lab.output(&flow, json!({})).await;
    assert_eq!((&output["status"], &output["state_name"]), (&json!("FAILED"), &json!("A")));
}

#[tokio::test]
async fn time_is_the_emulators() {
    let lab = Lab::start().await;
    let flow = lab
        .flow("W", json!({
            "W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "T"},
            "T": {"Type": "Wait", "TimestampPath": "$.until", "Next": "Nap"},
            "Nap": {"Type": "Action", "ActionUrl": HELLO, "WaitTime": 7200, "Parameters": {"sleep_time": 3600},
                "ResultPath": "$.nap", "End": true}}))
        .await;
    let run = lab.start_run(&flow, json!({"seconds": 86_400, "until": "2020-01-01T00:00:00+01:00"})).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(lab.codes(&run).await.last().unwrap(), "WaitStarted");
    lab.advance(86_400).await;
    loop {
        let codes = lab.codes(&run).await;
        if codes.last().unwrap() == "ActionStarted" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    lab.advance(3601).await;
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(done["details"]["output"]["nap"]["details"]["Hello"], "World");
}

#[tokio::test]
async fn an_action_that_takes_too_long_is_canceled() {
    let lab = Lab::start().await;
    let nap = json!({"Type": "Action", "ActionUrl": HELLO, "WaitTime": 60, "Parameters": {"sleep_time": 3600}, "End": true,
        "Catch": [{"ErrorEquals": ["ActionTimeout"], "Next": "Late", "ResultPath": "$.late"}]});
    let flow = lab.flow("A", json!({"A": nap, "Late": {"Type": "Pass", "End": true}})).await;
    let run = lab.start_run(&flow, json!({})).await;
    while lab.codes(&run).await.last().unwrap() != "ActionStarted" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    lab.advance(61).await;
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    let late = &done["details"]["output"]["late"];
    assert_eq!(late["Error"], "ActionTimeout");
    let status: Value = serde_json::from_str(late["Cause"].as_str().unwrap()).unwrap();
    assert_eq!(status["status"], "ACTIVE");
}

#[tokio::test]
async fn a_run_ends_when_it_is_canceled_and_goes_when_it_is_released() {
    let lab = Lab::start().await;
    let flow = lab.flow("W", json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}})).await;
    let run = lab.start_run(&flow, json!({})).await;
    let path = format!("/flows/runs/{run}");
    let conflict = lab.post(&format!("{path}/release"), &lab.token).await.expect(409);
    assert_eq!(code(&conflict), "STATE_CONFLICT");
    let text = conflict["error"]["detail"].as_str().unwrap();
    assert!(text.contains("has status 'ACTIVE' but must have status in"), "{text}");
    let canceled = lab.post(&format!("{path}/cancel"), &flow.token).await.expect(202);
    assert_eq!(
        (&canceled["status"], &canceled["details"]["code"]),
        (&json!("FAILED"), &json!("FlowCanceled"))
    );
    assert_eq!(lab.post(&format!("{path}/cancel"), &lab.token).await.status, 202);
    assert_eq!(lab.codes(&run).await, ["FlowStarted", "WaitStarted", "FlowCanceled"]);
    assert_eq!(lab.post(&format!("{path}/release"), &lab.token).await.expect(200)["run_id"], json!(run));
    for reply in
        [lab.server.get_with(&path, &lab.token).await, lab.post(&format!("{path}/cancel"), &lab.token).await]
    {
        assert_eq!(code(&reply.expect(404)), "NOT_FOUND");
    }
}

#[tokio::test]
async fn five_hundred_states_and_a_hundred_runs_finish() {
    let lab = Lab::start().await;
    let mut states = serde_json::Map::new();
    for number in 0..499 {
        let next = format!("S{}", number + 1);
        let state = json!({"Type": "ExpressionEval", "Parameters": {"n.=": "count.n + 1"}, "ResultPath": "$.count", "Next": next});
        states.insert(format!("S{number}"), state);
    }
    states.insert("S499".to_owned(), json!({"Type": "Pass", "End": true}));
    let long = lab.flow("S0", Value::Object(states)).await;
    let output = lab.output(&long, json!({"count": {"n": 0}})).await;
    assert_eq!(output, json!({"count": {"n": 499}}));

    let short = lab
        .flow("A", json!({
            "A": {"Type": "Action", "ActionUrl": HELLO, "Parameters": {"echo_string.=": "str(n)"}, "ResultPath": "$.r", "Next": "B"},
            "B": {"Type": "ExpressionEval", "Parameters": {"back.=": "int(r.details.hello)"}, "ResultPath": "$.out", "End": true}}))
        .await;
    let mut runs = Vec::new();
    for number in 0..100 {
        runs.push((number, lab.start_run(&short, json!({"n": number})).await));
    }
    for (number, run) in runs {
        let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
        assert_eq!(done["details"]["output"]["out"]["back"], number, "{done:#}");
    }
}

#[tokio::test]
async fn what_never_ends_is_ended() {
    let lab = Lab::start().await;
    let failed = |run: Value, error: &str| {
        assert_eq!((&run["status"], &run["details"]["details"]["error"]), (&json!("FAILED"), &json!(error)));
        assert!(!run["details"]["details"]["cause"].as_str().unwrap().is_empty());
    };
    let round = json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}});
    failed(lab.run(&lab.flow("A", round).await, json!({})).await, "States.ExceedStateLimit");
    let growing = json!({"A": {"Type": "ExpressionEval", "ResultPath": "$.x", "Next": "A", "Parameters": {"x.=": "x.x + x.x + 'a'"}}});
    failed(lab.run(&lab.flow("A", growing).await, json!({"x": {"x": "a"}})).await, "States.IntrinsicFailure");
    let heavy = json!({"A": {"Type": "ExpressionEval", "ResultPath": "$.x", "Next": "B", "Parameters": {"x.=": "['a' * 50000 for i in [1, 2, 3, 4, 5]]"}},
        "B": {"Type": "Pass", "End": true}});
    failed(lab.run(&lab.flow("A", heavy).await, json!({})).await, "States.DataLimitExceeded");
    let wordy = json!({"A": {"Type": "Pass", "Next": "A"}});
    failed(
        lab.run(&lab.flow("A", wordy).await, json!({"text": "x".repeat(100_000)})).await,
        "States.ExceedHistoryLimit",
    );
    let large = lab
        .run(
            &lab.flow("B", json!({"B": {"Type": "Pass", "End": true}})).await,
            json!({"x": "x".repeat(210_000)}),
        )
        .await;
    assert_eq!(lab.codes(large["run_id"].as_str().unwrap()).await, ["FlowStarted", "FlowFailed"]);
    failed(large, "States.DataLimitExceeded");
    let year = lab.flow("W", json!({"W": {"Type": "Wait", "Seconds": 31_536_000, "Next": "X"}, "X": {"Type": "Wait", "Seconds": 9, "End": true}})).await;
    let run = lab.start_run(&year, json!({})).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    lab.advance(31_536_100).await;
    // In a year, tokens expire.
    let lab = Lab::of(lab.server).await;
    failed(lab.until(&run, &["FAILED", "SUCCEEDED"]).await, "States.Timeout");
    let stuck = json!({"A": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}]}, "B": {"Type": "Pass", "End": true}});
    failed(lab.run(&lab.flow("A", stuck).await, json!({"n": 2})).await, "States.NoChoiceMatched");
}

#[tokio::test]
async fn what_is_private_stays_out_of_sight() {
    let lab = Lab::start().await;
    let flow = lab
        .flow("A", json!({
            "A": {"Type": "Action", "ActionUrl": HELLO, "ResultPath": "$._private_result", "Next": "B",
                "Parameters": {"echo_string.$": "$._private_key", "sleep_time": 0, "__Private_Parameters": ["echo_string"]}},
            "B": {"Type": "ExpressionEval", "ResultPath": "$.shown", "End": true,
                "Parameters": {"same.=": "_private_result.details.hello == _private_key", "_private_copy.$": "$._private_key"}}}))
        .await;
    let run = lab.run(&flow, json!({"_private_key": "SECRET", "_tokens": {"x": "SECRET"}})).await;
    assert_eq!(run["details"]["output"], json!({"shown": {"same": true}}), "{run:#}");
    let log = json!(lab.log(run["run_id"].as_str().unwrap()).await).to_string();
    assert!(!log.contains("SECRET") && !log.contains("_tokens") && !log.contains("_private"), "{log}");

    // Nor does an error tell: that of a provider which repeats what it does not take, or of an expression.
    let wrong = json!({"sleep_time.$": "$._private_key", "__Private_Parameters": ["sleep_time"]});
    let broken = json!({"echo_string.=": "'SECRET' + 5", "__Private_Parameters": ["echo_string"]});
    for (parameters, error) in [(wrong, "ActionUnableToRun"), (broken, "States.IntrinsicFailure")] {
        let action = json!({"Type": "Action", "ActionUrl": HELLO, "Parameters": parameters, "End": true});
        let flow = lab.flow("A", json!({"A": action})).await;
        let failed = lab.run(&flow, json!({"_private_key": "SECRET"})).await;
        assert_eq!(failed["details"]["details"]["error"], error, "{failed:#}");
        let told = json!([failed, lab.log(failed["run_id"].as_str().unwrap()).await]).to_string();
        assert!(!told.contains("SECRET"), "{told}");
    }
}

#[tokio::test]
async fn runs_are_listed_page_by_page() {
    let lab = Lab::start().await;
    let good = lab.flow_with(&json!({"title": "Good", "definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}})).await;
    let bad = lab
        .flow_with(
            &json!({"title": "Bad", "definition": {"StartAt": "A", "States": {"A": {"Type": "Fail"}}}}),
        )
        .await;
    for number in 0..12 {
        let flow = if number % 3 == 0 { &bad } else { &good };
        let body = json!({"body": {}, "label": format!("run {number:02}")});
        let run = lab
            .server
            .json("POST", &format!("/flows/flows/{}/run", flow.id), &flow.token, &body)
            .await
            .expect(201);
        lab.until(run["run_id"].as_str().unwrap(), &["SUCCEEDED", "FAILED"]).await;
    }
    let list = async |query: &str| -> Vec<String> {
        let mut labels = Vec::new();
        let mut query = query.to_owned();
        loop {
            let page = lab.server.get_with(&format!("/flows/runs?{query}"), &lab.token).await.expect(200);
            labels.extend(
                page["runs"].as_array().unwrap().iter().map(|run| run["label"].as_str().unwrap().to_owned()),
            );
            match page["marker"].as_str() {
                Some(marker) => query = encode(&[("marker", marker)]),
                None => return labels,
            }
        }
    };
    let all = list("per_page=100").await;
    assert_eq!(all.len(), 12);
    assert_eq!(all[0], "run 11", "newest first");
    assert_eq!(list("per_page=1").await, all);
    assert_eq!(list("per_page=5&orderby=label%20ASC").await[..2], ["run 00", "run 01"]);
    assert_eq!(list("filter_status=FAILED").await.len(), 4);
    assert_eq!(list("filter_status=FAILED,SUCCEEDED").await.len(), 12);
    assert_eq!(list("filter_label=RUN%201").await.len(), 2);
    assert_eq!(list("filter_flow_title=good").await.len(), 8);
    assert_eq!(list(&format!("filter_flow_id={}", bad.id)).await.len(), 4);
    assert_eq!(list("filter_roles=run_monitor").await.len(), 0);
    assert_eq!(list("filter_roles=run_monitors,flow_run_manager").await.len(), 12);
    assert_eq!(list("filter_role=run_monitor").await.len(), 12);
    assert_eq!(list("filter_start_time=2020-01-01,2021-01-01").await.len(), 0);
    assert_eq!(list("filter_completion_time=2020-01-01,").await.len(), 12);
    let of_flow = format!("/flows/flows/{}/runs", bad.id);
    assert_eq!(
        lab.server.get_with(&of_flow, &bad.token).await.expect(200)["runs"].as_array().unwrap().len(),
        4
    );
    let as_actions = format!("/flows/flows/{}/actions", bad.id);
    let page = lab.server.get_with(&as_actions, &bad.token).await.expect(200);
    assert_eq!((page["actions"].as_array().unwrap().len(), page.get("runs")), (4, None));
    for query in [
        "filter_label=",
        "filter_roles=king",
        "orderby=colour",
        "filter_start_time=noon",
        "per_page=0",
        "filter_roles=run_owner&filter_role=run_owner",
    ] {
        let reply = lab.server.get_with(&format!("/flows/runs?{query}"), &lab.token).await;
        assert_eq!(code(&reply.expect(400)), "BAD_REQUEST", "{query}");
    }
}

#[tokio::test]
async fn runs_outlive_their_flow_and_are_forgotten_in_the_end() {
    let lab = Lab::start().await;
    let before = lab.server.get("/_emulator/clock").await.expect(200)["now"].clone();
    let flow = lab
        .flow(
            "A",
            json!({"A": {"Type": "Pass", "Parameters": {"info.$": "$._context.token_info"}, "End": true}}),
        )
        .await;
    let run = lab.run(&flow, json!({})).await;
    let (id, info) = (run["run_id"].as_str().unwrap().to_owned(), &run["details"]["output"]["info"]);
    assert_eq!(info["exp"].as_i64().unwrap() - info["iat"].as_i64().unwrap(), 48 * 3600, "{before} {info}");
    lab.server
        .send("DELETE", &format!("/flows/flows/{}", flow.id), &[("Authorization", &lab.token)], b"")
        .await
        .expect(200);
    let path = format!("/flows/runs/{id}?include_flow_description=true");
    let shown = lab.server.get_with(&path, &lab.token).await.expect(200);
    let description = &shown["flow_description"];
    assert_eq!(
        (&description["title"], description["deleted_at"].is_string()),
        (&json!("Flow"), true),
        "{shown:#}"
    );

    lab.advance(89 * 86_400).await;
    let lab = Lab::of(lab.server).await;
    assert_eq!(
        lab.server.get_with("/flows/runs", &lab.token).await.expect(200)["runs"].as_array().unwrap().len(),
        1
    );
    lab.advance(86_401).await;
    assert_eq!(code(&lab.server.get_with(&path, &lab.token).await.expect(404)), "NOT_FOUND");
    assert_eq!(lab.server.get_with("/flows/runs", &lab.token).await.expect(200)["runs"], json!([]));
}

#[tokio::test]
async fn a_log_tells_what_became_of_an_action() {
    let lab = Lab::start().await;
    let action = |more: Value| {
        let mut state =
            json!({"Type": "Action", "ActionUrl": HELLO, "Parameters": {"sleep_time": 60}, "End": true});
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"A": state})
    };
    let flow = lab.flow("A", action(json!({}))).await;
    let run = lab.start_run(&flow, json!({})).await;
    while lab.show(&run).await["details"]["action_statuses"].as_array().is_none_or(Vec::is_empty) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lab.advance(61).await;
    lab.until(&run, &["SUCCEEDED"]).await;
    let expected = ["FlowStarted", "ActionStarted", "ActionPolled", "ActionCompleted", "FlowSucceeded"];
    assert_eq!(lab.codes(&run).await, expected);
    let polled = &lab.log(&run).await[2]["details"];
    assert_eq!((&polled["state_name"], &polled["output"]["status"]), (&json!("A"), &json!("SUCCEEDED")));

    for (more, code) in [
        (json!({"Parameters": {"sleep_time": "x"}}), "ActionUnableToRun"),
        (
            json!({"ActionUrl": "https://actions.globus.org/expression_eval", "Parameters": {"expression": "1/0"}}),
            "ActionFailed",
        ),
    ] {
        let failed = lab.run(&lab.flow("A", action(more)).await, json!({})).await;
        let log = lab.log(failed["run_id"].as_str().unwrap()).await;
        let entry = &log[log.len() - 2];
        assert_eq!(
            (&entry["code"], &entry["details"]["state_name"]),
            (&json!(code), &json!("A")),
            "{log:#?}"
        );
        assert!(!entry["details"]["cause"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn many_runs_are_changed_at_once() {
    let lab = Lab::start().await;
    let flow = lab.flow("W", json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}})).await;
    let runs = [lab.start_run(&flow, json!({})).await, lab.start_run(&flow, json!({})).await];
    let body = json!({"filters": {"run_ids": runs}, "set": {"tags": ["a", "b"]}, "remove": {"tags": ["a"]}, "add": {"tags": ["c"]}});
    assert_eq!(lab.server.json("POST", "/flows/batch/runs", &lab.token, &body).await.expect(202), json!({}));
    assert_eq!(lab.show(&runs[1]).await["tags"], json!(["b", "c"]));
    let body = json!({"filters": {"run_ids": runs}, "set": {"status": "cancel"}});
    lab.server.json("POST", "/flows/batch/runs", &lab.token, &body).await.expect(202);
    assert_eq!(lab.show(&runs[0]).await["details"]["code"], "FlowCanceled");
    let body = json!({"filters": {}});
    assert_eq!(
        code(&lab.server.json("POST", "/flows/batch/runs", &lab.token, &body).await.expect(422)),
        "UNPROCESSABLE_ENTITY"
    );
    let body = json!({"filters": {"run_ids": [runs[0], "x", 1]}, "set": {"tags": []}});
    let refused = lab.server.json("POST", "/flows/batch/runs", &lab.token, &body).await.expect(422);
    assert_eq!(refused["error"]["detail"][1]["loc"], json!(["filters", "run_ids", 2]), "{refused}");
    assert_eq!(lab.show(&runs[0]).await["tags"], json!(["b", "c"]));
    assert_eq!(lab.server.get_with("/flows/runs?filter_status=failed,ENDED", &lab.token).await.status, 200);
    assert_eq!(lab.server.get_with("/flows/runs?filter_status=GONE", &lab.token).await.status, 400);
    let body = json!({"filters": {"run_ids": runs}, "set": {"status": "resume"}});
    let refused = lab.server.json("POST", "/flows/batch/runs", &lab.token, &body).await.expect(422);
    assert_eq!(refused["error"]["detail"][0]["loc"], json!(["set", "status"]));
}

#[tokio::test]
async fn a_failure_says_what_the_state_of_the_run_says() {
    let lab = Lab::start().await;
    let flow =
        lab.flow("F", json!({"F": {"Type": "Fail", "ErrorPath": "$.e.name", "CausePath": "$.why"}})).await;
    let failed = lab.run(&flow, json!({"e": {"name": "Cold"}, "why": "no beam"})).await;
    let details = &failed["details"]["details"];
    assert_eq!((&details["error"], &details["cause"]), (&json!("Cold"), &json!("no beam")));
    for (input, error, cause) in [
        (json!({"e": {"name": "Cold"}}), "States.ParameterPathFailure", "$.why"),
        (json!({"e": {"name": 5}, "why": "x"}), "States.Runtime", "ErrorPath leads to 5"),
    ] {
        let failed = lab.run(&flow, input).await;
        let details = &failed["details"]["details"];
        assert_eq!(details["error"], error, "{failed:#}");
        assert!(details["cause"].as_str().unwrap().contains(cause), "{failed:#}");
    }
}
