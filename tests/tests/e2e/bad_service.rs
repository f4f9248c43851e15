//! What bad input gets, when it is the service's: slow, broken, misleading or new. Whole lines, as users see them.

use std::time::Duration;

use globus::{
    flows::FlowsClient,
    prelude::*,
    transfer::{EntityType, tasks::TaskCode},
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    lab::{config_at, swift},
    socket::{Manner, Socket},
};

const TASK: &str = "8b3a7c1e-6a61-11f0-8b6d-0affc0000001";
const TOKEN: &str = "AgSecretToken";

/// One failing request, tried once.
async fn line(socket: &Socket) -> String {
    let request = socket.transfer().get_task(TASK).with_retry(RetryPolicy::never());
    request.send().await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_service_that_is_not_there() {
    let gone = Socket::nobody().await;
    let place = gone.place.clone();
    assert_eq!(
        line(&gone).await,
        format!(
            "GET /v0.10/task/{{task_id}}: could not connect to {place}: Connection refused (os error 111)"
        )
    );
}

#[tokio::test]
async fn a_service_that_answers_slowly() {
    let socket = Socket::open(Manner::Silence).await;
    let request = socket.transfer().get_task(TASK).with_timeout(Duration::from_millis(40));
    let error = request.with_retry(swift().with_max_retries(2)).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("GET /v0.10/task/{{task_id}}: no complete answer from {} in time (3 attempts)", socket.place)
    );
    assert!(error.is_timeout() && !error.is_never_sent());
}

#[tokio::test]
async fn a_service_that_resets_the_connection() {
    let socket = Socket::open(Manner::Reset).await;
    let mut stream = tokio::net::TcpStream::connect(&socket.place).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let reset = stream.read_u8().await.unwrap_err();
    assert_eq!(
        line(&socket).await,
        format!("GET /v0.10/task/{{task_id}}: the connection to {} broke: {reset}", socket.place)
    );
}

#[tokio::test]
async fn a_service_that_hangs_up() {
    let socket = Socket::open(Manner::Say(Vec::new())).await;
    assert_eq!(
        line(&socket).await,
        format!(
            "GET /v0.10/task/{{task_id}}: the connection to {} broke: connection closed before message completed",
            socket.place
        )
    );
}

#[tokio::test]
async fn an_answer_that_is_cut_short() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"task_id\":\"8b3a";
    let socket = Socket::open(Manner::Say(half.as_bytes().to_vec())).await;
    assert_eq!(
        line(&socket).await,
        format!(
            "GET /v0.10/task/{{task_id}}: the answer of {} was cut short: end of file before message length reached",
            socket.place
        )
    );
}

#[tokio::test]
async fn a_document_that_ends_too_early() {
    let socket = Socket::json(r#"{"task_id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "#).await;
    assert_eq!(
        line(&socket).await,
        "GET /v0.10/task/{task_id}: 200 but not the document expected: the body ends too early, at line 1 column 52 \
         (content type application/json, 52 bytes)"
    );
}

#[tokio::test]
async fn a_service_that_is_no_web_server() {
    let socket = Socket::open(Manner::Say(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await;
    assert_eq!(
        line(&socket).await,
        format!(
            "GET /v0.10/task/{{task_id}}: the connection to {} broke: invalid HTTP version parsed",
            socket.place
        )
    );
}

#[tokio::test]
async fn html_where_json_was_due() {
    let page = "<html><body>Please log in to the hotel's network</body></html>";
    let socket = Socket::saying("200 OK", "content-type: text/html; charset=utf-8\r\n", page).await;
    assert_eq!(
        line(&socket).await,
        "GET /v0.10/task/{task_id}: 200 but not the document expected: the body is not JSON, at line 1 column 1 \
         (content type text/html; charset=utf-8, 62 bytes)"
    );
    let socket =
        Socket::saying("502 Bad Gateway", "content-type: text/html\r\n", "<h1>Bad Gateway</h1>").await;
    assert_eq!(
        line(&socket).await,
        "GET /v0.10/task/{task_id}: 502 Bad Gateway: the answer is no JSON document (text/html, 20 bytes)"
    );
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_credentials() {
    let other =
        Socket::json(r#"{"task_id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "status": "ACTIVE"}"#).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}moved\r\n", other.url());
        let socket = Socket::saying(status, &location, "").await;
        socket.transfer().get_task(TASK).send().await.unwrap();
        assert!(socket.seen()[0].contains(&format!("authorization: Bearer {TOKEN}")), "{:?}", socket.seen());
    }
    let seen = other.seen();
    assert_eq!(seen.len(), 4);
    for head in seen {
        assert!(head.starts_with("GET /moved HTTP/1.1\r\n"), "{head}");
        assert!(!head.contains(TOKEN) && !head.to_lowercase().contains("authorization"), "{head}");
    }
}

#[tokio::test]
async fn a_redirect_of_a_form_with_secrets_is_not_followed() {
    let other = Socket::json("{}").await;
    let location = format!("location: {}moved\r\n", other.url());
    let socket = Socket::saying("307 Temporary Redirect", &location, "").await;
    let client = ConfidentialAppAuthClient::builder(TASK, "secret")
        .config(config_at(&[(Service::Auth, socket.url())]))
        .build()
        .unwrap();
    let error = client.oauth2_client_credentials_tokens(scope::transfer::ALL).send().await.unwrap_err();
    let place = other.url();
    assert_eq!(
        error.to_string(),
        format!(
            "POST /v2/oauth2/token: 307 redirects it to {}, which is not followed: check the base URL",
            place.trim_end_matches('/')
        )
    );
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn redirects_in_circles() {
    let socket = Socket::saying("302 Found", "location: /v0.10/task/again\r\n", "").await;
    assert_eq!(
        line(&socket).await,
        "GET /v0.10/task/{task_id}: gave up after 30 redirects: the service sends this request in circles"
    );
    assert_eq!(socket.seen().len(), 31);
}

#[tokio::test]
async fn an_unknown_word_an_unknown_member_and_missing_members_are_read() {
    let socket = Socket::json(
        r#"{"task_id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "status": "HIBERNATING", "nice_status": "SNOWED_IN",
            "label": null, "weather": {"snow": true}}"#,
    )
    .await;
    let task = socket.transfer().get_task(TASK).send().await.unwrap();
    assert_eq!((task.status.as_str(), task.status.is_final()), ("HIBERNATING", false));
    assert!(matches!(task.status, TaskStatus::Unknown(_)));
    assert!(matches!(task.nice_status, Some(TaskCode::Unknown(_))));
    assert_eq!((&task.label, task.files, task.fatal_error.is_none()), (&None, None, true));
    assert_eq!(task.extra().get("weather").unwrap()["snow"], true);

    let socket =
        Socket::json(r#"{"id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "entity_type": "GCSv9_cloud"}"#).await;
    let endpoint = socket.transfer().get_endpoint(TASK).send().await.unwrap();
    assert!(
        matches!(endpoint.entity_type, Some(EntityType::Unknown(word)) if word.as_str() == "GCSv9_cloud")
    );

    let socket = Socket::json(
        r#"{"id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001", "user_roles": ["flow_gardener"], "flow_viewers": null}"#,
    )
    .await;
    let flow = socket.client::<FlowsClient>().get_flow(TASK).send().await.unwrap();
    assert_eq!(
        (flow.user_roles[0].as_str(), flow.flow_viewers.len(), flow.title.as_str()),
        ("flow_gardener", 0, "")
    );
}

#[tokio::test]
async fn a_member_that_is_guaranteed_and_is_not_there_is_named() {
    let socket = Socket::json(r#"{"status": "ACTIVE"}"#).await;
    assert_eq!(
        line(&socket).await,
        "GET /v0.10/task/{task_id}: 200 but not the document expected: missing field `task_id` (content type \
         application/json, 20 bytes)"
    );
    let socket =
        Socket::json(r#"{"DATA": [{"task_id": "8b3a7c1e-6a61-11f0-8b6d-0affc0000001"}], "total": 1}"#).await;
    let error = socket.transfer().task_list().send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v0.10/task_list: 200 but not the document expected: at DATA[0]: missing field `status` (content type \
         application/json, 75 bytes)"
    );
}
