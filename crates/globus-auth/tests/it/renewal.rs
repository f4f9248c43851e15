//! Tokens that renew themselves, over a replay, a clock turned by hand and time that jumps.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use globus_auth::{
    ClientCredentialsAuthorizer, ErrorKind, OAuthTokenResponse, OnRefresh, RefreshTokenAuthorizer,
    RenewalError,
};
use globus_core::{
    Authorizer, Result,
    test_util::{ManualClock, ReplayTransport, Reply},
    transport::TransportErrorKind,
};
use http::HeaderValue;

use crate::common::{Service, Slow, TRANSFER_ALL, confidential, grants, native, noon, refuses, token};

/// The lifetime of a token, in seconds.
const LIFE: u64 = 172_800;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn header(authorizer: &dyn Authorizer) -> Result<String> {
    let header = authorizer.authorization_header().await?.unwrap();
    assert!(header.is_sensitive());
    Ok(header.to_str().unwrap().to_owned())
}

fn service(transport: &Slow, clock: &ManualClock) -> Arc<ClientCredentialsAuthorizer> {
    let client = confidential(transport.clone(), clock);
    Arc::new(ClientCredentialsAuthorizer::new(client, TRANSFER_ALL).unwrap())
}

/// Asks for a header 1,000 times at once.
async fn stampede(authorizer: &Arc<ClientCredentialsAuthorizer>) -> Vec<Result<String>> {
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let authorizer = Arc::clone(authorizer);
            tokio::spawn(async move { header(&*authorizer).await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_a_token_is_needed_and_nothing_while_it_is_good() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), grants("A2")]);
    let authorizer = service(&transport, &clock);
    assert_eq!(transport.requests(), 0);
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    clock.advance(seconds(LIFE - 60));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(transport.requests(), 1);
    clock.advance(seconds(1));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_make_one_request() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), grants("A2")]);
    let authorizer = service(&transport, &clock);
    assert!(stampede(&authorizer).await.into_iter().all(|answer| answer.unwrap() == "Bearer A1"));
    assert_eq!(transport.requests(), 1);
    clock.advance(seconds(LIFE));
    assert!(stampede(&authorizer).await.into_iter().all(|answer| answer.unwrap() == "Bearer A2"));
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_share_one_failure() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([refuses(), grants("A1")]);
    let authorizer = service(&transport, &clock);
    for answer in stampede(&authorizer).await {
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Auth, 400));
        assert_eq!(
            error.to_string(),
            "the client's credentials gave no token: POST /v2/oauth2/token: 400 Bad Request: invalid_grant"
        );
    }
    assert_eq!(transport.requests(), 1);
    // The next call begins anew.
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
}

#[tokio::test(start_paused = true)]
async fn real_threads_make_one_request_too() {
    let clock = ManualClock::at(noon());
    let transport = Slow { after: Duration::from_millis(50), ..Slow::new([grants("A1")]) };
    let authorizer = service(&transport, &clock);
    let answers = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(stampede(&authorizer))
    });
    assert!(answers.join().unwrap().into_iter().all(|answer| answer.unwrap() == "Bearer A1"));
    assert_eq!(transport.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_takes_nothing_from_the_others() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1")]);
    let authorizer = service(&transport, &clock);
    let first = tokio::spawn({
        let authorizer = Arc::clone(&authorizer);
        async move { header(&*authorizer).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let others: Vec<_> = (0..10)
        .map(|_| {
            let authorizer = Arc::clone(&authorizer);
            tokio::spawn(async move { header(&*authorizer).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    for other in others {
        assert_eq!(other.await.unwrap().unwrap(), "Bearer A1");
    }
    assert_eq!(transport.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_everybody_left_is_finished_by_the_next_call() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([Reply::json(200, token("A1", Some("R2"), 100)), grants("A2")]);
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock));
    let left = tokio::time::timeout(Duration::from_millis(500), authorizer.authorization_header()).await;
    assert!(left.is_err());
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(transport.requests(), 1);
    // The rotated refresh token was not lost with the call that was cancelled.
    clock.advance(seconds(100));
    header(&authorizer).await.unwrap();
    assert!(transport.replay.requests()[1].text().starts_with("refresh_token=R2&"));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_broke_while_nobody_was_at_it_is_begun_again() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([Reply::failure(TransportErrorKind::Timeout), grants("A1")]);
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock));
    let left = tokio::time::timeout(Duration::from_millis(500), authorizer.authorization_header()).await;
    assert!(left.is_err());
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_early_renewal_keeps_the_token_and_pauses() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), refuses(), refuses(), refuses(), grants("A2")]);
    let authorizer = service(&transport, &clock);
    header(&*authorizer).await.unwrap();
    clock.advance(seconds(LIFE - 50));
    for _ in 0..20 {
        assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    }
    assert_eq!(transport.requests(), 2);
    clock.advance(seconds(9));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(transport.requests(), 2);
    clock.advance(seconds(1));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(transport.requests(), 3);
    // The token's end comes before the end of the pause does.
    clock.advance(seconds(39));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    clock.advance(seconds(1));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    assert_eq!(transport.requests(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_early_renewal_holds_up_nobody_but_the_call_that_makes_it() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), grants("A2")]);
    let authorizer = service(&transport, &clock);
    header(&*authorizer).await.unwrap();
    clock.advance(seconds(LIFE - 30));
    let renewing = tokio::spawn({
        let authorizer = Arc::clone(&authorizer);
        async move { header(&*authorizer).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = tokio::time::Instant::now();
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(renewing.await.unwrap().unwrap(), "Bearer A2");
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_not_used_when_its_renewal_fails() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), refuses()]);
    let authorizer = service(&transport, &clock);
    header(&*authorizer).await.unwrap();
    clock.advance(seconds(LIFE));
    assert_eq!(header(&*authorizer).await.unwrap_err().kind(), ErrorKind::Auth);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_replaced_and_only_that_one() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1"), grants("A2")]);
    let authorizer = service(&transport, &clock);
    let first = authorizer.authorization_header().await.unwrap();
    assert!(authorizer.handle_missing_authorization(first.as_ref()).await.unwrap());
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    // Slower calls, which had the first token too, must not cost the second one.
    for _ in 0..5 {
        assert!(authorizer.handle_missing_authorization(first.as_ref()).await.unwrap());
        assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    }
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_tries_one_new_token_after_a_401_and_no_more() {
    let clock = ManualClock::at(noon());
    let tokens = Slow::new([grants("A1"), grants("A2"), grants("A3")]);
    let authorizer = service(&tokens, &clock);
    let replay = ReplayTransport::new([
        Reply::json(401, "{}"),
        Reply::json(200, "{}"),
        Reply::json(401, "{}"),
        Reply::json(401, "{}"),
    ]);
    // Any client will do as a service.
    let client = Service::replayed(&replay, authorizer);
    client.call().await.unwrap();
    assert_eq!(tokens.requests(), 2);
    let error = client.call().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 2));
    let sent: Vec<_> =
        replay.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer A1", "Bearer A2", "Bearer A2", "Bearer A3"]);
}

#[tokio::test(start_paused = true)]
async fn refresh_tokens_are_kept_and_rotated() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([
        Reply::json(200, token("A1", None, 100)),
        Reply::json(200, token("A2", Some("R2"), 100)),
        Reply::json(200, token("A3", Some("R2"), 100)),
        Reply::json(200, token("A4", None, 100)),
    ]);
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock));
    for expected in ["A1", "A2", "A3", "A4"] {
        assert_eq!(header(&authorizer).await.unwrap(), format!("Bearer {expected}"));
        clock.advance(seconds(100));
    }
    let used: Vec<_> = transport
        .replay
        .requests()
        .iter()
        .map(|request| request.text().split('&').next().unwrap().to_owned())
        .collect();
    assert_eq!(used, ["refresh_token=R1", "refresh_token=R1", "refresh_token=R2", "refresh_token=R2"]);
}

#[tokio::test(start_paused = true)]
async fn a_given_token_is_used_first() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([grants("A1")]);
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock))
        .with_access_token("A0", noon().saturating_add(seconds(61)))
        .unwrap();
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A0");
    clock.advance(seconds(2));
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A1");
    let unusable =
        RefreshTokenAuthorizer::new("R1", native(transport, &clock)).with_access_token("A0\n", noon());
    assert_eq!(
        unusable.unwrap_err().to_string(),
        "the access token has '\\n' at byte 2: a token is printable ASCII without blanks"
    );
}

#[tokio::test(start_paused = true)]
async fn short_lived_tokens_are_not_renewed_for_every_call() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new((1..=3).map(|n| Reply::json(200, token(&format!("A{n}"), None, 30))));
    let authorizer = service(&transport, &clock);
    for _ in 0..5 {
        assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    }
    clock.advance(seconds(16));
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
    assert_eq!(transport.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_lifetime_is_good_for_the_call_that_got_it() {
    let clock = ManualClock::at(noon());
    let transport =
        Slow::new([Reply::json(200, token("A1", None, 0)), Reply::json(200, token("A2", None, 0))]);
    let authorizer = service(&transport, &clock);
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(header(&*authorizer).await.unwrap(), "Bearer A2");
}

#[tokio::test(start_paused = true)]
async fn an_answer_must_hold_one_bearer_token() {
    let two = r#"{"access_token":"A1","resource_server":"a","scope":"","expires_in":9,"token_type":"Bearer",
        "other_tokens":[{"access_token":"A2","resource_server":"b","scope":"","expires_in":9,"token_type":"Bearer"}]}"#;
    let mac = token("A1", Some("R2"), 9).replace("Bearer", "mac");
    let clock = ManualClock::at(noon());
    let transport = Slow::new([Reply::json(200, two), Reply::json(200, mac), grants("A3")]);
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock));
    let error = header(&authorizer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(
        error.to_string(),
        "the answer holds 2 tokens (a, b), but an authorizer is for one resource server: make one for each"
    );
    let expected = RenewalError::NotOneToken { resource_servers: vec!["a".into(), "b".into()] };
    assert_eq!(RenewalError::from_error(&error), Some(&expected));
    assert_eq!(
        RenewalError::from_error(&header(&authorizer).await.unwrap_err()),
        Some(&RenewalError::NotBearer)
    );
    // Through a client it is found just as well.
    let replay = ReplayTransport::default();
    let service = Slow::new([Reply::json(200, two)]);
    let authorizer = Arc::new(RefreshTokenAuthorizer::new("R1", native(service, &clock)));
    let error = Service::replayed(&replay, authorizer).call().await.unwrap_err();
    assert_eq!(RenewalError::from_error(&error), Some(&expected));
    assert_eq!(replay.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn renewals_are_told_before_the_token_is_used() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([Reply::json(200, token("A1", Some("R2"), 1000)), grants("A2")]);
    let saved: Arc<Mutex<Vec<String>>> = Arc::default();
    let hook = {
        let saved = Arc::clone(&saved);
        move |tokens: OAuthTokenResponse| {
            let saved = Arc::clone(&saved);
            async move {
                tokio::time::sleep(Duration::from_secs(3)).await;
                let token = &tokens.tokens()[0];
                let refresh_token = token.refresh_token.as_ref().map_or("-", |token| token.expose());
                saved.lock().unwrap().push(format!("{} {refresh_token}", token.access_token.expose()));
                Ok(())
            }
        }
    };
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock)).on_refresh(hook);
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A1");
    assert_eq!(*saved.lock().unwrap(), ["A1 R2"]);
    clock.advance(seconds(1000));
    header(&authorizer).await.unwrap();
    assert_eq!(*saved.lock().unwrap(), ["A1 R2", "A2 -"]);
}

/// A store that fails at first.
struct Store(Arc<AtomicU32>);

#[async_trait::async_trait]
impl OnRefresh for Store {
    async fn on_refresh(&self, tokens: &OAuthTokenResponse) -> globus_auth::HookResult {
        assert_eq!(tokens.tokens().len(), 1);
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(std::io::Error::other("disk full").into());
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_saved_is_not_used() {
    let clock = ManualClock::at(noon());
    let transport = Slow::new([Reply::json(200, token("A1", Some("R2"), 1000)), grants("A2")]);
    let calls = Arc::default();
    let authorizer = RefreshTokenAuthorizer::new("R1", native(transport.clone(), &clock))
        .on_refresh(Store(Arc::clone(&calls)));
    let error = header(&authorizer).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Auth, "the on_refresh hook failed"));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "disk full");
    assert_eq!(header(&authorizer).await.unwrap(), "Bearer A2");
    // The rotated refresh token was kept all the same: the old one is of no use.
    assert!(transport.replay.requests()[1].text().starts_with("refresh_token=R2&"));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_used_something_up_is_not_sent_twice() {
    let clock = ManualClock::at(noon());
    let failures = || {
        [
            Reply::failure(TransportErrorKind::Connect),
            Reply::json(429, "{}").header("retry-after", "7"),
            Reply::failure(TransportErrorKind::Io),
            grants("A1"),
        ]
    };
    let once = ReplayTransport::new(failures());
    let error = native(once.clone(), &clock).oauth2_refresh_token("RT").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), once.left()), (ErrorKind::Io, 3, 1));
    let once = ReplayTransport::new([Reply::json(500, "{}"), grants("A1")]);
    let (_, flow) = native(once.clone(), &clock).oauth2_start_flow("openid").begin().unwrap();
    native(once.clone(), &clock).oauth2_exchange_code_for_tokens(flow, "C1").send().await.unwrap_err();
    assert_eq!(once.left(), 1);
    // A client's credentials are not used up.
    let again = ReplayTransport::new(failures());
    let tokens =
        confidential(again.clone(), &clock).oauth2_client_credentials_tokens("openid").send().await.unwrap();
    assert_eq!((tokens.tokens()[0].access_token.expose(), again.left()), ("A1", 0));
}

#[tokio::test]
async fn fixed_authorizers_do_not_try_again() {
    let rejected = HeaderValue::from_static("Bearer A1");
    let fixed: [(Box<dyn Authorizer>, Option<&str>); 3] = [
        (Box::new(globus_auth::NullAuthorizer), None),
        (Box::new(globus_auth::BasicAuthorizer::new("u%", "p:ü")), Some("Basic dSU6cDrDvA==")),
        (Box::new(globus_auth::AccessTokenAuthorizer::new("A1")), Some("Bearer A1")),
    ];
    for (authorizer, expected) in fixed {
        let header = authorizer.authorization_header().await.unwrap();
        assert_eq!(header.as_ref().map(|value| value.to_str().unwrap()), expected);
        assert!(header.is_none_or(|value| value.is_sensitive()));
        assert!(!authorizer.handle_missing_authorization(Some(&rejected)).await.unwrap());
    }
    let unusable: [(Box<dyn Authorizer>, &str); 5] = [
        (Box::new(globus_auth::AccessTokenAuthorizer::new("")), "the access token is empty"),
        (
            Box::new(globus_auth::AccessTokenAuthorizer::new("Bearer A1")),
            "the access token has ' ' at byte 6: a token is printable ASCII without blanks",
        ),
        (
            Box::new(globus_auth::BasicAuthorizer::new("", "p")),
            "the username for Basic authentication is empty",
        ),
        (
            Box::new(globus_auth::BasicAuthorizer::new("u", "")),
            "the password for Basic authentication is empty",
        ),
        (
            Box::new(globus_auth::BasicAuthorizer::new("u:v", "p")),
            "the username for Basic authentication has a colon, which would end it",
        ),
    ];
    for (authorizer, expected) in unusable {
        assert_eq!(authorizer.authorization_header().await.unwrap_err().to_string(), expected);
    }
}
