//! What bad input gets, when it is the program's or its user's. Whole lines, as users see them; nothing is sent.

use globus::{
    auth::CredentialsError,
    core::config::{Sources, TlsVerify},
    flows::{FlowsClient, NewFlow},
    prelude::*,
};
use serde_json::json;

use crate::{
    lab::{NOBODY, config_at},
    socket::Socket,
};

const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

/// A client of a service that must not be asked anything.
struct Unasked(Socket);

impl Unasked {
    async fn open() -> Self {
        Self(Socket::json("{}").await)
    }

    fn transfer(&self) -> TransferClient {
        self.0.transfer()
    }
}

impl Drop for Unasked {
    fn drop(&mut self) {
        assert!(self.0.seen().is_empty(), "bad input was sent");
    }
}

/// The line of an error about which nothing was sent.
fn line(error: &Error) -> String {
    assert!(error.is_never_sent(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_wrong_id() {
    let service = Unasked::open().await;
    let error = service.transfer().operation_ls("my laptop").path("/").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        line(&error),
        "GET /v0.10/operation/endpoint/{endpoint_id}/ls: \"my laptop\" is not a collection id: expected a UUID such as \
         ddb59aef-6d04-11e5-ba46-22000b92c6ec"
    );
    let data = TransferData::new("laptop", ID).with_items([("/a", "/a")]);
    let error = service.transfer().submit_transfer(data).send().await.unwrap_err();
    assert_eq!(
        line(&error),
        "POST /v0.10/transfer: source_endpoint: \"laptop\" is not a collection id: expected a UUID such as \
         ddb59aef-6d04-11e5-ba46-22000b92c6ec"
    );
    let error = ConfidentialAppAuthClient::builder("my app", "secret").build().unwrap_err();
    assert_eq!(
        line(&error),
        "\"my app\" is not a client id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"
    );
    let error = service.transfer().task_wait("the last one").send().await.unwrap_err();
    assert_eq!(
        line(&error.into()),
        "\"the last one\" is not a task id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"
    );
}

#[tokio::test]
async fn an_empty_path() {
    let service = Unasked::open().await;
    let error = service.transfer().operation_stat(ID, "").send().await.unwrap_err();
    assert_eq!(line(&error), "GET /v0.10/operation/endpoint/{endpoint_id}/stat: path is empty");
    let error = service.transfer().operation_rename(ID, "/a", "").send().await.unwrap_err();
    assert_eq!(line(&error), "POST /v0.10/operation/endpoint/{endpoint_id}/rename: new_path is empty");
    let data = TransferData::new(ID, NOBODY).with_items([("/a", "/a"), ("/b", "")]);
    let error = service.transfer().submit_transfer(data).send().await.unwrap_err();
    assert_eq!(line(&error), "POST /v0.10/transfer: item 2: the destination path is empty");
    let error = service.transfer().submit_delete(DeleteData::new(ID)).send().await.unwrap_err();
    assert_eq!(line(&error), "POST /v0.10/delete: the deletion has no items: add at least one");
}

#[tokio::test]
async fn a_step_up_in_a_path_segment() {
    let service = Unasked::open().await;
    let call =
        |path: &str| service.transfer().base().call(http::Method::GET, path).send::<serde_json::Value>();
    assert_eq!(
        line(&call("/v0.10/task/../../v2/api/clients").await.unwrap_err()),
        "GET /v0.10/task/../../v2/api/clients: path is a dot segment, which would lead to another resource"
    );
    assert_eq!(line(&call("/v0.10//task").await.unwrap_err()), "GET /v0.10//task: path is empty");
}

#[tokio::test]
async fn line_breaks_and_other_alphabets_in_a_header() {
    let service = Unasked::open().await;
    let request = |value: &str| service.transfer().get_task(ID).with_header("X-Run", value).send();
    let error = request("7\r\nAuthorization: Bearer stolen").await.unwrap_err();
    assert_eq!(
        line(&error),
        "GET /v0.10/task/{task_id}: the value of X-Run has '\\r' at byte 1: only printable ASCII can be sent in a header"
    );
    let error = request("größe").await.unwrap_err();
    assert_eq!(
        line(&error),
        "GET /v0.10/task/{task_id}: the value of X-Run has 'ö' at byte 2: only printable ASCII can be sent in a header"
    );
    let error = TransferClient::builder().config(config_at(&[])).header("X Run", "7").build().unwrap_err();
    assert_eq!(line(&error), "\"X Run\" is not a header name");
    let error = TransferClient::builder().config(config_at(&[])).app_name("größer").build().unwrap_err();
    assert_eq!(
        line(&error),
        "the value of the application's name has 'ö' at byte 24: only printable ASCII can be sent in a header"
    );
    let read_from_a_file = AccessTokenAuthorizer::new("AgSecretToken\n");
    let transfer =
        TransferClient::builder().config(config_at(&[])).authorizer(read_from_a_file).build().unwrap();
    let error = transfer.task_list().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(
        line(&error),
        "GET /v0.10/task_list: no credential for the request: the access token has '\\n' at byte 13: a token is \
         printable ASCII without blanks"
    );
}

#[tokio::test]
async fn a_label_over_its_limit() {
    let service = Unasked::open().await;
    let data = TransferData::new(ID, NOBODY).with_items([("/a", "/a")]).label("é".repeat(129));
    let error = service.transfer().submit_transfer(data).send().await.unwrap_err();
    assert_eq!(line(&error), "POST /v0.10/transfer: the label has 129 characters: at most 128 are allowed");
    let data = DeleteData::new(ID).with_items(["/a"]).label("run 7\n");
    let error = service.transfer().submit_delete(data).send().await.unwrap_err();
    assert_eq!(line(&error), "POST /v0.10/delete: the label has a line break at byte 5");
    let flow = NewFlow::new("é".repeat(129), json!({"StartAt": "Nap", "States": {}}));
    let error = service.0.client::<FlowsClient>().create_flow(flow).send().await.unwrap_err();
    assert_eq!(
        line(&error),
        "POST /flows: the document cannot be sent: title has 129 characters, and at most 128 are allowed"
    );
}

#[test]
fn a_half_set_pair_of_credentials() {
    let look_up = |set: &'static str| {
        let found = ClientCredentials::from_lookup(|name| (name == set).then(|| ID.to_owned()));
        line(&Error::from(found.unwrap_err()))
    };
    assert_eq!(
        look_up("GLOBUS_CLIENT_ID"),
        "GLOBUS_CLIENT_ID is set, but GLOBUS_CLIENT_SECRET is not (or is empty): set both or neither"
    );
    assert_eq!(
        look_up("GLOBUS_CLI_CLIENT_SECRET"),
        "GLOBUS_CLI_CLIENT_SECRET is set, but GLOBUS_CLI_CLIENT_ID is not (or is empty): set both or neither"
    );
    assert_eq!(
        Error::from(CredentialsError::NotSet).to_string(),
        "no client credentials: set GLOBUS_CLIENT_ID and GLOBUS_CLIENT_SECRET (or GLOBUS_CLI_CLIENT_ID and \
         GLOBUS_CLI_CLIENT_SECRET)"
    );
}

#[test]
fn an_unknown_environment() {
    let sources = Sources::empty().with_variable("GLOBUS_SDK_ENVIRONMENT", "prod");
    let config = Config::builder().sources(sources).build().unwrap();
    let error = TransferClient::builder().config(config).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        line(&error),
        "no URL for the service transfer: GLOBUS_SDK_ENVIRONMENT: unknown environment \"prod\" (known are production, \
         preview, sandbox, integration, test, staging); set GLOBUS_SDK_SERVICE_URL_TRANSFER to use the service in this \
         environment"
    );
}

#[test]
fn an_address_that_is_none() {
    let build = |url: &str| {
        let config = Config::builder().sources(Sources::empty()).service_url(Service::Transfer, url);
        line(&Error::from(config.build().unwrap_err()))
    };
    assert_eq!(
        build("transfer.example.org"),
        "ConfigBuilder::service_url(Service::Transfer): is not an absolute URL such as https://example.org/: relative URL \
         without a base"
    );
    assert_eq!(
        build("https://ada:secret@transfer.example.org/"),
        "ConfigBuilder::service_url(Service::Transfer): the URL must not hold a user name or password"
    );
}

#[tokio::test]
async fn a_token_for_an_address_without_encryption() {
    let transfer = TransferClient::builder()
        .config(config_at(&[(Service::Transfer, "http://transfer.example.org/".to_owned())]))
        .authorizer(AccessTokenAuthorizer::new("AgSecretToken"))
        .build()
        .unwrap();
    assert_eq!(
        line(&transfer.task_list().send().await.unwrap_err()),
        "GET /v0.10/task_list: refused to send credentials to transfer.example.org over plain http: use https"
    );
}

#[test]
fn a_ca_file_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("ca.pem");
    let missing = missing.display();
    let variable = |value: String| {
        let sources = Sources::empty().with_variable("GLOBUS_SDK_VERIFY_SSL", value);
        line(&Error::from(Config::builder().sources(sources).build().unwrap_err()))
    };
    assert_eq!(
        variable(missing.to_string()),
        format!(
            "GLOBUS_SDK_VERIFY_SSL: \"{missing}\" is neither a boolean (y, yes, t, true, on, 1, n, no, f, false, off, 0) \
             nor the path of a file"
        )
    );
    let place = directory.path().display().to_string();
    assert_eq!(
        variable(place.clone()),
        format!("GLOBUS_SDK_VERIFY_SSL: {place}: the CA file is not a regular file")
    );
    let error = Error::from(TlsVerify::ca_file(missing.to_string()).unwrap_err());
    assert_eq!(
        line(&error),
        format!("{missing}: the CA file cannot be read: No such file or directory (os error 2)")
    );
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let error = Error::from(TlsVerify::ca_file(&empty).unwrap_err());
    assert_eq!(
        line(&error),
        format!("{}: the CA file holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", empty.display())
    );
}
