//! Real sockets, and what can go wrong on them.

use std::time::{Duration, Instant};

use globus_core::{ErrorKind, RetryPolicy};
use globus_transfer::TransferData;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::common::{DESTINATION, SOURCE, SUBMISSION, TASK, client_at};

fn task() -> Value {
    json!({"DATA_TYPE": "task", "task_id": TASK, "status": "ACTIVE"})
}

async fn serve(first: ResponseTemplate, then: Option<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let first = Mock::given(method("GET")).respond_with(first);
    match then {
        Some(then) => {
            first.up_to_n_times(1).mount(&server).await;
            Mock::given(method("GET")).respond_with(then).mount(&server).await;
        }
        None => first.mount(&server).await,
    }
    server
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_slow_answer_is_a_timeout() {
    let server =
        serve(ResponseTemplate::new(200).set_body_json(task()).set_delay(Duration::from_secs(20)), None)
            .await;
    let look = client_at(&server.uri()).get_task(TASK).with_timeout(Duration::from_millis(100));
    let error = look.with_retry(RetryPolicy::never()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_timeout() && !error.is_never_sent());
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let busy = ResponseTemplate::new(503)
        .insert_header("Retry-After", "1")
        .set_body_json(json!({"code": "ServiceUnavailable", "message": "x"}));
    let server = serve(busy, Some(ResponseTemplate::new(200).set_body_json(task()))).await;
    let start = Instant::now();
    client_at(&server.uri()).get_task(TASK).send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked(&server).await, 2);
}

#[tokio::test]
async fn the_storages_own_failures_are_not_retried() {
    for code in ["ExternalError.DirListingFailed.SizeLimit", "EndpointError"] {
        let refused = ResponseTemplate::new(502)
            .set_body_json(json!({"code": code, "message": "too big", "request_id": "r"}));
        let server = serve(refused, None).await;
        let error = client_at(&server.uri()).operation_ls(SOURCE).send().await.unwrap_err();
        assert!(error.is_code(code));
        assert!(!error.is_retryable());
        assert_eq!(asked(&server).await, 1);
    }
}

#[tokio::test]
async fn html_is_not_a_document() {
    let page =
        ResponseTemplate::new(200).set_body_raw("<html><body>Please log in</body></html>", "text/html");
    let server = serve(page, None).await;
    let error = client_at(&server.uri()).operation_ls(SOURCE).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("text/html"), "{error}");
    assert_eq!(asked(&server).await, 1);

    let page = ResponseTemplate::new(502).set_body_raw("<html>Bad Gateway</html>", "text/html");
    let server = serve(page, Some(ResponseTemplate::new(200).set_body_json(task()))).await;
    client_at(&server.uri()).get_task(TASK).send().await.unwrap();
    assert_eq!(asked(&server).await, 2);
}

/// Reads one request whole, by its length or its chunks, and gives its body.
async fn read_request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the connection ended in the head");
        bytes.extend_from_slice(&buffer[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
    let mut rest = bytes.split_off(end);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let chunked = head.contains("transfer-encoding: chunked");
    loop {
        let complete = match length {
            Some(length) => rest.len() >= length,
            None => !chunked || rest.ends_with(b"0\r\n\r\n"),
        };
        if complete {
            break;
        }
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the connection ended in the body");
        rest.extend_from_slice(&buffer[..count]);
    }
    (head, if chunked { unchunked(&rest) } else { rest })
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[line + 2..line + 2 + length]);
        bytes = &bytes[line + 2 + length + 2..];
    }
}

fn answer(document: &Value) -> Vec<u8> {
    let text = document.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
    .into_bytes()
}

/// Answers each connection with these bytes and closes it; gives the requests.
pub(crate) async fn answer_with(
    answers: Vec<Vec<u8>>,
) -> (String, tokio::task::JoinHandle<Vec<(String, Vec<u8>)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(read_request(&mut stream).await);
            stream.write_all(&answer).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        requests
    });
    (url, served)
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let truncated =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"task_id\":"
            .to_vec();
    let (url, served) = answer_with(vec![truncated.clone(), Vec::new(), answer(&task())]).await;
    let response = client_at(&url).get_task(TASK).send_full().await.unwrap();
    assert_eq!(response.attempts(), 3);
    assert_eq!(served.await.unwrap().len(), 3);

    let (url, _) = answer_with(vec![truncated]).await;
    let error = client_at(&url).get_task(TASK).with_retry(RetryPolicy::never()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

/// A POST that is not keyed is not sent twice after its answer was lost.
#[tokio::test]
async fn mkdir_is_not_repeated_blindly() {
    let (url, served) = answer_with(vec![Vec::new()]).await;
    let error = client_at(&url).operation_mkdir(SOURCE, "/~/d").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(error.attempts(), 1);
    assert_eq!(served.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_submission_whose_answer_was_lost_is_sent_again_with_the_same_id() {
    let accepted = json!({"DATA_TYPE": "transfer_result", "code": "Duplicate", "task_id": TASK, "submission_id": SUBMISSION});
    let cut = b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{".to_vec();
    let (url, served) =
        answer_with(vec![answer(&json!({"value": SUBMISSION})), Vec::new(), cut, answer(&accepted)]).await;
    let mut data = TransferData::new(SOURCE, DESTINATION);
    data.extend((0..20_000).map(|n| (format!("/~/source/{n}"), format!("/destination/{n}"))));
    let result = client_at(&url).submit_transfer(data).send().await.unwrap();
    assert!(result.is_duplicate());
    let requests = served.await.unwrap();
    let bodies: Vec<Value> =
        requests[1..].iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
    assert_eq!(bodies.len(), 3);
    for ((head, _), body) in requests[1..].iter().zip(&bodies) {
        assert!(head.starts_with("post /v0.10/transfer http/1.1\r\n"), "{head}");
        assert!(head.contains("content-type: application/json\r\n"), "{head}");
        assert_eq!(body["submission_id"], SUBMISSION);
        assert_eq!(body["DATA"].as_array().unwrap().len(), 20_000);
    }
}

#[tokio::test]
async fn a_small_submission_says_its_length() {
    let server = MockServer::start().await;
    Mock::given(path("/v0.10/transfer"))
        .respond_with(ResponseTemplate::new(202).set_body_json(json!({"code": "Accepted", "task_id": TASK})))
        .mount(&server)
        .await;
    let data = TransferData::new(SOURCE, DESTINATION).submission_id(SUBMISSION).with_items([("/a", "/b")]);
    client_at(&server.uri()).submit_transfer(data).send().await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["content-length"], requests[0].body.len().to_string());
    assert!(!requests[0].headers.contains_key("transfer-encoding"));
}
