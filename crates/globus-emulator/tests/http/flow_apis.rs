//! Registered APIs that runs call: what is sent, with whose token, and what becomes of the answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::lab::{Lab, Made};

const SCOPE: &str = "https://auth.globus.org/scopes/0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f/read";
const VIEW_FLOWS: &str = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/view_flows";
const SUBSCRIPTION: &str = "1b2c3d4e-0000-4000-8000-000000000009";

/// Notes what it is asked. What it says depends on the path.
#[derive(Clone, Default)]
struct Api {
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Api {
    async fn serve(&self) -> String {
        let router = Router::new().fallback(any(Api::answer)).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    async fn answer(
        State(api): State<Api>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> (StatusCode, Json<Value>) {
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        api.asked.lock().unwrap().push(json!({
            "method": method.as_str(), "path": uri.path(), "query": uri.query(), "token": header("authorization"),
            "kind": header("x-kind"), "body": serde_json::from_slice::<Value>(&body).ok()}));
        match uri.path() {
            "/slow" => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                (StatusCode::OK, Json(json!({})))
            }
            "/missing" => (StatusCode::NOT_FOUND, Json(json!({"why": "no such sample"}))),
            _ => (StatusCode::CREATED, Json(json!({"name": "sample", "size": 5}))),
        }
    }

    fn last(&self) -> Value {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

async fn register(lab: &Lab, target: Value, more: Value) -> String {
    let mut body =
        json!({"name": "Samples", "description": "d", "subscription_id": SUBSCRIPTION, "target": target});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = lab.server.json("POST", "/flows/registered_apis", &lab.token, &body).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn target(method: &str, url: &str, specification: &Value) -> Value {
    json!({"type": "openapi", "openapi_version": "3.1", "destination": {"method": method, "url": url},
        "specification": specification, "transforms": null})
}

fn calling(id: &str, parameters: &Value, more: &Value) -> Value {
    let mut state = json!({"Type": "Action", "Handler": {"Type": "RegisteredAPI", "Id": id}, "Parameters": parameters,
        "ResultPath": "$.r", "Next": "Done"});
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"A": state, "Done": {"Type": "Pass", "End": true}, "Caught": {"Type": "Pass", "End": true}})
}

fn catch(name: &str) -> Value {
    json!({"Catch": [{"ErrorEquals": [name], "Next": "Caught", "ResultPath": "$.caught"}]})
}

/// A flow with a state "Caught", which is there only where something is caught.
async fn flow(lab: &Lab, mut states: Value) -> Made {
    if states["A"].get("Catch").is_none() {
        states.as_object_mut().unwrap().remove("Caught");
    }
    lab.flow("A", states).await
}

#[tokio::test]
async fn an_api_is_called_as_it_was_registered() {
    let lab = Lab::start().await;
    let api = Api::default();
    let url = api.serve().await;
    let plain = target("post", &format!("{url}/samples/{{id}}"), &json!({}));
    let id = register(&lab, plain, json!({})).await;
    let parameters = json!({"path": {"id.$": "$.id"}, "query": {"of": ["a", "b"]}, "header": {"X-Kind": "k"},
        "body": {"twice.=": "n * 2"}});
    let made = flow(&lab, calling(&id, &parameters, &json!({}))).await;
    let run = lab.run(&made, json!({"id": "x/1", "n": 4})).await;
    assert_eq!(run["details"]["output"]["r"], json!({"name": "sample", "size": 5}), "{run:#}");
    let expected = json!({"method": "POST", "path": "/samples/x%2F1", "query": "of=a&of=b", "token": null, "kind": "k",
        "body": {"twice": 8}});
    assert_eq!(api.last(), expected);
    let codes = lab.codes(run["run_id"].as_str().unwrap()).await;
    assert_eq!(codes[1..3], ["ActionStarted", "ActionCompleted"]);

    // Templates say what of the input goes where, and what of the answer is the result.
    let whole = json!({"$T_ref": "$"});
    let templates = json!({
        "request": {"template": {"path": whole, "query": {"limit": {"$T_ref": "$.limit"}}}},
        "response": {"2XX": {"type": "success", "template": {"called": {"$T_ref": "$.body.name"}}},
            "default": {"type": "failure", "template": {"cause": {"$T_ref": "$.body"}, "exception": "ActionUnableToRun"}}}});
    let schema = json!({"type": "object", "required": ["id"], "properties": {"limit": {"type": "integer"}}});
    let more = json!({"data_templates": templates, "state_input_schema": schema});
    let flat = register(&lab, target("get", &format!("{url}/{{id}}"), &json!({})), more).await;
    let made = flow(&lab, calling(&flat, &json!({"id.$": "$.id"}), &json!({}))).await;
    assert_eq!(lab.output(&made, json!({"id": "s1"})).await["r"], json!({"called": "sample"}));
    assert_eq!((&api.last()["path"], &api.last()["query"]), (&json!("/s1"), &Value::Null));
    let failed = lab.run(&made, json!({"id": "missing"})).await;
    assert_eq!(failed["details"]["details"]["cause"], r#"{"why":"no such sample"}"#, "{failed:#}");
    let last = lab.codes(failed["run_id"].as_str().unwrap()).await;
    assert_eq!(last[2..], ["ActionUnableToRun", "FlowFailed"]);

    let asked = api.asked.lock().unwrap().len();
    let made =
        flow(&lab, calling(&flat, &json!({"id": "x", "limit": "many"}), &catch("ActionUnableToRun"))).await;
    let cause = lab.output(&made, json!({})).await["caught"]["Cause"].clone();
    assert!(cause.as_str().unwrap().contains("$.limit: 'many' is not of type 'integer'"), "{cause}");
    assert_eq!(api.asked.lock().unwrap().len(), asked, "nothing is sent");
}

#[tokio::test]
async fn an_api_that_wants_a_token_gets_one_of_its_own() {
    let lab = Lab::start().await;
    let api = Api::default();
    let url = api.serve().await;
    let secured = target("get", &format!("{url}/x"), &json!({"security": [{"GlobusAuth": [SCOPE]}]}));
    let id = register(&lab, secured, json!({})).await;
    let states = calling(&id, &json!({}), &json!({}));
    let definition = json!({"StartAt": "A", "States": {"A": states["A"], "Done": states["Done"]}});
    let checked = json!({"definition": definition});
    let checked = lab.server.json("POST", "/flows/flows/validate", &lab.token, &checked).await.expect(200);
    assert_eq!(checked["scopes"], json!({"User": [SCOPE]}));
    let made = flow(&lab, states).await;
    lab.output(&made, json!({})).await;
    let token = api.last()["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("Bearer Ag") && token != made.token && token != lab.token);

    // Services of Globus are those of the emulator: this API lists one's own flows.
    let own =
        target("get", "https://flows.globus.org/flows", &json!({"security": [{"GlobusAuth": [VIEW_FLOWS]}]}));
    let id = register(&lab, own, json!({})).await;
    let made = flow(&lab, calling(&id, &json!({"query": {"filter_roles": "flow_owner"}}), &json!({}))).await;
    let output = lab.output(&made, json!({})).await;
    assert_eq!(output["r"]["flows"].as_array().unwrap().len(), 2, "{output:#}");

    // Nothing else of Globus is ever called.
    let other = target("get", "https://timer.automate.globus.org/jobs", &json!({}));
    let id = register(&lab, other, json!({})).await;
    let failed = lab.run(&flow(&lab, calling(&id, &json!({}), &json!({}))).await, json!({})).await;
    let cause = failed["details"]["details"]["cause"].as_str().unwrap();
    assert!(cause.contains("timer.automate.globus.org belongs to Globus"), "{cause}");
}

#[tokio::test]
async fn apis_that_do_not_answer_and_apis_that_are_gone() {
    let lab = Lab::start().await;
    let api = Api::default();
    let url = api.serve().await;
    let id = register(&lab, target("get", &format!("{url}/slow"), &json!({})), json!({})).await;
    let mut more = catch("ActionTimeout");
    more["WaitTime"] = 600.into();
    let made = flow(&lab, calling(&id, &json!({}), &more)).await;
    let run = lab.start_run(&made, json!({})).await;
    while api.asked.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    lab.advance(601).await;
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(done["details"]["output"]["caught"]["Error"], "ActionTimeout", "{done:#}");

    let path = format!("/flows/registered_apis/{id}");
    lab.server.send("DELETE", &path, &[("Authorization", &lab.token)], b"").await.expect(200);
    let failed = lab.run(&made, json!({})).await;
    assert_eq!(failed["details"]["details"]["error"], "ActionUnableToRun", "{failed:#}");
    for handler in
        [json!({"Type": "RegisteredAPI", "Id": id}), json!("urn:globus:flows:handle:globus:groups.get_group")]
    {
        let state = json!({"Type": "Action", "Handler": handler, "Parameters": {}, "End": true});
        let body =
            json!({"title": "t", "input_schema": {}, "definition": {"StartAt": "A", "States": {"A": state}}});
        let refused = lab.server.json("POST", "/flows/flows", &lab.token, &body).await.expect(409);
        assert_eq!(refused["error"]["code"], "SCOPE_RESOLUTION_FAILED", "{refused}");
    }
}

#[tokio::test]
async fn what_cannot_be_called_is_not_registered() {
    let lab = Lab::start().await;
    let whole = json!({"template": {"$T_ref": "$.body"}});
    for (change, loc) in [
        (json!({"subscription_id": "-"}), json!(["subscription_id"])),
        (
            json!({"target": target("fetch", "https://a.example/", &json!({}))}),
            json!(["target", "destination", "method"]),
        ),
        (
            json!({"target": target("get", "http://a.example/", &json!({}))}),
            json!(["target", "destination", "url"]),
        ),
        (
            json!({"target": target("get", "https://{host}/", &json!({}))}),
            json!(["target", "destination", "url"]),
        ),
        (
            json!({"target": target("get", "https://a.example/", &json!({"security": [{"Key": []}]}))}),
            json!(["target", "specification", "security"]),
        ),
        (json!({"data_templates": {"request": {}}}), json!(["data_templates", "request", "template"])),
        (
            json!({"data_templates": {"response": {"2XX": whole}}}),
            json!(["data_templates", "response", "2XX", "type"]),
        ),
        (
            json!({"data_templates": {"response": {"OK": {"type": "success", "template": 1}}}}),
            json!(["data_templates", "response", "OK"]),
        ),
        (
            json!({"data_templates": {"request": {"template": {"path": {"$T_ref": "x"}}}}}),
            json!(["data_templates", "request", "template", "path", "$T_ref"]),
        ),
    ] {
        let mut body = json!({"name": "n", "description": "d", "subscription_id": SUBSCRIPTION,
            "target": target("get", "https://a.example/", &json!({}))});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body.as_object_mut().unwrap().retain(|_, value| *value != "-");
        let refused = lab.server.json("POST", "/flows/registered_apis", &lab.token, &body).await.expect(400);
        assert_eq!(refused["error"]["detail"][0]["loc"], loc, "{refused}");
    }
}
