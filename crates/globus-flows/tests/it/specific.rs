//! The client of one flow: what it asks an app for, and what it tries again.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use globus_core::{
    Authorizer, AuthorizerProvider, Config,
    config::Sources,
    test_util::{ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use globus_flows::{CollectionId, Result, Scope, SpecificFlowClient};
use http::HeaderValue;
use serde_json::json;

use crate::common::{FLOW, GROUP};

/// Remembers what it was asked for.
#[derive(Clone, Debug, Default)]
struct App(Arc<Mutex<Vec<Asked>>>);

/// A resource server, and scopes.
type Asked = (String, Vec<String>);

impl AuthorizerProvider for App {
    fn authorizer_for(&self, resource_server: &str, scopes: &[Scope]) -> Result<Arc<dyn Authorizer>> {
        let scopes = scopes.iter().map(ToString::to_string).collect();
        self.0.lock().unwrap().push((resource_server.to_owned(), scopes));
        Ok(Arc::new(Token))
    }

    fn config(&self) -> Config {
        Config::builder().sources(Sources::empty()).build().unwrap()
    }
}

#[derive(Debug)]
struct Token;

#[async_trait]
impl Authorizer for Token {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(HeaderValue::from_static("Bearer Ag123")))
    }
}

#[test]
fn an_app_is_asked_for_the_flow_s_own_scope() {
    let app = App::default();
    let collection: CollectionId = GROUP.parse().unwrap();
    SpecificFlowClient::builder(FLOW).app(&app).build().unwrap();
    SpecificFlowClient::builder(FLOW).app(&app).data_access([collection]).build().unwrap();
    let user = format!("https://auth.globus.org/scopes/{FLOW}/flow_{}_user", FLOW.replace('-', "_"));
    let transfer = "urn:globus:auth:scope:transfer.api.globus.org:all";
    let asked = app.0.lock().unwrap().clone();
    assert_eq!(asked[0], (FLOW.to_owned(), vec![user.clone()]));
    assert_eq!(
        asked[1],
        (
            FLOW.to_owned(),
            vec![format!("{user}[*{transfer}[*https://auth.globus.org/scopes/{GROUP}/data_access]]")]
        )
    );
}

fn run() -> Reply {
    let document = json!({"run_id": GROUP, "flow_id": FLOW, "status": "ACTIVE"});
    Reply::json(201, document.to_string())
}

fn client(replay: &ReplayTransport) -> SpecificFlowClient {
    SpecificFlowClient::builder(FLOW)
        .authorizer(Token)
        .base_url("https://flows.example.org/")
        .transport(replay.clone())
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_run_is_never_started_twice() {
    for failure in [
        Reply::json(503, r#"{"error":{"code":"UNAVAILABLE","detail":"later"}}"#),
        Reply::failure(TransportErrorKind::Io),
        Reply::truncated(201),
    ] {
        let replay = ReplayTransport::new([failure, run()]);
        client(&replay).run_flow(json!({})).send().await.unwrap_err();
        assert_eq!(replay.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_resumed_and_checked_as_often_as_it_takes() {
    let replay = ReplayTransport::new([
        Reply::failure(TransportErrorKind::Io),
        run(),
        Reply::failure(TransportErrorKind::Io),
        Reply::json(200, r#"{"message":"validation successful"}"#),
    ]);
    let flow = client(&replay);
    assert_eq!(flow.resume_run(GROUP).send().await.unwrap().run_id.to_string(), GROUP);
    let valid = flow.validate_run(json!({})).send().await.unwrap();
    assert_eq!(valid.message, "validation successful");
    assert_eq!(replay.requests().len(), 4);
    assert_eq!(replay.requests()[0].header("authorization"), Some("Bearer Ag123"));
}
