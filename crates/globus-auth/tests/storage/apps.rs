//! Apps of many processes that share one login, against the emulator.

use std::{path::Path, time::Duration};

use globus_auth::{
    AuthLoginClient, Error, GlobusApp, NativeAppAuthClient, OAuthTokenResponse, Result, UserApp,
    login::{LoginFlowManager, LoginRequest},
    storage::TokenStorage,
};
use globus_core::{
    Clock, Config, HttpTransport, Scope, ServiceClient, SystemClock, Transport, config::Sources, scope,
    service_client, test_util::ManualClock, transport::Request,
};
use globus_emulator::Emulator;
use http::{Method, header};

use crate::{
    child::{self, argument, number, open},
    fixture::Kind,
};

pub(crate) const NATIVE: &str = "61338d24-54d5-408f-a10d-66c06b59f6d2";
const TRANSFER: &str = scope::transfer::RESOURCE_SERVER;
/// The lifetime of a token.
const LIFE: Duration = Duration::from_secs(48 * 3600);

/// Opens the address of the login; the emulator approves at once.
#[derive(Debug)]
pub(crate) struct Browser;

#[async_trait::async_trait]
impl LoginFlowManager for Browser {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        let (url, flow) = request.begin(client, Some("http://127.0.0.1:8910/"))?;
        let answer = HttpTransport::default().send(Request::new(Method::GET, url)).await.unwrap();
        let callback = answer.headers[header::LOCATION].to_str().unwrap();
        client.finish(flow, callback).send().await
    }
}

service_client! {
    pub(crate) struct Transfer {
        service: globus_core::Service::Transfer,
        resource_server: TRANSFER,
        default_scopes: vec![Scope::new(scope::transfer::ALL).unwrap()],
    }
}

impl Transfer {
    pub(crate) async fn call(&self) {
        let _: serde_json::Value = self.base.call(Method::GET, "/v0.10/task_list").send().await.unwrap();
    }
}

/// An app, a client made from it, and the time that they go by.
pub(crate) fn app(
    auth: &str,
    transfer: &str,
    storage: impl TokenStorage + 'static,
    may_log_in: bool,
) -> (UserApp, Transfer, ManualClock) {
    let config = Config::builder()
        .sources(Sources::empty())
        .service_url(globus_core::Service::Auth, auth)
        .service_url(globus_core::Service::Transfer, transfer)
        .build()
        .unwrap();
    let clock = ManualClock::at(SystemClock.now());
    let client =
        NativeAppAuthClient::builder(NATIVE).config(config.clone()).clock(clock.clone()).build().unwrap();
    let mut builder = UserApp::for_client("many processes", client)
        .config(config)
        .token_storage(storage)
        .login_flow_manager(Browser);
    if !may_log_in {
        let never = |_: GlobusApp, error: Error| async move { Err(error) };
        builder = builder.token_validation_error_handler(never);
    }
    let app = builder.build().unwrap();
    let transfer = <Transfer as ServiceClient>::builder().app(&app).build().unwrap();
    (app, transfer, clock)
}

/// Is one of the processes: lives through a number of expiries, and makes a call after each.
pub(crate) async fn run() {
    let (_app, transfer, clock) = app(&argument("AUTH"), &argument("TRANSFER"), open(), false);
    for _ in 0..number("EXPIRIES") {
        clock.advance(LIFE);
        transfer.call().await;
    }
}

async fn token_requests(emulator: &Emulator) -> usize {
    let url = format!("http://{}/_emulator/journal", emulator.address()).parse().unwrap();
    let answer = HttpTransport::default().send(Request::new(Method::GET, url)).await.unwrap();
    let journal: serde_json::Value = serde_json::from_slice(&answer.body.bytes().await.unwrap()).unwrap();
    let is_for_a_token =
        |entry: &&serde_json::Value| entry["path"].as_str().unwrap().ends_with("/oauth2/token");
    journal["requests"].as_array().unwrap().iter().filter(is_for_a_token).count()
}

/// Refresh tokens are replaced with every use, so that one which is used twice would end the login of all.
#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_refresh_a_login_once_for_each_expiry() {
    const PROCESSES: usize = 8;
    const EXPIRIES: usize = 100;
    for &kind in Kind::ALL {
        let builder = Emulator::builder().approve_logins(true).rotate_refresh_tokens(true);
        let emulator = builder.start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let (auth, transfer) = (emulator.service_url("auth"), emulator.service_url("transfer"));
        let (login, _, _) = app(&auth, &transfer, kind.open(&path, "DEFAULT"), true);
        login.login().await.unwrap();
        assert_eq!(token_requests(&emulator).await, 1);

        let begin = std::time::Instant::now();
        let children: Vec<_> = (0..PROCESSES)
            .map(|_| {
                let arguments = [
                    ("KIND", kind.name()),
                    ("PATH", path.to_str().unwrap()),
                    ("AUTH", &auth),
                    ("TRANSFER", &transfer),
                    ("EXPIRIES", &EXPIRIES.to_string()),
                ];
                child::spawn("app", &arguments)
            })
            .collect();
        tokio::task::spawn_blocking(|| children.into_iter().map(child::finish).for_each(drop)).await.unwrap();
        let refreshes = token_requests(&emulator).await - 1;
        println!(
            "{kind:?}: {PROCESSES} processes, {EXPIRIES} expiries: {refreshes} refreshes, {:.1?}",
            begin.elapsed()
        );
        assert_eq!(refreshes, EXPIRIES, "{kind:?}");

        // Nobody was logged out.
        let (_app, transfer, clock) = app(&auth, &transfer, kind.open(Path::new(&path), "DEFAULT"), false);
        clock.advance(LIFE * 30);
        transfer.call().await;
        emulator.stop().await;
    }
}
