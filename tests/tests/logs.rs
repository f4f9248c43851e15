//! What the SDK logs: enough to follow every attempt of every call, and no secret. A process of its own, because a
//! subscriber is for the whole process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use globus::{
    core::{Authorizer, config::Sources},
    flows::{FlowsClient, NewFlow},
    prelude::*,
};
use globus_emulator::Emulator;
use serde_json::{Value, json};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

type Fields = BTreeMap<&'static str, String>;

/// One span or event, with its fields.
#[derive(Debug, Clone)]
struct Logged {
    target: String,
    name: &'static str,
    fields: Fields,
}

impl Logged {
    fn of(metadata: &Metadata<'_>, record: impl FnOnce(&mut Read)) -> Self {
        let mut read = Read(Fields::new());
        record(&mut read);
        Self { target: metadata.target().to_owned(), name: metadata.name(), fields: read.0 }
    }

    fn is_of_the_sdk(&self) -> bool {
        self.target.starts_with("globus_") && !self.target.starts_with("globus_emulator")
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

struct Read(Fields);

impl Visit for Read {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// Keeps everything at every level.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    spans: Vec<Logged>,
    /// Each with the number of the span that it happened in.
    events: Vec<(Option<usize>, Logged)>,
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Subscriber for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut kept = self.0.lock().unwrap();
        kept.spans.push(Logged::of(attributes.metadata(), |read| attributes.record(read)));
        span::Id::from_u64(kept.spans.len() as u64)
    }

    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        let mut read = Read(Fields::new());
        values.record(&mut read);
        self.0.lock().unwrap().spans[number(span.into_u64())].fields.extend(read.0);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let span = ENTERED.with_borrow(|entered| entered.last().copied()).map(number);
        let logged = Logged::of(event.metadata(), |read| event.record(read));
        self.0.lock().unwrap().events.push((span, logged));
    }

    fn enter(&self, span: &span::Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, span: &span::Id) {
        ENTERED.with_borrow_mut(|entered| entered.retain(|entered| *entered != span.into_u64()));
    }
}

/// Ids count from one.
fn number(id: u64) -> usize {
    usize::try_from(id).unwrap() - 1
}

impl Keeper {
    /// Gives and forgets the calls of the SDK so far: a line for each, and beneath it one for each of its events.
    fn calls(&self) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        let mut lines = Vec::new();
        for (position, span) in kept.spans.iter().enumerate().filter(|(_, span)| span.is_of_the_sdk()) {
            assert_eq!(span.name, "globus_call");
            lines.push(format!("{} {} {}", span.field("service"), span.field("method"), span.field("path")));
            let events =
                kept.events.iter().filter(|(of, event)| *of == Some(position) && event.is_of_the_sdk());
            lines.extend(events.map(|(_, event)| format!("  {}", line(event))));
        }
        lines
    }

    fn everything(&self) -> String {
        let kept = self.0.lock().unwrap();
        let all = kept.spans.iter().chain(kept.events.iter().map(|(_, event)| event));
        // The emulator is not the SDK; the HTTP libraries beneath the SDK are.
        let all = all.filter(|logged| !logged.target.starts_with("globus_emulator"));
        all.map(|logged| format!("{logged:?}")).collect::<Vec<_>>().join("\n")
    }
}

/// An event as `message name=value …`, without what differs from run to run.
fn line(event: &Logged) -> String {
    let mut line = event.field("message").to_owned();
    for (name, value) in event.fields.iter().filter(|(name, _)| **name != "message") {
        let value = match *name {
            "request_id" | "expires_at" => "…",
            _ => value,
        };
        line.extend([" ", *name, "=", value]);
    }
    line
}

/// Clients of an emulator, and what they must not tell.
struct Scene {
    emulator: Emulator,
    config: Config,
    secrets: Vec<String>,
}

impl Scene {
    fn account(&self) -> ConfidentialAppAuthClient {
        let (id, secret) = (self.emulator.client_id(), self.emulator.client_secret());
        ConfidentialAppAuthClient::builder(id, secret).config(self.config.clone()).build().unwrap()
    }

    async fn fault(&self, rules: Value) {
        let url = format!("http://{}/_emulator/", self.emulator.address());
        let control = TransferClient::builder().config(self.config.clone()).base_url(url).build().unwrap();
        let _: Value = control.base().call(http::Method::POST, "faults").json(&rules).send().await.unwrap();
    }

    /// Remembers the token that is in use.
    async fn note(&mut self, authorizer: &impl Authorizer) -> String {
        let header = authorizer.authorization_header().await.unwrap().unwrap();
        let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        self.secrets.push(token.clone());
        token
    }
}

#[tokio::test]
async fn every_attempt_of_every_call_can_be_followed_and_no_secret_is_told() {
    let keeper = Keeper::default();
    tracing::subscriber::set_global_default(keeper.clone()).unwrap();

    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("hidden-path")).unwrap();
    std::fs::write(directory.path().join("hidden-path/hidden-name"), "").unwrap();
    let emulator = Emulator::builder().collection("lab", directory.path()).start().await.unwrap();
    let mut config = Config::builder().sources(Sources::empty());
    for service in [Service::Auth, Service::Transfer, Service::Flows] {
        config = config.service_url(service, emulator.service_url(service.as_str()));
    }
    let secrets = vec![emulator.client_secret().to_owned()];
    let lab: CollectionId = emulator.collection_id("lab").unwrap().into();
    let mut scene = Scene { config: config.build().unwrap(), emulator, secrets };

    // A login whose token endpoint is busy at first, then a listing.
    let now = json!({"Retry-After": "0"});
    scene.fault(json!({"path_prefix": "/auth/", "status": 429, "headers": now, "body": "hidden-body"})).await;
    let authorizer =
        Arc::new(ClientCredentialsAuthorizer::new(scene.account(), scope::transfer::ALL).unwrap());
    let swift = RetryPolicy::default().with_max_delay(Duration::ZERO).with_max_retries(2);
    let transfer = TransferClient::builder()
        .config(scene.config.clone())
        .authorizer(Arc::clone(&authorizer))
        .retry(swift)
        .header("X-Run", "hidden-header")
        .build()
        .unwrap();
    transfer.operation_ls(lab).path("/hidden-path/").with_query("x", "hidden-query").send().await.unwrap();
    let first = scene.note(&authorizer).await;

    // A token that is taken back, a service that stays down, connections that break, calls that are refused.
    scene.account().oauth2_revoke_token(first).send().await.unwrap();
    transfer.task_list().filter("label:hidden-label").send().await.unwrap();
    scene.note(&authorizer).await;
    let broken = json!({"path_prefix": "/transfer/", "status": 503, "body": {"code": "Down", "message": "hidden-words"}});
    scene.fault(json!([broken, {"path_prefix": "/transfer/", "drop_connection": true}, broken])).await;
    transfer.task_list().send().await.unwrap_err();
    transfer.operation_stat(lab, "/hidden-path/hidden-gone").send().await.unwrap_err();
    scene.fault(json!({"path_prefix": "/transfer/", "drop_connection": true})).await;
    transfer.operation_mkdir(lab, "/hidden-directory").send().await.unwrap_err();
    let flows = FlowsClient::builder().config(scene.config.clone());
    let flows = flows.authorizer(AccessTokenAuthorizer::new("hidden-token")).build().unwrap();
    let flow = NewFlow::new("hidden-title", json!({"StartAt": "hidden-state", "States": {}}));
    flows.create_flow(flow).send().await.unwrap_err();
    let refused = scene.account().oauth2_refresh_token("hidden-refresh-token").send().await.unwrap_err();

    let calls = keeper.calls();
    let expected = "
transfer POST faults
  answered attempt=1 status=201
transfer GET /v0.10/operation/endpoint/{endpoint_id}/ls
  renewed a token expires_at=… resource_server=transfer.api.globus.org
  answered attempt=1 status=200
auth POST /v2/oauth2/token
  retrying attempt=1 delay_ms=0 kind=Api status=429
  answered attempt=2 status=200
auth POST /v2/oauth2/token/revoke
  answered attempt=1 status=200
transfer GET /v0.10/task_list
  a token was rejected before it expired
  retrying with a new token attempt=1 status=401
  renewed a token expires_at=… resource_server=transfer.api.globus.org
  answered attempt=2 status=200
auth POST /v2/oauth2/token
  answered attempt=1 status=200
transfer POST faults
  answered attempt=1 status=201
transfer GET /v0.10/task_list
  retrying attempt=1 delay_ms=0 kind=Api status=503
  retrying attempt=2 delay_ms=0 kind=Io
  not retrying attempt=3 kind=Api reason=no retries are left status=503
transfer GET /v0.10/operation/endpoint/{endpoint_id}/stat
  not retrying attempt=1 kind=Api reason=the failure would repeat itself request_id=… status=404
transfer POST faults
  answered attempt=1 status=201
transfer POST /v0.10/operation/endpoint/{endpoint_id}/mkdir
  not retrying attempt=1 kind=Io reason=a second try could do the work twice
flows POST /flows
  not retrying attempt=1 kind=Api reason=the failure would repeat itself request_id=… status=401
auth POST /v2/oauth2/token
  not retrying attempt=1 kind=Api reason=the failure would repeat itself status=400
";
    assert_eq!(calls.join("\n"), expected.trim_matches('\n'));
    let outside = |(span, event): &&(Option<usize>, Logged)| span.is_none() && event.is_of_the_sdk();
    let stray = keeper.0.lock().unwrap().events.iter().filter(outside).count();
    assert_eq!(stray, 0, "an event belongs to no call");

    let everything = keeper.everything();
    let basic = refused.to_string();
    assert!(!basic.contains("hidden"), "{basic}");
    assert_eq!(scene.secrets.len(), 3);
    for secret in scene.secrets.iter().map(String::as_str).chain(["hidden", "Bearer", "Basic "]) {
        let found = everything.lines().find(|line| line.contains(secret));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
}
