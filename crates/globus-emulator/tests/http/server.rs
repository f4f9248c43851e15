//! What is the same for all services: prefixes, limits, names, logs.

use std::cell::RefCell;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Once;

use globus_emulator::EmulatorBuilder;

use crate::client::{CLIENT, SECRET, Server, basic, bearer, send};

#[tokio::test]
async fn each_service_refuses_in_its_own_words() {
    let server = Server::start().await;
    let auth = server.get("/auth/v2/nothing").await.expect(404);
    assert_eq!(auth["errors"][0]["code"], "NOT_FOUND");
    let auth = server.get("/auth/").await.expect(404);
    assert_eq!(auth["errors"][0]["code"], "NOT_FOUND");
    let auth = server.send("PUT", "/auth/v2/oauth2/token", &[], b"").await.expect(405);
    assert_eq!(auth["errors"][0]["code"], "METHOD_NOT_ALLOWED");
    let flows = server.get("/flows/nothing").await.expect(404);
    assert_eq!(flows["error"]["code"], "NOT_FOUND");
    let flows = server.get("/flows/").await.expect(404);
    assert_eq!(flows["error"]["code"], "NOT_FOUND");
    let flows = server.send("PATCH", "/flows/flows", &[], b"").await.expect(405);
    assert_eq!(flows["error"]["code"], "METHOD_NOT_ALLOWED");
    assert_eq!(server.get("/").await.expect(404)["code"], "NotFound");
    assert_eq!(server.get("/authority").await.expect(404)["code"], "NotFound");
    assert!(server.get("/_emulator/").await.expect(404)["error"].is_string());
}

#[tokio::test]
async fn paths_that_are_no_text_are_refused_in_json() {
    let server = Server::start().await;
    for path in [
        "/auth/v2/api/identities/%ff",
        "/groups/v2/groups/%ff",
        "/actions/%ff",
        "/actions/weboption/option/%ff",
    ] {
        assert_eq!(server.get(path).await.expect(400)["code"], "BadRequest", "{path}");
    }
    for path in
        ["/flows/flows/%ff", "/flows/runs/%ff/log", "/flows/web_inputs/%ff", "/flows/registered_apis/%ff"]
    {
        assert_eq!(server.get(path).await.expect(400)["error"]["code"], "BAD_REQUEST", "{path}");
    }
}

#[tokio::test]
async fn large_bodies_are_refused_in_the_words_of_the_service() {
    let server = Server::start().await;
    let body = vec![b'a'; 3 * 1024 * 1024];
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let auth = server.send("POST", "/auth/v2/oauth2/token", &[form], &body).await.expect(413);
    assert_eq!(auth["errors"][0]["code"], "PAYLOAD_TOO_LARGE");
    let token =
        server.own_token("https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/all").await;
    let headers = [("Authorization", &*bearer(&token))];
    let flows = server.send("POST", "/flows/flows", &headers, &body).await.expect(413);
    assert_eq!(flows["error"]["code"], "PAYLOAD_TOO_LARGE");
    server.send("POST", "/_emulator/faults", &[], &body).await.expect(413);
}

#[tokio::test]
async fn forms_must_be_forms() {
    let server = Server::start().await;
    let headers = [("Content-Type", "application/json"), ("Authorization", &*basic(CLIENT, SECRET))];
    let document = server.send("POST", "/auth/v2/oauth2/token", &headers, b"{}").await.expect(400);
    assert_eq!(document["error"], "invalid_request");
}

#[tokio::test]
async fn urls_are_those_of_the_asking_side() {
    let open = |builder: EmulatorBuilder| builder.listen(([0, 0, 0, 0], 0)).allow_non_loopback(true);
    let server = Server::with(open).await;
    let path = "/auth/.well-known/openid-configuration";
    let via = async |host: &str| {
        let address = (Ipv4Addr::LOCALHOST, server.emulator.address().port()).into();
        send(address, "GET", path, &[("Host", host)], b"").await.unwrap().expect(200)["jwks_uri"].clone()
    };
    assert_eq!(via("forwarded.example.org:8080").await, "http://forwarded.example.org:8080/auth/jwk.json");
    let own = format!("{}jwk.json", server.emulator.service_url("auth"));
    assert_eq!(via("user@host").await, own);
    assert_eq!(via("\"><script>").await, own);
}

#[tokio::test]
async fn an_emulator_for_this_machine_answers_to_its_names_only() {
    let server = Server::start().await;
    let via = async |host: &str| server.send("GET", "/auth/jwk.json", &[("Host", host)], b"").await;
    assert_eq!(via("localhost:1").await.status, 200);
    let port = server.emulator.address().port();
    let document = server
        .send("GET", "/auth/.well-known/openid-configuration", &[("Host", &format!("localhost:{port}"))], b"")
        .await
        .expect(200);
    assert_eq!(document["jwks_uri"], format!("http://localhost:{port}/auth/jwk.json"));
    for host in ["rebound.example.org", "127.0.0.1.example.org:80", "\"><script>"] {
        assert_eq!(via(host).await.expect(421)["code"], "MisdirectedRequest");
    }
}

#[tokio::test]
async fn every_answer_has_a_name() {
    let server = Server::start().await;
    let first = server.get("/auth/jwk.json").await;
    let second = server.get("/nowhere").await;
    let id = first.header("x-request-id").unwrap();
    assert_eq!(id.len(), 9);
    assert_ne!(Some(id), second.header("x-request-id"));
}

/// Logs everything, for the whole process, and keeps what this thread logs for the test to take. A subscriber of one
/// test would not do: what other threads log first is then switched off for everybody.
fn log_of_this_thread() -> impl FnOnce() -> String {
    static FIRST: Once = Once::new();
    thread_local! {
        static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    struct Log;
    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    FIRST.call_once(|| {
        let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        everything.with_ansi(false).with_writer(|| Log).init();
        // What was logged before there was a subscriber counts as switched off.
        tracing::callsite::rebuild_interest_cache();
    });
    LOG.take();
    || String::from_utf8(LOG.take()).unwrap()
}

#[tokio::test]
async fn the_log_has_a_line_per_request_and_no_secret() {
    // The test's runtime has one thread: the server logs on this one.
    let log = log_of_this_thread();
    let server = Server::start().await;
    let login = server.login("openid", "offline").await;
    let access = login["access_token"].as_str().unwrap();
    server.get_with("/auth/v2/oauth2/userinfo?access_token=in-the-query", &bearer(access)).await.expect(200);
    server.own_token("openid").await;
    server.emulator.stop().await;
    let log = log();
    assert_eq!(log.lines().filter(|line| line.contains(" request ")).count(), 5, "{log}");
    assert!(log.contains("/auth/v2/oauth2/userinfo") && log.contains("200"));
    let refresh = login["refresh_token"].as_str().unwrap();
    for secret in [access, refresh, SECRET, &basic(CLIENT, SECRET), "in-the-query", "code="] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn stopping_closes_the_port_even_with_an_idle_connection() {
    let server = Server::start().await;
    let address = server.emulator.address();
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    server.emulator.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn dropping_closes_the_port_too() {
    let server = Server::start().await;
    let address = server.emulator.address();
    drop(server);
    let closed = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), closed).await.unwrap();
}
