//! Attempts, retries, credentials and redirects, over a replay and a clock that jumps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use globus_core::{
    Authorizer, Error, ErrorKind, Result, RetryPolicy, ServiceClient,
    test_util::{RecordedRequest, ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use http::{HeaderValue, Method};
use tokio::time::Instant;

use crate::common::{Toy, ToyFilter, Toys, toys};

const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";
const TOY: &str = r#"{"id":1,"name":"bear"}"#;

fn storage_error(code: &str) -> Reply {
    Reply::json(502, format!(r#"{{"code":"{code}","message":"m","request_id":"r"}}"#))
}

#[tokio::test(start_paused = true)]
async fn transient_failures_are_retried_with_back_off() {
    let replay = ReplayTransport::new([
        Reply::failure(TransportErrorKind::Io),
        Reply::failure(TransportErrorKind::Timeout),
        Reply::json(500, "{}"),
        Reply::json(502, "<html>"),
        Reply::truncated(200),
        Reply::json(200, TOY),
    ]);
    let start = Instant::now();
    let answer = toys(&replay).get_toy(ID).send_full().await.unwrap();
    assert_eq!(answer.attempts(), 6);
    assert_eq!(answer.id, 1);
    // (0.25 … 0.75) × (1 + 2 + 4 + 8 + 16), the last cut to 10 s.
    let elapsed = start.elapsed().as_secs_f64();
    assert!((7.75..=23.25).contains(&elapsed), "{elapsed}");
}

#[tokio::test(start_paused = true)]
async fn the_last_failure_is_told_with_the_attempts() {
    let replay =
        ReplayTransport::new((0..6).map(|_| {
            Reply::json(503, r#"{"code":"ServiceUnavailable","message":"down","request_id":"abc"}"#)
        }));
    let error = toys(&replay).get_toy(ID).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v1/toy/{toy_id}: 503 Service Unavailable: ServiceUnavailable: down (request id abc) (6 attempts)"
    );
    assert_eq!((error.attempts(), error.request_id(), replay.left()), (6, Some("abc"), 0));
}

#[tokio::test(start_paused = true)]
async fn a_post_is_not_sent_twice_unless_it_was_not_taken() {
    for (reply, attempts) in [
        (Reply::failure(TransportErrorKind::Io), 1),
        (Reply::failure(TransportErrorKind::Timeout), 1),
        (Reply::json(500, "{}"), 1),
        (Reply::json(503, "{}").header("retry-after", "1"), 1),
        (Reply::failure(TransportErrorKind::Connect), 2),
        (Reply::failure(TransportErrorKind::ConnectTimeout), 2),
        (Reply::json(429, "{}").header("retry-after", "1"), 2),
    ] {
        let replay = ReplayTransport::new([reply.clone(), Reply::json(200, TOY)]);
        let result = toys(&replay).make_toy(ID, "/p").send().await;
        assert_eq!(replay.requests().len(), attempts, "{reply:?}");
        assert_eq!(result.is_ok(), attempts == 2, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn callers_may_opt_in_to_more_and_to_less() {
    let twice = || ReplayTransport::new([Reply::failure(TransportErrorKind::Io), Reply::json(200, TOY)]);
    assert!(toys(&twice()).make_toy(ID, "/p").with_retry(RetryPolicy::permissive()).send().await.is_ok());
    assert!(toys(&twice()).get_toy(ID).with_retry(RetryPolicy::never()).send().await.is_err());
    // Marked by the operation itself: it carries an id of its own.
    let replay = twice();
    assert!(toys(&replay).submit_toy(Toy { id: 3, name: None }).send().await.is_ok());
    let bodies: Vec<String> = replay.requests().iter().map(RecordedRequest::text).collect();
    assert_eq!(bodies, [r#"{"id":3,"name":null}"#; 2], "the same document both times");
}

#[tokio::test(start_paused = true)]
async fn storage_failures_and_odd_bodies_do_not_confuse_the_decision() {
    for code in ["ExternalError.MkdirFailed.Exists", "EndpointError"] {
        for status in [500, 502, 503, 504] {
            let replay = ReplayTransport::new([
                Reply::json(status, format!(r#"{{"code":"{code}","message":"m"}}"#)),
                Reply::json(200, TOY),
            ]);
            let error = toys(&replay).get_toy(ID).send().await.unwrap_err();
            assert!(error.is_code(code), "{error}");
            assert_eq!(replay.requests().len(), 1, "{status} {code}");
        }
    }
    for body in ["[1,2]", r#"{"code":null}"#, "", "<html>", r#"{"code":{"a":1}}"#] {
        let replay = ReplayTransport::new([Reply::json(502, body), Reply::json(200, TOY)]);
        toys(&replay).get_toy(ID).send().await.unwrap();
    }
    let replay = ReplayTransport::new([storage_error("ExternalErrorish"), Reply::json(200, TOY)]);
    assert!(toys(&replay).get_toy(ID).send().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_in_full() {
    let replay =
        ReplayTransport::new([Reply::json(429, "{}").header("retry-after", "60"), Reply::json(200, TOY)]);
    let start = Instant::now();
    toys(&replay).get_toy(ID).send().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 60);

    let replay =
        ReplayTransport::new([Reply::json(503, "{}").header("retry-after", "3600"), Reply::json(200, TOY)]);
    let start = Instant::now();
    let error = toys(&replay).get_toy(ID).send().await.unwrap_err();
    assert_eq!((start.elapsed(), error.retry_after()), (Duration::ZERO, Some(Duration::from_secs(3600))));
    assert!(
        toys(&ReplayTransport::new([Reply::json(429, "{}")]))
            .get_toy(ID)
            .with_retry(RetryPolicy::never())
            .send()
            .await
            .unwrap_err()
            .is_rate_limited()
    );
}

/// Gives token 1, then 2, …, and counts what it is told.
#[derive(Debug, Default)]
struct Tokens {
    token: AtomicU32,
    renewals: AtomicU32,
}

#[async_trait]
impl Authorizer for Tokens {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer t{}", self.token.load(Ordering::SeqCst))).unwrap();
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn handle_missing_authorization(&self, rejected: Option<&HeaderValue>) -> Result<bool> {
        assert_eq!(rejected.unwrap(), &format!("Bearer t{}", self.token.load(Ordering::SeqCst)));
        self.token.fetch_add(1, Ordering::SeqCst);
        self.renewals.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }
}

fn with_tokens(replay: &ReplayTransport, url: &str) -> (Toys, Arc<Tokens>) {
    let tokens = Arc::new(Tokens::default());
    let client = Toys::builder()
        .base_url(url)
        .transport(replay.clone())
        .authorizer(Arc::clone(&tokens))
        .build()
        .unwrap();
    (client, tokens)
}

#[tokio::test]
async fn a_401_gets_one_new_token_and_one_more_try() {
    let replay = ReplayTransport::new([Reply::json(401, "{}"), Reply::json(200, TOY)]);
    let (client, tokens) = with_tokens(&replay, "https://toys.example.org/");
    // A POST too: the service did not take it.
    client.make_toy(ID, "/p").send().await.unwrap();
    let sent: Vec<_> =
        replay.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer t0", "Bearer t1"]);
    assert_eq!(tokens.renewals.load(Ordering::SeqCst), 1);

    let replay = ReplayTransport::new([
        Reply::json(401, "{}"),
        Reply::json(401, r#"{"code":"AuthenticationFailed","message":"no"}"#),
    ]);
    let (client, tokens) = with_tokens(&replay, "https://toys.example.org/");
    let error = client.get_toy(ID).send().await.unwrap_err();
    assert!(error.is_unauthorized() && error.is_code("AuthenticationFailed"));
    assert_eq!((error.attempts(), tokens.renewals.load(Ordering::SeqCst)), (2, 1));
}

/// Logs in when it is told that a call needs it, as often as it is allowed to.
#[derive(Debug, Default)]
struct Logins {
    done: AtomicU32,
    told: AtomicU32,
    fails: bool,
}

#[async_trait]
impl Authorizer for Logins {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Ok(Some(HeaderValue::from_str(&format!("Bearer t{}", self.done.load(Ordering::SeqCst))).unwrap()))
    }

    async fn handle_authorization_requirement(
        &self,
        refusal: &Error,
        used: Option<&HeaderValue>,
    ) -> Result<bool> {
        self.told.fetch_add(1, Ordering::SeqCst);
        assert_eq!(used.unwrap(), &format!("Bearer t{}", self.done.load(Ordering::SeqCst)));
        if self.fails {
            return Err(Error::new(ErrorKind::Auth, "nobody is there"));
        }
        let helps = refusal.is_code("ConsentRequired");
        self.done.fetch_add(u32::from(helps), Ordering::SeqCst);
        Ok(helps)
    }
}

#[tokio::test(start_paused = true)]
async fn a_403_that_a_login_helps_with_gets_one_login_and_one_more_try() {
    let needs_consent = || Reply::json(403, r#"{"code":"ConsentRequired","message":"m"}"#);
    let call = async |logins: &Arc<Logins>, replies: Vec<Reply>| {
        let replay = ReplayTransport::new(replies);
        let builder = Toys::builder().base_url("https://toys.example.org/").transport(replay.clone());
        let client = builder.authorizer(Arc::clone(logins)).build().unwrap();
        (client.make_toy(ID, "/p").send().await, replay.requests().len())
    };
    let logins = Arc::new(Logins::default());
    // A retry in between changes nothing.
    let replies =
        vec![Reply::json(429, "{}"), needs_consent(), Reply::json(429, "{}"), Reply::json(200, TOY)];
    let (answer, requests) = call(&logins, replies).await;
    assert!(answer.is_ok());
    assert_eq!((requests, logins.done.load(Ordering::SeqCst)), (4, 1));

    let (answer, requests) = call(&logins, vec![needs_consent(), needs_consent(), needs_consent()]).await;
    assert!(answer.unwrap_err().is_code("ConsentRequired"));
    assert_eq!((requests, logins.told.load(Ordering::SeqCst)), (2, 2));

    let (answer, requests) = call(&logins, vec![Reply::json(403, r#"{"code":"No","message":"m"}"#)]).await;
    assert!(answer.unwrap_err().is_code("No"));
    assert_eq!((requests, logins.done.load(Ordering::SeqCst)), (1, 2));

    let alone = Arc::new(Logins { fails: true, ..Logins::default() });
    let (answer, _) = call(&alone, vec![needs_consent()]).await;
    assert_eq!(answer.unwrap_err().to_string(), "POST /v1/box/{box_id}/toy: nobody is there");
}

/// Is told by the token endpoint that its client is not known.
#[derive(Debug, Default)]
struct Unknown(AtomicU32);

#[async_trait]
impl Authorizer for Unknown {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let replay = ReplayTransport::new([Reply::json(401, r#"{"error":"invalid_client"}"#)]);
        let refused = toys(&replay).get_toy(ID).send().await.unwrap_err();
        Err(Error::new(ErrorKind::Auth, "no token").with_source(refused))
    }

    async fn handle_missing_authorization(&self, _: Option<&HeaderValue>) -> Result<bool> {
        Ok(true)
    }
}

#[tokio::test]
async fn a_401_of_the_token_endpoint_is_not_one_of_the_service() {
    let asked = Arc::new(Unknown::default());
    let replay = ReplayTransport::default();
    let client = Toys::builder()
        .base_url("https://toys.example.org/")
        .transport(replay.clone())
        .authorizer(Arc::clone(&asked))
        .build()
        .unwrap();
    let error = client.get_toy(ID).send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 1));
    assert_eq!(asked.0.load(Ordering::SeqCst), 1);
    assert!(replay.requests().is_empty());
}

#[tokio::test]
async fn credentials_go_to_https_and_loopback_only() {
    for (url, allowed) in [
        ("https://toys.example.org/", true),
        ("http://127.0.0.1:9/", true),
        ("http://127.9.9.9:9/", true),
        ("http://localhost:9/", true),
        ("http://[::1]:9/", true),
        ("http://toys.example.org/", false),
        ("http://127.0.0.1.example.org/", false),
        ("http://localhost.example.org/", false),
        ("http://10.0.0.1/", false),
    ] {
        let replay = ReplayTransport::new([Reply::json(200, TOY)]);
        let (client, _) = with_tokens(&replay, url);
        let result = client.get_toy(ID).send().await;
        assert_eq!(result.is_ok(), allowed, "{url}");
        assert_eq!(replay.requests().len(), usize::from(allowed), "{url}");
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(error.to_string().contains("over plain http"), "{error}");
        }
        // By hand as well, and for bodies that hold secrets.
        let replay = ReplayTransport::new([Reply::json(200, TOY), Reply::json(200, TOY)]);
        let bare = Toys::builder().base_url(url).transport(replay.clone()).build().unwrap();
        let by_hand = bare.get_toy(ID).with_header("authorization", "Bearer x").send().await;
        assert_eq!(by_hand.is_ok(), allowed, "{url}");
        let secret = bare.base().call(Method::POST, "/token").form([("code", "s3cret")]).confidential();
        assert_eq!(secret.send::<serde_json::Value>().await.is_ok(), allowed, "{url}");
        // Without credentials anybody may be asked.
        let replay = ReplayTransport::new([Reply::json(200, TOY)]);
        Toys::builder().base_url(url).transport(replay).build().unwrap().get_toy(ID).send().await.unwrap();
    }
}

#[tokio::test]
async fn an_authorizer_overrides_the_callers_header() {
    let replay = ReplayTransport::new([Reply::json(200, TOY)]);
    let (client, _) = with_tokens(&replay, "https://toys.example.org/");
    client.get_toy(ID).with_header("authorization", "Bearer mine").send().await.unwrap();
    assert_eq!(replay.requests()[0].header("authorization"), Some("Bearer t0"));
}

#[derive(Debug)]
struct Refuses;

#[async_trait]
impl Authorizer for Refuses {
    async fn authorization_header(&self) -> Result<Option<HeaderValue>> {
        Err(globus_core::Error::new(ErrorKind::Io, "the token file is gone"))
    }
}

#[tokio::test]
async fn a_credential_that_cannot_be_had_says_why_and_sends_nothing() {
    let replay = ReplayTransport::default();
    let client =
        Toys::builder().base_url("https://h/").transport(replay.clone()).authorizer(Refuses).build().unwrap();
    let error = client.get_toy(ID).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v1/toy/{toy_id}: no credential for the request: the token file is gone"
    );
    assert!(error.is_unauthorized() && error.is_never_sent());
    assert!(replay.requests().is_empty());
}

fn redirect(status: u16, location: &str) -> Reply {
    Reply::raw(status, "").header("location", location)
}

#[tokio::test]
async fn redirects_keep_or_change_the_method() {
    for (status, method, expected) in [
        (301, Method::POST, "GET"),
        (302, Method::POST, "GET"),
        (303, Method::POST, "GET"),
        (307, Method::POST, "POST"),
        (308, Method::POST, "POST"),
        (301, Method::PUT, "PUT"),
        (302, Method::DELETE, "DELETE"),
        (303, Method::PUT, "GET"),
        (302, Method::GET, "GET"),
    ] {
        let replay = ReplayTransport::new([redirect(status, "/elsewhere?x=1"), Reply::json(200, TOY)]);
        let client = toys(&replay);
        let call = client
            .base()
            .call(method.clone(), "/v1/x")
            .body("payload".to_owned())
            .with_header("content-type", "text/plain");
        call.send::<Toy>().await.unwrap();
        let second = &replay.requests()[1];
        assert_eq!(second.method.as_str(), expected, "{status} {method}");
        assert_eq!(second.url.as_str(), "https://toys.example.org/elsewhere?x=1");
        let kept = expected != "GET" || method == Method::GET;
        assert_eq!(second.text().is_empty(), !kept, "{status} {method}");
        assert_eq!(second.header("content-type").is_some(), kept, "{status} {method}");
    }
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_place() {
    for (location, follows) in [
        ("https://toys.example.org/x", true),
        ("/x", true),
        ("https://toys.example.org:443/x", true),
        ("https://other.example.org/x", false),
        ("https://toys.example.org:8443/x", false),
        ("http://toys.example.org/x", false),
        ("https://toys.example.org.evil.example/x", false),
    ] {
        let replay = ReplayTransport::new([redirect(307, location), Reply::json(200, TOY)]);
        let (client, _) = with_tokens(&replay, "https://toys.example.org/");
        client.get_toy(ID).with_header("cookie", "a=b").send().await.unwrap();
        let second = &replay.requests()[1];
        assert_eq!(second.header("authorization").is_some(), follows, "{location}");
        assert_eq!(second.header("cookie").is_some(), follows, "{location}");
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_in_circles_end() {
    let replay = ReplayTransport::new((0..1000).map(|_| redirect(302, "/again")));
    let error = toys(&replay).get_toy(ID).with_retry(RetryPolicy::never()).send().await.unwrap_err();
    assert!(error.to_string().contains("30 redirects"), "{error}");
    assert_eq!(replay.requests().len(), 31, "the first request and 30 redirects");
}

#[tokio::test]
async fn secrets_are_not_redirected() {
    let replay = ReplayTransport::new([redirect(307, "https://evil.example/"), Reply::json(200, TOY)]);
    let call = toys(&replay).base().call(Method::POST, "/token").form([("code", "s3cret")]).confidential();
    let error = call.send::<Toy>().await.unwrap_err();
    assert_eq!((error.kind(), replay.requests().len()), (ErrorKind::Decode, 1));
}

#[tokio::test]
async fn an_answer_to_secrets_is_not_kept_in_the_error() {
    let replay = ReplayTransport::new([Reply::json(200, r#"{"id":"t0ken"}"#)]);
    let call = toys(&replay).base().call(Method::POST, "/token").form([("code", "s3cret")]).confidential();
    let error = call.send::<Toy>().await.unwrap_err();
    assert_eq!((error.kind(), error.raw_body()), (ErrorKind::Decode, None));
    assert!(!format!("{error} {error:?}").contains("t0ken"), "{error:?}");
}

#[tokio::test]
async fn an_answer_keeps_its_circumstances_when_its_document_is_made_into_another() {
    let replay = ReplayTransport::new([Reply::json(200, TOY).header("x-request-id", "r1")]);
    let answer = toys(&replay).get_toy(ID).send_full().await.unwrap().map(|toy| toy.id);
    assert_eq!((*answer.data(), answer.status().as_u16(), answer.raw_body()), (1, 200, TOY.as_bytes()));
    assert_eq!(answer.request_id().as_deref(), Some("r1"));
}

#[tokio::test]
async fn a_success_that_is_not_the_document_says_where() {
    let rows = [
        (
            Reply::raw(200, "<html>").header("content-type", "text/html"),
            "the body is not JSON, at line 1 column 1 (content type text/html, 6 bytes)",
        ),
        (Reply::json(200, ""), "the body is empty (content type application/json, 0 bytes)"),
        (Reply::json(200, r#"{"id":"x"}"#), "at id: expected u32 (content type application/json, 10 bytes)"),
        (Reply::json(200, "{}"), "missing field `id` (content type application/json, 2 bytes)"),
        (
            Reply::raw(304, ""),
            "304 but not the document expected: the body is empty (content type none, 0 bytes)",
        ),
    ];
    for (reply, expected) in rows {
        let error = toys(&ReplayTransport::new([reply])).get_toy(ID).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().ends_with(expected), "{error}");
        assert!(error.raw_body().is_some());
    }
    // What is not wanted needs no body.
    toys(&ReplayTransport::new([Reply::raw(204, "")])).touch_toy("red", 1).send().await.unwrap();
}

#[tokio::test]
async fn everything_the_service_said_is_kept() {
    let replay =
        ReplayTransport::new([
            Reply::json(200, r#"{"id":1,"name":null,"new":[1],"request_id":"abc"}"#).header("x-y", "z")
        ]);
    let answer = toys(&replay).get_toy(ID).send_full().await.unwrap();
    assert_eq!(answer.json().unwrap()["new"][0], 1);
    assert_eq!(
        (answer.request_id().as_deref(), &answer.headers()["x-y"]),
        (Some("abc"), &HeaderValue::from_static("z"))
    );
}

#[tokio::test]
async fn the_id_of_a_request_is_found_where_services_put_it() {
    for (members, id) in [
        (r#""request_id":"r","meta":{"request_id":"m"}"#, "r"),
        (r#""meta":{"request_id":"m"}"#, "m"),
        (r#""meta":{"request_id":5}"#, "h"),
        (r#""meta":["m"]"#, "h"),
        (r#""meta":["m"],"request_id":"r""#, "r"),
    ] {
        let reply = Reply::json(200, format!(r#"{{"id":1,{members}}}"#)).header("x-request-id", "h");
        let answer = toys(&ReplayTransport::new([reply])).get_toy(ID).send_full().await.unwrap();
        assert_eq!(answer.request_id().as_deref(), Some(id), "{members}");
    }
}

#[tokio::test]
async fn a_document_may_be_a_member_of_the_answer() {
    let wrapped = || Reply::json(200, format!(r#"{{"toy":{TOY},"token":"s3cret"}}"#));
    let replay = ReplayTransport::new([wrapped(), wrapped(), Reply::json(200, r#"{"toy":{"id":"s3cret"}}"#)]);
    let ask = || toys(&replay).wrapped_toy(ToyFilter(vec!["bear"]));
    let toy: Toy = ask().send().await.unwrap();
    assert_eq!(toy.name.as_deref(), Some("bear"));
    let whole = ask().send_full().await.unwrap();
    assert_eq!((whole.id, &whole.json().unwrap()["token"]), (1, &"s3cret".into()));
    let error = ask().send().await.unwrap_err();
    assert!(error.to_string().contains("at toy.id: expected u32"), "{error}");
    assert_eq!(error.raw_body(), None, "a confidential answer is not kept");
}

#[tokio::test]
async fn another_address_gets_no_credentials() {
    let replay = ReplayTransport::new([Reply::json(200, TOY), Reply::json(200, TOY)]);
    let toys = Toys::builder()
        .base_url("https://toys.example.org/api/")
        .transport(replay.clone())
        .header("authorization", "Bearer by-hand")
        .header("x-lab", "7")
        .build()
        .unwrap();
    let elsewhere = toys.base().elsewhere("https://keys.example.org/a%20b.json?v=1".parse().unwrap());
    elsewhere.operation(Method::GET, "/keys").send::<Toy>().await.unwrap();
    toys.get_toy(ID).send().await.unwrap();
    let [there, here] = &replay.requests()[..] else { panic!("two requests") };
    assert_eq!(there.url.as_str(), "https://keys.example.org/a%20b.json?v=1");
    assert_eq!((there.header("authorization"), there.header("x-lab")), (None, Some("7")));
    assert_eq!((here.header("authorization"), here.header("x-lab")), (Some("Bearer by-hand"), Some("7")));
}
