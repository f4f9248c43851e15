//! Proxies that the environment names. Only a process of its own can have another environment: each test starts this
//! program once more, to run the one test that asks.

use std::process::{Command, Stdio};

use globus_core::transport::{HttpTransport, Request, Transport};
use http::Method;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

/// Nobody has this name: only a proxy can answer for it.
const NOWHERE: &str = "http://globus.invalid/v1/toy";

/// Asks when told so by its environment; alone it has nothing to do.
#[tokio::test]
async fn asks_as_its_environment_says() {
    let Ok(wanted) = std::env::var("PROXY_TEST_WANTS") else { return };
    let url = NOWHERE.parse().unwrap();
    let answer = HttpTransport::default().send(Request::new(Method::GET, url)).await;
    match (wanted.as_str(), answer) {
        ("answer", Ok(answer)) => assert_eq!(answer.status, 203),
        ("none", Err(error)) => assert!(error.is_never_sent(), "{error}"),
        (_, answer) => panic!("wanted {wanted}, got {answer:?}"),
    }
}

async fn asked_with(variable: &str, no_proxy: &str, wanted: &str) -> usize {
    let proxy = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(203)).mount(&proxy).await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxy::asks_as_its_environment_says", "--nocapture"]);
    for name in
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"]
    {
        child.env_remove(name);
    }
    child.env(variable, proxy.uri()).env("NO_PROXY", no_proxy).env("PROXY_TEST_WANTS", wanted);
    child.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    proxy.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_proxy_of_any_name_is_asked() {
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        assert_eq!(asked_with(variable, "", "answer").await, 1, "{variable}");
    }
}

#[tokio::test]
async fn without_a_proxy_for_the_address_none_is_asked() {
    assert_eq!(asked_with("HTTPS_PROXY", "", "none").await, 0, "it is for other addresses");
    assert_eq!(asked_with("HTTP_PROXY", "globus.invalid", "none").await, 0, "NO_PROXY names the address");
}
