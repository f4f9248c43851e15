//! Web inputs: what becomes of questions that nobody answers, and of those of flows of high assurance.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{FLOWS, Server, bearer};
use crate::lab::{Lab, Made};

/// Asks for approval, waits for it, and takes the first answer for granted when nobody gives one.
fn approval(respondent: &str) -> Value {
    json!({
        "Ask": {"Type": "CreateWebInput", "ResultPath": "$.asked", "Next": "Await", "Parameters": {
            "InputType": "Selection", "RespondentUrns": [respondent],
            "Context": {"PresentationStyle": "Text", "Title": "Publish?", "Text": "The report is done."},
            "Options": [{"Value": "public", "Label": "Publish"}, {"Value": "private", "Label": "Keep (default)"}]}},
        "Await": {"Type": "AwaitWebInput", "Parameters": {"web_input_id.$": "$.asked.web_input_id"}, "ResultPath": "$.answer",
            "Next": "Evaluate", "Catch": [{"ErrorEquals": ["Flows.WebInputExpired"], "Next": "Evaluate", "ResultPath": "$.answer"}]},
        "Evaluate": {"Type": "Choice", "Default": "Keep", "Choices": [
            {"Variable": "$.answer.response", "StringEquals": "public", "Next": "Publish"}]},
        "Publish": {"Type": "Pass", "Result": {"public": true}, "ResultPath": "$.done", "End": true},
        "Keep": {"Type": "Pass", "Result": {"public": false}, "ResultPath": "$.done", "End": true}})
}

/// Somebody who logged in: a token for Flows, and who they are.
async fn person(server: &Server) -> (String, String) {
    let login = server.login(FLOWS, "online").await;
    let token = bearer(login["access_token"].as_str().unwrap());
    let userinfo = server.login("openid", "online").await;
    let userinfo = bearer(userinfo["access_token"].as_str().unwrap());
    let me = server.get_with("/auth/v2/oauth2/userinfo", &userinfo).await.expect(200)["sub"].clone();
    (token, format!("urn:globus:auth:identity:{}", me.as_str().unwrap()))
}

/// Waits until a run waits for an answer, and returns the id of the question.
async fn question(lab: &Lab, run: &str) -> String {
    loop {
        let shown = lab.show(run).await;
        assert_eq!(shown["status"], "ACTIVE", "{shown:#}");
        if let Some(id) = shown["blocking_web_input_id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_question_that_nobody_answers_expires() {
    let lab =
        Lab::of(Server::with(|builder| builder.web_input_lifetime(Duration::from_secs(7200))).await).await;
    let (token, me) = person(&lab.server).await;
    let flow = lab.flow("Ask", approval(&me)).await;
    let run = lab.start_run(&flow, json!({})).await;
    let path = format!("/flows/web_inputs/{}", question(&lab, &run).await);
    for (answer, kind) in [(json!({}), "value_error.missing"), (json!({"value": 5}), "type_error.str")] {
        let refused =
            lab.server.json("POST", &format!("{path}/respond"), &token, &json!({"response": answer})).await;
        assert_eq!(refused.expect(422)["error"]["detail"][0]["type"], kind);
    }
    let by_id = lab.server.get_with("/flows/web_inputs?filter_flow_ids=x", &token).await;
    assert_eq!(by_id.expect(400)["error"]["code"], "BAD_REQUEST");
    lab.advance(7100).await;
    let input = lab.server.get_with(&path, &token).await.expect(200);
    assert_eq!((&input["status"], &input["closed_timestamp"]), (&json!("open"), &Value::Null));
    lab.advance(101).await;
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    let output = &done["details"]["output"];
    assert_eq!(output["done"], json!({"public": false}), "{done:#}");
    assert_eq!(
        (&output["answer"]["Error"], &output["answer"]["response"]),
        (&json!("Flows.WebInputExpired"), &Value::Null)
    );
    assert!(output["answer"]["Cause"].as_str().unwrap().contains("Nobody answered"), "{output}");
    assert_eq!(done["blocking_web_input_id"], Value::Null);

    // It is closed since then, and too late to be answered.
    let input = lab.server.get_with(&path, &token).await.expect(200);
    assert_eq!((&input["status"], input["closed_timestamp"].is_string()), (&json!("closed"), true));
    let body = json!({"response": {"value": input["options"][0]["option_id"]}});
    let late = lab.server.json("POST", &format!("{path}/respond"), &token, &body).await.expect(409);
    assert_eq!(late["error"]["code"], "STATE_CONFLICT");
    let listed = async |states: &str| {
        let path = format!("/flows/web_inputs?filter_states={states}");
        lab.server.get_with(&path, &token).await.expect(200)["web_input_summaries"].as_array().unwrap().len()
    };
    assert_eq!((listed("open").await, listed("closed").await, listed("open,closed").await), (0, 1, 1));
}

#[tokio::test]
async fn an_expired_question_fails_a_run_that_does_not_catch_it() {
    let lab = Lab::start().await;
    let (_, me) = person(&lab.server).await;
    let mut states = approval(&me);
    states["Await"].as_object_mut().unwrap().remove("Catch");
    // The time runs from the question, not from the state that waits for its answer.
    states["Ask"]["Next"] = "Sleep".into();
    states["Sleep"] = json!({"Type": "Wait", "Seconds": 31 * 86_400, "Next": "Await"});
    let flow = lab.flow("Ask", states).await;
    let run = lab.start_run(&flow, json!({})).await;
    while lab.codes(&run).await.last().unwrap() != "WaitStarted" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lab.advance(31 * 86_400).await;
    let lab = Lab::of(lab.server).await;
    let failed = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    let details = &failed["details"]["details"];
    assert_eq!(
        (&details["error"], &details["state_name"]),
        (&json!("Flows.WebInputExpired"), &json!("Await")),
        "{failed:#}"
    );
}

#[tokio::test]
async fn questions_of_flows_of_high_assurance_want_a_session() {
    let lab = Lab::of(Server::with(|builder| builder.account("ada@uni.example.edu")).await).await;
    let (project, policy) = ("1b2c3d4e-0000-4000-8000-000000000004", "1b2c3d4e-0000-4000-8000-000000000005");
    let seed = json!({
        "projects": [{"id": project, "display_name": "P", "contact_email": "ops@uni.example.edu", "admins": []}],
        "policies": [{"id": policy, "project_id": project, "display_name": "Campus", "high_assurance": true,
            "authentication_assurance_timeout": 3600, "domain_constraints_include": ["*.example.edu"]}]});
    lab.server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let (token, me) = person(&lab.server).await;
    let body = json!({"title": "Sensitive", "input_schema": {}, "authentication_policy_id": policy,
        "definition": {"StartAt": "Ask", "States": approval(&me)}});
    let made = lab.server.json("POST", "/flows/flows", &token, &body).await.expect(201);
    let scoped = lab.server.login(made["globus_auth_scope"].as_str().unwrap(), "online").await;
    let flow = Made {
        id: made["id"].as_str().unwrap().to_owned(),
        token: bearer(scoped["access_token"].as_str().unwrap()),
    };
    let lab = Lab { server: lab.server, token };
    let run = lab.start_run(&flow, json!({})).await;
    let id = question(&lab, &run).await;
    let path = format!("/flows/web_inputs/{id}");
    lab.server.get_with(&path, &lab.token).await.expect(200);
    let runs = lab.server.get_with("/flows/runs", &lab.token).await.expect(200);
    assert_eq!(
        (&runs["runs"][0]["run_id"], &runs["runs"][0]["details"]),
        (&json!(run), &Value::Null),
        "{runs:#}"
    );

    // Neither does deleting the flow open what its runs hold.
    let headers = [("Authorization", lab.token.as_str())];
    assert_eq!(
        lab.server.send("DELETE", &format!("/flows/flows/{}", flow.id), &headers, b"").await.status,
        200
    );
    let runs = lab.server.get_with("/flows/runs", &lab.token).await.expect(200);
    assert_eq!(runs["runs"][0]["details"], Value::Null);
    lab.server.get_with(&format!("/flows/runs/{run}"), &lab.token).await.expect(200);

    lab.advance(3601).await;
    let shown = lab.server.get_with(&format!("/flows/runs/{run}"), &lab.token).await.expect(403);
    assert_eq!(shown["error"]["code"], "AUTHENTICATION_POLICY_REQUIRED");
    let respond = lab.server.json("POST", &format!("{path}/respond"), &lab.token, &json!({})).await;
    for refused in [lab.server.get_with(&path, &lab.token).await, respond] {
        let refused = refused.expect(403);
        assert_eq!(refused["error"]["code"], "AUTHENTICATION_POLICY_REQUIRED");
        assert_eq!(refused["authorization_parameters"]["session_required_policies"], json!([policy]));
        assert_eq!(
            (&refused["web_input_summary"]["id"], &refused["web_input_summary"]["title"]),
            (&json!(id), &json!("Publish?"))
        );
    }
    // The list says only what is in a summary, and does not ask.
    lab.server.get_with("/flows/web_inputs", &lab.token).await.expect(200);
}
