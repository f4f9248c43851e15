//! A token endpoint that misbehaves, on real connections.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use globus_auth::{
    ClientCredentialsAuthorizer, ConfidentialAppAuthClient, ErrorKind, NativeAppAuthClient,
    RefreshTokenAuthorizer, oauth_error,
};
use globus_core::{Authorizer, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, Respond, ResponseTemplate,
    matchers::{any, body_string, header, method, path},
};

use crate::common::{ID, SECRET, TRANSFER_ALL, token};

async fn serving(answer: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn native(url: &str) -> NativeAppAuthClient {
    NativeAppAuthClient::builder(ID).base_url(url).build().unwrap()
}

fn confidential(url: &str) -> ConfidentialAppAuthClient {
    ConfidentialAppAuthClient::builder(ID, SECRET).base_url(url).build().unwrap()
}

/// Reads a little, sends this text, and closes: a reset for the client when the text is empty.
async fn raw_server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 16]).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn a_plain_exchange() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/auth/v2/oauth2/token"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string("grant_type=client_credentials&scope=openid+urn%3Aa%5B%2Aurn%3Ab%5D"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(token("A1", None, 60), "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let client = confidential(&format!("{}/auth", server.uri()));
    let tokens = client.oauth2_client_credentials_tokens("openid urn:a[*urn:b]").send().await.unwrap();
    assert_eq!(tokens.tokens()[0].access_token.expose(), "A1");
    let request = &server.received_requests().await.unwrap()[0];
    assert!(request.headers["authorization"].to_str().unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_slow_endpoint_ends_in_a_timeout_and_is_asked_once() {
    let server = serving(ResponseTemplate::new(200).set_delay(Duration::from_secs(30))).await;
    let client = NativeAppAuthClient::builder(ID)
        .base_url(server.uri())
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let authorizer = RefreshTokenAuthorizer::new("R1", client);
    let error = authorizer.authorization_header().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(
        error
            .to_string()
            .starts_with("the token could not be refreshed: POST /v2/oauth2/token: no complete answer"),
        "{error}"
    );
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_is_not_followed_by_a_second_try() {
    let address = raw_server("").await;
    let error = native(&format!("http://{address}")).oauth2_refresh_token("R1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_never_sent()), (ErrorKind::Io, 1, false));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_kept() {
    let address =
        raw_server("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"s3cr3t").await;
    let error = native(&format!("http://{address}")).oauth2_refresh_token("R1").send().await.unwrap_err();
    assert_eq!((error.kind(), error.raw_body()), (ErrorKind::Io, None));
    assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
}

#[tokio::test]
async fn html_is_no_token() {
    for status in [200, 502] {
        let page = ResponseTemplate::new(status).set_body_raw("<html>Log in to the WiFi</html>", "text/html");
        let server = serving(page).await;
        let request = confidential(&server.uri()).oauth2_client_credentials_tokens("openid");
        let error = request.with_retry(RetryPolicy::never()).send().await.unwrap_err();
        let expected = if status == 200 { ErrorKind::Decode } else { ErrorKind::Api };
        assert_eq!(error.kind(), expected);
        assert!(error.to_string().contains("text/html"), "{error}");
    }
}

#[tokio::test]
async fn error_dialects() {
    let rows = [
        (400, r#"{"error":"invalid_grant"}"#, None, "invalid_grant", "400 Bad Request: invalid_grant"),
        (401, r#"{"error":"invalid_grant"}"#, None, "invalid_grant", "401 Unauthorized: invalid_grant"),
        (
            400,
            r#"{"error":"invalid_request","error_description":"code is missing"}"#,
            None,
            "invalid_request",
            "400 Bad Request: invalid_request: code is missing",
        ),
        (
            401,
            r#"{"errors":[{"status":"401","id":"0f6a","code":"UNAUTHORIZED","title":"Unauthorized",
                "detail":"Basic auth failed"}],"error":"unauthorized","error_description":"Unauthorized"}"#,
            Some("UNAUTHORIZED"),
            "unauthorized",
            "401 Unauthorized: UNAUTHORIZED: Basic auth failed (request id 0f6a)",
        ),
    ];
    for (status, body, code, word, expected) in rows {
        let server = serving(ResponseTemplate::new(status).set_body_raw(body, "application/json")).await;
        let client = confidential(&server.uri());
        let error = client.oauth2_refresh_token("R1").send().await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.code()), (status, code));
        assert_eq!(error.to_string(), format!("POST /v2/oauth2/token: {expected}"));
        assert_eq!(error.is_unauthorized(), status == 401);
        // Beneath the error of a call it can still be told.
        let authorizer = ClientCredentialsAuthorizer::new(client, TRANSFER_ALL).unwrap();
        let error = authorizer.authorization_header().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Auth, code));
        assert_eq!(oauth_error(&error), Some(word));
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!(server.received_requests().await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere =
        serving(ResponseTemplate::new(200).set_body_raw(token("A1", None, 60), "application/json")).await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        let server = serving(redirect).await;
        let error = confidential(&server.uri()).oauth2_refresh_token("R1").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let line = format!("{status} redirects it to {}, which is not followed", elsewhere.uri());
        assert!(error.to_string().contains(&line), "{error}");
    }
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_make_one_request_over_sockets() {
    let answer = ResponseTemplate::new(200)
        .set_delay(Duration::from_millis(100))
        .set_body_raw(token("A1", None, 3600), "application/json");
    let server = serving(answer).await;
    let authorizer =
        Arc::new(ClientCredentialsAuthorizer::new(confidential(&server.uri()), TRANSFER_ALL).unwrap());
    let calls: Vec<_> = (0..1000)
        .map(|call| {
            let authorizer = Arc::clone(&authorizer);
            tokio::spawn(async move {
                // Some callers lose patience, the first one among them.
                if call % 3 == 0 {
                    let patience = Duration::from_millis(20);
                    let _ = tokio::time::timeout(patience, authorizer.authorization_header()).await;
                } else {
                    assert_eq!(authorizer.authorization_header().await.unwrap().unwrap(), "Bearer A1");
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    // The server's drop blocks on a lock of tokio, and would do so for ever in a task whose budget is used up.
    tokio::task::yield_now().await;
}
