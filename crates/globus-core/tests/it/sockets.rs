//! What goes wrong on real connections.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use globus_core::{
    ErrorKind, RetryPolicy, ServiceClient,
    transport::{BodySource, BodyStream},
};
use http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method, path, query_param},
};

use crate::common::{Toy, toys_at};

const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

async fn serving(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(template).mount(&server).await;
    server
}

/// Serves this text to every connection, after the request's head has come, and closes.
async fn raw_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = socket.read(&mut buffer).await;
            let _ = socket.write_all(answer.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    url
}

fn once(url: &str) -> crate::common::GetToy {
    toys_at(url).get_toy(ID).with_retry(RetryPolicy::never())
}

#[tokio::test]
async fn a_plain_exchange() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(format!("/v1/toy/{ID}")))
        .and(query_param("fields", "a b"))
        .and(header("accept", "application/json"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"id": 1, "name": "ü"})))
        .expect(1)
        .mount(&server)
        .await;
    let toy = once(&server.uri()).with_query("fields", "a b").send().await.unwrap();
    assert_eq!(toy, Toy { id: 1, name: Some("ü".to_owned()) });
}

#[tokio::test]
async fn a_burst_of_calls_finds_the_connections_of_the_last_one() {
    const BURST: usize = 64;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let toys = toys_at(&format!("http://{}/", listener.local_addr().unwrap()));
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while socket.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                    // So slowly that all are under way at a time.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":1}";
                    if socket.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    for _ in 0..2 {
        let calls: tokio::task::JoinSet<_> = (0..BURST).map(|_| toys.get_toy(ID).send()).collect();
        assert!(calls.join_all().await.iter().all(Result::is_ok));
    }
    let opened = opened.load(Ordering::Relaxed);
    assert!(opened <= BURST, "{opened} connections");
}

#[tokio::test]
async fn a_service_that_answers_slowly() {
    let slow = serving(ResponseTemplate::new(200).set_delay(Duration::from_secs(30))).await;
    let error = once(&slow.uri()).with_timeout(Duration::from_millis(80)).send().await.unwrap_err();
    assert!(error.is_timeout() && !error.is_never_sent(), "{error:?}");
    assert!(error.to_string().contains("no complete answer from 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_service_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = once(&url).send().await.unwrap_err();
    assert!(error.is_connect() && error.is_never_sent(), "{error:?}");
    assert!(error.to_string().contains("could not connect to 127.0.0.1"), "{error}");
    assert!(error.to_string().to_lowercase().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_service_that_hangs_up() {
    let url = raw_server("").await;
    let error = once(&url).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    assert!(error.is_retryable() && !error.is_never_sent());
}

#[tokio::test]
async fn an_answer_that_is_cut_short() {
    let url = raw_server("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"id\":").await;
    let error = once(&url).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    assert!(error.to_string().contains("cut short"), "{error}");
    // An error answer that is cut short is still that error.
    let url = raw_server("HTTP/1.1 404 Not Found\r\ncontent-length: 1000\r\n\r\n{\"code\":").await;
    assert!(once(&url).send().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn something_that_is_not_http() {
    let url = raw_server("SSH-2.0-OpenSSH_9.6\r\n").await;
    let error = once(&url).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
}

#[tokio::test]
async fn html_where_json_was_due() {
    let proxy = serving(ResponseTemplate::new(200).set_body_raw("<html>Log in</html>", "text/html")).await;
    let error = once(&proxy.uri()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("text/html"), "{error}");
    let gateway =
        serving(ResponseTemplate::new(502).set_body_raw("<html>Bad Gateway</html>", "text/html")).await;
    let error = once(&gateway.uri()).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v1/toy/{toy_id}: 502 Bad Gateway: the answer is no JSON document (text/html, 24 bytes)"
    );
}

#[tokio::test]
async fn redirects_over_real_connections() {
    let target = serving(ResponseTemplate::new(200).set_body_json(json!({"id": 9, "name": null}))).await;
    let location = format!("{}/moved", target.uri());
    let source = serving(ResponseTemplate::new(307).insert_header("location", location.as_str())).await;
    let toy = once(&source.uri()).with_header("authorization", "Bearer x").send().await.unwrap();
    assert_eq!(toy.id, 9);
    let seen = &target.received_requests().await.unwrap()[0];
    assert!(!seen.headers.contains_key("authorization"), "another port is another place");

    let circle = serving(ResponseTemplate::new(302).insert_header("location", "/again")).await;
    let error = once(&circle.uri()).send().await.unwrap_err();
    assert!(error.to_string().contains("circles"), "{error}");
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let mut packed = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::default());
    encoder.write_all(br#"{"id":5,"name":"zipped"}"#).unwrap();
    encoder.finish().unwrap();
    let server = serving(
        ResponseTemplate::new(200)
            .insert_header("content-encoding", "gzip")
            .set_body_raw(packed, "application/json"),
    )
    .await;
    assert_eq!(once(&server.uri()).send().await.unwrap().id, 5);
    assert_eq!(server.received_requests().await.unwrap()[0].headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn an_empty_post_says_its_length() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("content-length", "0"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    toys_at(&server.uri()).base().call(Method::POST, "/v1/x").send::<Value>().await.unwrap();
}

/// Produces `{"n":[0,1,2,…]}` piece by piece.
#[derive(Debug)]
struct Numbers(u32);

impl BodySource for Numbers {
    fn stream(&self) -> BodyStream {
        struct Pieces {
            next: u32,
            end: u32,
        }
        impl futures_core::Stream for Pieces {
            type Item = std::io::Result<Bytes>;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                let n = self.next;
                self.next += 1;
                std::task::Poll::Ready(match n {
                    n if n > self.end => None,
                    n if n == self.end => Some(Ok(Bytes::from_static(b"]}"))),
                    0 => Some(Ok(Bytes::from_static(b"{\"n\":[0"))),
                    n => Some(Ok(Bytes::from(format!(",{n}")))),
                })
            }
        }
        Box::pin(Pieces { next: 0, end: self.0 })
    }
}

#[tokio::test]
async fn a_streamed_body_is_sent_again_by_retries_and_redirects() {
    let server = MockServer::start().await;
    let expected = format!("{{\"n\":[{}]}}", (0..500).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    let given = |place: &str| {
        Mock::given(method("POST"))
            .and(path(place.to_owned()))
            .and(body_string(expected.clone()))
            .and(header("content-type", "application/json"))
    };
    given("/v1/x").respond_with(ResponseTemplate::new(503)).up_to_n_times(1).expect(1).mount(&server).await;
    given("/v1/x")
        .respond_with(ResponseTemplate::new(308).insert_header("location", "/v1/y"))
        .expect(1)
        .mount(&server)
        .await;
    given("/v1/y")
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": true})))
        .expect(1)
        .mount(&server)
        .await;
    let call = toys_at(&server.uri())
        .base()
        .call(Method::POST, "/v1/x")
        .json_stream(Arc::new(Numbers(500)))
        .idempotent();
    let answer: Value = call.send().await.unwrap();
    assert_eq!(answer["ok"], true);
}

/// Fails to produce its bytes.
#[derive(Debug)]
struct Unreadable;

impl BodySource for Unreadable {
    fn stream(&self) -> BodyStream {
        struct Failing;
        impl futures_core::Stream for Failing {
            type Item = std::io::Result<Bytes>;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                std::task::Poll::Ready(Some(Err(std::io::Error::other("the list of files is gone"))))
            }
        }
        Box::pin(Failing)
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_produced_is_not_a_network_error() {
    let server = MockServer::start().await;
    let call = toys_at(&server.uri())
        .base()
        .call(Method::POST, "/v1/x")
        .json_stream(Arc::new(Unreadable))
        .idempotent();
    let error = call.send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    assert_eq!(error.attempts(), 1, "it would fail again");
    assert!(error.to_string().contains("the list of files is gone"), "{error}");
}

#[tokio::test]
async fn a_large_answer_can_be_read_piece_by_piece() {
    let server = serving(ResponseTemplate::new(200).set_body_bytes(vec![7; 3_000_000])).await;
    let mut answer = toys_at(&server.uri()).base().call(Method::GET, "/v1/x").send_streaming().await.unwrap();
    let (mut total, mut pieces) = (0, 0);
    while let Some(piece) = answer.body.chunk().await.unwrap() {
        total += piece.len();
        pieces += 1;
    }
    assert_eq!(total, 3_000_000);
    assert!(pieces > 1);
}
