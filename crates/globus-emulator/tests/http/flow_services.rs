//! Providers of services that the emulator has no API of: Compute, and the making of guest collections.

use std::fs;
use std::time::Duration;

use globus_emulator::CollectionSetup;
use serde_json::{Value, json};

use crate::client::{CLIENT, Server, TRANSFER};
use crate::lab::Lab;

const COMPUTE: &str = "https://compute.actions.globus.org/v3";
const GUEST: &str = "urn:globus:auth:scope:transfer.actions.globus.org:create_guest_collection";
const ENDPOINT: &str = "1b2c3d4e-0000-4000-8000-00000000000e";
const TAR: &str = "1b2c3d4e-0000-4000-8000-0000000000f1";
const REPORT: &str = "1b2c3d4e-0000-4000-8000-0000000000f2";

fn compute(tasks: &Value) -> Value {
    json!({"Type": "Action", "ActionUrl": COMPUTE, "Parameters": {"endpoint_id": ENDPOINT, "tasks": tasks}, "ResultPath": "$.c",
        "End": true})
}

#[tokio::test]
async fn functions_that_were_given_to_the_emulator_run() {
    let lab = Lab::start().await;
    // One in Rust, which sees what it is called with; one over HTTP, which takes its time.
    let function = TAR.parse().unwrap();
    lab.server.emulator.add_function(function, |args, kwargs| match args {
        [Value::String(path)] => Ok(json!(format!("{path}{}", kwargs["suffix"].as_str().unwrap()))),
        _ => Err("one path is needed".to_owned()),
    });
    let report = json!([{"function_id": REPORT, "expression": "{'sum': args[0] + args[1]}", "seconds": 600}]);
    lab.server.json("POST", "/_emulator/functions", "", &report).await.expect(201);
    let both = compute(&json!([
        {"function_id": TAR, "args": ["/data/set"], "kwargs": {"suffix.$": "$.suffix"}},
        {"function_id": REPORT, "args": [2, 3]}]));
    let flow = lab.flow("A", json!({"A": both})).await;
    let run = lab.start_run(&flow, json!({"suffix": ".tar"})).await;
    while lab.show(&run).await["details"]["action_statuses"].as_array().is_none_or(Vec::is_empty) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    lab.advance(200).await;
    assert_eq!(lab.show(&run).await["details"]["action_statuses"][0]["status"], "ACTIVE");
    // An action may take 300 s unless its state says otherwise.
    lab.advance(150).await;
    let late = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    assert_eq!(late["details"]["details"]["error"], "ActionTimeout", "{late:#}");

    let mut patient =
        compute(&json!([{"function_id": TAR, "args": ["/data/set"], "kwargs": {"suffix": ".tar"}},
        {"function_id": REPORT, "args": [2, 3]}]));
    patient["WaitTime"] = 3600.into();
    let flow = lab.flow("A", json!({"A": patient})).await;
    let run = lab.start_run(&flow, json!({})).await;
    while lab.show(&run).await["details"]["action_statuses"].as_array().is_none_or(Vec::is_empty) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    lab.advance(601).await;
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    let status = &done["details"]["output"]["c"];
    assert_eq!(status["details"]["result"], json!(["/data/set.tar", {"sum": 5}]), "{done:#}");
    assert_eq!(status["details"]["results"][1]["output"], json!({"sum": 5}));
    assert!(status["action_id"].as_str().unwrap().starts_with("tg_"));
    let seen = lab.server.get("/_emulator/functions").await.expect(200);
    assert_eq!(seen["functions"], json!([TAR, REPORT]));
    let calls = seen["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2, "each task runs once: {calls:#?}");
    assert_eq!(
        (&calls[0]["body"]["args"], &calls[0]["body"]["endpoint_id"]),
        (&json!(["/data/set"]), &json!(ENDPOINT))
    );
}

#[tokio::test]
async fn functions_fail_as_functions_do() {
    let lab = Lab::start().await;
    lab.server.emulator.add_function(TAR.parse().unwrap(), |args, _| Ok(args[0].clone()));
    let fails = json!({"function_id": REPORT, "exception": "ValueError: no data"});
    lab.server.json("POST", "/_emulator/functions", "", &fails).await.expect(201);
    let unknown = "1b2c3d4e-0000-4000-8000-0000000000f3";
    for (function, part) in [(REPORT, "ValueError: no data"), (TAR, "panicked"), (unknown, "has no function")]
    {
        let flow = lab.flow("A", json!({"A": compute(&json!([{"function_id": function}]))})).await;
        let failed = lab.run(&flow, json!({})).await;
        let details = &failed["details"]["details"];
        assert_eq!(details["error"], "ActionFailedException", "{failed:#}");
        assert!(details["cause"].as_str().unwrap().contains(part), "{failed:#}");
    }
    for wrong in [
        json!({"function_id": "x", "output": 1}),
        json!([{"function_id": TAR, "expression": "1 +"}]),
        json!(1),
    ] {
        let refused = lab.server.json("POST", "/_emulator/functions", "", &wrong).await.expect(400);
        assert!(refused["error"].is_string(), "{refused}");
    }
    assert_eq!(lab.server.send("DELETE", "/_emulator/functions", &[], b"").await.status, 204);
    assert_eq!(
        lab.server.get("/_emulator/functions").await.expect(200),
        json!({"functions": [], "calls": []})
    );
}

#[tokio::test]
async fn flows_create_guest_collections() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["m/results", "p/results"] {
        fs::create_dir_all(directory.path().join(name)).unwrap();
    }
    let path = |name: &str| directory.path().join(name);
    let server = Server::with(|builder| {
        let bare = CollectionSetup::mapped("bare", path("m")).server("Other").unsubscribed();
        builder
            .collection_with(CollectionSetup::mapped("m", path("m")))
            .collection_with(bare)
            .collection_with(CollectionSetup::personal("p", path("p")).owner(CLIENT))
    });
    let lab = Lab::of(server.await).await;
    let id = |name: &str| lab.server.emulator.collection_id(name).unwrap().to_string();
    let create = |kind: &str| {
        json!({"A": {"Type": "Action", "ActionUrl": format!("https://transfer.actions.globus.org/{kind}/create_guest_collection"),
            "Parameters": {"mapped_collection_id.$": "$.on", "collection_base_path.$": "$.path", "display_name.$": "$.name",
                "description": "made by a flow"}, "End": true}})
    };
    let shown = async |guest: &Value| {
        let token = lab.token_for(TRANSFER).await;
        let path = format!("/transfer/v0.10/endpoint/{}", guest.as_str().unwrap());
        lab.server.get_with(&path, &token).await.expect(200)
    };

    // On a mapped collection, with the consent that its data needs.
    let flow = lab.flow("A", create("gcsv5")).await;
    let input = |on: &str, path: &str, name: &str| json!({"on": id(on), "path": path, "name": name});
    let run = lab.start_run(&flow, input("m", "/results/", "Shared")).await;
    let inactive = lab.until(&run, &["INACTIVE", "SUCCEEDED", "FAILED"]).await;
    let required = inactive["details"]["required_scope"].as_str().unwrap_or_else(|| panic!("{inactive:#}"));
    let data = format!("https://auth.globus.org/scopes/{}/data_access", id("m"));
    assert!(required.ends_with(&format!("[{GUEST}[{TRANSFER}[*{data}]]]")), "{required}");
    let token = lab.token_for(required).await;
    lab.post(&format!("/flows/runs/{run}/resume"), &token).await.expect(200);
    let done = lab.until(&run, &["SUCCEEDED", "FAILED"]).await;
    let made = &done["details"]["output"]["details"];
    assert_eq!(
        (&made["DATA_TYPE"], &made["collection_type"]),
        (&json!("collection#1.9.0"), &json!("guest")),
        "{done:#}"
    );
    assert!(made["https_url"].is_string() && made["user_credential_id"].is_string());
    let guest = shown(&made["id"]).await;
    assert_eq!(
        (&guest["entity_type"], &guest["host_path"]),
        (&json!("GCSv5_guest_collection"), &json!("/results/"))
    );
    assert_eq!((&guest["owner_id"], &guest["description"]), (&json!(CLIENT), &json!("made by a flow")));

    // On a Globus Connect Personal.
    let flow = lab.flow("A", create("gcp")).await;
    let made = lab.output(&flow, input("p", "/results/", "Mine")).await;
    assert_eq!(made["details"]["code"], "Created", "{made:#}");
    assert_eq!(shown(&made["details"]["id"]).await["entity_type"], "GCP_guest_collection");

    // Where there is no directory, no subscription, or another kind of collection.
    let gcp = flow;
    let flow = lab.flow("A", create("gcsv5")).await;
    let consented = |on: &str| {
        let data = format!("https://auth.globus.org/scopes/{}/data_access", id(on));
        let plain = flow.id.replace('-', "_");
        format!("https://auth.globus.org/scopes/{}/flow_{plain}_user[{GUEST}[{TRANSFER}[*{data}]]]", flow.id)
    };
    for (on, path, part) in [
        ("m", "/nowhere/", "no such directory"),
        ("bare", "/results/", "subscription"),
        ("p", "/results/", "GCP_mapped"),
    ] {
        let token = if on == "p" { flow.token.clone() } else { lab.token_for(&consented(on)).await };
        let made = crate::lab::Made { id: flow.id.clone(), token };
        let failed = lab.run(&made, input(on, path, "x")).await;
        let cause = failed["details"]["details"]["cause"].as_str().unwrap_or_else(|| panic!("{failed:#}"));
        assert!(cause.contains(part), "{cause}");
    }
    let failed = lab.run(&gcp, input("p", "/nowhere/", "x")).await;
    assert_eq!(failed["details"]["details"]["error"], "ActionFailedException", "{failed:#}");
}
