//! The pages: consent, errors, the code to be copied, logout.

use crate::client::{NATIVE, SECRET, Server, TRANSFER, attribute, authorize_path, encode, value};

#[tokio::test]
async fn the_page_shows_who_asks_for_what_and_whom() {
    let server =
        Server::with(|builder| builder.user("ada@example.org", "Ada").user("bob@example.org", "<b>Bob</b>"))
            .await;
    let page = server
        .get(&authorize_path(&[
            ("scope", &format!("{TRANSFER}[*openid]")),
            ("access_type", "offline"),
            ("session_message", "<script>alert('1')</script>"),
        ]))
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let html = page.text();
    for part in
        [NATIVE, TRANSFER, "openid", "(optional)", "ada@example.org", "bob@example.org", "Allow", "Deny"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains("&lt;b&gt;Bob") && html.contains("&lt;script&gt;"));
    assert!(!html.contains("<script") && !html.contains("<b>Bob"));
    assert!(html.find("ada@").unwrap() < html.find("bob@").unwrap());
}

#[tokio::test]
async fn allow_sends_a_code_back_and_deny_an_error() {
    let server = Server::start().await;
    let (target, parameters) = server.allow(&[]).await.redirect();
    assert_eq!(target, "http://localhost:7777/done");
    assert_eq!(value(&parameters, "state"), Some("some state"));
    assert_eq!(value(&parameters, "code").unwrap().len(), 30);

    let page = server.get(&authorize_path(&[])).await;
    let (_, parameters) = server.decide(&page, "deny").await.redirect();
    assert_eq!(value(&parameters, "error"), Some("access_denied"));
    assert_eq!(value(&parameters, "state"), Some("some state"));
    assert_eq!(value(&parameters, "code"), None);
}

#[tokio::test]
async fn a_decision_counts_once_and_only_from_its_page() {
    let server = Server::start().await;
    let page = server.get(&authorize_path(&[])).await;
    let html = page.text();
    let identity = attribute(&html, "name=\"identity\" value=\"");
    let request = attribute(&html, "name=\"request\" value=\"");
    let post = async |fields: &[(&str, &str)]| server.form("/auth/v2/oauth2/authorize", "", fields).await;
    let allow = ("decision", "allow");
    assert_eq!(post(&[("identity", identity), allow]).await.status, 400);
    assert_eq!(post(&[("request", "guessed"), ("identity", identity), allow]).await.status, 400);
    let stranger = "00000000-0000-4000-8000-000000000000";
    assert_eq!(post(&[("request", request), ("identity", stranger), allow]).await.status, 400);
    // The attempt with a stranger used the page up.
    assert_eq!(post(&[("request", request), ("identity", identity), allow]).await.status, 400);
}

#[tokio::test]
async fn faults_before_the_address_is_trusted_are_a_page() {
    let server = Server::start().await;
    for (parameters, code, message) in [
        (&[("client_id", "")][..], "OAUTH_AUTH_REQUEST_FAILURE", "Missing client_id parameter."),
        (&[("client_id", "x")], "OAUTH_AUTH_REQUEST_FAILURE", "Invalid client_id parameter value."),
        (&[("redirect_uri", "")], "OAUTH_AUTH_REQUEST_FAILURE", "Missing redirect_uri parameter."),
        (
            &[("redirect_uri", "https://evil.example.org/")],
            "OAUTH_AUTH_REQUEST_FAILURE",
            "Mismatching redirect URI.",
        ),
        (&[("scope", "")], "OAUTH_AUTH_REQUEST_FAILURE", "Missing scope parameter."),
        (&[("scope", "a[")], "OAUTH_AUTH_REQUEST_FAILURE", "Malformed scope"),
        (&[("scope", "<i>")], "UNKNOWN_SCOPE_ERROR", "requested unknown scopes: [&#39;&lt;i&gt;&#39;]"),
        (
            &[("session_required_identities", "nobody@example.org")],
            "REQUIRED_IDENTITY_MISSING",
            "nobody@example.org",
        ),
        (&[("session_required_single_domain", "example.com")], "REQUIRED_IDENTITY_MISSING", "example.com"),
    ] {
        let page = server.get(&authorize_path(parameters)).await;
        assert_eq!(page.status, 400, "{parameters:?}");
        assert_eq!(page.header("location"), None);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let html = page.text();
        for part in ["Unable to Fulfill Your Request", "Error processing OAuth2 request", code, message] {
            assert!(html.contains(part), "{part} not in {html}");
        }
    }
    let repeated = format!("{}&client_id={NATIVE}", authorize_path(&[]));
    assert_eq!(server.get(&repeated).await.status, 400);
}

#[tokio::test]
async fn later_faults_are_sent_back() {
    let server = Server::start().await;
    for (parameters, error) in [
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("access_type", "sometimes"), "invalid_request"),
        (("prompt", "none"), "interaction_required"),
    ] {
        let (target, answer) = server.get(&authorize_path(&[parameters])).await.redirect();
        assert_eq!(target, "http://localhost:7777/done");
        assert_eq!(value(&answer, "error"), Some(error), "{parameters:?}");
        assert_eq!(value(&answer, "state"), Some("some state"));
    }
}

#[tokio::test]
async fn the_session_may_demand_somebody() {
    let server =
        Server::with(|builder| builder.user("ada@example.org", "Ada").user("bob@uni.example.edu", "Bob"))
            .await;
    for parameter in [
        ("session_required_identities", "BOB@uni.example.edu"),
        ("session_required_single_domain", "example.com,uni.example.edu"),
    ] {
        let html = server.get(&authorize_path(&[parameter])).await.text();
        assert!(html.contains("bob@uni.example.edu") && !html.contains("ada@example.org"), "{html}");
    }
    // Some clients send parameters that they have no value for.
    let empty = server.get(&format!("{}&session_required_identities=", authorize_path(&[]))).await;
    assert!(empty.text().contains("ada@example.org"));
}

#[tokio::test]
async fn logins_can_be_approved_without_a_page() {
    let server = Server::with(|builder| builder.approve_logins(true)).await;
    for prompt in ["login", "none"] {
        let (_, parameters) = server.get(&authorize_path(&[("prompt", prompt)])).await.redirect();
        server.exchange(value(&parameters, "code").unwrap()).await.expect(200);
    }
}

#[tokio::test]
async fn the_code_page_shows_the_code() {
    let server = Server::start().await;
    let own_page = format!("{}v2/web/auth-code", server.emulator.service_url("auth"));
    let (target, parameters) = server.allow(&[("redirect_uri", &own_page)]).await.redirect();
    assert_eq!(target, own_page);
    let code = value(&parameters, "code").unwrap();
    let page = server.get(&format!("/auth/v2/web/auth-code?{}", encode(&[("code", code)]))).await;
    assert_eq!((page.status, page.text().contains(code)), (200, true));
    let hostile = server.get(&format!("/auth/v2/web/auth-code?{}", encode(&[("code", "<script>")]))).await;
    assert!(!hostile.text().contains("<script>"));
    let denied = server.get("/auth/v2/web/auth-code?error=access_denied&error_description=No").await;
    assert_eq!((denied.status, denied.text().contains("<p>No</p>")), (400, true));
}

#[tokio::test]
async fn logout_links_only_where_the_client_may_be_sent() {
    let server = Server::start().await;
    let logout = async |uri: &str| {
        let query = encode(&[("client_id", NATIVE), ("redirect_uri", uri), ("redirect_name", "<App>")]);
        let page = server.get(&format!("/auth/v2/web/logout?{query}")).await;
        assert_eq!(page.status, 200);
        page.text()
    };
    assert!(logout("http://localhost:1/").await.contains("Continue to &lt;App&gt;"));
    assert!(!logout("https://evil.example.org/").await.contains("evil"));
    assert!(!server.get("/auth/v2/web/logout").await.text().contains(SECRET));
}
