//! The control room: clock, faults, journal.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{FLOWS, Server, bearer, send};

async fn control(server: &Server, method: &str, path: &str, body: &Value, status: u16) -> Value {
    server.json(method, &format!("/_emulator/{path}"), "", body).await.expect(status)
}

#[tokio::test]
async fn it_tells_what_runs_here_but_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::with_collection(directory.path()).await;
    assert_eq!(server.get("/_emulator/health").await.expect(200), json!({"status": "ok"}));
    let info = server.get("/_emulator/info").await;
    let document = info.expect(200);
    assert_eq!(document["services"]["flows"], server.emulator.service_url("flows"));
    assert_eq!(
        document["collections"]["lab"]["id"],
        server.emulator.collection_id("lab").unwrap().to_string()
    );
    assert!(!info.text().contains(server.emulator.client_secret()));
    assert!(server.get("/_emulator/nothing").await.expect(404)["error"].is_string());
    assert!(server.json("PUT", "/_emulator/info", "", &json!({})).await.expect(405)["error"].is_string());
}

#[tokio::test]
async fn the_clock_moves() {
    let server = Server::start().await;
    assert_eq!(server.get("/_emulator/clock").await.expect(200)["offset_seconds"], 0);
    let moved = control(&server, "POST", "clock", &json!({"advance_seconds": 90}), 200).await;
    assert_eq!(moved["offset_seconds"], 90);
    for body in [json!({}), json!({"advance_seconds": "1"}), json!({"advance_seconds": 1.5}), json!([])] {
        control(&server, "POST", "clock", &body, 400).await;
    }
}

#[tokio::test]
async fn faults_hit_the_requests_that_they_are_for() {
    let server = Server::start().await;
    let rules = json!([
        {"method": "GET", "path_prefix": "/flows/", "status": 503, "headers": {"Retry-After": "3"},
         "body": {"code": "Busy"}, "times": 2},
        {"path_prefix": "/auth/", "status": 502, "body": "<html>Bad Gateway", "headers": {"content-type": "text/html"}},
    ]);
    assert_eq!(control(&server, "POST", "faults", &rules, 201).await["faults"].as_array().unwrap().len(), 2);
    for _ in 0..2 {
        let reply = server.get("/flows/flows").await;
        assert_eq!(reply.header("retry-after"), Some("3"));
        assert_eq!(reply.expect(503), json!({"code": "Busy"}));
    }
    assert_eq!(server.get("/flows/flows").await.status, 401);
    let html = server.get("/auth/jwk.json").await;
    assert_eq!(
        (html.status, html.header("content-type"), &*html.text()),
        (502, Some("text/html"), "<html>Bad Gateway")
    );
    assert_eq!(server.get("/auth/jwk.json").await.status, 200);
    assert_eq!(server.get("/_emulator/faults").await.expect(200)["faults"], json!([]));

    let bad = json!([{"status": 500}, {"status": 5}]);
    let message = control(&server, "POST", "faults", &bad, 400).await["error"].clone();
    assert!(message.as_str().unwrap().starts_with("rule 2: "), "{message}");
    assert_eq!(server.get("/auth/jwk.json").await.status, 200);
    control(&server, "POST", "faults", &json!({"status": 500, "times": 1000}), 201).await;
    assert_eq!(server.get("/_emulator/health").await.status, 200);
    assert_eq!(control(&server, "DELETE", "faults", &json!(null), 200).await["faults"], json!([]));
    assert_eq!(server.get("/auth/jwk.json").await.status, 200);
}

#[tokio::test]
async fn connections_can_be_lost_before_and_after_the_work() {
    let server = Server::start().await;
    let token = bearer(&server.own_token(FLOWS).await);
    let flow =
        json!({"title": "T", "definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}});
    let count =
        async || server.get_with("/flows/flows", &token).await.expect(200)["flows"].as_array().unwrap().len();
    for (after_handling, flows) in [(false, 0), (true, 1)] {
        let rule = json!({"method": "POST", "path_prefix": "/flows/flows", "drop_connection": true,
            "after_handling": after_handling});
        control(&server, "POST", "faults", &rule, 201).await;
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        let body = flow.to_string();
        let lost = send(server.emulator.address(), "POST", "/flows/flows", &headers, body.as_bytes()).await;
        // Not one byte of an answer arrives.
        assert!(lost.is_err());
        assert_eq!(count().await, flows);
    }
    let rule = json!({"method": "POST", "status": 500, "body": {"lost": true}, "after_handling": true});
    control(&server, "POST", "faults", &rule, 201).await;
    assert_eq!(server.json("POST", "/flows/flows", &token, &flow).await.expect(500), json!({"lost": true}));
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn connections_can_be_reset_and_answers_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    let ask = async || {
        let mut stream = tokio::net::TcpStream::connect(server.emulator.address()).await.unwrap();
        stream.write_all(b"GET /auth/jwk.json HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await.map(|_| ());
        (String::from_utf8(bytes).unwrap(), end.map_err(|error| error.kind()))
    };
    control(&server, "POST", "faults", &json!({"reset_connection": true}), 201).await;
    assert_eq!(ask().await, (String::new(), Err(std::io::ErrorKind::ConnectionReset)));

    control(&server, "POST", "faults", &json!({"truncate_after": 10}), 201).await;
    let (answer, end) = ask().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!((body.len(), end), (10, Ok(())), "{answer}");
    let announced =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    assert!(announced.unwrap().parse::<usize>().unwrap() > 10, "{head}");
}

#[tokio::test]
async fn what_the_program_asks_for_is_what_http_asks_for() {
    use globus_emulator::{PathFault, RequestFault};
    let server = Server::start().await;
    server.emulator.add_fault(
        RequestFault::maintenance().path("/auth/").times(2).retry_after_date(Duration::from_secs(60)),
    );
    let shown = server.get("/_emulator/faults").await.expect(200);
    assert_eq!((&shown["faults"][0]["status"], &shown["faults"][0]["times"]), (&json!(503), &json!(2)));
    let down = server.get("/auth/jwk.json").await;
    assert!(down.header("retry-after").unwrap().ends_with(" GMT"));
    assert_eq!(down.expect(503)["code"], "ServiceUnavailable");
    server.emulator.add_path_fault(PathFault::new("*.dat", "TIMEOUT").times(3)).unwrap();
    assert!(server.emulator.add_path_fault(PathFault::new("*", "time out")).is_err());
    let shown = server.get("/_emulator/path_faults").await.expect(200);
    assert_eq!(shown["path_faults"], json!([{"path": "*.dat", "code": "TIMEOUT", "times": 3}]));
    control(&server, "POST", "path_faults", &json!({"path": "*", "code": "no"}), 400).await;
    server.emulator.clear_faults();
    assert_eq!(server.get("/auth/jwk.json").await.status, 200);
    assert_eq!(server.get("/_emulator/path_faults").await.expect(200)["path_faults"], json!([]));
    server.emulator.advance_clock(Duration::from_secs(90));
    assert_eq!(server.get("/_emulator/clock").await.expect(200)["offset_seconds"], 90);
    server.emulator.forget_requests();
    assert!(server.emulator.requests().is_empty());
}

#[tokio::test]
async fn connections_are_counted() {
    let server = Server::start().await;
    let connected = tokio::net::TcpStream::connect(server.emulator.address()).await.unwrap();
    let until = async |count: usize| {
        while server.emulator.open_connections() != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), until(1)).await.unwrap();
    drop(connected);
    tokio::time::timeout(Duration::from_secs(5), until(0)).await.unwrap();
}

#[tokio::test]
async fn answers_can_be_late() {
    let server = Server::start().await;
    control(&server, "POST", "faults", &json!({"delay_ms": 150}), 201).await;
    let started = Instant::now();
    assert_eq!(server.get("/auth/jwk.json").await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn the_journal_has_requests_without_their_secrets() {
    let server = Server::start().await;
    let token = server.own_token("openid").await;
    control(&server, "POST", "faults", &json!({"path_prefix": "/transfer", "status": 500}), 201).await;
    server.get("/transfer/v0.10/task_list?filter=shown-query&code=hidden-query").await;
    server.get_with("/auth/v2/oauth2/userinfo", &bearer(&token)).await.expect(200);
    let reply = server.get("/_emulator/journal").await;
    let document = reply.expect(200);
    let seen: Vec<_> = document["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| json!([entry["method"], entry["path"], entry["status"], entry["injected"]]))
        .collect();
    assert_eq!(
        seen,
        [
            json!(["POST", "/auth/v2/oauth2/token", 200, false]),
            json!(["GET", "/transfer/v0.10/task_list", 500, true]),
            json!(["GET", "/auth/v2/oauth2/userinfo", 200, false]),
        ]
    );
    assert!(!reply.text().contains(&token) && !reply.text().contains("hidden-query"));
    assert!(!reply.text().contains(server.emulator.client_secret()));
    let requests = &document["requests"];
    assert_eq!(requests[1]["query"], "filter=shown-query&code=[redacted]");
    assert_eq!(requests[2]["headers"]["authorization"], "Bearer [redacted]");
    let form = requests[0]["body"].as_str().unwrap();
    assert!(form.contains("scope=openid"), "{form}");
    assert_eq!(server.emulator.requests(), *requests.as_array().unwrap());
    assert_eq!(control(&server, "DELETE", "journal", &json!(null), 200).await["requests"], json!([]));
}

#[tokio::test]
async fn web_pages_are_kept_out() {
    let server = Server::start().await;
    let rebound = server.send("GET", "/_emulator/info", &[("Host", "rebound.example.org")], b"").await;
    rebound.expect(421);
    let posted =
        server.send("POST", "/_emulator/faults", &[("Origin", "http://page.example.org")], b"[]").await;
    posted.expect(403);
}
