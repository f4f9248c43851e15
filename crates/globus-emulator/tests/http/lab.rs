//! An emulator with flows to run: what the tests of runs have in common.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{CLIENT, FLOWS, Reply, SECRET, Server, basic, bearer};

/// How long a run may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// An emulator, and its client, who owns all flows.
pub(crate) struct Lab {
    pub(crate) server: Server,
    /// The service's own scope.
    pub(crate) token: String,
}

/// A flow, and a token with its scope.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Lab {
    pub(crate) async fn start() -> Lab {
        Lab::of(Server::start().await).await
    }

    pub(crate) async fn of(server: Server) -> Lab {
        let token = bearer(&server.own_token(FLOWS).await);
        Lab { server, token }
    }

    /// Creates a flow with these states, which begins with the first one named.
    pub(crate) async fn flow(&self, start: &str, states: Value) -> Made {
        self.flow_with(&json!({"definition": {"StartAt": start, "States": states}})).await
    }

    pub(crate) async fn flow_with(&self, more: &Value) -> Made {
        let mut body = json!({"title": "Flow", "input_schema": {}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let flow = self.server.json("POST", "/flows/flows", &self.token, &body).await.expect(201);
        let id = flow["id"].as_str().unwrap().to_owned();
        let token = self.token_for(flow["globus_auth_scope"].as_str().unwrap()).await;
        Made { id, token }
    }

    /// A token of the client.
    pub(crate) async fn token_for(&self, scope: &str) -> String {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        let document = self.server.token(&basic(CLIENT, SECRET), &fields).await.expect(200);
        bearer(document["access_token"].as_str().unwrap())
    }

    pub(crate) async fn post(&self, path: &str, token: &str) -> Reply {
        self.server.json("POST", path, token, &json!({})).await
    }

    /// Starts a run and returns its id.
    pub(crate) async fn start_run(&self, flow: &Made, input: Value) -> String {
        let path = format!("/flows/flows/{}/run", flow.id);
        let run = self.server.json("POST", &path, &flow.token, &json!({"body": input})).await.expect(201);
        run["run_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn show(&self, run: &str) -> Value {
        self.server.get_with(&format!("/flows/runs/{run}"), &self.token).await.expect(200)
    }

    /// Waits until a run has one of these statuses.
    pub(crate) async fn until(&self, run: &str, statuses: &[&str]) -> Value {
        let start = Instant::now();
        loop {
            let document = self.show(run).await;
            if statuses.contains(&document["status"].as_str().unwrap()) {
                return document;
            }
            assert!(start.elapsed() < PATIENCE, "{document:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Runs a flow to its end.
    pub(crate) async fn run(&self, flow: &Made, input: Value) -> Value {
        let run = self.start_run(flow, input).await;
        self.until(&run, &["SUCCEEDED", "FAILED"]).await
    }

    /// Runs a flow that must succeed, and returns what the state is in the end.
    pub(crate) async fn output(&self, flow: &Made, input: Value) -> Value {
        let run = self.run(flow, input).await;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        run["details"]["output"].clone()
    }

    /// The codes of the log, oldest first.
    pub(crate) async fn log(&self, run: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut query = "limit=100".to_owned();
        loop {
            let path = format!("/flows/runs/{run}/log?{query}");
            let page = self.server.get_with(&path, &self.token).await.expect(200);
            entries.extend(page["entries"].as_array().unwrap().iter().cloned());
            match page["marker"].as_str() {
                Some(marker) => query = format!("marker={marker}"),
                None => return entries,
            }
        }
    }

    pub(crate) async fn codes(&self, run: &str) -> Vec<String> {
        let entries = self.log(run).await;
        entries.iter().map(|entry| entry["code"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        let body = json!({"advance_seconds": seconds});
        self.server.json("POST", "/_emulator/clock", "", &body).await.expect(200);
    }
}
