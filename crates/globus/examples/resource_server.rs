//! A service of your own that takes the tokens of Globus: it learns who calls, and asks Globus Transfer in their name.
//!
//! ```text
//! cargo run -p globus --example resource_server                   # a tour on an emulator inside the program
//! cargo run -p globus --example resource_server -- 0.0.0.0:5000   # the real service, behind a proxy that does TLS
//! ```
//!
//! For the real service, register a client at <https://app.globus.org/settings/developers>, put its id and secret into
//! `GLOBUS_CLIENT_ID` and `GLOBUS_CLIENT_SECRET`, and create the scope once, as [`create_scope`] does here.
#![allow(clippy::print_stdout, reason = "telling what it does is what an example is for")]

#[path = "support/local.rs"]
mod local;

use std::{env, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use globus::{
    auth::{
        AuthClient, BasicAuthorizer, TokenVerifier, TokenVerifierError,
        api::scopes::{DependentScope, NewScope, ScopeLookup},
        gare::Gare,
        login::{LoginFlowManager, LoginRequest},
    },
    core::{HttpTransport, Secret, Transport, transport::Request},
    prelude::*,
};
use globus_emulator::Emulator;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::local::{Anything, Local, obedient_terminal};

/// The last part of the scope that callers need: `https://auth.globus.org/scopes/CLIENT_ID/count_tasks`.
const SCOPE: &str = "count_tasks";

struct Service {
    client: ConfidentialAppAuthClient,
    verifier: TokenVerifier,
    config: Config,
}

/// Says how many tasks the caller has, and who they are.
async fn count(State(service): State<Arc<Service>>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    // The token must be valid, made for this service, and have the scope. Nobody gets in when that cannot be asked.
    let token = bearer(&headers).ok_or(TokenVerifierError::NoToken)?;
    let caller = service.verifier.verify(&token).await?;

    // A service that is called often keeps these until they expire.
    let tokens = service.client.oauth2_get_dependent_tokens(token).send().await?;
    let Some(transfer) = tokens.by_resource_server(scope::transfer::RESOURCE_SERVER) else {
        return Err(Refusal(
            StatusCode::BAD_GATEWAY,
            json!({"message": "the scope does not depend on Transfer's"}),
        ));
    };
    let transfer = TransferClient::builder()
        .config(service.config.clone())
        .authorizer(AccessTokenAuthorizer::new(transfer.access_token.clone()))
        .build()?;
    let tasks = transfer.task_list().limit(1).send().await?;
    Ok(Json(json!({"caller": caller.username, "tasks": tasks.total})))
}

fn scope_string(client_id: &str) -> String {
    format!("https://auth.globus.org/scopes/{client_id}/{SCOPE}")
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

/// What a caller is told.
struct Refusal(StatusCode, Value);

impl From<TokenVerifierError> for Refusal {
    fn from(error: TokenVerifierError) -> Self {
        // What the service itself met is not for its callers.
        let message = match &error {
            TokenVerifierError::Unavailable { .. } => "tokens cannot be checked now".to_owned(),
            refused => refused.to_string(),
        };
        Self(error.status(), json!({"message": message}))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match Gare::from_error(&error) {
            // What the caller's program has to ask its user for, in the form that every Globus program knows.
            Some(gare) => Self(StatusCode::FORBIDDEN, gare.to_value(false)),
            None => Self(StatusCode::BAD_GATEWAY, json!({"message": error.to_string()})),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

#[tokio::main]
async fn main() -> Anything<()> {
    if let Some(address) = env::args().nth(1) {
        let listener = TcpListener::bind(address).await?;
        return serve(listener, service(&ClientCredentials::from_env()?, Config::from_env()?)?).await;
    }
    let local = Local::start(Emulator::builder()).await?;
    let credentials = local.credentials()?;
    create_scope(&credentials, local.config()?).await?;
    let service = service(&credentials, local.config()?)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let id = service.client.client_id().to_string();
    tokio::select! {
        ended = serve(listener, service) => ended,
        called = call(&address, &id, local.config()?) => called,
    }
}

fn service(credentials: &ClientCredentials, config: Config) -> Anything<Service> {
    let (id, secret) = (credentials.client_id(), credentials.client_secret().clone());
    let client = ConfidentialAppAuthClient::builder(id, secret).config(config.clone()).build()?;
    let verifier = TokenVerifier::new(client.clone(), scope_string(&id.to_string()))?;
    Ok(Service { client, verifier, config })
}

async fn serve(listener: TcpListener, service: Service) -> Anything<()> {
    let routes = Router::new().route("/tasks", get(count)).with_state(Arc::new(service));
    Ok(axum::serve(listener, routes).await?)
}

/// Done once: the scope that callers need, and what the service does with it in their name.
async fn create_scope(credentials: &ClientCredentials, config: Config) -> Anything<()> {
    let id = credentials.client_id();
    let authorizer = BasicAuthorizer::new(id.to_string(), credentials.client_secret().clone());
    let auth = AuthClient::builder().config(config).authorizer(authorizer).build()?;
    let transfer = auth.get_scopes(ScopeLookup::scope_strings([scope::transfer::ALL])).send().await?;
    let transfer = transfer.first().ok_or("no scope of Transfer")?.id;
    let scope = NewScope::new("Count my tasks", "Look at your transfers to count them.", SCOPE)
        .dependent_scopes([DependentScope::new(transfer)]);
    let created = auth.create_scope(id, scope).send().await?;
    println!("created {}", created.scopes.first().ok_or("no scope")?.scope_string);
    Ok(())
}

/// Somebody's program: it logs them in for the service's scope, and calls the service.
async fn call(address: &str, service: &str, config: Config) -> Anything<()> {
    let (status, answer) = ask(address, None).await?;
    println!("without a token: {status} {answer}");

    let client = NativeAppAuthClient::builder(Local::NATIVE_CLIENT).config(config).build()?;
    let request = LoginRequest::new(["openid", &scope_string(service)])?;
    let tokens = obedient_terminal()?.run_login_flow(&client.into(), &request).await?;

    let wrong = tokens.by_resource_server(scope::auth::RESOURCE_SERVER).ok_or("no token for Auth")?;
    let (status, answer) = ask(address, Some(&wrong.access_token)).await?;
    println!("\nwith a token for another service: {status} {answer}");

    let right = tokens.by_resource_server(service).ok_or("no token for the service")?;
    let (status, answer) = ask(address, Some(&right.access_token)).await?;
    println!("with its own token: {status} {answer}");
    if status.is_success() { Ok(()) } else { Err("the service refused its caller".into()) }
}

async fn ask(address: &str, token: Option<&Secret>) -> Anything<(StatusCode, String)> {
    let mut request = Request::new(Method::GET, format!("{address}tasks").parse()?);
    if let Some(token) = token {
        request.headers.insert(header::AUTHORIZATION, format!("Bearer {}", token.expose()).parse()?);
    }
    let answer = HttpTransport::default().send(request).await?;
    Ok((answer.status, String::from_utf8(answer.body.bytes().await?.to_vec())?))
}
