//! Who may do what with runs, consents that are missing, questions to people, and what a flow is checked for.

use serde_json::{Value, json};

use crate::client::{FLOWS, Server, bearer};
use crate::lab::Lab;

const HELLO: &str = "https://actions.globus.org/hello_world";

fn code(document: &Value) -> &str {
    document["error"]["code"].as_str().unwrap()
}

/// The token of a person, and their URN.
async fn person(server: &Server, scope: &str) -> (String, String) {
    let login = server.login(scope, "online").await;
    let token = bearer(login["access_token"].as_str().unwrap());
    let userinfo = server.login("openid", "online").await;
    let userinfo = bearer(userinfo["access_token"].as_str().unwrap());
    let me = server.get_with("/auth/v2/oauth2/userinfo", &userinfo).await.expect(200)["sub"].clone();
    (token, format!("urn:globus:auth:identity:{}", me.as_str().unwrap()))
}

#[tokio::test]
async fn roles_open_doors() {
    let lab = Lab::start().await;
    let (token, me) = person(&lab.server, FLOWS).await;
    let flow = lab.flow("W", json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}})).await;
    let scope = lab.server.get_with(&format!("/flows/flows/{}", flow.id), &lab.token).await.expect(200);
    let (mine, _) = person(&lab.server, scope["globus_auth_scope"].as_str().unwrap()).await;
    let flow_path = format!("/flows/flows/{}", flow.id);
    let start = json!({"body": {}});

    // A stranger; a viewer; a starter.
    let try_start = async || lab.server.json("POST", &format!("{flow_path}/run"), &mine, &start).await;
    assert_eq!(code(&try_start().await.expect(404)), "NOT_FOUND");
    lab.server.json("PUT", &flow_path, &lab.token, &json!({"flow_viewers": [me]})).await.expect(200);
    let refused = try_start().await.expect(403);
    assert!(refused["error"]["detail"].as_str().unwrap().ends_with("Missing permissions: RUN."), "{refused}");
    lab.server.json("PUT", &flow_path, &lab.token, &json!({"flow_starters": [me]})).await.expect(200);
    let own = try_start().await.expect(201);
    assert_eq!(own["user_roles"], json!(["run_owner"]));
    // The owner of the flow manages the run, and does not resume it.
    let own = own["run_id"].as_str().unwrap();
    assert_eq!(lab.show(own).await["user_roles"], json!(["flow_run_manager"]));
    let resume = lab.post(&format!("/flows/runs/{own}/resume"), &flow.token).await.expect(403);
    assert!(
        resume["error"]["detail"].as_str().unwrap().ends_with("Missing permissions: RESUME."),
        "{resume}"
    );
    lab.post(&format!("/flows/runs/{own}/cancel"), &lab.token).await.expect(202);

    // A run of somebody else: invisible, monitored, managed.
    let run = lab.start_run(&flow, json!({})).await;
    let path = format!("/flows/runs/{run}");
    assert_eq!(code(&lab.server.get_with(&path, &token).await.expect(404)), "NOT_FOUND");
    lab.server.json("PUT", &path, &lab.token, &json!({"run_monitors": [me]})).await.expect(200);
    let seen = lab.server.get_with(&path, &token).await.expect(200);
    assert_eq!((&seen["user_role"], &seen["run_monitors"]), (&json!("run_monitor"), &json!([])));
    for (method, path) in
        [("POST", format!("{path}/cancel")), ("POST", format!("{path}/release")), ("PUT", path.clone())]
    {
        assert_eq!(code(&lab.server.json(method, &path, &token, &json!({})).await.expect(403)), "FORBIDDEN");
    }
    let listed = lab.server.get_with("/flows/runs?filter_roles=run_monitor", &token).await.expect(200);
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1);
    lab.server.json("PUT", &path, &lab.token, &json!({"run_managers": [me]})).await.expect(200);
    lab.server.json("PUT", &path, &token, &json!({"label": "theirs"})).await.expect(200);
    lab.post(&format!("{path}/cancel"), &token).await.expect(202);
}

#[tokio::test]
async fn a_flow_that_changed_waits_for_new_consent() {
    let lab = Lab::start().await;
    let flow = lab.flow("A", json!({"A": {"Type": "Pass", "End": true}})).await;
    // The old token knows nothing of the action that the flow has now.
    let states =
        json!({"A": {"Type": "Action", "ActionUrl": HELLO, "Parameters": {"echo_string": "x"}, "End": true}});
    let change = json!({"definition": {"StartAt": "A", "States": states}});
    lab.server.json("PUT", &format!("/flows/flows/{}", flow.id), &lab.token, &change).await.expect(200);
    let run = lab.start_run(&flow, json!({})).await;
    let inactive = lab.until(&run, &["INACTIVE", "SUCCEEDED", "FAILED"]).await;
    assert_eq!(
        (&inactive["status"], &inactive["details"]["code"]),
        (&json!("INACTIVE"), &json!("ConsentRequired")),
        "{inactive:#}"
    );
    let required = inactive["details"]["required_scope"].as_str().unwrap();
    let expected = format!(
        "{}[https://auth.globus.org/scopes/actions.globus.org/hello_world]",
        required.split('[').next().unwrap()
    );
    assert_eq!(required, expected);
    assert_eq!(inactive["details"]["state_name"], "A");
    let outbox = lab.server.get("/_emulator/outbox").await.expect(200);
    assert!(outbox["mails"][0]["subject"].as_str().unwrap().ends_with("is INACTIVE"), "{outbox}");

    // Resuming without the consent changes nothing; with it, the run goes on.
    lab.post(&format!("/flows/runs/{run}/resume"), &flow.token).await.expect(200);
    assert_eq!(lab.until(&run, &["INACTIVE", "SUCCEEDED"]).await["status"], "INACTIVE");
    let consented = lab.token_for(required).await;
    lab.post(&format!("/flows/runs/{run}/resume"), &consented).await.expect(200);
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(done["details"]["output"]["details"]["hello"], "x");
    assert!(lab.codes(&run).await.contains(&"FlowResumed".to_owned()));
}

#[tokio::test]
async fn flows_that_act_need_their_own_scope() {
    let lab = Lab::start().await;
    let run_scope =
        lab.token_for("https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/run").await;
    let quiet = lab.flow("A", json!({"A": {"Type": "Pass", "End": true}})).await;
    let acting = lab
        .flow("A", json!({"A": {"Type": "Action", "ActionUrl": HELLO, "Parameters": {}, "End": true}}))
        .await;
    let start = json!({"body": {}});
    lab.server.json("POST", &format!("/flows/flows/{}/run", quiet.id), &run_scope, &start).await.expect(201);
    let refused = lab
        .server
        .json("POST", &format!("/flows/flows/{}/run", acting.id), &run_scope, &start)
        .await
        .expect(403);
    assert_eq!(code(&refused), "MISSING_SCOPE");
    assert!(refused["error"]["detail"].as_str().unwrap().contains(&acting.id), "{refused}");
    let other =
        lab.server.json("POST", &format!("/flows/flows/{}/run", acting.id), &quiet.token, &start).await;
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn a_group_has_roles_for_all_who_are_in_it() {
    const GROUP: &str = "60000000-0000-4000-8000-00000000000f";
    let lab = Lab::start().await;
    let (token, _) = person(&lab.server, FLOWS).await;
    let flow = lab.flow("W", json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}})).await;
    let run = lab.start_run(&flow, json!({})).await;
    let (flow_path, run_path) = (format!("/flows/flows/{}", flow.id), format!("/flows/runs/{run}"));
    let urn = format!("urn:globus:groups:id:{GROUP}");
    lab.server.json("PUT", &flow_path, &lab.token, &json!({"flow_administrators": [urn]})).await.expect(200);
    lab.server.json("PUT", &run_path, &lab.token, &json!({"run_monitors": [urn]})).await.expect(200);
    for path in [&flow_path, &run_path] {
        assert_eq!(code(&lab.server.get_with(path, &token).await.expect(404)), "NOT_FOUND");
    }
    let group = json!({"id": GROUP, "name": "Beamline", "members": ["demo@emulator.example.org"]});
    lab.server.json("POST", "/_emulator/seed", "", &json!({"groups": [group]})).await.expect(201);
    let shown = lab.server.get_with(&flow_path, &token).await.expect(200);
    assert_eq!(shown["user_roles"], json!(["flow_administrator"]));
    lab.server.json("PUT", &flow_path, &token, &json!({"title": "ours"})).await.expect(200);
    let listed =
        lab.server.get_with("/flows/flows?filter_roles=flow_administrator", &token).await.expect(200);
    assert_eq!(listed["flows"][0]["id"], json!(flow.id));
    let seen = lab.server.get_with(&run_path, &token).await.expect(200);
    assert_eq!(seen["user_roles"], json!(["flow_run_manager", "run_monitor"]));
    lab.post(&format!("{run_path}/cancel"), &token).await.expect(202);
}

#[tokio::test]
async fn definitions_are_validated_as_a_whole() {
    let lab = Lab::start().await;
    let validate =
        async |body: &Value| lab.server.json("POST", "/flows/flows/validate", &lab.token, body).await;
    let states = json!({
        "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "B"}], "Default": "C"},
        "B": {"Type": "Action", "ActionUrl": HELLO, "Parameters": {}, "RunAs": "Flow", "End": true},
        "C": {"Type": "Action", "ActionUrl": "https://transfer.actions.globus.org/ls", "Parameters": {}, "RunAs": "Curator", "End": true}});
    let sound = validate(&json!({"definition": {"StartAt": "A", "States": states}})).await.expect(200);
    assert_eq!(sound["analysis"], json!({"number_of_possibilities": 2}));
    assert_eq!(
        sound["scopes"],
        json!({
        "Flow": ["https://auth.globus.org/scopes/actions.globus.org/hello_world"],
        "Curator": ["urn:globus:auth:scope:transfer.api.globus.org:all"]})
    );
    let flow = lab.flow("A", states).await;
    let shown = lab.server.get_with(&format!("/flows/flows/{}", flow.id), &lab.token).await.expect(200);
    let role = shown["globus_auth_scopes_by_RunAs"]["Curator"].as_str().unwrap();
    assert!(
        role.ends_with("_curator") && shown["globus_auth_scopes_by_RunAs"].as_object().unwrap().len() == 1
    );
    lab.token_for(role).await;

    let broken = json!({"definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"x.=": "1 +"}}}}});
    let refused = validate(&broken).await.expect(422);
    assert_eq!(code(&refused), "UNPROCESSABLE_ENTITY");
    let locs: Vec<&Value> =
        refused["error"]["detail"].as_array().unwrap().iter().map(|one| &one["loc"]).collect();
    assert_eq!(
        locs,
        [&json!(["definition", "States", "A"]), &json!(["definition", "States", "A", "Parameters", "x.="])]
    );
    let lost = json!({"definition": {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.gone", "End": true}}},
        "input_schema": {"type": "object", "properties": {}, "additionalProperties": false}});
    let refused = validate(&lost).await.expect(422);
    assert_eq!(code(&refused), "FLOW_VALIDATION_FAILED");
    assert_eq!(refused["error"]["message"], "This flow contains errors in 1 wait state.");
    assert_eq!(refused["error"]["detail"][0]["ctx"], json!({"field_name": "SecondsPath"}));
    let nowhere = json!({"definition": {"StartAt": "A", "States": {"A": {"Type": "Action", "ActionUrl": "http://127.0.0.1:9/x",
        "Parameters": {}, "End": true}}}});
    assert_eq!(code(&validate(&nowhere).await.expect(409)), "SCOPE_RESOLUTION_FAILED");
    assert_eq!(validate(&json!({"definition": 5})).await.status, 422);
}

#[tokio::test]
async fn people_answer_questions() {
    let lab = Lab::start().await;
    let (token, me) = person(&lab.server, FLOWS).await;
    let flow = lab
        .flow("Ask", json!({
            "Ask": {"Type": "CreateWebInput", "ResultPath": "$.asked", "Next": "Wait", "Parameters": {
                "InputType": "Selection", "RespondentUrns": [me],
                "Context": {"PresentationStyle": "Table", "Title": "May it go out?", "Rows": [{"Field": "path", "Value.$": "$.path"}]},
                "Options": [{"Value": {"ok": true}, "Label": "Yes", "Description": "go"}, {"Value": "no", "Label": "No"}]}},
            "Wait": {"Type": "AwaitWebInput", "Parameters": {"web_input_id.$": "$.asked.web_input_id"}, "ResultPath": "$.answer",
                "End": true}}))
        .await;
    let run = lab.start_run(&flow, json!({"path": "/data/x"})).await;
    let id = loop {
        let shown = lab.show(&run).await;
        if let Some(id) = shown["blocking_web_input_id"].as_str() {
            break id.to_owned();
        }
        tokio::task::yield_now().await;
    };
    let listed = lab.server.get_with("/flows/web_inputs", &token).await.expect(200);
    assert_eq!(listed["web_input_summaries"][0]["title"], "May it go out?");
    assert_eq!(
        lab.server.get_with("/flows/web_inputs", &lab.token).await.expect(200)["web_input_summaries"],
        json!([])
    );
    let path = format!("/flows/web_inputs/{id}");
    assert_eq!(code(&lab.server.get_with(&path, &lab.token).await.expect(404)), "NOT_FOUND");
    let input = lab.server.get_with(&path, &token).await.expect(200);
    assert_eq!(input["context"]["rows"], json!([{"field": "path", "value": "/data/x"}]));
    assert_eq!((&input["status"], &input["user_roles"]), (&json!("open"), &json!(["respondent"])));
    let respond = async |value: &Value| {
        let body = json!({"response": {"value": value}});
        lab.server.json("POST", &format!("{path}/respond"), &token, &body).await
    };
    let wrong = respond(&json!("x")).await.expect(422);
    assert_eq!(wrong["error"]["detail"], "'x' is not a registered option id for this input.");
    assert_eq!(respond(&input["options"][0]["option_id"]).await.expect(200), json!({"status": "ok"}));
    assert_eq!(code(&respond(&input["options"][0]["option_id"]).await.expect(409)), "STATE_CONFLICT");
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(done["details"]["output"]["answer"]["response"], json!({"ok": true}), "{done:#}");
    assert_eq!(done["blocking_web_input_id"], Value::Null);
    assert_eq!(
        lab.server.get_with("/flows/web_inputs", &token).await.expect(200)["web_input_summaries"],
        json!([])
    );
    let closed = lab.server.get_with("/flows/web_inputs?filter_states=closed", &token).await.expect(200);
    assert_eq!(closed["web_input_summaries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn registered_apis_are_kept_for_those_who_have_a_role() {
    let lab = Lab::start().await;
    let (token, me) = person(&lab.server, FLOWS).await;
    let body = json!({"name": "Samples", "description": "Looks one up", "target": {"type": "openapi", "openapi_version": "3.1",
        "destination": {"method": "get", "url": "https://samples.example.org/{id}"}, "specification": {}},
        "subscription_id": "1b2c3d4e-0000-4000-8000-000000000009", "roles": {"viewers": [me]}});
    let create =
        async |body: &Value| lab.server.json("POST", "/flows/registered_apis", &lab.token, body).await;
    let made = create(&body).await.expect(201);
    assert_eq!((&made["status"], &made["roles"]["viewers"]), (&json!("ACTIVE"), &json!([me])));
    let path = format!("/flows/registered_apis/{}", made["id"].as_str().unwrap());
    assert_eq!(lab.server.get_with(&path, &token).await.expect(200)["name"], "Samples");
    assert_eq!(
        code(&lab.server.json("PATCH", &path, &token, &json!({"name": "x"})).await.expect(403)),
        "FORBIDDEN"
    );
    let changed = lab
        .server
        .json("PATCH", &path, &lab.token, &json!({"roles": {"viewers": [], "administrators": [me]}}))
        .await
        .expect(200);
    assert_eq!((&changed["name"], &changed["roles"]["administrators"]), (&json!("Samples"), &json!([me])));
    assert_eq!(lab.server.json("PATCH", &path, &token, &json!({"name": "x"})).await.expect(200)["name"], "x");
    // Administrators choose who sees it, and not who else administers or owns it.
    for (roles, status) in [
        (json!({"administrators": []}), 403),
        (json!({"owners": [me]}), 403),
        (json!({"administrators": [me], "viewers": [me]}), 200),
        (json!({"viewers": []}), 200),
    ] {
        let answer = lab.server.json("PATCH", &path, &token, &json!({"roles": roles})).await;
        assert_eq!(answer.status, status, "{roles}");
    }
    let list = async |token: &str, query: &str| {
        let page = lab.server.get_with(&format!("/flows/registered_apis{query}"), token).await.expect(200);
        page["registered_apis"].as_array().unwrap().len()
    };
    assert_eq!((list(&lab.token, "").await, list(&token, "").await), (1, 0));
    assert_eq!(list(&token, "?filter_roles=administrator,viewer&orderby=name%20DESC&per_page=1").await, 1);
    assert_eq!(lab.server.get_with("/flows/registered_apis?filter_roles=king", &token).await.status, 400);

    for (change, loc) in [
        (json!({"name": null}), json!(["name"])),
        (json!({"target": {"type": "x"}}), json!(["target", "type"])),
        (json!({"data_templates": 5}), json!(["data_templates"])),
        (json!({"state_input_schema": {"type": "x"}}), json!(["state_input_schema"])),
        (json!({"roles": {"viewers": ["me"]}}), json!(["roles", "viewers", 0])),
        (json!({"subscription_id": "x"}), json!(["subscription_id"])),
        (json!({"subscription_id": null}), json!(["subscription_id"])),
    ] {
        let refused = lab.server.json("PATCH", &path, &lab.token, &change).await.expect(400);
        assert_eq!(refused["error"]["detail"][0]["loc"], loc, "{refused}");
    }
    assert_eq!(create(&json!({})).await.expect(400)["error"]["detail"].as_array().unwrap().len(), 4);
    assert_eq!(lab.server.send("DELETE", &path, &[("Authorization", &token)], b"").await.status, 403);
    assert_eq!(lab.server.send("DELETE", &path, &[("Authorization", &lab.token)], b"").await.status, 200);
    assert_eq!(lab.server.get_with(&path, &lab.token).await.status, 404);
}

#[tokio::test]
async fn flows_of_high_assurance_want_a_session_that_meets_their_policy() {
    let lab = Lab::start().await;
    let policy = "1b2c3d4e-0000-4000-8000-000000000005";
    let project = "1b2c3d4e-0000-4000-8000-000000000004";
    let seed = json!({
        "projects": [{"id": project, "display_name": "P", "contact_email": "ops@uni.example.edu", "admins": []}],
        "policies": [{"id": policy, "project_id": project, "display_name": "Campus", "high_assurance": true,
            "authentication_assurance_timeout": 3600, "domain_constraints_include": ["*.example.edu"]}]});
    lab.server.json("POST", "/_emulator/seed", "", &seed).await.expect(201);
    let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
    let flow = lab.flow_with(&json!({"definition": definition, "authentication_policy_id": policy})).await;
    let path = format!("/flows/flows/{}", flow.id);
    for (method, path, token) in [
        ("GET", path.clone(), &lab.token),
        ("PUT", path.clone(), &lab.token),
        ("POST", format!("{path}/run"), &flow.token),
        ("DELETE", path.clone(), &lab.token),
    ] {
        let refused = lab.server.json(method, &path, token, &json!({"body": {}})).await.expect(403);
        assert_eq!(code(&refused), "AUTHENTICATION_POLICY_REQUIRED", "{method} {path}");
        assert_eq!(refused["authorization_parameters"]["session_required_policies"], json!([policy]));
    }
    // Lists do not ask, and do not tell.
    let listed = lab.server.get_with("/flows/flows", &lab.token).await.expect(200);
    assert_eq!(
        (&listed["flows"][0]["definition"], &listed["flows"][0]["is_high_assurance"]),
        (&Value::Null, &json!(true))
    );
}
