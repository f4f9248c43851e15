//! A web application that people log in to with Globus: it shows who they are and what they transferred, and logs them
//! out again.
//!
//! ```text
//! cargo run -p globus --example web_login                             # a tour on an emulator inside the program
//! cargo run -p globus --example web_login -- emulator                 # the same, for you to click through
//! cargo run -p globus --example web_login -- http://localhost:5000    # the real service; open that address
//! ```
//!
//! For the real service, register a portal at <https://app.globus.org/settings/developers> with the redirect
//! `http://localhost:5000/callback`, and put its id and secret into `GLOBUS_CLIENT_ID` and `GLOBUS_CLIENT_SECRET`.
#![allow(clippy::print_stdout, reason = "telling what it does is what an example is for")]

#[path = "support/local.rs"]
mod local;

use std::{
    collections::HashMap,
    env,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{OriginalUri, State},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use globus::{
    auth::{AuthClient, FlowState, LoginError, OAuthTokenResponse},
    prelude::*,
};
use globus_emulator::Emulator;
use http::{HeaderMap, StatusCode, header};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use crate::local::{Anything, Local, Visitor};

struct Portal {
    client: ConfidentialAppAuthClient,
    config: Config,
    /// Where browsers find the portal.
    address: Url,
    /// By the value of the cookie. A real portal keeps them in its database, and lets them expire.
    sessions: Mutex<HashMap<String, Session>>,
}

enum Session {
    LoggingIn(FlowState),
    LoggedIn { name: String, tokens: OAuthTokenResponse },
}

fn routes(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(portal)
}

async fn home(State(portal): State<Arc<Portal>>, headers: HeaderMap) -> Result<Html<String>, Problem> {
    let (name, token) = match portal.sessions().get(cookie(&headers)) {
        Some(Session::LoggedIn { name, tokens }) => {
            (name.clone(), access_token(tokens, scope::transfer::RESOURCE_SERVER)?)
        }
        _ => return Ok(Html("<p>Hello. <a href=\"/login\">Log in with Globus</a></p>".to_owned())),
    };
    let transfer = TransferClient::builder().config(portal.config.clone()).authorizer(token).build()?;
    let tasks = transfer.task_list().limit(10).send().await?;
    Ok(Html(format!(
        "<p>Hello, {}. You have {} recent tasks.</p>\
         <form method=\"post\" action=\"/logout\"><button>Log out</button></form>",
        escape(&name),
        tasks.data.len()
    )))
}

/// Sends the browser to Globus. What ends the login waits in the session: it is a secret, and good for this browser.
async fn login(State(portal): State<Arc<Portal>>) -> Result<Response, Problem> {
    let redirect_uri = portal.address.join("callback")?;
    let scopes = ["openid", "profile", "email", scope::transfer::ALL];
    let (url, flow) = portal.client.oauth2_start_flow(redirect_uri, scopes).begin()?;
    Ok(portal.open_session(Session::LoggingIn(flow), url.as_str()))
}

/// The browser is back, with a code or with the reason why there is none.
async fn callback(
    State(portal): State<Arc<Portal>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Taken out: a login ends once.
    let Some(Session::LoggingIn(flow)) = portal.sessions().remove(cookie(&headers)) else {
        return Err(Problem(StatusCode::BAD_REQUEST, "This browser began no login.".to_owned()));
    };
    // Checks the state: nobody can be made to end somebody else's login.
    let tokens = portal.client.finish(flow, uri.to_string()).send().await?;

    let token = access_token(&tokens, scope::auth::RESOURCE_SERVER)?;
    let auth = AuthClient::builder().config(portal.config.clone()).authorizer(token).build()?;
    let user = auth.userinfo().send().await?;
    let name = user.name.or(user.preferred_username).unwrap_or_else(|| user.sub.to_string());
    // Another session, so that a cookie from before the login is worth nothing.
    Ok(portal.open_session(Session::LoggedIn { name, tokens }, "/"))
}

/// Ends the session here, makes its tokens useless, and lets Globus forget the browser too.
async fn logout(State(portal): State<Arc<Portal>>, headers: HeaderMap) -> Result<Redirect, Problem> {
    let session = portal.sessions().remove(cookie(&headers));
    if let Some(Session::LoggedIn { tokens, .. }) = session {
        for token in tokens.tokens() {
            portal.client.oauth2_revoke_token(token.access_token.clone()).send().await?;
        }
    }
    let mut url = portal.client.base().base_url().join("v2/web/logout")?;
    url.query_pairs_mut()
        .append_pair("client_id", &portal.client.client_id().to_string())
        .append_pair("redirect_uri", portal.address.as_str())
        .append_pair("redirect_name", "the portal");
    Ok(Redirect::to(url.as_str()))
}

impl Portal {
    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the browser a cookie that nobody can guess, no script can read, and no other site can send along.
    fn open_session(&self, session: Session, next: &str) -> Response {
        let id = Uuid::new_v4().to_string();
        let secure = if self.address.scheme() == "https" { "; Secure" } else { "" };
        let cookie = format!("session={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        self.sessions().insert(id, session);
        ([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response()
    }
}

fn cookie(headers: &HeaderMap) -> &str {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("session=")).unwrap_or_default()
}

fn access_token(tokens: &OAuthTokenResponse, service: &str) -> Result<AccessTokenAuthorizer, Problem> {
    let token = tokens.by_resource_server(service).ok_or("Globus gave no token for the service")?;
    Ok(AccessTokenAuthorizer::new(token.access_token.clone()))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// What the user is told when something went wrong.
struct Problem(StatusCode, String);

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Problem {
    fn from(error: E) -> Self {
        let error = error.into();
        let declined =
            error.downcast_ref::<Error>().and_then(LoginError::from_error).map(ToString::to_string);
        match declined {
            Some(why) => Self(StatusCode::FORBIDDEN, why),
            None => Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

#[tokio::main]
async fn main() -> Anything<()> {
    let argument = env::args().nth(1);
    if let Some(address) = argument.as_deref().filter(|argument| *argument != "emulator") {
        let address: Url = address.parse()?;
        let listener = TcpListener::bind(&*address.socket_addrs(|| None)?).await?;
        println!("open {address}");
        return serve(listener, address, &ClientCredentials::from_env()?, Config::from_env()?).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: Url = format!("http://{}/", listener.local_addr()?).parse()?;
    let local = Local::start(Emulator::builder().redirect_uri(address.join("callback")?)).await?;
    let (credentials, config) = (local.credentials()?, local.config()?);
    let served = serve(listener, address.clone(), &credentials, config);
    if argument.is_some() {
        println!("open {address}");
        return served.await;
    }
    tokio::select! {
        ended = served => ended,
        toured = tour(address) => toured,
    }
}

async fn serve(
    listener: TcpListener,
    address: Url,
    credentials: &ClientCredentials,
    config: Config,
) -> Anything<()> {
    let (id, secret) = (credentials.client_id(), credentials.client_secret().clone());
    let client = ConfidentialAppAuthClient::builder(id, secret).config(config.clone()).build()?;
    let portal = Portal { client, config, address, sessions: Mutex::default() };
    Ok(axum::serve(listener, routes(Arc::new(portal))).await?)
}

/// What somebody would do with a browser.
async fn tour(address: Url) -> Anything<()> {
    let mut visitor = Visitor::new();
    println!("{}", visitor.get(address.clone()).await?.text);
    let consent = visitor.get(address.join("login")?).await?;
    println!("{}", visitor.allow(consent).await?.text);
    println!("{}", visitor.post(address.join("logout")?, &[]).await?.url);
    let home = visitor.get(address).await?.text;
    if home.contains("Log in with Globus") { Ok(()) } else { Err("the session did not end".into()) }
}
