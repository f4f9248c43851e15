//! Clients over replays, and answers of Globus Auth.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use globus_auth::{ConfidentialAppAuthClient, NativeAppAuthClient};
use globus_core::{
    Authorizer, ClientBuilder, Result, ServiceClient, Timestamp, Transport, service_client,
    test_util::{ManualClock, ReplayTransport, Reply},
    transport::{Request, Response, TransportError},
};

pub(crate) const ID: &str = "6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c";
pub(crate) const SECRET: &str = "c2VjcmV0LW9mLXRoZS1hcHA=";
pub(crate) const TRANSFER: &str = "transfer.api.globus.org";
pub(crate) const TRANSFER_ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";

pub(crate) fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

pub(crate) fn confidential(
    transport: impl Transport + 'static,
    clock: &ManualClock,
) -> ConfidentialAppAuthClient {
    ConfidentialAppAuthClient::builder(ID, SECRET)
        .base_url("https://auth.example.org/")
        .transport(transport)
        .clock(clock.clone())
        .build()
        .unwrap()
}

pub(crate) fn native(transport: impl Transport + 'static, clock: &ManualClock) -> NativeAppAuthClient {
    NativeAppAuthClient::builder(ID)
        .base_url("https://auth.example.org/")
        .transport(transport)
        .clock(clock.clone())
        .build()
        .unwrap()
}

/// A token for Transfer that lives for this many seconds.
pub(crate) fn token(access_token: &str, refresh_token: Option<&str>, expires_in: u32) -> String {
    let refresh_token =
        refresh_token.map_or_else(String::new, |token| format!(r#""refresh_token":"{token}","#));
    format!(
        r#"{{"access_token":"{access_token}",{refresh_token}"scope":"{TRANSFER_ALL}","expires_in":{expires_in},
        "token_type":"Bearer","resource_server":"{TRANSFER}","other_tokens":[]}}"#
    )
}

pub(crate) fn grants(access_token: &str) -> Reply {
    Reply::json(200, token(access_token, None, 172_800))
}

pub(crate) fn refuses() -> Reply {
    Reply::json(400, r#"{"error":"invalid_grant"}"#)
}

/// Answers from a list, each answer after a while, so that calls can overlap. Counts what was begun.
#[derive(Debug, Clone)]
pub(crate) struct Slow {
    pub(crate) replay: ReplayTransport,
    pub(crate) after: Duration,
    pub(crate) begun: Arc<AtomicU32>,
}

impl Slow {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replay = ReplayTransport::new(replies);
        Self { replay, after: Duration::from_secs(1), begun: Arc::default() }
    }

    pub(crate) fn requests(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for Slow {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.after).await;
        self.replay.send(request).await
    }
}

service_client! {
    /// A client of some service, with one operation.
    pub(crate) struct Service {
        service: globus_core::Service::Transfer,
        resource_server: TRANSFER,
        default_scopes: Vec::new(),
    }
}

impl Service {
    pub(crate) fn builder() -> ClientBuilder<Self> {
        ServiceClient::builder()
    }

    pub(crate) fn replayed(replay: &ReplayTransport, authorizer: impl Authorizer + 'static) -> Self {
        let builder = Self::builder().base_url("https://transfer.example.org/").transport(replay.clone());
        builder.authorizer(authorizer).build().unwrap()
    }

    pub(crate) async fn call(&self) -> Result<serde_json::Value> {
        self.base.call(http::Method::GET, "/v0.10/task_list").send().await
    }
}
