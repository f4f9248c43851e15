//! The legacy operations: requests and documents.
#![expect(deprecated, reason = "they are what is tested")]

use std::time::Duration;

use globus_core::test_util::shape;
use globus_transfer::activation::{
    ActivationCode, ActivationRequirements, ActivationResult, NewEndpoint, NewServer, ServerCreated,
    ServerUpdate,
};
use serde_json::{Value, json};

use crate::{
    common::{SOURCE, client, ok, replay, silent},
    mutation::check,
};

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

fn requirements() -> Value {
    json!({
        "DATA_TYPE": "activation_requirements", "activated": true, "expires_in": 3600,
        "expire_time": "2026-01-31T12:00:00+00:00", "auto_activation_supported": false,
        "oauth_server": "oauth.example.org", "length": 1,
        "DATA": [
            {
                "DATA_TYPE": "activation_requirement", "type": "myproxy", "name": "passphrase",
                "ui_name": "Passphrase", "description": "of the account", "required": true, "private": true,
                "value": "opensesame",
            },
        ],
    })
}

#[test]
fn requests() {
    let client = silent();
    let path = format!("/v0.10/endpoint/{SOURCE}");
    let filled: ActivationRequirements =
        read(&json!({"DATA_TYPE": "activation_requirements", "DATA": [], "expires_in": 7}));
    let activated = r#"{"DATA_TYPE":"activation_requirements","DATA":[],"activated":null,"expires_in":7,"expire_time":null,"auto_activation_supported":null,"oauth_server":null}"#;
    let server = r#""incoming_data_port_end":50100,"incoming_data_port_start":50000,"outgoing_data_port_end":null,"outgoing_data_port_start":null,"port":2812,"scheme":"ftp","subject":null}"#;
    macro_rules! server_members {
        ($server:expr) => {
            $server
                .port(2812)
                .scheme("ftp")
                .subject(None)
                .incoming_data_port_start(50_000)
                .incoming_data_port_end(50_100)
                .outgoing_data_port_start(None)
                .outgoing_data_port_end(None)
        };
    }
    let rows = [
        (
            shape(client.endpoint_get_activation_requirements(SOURCE).to_request()),
            format!("GET {path}/activation_requirements"),
        ),
        (shape(client.endpoint_autoactivate(SOURCE).to_request()), format!("POST {path}/autoactivate")),
        (
            shape(client.endpoint_autoactivate(SOURCE).if_expires_in(60).timeout(5).to_request()),
            format!("POST {path}/autoactivate?if_expires_in=60&timeout=5"),
        ),
        (
            shape(client.endpoint_activate(SOURCE, filled.clone()).to_request()),
            format!("POST {path}/activate {activated}"),
        ),
        (
            shape(client.endpoint_activate(SOURCE, filled).if_expires_in(60).timeout(5).to_request()),
            format!("POST {path}/activate?if_expires_in=60&timeout=5 {activated}"),
        ),
        (shape(client.endpoint_deactivate(SOURCE).to_request()), format!("POST {path}/deactivate")),
        (
            shape(client.create_endpoint(NewEndpoint::new("n")).to_request()),
            r#"POST /v0.10/endpoint {"DATA_TYPE":"endpoint","display_name":"n"}"#.to_owned(),
        ),
        (
            shape(
                client
                    .create_endpoint(
                        NewEndpoint::new("n").description("d").is_globus_connect(true).public(false),
                    )
                    .to_request(),
            ),
            r#"POST /v0.10/endpoint {"DATA_TYPE":"endpoint","description":"d","display_name":"n","is_globus_connect":true,"public":false}"#
                .to_owned(),
        ),
        (
            shape(client.add_endpoint_server(SOURCE, NewServer::new("h")).to_request()),
            format!(r#"POST {path}/server {{"DATA_TYPE":"server","hostname":"h"}}"#),
        ),
        (
            shape(client.add_endpoint_server(SOURCE, server_members!(NewServer::new("h"))).to_request()),
            format!(r#"POST {path}/server {{"DATA_TYPE":"server","hostname":"h",{server}"#),
        ),
        (
            shape(client.update_endpoint_server(SOURCE, 575, ServerUpdate::new()).to_request()),
            format!(r#"PUT {path}/server/575 {{"DATA_TYPE":"server"}}"#),
        ),
        (
            shape(
                client
                    .update_endpoint_server(
                        SOURCE,
                        575,
                        server_members!(ServerUpdate::new().hostname("h")),
                    )
                    .to_request(),
            ),
            format!(r#"PUT {path}/server/575 {{"DATA_TYPE":"server","hostname":"h",{server}"#),
        ),
        (
            shape(client.delete_endpoint_server(SOURCE, 575).to_request()),
            format!("DELETE {path}/server/575"),
        ),
    ];
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

#[test]
fn requirements_document() {
    check::<ActivationRequirements>(&requirements(), &[], &[]);
    let document: ActivationRequirements = read(&requirements());
    assert!(document.extra().is_empty() && document.data[0].extra().is_empty());
    assert!(!format!("{document:?}").contains("opensesame"));
}

#[test]
fn filled_in() {
    let mut document: ActivationRequirements = read(&requirements());
    document.set("myproxy", "passphrase", "friend").unwrap();
    assert_eq!(document.data[0].value.as_deref(), Some("friend"));
    let error = document.set("myproxy", "username", "ada").unwrap_err().to_string();
    assert!(error.contains(r#"no activation requirement "username" of the type "myproxy""#), "{error}");
    document.set("delegate_proxy", "passphrase", "x").unwrap_err();
}

#[test]
fn how_long_it_is_activated() {
    let document: ActivationRequirements = read(&requirements());
    let time = |text: &str| text.parse::<globus_transfer::Timestamp>().unwrap();
    assert!(!document.always_activated());
    assert!(document.active_until(time("2026-01-31T11:59:59Z")));
    assert!(!document.active_until(time("2026-01-31T12:00:00Z")));
    assert!(document.active_for(Duration::from_secs(3599)));
    assert!(!document.active_for(Duration::from_secs(3600)));

    let for_ever: ActivationRequirements = read(&json!({"expires_in": -1}));
    assert!(for_ever.always_activated());
    assert!(for_ever.active_until(time("9000-01-01T00:00:00Z")) && for_ever.active_for(Duration::MAX));

    for not_at_all in [json!({"expires_in": 0}), json!({}), json!({"expires_in": null})] {
        let document: ActivationRequirements = read(&not_at_all);
        assert!(!document.always_activated() && !document.active_for(Duration::ZERO));
        assert!(!document.active_until(time("2000-01-01T00:00:00Z")));
    }
}

#[test]
fn ways_to_activate() {
    let ways = |document: Value| {
        let document: ActivationRequirements = read(&document);
        (document.supports_auto_activation(), document.supports_web_activation())
    };
    assert_eq!(ways(json!({"auto_activation_supported": true})), (true, true));
    assert_eq!(ways(json!({"auto_activation_supported": false})), (false, false));
    assert_eq!(ways(json!({"oauth_server": "oauth.example.org"})), (false, true));
    assert_eq!(ways(json!({"oauth_server": null})), (false, false));
    assert_eq!(ways(json!({"DATA": [{"type": "myproxy"}]})), (false, true));
    assert_eq!(ways(json!({"DATA": [{"type": "delegate_myproxy"}]})), (false, true));
    assert_eq!(ways(json!({"DATA": [{"type": "delegate_proxy"}]})), (false, false));
}

#[test]
fn result_document() {
    let mut result = requirements();
    result["DATA_TYPE"] = json!("activation_result");
    for (name, value) in [
        ("code", "AutoActivated.CachedCredential"),
        ("message", "done"),
        ("request_id", "r"),
        ("resource", "/endpoint/x/autoactivate"),
    ] {
        result[name] = json!(value);
    }
    check::<ActivationResult>(&result, &[], &[]);
    let document: ActivationResult = read(&result);
    assert!(document.requirements.extra().is_empty(), "{:?}", document.requirements.extra());
    assert_eq!(document.code, Some(ActivationCode::CachedCredential));
    assert!(document.is_activated());
    for failed in ["AutoActivationFailed", "AutoActivationFailed.NoCredential"] {
        assert!(!read::<ActivationResult>(&json!({"code": failed})).is_activated());
    }
    assert!(read::<ActivationResult>(&json!({"code": "AlreadyActivated"})).is_activated());
    assert!(!read::<ActivationResult>(&json!({})).is_activated());
}

#[test]
fn created_server() {
    let created = json!({
        "DATA_TYPE": "endpoint_server_add_result", "code": "Created", "id": 575, "message": "added",
        "request_id": "r", "resource": "/endpoint/x/server",
    });
    check::<ServerCreated>(&created, &["/id"], &[]);
    assert_eq!(read::<ServerCreated>(&created).id, 575);
}

/// A failed automatic activation is a 200.
#[tokio::test]
async fn a_failed_activation_is_an_answer() {
    let transport = replay([ok(&json!({"code": "AutoActivationFailed", "message": "no"}))]);
    let result = client(&transport).endpoint_autoactivate(SOURCE).send().await.unwrap();
    assert!(!result.is_activated());
}

/// A passphrase does not go to just any address.
#[tokio::test]
async fn what_is_filled_in_goes_to_https_only() {
    let transport = replay([ok(&json!({}))]);
    let client = globus_transfer::TransferClient::builder()
        .base_url("http://transfer.example.org/")
        .transport(transport.clone())
        .build()
        .unwrap();
    client
        .endpoint_activate(SOURCE, read::<ActivationRequirements>(&requirements()))
        .send()
        .await
        .unwrap_err();
    assert!(transport.requests().is_empty());
}
