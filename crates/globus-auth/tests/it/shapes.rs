//! Every form, address and header, as they go over the wire.

use globus_auth::{AuthLoginClient, TokenRequest};
use globus_core::{
    ErrorKind, Scope,
    test_util::{ManualClock, ReplayTransport, Reply, shape},
};

use crate::common::{ID, SECRET, confidential, grants, native, noon};

fn decoded<T>(request: &TokenRequest<T>) -> String {
    let text = shape(request.to_request());
    let decoded = unescaped(text.split_once(' ').map_or("", |(_, rest)| rest));
    format!("{} {decoded}", text.split(' ').next().unwrap_or_default())
}

/// Shows a form readably: no field of these tests has an `&` or `=` in it.
fn unescaped(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(plain).unwrap()
}

#[test]
fn forms_of_a_native_client_name_it() {
    let client = native(ReplayTransport::default(), &ManualClock::at(noon()));
    let (_, flow) = client
        .oauth2_start_flow("openid")
        .redirect_uri("http://127.0.0.1:8080/")
        .state("S1")
        .verifier("v".repeat(43))
        .begin()
        .unwrap();
    let verifier = "v".repeat(43);
    let exchange = format!(
        "POST /v2/oauth2/token client_id={ID}&grant_type=authorization_code&code=C1&code_verifier={verifier}\
         &redirect_uri=http://127.0.0.1:8080/"
    );
    let rows = [
        (decoded(&client.finish(flow.clone(), "/?state=S1&code=C1")), exchange.clone()),
        (decoded(&client.oauth2_exchange_code_for_tokens(flow, " C1\n")), exchange),
        (
            decoded(&client.oauth2_refresh_token("RT")),
            format!("POST /v2/oauth2/token refresh_token=RT&grant_type=refresh_token&client_id={ID}"),
        ),
        (
            decoded(&client.oauth2_revoke_token("T")),
            format!("POST /v2/oauth2/token/revoke token=T&client_id={ID}"),
        ),
        (
            decoded(&client.oauth2_token([("grant_type", "g"), ("x", "y z")])),
            format!("POST /v2/oauth2/token client_id={ID}&grant_type=g&x=y z"),
        ),
    ];
    for (got, expected) in rows {
        assert_eq!(got, expected);
    }
}

#[test]
fn forms_of_a_confidential_client_do_not() {
    let client = confidential(ReplayTransport::default(), &ManualClock::at(noon()));
    let flow = || client.oauth2_start_flow("https://portal.example.org/cb", "openid").state("S1");
    let (_, plain) = flow().begin().unwrap();
    let (_, protected) = flow().verifier("v".repeat(128)).begin().unwrap();
    let data_access = Scope::parse("a[*b]").unwrap();
    let rows = [
        (
            decoded(&client.finish(plain.clone(), "code=C1&state=S1")),
            "POST /v2/oauth2/token grant_type=authorization_code&code=C1&redirect_uri=https://portal.example.org/cb"
                .to_owned(),
        ),
        (
            decoded(&client.finish(protected, "code=C1&state=S1")),
            format!(
                "POST /v2/oauth2/token grant_type=authorization_code&code=C1&code_verifier={}\
                 &redirect_uri=https://portal.example.org/cb",
                "v".repeat(128)
            ),
        ),
        (
            decoded(&client.oauth2_client_credentials_tokens([&data_access, &Scope::new("openid").unwrap()])),
            "POST /v2/oauth2/token grant_type=client_credentials&scope=a[*b] openid".to_owned(),
        ),
        (
            decoded(&client.oauth2_refresh_token("RT").param("refresh_token", "R2").param("extra", "1")),
            "POST /v2/oauth2/token refresh_token=R2&grant_type=refresh_token&extra=1".to_owned(),
        ),
        (decoded(&client.oauth2_revoke_token("T")), "POST /v2/oauth2/token/revoke token=T".to_owned()),
        (decoded(&client.oauth2_token([("grant_type", "g")])), "POST /v2/oauth2/token grant_type=g".to_owned()),
        (
            decoded(&client.oauth2_get_dependent_tokens("T")),
            "POST /v2/oauth2/token grant_type=urn:globus:auth:grant_type:dependent_token&token=T".to_owned(),
        ),
        (
            decoded(&client.oauth2_get_dependent_tokens("T").refresh_tokens(true).scope(["b", "a"])),
            "POST /v2/oauth2/token grant_type=urn:globus:auth:grant_type:dependent_token&token=T\
             &access_type=offline&scope=a b"
                .to_owned(),
        ),
        (
            decoded(&client.oauth2_get_dependent_tokens("T").refresh_tokens(true).refresh_tokens(false)),
            "POST /v2/oauth2/token grant_type=urn:globus:auth:grant_type:dependent_token&token=T".to_owned(),
        ),
        (
            decoded(&client.oauth2_token_introspect("T")),
            "POST /v2/oauth2/token/introspect token=T".to_owned(),
        ),
        (
            decoded(&client.oauth2_token_introspect("T").include(["identity_set", "session_info"])),
            "POST /v2/oauth2/token/introspect token=T&include=identity_set,session_info".to_owned(),
        ),
    ];
    for (got, expected) in rows {
        assert_eq!(got, expected);
    }
}

#[tokio::test]
async fn the_header_or_the_form_says_who_asks() {
    let clock = ManualClock::at(noon());
    let replay = ReplayTransport::new([grants("A"), grants("A")]);
    native(replay.clone(), &clock)
        .oauth2_refresh_token("RT")
        .with_header("authorization", "Bearer by-hand")
        .send()
        .await
        .unwrap();
    confidential(replay.clone(), &clock).oauth2_refresh_token("RT").send().await.unwrap();
    let [native, confidential] = &replay.requests()[..] else { panic!("two requests") };
    assert_eq!(native.header("authorization"), None);
    // printf %s "$ID:$SECRET" | base64
    let basic = "Basic NjMzNjQzN2UtZjliMS00YjFiLWEwYzEtMGE0ZjFmNWYzZjdjOmMyVmpjbVYwTFc5bUxYUm9aUzFoY0hBPQ==";
    assert_eq!(confidential.header("authorization"), Some(basic));
    assert!(confidential.headers["authorization"].is_sensitive());
    for request in [native, confidential] {
        assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.url.as_str(), "https://auth.example.org/v2/oauth2/token");
    }
}

#[tokio::test]
async fn bad_values_are_told_before_anything_is_sent() {
    let clock = ManualClock::at(noon());
    let replay = ReplayTransport::new([Reply::json(200, "{}")]);
    let client = confidential(replay.clone(), &clock);
    let rows = [
        (client.oauth2_refresh_token("").to_request(), "refresh_token is empty"),
        (client.oauth2_revoke_token("").to_request(), "token is empty"),
        (client.oauth2_client_credentials_tokens("").to_request(), "scope: "),
        (client.oauth2_client_credentials_tokens("a[").to_request(), "scope: "),
        (client.oauth2_get_dependent_tokens("T").scope("a]").to_request(), "scope: "),
    ];
    for (got, expected) in rows {
        let error = got.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let error = client.oauth2_refresh_token("").send().await.unwrap_err();
    assert_eq!((error.kind(), replay.requests().len()), (ErrorKind::InvalidInput, 0));

    let error = globus_auth::NativeAppAuthClient::new("my-app").unwrap_err();
    assert!(error.to_string().contains("\"my-app\" is not a client id"), "{error}");
    let error = globus_auth::ConfidentialAppAuthClient::new(ID, "").unwrap_err();
    assert_eq!(error.to_string(), "the client secret is empty");
}

#[tokio::test]
async fn secrets_do_not_go_over_plain_http() {
    let replay = ReplayTransport::new([grants("A")]);
    let client = globus_auth::NativeAppAuthClient::builder(ID)
        .base_url("http://auth.example.org/")
        .transport(replay.clone())
        .build()
        .unwrap();
    let error = client.oauth2_refresh_token("RT").send().await.unwrap_err();
    assert!(error.to_string().contains("refused to send credentials to auth.example.org"), "{error}");
    assert_eq!(replay.requests().len(), 0);
}

#[test]
fn either_client_stands_for_a_login_client() {
    let clock = ManualClock::at(noon());
    let native: AuthLoginClient = native(ReplayTransport::default(), &clock).into();
    let confidential: AuthLoginClient = confidential(ReplayTransport::default(), &clock).into();
    assert!(decoded(&native.oauth2_revoke_token("T")).ends_with(&format!("client_id={ID}")));
    assert!(decoded(&confidential.oauth2_revoke_token("T")).ends_with("token=T"));
    assert_eq!(confidential.client_id().to_string(), ID);
    assert!(!format!("{confidential:?}").contains(SECRET));
}
