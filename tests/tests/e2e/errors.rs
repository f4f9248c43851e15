//! Errors of each service, as users see them: one line with all that matters, and predicates to test.

use globus::{
    auth::gare::Gare,
    flows::{FlowsClient, NewFlow},
    prelude::*,
};
use serde_json::json;

use globus_emulator::Requirement;

use crate::lab::{Lab, NOBODY};

/// The line, without the id of the request, which the service makes up.
fn line(error: &Error) -> String {
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    let Some(id) = error.request_id() else { return line };
    assert!(line.contains(id), "{line} does not name the request {id}");
    line.replace(id, "…")
}

/// The newer API has another form of errors, for demands too.
#[tokio::test]
async fn of_the_newer_transfer() {
    let lab = Lab::open().await;
    let error = lab.transfer.v2().get_bookmark(NOBODY).send().await.unwrap_err();
    assert!(error.is_not_found() && error.is_code("BookmarkNotFound"));
    assert_eq!(
        line(&error),
        "GET /v2/bookmarks/{bookmark_id}: 404 Not Found: BookmarkNotFound: Bookmark \
         '00000000-0000-4000-8000-000000000000' not found (request id …)"
    );
    let scope = scope::transfer::all_with_data_access([lab.laptop()]).to_string();
    let demand = Requirement::new().path_prefix("/transfer/v2/").scope(scope.clone());
    lab.emulator.require(demand).unwrap();
    let error = lab.transfer.v2().list_bookmarks().send().await.unwrap_err();
    assert!(error.needs_consent(), "{error}");
    let wanted = Gare::from_error(&error).unwrap().authorization_parameters.required_scopes;
    assert_eq!(wanted.unwrap(), [scope]);
}

#[tokio::test]
async fn of_transfer() {
    let lab = Lab::open().await;
    let (transfer, laptop) = (&lab.transfer, lab.laptop());
    lab.write("file", "");

    let error = transfer.get_task(NOBODY).send().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        line(&error),
        "GET /v0.10/task/{task_id}: 404 Not Found: ClientError.NotFound: No task found with id \
         '00000000-0000-4000-8000-000000000000' (request id …)"
    );
    let error = transfer.get_endpoint(NOBODY).send().await.unwrap_err();
    assert!(error.is_not_found() && error.is_code("EndpointNotFound"));
    assert_eq!(
        line(&error),
        "GET /v0.10/endpoint/{endpoint_id}: 404 Not Found: EndpointNotFound: No such endpoint \
         '00000000-0000-4000-8000-000000000000' (request id …)"
    );
    let error = transfer.operation_ls(laptop).path("/nowhere/").send().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        line(&error),
        format!(
            "GET /v0.10/operation/endpoint/{{endpoint_id}}/ls: 404 Not Found: ClientError.NotFound: Path not found, Error (list) \
             Endpoint: laptop ({laptop}) File: /nowhere/ Message: Fatal FTP response --- Details: 550 Command failed : No \
             such file or directory (os error 2) (request id …)"
        )
    );
    let error = transfer.operation_ls(laptop).path("/file").send().await.unwrap_err();
    assert!(error.is_code("ExternalError.DirListingFailed.NotDirectory"));
    assert_eq!(
        line(&error),
        format!(
            "GET /v0.10/operation/endpoint/{{endpoint_id}}/ls: 502 Bad Gateway: ExternalError.DirListingFailed.NotDirectory: Path \
             is not a directory, Error (list) Endpoint: laptop ({laptop}) File: /file Message: Fatal FTP response --- \
             Details: 550 Command failed : Not a directory (os error 20) (request id …)"
        )
    );
    let error = transfer.operation_mkdir(laptop, "/file").send().await.unwrap_err();
    assert!(error.is_code("ExternalError.MkdirFailed.Exists"));
    assert_eq!(
        line(&error),
        format!(
            "POST /v0.10/operation/endpoint/{{endpoint_id}}/mkdir: 502 Bad Gateway: ExternalError.MkdirFailed.Exists: Path already \
             exists, Error (mkdir) Endpoint: laptop ({laptop}) File: /file Message: Fatal FTP response --- Details: 550 \
             Command failed : File exists (os error 17) (request id …)"
        )
    );
    let error = transfer.task_list().filter("color:red").send().await.unwrap_err();
    assert_eq!(
        line(&error),
        "GET /v0.10/task_list: 400 Bad Request: BadRequest: Invalid filter field 'color': expected one of task_id, type, \
         status, label, request_time, completion_time (request id …)"
    );

    let data = lab.data([("/gone", "/gone")]);
    transfer.submit_transfer(data.clone()).send().await.unwrap();
    let error = transfer.submit_transfer(data.without_submission_id()).send().await.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(
        line(&error),
        "POST /v0.10/transfer: 409 Conflict: Conflict: A transfer with identical paths has not yet completed (request id …)"
    );
}

#[tokio::test]
async fn of_a_consent_that_is_missing() {
    let lab = Lab::open().await;
    let scope = format!("https://auth.globus.org/scopes/{}/data_access", lab.laptop());
    let wanted = format!("{}[*{scope}]", scope::transfer::ALL);
    lab.fault(json!({
        "path_prefix": "/transfer/", "status": 403,
        "body": {"code": "ConsentRequired", "message": "Missing required data_access consent", "request_id": "Q1",
                 "required_scopes": [wanted]},
    }))
    .await;
    let error = lab.transfer.operation_ls(lab.laptop()).send().await.unwrap_err();
    assert!(error.needs_consent() && error.is_permission_denied());
    assert_eq!(
        error.to_string(),
        "GET /v0.10/operation/endpoint/{endpoint_id}/ls: 403 Forbidden: ConsentRequired: Missing required data_access \
         consent (request id Q1)"
    );
    let gare = Gare::from_error(&error).unwrap();
    assert_eq!(gare.authorization_parameters.required_scopes.unwrap(), [wanted]);
}

#[tokio::test]
async fn of_auth() {
    let lab = Lab::open().await;
    let impostor = ConfidentialAppAuthClient::builder(lab.emulator.client_id(), "wrong")
        .config(lab.config.clone())
        .build()
        .unwrap();
    let error = impostor.oauth2_client_credentials_tokens(scope::transfer::ALL).send().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(
        line(&error),
        "POST /v2/oauth2/token: 401 Unauthorized: UNAUTHORIZED: Basic auth failed (request id …)"
    );
    let transfer: TransferClient =
        lab.client(ClientCredentialsAuthorizer::new(impostor, scope::transfer::ALL).unwrap());
    let error = transfer.task_list().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(
        line(&error),
        "GET /v0.10/task_list: no credential for the request: the client's credentials gave no token: POST \
         /v2/oauth2/token: 401 Unauthorized: UNAUTHORIZED: Basic auth failed (request id …)"
    );
    let error = lab.account().oauth2_refresh_token("made up").send().await.unwrap_err();
    assert_eq!(globus::auth::oauth_error(&error), Some("invalid_grant"));
    assert_eq!(
        line(&error),
        "POST /v2/oauth2/token: 400 Bad Request: invalid_grant: The refresh token is unknown, revoked or too old, or another \
         client's."
    );
    let error = lab.account().oauth2_client_credentials_tokens("no-such-scope").send().await.unwrap_err();
    assert_eq!(
        line(&error),
        format!(
            "POST /v2/oauth2/token: 400 Bad Request: UNKNOWN_SCOPE_ERROR: client_id={} requested unknown scopes: \
             ['no-such-scope'] (request id …)",
            lab.emulator.client_id()
        )
    );
    let transfer: TransferClient = lab.client(AccessTokenAuthorizer::new("AgMadeUp"));
    let error = transfer.task_list().send().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(
        line(&error),
        "GET /v0.10/task_list: 401 Unauthorized: AuthenticationFailed: Token is not active (request id …)"
    );
}

#[tokio::test]
async fn of_flows() {
    let lab = Lab::open().await;
    let flows = lab.flows();
    let error = flows.get_flow(NOBODY).send().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        line(&error),
        "GET /flows/{flow_id}: 404 Not Found: NOT_FOUND: No Flow exists with id value 00000000-0000-4000-8000-000000000000 \
         (request id …)"
    );
    let broken = NewFlow::new("Nap", json!({"StartAt": "Nowhere", "States": {"Nap": {"Type": "Fail"}}}));
    let error = flows.create_flow(broken).send().await.unwrap_err();
    assert_eq!(
        line(&error),
        "POST /flows: 422 Unprocessable Entity: UNPROCESSABLE_ENTITY: unknown state: \"Nowhere\" is not one of States: \
         definition.StartAt (request id …)"
    );
    let error = flows.list_flows().orderby(["color ASC"]).send().await.unwrap_err();
    assert_eq!(
        line(&error),
        "GET /flows: 400 Bad Request: BAD_REQUEST: orderby does not know the field \"color\" (request id …)"
    );
    let viewer: FlowsClient = lab
        .client(ClientCredentialsAuthorizer::new(lab.account(), globus::flows::scopes::VIEW_FLOWS).unwrap());
    let error = viewer.delete_flow(NOBODY).send().await.unwrap_err();
    assert!(error.is_permission_denied());
    assert_eq!(
        line(&error),
        "DELETE /flows/{flow_id}: 403 Forbidden: MISSING_SCOPE: This action requires the following scope: \
         https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/manage_flows or \
         https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all (request id …)"
    );
}
