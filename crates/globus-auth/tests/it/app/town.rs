//! A Globus of one process: it gives tokens, takes them, and remembers what it was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use globus_auth::{
    AuthLoginClient, ConfidentialAppAuthClient, Error, ErrorKind, GlobusApp, NativeAppAuthClient,
    OAuthTokenResponse, Result, UserApp,
    app::UserAppBuilder,
    login::{LoginFlowManager, LoginRequest},
    storage::{TokenData, TokenStorage},
};
use globus_core::{
    Clock, Config, Scope, ServiceClient, Transport,
    config::Sources,
    service_client,
    test_util::ManualClock,
    transport::{Request, Response, TransportError},
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    common::{ID, SECRET, TRANSFER, TRANSFER_ALL, noon},
    id_token::{ISSUER, KEY, jwk, signed},
};

pub(crate) const AUTH: &str = "auth.globus.org";
pub(crate) const GROUPS: &str = "groups.api.globus.org";
pub(crate) const GROUPS_ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
pub(crate) const ADA: &str = "ae341a98-d274-11e5-b888-dbae3a8ba545";
pub(crate) const BOB: &str = "46bd0f56-e24f-11e5-a510-131bef46955c";
pub(crate) const LIFE: u64 = 172_800;

/// Clones are the same place.
#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) clock: ManualClock,
    state: Arc<Mutex<State>>,
}

struct State {
    identity: &'static str,
    rotate: bool,
    /// How long an answer takes.
    after: Duration,
    tokens_given: u32,
    /// The refresh tokens that are good, with their scopes and whether they may be used.
    refresh_tokens: BTreeMap<String, String>,
    /// The access tokens that services take.
    access_tokens: Vec<String>,
    consents: Value,
    /// What services answer instead, in order.
    answers: VecDeque<(u16, Value)>,
    revocations_fail: bool,
    before_refresh: Option<Box<dyn FnOnce() + Send>>,
    log: Vec<String>,
}

impl std::fmt::Debug for Town {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Town")
    }
}

impl Town {
    pub(crate) fn new() -> Self {
        let state = State {
            identity: ADA,
            rotate: true,
            after: Duration::from_secs(1),
            tokens_given: 0,
            refresh_tokens: BTreeMap::new(),
            access_tokens: Vec::new(),
            consents: json!([]),
            answers: VecDeque::new(),
            revocations_fail: false,
            before_refresh: None,
            log: Vec::new(),
        };
        Self { clock: ManualClock::at(noon()), state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn let_pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Answers this fast.
    pub(crate) fn answer_after(&self, time: Duration) {
        self.state().after = time;
    }

    /// From now on this one logs in.
    pub(crate) fn come(&self, identity: &'static str) {
        self.state().identity = identity;
    }

    pub(crate) fn answer_next(&self, answers: impl IntoIterator<Item = (u16, Value)>) {
        self.state().answers.extend(answers);
    }

    pub(crate) fn let_revocations_fail(&self) {
        self.state().revocations_fail = true;
    }

    /// Does this when a token is about to be refreshed.
    pub(crate) fn before_refresh(&self, act: impl FnOnce() + Send + 'static) {
        self.state().before_refresh = Some(Box::new(act));
    }

    /// Takes all refresh tokens back.
    pub(crate) fn withdraw_refresh_tokens(&self) {
        self.state().refresh_tokens.clear();
    }

    /// Takes all access tokens back.
    pub(crate) fn withdraw_access_tokens(&self) {
        self.state().access_tokens.clear();
    }

    /// Says what was consented to: a scope, and one below it.
    pub(crate) fn consent(&self, scope: &str, below: &str) {
        let consent = |id: u32, name: &str, path: &[u32]| {
            json!({"id": id, "client": ID, "scope": ADA, "scope_name": name, "effective_identity": ADA,
                "dependency_path": path, "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
                "last_used": null, "status": "approved", "allows_refresh": true, "auto_approved": false,
                "atomically_revocable": false})
        };
        self.state().consents = json!([consent(1, scope, &[1]), consent(2, below, &[1, 2])]);
    }

    /// What happened since this was last asked.
    pub(crate) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }

    /// From now on services take this one.
    pub(crate) fn honour(&self, access_token: &str) {
        self.state().access_tokens.push(access_token.to_owned());
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.state().log.push(line.into());
    }

    pub(crate) fn config() -> Config {
        Config::builder()
            .sources(Sources::empty())
            .service_url(globus_core::Service::Auth, "https://auth.example.org/")
            .service_url(globus_core::Service::Transfer, "https://transfer.example.org/")
            .build()
            .unwrap()
    }

    pub(crate) fn native(&self) -> NativeAppAuthClient {
        let builder = NativeAppAuthClient::builder(ID).config(Self::config());
        builder.transport(self.clone()).clock(self.clock.clone()).build().unwrap()
    }

    pub(crate) fn confidential(&self) -> ConfidentialAppAuthClient {
        let builder = ConfidentialAppAuthClient::builder(ID, SECRET).config(Self::config());
        builder.transport(self.clone()).clock(self.clock.clone()).build().unwrap()
    }

    /// An app that logs in at this desk.
    pub(crate) fn app(&self, desk: &Desk, storage: &(impl TokenStorage + Clone + 'static)) -> UserAppBuilder {
        UserApp::for_client("My App", self.native())
            .config(Self::config())
            .token_storage(storage.clone())
            .login_flow_manager(desk.clone())
    }

    /// A client of Transfer.
    pub(crate) fn transfer(&self, app: &GlobusApp) -> Office {
        self.office(app, TRANSFER_ALL)
    }

    /// A client of Transfer that needs these scopes.
    pub(crate) fn office(&self, app: &GlobusApp, scope: &str) -> Office {
        let scopes = globus_core::scope::parse(scope).unwrap();
        Office::builder().transport(self.clone()).app(app).app_scopes(scopes).build().unwrap()
    }

    fn give(&self, scopes: &[&str], offline: bool, id_token: bool) -> Value {
        let mut state = self.state();
        let mut servers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for scope in scopes {
            servers.entry(resource_server(scope)).or_default().push(scope);
        }
        let mut tokens: Vec<Value> = servers
            .into_iter()
            .map(|(server, scopes)| {
                state.tokens_given += 1;
                let number = state.tokens_given;
                state.access_tokens.push(format!("access-{number}"));
                let mut token = json!({"access_token": format!("access-{number}"), "scope": scopes.join(" "),
                    "expires_in": LIFE, "token_type": "Bearer", "resource_server": server});
                if offline {
                    state.refresh_tokens.insert(format!("refresh-{number}"), scopes.join(" "));
                    token["refresh_token"] = format!("refresh-{number}").into();
                }
                token
            })
            .collect();
        let mut top = tokens.remove(0);
        top["other_tokens"] = tokens.into();
        if id_token {
            let now = self.clock.now().as_second();
            let claims =
                json!({"iss": ISSUER, "aud": ID, "sub": state.identity, "iat": now, "exp": now + 172_800});
            top["id_token"] = signed(&claims).expose().into();
        }
        top
    }

    fn token(&self, form: &BTreeMap<String, String>) -> (u16, Value) {
        // A scope as it is asked for, without what it depends on.
        let scopes = globus_core::scope::parse(form.get("scope").map_or("", String::as_str)).unwrap();
        let names: Vec<&str> = scopes.iter().map(Scope::name).collect();
        match form["grant_type"].as_str() {
            "login" => {
                self.note(format!("login {}", form["scope"]));
                (200, self.give(&names, form["offline"] == "true", names.contains(&"openid")))
            }
            "client_credentials" => {
                self.note(format!("client_credentials {}", form["scope"]));
                (200, self.give(&names, false, names.contains(&"openid")))
            }
            "refresh_token" => {
                let act = self.state().before_refresh.take();
                if let Some(act) = act {
                    act();
                }
                let used = &form["refresh_token"];
                self.note(format!("refresh {used}"));
                let scopes = self.state().refresh_tokens.get(used).cloned();
                let Some(scopes) = scopes else { return (400, json!({"error": "invalid_grant"})) };
                let rotate = self.state().rotate;
                if rotate {
                    self.state().refresh_tokens.remove(used);
                }
                (200, self.give(&scopes.split(' ').collect::<Vec<_>>(), rotate, false))
            }
            other => panic!("no grant {other}"),
        }
    }

    fn serve(&self, line: &str, request: &Request) -> (u16, Value) {
        let bearer = request.headers.get("authorization").map_or("", |value| value.to_str().unwrap());
        let token = bearer.trim_start_matches("Bearer ").to_owned();
        self.note(format!("{line} {token}"));
        let mut state = self.state();
        if let Some(answer) = state.answers.pop_front() {
            return answer;
        }
        if !state.access_tokens.contains(&token) {
            return (401, json!({"code": "AuthenticationFailed", "message": "no"}));
        }
        (200, if line.ends_with("consents") { json!({"consents": state.consents}) } else { json!({}) })
    }
}

fn resource_server(scope: &str) -> &'static str {
    match scope {
        _ if scope.contains("transfer") => TRANSFER,
        _ if scope.contains("groups") => GROUPS,
        _ => AUTH,
    }
}

#[async_trait]
impl Transport for Town {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let after = self.state().after;
        tokio::time::sleep(after).await;
        let body = request.body.to_bytes().await.unwrap();
        let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
        let (status, answer) = match request.url.path() {
            "/v2/oauth2/token" => self.token(&form),
            "/v2/oauth2/token/revoke" => {
                self.note(format!("revoke {}", form["token"]));
                if self.state().revocations_fail { (500, json!({})) } else { (200, json!({"active": false})) }
            }
            "/.well-known/openid-configuration" => {
                let keys = "https://auth.example.org/jwk.json";
                let configuration = json!({"issuer": ISSUER, "jwks_uri": keys,
                    "id_token_signing_alg_values_supported": ["RS512"]});
                (200, configuration)
            }
            "/jwk.json" => (200, json!({"keys": [jwk(KEY, None)]})),
            path => {
                let path = path.rsplit('/').next().unwrap();
                self.serve(&format!("{} {path}", request.method), &request)
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        Ok(Response::new(StatusCode::from_u16(status).unwrap(), headers, Bytes::from(answer.to_string())))
    }
}

/// Where people log in: it takes a while, and they may decline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk(Arc<Mutex<DeskState>>);

#[derive(Debug, Default)]
struct DeskState {
    requests: Vec<LoginRequest>,
    declines: bool,
    leaves_out: Option<&'static str>,
    absent: bool,
}

impl Desk {
    pub(crate) fn logins(&self) -> usize {
        self.0.lock().unwrap().requests.len()
    }

    pub(crate) fn last(&self) -> LoginRequest {
        self.0.lock().unwrap().requests.last().unwrap().clone()
    }

    pub(crate) fn decline(&self, declines: bool) {
        self.0.lock().unwrap().declines = declines;
    }

    /// Does not grant this scope.
    pub(crate) fn leave_out(&self, scope: &'static str) {
        self.0.lock().unwrap().leaves_out = Some(scope);
    }

    /// Nobody is there who could be asked at once.
    pub(crate) fn absent() -> Self {
        Self(Arc::new(Mutex::new(DeskState { absent: true, ..DeskState::default() })))
    }
}

#[async_trait]
impl LoginFlowManager for Desk {
    async fn run_login_flow(
        &self,
        client: &AuthLoginClient,
        request: &LoginRequest,
    ) -> Result<OAuthTokenResponse> {
        self.0.lock().unwrap().requests.push(request.clone());
        tokio::time::sleep(Duration::from_secs(30)).await;
        let (declines, leaves_out) = {
            let state = self.0.lock().unwrap();
            (state.declines, state.leaves_out)
        };
        if declines {
            return Err(Error::new(ErrorKind::Auth, "the user said no"));
        }
        let granted = request.scopes().iter().filter(|scope| Some(scope.name()) != leaves_out);
        let scopes: Vec<String> = granted.map(ToString::to_string).collect();
        let offline = request.refresh_tokens().to_string();
        let form = [("grant_type", "login".to_owned()), ("scope", scopes.join(" ")), ("offline", offline)];
        client.oauth2_token(form).send().await
    }

    fn is_interactive(&self) -> bool {
        !self.0.lock().unwrap().absent
    }
}

service_client! {
    /// A client of a service, with one operation.
    pub(crate) struct Office {
        service: globus_core::Service::Transfer,
        resource_server: TRANSFER,
        default_scopes: Vec::new(),
    }
}

impl Office {
    pub(crate) async fn call(&self) -> Result<Value> {
        self.base.call(http::Method::GET, "/v0.10/task_list").send().await
    }
}

/// Makes calls at once.
pub(crate) async fn crowd(office: &Office, size: usize) -> Vec<Result<Value>> {
    let calls: Vec<_> = (0..size)
        .map(|_| {
            let office = office.clone();
            tokio::spawn(async move { office.call().await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

pub(crate) async fn stored(storage: &impl TokenStorage, resource_server: &str) -> Option<TokenData> {
    storage.get_token_data(resource_server).await.unwrap()
}

/// A stored login of Ada, with Transfer and with what tells who she is.
pub(crate) async fn logged_in(storage: &impl TokenStorage, scope: &str) {
    let record = |server: &str, scope: &str| {
        TokenData::new(server, scope, format!("stored-{server}"), noon().as_second() + 3_600)
            .with_refresh_token(globus_core::Secret::new(format!("stored-refresh-{server}")))
            .with_identity_id(Some(ADA.parse().unwrap()))
    };
    storage.store_token_data(vec![record(TRANSFER, scope), record(AUTH, "openid")]).await.unwrap();
}

impl Town {
    /// Takes the tokens of [`logged_in`] as its own.
    pub(crate) fn honour_stored(&self, scope: &str) {
        let mut state = self.state();
        for (server, scope) in [(TRANSFER, scope), (AUTH, "openid")] {
            state.access_tokens.push(format!("stored-{server}"));
            state.refresh_tokens.insert(format!("stored-refresh-{server}"), scope.to_owned());
        }
    }
}

pub(crate) fn asked(request: &LoginRequest) -> Vec<String> {
    request.scopes().iter().map(ToString::to_string).collect()
}
