//! Id tokens: which are believed, and why others are not.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use globus_auth::{
    ErrorKind, IdToken, IdTokenDecoder, IdTokenError, NativeAppAuthClient, Result, Secret,
    api::openid::JwkSet,
};
use globus_core::test_util::{ManualClock, ReplayTransport, Reply};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair},
};
use serde_json::{Value, json};

use crate::common::{ID, Slow, confidential, native, noon};

pub(crate) const KEY: &[u8] = include_bytes!("id_token/key.der");
const OTHER_KEY: &[u8] = include_bytes!("id_token/other_key.der");
pub(crate) const ISSUER: &str = "https://auth.example.org";
const ADA: &str = "7a1b2c3d-1111-4222-8333-944445555666";

fn pair(key: &[u8]) -> RsaKeyPair {
    RsaKeyPair::from_der(key).unwrap()
}

fn encode(document: &Value) -> String {
    URL_SAFE_NO_PAD.encode(document.to_string())
}

fn signed_by(key: &[u8], header: &Value, claims: &Value) -> Secret {
    let token = format!("{}.{}", encode(header), encode(claims));
    let key = pair(key);
    let padding = if header["alg"] == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PKCS1_SHA512 };
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(padding, &SystemRandom::new(), token.as_bytes(), &mut signature).unwrap();
    format!("{token}.{}", URL_SAFE_NO_PAD.encode(signature)).into()
}

pub(crate) fn signed(claims: &Value) -> Secret {
    signed_by(KEY, &json!({"typ": "JWT", "alg": "RS512"}), claims)
}

/// What Globus Auth says at noon.
fn claims() -> Value {
    let now = noon().as_second();
    json!({"iss": ISSUER, "aud": ID, "sub": ADA, "iat": now, "exp": now + 172_800, "at_hash": "Zm9v",
        "preferred_username": "ada@uni.example.edu", "name": "Ada", "email": null, "last_authentication": now - 10,
        "identity_set": [{"sub": ADA, "username": "ada@uni.example.edu"}], "new_claim": 1})
}

fn with(change: impl FnOnce(&mut Value)) -> Secret {
    let mut claims = claims();
    change(&mut claims);
    signed(&claims)
}

pub(crate) fn jwk(key: &[u8], kid: Option<&str>) -> Value {
    let public: PublicKeyComponents<Vec<u8>> = pair(key).public().into();
    let mut jwk = json!({"kty": "RSA", "alg": "RS512", "use": "sig",
        "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e)});
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    jwk
}

/// The two answers that tell of these keys.
fn provider(keys: &[Value]) -> [Reply; 2] {
    let configuration = json!({"issuer": ISSUER, "jwks_uri": "https://auth.example.org/jwk.json",
        "id_token_signing_alg_values_supported": ["RS512"]});
    [Reply::json(200, configuration.to_string()), Reply::json(200, json!({ "keys": keys }).to_string())]
}

fn client(replay: &ReplayTransport, clock: &ManualClock) -> NativeAppAuthClient {
    native(replay.clone(), clock)
}

async fn decode(id_token: &Secret) -> Result<IdToken> {
    let replay = ReplayTransport::new(provider(&[jwk(KEY, None)]));
    IdTokenDecoder::new(client(&replay, &ManualClock::at(noon()))).decode(id_token).await
}

async fn refusal(id_token: &Secret) -> IdTokenError {
    reason(decode(id_token).await)
}

fn reason(outcome: Result<IdToken>) -> IdTokenError {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    IdTokenError::from_error(&error).unwrap_or_else(|| panic!("{error}")).clone()
}

#[tokio::test]
async fn says_who_logged_in() {
    let who = decode(&signed(&claims())).await.unwrap();
    assert_eq!((who.sub.to_string().as_str(), who.iss.as_str()), (ADA, ISSUER));
    assert_eq!((who.aud.as_slice(), who.iat), ([ID.to_owned()].as_slice(), Some(noon())));
    assert_eq!((who.preferred_username.as_deref(), &who.email), (Some("ada@uni.example.edu"), &None));
    assert_eq!(who.identity_set.as_ref().unwrap()[0].sub, who.sub);
    assert_eq!(who.extra().get("new_claim"), Some(&json!(1)));
}

#[tokio::test]
async fn what_is_changed_or_signed_by_somebody_else_is_not_believed() {
    let header = json!({"alg": "RS512"});
    assert_eq!(refusal(&signed_by(OTHER_KEY, &header, &claims())).await, IdTokenError::Signature);

    let token = signed(&claims());
    let [header, _, signature] = token.expose().split('.').collect::<Vec<_>>()[..] else { panic!() };
    let mut other = claims();
    other["sub"] = "8b2c3d4e-2222-4333-8444-a55556666777".into();
    let changed = format!("{header}.{}.{signature}", encode(&other));
    assert_eq!(refusal(&changed.into()).await, IdTokenError::Signature);
    // The header is under the signature too.
    let stripped = format!("{}.{}.{signature}", encode(&json!({"alg": "RS512"})), encode(&claims()));
    assert_eq!(refusal(&stripped.into()).await, IdTokenError::Signature);
}

#[tokio::test]
async fn only_what_globus_auth_announces_is_checked() {
    for algorithm in ["none", "HS256", "RS256", "rs512", ""] {
        let token = signed_by(KEY, &json!({ "alg": algorithm }), &claims());
        let expected =
            IdTokenError::Algorithm { algorithm: algorithm.to_owned(), supported: vec!["RS512".to_owned()] };
        assert_eq!(refusal(&token).await, expected);
    }
}

#[tokio::test]
async fn it_has_to_be_for_this_client_and_from_globus_auth() {
    let aud = |aud: Value| with(|claims| claims["aud"] = aud);
    assert!(decode(&aud(json!(["other", ID]))).await.is_ok());
    assert!(decode(&aud(ID.to_uppercase().into())).await.is_ok());
    for (other, listed) in [(json!("x"), vec!["x"]), (json!([]), vec![]), (json!(["x", "y"]), vec!["x", "y"])]
    {
        let IdTokenError::Audience { audience, expected } = refusal(&aud(other)).await else { panic!() };
        assert_eq!((audience, expected.as_str()), (listed.into_iter().map(str::to_owned).collect(), ID));
    }
    let expected =
        IdTokenError::Issuer { issuer: "https://auth.example.org/".to_owned(), expected: ISSUER.to_owned() };
    assert_eq!(refusal(&with(|claims| claims["iss"] = "https://auth.example.org/".into())).await, expected);
}

#[tokio::test]
async fn clocks_may_be_five_minutes_apart() {
    let now = noon().as_second();
    let ago = |seconds: i64| with(|claims| claims["exp"] = (now - seconds).into());
    assert!(decode(&ago(299)).await.is_ok());
    assert!(matches!(refusal(&ago(300)).await, IdTokenError::Expired { now, .. } if now == noon()));
    for claim in ["iat", "nbf"] {
        let ahead = |seconds: i64| with(|claims| claims[claim] = (now + seconds).into());
        assert!(decode(&ahead(300)).await.is_ok());
        let error = refusal(&ahead(301)).await;
        assert!(matches!(error, IdTokenError::TooEarly { claim: found, .. } if found == claim), "{error}");
    }
    let replay = ReplayTransport::new(provider(&[jwk(KEY, None)]));
    let strict = IdTokenDecoder::new(client(&replay, &ManualClock::at(noon()))).with_leeway(Duration::ZERO);
    assert!(matches!(reason(strict.decode(&ago(0)).await), IdTokenError::Expired { .. }));
    assert!(decode(&with(|claims| claims["exp"] = json!(1_900_000_000.7))).await.is_ok());
}

#[tokio::test]
async fn a_claim_that_is_missing_or_odd_is_named() {
    for claim in ["sub", "iss", "aud", "exp"] {
        for token in [
            with(|claims| claims[claim] = Value::Null),
            with(|claims| drop(claims.as_object_mut().unwrap().remove(claim))),
        ] {
            let error = refusal(&token).await;
            assert_eq!(error, IdTokenError::Malformed { problem: format!("it has no claim {claim}") });
        }
    }
    for (claim, value) in [
        ("exp", json!("99999999999")),
        ("nbf", json!("99999999999")),
        ("iat", json!({})),
        ("exp", json!(1e300)),
        ("sub", json!("ada")),
        ("aud", json!(7)),
        ("nonce", json!(7)),
    ] {
        let error = refusal(&with(|claims| claims[claim] = value)).await;
        let problem = format!("the claim {claim} has not the expected form");
        assert_eq!(error, IdTokenError::Malformed { problem });
    }
}

#[tokio::test]
async fn what_is_no_token_says_so() {
    let header = encode(&json!({"alg": "RS512"}));
    for (text, problem) in [
        (String::new(), "it has no dots"),
        ("a.b".to_owned(), "it has one dot, not two"),
        ("?.e30.c2ln".to_owned(), "its header is not base64url"),
        (format!("{header}.e30=.c2ln"), "its payload is not base64url"),
        (format!("{header}.e30.c2ln.c2ln"), "its payload is not base64url"),
        ("e30.e30.c2ln".to_owned(), "its header is no JSON object with an algorithm"),
        (
            format!("{}.e30.c2ln", encode(&json!({"alg": "RS512", "crit": ["b64"]}))),
            "its header demands extensions that are not known",
        ),
    ] {
        let found = refusal(&text.clone().into()).await;
        assert_eq!(found, IdTokenError::Malformed { problem: problem.to_owned() }, "{text}");
    }
    assert!(matches!(
        refusal(&signed(&json!([1]))).await,
        IdTokenError::Malformed { problem } if problem == "its payload is no JSON object"
    ));
}

#[tokio::test]
async fn the_nonce_is_looked_for_when_the_login_had_one() {
    let replay = ReplayTransport::default();
    let clock = ManualClock::at(noon());
    let client = client(&replay, &clock);
    let (url, flow) = client.oauth2_start_flow("openid").nonce().begin().unwrap();
    let (_, nonce) = url.query_pairs().find(|(name, _)| name == "nonce").unwrap();
    let marked = with(|claims| claims["nonce"] = nonce.into_owned().into());

    // The state crosses to another process.
    let flow: globus_auth::FlowState = serde_json::from_str(&serde_json::to_string(&flow).unwrap()).unwrap();
    let answer = |id_token: &Secret| {
        let token = json!({"access_token": "Ag", "scope": "openid", "expires_in": 1, "token_type": "Bearer",
            "resource_server": "auth.globus.org", "id_token": id_token.expose(), "other_tokens": []});
        Reply::json(200, token.to_string())
    };
    replay.push(answer(&marked));
    for reply in provider(&[jwk(KEY, None)]) {
        replay.push(reply);
    }
    let tokens = client.oauth2_exchange_code_for_tokens(flow.clone(), "C").send().await.unwrap();
    assert_eq!(tokens.decode_id_token(&client).await.unwrap().sub.to_string(), ADA);

    for other in [signed(&claims()), with(|claims| claims["nonce"] = "of another login".into())] {
        replay.push(answer(&other));
        let tokens = client.oauth2_exchange_code_for_tokens(flow.clone(), "C").send().await.unwrap();
        assert_eq!(reason(tokens.decode_id_token(&client).await), IdTokenError::Nonce);
    }
    // A login without one takes any.
    let (_, flow) = client.oauth2_start_flow("openid").begin().unwrap();
    replay.push(answer(&marked));
    let tokens = client.oauth2_exchange_code_for_tokens(flow, "C").send().await.unwrap();
    assert!(tokens.decode_id_token(&client).await.is_ok());
}

#[tokio::test]
async fn an_answer_without_id_token_says_what_to_ask_for() {
    let replay = ReplayTransport::new([crate::common::grants("Ag")]);
    let client = confidential(replay, &ManualClock::at(noon()));
    let tokens = client.oauth2_client_credentials_tokens("openid").send().await.unwrap();
    let error = tokens.decode_id_token(&client).await.unwrap_err();
    assert_eq!(IdTokenError::from_error(&error), Some(&IdTokenError::Missing));
    assert!(error.to_string().contains("scope openid"), "{error}");
}

#[tokio::test]
async fn keys_are_asked_for_once_and_again_when_they_do_not_fit() {
    let replay = ReplayTransport::new(provider(&[jwk(KEY, None)]));
    let clock = ManualClock::at(noon());
    let client = client(&replay, &clock);
    let first = IdTokenDecoder::new(&client);
    let second = IdTokenDecoder::new(client.clone());
    let of_the_old_key = signed(&claims());
    for decoder in [&first, &second, &first] {
        decoder.decode(&of_the_old_key).await.unwrap();
    }
    let paths: Vec<String> = replay.requests().iter().map(|request| request.url.path().to_owned()).collect();
    assert_eq!(paths, ["/.well-known/openid-configuration", "/jwk.json"]);

    // Tokens that are wrong make no flood.
    let of_a_new_key = signed_by(OTHER_KEY, &json!({"alg": "RS512"}), &claims());
    assert_eq!(reason(first.decode(&of_a_new_key).await), IdTokenError::Signature);
    assert_eq!(replay.requests().len(), 2);

    clock.advance(Duration::from_secs(61));
    for reply in provider(&[jwk(OTHER_KEY, None)]) {
        replay.push(reply);
    }
    first.decode(&of_a_new_key).await.unwrap();
    second.decode(&of_a_new_key).await.unwrap();
    assert_eq!(reason(second.decode(&of_the_old_key).await), IdTokenError::Signature);
    assert_eq!(replay.requests().len(), 4);
}

#[tokio::test]
async fn a_token_that_names_its_key_is_checked_with_that_one() {
    let keys = [jwk(OTHER_KEY, Some("other")), jwk(KEY, Some("this"))];
    let token = |kid: &str| signed_by(KEY, &json!({"alg": "RS512", "kid": kid}), &claims());
    let replay = ReplayTransport::new(provider(&keys));
    let decoder = IdTokenDecoder::new(client(&replay, &ManualClock::at(noon())));
    decoder.decode(&token("this")).await.unwrap();
    assert_eq!(reason(decoder.decode(&token("other")).await), IdTokenError::Signature);
    let unknown = IdTokenError::UnknownKey { kid: "gone".to_owned() };
    assert_eq!(reason(decoder.decode(&token("gone")).await), unknown);
    // Without a name, the first that can be used.
    assert_eq!(reason(decoder.decode(&signed(&claims())).await), IdTokenError::Signature);

    let mut for_encryption = jwk(OTHER_KEY, None);
    for_encryption["use"] = "enc".into();
    let mut of_curves = jwk(OTHER_KEY, None);
    of_curves["kty"] = "EC".into();
    let replay = ReplayTransport::new(provider(&[for_encryption.clone(), of_curves, jwk(KEY, None)]));
    let decoder = IdTokenDecoder::new(client(&replay, &ManualClock::at(noon())));
    decoder.decode(&signed(&claims())).await.unwrap();
    let replay = ReplayTransport::new(provider(&[for_encryption]));
    let decoder = IdTokenDecoder::new(client(&replay, &ManualClock::at(noon())));
    let none = IdTokenError::NoKey { algorithm: "RS512".to_owned() };
    assert_eq!(reason(decoder.decode(&signed(&claims())).await), none);
}

#[tokio::test(start_paused = true)]
async fn many_logins_at_once_ask_once() {
    let slow = Slow::new(provider(&[jwk(KEY, None)]));
    let decoder = IdTokenDecoder::new(native(slow.clone(), &ManualClock::at(noon())));
    let token = signed(&claims());
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let (decoder, token) = (decoder.clone(), token.clone());
            tokio::spawn(async move { decoder.decode(&token).await })
        })
        .collect();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(slow.requests(), 2);
}

#[tokio::test]
async fn keys_that_somebody_on_the_way_could_swap_are_not_asked_for() {
    let replay = ReplayTransport::default();
    let client = NativeAppAuthClient::builder(ID)
        .base_url("http://auth.example.org/")
        .transport(replay.clone())
        .build()
        .unwrap();
    let error = IdTokenDecoder::new(client).decode(&signed(&claims())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().starts_with("http://auth.example.org/ is neither https"), "{error}");
    assert_eq!(replay.requests().len(), 0);
}

#[test]
fn keys_are_written_for_other_programs() {
    let keys: JwkSet = serde_json::from_value(json!({"keys": [jwk(KEY, None)]})).unwrap();
    let pem = keys.keys[0].to_pem().unwrap();
    // What `openssl rsa -pubout` makes of the same key.
    assert_eq!(pem, include_str!("id_token/key.pem"));

    let mut ec = jwk(KEY, None);
    ec["kty"] = "EC".into();
    let mut odd = jwk(KEY, None);
    odd["n"] = "!".into();
    for wrong in [ec, odd] {
        let keys: JwkSet = serde_json::from_value(json!({ "keys": [wrong] })).unwrap();
        assert_eq!(keys.keys[0].to_pem().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
