//! What an app is made of, and what is wrong with it.

use globus_auth::{
    ClientApp, Error, ErrorKind, UserApp,
    login::LocalServerLoginFlowManager,
    storage::{JsonTokenStorage, MemoryTokenStorage, TokenStorage},
};
use globus_core::{Config, Scope, Service, config::Sources};

use super::town::{Desk, Office, Town, logged_in};
use crate::common::{ID, SECRET, TRANSFER, TRANSFER_ALL};
use globus_core::ServiceClient;

fn line<T: std::fmt::Debug>(result: Result<T, Error>) -> (ErrorKind, String) {
    let error = result.unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn what_is_wrong_is_said_at_once() {
    use ErrorKind::{Config as Configuration, InvalidInput};
    let town = Town::new();
    let user = |name: &str, id: &str| UserApp::builder(name, id).config(Town::config());
    let service = |secret: &str| ClientApp::builder("x", ID, secret).config(Town::config());
    let elsewhere = Config::builder()
        .sources(Sources::empty())
        .service_url(Service::Auth, "https://auth.globus.org/")
        .build()
        .unwrap();
    for ((kind, said), expected, part) in [
        (line(user("x", "my-client").build()), InvalidInput, "\"my-client\" is not a client id"),
        (line(user("", ID).build()), Configuration, "nothing is left of the app name \"\""),
        (line(user("CON", ID).build()), Configuration, "is reserved by Windows"),
        (line(service("").build()), InvalidInput, "the client secret is empty"),
        (line(user("x", ID).scope_requirements(TRANSFER, "a[").build()), InvalidInput, "is never closed"),
        (line(user("x", ID).scope_requirements(TRANSFER, "").build()), InvalidInput, "needs a scope"),
        (line(user("x", ID).scope_requirements("", "a").build()), InvalidInput, "needs a resource server"),
        (
            line(UserApp::for_client("x", town.native()).config(elsewhere).build()),
            Configuration,
            "asks Globus Auth at https://auth.example.org/, but the configuration says https://auth.globus.org/",
        ),
    ] {
        assert_eq!(kind, expected, "{said}");
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_client_without_scopes_says_so() {
    let town = Town::new();
    let app = town.app(&Desk::default(), &MemoryTokenStorage::new()).build().unwrap();
    let (kind, said) = line(Office::builder().transport(town.clone()).app(&app).build());
    assert_eq!(kind, ErrorKind::InvalidInput);
    assert!(said.contains("app_scopes"), "{said}");
    // Scopes that contradict each other are told by whoever comes last.
    town.office(&app, "a[b]");
    let cyclic = Office::builder().app(&app).app_scopes([Scope::parse("b[a]").unwrap()]).build();
    assert!(line(cyclic).1.contains("depend"), "a cycle");
}

#[test]
fn tokens_are_where_the_python_sdk_has_them() {
    let app = UserApp::builder("My Tool", ID).config(Town::config()).build().unwrap();
    let storage = JsonTokenStorage::for_globus_app(app.client_id(), "My Tool", "production").unwrap();
    assert!(format!("{:?}", app.token_storage()).contains(storage.path().to_str().unwrap()));
    let town = Town::new();
    for (builder, agent) in [
        (town.app(&Desk::default(), &MemoryTokenStorage::new()), "My App"),
        (UserApp::for_client("Ümläut", town.native()).config(Town::config()), ""),
    ] {
        let client = town.transfer(&builder.build().unwrap());
        let request = client.base().call(http::Method::GET, "/x").to_request().unwrap();
        let sent = request.headers["user-agent"].to_str().unwrap();
        assert_eq!(sent.splitn(3, '/').nth(2).unwrap_or_default(), agent);
    }
    // Apps take a name that no header does.
    UserApp::builder("Ümläut", ID).config(Town::config()).build().unwrap();
    assert_eq!((app.name(), app.client_id()), ("My Tool", ID.parse().unwrap()));
    assert_eq!(app.login_client().client_id(), app.client_id());
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let storage = MemoryTokenStorage::new();
    logged_in(&storage, TRANSFER_ALL).await;
    assert!(storage.get_token_data(TRANSFER).await.unwrap().is_some());
    let builder = ClientApp::builder("x", ID, SECRET).config(Town::config()).token_storage(storage.clone());
    let shown = format!("{builder:?}");
    let app = builder.build().unwrap();
    let user = UserApp::builder("x", ID)
        .config(Town::config())
        .token_storage(storage)
        .login_flow_manager(LocalServerLoginFlowManager::new());
    let shown = format!("{shown}{app:?}{user:?}");
    let shown = format!("{shown}{:?}", user.build().unwrap());
    assert!(!shown.contains(SECRET) && !shown.contains("stored-"), "{shown}");
}
