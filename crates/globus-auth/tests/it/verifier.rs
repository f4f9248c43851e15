//! Callers of one's own service: who gets in, and how often Globus Auth is asked.

use std::time::Duration;

use globus_auth::{ErrorKind, Secret, TokenVerifier, TokenVerifierError};
use globus_core::test_util::{ManualClock, RecordedRequest, ReplayTransport, Reply};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::common::{ID, Slow, confidential, noon};

const SCOPE: &str = "https://auth.globus.org/scopes/6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c/all";

fn valid() -> Value {
    json!({"active": true, "scope": format!("openid {SCOPE}"), "aud": ["app", ID], "username": "ada@example.org",
        "exp": noon().as_second() + 3600})
}

fn answer(document: &Value) -> Reply {
    Reply::json(200, document.to_string())
}

fn inactive() -> Reply {
    Reply::json(200, r#"{"active": false}"#)
}

fn verifier(replay: &ReplayTransport, clock: &ManualClock) -> TokenVerifier {
    TokenVerifier::new(confidential(replay.clone(), clock), SCOPE).unwrap()
}

async fn verdict(document: Value) -> Result<(), TokenVerifierError> {
    let replay = ReplayTransport::new([answer(&document)]);
    verifier(&replay, &ManualClock::at(noon())).verify(&Secret::new("T")).await.map(drop)
}

#[tokio::test]
async fn who_has_the_scope_gets_in_and_others_hear_why_not() {
    assert!(verdict(valid()).await.is_ok());
    let changed = |member: &str, value: Value| {
        let mut document = valid();
        document[member] = value;
        document
    };
    let now = noon().as_second();
    for (document, status, line) in [
        (json!({"active": false}), 401, "the token is not valid here"),
        // Nothing but the word of Globus Auth counts.
        (json!({}), 401, "the token is not valid here"),
        (changed("active", false.into()), 401, "the token is not valid here"),
        (changed("exp", now.into()), 401, "the token is not valid here"),
        (changed("aud", json!(["app"])), 401, "the token is not for 6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c"),
        (changed("aud", Value::Null), 401, "the token is not for 6336437e-f9b1-4b1b-a0c1-0a4f1f5f3f7c"),
        (changed("scope", "openid".into()), 403, &format!("the token lacks the scopes {SCOPE}")),
        (changed("scope", format!("{SCOPE}s").into()), 403, &format!("the token lacks the scopes {SCOPE}")),
        (changed("scope", Value::Null), 403, &format!("the token lacks the scopes {SCOPE}")),
    ] {
        let refused = verdict(document.clone()).await.unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.to_string().as_str()), (status, line), "{document}");
    }
}

#[tokio::test]
async fn the_token_comes_in_one_header() {
    let replay = ReplayTransport::new([answer(&valid())]);
    let verifier = verifier(&replay, &ManualClock::at(noon()));
    let headers = |values: &[&str]| -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    };
    let many = |values: &[&str]| {
        let mut map = HeaderMap::new();
        for (name, value) in values.iter().flat_map(|value| headers(&[value])) {
            map.append(name.unwrap(), value);
        }
        map
    };
    let refused =
        [many(&[]), many(&["Bearer A", "Bearer B"]), many(&["Basic A"]), many(&["A"]), many(&["Bearer "])];
    for map in refused {
        let error = verifier.verify_headers(&map).await.unwrap_err();
        assert!(matches!(error, TokenVerifierError::NoToken), "{map:?}: {error}");
        assert_eq!(error.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(replay.requests().len(), 0);
    for scheme in ["Bearer", "bearer", "BEARER "] {
        let caller = verifier.verify_headers(&headers(&[&format!("{scheme} T")])).await.unwrap();
        assert_eq!(caller.username.as_deref(), Some("ada@example.org"));
    }
    assert_eq!(replay.requests().iter().map(RecordedRequest::text).collect::<Vec<_>>(), ["token=T"]);
}

#[tokio::test]
async fn answers_are_believed_for_a_while() {
    let clock = ManualClock::at(noon());
    let replay = ReplayTransport::new([answer(&valid()), inactive(), inactive(), answer(&valid())]);
    let verifier = verifier(&replay, &clock);
    let (good, other) = (Secret::new("T"), Secret::new("U"));
    for _ in 0..3 {
        verifier.verify(&good).await.unwrap();
    }
    clock.advance(Duration::from_secs(59));
    verifier.clone().verify(&good).await.unwrap();
    assert_eq!(replay.requests().len(), 1);
    // Revoked meanwhile: the next question tells.
    clock.advance(Duration::from_secs(1));
    assert!(verifier.verify(&good).await.is_err());
    for _ in 0..3 {
        assert!(verifier.verify(&other).await.is_err());
    }
    clock.advance(Duration::from_secs(9));
    assert!(verifier.verify(&other).await.is_err());
    assert_eq!(replay.requests().len(), 3);
    clock.advance(Duration::from_secs(1));
    verifier.verify(&other).await.unwrap();
}

#[tokio::test]
async fn nothing_is_believed_for_longer_than_it_is_valid() {
    let clock = ManualClock::at(noon());
    let short = json!({"active": true, "scope": SCOPE, "aud": [ID], "exp": noon().as_second() + 5});
    let endless = json!({"active": true, "scope": SCOPE, "aud": [ID]});
    let replay = ReplayTransport::new([answer(&short), inactive(), answer(&endless), answer(&endless)]);
    let verifier = verifier(&replay, &clock);
    verifier.verify(&Secret::new("T")).await.unwrap();
    clock.advance(Duration::from_secs(5));
    assert!(verifier.verify(&Secret::new("T")).await.is_err());
    for _ in 0..2 {
        verifier.verify(&Secret::new("U")).await.unwrap();
    }
    assert_eq!(replay.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn many_callers_with_one_token_make_one_request() {
    for first_leaves in [false, true] {
        let slow = Slow::new([answer(&valid()), answer(&valid())]);
        let verifier =
            TokenVerifier::new(confidential(slow.clone(), &ManualClock::at(noon())), SCOPE).unwrap();
        let call = |token: &'static str| {
            let verifier = verifier.clone();
            tokio::spawn(async move { verifier.verify(&Secret::new(token)).await.map(drop) })
        };
        let first = call("T");
        tokio::time::sleep(Duration::from_millis(400)).await;
        let others: Vec<_> = (0..50).map(|_| call("T")).collect();
        tokio::task::yield_now().await;
        if first_leaves {
            first.abort();
        }
        for other in others {
            other.await.unwrap().unwrap();
        }
        assert_eq!(slow.requests(), 1);
        call("U").await.unwrap().unwrap();
        assert_eq!(slow.requests(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_everybody_left_is_asked_anew() {
    let slow = Slow::new([answer(&valid())]);
    let verifier = TokenVerifier::new(confidential(slow.clone(), &ManualClock::at(noon())), SCOPE).unwrap();
    let token = Secret::new("T");
    let left = tokio::time::timeout(Duration::from_millis(500), verifier.verify(&token)).await;
    assert!(left.is_err());
    let start = tokio::time::Instant::now();
    verifier.verify(&token).await.unwrap();
    assert_eq!((slow.requests(), start.elapsed()), (2, Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_in_when_globus_auth_cannot_be_asked() {
    let refused = r#"{"errors":[{"code":"UNAUTHORIZED","status":"401"}]}"#;
    let replay =
        ReplayTransport::new([Reply::json(401, refused), Reply::json(200, "<html>"), answer(&valid())]);
    let verifier = verifier(&replay, &ManualClock::at(noon()));
    for _ in 0..2 {
        let error = verifier.verify(&Secret::new("T")).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(globus_auth::Error::from(error).kind(), ErrorKind::Auth);
    }
    // A failure is not remembered.
    verifier.verify(&Secret::new("T")).await.unwrap();
}

#[tokio::test]
async fn memory_is_bounded_and_refusals_drive_nobody_out() {
    let replay = ReplayTransport::new([answer(&valid()), answer(&valid())]);
    let verifier = verifier(&replay, &ManualClock::at(noon())).with_capacity(2);
    verifier.verify(&Secret::new("good")).await.unwrap();
    replay.push(inactive());
    assert_eq!(replay.left(), 2);
    verifier.verify(&Secret::new("other")).await.unwrap();
    for number in 0..5 {
        replay.push(inactive());
        assert!(verifier.verify(&Secret::new(format!("bad {number}"))).await.is_err());
    }
    assert!(format!("{verifier:?}").contains("valid: 2, refused: 2"), "{verifier:?}");
    let before = replay.requests().len();
    verifier.verify(&Secret::new("good")).await.unwrap();
    assert_eq!(replay.requests().len(), before);
}

#[tokio::test]
async fn more_can_be_asked_about_callers() {
    let detailed = json!({"active": true, "scope": SCOPE, "aud": ["my.service.org"],
        "exp": noon().as_second() + 3600, "identity_set": [ID]});
    let replay = ReplayTransport::new([answer(&detailed)]);
    let verifier = verifier(&replay, &ManualClock::at(noon()))
        .with_audience("my.service.org")
        .with_include(["identity_set", "session_info"]);
    let caller = verifier.verify(&Secret::new("T")).await.unwrap();
    assert_eq!(caller.identity_set.as_ref().map(Vec::len), Some(1));
    assert_eq!(replay.requests()[0].text(), "token=T&include=identity_set%2Csession_info");
}

#[test]
fn a_scope_is_needed() {
    let client = confidential(ReplayTransport::default(), &ManualClock::at(noon()));
    let error = TokenVerifier::new(client, "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
