//! What declared operations put on the wire, over the pure step from builder to request.

use crate::common::{Colour, Toy, ToyFilter, Toys, toys};
use globus_core::{
    ErrorKind, ServiceClient,
    test_util::{ReplayTransport, shape},
};
use http::Method;

const ID: &str = "ddb59aef-6d04-11e5-ba46-22000b92c6ec";

#[test]
fn every_form_of_operation() {
    let client = toys(&ReplayTransport::default());
    let toy = Toy { id: 7, name: None };
    let rows = [
        (shape(client.get_toy(ID).to_request()), format!("GET /api/v1/toy/{ID}")),
        (shape(client.find_toy(ID, "a/b c?").to_request()), format!("GET /api/v1/box/{ID}/toy/a%2Fb%20c%3F")),
        (
            shape(
                client
                    .find_toy(ID, "x")
                    .path("/~/runs 1/")
                    .limit(3)
                    .show_hidden(false)
                    .paused(true)
                    .provision(true)
                    .owner(ID)
                    .colour(Colour::Red)
                    .orderby(["name ASC", "size"])
                    .filter(["type:dir", "name:~*.csv"])
                    .to_request(),
            ),
            format!(
                "GET /api/v1/box/{ID}/toy/x?path=/~/runs 1/&limit=3&show_hidden=0&filter_is_paused=True&provision=true\
                 &owner={ID}&colour=red&orderby=name ASC,size&filter=type:dir&filter=name:~*.csv"
            ),
        ),
        (
            shape(client.find_toy(ID, "x").limit(3).limit(None).filter(Vec::<String>::new()).to_request()),
            format!("GET /api/v1/box/{ID}/toy/x"),
        ),
        (
            shape(client.make_toy(ID, "/p").to_request()),
            format!(r#"POST /api/v1/box/{ID}/toy {{"DATA_TYPE":"toy","path":"/p"}}"#),
        ),
        (
            shape(client.make_toy(ID, "/p").local_user("ada").child(ID).age(None).to_request()),
            format!(
                r#"POST /api/v1/box/{ID}/toy {{"DATA_TYPE":"toy","age":null,"child":"{ID}","local_user":"ada","path":"/p"}}"#
            ),
        ),
        (
            shape(client.submit_toy(toy).to_request()),
            r#"POST /api/v1/submit {"id":7,"name":null}"#.to_owned(),
        ),
        (
            shape(client.wrapped_toy(ToyFilter(vec!["a", "b"])).to_request()),
            "GET /api/v1/wrapped?names=a,b".to_owned(),
        ),
        (
            shape(client.wrapped_toy(ToyFilter(vec![])).to_request()),
            "error: GET /v1/wrapped: name at least one toy".to_owned(),
        ),
        (shape(client.touch_toy("red", 5).to_request()), "DELETE /api/v1/toy/red/5?sure=yes".to_owned()),
        (
            shape(client.get_toy(ID).with_query("fields", "a,b").with_query("fields", "c").to_request()),
            format!("GET /api/v1/toy/{ID}?fields=c"),
        ),
    ];
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}

#[test]
fn headers_are_those_of_every_globus_client() {
    let client = Toys::builder()
        .base_url("https://toys.example.org/")
        .app_name("my app")
        .client_info("portal", "2")
        .header("X-Extra", "1")
        .build()
        .unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let request = client.get_toy(ID).to_request().unwrap();
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("accept").as_deref(), Some("application/json"));
    assert_eq!(header("user-agent"), Some(format!("globus-sdk-rust/{version}/my app")));
    assert_eq!(
        header("x-globus-client-info"),
        Some(format!("product=rust-sdk,version={version};product=portal,version=2"))
    );
    assert_eq!(header("x-extra").as_deref(), Some("1"));
    assert_eq!(header("content-type"), None);
    let replaced = client.get_toy(ID).with_header("accept", "text/plain").to_request().unwrap();
    assert_eq!(replaced.headers["accept"], "text/plain");
    let document = client.make_toy(ID, "/p").to_request().unwrap();
    assert_eq!(document.headers["content-type"], "application/json");
}

#[test]
fn a_wrong_value_is_one_clear_line_and_nothing_is_sent() {
    let client = toys(&ReplayTransport::default());
    let rows = [
        (
            client.get_toy("my-task").to_request(),
            r#"GET /v1/toy/{toy_id}: "my-task" is not a task id: expected a UUID such as ddb59aef-6d04-11e5-ba46-22000b92c6ec"#,
        ),
        (client.find_toy(ID, "").to_request(), "GET /v1/box/{box_id}/toy/{label}: label is empty"),
        (
            client.find_toy(ID, "..").to_request(),
            "GET /v1/box/{box_id}/toy/{label}: label is a dot segment, which would lead to another resource",
        ),
        (client.find_toy(ID, "x").path("").to_request(), "GET /v1/box/{box_id}/toy/{label}: path is empty"),
        (
            client.find_toy(ID, "x").orderby(["name", ""]).to_request(),
            "GET /v1/box/{box_id}/toy/{label}: orderby[1] is empty",
        ),
        (
            client.find_toy(ID, "x").filter([""]).to_request(),
            "GET /v1/box/{box_id}/toy/{label}: filter[0] is empty",
        ),
        (
            client.get_toy(ID).with_header("x-a", "b\r\nInjected: 1").to_request(),
            r"GET /v1/toy/{toy_id}: the value of x-a has '\r' at byte 1: only printable ASCII can be sent in a header",
        ),
        (
            client.get_toy(ID).with_header("x-a", "ü").to_request(),
            "GET /v1/toy/{toy_id}: the value of x-a has 'ü' at byte 0: only printable ASCII can be sent in a header",
        ),
        (
            client.get_toy(ID).with_header("bad name", "x").to_request(),
            r#"GET /v1/toy/{toy_id}: "bad name" is not a header name"#,
        ),
    ];
    for (result, expected) in rows {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.is_never_sent() && !error.is_retryable());
    }
}

#[tokio::test]
async fn a_wrong_value_never_reaches_the_transport() {
    let replay = ReplayTransport::default();
    let error = toys(&replay).get_toy("x").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(replay.requests().is_empty());
}

#[test]
fn raw_calls_are_encoded_like_the_others() {
    let client = toys(&ReplayTransport::default());
    let call = |path: &str| shape(client.base().call(Method::GET, path).to_request());
    assert_eq!(call("/v1/jobs/"), "GET /api/v1/jobs/");
    assert_eq!(call("v1/a b/c?d"), "GET /api/v1/a%20b/c%3Fd");
    assert_eq!(
        call("/v1/../secret"),
        "error: GET /v1/../secret: path is a dot segment, which would lead to another resource"
    );
    assert_eq!(call("/v1//x"), "error: GET /v1//x: path is empty");
    let form = client.base().call(Method::POST, "/v1/f").form([("a", "1 2"), ("b", "&")]);
    let request = form.to_request().unwrap();
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(shape(Ok(request)), "POST /api/v1/f a=1+2&b=%26");
    let repeated = client.base().call(Method::GET, "/v1/f").query("x", "1").query("x", "2");
    assert_eq!(shape(repeated.to_request()), "GET /api/v1/f?x=1&x=2");
    let text = client.base().call(Method::POST, "/v1/f").body("plain".to_owned()).to_request().unwrap();
    assert!(!text.headers.contains_key("content-type"));
}

#[test]
fn debug_shows_no_values() {
    let client = toys(&ReplayTransport::default());
    let request = client.find_toy(ID, "x").path("/secret/place");
    assert!(!format!("{request:?}").contains("secret"), "{request:?}");
    let request = request.to_request().unwrap();
    assert!(!format!("{request:?}").contains("secret"), "{request:?}");
}
