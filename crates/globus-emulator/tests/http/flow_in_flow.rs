//! Flows that start other flows: a flow is an action provider.

use std::time::{Duration, Instant};

use globus_emulator::CollectionSetup;
use serde_json::{Value, json};

use crate::client::Server;
use crate::lab::{Lab, Made};

/// A state that starts another flow.
fn start(id: &str, more: &Value) -> Value {
    let mut state = json!({"Type": "Action", "ActionUrl": format!("https://flows.globus.org/flows/{id}"), "WaitTime": 3600,
        "Parameters": {"n.$": "$.n"}, "ResultPath": "$.child", "End": true});
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

/// A flow that everybody sees.
async fn public(lab: &Lab, states: Value, at: &str) -> Made {
    lab.flow_with(&json!({"flow_viewers": ["public"], "definition": {"StartAt": at, "States": states}})).await
}

/// The run of another flow that a run has started.
async fn child(lab: &Lab, flow: &Made) -> Value {
    let path = format!("/flows/flows/{}/runs", flow.id);
    let since = Instant::now();
    loop {
        let page = lab.server.get_with(&path, &lab.token).await.expect(200);
        if let Some(run) = page["runs"].as_array().unwrap().first() {
            return run.clone();
        }
        assert!(since.elapsed() < Duration::from_secs(20), "the flow was not started");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_flow_starts_another_and_reads_what_came_of_it() {
    let lab = Lab::start().await;
    let double = json!({"D": {"Type": "ExpressionEval", "Parameters": {"twice.=": "n * 2"}, "ResultPath": "$.result", "End": true}});
    let inner = public(&lab, double, "D").await;
    let outer = lab.flow("Call", json!({"Call": start(&inner.id, &json!({}))})).await;
    let path = format!("/flows/flows/{}/run", outer.id);
    let monitor = "urn:globus:groups:id:0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f";
    let body = json!({"body": {"n": 21}, "label": "both", "run_monitors": [monitor]});
    let run = lab.server.json("POST", &path, &outer.token, &body).await.expect(201);
    let done = lab.until(run["run_id"].as_str().unwrap(), &["SUCCEEDED", "FAILED"]).await;
    let status = &done["details"]["output"]["child"];
    assert_eq!(status["details"]["output"]["result"], json!({"twice": 42}), "{done:#}");
    let ran = child(&lab, &inner).await;
    assert_eq!(
        (&status["action_id"], &status["creator_id"], &status["state_name"]),
        (&ran["run_id"], &ran["run_owner"], &json!("Call"))
    );
    assert_eq!((&ran["label"], &ran["run_monitors"]), (&json!("both"), &json!([monitor])));

    // A run that fails is an action that failed.
    let stop = public(&lab, json!({"F": {"Type": "Fail", "Error": "Broken"}}), "F").await;
    let caught = start(
        &stop.id,
        &json!({"Parameters": {}, "Catch": [
        {"ErrorEquals": ["ActionFailedException"], "Next": "Caught", "ResultPath": "$.e"}]}),
    );
    let outer = lab.flow("Call", json!({"Call": caught, "Caught": {"Type": "Pass", "End": true}})).await;
    let output = lab.output(&outer, json!({})).await;
    assert!(output["e"]["Cause"].as_str().unwrap().contains("\"error\":\"Broken\""), "{output:#}");
}

#[tokio::test]
async fn cancelling_a_run_cancels_what_it_started() {
    let lab = Lab::start().await;
    let nap = public(&lab, json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}}), "W").await;
    let outer = lab.flow("Call", json!({"Call": start(&nap.id, &json!({}))})).await;
    let run = lab.start_run(&outer, json!({"n": 1})).await;
    let ran = child(&lab, &nap).await;
    lab.post(&format!("/flows/runs/{run}/cancel"), &lab.token).await.expect(202);
    let ended = lab.until(ran["run_id"].as_str().unwrap(), &["FAILED", "SUCCEEDED"]).await;
    assert_eq!(ended["details"]["code"], "FlowCanceled");
}

#[tokio::test]
async fn consents_reach_through_both_flows() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("x.txt"), "x").unwrap();
    let server =
        Server::with(|builder| builder.collection_with(CollectionSetup::mapped("a", directory.path())));
    let lab = Lab::of(server.await).await;
    let data = lab.server.emulator.collection_id("a").unwrap().to_string();
    let list = json!({"L": {"Type": "Action", "ActionUrl": "https://transfer.actions.globus.org/ls",
        "Parameters": {"endpoint_id": data, "path": "/"}, "ResultPath": "$.ls", "End": true}});
    let inner = public(&lab, list, "L").await;
    let outer = lab.flow("Call", json!({"Call": start(&inner.id, &json!({"Parameters": {}}))})).await;
    let run = lab.start_run(&outer, json!({})).await;
    let stopped = lab.until(&run, &["INACTIVE", "FAILED", "SUCCEEDED"]).await;
    let scope = |id: &str| format!("https://auth.globus.org/scopes/{id}/flow_{}_user", id.replace('-', "_"));
    let required = format!(
        "{}[{}[urn:globus:auth:scope:transfer.api.globus.org:all[*https://auth.globus.org/scopes/{data}/data_access]]]",
        scope(&outer.id),
        scope(&inner.id)
    );
    assert_eq!(stopped["details"]["required_scope"], required, "{stopped:#}");
    let token = lab.token_for(&required).await;
    lab.post(&format!("/flows/runs/{run}/resume"), &token).await.expect(200);
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(
        done["details"]["output"]["child"]["details"]["output"]["ls"]["details"]["DATA"][0]["name"],
        "x.txt"
    );
}

#[tokio::test]
async fn a_flow_that_is_not_public_is_named_by_its_scope() {
    let lab = Lab::start().await;
    let inner = lab.flow("P", json!({"P": {"Type": "Pass", "End": true}})).await;
    let definition =
        |more: Value| json!({"definition": {"StartAt": "Call", "States": {"Call": start(&inner.id, &more)}}});
    let refused = lab
        .server
        .json("POST", "/flows/flows/validate", &lab.token, &definition(json!({})))
        .await
        .expect(409);
    assert!(
        refused["error"]["detail"].as_str().unwrap().contains("name its scope as ActionScope"),
        "{refused}"
    );
    let shown = lab.server.get_with(&format!("/flows/flows/{}", inner.id), &lab.token).await.expect(200);
    let outer = lab.flow_with(&definition(json!({"ActionScope": shown["globus_auth_scope"]}))).await;
    assert_eq!(lab.output(&outer, json!({"n": 1})).await["child"]["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_flow_has_the_interface_of_action_providers() {
    let lab = Lab::start().await;
    let flow = lab.flow("W", json!({"W": {"Type": "Wait", "SecondsPath": "$.nap", "End": true}})).await;
    let base = format!("/flows/flows/{}", flow.id);
    let run = async |id: &str, nap: i64| {
        let request = json!({"request_id": id, "body": {"nap": nap}, "manage_by": [], "monitor_by": []});
        lab.server.json("POST", &format!("{base}/run"), &flow.token, &request).await
    };
    let first = run("r1", 3600).await.expect(201);
    assert_eq!(run("r1", 3600).await.expect(200)["action_id"], first["action_id"]);
    assert_eq!(run("r1", 1).await.expect(409)["error"]["code"], "STATE_CONFLICT");
    assert_ne!(run("r2", 3600).await.expect(201)["action_id"], first["action_id"]);

    let id = first["action_id"].as_str().unwrap();
    for (status, log) in [
        (format!("{base}/{id}/status"), format!("{base}/{id}/log?limit=1")),
        (format!("{base}/actions/{id}"), format!("{base}/actions/{id}/log?limit=1")),
    ] {
        assert_eq!(lab.server.get_with(&status, &flow.token).await.expect(200)["status"], "ACTIVE");
        let page = lab.server.get_with(&log, &flow.token).await.expect(200);
        assert_eq!(page["entries"][0]["code"], "FlowStarted");
    }
    let other = lab.flow("P", json!({"P": {"Type": "Pass", "End": true}})).await;
    let elsewhere = format!("/flows/flows/{}/{id}/status", other.id);
    assert_eq!(lab.server.get_with(&elsewhere, &flow.token).await.status, 404);

    assert_eq!(lab.post(&format!("{base}/{id}/release"), &flow.token).await.status, 409);
    assert_eq!(lab.post(&format!("{base}/{id}/resume"), &flow.token).await.status, 200);
    assert_eq!(lab.post(&format!("{base}/{id}/cancel"), &flow.token).await.expect(200)["status"], "FAILED");
    assert_eq!(lab.post(&format!("{base}/actions/{id}/cancel"), &flow.token).await.status, 409);
    let headers = [("Authorization", flow.token.as_str())];
    assert_eq!(lab.server.send("DELETE", &format!("{base}/actions/{id}"), &headers, b"").await.status, 200);
    assert_eq!(lab.server.get_with(&format!("{base}/{id}/status"), &flow.token).await.status, 404);
}

#[tokio::test]
async fn a_flow_that_starts_itself_is_stopped() {
    let lab = Lab::start().await;
    let flow = lab.flow("P", json!({"P": {"Type": "Pass", "End": true}})).await;
    let path = format!("/flows/flows/{}", flow.id);
    let shown = lab.server.get_with(&path, &lab.token).await.expect(200);
    let call = start(
        &flow.id,
        &json!({"ActionScope": shown["globus_auth_scope"], "RunAs": "Flow", "Parameters": {}}),
    );
    let change = json!({"flow_starters": [shown["principal_urn"]], "definition": {"StartAt": "Call", "States": {"Call": call}}});
    lab.server.json("PUT", &path, &lab.token, &change).await.expect(200);
    let failed = lab.run(&flow, json!({})).await;
    let details = &failed["details"]["details"];
    assert_eq!(details["error"], "ActionFailedException", "{failed:#}");
    assert!(details["cause"].as_str().unwrap().chars().count() <= 32_769);
    let page = lab
        .server
        .get_with(&format!("{path}/runs?per_page=100&filter_roles=run_owner,flow_run_manager"), &lab.token)
        .await;
    let page = page.expect(200);
    let runs = page["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 21);
    let causes: Vec<&str> =
        runs.iter().filter_map(|run| run["details"]["details"]["cause"].as_str()).collect();
    assert!(causes.iter().any(|cause| cause.contains("more than 20 deep")), "{causes:?}");
}
