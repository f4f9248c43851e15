//! Every form, address and header, as they go over the wire.

use globus_auth::{
    AuthLoginClient, TokenRequest,
    api::clients::{ClientType, NewChildClient},
};
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

#[test]
#[expect(deprecated, reason = "it is there for those who need it")]
fn tokens_can_still_be_validated() {
    let clock = ManualClock::at(noon());
    let native = native(ReplayTransport::default(), &clock);
    let confidential = confidential(ReplayTransport::default(), &clock);
    let path = "POST /v2/oauth2/token/validate token=T";
    assert_eq!(decoded(&native.oauth2_validate_token("T")), format!("{path}&client_id={ID}"));
    assert_eq!(decoded(&confidential.oauth2_validate_token("T")), path);
}

#[test]
fn policies_can_be_asked_about() {
    let client = confidential(ReplayTransport::default(), &ManualClock::at(noon()));
    let request = client.oauth2_token_introspect("T");
    assert_eq!(
        decoded(&request.clone().authentication_policies([ID, ID])),
        format!("POST /v2/oauth2/token/introspect token=T&authentication_policies={ID},{ID}")
    );
    let error = request.authentication_policies([ID, "campus"]).to_request().unwrap_err();
    let expected = "authentication_policies[1]: \"campus\" is not a policy id";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[tokio::test]
async fn clients_that_login_clients_make() {
    const IDP: &str = "41143743-f3c8-4d60-bbdb-eeecaba85bd9";
    let clock = ManualClock::at(noon());
    let instance = format!(
        r#"{{"client":{{"id":"{ID}"}},"included":{{"client_credential":{{"id":"{IDP}","secret":"s"}}}}}}"#
    );
    let child = format!(r#"{{"client":{{"id":"{ID}","parent_client":"{IDP}"}}}}"#);
    let replay = ReplayTransport::new([Reply::json(201, instance), Reply::json(201, child)]);
    let native = native(replay.clone(), &clock);
    let confidential = confidential(replay.clone(), &clock);

    let made = native.create_native_app_instance(native.client_id(), "tool").send().await.unwrap();
    assert_eq!((made.id().to_string().as_str(), made.secret().unwrap().expose()), (ID, "s"));
    let made = confidential.create_child_client(NewChildClient::public("A")).send().await.unwrap();
    assert_eq!(made.parent_client.unwrap().to_string(), IDP);
    let [first, second] = &replay.requests()[..] else { panic!("two requests") };
    assert_eq!(first.text(), format!(r#"{{"client":{{"name":"tool","template_id":"{ID}"}}}}"#));
    assert_eq!(first.header("authorization"), None, "an instance needs no credential");
    assert!(second.header("authorization").unwrap().starts_with("Basic "));

    let path = "POST /v2/api/clients";
    for (child, body) in [
        (NewChildClient::public("A"), r#"{"client":{"name":"A","public_client":true}}"#.to_owned()),
        (NewChildClient::confidential("A"), r#"{"client":{"name":"A","public_client":false}}"#.to_owned()),
        (
            NewChildClient::new("A", ClientType::ClientIdentity).required_idp(IDP).preselect_idp(IDP),
            format!(
                r#"{{"client":{{"client_type":"client_identity","name":"A","preselect_idp":"{IDP}","required_idp":"{IDP}"}}}}"#
            ),
        ),
    ] {
        assert_eq!(shape(confidential.create_child_client(child).to_request()), format!("{path} {body}"));
    }
    let bad = confidential.create_child_client(NewChildClient::public("A").required_idp("x"));
    assert!(bad.to_request().unwrap_err().to_string().contains("required_idp: \"x\" is not"));
    for bad in [
        native.create_native_app_instance("tool", "tool").to_request(),
        native.create_native_app_instance(ID, "").to_request(),
    ] {
        assert_eq!(bad.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    // It holds secrets, as the tokens do.
    let replay =
        ReplayTransport::new([Reply::raw(307, "").header("location", "https://x.example/s3cr3t?s3cr3t")]);
    let error = crate::common::native(replay.clone(), &clock)
        .create_native_app_instance(ID, "tool")
        .send()
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(replay.requests().len(), 1);
    assert!(error.contains("307 redirects it to https://x.example, which is not followed"), "{error}");
    assert!(!error.contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn both_login_clients_know_where_things_are() {
    let configuration =
        r#"{"issuer":"https://auth.example.org","jwks_uri":"https://auth.example.org/jwk.json"}"#;
    let replay = ReplayTransport::new(
        [configuration, r#"{"keys":[]}"#].into_iter().cycle().take(4).map(|body| Reply::json(200, body)),
    );
    let clock = ManualClock::at(noon());
    let (native, confidential) = (native(replay.clone(), &clock), confidential(replay.clone(), &clock));
    let known = native.get_openid_configuration().send().await.unwrap();
    assert!(native.get_jwk(&known).send().await.unwrap().keys.is_empty());
    confidential.get_openid_configuration().send().await.unwrap();
    confidential.get_jwk(&known).send().await.unwrap();
    let with_credentials: Vec<bool> =
        replay.requests().iter().map(|request| request.header("authorization").is_some()).collect();
    // The keys may be anywhere: nobody is told a secret there.
    assert_eq!(with_credentials, [false, false, true, false]);
}
