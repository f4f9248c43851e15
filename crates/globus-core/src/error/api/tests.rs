use super::*;

fn parse(service: Service, content_type: &str, body: &str) -> ApiError {
    let mut headers = HeaderMap::new();
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
    }
    ApiError::parse(service, StatusCode::FORBIDDEN, &headers, Bytes::copy_from_slice(body.as_bytes()))
}

const JSON: &str = "application/json";

/// Service, body → code, message, request id.
#[test]
fn reads_every_dialect() {
    type Row = (Service, &'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);
    let rows: &[Row] = &[
        (
            Service::Transfer,
            r#"{"code":"ClientError.NotFound","message":"No such task","request_id":"aaabbbccc","resource":"/task/1"}"#,
            Some("ClientError.NotFound"),
            Some("No such task"),
            Some("aaabbbccc"),
        ),
        (
            Service::Auth,
            r#"{"errors":[{"status":"401","id":"0f6a","code":"UNAUTHORIZED","title":"Unauthorized","detail":"Call must be authenticated"}],"error":"unauthorized","error_description":"Unauthorized"}"#,
            Some("UNAUTHORIZED"),
            Some("Call must be authenticated"),
            Some("0f6a"),
        ),
        (Service::Auth, r#"{"error":"invalid_grant"}"#, None, Some("invalid_grant"), None),
        (
            Service::Auth,
            r#"{"error":"invalid_request","error_description":"Missing code"}"#,
            None,
            Some("Missing code"),
            None,
        ),
        (
            Service::Auth,
            r#"{"errors":[{"id":"1","code":"A","detail":"x"},{"id":"2","code":"B","detail":"y"}]}"#,
            None,
            Some("x; y"),
            None,
        ),
        (
            Service::Flows,
            r#"{"error":{"code":"NOT_FOUND","detail":"No flow"},"debug_id":"d1"}"#,
            Some("NOT_FOUND"),
            Some("No flow"),
            Some("d1"),
        ),
        (
            Service::Flows,
            r#"{"error":{"code":"UNPROCESSABLE_ENTITY","detail":[{"loc":["title"],"msg":"field required","type":"x"},{"loc":["a",0],"msg":"bad"}]}}"#,
            Some("UNPROCESSABLE_ENTITY"),
            Some("field required: title; bad: a.0"),
            None,
        ),
        (
            Service::Timer,
            r#"{"detail":[{"loc":["body","start"],"msg":"field required","type":"x"}]}"#,
            None,
            Some("field required: body.start"),
            None,
        ),
        (
            Service::Timer,
            r#"{"error":{"code":"ERROR","detail":"Request failed","status":500}}"#,
            Some("ERROR"),
            Some("Request failed"),
            None,
        ),
        (Service::Groups, r#"{"code":"FORBIDDEN","detail":"no"}"#, Some("FORBIDDEN"), Some("no"), None),
        (
            Service::Groups,
            r#"{"message":"Internal server error."}"#,
            None,
            Some("Internal server error."),
            None,
        ),
        (
            Service::Search,
            r#"{"@datatype":"GError","code":"Forbidden.Generic","message":"no","request_id":"r","error_data":{"x":1}}"#,
            Some("Forbidden.Generic"),
            Some("no"),
            Some("r"),
        ),
        (
            Service::Compute,
            r#"{"status":"Failed","code":"FUNCTION_NOT_FOUND","http_status_code":404,"detail":"gone","reason":"gone"}"#,
            Some("FUNCTION_NOT_FOUND"),
            Some("gone"),
            None,
        ),
    ];
    for (service, body, code, message, request_id) in rows {
        let error = parse(*service, JSON, body);
        assert_eq!(error.code(), *code, "{body}");
        assert_eq!(error.message().as_deref(), *message, "{body}");
        assert_eq!(error.request_id(), *request_id, "{body}");
    }
}

#[test]
fn json_api_takes_detail_then_title_never_message() {
    let error = parse(
        Service::Transfer,
        "application/vnd.api+json",
        r#"{"errors":[{"code":"C","detail":"d","message":"m"},{"code":"C","title":"t","message":"m"}]}"#,
    );
    assert_eq!((error.code(), error.message().as_deref()), (Some("C"), Some("d; t")));
}

#[test]
fn the_id_of_the_request_may_be_among_what_is_said_about_the_answer() {
    for (meta, id) in
        [(r#"{"request_id":"r"}"#, Some("r")), ("{}", None), ("[]", None), (r#"{"request_id":5}"#, None)]
    {
        let body = format!(r#"{{"errors":[{{"code":"C","detail":"d"}}],"meta":{meta}}}"#);
        for content_type in [JSON, "application/vnd.api+json"] {
            assert_eq!(parse(Service::Transfer, content_type, &body).request_id(), id, "{body}");
        }
    }
}

#[test]
fn survives_what_is_no_error_document() {
    for (content_type, body) in [
        ("text/html", "<html>Bad Gateway</html>"),
        (JSON, ""),
        (JSON, "[1, 2]"),
        (JSON, r#"{"code": null, "message": 3}"#),
        (JSON, r#"{"code": "Trunc"#),
        (JSON, r#"{"errors": []}"#),
        (JSON, r#"{"errors": ["text"]}"#),
        ("", "not json"),
    ] {
        let error = parse(Service::Transfer, content_type, body);
        assert_eq!(error.code(), None, "{body}");
        assert_eq!(error.raw_body(), body.as_bytes());
        assert!(error.to_string().starts_with("403 Forbidden"), "{error}");
        assert!(!error.to_string().contains('\n'));
    }
    let html = parse(Service::Transfer, "text/html; charset=utf-8", "<html>");
    assert_eq!(
        html.to_string(),
        "403 Forbidden: the answer is no JSON document (text/html; charset=utf-8, 6 bytes)"
    );
    let not_utf8 = ApiError::parse(
        Service::Transfer,
        StatusCode::BAD_GATEWAY,
        &HeaderMap::new(),
        Bytes::from_static(b"{\"code\":\"\xff\"}"),
    );
    assert_eq!(not_utf8.code(), None);
}

#[test]
fn a_missing_content_type_lets_the_body_decide() {
    assert_eq!(parse(Service::Transfer, "", r#"{"code":"A","message":"m"}"#).code(), Some("A"));
}

#[test]
fn codes_match_by_dotted_prefix() {
    let error =
        parse(Service::Transfer, JSON, r#"{"code":"ExternalError.MkdirFailed.Exists","message":"m"}"#);
    assert!(error.is_code("ExternalError.MkdirFailed") && error.is_code("ExternalError.MkdirFailed.Exists"));
    assert!(!error.is_code("ExternalError.Mkdir") && !error.is_code("ExternalError.MkdirFailed.Exists.More"));
}

#[test]
fn storage_failures_are_not_transient() {
    let with_code = |code: &str| {
        let body = format!(r#"{{"code":"{code}","message":"m"}}"#);
        ApiError::parse(Service::Transfer, StatusCode::BAD_GATEWAY, &HeaderMap::new(), Bytes::from(body))
    };
    assert!(!with_code("ExternalError.DirListingFailed").is_transient());
    assert!(!with_code("EndpointError").is_transient());
    assert!(with_code("InternalError").is_transient());
}

#[test]
fn consent_is_seen_in_each_form() {
    assert!(
        parse(Service::Transfer, JSON, r#"{"code":"ConsentRequired","message":"m","required_scopes":["s"]}"#)
            .needs_consent()
    );
    assert!(
        parse(Service::Auth, JSON, r#"{"error":"dependent_consent_required","errors":[]}"#).needs_consent()
    );
    assert!(!parse(Service::Transfer, JSON, r#"{"code":"PermissionDenied","message":"m"}"#).needs_consent());
}

#[test]
fn display_folds_lines() {
    let error = parse(
        Service::Transfer,
        JSON,
        "{\"code\":\"EndpointError\",\"message\":\"a\\nb\\n c\",\"request_id\":\"r\"}",
    );
    assert_eq!(error.to_string(), "403 Forbidden: EndpointError: a b c (request id r)");
}

#[test]
fn display_names_the_error_of_oauth() {
    let line = |body: &str| parse(Service::Auth, JSON, body).to_string();
    assert_eq!(
        line(r#"{"error":"invalid_grant","error_description":"The token was revoked."}"#),
        "403 Forbidden: invalid_grant: The token was revoked."
    );
    assert_eq!(line(r#"{"error":"invalid_grant"}"#), "403 Forbidden: invalid_grant");
    assert_eq!(line(r#"{"error":"not\na word","error_description":"no"}"#), "403 Forbidden: no");
    assert_eq!(
        line(r#"{"error":"unauthorized","errors":[{"code":"UNAUTHORIZED","detail":"no"}]}"#),
        "403 Forbidden: UNAUTHORIZED: no"
    );
}
