//! Action providers: the interface that they are reached by, what each of them does, and those of others.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::client::bearer;
use crate::lab::Lab;

const HELLO_SCOPE: &str = "https://auth.globus.org/scopes/actions.globus.org/hello_world";
const NOTIFY: &str = "https://actions.globus.org/notification/notify";

#[tokio::test]
async fn a_provider_can_be_called_by_anybody_who_has_its_scope() {
    let lab = Lab::start().await;
    let described = lab.server.get("/actions/hello_world").await.expect(200);
    assert_eq!(
        (&described["globus_auth_scope"], &described["api_version"]),
        (&json!(HELLO_SCOPE), &json!("1.0"))
    );
    let token = lab.token_for(HELLO_SCOPE).await;
    let request = json!({"request_id": "r1", "body": {"echo_string": "x", "sleep_time": 60}, "label": "l"});
    let run = async |request: &Value, token: &str| {
        lab.server.json("POST", "/actions/hello_world/run", token, request).await
    };
    assert_eq!(run(&request, &lab.token).await.expect(401)["code"], "UnauthorizedRequest");
    assert_eq!(
        run(&json!({"request_id": "r2", "body": {"sleep_time": "x"}}), &token).await.expect(422)["code"],
        "RequestValidationError"
    );
    assert_eq!(run(&json!({"body": {}}), &token).await.expect(422)["code"], "RequestValidationError");
    let started = run(&request, &token).await.expect(202);
    assert_eq!((&started["status"], &started["label"]), (&json!("ACTIVE"), &json!("l")));
    for (id, nap) in [("r3", json!(60.0)), ("r4", json!(1e30))] {
        let napping = run(&json!({"request_id": id, "body": {"sleep_time": nap}}), &token).await.expect(202);
        assert_eq!(napping["status"], "ACTIVE", "{nap}");
    }
    // The same request is the same action; another one under its id is refused.
    assert_eq!(run(&request, &token).await.expect(200)["action_id"], started["action_id"]);
    assert_eq!(
        run(&json!({"request_id": "r1", "body": {}}), &token).await.expect(409)["code"],
        "ActionConflict"
    );

    let action = format!("/actions/hello_world/{}", started["action_id"].as_str().unwrap());
    assert_eq!(lab.post(&format!("{action}/release"), &token).await.expect(409)["code"], "ActionConflict");
    lab.advance(61).await;
    assert_eq!(
        lab.server.get_with(&format!("{action}/status"), &token).await.expect(200)["status"],
        "SUCCEEDED"
    );
    assert_eq!(lab.post(&format!("{action}/cancel"), &token).await.expect(409)["code"], "ActionConflict");
    let alias = format!("/actions/hello_world/actions/{}", started["action_id"].as_str().unwrap());
    assert_eq!(
        lab.server.get_with(&alias, &token).await.expect(200)["details"],
        json!({"Hello": "World", "hello": "x"})
    );
    let released = lab.server.send("DELETE", &alias, &[("Authorization", &token)], b"").await.expect(200);
    assert_eq!(released["status"], "SUCCEEDED");
    assert_eq!(lab.server.get_with(&alias, &token).await.expect(404)["code"], "ActionNotFound");
    assert_eq!(lab.server.get("/actions/nothing").await.expect(404)["code"], "ActionProviderNotFound");
}

#[tokio::test]
async fn small_providers_do_their_work() {
    let lab = Lab::start().await;
    let index = "2a318659-a547-4b48-a0fc-e0c19081a960";
    let action = |url: &str, parameters: Value, next: &str| json!({"Type": "Action", "ActionUrl": url, "Parameters": parameters, "ResultPath": format!("$.{next}"), "Next": next});
    let flow = lab
        .flow("A", json!({
            "A": action("https://actions.globus.org/expression_eval", json!({"expression": "x * 2", "arguments": {"x": 21}}), "B"),
            "B": action(NOTIFY, json!({"destination": "ada@example.org", "subject": "Hi", "body_template": "Run $id of ${who}",
                "body_variables": {"id.$": "$._context.run_id", "who": "Ada"}}), "C"),
            "C": action("https://actions.globus.org/search/ingest", json!({"search_index": index, "subject": "s", "visible_to": ["public"],
                "content": {"a": 1}}), "D"),
            "D": action("https://actions.globus.org/search/delete", json!({"search_index": index, "delete_by": "subject", "subject": "s"}), "E"),
            "E": {"Type": "Pass", "End": true}}))
        .await;
    let run = lab.run(&flow, json!({})).await;
    let output = &run["details"]["output"];
    assert_eq!(output["B"]["details"]["result"], 42, "{run:#}");
    assert_eq!(output["D"]["details"]["state"], "SUCCESS");
    let outbox = lab.server.get("/_emulator/outbox").await.expect(200);
    let expected = format!("Run {} of Ada", run["run_id"].as_str().unwrap());
    assert_eq!(
        (&outbox["mails"][0]["to"], &outbox["mails"][0]["body"]),
        (&json!("ada@example.org"), &json!(expected))
    );
    let recorded = lab.server.get("/_emulator/search").await.expect(200);
    assert_eq!(recorded["requests"][0]["body"]["content"], json!({"a": 1}));
    assert_eq!(recorded["requests"][1]["operation"], "delete");
    assert_eq!(lab.server.send("DELETE", "/_emulator/outbox", &[], b"").await.status, 204);
    assert_eq!(lab.server.get("/_emulator/outbox").await.expect(200)["mails"], json!([]));
    let doi = json!({"as_test": true, "username": "u", "password": "SECRET", "Doi": {"attributes": {"prefix": "10.5072", "titles": []}}});
    let mint = json!({"A": {"Type": "Action", "ActionUrl": "https://actions.globus.org/datacite/mint/basic_auth", "Parameters": doi, "End": true}});
    let minted = lab.output(&lab.flow("A", mint).await, json!({})).await["details"]["data"].clone();
    assert!(
        minted["id"].as_str().unwrap().starts_with("10.5072/") && minted["id"] == minted["attributes"]["doi"],
        "{minted}"
    );
    let recorded = lab.server.get("/_emulator/datacite").await.expect(200);
    assert_eq!(recorded["requests"][0]["body"]["data"], minted);
    assert!(!recorded.to_string().contains("SECRET"), "{recorded}");
    assert_eq!(lab.server.send("DELETE", "/_emulator/datacite", &[], b"").await.status, 204);
    assert_eq!(lab.server.get("/_emulator/datacite").await.expect(200)["requests"], json!([]));
}

#[tokio::test]
async fn others_see_the_actions_that_they_are_named_for() {
    let lab = Lab::start().await;
    let token = lab.token_for(HELLO_SCOPE).await;
    let login = lab.server.login(HELLO_SCOPE, "online").await;
    let other = bearer(login["access_token"].as_str().unwrap());
    let userinfo = lab.server.login("openid", "online").await;
    let userinfo = bearer(userinfo["access_token"].as_str().unwrap());
    let me = lab.server.get_with("/auth/v2/oauth2/userinfo", &userinfo).await.expect(200)["sub"].clone();
    let me = format!("urn:globus:auth:identity:{}", me.as_str().unwrap());
    let start = async |id: &str, list: &str| {
        let request = json!({"request_id": id, "body": {"sleep_time": 60}, list: [me]});
        let made = lab.server.json("POST", "/actions/hello_world/run", &token, &request).await.expect(202);
        format!("/actions/hello_world/{}", made["action_id"].as_str().unwrap())
    };
    let (watched, managed) = (start("r1", "monitor_by").await, start("r2", "manage_by").await);
    let hidden = start("r3", "allowed_clients").await;
    assert_eq!(lab.server.get_with(&format!("{watched}/status"), &other).await.status, 200);
    assert_eq!(lab.post(&format!("{watched}/cancel"), &other).await.expect(403)["code"], "ForbiddenRequest");
    assert_eq!(lab.post(&format!("{managed}/cancel"), &other).await.expect(200)["status"], "FAILED");
    assert_eq!(lab.server.get_with(&format!("{hidden}/status"), &other).await.status, 404);
    let count = async |query: &str, token: &str| {
        let page =
            lab.server.get_with(&format!("/actions/hello_world/actions{query}"), token).await.expect(200);
        page["actions"].as_array().unwrap().len()
    };
    assert_eq!((count("", &token).await, count("?status=active,failed", &token).await), (2, 3));
    assert_eq!((count("", &other).await, count("?roles=monitor_by,manage_by", &other).await), (0, 1));
    assert_eq!(
        lab.server.get_with("/actions/hello_world/actions?status=x", &token).await.expect(400)["code"],
        "BadActionRequest"
    );
    for more in
        [json!({"colour": 1}), json!({"label": ""}), json!({"manage_by": "me"}), json!({"deadline": 5})]
    {
        let mut request = json!({"request_id": "r9", "body": {}});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = lab.server.json("POST", "/actions/hello_world/run", &token, &request).await.expect(422);
        assert_eq!(refused["code"], "RequestValidationError", "{more}");
    }
}

#[tokio::test]
async fn owners_hear_what_they_asked_to_hear() {
    let lab = Lab::start().await;
    let flow = lab.flow("A", json!({"A": {"Type": "Pass", "End": true}})).await;
    let path = format!("/flows/flows/{}/run", flow.id);
    let body = json!({"body": {}, "activity_notification_policy": {"status": ["SUCCEEDED"]}});
    let run = lab.server.json("POST", &path, &flow.token, &body).await.expect(201);
    lab.until(run["run_id"].as_str().unwrap(), &["SUCCEEDED"]).await;
    lab.run(&flow, json!({})).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let mails = lab.server.get("/_emulator/outbox").await.expect(200)["mails"].clone();
    assert_eq!(mails.as_array().unwrap().len(), 1, "{mails}");
    assert!(mails[0]["subject"].as_str().unwrap().ends_with("of Flow is SUCCEEDED"), "{mails}");
}

#[tokio::test]
async fn owners_hear_of_runs_that_wait_for_them() {
    let lab = Lab::start().await;
    let flow = lab.flow("A", json!({"A": {"Type": "Pass", "End": true}})).await;
    // The token was made before the flow acted, and has no consent for that.
    let acts = json!({"A": {"Type": "Action", "ActionUrl": "https://actions.globus.org/hello_world", "Parameters": {}, "End": true}});
    let change = json!({"definition": {"StartAt": "A", "States": acts}});
    lab.server.json("PUT", &format!("/flows/flows/{}", flow.id), &lab.token, &change).await.expect(200);
    let path = format!("/flows/flows/{}/run", flow.id);
    for policy in [json!(null), json!({"status": ["FAILED", "SUCCEEDED"]}), json!({"status": ["INACTIVE"]})] {
        let body = json!({"body": {}, "activity_notification_policy": policy});
        let run = lab.server.json("POST", &path, &flow.token, &body).await.expect(201);
        lab.until(run["run_id"].as_str().unwrap(), &["INACTIVE"]).await;
    }
    let mails = lab.server.get("/_emulator/outbox").await.expect(200)["mails"].clone();
    let subjects: Vec<&str> =
        mails.as_array().unwrap().iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    assert!(
        subjects.len() == 2 && subjects.iter().all(|subject| subject.ends_with(" is INACTIVE")),
        "{subjects:?}"
    );
}

/// A provider of somebody else: it needs two polls, and notes what it is asked.
#[derive(Clone, Default)]
struct Provider {
    asked: Arc<Mutex<Vec<(String, String, Value)>>>,
}

impl Provider {
    fn note(&self, what: &str, headers: &HeaderMap, body: Value) -> usize {
        let token =
            headers.get("authorization").map_or_else(String::new, |value| value.to_str().unwrap().to_owned());
        let mut asked = self.asked.lock().unwrap();
        asked.push((what.to_owned(), token, body));
        asked.iter().filter(|(other, ..)| other == what).count()
    }

    async fn serve(self) -> String {
        let status = |status: &str| {
            Json(
                json!({"action_id": "abc", "status": status, "creator_id": "urn:x", "details": {"answer": 42}}),
            )
        };
        let router = Router::new()
            .route("/x/", get(async || {
                Json(json!({"globus_auth_scope": "https://auth.globus.org/scopes/0c3f5a4e-9d0f-4f7c-9a61-6f6f6f0f6f6f/act"}))
            }))
            .route("/x/run", post(async move |State(provider): State<Provider>, headers: HeaderMap, Json(body): Json<Value>| {
                provider.note("run", &headers, body);
                (http::StatusCode::ACCEPTED, status("ACTIVE"))
            }))
            .route("/x/abc/status", get(async move |State(provider): State<Provider>, headers: HeaderMap| {
                let count = provider.note("status", &headers, Value::Null);
                if count < 2 { status("ACTIVE") } else { status("SUCCEEDED") }
            }))
            .route("/x/abc/{verb}", post(async move |State(provider): State<Provider>, Path(verb): Path<String>, headers: HeaderMap| {
                provider.note(&verb, &headers, Value::Null);
                status("SUCCEEDED")
            }))
            .with_state(self);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

#[tokio::test]
async fn providers_of_others_are_called_by_their_url() {
    let lab = Lab::start().await;
    let provider = Provider::default();
    let url = provider.clone().serve().await;
    let flow = lab
        .flow("A", json!({"A": {"Type": "Action", "ActionUrl": url, "Parameters": {"q.$": "$.q"}, "ResultPath": "$.r", "End": true}}))
        .await;
    let output = lab.output(&flow, json!({"q": "why"})).await;
    assert_eq!((&output["r"]["details"], &output["r"]["state_name"]), (&json!({"answer": 42}), &json!("A")));
    let asked = provider.asked.lock().unwrap().clone();
    let verbs: Vec<&str> = asked.iter().map(|(verb, ..)| verb.as_str()).collect();
    assert_eq!(verbs, ["run", "status", "status", "release"]);
    assert_eq!(asked[0].2["body"], json!({"q": "why"}));
    assert!(asked[0].2["request_id"].is_string());
    // It gets a token of its own, not the one that started the run.
    assert!(asked[0].1.starts_with("Bearer Ag") && asked[0].1 != flow.token);

    // One that goes away.
    let gone = json!({"A": {"Type": "Action", "ActionUrl": "http://127.0.0.1:9/x", "ActionScope": HELLO_SCOPE, "Parameters": {}, "End": true}});
    let failed = lab.run(&lab.flow("A", gone).await, json!({})).await;
    assert_eq!(failed["details"]["details"]["error"], "ActionUnableToRun");
}

#[tokio::test]
async fn a_canceled_run_cancels_its_action() {
    let lab = Lab::start().await;
    let flow = lab
        .flow("A", json!({"A": {"Type": "Action", "ActionUrl": "https://actions.globus.org/weboption/wait_for_option",
            "Parameters": {"options": [{"name": "go", "url_suffix": "s1", "description": "<b>"}],
                "landing_page": {"url_suffix": "p1", "page_title": "Choose"}}, "End": true}}))
        .await;
    let closed = json!({"Type": "Action", "ActionUrl": "https://actions.globus.org/weboption/wait_for_option", "End": true,
        "Parameters": {"options": [{"name": "go", "url_suffix": "s2"}],
            "landing_page": {"url_suffix": "p2", "selectable_by": ["all_authenticated_users"]}}});
    let other = lab.flow("A", json!({"A": closed})).await;
    let other = lab.start_run(&other, json!({})).await;
    while lab.show(&other).await["details"]["action_statuses"].as_array().is_none_or(Vec::is_empty) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let run = lab.start_run(&flow, json!({})).await;
    while lab.show(&run).await["details"]["action_statuses"].as_array().is_none_or(Vec::is_empty) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let page = lab.server.get("/actions/weboption/landing_page/p1").await.text();
    assert!(page.contains("option/s1") && page.contains("&lt;b&gt;"), "{page}");
    let page = lab.server.get("/actions/weboption/landing_page/p2").await;
    assert_eq!(page.status, 403, "{}", page.text());
    // Options have the list of their page, unless one of them has its own.
    assert_eq!(lab.server.get("/actions/weboption/option/s2").await.status, 403);
    lab.post(&format!("/flows/runs/{run}/cancel"), &lab.token).await.expect(202);
    let start = std::time::Instant::now();
    while lab.server.get("/actions/weboption/landing_page/p1").await.status != 404 {
        assert!(start.elapsed() < std::time::Duration::from_secs(10), "the action is not canceled");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(lab.server.get("/actions/weboption/option/s1").await.status, 404);
}
